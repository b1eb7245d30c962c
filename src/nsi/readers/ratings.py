"""Cleaning ratings: who gave which code to which unit, in one long table, whatever shape the coders' sheets have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.codebook import Field
from nsi.errors import StudyError, listed
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.raw_data import RawData, mapped, require_filled
from nsi.readers.rules import parse_dates, settle_codes, settle_duplicates

STAGES = ("independent", "consensus")
STANDARD = ["case", "unit", "coder", "field", "value", "secondary", "missing", "round", "rated_on", "label_stage"]


def clean_ratings(raw: RawData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean one raw table of ratings.

    Parameters
    ----------
    raw : RawData
        From ``study.raw(name)``; long (a row per unit, coder and field) or wide (a column per field).

    Returns
    -------
    ratings : DataFrame
        One row per case, unit, coder, field and label_stage: value (a code, or missing), secondary (a code, or missing
        where there is none), missing (the reason, where value is missing), round, rated_on, label_stage (independent or
        consensus), source_row (the file's row), and any further declared column.
    log : DataFrame
        One row per rule: table, rule, what, rows_before, rows_after, rows_changed, rows.

    Raises
    ------
    StudyError
        On the first thing that the declaration does not settle; the message names file, row, value and remedy.
    """
    log = CleaningLog(raw.table.name)
    text = mapped(raw, log)
    for column in raw.table.columns.values():
        if column.type == "date":
            text = parse_dates(text, column, log, raw.file)
    text = text.assign(label_stage=text.get("label_stage", "independent"), source_row=text.index)
    identity = ["case", "unit", "coder", *(["field"] if raw.table.layout == "long" else []), "label_stage"]
    require_filled(text, identity, raw.file)
    _check_words(text, raw)
    text = _one_rating_each(text, identity[1:], raw, log)
    long = _values_long(text, raw, log) if raw.table.layout == "long" else _values_wide(text, raw, log)
    for name in STANDARD:
        if name not in long.columns:
            long[name] = pd.Series(np.nan, index=long.index, dtype="str")
    if "rated_on" in raw.table.columns:
        long["rated_on"] = pd.to_datetime(long["rated_on"].replace("", None), format="%Y-%m-%d").astype("datetime64[us]")
    extra = [name for name in long.columns if name not in STANDARD and name != "source_row"]
    return long[[*STANDARD, *extra, "source_row"]].reset_index(drop=True), log.frame()


def _check_words(text: pd.DataFrame, raw: RawData) -> None:
    """Every case, field and stage must be one that the study declares, and a unit must belong to one case."""
    allowed: dict[str, tuple[str, ...] | list[str]] = {"label_stage": STAGES}
    if raw.table.layout == "long":
        allowed["field"] = raw.table.fields
    if raw.table.columns["case"].type == "code":
        allowed["case"] = raw.fields[raw.table.columns["case"].field].values
    for name, values in allowed.items():
        stray = text.index[~text[name].isin(list(values))]
        if len(stray):
            raise StudyError(
                f"{raw.file} row {stray[0]}: unknown {name} '{text.at[stray[0], name]}', but the study knows "
                f"{', '.join(values)} (rows affected: {listed(stray)}); settle it in data_raw/corrections.csv, "
                f"or declare the {name}"
            )
    cases = text.groupby("unit", sort=False)["case"].nunique()
    if (cases > 1).any():
        unit = cases.index[cases > 1][0]
        rows = text.index[text["unit"] == unit]
        raise StudyError(
            f"{raw.file} rows {listed(rows)}: unit '{unit}' stands under several cases "
            f"({', '.join(dict.fromkeys(text.loc[rows, 'case']))}); settle it in data_raw/corrections.csv, or make the "
            "unit's id of several columns in study.yml"
        )


def _one_rating_each(text: pd.DataFrame, key: list[str], raw: RawData, log: CleaningLog) -> pd.DataFrame:
    doubled = text[text.duplicated(key, keep=False)]
    said = ""
    if len(doubled):
        row = doubled.iloc[0]
        times = int((doubled[key] == row[key]).all(axis=1).sum())
        count = "twice" if times == 2 else f"{times} times"
        what = f" for '{row['field']}'" if "field" in key else ""
        said = f"coder {row['coder']} coded unit {row['unit']} {count}{what}"
    return settle_duplicates(text, key, raw.table.duplicates, log, raw.file, said)


def _values_long(text: pd.DataFrame, raw: RawData, log: CleaningLog) -> pd.DataFrame:
    value = pd.Series(np.nan, index=text.index, dtype="str")
    missing = value.copy()
    secondary = value.copy()
    policy = raw.table.outside_codebook
    for name in raw.table.fields:
        here = text["field"] == name
        cells = text.loc[here, "value"]
        value[here], missing[here] = settle_codes(
            cells, raw.fields[name], missing=raw.table.missing, policy=policy, log=log, place=raw.file
        )
        if "secondary" in text.columns:
            # Blank: no second code was asked for. That none was found is a code of the field, where a study tells them apart.
            secondary[here], _ = settle_codes(
                text.loc[here, "secondary"], _second_field(raw, name), missing={"": "not_asked"}, policy=policy, log=log,
                place=raw.file,
            )  # fmt: skip
    return text.assign(value=value, missing=missing, secondary=secondary)


def _second_field(raw: RawData, field: str) -> Field:
    return raw.fields[raw.table.columns["secondary"].field or field]


def _values_wide(text: pd.DataFrame, raw: RawData, log: CleaningLog) -> pd.DataFrame:
    identity = [name for name in text.columns if name not in raw.table.fields]
    parts = []
    for name in raw.table.fields:
        value, missing = settle_codes(
            text[name], raw.fields[name], missing=raw.table.missing, policy=raw.table.outside_codebook,
            log=log, place=raw.file,
        )  # fmt: skip
        parts.append(text[identity].assign(field=name, value=value, missing=missing))
    return pd.concat(parts)
