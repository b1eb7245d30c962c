"""The last check on responses: every failure is told by row, column, value, and what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from study_folder import told

from nsi.readers.response_checks import check_responses_frame
from nsi.survey import Item, Scale, Survey

ROLES = ["lead", "teach"]
REASONS = ["skipped", "not_asked", "refused"]
SURVEY = Survey(
    items={"a": Item("a", "s", "agree", False, (), ""), "b": Item("b", "s", "agree", True, ("teach",), "")},
    scales={"s": Scale("s", "S", 0.5)}, waves={"one": 1.0}, columns={"one": {"a": "Q1", "b": "Q2"}},
    limits={"a": (1.0, 5.0), "b": (0.0, 10.0)}, domains={},
)  # fmt: skip
TYPES = {"a": "Int16", "b": "Int16", **dict.fromkeys(["wave", "case", "respondent", "a_missing", "b_missing"], "str")}


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Responses that differ from a right one as said; they stand in rows 4, 5, ... of their file."""
    right = {"wave": "one", "case": "north", "role": "teach", "a": 1, "a_missing": None, "b": 10, "b_missing": None}
    made = [{**right, "respondent": f"m{place}", **row} for place, row in enumerate(rows)]
    typed = pd.DataFrame(made, index=range(4, len(made) + 4)).astype(TYPES)
    return typed.assign(role=pd.Categorical(typed["role"], [*ROLES, "cook"], ordered=True))


def refused(responses: pd.DataFrame) -> str:
    return told(lambda: check_responses_frame(responses, SURVEY, file="f.csv", roles=ROLES, reasons=REASONS))


def test_right_responses_pass_and_so_does_an_empty_table() -> None:
    right = frame(
        {}, {"role": "lead", "b": None, "b_missing": "not_asked"}, {"role": None}, {"a": None, "a_missing": "refused"},
        {"case": "south", "respondent": "m0"},
    )  # fmt: skip
    for responses in (right, right.iloc[:0]):
        check_responses_frame(responses, SURVEY, file="f.csv", roles=ROLES, reasons=REASONS)
        check_responses_frame(responses.reset_index(drop=True), SURVEY)


CORRECT = "correct it in data_raw/corrections.csv"
AGAIN = "clean the export again"


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"wave": ""}, f"wave is blank, but must be filled; {CORRECT}"),
        ({"case": None}, f"case is blank, but must be filled; {CORRECT}"),
        ({"respondent": None}, f"respondent is blank, but must be filled; {CORRECT}"),
        ({"a": 0}, f"a is '0', but must lie between 1 and 5; {CORRECT}"),
        ({"a": 6}, f"a is '6', but must lie between 1 and 5; {CORRECT}"),
        ({"b": 11}, f"b is '11', but must lie between 0 and 10; {CORRECT}"),
        ({"a": None}, f"a is blank, but must have either an answer or a reason in a_missing; {AGAIN}"),
        ({"a_missing": "skipped"}, f"a is '1', but must have either an answer or a reason in a_missing; {AGAIN}"),
        ({"a": None, "a_missing": "forgot"},
         "a_missing is 'forgot', but must be one of skipped, not_asked, refused; declare it in study.yml under "
         "'missing'"),
        ({"role": "cook", "b": None, "b_missing": "not_asked"},
         f"role is 'cook', but must be one of lead, teach; {CORRECT}, or add it to the codebook"),
        ({"role": "lead", "b": None, "b_missing": "skipped"},
         f"b_missing is 'skipped', but must be not_asked, because the item is put to teach only; {AGAIN}"),
        ({"role": "lead"}, f"b_missing is blank, but must be not_asked, because the item is put to teach only; "
                           f"{AGAIN}"),
    ],
)  # fmt: skip
def test_one_failure_is_told_by_row_column_value_and_remedy(row: dict[str, Any], line: str) -> None:
    assert refused(frame({}, row, {})) == f"f.csv: 1 cell is not as the study declares\n  row 5: {line}"


def test_two_responses_of_one_person_in_a_case_are_told() -> None:
    twice = "must stand once in a case; add the rule 'duplicates' for responses in study.yml, or drop one row"
    assert refused(frame({}, {"respondent": "m0"}, {"respondent": "m0", "case": "south"})) == (
        "f.csv: 2 cells are not as the study declares\n"
        f"  row 4: respondent is 'm0', but {twice}\n  row 5: respondent is 'm0', but {twice}"
    )


def test_of_many_failures_the_first_five_are_told_in_the_order_of_rows() -> None:
    rows: list[dict[str, Any]] = [{"a": 9, "b": 99} for _ in range(4)]
    assert refused(frame(*rows)).splitlines() == [
        "f.csv: 8 cells are not as the study declares",
        f"  row 4: a is '9', but must lie between 1 and 5; {CORRECT}",
        f"  row 4: b is '99', but must lie between 0 and 10; {CORRECT}",
        f"  row 5: a is '9', but must lie between 1 and 5; {CORRECT}",
        f"  row 5: b is '99', but must lie between 0 and 10; {CORRECT}",
        f"  row 6: a is '9', but must lie between 1 and 5; {CORRECT}",
        "  and 3 more",
    ]


def test_a_column_that_is_missing_or_of_another_type_is_told() -> None:
    assert refused(frame({}).drop(columns=["b", "b_missing"])) == "f.csv has no column 'b' (2 are missing); " + AGAIN
    assert refused(frame({}).astype({"a": "float64"})) == (
        f"f.csv: column 'a' is of type float64, but must be Int16 (1 are of another type); {AGAIN}"
    )
    assert refused(frame({}).astype({"case": "category", "b_missing": "object"})) == (
        f"f.csv: column 'case' is of type category, but must be str (2 are of another type); {AGAIN}"
    )


def test_no_word_of_the_library_that_checks_reaches_the_reader() -> None:
    message = refused(frame({"a": 9, "case": "", "role": "cook"}))
    assert not any(word in message.lower() for word in ("pandera", "schema", "check", "series", "failure"))


def test_without_roles_and_reasons_any_are_let_be() -> None:
    check_responses_frame(frame({"role": "cook", "b": None, "b_missing": "not_asked"}), SURVEY)
    check_responses_frame(frame({"a": None, "a_missing": "forgot"}), SURVEY)
