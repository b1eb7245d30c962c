"""A sheet becomes text as one would type it; what cannot be read as it is shown is refused by its cell."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet
from study_folder import told

from nsi.readers.exports import Export, read_export
from nsi.readers.sheet_rows import column_letters, column_number, date_text
from nsi.readers.workbook_parts import CLOCK, DATE, ELAPSED, MOMENT, NUMBER, format_kind

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "formats" / "excel"
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheet_of(*rows: list[Any], then: Callable[[Worksheet], object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if then is not None:
        then(sheet)
    return saved(book)


def with_parts(data: bytes, changes: dict[str, Callable[[bytes], bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, changes.get(name, lambda content: content)(source.read(name)))
    return target.getvalue()


def with_rows(xml: str) -> bytes:
    """A workbook whose one sheet holds rows as they are written here."""
    new = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{xml}'
    return with_parts(sheet_of(["x"]), {SHEET: lambda _: f"{new}</sheetData></worksheet>".encode()})


def read(data: bytes, sheet: str = "") -> Export:
    return read_export(data, file="x.xlsx", form="excel", sheet=sheet)


@pytest.mark.skipif(not REAL.exists(), reason="the shared format samples are not beside this checkout")
@pytest.mark.parametrize("name", sorted(path.name for path in REAL.glob("*.xlsx")))
def test_real_workbooks_have_the_rows_and_columns_that_they_have(name: str) -> None:
    # QualCoder c3204641, Examples/; rows with header, columns and names in reference.json beside them.
    [(sheet, (n_rows, n_columns, names))] = json.loads((REAL / "reference.json").read_text(encoding="utf-8"))[
        name
    ].items()
    data = (REAL / name).read_bytes()
    frame = read_export(data, file=name, form="excel").frame
    assert frame.shape == (n_rows - 1, n_columns)
    assert list(frame.columns) == [str(column).strip() for column in names]
    assert list(frame.index) == list(range(2, n_rows + 1))
    assert frame.equals(read_export(data, file=name, form="excel", sheet=sheet).frame)


def test_values_are_written_as_one_would_type_them() -> None:
    moment = datetime.datetime(2021, 4, 12, 9, 13, 22)
    values: list[tuple[Any, str]] = [
        (4, "4"), (4.0, "4"), (-3, "-3"), (1e-7, "1e-07"), (2.5, "2.5"),
        (True, "TRUE"), (False, "FALSE"), ("NA", "NA"), ("007", "007"), (" x ", " x "), ("two\nlines", "two\nlines"),
        (moment, "2021-04-12 09:13:22"), (moment.replace(microsecond=500_000), "2021-04-12 09:13:22.5"),
        (datetime.datetime(2021, 4, 12), "2021-04-12 00:00:00"), (datetime.date(2021, 4, 12), "2021-04-12"),
        (datetime.time(9, 13, 22), "09:13:22"), (datetime.timedelta(hours=30, minutes=5), "30:05:00"), (None, ""),
    ]  # fmt: skip
    frame = read(sheet_of(["id", "value"], *([number, value] for number, (value, _) in enumerate(values)))).frame
    assert frame["value"].tolist() == [text for _, text in values]
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=10).filter(
    lambda text: "_x" not in text
)
FLOATS = st.floats(-9e307, 9e307)  # Excel's own largest number is 9.99e307
VALUES = PLAIN | st.integers(-(10**9), 10**9) | FLOATS | st.booleans() | st.none()


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6))
def test_whatever_another_writer_wrote_is_read_cell_by_cell(rows: list[tuple[Any, Any]]) -> None:
    def keep_text(sheet: Worksheet) -> None:
        for row, cells in enumerate(rows, start=2):
            for column, value in enumerate(cells, start=1):
                if isinstance(value, str) and value:
                    sheet.cell(row, column).data_type = "s"

    found = read(sheet_of(["a", "b"], *map(list, rows), ["end", "end"], then=keep_text)).frame
    assert len(found) == len(rows) + 1
    for cells, texts in zip(rows, found.to_numpy().tolist(), strict=False):
        for value, text in zip(cells, texts, strict=True):
            if isinstance(value, float):
                assert float(text) == pytest.approx(value, rel=1e-14)  # openpyxl writes sixteen digits
            else:
                plain = {None: "", True: "TRUE", False: "FALSE"}
                assert text == (plain[value] if value is None or isinstance(value, bool) else str(value))


def test_a_number_that_is_stored_with_seventeen_digits_keeps_them() -> None:
    frame = read(with_rows("<row><c t='str'><v>a</v></c></row><row><c><v>0.30000000000000004</v></c></row>")).frame
    assert frame["a"].tolist() == ["0.30000000000000004"]  # 0.1 + 0.2, as Excel stores it


def test_the_header_rows_of_qualtrics_are_known_in_a_sheet_too() -> None:
    ids = ['{"ImportId":"_recordId"}', '{"ImportId":"QID1"}']
    export = read(sheet_of(["ResponseId", "Q1"], ["Response ID", "How\nmuch?"], ids, ["R_1", 4]))
    assert export.frame.to_numpy().tolist() == [["R_1", "4"]]
    assert list(export.frame.index) == [4]
    assert export.questions == {"ResponseId": "Response ID", "Q1": "How\nmuch?"}


def test_hidden_rows_and_columns_are_read_and_empty_ones_at_the_end_are_not() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.cell(50, 9).font = Font(bold=True)

    frame = read(sheet_of(["a", "b"], [1, 2], [], [3, 4], then=hide)).frame
    assert frame.to_numpy().tolist() == [["1", "2"], ["", ""], ["3", "4"]]
    assert list(frame.index) == [2, 3, 4]


def test_rows_that_a_sheet_leaves_out_keep_the_numbers_of_the_others_right() -> None:
    frame = read(
        with_rows('<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="4"><c r="A4"><v>7</v></c></row>')
    ).frame
    assert frame["a"].tolist() == ["", "", "7"]
    assert list(frame.index) == [2, 3, 4]


def test_rich_text_reading_aids_and_escapes_give_the_text_that_is_shown() -> None:
    rich = (
        "<is><r><rPr><b/></rPr><t>Bo</t></r><r><t xml:space='preserve'>ld </t></r>"
        "<rPh sb='0' eb='1'><t>no</t></rPh></is>"
    )
    frame = read(with_rows(
        "<row><c t='inlineStr'><is><t>a</t></is></c></row>"
        f"<row><c t='inlineStr'>{rich}</c></row><row><c t='str'><v>one_x000D_two _x005F_x0041_</v></c></row>"
    )).frame  # fmt: skip
    assert frame["a"].tolist() == ["Bold ", "one\rtwo _x0041_"]


def test_a_formula_gives_the_result_that_was_saved_with_it() -> None:
    frame = read(with_rows(
        "<row><c t='str'><v>a</v></c></row><row><c><f>1+1</f><v>2</v></c></row>"
        "<row><c t='str'><f>\"\"</f><v></v></c></row><row><c t='b'><f>1=1</f><v>1</v></c></row>"
    )).frame  # fmt: skip
    assert frame["a"].tolist() == ["2", "", "TRUE"]


def test_a_prefix_before_every_element_changes_nothing() -> None:
    new = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row>'
        '<x:c t="str">'
        "<x:v>a</x:v></x:c></x:row><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert read(with_parts(sheet_of(["x"]), {SHEET: lambda _: new.encode()})).frame["a"].tolist() == ["5"]


def test_the_sheet_is_the_declared_one_or_the_only_one_that_holds_anything() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Empty"
    book.create_sheet("Answers").append(["a"])
    book["Answers"].append([1])
    assert read(saved(book)).frame["a"].tolist() == ["1"]
    book.create_sheet("Key").append(["b"])
    book["Key"].append(["=1+1"])
    assert told(lambda: read(saved(book))) == (
        "x.xlsx has 2 sheets that hold something: 'Answers', 'Key'; declare which one in study.yml, as sheet:"
    )
    assert read(saved(book), sheet="Answers").frame["a"].tolist() == ["1"]
    assert told(lambda: read(saved(book), sheet="answers")) == (
        "x.xlsx has no sheet 'answers', but 'Empty', 'Answers', 'Key'; correct sheet: in study.yml"
    )


@pytest.mark.parametrize(
    ("serial", "kind", "since_1904", "text"),
    [
        # ECMA-376 Part 1, 18.17.4.1: serial 1 is 1900-01-01, 61 is 1900-03-01, 2958465 is 9999-12-31; 60 is no day.
        (1, DATE, False, "1900-01-01"),
        (59, DATE, False, "1900-02-28"),
        (60, DATE, False, None),
        (61, DATE, False, "1900-03-01"),
        (2958465, DATE, False, "9999-12-31"),
        (2958466, DATE, False, None),
        (0, DATE, True, "1904-01-01"),
        (-1, DATE, False, None),
        (44298.5, DATE, False, "2021-04-12 12:00:00"),
        (44298, MOMENT, False, "2021-04-12 00:00:00"),
        (0.5, CLOCK, False, "12:00:00"),
        (1.25, ELAPSED, False, "30:00:00"),
    ],
)
def test_days_are_counted_as_excel_counts_them(serial: float, kind: str, since_1904: bool, text: str | None) -> None:
    assert date_text(serial, kind, since_1904) == text


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", NUMBER),
        ("0.00E+00", NUMBER),
        ('0 "days"', NUMBER),
        ("[Red]#,##0.00;[Blue]-0", NUMBER),
        ("@", NUMBER),
        ("yyyy\\-mm\\-dd", DATE),
        ("YYYY-MM-DD", DATE),
        ("[$-F800]dddd, mmmm dd, yyyy", DATE),
        ('d. mmmm yyyy "Uhr sh"', DATE),
        ("mmm", DATE),
        ("m/d/yy h:mm", MOMENT),
        ("yyyy-mm-dd hh:mm:ss AM/PM", MOMENT),
        ("h:mm AM/PM", CLOCK),
        ("mm:ss.0", CLOCK),
        ("[h]:mm:ss", ELAPSED),
        ("[mm]:ss", ELAPSED),
    ],
)
def test_dates_are_known_by_the_letters_of_their_format(code: str, kind: str) -> None:
    assert format_kind(code) == kind


def test_letters_of_columns_are_those_of_excel() -> None:
    assert [column_letters(number) for number in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_number(column_letters(number)) == number for number in range(1, 16385))


TITLED = sheet_of(["Answers of May"], ["a", "b"], [1, 2], then=lambda sheet: sheet.merge_cells("A1:B1"))


def widened(sheet: Worksheet) -> None:
    sheet["D3"] = "late"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.xlsx is empty; export it again"),
        (b"\xd0\xcf\x11\xe0rest", "x.xlsx has a password or is in the old .xls format; save it as .xlsx without a "
         "password"),
        (b"a,b\n1,2\n", "x.xlsx is no .xlsx workbook; save it as 'Excel Workbook (.xlsx)', or declare form: delimited "
         "if it is text"),
        (sheet_of(["a"], [1])[:-30], "x.xlsx is damaged, its sheets cannot be read; open it in Excel and save it as "
         ".xlsx again"),
        (saved(openpyxl.Workbook()), "x.xlsx has no sheet that holds anything; export it again"),
        (sheet_of(["a", "b"]), "x.xlsx, sheet Sheet, has 1 header rows, but no others; export it again"),
        (sheet_of([], ["a"], [1]), "x.xlsx, sheet Sheet, row 1 is empty, but must hold the column names; remove the "
         "rows above them"),
        (sheet_of(["a", None, "b"], [1, 2, 3]), "x.xlsx, sheet Sheet, row 1: column 2 has no name; name it, or delete "
         "it if it is empty"),
        (sheet_of(["a", "b", "a "], [1, 2, 3]), "x.xlsx, sheet Sheet, row 1: the column 'a' stands there 2 times, as "
         "column 1, 3; rename all but one of them"),
        (sheet_of(["a", "b"], [1, 2], then=widened), "x.xlsx, sheet Sheet, cell D3 holds something, but its column has "
         "no name in row 1; name the column, or empty the cell"),
        (sheet_of(["a"], ["=1+1"]), "x.xlsx, sheet Sheet, cell A2 holds a formula without its result; open the "
         "workbook in Excel, let it calculate, and save it"),
        (sheet_of(["a", "b"], [1, "#N/A"]), "x.xlsx, sheet Sheet, cell B2 shows the error '#N/A'; mend its formula, or "
         "empty the cell"),
        (sheet_of(["a", "b"], [1, 2], [3, 4], then=lambda sheet: sheet.merge_cells("A2:A3")), "x.xlsx, sheet Sheet, "
         "cells A2:A3 are merged, so that only the first of them holds anything; unmerge them, and fill each"),
        (TITLED, "x.xlsx, sheet Sheet, cell B2 holds something, but its column has no name in row 1; name the column, "
         "or empty the cell"),
        (with_rows("<row><c t='str'><v>a</v></c></row><row><c><v>1e999</v></c></row>"), "x.xlsx, sheet Sheet, cell A2 "
         "holds no possible number; the file is damaged, export it again"),
        (with_parts(sheet_of(["a"], [1]), {SHEET: lambda xml: b"<!DOCTYPE x [<!ENTITY e 'e'>]>" + xml}), "x.xlsx "
         "declares entities of its own, which no workbook needs; save it as .xlsx again"),
    ],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_as_it_is_shown_is_refused(data: bytes, message: str) -> None:
    assert told(lambda: read(data)) == message


def test_a_part_that_swells_like_a_bomb_is_refused_before_it_is_unpacked() -> None:
    message = told(lambda: read(with_parts(sheet_of(["a"], [1]), {"xl/theme/theme1.xml": lambda _: b" " * 2**22})))
    assert message.startswith("x.xlsx unpacks to 9 parts and 4,2")
    assert message.endswith(
        "bytes; a workbook has at most 2,000 parts and 2,147,483,648 bytes, and no part more than 200 times its packed "
        "size; save the sheet alone as a new .xlsx, or export csv"
    )


def test_merged_cells_beside_the_data_do_no_harm() -> None:
    frame = read(sheet_of(["a"], [1], then=lambda sheet: sheet.merge_cells("D8:E9"))).frame
    assert frame["a"].tolist() == ["1"]


@pytest.mark.parametrize(
    "rows",
    [
        "<row r='2'><c r='A1'><v>1</v></c></row>",
        "<row r='1'><c r='B1'><v>1</v></c><c r='A1'><v>2</v></c></row>",
        "<row r='2'/><row r='1'><c r='A1'><v>1</v></c></row>",
        "<row><c t='s'><v>99</v></c></row>",
        "<row><c t='q'><v>1</v></c></row>",
        "<row><c><v>1_0</v></c></row>",
        "<row><b><v>1</v></b></row>",
        "<row><c><t>1</t></c></row>",
        "<row><c t='str'><v>_xD800_</v></c></row>",
        "<row><c t='str'><v>a</v></c>",
    ],
)
def test_a_sheet_that_contradicts_itself_is_damaged(rows: str) -> None:
    assert told(lambda: read(with_rows(rows))) == (
        "x.xlsx is damaged, its sheets cannot be read; open it in Excel and save it as .xlsx again"
    )


def test_macros_and_other_kinds_of_workbook_are_refused() -> None:
    macros = io.BytesIO(sheet_of(["a"], [1]))
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert told(lambda: read(macros.getvalue())) == "x.xlsx holds macros; save it as .xlsx, which has none"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("content.xml", b"<x/>")
    assert told(lambda: read(other.getvalue())) == (
        "x.xlsx is no .xlsx workbook, or is damaged; save it as 'Excel Workbook (.xlsx)'"
    )
