"""Levels over periods: bars are the table's shares, the interval stands at its boundary, an empty period says so."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.level_shares import level_shares
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE
from nsi.methods.clustered_shares import clustered_shares

LEVELS = {"0": "Asleep", "1": "Awake", "2": "Singing"}
TREES = {"oak": "Oaks", "fir": "Firs"}
SEASONS = {"s1": "First", "s2": "Second"}
BIRDS = pd.DataFrame({
    "tree": ["oak"] * 12 + ["fir"] * 8,
    "season": ["s1"] * 6 + ["s2"] * 6 + ["s1"] * 8,
    "level": list("001112" + "112222" + "00001112"),
    "nest": list("abcabc" * 3 + "ab"),
})  # fmt: skip


def counted(birds, trees=TREES, seasons=SEASONS, levels=LEVELS):
    by = {"tree": list(trees), "season": list(seasons)}
    return clustered_shares(birds, "level", by=by, values=list(levels), cluster="nest")


SHARES = counted(BIRDS)


def draw(table=SHARES, **changes):
    settings: dict[str, Any] = {
        "panels": TREES, "periods": SEASONS, "levels": LEVELS, "cut": "2", "columns": ("tree", "season", "level"),
        "title": "More birds sing", "note": "n above", "nothing": "no birds",
    }  # fmt: skip
    return level_shares(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def panels(figure):
    return [axes for axes in figure.axes if axes.get_ylim() == (0, 1)]


def bars(axes):
    return [(round(b.get_y(), 9), round(b.get_height(), 9)) for b in axes.findobj(Rectangle) if b in axes.patches]


def test_levels_are_stacked_from_the_highest_up_and_have_the_heights_of_the_table():
    oak, fir = panels(draw())
    assert bars(oak) == [(0, 0.166666667), (0.166666667, 0.5), (0.666666667, 0.333333333),
                         (0, 0.666666667), (0.666666667, 0.333333333), (1.0, 0)]  # fmt: skip
    assert len(bars(fir)) == 3  # of the second season there is no bird


def test_the_interval_is_that_of_the_share_at_the_cut_or_above():
    oak = panels(draw())[0]
    first = SHARES[(SHARES["tree"] == "oak") & (SHARES["level"] == "2")].iloc[0]
    upright = [tuple(line.get_ydata()) for line in oak.lines if len(set(line.get_xdata())) == 1]
    assert (first["low_from"], first["high_from"]) in upright
    lower = panels(draw(cut="1"))[0]
    wanted = SHARES[(SHARES["tree"] == "oak") & (SHARES["level"] == "1")].iloc[0]
    assert (wanted["low_from"], wanted["high_from"]) in [tuple(line.get_ydata()) for line in lower.lines]


def test_n_stands_above_each_bar_and_a_period_without_units_says_so():
    found = texts(draw(under={"fir": "falls"}))
    assert [text for text in found if text in ("6", "8", "0")] == ["6", "6", "8", "0"]
    assert {"no birds", "falls", "Oaks", "Firs", "95% interval of the share at “Singing” or above"} <= set(found)


def test_an_interval_that_is_missing_is_not_drawn():
    bare = draw(SHARES.assign(low_from=np.nan, high_from=np.nan))
    assert [line for line in panels(bare)[0].lines] == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_panels", "n_periods", "far"), [(1, 1, False), (4, 6, False), (9, 4, True)])
def test_few_and_many_panels_and_long_names_can_be_read(width, n_panels, n_periods, far):
    words = ", as far as anybody has ever written it down in a notebook of birds" if far else ""
    trees = {f"t{i}": f"Trees {i}{words}" for i in range(n_panels)}
    seasons = {f"s{i}": f"{2030 + i}" for i in range(n_periods)}
    levels = {str(i): f"Level {i}{words}" for i in range(5)}
    birds = pd.DataFrame([(tree, season, level, nest) for tree in trees for season in seasons for level in levels
                          for nest in "abcdefgh"], columns=["tree", "season", "level", "nest"])  # fmt: skip
    figure = draw(counted(birds, trees, seasons, levels), panels=trees, periods=seasons, levels=levels, width=width,
                  under=dict.fromkeys(trees, f"+0.10 a year{words}"))  # fmt: skip
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_shares_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (SHARES.drop(columns="n_all"), {}, "table of levels lacks column n_all"),
        (SHARES[:0], {}, "table of levels has no rows"),
        (SHARES[1:], {}, "table of levels has 11 rows, but each panel, period and level has one"),
        (pd.concat([SHARES, SHARES[:1]]), {}, "tree 'oak', season 's1', level '0' stands twice"),
        (SHARES, {"cut": "0"}, "cut is '0', allowed are 1, 2; all are at the lowest or above"),
        (SHARES, {"levels": {"0": "Asleep", "1": "Awake"}}, "level is '2', allowed are 0, 1"),
        (SHARES.assign(share=SHARES["share"] / 2), {}, "row 1: share is not n of n_all; compute it again"),
        (SHARES.assign(high_from=2.0), {}, "row 1: high_from is 2.0, but lies from"),
        (SHARES, {"panels": {"oak": "Oaks", "fir": " "}}, "panels of the table of levels: no label for fir"),
        (SHARES, {"width": 100}, "figure width is 100 mm"),
    ],
)
def test_shares_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)


def test_more_levels_than_grey_print_can_tell_apart_are_refused():
    levels = {str(i): f"Level {i}" for i in range(6)}
    with pytest.raises(StudyError, match="6 levels, 5 can be told apart in grey"):
        draw(counted(BIRDS, levels=levels), levels=levels)
