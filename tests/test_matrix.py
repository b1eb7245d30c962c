"""The matrix object: what it refuses, and what may be kept beside figures."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from matrix_material import cell, drawn, material, segments

from nsi.errors import StudyError
from nsi.methods.matrix import CELLS, COLUMNS, EVIDENCE, ROWS, STATES, Matrix, matrix_tables


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    """Cases by codes, with an attribute: every state occurs."""
    attributes = [{"name": "kind", "label": "Kind"}]
    return drawn("case_ordered", {"of": "case"}, {"of": "code", "attributes": attributes})


def told(matrix: Matrix, **changed: object) -> str:
    """The message with which a changed matrix is refused."""
    with pytest.raises(StudyError) as caught:
        replace(matrix, **changed)  # type: ignore[arg-type]
    return str(caught.value)


def with_cell(matrix: Matrix, column: str, value: str | int) -> pd.DataFrame:
    cells = matrix.cells.copy()
    cells.loc[1, column] = value
    return cells


def test_every_state_occurs_in_the_trial_and_no_cell_is_blank(matrix):
    assert set(matrix.cells["state"]) == set(STATES)
    assert (matrix.cells["shown"].str.strip() != "").all()


def test_the_frames_have_the_columns_that_were_agreed_on(matrix):
    assert list(matrix.rows) == ROWS
    assert list(matrix.columns) == COLUMNS
    assert list(matrix.cells) == CELLS
    assert list(matrix.evidence) == EVIDENCE


def test_a_cell_that_would_be_blank_is_refused(matrix):
    assert told(matrix, cells=with_cell(matrix, "shown", " ")) == (
        "matrix 'trial': cell 'A' by 'open' would be blank; say in words what is not there"
    )


def test_a_cell_with_an_unknown_state_is_refused(matrix):
    assert told(matrix, cells=with_cell(matrix, "state", "empty")) == (
        "matrix 'trial': cell 'A' by 'open' has a state that is none of strong, thin, mixed, absent, not_looked, value"
    )


def test_a_state_that_does_not_go_with_the_number_of_segments_is_refused(matrix):
    assert told(matrix, cells=with_cell(matrix, "state", "absent")) == (
        "matrix 'trial': cell 'A' by 'open': its state does not go with its number of segments"
    )


def test_counts_that_do_not_add_up_are_refused(matrix):
    assert told(matrix, cells=with_cell(matrix, "n_contrary", 1)) == (
        "matrix 'trial': cell 'A' by 'open': supporting and contrary do not add up to its segments"
    )


def test_a_cell_that_is_missing_is_refused(matrix):
    assert told(matrix, cells=matrix.cells.iloc[1:]) == (
        "matrix 'trial': cells must hold each of 4 rows by 5 columns once, row by row; found 19 in another order or "
        "number"
    )


def test_evidence_that_was_lost_is_noticed(matrix):
    assert told(matrix, evidence=matrix.evidence.iloc[1:]) == (
        "matrix 'trial': evidence must be numbered from 1 within each cell, in the order in which it is listed"
    )
    last = matrix.evidence.groupby(["row", "column"]).tail(1).index
    assert told(matrix, evidence=matrix.evidence.drop(index=last[:1])) == (
        "matrix 'trial': cell 'A' by 'open': the number of segments is not that of its evidence"
    )


def test_evidence_of_a_cell_that_is_not_there_is_refused(matrix):
    stray = matrix.evidence.assign(column="elsewhere")
    assert "cell 'A' by 'elsewhere', 'B' by 'elsewhere', 'C' by 'elsewhere' of the evidence is no cell" in told(
        matrix, evidence=stray
    )


def test_a_row_that_stands_twice_or_has_no_id_is_refused(matrix):
    assert told(matrix, rows=matrix.rows.assign(row="A")) == (
        "matrix 'trial': the row 'A' stands twice; ids must differ"
    )
    assert told(matrix, rows=matrix.rows.assign(row="")) == "matrix 'trial': a row has no id; give each row one"


def test_a_frame_with_other_columns_is_refused(matrix):
    assert told(matrix, rows=matrix.rows.drop(columns="mark")) == (
        "matrix 'trial': rows must have the columns row, label, band, mark, order_value, but found row, label, band, "
        "order_value"
    )


def test_tables_beside_figures_hold_nothing_that_a_person_said_or_wrote(matrix):
    written = with_cell(matrix, "summary", "They told us so")
    written.loc[1, "shown"] = "They told us so"
    tables = matrix_tables(replace(matrix, cells=written))
    assert list(tables) == ["rows", "columns", "cells"]
    every = " ".join(str(value) for frame in tables.values() for value in frame.to_numpy().ravel())
    assert "words of" not in every
    assert "They told us so" not in every
    assert tables["cells"].loc[1, "shown"] == "summary written"


def test_a_withheld_segment_keeps_its_place_and_loses_its_words(matrix):
    kept = matrix.evidence.set_index("segment")["text"]
    assert kept["s2"] == "[withheld]"
    assert kept["s3"] == "words of s3"


def test_a_value_says_where_it_stands_and_has_no_segments(matrix):
    assert cell(matrix, "A", "kind")["source"] == "table cases, row A, column kind"
    assert cell(matrix, "D", "kind")["shown"] == "not recorded"
    assert cell(matrix, "A", "kind")["n_segments"] == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"case": "Z"}, "segments name the case 'Z', which is not in the table of cases; add it there, or correct the "
                        "segments"),
        ({"document": "d9"}, "segments name the document 'd9', which is not in the table of documents; add it there, "
                             "or correct the segments"),
        ({"stance": "so so"}, "the stance of a segment is 'so so', but allowed are supports, contrary"),
        ({"segment": "s1", "field": "ties", "code": "open"},
         "segment 's1' stands twice (6 rows too many in all); keep one row per segment and field and code"),
    ],
)  # fmt: skip
def test_segments_that_do_not_fit_their_study_are_refused(changed, message):
    with pytest.raises(StudyError) as caught:
        material(segments=segments().assign(**changed))
    assert str(caught.value) == message


def test_segments_without_a_needed_column_are_refused():
    with pytest.raises(StudyError) as caught:
        material(segments=segments().drop(columns="date"))
    assert str(caught.value) == (
        "the coded segments lack column(s) date; they must have segment, document, case, date, source_type, field, code"
    )


def test_a_code_that_the_codebook_does_not_know_is_refused():
    stray = segments().replace({"code": {"told": "ordered"}})
    with pytest.raises(StudyError) as caught:
        drawn("case_ordered", {"of": "case"}, {"of": "code"}, material(segments=stray))
    assert str(caught.value) == (
        "field 'say' has the code 'ordered' in the segments (1 rows with unknown codes in all), but the codebook does "
        "not; add it there, or correct the segments"
    )
