"""How many units to double-code: width of the interval against the number of units, and the width wanted."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nsi.errors import StudyError
from nsi.figures.frames import require_columns, require_counts
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.spreading import spread
from nsi.figures.style import INK, MARKS, NARROW, QUIET, house_style

TABLE = "table of interval widths"
HEIGHT = 52.0  # mm of the scale
SIDE = 8.0  # mm for the numbers of the vertical scale
TARGET: dict[str, Any] = {"color": QUIET, "linewidth": 0.9, "linestyle": (0, (4, 3))}
Line = tuple[str, str, str, str, tuple[float, ...]]


@house_style()
def double_coding(
    table: pd.DataFrame,
    *,
    wanted_width: float,
    title: str,
    note: str,
    n_units: int | None = None,
    assurance: float = 0.8,
    measure: str = "alpha",
) -> Figure:
    """Draw the width of the interval against the number of double-coded units.

    Parameters
    ----------
    table : DataFrame
        One row per number of units, ascending: ``n_units``, ``width_median`` and ``width_assured`` (width in
        half of the simulations and in the share `assurance`, or less; NaN = undefined in too many).
    wanted_width : float
        Where to draw the target.
    title, note : str
        The statement above and the reading aid below.
    n_units : int, optional
        The number that reaches the target, ringed and named; none where it is not reached.
    assurance : float
        For the legend.
    measure : str
        Name of the coefficient, for the legend.

    Returns
    -------
    Figure
        84 mm wide.

    Raises
    ------
    StudyError
        If a column is missing, numbers of units do not ascend, no width is known, or `n_units` is not in the
        table.
    """
    _check(table, n_units, wanted_width)
    lines: list[Line] = [
        ("width_assured", *MARKS[0], f"in {assurance:.0%} of simulations no wider than this", (1.0, 0.0)),
        ("width_median", *MARKS[1], "in half of them", (3.0, 1.5)),
    ]
    head = wrap(f"Width of the interval of {measure}", NARROW - 4, bold=True)
    room = NARROW - 4 - 8
    words = [wrap(name, room) for _, _, _, name, _ in lines]
    top = block_height(head) + sum(block_height(text) + 0.8 for text in words) + line_height() + 2.8
    foot = 2 * line_height() + 3.5
    page = new_page(NARROW, top + HEIGHT + foot, title=title, note=note)
    legend = page.panel(0, 0, page.width, top)
    write(legend, 0, block_height(head) / 2, head, weight="bold")
    axes = _scale(page, table, top, wanted_width)
    y = block_height(head) + 0.8
    for line, text in zip(lines, words, strict=True):
        middle = y + block_height(text) / 2
        y += block_height(text) + 0.8
        _draw_line(legend, line, [0.0, 2.5, 5.0], [middle] * 3, slice(1, 2))
        _draw_line(axes, line, table["n_units"].tolist(), table[line[0]].tolist(), slice(None))
        write(legend, 7, middle, text)
    rule(legend, (0, 5), (y + line_height() / 2,) * 2, **TARGET)
    write(legend, 7, y + line_height() / 2, f"wanted: {wanted_width:.2f}")
    if n_units is not None:
        _ring(axes, table, n_units, wanted_width)
    return page.figure


def _draw_line(axes: Axes, line: Line, x: list[float], y: list[float], marked: slice) -> None:
    """Draw a line through all points and marks on some."""
    _, colour, marker, _, dashes = line
    axes.plot(x, y, color=colour, linewidth=1.1, linestyle=(0, dashes) if dashes[1] else "-", zorder=2)
    axes.plot(x[marked], y[marked], linestyle="none", marker=marker, markersize=4.2, color=colour,
              markeredgecolor="white", markeredgewidth=0.4, zorder=3, clip_on=False)  # fmt: skip


def _check(table: pd.DataFrame, n_units: int | None, wanted: float) -> None:
    require_columns(table, ["n_units", "width_median", "width_assured"], table=TABLE)
    numbers = require_counts(table, "n_units", table=TABLE)
    if not numbers.is_monotonic_increasing or numbers.duplicated().any():
        raise StudyError(f"{TABLE}: numbers of units must ascend, each once; sort the table")
    if table["width_assured"].isna().all():
        raise StudyError(f"{TABLE}: no width is known, so there is nothing to draw; try more units")
    if not wanted > 0:
        raise StudyError(f"the wanted width must be above 0, for example 0.2; found {wanted}")
    known = table.loc[table["width_assured"].notna(), "n_units"]
    if n_units is not None and n_units not in set(known):
        raise StudyError(f"{TABLE}: {n_units} units are to be marked, but have no width in it; give a number that has")


def _scale(page: Page, table: pd.DataFrame, top: float, wanted: float) -> Axes:
    """Axes from 0 in both directions, the target dashed."""
    width = page.width - SIDE - 3
    axes = page.plot(SIDE, top, width, HEIGHT)
    most = float(max(table[["width_median", "width_assured"]].max().max(), wanted))
    last = float(table["n_units"].max())
    axes.set(xlim=(0, last * 1.03), ylim=(0, most * 1.08))
    ticks = [tick for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0, most) if tick <= most * 1.08]
    axes.set_yticks(ticks, [f"{tick:.2f}" for tick in ticks])
    axes.set_xticks([])
    axes.axhline(wanted, **TARGET, zorder=1)
    _draw_ticks(page, table, top, width, last * 1.03)
    return axes


def _draw_ticks(page: Page, table: pd.DataFrame, top: float, width: float, last: float) -> None:
    """Print the numbers that were tried, where there is room, below the scale."""
    foot = page.panel(SIDE, top + HEIGHT, width + 3, 2 * line_height() + 3.5)
    end = width + 3.0
    for number in reversed([int(n) for n in table["n_units"]]):  # from the right, where they stand far apart
        x, half = number / last * width, text_width(f"{number:,}") / 2 + 0.8
        rule(foot, (x, x), (0, 1.0))
        if x + half <= end:
            write(foot, x, 1.5 + line_height() / 2, f"{number:,}", ha="center")
            end = x - half
    write(foot, width / 2, 2.5 + line_height() * 1.5, "Double-coded units", ha="center")


def _ring(axes: Axes, table: pd.DataFrame, n_units: int, wanted: float) -> None:
    """Ring the number that reaches the target, and name it."""
    width = float(table.loc[table["n_units"] == n_units, "width_assured"].iloc[0])
    axes.plot([n_units], [width], marker="o", markersize=9, markerfacecolor="none", markeredgecolor=INK,
              markeredgewidth=0.9, zorder=4, clip_on=False)  # fmt: skip
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    page_mm = NARROW - 4 - SIDE - 3
    half = (text_width(f"{n_units:,} units") / 2 + 0.5) / page_mm * right
    x = spread([float(n_units)], [2 * half], 0, right)[0]
    above = max(width + 0.035 * top, wanted) + 0.012 * top  # clear of the ring and of the target
    axes.text(x, above, f"{n_units:,} units", ha="center", va="bottom", weight="bold", color=INK)
