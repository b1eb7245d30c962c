"""The cases behind a matrix, and rated units as its segments."""

from __future__ import annotations

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.matrix import Material, case_table, draw_up, rated_units

DOCUMENTS = pd.DataFrame({"case": ["B", "A", "A", "Z"]})
CASES = pd.DataFrame({"case": ["A", "B", "C"], "size": [7, 8, 9]})
SCORES = pd.DataFrame({
    "case": ["A", "A", "B", "Z"], "wave": ["w1", "w2", "w2", "w2"], "score": [1.0, 2.0, 3.0, 4.0], "size": 0,
})  # fmt: skip


def test_cases_are_those_with_documents_and_what_nobody_knows_is_missing():
    table = case_table(DOCUMENTS, CASES, SCORES, where={"wave": "w2"}, columns=["score"])
    assert table["case"].tolist() == ["A", "B", "Z"]
    assert table["score"].tolist() == [2.0, 3.0, 4.0]
    assert table["size"].isna().tolist() == [False, False, True]


def test_cases_without_documents_stay_where_every_case_is_asked_for():
    table = case_table(DOCUMENTS, CASES, SCORES, every_case=True)
    assert table["case"].tolist() == ["A", "B", "C", "Z"]
    assert list(table.columns) == ["case", "size"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"where": {"wave": "w9"}, "columns": ["score"]}, "no score of a case has wave w9; correct what 'where' says"),
        ({"columns": ["score"]}, "case 'A' has several scores with no condition; say which in 'where'"),
        ({"columns": ["rank"]}, "the scores of cases have no column rank; they have case, wave, score, size"),
        ({"columns": ["size"]}, "size is a column of the cases and of their scores; take it from one of them"),
        ({"cases": pd.concat([CASES, CASES])}, "the table of cases has 'A' twice; keep one row per case"),
    ],
)
def test_what_does_not_give_one_row_per_case_is_refused(changed, message):
    given = {"documents": DOCUMENTS, "cases": CASES, "scores": SCORES, **changed}
    with pytest.raises(StudyError) as caught:
        case_table(**given)
    assert str(caught.value) == message


def ratings(*rows: tuple[str, str, str, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case", "unit", "coder", "field", "value"])
    return frame.assign(rated_on=pd.Series(pd.NaT, index=frame.index), codebook_version="v1")


GIVEN = ratings(
    ("north", "u1", "Ada", "use", "plan"), ("north", "u1", "Ben", "use", "plan"), ("north", "u2", "Ada", "use", "plan"),
    ("north", "u2", "Ben", "use", "check"), ("south", "u3", "Ada", "use", "plan"),
    ("south", "u3", "Ben", "use", "check"), ("south", "u4", "Ben", "use", None),
)  # fmt: skip
SETTLED = ratings(("south", "u3", "Cem", "use", "check"))


def test_every_code_of_a_rated_unit_stands_with_those_who_gave_it():
    units = rated_units(GIVEN, SETTLED, fields=["use"])
    assert units.segments[["segment", "code", "coders", "agreed"]].to_numpy().tolist() == [
        ["u1", "plan", "Ada, Ben", True],
        ["u2", "check", "Ben", False],
        ["u2", "plan", "Ada", False],
        ["u3", "check", "Ada, Ben", False],  # settled: both had rated it
    ]
    assert units.documents["document"].tolist() == ["u1", "u2", "u3", "u4"]
    assert units.cases["case"].tolist() == ["north", "south"]


def test_a_unit_that_was_cut_from_something_has_that_as_its_document():
    homes = {"u1": "d1", "u2": "d1", "u3": "d2", "u4": "d3"}
    whole = GIVEN.assign(cluster=GIVEN["unit"].map(homes), excerpt="words of " + GIVEN["unit"])
    units = rated_units(whole, SETTLED.assign(cluster="d2", excerpt="words of u3"), fields=["use"])
    assert units.documents["document"].tolist() == ["d1", "d2", "d3"]
    assert units.segments["text"].tolist()[0] == "words of u1"


def test_a_matrix_of_rated_units_leads_from_a_cell_to_units_and_coders():
    units = rated_units(GIVEN, SETTLED, fields=["use"])
    codes = [{"field": "use", "field_label": "Use", "code": code, "label": code.title()} for code in ("plan", "check")]
    material = Material(units.segments, units.documents, units.cases)
    matrix = draw_up(material, name="uses", title="Uses", display="case_ordered", codes=codes, rows={"of": "case"},
                     columns={"of": "code"})  # fmt: skip
    there = matrix.evidence[(matrix.evidence["row"] == "north") & (matrix.evidence["column"] == "plan")]
    assert there[["segment", "coders"]].to_numpy().tolist() == [["u1", "Ada, Ben"], ["u2", "Ada"]]
    assert matrix.cells["n_segments"].tolist() == [2, 1, 0, 1]
