"""Estimates in rows: marks, intervals and numbers are the table's; one that is missing says why."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.estimate_rows import estimate_rows
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import MARKS, NARROW, WIDE

NAN = np.nan
ROWS = pd.DataFrame(
    [
        ("a", 0.5, 0.2, 0.8, 1200, ""),
        ("b", -0.1, NAN, NAN, "3 of 4", "one_cluster"),
        ("c", NAN, NAN, NAN, 0, "no_values"),
    ],
    columns=["name", "estimate", "low", "high", "n", "flag"],
)
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar"}


def draw(table=ROWS, **changes):
    settings: dict[str, Any] = {"labels": LABELS, "title": "Ash rises", "note": "n", "unit": "leaves a year"}
    return estimate_rows(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 2)


def marks(figure):
    found = [line for line in scale(figure).lines if line.get_marker() not in ("None", "")]
    return [(float(p.get_xdata()[0]), p.get_marker(), p.get_markerfacecolor() == "#FFFFFF") for p in found]


def test_marks_stand_at_the_estimates_and_one_without_an_interval_is_hollow():
    assert marks(draw()) == [(0.5, "o", False), (-0.1, "o", True)]
    lines = {tuple(map(float, line.get_xdata())) for line in scale(draw()).lines if len(line.get_xdata()) == 2}
    assert {(0.2, 0.8), (0.0, 0.0)} <= lines


def test_numbers_stand_beside_with_the_reason_of_what_is_missing():
    found = texts(draw(base_label="as before", counted="leaves"))
    assert {"+0.50 (0.20 to 0.80)", "−0.10", "no values", "1,200", "3 of 4"} <= set(found)
    assert {"as before", "leaves", "leaves a year"} <= set(found)
    assert "+0.50" in texts(draw(width=NARROW))


def test_rows_of_one_heading_stand_together_in_its_shape():
    figure = draw(ROWS.assign(estimate=[0.5, -0.1, 0.3], flag=""), headings={"a": "Hard", "b": "Soft", "c": "Hard"})
    assert marks(figure) == [(0.5, MARKS[0][1], False), (0.3, MARKS[0][1], True), (-0.1, MARKS[1][1], True)]
    assert [text for text in texts(figure) if text in LABELS.values()] == ["Ash", "Cedar", "Birch"]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_rows", "words"), [(1, ""), (34, ""), (9, " of the whole northern central valley")])
def test_one_many_and_long_named_rows_can_be_read(width, n_rows, words):
    labels = {f"r{i}": f"Trees {i}{words}" for i in range(n_rows)}
    table = pd.DataFrame([(name, 1.5, -12.1, 14.2, 11800, "") for name in labels], columns=ROWS.columns)
    heads = {name: f"Wood {i % 3}{words}" for i, name in enumerate(labels)}
    figure = draw(table, labels=labels, headings=heads, unit=f"leaves{words}", width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_rows_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (ROWS.drop(columns="low"), {}, "table of estimates lacks column low"),
        (ROWS[:0], {}, "table of estimates has no rows"),
        (pd.concat([ROWS, ROWS[:1]]), {}, "table of estimates: name 'a' stands twice"),
        (ROWS.assign(flag=""), {}, "row 3: estimate is missing without a reason"),
        (ROWS.assign(high=np.inf), {}, "row 1: high is inf, but is a number"),
        (ROWS, {"labels": {"a": "Ash"}}, "names of the table of estimates: no label for b, c"),
        (ROWS, {"headings": {"a": "A"}}, "headings of the table of estimates: no label for b, c"),
    ],
)
def test_estimates_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
