"""The usual code of a cell: the middle one of ordered codes, the most frequent one of others, and what is none."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_material import cell, shown

from nsi.errors import StudyError
from nsi.methods.matrix import Material, Matrix, case_ratings, draw_up

LABELS = ["Absent", "Emerging", "Established", "Exemplary"]
CODES = [{"field": name, "field_label": name.title(), "code": str(number), "label": label, "definition": ""}
         for name in ("depth", "width") for number, label in enumerate(LABELS, start=1)]  # fmt: skip


def source(rows: list[tuple[str, str, str, str, str]]) -> Material:
    """Segments of two cases, each in a document of its own: segment, case, field, code, stance."""
    frame = pd.DataFrame(rows, columns=["segment", "case", "field", "code", "stance"])
    frame = frame.assign(document="d-" + frame["segment"], date=pd.Timestamp("2020-05-01"), source_type="note")
    documents = frame.drop_duplicates("document")[["document", "case", "date", "source_type"]]
    return Material(frame, documents, pd.DataFrame({"case": ["A", "B"]}))


def drawn(rows: list[tuple[str, str, str, str, str]], typical: str = "median", **more: Any) -> Matrix:
    plan = {
        "name": "trial", "title": "A trial", "display": "case_ordered", "rows": {"of": "case"}, "shows": "rating",
        "columns": {"of": "field"}, "codes": CODES, "typical": typical, **more,
    }  # fmt: skip
    return draw_up(source(rows), **plan)


def coded(case: str, field: str, *codes: str, stance: str = "supports") -> list[tuple[str, str, str, str, str]]:
    return [(f"{case}-{field}-{n}-{stance}", case, field, code, stance) for n, code in enumerate(codes)]


def test_a_rating_is_the_middle_code_with_the_lowest_and_the_highest_in_brackets():
    matrix = drawn([*coded("A", "depth", "2", "4", "3"), *coded("B", "depth", "3", "3"), *coded("A", "width", "1")])
    assert shown(matrix) == [
        ["Established (Emerging to Exemplary)", "Absent (one source)"],
        ["Established", "not looked for"],
    ]
    assert matrix.cells["rating"].tolist()[:3] == ["Established", "Absent", "Established"]
    assert matrix.note == (
        "Rating: the middle code of the supporting segments in the order of the codebook, the lower where two are in "
        "the middle; in brackets the lowest and the highest."
    )


def test_of_two_codes_in_the_middle_the_lower_counts():
    assert drawn(coded("A", "depth", "1", "4")).cells["rating"].tolist()[0] == "Absent"


def test_contrary_segments_do_not_count_and_are_told():
    rows = [*coded("A", "depth", "2", "2"), *coded("A", "depth", "4", "4", "4", stance="contrary")]
    assert cell(drawn(rows), "A", "depth")["shown"] == "Emerging (2 for, 3 against)"
    only = cell(drawn(coded("A", "depth", "4", stance="contrary")), "A", "depth")
    assert (only["shown"], only["state"], pd.isna(only["rating"])) == ("1 against, 1 source", "thin", True)


def test_what_was_looked_for_and_not_found_has_no_rating():
    rows = coded("A", "depth", "2")
    looked = pd.DataFrame({"document": ["d-A-depth-0-supports"], "field": ["width"]})
    made = source(rows)
    plan = {"name": "t", "title": "T", "display": "case_ordered", "rows": {"of": "case"}, "shows": "rating",
            "columns": {"of": "field"}, "codes": CODES, "typical": "median"}  # fmt: skip
    matrix = draw_up(Material(made.segments, made.documents, made.cases, looked=looked), **plan)
    found = cell(matrix, "A", "width")
    assert (found["shown"], found["state"]) == ("looked for, none found", "absent")


def test_a_segment_on_which_coders_differ_counts_with_equal_shares():
    # The shares are 1 of code 1 and one half each of codes 3 and 4; were the second segment two, 3 would be the middle.
    rows = [*coded("A", "depth", "1"), ("open", "A", "depth", "3", "supports"), ("open", "A", "depth", "4", "supports")]
    found = cell(drawn(rows), "A", "depth")
    assert (found["rating"], found["n_segments"]) == ("Absent", 2)


def test_the_most_frequent_code_stands_with_its_share():
    rows = [*coded("A", "depth", "2", "2", "4"), *coded("B", "depth", "1", "1"), *coded("B", "width", "1", "3", "4")]
    matrix = drawn(rows, "mode")
    assert shown(matrix) == [
        ["Emerging (67%)", "not looked for"],
        ["Absent", "Absent or Established or Exemplary (33% each)"],
    ]
    nearly = drawn([*coded("A", "depth", *["2"] * 400), ("odd", "A", "depth", "4", "supports")], "mode")
    assert cell(nearly, "A", "depth")["shown"] == "Emerging (over 99%)"


def test_over_time_a_typical_code_is_told_where_it_changes():
    made = source(coded("A", "depth", "1", "1", "3"))
    days = {"A-depth-0-supports": "2018-01-01", "A-depth-1-supports": "2019-01-01", "A-depth-2-supports": "2020-01-01"}
    segments = made.segments.assign(date=pd.to_datetime(made.segments["segment"].map(days)))
    documents = made.documents.assign(date=segments["date"].to_numpy())
    plan = {"name": "t", "title": "T", "display": "time_ordered", "rows": {"of": "case", "only": ["A"]},
            "codes": CODES[:4], "columns": {"of": "period"}, "typical": "median", "shows": "rating"}  # fmt: skip
    matrix = draw_up(Material(segments, documents, made.cases), **plan)
    assert shown(matrix) == [["Absent (one source)", "no change", "Established (one source)"]]


def test_ratings_of_typical_codes_become_columns_of_the_cases():
    ratings = case_ratings(drawn([*coded("A", "depth", "2"), *coded("B", "depth", "4", "4")]))
    assert ratings.set_index("case")["depth"].to_dict() == {"A": "Emerging", "B": "Exemplary"}


def test_codes_of_several_fields_have_no_middle():
    with pytest.raises(StudyError) as caught:
        drawn([*coded("A", "depth", "1"), *coded("A", "width", "2")], columns={"of": "all"})
    assert str(caught.value) == (
        "matrix 'trial': a cell holds codes of several fields, of which none is the usual one; let rows or columns be "
        "of: field, or name one field under evidence"
    )


def test_another_word_for_typical_is_refused():
    with pytest.raises(StudyError, match="typical is 'mean', but allowed are median, mode"):
        drawn(coded("A", "depth", "1"), "mean")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=9))
def test_the_middle_code_is_the_lower_median_whatever_the_order(codes):
    forth = drawn(coded("A", "depth", *map(str, codes)))
    back = drawn(coded("A", "depth", *map(str, codes[::-1])))
    middle = sorted(codes)[(len(codes) - 1) // 2]
    assert cell(forth, "A", "depth")["rating"] == cell(back, "A", "depth")["rating"] == LABELS[middle - 1]
