"""What reading an export gives, and how its cells become text: one way for every form of export."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pandas as pd

from nsi.errors import StudyError, listed, shown

ROW = "row"  # name of the index: the row as the program shows it that the file is usually opened with
BLOCK = 10_000  # rows held as Python text at a time
WHOLE = 10**16  # from here on the shortest text has an exponent
DAY = 86_400_000  # milliseconds


@dataclass(frozen=True)
class Export:
    """A survey export as text.

    Attributes
    ----------
    frame : DataFrame of str
        Text in every cell, ``""`` where a cell is empty. The index, ``row``, is the row number as a spreadsheet
        shows it, header rows counted; in an SPSS file the number of the case, from 1.
    labels : mapping
        Column to {text of a value: its label}. Only SPSS files have any.
    questions : mapping
        Column to the text of its question; line breaks stay. Empty where a file has column names only.
    """

    frame: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)


def number_text(value: float) -> str:
    """Write a finite number: ``4`` where it is whole, otherwise the shortest text that gives the number back."""
    return str(int(value)) if abs(value) < WHOLE and value == int(value) else repr(float(value))


def clock_text(millis: int) -> str:
    """Write a time of day or a duration of so many milliseconds, as 09:13:22 or 09:13:22.5."""
    minutes, rest = divmod(millis, 60_000)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}"
    return text if rest % 1000 == 0 else f"{text}.{rest % 1000:03d}".rstrip("0")


def moment_text(start: datetime.date, millis: int, with_time: bool) -> str | None:
    """Write the day, and time of day, so many milliseconds after the beginning of a day.

    Parameters
    ----------
    start : date
        From when it is counted.
    millis : int
        Milliseconds since.
    with_time : bool
        Whether midnight is written too; any other time of day always is.

    Returns
    -------
    str or None
        As 2001-12-31 or 2001-12-31 09:13:22; nothing where the calendar has no such day.
    """
    days, rest = divmod(millis, DAY)
    try:
        day = (start + datetime.timedelta(days=days)).isoformat()
    except OverflowError:
        return None
    return f"{day} {clock_text(rest)}" if with_time or rest else day


def framed(names: Sequence[str], rows: Iterable[Sequence[str]], first: int) -> pd.DataFrame:
    """Make a frame of text of rows that come one by one, without holding them all as Python text.

    Parameters
    ----------
    names : sequence of str
        Names of the columns.
    rows : iterable
        Each as long as the names.
    first : int
        Number of the first row.

    Returns
    -------
    DataFrame of str
        Indexed by row number; it may be empty.
    """
    stream, blocks = iter(rows), list[pd.DataFrame]()
    while block := list(islice(stream, BLOCK)):
        columns = {place: pd.array(list(cells), dtype="str")
                   for place, cells in enumerate(zip(*block, strict=True))}  # fmt: skip
        blocks.append(pd.DataFrame(columns))
    frame = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame({n: [] for n in range(len(names))})
    frame = frame.astype("str") if frame.empty else frame
    frame.columns = pd.Index(names)
    frame.index = pd.RangeIndex(first, first + len(frame), name=ROW)
    return frame


def even(rows: Iterator[list[str]], width: int, first: int, uneven: list[tuple[int, int]]) -> Iterator[list[str]]:
    """Pass on rows of a width, wholly empty lines as empty cells; others are noted by number and cells, and left out.

    Parameters
    ----------
    rows : iterator
        Rows of a file.
    width : int
        Cells that each must have.
    first : int
        Number of the first row.
    uneven : list
        Gets the number and the cells of each row that has more or fewer.

    Yields
    ------
    list of str
        A row.
    """
    empty = [""] * width
    for number, cells in enumerate(rows, start=first):
        if len(cells) == width:
            yield cells
        elif not cells:
            yield empty
        else:
            uneven.append((number, len(cells)))


def refuse_uneven(uneven: Sequence[tuple[int, int]], width: int, file: str, separator: str) -> None:
    """Stop where rows have more or fewer cells than the header; the first is told in full."""
    if uneven:
        number, cells = uneven[0]
        raise StudyError(
            f"{file} row {number}: {cells} cells, but the header has {width} (rows affected: "
            f"{listed(number for number, _ in uneven)}); quote cells that hold '{separator}', or repair the row"
        )


def refuse_names(names: Sequence[str], where: str) -> None:
    """Stop where a column has no name, or a name stands twice; tell which columns, counted from 1.

    Parameters
    ----------
    names : sequence of str
        Names of columns, without blanks around them.
    where : str
        The file and row, for messages.

    Raises
    ------
    StudyError
        If there is one.
    """
    nameless = [number for number, name in enumerate(names, start=1) if not name]
    if nameless:
        raise StudyError(f"{where}: column {listed(nameless)} has no name; name it, or delete it if it is empty")
    places: dict[str, list[int]] = {}
    for number, name in enumerate(names, start=1):
        places.setdefault(name, []).append(number)
    twice = next((name for name in names if len(places[name]) > 1), None)
    if twice is not None:
        raise StudyError(
            f"{where}: the column {shown(twice)} stands there {len(places[twice])} times, as column "
            f"{listed(places[twice])}; rename all but one of them"
        )
