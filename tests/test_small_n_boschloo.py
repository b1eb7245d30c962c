"""Boschloo's test of a two-by-two table: against scipy, against Fisher's test, and by its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from nsi.errors import StudyError
from nsi.methods.exact_tests import fisher_exact
from nsi.methods.small_n import boschloo, boschloo_exact, boschloo_smallest

SLOW = settings(max_examples=40, deadline=None)
CELL = st.integers(min_value=0, max_value=7)


def test_boschloo_matches_the_published_example():
    # Documentation of scipy's boschloo_exact: 7 of 15 against 12 of 15, p = 0.0341
    assert round(boschloo_exact((7, 8), (12, 3), alternative="less"), 4) == 0.0341


@settings(max_examples=15, deadline=None)
@given(CELL, CELL, CELL, CELL, st.sampled_from(["less", "greater"]))
def test_one_sided_boschloo_is_that_of_scipy(a, b, c, d, side):
    assume(a + b and c + d and a + c and b + d)
    expected = stats.boschloo_exact([[a, c], [b, d]], alternative=side, n=64).pvalue  # scipy's groups are columns
    assert boschloo_exact((a, b), (c, d), alternative=side) == pytest.approx(expected, abs=1e-4)


@SLOW
@given(CELL, CELL, CELL, CELL)
def test_boschloo_is_never_above_fisher_and_never_below_its_own_smallest(a, b, c, d):
    assume(a + b and c + d)
    p = boschloo_exact((a, b), (c, d))
    assert boschloo_smallest((a + b, c + d)) <= p <= fisher_exact(a, b, c, d) + 1e-9


def test_boschloo_of_a_table_is_the_same_by_either_door():
    assert boschloo([[5, 1], [0, 5]]).p == boschloo_exact((5, 1), (0, 5))
    assert boschloo([[5, 1], [0, 5]]).p_min == boschloo_smallest((6, 5))
    assert boschloo([[2, 1, 0], [0, 1, 4]]).flag == "not_two_by_two"


@pytest.mark.parametrize("cells", [(5, 1, 0, 5), (3, 1, 2, 5), (4, 0, 1, 3)])
def test_p_is_the_largest_probability_of_tables_as_odd_over_all_shares(cells):
    first, second = cells[:2], cells[2:]
    sizes, seen = (sum(first), sum(second)), fisher_exact(*cells) * (1 + 1e-7)
    shares = np.linspace(0, 1, 4001)
    total = np.zeros_like(shares)
    for a in range(sizes[0] + 1):
        for c in range(sizes[1] + 1):
            if fisher_exact(a, sizes[0] - a, c, sizes[1] - c) <= seen:
                total += stats.binom.pmf(a, sizes[0], shares) * stats.binom.pmf(c, sizes[1], shares)
    p = boschloo_exact(first, second)
    assert total.max() <= p + 1e-12
    assert p == pytest.approx(total.max(), abs=1e-6)


def test_a_group_without_cases_cannot_be_compared():
    assert math.isnan(boschloo_exact((0, 0), (3, 2)))
    assert math.isnan(boschloo_smallest((0, 4)))


def test_an_unknown_alternative_and_cells_that_are_no_counts_are_refused():
    with pytest.raises(StudyError, match="alternative is 'both', allowed are two-sided, less, greater; name one of"):
        boschloo_exact((1, 2), (3, 4), alternative="both")
    with pytest.raises(StudyError, match=r"whole numbers from 0 up; found \[-1, 2, 3, 4\]"):
        boschloo_exact((-1, 2), (3, 4))
