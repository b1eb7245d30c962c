"""Settled labels on their way back: from a filled workbook to rows of the study's file of ratings."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from study_folder import StudyFolder

from nsi import settle
from nsi.documents.adjudication import adjudication_workbook
from nsi.methods.consensus import adjudication_list
from nsi.methods.labels import final_labels
from nsi.readers.ratings import clean_ratings

# The file's columns stand in another order than the declared ones, and one of them is not declared.
HEADER = "doc,sheet,place,title,what,code,who,on,stage,how,why"
RATINGS = f"""\
{HEADER}
a1,s1,north,First,use,plan,AP,04.03.2021,independent,,
a1,s1,north,First,use,check,BQ,05.03.2021,independent,,
a2,s1,south,Second,use,plan,AP,06.03.2021,independent,,
a2,s2,south,Second,use,none,BQ,06.03.2021,independent,,
a3,s2,south,Third,use,plan,AP,07.03.2021,independent,,
a3,s2,south,Third,use,plan,BQ,07.03.2021,independent,,
"""
COLUMNS = {
    "case": {"from": "place", "type": "code", "field": "place"},
    "unit": "doc",
    "coder": "who",
    "field": "what",
    "value": "code",
    "rated_on": {"from": "on", "type": "date", "formats": ["%d.%m.%Y", "%Y-%m-%d"]},
    "label_stage": "stage",
    "rule": "how",
    "reason": "why",
    "excerpt": "title",
}
TERMS = {"rules": {"discussed": "Talked over"}, "reasons": {"slip": "A wrong key"}}
SETTLED = ["a1,,north,,use,check,CR,31.12.2021,consensus,discussed,slip"]


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """A study with three units, two of which the coders see differently."""
    study = StudyFolder(tmp_path)
    study.keys["settings"] = {"adjudication": TERMS}
    study.table("ratings").update(columns=dict(COLUMNS), fields=["use"])
    study.put("ratings.csv", RATINGS)
    return study


def form(folder: StudyFolder, filled: Mapping[int, tuple[str | datetime.date | None, ...]]) -> Path:
    """Issue the study's form, fill the answers of some rows, and save it where a person would."""
    study = folder.open()
    ratings, _ = clean_ratings(study.raw("ratings"))
    excerpts = ratings[["case", "unit", "excerpt"]].drop_duplicates()
    differing = adjudication_list(ratings, ratings.iloc[:0], field="use", excerpts=excerpts)
    data = adjudication_workbook(
        differing, field="use", field_label="Use", said=["coder AP", "coder BQ"], codes=study.field("use").values,
        labels=study.field("use").labels, definitions={}, rules=TERMS["rules"],
        reasons=TERMS["reasons"], excerpt="excerpt",
    )  # fmt: skip
    book = load_workbook(io.BytesIO(data))
    sheet = book["Decide"]
    for row, answers in filled.items():
        for column, answer in enumerate(answers, start=sheet.max_column - 4):
            sheet.cell(row, column).value = answer
    path = folder.root / "filled.xlsx"
    book.save(path)
    return path


FIRST = {2: ("check", "discussed", "slip", "CR", datetime.date(2021, 12, 31))}


def run(folder: StudyFolder, file: Path, field: str = "use") -> int:
    """Read a workbook back by the command line."""
    folder.open()  # writes study.yml as it is declared by now
    places = ["--study", str(folder.root / "study"), "--data-raw", str(folder.root / "data_raw")]
    return settle.main([*places, "--field", field, "--file", str(file)])


def test_settled_labels_come_back_as_rows_with_the_columns_of_the_raw_file(folder, capsys):
    assert run(folder, form(folder, FIRST)) == 0
    target = folder.root / "filled_settled.csv"
    assert target.read_text(encoding="utf-8").splitlines() == [HEADER, *SETTLED]
    assert capsys.readouterr().out == (
        f"1 of 2 units settled, 1 open. The rows of those settled are in {target}; add them to ratings.csv, "
        "then run make all\n"
    )


def test_added_to_the_ratings_they_are_read_as_consensus_and_decide_the_final_label(folder):
    run(folder, form(folder, FIRST))
    rows = (folder.root / "filled_settled.csv").read_text(encoding="utf-8").split("\n", 1)[1]
    folder.put("ratings.csv", RATINGS + rows)
    ratings, _ = clean_ratings(folder.open().raw("ratings"))
    consensus = ratings[ratings["label_stage"] == "consensus"]
    shown = consensus[["case", "unit", "coder", "field", "value", "rule", "reason"]].to_numpy().tolist()
    assert shown == [["north", "a1", "CR", "use", "check", "discussed", "slip"]]
    assert list(consensus["rated_on"]) == [pd.Timestamp("2021-12-31")]
    assert (ratings["label_stage"] == "independent").sum() == 6
    labels = final_labels(ratings[ratings["label_stage"] == "independent"], consensus)
    first = labels[labels["unit"] == "a1"]
    assert first[["value", "weight", "basis"]].to_numpy().tolist() == [["check", 1.0, "consensus"]]


