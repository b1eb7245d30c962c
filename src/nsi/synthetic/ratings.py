"""Drawing the ratings of a table: who coded what in which round, what they wrote, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nsi.codebook import Codebook
from nsi.errors import StudyError
from nsi.synthetic.coders import SKIPPED, Field, Label, Unit, read_unit, settle
from nsi.synthetic.draws import Draws, workdays
from nsi.synthetic.tables import Row, require_codes

INDEPENDENT, CONSENSUS = "independent", "consensus"


def rate(
    rows: list[Row], declared: Mapping[str, Any], columns: Mapping[str, Any], codebook: Codebook, seed: int
) -> tuple[list[Row], list[Row]]:
    """Draw the coding of a table, and put the final codes back into it.

    Parameters
    ----------
    rows : list of dict
        The drawn table; its codes are taken as what a perfect coder would write.
    declared : mapping
        ``ratings`` of the assumptions.
    columns : mapping
        The columns of the rated table as declared, for the secondary codes.
    codebook : Codebook
        The codes of each rated field.
    seed : int
        The study's seed.

    Returns
    -------
    ratings : list of dict
        Long: one row per unit, field and coder (stage ``independent``), and one per double-coded unit and
        field (stage ``consensus``). Blank primary: the coder skipped it. Blank secondary: not asked of this
        field, or skipped.
    rows : list of dict
        The table with final codes: the settled label where two coded, else the one coder's. A secondary
        column has exactly its declared count: the units of one coder make up what the others leave open.

    Raises
    ------
    StudyError
        If rounds, accuracies or error shares do not fit the table or the codebook.
    """
    fields = [
        _rated_field(name, spec, declared, columns, codebook) for name, spec in declared["fields"].items()
    ]
    units = _planned(rows, declared, seed)
    for rated in fields:
        draws = Draws(seed, "ratings", rated.name)
        for unit in units:
            read_unit(unit, rated, codebook, draws)
        both = [unit for unit in units if len(unit.coders) > 1]
        for unit in draws.shuffled(both)[: rated.spec["skipped"]]:
            unit.readings[rated.name][draws.one_of(unit.coders)] = SKIPPED
        for unit in both:
            settle(unit, rated, declared, draws)
        if rated.secondary:
            _make_exact(units, rated, codebook, draws)
    days = Draws(seed, "ratings", "days")
    ratings = [row for unit in units for row in _rating_rows(unit, declared, fields, days)]
    return ratings, [
        _final_row(unit, fields) for unit in sorted(units, key=lambda unit: unit.row[declared["key"]])
    ]


def _rated_field(
    name: str,
    spec: Mapping[str, Any],
    declared: Mapping[str, Any],
    columns: Mapping[str, Any],
    codebook: Codebook,
) -> Field:
    where, codes = f"ratings.fields.{name}", codebook[name].values
    if list(spec["accuracy"]) != list(declared["rounds"]):
        raise StudyError(
            f"{where}.accuracy names the rounds {', '.join(spec['accuracy'])}, "
            f"but declared are {', '.join(declared['rounds'])}; give each round one accuracy, in order"
        )
    require_codes(f"{where}.errors_given", spec["errors_given"], codes, whole=True)
    for code, errors in spec["errors_given"].items():
        require_codes(f"{where}.errors_given.{code}", errors, [other for other in codes if other != code])
    if "secondary" not in spec:
        return Field(name, spec)
    column = spec["secondary"]["column"]
    if columns.get(column, {}).get("kind") != "exact" or columns[column].get("given") != name:
        raise StudyError(
            f"{where}.secondary.column is '{column}', but must be a column of kind exact, given '{name}'"
        )
    return Field(name, spec, column, columns[column])


def _planned(rows: list[Row], declared: Mapping[str, Any], seed: int) -> list[Unit]:
    rounds, coders = declared["rounds"], declared["coders"]
    total = sum(spec["by_both"] + spec["by_one"] for spec in rounds.values())
    if total != len(rows):
        raise StudyError(
            f"ratings.rounds: by_both and by_one add up to {total}, but rows are {len(rows)}; change one"
        )
    waiting = iter(Draws(seed, "ratings", "rounds").shuffled(rows))
    units: list[Unit] = []
    for name, spec in rounds.items():
        batch = [Unit(next(waiting), name, list(coders)) for _ in range(spec["by_both"])]
        batch += [Unit(next(waiting), name, [coders[place % len(coders)]]) for place in range(spec["by_one"])]
        units += sorted(batch, key=lambda unit: unit.row[declared["key"]])
    return units


def _make_exact(units: list[Unit], rated: Field, codebook: Codebook, draws: Draws) -> None:
    """Give or take secondaries among the units of one coder until the final codes have the declared count."""
    single = draws.shuffled([unit for unit in units if len(unit.coders) == 1])
    lacking = rated.secondary_spec["count"] - sum(
        unit.final(rated.name).secondary != rated.absent for unit in units
    )
    movable = [unit for unit in single if (unit.final(rated.name).secondary == rated.absent) == (lacking > 0)]
    if abs(lacking) > len(movable):
        raise StudyError(
            f"column '{rated.secondary}': too few units of one coder to reach the declared count"
        )
    for unit in movable[: abs(lacking)]:
        primary = unit.final(rated.name).primary
        secondary = rated.added(unit.row, primary, codebook, draws) if lacking > 0 else rated.absent
        unit.readings[rated.name][unit.coders[0]] = Label(primary, secondary)


def _rating_rows(unit: Unit, declared: Mapping[str, Any], fields: list[Field], draws: Draws) -> list[Row]:
    spec = declared["rounds"][unit.round]
    open_days = workdays(spec["first_day"], spec["last_day"])
    settling = workdays(
        spec["last_day"] + timedelta(1), spec["last_day"] + timedelta(declared["settling_days"])
    )
    coded_on = {coder: draws.one_of(open_days).isoformat() for coder in unit.coders}
    settled_on = draws.one_of(settling).isoformat()
    rows = []
    for rated in fields:
        for coder, label in unit.readings[rated.name].items():
            rows.append(_rating(unit, declared, rated, coder, coded_on[coder], label))
        if rated.name in unit.settled:
            outcome = unit.settled[rated.name]
            row = _rating(unit, declared, rated, declared["adjudicator"], settled_on, outcome.label)
            rows.append({**row, "label_stage": CONSENSUS, "rule": outcome.rule, "reason": outcome.reason})
    return rows


def _rating(unit: Unit, declared: Mapping[str, Any], rated: Field, coder: str, day: str, label: Label) -> Row:
    return {
        declared["key"]: unit.row[declared["key"]],
        **{column: unit.row[column] for column in declared["copied"]},
        "field": rated.name,
        "coder": coder,
        "round": unit.round,
        "coded_on": day,
        "codebook_version": declared["rounds"][unit.round]["codebook_version"],
        "primary": label.primary,
        "secondary": label.secondary,
        "label_stage": INDEPENDENT,
        "rule": "",
        "reason": "",
    }


def _final_row(unit: Unit, fields: list[Field]) -> Row:
    row = dict(unit.row)
    for rated in fields:
        row[rated.name] = unit.final(rated.name).primary
        if rated.secondary:
            row[rated.secondary] = unit.final(rated.name).secondary
    return row
