"""The look-alike survey exports: their forms, their planted mess, and that nothing in them can be taken for real."""

from __future__ import annotations

import copy
import csv
import dataclasses
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import openpyxl
import pyreadstat
import pytest

from nsi.codebook import read_codebook
from nsi.errors import StudyError
from nsi.synthetic.__main__ import main
from nsi.synthetic.assumptions import load
from nsi.synthetic.draws import Draws
from nsi.synthetic.survey_exports import came_in, survey_files
from nsi.synthetic.survey_form import Plan
from nsi.synthetic.survey_plan import read_plan

ROOT = Path(__file__).resolve().parents[1]
STUDY, SURVEY = ROOT / "study", ROOT / "data_raw" / "survey"
WAVES = ("2021", "2022", "2023", "2024")
HEADER_ROWS = 3
STAMP = "[synthetic] "

Row = dict[str, str]


@pytest.fixture(scope="module")
def plan() -> Plan:
    assumptions = load(STUDY / "assumptions.yml")
    codebook = read_codebook(STUDY / "codes.csv")
    return read_plan(assumptions.values["surveys"], STUDY, codebook, assumptions.values["seed"])


def table(wave: str) -> list[list[str]]:
    with (SURVEY / f"survey_{wave}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def as_text(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    return cell.strftime("%Y-%m-%d %H:%M:%S") if isinstance(cell, datetime) else str(cell)


def export(wave: str) -> list[Row]:
    """Every response of a wave as text, without blanks around cells, read without our readers."""
    rows: list[list[Any]]
    if wave == "2023":
        frame, _ = pyreadstat.read_sav(SURVEY / "survey_2023.sav", user_missing=True)
        frame = frame.rename(columns={"Duration__in_seconds_": "Duration (in seconds)"})
        head, rows = list(frame.columns), frame.to_numpy(dtype=object).tolist()
    elif wave == "2024":
        book = openpyxl.load_workbook(SURVEY / "survey_2024.xlsx", read_only=True)
        sheet = [list(cells) for cells in book.worksheets[0].iter_rows(values_only=True)]
        book.close()
        head, rows = [str(cell) for cell in sheet[0]], sheet[HEADER_ROWS:]
    else:
        head, rows = table(wave)[0], [list(row) for row in table(wave)[HEADER_ROWS:]]
    return [dict(zip(head, (as_text(cell).strip() for cell in row), strict=True)) for row in rows]


@pytest.fixture(scope="module")
def exports() -> dict[str, list[Row]]:
    return {wave: export(wave) for wave in WAVES}


def roster(wave: str) -> list[Row]:
    with (SURVEY / f"roster_{wave}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def corrected(row: Row) -> str:
    return {"N-25": "N25", "Distirct-A": "District-A"}.get(row["network"], row["network"])


# The forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wave", ["2021", "2022"])
def test_a_csv_export_has_three_header_rows_with_line_breaks_and_ids(wave):
    names, questions, ids, first = table(wave)[:4]
    assert names[:3] == ["StartDate", "EndDate", "Status"]
    assert names[-1] == "Q17"
    assert [json.loads(cell)["ImportId"] for cell in ids][7] == "_recordId"
    assert json.loads(ids[0]) == {"ImportId": "startDate", "timeZone": "America/Denver"}
    assert sum("timeZone" in json.loads(cell) for cell in ids) == 3
    assert sum("\n" in question for question in questions) > 60
    assert len({len(names), len(questions), len(ids), len(first)}) == 1
    assert datetime.fromisoformat(first[0]).year == int(wave)


def test_choices_are_numbers_in_one_csv_wave_and_words_in_the_other(exports, plan):
    items = list(plan.columns["2021"].values())
    numbers = {row[column] for row in exports["2021"] for column in items}
    words = {row[column] for row in exports["2022"] for column in items}
    assert numbers == {"", "-99", "1", "2", "3", "4", "5", "98", "99"}
    labels = set(plan.codebook["agreement5"].labels.values())
    assert words == {"", *labels, "Does not apply to me", "Prefer not to answer"}
    assert {row["Q2"] for row in exports["2021"]} == {"", "1", "2", "3"}
    assert {row["Q2"] for row in exports["2022"]} == {"", *plan.codebook["member_role"].labels.values()}
    assert {row["Finished"] for row in exports["2022"]} == {"True", "False"}


def test_the_spss_wave_keeps_value_labels_and_user_missing_codes():
    frame, meta = pyreadstat.read_sav(SURVEY / "survey_2023.sav", user_missing=True)
    assert meta.variable_value_labels["Q4_1"] == {
        1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree", 5: "Strongly agree",
        98: "Does not apply to me", 99: "Prefer not to answer",
    }  # fmt: skip
    spans: list[Any] = list(meta.missing_ranges["Q4_1"])
    assert [(span["lo"], span["hi"]) for span in spans] == [(98, 98), (99, 99)]
    assert meta.variable_value_labels["Q2"][3] == "Hub member"
    assert {98, 99} <= {value for name in meta.missing_ranges for value in frame[name].dropna()}


def test_the_excel_wave_has_dates_as_dates_and_numbers_as_numbers():
    book = openpyxl.load_workbook(SURVEY / "survey_2024.xlsx", read_only=True)
    rows = list(book.worksheets[0].iter_rows(min_row=HEADER_ROWS + 1, max_row=HEADER_ROWS + 40, values_only=True))
    book.close()
    assert all(isinstance(row[0], datetime) and isinstance(row[4], int) for row in rows)
    assert {type(cell) for row in rows for cell in row[16:60]} <= {int, type(None)}


def test_one_item_is_renamed_and_one_is_added_in_a_later_wave_and_blocks_change_places(plan):
    renamed = [plan.columns[wave]["ci_3"] for wave in WAVES]
    assert renamed == ["Q6_3", "Q6_3", "Q6_3_revised", "Q6_3_revised"]
    assert ["culture_6" in plan.columns[wave] for wave in WAVES] == [False, False, True, True]
    assert list(plan.columns["2023"]) != list(plan.columns["2024"])
    assert set(plan.columns["2023"]) == set(plan.columns["2024"]) == {item.name for item in plan.items}


@pytest.mark.parametrize("wave", WAVES)
def test_roles_see_only_their_blocks(exports, plan, wave):
    asked: dict[str, set[str]] = {label: set() for label in plan.codebook["member_role"].labels.values()}
    for row in exports[wave]:
        asked[row["role"]] |= {item for item, column in plan.columns[wave].items() if row[column]}
    scales = {role: {item.scale for item in plan.items if item.name in items} for role, items in asked.items()}
    every = set(plan.scales)
    assert scales["School-based educator"] == every - {"sustainability"}
    assert scales["School or district leader"] == every - {"participatory_benefits"}
    assert scales["Hub member"] == every - {
        "hub_leadership", "conn_within", "school_context", "participatory_benefits"
    }  # fmt: skip


# The people ----------------------------------------------------------------------------------------


def test_the_networks_are_34_and_the_published_ones_have_their_published_sizes():
    with (ROOT / "data_raw" / "networks.csv").open(encoding="utf-8", newline="") as lines:
        published = {row["network"]: (int(row["size"]), row["launch"]) for row in csv.DictReader(lines)}
    assert sum(size for size, _ in published.values()) == 1348
    for wave in WAVES:
        sizes = Counter(row["network"] for row in roster(wave))
        assert len(sizes) == (33 if wave == "2023" else 34)  # one has no roster in that wave
        for network, (size, launch) in published.items():
            thin = wave == "2021" and launch == "2021"
            assert (0.4 * size < sizes[network] < 0.6 * size) if thin else sizes[network] == size
    assert {row["network"] for row in roster("2022")} - {row["network"] for row in roster("2023")} == {"N32"}


def test_one_person_is_in_two_networks_and_answers_in_both_in_every_wave(exports):
    shared = []
    for wave in WAVES:
        networks: dict[str, set[str]] = {}
        for row in roster(wave):
            networks.setdefault(row["member_id"], set()).add(row["network"])
        (member,) = [member for member, found in networks.items() if len(found) > 1]
        assert networks[member] == {"D", "H"}
        known = next(row for row in roster(wave) if row["member_id"] == member)
        addresses = {known["email"], known["email_2"]} - {""}
        assert {row["network"] for row in exports[wave] if row["RecipientEmail"] in addresses} == {"D", "H"}
        shared.append(member)
    assert len(set(shared)) == 1


def test_members_come_and_go_but_most_stay():
    members = [{row["member_id"] for row in roster(wave) if row["network"] != "N32"} for wave in WAVES]
    for before, after in zip(members[1:], members[2:], strict=False):
        assert 0.78 < len(before & after) / len(before) < 0.88  # declared: 17 % leave in a year


def test_no_name_no_address_and_no_school_can_be_taken_for_a_real_one(exports):
    address = re.compile(r"t\d{5}(\.home|\.new)?@example\.(org|net|com)")
    school = re.compile(r"(synthetic school|synth\. school|synthetic sch\. no\.|escuela sintética) \d+", re.IGNORECASE)
    for wave in WAVES:
        for row in roster(wave):
            assert re.fullmatch(r"T\d{5}", row["member_id"])
            assert address.fullmatch(row["email"])
            assert row["email_2"] == "" or address.fullmatch(row["email_2"])
            assert row["school"] == "" or school.fullmatch(row["school"])
            assert (row["school"] == "") == (row["role"] == "hub_member")
        for row in exports[wave]:
            assert row["RecipientEmail"] == "" or address.fullmatch(row["RecipientEmail"])
            assert row["Q3"] == "" or school.fullmatch(row["Q3"])
            assert row["ResponseId"].startswith("R_T")
            assert not {"IPAddress", "LocationLatitude", "RecipientFirstName"} & set(row)


def test_every_text_is_stamped_and_some_are_awkward(exports, plan):
    texts = [row["Q17"] for rows in exports.values() for row in rows if row["Q17"]]
    assert all(text.removeprefix("=").startswith(STAMP) for text in texts)
    for awkward in ("\n", '"', ",", "ñ", "="):
        assert any(awkward in text for text in texts), awkward
    assert any(text.startswith("=") for text in texts)
    assert all(item.text.startswith("[illustrative] ") for item in plan.items)
    assert all(text.startswith("[illustrative] ") for text in plan.declared["questions"].values())


# The mess ------------------------------------------------------------------------------------------


def declared(plan: Plan) -> dict[str, Any]:
    return dict(plan.declared["mess"])


@pytest.mark.parametrize("wave", WAVES)
def test_the_mess_comes_as_often_as_declared(exports, plan, wave):
    rows, mess = exports[wave], declared(plan)
    status = Counter(row["Status"] for row in rows)
    assert status[{"2022": "Survey Preview"}.get(wave, "1")] == mess["previews"]
    assert status[{"2022": "Survey Test"}.get(wave, "2")] == mess["tests"]
    assert sum(row["Progress"] != "100" for row in rows) == mess["unfinished"] + mess["came_back"]
    assert sum(row["Q1"] in ("2", "No, I do not take part") for row in rows) == mess["declined"]
    assert sum(row["DistributionChannel"] == "anonymous" for row in rows) == mess["anonymous"]
    assert sum(".new@" in row["RecipientEmail"] for row in rows) == mess["unlisted"]
    consenting = [row for row in rows if row["Q1"] in ("1", "Yes, I take part") and row["Progress"] == "100"]
    assert sum(int(row["Duration (in seconds)"]) < 120 for row in consenting) == mess["hurried"]
    assert len({row["ResponseId"] for row in rows}) == len(rows)


def cleaned(rows: list[Row], wave: str, plan: Plan) -> dict[tuple[str, str], Row]:
    """The rules of the study in a few lines of our own: one response per network and person."""
    columns = list(plan.columns[wave].values())
    person = {row[key]: row["member_id"] for row in roster(wave) for key in ("email", "email_2") if row[key]}
    kept: dict[tuple[str, str], Row] = {}
    for row in rows:
        given = [row[column] for column in columns if row[column] not in ("", "-99")]
        if (
            row["Status"] not in ("0", "IP Address")
            or row["Q1"] not in ("1", "Yes, I take part")
            or row["Progress"] != "100"
            or int(row["Duration (in seconds)"]) < 120
            or len(set(given)) == 1
        ):
            continue
        who = person.get(row["RecipientEmail"]) or row["RecipientEmail"] or row["ResponseId"]
        before = kept.get((corrected(row), who))
        if before is None or len(given) >= len([1 for column in columns if before[column] not in ("", "-99")]):
            kept[corrected(row), who] = row
    return kept


@pytest.mark.parametrize("wave", WAVES)
def test_cleaning_by_the_declared_rules_gives_back_exactly_what_was_drawn(exports, plan, wave):
    kept = cleaned(exports[wave], wave, plan)
    coming = came_in(plan, 1, wave)
    drawn = coming.responses[coming.responses.kind == "kept"]
    assert len(kept) == len(drawn)
    networks = Counter(network for network, _ in kept)
    assert networks == Counter(coming.cases.names[place] for place in coming.people.case[drawn.seat])
    members = {coming.people.ids[person] for person in coming.people.person[WAVES.index(wave)][drawn.seat]}
    found = {who for _, who in kept if who.startswith("T")}
    absent = {"2023": drawn.seat[coming.people.case[drawn.seat] == coming.cases.names.index("N32")].size}.get(wave, 0)
    assert found <= members
    assert len(members - found) <= declared(plan)["anonymous"] + declared(plan)["unlisted"] + absent


def test_one_network_is_misspelt_in_each_csv_wave_and_a_correction_settles_it():
    with (ROOT / "data_raw" / "corrections.csv").open(encoding="utf-8", newline="") as lines:
        fixes = [row for row in csv.DictReader(lines) if row["file"].startswith("survey/")]
    assert [(fix["file"], fix["old"], fix["new"]) for fix in fixes] == [
        ("survey/survey_2021.csv", "N-25", "N25"),
        ("survey/survey_2022.csv", "Distirct-A", "District-A"),
    ]
    for wave, fix in zip(("2021", "2022"), fixes, strict=True):
        (row,) = [row for row in export(wave) if fix["row_key"] == f"ResponseId={row['ResponseId']}"]
        assert row["network"] == fix["old"]


def test_cells_have_blanks_around_them_and_blanks_inside_the_survey_have_reasons():
    raw = [cell for wave in ("2021", "2022") for row in table(wave)[HEADER_ROWS:] for cell in row[8:16]]
    assert any(cell != cell.lstrip() for cell in raw)
    assert any(cell != cell.rstrip() for cell in raw)


# Drawing -------------------------------------------------------------------------------------------

DIGEST = """
import hashlib, sys
from pathlib import Path
from nsi.codebook import read_codebook
from nsi.synthetic.assumptions import load
from nsi.synthetic.survey_exports import survey_files
from nsi.synthetic.survey_plan import read_plan
study = Path(sys.argv[1])
found = load(study / "assumptions.yml")
plan = read_plan(found.values["surveys"], study, read_codebook(study / "codes.csv"), found.values["seed"])
for name, content in sorted(survey_files(plan)[0].items()):
    print(name, hashlib.sha256(content).hexdigest())
"""


def test_another_process_with_other_hashes_draws_the_committed_bytes():
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run(
        [sys.executable, "-c", DIGEST, str(STUDY)], capture_output=True, text=True, check=True, env=environment
    )
    found = dict(line.split() for line in run.stdout.splitlines())
    assert found == {
        f"survey/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in SURVEY.iterdir()
    }


def test_many_numbers_at_once_come_from_the_guaranteed_raw_stream():
    # Fixed here so that a NumPy or a SciPy that broke its promise would be seen as such, not as changed data.
    assert Draws(1, "table", "column").uniforms(3).tolist() == pytest.approx(
        [0.6165257046327065, 0.10271296013309517, 0.811353029481765], abs=1e-15
    )
    expected = [NormalDist().inv_cdf(mark) for mark in Draws(1, "table", "column").uniforms(3).tolist()]
    assert Draws(1, "table", "column").normals(3).tolist() == pytest.approx(expected, abs=1e-12)
    many = Draws(2, "many").normals(200, 500)
    assert many.shape == (200, 500)
    assert abs(float(many.mean())) < 0.01
    assert abs(float(many.std()) - 1) < 0.01
    assert sorted(Draws(2, "order").order(50).tolist()) == list(range(50))


def one_wave(plan: Plan) -> Plan:
    """The plan with its first wave only, so that several copies are drawn in a moment."""
    waves = {"2021": plan.declared["waves"]["2021"]}
    cases = {**plan.declared["cases"], "no_roster": {"case": "N32", "wave": "2021"}}
    return dataclasses.replace(plan, declared={**plan.declared, "waves": waves, "cases": cases})


def test_copies_of_the_set_have_cases_and_people_of_their_own_and_leave_the_first_as_it_was(plan):
    files = {scale: survey_files(one_wave(plan), scale)[0] for scale in (1, 2)}
    head, *rows = files[2]["survey/roster_2021.csv"].decode("utf-8").splitlines()
    first = files[1]["survey/roster_2021.csv"].decode("utf-8").splitlines()[1:]
    assert rows[: len(first)] == first
    second = list(csv.DictReader([head, *rows[len(first) :]]))
    assert all(row["network"].endswith(".2") and row["member_id"].endswith(".2") for row in second)
    assert abs(len(second) - len(first)) < 5
    assert not {row["email"] for row in second} & {line.split(",")[4] for line in first}
    once, twice = (
        list(csv.reader(io.StringIO(files[scale]["survey/survey_2021.csv"].decode("utf-8"), newline="")))
        for scale in (1, 2)
    )
    assert twice[: len(once)] == once
    assert 1.9 < (len(twice) - HEADER_ROWS) / (len(once) - HEADER_ROWS) < 2.1
    assert len({row[7] for row in twice}) == len(twice)


def test_enlarged_data_go_into_an_empty_folder_only(tmp_path, capsys):
    (tmp_path / "networks.csv").write_text("network\n", encoding="utf-8")
    assert main(["--study", str(STUDY), "--data-raw", str(tmp_path), "--scale", "3"]) == 1
    assert capsys.readouterr().err == (
        f"make synth: {tmp_path.name}/ holds networks.csv; enlarged look-alikes go into a folder of their own. Nothing "
        "was written. Give an empty one: DATA_RAW=<empty folder>\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["networks.csv"]
    assert main(["--study", str(STUDY), "--data-raw", str(tmp_path), "--scale", "0"]) == 1
    assert capsys.readouterr().err == "make synth: --scale is 0, but must be a whole number, 1 or more\n"


# Declaring -----------------------------------------------------------------------------------------


def changed(plan: Plan, path: str, value: Any) -> Plan:
    whole = copy.deepcopy(dict(plan.declared))
    *keys, last = path.split(".")
    place = whole
    for key in keys:
        place = place[key]
    place[last] = value
    return dataclasses.replace(plan, declared=whole)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("cases.sizes.chosen", {"A": 3}, "surveys.cases.sizes: a case stands in two of the lists; keep one"),
        ("cases.groups.strong.cases", ["N14", "N16"], "surveys.cases.groups: each case in one group, and one group"),
        ("mess.unfinished", 99999, "surveys.mess.unfinished is 99999, but only 1"),
        ("mess.other_address", 9999, "surveys.mess.other_address is 9999, but only "),
    ],
)
def test_what_cannot_be_drawn_is_told(plan, path, value, message):
    with pytest.raises(StudyError) as caught:
        came_in(changed(plan, path, value), 1, "2021")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("answers.profile", ["culture", "cultur"], "surveys.answers.profile: there is no cultur; declared are hub_"),
        ("cases.in_two", ["D", "Z"], "surveys.cases.in_two: there is no Z; declared are A, B, C,"),
        ("people.schooled", ["teacher"], "surveys.people.schooled: there is no teacher; declared are school_educator"),
        ("answers.item_offsets", {"hub_9": 1.0}, "surveys.answers.item_offsets: there is no hub_9; declared are hub_1"),
        (
            "answers.thresholds",
            {"to 2": 2.0},
            "items.csv, item hub_1: the answers are 'agreement5' with 5 codes, but all must have 'agreement5', with 2 "
            "codes by surveys.answers.thresholds; change one",
        ),
    ],
)
def test_a_name_that_is_not_declared_is_told(plan, path, value, message):
    with pytest.raises(StudyError) as caught:
        read_plan(changed(plan, path, value).declared, STUDY, plan.codebook, plan.seed)
    assert str(caught.value).startswith(message)


def test_a_questionnaire_that_is_not_there_is_told(plan, tmp_path):
    with pytest.raises(StudyError, match=r"surveys: items\.csv is missing from the study's folder; add it"):
        read_plan(plan.declared, tmp_path, plan.codebook, plan.seed)


def test_an_unknown_form_is_told(plan):
    with pytest.raises(StudyError, match=r"surveys\.waves\.2021: form must be one of qualtrics, spss, excel"):
        survey_files(changed(plan, "waves.2021.form", "stata"))


def test_the_sizes_that_are_drawn_lie_around_their_declared_middle(plan):
    sizes = came_in(plan, 1, "2021").cases.sizes
    drawn = np.array([size for name, size in zip(plan.declared["cases"]["names"], sizes, strict=True)
                      if not any(name in listed for listed in plan.declared["cases"]["sizes"].values())])  # fmt: skip
    assert float(np.median(drawn)) == plan.declared["cases"]["sizes_drawn"]["median"]
    assert drawn.max() == 363  # the largest published size, network C
