"""Delimited text to a frame of text: nothing guessed or turned into missing, every row with its number."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.readers.export_frame import ROW, even, framed, refuse_uneven

__all__ = ["ROW", "read_delimited"]

SPREADSHEETS = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
)  # how .xlsx and .xls files begin, whatever their name says
PIECE = 2**20  # characters
csv.field_size_limit(2**31 - 1)  # the default, 131,072 characters, is less than a transcript pasted into a cell


def read_delimited(data: bytes, *, file: str, encoding: str = "utf-8", separator: str = ",") -> pd.DataFrame:
    """Read a delimited text file as text.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    encoding : str
        How its characters are written; a byte order mark is accepted.
    separator : str
        What stands between two cells.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        Text in every cell, ``""`` where a cell is empty; "NA" and "None" stay what they are. The index is the
        row number as a spreadsheet shows it.

    Raises
    ------
    StudyError
        If the file is empty, cannot be decoded, has two columns of one name, or a row with more or fewer
        cells than the header.
    """
    rows = records(decoded(data, file, encoding, separator), file, separator)
    header = [name.strip() for name in next(rows)]
    if not any(header):
        raise StudyError(f"{file} row 1 is empty, but must hold the column names; remove the rows above them")
    _check_header(header, file, separator)
    uneven: list[tuple[int, int]] = []
    frame = framed(header, even(rows, len(header), 2, uneven), first=2)
    refuse_uneven(uneven, len(header), file, separator)
    if frame.empty:
        raise StudyError(f"{file} has a header but no rows; export it again")
    return frame


def records(content: str, file: str, separator: str) -> Iterator[list[str]]:
    """Split delimited text into rows of cells, one by one; a row is what a spreadsheet would show as one.

    Parameters
    ----------
    content : str
        The text of the file.
    file : str
        Its name, for messages.
    separator : str
        What stands between two cells.

    Yields
    ------
    list of str
        The cells of a row; none for an empty line.

    Raises
    ------
    StudyError
        Where a quote is opened and never closed, or stands inside a cell.
    """
    number = 0
    try:
        for cells in csv.reader(_lines(content), delimiter=separator, strict=True):
            number += 1
            yield cells
    except csv.Error as error:
        raise StudyError(
            f"{file} row {number + 1}: {error}; look for a quote that is opened and never closed, or that "
            "stands "
            "inside a cell without being doubled"
        ) from None


def _lines(content: str) -> Iterator[str]:
    """Lines with their ends; a text stream over the whole would hold it again, at four bytes a character."""
    start = 0
    while start < len(content):
        end = content.find("\n", start + PIECE) + 1 or len(content)
        yield from io.StringIO(content[start:end], newline="")
        start = end


def decoded(data: bytes, file: str, encoding: str, separator: str) -> str:
    """Decode a text file; the row is told where a byte is not of the encoding, and what to declare instead.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    encoding : str
        How its characters are written; a byte order mark is accepted.
    separator : str
        What stands between two cells.

    Returns
    -------
    str
        Its text, without a byte order mark.

    Raises
    ------
    StudyError
        If it is empty, a spreadsheet, or of another encoding.
    """
    if not data.strip():
        raise StudyError(f"{file} is empty; the first row must hold the column names")
    if data.startswith(SPREADSHEETS):
        raise StudyError(f"{file} is an Excel or zip file, not delimited text; save it as 'CSV UTF-8'")
    try:
        text = data.decode(encoding)
    except LookupError:
        raise StudyError(f"{file}: unknown encoding '{encoding}'; use utf-8, cp1252 or utf-16") from None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="ignore")
        row = sum(1 for _ in csv.reader(io.StringIO(f"{before}.", newline=""), delimiter=separator))
        likely = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "cp1252"
        raise StudyError(
            f"{file} row {row}: the byte 0x{data[error.start]:02X} is not {encoding} text; save the file as "
            f"'CSV UTF-8', or declare its encoding in study.yml, for example encoding: {likely}"
        ) from None
    if "\x00" in text:
        raise StudyError(
            f"{file} holds NUL characters, so it is not {encoding} text; declare encoding: utf-16, perhaps"
        )
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise StudyError(f"{file} is empty; the first row must hold the column names")
    return text


def _check_header(header: list[str], file: str, separator: str) -> None:
    nameless = [number for number, name in enumerate(header, start=1) if not name]
    if len(nameless) > 1:
        raise StudyError(f"{file} row 1: columns {listed(nameless)} have no name; name them, or delete them if empty")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise StudyError(f"{file} row 1: the column '{twice[0]}' stands twice; rename one of the two")
    other = next(
        (mark for mark in (";", "\t", ",") if len(header) == 1 and mark != separator and mark in header[0]),
        None,
    )
    if other:
        shown = "tab" if other == "\t" else other
        raise StudyError(f"{file} row 1: one column only, with '{shown}' in its name; declare separator: \"{shown}\"")
