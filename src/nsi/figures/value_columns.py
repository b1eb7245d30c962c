"""What a figure asks of columns of values: numbers within bounds, one row of each, a reason where one is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.figures.style import NARROW, WIDE

WITHHELD = "withheld"


def require_values(
    frame: pd.DataFrame,
    column: str,
    *,
    table: str,
    low: float = -np.inf,
    high: float = np.inf,
    may_miss: bool = True,
) -> pd.Series[float]:
    """Give a column as numbers; refuse text, infinities, and what lies out of bounds.

    Tables for readers say "withheld", or "<5" of a count, in place of a number: that is missing here.

    Parameters
    ----------
    frame : DataFrame
        Any.
    column : str
        The column of values.
    table : str
        What the frame is called in the message.
    low, high : float
        Bounds, both allowed.
    may_miss : bool
        Whether a value may be missing (NaN).

    Returns
    -------
    Series
        Float, in the order of the frame.

    Raises
    ------
    StudyError
        Naming the column, the first row at fault (counted from 1) and its value.
    """
    numbers = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    unread = frame[column].notna() & numbers.isna() & ~frame[column].map(_hidden).astype(bool)
    outside = numbers.notna() & ~(numbers.between(low, high) & np.isfinite(numbers))
    bad = unread | outside | (False if may_miss else numbers.isna())
    if bad.any():
        row = int(bad.to_numpy().argmax())
        bounds = " to ".join(f"{bound:g}" for bound in (low, high) if np.isfinite(bound))
        wanted = f"lies from {bounds}" if "to" in bounds else f"is at least {bounds}" if bounds else "is a number"
        found = frame[column].iloc[row]
        raise StudyError(f"{table} row {row + 1}: {column} is {found}, but {wanted}; compute it again")
    return numbers


def _hidden(cell: object) -> bool:
    """Whether a cell of a table for readers stands for a number that must not be shown."""
    return isinstance(cell, str) and (cell == WITHHELD or (cell[:1] == "<" and cell[1:].isdigit()))


def require_once(frame: pd.DataFrame, columns: Sequence[str], *, table: str) -> None:
    """Refuse a frame in which one combination stands in two rows.

    Raises
    ------
    StudyError
        Naming the first combination that stands twice.
    """
    twice = frame.duplicated(list(columns))
    if twice.any():
        first = frame.loc[twice, list(columns)].iloc[0]
        told = ", ".join(f"{column} '{first[column]}'" for column in columns)
        raise StudyError(f"{table}: {told} stands twice; filter the table to one row of each before drawing")


def require_reasons(frame: pd.DataFrame, column: str, *, table: str, flag: str = "flag") -> None:
    """Refuse a value that is missing without a reason.

    Raises
    ------
    StudyError
        Naming the column and the first row at fault (counted from 1).
    """
    bare = frame[column].isna() & (frame[flag].isna() | (frame[flag].astype(str).str.strip() == ""))
    if bare.any():
        row = int(bare.to_numpy().argmax())
        raise StudyError(
            f"{table} row {row + 1}: {column} is missing without a reason; put one in {flag}, such as {WITHHELD}"
        )


def few(n: object, least: int | None) -> bool:
    """Whether a cell of a column of counts is 1 or more, but below the least that may be shown."""
    if isinstance(n, str) and n[:1] == "<":
        return True
    return least is not None and 0 < _count(n) < least


def _count(n: object) -> float:
    """A cell of a column of counts as a number; in a table for readers numbers are text too."""
    if isinstance(n, str) and not _hidden(n):
        return float(n)
    return float(n) if isinstance(n, (int, float, np.number)) else float("nan")


def reason(flag: object, least: int | None = None, n: object = None) -> str:
    """Say a flag in words; of several, joined by ";", that something is withheld tells all.

    Parameters
    ----------
    flag : object
        Text, or missing.
    least : int, optional
        The smallest n that may be shown.
    n : object
        The row's count as it stands in the table, a number or "<5". Only a small one is given as the cause: a row
        may also be withheld because another would be given away.
    """
    parts = [part.strip() for part in flag.split(";")] if isinstance(flag, str) else []
    if WITHHELD not in parts:
        return ", ".join(part.replace("_", " ") for part in parts if part)
    return f"{WITHHELD} (n<{least})" if least is not None and few(n, least) else WITHHELD


def count_told(n: object, flag: object, least: int | None = None) -> str:
    """Print a count of people; a small one only as "<5", and that of a withheld row not at all."""
    if few(n, least):
        return n if isinstance(n, str) and n[:1] == "<" else f"<{least}"
    known = _count(n)
    hidden = known != 0 and reason(flag) == WITHHELD
    return "–" if hidden or np.isnan(known) else f"{known:,.0f}"


def require_width(width: float) -> float:
    """Give the room between the margins of a page, mm; refuse a width that is not of the house.

    Raises
    ------
    StudyError
        If the width is neither `NARROW` nor `WIDE`.
    """
    if width not in (NARROW, WIDE):
        raise StudyError(f"figure width is {width:g} mm, allowed are {NARROW:g} and {WIDE:g}; use NARROW or WIDE")
    return width - 4.0
