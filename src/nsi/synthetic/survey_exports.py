"""The files of a look-alike survey: one export and one roster per wave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from nsi.errors import StudyError
from nsi.synthetic.export_forms import ExportColumn, excel_xlsx, qualtrics_csv, spss_sav
from nsi.synthetic.mess import CORRECTION_COLUMNS
from nsi.synthetic.survey_cases import draw_cases
from nsi.synthetic.survey_cells import FINISHED, STATUS, Coming, school_names, table
from nsi.synthetic.survey_form import Plan
from nsi.synthetic.survey_people import draw_people
from nsi.synthetic.survey_responses import draw_responses
from nsi.synthetic.tables import Row

Writer: TypeAlias = Callable[[Sequence[ExportColumn], Iterable[Sequence[str]]], bytes]
FORMS: dict[str, Writer] = {"qualtrics": qualtrics_csv, "spss": spss_sav, "excel": excel_xlsx}
ABOUT = {  # what the form puts before the questions: name, wording, id
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "RecipientEmail": ("Recipient Email", "recipientEmail"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
}
IDENTIFIER = "ResponseId"


def survey_files(plan: Plan, scale: int = 1) -> tuple[dict[str, bytes], list[Row]]:
    """Draw the exports and rosters of every wave.

    Parameters
    ----------
    plan : Plan
        What the study declares.
    scale : int
        How many copies of the set of cases to draw. The files of a wave are written copy by copy, so that
        memory holds one copy and the finished bytes.

    Returns
    -------
    files : dict of str to bytes
        File name to content.
    corrections : list of dict
        One row for each cell that only a person can settle.

    Raises
    ------
    StudyError
        If a declaration does not hold together.
    """
    files: dict[str, bytes] = {}
    corrections: list[Row] = []
    for wave, spec in plan.declared["waves"].items():
        if spec["form"] not in FORMS or spec["choices"] not in ("numbers", "labels"):
            raise StudyError(
                f"surveys.waves.{wave}: form must be one of {', '.join(FORMS)}, choices numbers or labels"
            )
        content = FORMS[spec["form"]](columns_of(plan, wave), _rows(plan, wave, scale, corrections))
        files[spec["file"]] = _with_time_zone(content, plan.declared["time_zone"])
        files[spec["roster"]] = _roster(plan, wave, scale)
    return files, corrections


def _with_time_zone(content: bytes, zone: str) -> bytes:
    """Say in the csv form's row of ids, as the form does, in which zone its moments are."""
    head, row, rest = content.partition(b'"{""ImportId"":""startDate""}"')
    for _, import_id in (ABOUT[name] for name in ABOUT if row and name.endswith("Date")):
        old, new = f'""{import_id}""}}', f'""{import_id}"",""timeZone"":""{zone}""}}'
        row, rest = row.replace(old.encode(), new.encode(), 1), rest.replace(old.encode(), new.encode(), 1)
    return head + row + rest


def came_in(plan: Plan, copy: int, wave: str) -> Coming:
    """Draw what comes in from one copy of the set of cases in one wave, before it is written out."""
    cases = draw_cases(plan, copy)
    people = draw_people(plan, copy, cases)
    responses = draw_responses(plan, copy, plan.waves.index(wave), cases, people)
    return Coming(plan, copy, wave, cases, people, responses)


