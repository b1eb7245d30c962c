"""Cleaning a table of rows: every rule is declared, logged with its rows, or stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import SHEET, StudyFolder, told

from nsi.raw_columns import Column
from nsi.readers.cleaning_log import COLUMNS, CleaningLog
from nsi.readers.rules import parse_dates, to_numbers
from nsi.readers.tables import clean_table

REMEDY = "settle it in data_raw/corrections.csv"


def cleaned(folder: StudyFolder) -> tuple[pd.DataFrame, pd.DataFrame]:
    return clean_table(folder.open().raw("documents"))


def rules(log: pd.DataFrame) -> dict[object, tuple[object, ...]]:
    return {line.rule: (line.rows_before, line.rows_after, line.rows) for line in log.itertuples()}


def test_a_table_gets_the_declared_types(tmp_path: Path) -> None:
    table, log = cleaned(StudyFolder(tmp_path))
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "doc": "str", "made": "datetime64[us]", "use": "category", "size": "Int64",
    }  # fmt: skip
    assert table["use"].cat.categories.tolist() == ["plan", "check", "none"]
    assert table["use"].cat.ordered
    assert list(log.columns) == COLUMNS
    assert rules(log) == {
        "hand corrections": (2, 2, ""), "trim blanks": (2, 2, ""), "drop empty rows": (2, 2, ""),
        "read dates": (2, 2, ""),
    }  # fmt: skip


def test_each_rule_notes_its_rows(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put(
        "documents.csv",
        "doc,made,use,size\na1 ,04.03.2021,plan,12\n,,,\n\na2,2021-03-05,\u00a0check\u3000,7\n",
    )
    table, log = cleaned(folder)
    assert rules(log) == {
        "hand corrections": (4, 4, ""), "trim blanks": (4, 4, "2 5"), "drop empty rows": (4, 2, "3 4"),
        "read dates": (2, 2, "2"),
    }  # fmt: skip
    assert table["made"].dt.strftime("%Y-%m-%d").tolist() == ["2021-03-04", "2021-03-05"]
    assert table["use"].tolist() == ["plan", "check"]


def test_ids_and_text_stay_what_they_are(tmp_path: Path) -> None:
    words = ["007", "NA", "None", "1e5", "nan", "<b>", "x\ny"]
    folder = StudyFolder(tmp_path)
    rows = "\n".join(f'"{word}",2021-03-04,plan,1' for word in words)
    folder.put("documents.csv", f"doc,made,use,size\n{rows}\n")
    table, _ = cleaned(folder)
    assert table["doc"].tolist() == words


def test_a_code_that_is_called_none_is_a_code(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", SHEET.replace("check", "none"))
    table, _ = cleaned(folder)
    assert table["use"].tolist() == ["plan", "none"]
    assert "use_missing" not in table


@pytest.mark.parametrize(("policy", "kept", "rows"), [("first", 12, "4"), ("last", 9, "2")], ids=["first", "last"])
def test_of_two_rows_with_one_key_the_declared_one_stays_and_the_other_is_logged(
    tmp_path: Path, policy: str, kept: int, rows: str
) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["duplicates"] = policy
    folder.put("documents.csv", SHEET + "a1,2021-03-09,none,9\n")
    table, log = cleaned(folder)
    assert dict(zip(table["doc"], table["size"], strict=True)) == {"a1": kept, "a2": 7}
    assert rules(log)[f"duplicates: {policy}"] == (3, 2, rows)


def test_two_rows_with_one_key_stop_by_default(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", SHEET + "a1,2021-03-09,none,9\na2,2021-03-05,check,7\na1,2021-03-09,none,9\n")
    assert told(lambda: cleaned(folder)) == (
        "documents.csv rows 2, 4, 6: doc 'a1' stands 3 times (5 rows affected in all); "
        f"{REMEDY}, or declare under 'duplicates' in study.yml which one stays"
    )


def test_rows_that_do_not_contradict_can_be_merged(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["duplicates"] = "merge"
    folder.put("documents.csv", "doc,made,use,size\na1,04.03.2021,,12\na2,2021-03-05,check,7\na1,2021-03-04,plan,\n")
    table, log = cleaned(folder)
    assert table[["doc", "use", "size"]].to_numpy().tolist() == [["a1", "plan", 12], ["a2", "check", 7]]
    line = log[log["rule"] == "duplicates: merge"].iloc[0]
    assert line[["rows_before", "rows_after", "rows_changed", "rows"]].tolist() == [3, 2, 1, "2 4"]
    folder.put("documents.csv", SHEET + "a1,2021-03-04,plan,13\n")
    assert told(lambda: cleaned(folder)) == (
        f"documents.csv rows 2, 4: one key, but 'size' differs between them, so they cannot be merged; {REMEDY}"
    )


def test_a_blank_stops_until_it_is_declared_what_it_means(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", "doc,made,use,size\na1,2021-03-04,,12\na2,,check,\n")
    assert told(lambda: cleaned(folder)) == (
        "documents.csv row 3: made is blank (rows affected: 3); fill it in data_raw/corrections.csv, or "
        "declare in "
        "study.yml what a blank means there, for example blank: skipped"
    )
    columns: dict[str, Any] = folder.table("documents")["columns"]
    columns["made"]["blank"] = "not_asked"
    assert told(lambda: cleaned(folder)) == (
        "documents.csv row 2: use is blank, but the codebook allows plan, check, none (rows affected: 2); "
        f"{REMEDY}, or declare in study.yml under 'missing' what a blank means, or declare outside_codebook: "
        "invalid"
    )
    columns["use"]["blank"] = "=none"
    columns["size"]["blank"] = "skipped"
    table, _ = cleaned(folder)
    assert table["use"].tolist() == ["none", "check"]
    assert table["made"].isna().tolist() == [False, True]
    assert table["made_missing"].fillna("-").tolist() == ["-", "not_asked"]
    assert table["size"].fillna(-1).tolist() == [12, -1]
    assert table["size_missing"].fillna("-").tolist() == ["-", "skipped"]


def test_four_kinds_of_nothing_stay_apart(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["missing"] = {"-8": "not_asked", "-9": "withheld"}
    folder.table("documents")["columns"]["size"]["blank"] = "skipped"
    folder.put(
        "documents.csv",
        "doc,made,use,size\nskip,2021-03-04,plan,\nnot,2021-03-04,-8,-8\nzero,2021-03-04,plan,0\nheld,-9,plan,-9\n",
    )
    table, _ = cleaned(folder)
    assert table["size"].fillna(-1).tolist() == [-1, -1, 0, -1]
    assert table["size_missing"].fillna("").tolist() == ["skipped", "not_asked", "", "withheld"]
    assert table["made_missing"].fillna("").tolist() == ["", "", "", "withheld"]
    assert table["use_missing"].fillna("").tolist() == ["", "not_asked", "", ""]
    for name in ("made", "use", "size"):
        assert (table[name].isna() != table[f"{name}_missing"].isna()).all()


def test_what_means_missing_in_other_columns_is_a_name_in_the_key(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["missing"] = {"NA": "skipped"}
    folder.put("documents.csv", "doc,made,use,size\nNA,2021-03-04,NA,3\n")
    table, _ = cleaned(folder)
    assert table["doc"].tolist() == ["NA"]
    assert "doc_missing" not in table
    assert table["use_missing"].tolist() == ["skipped"]


def test_values_outside_the_codebook_become_invalid_only_where_declared_and_are_logged(
    tmp_path: Path,
) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["columns"]["use"] = {"from": "used for", "type": "code", "field": "use"}
    folder.put("documents.csv", SHEET.replace("made,use", "made,used for").replace("check", "hub\u200b"))
    assert told(lambda: cleaned(folder)) == (
        r"documents.csv row 3: used for is 'hub\u200b', but the codebook allows plan, check, none (rows "
        r"affected: 3); "
        f"{REMEDY}, or add the code to the codebook, or declare outside_codebook: invalid"
    )
    folder.table("documents")["outside_codebook"] = "invalid"
    table, log = cleaned(folder)
    assert table["use_missing"].fillna("").tolist() == ["", "invalid"]
    assert rules(log)["outside the codebook"] == (2, 2, "3")
    assert log["what"].iloc[-1] == "used for: values outside the codebook become missing, reason 'invalid'"
    assert "hub" not in log.to_csv()


def test_a_long_answer_in_a_coded_column_does_not_reach_the_message(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    answer = "I would rather not say what happened in that meeting with my principal"
    folder.put("documents.csv", SHEET.replace("check", answer))
    message = told(lambda: cleaned(folder))
    assert "use is 'I would rather not say what happened in…'" in message
    assert "principal" not in message


def test_a_key_that_is_blank_stops(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", SHEET.replace("a2", " "))
    assert told(lambda: cleaned(folder)) == (
        "documents.csv row 3: doc is blank, but it says which row this is; fill it, or drop the row, in "
        "data_raw/corrections.csv"
    )


def test_an_id_of_several_columns_must_stay_unambiguous(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["columns"]["doc"] = ["doc", "size"]
    assert cleaned(folder)[0]["doc"].tolist() == ["a1/12", "a2/7"]
    folder.table("documents")["columns"]["doc"] = ["a", "b"]
    folder.put("documents.csv", "a,b,made,use,size\n1/2,3,2021-03-04,plan,1\n1,2/3,2021-03-04,plan,1\n")
    message = "documents.csv: joining a, b by '/' makes two ids equal; rename one of them"
    assert told(lambda: cleaned(folder)) == message
    folder.put("documents.csv", "a,b,made,use,size\n1,,2021-03-04,plan,1\n")
    message = "documents.csv row 2: b is blank, but is part of an id; fill it in corrections.csv"
    assert told(lambda: cleaned(folder)) == message


def test_columns_whose_names_have_blanks_are_mapped(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("documents")["columns"]["size"] = {"from": "Number of pages", "type": "integer"}
    folder.put("documents.csv", SHEET.replace("size", " Number of pages "))
    assert cleaned(folder)[0]["size"].tolist() == [12, 7]


def dates(cells: list[str], formats: list[str]) -> list[str]:
    column = Column("on", ("Day",), "date", "", tuple(formats))
    frame = pd.DataFrame({"on": cells}, index=range(2, len(cells) + 2), dtype="str")
    return list(parse_dates(frame, column, CleaningLog("t"), "f.csv")["on"])


def test_dates_are_read_by_the_declared_formats_and_blanks_stay() -> None:
    assert dates(["2021-03-04", "04.03.2021", "", "29.02.2020"], ["%Y-%m-%d", "%d.%m.%Y"]) == [
        "2021-03-04", "2021-03-04", "", "2020-02-29",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["today", "now", "2021-02-29", "2021-03", "20210304", "nan", "NaT", "2021-03-04 10:00"]
)
def test_a_date_that_is_none_stops(cell: str) -> None:
    assert told(lambda: dates(["2021-03-04", cell], ["%Y-%m-%d"])) == (
        f"f.csv row 3: Day is '{cell}', which is no date in the formats %Y-%m-%d (rows affected: 3); "
        f"{REMEDY}, or add the format in study.yml"
    )


def test_a_date_with_two_readings_stops() -> None:
    formats = ["%m/%d/%Y", "%d/%m/%Y"]
    assert dates(["03/25/2021", "25/03/2021", "04/04/2021"], formats) == [
        "2021-03-25",
        "2021-03-25",
        "2021-04-04",
    ]
    assert told(lambda: dates(["03/04/2021"], formats)) == (
        "f.csv row 2: Day is '03/04/2021', which is 2021-03-04 or 2021-04-03 by the formats %m/%d/%Y, "
        "%d/%m/%Y "
        f"(rows affected: 2); {REMEDY}, or keep one of these formats"
    )


def numbers(cells: list[str], kind: str) -> list[object]:
    text = pd.Series(cells, index=range(2, len(cells) + 2), dtype="str")
    return list(to_numbers(text, Column("n", ("Pages",), kind), "f.csv"))


def test_numbers_keep_every_digit_and_a_blank_is_missing() -> None:
    assert numbers(["70", "70.0", "-3", "007", "9007199254740993"], "integer") == [
        70,
        70,
        -3,
        7,
        9007199254740993,
    ]
    assert numbers(["1.5", "1e3", ".5", "-2"], "number") == [1.5, 1000.0, 0.5, -2.0]
    assert pd.isna(numbers(["1", ""], "integer")[1])  # type: ignore[call-overload]
    assert pd.isna(numbers(["1", ""], "number")[1])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("cell", "kind", "words"),
    [
        ("1.5", "integer", "a whole number"),
        ("1e30", "integer", "a whole number"),
        ("3,5", "number", "a number"),
        ("1e999", "number", "a number"),
        ("inf", "number", "a number"),
        ("nan", "number", "a number"),
        ("0x10", "integer", "a whole number"),
        ("1_000", "integer", "a whole number"),
        ("\u0663", "integer", "a whole number"),
        ("True", "integer", "a whole number"),
    ],
)
def test_a_number_that_is_none_stops(cell: str, kind: str, words: str) -> None:
    assert told(lambda: numbers(["1", cell], kind)) == (
        f"f.csv row 3: Pages is '{cell}', but must be {words} (rows affected: 3); {REMEDY}"
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_any_number_that_python_writes_is_read_back(values: list[float]) -> None:
    assert numbers([repr(value) for value in values], "number") == values
