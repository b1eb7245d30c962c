"""The order of rows: one word, ties by label, bands in their order, and marks where a case might belong elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_material import cases, drawn, material, segments

from nsi.errors import StudyError
from nsi.methods.matrix import Axis, Matrix, cuts_between_bands, ordered_rows, rank_mark

BANDS = {"bands": "group", "band_order": ["stronger", "weaker"]}


def rows(**axis: object) -> Matrix:
    return drawn("case_ordered", {"of": "case", **axis}, {"of": "field"})


def test_rows_are_ordered_by_any_score_in_one_word_and_those_without_one_come_last():
    ordered = rows(order_by="score", descending=True).rows
    assert ordered["row"].tolist() == ["A", "C", "B", "D"]
    assert ordered["order_value"].tolist()[:3] == [4.5, 3.6, 3.0]
    assert math.isnan(ordered["order_value"].iloc[3])
    assert rows(order_by="score").rows["row"].tolist() == ["B", "C", "A", "D"]


def test_rows_may_be_ordered_by_text_by_label_and_by_what_was_found():
    assert rows(order_by="kind", descending=True).rows["row"].tolist() == ["B", "A", "C", "D"]
    assert rows(order_by="label", descending=True).rows["row"].tolist() == ["D", "C", "B", "A"]
    assert rows(order_by="n_sources", descending=True).rows["row"].tolist() == ["A", "C", "B", "D"]


def test_an_attribute_with_an_order_of_its_own_is_sorted_by_that():
    ranked = cases().assign(kind=pd.Categorical(cases()["kind"], ["y", "x"], ordered=True))
    matrix = drawn("case_ordered", {"of": "case", "order_by": "kind"}, {"of": "field"}, material(cases=ranked))
    assert matrix.rows["row"].tolist() == ["B", "A", "C", "D"]


def test_text_columns_may_be_categories():
    stored = segments().astype(dict.fromkeys(["segment", "document", "case", "field", "code", "stance"], "category"))
    first, second = (drawn("case_ordered", {"of": "case"}, {"of": "code"}, material(segments=frame))
                     for frame in (segments(), stored))  # fmt: skip
    pd.testing.assert_frame_equal(first.cells, second.cells)
    pd.testing.assert_frame_equal(first.evidence, second.evidence)


def test_equal_values_go_by_label_in_both_directions():
    same = cases().assign(score=1.0, label=["w", "z", "x", "y"])
    for descending in (False, True):
        matrix = drawn("case_ordered", {"of": "case", "order_by": "score", "descending": descending}, {"of": "field"},
                       material(cases=same))  # fmt: skip
        assert matrix.rows["label"].tolist() == ["w", "x", "y", "z"]


def test_bands_come_in_declared_order_and_cases_without_one_last():
    ordered = rows(order_by="score", **BANDS).rows
    assert ordered[["row", "band"]].to_numpy().tolist() == [
        ["C", "stronger"], ["A", "stronger"], ["B", "weaker"], ["D", "no band"]
    ]  # fmt: skip


def test_a_band_that_was_not_declared_is_named():
    with pytest.raises(StudyError) as caught:
        rows(bands="group", band_order=["stronger"])
    assert str(caught.value) == (
        "the column 'group' puts cases into the band 'weaker', but the order of bands is stronger; add it there, or "
        "leave those cases out with 'only'"
    )


def test_an_order_that_cases_do_not_have_is_named():
    with pytest.raises(StudyError) as caught:
        rows(order_by="scre")
    assert str(caught.value) == (
        "rows of 'case' have order_by 'scre', but allowed are label, score, rank_low, rank_high, group, kind, size, "
        "label, codebook, n_segments, n_sources, n_cases; correct it"
    )


def test_a_case_whose_rank_interval_crosses_the_cut_between_bands_is_marked():
    # Two cases are in the upper band, so that the cut lies after rank 2.
    marks = rows(order_by="score", descending=True, mark=True, **BANDS).rows.set_index("row")["mark"]
    assert marks.to_dict() == {"A": "", "C": "", "B": "rank 2 to 3 crosses the cut after 2", "D": "no rank"}


def test_cuts_may_be_declared():
    marks = rows(order_by="score", mark=True, cuts=[1]).rows.set_index("row")["mark"]
    assert marks["A"] == "rank 1 to 2 crosses the cut after 1"
    assert marks["B"] == ""


@pytest.mark.parametrize(
    ("low", "high", "cuts", "told"),
    [
        (3, 9, [4], "rank 3 to 9 crosses the cut after 4"),
        (3, 9, [4, 7], "rank 3 to 9 crosses the cut after 4 and 7"),
        (5, 9, [4], ""),
        (1, 4, [4], ""),
        (4, 5, [4], "rank 4 to 5 crosses the cut after 4"),
        (float("nan"), 2, [4], "no rank"),
    ],
)
def test_a_rank_interval_crosses_a_cut_that_lies_inside_it(low, high, cuts, told):
    assert rank_mark(low, high, cuts) == told


def test_cuts_are_counted_from_the_highest_rank_in_whichever_direction_rows_run():
    upward = Axis("case", bands="group", band_order=("weaker", "stronger"), descending=False)
    downward = Axis("case", bands="group", band_order=("stronger", "weaker"), descending=True)
    assert cuts_between_bands(upward, cases()) == cuts_between_bands(downward, cases()) == [2]


def test_ranks_beyond_the_cases_that_have_a_band_need_declared_cuts():
    with pytest.raises(StudyError) as caught:
        cuts_between_bands(Axis("case", **BANDS), cases().assign(rank_high=34.0))  # type: ignore[arg-type]
    assert str(caught.value) == (
        "ranks run to 34, but 3 cases have a band, so that the cuts between bands are not known; declare them as "
        "cuts, for example cuts: [4, 7]"
    )


def test_roles_and_codes_stand_in_the_order_of_the_codebook():
    labels = {"member": "Member", "lead": "Leader"}
    assert drawn("role_ordered", {"of": "role", "labels": labels}, {"of": "code"}).rows["label"].tolist() == [
        "Member", "Leader", "not recorded"
    ]  # fmt: skip
    assert drawn("summary", {"of": "code"}, {"of": "all"}).rows["row"].tolist() == ["open", "closed", "joint", "told"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([1.0, 2.0, None]), st.sampled_from(["up", "low", None])),
             min_size=1, max_size=9),
    st.booleans(), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_the_order_is_total_and_does_not_depend_on_that_of_the_data(drawn_rows, descending, seed):
    ids = [f"k{n}" for n in range(len(drawn_rows))]
    known = pd.DataFrame(drawn_rows, columns=["label", "score", "band"]).assign(case=ids)
    known["score"] = known["score"].astype(float)
    entries = pd.DataFrame({"id": ids, "label": known["label"], "group": ""})
    axis = Axis("case", order_by="score", descending=descending, bands="band", band_order=("up", "low"))
    first = ordered_rows(entries, axis, known)
    shuffled = np.random.Generator(np.random.PCG64(seed)).permutation(len(ids))
    second = ordered_rows(entries.iloc[shuffled].reset_index(drop=True), axis, known.iloc[shuffled])
    pd.testing.assert_frame_equal(first, second)
    assert sorted(first["row"]) == sorted(ids)
    for _, band in first.groupby("band"):
        values = band["order_value"].dropna()
        assert values.is_monotonic_decreasing if descending else values.is_monotonic_increasing
        assert band["order_value"].isna().is_monotonic_increasing
