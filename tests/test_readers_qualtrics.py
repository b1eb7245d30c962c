"""Exports of Qualtrics: header rows told apart by what they hold, questions kept, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.readers.exports import Export, read_export

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "formats" / "qualtrics"
IDS = '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"'
NEW = f"ResponseId,Q1\nResponse ID,How?\n{IDS}\n"
OLD = "\ufeffV1,Q1,\nResponseID,How?,\n"
CELL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["", "NA", "None", "nan", "007", '"', ",", "\r", "\n", "\r\n", "{", '{"a":1}', "\ufeff"]
)


def read(text: str | bytes, **declared: str) -> Export:
    data = text if isinstance(text, bytes) else text.encode()
    return read_export(data, file="x.csv", form="qualtrics", **declared)


@pytest.mark.skipif(not REAL.exists(), reason="the shared format samples are not beside this checkout")
@pytest.mark.parametrize(("name", "first", "columns"), [("sample.csv", 4, 20), ("sample_legacy.csv", 3, 15)])
def test_real_exports_of_both_formats_are_read(name: str, first: int, columns: int) -> None:
    # qualtRics 71261227, tests/testthat/files; counts in reference.json beside them (16 columns, the last one empty).
    export = read_export((REAL / name).read_bytes(), file=name, form="qualtrics")
    reference = json.loads((REAL / "reference.json").read_text(encoding="utf-8"))[name]
    assert export.frame.shape == (reference["responses"], columns)
    assert columns == reference["columns"] - bool(reference.get("trailing_empty_column"))
    assert list(export.frame.index) == [first]
    assert export.frame.index.name == "row"
    assert (export.frame["Q1"].item(), export.frame["Q2"].item()) == ("2", "Hello World!")
    assert export.questions["Q1"] == "This is a multiple choice question."


def test_the_first_of_three_header_rows_names_the_second_asks_and_the_third_goes() -> None:
    export = read(f'ResponseId,Q1 \nResponse ID,"How, in\ntwo lines?"\n{IDS}\nR_1,"one\n\ntwo"\nR_2,NA\n')
    assert export.frame.to_numpy().tolist() == [["R_1", "one\n\ntwo"], ["R_2", "NA"]]
    assert list(export.frame.index) == [4, 5]
    assert export.questions == {"ResponseId": "Response ID", "Q1": "How, in\ntwo lines?"}
    assert export.labels == {}


def test_the_old_format_has_two_header_rows_and_loses_its_empty_last_column() -> None:
    export = read(OLD + "R_1,3,\nR_2,,\n")
    assert list(export.frame.columns) == ["V1", "Q1"]
    assert export.frame.to_numpy().tolist() == [["R_1", "3"], ["R_2", ""]]
    assert list(export.frame.index) == [3, 4]
    assert export.questions == {"V1": "ResponseID", "Q1": "How?"}


def test_a_column_that_somebody_added_by_hand_has_no_import_id_and_is_read() -> None:
    export = read(f"ResponseId,Q1,note\nResponse ID,How?,\n{IDS},\nR_1,1,late\n")
    assert list(export.frame.columns) == ["ResponseId", "Q1", "note"]
    assert "note" not in export.questions


def test_an_empty_line_is_a_row_without_content_so_that_numbers_stay_right() -> None:
    frame = read(NEW + "R_1,1\n\nR_2,2\n").frame
    assert list(frame.index) == [4, 5, 6]
    assert list(frame.to_dict("index")[5].values()) == ["", ""]


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_an_export_that_was_saved_again_is_read_as_declared(mark: str, encoding: str) -> None:
    ids = IDS.replace('","', f'"{mark}"')
    text = f"ResponseId{mark}Q1\nResponse ID{mark}Cómo, dónde?\n{ids}\nR_1{mark}sí\n"
    export = read(text.encode(encoding), encoding=encoding, separator=mark)
    assert export.frame.to_numpy().tolist() == [["R_1", "sí"]]
    assert export.questions["Q1"] == "Cómo, dónde?"


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), old=st.booleans())
def test_every_cell_comes_back_as_it_was_written(rows: list[tuple[str, str]], old: bool) -> None:
    quoted = ["".join((",".join('"' + cell.replace('"', '""') + '"' for cell in row), "," * old, "\n")) for row in rows]
    frame = read((OLD if old else NEW) + "".join(quoted)).frame
    assert frame.to_numpy().tolist() == [list(row) for row in rows]
    assert not frame.isna().to_numpy().any()


NO_HEADERS = (
    "x.csv has no header rows of Qualtrics: row 3 holds no ImportId, and row 2 no 'ResponseID' as in the old format; "
    "export it again as csv, or declare form: delimited if its first row is its only header"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.csv is empty; export it again"),
        ("ResponseId,Q1\nR_1,2\nR_2,3\n", NO_HEADERS),
        ("ResponseId,Q1\n", NO_HEADERS),
        (f"Response ID,How?\n{IDS}\nR_1,2\n", "x.csv row 2 holds the ImportIds that Qualtrics writes in row 3, so a "
         "row of column names or of question texts is missing above it; export it again"),
        (f"{IDS}\nR_1,2\nR_2,2\n", "x.csv row 1 holds the ImportIds that Qualtrics writes in row 3, so a row of column "
         "names or of question texts is missing above it; export it again"),
        (f"Export of May,\n{NEW}R_1,2\n", "x.csv row 4 holds ImportIds, as a header row does; keep the header rows at "
         "the top only, and one export in one file"),
        (f"\n{NEW}R_1,2\n", "x.csv row 1 is empty, but must hold the column names; remove the rows above them"),
        (f"{NEW}", "x.csv has 3 header rows, but no responses; export it again"),
        (f"{NEW}R_1,2\n{NEW}R_2,3\n", "x.csv row 7 holds ImportIds, as a header row does; keep the header rows at the "
         "top only, and one export in one file"),
        ('a,b\nc,d\n"{""ImportId"":""x""}",e\n1,2\n', "x.csv row 3: column 2 holds something else than an ImportId, "
         "but the row holds ImportIds; restore the header rows, or export it again"),
        (f"ResponseId,Q1\nResponse ID\n{IDS}\nR_1,2\n", "x.csv row 2: 1 cells, but row 1 has 2; header rows must be of "
         "one length; export it again"),
        (f"Q1,Q1\nResponse ID,How?\n{IDS}\nR_1,2\n", "x.csv row 1: the column 'Q1' stands there 2 times, as column 1, "
         "2; rename all but one of them"),
        (f",Q1\nResponse ID,How?\n{IDS}\nR_1,2\n", "x.csv row 1: column 1 has no name; name it, or delete it if it is "
         "empty"),
        (OLD + "R_1,3,\nR_2,4,late\n", "x.csv row 4: the last column holds something, but has no name in row 1; name "
         "it, or delete it"),
        (f"{NEW}R_1,2,3\nR_2\n", "x.csv row 4: 3 cells, but the header has 2 (rows affected: 4, 5); quote cells that "
         "hold ',', or repair the row"),
        (NEW.replace(",", ";") + "R_1;2\n", "x.csv row 1: one column only, with ';' in its name, as when Excel saved "
         'it; declare separator: ";"'),
        (f'{NEW}R_1,"two\n', "x.csv row 4: unexpected end of data; look for a quote that is opened and never closed, "
         "or that stands inside a cell without being doubled"),
    ],
)  # fmt: skip
def test_an_export_whose_header_rows_or_cells_are_not_sure_is_refused(text: str, message: str) -> None:
    assert told(lambda: read(text)) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((NEW + "R_1,sí\n").encode("cp1252"), "x.csv row 4: the byte 0xED is not utf-8 text; save the file as 'CSV "
         "UTF-8', or declare its encoding in study.yml, for example encoding: cp1252"),
        ((NEW + "R_1,sí\n").encode("utf-16"), "x.csv row 1: the byte 0xFF is not utf-8 text; save the file as 'CSV "
         "UTF-8', or declare its encoding in study.yml, for example encoding: utf-16"),
        (b"PK\x03\x04rest", "x.csv is an Excel or zip file, not csv; unpack it if Qualtrics packed it, or declare "
         "form: excel"),
    ],
)  # fmt: skip
def test_another_encoding_or_a_spreadsheet_is_told_with_what_to_declare(data: bytes, message: str) -> None:
    assert told(lambda: read(data)) == message
