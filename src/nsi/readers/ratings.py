"""Cleaning ratings: who gave which code to which unit, in one long table from any shape of sheet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.raw_data import RawData, mapped, require_filled
from nsi.readers.rules import parse_dates, settle_codes, settle_duplicates, to_numbers

STAGES = ("independent", "consensus")
OVER_ALL_CASES = "all"  # in every table of results, the row over all cases; no case can have that name
SORTED_OUT = ("case", "unit", "coder", "field", "value", "secondary", "missing", "label_stage", "source_row")
STANDARD = [
    "case",
    "unit",
    "coder",
    "field",
    "value",
    "secondary",
    "missing",
    "round",
    "rated_on",
    "label_stage",
]


def clean_ratings(raw: RawData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean one raw table of ratings.

    Parameters
    ----------
    raw : RawData
        From ``study.raw(name)``; long (a row per unit, coder and field) or wide (a column per field).

    Returns
    -------
    ratings : DataFrame
        One row per case, unit, coder, field and label_stage: value (a code, or missing), secondary (a code,
        or missing where there is none), missing (the reason, where value is missing), round, rated_on,
        label_stage (independent or consensus), source_row (the file's row), and any further declared column.
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
    for column in raw.table.columns.values():
        if column.type == "date":
            text = parse_dates(text, column, log, raw.file, raw.table.missing)
    text = text.assign(label_stage=text.get("label_stage", "independent"), source_row=text.index)
    identity = ["case", "unit", "coder", *(["field"] if raw.table.layout == "long" else []), "label_stage"]
    require_filled(text, identity, raw.file)
    _check_words(text, raw)
    _check_cases(text, raw)
    # A study whose coders code again in a later round declares a key with the round in it.
    text = _one_rating_each(text, list(dict.fromkeys([*identity[1:], *raw.table.key])), raw, log)
    long = _values_long(text, raw, log) if raw.table.layout == "long" else _values_wide(text, raw, log)
    long = _others_typed(long, raw, log)
    absent = [name for name in STANDARD if name not in long.columns]
    nothing = {name: pd.Series(np.nan, index=range(len(long)), dtype="str") for name in absent}
    long = long.reset_index(drop=True).assign(**nothing)
    long["rated_on"] = pd.to_datetime(long["rated_on"]).astype("datetime64[us]")
    extra = [name for name in long.columns if name not in STANDARD and name != "source_row"]
    return long[[*STANDARD, *extra, "source_row"]], log.frame()


def _check_words(text: pd.DataFrame, raw: RawData) -> None:
    """Every case, field and stage must be one that the study declares, and a coded id must be a code."""
    allowed: dict[str, tuple[str, ...] | list[str]] = {"label_stage": STAGES}
    if raw.table.layout == "long":
        allowed["field"] = raw.table.fields
    for name in ("case", "unit", "coder"):
        if raw.table.columns[name].type == "code":
            allowed[name] = raw.fields[raw.table.columns[name].field].values
    for name, values in allowed.items():
        stray = text.index[~text[name].isin(list(values))]
        if len(stray):
            raise StudyError(
                f"{raw.file} row {stray[0]}: unknown {name} {shown(str(text.at[stray[0], name]))}, but the "
                f"study knows {', '.join(values)} (rows affected: {listed(stray)}); settle it in "
                "data_raw/corrections.csv, "
                f"or declare the {name}"
            )


def _check_cases(text: pd.DataFrame, raw: RawData) -> None:
    """A unit must belong to one case, and no case may be called what the row over all cases is called."""
    called = text.index[text["case"] == OVER_ALL_CASES]
    if len(called):
        raise StudyError(
            f"{raw.file} row {called[0]}: the case is called '{OVER_ALL_CASES}', but in every table of "
            "results that is "
            f"the row over all cases (rows affected: {listed(called)}); give the case another name in the "
            "file"
        )
    cases = text.groupby("unit", sort=False)["case"].nunique()
    if (cases > 1).any():
        unit = cases.index[cases > 1][0]
        rows = text.index[text["unit"] == unit]
        raise StudyError(
            f"{raw.file} rows {listed(rows)}: unit '{unit}' stands under several cases "
            f"({', '.join(dict.fromkeys(text.loc[rows, 'case']))}); settle it in data_raw/corrections.csv, "
            "or make the "
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
        stage = "" if row["label_stage"] == STAGES[0] else f" ({row['label_stage']})"
        said = f"coder {row['coder']} coded unit {row['unit']} {count}{what}{stage}"
    return settle_duplicates(text, key, raw.table.duplicates, log, raw.file, said)


def _values_long(text: pd.DataFrame, raw: RawData, log: CleaningLog) -> pd.DataFrame:
    parts = []
    policy = raw.table.outside_codebook
    for name in raw.table.fields:
        here = text[text["field"] == name]
        value, missing = settle_codes(
            here["value"], raw.fields[name], missing=raw.table.missing, policy=policy, log=log, place=raw.file
        )
        part = here.assign(value=value, missing=missing)
        if "secondary" in text.columns:
            # Blank: no second code was asked for. That none was found is a code, where a study has one.
            column = raw.table.columns["secondary"]
            part["secondary"], _ = settle_codes(
                here["secondary"], raw.fields[column.field or name], policy=policy, log=log, place=raw.file,
                missing={**raw.table.missing, "": "not_asked"}, column=column.source[0],
            )  # fmt: skip
        parts.append(part)
    return pd.concat(parts).loc[text.index]


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


def _others_typed(long: pd.DataFrame, raw: RawData, log: CleaningLog) -> pd.DataFrame:
    """Give the remaining columns their declared type; a blank in them is missing."""
    typed: dict[str, pd.Series] = {}
    for name, column in raw.table.columns.items():
        if name in SORTED_OUT:
            continue
        text = long[name].mask(long[name].isin(list(raw.table.missing)), "")
        if column.type == "code":
            typed[name], _ = settle_codes(
                text, raw.fields[column.field], missing={"": "skipped"}, policy=raw.table.outside_codebook,
                log=log, place=raw.file, column=column.source[0],
            )  # fmt: skip
        elif column.type == "date":
            typed[name] = pd.to_datetime(text.mask(text == "", np.nan)).astype("datetime64[us]")
        elif column.type in ("integer", "number"):
            typed[name] = to_numbers(text, column, raw.file)
        else:
            typed[name] = text.mask(text == "", np.nan)
    return long.assign(**typed)
