"""Counts over periods: bars are as high as the counts, all units stand behind them, a missing count says why."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.over_time import PALE, counts_over_time
from nsi.figures.rendering import render, stamp
from nsi.figures.style import MAX_HEIGHT, MM_PER_INCH, NARROW, NEUTRAL_HATCH, WIDE, code_looks

COUNTS = pd.DataFrame(
    [("may", "cut", 3), ("may", "grown", 9), ("may", "idle", 1), ("june", "cut", 0), ("june", "grown", 4),
     ("june", "idle", 12)],
    columns=["month", "end", "n"],
)  # fmt: skip
MONTHS = {"may": "May 2030", "june": "June 2030"}
ENDS = {"cut": "Cut down", "grown": "Still growing", "idle": "Left alone"}


def draw(table=COUNTS, **changes):
    settings: dict[str, Any] = {
        "period": "month", "code": "end", "order": ["grown", "idle", "cut"], "period_labels": MONTHS,
        "code_labels": ENDS, "all_label": "All trees", "unused": ["idle"], "title": "Most grow on", "note": "n below",
    }  # fmt: skip
    return counts_over_time(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bars(figure):
    """Heights of the bars of each band, from top to bottom, with their fill and hatch."""
    found = []
    for axes in figure.axes:
        own = [patch for patch in axes.patches if patch.get_gid() == "bar"]
        if own:
            found.append(([patch.get_height() for patch in own], own[0].get_hatch(), own[0].get_facecolor()))
    return found


def test_every_bar_is_as_high_as_its_count_in_the_order_asked_for():
    assert [heights for heights, _, _ in bars(draw())] == [[9, 4], [1, 12], [3, 0]]
    assert [heights for heights, _, _ in bars(draw(order=["cut", "grown", "idle"]))] == [[3, 0], [9, 4], [1, 12]]


def test_all_units_of_a_period_stand_behind_every_bar_on_one_scale():
    figure = draw()
    bands = [axes for axes in figure.axes if any(patch.get_height() == 16 for patch in axes.patches)]
    assert len(bands) == 4
    assert len({axes.get_ylim() for axes in bands}) == 1
    for axes in bands:
        pale = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_gid() != "bar"]
        assert [patch.get_height() for patch in pale] == [13, 16]
    assert "All trees of the period" in texts(figure)
    assert PALE not in {look.fill for look in code_looks(list(ENDS)).values()}


def test_a_code_keeps_its_look_whatever_the_order_and_unused_ones_are_grey_and_hatched():
    first = [(hatch, fill) for _, hatch, fill in bars(draw())]
    again = [(hatch, fill) for _, hatch, fill in bars(draw(order=["cut", "idle", "grown"]))]
    assert first == again[::-1]
    assert first[1][0] == NEUTRAL_HATCH
    assert len({hatch for hatch, _ in first}) == 3


def test_numbers_totals_and_shares_are_printed():
    found = texts(draw())
    assert {"All trees: 29", "Still growing: 13 (45%)", "Left alone: 13 (45%)", "Cut down: 3 (10%)"} <= set(found)
    assert {"9", "4", "1", "12", "3", "0", "13", "16", "May 2030", "June 2030"} <= set(found)


def test_a_withheld_count_says_so_and_totals_that_would_tell_it_are_left_out():
    table = COUNTS.astype({"n": "object"}).assign(flag="")
    table.loc[2, ["n", "flag"]] = ["<5", "withheld"]
    found = texts(draw(table))
    assert found.count("withheld") == 1
    assert found.count("not known") == 1
    assert "All trees" in found
    assert "Still growing" in found
    assert "16" in found
    assert "13" not in found


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_periods", "n_codes"), [(1, 1), (12, 5), (60, 3), (12, 9)])
def test_few_and_many_periods_and_long_names_can_be_read(width, n_periods, n_codes):
    rows = [(f"p{i}", f"c{k}", 100 * (i + k) % 370) for i in range(n_periods) for k in range(n_codes)]
    table = pd.DataFrame(rows, columns=["month", "end", "n"])
    figure = draw(
        table, order=[f"c{k}" for k in range(n_codes)], unused=[], width=width,
        period_labels={f"p{i}": f"September {2000 + i}" for i in range(n_periods)},
        code_labels={f"c{k}": f"Code {k} of things done or left undone in the long run of a year" * 2
                     for k in range(n_codes)},
    )  # fmt: skip
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []
    assert figure.get_size_inches()[1] * MM_PER_INCH < MAX_HEIGHT


def test_the_same_counts_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (COUNTS.drop(columns="n"), {}, "table of counts lacks column n"),
        (COUNTS[:0], {}, "table of counts has no rows"),
        (COUNTS[:5], {}, "table of counts lacks june with idle; where nothing was counted, give a row with n = 0"),
        (pd.concat([COUNTS, COUNTS[:1]]), {}, "month 'may', end 'cut' stands twice"),
        (COUNTS.assign(n=COUNTS["n"] / 2), {}, "row 1: n is 1.5, but a count is a whole number"),
        (COUNTS.assign(n=COUNTS["n"].mask(COUNTS["n"] == 0)), {}, "row 4: n is missing without a reason"),
        (COUNTS, {"order": ["grown", "idle"]}, "row 1: end is 'cut', allowed are grown, idle"),
        (COUNTS, {"period_labels": {"may": "May"}}, "periods of the table of counts: no label for june"),
        (COUNTS, {"code_labels": {"cut": "Cut", "idle": "Idle"}}, "codes of the table of counts: no label for grown"),
    ],
)
def test_counts_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
