"""Fisher's exact test and Holm's correction, against published values and scipy, statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact as of_scipy
from statsmodels.stats.multitest import multipletests

from nsi.errors import StudyError
from nsi.methods.exact_tests import fisher_exact, holm

CELLS = st.integers(min_value=0, max_value=60)


@pytest.mark.parametrize(
    ("cells", "published"),
    [
        pytest.param((3, 1, 1, 3), 0.4857, id="tea-tasting"),  # Fisher 1935; R help of fisher.test, TeaTasting
        pytest.param((2, 15, 10, 3), 0.0005367, id="convicted-twins"),  # the same page, Convictions
    ],
)
def test_fisher_matches_published_values(cells, published):
    assert fisher_exact(*cells) == pytest.approx(published, rel=1e-4)


@given(CELLS, CELLS, CELLS, CELLS)
def test_fisher_is_that_of_scipy(a, b, c, d):
    expected = of_scipy([[a, b], [c, d]])[1] if a + b + c + d else 1.0
    assert fisher_exact(a, b, c, d) == pytest.approx(expected, rel=1e-6)


def test_fisher_manages_large_tables():
    assert fisher_exact(5100, 4900, 4900, 5100) == pytest.approx(of_scipy([[5100, 4900], [4900, 5100]])[1], rel=1e-6)
    assert fisher_exact(10_000, 0, 0, 10_000) == 0.0  # 2 / 20,000-choose-10,000 is below every float


@given(CELLS, CELLS, CELLS, CELLS)
def test_fisher_does_not_depend_on_how_the_table_is_turned(a, b, c, d):
    p = fisher_exact(a, b, c, d)
    for turned in ((c, d, a, b), (b, a, d, c), (a, c, b, d)):
        assert fisher_exact(*turned) == pytest.approx(p, rel=1e-9)


def test_with_an_empty_margin_there_is_only_one_table():
    assert fisher_exact(0, 0, 3, 9) == 1.0
    assert fisher_exact(0, 0, 0, 0) == 1.0


@pytest.mark.parametrize("cells", [(-1, 2, 3, 4), (1.5, 2, 3, 4)])
def test_cells_that_are_no_counts_are_refused(cells):
    with pytest.raises(StudyError, match=r"needs whole numbers from 0 up; found \["):
        fisher_exact(*cells)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=30))
def test_holm_is_that_of_statsmodels(p):
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], rel=1e-9, abs=1e-12)


def test_holm_leaves_out_what_was_not_tested():
    assert holm([0.04, np.nan, 0.01]).tolist()[::2] == pytest.approx([0.04, 0.02])
    assert np.isnan(holm([0.04, np.nan, 0.01])[1])
    assert holm([]).tolist() == []


def test_p_values_outside_0_to_1_are_refused():
    with pytest.raises(StudyError, match=r"p values must lie from 0 to 1; found \[1\.2\]"):
        holm([1.2])
