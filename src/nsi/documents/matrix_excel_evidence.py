"""The sheet of evidence in a workbook: one row per segment, with a link back to the cell that rests on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from nsi.documents import workbook
from nsi.documents.matrix_excel_rows import MOST_LINKS, Rows, look
from nsi.documents.matrix_parts import Cell, Segment, ShownMatrix
from nsi.documents.matrix_shown import CONTRARY, segment_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openpyxl.worksheet.worksheet import Worksheet

WIDTHS = {"Cell": 12.0, "Row": 20.0, "Column": 22.0, "No.": 7.0, "Stance": 11.0, "Text": 80.0, "Document": 16.0,
          "Place": 12.0, "Source type": 14.0, "Date": 12.0, "Coders": 12.0, "Agreed": 9.0, "Code": 18.0,
          "Speaker": 16.0, "Coded on": 12.0, "Segment": 14.0}  # fmt: skip
SAID = ("Text", "Speaker")
CONTINUED = "(continued)"
MOST_NOTED, LONGEST_NOTED = 5, 160  # segments in a note, and characters of each; the sheet holds all of them


@dataclass(frozen=True)
class EvidenceRows:
    """Rows of the sheet of evidence, and the row in which each cell's segments begin."""

    rows: Rows
    first: dict[str, int]


def evidence_rows(sheet: Worksheet, matrix: ShownMatrix, places: Mapping[str, str], *, quoted: bool) -> EvidenceRows:
    """Lay out the sheet of evidence and make its rows.

    Parameters
    ----------
    sheet : Worksheet
        Empty.
    matrix : ShownMatrix
        The matrix.
    places : mapping
        A cell's place in the matrix to where it stands in the workbook, such as ``matrix!C5``.
    quoted : bool
        Whether to write what segments say, and who said it.

    Returns
    -------
    EvidenceRows
        Cell by cell, contrary segments first. Each row links to its cell; where Excel could not hold as many links,
        only the first row of a cell does, and the others name it.
    """
    names = [name for name in WIDTHS if quoted or name not in SAID]
    workbook.lay_out(sheet, [WIDTHS[name] for name in names], frozen="D2")
    workbook.put_header(sheet, 1, names)
    sheet.page_setup.fitToWidth, sheet.print_title_cols = 2, "A:C"
    kept = [number for number, name in enumerate(WIDTHS) if name in names]
    lines: list[list[str]] = []
    first: dict[str, int] = {}
    links: list[tuple[int, str, bool]] = []
    for cell in matrix.cells.values():
        for segment in cell.segments:
            links.append((len(lines) + 2, places[cell.place], cell.place not in first))
            first.setdefault(cell.place, len(lines) + 2)
            lines += [[line[number] for number in kept] for line in _lines(cell, segment, places[cell.place])]
    looks = [look(sheet, link=True), *[look(sheet)] * (len(names) - 1)]
    every = len(links) <= MOST_LINKS
    chosen = [(f"{get_column_letter(1)}{row}", place) for row, place, begins in links if every or begins]
    if lines:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(lines) + 1}"
    workbook.protect(sheet)
    return EvidenceRows(Rows(sheet, looks, list(lines), chosen), first)


def _lines(cell: Cell, segment: Segment, place: str) -> Iterator[list[str]]:
    """Rows of one segment: more than one where its text is longer than a cell can hold."""
    stance = segment.stance.upper() if segment.stance == CONTRARY else segment.stance
    about = [segment.document, segment.place, segment.source_type, segment.date, segment.coders, segment.agreed,
             segment.code, segment.speaker, segment.coded_on, segment.segment]  # fmt: skip
    for number, part in enumerate(workbook.pieces(segment.text)):
        more = f" {CONTINUED}" if number else ""
        yield [place, cell.row_label, cell.column_label, f"{segment.number}{more}", stance, part, *about]


def note(cell: Cell) -> str:
    """Text of the note at a cell: what it rests on, and its first segments in short."""
    told = [f"{cell.name}: {cell.support}", *([cell.stale] if cell.stale else [])]
    for segment in cell.segments[:MOST_NOTED]:
        text = " ".join(segment.text.split())
        short = text if len(text) <= LONGEST_NOTED else f"{text[:LONGEST_NOTED]}… (whole in the sheet of evidence)"
        told.append(f"{segment_line(segment)}{f': {short}' if short else ''}")
    rest = len(cell.segments) - MOST_NOTED
    return "\n".join([*told, *([f"and {rest:,} more in the sheet of evidence"] if rest > 0 else [])])
