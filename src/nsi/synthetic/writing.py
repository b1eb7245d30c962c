"""Drawing what people write: texts about cells of a matrix, inferences on cases, and where quotes were printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nsi.errors import StudyError, listed
from nsi.synthetic.document_plan import NO, Corpora, require_names
from nsi.synthetic.document_segments import CONTRARY, SUPPORTS
from nsi.synthetic.draws import Draws, workdays
from nsi.synthetic.ratings import CONSENSUS
from nsi.synthetic.tables import Row

UNDECIDED = "undecided"
KINDS = ("supported", "mixed", "absent")


@dataclass(frozen=True)
class Cell:
    """One case by one code: where its segments point, and on which days they were coded."""

    case: str
    field: str
    code: str
    kind: str
    days: tuple[date, ...]


def writing_files(declared: Mapping[str, Any], corpora: Corpora, segments: Sequence[Row]) -> dict[str, list[Row]]:
    """Draw all texts that people of the team are taken to have written.

    Parameters
    ----------
    declared : mapping
        ``writing`` of the assumptions, as ``nsi.synthetic.assumptions.load`` gives it.
    corpora : Corpora
        What the documents were drawn from.
    segments : sequence of dict
        Rows of the file of segments, under its own column names.

    Returns
    -------
    dict of str to list of dict
        File name to rows, every cell text. Each text begins as declared; none says more than that it stands there.

    Raises
    ------
    StudyError
        If a part, field or case is named that is not declared, or there are fewer cells or segments than texts.
    """
    names = corpora.declared["segments"]["columns"]
    coded = [{key: row[name].strip() for key, name in names.items()} for row in segments]
    cells, inferences, uses = declared["cells"], declared["inferences"], declared["uses"]
    for where, spec in (("cells", cells), ("uses", uses)):
        require_names(f"writing.{where}.part", [spec["part"]], corpora.parts)
    files = {
        cells["file"]: _about_cells(declared, corpora, [row for row in coded if row["part"] == cells["part"]]),
        inferences["file"]: _inferences(declared, corpora),
        uses["file"]: _uses(declared, corpora, [row for row in coded if row["part"] == uses["part"]]),
    }
    if empty := [file for file, rows in files.items() if not rows]:
        raise StudyError(f"writing: nothing would stand in {listed(empty)}; ask for one row at least")
    return files


def _about_cells(declared: Mapping[str, Any], corpora: Corpora, coded: Sequence[Row]) -> list[Row]:
    spec, draws = declared["cells"], corpora.draws("writing", "cells")
    found = _cells(corpora, spec["part"], coded)
    chosen: list[Cell] = []
    for kind in KINDS:
        able = [cell for cell in found if cell.kind == kind]
        chosen += draws.shuffled(able)[: _enough(f"writing.cells.{kind}", spec[kind], able)]
    over_time = [cell for cell in chosen if len(cell.days) > 1]
    early = draws.shuffled(over_time)[: _enough("writing.cells.outdated", spec["outdated"], over_time)]
    order = {(cell.case, cell.code): place for place, cell in enumerate(found)}
    chosen.sort(key=lambda cell: order[cell.case, cell.code])
    return [_about(declared, corpora, draws, cell, cell in early) for cell in chosen]


def _about(declared: Mapping[str, Any], corpora: Corpora, draws: Draws, cell: Cell, early: bool) -> Row:
    spec, labels = declared["cells"], corpora.codebook[cell.field].labels
    text = draws.one_of(spec["sentences"][cell.kind])
    last = cell.days[-1] - timedelta(days=1) if early else spec["last_day"]
    days = workdays(cell.days[0] if early else spec["first_day"], last)
    return {
        "matrix": spec["matrix"], "row": cell.case, "column": cell.code,
        "text": declared["start"] + text.replace("{case}", cell.case).replace("{label}", labels[cell.code]),
        "who": draws.one_of(declared["writers"]), "written_on": draws.one_of(days or [last]).isoformat(),
    }  # fmt: skip


def _cells(corpora: Corpora, part: str, coded: Sequence[Row]) -> list[Cell]:
    """List all cells that can be written about, by case and code; a settled code stands for those of both coders."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in _final(coded):
        found.setdefault((row["case"], row["field"], row["code"]), []).append(row)
    cells = []
    for case in corpora.parts[part].groups:
        for field in corpora.parts[part].spec["fields"]:
            codes = corpora.codebook[field].values
            seen = any((case, field, code) in found for code in codes)
            cells += [_cell(case, field, code, found.get((case, field, code), [])) for code in codes if seen]
    return cells


def _cell(case: str, field: str, code: str, rows: Sequence[Row]) -> Cell:
    stances = {row["stance"] for row in rows}
    kind = {frozenset([SUPPORTS]): "supported", frozenset([SUPPORTS, CONTRARY]): "mixed", frozenset(): "absent"}
    days = sorted({date.fromisoformat(row["day"]) for row in rows})
    return Cell(case, field, code, kind.get(frozenset(stances), ""), tuple(days))


def _final(coded: Sequence[Row]) -> list[Row]:
    """Keep one row per segment and field, the settled one where there is one, with the newest day of all of them."""
    kept: dict[tuple[str, str], Row] = {}
    for row in coded:
        if not row["code"]:
            continue
        key = (row["id"], row["field"])
        before = kept.get(key, row)
        first = row if row["stage"] == CONSENSUS else before
        kept[key] = {**first, "day": max(row["day"], before["day"])}
    return list(kept.values())


def _inferences(declared: Mapping[str, Any], corpora: Corpora) -> list[Row]:
    """Write one inference per declared case, in the order of the names of cases."""
    spec, draws = declared["inferences"], corpora.draws("writing", "inferences")
    known = list(dict.fromkeys(case for part in corpora.parts.values() for case in part.groups))
    days = workdays(spec["first_day"], spec["last_day"])
    fits: dict[str, str] = {}
    for fit, group in spec["fits"].items():
        require_names(f"writing.inferences.fits.{fit}", group["cases"], known)
        fits |= dict.fromkeys(group["cases"], fit)
    found = []
    for case in [case for case in known if case in fits]:
        text = draws.one_of(spec["fits"][fits[case]]["sentences"]).replace("{case}", case)
        found.append({
            "case": case, "text": declared["start"] + text, "fit": fits[case].replace(UNDECIDED, ""),
            "who": draws.one_of(declared["writers"]), "written_on": draws.one_of(days).isoformat(),
        })  # fmt: skip
    return found


def _uses(declared: Mapping[str, Any], corpora: Corpora, coded: Sequence[Row]) -> list[Row]:
    """Draw segments that are taken to have been printed before; none that must not be quoted."""
    spec, draws = declared["uses"], corpora.draws("writing", "uses")
    able = sorted({
        row["id"] for row in coded
        if row["field"] == spec["field"] and row["withheld"] == NO and row["stance"] == SUPPORTS
    })  # fmt: skip
    chosen = draws.shuffled(able)[: _enough("writing.uses.count", spec["count"], able)]
    return [{"segment": name, "used_in": spec["used_in"], "kind": spec["kind"]} for name in sorted(chosen)]


def _enough(where: str, wanted: int, able: Sequence[object]) -> int:
    if wanted > len(able):
        raise StudyError(f"{where} is {wanted}, but there are only {len(able)} to choose from; lower it")
    return wanted
