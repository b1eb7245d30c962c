"""The cleaning rules, one function each: a frame of text in, a frame out, and a line in the log."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from nsi.codebook import Field
from nsi.errors import StudyError, listed, shown
from nsi.raw_columns import Column
from nsi.readers.cleaning_log import CleaningLog

INVALID = "invalid"
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def trim(frame: pd.DataFrame, log: CleaningLog) -> pd.DataFrame:
    """Remove blanks around every cell: 'hub ' and 'hub' are one code."""
    trimmed = frame.apply(lambda column: column.str.strip())
    changed = frame.index[(trimmed != frame).any(axis=1)]
    log.add(
        "trim blanks",
        "blanks around a value are removed",
        before=len(frame),
        after=len(frame),
        changed=changed,
    )
    return trimmed


def drop_empty_rows(frame: pd.DataFrame, log: CleaningLog) -> pd.DataFrame:
    """Remove rows in which every cell is empty."""
    empty = (frame == "").all(axis=1)
    kept = frame[~empty]
    rows = frame.index[empty]
    log.add(
        "drop empty rows",
        "rows without any content are removed",
        before=len(frame),
        after=len(kept),
        removed=rows,
    )
    return kept


def parse_dates(
    frame: pd.DataFrame, column: Column, log: CleaningLog, file: str, missing: Collection[str] = ()
) -> pd.DataFrame:
    """Read a column of dates by its declared formats; ISO text comes out, so that equal dates are equal text.

    Cells in `missing` stay as they are. A cell that two of the formats read differently stops.
    """
    text = frame[column.name]
    wanted = [cell for cell in text.unique() if cell and cell not in missing]
    dates = {cell: _readings(cell, column.formats, time=column.type == "time") for cell in wanted}
    wrong = frame.index[text.isin([cell for cell, found in dates.items() if len(found) != 1])]
    if len(wrong):
        cell = text[wrong[0]]
        formats = ", ".join(column.formats)
        what, remedy = f"which is no date in the formats {formats}", "add the format in study.yml"
        if dates[cell]:
            what, remedy = (
                f"which is {' or '.join(dates[cell])} by the formats {formats}",
                "keep one of these formats",
            )
        raise StudyError(
            f"{file} row {wrong[0]}: {column.source[0]} is {shown(cell)}, {what} (rows affected: "
            f"{listed(wrong)}); "
            f"settle it in data_raw/corrections.csv, or {remedy}"
        )
    # Not Series.replace, whose time grows with rows times different cells: every time stamp is another cell.
    iso = pd.Series([dates[cell][0] if cell in dates else cell for cell in text], index=text.index, dtype="str")
    changed = frame.index[iso != text]
    forms = f"{len(column.formats)} written forms become one" if len(column.formats) > 1 else "text becomes a date"
    what = f"{column.name}: {forms}"
    log.add("read dates", what, before=len(frame), after=len(frame), changed=changed)
    return frame.assign(**{column.name: iso})


def _readings(cell: str, formats: Sequence[str], *, time: bool) -> list[str]:
    """Every date that a cell is by one of the formats; not by pandas, which takes 'today' for one."""
    found = []
    for pattern in formats:
        with suppress(ValueError):
            read = datetime.strptime(cell, pattern).replace(microsecond=0)
            found.append(read.isoformat(sep=" ") if time else read.date().isoformat())
    return sorted(set(found))


def settle_duplicates(
    frame: pd.DataFrame, key: Sequence[str], policy: str, log: CleaningLog, file: str, said: str = ""
) -> pd.DataFrame:
    """Keep one row per key as the study declares: stop, first, last, or merge rows that do not contradict."""
    doubled = frame.duplicated(list(key), keep=False)
    rows = frame.index[doubled]
    if not len(rows):
        return frame
    first = frame.loc[rows[0], list(key)]
    name = ", ".join(f"{column} {shown(value)}" for column, value in first.items())
    same = rows[(frame.loc[rows, list(key)] == first).all(axis=1)]
    if policy == "stop":
        told = said or f"{name} stands {len(same)} times"
        raise StudyError(
            f"{file} rows {listed(same)}: {told} ({len(rows)} rows affected in all); settle it in "
            "data_raw/corrections.csv, or declare under 'duplicates' in study.yml which one stays"
        )
    if policy == "merge":
        settled = _merged(frame, key, file)
    else:
        settled = frame.drop_duplicates(list(key), keep="first" if policy == "first" else "last")
    gone = frame.index.difference(settled.index)
    what = {"first": "of rows with one key the first stays", "last": "of rows with one key the last stays"}
    told = what.get(policy, "rows with one key fill each other's blanks")
    stayed = frame.loc[settled.index]
    filled = settled.index[(settled != stayed).any(axis=1)]
    log.add(f"duplicates: {policy}", told, before=len(frame), after=len(settled), changed=filled, removed=gone)
    return settled


def _merged(frame: pd.DataFrame, key: Sequence[str], file: str) -> pd.DataFrame:
    doubled = frame[frame.duplicated(list(key), keep=False)]
    kept = frame.drop_duplicates(list(key), keep="first").copy()
    for _, rows in doubled.groupby(list(key), sort=False):
        for column in frame.columns:
            said = [value for value in dict.fromkeys(rows[column]) if value]
            if len(said) > 1:
                raise StudyError(
                    f"{file} rows {listed(rows.index)}: one key, but '{column}' differs between them, so "
                    "they cannot be "
                    "merged; settle it in data_raw/corrections.csv"
                )
            kept.loc[rows.index[0], column] = said[0] if said else ""
    return kept


def settle_codes(
    text: pd.Series[str], field: Field, *, missing: Mapping[str, str], policy: str, log: CleaningLog,
    place: str, column: str = "",
) -> tuple[pd.Series[str], pd.Series[str]]:  # fmt: skip
    """Sort cells into codes of the codebook and reasons for a missing one.

    Parameters
    ----------
    text : Series of str
        The cells; the index holds row numbers.
    field : Field
        The codebook's field.
    missing : mapping
        What stands in a cell (``""`` for blank) to the reason it stands for.
    policy : {"stop", "invalid"}
        What to do with a value outside the codebook.
    log : CleaningLog
        Every use of ``invalid`` is noted with its rows.
    place : str
        The file's name, for messages.
    column : str
        What the file calls the column, where that is not the field's name.

    Returns
    -------
    codes, reasons : Series of str
        In each row exactly one of the two is missing.

    Raises
    ------
    StudyError
        On a value that is neither a code nor declared missing, under the policy ``stop``.
    """
    reasons = text.map(dict(missing)).astype("str")
    stray = ~text.isin(field.values) & reasons.isna()
    rows = text.index[stray]
    name = column or field.name
    if len(rows) and policy == "stop":
        raise StudyError(f"{place} row {rows[0]}: {name} {_outside(text[rows[0]], field, missing, rows)}")
    if len(rows):
        reasons = reasons.mask(stray, INVALID)
        what = f"{name}: values outside the codebook become missing, reason '{INVALID}'"
        log.add("outside the codebook", what, before=len(text), after=len(text), changed=rows)
    return text.where(reasons.isna()), reasons


def _outside(cell: str, field: Field, missing: Mapping[str, str], rows: pd.Index[int]) -> str:
    known = [shown(other) if other else "a blank" for other in missing]
    declared = f" and {', '.join(known)} (missing)" if known else ""
    remedy = "add the code to the codebook" if cell else "declare in study.yml under 'missing' what a blank means"
    return (
        f"is {shown(cell) if cell else 'blank'}, but the codebook allows {', '.join(field.values)}{declared} "
        f"(rows affected: {listed(rows)}); settle it in data_raw/corrections.csv, or {remedy}, or declare "
        f"outside_codebook: {INVALID}"
    )


def to_numbers(text: pd.Series[str], column: Column, file: str) -> pd.Series[float]:
    """Turn text into numbers; a cell that is none stops, an empty one is missing."""
    whole = column.type == "integer"
    numbers = {cell: _number(cell, whole) for cell in text.unique() if cell}
    wrong = text.index[text.isin([cell for cell, number in numbers.items() if number is None])]
    if len(wrong):
        kind = "a whole number" if whole else "a number"
        raise StudyError(
            f"{file} row {wrong[0]}: {column.source[0]} is {shown(text[wrong[0]])}, but must be {kind} "
            f"(rows affected: {listed(wrong)}); settle it in data_raw/corrections.csv"
        )
    values = [numbers.get(cell) for cell in text]
    if whole:
        return pd.Series(pd.array(values, dtype="Int64"), index=text.index, name=text.name)
    return pd.Series([np.nan if value is None else value for value in values], index=text.index, dtype="float64")


def _number(cell: str, whole: bool) -> int | float | None:
    if not NUMBER.fullmatch(cell):
        return None
    if not whole:
        return float(cell) if math.isfinite(float(cell)) else None
    exact = Decimal(cell)
    # A spreadsheet writes 70 as 70.0; beyond 2**53 a detour over float would change the number.
    return int(exact) if abs(exact) < 2**63 and exact == exact.to_integral_value() else None
