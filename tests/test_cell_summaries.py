"""Summaries of cells: joined to a matrix, marked where outdated, still to write where there are none."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.cell_summaries import with_summaries

KEY = ["matrix", "row", "column"]


def cells() -> pd.DataFrame:
    grid = [(row, column) for row in "AB" for column in "xy"]
    return pd.DataFrame(grid, columns=["row", "column"]).assign(
        state=["strong", "absent", "thin", "value"], n_segments=[3, 0, 1, 0], shown="s"
    )


def evidence(**coded: str) -> pd.DataFrame:
    rows = [(name[0], name[1], pd.Timestamp(day) if day else pd.NaT) for name, day in coded.items()]
    return pd.DataFrame(rows, columns=["row", "column", "coded_on"])


def texts(*rows: tuple[str, str, str], matrix: str = "m", on: str = "2031-05-17") -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["row", "column", "text"], dtype="str")
    return frame.assign(matrix=matrix, who="R. W.", written_on=on)[[*KEY, "text", "who", "written_on"]]


# --- joined


def test_a_text_stands_in_its_cell_with_who_wrote_it_and_when():
    joined = with_summaries(cells(), evidence(Ax="2031-01-01"), texts(("A", "x", "They agree.")), matrix="m").cells
    first = joined.iloc[0]
    assert (first["summary"], first["summary_by"], str(first["summary_on"].date())) == (
        "They agree.",
        "R. W.",
        "2031-05-17",
    )
    assert joined["summary"].isna().tolist() == [False, True, True, True]
    assert joined["shown"].tolist() == ["s"] * 4


@pytest.mark.parametrize(
    ("coded", "stale"),
    [("2031-05-16", False), ("2031-05-17", False), ("2031-05-17 23:59", False), ("2031-05-18", True), ("", False)],
)
def test_a_text_is_stale_where_something_was_coded_on_a_later_day(coded, stale):
    beneath = pd.concat([evidence(Ax="2030-01-01"), evidence(Ax=coded), evidence(Ay="2040-01-01")])
    joined = with_summaries(cells(), beneath, texts(("A", "x", "t")), matrix="m").cells
    assert joined["stale"].tolist() == [stale, False, False, False]


def test_texts_of_rows_and_columns_that_are_gone_are_listed_not_dropped():
    found = with_summaries(cells(), evidence(), texts(("A", "x", "t"), ("C", "x", "u"), ("C", "z", "v")), matrix="m")
    assert found.orphans[["row", "text", "why"]].to_numpy().tolist() == [
        ["C", "u", "the matrix has no row 'C'"],
        ["C", "v", "the matrix has no row 'C' and the matrix has no column 'z'"],
    ]


def test_cells_without_a_text_are_holes_unless_they_show_a_plain_value():
    found = with_summaries(cells(), evidence(), texts(("A", "x", "t"), ("B", "x", "  \n")), matrix="m")
    assert found.holes[["row", "column", "shown"]].to_numpy().tolist() == [
        ["A", "y", "no summary yet"],
        ["B", "x", "no summary yet"],
    ]


def test_texts_of_other_matrices_are_passed_over():
    found = with_summaries(cells(), evidence(), texts(("A", "x", "t"), ("Q", "q", "t"), matrix="other"), matrix="m")
    assert found.cells["summary"].isna().all()
    assert found.orphans.empty


def test_a_matrix_without_any_text_is_all_holes():
    found = with_summaries(cells(), evidence(), texts(), matrix="m")
    assert len(found.holes) == 3
    assert not found.cells["stale"].any()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"who": ""}, "texts of cells: who is missing for matrix 'm', row 'A', column 'x'; fill it in"),
        ({"written_on": None}, "texts of cells: written_on is missing for matrix 'm', row 'A', column 'x'"),
        ({"written_on": "May"}, "written_on of matrix 'm', row 'A', column 'x' is 'May'; write it as 2031-05-17"),
        ({"row": None}, "matrix, row or column is missing in row 1; fill it in"),
    ],
)
def test_a_text_must_say_whose_it_is_when_and_where(changes, told):
    with pytest.raises(StudyError, match=re.escape(told)):
        with_summaries(cells(), evidence(), texts(("A", "x", "t")).assign(**changes), matrix="m")


def test_two_texts_for_a_cell_are_refused_without_telling_them():
    with pytest.raises(StudyError, match="two texts for matrix 'm', row 'A', column 'x'; keep one, or join them") as no:
        with_summaries(cells(), evidence(), texts(("A", "x", "secret"), ("A", "x", "other")), matrix="m")
    assert "secret" not in str(no.value)
