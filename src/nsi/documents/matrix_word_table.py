"""The table of a matrix in Word: heads that are repeated, bands, and cells that say what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from nsi.documents import matrix_word_xml as xml
from nsi.documents.matrix_issued import NO_SUMMARY
from nsi.documents.matrix_parts import Cell, Line, ShownMatrix
from nsi.documents.matrix_shown import counted, given_lines

PAGE = 15_138  # width of the text on landscape A4 with margins of 15 mm, in twentieths of a point
ROW_HEAD = 1_900
MOST_WITH_TEXT, MOST = 7, 13  # columns beside each other: where summaries stand in cells, and where not
CELL, GIVEN, LISTED = 0, 1, 2  # kinds of bookmarks: at a cell, at its last given line, at its evidence
LONG = 500  # characters of a summary beyond which a row may be broken over two pages


def columns_per_table(matrix: ShownMatrix) -> list[list[Line]]:
    """Split the columns of a matrix so that each table fits a page."""
    written = any(cell.summary for cell in matrix.cells.values())
    n_columns, most = len(matrix.columns), MOST_WITH_TEXT if written else MOST
    size = -(-n_columns // max(1, -(-n_columns // most)))
    return [matrix.columns[start : start + size] for start in range(0, n_columns, size)]


def matrix_table(matrix: ShownMatrix, columns: list[Line], described: str) -> str:
    """Write the table of some columns of a matrix, with a description for those who cannot see it."""
    width = (PAGE - ROW_HEAD) // len(columns)
    widths = [ROW_HEAD, *[width] * len(columns)]
    return xml.table(widths, _rows(matrix, columns, width), title=matrix.title, description=described)


def _rows(matrix: ShownMatrix, columns: list[Line], width: int) -> Iterator[str]:
    corner = xml.paragraph("MatrixHead", xml.runs(matrix.row_title))
    grouped = any(column.above for column in columns)
    if grouped:
        groups = [(text, len(list(found))) for text, found in groupby(columns, key=lambda column: column.above)]
        heads = [xml.cell(width * n, xml.paragraph("MatrixHead", xml.runs(text)), shading=xml.HEAD, span=n)
                 for text, n in groups]  # fmt: skip
        first = xml.cell(ROW_HEAD, corner, shading=xml.HEAD, merge='<w:vMerge w:val="restart"/>')
        yield xml.table_row([first, *heads], header=True)
        corner = xml.paragraph("MatrixHead")
    first = xml.cell(ROW_HEAD, corner, shading=xml.HEAD, merge="<w:vMerge/>" if grouped else "")
    heads = [xml.cell(width, _head(column.label, column.mark), shading=xml.HEAD) for column in columns]
    yield xml.table_row([first, *heads], header=True)
    for band, rows in groupby(matrix.rows, key=lambda row: row.above):
        if band:
            named = xml.paragraph("MatrixHead", xml.runs(band), properties="<w:keepNext/>")
            whole = ROW_HEAD + width * len(columns)
            yield xml.table_row([xml.cell(whole, named, shading=xml.BAND, span=len(columns) + 1)])
        for row in rows:
            yield _row(row, [matrix.cells[row.id, column.id] for column in columns], width)


def _head(label: str, badge: str) -> str:
    return xml.paragraph("MatrixHead", xml.runs(label)) + (xml.lines("MatrixGiven", badge) if badge else "")


def _row(row: Line, cells: list[Cell], width: int) -> str:
    head = xml.paragraph("MatrixHead", xml.runs(row.label))
    head += xml.paragraph("MatrixGiven", xml.runs(f"ordered by {row.more}")) if row.more else ""
    head += xml.paragraph("MatrixGiven", xml.runs(f"\u25b3 {row.mark}")) if row.mark else ""
    filled = [xml.cell(width, _content(cell), shading=xml.SHADING[cell.state]) for cell in cells]
    whole = all(len(cell.summary) <= LONG and len(cell.shown) <= LONG for cell in cells)
    return xml.table_row([xml.cell(ROW_HEAD, head, shading=xml.HEAD), *filled], whole=whole)


def _content(cell: Cell) -> str:
    """Write a cell; bookmarks in the first and the last line that are given say which cell it is, and where they end.

    One bookmark over all of these lines would not do: some editors split it.
    """
    given = [xml.runs(line) for line in given_lines(cell)]
    if cell.segments:
        anchor = xml.link(f"evidence_{cell.place}", given_lines(cell)[0])
        given[0] = xml.commented(bookmark_number(cell, CELL), anchor)
    given[0] = xml.marked(bookmark_number(cell, CELL), f"cell_{cell.place}", given[0])
    given[-1] = xml.marked(bookmark_number(cell, GIVEN), f"given_{cell.place}", given[-1])
    styles = ["MatrixShown", *["MatrixGiven"] * (len(given) - 1)]
    paragraphs = [xml.paragraph(style, line) for style, line in zip(styles, given, strict=True)]
    return "".join(paragraphs) + (_summary(cell) if cell.takes_summary else "")


def _summary(cell: Cell) -> str:
    if cell.summary:
        return xml.lines("MatrixSummary", cell.summary)
    return xml.paragraph("MatrixSummary", xml.runs(NO_SUMMARY, f'<w:i/><w:color w:val="{xml.QUIET}"/>'))


def bookmark_number(cell: Cell, kind: int) -> int:
    """Number of one of a cell's bookmarks, or of its comment: no two of a kind have the same."""
    row, column = cell.place[1:].split("_c")
    return (int(row) * 20_000 + int(column)) * 4 + kind


def evidence_told(matrix: ShownMatrix) -> str:
    """Say how many cells rest on how many segments."""
    rated = [cell for cell in matrix.cells.values() if cell.segments]
    n_segments = sum(len(cell.segments) for cell in rated)
    return f"{len(rated):,} of {counted(len(matrix.cells), 'cell')} rest on {counted(n_segments, 'coded segment')}"
