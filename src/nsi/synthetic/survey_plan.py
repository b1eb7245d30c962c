"""Reading the questionnaire of a look-alike survey, and checking that all declarations name the same things."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from nsi.codebook import Codebook
from nsi.errors import StudyError, listed
from nsi.strict import csv_rows
from nsi.survey import CROSSWALK_COLUMNS, ITEM_COLUMNS
from nsi.synthetic.survey_form import Item, Plan

ALL = 60  # names shown in a message: more than any questionnaire or set of cases here has
Named = tuple[str, Collection[str], Collection[str]]  # a place, the names that stand there, the names there may be


def read_plan(declared: Mapping[str, Any], folder: Path, codebook: Codebook, seed: int) -> Plan:
    """Read the questionnaire and check that it and the assumptions name the same things.

    Parameters
    ----------
    declared : mapping
        ``surveys`` of the assumptions, as ``nsi.synthetic.assumptions.load`` gives it.
    folder : Path
        The study's folder, with the two files that the declaration names.
    codebook : Codebook
        The study's codes.
    seed : int
        The study's seed.

    Returns
    -------
    Plan
        Ready to be drawn from.

    Raises
    ------
    StudyError
        If a file is missing, or a scale, a role, a case, a wave or an item is named that is not declared.
    """
    items = tuple(
        Item(name, scale, codebook[answers], reverse == "yes", tuple(asked_of.split()), text)
        for name, scale, answers, reverse, asked_of, text in _rows(folder / declared["items"], ITEM_COLUMNS)
    )
    columns: dict[str, dict[str, str]] = {wave: {} for wave in declared["waves"]}
    for item, wave, column in _rows(folder / declared["crosswalk"], CROSSWALK_COLUMNS):
        require_known(f"{declared['crosswalk']}: the wave of {item}", [wave], columns)
        columns[wave][item] = column
    plan = Plan(declared, codebook, seed, items, columns)
    check_plan(plan)
    return plan


def _rows(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    try:
        return [cells for _, cells in csv_rows(path, columns)]
    except FileNotFoundError:
        raise StudyError(f"surveys: {path.name} is missing from the study's folder; add it") from None


def check_plan(plan: Plan) -> None:
    """Stop where a name is used that is not declared, or items have different answers."""
    steps, first = len(plan.declared["answers"]["thresholds"]) + 1, plan.items[0].answers.name
    for item in plan.items:
        codes = len(item.answers.codes)
        if item.answers.name != first or codes != steps:
            raise StudyError(
                f"{plan.declared['items']}, item {item.name}: the answers are '{item.answers.name}' with {codes} "
                f"codes, but all must have '{first}', with {steps} codes by surveys.answers.thresholds; change one"
            )
    for where, found, known in (*_named_items(plan), *_named_scales_and_roles(plan), *_named_cases(plan)):
        require_known(where, found, known)


def require_known(where: str, found: Collection[str], known: Collection[str]) -> None:
    """Stop where a name stands that is not among the known ones; the place begins the message."""
    stray = [name for name in found if name not in known]
    if stray:
        raise StudyError(f"{where}: there is no {listed(stray)}; declared are {listed(known, ALL)}. Correct one")


def _named_items(plan: Plan) -> Iterator[Named]:
    names, files = [item.name for item in plan.items], plan.declared
    yield f"{files['items']}, scale", [item.scale for item in plan.items], plan.scales
    yield f"{files['items']}, asked_of", [role for item in plan.items for role in item.asked_of], plan.roles
    for wave, columns in plan.columns.items():
        yield f"{files['crosswalk']}, wave {wave}", columns, names
    yield "surveys.answers.item_offsets", plan.declared["answers"]["item_offsets"], names


def _named_scales_and_roles(plan: Plan) -> Iterator[Named]:
    people, answers = plan.declared["people"], plan.declared["answers"]
    yield "surveys.answers.profile", answers["profile"], plan.scales
    for reason, spec in answers["reasons"].items():
        yield f"surveys.answers.reasons.{reason}.shares", spec["shares"], plan.scales
    yield "surveys.people.roles", people["roles"], plan.roles
    yield "surveys.people.schooled", people["schooled"], plan.roles
    yield "surveys.responding.roles", plan.declared["responding"]["roles"], plan.roles
    for scale, spec in plan.declared["scales"].items():
        yield f"surveys.scales.{scale}.by_role", spec.get("by_role", {}), plan.roles


def _named_cases(plan: Plan) -> Iterator[Named]:
    declared, mess = plan.declared["cases"], plan.declared["mess"]
    known = declared["names"]
    for name, sizes in declared["sizes"].items():
        yield f"surveys.cases.sizes.{name}", sizes, known
    for name, group in declared["groups"].items():
        yield f"surveys.cases.groups.{name}", group.get("cases", []), known
    for name, shift in declared["shifts"].items():
        yield f"surveys.cases.shifts.{name}.cases", shift["cases"], known
        yield f"surveys.cases.shifts.{name}.scales", shift["scales"], plan.scales
    yield "surveys.cases.first_invited", declared["first_invited"], known
    yield "surveys.cases.in_two", declared["in_two"], known
    yield "surveys.cases.no_roster.case", [declared["no_roster"]["case"]], known
    yield "surveys.cases.no_roster.wave", [declared["no_roster"]["wave"]], plan.waves
    yield "surveys.responding.set", plan.declared["responding"]["set"], known
    yield "surveys.mess.misspelt", mess["misspelt"], plan.waves
    yield "surveys.mess.misspelt, case", [spec["case"] for spec in mess["misspelt"].values()], known
