"""The last check on cleaned responses: what every later step relies on, told by row, column and value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import pandas as pd

from nsi.errors import SHOWN, StudyError, shown
from nsi.raw_tables import RawTable
from nsi.readers.item_answers import NOT_ASKED, SKIPPED
from nsi.readers.rules import INVALID
from nsi.readers.tables import REASON
from nsi.survey import Survey

if TYPE_CHECKING:
    import pandera.pandas as pa

Holds = Callable[[pd.Series], pd.Series]
Rules = dict[str, Holds]  # what must hold of a column, by the words for it
KEY = ["wave", "case", "respondent"]
CORRECT = "correct it in data_raw/corrections.csv"
AGAIN = "clean the export again"
FILLED = f"must be filled; {CORRECT}"
ALONE = "must stand once in a case; add the rule 'duplicates' for responses in study.yml, or drop one row"


def known_reasons(table: RawTable) -> list[str]:
    """Every reason for a missing answer that a table of responses may hold."""
    return list(dict.fromkeys([SKIPPED, NOT_ASKED, INVALID, *table.missing.values()]))


def check_responses_frame(
    responses: pd.DataFrame, survey: Survey, *, file: str = "responses", roles: Collection[str] = (),
    reasons: Collection[str] = (),
) -> None:  # fmt: skip
    """Check cleaned responses.

    Parameters
    ----------
    responses : DataFrame
        As `clean_responses` makes them; the index holds the file's row numbers.
    survey : Survey
        Its items.
    file : str
        What to call the table in a message.
    roles, reasons : collection of str
        The roles, and the reasons for a missing answer, that there are; none named: any.

    Raises
    ------
    StudyError
        If an id is blank, two responses share wave, case and respondent, an answer is outside its limits, an item
        has both an answer and a reason or neither, a role or a reason is unknown, or somebody answered an item that
        was not put to the role. The message names the first rows, their column, value, and what to do.
    """
    wanted = [*KEY, "role", *(name for item in survey.items for name in (item, item + REASON))]
    absent = [name for name in wanted if name not in responses.columns]
    if absent:
        raise StudyError(f"{file} has no column '{absent[0]}' ({len(absent)} are missing); {AGAIN}")
    _check_types(responses, survey, file)
    rules = _identity(responses, roles)
    for item in survey.items:
        rules |= _item(responses, survey, item, reasons)
    if not all(holds(responses[name]).all() for name, of_column in rules.items() for holds in of_column.values()):
        _tell_which(rules, responses, file)


def _tell_which(rules: dict[str, Rules], responses: pd.DataFrame, file: str) -> None:
    """Have pandera find the cells for which a rule does not hold, and name them."""
    import pandera.pandas as pa  # a third of a second, which a file without mistakes need not pay

    columns = {name: _column(of_column) for name, of_column in rules.items()}
    try:
        pa.DataFrameSchema(columns).validate(responses, lazy=True)
    except pa.errors.SchemaErrors as failed:
        raise StudyError(_told(failed.failure_cases, responses, file)) from None


def _check_types(responses: pd.DataFrame, survey: Survey, file: str) -> None:
    wanted = dict.fromkeys([*KEY, *(item + REASON for item in survey.items)], "str")
    wanted |= dict.fromkeys(survey.items, "Int16")
    odd = [name for name in responses.columns if name in wanted and str(responses[name].dtype) != wanted[name]]
    if odd:
        found, right = responses[odd[0]].dtype, wanted[odd[0]]
        raise StudyError(
            f"{file}: column '{odd[0]}' is of type {found}, but must be {right} ({len(odd)} are of another type); "
            f"{AGAIN}"
        )


def _column(rules: Rules) -> pa.Column:
    """A column of pandera's with our own words for each rule; a rule sees missing cells, too."""
    import pandera.pandas as pa

    checks = [pa.Check(holds, error=words, ignore_na=False) for words, holds in rules.items()]
    return pa.Column(None, checks, nullable=True)


def _filled(cells: pd.Series) -> pd.Series:
    return cells.notna() & (cells != "")


def _identity(responses: pd.DataFrame, roles: Collection[str]) -> dict[str, Rules]:
    doubled = responses.duplicated(KEY, keep=False)
    columns: dict[str, Rules] = {name: {FILLED: _filled} for name in ("wave", "case")}
    columns["respondent"] = {ALONE: lambda _: ~doubled, FILLED: _filled}
    if roles:
        known = f"must be one of {', '.join(roles)}; correct it in data_raw/corrections.csv, or add it to the codebook"
        columns["role"] = {known: lambda role: role.isna() | role.isin(list(roles))}
    return columns


def _item(responses: pd.DataFrame, survey: Survey, item: str, reasons: Collection[str]) -> dict[str, Rules]:
    low, high = survey.limits[item]
    asked_of = list(survey.items[item].asked_of)
    twin = responses[item + REASON]
    rules: Rules = {
        f"must lie between {low:g} and {high:g}; {CORRECT}": lambda cells: cells.isna() | cells.between(low, high),
        f"must have either an answer or a reason in {item}{REASON}; {AGAIN}": lambda cells: cells.isna() != twin.isna(),
    }
    why: Rules = {}
    if reasons:
        known = f"must be one of {', '.join(reasons)}; declare it in study.yml under 'missing'"
        why[known] = lambda cells: cells.isna() | cells.isin(list(reasons))
    if asked_of:
        role = responses["role"]
        asked = role.isna() | role.isin(asked_of)
        block = f"must be {NOT_ASKED}, because the item is put to {', '.join(asked_of)} only; {AGAIN}"
        why[block] = lambda cells: asked | (cells == NOT_ASKED)
    return {item: rules, item + REASON: why}


def _told(failures: pd.DataFrame, responses: pd.DataFrame, file: str) -> str:
    """Our own words for what failed, by row and then by column."""
    order = {name: place for place, name in enumerate(responses.columns)}
    cells = failures.assign(place=failures["column"].map(order)).sort_values(["index", "place"], kind="stable")
    lines = [
        f"row {int(row)}: {name} is {_value(responses.at[row, name])}, but {words}"
        for row, name, words in zip(cells["index"][:SHOWN], cells["column"], cells["check"], strict=False)
    ]
    rest = len(cells) - SHOWN
    count = f"{len(cells)} cells are" if len(cells) > 1 else "1 cell is"
    told = "\n  ".join([f"{file}: {count} not as the study declares", *lines])
    return told + (f"\n  and {rest} more" if rest > 0 else "")


def _value(cell: object) -> str:
    return "blank" if pd.isna(cell) or cell == "" else shown(str(cell))  # type: ignore[call-overload]
