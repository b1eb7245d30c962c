"""Stacked bars of answers: what is drawn equals the counts, nothing missing passes for an answer."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.answer_ramp import answer_colours, lightness
from nsi.figures.legibility import legibility_problems
from nsi.figures.likert import likert_bars
from nsi.figures.rendering import render, stamp
from nsi.figures.row_layout import item_parts
from nsi.figures.style import MAX_HEIGHT, MM_PER_INCH, NARROW, WIDE

FIVE = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}


def counted(item: str, n: list[int], missing: int = 0) -> Any:
    whole = sum(n)
    return pd.DataFrame(
        {
            "item": item,
            "value": range(1, len(n) + 1),
            "n": n,
            "share": [k / whole if whole else np.nan for k in n],
            "n_answered": whole,
            "n_missing": missing,
        }
    )


TABLE = pd.concat(
    [counted("a", [10, 20, 30, 30, 10], 25), counted("b", [0, 0, 0, 0, 0], 40), counted("c", [0, 0, 1, 1, 998])]
)
LABELS = {"a": "We share what we learn", "b": "Nobody saw this", "c": "Everybody agrees"}


def draw(table=TABLE, **changes):
    settings: dict[str, Any] = {"answers": FIVE, "labels": LABELS, "title": "Most agree", "note": "n = 100"}
    return likert_bars(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bars(figure):
    """Left end and width of each part of a bar, in the scale of the shares."""
    axes = next(axes for axes in figure.axes if axes.get_xlim()[0] < 0)
    boxes = [patch for held in axes.containers if isinstance(held, BarContainer) for patch in held.patches]
    return [(round(box.get_x(), 6), round(box.get_width(), 6)) for box in boxes]


def test_parts_are_the_shares_and_the_middle_answer_lies_half_on_each_side():
    assert bars(draw())[:5] == [(-0.45, 0.1), (-0.35, 0.2), (-0.15, 0.3), (0.15, 0.3), (0.45, 0.1)]


@pytest.mark.parametrize("neutral", ["side", "drop"])
def test_the_middle_answer_can_stand_apart_and_sides_keep_their_shares_of_all_answers(neutral):
    figure = draw(neutral=neutral)
    assert bars(figure)[:4] == [(-0.3, 0.1), (-0.2, 0.2), (0.0, 0.3), (0.3, 0.1)]
    assert {"middle", "30%", "40%"} <= set(texts(figure))


def test_both_sides_n_and_missing_are_printed():
    found = texts(draw(TABLE[TABLE["item"] == "a"]))
    assert {"30%", "40%", "100", "20%"} <= set(found)  # 25 missing of 125
    assert {"low", "high", "n", "missing"} <= set(found)


def test_a_share_that_rounds_to_nothing_or_all_is_not_printed_as_such():
    found = texts(draw(TABLE[TABLE["item"] == "c"]))
    assert ">99%" in found
    assert "0%" in found  # the low side, which is truly empty


def test_an_item_that_nobody_answered_and_a_withheld_one_say_so_and_have_no_bar():
    withheld = TABLE.assign(item=TABLE["item"].replace("a", "w"))
    for column in ("n", "share", "n_answered", "n_missing"):
        withheld[column] = withheld[column].astype(float).mask(withheld["item"] == "w")
    figure = draw(withheld, labels=LABELS | {"w": "Few were asked"})
    assert {"nobody answered", "withheld", "100%"} <= set(texts(figure))
    assert len(bars(figure)) == 3  # of the third item alone


def test_items_under_one_heading_stand_together_in_the_order_of_headings():
    figure = draw(headings={"a": "Trust", "b": "Aims", "c": "Trust"})
    found = [text for text in texts(figure) if text in {*LABELS.values(), "Trust", "Aims"}]
    assert found == [*(LABELS[name] for name in "acb"), "Trust", "Aims"]


def test_an_even_number_of_answers_has_no_middle():
    figure = draw(counted("a", [1, 2, 3, 4]), answers={1: "1", 2: "2", 3: "3", 4: "4"}, neutral="side")
    assert bars(figure) == [(-0.3, 0.1), (-0.2, 0.2), (0.0, 0.3), (0.3, 0.4)]
    assert "middle" not in texts(figure)


def test_figures_that_are_compared_can_have_one_scale():
    axes = next(axes for axes in draw(reach=(0.8, 0.9)).axes if axes.get_xlim()[0] < 0)
    assert axes.get_xlim() == pytest.approx((-0.8, 1.0))


@pytest.mark.parametrize("n_values", [2, 3, 4, 5, 6, 7])
def test_neighbouring_answers_differ_in_lightness_and_no_two_are_alike_in_grey(n_values):
    found = [lightness(colour) for colour in answer_colours(n_values)]
    assert min(abs(a - b) for a, b in zip(found, found[1:], strict=False)) >= 14
    assert min(abs(a - b) for i, a in enumerate(found) for b in found[i + 1 :]) >= 1.5


def many(n_items):
    text = "An item whose wording is long, as those of questionnaires are, and that takes more than a line or two"
    names = [f"i{i}" for i in range(n_items)]
    frame = pd.concat([counted(name, [i % 7, 3, 40, 1000, i * 20], i % 5) for i, name in enumerate(names)])
    return frame, {k: f"{text} ({k})" for k in names}, {k: f"Scale {i // 5}" for i, k in enumerate(names)}


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("neutral", ["center", "side", "drop"])
def test_everything_can_be_read(width, neutral):
    frame, labels, headings = many(9)
    figure = draw(frame, labels=labels, headings=headings, width=width, neutral=neutral)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_sixty_items_are_cut_into_pages_between_headings(width):
    frame, labels, headings = many(60)
    parts = item_parts(frame, labels=labels, headings=headings, width=width)
    assert len(parts) > 1
    assert [name for part in parts for name in dict.fromkeys(part["item"])] == list(labels)
    assert all((part["item"].map(headings).value_counts() == 25).all() for part in parts)  # no heading is cut
    figure = draw(parts[0], labels=labels, headings=headings, width=width)
    assert figure.get_size_inches()[1] * MM_PER_INCH <= MAX_HEIGHT


def test_the_same_counts_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (TABLE.drop(columns="share"), {}, "table of answers lacks column share"),
        (TABLE[:0], {}, "table of answers has no rows"),
        (counted("a", [1, 2, 3, 4, 5, 6]), {}, "'We share what we learn': answer 6 is unknown, allowed are 1, 2, 3"),
        (pd.concat([TABLE, TABLE[:1]]), {}, "value '1' stands twice"),
        (TABLE.assign(n_answered=7), {}, "n adds up to 100, but n_answered is 7; count again"),
        (TABLE.assign(share=TABLE["share"] * 100), {}, "share is not n / n_answered; give it as a share from 0 to 1"),
        (TABLE, {"neutral": "left"}, "neutral is 'left', allowed are center, side, drop"),
        (TABLE, {"labels": {"a": "A"}}, "items of the table of answers: no label for b, c"),
        (TABLE, {"width": 100}, "figure width is 100 mm, allowed are 84 and 174"),
    ],
)
def test_counts_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
