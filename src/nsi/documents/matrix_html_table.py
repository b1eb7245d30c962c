"""The grid of a matrix as an HTML table: heads that say what they head, cells that say what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from nsi.documents.matrix_html_text import attribute, block, inline, text
from nsi.documents.matrix_parts import Cell, Line, ShownMatrix

MANY = 9  # columns; more do not fit a sheet of paper, so that on paper each row becomes a list


def table_html(matrix: ShownMatrix) -> str:
    """Return the table of a matrix.

    Parameters
    ----------
    matrix : ShownMatrix
        Rows, columns and cells in the order in which they are to stand.

    Returns
    -------
    str
        ``<table id="matrix">`` in a region that scrolls. A cell has its place as id, such as ``r3_c5``, and, where
        segments lie in it, a link to ``#e_r3_c5``.
    """
    many = ' class="many"' if len(matrix.columns) > MANY else ""
    lines = [
        '<div class="wide" role="region" aria-labelledby="caption" tabindex="0">',
        f'<table id="matrix"{many}>',
        f'<caption id="caption"><span>{_caption(matrix)}</span></caption>',
        f"<thead>\n{''.join(_heads(matrix))}</thead>",
        *_body(matrix),
        "</table>\n</div>",
    ]
    return "\n".join(lines)


def _caption(matrix: ShownMatrix) -> str:
    stamp = f"<strong>{inline(matrix.stamp)}.</strong> " if matrix.stamp else ""
    rows = f" Rows: {inline(matrix.row_title)}." if matrix.row_title else ""
    columns = f" Columns: {inline(matrix.column_title)}." if matrix.column_title else ""
    return f"{stamp}{inline(matrix.title)}.{rows}{columns}"


def _heads(matrix: ShownMatrix) -> Iterator[str]:
    grouped = any(column.above for column in matrix.columns)
    deep = ' rowspan="2"' if grouped else ""
    title = block(matrix.row_title)
    corner = f'<th scope="col"{deep}>{title}</th>' if title else f"<td{deep}></td>"
    if grouped:
        spans = [(name, len(list(found))) for name, found in groupby(column.above for column in matrix.columns)]
        cells = [f'<th scope="colgroup" colspan="{n}">{block(name)}</th>' if name else f'<td colspan="{n}"></td>'
                 for name, n in spans]  # fmt: skip
        yield f"<tr>{corner}{''.join(cells)}</tr>\n"
        corner = ""
    heads = [_column_head(column, number) for number, column in enumerate(matrix.columns, start=1)]
    yield f"<tr>{corner}{''.join(heads)}</tr>\n"


def _column_head(column: Line, number: int) -> str:
    defined = f'<p class="small"><a href="#k{number}">definition</a></p>' if column.more else ""
    return (
        f'<th scope="col" data-column="{attribute(column.id)}">{block(column.label)}{defined}'
        f"{block(column.mark, 'small')}</th>"
    )


def _body(matrix: ShownMatrix) -> Iterator[str]:
    """Yield one ``<tbody>`` per band, its rows with their cells."""
    for band, rows in groupby(matrix.rows, key=lambda row: row.above):
        yield "<tbody>"
        if band:
            head = f'<th scope="rowgroup" colspan="{len(matrix.columns) + 1}">{block(band)}</th>'
            yield f'<tr class="band">{head}</tr>'
        for row in rows:
            yield f'<tr data-row="{attribute(row.id)}">{_row_head(row)}'
            for column in matrix.columns:
                label = column.label if len(matrix.columns) > MANY else ""
                yield _cell(matrix.cells[row.id, column.id], label)
            yield "</tr>"
        yield "</tbody>"


def _row_head(row: Line) -> str:
    order = f'<p class="small">ordered by {text(row.more)}</p>' if row.more else ""
    mark = block(f"\u25b3 {row.mark}" if row.mark else "", "flag small")
    return f'<th scope="row">{block(row.label)}{order}{mark}</th>'


def _cell(cell: Cell, label: str) -> str:
    """Write what a cell shows, its state, a link to what it rests on, and what somebody wrote about it."""
    wrote = " ".join(part for part in (cell.by, cell.on) if part)
    parts = [
        block(label, "paper small"),
        block(cell.headline, "shown"),
        block(cell.state_words, "small"),
        block(cell.rating, "small"),
        evidence_link(cell) if cell.segments else block(cell.counts, "small"),
        "" if cell.shows_summary else block(cell.summary),
        block(f"written by {wrote}" if wrote and cell.summary else "", "small"),
        block(cell.stale, "flag small"),
    ]
    return f'<td id="{cell.place}" class="{cell.state}">{"".join(parts)}</td>'


def evidence_link(cell: Cell) -> str:
    """Return the link from a cell to the list of its segments."""
    return f'<p><a href="#e_{cell.place}">{text(cell.counts)}</a></p>'