def test_reason_and_day_that_were_left_blank_stay_blank(folder):
    assert run(folder, form(folder, {3: ("none", "discussed", None, "CR", None)})) == 0
    rows = (folder.root / "filled_settled.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1:] == ["a2,,south,,use,none,CR,,consensus,discussed,"]


def test_an_untouched_form_gives_the_columns_alone(folder, capsys):
    assert run(folder, form(folder, {})) == 0
    assert (folder.root / "filled_settled.csv").read_text(encoding="utf-8") == f"{HEADER}\n"
    assert capsys.readouterr().out.startswith("0 of 2 units settled, 2 open. ")


def test_rows_are_written_as_the_file_of_ratings_is_written(folder):
    folder.table("ratings").update(separator=";", encoding="cp1252")
    folder.put("ratings.csv", RATINGS.replace(",", ";").encode("cp1252"))
    assert run(folder, form(folder, {2: ("check", "discussed", "slip", "Zoë", None)})) == 0
    row = "a1;;north;;use;check;Zoë;;consensus;discussed;slip"
    assert (folder.root / "filled_settled.csv").read_bytes().splitlines()[1] == row.encode("cp1252")


def test_what_the_ratings_have_no_column_for_is_told(folder, capsys):
    for name in ("rule", "reason"):
        del folder.table("ratings")["columns"][name]
    assert run(folder, form(folder, FIRST)) == 0
    assert capsys.readouterr().out.endswith("make all. The ratings have no column for rule, reason: left out\n")


# --- refused: the whole text, exit status 1, and no file


def refused(folder: StudyFolder, file: Path, capsys: pytest.CaptureFixture[str], field: str = "use") -> str:
    before = folder.held(".")
    assert run(folder, file, field) == 1
    said = capsys.readouterr()
    assert said.out == ""
    after = folder.held(".")
    assert {name for name in after if name not in before} <= {"study/study.yml"}
    assert {name: after[name] for name in before if name != "study/study.yml"} == {
        name: data for name, data in before.items() if name != "study/study.yml"
    }
    return said.err.rstrip("\n")


def test_a_workbook_that_is_not_there(folder, capsys):
    told = refused(folder, folder.root / "gone.xlsx", capsys)
    assert told == "gone.xlsx is missing; give the filled workbook as FILE=..."


def test_the_workbook_of_another_field(folder, capsys):
    told = refused(folder, form(folder, FIRST), capsys, field="grade")
    assert told == "filled.xlsx settles the field 'use', but 'grade' was asked for; send the form of 'grade'"


def test_rows_that_were_read_back_before_are_not_overwritten(folder, capsys):
    file = form(folder, FIRST)
    (folder.root / "filled_settled.csv").write_text("added to by hand\n", encoding="utf-8")
    assert refused(folder, file, capsys) == (
        "filled_settled.csv is there already and was not overwritten; move it away, then read again"
    )


def test_ratings_that_have_a_column_per_field(folder, capsys):
    file = form(folder, FIRST)
    wide = {name: COLUMNS[name] for name in ("case", "unit", "coder")}
    folder.table("ratings").update(layout="wide", columns=wide)
    assert refused(folder, file, capsys) == (
        "study.yml raw.ratings: settled labels go into ratings of long layout with a column label_stage, which tells "
        "them from independent ones; keep them in such a file"
    )


def test_ratings_without_a_column_that_tells_settled_labels_from_others(folder, capsys):
    file = form(folder, FIRST)
    del folder.table("ratings")["columns"]["label_stage"]
    assert refused(folder, file, capsys) == (
        "study.yml raw.ratings: settled labels go into ratings of long layout with a column label_stage, which tells "
        "them from independent ones; keep them in such a file"
    )


def test_ids_that_are_joined_from_several_columns(folder, capsys):
    file = form(folder, FIRST)
    folder.table("ratings")["columns"]["coder"] = ["place", "who"]
    assert refused(folder, file, capsys) == (
        "study.yml raw.ratings: 'coder' is joined from several columns; fill them by hand"
    )


def test_a_file_of_ratings_that_is_not_there(folder, capsys):
    file = form(folder, FIRST)
    (folder.root / "data_raw" / "ratings.csv").unlink()
    assert refused(folder, file, capsys) == (
        "data_raw/ratings.csv is missing; study.yml raw.ratings names it. Say where the raw data are: DATA_RAW=<folder>"
    )


def test_a_name_that_the_file_of_ratings_cannot_hold(folder, capsys):
    folder.table("ratings").update(encoding="cp1252")
    assert refused(folder, form(folder, {2: ("check", "discussed", "slip", "Łucja", None)}), capsys) == (
        "filled.xlsx holds 'Ł', which ratings.csv cannot hold (cp1252); save that file as utf-8, or write it in "
        "another way"
    )


def test_a_study_that_says_half_of_what_may_be_chosen(folder, capsys):
    file = form(folder, FIRST)
    folder.keys["settings"]["adjudication"] = {"rules": TERMS["rules"]}
    assert refused(folder, file, capsys) == "study.yml settings.adjudication: 'reasons' is missing; add it"
