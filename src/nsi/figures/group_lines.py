"""Means over waves, a grid of small panels: a row per scale, a column per group, a line with intervals per case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels, require_order
from nsi.figures.group_line_data import COLUMNS, Panel, group_line_panels
from nsi.figures.keys import Draw, Key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, box, new_page, rule, write
from nsi.figures.style import MARKS, QUIET, WIDE, house_style
from nsi.figures.value_axis import GRID, number, value_limits
from nsi.figures.value_columns import require_width

TABLE = "table of means by group"
HEIGHT = 16.5  # mm of a panel
GAP = 2.4  # mm between two rows of panels
APART = 3.5  # mm between two columns of panels
SIDE = 5.0  # mm for the numbers of the vertical scale
BESIDE = 100.0  # mm, the least page on which names of scales stand beside their row
SHARE = 0.19  # of the page, the most that the names of scales may take
DODGE = 0.09  # of the way from one wave to the next, between two cases
FOOT = line_height() + 2.0  # mm for the waves below the last row
LEAST = 18.0  # mm, the narrowest panel
BAND = "#F5F5F5"  # ground of a panel in which there is nothing to draw
DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (2, 2)))


@house_style()
def group_lines(
    means: pd.DataFrame,
    *,
    waves: Mapping[str, str],
    scales: Mapping[str, str],
    groups: Mapping[str, str],
    cases: Mapping[str, str],
    title: str,
    note: str,
    group: str = "role",
    hollow: int | None = None,
    least: int | None = None,
    confidence: float = 0.95,
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw a grid of panels on one vertical scale, so that cases are compared within a group and over waves.

    Parameters
    ----------
    means : DataFrame
        One row per case, wave, scale and group: ``case``, ``wave``, ``scale``, the column named by `group`, ``n``
        (scores), ``mean``, ``low``, ``high`` (unit of the scale; missing where withheld or undefined) and ``flag``
        (why; "" where fine), as `role_means` gives them, or put into words for readers. Rows of other scales, groups,
        cases and waves are left out.
    waves : mapping of str to str
        Waves from left to right, with printed labels.
    scales : mapping of str to str
        Rows of panels from top to bottom, with printed labels.
    groups : mapping of str to str
        Columns of panels from left to right, with printed labels.
    cases : mapping of str to str
        Lines, with printed labels; each has its own colour, mark and dashes. At most five.
    title, note : str
        The statement above and the reading aid below.
    group : str
        Name of the column of groups.
    hollow : int, optional
        A mark of fewer scores than this is hollow.
    least : int, optional
        The smallest n that may be shown, for the words "withheld (n<5)".
    confidence : float
        Of the intervals, for the key.
    within : tuple of float, optional
        What the vertical scale must cover in any case.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        Smallest and largest n of each case stand below the name of its group. A panel without any mean says why; in
        another a wave without a mean leaves a gap, and its reason stands at the foot of the panel.

    Raises
    ------
    StudyError
        If a column or label is missing, a row stands twice, a mean is missing without a reason, there is no mean at
        all, there are more than five cases, or the groups do not fit side by side.
    """
    room = require_width(width)
    require_columns(means, [*COLUMNS, group], table=TABLE)
    for known, what in ((waves, "waves"), (scales, "scales"), (groups, "groups"), (cases, "cases")):
        require_order(list(known), what=f"{what} to draw")
        require_labels(known, list(known), what=f"{what} to draw")
    if len(cases) > len(MARKS):
        raise StudyError(f"{len(cases)} cases are too many lines ({listed(list(cases))}), {len(MARKS)} differ enough")
    panels = group_line_panels(means.rename(columns={group: "group"}), waves, scales, groups, cases, least)
    names, across = _widths(scales, len(groups), room)
    limits = value_limits([value for panel in panels.values() for value in panel.values()], within)
    heads = [_counts(key, panels, cases, across) for key in groups]
    keys = fit_keys(_keys(cases, hollow, confidence), room)
    titles = [wrap(label, across, bold=True) for label in groups.values()]
    tall = [block_height(of_group) + block_height(head) for of_group, head in zip(titles, heads, strict=True)]
    top = keys.height + 2.0 + max(tall) + 1.0
    above = 0.0 if room > BESIDE else max(map(block_height, names)) + 1.8
    step = HEIGHT + GAP + above
    page = new_page(width, top + len(scales) * step - GAP + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, top + len(scales) * step - GAP + FOOT)
    keys.draw(ground)
    first = room - len(groups) * (across + SIDE + APART) + APART
    lefts = [first + place * (across + SIDE + APART) + SIDE for place in range(len(groups))]
    for left, head, of_group in zip(lefts, heads, titles, strict=True):
        write(ground, left, top - 1.0, head, va="bottom")
        write(ground, left, top - 1.0 - block_height(head), of_group, weight="bold", va="bottom")
    for row, scale in enumerate(scales):
        y = top + row * step + above
        at, how = (y - 0.9, "bottom") if above else (y + HEIGHT / 2, "center")
        write(ground, 0, at, names[row], weight="bold", va=how)
        told = list(waves.values()) if row == len(scales) - 1 else []
        for left, key in zip(lefts, groups, strict=True):
            _draw_panel(page, (left, y, across), panels[scale, key], told, limits, hollow)
    return page.figure


