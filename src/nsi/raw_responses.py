"""What a raw table of survey responses must declare: who answered, for which case, in which wave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nsi.errors import StudyError
from nsi.survey import Survey

if TYPE_CHECKING:
    from nsi.raw_tables import RawTable

REQUIRED = ("respondent", "case")
MADE_BY_READER = ("wave", "on_roster")
IDENTITY = ("respondent", "case", "response")  # ids, so text or codes
ROLE = "role"


def check_responses(table: RawTable, survey: Survey | None, field_codes: Mapping[str, list[str]], where: str) -> None:
    """Check the declaration of one export of responses.

    Parameters
    ----------
    table : RawTable
        The declaration, with ``holds: responses``.
    survey : Survey or None
        The study's survey.
    field_codes : mapping
        Codebook field to its codes.
    where : str
        The place, for messages.

    Raises
    ------
    StudyError
        If there is no survey, the wave is unknown, a needed column is not mapped, or a name is taken.
    """
    if survey is None:
        raise StudyError(f"{where} holds responses, but study.yml has no key 'survey'; add it, with the items")
    if table.wave not in survey.waves:
        declared = ", ".join(survey.waves)
        raise StudyError(f"{where}.wave is '{table.wave}', but study.yml survey.waves declares {declared}; correct it")
    for name in REQUIRED:
        if name not in table.columns:
            raise StudyError(f"{where}.columns: responses need '{name}'; map it to its column")
    made = {*MADE_BY_READER, *survey.items, *(f"{item}_missing" for item in survey.items)}
    for name, column in table.columns.items():
        if name in made:
            raise StudyError(f"{where}.columns.{name}: that name is kept for what reading responses makes; rename it")
        if name in IDENTITY and column.type not in ("text", "code"):
            raise StudyError(
                f"{where}.columns.{name} is of type {column.type}, but ids are text; allowed are text, code"
            )
    if table.duplicates != "stop" or table.key:
        raise StudyError(f"{where}: which of several responses stays is said by the rules for responses in settings; "
                         "remove 'key' and 'duplicates'")  # fmt: skip
    _check_roles(table, survey, field_codes, where)


def _check_roles(table: RawTable, survey: Survey, field_codes: Mapping[str, list[str]], where: str) -> None:
    role = table.columns.get(ROLE)
    known = field_codes.get(role.field, []) if role else []
    for item in survey.items.values():
        strange = [name for name in item.asked_of if name not in known]
        if strange and item.name in survey.columns[table.wave]:
            raise StudyError(
                f"{where}: item '{item.name}' is asked of '{strange[0]}', but the column 'role' knows "
                f"{', '.join(known) or 'no codes'}; map 'role' with type: code to a field with that code"
            )
