"""The cells of a sheet as rows of text, streamed; what cannot be read as it is shown is refused by its cell."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator

from nsi.errors import StudyError, shown
from nsi.readers.archives import unpacked
from nsi.readers.export_frame import DAY, clock_text, moment_text, number_text
from nsi.readers.workbook_parts import CLOCK, ELAPSED, MOMENT, NUMBER, Workbook
from nsi.readers.workbook_xml import Attributes, DamagedPart, local, unescaped, walk

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
FAKE_DAY = 60  # Excel counts a 29th of February 1900, which there was not
PLACE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
CELL_ATTRIBUTES = {"r", "s", "t", "cm", "vm", "ph"}
DIGITS = re.compile("[0-9]{1,9}")
NUMERAL = re.compile(r"\s*[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*")  # float() would take more, such as 1_0
Row = tuple[int, list[str]]


def column_letters(number: int) -> str:
    """Write the number of a column, from 1, as Excel shows it: 28 is AB."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Read the letters of a column as a number from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class SheetRows:
    """Rows of one sheet, and, once they are read, its merged cells.

    Attributes
    ----------
    merged : list of str
        As A1:B2.
    """

    def __init__(self, book: Workbook, sheet: str) -> None:
        self.book, self.sheet = book, sheet
        self.merged: list[str] = []
        self._rows: list[Row] = []
        self._cells: list[str] = []
        self._row = 0
        self._columns: dict[str, int] = {}
        self._numbers: dict[tuple[str, str], str] = {}
        self._pieces: list[str] = []
        self._attributes: Attributes = {}
        self._collecting = self._valued = self._formula = self._reading_aid = self._in_row = self._in_cell = False

    def __iter__(self) -> Iterator[Row]:
        """Yield number and cells of each row that the sheet has; cells after the last that holds anything are cut."""
        pieces = unpacked(self.book.data, self.book.sheets[self.sheet])
        for _ in walk(pieces, self.book.file, self._start, self._end, self._text):
            yield from self._rows
            self._rows.clear()

    def _start(self, tag: str, attributes: Attributes) -> None:
        tag = local(tag)
        if tag == "c":
            if not (self._in_row and CELL_ATTRIBUTES.issuperset(attributes)):
                raise DamagedPart
            self._new_cell(attributes)
        elif tag == "v" or tag == "t":
            # A text of its own stands in t, all else in v; the other one would be passed over by Excel.
            if (tag == "t") != (self._attributes.get("t") == "inlineStr"):
                raise DamagedPart
            self._collecting = not self._reading_aid
            self._valued = self._valued or self._collecting
        elif self._in_row and not self._in_cell:
            raise DamagedPart
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            number = int(attributes["r"]) if "r" in attributes else self._row + 1
            if not self._row < number <= LAST_ROW:
                raise DamagedPart
            self._row, self._cells, self._in_row = number, [], True
        elif tag == "rPh":
            self._reading_aid = True
        elif tag == "mergeCell":
            self.merged.append(attributes["ref"])

    def _end(self, tag: str) -> None:
        tag = local(tag)
        if tag == "c":
            self._add()
            self._in_cell = False
        elif tag in ("v", "t"):
            self._collecting = False
        elif tag == "row":
            cells = self._cells
            while cells and not cells[-1]:
                cells.pop()
            self._in_row = False
            self._rows.append((self._row, cells))
        elif tag == "rPh":
            self._reading_aid = False

    def _text(self, piece: str) -> None:
        if self._collecting:
            self._pieces.append(piece)

    def _new_cell(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._pieces = []
        self._in_cell = True
        self._collecting = self._valued = self._formula = self._reading_aid = False

    def _add(self) -> None:
        """Put the cell that has just ended into its place in the row."""
        cells, place = self._cells, self._attributes.get("r")
        if place is not None:
            letters = place.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = self._known_column(place)
            if place != f"{letters}{self._row}" or column <= len(cells):
                raise DamagedPart
            if column > len(cells) + 1:
                cells.extend([""] * (column - 1 - len(cells)))
        elif len(cells) >= LAST_COLUMN:
            raise DamagedPart
        if self._valued or self._formula:
            cells.append(self._value("".join(self._pieces)))
        else:
            cells.append("")

    def _known_column(self, place: str) -> int:
        found = PLACE.fullmatch(place)
        if found is None or column_number(found.group(1)) > LAST_COLUMN:
            raise DamagedPart
        return column_number(found.group(1))

    def _value(self, raw: str) -> str:
        """Text of a cell that holds something."""
        kind = self._attributes.get("t", "n")
        if kind == "s":
            if not DIGITS.fullmatch(raw) or int(raw) >= len(self.book.strings):
                raise DamagedPart
            return self.book.strings[int(raw)]
        if kind == "inlineStr" or (kind == "str" and self._valued):
            return unescaped(raw)
        if kind == "e":
            self._refuse(f"shows the error {shown(raw)}; mend its formula, or empty the cell")
        if not raw.strip():
            if self._formula:
                self._refuse("holds a formula without its result; open the workbook in Excel, let it calculate, and "
                             "save it")  # fmt: skip
            return ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}[raw.strip()]
        if kind == "d":
            return raw.strip().replace("T", " ")
        if kind != "n":
            raise DamagedPart
        key = (raw, self._attributes.get("s", "0"))
        if key not in self._numbers:
            if len(self._numbers) > 100_000:
                self._numbers.clear()  # as with durations, of which nearly all differ
            self._numbers[key] = self._number(*key)
        return self._numbers[key]

    def _number(self, raw: str, style: str) -> str:
        if not NUMERAL.fullmatch(raw):
            raise DamagedPart
        value = float(raw)
        if not math.isfinite(value):
            self._refuse("holds no possible number; the file is damaged, export it again")
        kind = self.book.formats[int(style)]
        shown_date = None if kind == NUMBER else date_text(value, kind, self.book.since_1904)
        return number_text(value) if shown_date is None else shown_date

    def _refuse(self, what: str) -> None:
        cell = f"{column_letters(len(self._cells) + 1)}{self._row}"
        raise StudyError(f"{self.book.file}, sheet {self.sheet}, cell {cell} {what}")


def date_text(serial: float, kind: str, since_1904: bool) -> str | None:
    """Write the day that a number stands for, by the kind of its format.

    Parameters
    ----------
    serial : float
        Days since the beginning of the workbook's calendar, and parts of a day.
    kind : str
        Of the format: date, moment, clock or elapsed.
    since_1904 : bool
        Which calendar.

    Returns
    -------
    str or None
        As 2001-12-31, 2001-12-31 09:13:22 or 09:13:22, to the millisecond; nothing outside the calendar.
    """
    if not 0 <= serial < 3_000_000:
        return None
    millis = round(serial * DAY)
    if kind == ELAPSED or (kind == CLOCK and millis < DAY):
        return clock_text(millis)
    if since_1904:
        return moment_text(datetime.date(1904, 1, 1), millis, kind in (MOMENT, CLOCK))
    days = millis // DAY
    if days in (0, FAKE_DAY):
        return None
    start = datetime.date(1899, 12, 31 if days < FAKE_DAY else 30)
    return moment_text(start, millis, kind in (MOMENT, CLOCK))