def _widths(scales: Mapping[str, str], columns: int, room: float) -> tuple[list[str], float]:
    """Names of the rows, broken; width of a panel. On a narrow page names stand above their row."""
    beside = room > BESIDE
    most = min(SHARE * room, max(text_width(label, bold=True) for label in scales.values()) + 1.0) if beside else 0.0
    across = (room - most - (1.5 if beside else 0.0) + APART) / columns - APART - SIDE
    if across < LEAST:
        raise StudyError(f"{columns} groups do not fit side by side on {room + 4:g} mm; draw them in parts, or wider")
    return [wrap(label, most if beside else room, bold=True) for label in scales.values()], across


def _counts(key: str, panels: Mapping[tuple[str, str], Panel], cases: Mapping[str, str], room: float) -> str:
    """From which n to which each case has in a group, over all scales and waves."""
    told = []
    for place, name in enumerate(cases.values()):
        counts = [n for (_, group), panel in panels.items() if group == key for n in panel.counts[place] if n > 0]
        if counts:
            ends = f"{min(counts):,.0f}" if min(counts) == max(counts) else f"{min(counts):,.0f}–{max(counts):,.0f}"
            told.append(wrap(f"{name}: n {ends}", room))
    return "\n".join(told) or "no n shown"


def _keys(cases: Mapping[str, str], hollow: int | None, confidence: float) -> list[Key]:
    keys = [Key(_sample(place), label) for place, label in enumerate(cases.values())]
    keys.append(line_key(f"upright: {confidence:.0%} interval", linewidth=0.9))
    if hollow is not None:
        keys.append(mark_key(f"hollow: n<{hollow}", hollow=True))
    return keys


def _sample(place: int) -> Draw:
    return lambda axes, x, y: _draw_sample(axes, x, y, place)


def _draw_sample(axes: Axes, x: float, y: float, place: int) -> None:
    colour, marker = MARKS[place]
    rule(axes, (x, x + 5), (y, y), color=colour, linewidth=1.1, linestyle=DASHES[place])
    mark(axes, x + 2.5, y, colour=colour, marker=marker)


def _draw_panel(
    page: Page, place: tuple[float, float, float], panel: Panel, waves: Sequence[str],
    limits: tuple[float, float], hollow: int | None,
) -> None:  # fmt: skip
    """Draw one panel; `waves` are the labels below it, none where another panel follows."""
    left, top, width = place
    if not panel.drawn:
        ground = page.panel(left, top, width, HEIGHT)
        box(ground, 0, 0, width, HEIGHT, facecolor=BAND, edgecolor="none")
        write(ground, width / 2, HEIGHT / 2, wrap(panel.why, width - 2), ha="center", color=QUIET,
              multialignment="center")  # fmt: skip
    axes = _axes(page, left, top, width, panel, waves, limits)
    for series, (values, lows, highs, counts) in enumerate(panel.lines):
        colour, marker = MARKS[series]
        x = np.arange(len(values)) + DODGE * (2 * series - len(panel.lines) + 1)
        axes.plot(x, values, color=colour, linewidth=1.1, linestyle=DASHES[series], zorder=3)
        for at in np.flatnonzero(~np.isnan(values)):
            if not (np.isnan(lows[at]) or np.isnan(highs[at])):
                rule(axes, (x[at],) * 2, (lows[at], highs[at]), color=colour, linewidth=0.9, zorder=3)
            few = hollow is not None and counts[at] < hollow
            mark(axes, float(x[at]), float(values[at]), colour=colour, marker=marker, hollow=few, markersize=3.6)
    if panel.drawn and panel.why:
        foot = page.panel(left, top, width, HEIGHT)
        frame = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
        write(foot, width, HEIGHT - 0.4, wrap(panel.why, width), ha="right", va="bottom", color=QUIET, bbox=frame)


def _axes(
    page: Page, left: float, top: float, width: float, panel: Panel, waves: Sequence[str], limits: tuple[float, float]
) -> Axes:
    axes = page.plot(left, top, width, HEIGHT)
    n_waves = len(panel.counts[0])
    axes.set(xlim=(-0.4, n_waves - 0.6), ylim=limits)
    axes.set_facecolor("none")
    ticks = [float(t) for t in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(*limits) if limits[0] <= t <= limits[1]]
    digits = 0 if all(abs(tick - round(tick)) < 1e-9 for tick in ticks) else 1
    axes.set_yticks(ticks if panel.drawn else [], [number(tick, digits) for tick in ticks] if panel.drawn else [])
    if panel.drawn:
        axes.grid(axis="y", color=GRID, linewidth=0.4)
        axes.set_axisbelow(True)
    else:
        axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=2, pad=1.5)
    names = list(waves) if waves else [""] * n_waves
    if max(map(text_width, names)) > width / max(n_waves - 0.2, 1) - 1.0:  # where not all fit, the ends say the most
        names = [wrap(name, 0.45 * width).split("\n")[0] for name in names]
        names[1:-1] = [""] * len(names[1:-1])
    axes.set_xticks(range(n_waves) if panel.drawn or waves else [], names if panel.drawn or waves else [])
    return axes
