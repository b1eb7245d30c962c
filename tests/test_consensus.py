"""From independent to final labels: how many changed, by what rule and reason, and what is left to settle."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.consensus import adjudication_list, consensus_changes, consensus_summary, told_changes

RATINGS = [
    ("c", "u1", "A1", "x"), ("c", "u1", "B2", "x"),
    ("c", "u2", "A1", "x"), ("c", "u2", "B2", "y"),
    ("d", "u3", "A1", "y"), ("d", "u3", "B2", "y"),
    ("d", "u4", "A1", "x"),
    ("d", "u5", "A1", None), ("d", "u5", "B2", "x"),
    ("d", "u6", "A1", "x"), ("d", "u6", "B2", "z"),
]  # fmt: skip
SETTLED = [
    ("c", "u1", "x", "agreed", None, "v1"),  # nothing changes
    ("c", "u2", "y", "discussed", "slip", "v1"),  # A1 changes
    ("d", "u3", "z", "adjudicated", "missed", "v2"),  # both change, to a code that neither gave
    ("d", "u4", "x", "agreed", None, None),  # one coder only
    ("d", "u5", "x", "agreed", None, "v2"),  # B2 keeps; A1 had no label that could change
    ("d", "u9", "x", "agreed", None, "v2"),  # no coder had labelled it
]


def ratings(rows=RATINGS) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case", "unit", "coder", "value"])
    frame = frame.assign(field="use", label_stage="independent")
    return pd.concat([frame, frame.assign(field="other", value="q")], ignore_index=True)


def consensus(rows=SETTLED) -> pd.DataFrame:
    names = ["case", "unit", "value", "rule", "reason", "codebook_version"]
    return pd.DataFrame(rows, columns=names).assign(field="use", coder="C3", label_stage="consensus")


CHANGES = consensus_changes(ratings(), consensus(), field="use")


def test_each_independent_label_of_a_settled_unit_stands_beside_the_final_one():
    told = CHANGES[["unit", "coder", "independent", "final", "changed"]].to_numpy().tolist()
    assert told == [
        ["u1", "A1", "x", "x", False], ["u1", "B2", "x", "x", False],
        ["u2", "A1", "x", "y", True], ["u2", "B2", "y", "y", False],
        ["u3", "A1", "y", "z", True], ["u3", "B2", "y", "z", True],
        ["u4", "A1", "x", "x", False],
        ["u5", "B2", "x", "x", False],
    ]  # fmt: skip


def test_it_is_told_whether_coders_differed_and_whether_the_final_code_is_new():
    assert set(CHANGES.loc[CHANGES["differed"], "unit"]) == {"u2"}
    assert set(CHANGES.loc[CHANGES["new"], "unit"]) == {"u3"}


def test_what_is_not_recorded_is_said_so():
    by_unit = CHANGES.drop_duplicates("unit").set_index("unit")
    assert list(by_unit[["rule", "reason", "codebook_version"]].loc["u4"]) == ["agreed", *["not recorded"] * 2]
    bare = consensus_changes(ratings(), consensus()[["case", "unit", "field", "value"]], field="use")
    assert set(bare["rule"]) == set(bare["codebook_version"]) == {"not recorded"}


def test_changes_are_counted_over_all_and_by_reason_and_codebook_version():
    told = consensus_summary(CHANGES, by=["reason", "codebook_version"])
    names = ["reason", "codebook_version", "n_units", "n_units_differed", "n_units_changed", "n_units_new", "n_labels",
             "n_changed"]  # fmt: skip
    assert told[names].to_numpy().tolist() == [
        ["all", "all", 5, 1, 2, 1, 8, 3],
        ["missed", "v2", 1, 0, 1, 1, 2, 2],
        ["not recorded", "not recorded", 1, 0, 0, 0, 1, 0],
        ["not recorded", "v1", 1, 0, 0, 0, 2, 0],
        ["not recorded", "v2", 1, 0, 0, 0, 1, 0],
        ["slip", "v1", 1, 1, 1, 0, 2, 1],
    ]
    assert told["share_changed"].iloc[0] == 3 / 8


def test_changes_are_counted_by_coder():
    told = consensus_summary(CHANGES, by=["coder"]).set_index("coder")
    assert told["n_changed"].to_dict() == {"all": 3, "A1": 2, "B2": 1}


def test_nothing_settled_is_no_share_and_not_a_share_of_zero():
    none = consensus_changes(ratings(), consensus([]), field="use")
    told = consensus_summary(none, by=["rule"])
    assert len(told) == 1
    assert told.loc[0, "n_units"] == 0
    assert math.isnan(told["share_changed"].iloc[0])


def test_a_unit_that_is_listed_without_a_final_label_is_not_settled():
    rows = [*SETTLED[:1], ("c", "u2", None, None, None, "v1")]
    assert set(consensus_changes(ratings(), consensus(rows), field="use")["unit"]) == {"u1"}


def test_the_changes_are_told_in_a_sentence():
    assert told_changes(CHANGES) == (
        "Of 5 units that were settled (agreed 3, adjudicated 1, discussed 1), coders had differed on 1. Settling "
        "changed 3 of 8 labels (37.5%), by reason: missed 2, slip 1. On 1 of the units no coder had given the final "
        "label."
    )
    assert told_changes(CHANGES.iloc[:0]) == "[not recorded: settled labels; the data hold none]"


codes = st.sampled_from(["x", "y", "z"])


@given(st.lists(st.tuples(codes, codes, codes), min_size=1, max_size=12))
@settings(deadline=None, max_examples=15)
def test_every_group_adds_up_to_the_whole_and_no_order_matters(labels):
    rows = [(str(place % 2), f"u{place}", coder, pair[number]) for place, pair in enumerate(labels)
            for number, coder in enumerate(("A1", "B2"))]  # fmt: skip
    final = [(str(place % 2), f"u{place}", pair[2], pair[2], None, "v1") for place, pair in enumerate(labels)]
    changes = consensus_changes(ratings(rows), consensus(final), field="use")
    told = consensus_summary(changes, by=["rule"]).drop(columns=["rule", "share_changed"])
    assert told.iloc[0].tolist() == told.iloc[1:].sum().tolist()
    turned = consensus_changes(ratings(rows[::-1]), consensus(final[::-1]), field="use")
    assert consensus_summary(turned).equals(consensus_summary(changes))


# --- what is left to settle


def test_the_list_has_the_units_on_which_coders_differ_with_what_each_said():
    listed = adjudication_list(ratings(), consensus(), field="use")
    assert list(listed.columns) == ["case", "unit", "coder A1", "coder B2", "excerpt", "final", "rule", "reason"]
    assert listed.fillna("-").to_numpy().tolist() == [
        ["c", "u2", "x", "y", "-", "y", "discussed", "slip"],
        ["d", "u6", "x", "z", "-", "-", "-", "-"],
    ]


def test_excerpts_are_found_by_unit_and_a_unit_without_one_stays():
    excerpts = pd.DataFrame({"unit": ["u6", "u1"], "excerpt": ["six", "one"]})
    listed = adjudication_list(ratings(), consensus([]), field="use", excerpts=excerpts)
    assert listed["excerpt"].fillna("-").tolist() == ["-", "six"]


def test_no_ratings_make_a_list_without_units():
    empty = adjudication_list(ratings([]), consensus([]), field="use")
    assert empty.empty
    assert list(empty.columns) == ["case", "unit", "excerpt", "final", "rule", "reason"]


# --- what is refused


@pytest.mark.parametrize(
    ("given_ratings", "settled", "told"),
    [
        (ratings().assign(label_stage="consensus"), consensus(), "computed on consensus labels is refused"),
        (ratings(), consensus().assign(label_stage="independent"), "6 row(s) among the settled labels have another"),
        (ratings(), consensus([*SETTLED, SETTLED[1]]), "unit 'u2' of case 'c' was settled more than once for 'use'"),
        (ratings([*RATINGS, RATINGS[0]]), consensus(), "coder A1 coded unit u1 of case c 2 times"),
        (ratings(), consensus().drop(columns="unit"), "the settled labels lack column(s) unit; add them"),
    ],
)
def test_labels_that_are_not_what_their_table_says_are_refused(given_ratings, settled, told):
    for compute in (consensus_changes, adjudication_list):
        with pytest.raises(StudyError) as error:
            compute(given_ratings, settled, field="use")
        assert told in str(error.value)


def test_a_unit_with_two_excerpts_is_refused():
    excerpts = pd.DataFrame({"unit": ["u2", "u2"], "excerpt": ["a", "b"]})
    with pytest.raises(StudyError, match=r"unit 'u2' has more than one excerpt \(2 rows affected in all\); pass one"):
        adjudication_list(ratings(), consensus(), field="use", excerpts=excerpts)


def test_counting_by_an_unknown_column_is_refused():
    with pytest.raises(StudyError, match="changes cannot be counted by reasons; they have case, unit, coder"):
        consensus_summary(CHANGES, by=["reasons"])
