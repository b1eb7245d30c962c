"""A matrix as an Excel workbook: cells that lead to their evidence and back, and summaries that can be edited."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink

from nsi.documents import workbook
from nsi.documents.matrix_excel_evidence import evidence_rows, note
from nsi.documents.matrix_excel_rows import with_rows
from nsi.documents.matrix_excel_summaries import SUMMARIES, issued_rows, summary_rows
from nsi.documents.matrix_issued import issued_texts
from nsi.documents.matrix_parts import Cell, Line, MatrixParts, ShownMatrix
from nsi.documents.matrix_shown import given_lines, shown_matrix
from nsi.documents.matrix_word_xml import BAND, HEAD, LINK, SHADING

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MATRIX, EVIDENCE, ABOUT, ISSUED = "matrix", "evidence", "about", "issued"
ROW_HEAD, WIDE, NARROW = 28.0, 30.0, 24.0  # widths of columns; narrow where there are many
ON_A_PAGE = 6  # columns beside each other in print
GROUPS, HEADS = 3, 4  # rows of the headers
MORE = f"\n[goes on in the sheet {SUMMARIES}]"
UPPER = Border(left=workbook.THIN, right=workbook.THIN, top=workbook.THIN)
LINKED = Font(name=workbook.FONT, size=11, bold=True, color=LINK, underline="single")
LOWER = Border(left=workbook.THIN, right=workbook.THIN, bottom=workbook.THIN)
NOTE_WIDTH, NOTE_HEIGHT = 420, 240  # points


def matrix_excel(matrix: MatrixParts, *, evidence: str = "full") -> bytes:
    """Write a matrix as an Excel workbook.

    Parameters
    ----------
    matrix : MatrixParts
        The matrix.
    evidence : str
        full: with what segments say; counts: without their words and speakers, whose documents, dates and coders
        stay.

    Returns
    -------
    bytes
        An .xlsx with the sheets matrix, evidence, summaries and about; equal input gives equal bytes. No cell holds
        a formula. Every cell that rests on segments has a note, and links to its first row of evidence, which links
        back. A text that is longer than a cell can hold goes on in the next row. `nsi.readers.summaries` reads the
        sheet of summaries back.

    Raises
    ------
    StudyError
        If the matrix lacks a cell, `evidence` is another word, or there are more rows than a sheet can have.
    """
    prepared = shown_matrix(matrix, evidence)
    book = Workbook()
    grid = book.worksheets[0]
    grid.title = MATRIX
    listed, edited, about, issued = (book.create_sheet(name) for name in (EVIDENCE, SUMMARIES, ABOUT, ISSUED))
    rows = {row.id: number for number, _, row in _numbered(prepared) if row}
    across = {column.id: get_column_letter(number) for number, column in enumerate(prepared.columns, start=2)}
    places = {cell.place: f"{MATRIX}!{across[cell.column]}{rows[cell.row]}" for cell in prepared.cells.values()}
    found = evidence_rows(listed, prepared, places, quoted=evidence == "full")
    _write_grid(grid, prepared, found.first)
    _write_about(about, prepared, quoted=evidence == "full")
    for sheet in book.worksheets:
        header = HeaderFooterItem()
        header.right.text = prepared.stamp.replace("&", "&&")  # alone it begins a field
        sheet.HeaderFooter.oddHeader = header
    texts = issued_texts(prepared)
    filled = [found.rows, summary_rows(edited, texts), issued_rows(issued, prepared, texts)]
    return with_rows(workbook.workbook_bytes(book, prepared.title), filled, book.worksheets)


def _numbered(matrix: ShownMatrix) -> Iterator[tuple[int, str, Line | None]]:
    """Rows of the sheet below the headers: number, and a band or a row of the matrix, which takes two."""
    number = HEADS + 1
    for band, rows in groupby(matrix.rows, key=lambda row: row.above):
        if band:
            yield number, band, None
            number += 1
        for row in rows:
            yield number, "", row
            number += 2


def _write_grid(sheet: Worksheet, matrix: ShownMatrix, first: dict[str, int]) -> None:
    n_columns = len(matrix.columns)
    width = WIDE if n_columns <= ON_A_PAGE else NARROW
    workbook.lay_out(sheet, [ROW_HEAD, *[width] * n_columns], frozen=f"{get_column_letter(2)}{HEADS + 1}")
    sheet.print_title_rows, sheet.print_title_cols = f"{GROUPS}:{HEADS}", "A:A"
    sheet.page_setup.fitToWidth = -(-n_columns // ON_A_PAGE)
    told = [matrix.stamp, "Underlined cells lead to their evidence.", f"Edit summaries in the sheet {SUMMARIES}."]
    _unwrapped(sheet, 1, matrix.title, 14)
    _unwrapped(sheet, 2, " · ".join(text for text in told if text), 11)
    _write_heads(sheet, matrix)
    number = HEADS
    for number, band, row in _numbered(matrix):
        if row is None:
            _fill_row(sheet, number, [band, *[""] * n_columns], BAND)
        else:
            _write_row(sheet, number, row, [matrix.cells[row.id, column.id] for column in matrix.columns], first)
    if matrix.note:
        _unwrapped(sheet, number + 3, matrix.note, 11)
    workbook.protect(sheet)


def _write_row(sheet: Worksheet, number: int, row: Line, cells: list[Cell], first: dict[str, int]) -> None:
    """Write a row of the matrix as two of the sheet: what cells show, which can be clicked, and the rest below it.

    Some spreadsheet programs show a text with a link on one line, however long it is.
    """
    told = (f"ordered by {row.more}" if row.more else "", f"\u25b3 {row.mark}" if row.mark else "")
    upper = [row.label, *(given_lines(cell)[0] for cell in cells)]
    lower = ["\n".join(text for text in told if text), *("\n".join(_below(cell)) for cell in cells)]
    fills = [_fill(HEAD), *(_fill(SHADING[cell.state]) for cell in cells)]
    for below, texts in enumerate((upper, lower)):
        whole = [workbook.first_and_rest(text, MORE)[0] for text in texts]
        for column, (text, fill) in enumerate(zip(whole, fills, strict=True), start=1):
            target = workbook.put(sheet, number + below, column, text, bold=not below, fill=fill)
            target.border = LOWER if below else UPPER
        workbook.fit_height(sheet, number + below, dict(enumerate(whole, start=1)))
    for column, cell in enumerate(cells, start=2):
        if cell.place in first:
            _lead_to_evidence(sheet, number, column, cell, first[cell.place])


def _below(cell: Cell) -> list[str]:
    return [*given_lines(cell)[1:], *([cell.summary] if cell.summary else [])]


def _lead_to_evidence(sheet: Worksheet, row: int, column: int, cell: Cell, evidence: int) -> None:
    target = sheet.cell(row, column)
    place = f"{EVIDENCE}!A{evidence}"
    target.hyperlink = Hyperlink(ref=target.coordinate, location=place, tooltip="to its evidence")
    target.font = LINKED
    told = workbook.LOOKS_ESCAPED.sub("_x005F_", workbook.first_and_rest(note(cell), "…")[0])
    target.comment = Comment(told, "Evidence", height=NOTE_HEIGHT, width=NOTE_WIDTH)


def _write_heads(sheet: Worksheet, matrix: ShownMatrix) -> None:
    groups = [text if number == 0 else "" for text, found in groupby(matrix.columns, key=lambda column: column.above)
              for number, _ in enumerate(found)]  # fmt: skip
    _fill_row(sheet, GROUPS, ["", *groups], HEAD)
    heads = ["\n".join(text for text in (column.label, column.mark) if text) for column in matrix.columns]
    _fill_row(sheet, HEADS, [matrix.row_title, *heads], HEAD)


def _fill_row(sheet: Worksheet, row: int, texts: list[str], colour: str) -> None:
    whole = [workbook.first_and_rest(text, MORE)[0] for text in texts]
    for column, text in enumerate(whole, start=1):
        workbook.put(sheet, row, column, text, bold=True, fill=_fill(colour), border=True)
    workbook.fit_height(sheet, row, dict(enumerate(whole, start=1)))


def _write_about(sheet: Worksheet, matrix: ShownMatrix, *, quoted: bool) -> None:
    workbook.lay_out(sheet, [34.0, 100.0])
    lines = [
        ("Title", matrix.title), ("Data", matrix.stamp), ("Note", matrix.note), ("Rows", matrix.row_title),
        ("Columns", matrix.column_title),
        (f"Sheet {EVIDENCE}", "One row per segment, contrary ones first; the first column leads back to the cell."),
        ("", "" if quoted else "What segments say, and who said it, is not in this workbook."),
        (f"Sheet {SUMMARIES}", "Edit the yellow cells: the text, and who edited it. Rows may be sorted, but not "
         "added, copied or removed; all other sheets are computed and are not read back."),
    ]  # fmt: skip
    row = 0
    for name, text in lines:
        for number, part in enumerate(workbook.pieces(text) if text else []):
            row += 1
            _write_line(sheet, row, f"{name} (continued)" if number else name, part, "FFFFFF")
    for state, words, meaning in matrix.legend():
        row += 1
        _write_line(sheet, row, words, meaning, SHADING[state])
    for column in matrix.columns:
        row += 1
        _write_line(sheet, row, column.label, "\n".join(text for text in (column.mark, column.more) if text), HEAD)
    workbook.protect(sheet)


def _write_line(sheet: Worksheet, row: int, name: str, text: str, colour: str) -> None:
    texts = [workbook.first_and_rest(part, "…")[0] for part in (name, text)]
    workbook.put(sheet, row, 1, texts[0], bold=True, fill=_fill(colour), border=True)
    workbook.put(sheet, row, 2, texts[1], border=True)
    workbook.fit_height(sheet, row, dict(enumerate(texts, start=1)))


def _unwrapped(sheet: Worksheet, row: int, text: str, size: int) -> None:
    cell = workbook.put(sheet, row, 1, workbook.first_and_rest(text, "…")[0])
    cell.alignment = Alignment(vertical="top")  # it runs over the empty cells to its right
    cell.font = Font(name=workbook.FONT, size=size, bold=True)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour)
