"""Median of ordered codes: lower of the two in the middle, contrary segments apart, and the states of a matrix."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.matrix.plan import CodeEntry, Plan
from nsi.methods.matrix.typical import typical_codes
from nsi.methods.median_levels import median_levels

LEVELS = ["1", "2", "3", "4"]
GROUPS = pd.DataFrame({"case": ["a", "b", "c", "d"]})


def segments(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["segment", "case", "document", "code", "stance"])


SEGMENTS = segments(
    ("s1", "a", "d1", "1", "supports"),
    ("s2", "a", "d1", "2", "supports"),
    ("s3", "a", "d2", "3", "supports"),
    ("s4", "a", "d2", "4", "supports"),
    ("s5", "b", "d3", "4", "supports"),
    ("s6", "b", "d4", "4", "contrary"),
    ("s7", "c", "d5", "3", "supports"),
)


def levels(frame: pd.DataFrame = SEGMENTS, groups: pd.DataFrame = GROUPS) -> pd.DataFrame:
    return median_levels(frame, ["case"], LEVELS, groups=groups).set_index("case")


def test_of_two_in_the_middle_the_lower_is_taken():
    a = levels().loc["a"]
    assert (a["level"], a["place"], a["lowest"], a["highest"]) == ("2", 2, "1", "4")


def test_contrary_segments_do_not_count_for_the_level_but_are_counted():
    frame = segments(
        ("s1", "a", "d1", "1", "supports"), ("s2", "a", "d1", "4", "contrary"), ("s3", "a", "d2", "4", "contrary")
    )
    a = levels(frame).loc["a"]
    assert (a["level"], a["n_segments"], a["n_supporting"], a["n_contrary"], a["n_sources"]) == ("1", 3, 1, 2, 2)


def test_states_are_those_of_a_matrix():
    assert levels()["state"].to_dict() == {"a": "strong", "b": "mixed", "c": "thin", "d": "absent"}
    d = levels().loc["d"]
    assert pd.isna(d["level"]) and pd.isna(d["place"]) and d["n_segments"] == 0


def test_a_group_with_contrary_segments_alone_has_no_level():
    frame = segments(("s1", "a", "d1", "4", "contrary"), ("s2", "a", "d2", "4", "contrary"))
    a = levels(frame).loc["a"]
    assert pd.isna(a["level"]) and a["state"] == "strong" and a["n_contrary"] == 2


def test_a_segment_that_nobody_settled_counts_once_in_equal_shares():
    frame = segments(
        ("s1", "a", "d1", "1", "supports"),
        ("s1", "a", "d1", "4", "supports"),  # half a segment each
        ("s2", "a", "d2", "4", "supports"),
    )
    a = levels(frame).loc["a"]
    assert (a["level"], a["n_segments"]) == ("4", 2)  # weights .5 and 1.5


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=30))
def test_it_is_the_element_in_the_lower_middle(codes):
    frame = segments(*((f"s{k}", "a", f"d{k}", code, "supports") for k, code in enumerate(codes)))
    assert levels(frame).loc["a", "level"] == sorted(codes)[(len(codes) - 1) // 2]


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(SEGMENTS))))
def test_the_order_of_the_segments_does_not_matter(order):
    assert levels(SEGMENTS.iloc[list(order)]).equals(levels())


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (SEGMENTS.drop(columns="stance"), "the segments have no column stance; they have segment, case, document"),
        (SEGMENTS.assign(code="9"), "the segments hold the code '9', but the levels are 1, 2, 3, 4"),
    ],
)
def test_segments_that_cannot_be_rated_are_refused(frame, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        levels(frame)


def test_it_agrees_with_a_matrix_whose_cells_show_the_median():
    random = np.random.Generator(np.random.PCG64(3))
    n = 90
    frame = pd.DataFrame(
        {
            "segment": [f"s{k}" for k in range(n)],
            "case": random.choice(list("abcd"), n),
            "document": random.choice([f"d{k}" for k in range(9)], n),
            "code": random.choice(LEVELS, n),
            "stance": random.choice(["supports", "supports", "contrary"], n),
            "field": "depth",
        }
    )
    codes = tuple(CodeEntry("depth", "Depth", level, level) for level in LEVELS)
    plan = cast(Plan, SimpleNamespace(typical="median", name="m", codes=codes))
    cells = typical_codes(frame, frame["case"], frame["field"], plan).set_index("row")["rating"]
    assert levels(frame)["level"].to_dict() == cells.to_dict()
