"""Sizes of samples: a known number is a closed bar, a bound an open one, and nobody takes one for a part of another."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.sample_sizes import OPEN, SIGN, sample_sizes
from nsi.figures.style import NARROW, WIDE

SAMPLES = pd.DataFrame(
    [
        ("all", "All trees", "over 40", 41, None, "tree", "2030-2032", "Counted from the air"),
        ("cut", "Trees that were cut", "34", 34, 34, "tree", "2031", "From the books"),
        ("sick", "Sick trees", "under 10", None, 9, "tree", "", ""),
        ("woods", "Woods visited", "2", 2, 2, "wood", "2032", "By two foresters"),
    ],
    columns=["sample", "label", "told", "least", "most", "unit", "when", "remark"],
)
UNITS = {"tree": "trees", "wood": "woods"}


def draw(samples=SAMPLES, **changes):
    told: dict[str, Any] = {
        "units": UNITS, "title": "Fewer were cut than stand", "note": "Counts.", "apart": "not a part of those above",
    }  # fmt: skip
    return sample_sizes(samples, **(told | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bars(figure):
    """Width in mm and whether it is closed all around, of each bar from top to bottom."""
    found = [patch for patch in figure.findobj(Rectangle) if abs(patch.get_height() - 4.0) < 1e-9]
    return [(patch.get_width(), patch.get_linewidth() > 0) for patch in sorted(found, key=lambda patch: patch.get_y())]


def arrows(figure):
    return sum(line.get_marker() == ">" for axes in figure.axes for line in axes.lines)


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_bars_are_as_long_as_the_samples_are_large(width):
    (over, _), (known, _), (under, _), (two, _) = bars(draw(width=width))
    assert over / known == pytest.approx(41 / 34)
    assert under / known == pytest.approx(9 / 34)
    assert two / known == pytest.approx(2 / 34)


def test_a_bound_is_open_at_its_end_and_a_number_closed():
    figure = draw()
    assert [closed for _, closed in bars(figure)] == [False, True, False, True]
    assert arrows(figure) == 2 + 1  # and in the key
    assert "open end: only a bound is known" in texts(figure)
    known = draw(SAMPLES[1:2])
    assert arrows(known) == 0
    assert "open end: only a bound is known" not in texts(known)


def test_sizes_are_told_as_they_were_published():
    assert {"over 40", "34", "under 10", "2"} <= set(texts(draw()))


def test_a_sign_between_the_rows_says_that_samples_are_not_nested():
    assert texts(draw()).count(SIGN) == 3 + 1  # and in the key
    assert "not a part of those above" in texts(draw())
    assert SIGN not in texts(draw(apart=""))


def test_units_have_their_own_fill_and_hatch_and_only_those_met_are_in_the_key():
    looks = {patch.get_hatch() for patch in draw().findobj(Rectangle) if abs(patch.get_height() - 4.0) < 1e-9}
    assert len(looks) == 2
    assert "woods" not in texts(draw(SAMPLES[:3]))


def test_samples_stand_as_they_come_with_when_and_remark():
    found = texts(draw(SAMPLES[::-1]))
    assert [text for text in found if text in set(SAMPLES["label"])] == list(SAMPLES["label"])[::-1]
    assert {"2031", "From the books"} <= set(found)
    assert "2031" not in texts(draw(SAMPLES.drop(columns=["when", "remark"])))


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(SAMPLES, id="normal"),
        pytest.param(SAMPLES[:1], id="one"),
        pytest.param(SAMPLES.drop(columns=["when", "remark"]), id="bare"),
        pytest.param(SAMPLES.assign(label="Trees that stand at the edge of the wood and are older than a century " * 2,
                                    remark="As they were counted by those who live there " * 3), id="long"),
        pytest.param(pd.concat([SAMPLES.assign(sample=SAMPLES["sample"] + str(n)) for n in range(4)]), id="many"),
    ],
)  # fmt: skip
def test_every_word_can_be_read(width, samples):
    figure = draw(samples, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_largest_bound_with_its_open_end_leaves_room_for_its_words():
    (longest, _), *_ = bars(draw(SAMPLES.drop(columns="remark")))
    assert longest + OPEN < WIDE


def test_the_same_samples_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("samples", "changes", "message"),
    [
        (SAMPLES.drop(columns="unit"), {}, "table of samples lacks column unit"),
        (SAMPLES[:0], {}, "table of samples has no rows"),
        (pd.concat([SAMPLES, SAMPLES[:1]]), {}, "sample 'all' stands twice"),
        (SAMPLES, {"units": {"tree": "trees"}}, "units of the table of samples: no label for wood"),
        (SAMPLES, {"units": {**UNITS, "a": "a", "b": "b"}}, "4 units, but 3 can be told apart"),
        (SAMPLES.assign(told=""), {}, "told of the table of samples: no label for all"),
        (SAMPLES.assign(least=None, most=None), {}, "row 1: the size has no bound; give least and most"),
        (SAMPLES.assign(least=5, most=4), {}, "row 1: the size lies between 5 and 4"),
    ],
)
def test_what_cannot_be_drawn_is_refused(samples, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(samples, **changes)
