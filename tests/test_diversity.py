"""Diversity: nothing for one kind, 1 - 1/k for k equal kinds, missing where there is nothing to count."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.diversity import gini_simpson

KINDS = ["x", "y", "z"]


def index_of(*counts: float) -> float:
    return float(gini_simpson(pd.DataFrame([counts], columns=KINDS), KINDS).iloc[0])


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        pytest.param((12, 0, 0), 0.0, id="one kind"),
        pytest.param((5, 5, 5), 2 / 3, id="three equal kinds"),
        pytest.param((7, 7, 0), 1 / 2, id="two equal kinds"),
        pytest.param((9, 8, 7), 1 - (81 + 64 + 49) / 576, id="by the formula"),
    ],
)
def test_the_index_follows_its_formula(counts, wanted):
    assert index_of(*counts) == pytest.approx(wanted, abs=1e-15)


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 50)] * 3).filter(any), st.integers(2, 9))
def test_it_lies_within_its_bounds_and_does_not_change_with_size_or_names(counts, times):
    value = index_of(*counts)
    assert -1e-12 <= value <= 2 / 3 + 1e-12
    assert index_of(*(times * count for count in counts)) == pytest.approx(value)
    assert index_of(*counts[::-1]) == pytest.approx(value)


def test_a_case_without_parts_or_with_a_missing_count_has_no_index():
    cases = pd.DataFrame({"x": [0, 3], "y": [0, None], "z": [0, 1]}, dtype="Int64")
    assert gini_simpson(cases, KINDS).isna().all()
    assert np.isnan(index_of(0, 0, 0))


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (["x", "w"], "the cases have no column w; they have x, y, z"),
        (["x"], "one kind alone cannot be mixed; name at least two columns of counts"),
        (["x", "z"], "row 2 of the cases has a negative count; counts are whole numbers from 0 up"),
    ],
)
def test_counts_that_say_nothing_are_refused(kinds, message):
    cases = pd.DataFrame({"x": [1, 2], "y": [1, 2], "z": [0, -1]})
    with pytest.raises(StudyError, match=re.escape(message)):
        gini_simpson(cases, kinds)
