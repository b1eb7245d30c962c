"""The workbook for settling disagreements: what stands in it, and that nothing in it runs or is lost."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from nsi.documents.adjudication import adjudication_workbook
from nsi.errors import StudyError

HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "a\tb", "שלום \u202eabc", "zero\u200bwidth", "_x0041_",
           "007", "<b>"]  # fmt: skip
FORM: dict[str, Any] = {
    "field": "use",
    "field_label": "Use",
    "said": ["coder A1", "coder B2"],
    "codes": ["x", "y", "=z"],
    "labels": {"x": "An x", "y": "A why"},
    "definitions": {"x": "first", "=z": "=1+1"},
    "rules": {"agreed": "same label", "discussed": "talked it over"},
    "reasons": {"slip": "marked the wrong one"},
    "excerpt": "excerpt",
}


def units(n: int = 3, **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame({
        "case": ["c"] * n, "unit": [f"u{number}" for number in range(n)], "coder A1": ["x"] * n, "coder B2": ["y"] * n,
        "excerpt": ["words"] * n, "final": ["x"] + [None] * (n - 1), "rule": ["discussed"] + [None] * (n - 1),
        "reason": ["slip"] + [None] * (n - 1),
    })  # fmt: skip
    return frame.assign(**columns)


def written(frame: pd.DataFrame, **changed):
    return load_workbook(io.BytesIO(adjudication_workbook(frame, **{**FORM, **changed})))


def texts(sheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_equal_lists_give_equal_bytes_and_another_list_gives_others():
    assert adjudication_workbook(units(), **FORM) == adjudication_workbook(units(), **FORM)
    assert adjudication_workbook(units(), **FORM) != adjudication_workbook(units(4), **FORM)


def test_each_unit_has_a_row_with_what_was_said_and_blank_answers():
    rows = texts(written(units())["Decide"])
    assert rows[0][1:] == ["Case", "Unit", "coder A1", "coder B2", "Excerpt", "Label now", "How settled (now)",
                           "Reason (now)", "Final label", "How settled", "Reason", "Who", "When"]  # fmt: skip
    assert rows[1][1:] == ["c", "u0", "x", "y", "words", "x", "discussed", "slip", None, None, None, None, None]
    assert len(rows) == 4


def test_hostile_text_stays_text_and_no_cell_holds_a_formula():
    frame = units(len(HOSTILE), unit=HOSTILE, excerpt=HOSTILE)
    book = written(frame, note="=1+1", field_label="@use", rules={"=a": "=b"}, reasons={"+r": "-m"})
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    shown = [row[2].replace("_x005F_", "_") for row in texts(book["Decide"])[1:]]
    assert shown == HOSTILE
    quoted = [row[2].quotePrefix for row in list(book["Decide"].iter_rows())[1:]]
    assert quoted == [text[0] in "=+-@" for text in HOSTILE]


def test_a_text_longer_than_a_cell_goes_on_in_another_sheet_and_is_whole():
    long = "".join(f"word{number} " for number in range(6_000))
    assert len(long) > 40_000
    book = written(units(2, excerpt=["short", long]))
    first = book["Decide"]["F3"].value
    begin, mark, rest = first.partition("\n[goes on in the sheet Continued]")
    assert mark
    assert not rest
    assert len(first) <= 32_767
    more = texts(book["Continued"])[1:]
    assert {tuple(row[:2]) for row in more} == {("c", "u1")}
    assert begin + "".join(row[2] for row in more) == long


def test_a_form_of_short_texts_has_no_sheet_for_continuations():
    assert written(units()).sheetnames == ["Read me first", "Decide", "Legend", "issued"]


def test_control_characters_in_an_excerpt_are_shown_as_signs_and_the_form_says_so():
    book = written(units(3, excerpt=["bell\x07", "line\r\nend", "plain"]))
    assert [row[5] for row in texts(book["Decide"])[1:]] == ["bell\u2407", "line\nend", "plain"]
    assert "(texts affected: 1)" in texts(book["Read me first"])[-1][0]


def test_answers_are_chosen_from_lists_that_stand_on_the_legend():
    book = written(units())
    rules = book["Decide"].data_validations.dataValidation
    kinds = {str(rule.sqref): (rule.type, rule.formula1, rule.errorStyle, rule.showErrorMessage) for rule in rules}
    assert kinds == {
        "J2:J4": ("list", "Legend!$A$2:$A$4", "stop", True),
        "K2:K4": ("list", "Legend!$A$7:$A$8", "stop", True),
        "L2:L4": ("list", "Legend!$A$11:$A$11", "stop", True),
        "M2:M4": ("textLength", "1", "stop", True),
        "N2:N4": ("date", "DATE(1990,1,1)", "stop", True),
    }
    legend = texts(book["Legend"])
    assert [row[0] for row in legend[1:4]] == FORM["codes"]
    assert [row[0] for row in legend[6:8]] == ["agreed", "discussed"]
    assert legend[10] == ["slip", None, "marked the wrong one"]
    assert all(rule.showDropDown in (False, None) for rule in rules)  # True hides the arrow: the format has it so


def test_only_the_answers_can_be_changed_and_the_fingerprints_are_out_of_sight():
    book = written(units())
    sheet = book["Decide"]
    assert all(one.protection.sheet for one in book)
    unlocked = {cell.column_letter for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {"J", "K", "L", "M", "N"}
    assert sheet.column_dimensions["A"].hidden
    assert book["issued"].sheet_state == "veryHidden"
    prints = [row[0] for row in texts(sheet)[1:]]
    assert len(set(prints)) == 3
    assert all(len(mark) == 16 for mark in prints)


def test_the_header_stays_in_view_and_on_every_printed_page():
    sheet = written(units())["Decide"]
    assert sheet.freeze_panes == "D2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet["F2"].alignment.wrap_text
    assert sheet.column_dimensions["F"].width == 60


def test_codes_are_typed_as_text_so_that_007_stays_007():
    sheet = written(units())["Decide"]
    assert [sheet.cell(2, column).number_format for column in range(10, 15)] == ["@", "@", "@", "@", "yyyy-mm-dd"]


def test_a_list_without_units_makes_a_form_without_rows():
    book = written(units(1).iloc[:0])
    assert len(texts(book["Decide"])) == 1
    assert book["Decide"].data_validations.dataValidation == []


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (units().drop(columns="rule"), "the list of 'use' to settle lacks column(s) rule; add them"),
        (units(3, unit=["u0", None, "u2"]), "row 1: no unit; every unit needs one"),
        (units(3, unit=["u0", "u1", "u0"]), "unit 'u0' of case 'c' stands more than once"),
        (units(3, unit=["u0", "a\x07b", "u2"]), "row 1: unit is 'a\\x07b' (3 characters); a cell needs at most 255"),
        (units(3, case=["c", "c", "c" * 40_000]), "row 2: case is 'ccc"),
        (units(3, unit=["u0 ", "u1", "u2"]), "row 0: unit is 'u0 ' (3 characters)"),
    ],
)
def test_a_list_that_could_not_be_read_back_is_refused(frame, told):
    with pytest.raises(StudyError) as error:
        adjudication_workbook(frame, **FORM)
    assert told in str(error.value)


def test_two_columns_of_one_name_are_refused():
    frame = units().rename(columns={"coder A1": "Who"})
    with pytest.raises(StudyError, match="the form for 'use' would have two columns of one name"):
        adjudication_workbook(frame, **{**FORM, "said": ["Who", "coder B2"]})


def test_a_form_with_nothing_to_choose_from_is_refused():
    with pytest.raises(StudyError, match="nothing to choose from under 'Reason'; pass at least one"):
        adjudication_workbook(units(), **{**FORM, "reasons": {}})
