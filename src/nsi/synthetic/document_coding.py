"""Coding segments: who reads which document, what they write, and how two readings are settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from nsi.codebook import Field
from nsi.errors import StudyError
from nsi.synthetic.coders import ADJUDICATED, AGREED, DISCUSSED
from nsi.synthetic.document_plan import NO, YES, Corpora, Part
from nsi.synthetic.document_segments import Segment
from nsi.synthetic.draws import Draws, workdays
from nsi.synthetic.ratings import CONSENSUS, INDEPENDENT
from nsi.synthetic.tables import Row

SKIPPED = ""


@dataclass
class Reading:
    """One segment on its way through the coding: in which round, by whom, and what was written in each field."""

    segment: Segment
    round: str
    coders: list[str]
    written: dict[str, dict[str, str]] = field(default_factory=dict)  # field -> coder -> code


def code_segments(corpora: Corpora, segments: list[Segment]) -> list[Row]:
    """Draw the coding of all segments.

    Parameters
    ----------
    corpora : Corpora
        What the study declares.
    segments : list of Segment
        With their true codes.

    Returns
    -------
    list of dict
        Long: one row per segment, field and coder (stage ``independent``), and one per segment of two coders and
        field (stage ``consensus``), with the keys of ``SEGMENT_COLUMNS``. Blank code: the coder skipped it. Whole
        documents are read by one coder or by both.

    Raises
    ------
    StudyError
        If the shares of the rounds do not add up to 1, or there are not two coders.
    """
    readings = []
    for name, part in corpora.parts.items():
        own = _planned(corpora, name, [segment for segment in segments if segment.document.part == name])
        for field_name, spec in part.spec["fields"].items():
            here = [reading for reading in own if field_name in reading.segment.codes]
            for many in (False, True):  # errors are dealt out in each group, so that agreement lands as declared
                group = [reading for reading in here if (len(reading.coders) > 1) == many]
                _read(group, part, corpora.codebook[field_name], spec, corpora.draws(name, field_name, str(many)))
            both = [reading for reading in here if len(reading.coders) > 1]
            _skip(both, field_name, spec["skipped"], corpora.draws(name, field_name, "skipped"))
        readings += own
    order = {segment.id: place for place, segment in enumerate(segments)}
    readings.sort(key=lambda reading: order[reading.segment.id])
    settling, days = corpora.draws("settling"), corpora.draws("days")
    return [row for reading in readings for row in _rows(corpora, reading, settling, days)]


def _planned(corpora: Corpora, name: str, segments: list[Segment]) -> list[Reading]:
    """Deal documents out to rounds, to both coders until the declared share of segments has two, and else to one."""
    declared, draws = corpora.declared["coding"], corpora.draws(name, "documents")
    rounds, coders = declared["rounds"], declared["coders"]
    if len(coders) != 2:
        raise StudyError(f"corpora.coding.coders must be two, but there are {len(coders)}; name two")
    by_document: dict[str, list[Segment]] = {}
    for segment in segments:
        by_document.setdefault(segment.document.id, []).append(segment)
    both, wanted, found = 0, declared["double"] * len(segments), []
    waiting = draws.shuffled(list(by_document))
    for place, document in enumerate(draws.shuffled(waiting)):
        round_name = _round_at((waiting.index(document) + 0.5) / len(waiting), rounds)
        double = both + len(by_document[document]) / 2 <= wanted
        both += len(by_document[document]) if double else 0
        own = list(coders) if double else [coders[place % 2]]
        found += [Reading(segment, round_name, own) for segment in by_document[document]]
    return found


def _round_at(mark: float, rounds: Mapping[str, Any]) -> str:
    reached = 0.0
    for name, spec in rounds.items():
        reached += spec["share"]
        if mark < reached + 1e-9:
            return name
    raise StudyError(f"corpora.coding.rounds: the shares add up to {reached:.4g}, but must add up to 1; change one")


def _read(readings: list[Reading], part: Part, coded: Field, spec: Mapping[str, Any], draws: Draws) -> None:
    """Write the true code for every coder, and a near one in the declared share of cells."""
    used = {code for shares in spec["shares"].values() for code in shares if shares[code] > 0}
    near = {code: _mistaken_for(code, coded, used) for code in used}
    cells = [(reading, coder) for reading in readings for coder in reading.coders]
    wrong = {
        (reading.segment.id, coder)
        for reading, coder in draws.shuffled(cells)[: round((1 - spec["accuracy"]) * len(cells))]
    }
    for reading, coder in cells:
        truth = reading.segment.codes[coded.name]
        mistaken = (reading.segment.id, coder) in wrong and near[truth]
        reading.written.setdefault(coded.name, {})[coder] = draws.one_of(near[truth]) if mistaken else truth


def _mistaken_for(code: str, coded: Field, used: set[str]) -> list[str]:
    """List the codes that a code is mistaken for: where codes have an order, its neighbours."""
    others = [other for other in coded.values if other in used and other != code]
    if coded.level == "nominal":
        return others
    place = coded.values.index(code)
    return [other for other in others if abs(coded.values.index(other) - place) == 1]


def _skip(both: list[Reading], name: str, count: int, draws: Draws) -> None:
    for reading in draws.shuffled(both)[:count]:
        reading.written[name][draws.one_of(reading.coders)] = SKIPPED


def _rows(corpora: Corpora, reading: Reading, settling: Draws, days: Draws) -> list[Row]:
    declared, rows = corpora.declared["coding"], []
    spec = declared["rounds"][reading.round]
    open_days = workdays(spec["first_day"], spec["last_day"])
    after = workdays(spec["last_day"] + timedelta(1), spec["last_day"] + timedelta(declared["settling_days"]))
    coded_on = {coder: days.one_of(open_days).isoformat() for coder in reading.coders}
    settled_on = days.one_of(after).isoformat()
    for name, written in reading.written.items():
        for coder, code in written.items():
            rows.append(_row(corpora, reading, name, coder, code, coded_on[coder]))
        if len(written) > 1:
            row = _row(corpora, reading, name, declared["adjudicator"], "", settled_on)
            rows.append({**row, "stage": CONSENSUS, **_settled(reading, name, declared, settling)})
    return rows


def _settled(reading: Reading, name: str, declared: Mapping[str, Any], draws: Draws) -> Row:
    """Settle on what both wrote, else on the true code, with a rule and a reason."""
    written, truth = list(reading.written[name].values()), reading.segment.codes[name]
    if len(set(written)) == 1:
        return {"code": written[0], "rule": AGREED, "reason": ""}
    rule = DISCUSSED if truth in written and draws.happens(declared["discussed"]) else ADJUDICATED
    reason = declared["reason_if_missing"] if SKIPPED in written else draws.pick(declared["reasons"])
    return {"code": truth, "rule": rule, "reason": reason}


def _row(corpora: Corpora, reading: Reading, name: str, coder: str, code: str, day: str) -> Row:
    segment = reading.segment
    return {
        "id": segment.id,
        "document": segment.document.id,
        "part": segment.document.part,
        "case": segment.document.case,
        "field": name,
        "code": code,
        "stance": segment.stance,
        "coder": coder,
        "round": reading.round,
        "day": day,
        "version": corpora.declared["coding"]["rounds"][reading.round]["codebook_version"],
        "stage": INDEPENDENT,
        "rule": "",
        "reason": "",
        "speaker": segment.speaker,
        "place": f"par. {segment.paragraph}",
        "withheld": YES if segment.withheld else NO,
        "text": segment.text,
    }
