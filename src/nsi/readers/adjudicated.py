"""Reading back a filled workbook in which somebody settled what coders disagreed on.

The form describes itself: a hidden sheet says which field it is for, where the answers stand, and what was issued
under each row's fingerprint. So rows may be sorted, but not swapped, added, doubled, lost or rewritten.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from nsi.errors import StudyError, listed, shown
from nsi.readers.archives import Limits, refuse_bomb

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

FORMAT = "adjudication form 1"
ISSUED = "issued"
N_ANSWERS = 5
COLUMNS = ["case", "unit", "field", "value", "rule", "reason", "who", "when"]
LIMITS = Limits("a form", "send a fresh form", members=1_000, total=64 * 2**20)  # one of 10,000 units is some 20 MB
LAST_ROW, MOST_COLUMNS = 1_048_576, 1_000
MOST_FAULTS = 5  # told at once; who mends these will find the others with the next try
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))

Cell = tuple[object, str]  # the value, and "f" where it is a formula
Cells = dict[int, Cell]  # by column


@dataclass(frozen=True)
class _Form:
    """What the hidden sheet says: where answers stand, and what was issued under each fingerprint."""

    sheet: str
    answers: list[str]
    names: list[str]
    issued: dict[str, list[str]]


def read_adjudicated(
    data: bytes, *, file: str, field: str, codes: Collection[str], rules: Collection[str], reasons: Collection[str]
) -> pd.DataFrame:
    """Read what was settled in a filled workbook.

    Parameters
    ----------
    data : bytes
        The .xlsx file.
    file : str
        Its name, for messages.
    field : str
        The field that it should settle.
    codes, rules, reasons : collection of str
        What may stand in the answers.

    Returns
    -------
    DataFrame, one row per settled unit
        case, unit, field, value, rule, reason, who (text), when (date); reason and when missing where left blank.
        A unit whose answers are all blank is not settled and has no row; ``attrs`` count: n_units, n_settled, n_open.

    Raises
    ------
    StudyError
        If it is no such workbook, is for another field, holds macros or a formula, lacks, doubles or adds a
        row, an id was changed, or an answer is no choice or incomplete. Up to five faults are told at once.
    """
    form, rows = _form_and_rows(data, file, field)
    places = _columns(rows.pop(1, {}), form, file)
    faults = [f"cell {get_column_letter(column)}{number} holds a formula; type the text itself"
              for number, cells in rows.items() for column, (_, kind) in cells.items() if kind == "f"]  # fmt: skip
    settled = []
    if not faults:  # what a formula stands for, nobody has computed here
        faults = _identity_faults(rows, places, form)
        for number, cells in rows.items():
            answers = [(name, places[name], cells.get(places[name])) for name in form.answers]
            found, answer = _answer(number, answers, [list(codes), list(rules), list(reasons)])
            faults += found
            issued = form.issued.get(_text(cells.get(places[form.names[0]])), ["", ""])
            settled += [(issued[0], issued[1], field, *answer)] if answer else []
    if faults:
        rest = f"\nand {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise StudyError("\n".join(f"{file}, sheet {form.sheet}, {fault}" for fault in faults[:MOST_FAULTS]) + rest)
    return _frame(settled, len(form.issued))


def _frame(settled: list[tuple[object, ...]], n_units: int) -> pd.DataFrame:
    frame = pd.DataFrame(settled, columns=COLUMNS)
    days = pd.to_datetime(frame["when"]).astype("datetime64[us]")
    frame = frame.astype(dict.fromkeys(COLUMNS[:-1], "str")).assign(when=days)
    frame.attrs = {"n_units": n_units, "n_settled": len(frame), "n_open": n_units - len(frame)}
    return frame


def _form_and_rows(data: bytes, file: str, field: str) -> tuple[_Form, dict[int, Cells]]:
    book = _opened(data, file)
    try:
        form = _form(book, file, field)
        return form, dict(_rows(book, form.sheet, len(form.names) + len(form.answers) + 1))
    except StudyError:
        raise
    except Exception:  # whatever openpyxl stumbles over; its own words would quote cells
        raise StudyError(f"{file} is damaged, its sheets cannot be read; save it as .xlsx again") from None


def _opened(data: bytes, file: str) -> Workbook:
    """Open a workbook once its archive is known to be harmless."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise StudyError(f"{file} has a password or is in the old .xls format; save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bomb(archive, file, LIMITS)
            for member in archive.infolist():
                if "vbaproject" in member.filename.lower():
                    raise StudyError(f"{file} holds macros; save it as .xlsx, which has none")
                if any(mark in archive.read(member) for mark in DOCTYPES):
                    raise StudyError(f"{file} declares entities of its own, which no workbook needs; send a fresh form")
        return load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    except StudyError:
        raise
    except Exception:  # zipfile, zlib and openpyxl have many
        raise StudyError(f"{file} is no .xlsx workbook, or is damaged; save it as 'Excel Workbook (.xlsx)'") from None


