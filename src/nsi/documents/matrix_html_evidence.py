"""What each cell of a matrix rests on, as HTML lists that a cell links to: contrary first, one entry per segment."""

from __future__ import annotations

from collections.abc import Iterator

from nsi.documents.matrix_html_text import block, inline, text
from nsi.documents.matrix_parts import Cell, ShownMatrix
from nsi.documents.matrix_shown import CONTRARY, counted, segment_line

# Segments in cells. Beyond, a browser would lay out text for minutes: a list then opens when a link leads to it.
OPEN_UP_TO = 5_000


def evidence_html(matrix: ShownMatrix, *, quoted: bool) -> Iterator[str]:
    """Yield the lists of segments, cell by cell in the order of the table.

    Parameters
    ----------
    matrix : ShownMatrix
        Segments contrary first within each cell.
    quoted : bool
        Whether what was said stands there too.

    Yields
    ------
    str
        One ``<section id="e_r3_c5">`` per cell with segments, within one section per row. All of it is in the page;
        with more than 5,000 segments only the lists that a link led to are shown, by style alone.
    """
    n_segments = sum(len(cell.segments) for cell in matrix.cells.values())
    folded = n_segments > OPEN_UP_TO
    yield '<h2 id="evidence">Evidence</h2>'
    yield f'<p class="prose">{_told(n_segments, quoted, folded)}</p>'
    yield '<div id="all" class="folded">' if folded else '<div id="all">'
    for number, row in enumerate(matrix.rows, start=1):
        held = [cell for column in matrix.columns if (cell := matrix.cells[row.id, column.id]).segments]
        if held:
            yield f'<section class="row" id="e_r{number}"><h3>{text(row.label)}</h3>'
            if folded:
                n = sum(len(cell.segments) for cell in held)
                yield f'<p class="small"><a href="#e_r{number}">show the {counted(n, "segment")} of this row</a></p>'
            for cell in held:
                yield _section(cell)
            yield "</section>"
    yield "</div>"


def _told(n_segments: int, quoted: bool, folded: bool) -> str:
    if not n_segments:
        return "No cell rests on segments."
    told = "The segments beneath each cell, contrary evidence first, then by date."
    if not quoted:
        told += " What was said, and by whom, is not in this file: segments are named by id, document and place."
    if folded:
        told += (
            " There are many, so that only the lists which you open are shown, and printed: follow the link in a cell,"
            f' open a row below, or <a href="#all">show all {n_segments:,}</a>, which takes a while.'
        )
    return told


def _section(cell: Cell) -> str:
    entries = "".join(
        f'\n<li class="against"><small>\u25bc {text(segment_line(segment))}</small>{text(segment.text)}</li>'
        if segment.stance == CONTRARY
        else f"\n<li><small>{text(segment_line(segment))}</small>{text(segment.text)}</li>"
        for segment in cell.segments
    )
    state = f"{cell.state_words}; " if cell.state_words else ""
    return (
        f'<section class="e" id="e_{cell.place}"><h4>{inline(cell.row_label)}: {inline(cell.column_label)}</h4>'
        f'{block(cell.headline, "shown")}<p class="small">{text(state + cell.support)}; '
        f'<a href="#{cell.place}">back to the cell</a></p>{block(cell.stale, "flag small")}<ul>{entries}</ul></section>'
    )