def columns_of(plan: Plan, wave: str) -> list[ExportColumn]:
    """List the columns of a wave's export in their order."""
    names, spec, questions = plan.declared["columns"], plan.declared["waves"][wave], plan.declared["questions"]
    numbers = spec["choices"] == "numbers"
    fields = {key: plan.codebook[field] for key, field in plan.declared["fields"].items()}
    coded = {
        "Status": dict(enumerate(STATUS)), "Finished": dict(enumerate(FINISHED)),
    }  # fmt: skip
    columns = [
        ExportColumn(
            name=name, question=question, import_id=import_id,
            labels={str(code): label for code, label in coded.get(name, {}).items()} if numbers else {},
            user_missing=(), kind=_kind(name, numbers),
        )
        for name, (question, import_id) in ABOUT.items()
    ]  # fmt: skip
    columns += [_plain(names[key], names[key], names[key]) for key in ("case", "role_text")]
    places = {str(place + 1): label for place, label in enumerate(fields["role"].labels.values())}
    for key, labels in (("consent", fields["consent"].labels), ("role", places)):
        columns.append(_choice(names[key], questions[key], f"QID{len(columns)}", labels if numbers else {}, ()))
    columns.append(_plain(names["school"], questions["school"], f"QID{len(columns)}_TEXT"))
    columns += _item_columns(plan, wave, numbers)
    return [*columns, _plain(names["open"], questions["open"], f"QID{len(columns)}_TEXT")]


def _kind(name: str, numbers: bool) -> str:
    if name.endswith("Date"):
        return "datetime"
    whole = name in ("Progress", "Duration (in seconds)") or numbers and name in ("Status", "Finished")
    return "number" if whole else "text"


def _plain(name: str, question: str, import_id: str) -> ExportColumn:
    return ExportColumn(name=name, question=question, import_id=import_id, labels={}, user_missing=(), kind="text")


def _choice(name: str, question: str, import_id: str, labels: dict[str, str], missing: Sequence[str]) -> ExportColumn:
    kind = "number" if labels else "text"
    return ExportColumn(
        name=name, question=question, import_id=import_id, labels=labels, user_missing=tuple(missing), kind=kind
    )


def _item_columns(plan: Plan, wave: str, numbers: bool) -> list[ExportColumn]:
    items, reasons = {item.name: item for item in plan.items}, plan.declared["answers"]["reasons"].values()
    stem, columns = plan.declared["questions"]["items"], []
    told = {spec["code"]: spec["label"] for spec in reasons}
    for name, column in plan.columns[wave].items():
        labels = items[name].answers.labels | told if numbers else {}
        question = f"{stem} - {items[name].text}"
        columns.append(_choice(column, question, f"QID_{column}", labels, list(told) if numbers else ()))
    return columns


def _rows(plan: Plan, wave: str, scale: int, corrections: list[Row]) -> Iterator[list[str]]:
    for copy in range(1, scale + 1):
        rows, misspelt = table(came_in(plan, copy, wave))
        for response, spec in misspelt:
            found = (
                plan.declared["waves"][wave]["file"], f"{IDENTIFIER}={response}", plan.declared["columns"]["case"],
                spec["written"], spec["case"], spec["who"], spec["why"],
            )  # fmt: skip
            corrections.append(dict(zip(CORRECTION_COLUMNS, found, strict=True)))
        yield from rows


def _roster(plan: Plan, wave: str, scale: int) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(plan.declared["roster_columns"])
    pattern, absent = list(plan.declared["people"]["schools"])[:1], plan.declared["cases"]["no_roster"]
    for copy in range(1, scale + 1):
        cases = draw_cases(plan, copy)
        people = draw_people(plan, copy, cases)
        place = plan.waves.index(wave)
        seats = np.flatnonzero(people.invited[place])
        if wave == absent["wave"]:
            seats = seats[people.case[seats] != plan.declared["cases"]["names"].index(absent["case"])]
        coming = Coming(plan, copy, wave, cases, people, None)  # type: ignore[arg-type]
        schools = school_names(coming, seats, pattern, np.zeros(len(seats), dtype=np.int64))
        persons = people.person[place][seats].tolist()
        writer.writerows(
            [cases.names[case], people.ids[person], plan.roles[role], school, *(a[person] for a in people.addresses)]
            for case, person, role, school in zip(
                people.case[seats].tolist(), persons, people.role[seats].tolist(), schools.tolist(), strict=True
            )
        )
    return lines.getvalue().encode("utf-8")
