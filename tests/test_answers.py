"""Cells of coded columns: a number, a label and a labelled value give one code, or stop."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_folder import told

from nsi.codebook import Code, Field
from nsi.readers.answers import settle_answers
from nsi.readers.choices import comparable, field_choices, plain_number
from nsi.readers.cleaning_log import CleaningLog

REMEDY = "settle it in data_raw/corrections.csv"


def field(codes: Mapping[str, str], name: str = "agree") -> Field:
    return Field(name, name, "ordinal", tuple(Code(code, label, "") for code, label in codes.items()))


AGREE = field({"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Don't know – yes"})
MISSING = {"": "skipped", "99": "not_applicable", "Prefer not to say": "refused"}
LABELS = {str(code): code_label for code, code_label in AGREE.labels.items()}
NAMED = {**LABELS, "98": "Prefer not to say", "99": "Does not apply"}


def settled(
    cells: list[str],
    of: Field = AGREE,
    missing: Mapping[str, str] = MISSING,
    labels: Mapping[str, str] | None = None,
    policy: str = "stop",
    log: CleaningLog | None = None,
) -> list[str]:
    """The code of each cell, or its reason in brackets."""
    text = pd.Series(cells, index=range(2, len(cells) + 2), dtype="str")
    codes, reasons = settle_answers(
        text, of, missing=missing, policy=policy, log=log or CleaningLog("t"), place="f.csv", column="Q1", labels=labels
    )
    assert (codes.isna() != reasons.isna()).all()
    assert (str(codes.dtype), str(reasons.dtype)) == ("str", "str")
    return list(codes.fillna("(" + reasons + ")"))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("4", "4"), ("4.0", "4"), ("4.", "4"), ("4.000", "4"),
        ("Agree", "4"), ("AGREE", "4"), (" agree ", "4"), ("strongly  DISagree", "1"), ("Strongly\u00a0disagree", "1"),
        ("Strongly\ndisagree", "1"), ("don’t know - yes", "5"), ("Don`t know — yes", "5"),
        ("", "(skipped)"), ("99", "(not_applicable)"), ("99.0", "(not_applicable)"),
        ("prefer  not to SAY", "(refused)"),
    ],
)  # fmt: skip
def test_a_cell_is_read_by_its_code_its_label_or_what_means_missing(cell: str, code: str) -> None:
    assert settled([cell]) == [code]


@pytest.mark.parametrize(
    "cell", ["04", "+4", "4,0", "4e0", "4.5", "Agre", "Agree.", "=1+1", "nan", "NA", "None", "👍", "٤", "4\u200b", "-"]
)
def test_a_cell_that_is_only_like_a_code_stops(cell: str) -> None:
    message = told(lambda: settled(["4", cell]))
    seen = "4\\u200b" if cell == "4\u200b" else cell
    assert message == (
        f"f.csv row 3: Q1 is '{seen}', but the codebook allows 1 (Strongly disagree), 2 (Disagree), 3 (Neither), "
        "4 (Agree), 5 (Don't know – yes) and a blank, '99', 'Prefer not to say' (missing) (rows affected: 3); "
        f"{REMEDY}, or add the code to the codebook, or declare outside_codebook: invalid"
    )


def test_a_blank_without_a_meaning_stops() -> None:
    assert told(lambda: settled(["", "1", ""], missing={})) == (
        "f.csv row 2: Q1 is blank, but the codebook allows 1 (Strongly disagree), 2 (Disagree), 3 (Neither), 4 "
        "(Agree), "
        f"5 (Don't know – yes) (rows affected: 2, 4); {REMEDY}, or declare in study.yml under 'missing' what a blank "
        "means, or declare outside_codebook: invalid"
    )


def test_many_codes_are_not_all_named() -> None:
    many = field({str(code): str(code) for code in range(30)})
    message = told(lambda: settled(["x"], many, {}))
    assert "allows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 18 more (rows affected: 2)" in message


def test_values_outside_become_invalid_where_declared_and_are_logged_with_their_rows() -> None:
    log = CleaningLog("t")
    assert settled(["Agre", "4", "7"], policy="invalid", log=log) == ["(invalid)", "4", "(invalid)"]
    line = log.frame().iloc[0]
    assert line[["rule", "rows_before", "rows_after", "rows"]].tolist() == ["outside the codebook", 3, 3, "2 4"]
    assert line["what"] == "Q1: values outside the codebook become missing, reason 'invalid'"


@pytest.mark.parametrize("label", ["=1+1", "nan", "NA", "None", "", "👍🏽 yes", "<b>", '"quoted"', "1e5", "TRUE"])
def test_labels_that_programs_trip_over_are_labels(label: str) -> None:
    odd = field({"1": label or "1", "2": "Other"})
    assert settled([label or "1", "1", "2", "other"], odd, {"-9": "skipped"}) == ["1", "1", "2", "2"]


# --- labels that the file gives


def test_the_label_of_a_value_decides() -> None:
    shifted = {"10": "Agree", "20": "Disagree", "30": "Prefer not to say"}
    assert settled(["10", "20", "30", "10.0"], labels=shifted) == ["4", "2", "(refused)", "4"]
    assert settled(["1", "98", "99", "5", ""], labels=NAMED) == ["1", "(refused)", "(not_applicable)", "5", "(skipped)"]


def test_a_value_without_a_label_is_read_as_it_is() -> None:
    assert settled(["1", "3", "5"], labels={"1": "Strongly disagree"}) == ["1", "3", "5"]


def test_a_code_with_another_meaning_in_the_file_stops_whether_or_not_it_occurs() -> None:
    expected = (
        "f.csv: Q1: the file says that '1' is 'Agree', which by the codebook is 4 (Agree), but '1' is "
        "1 (Strongly disagree); find out which is right, then correct field 'agree' of the codebook, or 'missing' in "
        "study.yml, or export again"
    )
    assert told(lambda: settled(["1"], labels={"1": "Agree"})) == expected
    assert told(lambda: settled(["3"], labels={"1": "Agree"})) == expected


def test_a_code_that_the_file_calls_missing_stops() -> None:
    assert (
        "'5' is 'Prefer not to say', which by the codebook is missing (refused), but '5' is 5 (Don't know – yes)"
        in (told(lambda: settled(["1"], labels={"5": "Prefer not to say"})))
    )
    assert "'99' is 'Agree', which by the codebook is 4 (Agree), but '99' is missing (not_applicable)" in (
        told(lambda: settled(["1"], labels={"99": "Agree"}))
    )


def test_labels_in_other_words_leave_the_code_and_are_logged() -> None:
    log = CleaningLog("t")
    assert settled(["4", "1", "4"], labels={"4": "I agree", "1": "Strongly disagree"}, log=log) == ["4", "1", "4"]
    line = log.frame().iloc[0]
    assert line[["rule", "rows"]].tolist() == ["labels in other words", "2 4"]
    assert line["what"] == "Q1: the file labels codes in other words than the codebook; the codes count"


def test_a_value_whose_label_nobody_knows_stops_with_the_label() -> None:
    message = told(lambda: settled(["7"], labels={"7": "Sometimes"}))
    assert message.startswith("f.csv row 2: Q1 is '7' with the label 'Sometimes', but the codebook allows 1 (")


# --- two readings are refused

TWO_WAYS = (
    "so a cell with it can be read in two ways; reword the label in the codebook, or take it out of 'missing' "
    "in study.yml"
)


@pytest.mark.parametrize(
    ("codes", "missing", "what"),
    [
        ({"1": "2", "2": "One"}, {}, "the label '2' of code '1' is also the code '2'"),
        ({"1": "Agree", "2": "AGREE "}, {}, "the label 'AGREE ' of code '2' is also that of code '1'"),
        (
            {"1": "Yes", "2": "Refused"},
            {"refused": "refused"},
            "the label 'refused' of code '2' is also declared missing",
        ),
        ({"1": "Yes", "9": "No"}, {"9.0": "refused"}, "the label '9.0' of code '9' is also declared missing"),
    ],
    ids=["label is a code", "two labels", "label is missing", "code is missing"],
)
def test_two_readings_of_one_cell_are_refused(codes: dict[str, str], missing: dict[str, str], what: str) -> None:
    assert told(lambda: field_choices(field(codes), missing)) == f"field 'agree': {what}, {TWO_WAYS}"


def test_codes_that_are_one_number_and_cells_with_two_reasons_are_refused() -> None:
    assert told(lambda: field_choices(field({"4": "A", "4.0": "B"}), {})) == (
        "field 'agree': the codes '4' and '4.0' are one number; remove one of them"
    )
    assert told(lambda: field_choices(AGREE, {"N/A": "skipped", "n/a": "refused"})) == (
        "under 'missing', 'n/a' stands for skipped and for refused; keep one"
    )


def test_labels_that_swap_codes_are_refused_but_a_code_may_be_its_own_label() -> None:
    assert "is also the code" in told(lambda: field_choices(field({"1": "2", "2": "1"}), {}))
    assert settled(["a", "A", "b"], field({"a": "a", "b": "b"}), {}) == ["a", "a", "b"]


def test_a_message_shows_no_long_answer() -> None:
    answer = "I would rather not say what happened in that meeting with my principal"
    assert "principal" not in told(lambda: settled([answer]))


# --- properties

cells = st.sampled_from([*AGREE.values, *LABELS.values(), *MISSING, "98", "x", "7", "nan", "=1+1", "👍"])


@given(st.lists(cells, min_size=1, max_size=30))
def test_text_and_number_choices_give_the_same_codes(chosen: list[str]) -> None:
    as_label = [LABELS.get(cell, cell) for cell in chosen]
    as_number = [next((code for code, label in LABELS.items() if label == cell), cell) for cell in chosen]
    expected = settled(as_number, policy="invalid")
    assert settled(as_label, policy="invalid") == expected
    assert settled([f"{cell}.0" if cell.isdigit() else cell for cell in as_number], policy="invalid") == expected
    assert settled(as_number, policy="invalid", labels=LABELS) == expected


@given(st.text())
def test_comparing_is_settled_by_one_pass(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)
    assert plain_number(plain_number(text)) == plain_number(text)


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_label_is_always_found_or_refused(first: str, second: str) -> None:
    first, second = first.strip(), second.strip()
    made = field({"1": first or "1", "2": second or "2"})
    if comparable(first or "1") == comparable(second or "2") or comparable(first) == "2" or comparable(second) == "1":
        assert "two ways" in told(lambda: field_choices(made, {}))
    else:
        assert settled([first or "1", second or "2"], made, {}) == ["1", "2"]
