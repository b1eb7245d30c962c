"""Delimited text to a frame of text: nothing is guessed, nothing is turned into missing, every row keeps its number."""

from __future__ import annotations

import csv
import io

import pandas as pd

from nsi.errors import StudyError, listed

ROW = "row"  # name of the index: the row as a spreadsheet shows it, the header being row 1


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
        Text in every cell, ``""`` where a cell is empty; "NA" and "None" stay what they are. The index is the row
        number as a spreadsheet shows it.

    Raises
    ------
    StudyError
        If the file is empty, cannot be decoded, has two columns of one name, or a row with more or fewer cells
        than the header.
    """
    content = _decoded(data, file, encoding)
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise StudyError(f"{file}: {error}; look for a quote that is opened and never closed") from None
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise StudyError(f"{file} is empty; the first row must hold the column names")
    header = [name.strip() for name in rows[0]]
    _check_header(header, file, separator)
    ragged = [number for number, cells in enumerate(rows, start=1) if len(cells) not in (0, len(header))]
    if ragged:
        number = ragged[0]
        raise StudyError(
            f"{file} row {number}: {len(rows[number - 1])} cells, but the header has {len(header)} "
            f"(rows affected: {listed(ragged)}); quote cells that hold '{separator}', or repair the row"
        )
    if len(rows) == 1:
        raise StudyError(f"{file} has a header but no rows; export it again")
    body = [cells or [""] * len(header) for cells in rows[1:]]  # a wholly empty line is a row without content
    index = pd.RangeIndex(2, len(rows) + 1, name=ROW)
    return pd.DataFrame(body, columns=pd.Index(header), index=index, dtype="str")


def _decoded(data: bytes, file: str, encoding: str) -> str:
    if not data.strip():
        raise StudyError(f"{file} is empty; the first row must hold the column names")
    if data.startswith(b"PK\x03\x04"):
        raise StudyError(f"{file} is an Excel or zip file, not delimited text; save it as 'CSV UTF-8'")
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        text = data.decode(name)
    except LookupError:
        raise StudyError(f"{file}: unknown encoding '{encoding}'; use utf-8, cp1252 or utf-16") from None
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"{file} row {row}: the byte 0x{data[error.start]:02X} is not {encoding} text; save the file as "
            "'CSV UTF-8', or declare its encoding in study.yml, for example encoding: cp1252"
        ) from None
    if "\x00" in text:
        raise StudyError(f"{file} holds NUL characters, so it is not {encoding} text; declare encoding: utf-16, perhaps")
    return text


def _check_header(header: list[str], file: str, separator: str) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise StudyError(f"{file} row 1: the column '{twice[0]}' stands twice; rename one of the two")
    other = next((mark for mark in (";", "\t", ",") if len(header) == 1 and mark != separator and mark in header[0]), None)
    if other:
        shown = "tab" if other == "\t" else other
        raise StudyError(f"{file} row 1: one column only, with '{shown}' in its name; declare separator: \"{shown}\"")
