"""Case matrix: cases in rows, the codes of every field in columns, shares printed in the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.figures.frames import whole_percent
from nsi.figures.lettering import text_width, wrap
from nsi.figures.matrix_data import MatrixData, matrix_data
from nsi.figures.matrix_layout import APART, CELL, LABEL, MEDIAN, Band, Block, Layout, N
from nsi.figures.page import MARGIN, box, joined, new_page, rule, write
from nsi.figures.style import (
    HEADING,
    INK,
    MAX_HEIGHT,
    NEUTRAL,
    QUIET,
    SEQUENTIAL,
    WHITE,
    WIDE,
    house_style,
    text_on,
)

HATCH = "/////"


@house_style()
def case_matrix(
    matrix: pd.DataFrame,
    *,
    case_order: Sequence[str],
    case_labels: Mapping[str, str],
    field_codes: Mapping[str, Mapping[str, str]],
    field_labels: Mapping[str, str],
    title: str,
    note: str,
    detail: bool | None = None,
    lead: Mapping[str, str] | None = None,
) -> Figure:
    """Draw cases against fields, with every share printed in its cell.

    In detail, a field takes one column per code (share in per cent) and, where medians are given, a column
    for the median before them; as many fields stand side by side as fit, the others below, with the cases
    repeated. In brief, a field takes one column: the median where there is one, else the share of one code,
    the one that most units of all cases together have (or that `lead` names), which the heading then names.
    One code for all cases, so that a column can be read down; a case's own top code could not be compared.

    Parameters
    ----------
    matrix : DataFrame
        One row per cell: ``case``, ``field``, ``code`` (missing in rows of medians), ``statistic`` (``share``
        or ``median``), ``value`` (share 0 to 1; median in the unit of the codes) and ``n`` (units of the case
        rated on the field, the same in all rows of a case and field). No row, or n = 0, means not rated. A
        code without a row counts as share 0 where the other codes sum to 1.
    case_order : sequence of str
        Cases from top to bottom, in an order that argues.
    case_labels : mapping of str to str
        Case to printed label.
    field_codes : mapping of str to mapping of str to str
        Fields from left to right, each with its codes in codebook order and their labels.
    field_labels : mapping of str to str
        Field to printed label.
    title, note : str
        The statement above and the reading aid below; how to read the cells is added to the note.
    detail : bool, optional
        Every code (True) or one column per field (False). By default every code if that fits on a page.
    lead : mapping of str to str, optional
        In brief: field to the code whose share is printed.

    Returns
    -------
    Figure
        174 mm wide. n stands beside the case where all its fields have the same, else first in every field.
        A case that was not rated on a field is hatched there, never blank.

    Raises
    ------
    StudyError
        If a column is missing, a case, field, code or statistic is unknown, a cell stands twice, a share is
        outside 0 to 1, n is not a whole number, or a field has more codes than fit side by side.
    """
    data = matrix_data(matrix, case_order, case_labels, field_codes, field_labels)
    names = [case_labels[case] for case in case_order]
    label = min(max(text_width(name) for name in names) + 2, LABEL)
    shared = all(data.common_n(case, list(field_codes)) is not None for case in case_order)
    ranges = [_range(data, case, list(field_codes)) for case in case_order]
    side = label + (max(CELL, *map(text_width, ranges)) + 2 if shared or detail is False else 0)
    make = Layout(data, case_order, names, label, WIDE - 2 * MARGIN - side, own_n=not shared)
    bands = make.detailed(field_codes, field_labels) if detail is not False else []
    if detail is None and sum(band.height for band in bands) > MAX_HEIGHT - 25:
        return case_matrix(
            matrix,
            case_order=case_order,
            case_labels=case_labels,
            field_codes=field_codes,
            field_labels=field_labels,
            title=title,
            note=note,
            detail=False,
            lead=lead,
        )
    if detail is False:
        bands = make.brief(field_codes, field_labels, lead or {})
    height = sum(band.height for band in bands) + 4 * (len(bands) - 1)
    reading = _reading(data, case_order, field_codes, bands)
    page = new_page(WIDE, height, title=title, note=joined(note, reading))
    top = 0.0
    for band in bands:
        panel = page.panel(0, top, page.width, band.height)
        _draw_band(panel, band, data, case_order, names, label, side)
        top += band.height + 4
    return page.figure


def _reading(
    data: MatrixData, cases: Sequence[str], fields: Mapping[str, object], bands: Sequence[Band]
) -> str:
    """Say how to read the cells, naming only what occurs."""
    kinds = {column.kind for band in bands for block in band.blocks for column in block.columns}
    parts = ["Numbers in shaded cells: % of the case’s units."] if "share" in kinds else []
    parts += ["Outlined: median."] if MEDIAN in kinds else []
    if any(not data.rated(case, field) for case in cases for field in fields):
        parts.append("Hatched: not rated.")
    return " ".join([*parts, "n: units rated."])


def _draw_band(
    axes: Axes,
    band: Band,
    data: MatrixData,
    cases: Sequence[str],
    names: Sequence[str],
    label: float,
    side: float,
) -> None:
    """Draw headings, then line by line the cases with their cells."""
    fields = [column.field for block in band.blocks for column in block.columns]
    if side > label:
        write(axes, side - 2, band.top - 1, N, ha="right", va="bottom")
    starts = []
    x = side
    for block, head in zip(band.blocks, band.heads, strict=True):
        starts.append(x)
        if block.heading:
            write(axes, x, 0, block.heading, size=HEADING, weight="bold", va="top")
        rule(axes, (x, x + block.width), (band.top - 0.5,) * 2)
        head.draw(
            axes, [x + block.column * (place + 0.5) for place in range(len(block.columns))], band.top - 1.2
        )
        x += block.width + APART
    y = band.top
    for case, name, tall in zip(cases, names, band.rows, strict=True):
        write(axes, 0, y + tall / 2, wrap(name, label - 2))
        if side > label:
            write(axes, side - 2, y + tall / 2, _range(data, case, fields), ha="right")
        for block, start in zip(band.blocks, starts, strict=True):
            _draw_cells(axes, block, data, case, start, y, tall)
        y += tall


def _range(data: MatrixData, case: str, fields: Sequence[str]) -> str:
    counts = sorted({data.counts.get((case, field), 0) for field in fields} - {0})
    if not counts:
        return "0"
    return f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,}–{counts[-1]:,}"


def _draw_cells(
    axes: Axes, block: Block, data: MatrixData, case: str, x: float, y: float, tall: float
) -> None:
    """Draw the cells of one case in one block: n plain, median outlined, share shaded, not rated hatched."""
    for place, column in enumerate(block.columns):
        left, middle = x + place * block.column, x + (place + 0.5) * block.column
        if column.kind == N:
            write(axes, middle, y + tall / 2, f"{data.counts.get((case, column.field), 0):,}", ha="center")
        elif not data.rated(case, column.field):
            box(axes, left, y, block.column, tall, edgecolor=NEUTRAL, hatch=HATCH, linewidth=0)
        elif column.kind == MEDIAN:
            box(axes, left + 0.5, y + 0.5, block.column - 1, tall - 1, edgecolor=QUIET)
            write(
                axes,
                middle,
                y + tall / 2,
                f"{data.medians[case, column.field]:.3g}",
                ha="center",
                weight="bold",
            )
        else:
            share = data.shares[case, column.field, column.code]
            fill = SEQUENTIAL(share)
            box(axes, left, y, block.column, tall, facecolor=fill, edgecolor=WHITE)
            write(axes, middle, y + tall / 2, whole_percent(share), ha="center", color=text_on(fill))
    box(axes, x, y, block.width, tall, edgecolor=INK, linewidth=0.3)
