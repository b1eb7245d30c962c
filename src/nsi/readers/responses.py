"""Cleaning responses to a survey: from an export in any form to one row per response that is analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import Any

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.raw_columns import Column
from nsi.raw_responses import IDENTITY, ROLE
from nsi.readers.answers import settle_answers
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.item_answers import SKIPPED, item_answers
from nsi.readers.people import link_people
from nsi.readers.raw_data import RawData, mapped, require_filled
from nsi.readers.response_checks import check_responses_frame, known_reasons
from nsi.readers.response_rules import Rule, apply_rules, read_rules
from nsi.readers.rules import NUMBER, parse_dates
from nsi.readers.tables import REASON, typed_column
from nsi.survey import Survey

OVER_ALL_CASES = "all"  # in every table of results, the row over all cases; no case can have that name
LINKED = (*IDENTITY, ROLE)  # known only when responses are linked to the roster
SORTED_BY = ["case", "respondent", "response"]


@dataclass(frozen=True)
class CleanResponses:
    """Responses of one wave as they are analysed, and how they came to be.

    Attributes
    ----------
    responses : DataFrame
        One row per response that stays, sorted by case, respondent, response: wave, case, respondent, response,
        role, on_roster, the other declared columns, then ``<item>`` (Int16, as given) and ``<item>_missing`` (the
        reason) for every item of the survey. Nothing in it tells in what form the export was written.
    log : DataFrame
        One row per rule: table, rule, what, rows_before, rows_after, rows_changed, rows.
    """

    responses: pd.DataFrame
    log: pd.DataFrame


def clean_responses(
    raw: RawData, rules: Sequence[Mapping[str, Any]], roster: pd.DataFrame | None = None
) -> CleanResponses:
    """Clean one export of survey responses.

    Parameters
    ----------
    raw : RawData
        From ``study.raw(name)``, of a table with ``holds: responses``.
    rules : sequence of mapping
        Which responses stay, as study.yml declares it; see `read_rules`. Rules by value that come first are applied
        before anything else is read, so that a preview without a case does not stop the rest.
    roster : DataFrame or None
        One row per member of this wave: case, respondent, role, and any columns ``address...``.

    Returns
    -------
    CleanResponses
        The responses, checked, and the log.

    Raises
    ------
    StudyError
        On the first thing that the declaration does not settle; the message names file, row, value and remedy.
    """
    if raw.survey is None:
        raise StudyError(f"raw.{raw.table.name} holds no responses; declare holds: responses and wave in study.yml")
    survey, log = raw.survey, CleaningLog(raw.table.name)
    declared = read_rules(rules, raw.table, raw.fields)
    first = list(takewhile(lambda rule: rule.by_value and rule.said["column"] not in LINKED, declared))
    text, early = _sifted_early(mapped(raw, log), first, raw, survey, log)
    durations = {rule.said["column"] for rule in declared if rule.kind == "seconds"}
    frame = _typed(text, early, durations, raw, roster, log)
    frame = pd.concat([frame, item_answers(text, frame[ROLE], raw, survey, log)], axis=1)
    frame = apply_rules(frame, declared[len(first) :], survey, log)
    check_responses_frame(frame, survey, file=raw.file, roles=_roles(raw), reasons=known_reasons(raw.table))
    return CleanResponses(frame.sort_values(SORTED_BY, kind="stable").reset_index(drop=True), log.frame())


def _typed(
    text: pd.DataFrame, early: dict[str, pd.Series], durations: set[str], raw: RawData,
    roster: pd.DataFrame | None, log: CleaningLog,
) -> pd.DataFrame:  # fmt: skip
    """Every column but those of the items, in their order."""
    identity = _identity(text, raw, log)
    role = _role(text, raw, log)
    people = link_people(identity.assign(role=role[ROLE].astype("str")), roster, log, roles=_roles(raw))
    role = _filled(role, people["role"], raw)
    columns = {name: early[name].loc[text.index] for name in early}
    columns |= _others(text, {*early, *IDENTITY, ROLE}, durations, raw, log)
    return pd.DataFrame({
        "wave": pd.Series(raw.table.wave, index=text.index, dtype="str"), "case": identity["case"],
        "respondent": people["respondent"], "response": identity["response"], ROLE: role[ROLE],
        "on_roster": people["on_roster"], **{name: role[name] for name in role if name != ROLE},
        **{name: columns[name] for name in _in_order(raw, columns)},
    })  # fmt: skip


def _settled(text: pd.Series[str], column: Column, raw: RawData, log: CleaningLog) -> dict[str, pd.Series]:
    labels = raw.labels.get(column.source[0], {}) if len(column.source) == 1 else {}
    return typed_column(text, column, raw, log, partial(settle_answers, labels=labels))


def _sifted_early(
    text: pd.DataFrame, rules: list[Rule], raw: RawData, survey: Survey, log: CleaningLog
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Apply the rules by value with which the list begins, reading no column but theirs."""
    early: dict[str, pd.Series] = {}
    for rule in rules:
        name = rule.said["column"]
        if name not in early:
            early |= _settled(text[name], raw.table.columns[name], raw, log)
        left = apply_rules(pd.DataFrame({name: early[name].loc[text.index]}), [rule], survey, log)
        text = text.loc[left.index]
    return text, early


