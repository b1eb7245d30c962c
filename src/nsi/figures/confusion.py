"""Confusion table: where two codings of the same units agree, and which codes they take for each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import (
    percent,
    require_codes,
    require_columns,
    require_counts,
    require_labels,
    require_order,
)
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.lettering import balanced, block_height, line_height, text_width, wrap
from nsi.figures.page import MARGIN, box, new_page, rule, write
from nsi.figures.style import HEADING, INK, NARROW, SEQUENTIAL, WHITE, WIDE, house_style, text_on

CELL = 10.5  # mm, a comfortable cell
LEAST = 9.5  # mm, the narrowest cell that holds "100%"
MOST = 16.0  # mm
SIDE = 3.5  # mm for the turned title of the rows, more where it has several lines


@house_style()
def confusion(
    table: pd.DataFrame,
    *,
    codes: Sequence[str],
    labels: Mapping[str, str],
    row_title: str,
    column_title: str,
    title: str,
    note: str,
) -> Figure:
    """Draw a square table of counts as a heat map with n and row per cent in every cell.

    Parameters
    ----------
    table : DataFrame
        One row per pair of codes, columns ``row``, ``column`` (codes) and ``n`` (whole number). Absent pairs
        are 0.
    codes : sequence of str
        2 to 12 codes in codebook order, for rows and columns alike.
    labels : mapping of str to str
        Code to printed label.
    row_title, column_title : str
        Who or what coded the rows and the columns.
    title, note : str
        The statement above and the reading aid below.

    Returns
    -------
    Figure
        84 mm wide if comfortable cells fit, else 174 mm. Colour is the row share, the diagonal is outlined,
        margins give the totals. A row without units has no shares: it prints "–".

    Raises
    ------
    StudyError
        If a column is missing, a code is unknown, a count is not a whole number from 0 up, a pair stands
        twice, or there are fewer than 2 or more than 12 codes.
    """
    counts = _counts(table, codes)
    require_labels(labels, codes, what="codes of the confusion table")
    words = [labels[code] for code in codes]
    side, width, stub, cell, tall = _layout(words, row_title)
    heads = fit_headings(words, cell)
    top = (
        block_height(wrap(column_title, _span(cell, codes), HEADING, bold=True), HEADING)
        + 1
        + heads.height
        + 1
    )
    rows = [*[tall] * len(codes), line_height() + 3]
    height = max(top + sum(rows), block_height(wrap(row_title, sum(rows), HEADING, bold=True), HEADING))
    page = new_page(width, height + 0.5, title=title, note=note)
    axes = page.panel(0, 0, page.width, height + 0.5)
    _frame(axes, words, (row_title, column_title), heads, top, side, stub, cell, tall)
    _cells(axes, counts, top, side + stub, cell, tall)
    return page.figure


def _counts(table: pd.DataFrame, codes: Sequence[str]) -> list[list[int]]:
    """Check the table and give n as rows of columns, in the order of the codes."""
    require_order(codes, what="codes of the confusion table")
    if not 2 <= len(codes) <= 12:
        raise StudyError(
            f"a confusion table of {len(codes)} codes cannot be drawn, 2 to 12 can; merge rare codes first"
        )
    require_columns(table, ["row", "column", "n"], table="confusion table")
    numbers = require_counts(table, "n", table="confusion table")
    for column in ("row", "column"):
        require_codes(table[column], codes, table="confusion table")
    twice = table.duplicated(["row", "column"])
    if twice.any():
        one, other = table.loc[twice, ["row", "column"]].iloc[0]
        raise StudyError(
            f"confusion table: the pair '{one}', '{other}' stands twice; sum n to one row per pair first"
        )
    known = {
        (row, column): int(n) for row, column, n in zip(table["row"], table["column"], numbers, strict=True)
    }
    return [[known.get((row, column), 0) for column in codes] for row in codes]


def _layout(words: Sequence[str], row_title: str) -> tuple[float, float, float, float, float]:
    """Choose width of the turned title, of page, row labels and a cell, and height of a row, all in mm."""
    side = SIDE
    while True:
        width, stub, cell = _measures(words, side)
        labels = (block_height(wrap(word, stub - 1.5)) + 1.5 for word in words)
        tall = max(cell * 0.8, 2 * line_height() + 1.5, *labels)
        needed = SIDE + block_height(_turned(row_title, words, tall), HEADING) - line_height(HEADING)
        if needed <= side + 1e-9:
            return side, width, stub, cell, tall
        side = needed  # a wider title leaves less for the cells, which may then be less tall


def _turned(row_title: str, words: Sequence[str], tall: float) -> str:
    return balanced(row_title, tall * (len(words) + 1), HEADING, bold=True)


def _measures(words: Sequence[str], side: float) -> tuple[float, float, float]:
    """Choose page width, width of the row labels, and width of a cell, all in mm."""
    longest = max(text_width(word) for word in words)
    part = max(text_width(piece) for word in words for piece in word.split())
    for width in (NARROW, WIDE):
        room = width - 2 * MARGIN - side
        stub = min(longest + 1.5, max(part + 1.5, room * 0.25), room - LEAST * (len(words) + 1))
        cell = (room - stub) / (len(words) + 1)
        if cell >= CELL:
            break
    return width, stub, min(cell, MOST)


def _span(cell: float, codes: Sequence[str]) -> float:
    return cell * (len(codes) + 1)


def _frame(
    axes: Axes,
    words: Sequence[str],
    titles: tuple[str, str],
    heads: Headings,
    top: float,
    side: float,
    stub: float,
    cell: float,
    tall: float,
) -> None:
    """Write titles, headings and row labels around the cells."""
    left, span, depth = side + stub, cell * len(words), tall * len(words)
    room = span + cell
    write(axes, left, 0, wrap(titles[1], room, HEADING, bold=True), size=HEADING, weight="bold", va="top")
    write(
        axes,
        0,
        top + depth / 2,
        _turned(titles[0], words, tall),
        size=HEADING,
        weight="bold",
        rotation=90,
        ha="left",
        va="center",
        multialignment="center",
    )
    heads.draw(axes, [left + cell * (place + 0.5) for place in range(len(words))], top - 1)
    write(axes, left + span + cell / 2, top - 1, "All", ha="center", va="bottom", weight="bold")
    for place, word in enumerate(words):
        write(
            axes,
            left - 1.2,
            top + tall * (place + 0.5),
            wrap(word, stub - 1.5),
            ha="right",
            multialignment="right",
        )
    write(axes, left - 1.2, top + depth + line_height() / 2 + 1.5, "All", ha="right", weight="bold")


def _cells(axes: Axes, counts: list[list[int]], top: float, left: float, cell: float, tall: float) -> None:
    """Fill the cells, outline the diagonal, and print the totals at right and below."""
    size = len(counts)
    for row, line in enumerate(counts):
        whole = sum(line)
        y = top + tall * row
        for column, n in enumerate(line):
            fill = SEQUENTIAL(n / whole) if whole else WHITE
            box(axes, left + cell * column, y, cell, tall, facecolor=fill, edgecolor=WHITE)
            write(
                axes,
                left + cell * (column + 0.5),
                y + tall / 2,
                f"{n:,}\n{percent(n, whole)}",
                ha="center",
                multialignment="center",
                color=text_on(fill),
                weight="bold" if row == column else "normal",
            )
        write(axes, left + cell * (size + 0.5), y + tall / 2, f"{whole:,}", ha="center", weight="bold")
    foot = top + tall * size + line_height() / 2 + 1.5
    for column in range(size):
        n = sum(line[column] for line in counts)
        write(axes, left + cell * (column + 0.5), foot, f"{n:,}", ha="center", weight="bold")
    write(axes, left + cell * (size + 0.5), foot, f"{sum(map(sum, counts)):,}", ha="center", weight="bold")
    box(axes, left, top, cell * size, tall * size, edgecolor=INK, linewidth=0.5)
    for place in range(size):
        box(axes, left + cell * place, top + tall * place, cell, tall, edgecolor=INK, linewidth=1.6, zorder=3)
    rule(axes, (left, left + cell * (size + 1)), (foot + line_height() / 2 + 0.7,) * 2)
