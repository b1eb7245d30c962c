"""The three forms of a look-alike export hold the same cells, and are the same bytes on every run and every machine."""

from __future__ import annotations

import datetime
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence

import openpyxl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.readers.exports import Export, read_export
from nsi.synthetic.export_forms import ExportColumn, excel_xlsx, qualtrics_csv, spss_name, spss_sav

Writer = Callable[[Sequence[ExportColumn], Iterable[Sequence[str]]], bytes]
FORMS: list[tuple[str, Writer, int]] = [
    ("qualtrics", qualtrics_csv, 4),
    ("spss", spss_sav, 1),
    ("excel", excel_xlsx, 4),
]
REASONS = {"-99": "Refused", "-98": "Does not apply", "-97": "Not seen", "-96": "Other"}
COLUMNS = [
    ExportColumn("ResponseId", "Response ID", "_recordId"),
    ExportColumn("RecordedDate", "Recorded Date", "recordedDate", kind="datetime"),
    ExportColumn("Born", "Day", "QID9", kind="date"),
    ExportColumn("Q1", "How much,\nif at all?", "QID1", {"1": "Not", "5": "Much", **REASONS}, tuple(REASONS), "number"),
    ExportColumn("Q2", 'Which "kind"?', "QID2", {"a": "First", "b": "Second"}, ("b",)),
    ExportColumn("Q3", "Say", "QID3_TEXT", {"a longer code": "Long"}, ("none",)),
]
ROWS = [
    ["R_1", "2021-04-12 09:13:22", "1999-12-31", "4", "a", 'Ja, "schön"\nund gut'],
    ["R_2", "2021-04-12 00:00:00", "", "-99", "b", "=1+1"],
    ["R_3", "", "2021-01-01", "", "", ""],
    ["R_4", "2021-12-31 23:59:59", "1900-03-01", "2.5", "", "x\r\ny _x0041_ \x07 " + "ü" * 400 + "."],
    ["R_5", "1900-03-01 00:00:01", "2021-01-01", "1000", "a", "a longer code"],
]


def read(data: bytes, form: str) -> Export:
    return read_export(data, file=f"x.{form}", form=form)


@pytest.mark.parametrize(("form", "write", "first"), FORMS)
def test_each_form_gives_back_the_cells_and_questions_that_went_in(form: str, write: Writer, first: int) -> None:
    export = read(write(COLUMNS, iter(ROWS)), form)
    assert list(export.frame.columns) == [column.name for column in COLUMNS]
    assert export.frame.to_numpy().tolist() == ROWS
    assert list(export.frame.index) == list(range(first, first + len(ROWS)))
    assert export.questions == {column.name: column.question for column in COLUMNS}
    labelled = {column.name: dict(column.labels) for column in COLUMNS if column.labels}
    assert export.labels == (labelled if form == "spss" else {})


# Bytes that depend on the machine, the day or the version of a library would show here, under every Python.
@pytest.mark.parametrize(
    ("write", "digest"),
    [
        (qualtrics_csv, "17e51dfceb852444"),
        (spss_sav, "611ca50ed13f4ca8"),
        (excel_xlsx, "d730f94145804964"),
    ],
)
def test_each_form_is_the_same_bytes_everywhere(write: Writer, digest: str) -> None:
    assert write(COLUMNS, ROWS) == write(COLUMNS, iter(ROWS))
    assert hashlib.sha256(write(COLUMNS, ROWS)).hexdigest()[:16] == digest


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=10)
NUMBER = st.one_of(
    st.just(""),
    st.integers(-200, 10**12).map(str),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x != int(x)).map(repr),
)
MOMENT = st.one_of(st.just(""), st.datetimes(min_value=datetime.datetime(1900, 3, 1)).map(
    lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S")))  # fmt: skip
MOMENTS = MOMENT.filter(lambda text: not text or (text[0] != "0" and len(text) == 19))


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, NUMBER, MOMENTS, st.sampled_from(["", "end", "z" * 300])), min_size=1, max_size=9))
def test_whatever_the_cells_all_forms_give_equal_frames(rows: list[tuple[str, str, str, str]]) -> None:
    # Blanks at the end of a text are padding in SPSS; a row without any content at the end is none in Excel.
    cells = [[first.rstrip(" \x00"), number, moment, last] for first, number, moment, last in rows] + [
        ["end", "1", "", ""]
    ]
    columns = [ExportColumn("t", "?", "a"), ExportColumn("n", "?", "b", kind="number"),
               ExportColumn("m", "?", "c", kind="datetime"), ExportColumn("e", "?", "d")]  # fmt: skip
    for form, write, _ in FORMS:
        assert read(write(columns, cells), form).frame.to_numpy().tolist() == cells, form


