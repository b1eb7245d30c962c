"""Reading a filled form back: what was settled, and every way in which a form can come back wrong."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from nsi.documents.adjudication import adjudication_workbook
from nsi.errors import StudyError
from nsi.readers.adjudicated import COLUMNS, read_adjudicated

N = 25
CODES, RULES, REASONS = ["x", "y", "1"], ["agreed", "discussed"], ["slip", "missed"]
VALUE, RULE, REASON, WHO, WHEN = range(10, 15)  # columns of the answers
UNIT = 3
ODD_IDS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "a\tb", "שלום", "zero\u200bwidth", "_x0041_", "007", "1.0"]


def issued(n: int = N) -> bytes:
    names = [*ODD_IDS, *(f"u{number}" for number in range(n - len(ODD_IDS)))][:n]
    frame = pd.DataFrame({
        "case": ["c"] * n, "unit": names, "coder A1": ["x"] * n, "coder B2": ["y"] * n,
        "excerpt": ["=1+1 words"] * n, "final": [None] * n, "rule": [None] * n, "reason": [None] * n,
    })  # fmt: skip
    return adjudication_workbook(
        frame, field="use", field_label="Use", said=["coder A1", "coder B2"], codes=CODES, labels={}, definitions={},
        rules=dict.fromkeys(RULES, ""), reasons=dict.fromkeys(REASONS, ""), excerpt="excerpt",
    )  # fmt: skip


ISSUED = issued()


def edited(change: Callable[[Worksheet], object], data: bytes = ISSUED) -> bytes:
    book = load_workbook(io.BytesIO(data))
    change(book["Decide"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def settle(sheet: Worksheet, row: int, value: Any = "x") -> None:
    for column, answer in zip(range(VALUE, WHEN), (value, "discussed", "slip", "A1"), strict=True):
        sheet.cell(row, column).value = answer
    sheet.cell(row, WHEN).value = datetime.date(1999, 12, 31)


def read(data: bytes, **changed) -> pd.DataFrame:
    asked = {"file": "form.xlsx", "field": "use", "codes": CODES, "rules": RULES, "reasons": REASONS}
    return read_adjudicated(data, **{**asked, **changed})


def refusal(data: bytes, **changed) -> str:
    with pytest.raises(StudyError) as error:
        read(data, **changed)
    return str(error.value)


def with_member(name: str, content: bytes, data: bytes = ISSUED) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


# --- what was settled


def test_twenty_settled_units_come_back_and_none_is_lost():
    def fill(sheet: Worksheet) -> None:
        for row in range(2, 22):
            settle(sheet, row, CODES[row % 3])

    settled = read(edited(fill))
    assert list(settled.columns) == COLUMNS
    assert list(settled["unit"]) == [*ODD_IDS, *(f"u{number}" for number in range(10))]
    assert list(settled["value"]) == [CODES[row % 3] for row in range(2, 22)]
    assert set(settled[["case", "field", "rule", "reason", "who"]].agg("|".join, axis=1)) == {"c|use|discussed|slip|A1"}
    assert set(settled["when"]) == {pd.Timestamp("1999-12-31")}
    assert settled.attrs == {"n_units": 25, "n_settled": 20, "n_open": 5}


def test_an_untouched_form_settles_nothing():
    settled = read(ISSUED)
    assert settled.empty
    assert list(settled.columns) == COLUMNS
    assert settled.attrs == {"n_units": 25, "n_settled": 0, "n_open": 25}
    assert str(settled["when"].dtype) == "datetime64[us]"


def test_reason_and_day_may_stay_blank_and_are_then_missing():
    def fill(sheet: Worksheet) -> None:
        settle(sheet, 2)
        sheet.cell(2, REASON).value = sheet.cell(2, WHEN).value = None

    assert read(edited(fill)).iloc[0][["reason", "when"]].isna().all()


@pytest.mark.parametrize(("typed", "meant"), [(1, "1"), (1.0, "1"), (" x ", "x")])
def test_an_answer_is_read_as_it_is_shown(typed, meant):
    assert list(read(edited(lambda sheet: settle(sheet, 2, typed)))["value"]) == [meant]


def test_a_day_that_was_typed_as_text_counts_if_nobody_can_mistake_it():
    def fill(sheet: Worksheet) -> None:
        settle(sheet, 2)
        sheet.cell(2, WHEN).value = "1999-11-30"

    assert read(edited(fill))["when"].iloc[0] == pd.Timestamp("1999-11-30")


def test_rows_may_be_sorted_because_each_carries_its_fingerprint():
    def reverse(sheet: Worksheet) -> None:
        settle(sheet, 2, "y")
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(reversed(rows), start=2):
            for column, value in enumerate(values, start=1):
                sheet.cell(number, column).value = value
                if isinstance(value, str):
                    sheet.cell(number, column).data_type = "s"

    settled = read(edited(reverse))
    assert settled[["unit", "value"]].to_numpy().tolist() == [[ODD_IDS[0], "y"]]


# --- what is refused


def put(row: int, column: int, value: Any, first: bool = True) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        if first:
            settle(sheet, row)
        sheet.cell(row, column).value = value

    return change


def swap_units(sheet: Worksheet) -> None:
    sheet.cell(15, UNIT).value, sheet.cell(16, UNIT).value = sheet.cell(16, UNIT).value, sheet.cell(15, UNIT).value


def double_a_row(sheet: Worksheet) -> None:
    for column in range(1, WHEN + 1):
        sheet.cell(27, column).value = sheet.cell(16, column).value
        sheet.cell(27, column).data_type = sheet.cell(16, column).data_type


WRONG = [
    (put(15, VALUE, "z"), "form.xlsx, sheet Decide, cell J15: Final label is 'z', but allowed are x, y, 1; choose"),
    (put(15, RULE, "voted"), "cell K15: How settled is 'voted', but allowed are agreed, discussed"),
    (put(15, REASON, "why"), "cell L15: Reason is 'why', but allowed are slip, missed"),
    (put(15, WHO, None), "cell M15: Who is blank, but the row is filled in part; a final label"),
    (put(15, VALUE, None), "cell J15: Final label is blank, but the row is filled in part"),
    (put(15, RULE, None), "cell K15: How settled is blank"),
    (put(15, WHO, "A1", False), "cell J15: Final label is blank"),
    (put(15, WHEN, "3/4/1999"), "cell N15: When is '3/4/1999', but must be a date, such as 1999-12-31"),
    (put(15, WHEN, "soon"), "cell N15: When is 'soon', but must be a date"),
    (put(15, VALUE, '="x"'), "cell J15 holds a formula; type the text itself"),
    (put(15, 6, "=1+1", False), "cell F15 holds a formula"),
    (put(15, UNIT, "u99"), "cell C15: Unit is 'u99', but the row was issued with 'u3'; put that back"),
    (put(15, 4, "y"), "cell D15: coder A1 is 'y', but the row was issued with 'x'"),
    (put(15, 7, "x"), "cell G15: Label now is 'x', but the row was issued with ''"),
    (put(15, 1, "0123456789abcdef"), "row 15: this row (unit 'u3') was added, or its fingerprint was changed"),
    (swap_units, "cell C15: Unit is 'u4', but the row was issued with 'u3'"),
    (double_a_row, "row 27: unit 'u4' stands there twice, also in row 16; a unit is settled once; remove one"),
    (put(27, UNIT, "new", False), "row 27: this row (unit 'new') was added"),
    (lambda sheet: sheet.delete_rows(15, 2), "rows removed: 2 of 25 (unit u3 of c, u4 of c); every row that was"),
    (lambda sheet: sheet.insert_rows(1), "Decide, row 1: the column 'fingerprint' must stand there once; the row"),
    (put(1, VALUE, "Label", False), "row 1: the column 'Final label' must stand there once"),
]


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[told[-40:] for _, told in WRONG])
def test_a_form_that_came_back_wrong_is_refused_by_row_and_cell(change, told):
    assert told in refusal(edited(change))


def test_several_faults_are_told_at_once_and_many_are_counted():
    def spoil(sheet: Worksheet) -> None:
        for row in range(10, 18):
            settle(sheet, row, "z")

    told = refusal(edited(spoil)).splitlines()
    assert len(told) == 6
    assert told[-1] == "and 3 more"


def test_a_form_of_another_field_is_refused():
    told = refusal(ISSUED, field="why")
    assert told == "form.xlsx settles the field 'use', but 'why' was asked for; send the form of 'why'"


def test_a_workbook_that_is_no_form_is_refused():
    target = io.BytesIO()
    Workbook().save(target)
    assert "form.xlsx is no form to settle disagreements" in refusal(target.getvalue())


def test_a_form_whose_sheet_was_renamed_is_refused():
    told = refusal(edited(lambda sheet: setattr(sheet, "title", "Mine")))
    assert told == "form.xlsx has no sheet 'Decide', where answers stand; fill in the form that was issued"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is no .xlsx workbook, or is damaged"),
        (b"unit,value\nu1,x\n", "is no .xlsx workbook"),
        (b"PK\x03\x04 and then nothing", "is no .xlsx workbook"),
        (ISSUED[:-2000], "is no .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0 old", "has a password or is in the old .xls format"),
        (with_member("xl/vbaProject.bin", b"x"), "holds macros; save it as .xlsx"),
        (with_member("xl/more.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'), "declares entities"),
        (with_member("xl/more.xml", '<?xml version="1.0"?><!DOCTYPE a>'.encode("utf-16")), "declares entities"),
        (with_member("xl/more.xml", b"0" * 2_000_000), "no part more than 200 times its packed size"),
    ],
)
def test_what_is_no_harmless_workbook_is_refused(data, told):
    assert told in refusal(data)


def test_a_workbook_of_too_many_parts_or_bytes_is_refused_before_it_is_unpacked():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"part{number}", b"")
    assert "unpacks to 1,001 parts and 0 bytes; a form has at most 1,000 parts" in refusal(target.getvalue())


def test_a_damaged_sheet_is_refused_without_quoting_it():
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ISSUED)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, content[:400] if name == "xl/worksheets/sheet2.xml" else content)
    assert refusal(target.getvalue()) == "form.xlsx is damaged, its sheets cannot be read; save it as .xlsx again"


def test_a_lone_cell_at_the_far_end_of_the_sheet_is_found_without_unpacking_all_between():
    assert "row 1048576: this row (unit 'far') was added" in refusal(edited(put(1_048_576, UNIT, "far", False)))
