"""Shares over periods: lines go through the table's shares, break where there is none, are named at their end."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.share_lines import share_lines
from nsi.figures.style import MARKS, NARROW, WIDE

NAN = np.nan
SHARES = pd.DataFrame(
    [
        ("s1", "a", 2, 10, 0.2, 0.05, 0.5), ("s1", "b", 8, 10, 0.8, 0.5, 0.95),
        ("s2", "a", 0, 0, NAN, NAN, NAN), ("s2", "b", 0, 0, NAN, NAN, NAN),
        ("s3", "a", 5, 20, 0.25, 0.1, 0.45), ("s3", "b", 15, 20, 0.75, NAN, NAN),
    ],
    columns=["period", "series", "n", "n_all", "share", "low", "high"],
)  # fmt: skip
PERIODS = {"s1": "First", "s2": "Second", "s3": "Third"}
SERIES = {"a": "Ash", "b": "Birch"}


def draw(table=SHARES, **changes):
    settings: dict[str, Any] = {
        "periods": PERIODS, "series": SERIES, "headings": {"a": "Hard", "b": "Soft"}, "title": "Birch leads",
        "note": "n below",
    }  # fmt: skip
    return share_lines(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def plots(figure):
    return [axes for axes in figure.axes if axes.get_ylim()[0] == 0 and axes.get_ylim()[1] <= 1]


def test_each_heading_has_its_panel_and_a_line_goes_through_the_shares_and_breaks():
    hard, soft = plots(draw())
    np.testing.assert_array_equal(hard.lines[0].get_ydata(), [0.2, NAN, 0.25])
    np.testing.assert_array_equal(soft.lines[0].get_ydata(), [0.8, NAN, 0.75])
    assert hard.get_ylim() == soft.get_ylim() == (0, 1.0)


def test_marks_differ_also_between_panels_and_one_without_an_interval_is_hollow():
    figure = draw()
    hard, soft = plots(figure)
    assert [line.get_marker() for line in hard.lines if line.get_marker() != "None"] == [MARKS[0][1]] * 2
    found = [(line.get_marker(), line.get_markerfacecolor() == "#FFFFFF") for line in soft.lines]
    assert [one for one in found if one[0] != "None"] == [(MARKS[1][1], False), (MARKS[1][1], True)]
    assert "hollow: no interval can be given" in texts(figure)
    assert "hollow: no interval can be given" not in texts(draw(SHARES.fillna({"low": 0.5, "high": 0.9})))


def test_intervals_are_those_of_the_table():
    upright = [tuple(line.get_ydata()) for line in plots(draw())[0].lines if len(set(line.get_xdata())) == 1]
    assert (0.05, 0.5) in upright
    assert (0.1, 0.45) in upright


def test_lines_are_named_at_their_end_with_the_last_share_and_n_stands_beneath():
    found = texts(draw(under={"Hard": "a third of all"}))
    assert {"Ash\n25%", "Birch\n75%", "Hard", "Soft", "a third of all", "First", "95% interval"} <= set(found)
    assert found.count("10") == found.count("20") == found.count("0") == 2


def test_series_under_one_heading_share_a_panel_side_by_side():
    together = draw(headings={"a": "Trees", "b": "Trees"})
    assert len(plots(together)) == 1
    lines = [line for line in plots(together)[0].lines if len(line.get_xdata()) == 3]
    assert lines[0].get_xdata()[0] < 0 < lines[1].get_xdata()[0]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize(("n_series", "n_heads", "n_periods"), [(1, 1, 1), (5, 1, 6), (12, 6, 4)])
def test_few_and_many_lines_and_long_names_can_be_read(width, far, n_series, n_heads, n_periods):
    words = ", as far as anybody has ever written it down in a notebook of trees" if far else ""
    series = {f"r{i}": f"Trees {i}{words}" for i in range(n_series)}
    periods = {f"s{i}": f"{2030 + i}" for i in range(n_periods)}
    rows = [(p, s, 3 + k, 40, (3 + k) / 40, k / 40, (9 + k) / 40) for p in periods for k, s in enumerate(series)]
    heads = {name: f"Wood {i % n_heads}{words}" for i, name in enumerate(series)}
    table = pd.DataFrame(rows, columns=SHARES.columns)
    figure = draw(table, series=series, periods=periods, headings=heads, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_shares_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (SHARES.drop(columns="low"), {}, "table of shares lacks column low"),
        (SHARES[1:], {}, "table of shares has 5 rows, but each period and series has one"),
        (pd.concat([SHARES, SHARES[:1]]), {}, "period 's1', series 'a' stands twice"),
        (SHARES, {"series": {"a": "Ash"}}, "series is 'b', allowed are a"),
        (SHARES, {"headings": {"a": "Hard"}}, "headings of series: no label for b"),
        (SHARES.assign(share=NAN), {}, "row 1: share is missing, but n_all is not 0"),
        (SHARES.assign(high=3.0), {}, "row 1: high is 3.0, but lies from"),
    ],
)
def test_shares_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)


def test_more_lines_in_a_panel_than_marks_are_refused():
    series = {f"r{i}": f"Trees {i}" for i in range(6)}
    rows = [("s1", name, 1, 6, 1 / 6, 0.0, 0.5) for name in series]
    table = pd.DataFrame(rows, columns=SHARES.columns)
    with pytest.raises(StudyError, match="panel 'Wood' has 6 lines, 5 can be told apart; give more headings"):
        draw(table, periods={"s1": "First"}, series=series, headings=dict.fromkeys(series, "Wood"))