def test_rows_beyond_one_block_come_in_their_order() -> None:
    columns = [
        ExportColumn("id", "Response ID", "r"),
        ExportColumn("n", "?", "n", kind="number"),
        ExportColumn("t", "?", "t"),
    ]
    rows = [[f"R_{number}", str(number % 7), "x" * (number % 300)] for number in range(10_001)]
    for form, write, _ in FORMS:
        assert read(write(columns, rows), form).frame.to_numpy().tolist() == rows, form


def test_without_import_ids_csv_is_of_the_old_format_and_a_sheet_has_one_header_row() -> None:
    columns = [ExportColumn("V1", "ResponseID"), ExportColumn("Q1", "How?")]
    old = qualtrics_csv(columns, [["R_1", "2"]])
    assert old == "\ufeffV1,Q1,\nResponseID,How?,\nR_1,2,\n".encode()
    assert list(read(old, "qualtrics").frame.to_dict("index")[3].values()) == ["R_1", "2"]
    sheet = read(excel_xlsx(columns, [["R_1", "2"]]), "excel")
    assert list(sheet.frame.to_dict("index")[2].values()) == ["R_1", "2"]
    assert sheet.questions == {}


def test_another_reader_finds_the_same_in_an_spss_file() -> None:
    frame, told_of = pyreadstat.read_sav(io.BytesIO(spss_sav(COLUMNS, ROWS)), user_missing=True)
    assert frame["Q1"].tolist()[:2] == [4.0, -99.0]
    assert frame["Q3"].tolist() == [row[5] for row in ROWS]
    assert [str(moment) for moment in frame["RecordedDate"]][:2] == ["2021-04-12 09:13:22", "2021-04-12 00:00:00"]
    assert told_of.column_names_to_labels == {column.name: column.question for column in COLUMNS}
    assert told_of.variable_value_labels == {
        "Q1": {float(code): label for code, label in COLUMNS[3].labels.items()},
        "Q2": {"a": "First", "b": "Second"},
        "Q3": {"a longer code": "Long"},
    }
    assert told_of.missing_ranges == {
        "Q1": [{"lo": -99.0, "hi": -96.0}],
        "Q2": [{"lo": "b", "hi": "b"}],
        "Q3": [{"lo": "none", "hi": "none"}],
    }
    assert told_of.number_rows == len(ROWS)
    assert str(told_of.creation_time) == "1980-01-01 00:00:00"


@pytest.mark.parametrize(
    ("codes", "declared"),
    [
        (("8", "9"), [{"lo": 8.0, "hi": 8.0}, {"lo": 9.0, "hi": 9.0}]),
        (("6", "7", "8", "9"), [{"lo": 6.0, "hi": 9.0}]),
        (("-9", "6", "7", "8"), [{"lo": 6.0, "hi": 8.0}, {"lo": -9.0, "hi": -9.0}]),
    ],
)
def test_missing_codes_are_declared_one_by_one_or_as_a_range(
    codes: tuple[str, ...], declared: list[dict[str, float]]
) -> None:
    column = ExportColumn("Q1", labels={"1": "Not", "5": "Much"}, user_missing=codes, kind="number")
    _, told_of = pyreadstat.read_sav(io.BytesIO(spss_sav([column], [["1"]])), user_missing=True)
    assert told_of.missing_ranges == {"Q1": declared}


