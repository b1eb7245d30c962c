"""Trajectories over waves, a panel per scale: all cases thin behind, their average, and one case in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nsi.figures.keys import Key, fill_key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.spreading import spread
from nsi.figures.style import BLACK, INK, OKABE_ITO, WIDE, house_style
from nsi.figures.trajectory_data import Values, series, trajectory_tables
from nsi.figures.value_axis import GRID, number, value_limits, z_of
from nsi.figures.value_columns import reason, require_width

HEIGHT = 29.0  # mm of each scale
STEP = HEIGHT + line_height() + 3.0  # mm from one line of panels to the next, without the names of scales
SIDE = 7.0  # mm for the numbers of the vertical scale
END = text_width("8.88") + 1.8  # mm for the values of the last wave
GAP = 3.0  # mm between panels
LEAST = 21.0  # mm, the narrowest panel
BEHIND = "#B0B0B0"
BAND = "#DCDCDC"
CHOSEN = OKABE_ITO[0]
CROSS: dict[str, Any] = {"marker": "x", "markeredgecolor": INK, "markeredgewidth": 0.9}


@house_style()
def trajectories(
    frame: pd.DataFrame,
    *,
    average: pd.DataFrame,
    waves: Mapping[str, str],
    scales: Mapping[str, str],
    title: str,
    note: str,
    highlight: str | None = None,
    highlight_label: str = "",
    average_label: str = "average of the cases",
    confidence: float = 0.95,
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw small multiples, one panel per scale, all on one vertical scale.

    Parameters
    ----------
    frame : DataFrame
        One row per case, wave and scale: ``case``, ``wave``, ``scale``, ``eb_mean``, ``eb_se`` (shrunken
        mean and its error, unit of the scales; NaN = withheld or undefined) and ``flag`` (why; "" where fine). A
        line breaks where a mean or a row is missing.
    average : DataFrame
        One row per wave and scale: ``wave``, ``scale``, ``mean``, ``se_mean``.
    waves : mapping of str to str
        Waves from left to right, with printed labels.
    scales : mapping of str to str
        Scales in the order to draw, with printed labels.
    title, note : str
        The statement above and the reading aid below.
    highlight : str, optional
        One case, drawn in colour with marks and intervals.
    highlight_label : str
        Its name in the key.
    average_label : str
        Name of the average in the key.
    confidence : float
        Of the intervals: mean -/+ z * error.
    within : tuple of float, optional
        What the vertical scale must cover in any case.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As many panels side by side as fit. The last value of the average and of the highlighted case stands at
        its right end; a wave in which that case has no value has a cross at the foot, with the reason in the
        key.

    Raises
    ------
    StudyError
        If a column or label is missing, a row stands twice, a wave or scale is unknown, the case to highlight
        is not in the table, or its mean is missing without a reason.
    """
    room = require_width(width)
    cases, means = trajectory_tables(frame, average, waves, scales, highlight, z_of(confidence))
    own_ends = cases.loc[cases["case"] == highlight, ["ci_low", "ci_high"]].to_numpy().ravel()
    mean_ends = means[["estimate", "ci_low", "ci_high"]].to_numpy().ravel()
    limits = value_limits([*cases["estimate"], *mean_ends, *own_ends], within)
    per_row = min(max(int((room + GAP) // (LEAST + SIDE + END + GAP)), 1), len(scales))
    own = (room + GAP) / max(per_row, 2) - GAP  # one panel alone need not fill the page
    plot = own - SIDE - END
    heads = [wrap(label, own - 1.0, bold=True) for label in scales.values()]
    lines = [heads[start : start + per_row] for start in range(0, len(heads), per_row)]
    tall = [max(map(block_height, line)) + 1.5 for line in lines]
    names = (highlight_label or str(highlight), average_label)
    keys = fit_keys(_keys(cases, highlight, names, confidence), room)
    top = keys.height + 2.5
    starts = [top + fsum(tall[:row]) + row * STEP for row in range(len(lines) + 1)]
    page = new_page(width, starts[-1], title=title, note=note)
    keys.draw(page.panel(0, 0, page.width, top))
    of_scale, mean_of = (dict(iter(table.groupby("scale", sort=False))) for table in (cases, means))
    for place, scale in enumerate(scales):
        own_cases, own_means = of_scale.get(scale, cases.iloc[:0]), mean_of.get(scale, means.iloc[:0])
        row, column = divmod(place, per_row)
        x, y = column * (own + GAP), starts[row] + tall[row]
        write(page.panel(x, starts[row], own, tall[row]), 0, tall[row] - 1.0, heads[place], weight="bold", va="bottom")
        axes = _panel(page, x + SIDE, y, plot, waves, limits)
        _draw_scale(axes, own_cases, own_means, list(waves), highlight)
        _ends(page.panel(x + SIDE + plot, y, END, HEIGHT), axes, own_cases, own_means, list(waves)[-1], highlight)
    return page.figure


def _keys(
    cases: pd.DataFrame, highlight: str | None, names: tuple[str, str], confidence: float
) -> list[Key]:
    keys = [
        line_key("one case" if highlight is None else "another case", color=BEHIND, linewidth=0.7),
        line_key(names[1], color=BLACK, linewidth=1.6, linestyle=(0, (3, 1))),
        fill_key(f"{confidence:.0%} interval of that average", facecolor=BAND, edgecolor="none"),
    ]
    if highlight is None:
        return keys
    keys.insert(0, Key(_sample, f"{names[0]}, with {confidence:.0%} intervals"))
    own = cases[(cases["case"] == highlight) & cases["estimate"].isna()]
    why = dict.fromkeys(reason(flag) for flag in own["flag"])
    if why:
        words = f"{names[0]}: {', '.join(why)}"
        keys.append(mark_key(words, **CROSS))
    return keys


def _sample(axes: Axes, x: float, y: float) -> None:
    rule(axes, (x, x + 5), (y, y), color=CHOSEN, linewidth=1.6)
    mark(axes, x + 2.5, y, colour=CHOSEN)


def _panel(
    page: Page, left: float, top: float, width: float, waves: Mapping[str, str], limits: tuple[float, float]
) -> Axes:
    axes = page.plot(left, top, width, HEIGHT)
    axes.set(xlim=(-0.3, len(waves) - 0.7), ylim=limits)
    ticks = [float(t) for t in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(*limits) if limits[0] <= t <= limits[1]]
    digits = 0 if all(abs(tick - round(tick)) < 1e-9 for tick in ticks) else 1
    axes.set_yticks(ticks, [number(tick, digits) for tick in ticks])
    axes.grid(axis="y", color=GRID, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(length=2, pad=1.5)
    names = list(waves.values())
    most = width / max(len(names) - 0.4, 1) - 1.2
    if max(map(text_width, names)) > most:  # where not all fit, the ends say the most
        names = [wrap(name, 0.45 * width).split("\n")[0] for name in names]
        names[1:-1] = [""] * len(names[1:-1])
    axes.set_xticks(range(len(names)), names)
    return axes


def _draw_scale(
    axes: Axes, cases: pd.DataFrame, means: pd.DataFrame, waves: Sequence[str], highlight: str | None
) -> None:
    """Draw one panel: band, cases, average, and the highlighted case on top."""
    x = np.arange(len(waves))
    low, high = (series(means, waves, column) for column in ("ci_low", "ci_high"))
    axes.fill_between(x, low, high, color=BAND, linewidth=0, zorder=1)
    others = cases[cases["case"] != highlight].pivot(index="case", columns="wave", values="estimate")
    behind = others.reindex(columns=[*waves, ""]).to_numpy(dtype=np.float64)  # the last column, empty, parts the cases
    _line(axes, behind.ravel(), np.tile(np.arange(len(waves) + 1), len(behind)), color=BEHIND, linewidth=0.6, zorder=2)
    _line(axes, series(means, waves, "estimate"), color=BLACK, linewidth=1.6, linestyle=(0, (3, 1)), zorder=4)
    own = cases[cases["case"] == highlight]
    if own.empty:
        return
    value, low, high = (series(own, waves, column) for column in ("estimate", "ci_low", "ci_high"))
    for place in np.flatnonzero(~np.isnan(low) & ~np.isnan(high)):
        rule(axes, (float(place),) * 2, (low[place], high[place]), color=CHOSEN, linewidth=0.9, zorder=5)
    _line(axes, value, color=CHOSEN, linewidth=1.6, zorder=5)
    foot = axes.get_ylim()[0] + 0.05 * np.ptp(axes.get_ylim())
    told = set(own.loc[own["estimate"].isna(), "wave"])
    for at, wave in enumerate(waves):
        if not np.isnan(value[at]):
            mark(axes, at, float(value[at]), colour=CHOSEN, zorder=6)
        elif wave in told:
            mark(axes, at, float(foot), zorder=6, **CROSS)


def _line(axes: Axes, values: Values, places: NDArray[np.int_] | None = None, **how: Any) -> None:
    """Draw a line that breaks at NaN; a value alone between gaps is a small dot."""
    x = np.arange(len(values)) if places is None else places
    axes.add_artist(Line2D(x, values, **how))
    there = ~np.isnan(values)
    alone = there & ~np.r_[False, there[:-1]] & ~np.r_[there[1:], False]
    if alone.any():
        style = {"color": how["color"], "zorder": how["zorder"]}
        axes.add_artist(Line2D(x[alone], values[alone], linestyle="none", marker="o", markersize=2.2, **style))


def _ends(
    panel: Axes, axes: Axes, cases: pd.DataFrame, means: pd.DataFrame, last: str, highlight: str | None
) -> None:
    """Write the values of the last wave beside the ends of the lines, apart from each other."""
    found: list[tuple[float, str]] = []
    for table, colour in ((means, BLACK), (cases[cases["case"] == highlight], CHOSEN)):
        found += [(float(v), colour) for v in table.loc[table["wave"] == last, "estimate"] if pd.notna(v)]
    found.sort(key=lambda end: -end[0])
    low, high = axes.get_ylim()
    wanted = [(high - value) / (high - low) * HEIGHT for value, _ in found]
    for (value, colour), y in zip(found, spread(wanted, [line_height()] * len(found), 0, HEIGHT), strict=True):
        write(panel, 0.8, y, number(value), color=colour, weight="bold" if colour == CHOSEN else "normal")
