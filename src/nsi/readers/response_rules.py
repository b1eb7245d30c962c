"""The rules that lead from an export to the responses that are analysed: declared, in order, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nsi.codebook import Field
from nsi.errors import StudyError
from nsi.raw_columns import Column
from nsi.raw_tables import RawTable
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.sifting import SIFTS
from nsi.strict import checked, choice, kind, text, texts
from nsi.survey import Survey

BY_VALUE = ("drop_if", "keep_if")
# What a rule must and may say beside its kind and why; a key is checked in the same way in every rule.
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "drop_if": (("column", "values"), ()),
    "keep_if": (("column", "values"), ()),
    "answered": (("at_least",), ()),
    "seconds": (("column", "at_least"), ()),
    "straight_lining": (("at_least_items",), ("action",)),
    "not_on_roster": (("action",), ()),
    "duplicates": (("keep",), ("column",)),
}
TYPES = {
    "drop_if": ("text", "code"), "keep_if": ("text", "code"), "seconds": ("integer", "number"),
    "duplicates": ("date", "time"),
}  # fmt: skip
KEEP = ("most_answered", "latest", "first")
ACTIONS = ("drop", "keep")


@dataclass(frozen=True)
class Rule:
    """One rule: its kind, why it is applied, what it says beside, and where it stands, for messages."""

    kind: str
    why: str
    said: dict[str, Any]
    where: str

    @property
    def by_value(self) -> bool:
        """Whether it looks at the values of one column only."""
        return self.kind in BY_VALUE


def read_rules(rules: Sequence[Mapping[str, Any]], table: RawTable, fields: Mapping[str, Field]) -> list[Rule]:
    """Check the rules that study.yml declares for a table of responses.

    Parameters
    ----------
    rules : sequence of mapping
        In the order in which they are applied, each with ``rule``, ``why`` and what that rule needs.
    table : RawTable
        The declaration of the export.
    fields : mapping
        The codebook fields of its columns.

    Returns
    -------
    list of Rule
        With defaults filled in.

    Raises
    ------
    StudyError
        On an unknown rule or key, a column that is not declared or of another type, a value that is no code. The
        message names the rule's place in the list, and what is allowed.
    """
    if isinstance(rules, (str, Mapping)) or not isinstance(rules, Sequence):
        raise StudyError(f"the rules for responses in study.yml must be a list of rules, but found {kind(rules)}")
    return [_rule(spec, f"study.yml, rule {number} for responses", table, fields)
            for number, spec in enumerate(rules, start=1)]  # fmt: skip


def apply_rules(frame: pd.DataFrame, rules: Sequence[Rule], survey: Survey, log: CleaningLog) -> pd.DataFrame:
    """Apply rules in their order; each writes one line of the log.

    Parameters
    ----------
    frame : DataFrame
        Responses with the columns that the rules look at; the index holds row numbers.
    rules : sequence of Rule
        From `read_rules`.
    survey : Survey
        Its items.
    log : CleaningLog
        Gets a line per rule: rows before and after, and the rows that went.

    Returns
    -------
    DataFrame
        The rows that stay.
    """
    for rule in rules:
        found, name, what = SIFTS[rule.kind](frame, rule.said, survey)
        left = frame[~found]
        log.add(name, f"{what}. Why: {rule.why}", before=len(frame), after=len(left), removed=frame.index[found])
        frame = left
    return frame


def _rule(spec: object, where: str, table: RawTable, fields: Mapping[str, Field]) -> Rule:
    if not isinstance(spec, Mapping) or "rule" not in spec:
        raise StudyError(f"{where} must hold keys and values with the key 'rule'; rules are {', '.join(KEYS)}")
    name = choice(spec["rule"], f"{where}: rule", list(KEYS))
    place = f"{where} ({name})"
    required, optional = KEYS[name]
    checked(spec, place, required=("rule", "why", *required), optional=optional)
    why = text(spec["why"], f"{place}: why").strip().rstrip(".")
    if not why:
        raise StudyError(f"{place}: why is empty; say in a few words why, since it stands in the log and the figure")
    said = {key: spec[key] for key in (*required, *optional) if key in spec}
    _check_words(said, name, place)
    _check_least(said, name, place)
    if "column" in said:
        _check_column(said["column"], name, table, place)
    if name == "duplicates" and "column" not in said:
        said["column"] = _only_time_column(said["keep"], table, place)
    if "values" in said:
        said["values"] = _values(said["values"], table.columns[said["column"]], fields, place)
    return Rule(name, why, said, place)


def _check_words(said: dict[str, Any], name: str, place: str) -> None:
    if name == "straight_lining":
        said.setdefault("action", ACTIONS[0])
    for key, allowed in (("keep", KEEP), ("action", ACTIONS)):
        if key in said:
            choice(said[key], f"{place}: {key}", allowed)


def _check_column(value: object, name: str, table: RawTable, place: str) -> None:
    column = text(value, f"{place}: column")
    if column not in table.columns or column == "respondent":
        others = ", ".join(other for other in table.columns if other != "respondent")
        what = "there is no such column"
        if column == "respondent":
            what = "single responses are dropped in data_raw/corrections.csv"
        raise StudyError(f"{place}: column is '{column}', but {what}; columns in raw.{table.name} are {others}")
    if table.columns[column].type not in TYPES[name]:
        allowed = " or ".join(TYPES[name])
        raise StudyError(
            f"{place}: column '{column}' is of type {table.columns[column].type}, but the rule needs {allowed}; "
            f"declare it so in raw.{table.name}.columns"
        )


def _only_time_column(keep: str, table: RawTable, place: str) -> str:
    times = [name for name, column in table.columns.items() if column.type in TYPES["duplicates"]]
    if len(times) > 1:
        raise StudyError(f"{place}: {', '.join(times)} are dates or times; say with 'column' which one tells the last")
    if not times and keep != KEEP[0]:
        raise StudyError(f"{place}: keep: {keep} needs a column of type date or time, but raw.{table.name} has none")
    return times[0] if times else ""


def _values(value: object, column: Column, fields: Mapping[str, Field], place: str) -> list[str]:
    values = texts(value, f"{place}: values")
    if column.type == "code":
        known = fields[column.field].values
        strange = [entry for entry in values if entry not in known]
        if strange:
            raise StudyError(
                f"{place}: '{strange[0]}' is no code of column '{column.name}'; the codebook has {', '.join(known)}"
            )
    return values


def _check_least(said: Mapping[str, Any], name: str, place: str) -> None:
    key = next((key for key in ("at_least", "at_least_items") if key in said), "")
    if not key:
        return
    least = said[key]
    number = isinstance(least, (int, float)) and not isinstance(least, bool)
    allowed, fits = {
        "answered": ("a share above 0, at most 1", number and 0 < least <= 1),
        "seconds": ("a number above 0", number and 0 < least < float("inf")),
        "straight_lining": ("a whole number from 2", number and isinstance(least, int) and least >= 2),
    }[name]
    if not fits:
        raise StudyError(f"{place}: {key} must be {allowed}, but found {kind(least)}; correct it")