def _identity(text: pd.DataFrame, raw: RawData, log: CleaningLog) -> pd.DataFrame:
    """Case, respondent and response as text; all but the respondent must be filled."""
    found = {}
    for name in IDENTITY:
        column = raw.table.columns.get(name)
        if column is None:
            found[name] = pd.Series(pd.array([None] * len(text), dtype="str"), index=text.index)
            continue
        found[name] = text[name]
        if name != "respondent":
            require_filled(text, [name], raw.file)
        if column.type == "code":
            missing = {"": SKIPPED} if name == "respondent" else {}
            codes, _ = settle_answers(
                text[name], raw.fields[column.field], missing=missing, policy="stop", log=log, place=raw.file,
                column=column.source[0], labels=raw.labels.get(column.source[0]),
            )  # fmt: skip
            found[name] = codes.fillna("")
    called = text.index[found["case"] == OVER_ALL_CASES]
    if len(called):
        raise StudyError(
            f"{raw.file} row {called[0]}: the case is called '{OVER_ALL_CASES}', but in every table of results that is "
            f"the row over all cases (rows affected: {listed(called)}); give the case another name in the file"
        )
    return pd.DataFrame(found)


def _roles(raw: RawData) -> list[str]:
    column = raw.table.columns.get(ROLE)
    return raw.fields[column.field].values if column and column.field else []


def _role(text: pd.DataFrame, raw: RawData, log: CleaningLog) -> dict[str, pd.Series]:
    """The role as the response gives it; a blank may yet be filled from the roster."""
    column = raw.table.columns.get(ROLE)
    if column is None:
        return {ROLE: pd.Series(pd.array([None] * len(text), dtype="str"), index=text.index)}
    blank = text[ROLE] == ""
    if not blank.any() or column.blank.startswith("=") or "" in raw.table.missing or column.blank != "stop":
        return _settled(text[ROLE], column, raw, log)
    some = _settled(text.loc[~blank, ROLE], column, raw, log)
    return {name: series.reindex(text.index) for name, series in some.items()}


def _filled(role: dict[str, pd.Series], known: pd.Series[str], raw: RawData) -> dict[str, pd.Series]:
    """Fill roles from the roster; where the role must not be blank, one that is still unknown stops."""
    filled = role[ROLE].isna() & known.notna()
    whole = role[ROLE].astype("str").mask(filled, known).astype(role[ROLE].dtype)
    twin = {name: series.mask(filled) for name, series in role.items() if name != ROLE}
    reasons = twin.get(ROLE + REASON)
    lost = whole.isna() if reasons is None else whole.isna() & reasons.isna()
    if lost.any() and ROLE in raw.table.columns:
        rows = lost.index[lost]
        raise StudyError(
            f"{raw.file} row {rows[0]}: {raw.table.columns[ROLE].source[0]} is blank, and no roster has it (rows "
            f"affected: {listed(rows)}); fill it in data_raw/corrections.csv, or declare in study.yml what a blank "
            f"means there, for example blank: {SKIPPED}"
        )
    return {ROLE: whole, **twin}


def _others(
    text: pd.DataFrame, done: set[str], durations: set[str], raw: RawData, log: CleaningLog
) -> dict[str, pd.Series]:
    """The other declared columns with their types, twins beside them."""
    columns: dict[str, pd.Series] = {}
    # In a column that a rule reads as seconds, 99 is a duration, whatever it means among answers.
    words = {cell: reason for cell, reason in raw.table.missing.items() if not NUMBER.fullmatch(cell)}
    plain = replace(raw, table=replace(raw.table, missing=words))
    for name, column in raw.table.columns.items():
        if name in done:
            continue
        if column.type in ("date", "time"):
            text = parse_dates(text, column, log, raw.file, raw.table.missing)
        columns |= _settled(text[name], column, plain if name in durations else raw, log)
    return columns


def _in_order(raw: RawData, columns: Mapping[str, pd.Series]) -> list[str]:
    wanted = [twin for name in raw.table.columns for twin in (name, name + REASON)]
    return [name for name in wanted if name in columns]
