"""What a study declares of its cross-case matrices in matrices.yml, read strictly; one entry per matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nsi.codebook import Codebook
from nsi.errors import StudyError, listed
from nsi.matrix_axes import NAME, attribute, axis, check_axes, number, texts_of, whole
from nsi.matrix_spec import (
    AxisSpec,
    BoundSpec,
    CodeSpec,
    LevelSpec,
    MatrixSpec,
    SetSpec,
    as_declared,
)
from nsi.strict import checked, choice, entry, kind, named, read_yaml, text

FILE = "matrices.yml"
BY_SEGMENTS = ("case_ordered", "role_ordered", "clustered", "time_ordered")
# Display to the keys that it takes beside title, display and note: those it needs, and those it may have.
DISPLAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{name: (("rows", "columns"), ("cell", "evidence", "looked_for")) for name in BY_SEGMENTS},
    "contrast": (("rows", "columns"), ("cell", "evidence", "looked_for")),
    "predictor_outcome": (("rows", "columns", "outcome"), ("cell", "evidence", "looked_for")),
    "effects": (("rows", "columns"), ("evidence", "looked_for")),
    "variable_by_variable": (("rows", "columns"), ()),
    "summary": (("rows", "columns"), ("evidence", "looked_for")),
    "checklist": (("rows", "columns"), ("cell", "evidence", "looked_for")),
    "truth_table": (("sets",), ()),
}
CELL_KEYS = {"contrast": ("rating", "present_from"), "checklist": ("rating",)}  # others choose what a cell shows
TYPICAL = ("median", "mode")
EVIDENCE_KEYS = ("fields", "stances", "thin_below", "source_types")
SET_KEYS = ("ratings_of", "cases", "consistency", "least_cases")  # beside conditions and outcome
SHOWS = ("rating", "counts", "summary")
LOOKED_FOR = ("documents", "all")
MEASURES = ("n_segments", "n_supporting", "n_contrary", "n_sources", "n_source_types", "n_periods", "net",
            "share_supporting", "share_periods")  # fmt: skip


def read_matrices(path: Path, codebook: Codebook) -> dict[str, MatrixSpec]:
    """Read and check every matrix that a study declares.

    Parameters
    ----------
    path : Path
        The file matrices.yml; a study without matrices has none.
    codebook : Codebook
        Holds the fields and codes that rows, columns and evidence name.

    Returns
    -------
    dict
        Name to matrix, in declared order; empty where there is no such file.

    Raises
    ------
    StudyError
        On an unknown key or display, a field or code that the codebook does not have, a rule that leaves cells
        without a level. The message names the matrix and the key.
    """
    if not path.exists():
        return {}
    declared = named(read_yaml(path), path.name)
    made = {name: _matrix(name, spec, codebook, f"{path.name} {name}") for name, spec in declared.items()}
    return {name: _with_ratings(spec, made, declared[name], f"{path.name} {name}") for name, spec in made.items()}


def _matrix(name: str, spec: object, codebook: Codebook, where: str) -> MatrixSpec:
    if not NAME.fullmatch(name):
        raise StudyError(f"{where}: the name becomes the name of files, so it must be small letters, digits and '_'; "
                         "rename it")  # fmt: skip
    display = choice(entry(spec, "display", where), f"{where}.display", DISPLAYS)
    required, optional = DISPLAYS[display]
    keys = checked(spec, where, required=("title", "display", *required), optional=("note", *optional))
    words: dict[str, Any] = {key: text(keys.get(key, ""), f"{where}.{key}").strip() for key in ("title", "note")}
    if not words["title"]:
        raise StudyError(f"{where}.title is empty; say what the matrix shows")
    if display == "truth_table":
        return _truth_table(keys["sets"], codebook, f"{where}.sets", name=name, display=display, **words)
    rows, columns = (axis(keys[key], codebook, f"{where}.{key}", of_rows=key == "rows") for key in ("rows", "columns"))
    evidence = checked(keys.get("evidence", {}), f"{where}.evidence", optional=EVIDENCE_KEYS)
    source_types = evidence.get("source_types")
    made = MatrixSpec(
        name=name, display=display, rows=rows, columns=columns, **words,
        codes=() if _without_segments(display, columns) else _codes(evidence, rows, columns, codebook, where),
        stances=_yes(evidence.get("stances", True), f"{where}.evidence.stances"),
        thin_below=whole(evidence.get("thin_below", 2), f"{where}.evidence.thin_below", least=1),
        looked_for=choice(keys.get("looked_for", "documents"), f"{where}.looked_for", LOOKED_FOR),
        source_labels={} if source_types is None else codebook[text(source_types, f"{where}.evidence")].labels,
        outcome=attribute(keys["outcome"], codebook, f"{where}.outcome") if "outcome" in keys else None,
    )  # fmt: skip
    check_axes(made, where)
    return _with_cell(made, keys.get("cell", {}), codebook, f"{where}.cell")


def _without_segments(display: str, columns: AxisSpec) -> bool:
    return display == "variable_by_variable" or columns.of == "attribute"


def _codes(
    evidence: Mapping[str, Any], rows: AxisSpec, columns: AxisSpec, codebook: Codebook, where: str
) -> tuple[CodeSpec, ...]:
    """Every code whose segments count: of the fields named for evidence, or of those that rows and columns name."""
    fields = dict.fromkeys((*rows.fields, *columns.fields))
    if "fields" in evidence:
        declared = texts_of(evidence["fields"], f"{where}.evidence.fields")
        stray = [name for name in fields if name not in declared]
        if stray:
            raise StudyError(f"{where}.evidence.fields: rows or columns show the field '{stray[0]}', which is not "
                             "among them; add it")  # fmt: skip
        fields = dict.fromkeys(declared)
    if not fields:
        raise StudyError(f"{where}.evidence.fields is missing; name the codebook fields whose segments count")
    return tuple(
        CodeSpec(found.name, found.label, code.code, code.label, code.definition)
        for found in (codebook[name] for name in fields) for code in found.codes
    )  # fmt: skip


def _with_cell(made: MatrixSpec, spec: object, codebook: Codebook, where: str) -> MatrixSpec:
    keys = checked(spec, where, optional=CELL_KEYS.get(made.display, ("shows", "rating", "typical")))
    levels = _levels(keys["rating"], f"{where}.rating") if "rating" in keys else ()
    typical = choice(keys["typical"], f"{where}.typical", TYPICAL) if "typical" in keys else ""
    if typical:
        _check_typical(made, typical, bool(levels), codebook, where)
    usual = "rating" if levels or typical else "counts"
    shows = choice(keys.get("shows", usual), f"{where}.shows", SHOWS)
    if shows == "rating" and not (levels or typical):
        raise StudyError(f"{where}.shows is rating, but there is no rule; add 'rating' with its levels, or 'typical'")
    present = text(keys.get("present_from", ""), f"{where}.present_from")
    if present:
        choice(present, f"{where}.present_from", [level.level for level in levels])
    return replace(made, shows=shows, levels=levels, typical=typical, present_from=present)


def _check_typical(made: MatrixSpec, typical: str, ruled: bool, codebook: Codebook, where: str) -> None:
    """Refuse a typical code where a cell holds codes of several fields, of one code, or without an order."""
    if ruled:
        raise StudyError(f"{where}: 'typical' and 'rating' exclude each other; keep one")
    fields = list(dict.fromkeys(code.field for code in made.codes))
    sides = (made.rows.of, made.columns.of)
    if "code" in sides or (len(fields) > 1 and "field" not in sides):
        raise StudyError(f"{where}.typical is the usual code of one field, so that rows or columns must be of: field, "
                         "or evidence.fields must name one field")  # fmt: skip
    plain = [name for name in fields if codebook[name].level == "nominal"]
    if typical == "median" and plain:
        raise StudyError(f"{where}.typical is median, but the codes of '{plain[0]}' have no order; write mode")


def _levels(spec: object, where: str) -> tuple[LevelSpec, ...]:
    """Read a rule: levels from the highest to the lowest, each with what it needs; the last needs nothing."""
    levels = tuple(LevelSpec(level, _bounds(needs, f"{where}.{level}")) for level, needs in named(spec, where).items())
    if not levels:
        raise StudyError(f"{where} has no levels; add them, the highest first")
    for level in levels[:-1]:
        if not level.bounds:
            raise StudyError(f"{where}.{level.level} needs nothing, so that no cell could have a level below it; order "
                             "levels from the highest to the lowest, or say what it needs")  # fmt: skip
    if levels[-1].bounds:
        raise StudyError(f"{where}.{levels[-1].level} is the last level, so it must need nothing: write "
                         f"'{levels[-1].level}: {{}}'; otherwise some cells would have no level")  # fmt: skip
    return levels


def _bounds(spec: object, where: str) -> tuple[BoundSpec, ...]:
    found = []
    for measure, needs in checked({} if spec is None else spec, where, optional=MEASURES).items():
        place = f"{where}.{measure}"
        if isinstance(needs, Mapping):
            ends = checked(needs, place, optional=("at_least", "at_most"))
            low, high = (None if key not in ends else number(ends[key], f"{place}.{key}")
                         for key in ("at_least", "at_most"))  # fmt: skip
            if (low is None and high is None) or (low is not None and high is not None and low > high):
                raise StudyError(f"{place} must say at_least, at_most or both, and at_least must not be above at_most")
            found.append(BoundSpec(measure, low, high))
        else:
            found.append(BoundSpec(measure, number(needs, place)))
    return tuple(found)


def _truth_table(spec: object, codebook: Codebook, where: str, **words: Any) -> MatrixSpec:
    keys = checked(spec, where, required=("conditions", "outcome"), optional=SET_KEYS)
    # Ratings of another matrix are words that the codebook need not have.
    known = None if "ratings_of" in keys else codebook
    conditions = tuple(_set(name, rule, known, f"{where}.conditions.{name}")
                       for name, rule in named(keys["conditions"], f"{where}.conditions").items())  # fmt: skip
    results = named(keys["outcome"], f"{where}.outcome")
    if len(results) != 1 or not conditions:
        raise StudyError(f"{where} needs at least one condition and one outcome, each as a name with its rule, but "
                         f"found {len(conditions)} and {len(results)}")  # fmt: skip
    result = next(_set(name, rule, codebook, f"{where}.outcome.{name}") for name, rule in results.items())
    consistency = number(keys.get("consistency", 0.8), f"{where}.consistency")
    if not 0 < consistency <= 1:
        raise StudyError(f"{where}.consistency is {consistency:g}, but is a share: above 0, at most 1")
    only = tuple(texts_of(keys["cases"], f"{where}.cases")) if "cases" in keys else ()
    return MatrixSpec(
        rows=AxisSpec("case", only=only), columns=AxisSpec("attribute"), conditions=conditions, result=result,
        shows="counts", consistency=consistency, **words,
        least_cases=whole(keys.get("least_cases", 1), f"{where}.least_cases", least=1),
    )  # fmt: skip


def _with_ratings(made: MatrixSpec, known: dict[str, MatrixSpec], spec: Any, where: str) -> MatrixSpec:
    """Give a truth table the matrix from whose ratings its sets may be taken, if it names one."""
    if made.display != "truth_table" or "ratings_of" not in spec["sets"]:
        return made
    name = choice(spec["sets"]["ratings_of"], f"{where}.sets.ratings_of", known)
    other = known[name]
    if other.display not in BY_SEGMENTS or other.rows.of != "case" or not (other.levels or other.typical):
        raise StudyError(f"{where}.sets.ratings_of is '{name}', which has no ratings of cases; name a matrix with rows "
                         f"of: case, with ratings, displayed as {', '.join(BY_SEGMENTS)}")  # fmt: skip
    return replace(made, rated=other)


def _set(name: str, spec: object, codebook: Codebook | None, where: str) -> SetSpec:
    if not name.isascii() or not name.replace("_", "").isalnum() or not name[0].isalpha():
        raise StudyError(f"{where}: the name of a set must be letters, digits and '_', as R's QCA takes it; rename it")
    keys = checked(spec, where, required=("column",), optional=("label", "is", "at_least"))
    if "is" in keys and "at_least" in keys:
        raise StudyError(f"{where}: 'is' and 'at_least' exclude each other; keep one")
    column = text(keys["column"], f"{where}.column")
    values = tuple(texts_of(keys["is"], f"{where}.is")) if "is" in keys else ()
    stray = [value for value in values if codebook and column in codebook and value not in codebook[column].values]
    if codebook and stray:
        raise StudyError(f"{where}.is names {listed(stray)}, but the codebook's field '{column}' has "
                         f"{', '.join(codebook[column].values)}")  # fmt: skip
    least = number(keys["at_least"], f"{where}.at_least") if "at_least" in keys else None
    return SetSpec(name, column, text(keys.get("label", name), f"{where}.label"), least, values)


def _yes(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise StudyError(f"{where} must be true or false, but found {kind(value)}")
    return value


__all__ = ["FILE", "MatrixSpec", "as_declared", "read_matrices"]
