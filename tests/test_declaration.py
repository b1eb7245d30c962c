"""study.yml: every mistake in it is found when the study is opened, and named by its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from study_folder import CODES, StudyFolder, told

from nsi.declaration import Declaration

ROOT = Path(__file__).resolve().parents[1]


def opened(folder: StudyFolder) -> Declaration:
    folder.open()
    return Declaration(folder.root / "study", folder.root / "data_raw")


def test_defaults_stop_on_everything(tmp_path: Path) -> None:
    table = opened(StudyFolder(tmp_path)).table("documents")
    assert (table.duplicates, table.outside_codebook, table.missing) == ("stop", "stop", {})
    assert (table.encoding, table.separator, table.holds) == ("utf-8", ",", "rows")
    assert {column.blank for column in table.columns.values()} == {"stop"}


@pytest.mark.parametrize("study", ["study", "examples/gti"])
def test_the_declarations_of_the_project_can_be_read(study: str, tmp_path: Path) -> None:
    assert Declaration(ROOT / study, tmp_path).notebooks


def test_the_gti_example_names_no_country_no_rater_and_no_count() -> None:
    declaration = Declaration(ROOT / "examples/gti", ROOT / "data_raw")
    table = declaration.table("ratings")
    assert (table.columns["case"].source, table.columns["case"].type) == (("COUNTRY",), "text")
    assert table.columns["coder"].source == ("COUNTRY", "IDRATER")
    assert (table.duplicates, table.outside_codebook) == ("first", "invalid")
    assert table.missing == {"9999": "missing", "9992": "not_applicable"}
    levels = [declaration.codebook[field].level for field in table.fields]
    assert levels == ["ordinal"] * 10 + ["nominal"] * 9
    assert {tuple(declaration.codebook[field].values) for field in table.fields} == {
        ("1", "2", "3"),
        ("0", "1"),
    }


def without(keys: dict[str, Any], *path: str) -> None:
    for name in path[:-1]:
        keys = keys[name]
    del keys[path[-1]]


def put(value: object, *path: Any) -> Callable[[dict[str, Any]], None]:
    def change(keys: dict[str, Any]) -> None:
        for name in path[:-1]:
            keys = keys[name]
        keys[path[-1]] = value

    return change


RATINGS = ("raw", "ratings")
DOCUMENTS = ("raw", "documents")
MISTAKES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda keys: without(keys, "title"), "study.yml: 'title' is missing; add it"),
    (put(5, "title"), "study.yml title must be text, but found a number (5); put it in quotes"),
    (put("7", "seed"), "study.yml seed must be a whole number, but found text ('7')"),
    (put(True, "seed"), "study.yml seed must be a whole number, but found a yes/no value (True)"),
    (put(1, "setings"), "study.yml: unknown key 'setings'; did you mean 'settings'? allowed are title, seed, "
                        "raw, "
                        "notebooks, codebook, assumptions, settings, story, survey, claims, results"),
    (put([], "notebooks"), "study.yml notebooks must be a list, but found a list ([])"),
    (put(["x"], "settings"), "study.yml settings must hold keys and values, but found a list (['x'])"),
    (put({}, "raw", "2022"), "study.yml raw.2022: 'file' is missing; add it"),
    (put({}, "raw", 2022), "study.yml raw, the name 2022 must be text, but found a number (2022); put it in "
                           "quotes"),
    (put("../x.csv", *RATINGS, "file"), "study.yml raw.ratings.file is '../x.csv', but must be a file "
                                        "in the raw data folder, such as 'log.csv' or 'folder/log.csv'"),
    (put(5, *RATINGS, "columns"), "study.yml raw.ratings.columns must hold keys and values, but found a "
                                  "number (5)"),
    (put({}, *DOCUMENTS, "columns"), "study.yml raw.documents.columns is empty; map at least one column"),
    (put({1: "x"}, *RATINGS, "columns"), "study.yml raw.ratings.columns, the name 1 must be text, but found "
                                         "a number "
                                         "(1); put it in quotes"),
    (put("tall", *RATINGS, "layout"), "study.yml raw.ratings.layout is 'tall', but allowed are long, wide"),
    (put("frist", *RATINGS, "duplicates"), "study.yml raw.ratings.duplicates is 'frist', but allowed are "
                                           "stop, first, "
                                           "last, merge"),
    (put("merge", *RATINGS, "duplicates"), "study.yml raw.ratings.duplicates is merge, but two ratings "
                                           "cannot be "
                                           "merged; allowed are stop, first, last"),
    (put("drop", *RATINGS, "outside_codebook"), "study.yml raw.ratings.outside_codebook is 'drop', but "
                                                "allowed are "
                                                "stop, invalid"),
    (put(["use", "usage"], *RATINGS, "fields"), "study.yml raw.ratings.fields names 'usage', but codes.csv "
                                                "has no such "
                                                "field"),
    (put(["use", "use"], *RATINGS, "fields"), "study.yml raw.ratings.fields names 'use' twice; remove one of "
                                              "them"),
    (lambda keys: without(keys, *RATINGS, "fields"), "study.yml raw.ratings: ratings need 'fields', the "
                                                     "codebook fields "
                                                     "that were rated"),
    (lambda keys: without(keys, *RATINGS, "columns", "coder"), "study.yml raw.ratings.columns: ratings in "
                                                               "long layout "
                                                               "need 'coder'; map it to its column"),
    (put({"from": "who", "type": "integer"}, *RATINGS, "columns", "coder"),
     "study.yml raw.ratings.columns.coder is of type integer, but ids are text; allowed are text, code"),
    (put("on", *RATINGS, "columns", "rated_on"),
     "study.yml raw.ratings.columns.rated_on is of type text, but must be a date with its formats"),
    (put("x", *RATINGS, "columns", "missing"),
     "study.yml raw.ratings.columns.missing: ratings in long layout make 'missing' themselves; rename it"),
    (put("wide", *RATINGS, "layout"),
     "study.yml raw.ratings.columns.field: ratings in wide layout make 'field' themselves; rename it"),
    (put({"plan": "skipped"}, *RATINGS, "missing"),
     "study.yml raw.ratings.missing names 'plan', but it is a code of field 'use' in codes.csv; a cell is "
     "either a code "
     "or missing, so remove it from one of the two"),
    (put({99: "skipped"}, *RATINGS, "missing"),
     "study.yml raw.ratings.missing, the cell 99 must be text, but found a number (99); put it in quotes"),
    (put({"99": ""}, *RATINGS, "missing"),
     "study.yml raw.ratings.missing: the cell '99' has no reason; give one such as skipped or "
     "not_applicable"),
    (put(["99"], *RATINGS, "missing"),
     "study.yml raw.ratings.missing must map what stands in a cell to a reason, but found a list (['99'])"),
    (put(";;", *RATINGS, "separator"),
     "study.yml raw.ratings.separator must be one character such as ',' or ';' or \"\\t\", but found ';;'"),
    (put(["id"], *DOCUMENTS, "key"), "study.yml raw.documents.key names 'id', which is no column; columns "
                                     "are doc, "
                                     "made, use, size"),
    (put({"type": "date"}, *DOCUMENTS, "columns", "made"),
     "study.yml raw.documents.columns.made: a date needs 'formats', for example ['%Y-%m-%d']; 03/04/2021 has "
     "two "
     "readings"),
    (put({"type": "date", "formats": ["%m/%d"]}, *DOCUMENTS, "columns", "made"),
     "study.yml raw.documents.columns.made.formats: '%m/%d' does not hold year, month and day, as '%Y-%m-%d' "
     "does; "
     "correct it"),
    (put({"type": "date", "formats": ["%Y-%Q-%d"]}, *DOCUMENTS, "columns", "made"),
     "study.yml raw.documents.columns.made.formats: '%Y-%Q-%d' does not hold year, month and day, as "
     "'%Y-%m-%d' does; "
     "correct it"),
    (put({"type": "text", "formats": ["%Y"]}, *DOCUMENTS, "columns", "made"),
     "study.yml raw.documents.columns.made: 'formats' are for dates; add type: date, or remove them"),
    (put({"type": "day"}, *DOCUMENTS, "columns", "made"),
     "study.yml raw.documents.columns.made.type is 'day', but allowed are text, code, date, time, integer, number"),
    (put({"type": "code", "field": "usage"}, *DOCUMENTS, "columns", "use"),
     "study.yml raw.documents.columns.use: codes.csv has no field 'usage'; add its codes, or name another "
     "field"),
    (put({"blank": ""}, *DOCUMENTS, "columns", "use"),
     "study.yml raw.documents.columns.use.blank must be stop, a reason such as skipped, or a value such as "
     "=none; fill "
     "it"),
    (put("x", *DOCUMENTS, "columns", "use_missing"),
     "study.yml raw.documents.columns.use_missing: that name is kept for the reasons why a value is missing; "
     "rename it"),
    (put([{"run": "a", "over": {"field": []}}], "notebooks"),
     "study.yml notebooks, item 1 over.field must be a list of values, but found a list ([])"),
    (put([{"run": "a", "over": {"field": ["x", "x"]}}], "notebooks"),
     "study.yml notebooks, item 1 over.field: 'x' stands twice; remove one of them"),
    (put([{"run": "a", "with": {"field": 1}, "over": {"field": [1]}}], "notebooks"),
     "study.yml notebooks, item 1: 'field' stands under 'with' and under 'over'; keep one of them"),
    (put([{"run": "a", "over": 5}], "notebooks"),
     "study.yml notebooks, item 1 over must hold keys and values, but found a number (5)"),
    (put([{"runs": "a"}], "notebooks"),
     "study.yml notebooks, item 1: unknown key 'runs'; did you mean 'run'? allowed are run, with, over"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_named_by_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    folder = StudyFolder(tmp_path)
    change(folder.keys)
    assert told(folder.open) == message


def test_duplicates_of_rows_need_a_key(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["duplicates"] = "first"
    del folder.table("documents")["key"]
    message = "study.yml raw.documents: duplicates: first needs a key, the columns that tell rows apart"
    assert told(folder.open) == message


def test_what_is_not_declared_is_named_beside_what_is(tmp_path: Path) -> None:
    declaration = opened(StudyFolder(tmp_path))
    assert told(lambda: declaration.table("survey")) == (
        "study.yml raw declares no table 'survey'; it declares ratings, documents"
    )
    assert told(lambda: declaration.setting("most")) == (
        "study.yml settings has no 'most'; add it, or use one of least"
    )


def test_a_digest_changes_with_its_own_part_of_the_declaration_and_no_other(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    keys = ["raw.ratings", "raw.documents", "codes.use", "codes.grade", "settings.least", "seed", "title",
            "corrections.ratings.csv", "synthetic.ratings.csv"]  # fmt: skip
    first = {key: opened(folder).digest(key) for key in keys}
    assert len(set(first.values())) >= len(keys) - 1  # nothing declared and not synthetic may share one

    folder.put("codes.csv", CODES.replace("To plan", "To plan ahead"), folder="study")
    folder.table("documents")["duplicates"] = "last"
    folder.correct("ratings.csv,doc=a1;who=AP,code,plan,check,me,a slip")
    second = {key: opened(folder).digest(key) for key in keys}
    changed = {key for key in keys if first[key] != second[key]}
    assert changed == {"raw.documents", "codes.use", "corrections.ratings.csv"}


def test_a_digest_knows_neither_the_order_of_keys_nor_where_a_correction_stands(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.keys["settings"]["bins"] = {1: "low", "2": "high"}
    mine = "ratings.csv,doc=a1;who=AP,code,plan,check,me,a slip"
    folder.correct(mine)
    first = opened(folder)
    assert [row for row, _ in first.corrections("ratings.csv")] == [2]
    folder.correct("documents.csv,doc=a1,use,plan,check,me,a slip", mine)
    folder.keys["settings"]["bins"] = {"2": "high", 1: "low"}
    second = opened(folder)
    for key in ("settings.bins", "corrections.ratings.csv"):
        assert first.digest(key) == second.digest(key)
    assert [row for row, _ in second.corrections("ratings.csv")] == [3]


def test_a_marker_of_synthetic_files_is_read_line_by_line(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    assert opened(folder).synthetic_files == frozenset()
    folder.put("SYNTHETIC", "# a remark\n\nabc123  ratings.csv\nabc123  two words.csv\n")
    assert opened(folder).synthetic_files == {"ratings.csv", "two words.csv"}
    folder.put("SYNTHETIC", "# a remark\nratings.csv\n")
    remedy = (
        ", so nobody can tell which files are look-alikes; draw them again with `make synth`, or remove the "
        "marker if "
        "every file is real"
    )
    message = told(lambda: opened(folder).synthetic_files)
    assert message == f"SYNTHETIC row 2: must hold a SHA-256 and a file name{remedy}"
    folder.put("SYNTHETIC", "")
    assert told(lambda: opened(folder).synthetic_files) == f"SYNTHETIC lists no file{remedy}"


def test_a_template_stands_for_the_names_that_the_runs_give(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.keys["notebooks"].append({"run": "11_more", "over": {"wave": [1, 2], "field": ["use"]}})
    declaration = opened(folder)
    assert declaration.names_over("reliability_{field}") == ["reliability_use", "reliability_grade"]
    assert declaration.names_over("x_{field}_{wave}") == ["x_use_1", "x_use_2", "x_grade_1", "x_grade_2"]
    assert declaration.names_over("x_{other}") == []
