"""Cleaning a table of rows, as the study declares it: dates, duplicates, codes, blanks, numbers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.raw_columns import Column
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.raw_data import RawData, mapped, require_filled
from nsi.readers.rules import parse_dates, settle_codes, settle_duplicates, to_numbers

Settle = Callable[..., tuple["pd.Series[str]", "pd.Series[str]"]]
REASON = "_missing"  # a column that may be missing has a twin of this ending, which holds the reason


def clean_table(raw: RawData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean one raw table of rows.

    Parameters
    ----------
    raw : RawData
        From ``study.raw(name)``.

    Returns
    -------
    table : DataFrame
        One row per key; coded columns are ordered categories in codebook order, dates are datetimes, ids are
        text. A column in which a cell may be missing has a twin ``<column>_missing`` with the reason; in each
        row exactly one of the two is missing.
    log : DataFrame
        One row per rule: table, rule, what, rows_before, rows_after, rows_changed, rows.

    Raises
    ------
    StudyError
        On the first thing that the declaration does not settle; the message names file, row, value and
        remedy.
    """
    log = CleaningLog(raw.table.name)
    text = mapped(raw, log)
    columns = raw.table.columns
    for column in columns.values():
        if column.type in ("date", "time"):
            text = parse_dates(text, column, log, raw.file, raw.table.missing)
    if raw.table.key:
        require_filled(text, list(raw.table.key), raw.file)
        text = settle_duplicates(text, raw.table.key, raw.table.duplicates, log, raw.file)
    typed: dict[str, pd.Series] = {}
    for name, column in columns.items():
        typed |= typed_column(text[name], column, raw, log)
    return pd.DataFrame(typed, index=text.index).reset_index(drop=True), log.frame()


def typed_column(
    text: pd.Series[str], column: Column, raw: RawData, log: CleaningLog, settle: Settle = settle_codes
) -> dict[str, pd.Series]:
    """Give one column its declared type, and a twin with the reasons if a cell of it may be missing.

    Parameters
    ----------
    text : Series of str
        Its cells; dates are ISO text by now.
    column : Column
        Its declaration.
    raw : RawData
        The table that it belongs to.
    log : CleaningLog
        Every use of ``invalid`` is noted with its rows.
    settle : callable
        How cells become codes: `settle_codes`, or another with its parameters.

    Returns
    -------
    dict of Series
        By name, the column and its twin.

    Raises
    ------
    StudyError
        On a cell that the declaration does not settle.
    """
    if column.blank.startswith("="):
        text = text.mask(text == "", column.blank[1:])
    # A key says which row this is: in it "NA" is a name, whatever it means in other columns.
    missing = {} if column.name in raw.table.key else dict(raw.table.missing)
    if column.blank != "stop" and not column.blank.startswith("="):
        missing[""] = column.blank
    if column.type == "code":
        field = raw.fields[column.field]
        policy = raw.table.outside_codebook
        codes, reasons = settle(
            text, field, missing=missing, policy=policy, log=log, place=raw.file, column=column.source[0]
        )
        result = {column.name: codes.astype(pd.CategoricalDtype(field.values, ordered=True))}
        return result | ({column.name + REASON: reasons} if missing or policy != "stop" else {})
    reasons = text.map(missing).astype("str")
    blank = text.index[(text == "") & reasons.isna()]
    if len(blank):
        raise StudyError(
            f"{raw.file} row {blank[0]}: {column.source[0]} is blank (rows affected: {listed(blank)}); fill "
            "it in "
            "data_raw/corrections.csv, or declare in study.yml what a blank means there, for example blank: "
            "skipped"
        )
    result = {column.name: _values(text.mask(reasons.notna(), ""), column, raw.file)}
    return result | ({column.name + REASON: reasons} if missing else {})


def _values(text: pd.Series[str], column: Column, file: str) -> pd.Series:
    if column.type == "date":
        return pd.to_datetime(text.where(text != ""), format="%Y-%m-%d").astype("datetime64[us]")
    if column.type == "time":
        return pd.to_datetime(text.where(text != ""), format="%Y-%m-%d %H:%M:%S").astype("datetime64[us]")
    if column.type in ("integer", "number"):
        return to_numbers(text, column, file)
    return text.where(text != "")
