"""From segments to cells: each in exactly the cells it should be in, counted, ordered, and with a state."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_material import CODES, RULE, cases, cell, documents, drawn, material, segments

from nsi.errors import StudyError
from nsi.methods.matrix import cell_counts, cell_states, evidence

ROWS, COLUMNS = {"of": "case"}, {"of": "code"}


def test_each_cell_of_the_trial_has_the_state_that_was_meant():
    matrix = drawn("case_ordered", ROWS, COLUMNS)
    states = matrix.cells.pivot(index="row", columns="column", values="state")
    assert states.loc["A"].to_dict() == {"open": "strong", "closed": "absent", "joint": "thin", "told": "thin"}
    assert states.loc["B", ["open", "closed", "joint"]].tolist() == ["thin", "absent", "not_looked"]
    assert states.loc["C", "open"] == "mixed"
    assert set(states.loc["D"]) == {"not_looked"}


def test_a_cell_tells_sources_coders_and_dates():
    found = cell(drawn("case_ordered", ROWS, COLUMNS), "A", "open")
    assert found["sources"] == "interview 1, report 1"
    assert found["coders"] == "C1, C2"
    assert (found["first_date"], found["last_date"]) == (pd.Timestamp("2019-02-01"), pd.Timestamp("2020-03-01"))


def test_the_most_frequent_kind_of_source_is_told_first_in_the_codebooks_words():
    labels = {"interview": "Interview", "report": "Report", "note": "Note"}
    matrix = drawn("case_ordered", {"of": "all"}, {"of": "field"}, source_labels=labels)
    assert cell(matrix, "all", "ties")["sources"] == "Interview 2, Report 2, Note 1"


def test_contrary_evidence_comes_first_whatever_its_date():
    found = drawn("case_ordered", ROWS, COLUMNS).evidence
    inside = found[(found["row"] == "C") & (found["column"] == "open")]
    assert inside[["segment", "number"]].to_numpy().tolist() == [["s5", 1], ["s4", 2]]


def test_undated_evidence_comes_last_and_equal_dates_go_by_id():
    frame = segments().assign(case="A", document="d1")
    frame.loc[frame["segment"] == "s1", "date"] = pd.NaT
    frame.loc[frame["segment"].isin(["s2", "s3", "s4"]), "date"] = pd.Timestamp("2020-01-01")
    found = drawn("case_ordered", ROWS, COLUMNS, material(segments=frame)).evidence
    assert found.loc[found["column"] == "open", "segment"].tolist() == ["s5", "s2", "s3", "s4", "s1"]


def test_a_segment_with_two_codes_in_one_cell_stands_there_once_and_is_contrary_if_any_of_them_is():
    extra = segments().iloc[[0]].assign(code="closed", stance="contrary", agreed=False, coders="C9")
    frame = pd.concat([segments(), extra], ignore_index=True)
    matrix = drawn("case_ordered", ROWS, {"of": "field"}, material(segments=frame))
    inside = matrix.evidence[(matrix.evidence["row"] == "A") & (matrix.evidence["column"] == "ties")]
    assert inside[["segment", "code", "stance", "coders"]].to_numpy().tolist() == [
        ["s1", "closed, open", "contrary", "C1, C2, C9"],
        ["s2", "open", "supports", "C2"],
    ]
    assert not inside["agreed"].iloc[0]
    assert cell(matrix, "A", "ties")["n_segments"] == 2


def test_without_stances_everything_supports():
    matrix = drawn("case_ordered", ROWS, COLUMNS, stances=False)
    assert cell(matrix, "C", "open")["state"] == "strong"
    assert matrix.cells["n_contrary"].sum() == 0


def test_what_was_looked_for_and_not_found_is_known_from_the_table_of_what_was_looked_for():
    looked = pd.DataFrame({"document": ["d3"], "field": ["say"]})
    assert cell(drawn("case_ordered", ROWS, COLUMNS, material(looked=looked)), "B", "joint")["state"] == "absent"
    by_case = pd.DataFrame({"case": ["D"], "field": ["ties"]})
    matrix = drawn("case_ordered", ROWS, COLUMNS, material(looked=by_case))
    assert cell(matrix, "D", "open")["shown"] == "looked for, none found"
    assert cell(matrix, "D", "told")["shown"] == "not looked for"


def test_with_looked_for_all_a_coded_document_was_coded_for_everything_and_others_for_nothing():
    matrix = drawn("case_ordered", ROWS, COLUMNS, looked_for="all")
    states = matrix.cells.pivot(index="row", columns="column", values="state")
    assert states.loc["B", "joint"] == "absent"
    assert set(states.loc["D"]) == {"not_looked"}


@pytest.mark.parametrize(
    ("looked", "message"),
    [
        (pd.DataFrame({"place": ["d1"]}),
         "the table of what was looked for must have the columns field, and document or case; add them"),
        (pd.DataFrame({"document": ["d9"], "field": ["say"]}),
         "the table of what was looked for names the document 'd9', of which there is no document; add the document, "
         "or remove the row"),
    ],
)  # fmt: skip
def test_a_table_of_what_was_looked_for_that_does_not_fit_is_refused(looked, message):
    with pytest.raises(StudyError) as caught:
        drawn("case_ordered", ROWS, COLUMNS, material(looked=looked))
    assert str(caught.value) == message


def test_a_segment_of_which_a_role_is_not_recorded_does_not_vanish():
    matrix = drawn("role_ordered", {"of": "role"}, {"of": "field"})
    assert matrix.rows["row"].tolist() == ["lead", "member", "not recorded"]
    assert cell(matrix, "not recorded", "ties")["n_segments"] == 1


def test_a_value_that_the_codebook_does_not_have_is_named():
    with pytest.raises(StudyError) as caught:
        drawn("role_ordered", {"of": "role", "labels": {"lead": "Leader"}}, {"of": "field"})
    assert str(caught.value) == (
        "'role' is 'member' in the data, but the codebook has lead; add it there, or correct the data"
    )


def test_an_axis_that_is_no_column_is_named():
    with pytest.raises(StudyError) as caught:
        drawn("role_ordered", {"of": "rolle"}, {"of": "field"})
    assert str(caught.value).startswith(
        "a matrix has 'rolle' as rows or columns, but segments, documents and cases have no such column; they have "
        "segment, document, field"
    )


def test_only_what_is_asked_for_is_shown_and_what_does_not_exist_is_named():
    matrix = drawn("case_ordered", {"of": "case", "only": ["C", "A"]}, {"of": "code", "only": ["told", "open"]})
    assert matrix.rows["row"].tolist() == ["C", "A"]
    assert matrix.columns["column"].tolist() == ["open", "told"]  # codes keep the codebook's order
    with pytest.raises(StudyError) as caught:
        drawn("case_ordered", {"of": "case", "only": ["Z"]}, COLUMNS)
    assert str(caught.value) == "'only' names 'Z', but the data of 'case' has A, B, C, D; correct it"


def test_two_fields_that_share_a_code_are_told_apart_by_the_field():
    codes = [*CODES, {"field": "say", "field_label": "Say", "code": "open", "label": "Open"}]
    matrix = drawn("case_ordered", ROWS, COLUMNS, codes=codes)
    assert matrix.columns["column"].tolist() == ["ties/open", "closed", "joint", "told", "say/open"]
    assert cell(matrix, "A", "ties/open")["n_segments"] == 2


def test_shares_of_periods_count_the_years_that_could_have_been_seen():
    rule = [{"level": "half", "bounds": [{"measure": "share_periods", "at_least": 0.5}]}, {"level": "less"}]
    matrix = drawn("case_ordered", ROWS, COLUMNS, levels=rule, shows="rating")
    # A: documents of 2019 and 2020 were coded for ties, those of 2019 only for say; open was found in both years.
    assert cell(matrix, "A", "open")["rating"] == "half"
    assert cell(matrix, "A", "closed")["rating"] == "less"


@pytest.mark.parametrize(
    ("counts", "looked", "state"),
    [
        ((0, 0, 0), False, "not_looked"),
        ((0, 0, 0), True, "absent"),
        ((1, 0, 1), True, "thin"),
        ((0, 3, 2), True, "strong"),
        ((1, 1, 1), False, "mixed"),
        ((5, 0, 1), False, "thin"),
    ],
)
def test_the_state_of_a_cell_follows_its_counts(counts, looked, state):
    frame = pd.DataFrame([counts], columns=["n_supporting", "n_contrary", "n_sources"])
    frame["n_segments"] = frame["n_supporting"] + frame["n_contrary"]
    assert cell_states(frame, pd.Series([looked])).tolist() == [state]


# --- any segments at all


PLACES = st.tuples(
    st.sampled_from([row[0] for row in documents()[["document"]].to_numpy().tolist()]),
    st.sampled_from([(code["field"], code["code"]) for code in CODES]),
    st.sampled_from(["supports", "contrary"]),
)
DRAWN = st.lists(PLACES, max_size=25)


def made(places: list[tuple[str, tuple[str, str], str]]) -> pd.DataFrame:
    rows = [[f"s{n:02d}", document, field, code, stance] for n, (document, (field, code), stance) in enumerate(places)]
    frame = pd.DataFrame(rows, columns=["segment", "document", "field", "code", "stance"], dtype="str")
    return frame.merge(documents(), on="document", how="left")


@settings(max_examples=8, deadline=None)
@given(DRAWN)
def test_every_segment_lies_in_exactly_the_cell_of_its_case_and_code(places):
    frame = made(places)
    matrix = drawn("case_ordered", ROWS, COLUMNS, material(segments=frame))
    wanted = sorted(frame[["segment", "case", "code"]].to_numpy().tolist())
    assert sorted(matrix.evidence[["segment", "row", "column"]].to_numpy().tolist()) == wanted
    assert matrix.cells["n_segments"].sum() == len(frame)
    assert matrix.cells["n_contrary"].sum() == (frame["stance"] == "contrary").sum()


@settings(max_examples=6, deadline=None)
@given(DRAWN, st.integers(0, 2**32 - 1))
def test_the_order_of_the_data_changes_nothing(places, seed):
    shuffled = np.random.Generator(np.random.PCG64(seed))
    frame = made(places)
    other = material(
        segments=frame.sample(frac=1, random_state=shuffled),
        documents=documents().sample(frac=1, random_state=shuffled),
        cases=cases().sample(frac=1, random_state=shuffled),
    )
    rows = {"of": "case", "order_by": "n_segments", "descending": True}
    first = drawn("case_ordered", rows, COLUMNS, material(segments=frame), levels=RULE, shows="rating")
    second = drawn("case_ordered", rows, COLUMNS, other, levels=RULE, shows="rating")
    for part in ("rows", "columns", "cells", "evidence"):
        pd.testing.assert_frame_equal(getattr(first, part), getattr(second, part))


@settings(max_examples=15, deadline=None)
@given(DRAWN)
def test_counts_agree_with_counting_one_by_one(places):
    blank = {"withheld": False, "text": "", "speaker": "", "place": "", "coders": "C1", "n_coders": 1, "agreed": None}
    frame = made(places).assign(**blank, coded_on=pd.Timestamp("2022-01-01"))  # type: ignore[arg-type]
    rows, columns = ["A", "B", "C", "D"], ["ties", "say"]
    found = evidence(frame, frame["case"], frame["field"], rows=rows, columns=columns)
    counts = cell_counts(found, rows=rows, columns=columns)
    assert counts[["row", "column"]].to_numpy().tolist() == [[row, column] for row in rows for column in columns]
    for here in counts.to_dict("records"):
        inside = frame[(frame["case"] == here["row"]) & (frame["field"] == here["column"])]
        assert here["n_segments"] == len(inside)
        assert here["n_sources"] == inside["document"].nunique()
        assert here["n_supporting"] == (inside["stance"] == "supports").sum()
        assert here["first_date"] == inside["date"].min() or len(inside) == 0
