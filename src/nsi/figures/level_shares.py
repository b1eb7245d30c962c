"""Shares of ordered levels over periods, a panel per group: stacked bars, and an interval at one boundary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_codes, require_columns, require_counts, require_labels, whole_percent
from nsi.figures.keys import Key, fill_key, fit_keys
from nsi.figures.lettering import line_height, text_width
from nsi.figures.page import new_page, rule, write
from nsi.figures.panel_grid import PanelGrid, panel_grid, share_axes
from nsi.figures.style import BLACK, INK, QUIET, SEQUENTIAL, WHITE, WIDE, house_style, lightness, text_on
from nsi.figures.value_columns import require_once, require_values, require_width

TABLE = "table of levels"
HEIGHT = 32.0  # mm of the bars
SIDE = 9.0  # mm for the numbers of the vertical scale
BAR = 8.5  # mm, the widest bar
MOST = 5  # levels that grey print can tell apart
NUMBERS = 2.6  # mm, a bar's share of this is taken by its interval, the rest is free for numbers


@house_style()
def level_shares(
    shares: pd.DataFrame,
    *,
    panels: Mapping[str, str],
    periods: Mapping[str, str],
    levels: Mapping[str, str],
    cut: str,
    title: str,
    note: str,
    columns: tuple[str, str, str] = ("panel", "period", "level"),
    under: Mapping[str, str] | None = None,
    nothing: str = "none",
    confidence: float = 0.95,
    width: float = WIDE,
) -> Figure:
    """Draw one bar per period, its levels stacked from the highest at the foot to the lowest at the top.

    Parameters
    ----------
    shares : DataFrame
        One row per panel, period and level, in columns named by `columns`; with ``n``, ``n_all``, ``share`` (of the
        bar), ``low_from`` and ``high_from`` (interval of the share at this level or above; missing where undefined)
        and ``flag``. What `nsi.methods.clustered_shares` gives.
    panels, periods : mapping of str to str
        Panels and periods in the order to draw, with printed labels.
    levels : mapping of str to str
        Levels from low to high, with printed labels.
    cut : str
        The level whose boundary bears an interval: the share at this level or above.
    title, note : str
        The statement above and the reading aid below.
    columns : tuple of str
        Names of the columns of panels, periods and levels.
    under : mapping of str to str, optional
        What stands beneath the heading of a panel, such as a trend with its interval.
    nothing : str
        Printed where a period has no unit.
    confidence : float
        Of the intervals, for the key.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as its panels need; n of each bar stands above it.

    Raises
    ------
    StudyError
        If a column, label or row is missing, a row stands twice, the cut is no level but the lowest, or shares are
        not those of their counts.
    """
    room = require_width(width)
    table = _checked(shares, panels, periods, levels, cut, columns)
    counts = [f"{n:,}" for n in table["n_all"]]
    slot = max(map(text_width, [*periods.values(), *counts])) + 1.2
    fills = dict(zip(levels, _fills(len(levels)), strict=True))
    filled = [fill_key(levels[name], facecolor=fills[name]) for name in reversed(list(levels))]
    bounded = Key(_sample, f"{confidence:.0%} interval of the share at “{levels[cut]}” or above")
    keys = fit_keys([*filled, bounded], room)
    body = line_height() + 1.0 + HEIGHT + line_height() + 2.0
    texts = [(under or {}).get(name, "") for name in panels]
    grid = panel_grid(list(panels.values()), room, least=SIDE + slot * len(periods), body=body, top=keys.height + 2.5,
                      under=texts)  # fmt: skip
    page = new_page(width, grid.height, title=title, note=note)
    keys.draw(page.panel(0, 0, page.width, keys.height))
    grid.draw_heads(page)
    for place, name in enumerate(panels):
        x, y = grid.lefts[place], grid.bodies[place] + line_height() + 1.0
        axes = share_axes(page, x + SIDE, y, grid.width - SIDE, HEIGHT, len(periods), 1.0)
        ground = page.panel(x, grid.bodies[place], grid.width, body)
        _draw_panel(axes, ground, table[table["panel"] == name], (periods, list(levels), cut), fills, grid, nothing)
    return page.figure


def _checked(
    shares: pd.DataFrame,
    panels: Mapping[str, str],
    periods: Mapping[str, str],
    levels: Mapping[str, str],
    cut: str,
    columns: tuple[str, str, str],
) -> pd.DataFrame:
    require_columns(shares, [*columns, "n", "n_all", "share", "low_from", "high_from", "flag"], table=TABLE)
    require_once(shares, columns, table=TABLE)
    table = shares.rename(columns=dict(zip(columns, ("panel", "period", "level"), strict=True))).reset_index(drop=True)
    for column, known in (("panel", panels), ("period", periods), ("level", levels)):
        table[column] = table[column].astype("str")
        require_labels(known, list(known), what=f"{column}s of the {TABLE}")
        require_codes(table[column], list(known), table=TABLE)
    if len(levels) > MOST:
        raise StudyError(f"{TABLE} has {len(levels)} levels, {MOST} can be told apart in grey; put some together first")
    if len(table) != len(panels) * len(periods) * len(levels):
        raise StudyError(f"{TABLE} has {len(table)} rows, but each panel, period and level has one; count again")
    if cut not in list(levels)[1:]:
        raise StudyError(f"cut is '{cut}', allowed are {listed(list(levels)[1:])}; all are at the lowest or above")
    for column in ("n", "n_all"):
        table[column] = require_counts(table, column, table=TABLE)
    for column in ("share", "low_from", "high_from"):
        table[column] = require_values(table, column, table=TABLE, low=-1e-9, high=1 + 1e-9)
    off = (table["share"] * table["n_all"] - table["n"]).abs() > 1e-6
    if off.any():
        row = int(off.to_numpy().argmax())
        raise StudyError(f"{TABLE} row {row + 1}: share is not n of n_all; compute it again")
    return table


def _fills(n: int) -> list[str]:
    """Fills from pale to dark in even steps of lightness, so that grey print keeps their order."""
    ramp = np.linspace(0.03, 0.97, 95)
    light = np.array([lightness(SEQUENTIAL(at)) for at in ramp])
    at = np.interp(np.linspace(-light[0], -light[-1], n), -light, ramp)
    return [to_hex(SEQUENTIAL(float(place))) for place in at]


def _sample(axes: Axes, x: float, y: float) -> None:
    _interval(axes, x + 2.5, y - 1.3, y + 1.3, 0.9)


def _interval(axes: Axes, x: float, low: float, high: float, cap: float) -> None:
    """An upright line with caps, black on a white rim, to be seen on dark and on pale fills."""
    for colour, wide in ((WHITE, 2.4), (BLACK, 0.9)):
        rule(axes, (x, x), (low, high), color=colour, linewidth=wide, zorder=5)
        for end in (low, high):
            rule(axes, (x - cap, x + cap), (end, end), color=colour, linewidth=wide, zorder=5)


def _draw_panel(
    axes: Axes,
    ground: Axes,
    table: pd.DataFrame,
    order: tuple[Mapping[str, str], Sequence[str], str],
    fills: Mapping[str, str],
    grid: PanelGrid,
    nothing: str,
) -> None:
    """Draw the bars of one panel, n above and the period below each."""
    periods, levels, cut = order
    slot = (grid.width - SIDE) / len(periods)  # mm
    bar = min(0.82 * slot, BAR) / slot
    write(ground, SIDE - 1.2, line_height() / 2, "n", ha="right", color=QUIET)
    for place, (period, label) in enumerate(periods.items()):
        own = table[table["period"] == period].set_index("level")
        n_all, middle = int(own["n_all"].iloc[0]), SIDE + (place + 0.5) * slot
        write(ground, middle, line_height() / 2, f"{n_all:,}", ha="center")
        write(ground, middle, line_height() + HEIGHT + 1.6 + line_height() / 2, label, ha="center")
        if not n_all:
            write(axes, place, 0.5, nothing, ha="center", rotation=90, style="italic", color=QUIET)
            continue
        foot = 0.0
        for name in reversed(levels):
            share, fill = float(own["share"][name]), fills[name]
            axes.bar(place, share, bottom=foot, width=bar, color=fill, edgecolor=INK, linewidth=0.4, zorder=3)
            text = whole_percent(share)
            if share * HEIGHT > line_height() + 0.4 and bar * slot - NUMBERS > text_width(text) + 0.4:
                left = place - NUMBERS / slot / 2
                write(axes, left, foot + share / 2, text, ha="center", color=text_on(fill), zorder=6)
            foot += share
        low, high = float(own["low_from"][cut]), float(own["high_from"][cut])
        if np.isfinite(low) and np.isfinite(high):
            _interval(axes, place + bar / 2 - 1.3 / slot, low, high, 0.75 / slot)