def _form(book: Workbook, file: str, field: str) -> _Form:
    rows = [[_text(cells.get(column)) for column in range(1, max(cells) + 1)]
            for _, cells in _rows(book, ISSUED, MOST_COLUMNS)] if ISSUED in book.sheetnames else []  # fmt: skip
    if len(rows) < 5 or rows[0] != [FORMAT] or len(rows[3]) != 1 + N_ANSWERS or len(rows[4]) < 3:
        raise StudyError(f"{file} is no form to settle disagreements, or its hidden sheet {ISSUED!r} was changed; "
                         "fill in the form that was issued")  # fmt: skip
    if rows[1] != ["field", field]:
        raise StudyError(
            f"{file} settles the field {shown(rows[1][-1])}, but {field!r} was asked for; send the form of {field!r}"
        )
    sheet, names = rows[2][-1], rows[4]
    blank = [""] * len(names)
    issued = {row[0]: [*row, *blank][1 : len(names)] for row in rows[5:]}
    if sheet not in book.sheetnames:
        raise StudyError(f"{file} has no sheet {shown(sheet)}, where answers stand; fill in the form that was issued")
    return _Form(sheet, rows[3][1:], names, issued)


def _rows(book: Workbook, sheet: str, n_columns: int) -> Iterator[tuple[int, Cells]]:
    """Rows that hold anything, by number."""
    for number, row in enumerate(book[sheet].iter_rows(max_row=LAST_ROW, max_col=n_columns), start=1):
        cells: Cells = {column: (cell.value, str(cell.data_type)) for column, cell in enumerate(row, start=1)
                        if cell.value is not None and str(cell.value).strip()}  # fmt: skip
        if cells:
            yield number, cells


def _columns(first: Cells, form: _Form, file: str) -> dict[str, int]:
    header = [(_text(cell), column) for column, cell in first.items()]
    for name in [*form.names, *form.answers]:
        if sum(found == name for found, _ in header) != 1:
            raise StudyError(
                f"{file}, sheet {form.sheet}, row 1: the column {shown(name)} must stand there once; the row holds "
                f"{listed([found for found, _ in header], 20)}; restore the header, or fill in a fresh form"
            )
    return dict(header)


def _identity_faults(rows: Mapping[int, Cells], places: Mapping[str, int], form: _Form) -> list[str]:
    """Rows that are not those that were issued."""
    faults, seen = [], dict[str, int]()
    for number, cells in rows.items():
        mark = _text(cells.get(places[form.names[0]]))
        unit = shown(_text(cells.get(places[form.names[2]])))
        if mark not in form.issued:
            faults.append(f"row {number}: this row (unit {unit}) was added, or its fingerprint was changed; every row "
                          "must be one that was issued; remove it")  # fmt: skip
        elif mark in seen:
            faults.append(f"row {number}: unit {unit} stands there twice, also in row {seen[mark]}; a unit is settled "
                          "once; remove one of the two")  # fmt: skip
        else:
            for name, was in zip(form.names[1:], form.issued[mark], strict=True):
                place = places[name]
                found = _text(cells.get(place))
                if found != was:
                    faults.append(f"cell {get_column_letter(place)}{number}: {name} is {shown(found)}, but the row was "
                                  f"issued with {shown(was)}; put that back")  # fmt: skip
        seen.setdefault(mark, number)
    lost = [f"{unit} of {case}" for mark, (case, unit, *_) in form.issued.items() if mark not in seen]
    if lost:
        faults.append(f"rows removed: {len(lost)} of {len(form.issued)} (unit {listed(lost)}); every row that was "
                      "issued must come back, blank if not settled; put them back")  # fmt: skip
    return faults


def _answer(
    number: int, answers: Sequence[tuple[str, int, Cell | None]], allowed: Sequence[list[str]]
) -> tuple[list[str], tuple[object, ...]]:
    """Faults of one row, and its answers: value, rule, reason, who, when; none where all are blank."""
    texts, faults = [_text(cell) for _, _, cell in answers], list[str]()
    if not any(texts):
        return [], ()
    names = [f"cell {get_column_letter(place)}{number}: {name}" for name, place, _ in answers]
    for place, choices in enumerate(allowed):
        if texts[place] and texts[place] not in choices:
            faults.append(f"{names[place]} is {shown(texts[place])}, but allowed are {listed(choices, 20)}; choose "
                          "from the list")  # fmt: skip
    for place in (0, 1, 3):  # a label, how it was settled, and who did so belong together
        if not texts[place]:
            faults.append(f"{names[place]} is blank, but the row is filled in part; a final label, how it was settled "
                          "and who settled it belong together; fill it, or clear the row's answers")  # fmt: skip
    when = _day(answers[4][2])
    if texts[4] and when is None:
        faults.append(f"{names[4]} is {shown(texts[4])}, but must be a date, such as 1999-12-31; enter it as a date")
    return faults, (texts[0], texts[1], texts[2] or None, texts[3], when)


def _text(cell: Cell | None) -> str:
    """Text of a cell; a number that stands for a code reads as it is shown."""
    value = "" if cell is None else cell[0]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), str(value)).strip()


def _day(cell: Cell | None) -> datetime.date | None:
    value = None if cell is None else cell[0]
    if isinstance(value, datetime.datetime):
        return value.date()
    try:
        return datetime.date.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
