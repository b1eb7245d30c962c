"""The sheet of summaries in a workbook, for people to edit, and the hidden one that says what was issued."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from nsi.documents import workbook
from nsi.documents.matrix_excel_evidence import CONTINUED
from nsi.documents.matrix_excel_rows import Rows, look
from nsi.documents.matrix_issued import FORMAT, Issued
from nsi.documents.matrix_parts import ShownMatrix

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SUMMARIES = "summaries"
WIDTHS = {"key": 3.0, "Row": 22.0, "Column": 24.0, "Shown": 22.0, "Rests on": 34.0, "Text": 80.0, "Who": 14.0,
          "Written by": 14.0, "Written on": 12.0, "Stale": 24.0}  # fmt: skip
KEY, TEXT, WHO = "key", "Text", "Who"


def summary_rows(sheet: Worksheet, texts: list[Issued]) -> Rows:
    """Lay out the sheet of summaries and make its rows: one per cell, more where a text is longer than a cell can hold.

    Who is asked of an edit; who wrote the text as it stands is given beside.
    """
    workbook.lay_out(sheet, list(WIDTHS.values()), frozen="D2")
    workbook.put_header(sheet, 1, list(WIDTHS))
    lines: list[list[str]] = []
    for text in texts:
        cell = text.cell
        shown = "; ".join(part for part in ("" if cell.shows_summary else cell.headline, cell.state_words) if part)
        given = [cell.row_label, cell.column_label, workbook.pieces(shown)[0], cell.counts]
        for number, part in enumerate(workbook.pieces(cell.summary), start=1):
            row = [f"{given[0]} {CONTINUED}", *given[1:]] if number > 1 else given
            lines.append([f"{text.key}.{number}", *row, part, "", cell.by, cell.on, cell.stale])
    given_look, answer = look(sheet, fill=workbook.GIVEN), look(sheet, fill=workbook.ANSWER, answer=True)
    looks = [answer if name in (TEXT, WHO) else given_look for name in WIDTHS]
    sheet.column_dimensions[get_column_letter(1)].hidden = True
    if lines:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(WIDTHS))}{len(lines) + 1}"
    workbook.protect(sheet)
    return Rows(sheet, looks, list(lines))


def issued_rows(sheet: Worksheet, matrix: ShownMatrix, texts: list[Issued]) -> Rows:
    """Write, hidden, what the workbook is and what was issued under each key."""
    about = [FORMAT, json.dumps(matrix.name), SUMMARIES, KEY, TEXT, WHO]
    for row, told in enumerate(about, start=1):
        workbook.put(sheet, row, 1, told)
    lines = [[text.key, json.dumps(text.cell.row), json.dumps(text.cell.column), text.cell.name, text.shown,
              text.issued, str(len(workbook.pieces(text.cell.summary)))] for text in texts]  # fmt: skip
    sheet.sheet_state = "veryHidden"
    workbook.protect(sheet)
    return Rows(sheet, [look(sheet)] * 7, list(lines), tall=False)
