"""Shares over periods as lines with intervals, grouped into panels on one scale, n beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import require_codes, require_columns, require_counts, require_labels, whole_percent
from nsi.figures.keys import Key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import new_page, rule, write
from nsi.figures.panel_grid import panel_grid, share_axes
from nsi.figures.spreading import spread
from nsi.figures.style import INK, MARKS, QUIET, WIDE, house_style
from nsi.figures.value_columns import require_once, require_values, require_width

TABLE = "table of shares"
HEIGHT = 42.0  # mm of each panel, more where the names of its lines need it
BETWEEN = 0.6  # mm between two names
SIDE = 9.0  # mm for the numbers of the vertical scale
LABEL = 22.0  # mm, the most for the name of a line at its end
NAME = 4.2  # mm from the panel to that name, with the sample of its mark
APART = 1.5  # mm between the marks of two lines in one period


@house_style()
def share_lines(
    shares: pd.DataFrame,
    *,
    periods: Mapping[str, str],
    series: Mapping[str, str],
    headings: Mapping[str, str],
    title: str,
    note: str,
    columns: tuple[str, str] = ("period", "series"),
    under: Mapping[str, str] | None = None,
    confidence: float = 0.95,
    width: float = WIDE,
) -> Figure:
    """Draw one line per series, those with the same heading in one panel.

    Parameters
    ----------
    shares : DataFrame
        One row per period and series, in columns named by `columns`; with ``n``, ``n_all`` (all units of the period),
        ``share``, ``low`` and ``high`` (missing where undefined). A line breaks where a share is missing.
    periods, series : mapping of str to str
        In the order to draw, with printed labels.
    headings : mapping of str to str
        Series to the heading of its panel; at most five series to a heading.
    title, note : str
        The statement above and the reading aid below.
    columns : tuple of str
        Names of the columns of periods and series.
    under : mapping of str to str, optional
        Heading to what stands beneath it.
    confidence : float
        Of the intervals, for the key.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        All panels on one vertical scale; a line's name and its last share stand at its end, n of all units of a
        period beneath its panel.

    Raises
    ------
    StudyError
        If a column, label or row is missing, a row stands twice, or a panel would hold too many lines.
    """
    room = require_width(width)
    table = _checked(shares, periods, series, columns)
    require_labels(headings, list(series), what="headings of series")
    over = dict.fromkeys(headings[name] for name in series)
    panels = {head: [name for name in series if headings[name] == head] for head in over}
    for head, names in panels.items():
        if len(names) > len(MARKS):
            told = f"panel '{head}' has {len(names)} lines, {len(MARKS)} can be told apart"
            raise StudyError(f"{told}; give more headings")
    most = min(float(np.ceil(10 * np.nanmax([0.1, *table["share"], *table["high"]]) - 1e-9)) / 10, 1.0)
    ends = {name: _end(table, name, series[name], list(periods)) for name in series}
    end = max(text_width(line) for text in ends.values() for line in text.split("\n")) + NAME
    slot = max(map(text_width, [*periods.values(), *(f"{n:,}" for n in table["n_all"])])) + 1.2
    height = max(HEIGHT, *(sum(_tall(ends, names)) for names in panels.values()))
    body = height + 2 * line_height() + 2.4
    keys = fit_keys(_keys(table, confidence), room)
    grid = panel_grid(list(panels), room, least=SIDE + end + slot * len(periods), body=body, top=keys.height + 2.0,
                      under=[(under or {}).get(head, "") for head in panels])  # fmt: skip
    page = new_page(width, grid.height, title=title, note=note)
    keys.draw(page.panel(0, 0, page.width, keys.height))
    grid.draw_heads(page)
    plot = grid.width - SIDE - end
    places = {name: place if len(series) <= len(MARKS) else names.index(name) for names in panels.values()
              for place, name in enumerate(series) if name in names}  # fmt: skip
    for place, names in enumerate(panels.values()):
        x, y = grid.lefts[place], grid.bodies[place]
        axes = share_axes(page, x + SIDE, y, plot, height, len(periods), most)
        for turn, name in enumerate(names):
            shift = (turn - (len(names) - 1) / 2) * APART * len(periods) / plot
            _line(axes, table[table["series"] == name].set_index("period").reindex(list(periods)), shift, places[name])
        _labels(page.panel(x + SIDE + plot, y, end, height), table, names, ends, places, (most, height))
        _feet(page.panel(x, y + height, grid.width, body - height), table, periods, plot)
    return page.figure


def _checked(
    shares: pd.DataFrame, periods: Mapping[str, str], series: Mapping[str, str], columns: tuple[str, str]
) -> pd.DataFrame:
    require_columns(shares, [*columns, "n", "n_all", "share", "low", "high"], table=TABLE)
    require_once(shares, columns, table=TABLE)
    table = shares.rename(columns=dict(zip(columns, ("period", "series"), strict=True))).reset_index(drop=True)
    for column, known in (("period", periods), ("series", series)):
        table[column] = table[column].astype("str")
        require_labels(known, list(known), what=f"{column} of the {TABLE}")
        require_codes(table[column], list(known), table=TABLE)
    if len(table) != len(periods) * len(series):
        raise StudyError(f"{TABLE} has {len(table)} rows, but each period and series has one; count again")
    for column in ("n", "n_all"):
        table[column] = require_counts(table, column, table=TABLE)
    for column in ("share", "low", "high"):
        table[column] = require_values(table, column, table=TABLE, low=-1e-9, high=1 + 1e-9)
    bare = table["share"].isna() & (table["n_all"] > 0)
    if bare.any():
        raise StudyError(f"{TABLE} row {int(bare.to_numpy().argmax()) + 1}: share is missing, but n_all is not 0")
    return table


def _keys(table: pd.DataFrame, confidence: float) -> list[Key]:
    keys = [line_key(f"{confidence:.0%} interval", color=INK, linewidth=0.9)]
    if (table["share"].notna() & table["low"].isna()).any():
        keys.append(mark_key("hollow: no interval can be given", hollow=True))
    return keys


def _end(table: pd.DataFrame, name: str, label: str, periods: Sequence[str]) -> str:
    """Name of a line with its last share."""
    own = table[table["series"] == name].set_index("period")["share"].reindex(list(periods)).dropna()
    last = f"{whole_percent(float(own.iloc[-1]))}%" if len(own) else "–"
    return f"{wrap(label, LABEL)}\n{last}"


def _line(axes: Axes, own: pd.DataFrame, shift: float, place: int) -> None:
    colour, marker = MARKS[place]
    at = np.arange(len(own)) + shift
    axes.plot(at, own["share"].to_numpy(), color=colour, linewidth=1.3, zorder=3)
    for x, (share, low, high) in zip(at, own[["share", "low", "high"]].to_numpy(), strict=True):
        if np.isnan(share):
            continue
        bounded = bool(np.isfinite(low) and np.isfinite(high))
        if bounded:
            rule(axes, (x, x), (low, high), color=colour, linewidth=0.9, zorder=3)
        mark(axes, float(x), float(share), colour=colour, marker=marker, hollow=not bounded, zorder=5)


def _labels(
    panel: Axes,
    table: pd.DataFrame,
    names: Sequence[str],
    ends: Mapping[str, str],
    places: Mapping[str, int],
    scale: tuple[float, float],
) -> None:
    """Name each line at its end, with its mark, apart from each other."""
    most, height = scale  # the share at the top, mm
    last = {name: table.loc[(table["series"] == name) & table["share"].notna(), "share"] for name in names}
    heights = {name: (1 - float(last[name].iloc[-1]) / most) * height if len(last[name]) else height for name in names}
    order = sorted(names, key=heights.__getitem__)
    middles = spread([heights[name] for name in order], _tall(ends, order), 0, height)
    for name, y in zip(order, middles, strict=True):
        colour, marker = MARKS[places[name]]
        mark(panel, 2.2, y - (block_height(ends[name]) - line_height()) / 2, colour=colour, marker=marker)
        write(panel, NAME, y, ends[name])


def _tall(ends: Mapping[str, str], names: Sequence[str]) -> list[float]:
    return [block_height(ends[name]) + BETWEEN for name in names]


def _feet(panel: Axes, table: pd.DataFrame, periods: Mapping[str, str], plot: float) -> None:
    """Write periods and n of their units beneath a panel."""
    counts = table.groupby("period")["n_all"].max()
    write(panel, SIDE - 1.2, 1.6 + 1.5 * line_height(), "n", ha="right", color=QUIET)
    for place, (period, label) in enumerate(periods.items()):
        middle = SIDE + (place + 0.5) * plot / len(periods)
        write(panel, middle, 1.4 + line_height() / 2, label, ha="center")
        write(panel, middle, 1.6 + 1.5 * line_height(), f"{int(counts[period]):,}", ha="center", color=QUIET)
