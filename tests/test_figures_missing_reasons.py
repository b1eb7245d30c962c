"""The map of missing answers: shares by item and reason, what was not asked apart from what was not answered."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.missing_reasons import missing_reason_map
from nsi.figures.rendering import render, stamp
from nsi.figures.row_layout import item_parts
from nsi.figures.style import MAX_HEIGHT, MM_PER_INCH, NARROW, WIDE, luminance

REASONS = {"skipped": "Skipped", "not_asked": "Not asked", "refused": "Refused"}
COUNTS = pd.DataFrame(
    [
        ("a", "answered", 70), ("a", "skipped", 20), ("a", "refused", 10), ("a", "not_asked", 0),
        ("b", "answered", 49), ("b", "skipped", 1), ("b", "not_asked", 50),
        ("c", "answered", 1998), ("c", "refused", 2),
    ],
    columns=["item", "reason", "n"],
)  # fmt: skip
LABELS = {"a": "First item", "b": "Second item", "c": "Third item"}


def draw(counts=COUNTS, **changes):
    settings: dict[str, Any] = {"reasons": REASONS, "labels": LABELS, "title": "Few skip", "note": "All waves"}
    return missing_reason_map(counts, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def cells(figure):
    return [box for box in figure.findobj(Rectangle) if 7 < box.get_width() < 30 and box.get_height() < 20]


def test_cells_are_per_cent_of_all_responses_with_share_answered_and_n_at_the_right():
    found = texts(draw())
    numbers = [text for text in found if text[-1] in "0123456789·%" and " " not in text]
    assert numbers == ["20", "10", "·", "70%", "100", "1", "·", "50", "49%", "100", "·", "<1", "·", ">99%", "2,000"]


def test_what_was_not_asked_is_hatched_and_stands_apart_at_the_right():
    found = cells(draw())
    hatched = [box for box in found if box.get_hatch()]
    assert len(hatched) == 1  # the half of Second item
    assert hatched[0].get_x() == max(box.get_x() for box in found)
    columns = sorted({round(box.get_x(), 6) for box in found})
    assert columns[2] - columns[1] > columns[1] - columns[0] + 2
    headings = [text for text in texts(draw()) if text in REASONS.values()]
    assert headings == ["Skipped", "Refused", "Not asked"]


def test_reasons_keep_their_order_where_none_is_set_apart():
    figure = draw(apart=())
    assert [text for text in texts(figure) if text in REASONS.values()] == list(REASONS.values())
    assert not [box for box in cells(figure) if box.get_hatch()]


def test_a_larger_share_is_darker_and_few_missing_answers_do_not_look_like_many():
    shade = {share: luminance(box.get_facecolor()) for share, box in zip("ab", cells(draw())[:2], strict=True)}
    assert shade["a"] < shade["b"]
    rare = COUNTS[COUNTS["item"] == "c"]
    assert min(luminance(box.get_facecolor()) for box in cells(draw(rare))) > 0.8
    assert any("colour from 0% to 10%" in text for text in texts(draw(rare)))
    assert any("colour from 0% to 40%" in text for text in texts(draw(full=0.4)))


def test_items_under_one_heading_stand_together():
    figure = draw(headings={"a": "Trust", "b": "Aims", "c": "Trust"})
    found = [text for text in texts(figure) if text in {*LABELS.values(), "Trust", "Aims"}]
    assert found == ["First item", "Third item", "Second item", "Trust", "Aims"]


def test_an_item_without_responses_has_no_shares():
    assert "–" in texts(draw(COUNTS[:4].assign(n=0)))


def many(n_items):
    text = "An item whose wording is long, as those of questionnaires are, and that takes more than a line or two"
    reasons = {"skipped": "Skipped", "not_applicable": "Does not apply to me", "refused": "Preferred not to say",
               "invalid": "Invalid", "stopped": "Stopped before", "not_asked": "Not asked"}  # fmt: skip
    names = [f"i{i}" for i in range(n_items)]
    keys = [(name, why) for name in names for why in ("answered", *reasons)]
    counts = pd.DataFrame(keys, columns=["item", "reason"]).assign(n=[17 * i % 301 for i in range(len(keys))])
    return counts, reasons, {k: f"{text} ({k})" for k in names}, {k: f"Scale {i // 5}" for i, k in enumerate(names)}


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_sixty_items_can_be_read_page_by_page(width):
    counts, reasons, labels, headings = many(60)
    parts = item_parts(counts, labels=labels, headings=headings, width=width)
    assert sum(part["item"].nunique() for part in parts) == 60
    for number, part in enumerate(parts):
        figure = draw(part, reasons=reasons, labels=labels, headings=headings, width=width)
        stamp(figure, "SYNTHETIC DATA")
        assert figure.get_size_inches()[1] * MM_PER_INCH <= MAX_HEIGHT
        assert number or legibility_problems(figure) == []


def test_the_same_counts_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("counts", "changes", "message"),
    [
        (COUNTS.drop(columns="n"), {}, "table of missing answers lacks column n"),
        (COUNTS[:0], {}, "table of missing answers has no rows"),
        (pd.concat([COUNTS, COUNTS[:1]]), {}, "item 'a', reason 'answered' stands twice"),
        (COUNTS.assign(n=-1), {}, "row 1: n is -1, but a count is a whole number"),
        (COUNTS, {"reasons": {"skipped": "Skipped"}}, "reason 'refused' is not among skipped; add its label"),
        (COUNTS[COUNTS["reason"] != "answered"], {}, "no row 'answered' for a, b, c; without it shares have no whole"),
        (COUNTS, {"labels": {"a": "First"}}, "items of the table of missing answers: no label for b, c"),
        (COUNTS, {"headings": {"a": "Trust"}}, "headings of items: no label for b, c"),
        (COUNTS, {"reasons": REASONS | {str(i): str(i) for i in range(30)}}, "33 reasons do not fit beside the texts"),
    ],
)
def test_counts_that_cannot_be_drawn_are_refused(counts, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(counts, **changes)
