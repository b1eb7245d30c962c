"""Summaries in an edited workbook: the sheet for people, against the hidden one that says what was issued."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nsi.errors import StudyError, listed, shown
from nsi.readers.sheet_rows import SheetRows
from nsi.readers.summary_texts import (
    FORMAT,
    EditedText,
    IssuedText,
    check_issued,
    lost_fault,
    refuse_faults,
)
from nsi.readers.workbook_parts import Workbook, opened

ISSUED = "issued"
ABOUT, WIDTH = 6, 7  # rows that say what the workbook is, and cells of the others
Place = tuple[str, int]  # key, and number of the part of a long text


def excel_texts(data: bytes, *, file: str, matrix: str) -> list[EditedText]:
    """Read the texts of an edited workbook.

    Parameters
    ----------
    data : bytes
        The .xlsx file.
    file : str
        Its name, for messages.
    matrix : str
        Name of the matrix that it should be of.

    Returns
    -------
    list of EditedText
        One per cell that was issued, in that order; the parts of a long text are joined.

    Raises
    ------
    StudyError
        If it was not issued as such, is of another matrix, is locked, a bomb or has macros, or a row was added,
        doubled or removed. Up to five faults are told at once.
    """
    book = opened(data, file)
    sheet, names, texts, parts = _issued(book, file, matrix)
    found, faults = _rows(book, sheet, names, {(text.key, part): text for text in texts
                                               for part in range(1, parts[text.key] + 1)})  # fmt: skip
    lost = [text for text in texts if any((text.key, part) not in found for part in range(1, parts[text.key] + 1))]
    refuse_faults([f"sheet {sheet}, {fault}" for fault in [*faults, *lost_fault(lost, len(texts))]], file)
    edited = []
    for text in texts:
        rows = [found[text.key, part] for part in range(1, parts[text.key] + 1)]
        who = next((name for _, name in rows if name), "")
        edited.append(EditedText(text, "".join(part for part, _ in rows), who))
    return edited


def _issued(book: Workbook, file: str, matrix: str) -> tuple[str, list[str], list[IssuedText], dict[str, int]]:
    """What the hidden sheet says: the sheet for people, the names of its columns, the texts, and parts by key."""
    lines = [[*cells, *[""] * (WIDTH - len(cells))] for _, cells in SheetRows(book, ISSUED)] if ISSUED in book.sheets \
        else []  # fmt: skip
    if len(lines) < ABOUT or lines[0][0] != FORMAT or any(len(line) != WIDTH for line in lines):
        raise StudyError(f"{file} holds no summaries of a matrix, or its hidden sheet {ISSUED!r} was changed; edit the "
                         "workbook that was issued")  # fmt: skip
    try:
        name, (sheet, *names) = json.loads(lines[1][0]), [line[0] for line in lines[2:ABOUT]]
        texts = [IssuedText(key, json.loads(row), json.loads(column), called, before, issued)
                 for key, row, column, called, before, issued, _ in lines[ABOUT:]]  # fmt: skip
        parts = {line[0]: int(line[-1]) for line in lines[ABOUT:]}
    except ValueError:
        raise StudyError(f"{file}: its hidden sheet {ISSUED!r} was changed; edit a fresh workbook") from None
    check_issued(texts, name, matrix, file)
    if sheet not in book.sheets:
        raise StudyError(f"{file} has no sheet {shown(sheet)}, where summaries stand; edit the file that was issued")
    return sheet, names, texts, parts


def _rows(
    book: Workbook, sheet: str, names: list[str], issued: Mapping[Place, IssuedText]
) -> tuple[dict[Place, tuple[str, str]], list[str]]:
    """Text and who by key and part; and the faults of rows that are none of those issued."""
    rows = iter(SheetRows(book, sheet))
    _, header = next(rows, (1, []))
    for name in names:
        if header.count(name) != 1:
            raise StudyError(
                f"{book.file}, sheet {sheet}, row 1: the column {shown(name)} must stand there once; the row holds "
                f"{listed(header, 20)}; restore the header, or edit a fresh workbook"
            )
    places = [header.index(name) for name in names]
    found: dict[Place, tuple[str, str]] = {}
    where: dict[Place, int] = {}
    faults = []
    for number, cells in rows:
        key, text, who = ([*cells, *[""] * len(header)][place] for place in places)
        fingerprint, _, part = key.partition(".")
        at = (fingerprint, int(part) if part.isdecimal() else 0)
        if at in where:
            faults.append(f"row {number}: cell {shown(issued[at].name)} stands there twice, also in row {where[at]}; "
                          "remove one of the two")  # fmt: skip
        elif at in issued:
            found[at], where[at] = (text, who.strip()), number
        elif any(cell.strip() for cell in cells):
            faults.append(f"row {number} was added, or its hidden key was changed; every row must be one that was "
                          "issued; move its text to the row of its cell, and remove it")  # fmt: skip
    return found, faults
