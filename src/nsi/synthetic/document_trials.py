"""Drawing tests of change with their stages, events in lanes, and the table of cases that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from scipy.special import ndtr, ndtri

from nsi.errors import StudyError
from nsi.synthetic.document_plan import NO, YES, Corpora, Part, counted_ids, require_names
from nsi.synthetic.document_rows import weekday_near
from nsi.synthetic.draws import Draws
from nsi.synthetic.tables import Row


def draw_trials(corpora: Corpora) -> list[Row]:
    """Draw tests of change, with the stages that were documented.

    Returns
    -------
    list of dict
        One row per test, in order of case and day; columns as declared: ids, then a yes or no for each stage and
        each mark. A blank day: not noted.

    Raises
    ------
    StudyError
        If a case has no count of schools.
    """
    spec = corpora.declared["trials"]
    part, rows = corpora.parts[spec["part"]], []
    for case, group in part.groups.items():
        draws = corpora.draws("trials", case)
        least, most = spec["per_case"]["least"], spec["per_case"]["most"]
        count = least + int(draws.uniform() * (most - least + 1))
        days = sorted(_any_day(part, case, draws) for _ in range(count))
        leaning = {name: float(draws.normals(1)[0]) * spec["case_sd"] for name in spec["stages"]}
        for day in days:
            school = 1 + int(draws.uniform() * _schools(corpora, case))
            rows.append({
                spec["columns"]["case"]: case,
                spec["columns"]["school"]: spec["school_pattern"].format(case=case, n=school),
                spec["columns"]["day"]: "" if draws.happens(spec["undated"]) else day.isoformat(),
                **_stages(spec, group, leaning, draws),
                **_marks(spec["marks"], group, draws),
            })  # fmt: skip
    ids = counted_ids("trials.first_id", spec["first_id"], len(rows))
    return [{spec["columns"]["id"]: name, **row} for name, row in zip(ids, rows, strict=True)]


def _any_day(part: Part, case: str, draws: Draws) -> date:
    span = (part.spec["last_day"] - part.first[case]).days
    return weekday_near(part.first[case] + timedelta(int(draws.uniform() * span)), part.spec["last_day"])


def _schools(corpora: Corpora, case: str) -> int:
    spec = corpora.declared["trials"]
    require_names("corpora.case_table.rows", [case], corpora.declared["case_table"]["rows"])
    counts = corpora.declared["case_table"]["rows"][case]["counts"]
    require_names(f"corpora.case_table.rows.{case}.counts", [spec["schools"]], counts)
    return int(counts[spec["schools"]])


def _stages(spec: Mapping[str, Any], group: str, leaning: Mapping[str, float], draws: Draws) -> Row:
    """Say which stages were documented: those who get far do so in all stages, as often as `stepwise` says."""
    common, own, row = draws.uniform(), {name: draws.uniform() for name in spec["stages"]}, {}
    stepwise = draws.happens(spec["stepwise"])
    for name, shares in spec["stages"].items():
        share = float(ndtr(float(ndtri(shares[group])) + leaning[name]))
        row[name] = YES if (common if stepwise else own[name]) < share else NO
    return row


def _marks(declared: Mapping[str, Any], group: str, draws: Draws) -> Row:
    row: Row = {}
    for name, spec in declared.items():
        if "given" in spec and spec["given"] not in row:
            raise StudyError(f"corpora.trials.marks.{name}.given is '{spec['given']}', but must be a mark before it")
        usual = "given" not in spec or row[spec["given"]] == YES
        row[name] = YES if draws.happens(spec["shares"][group] if usual else spec.get("otherwise", 0.0)) else NO
    return row


def draw_events(corpora: Corpora) -> list[Row]:
    """Draw when each declared event of each case happened: the events of a lane in their declared order.

    Returns
    -------
    list of dict
        One row per event, in order of case and first day; columns as declared. A blank last day: it was over in a day.
    """
    spec = corpora.declared["events"]
    part, columns, start = corpora.parts[spec["part"]], spec["columns"], corpora.declared["texts"]["start"]
    rows = []
    for case in part.groups:
        for lane, lane_spec in spec["lanes"].items():
            require_names(f"corpora.events.lanes.{lane}.texts", [case], lane_spec["texts"])
            for first, last, text in _in_lane(corpora, part, case, lane, lane_spec):
                rows.append({
                    columns["case"]: case, columns["lane"]: lane, columns["first"]: first.isoformat(),
                    columns["last"]: last.isoformat() if last > first else "", columns["text"]: start + text,
                })  # fmt: skip
    order = list(part.groups)
    rows.sort(key=lambda row: (order.index(row[columns["case"]]), row[columns["first"]]))
    ids = counted_ids("events.first_id", spec["first_id"], len(rows))
    return [{columns["id"]: name, **row} for name, row in zip(ids, rows, strict=True)]


def _in_lane(
    corpora: Corpora, part: Part, case: str, lane: str, spec: Mapping[str, Any]
) -> list[tuple[date, date, str]]:
    """Spread the events of one lane over the time of a case; none ends after the next one begins."""
    draws, texts = corpora.draws("events", case, lane), spec["texts"][case]
    first, end = part.first[case], part.spec["last_day"]
    span = (end - first).days
    days = [
        weekday_near(first + timedelta(int(span * (place + 0.1 + 0.6 * draws.uniform()) / len(texts))), end)
        for place in range(len(texts))
    ]
    found = []
    for day, following, text in zip(days, [*days[1:], end], texts, strict=True):
        lasts = spec["lasts_from"] + int(draws.uniform() * (spec["lasts_to"] - spec["lasts_from"] + 1))
        found.append((day, min(day + timedelta(lasts), max(day, following - timedelta(1))), text))
    return found


def case_rows(corpora: Corpora) -> list[Row]:
    """Write the declared table of cases: codes and counts, and whether the case belongs to the marked group."""
    spec = corpora.declared["case_table"]
    part, mark = corpora.parts[spec["part"]], spec["marked"]
    require_names("corpora.case_table.rows", part.groups, spec["rows"])
    require_names("corpora.case_table.marked.group", [mark["group"]], part.spec["groups"])
    rows = []
    for case, row in spec["rows"].items():
        require_names("corpora.case_table.rows", [case], part.groups)
        for name, code in row["codes"].items():
            require_names(f"corpora.case_table.rows.{case}.codes.{name}", [code], corpora.codebook[name].values)
        marked = YES if part.groups[case] == mark["group"] else NO
        counts = {name: str(int(count)) for name, count in row["counts"].items()}
        rows.append({spec["case"]: case, **row["codes"], **counts, mark["column"]: marked})
    return rows
