"""Exports of Qualtrics: three header rows, or the two of its old format, told apart by what stands in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from nsi.errors import StudyError, shown
from nsi.readers.delimited import SPREADSHEETS, decoded, records
from nsi.readers.export_frame import Export, even, framed, refuse_names, refuse_uneven

ID = "ImportId"
ID_ROW = 3
LEGACY_ID = "responseid"  # what the old format writes in its second row, and the new one in English too


@dataclass(frozen=True)
class Headers:
    """Header rows, taken off a stream of rows.

    Attributes
    ----------
    names : list of str
        Names of columns, without blanks around them.
    questions : list of str or None
        Question texts; none where the first row is the only header.
    first : int
        Number of the first row of answers.
    rest : iterator
        The rows of answers.
    """

    names: list[str]
    questions: list[str] | None
    first: int
    rest: Iterator[list[str]]


def read_qualtrics(data: bytes, *, file: str, encoding: str = "utf-8", separator: str = ",") -> Export:
    """Read a csv export of Qualtrics as text, with the texts of its questions.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    encoding, separator : str
        As Qualtrics writes them, unless somebody saved the file again.

    Returns
    -------
    Export
        Every record is a row, header rows counted, however many lines its cells hold: so the first response
        stands in row 4, in row 3 of the old format. A last column without name and content is left out.

    Raises
    ------
    StudyError
        If header rows are not those of Qualtrics, a name is missing or stands twice, or the text is damaged.
    """
    if data.startswith(SPREADSHEETS):
        raise StudyError(
            f"{file} is an Excel or zip file, not csv; unpack it if Qualtrics packed it, or declare form: excel"
        )
    if not data.strip():
        raise StudyError(f"{file} is empty; export it again")
    rows = records(decoded(data, file, encoding, separator), file, separator)
    first = [name.strip() for name in next(rows)]
    if not any(first):
        raise StudyError(f"{file} row 1 is empty, but must hold the column names; remove the rows above them")
    _refuse_other_separator(first, file, separator)
    headers = header_rows(chain([first], rows), file)
    if headers.questions is None:
        raise StudyError(
            f"{file} has no header rows of Qualtrics: row 3 holds no ImportId, and row 2 no 'ResponseID' as in the old "
            "format; export it again as csv, or declare form: delimited if its first row is its only header"
        )
    names = headers.names
    refuse_names(names if names[-1] else names[:-1], f"{file} row 1")
    uneven: list[tuple[int, int]] = []
    body = even(headers.rest, len(names), headers.first, uneven)
    frame = framed(names, refuse_headers_again(body, headers.first, file), headers.first)
    refuse_uneven(uneven, len(names), file, separator)
    if frame.empty:
        raise StudyError(f"{file} has {headers.first - 1} header rows, but no responses; export it again")
    frame = frame if names[-1] else _without_last(frame, file)
    return Export(frame, questions=asked(names, headers))


def header_rows(rows: Iterator[list[str]], file: str) -> Headers:
    """Take the header rows off a stream of rows: three where the third holds ImportIds, else two, else one.

    Parameters
    ----------
    rows : iterator
        All rows; the first holds names of columns.
    file : str
        The file's name, for messages.

    Returns
    -------
    Headers
        Question texts are as long as the names.

    Raises
    ------
    StudyError
        If ImportIds stand in another row than the third, or beside something else, or a header row is
        longer or shorter than the first.
    """
    names = [name.strip() for name in next(rows)]
    top = [row for row in (next(rows, None), next(rows, None)) if row is not None]
    for number, row in enumerate([names, *top], start=1):
        if number != ID_ROW and any(map(_is_id, row)):
            raise StudyError(
                f"{file} row {number} holds the ImportIds that Qualtrics writes in row {ID_ROW}, so a row of column "
                "names or of question texts is missing above it; export it again"
            )
    if len(top) > 1 and any(map(_is_id, top[1])):
        other = next((place for place, cell in enumerate(top[1], 1) if cell.strip() and not _is_id(cell)), None)
        if other is not None:
            raise StudyError(
                f"{file} row {ID_ROW}: column {other} holds something else than an ImportId, but the row holds "
                "ImportIds; restore the header rows, or export it again"
            )
        _refuse_lengths(names, top, file)
        return Headers(names, top[0], 4, rows)
    if top and any("".join(cell.split()).casefold() == LEGACY_ID for cell in top[0]):
        _refuse_lengths(names, top[:1], file)
        return Headers(names, top[0], 3, chain(top[1:], rows))
    return Headers(names, None, 2, chain(top, rows))


def asked(names: Sequence[str], headers: Headers) -> dict[str, str]:
    """Return the question texts that are not empty, by column."""
    return {name: text for name, text in zip(names, headers.questions or [], strict=False) if text.strip()}


def refuse_headers_again(rows: Iterator[list[str]], first: int, file: str) -> Iterator[list[str]]:
    """Pass on rows of answers, and stop at a header row among them."""
    for number, row in enumerate(rows, start=first):
        if row and row[0].startswith("{") and _is_id(row[0]):
            raise StudyError(
                f"{file} row {number} holds ImportIds, as a header row does; keep the header rows at the top only, and "
                "one export in one file"
            )
        yield row


def _is_id(cell: str) -> bool:
    if not cell.lstrip().startswith("{") or ID not in cell:
        return False
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and ID in found


def _refuse_lengths(names: Sequence[str], below: Sequence[Sequence[str]], file: str) -> None:
    for number, row in enumerate(below, start=2):
        if len(row) != len(names):
            raise StudyError(
                f"{file} row {number}: {len(row)} cells, but row 1 has {len(names)}; header rows must be of one "
                "length; export it again"
            )


def _refuse_other_separator(names: Sequence[str], file: str, separator: str) -> None:
    for mark in (";", "\t", ","):
        if len(names) == 1 and mark != separator and mark in names[0]:
            told = "tab" if mark == "\t" else mark
            raise StudyError(
                f"{file} row 1: one column only, with {shown(told)} in its name, as when Excel saved it; declare "
                f'separator: "{told}"'
            )


def _without_last(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    filled = frame.index[frame.iloc[:, -1].str.strip() != ""]
    if len(filled):
        raise StudyError(
            f"{file} row {filled[0]}: the last column holds something, but has no name in row 1; name it, or delete it"
        )
    return frame.iloc[:, :-1]
