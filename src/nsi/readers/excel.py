"""Sheets of an Excel workbook as text: numbers, dates and truth values as one would type them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain

from nsi.errors import StudyError, listed, shown
from nsi.readers.export_frame import Export, framed, refuse_names
from nsi.readers.qualtrics import asked, header_rows, refuse_headers_again
from nsi.readers.sheet_rows import PLACE, Row, SheetRows, column_letters, column_number
from nsi.readers.workbook_parts import Workbook, opened
from nsi.readers.workbook_xml import DamagedPart

# What zipfile, zlib and a changed part of the XML give rise to.
DAMAGE = (DamagedPart, zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, KeyError, IndexError,
          OverflowError, NotImplementedError, RuntimeError, OSError)  # fmt: skip


def read_excel_export(data: bytes, *, file: str, sheet: str = "") -> Export:
    """Read one sheet of a workbook as text.

    Parameters
    ----------
    data : bytes
        The .xlsx file.
    file : str
        Its name, for messages.
    sheet : str
        Its sheet; needed if more than one holds anything.

    Returns
    -------
    Export
        Header rows are one, or those of Qualtrics. Whole numbers are written as 4, others as the shortest text
        that gives the number back, dates as 2001-12-31 or 2001-12-31 09:13:22, truth values as TRUE and FALSE.
        A formula gives the result that was saved with it. Rows and columns that are hidden or filtered away are
        read like all others. Rows are numbered as Excel shows them; an empty row between others is a row of empty
        cells, empty rows and columns at the end are left out.

    Raises
    ------
    StudyError
        If it is no such workbook, is locked, damaged or too large, the sheet is not to be told, a cell shows an
        error or was not computed, cells are merged, or names of columns are missing or doubled.
    """
    try:
        book = opened(data, file)
        rows = SheetRows(book, _chosen(book, sheet))
        return _export(rows, f"{file}, sheet {rows.sheet},")
    except StudyError:
        raise
    except DAMAGE:
        raise StudyError(
            f"{file} is damaged, its sheets cannot be read; open it in Excel and save it as .xlsx again"
        ) from None


def _chosen(book: Workbook, sheet: str) -> str:
    """Return the declared sheet, or the only one that holds anything."""
    if sheet:
        if sheet not in book.sheets:
            raise StudyError(
                f"{book.file} has no sheet {shown(sheet)}, but {listed(map(shown, book.sheets), 20)}; correct sheet: "
                "in study.yml"
            )
        return sheet
    filled = [name for name in book.sheets if _holds_anything(book, name)]
    if not filled:
        raise StudyError(f"{book.file} has no sheet that holds anything; export it again")
    if len(filled) > 1:
        raise StudyError(
            f"{book.file} has {len(filled)} sheets that hold something: {listed(map(shown, filled), 20)}; declare "
            "which one in study.yml, as sheet:"
        )
    return filled[0]


def _holds_anything(book: Workbook, sheet: str) -> bool:
    try:
        return any(any(cells) for _, cells in SheetRows(book, sheet))
    except StudyError:  # of a cell that cannot be read, which only matters in the sheet that is meant
        return True


def _export(rows: SheetRows, told: str) -> Export:
    stream = _without_gaps(iter(rows))
    first = [name.strip() for name in next(stream, [])]
    if not any(first):
        raise StudyError(f"{told} row 1 is empty, but must hold the column names; remove the rows above them")
    width = len(first)
    headers = header_rows(chain([first], _padded(stream, width, 2, told)), told)
    refuse_names(headers.names, f"{told} row 1")
    body = refuse_headers_again(headers.rest, headers.first, told)
    frame = framed(headers.names, body, headers.first)
    if frame.empty:
        raise StudyError(f"{told} has {headers.first - 1} header rows, but no others; export it again")
    _refuse_merged(rows.merged, int(frame.index[-1]), width, told)
    return Export(frame, questions=asked(headers.names, headers))


def _without_gaps(rows: Iterator[Row]) -> Iterator[list[str]]:
    """Rows from the first to the last that holds anything, those in between that the sheet leaves out as empty."""
    done = 0
    for number, cells in rows:
        if cells:
            for _ in range(done, number - 1):
                yield []
            yield cells
            done = number


def _padded(rows: Iterator[list[str]], width: int, first: int, told: str) -> Iterator[list[str]]:
    for number, cells in enumerate(rows, start=first):
        if len(cells) > width:
            raise StudyError(
                f"{told} cell {column_letters(len(cells))}{number} holds something, but its column has no name in row "
                "1; name the column, or empty the cell"
            )
        yield cells + [""] * (width - len(cells))


def _refuse_merged(merged: list[str], last_row: int, width: int, told: str) -> None:
    for area in merged:
        corner = PLACE.fullmatch(area.partition(":")[0])
        if corner is None:
            raise DamagedPart
        if int(corner.group(2)) <= last_row and column_number(corner.group(1)) <= width:
            raise StudyError(
                f"{told} cells {area} are merged, so that only the first of them holds anything; unmerge them, and "
                "fill each"
            )
