"""Reliability dot plot: every coefficient with its interval, its n, and the reason where it is undefined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nsi.figures.frames import require_labels
from nsi.figures.lettering import block_height, block_width, line_height, text_width, wrap
from nsi.figures.page import Page, box, new_page, rule, write
from nsi.figures.reliability_rows import COUNT, STEP, Row, reliability_order, reliability_row
from nsi.figures.spreading import spread
from nsi.figures.style import INK, MARKS, QUIET, WIDE, house_style

LABEL = 62.0  # mm, the most that row labels may take
COUNT_HEAD = "units rated\ntwice or more"
BAND = "#F5F5F5"  # ground of every second row


@house_style()
def reliability_dots(
    reliability: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    coefficients: Sequence[str],
    coefficient_labels: Mapping[str, str],
    title: str,
    note: str,
    cutoffs: Sequence[float] = (0.667, 0.8),
    rows: str = "field",
    order: Sequence[str] | None = None,
) -> Figure:
    """Draw a reliability table: a dot and interval per coefficient, one line per field or per case.

    Parameters
    ----------
    reliability : DataFrame
        One row per line and coefficient: columns named by `rows`, ``coefficient``, ``estimate``, ``ci_low``,
        ``ci_high`` (no unit; NaN = undefined, or without an interval), ``n_pairable`` (units with two or more
        ratings) and ``flag`` (why an estimate is undefined; "" where it is fine). Other coefficients are left
        out.
    labels : mapping of str to str
        Printed label of each line.
    coefficients : sequence of str
        Which coefficients, in the order to draw, at most five; each has its own marker.
    coefficient_labels : mapping of str to str
        Printed label of each coefficient.
    title, note : str
        The statement above and the reading aid below.
    cutoffs : sequence of float
        Where to draw dashed lines. The default is .667 and .800, Krippendorff's tentative and firm limits.
    rows : str
        The column whose values are the lines, ``field`` or ``case``.
    order : sequence of str, optional
        Lines from top to bottom; by default as they come in the table.

    Returns
    -------
    Figure
        174 mm wide, as high as its lines need. An undefined coefficient prints its reason in place of a dot,
        one that the table lacks prints "not computed".

    Raises
    ------
    StudyError
        If a column, a label or a reason is missing, a line has a coefficient twice, or an estimate is above
        1.

    Source: Krippendorff (2004), Content Analysis, 2nd ed., p. 241, for the limits.
    """
    order = reliability_order(reliability, rows, coefficients, order)
    require_labels(labels, order, what=f"{rows}s of the reliability table")
    require_labels(coefficient_labels, coefficients, what="coefficients")
    width = min(max(max(text_width(labels[name]) for name in order), 25.0), LABEL)
    table = reliability[reliability["coefficient"].isin(list(coefficients))]
    lines = [reliability_row(table[table[rows] == name], labels[name], width, coefficients) for name in order]
    legend = _legend([coefficient_labels[name] for name in coefficients], WIDE - 4 - width)
    head = (max(y for _, y, _ in legend) + 1) * line_height() * 1.2 + 1 + line_height() + 1
    head = max(head, block_height(COUNT_HEAD) + 1.5)
    height = sum(line.height for line in lines)
    page = new_page(WIDE, head + height + 6, title=title, note=note)
    low = _lowest(lines)
    axes = _scale(page, width + 3, head, height, low, cutoffs)
    _draw_rows(page, axes, lines, width, head, [coefficient_labels[name] for name in coefficients])
    _draw_legend(page.panel(width + 3, 0, page.width - width - 3, head), legend)
    return page.figure


def _lowest(lines: Sequence[Row]) -> float:
    """Left end of the scale: 0, or below what any interval reaches."""
    values = [value for line in lines for dot in line.dots if not isinstance(dot, str) for value in dot]
    return min([0.0, *(value for value in values if pd.notna(value))])


def _scale(page: Page, left: float, head: float, height: float, low: float, cutoffs: Sequence[float]) -> Axes:
    """Axes of the coefficients: x without unit, y in mm downward; cut-offs dashed and named on top."""
    width = page.width - left - COUNT - 3
    axes = page.plot(left, head, width, height)
    axes.set(xlim=(low - 0.015 * (1 - low), 1 + 0.015 * (1 - low)), ylim=(height, 0))
    ticks = [tick for tick in MaxNLocator(6).tick_values(low, 1.0) if low - 1e-9 <= tick <= 1 + 1e-9]
    axes.set_xticks(ticks, [f"{tick:.1f}".replace("-", "−") for tick in ticks])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_facecolor("none")
    axes.set_zorder(2)
    if low < 0:
        axes.axvline(0, color=INK, linewidth=0.6)
    names = [f"{cutoff:.3f}".rstrip("0").ljust(4, "0") for cutoff in sorted(cutoffs)]
    left_end, right_end = axes.get_xlim()
    wanted = [(cutoff - left_end) / (right_end - left_end) * width for cutoff in sorted(cutoffs)]
    places = spread(wanted, [text_width(name) + 1.5 for name in names], 0, width)
    top = page.panel(left, 0, width, head)
    for cutoff, name, place in zip(sorted(cutoffs), names, places, strict=True):
        axes.axvline(cutoff, color=QUIET, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        write(top, place, head - 0.8, name, ha="center", va="bottom", color=QUIET)
    return axes


def _draw_rows(
    page: Page, axes: Axes, lines: Sequence[Row], width: float, head: float, names: Sequence[str]
) -> None:
    """Draw bands, labels, dots and n, line by line."""
    ground = page.panel(0, 0, page.width, head + sum(line.height for line in lines))
    write(ground, page.width, head - 0.8, COUNT_HEAD, ha="right", va="bottom", multialignment="right")
    y = 0.0
    for place, line in enumerate(lines):
        middle = y + line.height / 2
        if place % 2 == 0:
            box(ground, 0, head + y, page.width, line.height, facecolor=BAND, edgecolor="none")
        write(ground, 0.8, head + middle, line.label)
        write(ground, page.width - 0.8, head + middle, line.n, ha="right", multialignment="right")
        _draw_dots(axes, line, middle, names, BAND if place % 2 == 0 else "white")
        y += line.height


def _draw_dots(axes: Axes, line: Row, middle: float, names: Sequence[str], ground: str) -> None:
    start = axes.get_xlim()[0] + 0.01 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    frame = {"facecolor": ground, "edgecolor": "none", "pad": 0.6}
    if len(set(line.dots)) == 1 and isinstance(line.dots[0], str):
        write(axes, start, middle, line.dots[0], style="italic", bbox=frame)
        return
    first = middle - STEP * (len(line.dots) - 1) / 2
    for place, (dot, name, (colour, marker)) in enumerate(zip(line.dots, names, MARKS, strict=False)):
        y = first + STEP * place
        if isinstance(dot, str):
            write(axes, start, y, f"{name}: {dot}", style="italic", bbox=frame)
            continue
        estimate, low, high = dot
        if pd.notna(low) and pd.notna(high):
            rule(axes, (low, high), (y, y), color=colour, linewidth=1.1)
        axes.plot(
            [estimate],
            [y],
            marker=marker,
            color=colour,
            markersize=4.2,
            linestyle="none",
            markeredgecolor="white",
            markeredgewidth=0.4,
            zorder=3,
            clip_on=False,
        )


def _legend(names: Sequence[str], room: float) -> list[tuple[float, int, str]]:
    """Place the names of the coefficients in lines of text: (mm from left, line, name)."""
    placed: list[tuple[float, int, str]] = []
    x, line = 0.0, 0
    for name in names:
        text = wrap(name, room - 5).replace("\n", " ")
        if x and x + 5 + block_width(text) > room:
            x, line = 0.0, line + 1
        placed.append((x, line, text))
        x += 5 + block_width(text) + 5
    return placed


def _draw_legend(axes: Axes, legend: list[tuple[float, int, str]]) -> None:
    for (x, line, name), (colour, marker) in zip(legend, MARKS, strict=False):
        y = (line + 0.5) * line_height() * 1.2
        rule(axes, (x, x + 4), (y, y), color=colour, linewidth=1.1)
        axes.plot(
            [x + 2],
            [y],
            marker=marker,
            color=colour,
            markersize=4.2,
            markeredgecolor="white",
            markeredgewidth=0.4,
        )
        write(axes, x + 5, y, name)
