"""The cleaning rules, one function each: a frame of text in, a frame out, and a line in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.codebook import Field
from nsi.errors import StudyError, listed
from nsi.raw_tables import Column
from nsi.readers.cleaning_log import CleaningLog

INVALID = "invalid"


def trim(frame: pd.DataFrame, log: CleaningLog) -> pd.DataFrame:
    """Remove blanks around every cell: 'hub ' and 'hub' are one code."""
    trimmed = frame.apply(lambda column: column.str.strip())
    changed = frame.index[(trimmed != frame).any(axis=1)]
    log.add("trim blanks", "blanks around a value are removed", before=len(frame), after=len(frame), changed=changed)
    return trimmed


def drop_empty_rows(frame: pd.DataFrame, log: CleaningLog) -> pd.DataFrame:
    """Remove rows in which every cell is empty."""
    empty = (frame == "").all(axis=1)
    kept = frame[~empty]
    rows = frame.index[empty]
    log.add("drop empty rows", "rows without any content are removed", before=len(frame), after=len(kept), removed=rows)
    return kept


def parse_dates(frame: pd.DataFrame, column: Column, log: CleaningLog, file: str) -> pd.DataFrame:
    """Read a column of dates by its declared formats; ISO text comes out, so that equal dates are equal text."""
    text = frame[column.name]
    parsed = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    for pattern in column.formats:
        parsed = parsed.fillna(pd.to_datetime(text, format=pattern, errors="coerce"))
    wrong = frame.index[parsed.isna() & (text != "")]
    if len(wrong):
        raise StudyError(
            f"{file} row {wrong[0]}: {column.source[0]} is '{text[wrong[0]]}', which is no date in the formats "
            f"{', '.join(column.formats)} (rows affected: {listed(wrong)}); settle it in data_raw/corrections.csv, "
            "or add the format in study.yml"
        )
    iso = parsed.dt.strftime("%Y-%m-%d").fillna("")
    changed = frame.index[iso != text]
    forms = f"{len(column.formats)} written forms become one" if len(column.formats) > 1 else "text becomes a date"
    what = f"{column.name}: {forms}"
    log.add("read dates", what, before=len(frame), after=len(frame), changed=changed)
    return frame.assign(**{column.name: iso})


def settle_duplicates(
    frame: pd.DataFrame, key: Sequence[str], policy: str, log: CleaningLog, file: str, said: str = ""
) -> pd.DataFrame:
    """Keep one row per key, as the study declares: stop, first, last, or merge rows that do not contradict."""
    doubled = frame.duplicated(list(key), keep=False)
    rows = frame.index[doubled]
    if not len(rows):
        return frame
    first = frame.loc[rows[0], list(key)]
    name = ", ".join(f"{column} '{value}'" for column, value in first.items())
    same = rows[(frame.loc[rows, list(key)] == first).all(axis=1)]
    if policy == "stop":
        told = said or f"{name} stands {len(same)} times"
        raise StudyError(
            f"{file} rows {listed(same)}: {told} ({len(rows)} rows affected in all); settle it in "
            "data_raw/corrections.csv, or declare under 'duplicates' in study.yml which one stays"
        )
    settled = _merged(frame, key, file) if policy == "merge" else frame.drop_duplicates(list(key), keep=policy)  # type: ignore[arg-type]
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
                    f"{file} rows {listed(rows.index)}: one key, but '{column}' differs between them, so they cannot be "
                    "merged; settle it in data_raw/corrections.csv"
                )
            kept.loc[rows.index[0], column] = said[0] if said else ""
    return kept


def settle_codes(
    text: pd.Series[str], field: Field, *, missing: Mapping[str, str], policy: str, log: CleaningLog, place: str
) -> tuple[pd.Series[str], pd.Series[str]]:
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
        File and column, for messages.

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
    if len(rows) and policy == "stop":
        found = text[rows[0]]
        shown = f"is '{found}'" if found else "is blank"
        declared = f" and {', '.join(repr(cell) for cell in missing)} (missing)" if missing else ""
        raise StudyError(
            f"{place} row {rows[0]}: {field.name} {shown}, but the codebook allows {', '.join(field.values)}{declared} "
            f"(rows affected: {listed(rows)}); settle it in data_raw/corrections.csv, or add the code to the codebook"
        )
    if len(rows):
        reasons = reasons.mask(stray, INVALID)
        what = f"{field.name}: values outside the codebook become missing, reason '{INVALID}'"
        log.add("outside the codebook", what, before=len(text), after=len(text), changed=rows)
    return text.mask(reasons.notna(), np.nan), reasons


def to_numbers(text: pd.Series[str], column: Column, file: str) -> pd.Series[float]:
    """Turn text into numbers; a cell that is none stops, an empty one is missing."""
    numbers = pd.to_numeric(text.where(text != "", np.nan), errors="coerce")
    whole = column.type == "integer"
    wrong = text.index[(text != "") & (numbers.isna() | np.isinf(numbers) | (whole & (numbers % 1 != 0)))]
    if len(wrong):
        kind = "a whole number" if whole else "a number"
        raise StudyError(
            f"{file} row {wrong[0]}: {column.source[0]} is '{text[wrong[0]]}', but must be {kind} "
            f"(rows affected: {listed(wrong)}); settle it in data_raw/corrections.csv"
        )
    return numbers.astype("Int64") if whole else numbers.astype("float64")
