"""What a figure asks of the frame that it is drawn from, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from nsi.errors import StudyError, listed


def require_columns(frame: pd.DataFrame, columns: Sequence[str], *, table: str) -> None:
    """Refuse a frame that is empty or lacks a column.

    Parameters
    ----------
    frame : DataFrame
        Any.
    columns : sequence of str
        Columns that must be there; others are left alone.
    table : str
        What the frame is called in the message.

    Raises
    ------
    StudyError
        Naming the columns that are missing and those found, or saying that there is no row.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        found = listed([str(column) for column in frame.columns], 12) or "none"
        raise StudyError(
            f"{table} lacks column {listed(missing, 12)}; found: {found}; "
            "rename or add the column before drawing"
        )
    if frame.empty:
        raise StudyError(
            f"{table} has no rows, so there is nothing to draw; check the filter that came before"
        )


def require_counts(frame: pd.DataFrame, column: str, *, table: str) -> pd.Series[int]:
    """Give a column of counts as whole numbers; refuse missing, negative and broken ones.

    Parameters
    ----------
    frame : DataFrame
        Any.
    column : str
        The column of counts.
    table : str
        What the frame is called in the message.

    Raises
    ------
    StudyError
        Naming the column, the first row at fault (counted from 1) and its value.
    """
    numbers = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    bad = ~((numbers >= 0) & (numbers % 1 == 0))  # also true for missing and for infinite values
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise StudyError(
            f"{table} row {row + 1}: {column} is {frame[column].iloc[row]}, but a count is a whole number "
            "from 0 up; count again from the labels"
        )
    return numbers.astype("int64")


def require_codes(values: pd.Series[str], codes: Sequence[str], *, table: str) -> None:
    """Refuse a value outside the codes, or a missing one.

    Parameters
    ----------
    values : Series
        Codes as text.
    codes : sequence of str
        Allowed codes in codebook order.
    table : str
        What the frame is called in the message.

    Raises
    ------
    StudyError
        Naming the column, the first row at fault (counted from 1), its code and the codes allowed.
    """
    bad = ~values.isin(list(codes))
    if bad.any():
        row = int(bad.to_numpy().argmax())
        found = "missing" if pd.isna(values.iloc[row]) else f"'{values.iloc[row]}'"
        raise StudyError(
            f"{table} row {row + 1}: {values.name} is {found}, allowed are {listed(list(codes), 12)}; "
            "correct the value or add the code to the codebook"
        )


def require_labels(labels: Mapping[str, str], codes: Sequence[str], *, what: str) -> None:
    """Refuse codes that have no label to print.

    Raises
    ------
    StudyError
        Naming the codes without a label.
    """
    bare = [code for code in codes if not str(labels.get(code, "")).strip()]
    if bare:
        raise StudyError(f"{what}: no label for {listed(bare)}; add the label to the codebook")


def require_order(order: Sequence[str], *, what: str) -> None:
    """Refuse an order that is empty or names something twice.

    Raises
    ------
    StudyError
        Naming what stands twice.
    """
    if not order:
        raise StudyError(f"{what}: the list is empty; give at least one, in the order to draw")
    twice = sorted({name for name in order if list(order).count(name) > 1})
    if twice:
        raise StudyError(f"{what}: {listed(twice)} stands twice; list each once, in the order to draw")


def whole_percent(share: float) -> str:
    """Print a share of 0 to 1 in per cent without the sign: "<1" is not nothing, ">99" not all."""
    text = f"{100 * share:.0f}"
    if text == "0" and share > 0:
        return "<1"
    return ">99" if text == "100" and share < 1 else text


def percent(part: float, whole: float) -> str:
    """Print part of whole in per cent; of nothing there is no share, so it prints "–"."""
    return f"{whole_percent(part / whole)}%" if whole else "–"
