"""Stage funnel: bars are as long as the shares, what was lost stands behind them, and every number has its base."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.stage_funnel import BAR, LOST, PLAIN, STRONG, WHOLE, stage_funnel
from nsi.figures.style import NARROW, WIDE

NAN = np.nan
COLUMNS = [
    "group", "stage", "n", "n_before", "n_all", "share", "low", "high", "share_before", "low_before", "high_before",
    "flag",
]  # fmt: skip
STAGES = {"aim": "Aim", "try": "Try", "look": "Look"}
LABELS = {"all": "Both", "a": "Ash", "b": "Birch (chosen)"}


def rows(group: str, n_all: int, counts: list[int]) -> list[tuple[object, ...]]:
    before = [n_all, *counts[:-1]]
    return [
        (
            group, stage, n, base, n_all, n / n_all, 0.9 * n / n_all, min(1.0, 1.05 * n / n_all),
            n / base if base else NAN, 0.8 * n / base if base else NAN, n / base if base else NAN, "",
        )
        for stage, n, base in zip(STAGES, counts, before, strict=True)
    ]  # fmt: skip


SHARES = pd.DataFrame([*rows("all", 60, [54, 45, 20]), *rows("a", 40, [36, 30, 6]), *rows("b", 20, [18, 15, 14])],
                      columns=COLUMNS)  # fmt: skip


def draw(table: pd.DataFrame = SHARES, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "by": "group", "labels": LABELS, "stage_labels": STAGES, "title": "They stop at the look", "note": "60 rounds",
        "units": "Rounds", "whole": "all", "strong": ["b"],
    }  # fmt: skip
    return stage_funnel(table, **(settings | changes))


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bars(figure: Any, colour: object) -> list[float]:
    boxes = [patch for axes in figure.axes for patch in axes.patches if isinstance(patch, Rectangle)]
    return [
        patch.get_width() for patch in boxes
        if abs(patch.get_height() - BAR) < 1e-9 and to_hex(patch.get_facecolor()) == to_hex(colour)  # type: ignore[arg-type]
    ]  # fmt: skip


def test_bars_are_as_long_as_the_shares_of_all_units():
    figure = draw()
    per_one = bars(figure, LOST)[0]  # before the first stage nothing is lost: its ground is the whole scale
    for colour, group in ((WHOLE, "all"), (PLAIN, "a"), (STRONG, "b")):
        shares = SHARES.loc[SHARES["group"] == group, "share"]
        assert np.allclose(np.array(bars(figure, colour)) / per_one, shares)


def test_what_was_lost_at_a_step_begins_where_the_step_before_ended():
    figure = draw()
    lost = np.array(bars(figure, LOST)) / bars(figure, LOST)[0]
    assert np.allclose(lost, SHARES["n_before"] / SHARES["n_all"])


def test_n_both_shares_and_their_bases_are_printed():
    found = texts(draw())
    assert {"n of 60", "n of 40", "n of 20", "54", "90%", "14", "70%", "93% (75–93)"} <= set(found)
    assert found.count("of all") == found.count("of step before") == 3
    assert {"Both", "Ash", "Birch (chosen)"} <= set(found)


def test_intervals_are_those_of_the_table():
    figure = draw()
    per_one = bars(figure, LOST)[0]
    left = min(patch.get_x() for axes in figure.axes for patch in axes.patches if abs(patch.get_height() - BAR) < 1e-9)
    lines = [line.get_xdata() for axes in figure.axes for line in axes.lines if line.get_zorder() == 4]
    spans = [(x[0] - left, x[1] - left) for x in lines]
    wanted = SHARES.loc[SHARES["group"] == "all", ["low", "high"]].to_numpy()
    for low, high in wanted:
        assert any(np.allclose((low * per_one, high * per_one), span) for span in spans)


def test_a_group_without_units_says_so_and_a_share_of_nobody_is_a_dash():
    empty = SHARES.copy()
    mine = empty["group"] == "b"
    empty.loc[mine, ["n", "n_before", "n_all"]] = 0
    empty.loc[mine, [name for name in COLUMNS if name.startswith(("share", "low", "high"))]] = NAN
    empty.loc[mine, "flag"] = "no_units"
    assert texts(draw(empty)).count("no units") == 3
    none_tried = pd.DataFrame(rows("a", 10, [4, 0, 0]), columns=COLUMNS)
    assert "–" in texts(draw(none_tried, labels={"a": "Ash"}, whole="", strong=()))


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("n_groups", [1, 4, 15])
def test_everything_can_be_read_from_one_group_to_many(n_groups, width):
    labels = {f"g{k}": f"Group {k}" for k in range(n_groups)}
    table = pd.DataFrame([row for name in labels for row in rows(name, 1200, [1100, 900, 7])], columns=COLUMNS)
    figure = draw(table, labels=labels, width=width, whole="", strong=["g0"])
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_long_labels_stay_apart(width):
    labels = {"all": "Everything that was ever documented anywhere, in all of the groups together and at any time",
              "a": "Donaudampfschifffahrtsgesellschaft", "b": "$x_1$ <b>"}  # fmt: skip
    stages = {"aim": "Say what is to be reached", "try": "Try", "look": "Look at what came of it, and write it down"}
    figure = draw(labels=labels, stage_labels=stages, width=width)
    assert legibility_problems(figure) == []


def test_the_same_table_gives_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


def changed(row: int, column: str, value: Any) -> pd.DataFrame:
    table = SHARES.astype("object")
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (SHARES.drop(columns="n_before"), "table of stages lacks column n_before"),
        (SHARES[:0], "table of stages has no rows"),
        (SHARES[:8], "table of stages has no row for Birch (chosen), look; give every group a row for each stage"),
        (pd.concat([SHARES, SHARES[:1]]), "group 'all', stage 'aim' stands twice"),
        (changed(0, "group", "z"), "table of stages row 1: group is 'z', allowed are all, a, b"),
        (changed(1, "stage", "z"), "table of stages row 2: stage is 'z', allowed are aim, try, look"),
        (changed(1, "n", 55), "table of stages row 2: more units reached a stage than the one before"),
        (changed(1, "n", -1), "table of stages row 2: n is -1, but a count is a whole number"),
        (changed(2, "share", 33), "table of stages row 3: share is 33, but lies from 0 to 1"),
        (changed(2, "share", NAN), "table of stages row 3: share is missing without a reason; put one in flag"),
    ],
)
def test_a_table_that_cannot_be_drawn_is_refused(table, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        draw(table)