def test_another_reader_finds_numbers_dates_and_text_in_a_workbook() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(excel_xlsx(COLUMNS, ROWS))).worksheets[0]
    kinds = [cell.data_type for cell in next(sheet.iter_rows(min_row=4, max_row=4))]
    assert kinds[1:4] == ["d", "d", "n"]
    assert sheet["A4"].value == "R_1"
    assert sheet["F5"].value == "=1+1"
    assert sheet["F5"].data_type != "f"


def test_nothing_in_a_workbook_tells_when_or_by_what_it_was_written() -> None:
    with zipfile.ZipFile(io.BytesIO(excel_xlsx(COLUMNS, ROWS))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert not [name for name in archive.namelist() if name.startswith("docProps")]


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("Duration (in seconds)", "Duration__in_seconds_"),
        ("Q2_1", "Q2_1"),
        ("1st", "V1st"),
        ("Q2.", "Q2_"),
        ("by", "by_"),
        ("é" * 40, "é" * 32),
        ("Q2 - Topics", "Q2___Topics"),
    ],
)
def test_names_become_legal_in_spss(name: str, legal: str) -> None:
    assert spss_name(name) == legal


@pytest.mark.parametrize(
    ("write", "columns", "row", "message"),
    [
        (qualtrics_csv, [ExportColumn("a")], ["1", "2"], "row 1 of a look-alike has 2 cells for 1 columns"),
        (spss_sav, [ExportColumn("a")], ["\x00"], "row 1 of a look-alike holds a NUL character, which no export can; "
         "leave it out"),
        (excel_xlsx, [ExportColumn("a"), ExportColumn("a")], ["1", "2"], "column 'a' has no name, or one that stands "
         "twice; name it otherwise"),
        (excel_xlsx, [ExportColumn("a", kind="whole")], ["1"], "column 'a' has the kind 'whole'; use one of text, "
         "number, datetime, date"),
        (spss_sav, [ExportColumn("a", kind="number")], ["04"], "column 'a': '04' is no number as it would be read "
         "back; use kind text"),
        (excel_xlsx, [ExportColumn("a", kind="number")], ["4.0"], "column 'a': '4.0' is no number as it would be read "
         "back; use kind text"),
        (spss_sav, [ExportColumn("a", kind="number")], ["nan"], "column 'a': 'nan' is no number as it would be read "
         "back; use kind text"),
        (excel_xlsx, [ExportColumn("a", kind="date")], ["12.4.2021"], "column 'a': '12.4.2021' is no date; write it as "
         "%Y-%m-%d, or use another kind"),
        (spss_sav, [ExportColumn("a", kind="datetime")], ["1850-01-01 00:00:00"], "column 'a': '1850-01-01 00:00:00' "
         "is no datetime; write it as %Y-%m-%d %H:%M:%S, or use another kind"),
        (spss_sav, [ExportColumn("Q 1"), ExportColumn("q-1")], ["", ""], "column 'q-1' becomes 'q_1' in SPSS, as "
         "another does; name one of them otherwise"),
        (spss_sav, [ExportColumn("a")], ["x" * 32_768], "column 'a' holds a text of more than 32,767 bytes; "
         "shorten it"),
        (excel_xlsx, [ExportColumn("a")], ["ü" * 32_768], "a cell of Excel holds 32,767 characters; "
         "'üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…' is longer, shorten it"),
        (spss_sav, [ExportColumn("a", labels={"5": "Much"}, user_missing=("1", "2", "8", "9"), kind="number")], ["1"],
         "column 'a': 4 missing codes lie among others, which SPSS cannot declare; use three, or codes that lie "
         "together"),
        (spss_sav, [ExportColumn("a", user_missing=("a", "b", "c", "d"))], ["a"], "column 'a': missing codes of a text "
         "must be at most three, and of eight bytes; use kind number"),
    ],
)  # fmt: skip
def test_what_a_form_could_not_give_back_is_refused(
    write: Writer, columns: list[ExportColumn], row: list[str], message: str
) -> None:
    assert told(lambda: write(columns, [row])) == message
