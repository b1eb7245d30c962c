"""Effects of few cases and their intervals, and the effect that a test would show: definitions, scipy, limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import odds_ratio as of_scipy

from nsi.errors import StudyError
from nsi.methods.small_n import (
    Effect,
    compared,
    correlation_interval,
    cramers_v,
    delta_interval,
    detectable_effect,
    effect_of,
    fisher_freeman_halton,
    from_table,
    odds_interval,
    odds_ratio,
)
from nsi.methods.small_n.intervals import _noncentral, chi_squared_interval

SOME = settings(max_examples=30, deadline=None)
CELL = st.integers(min_value=0, max_value=7)


@SOME
@given(CELL, CELL, CELL, CELL)
def test_the_odds_ratio_and_its_interval_are_the_conditional_ones_of_scipy(a, b, c, d):
    assume(a + b and c + d and a + c and b + d)
    table = np.array([[a, b], [c, d]])
    expected = of_scipy(table, kind="conditional")
    assert odds_ratio(table) == pytest.approx(expected.statistic, rel=1e-6)
    assert odds_interval(table, 0.95) == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-5)


def test_an_odds_ratio_may_have_no_upper_end_and_says_so():
    effect = effect_of(from_table("fisher", [[4, 0], [1, 6]]))
    assert (effect.name, effect.estimate, effect.high, effect.flag) == ("odds ratio", math.inf, math.inf, "boundary")
    assert 1 < effect.low < 10
    assert math.isnan(odds_ratio(np.array([[4, 0], [3, 0]])))


def test_cramers_v_is_corrected_for_its_bias():
    table = np.array([[3, 1], [1, 2], [0, 4]])  # n 11, chi-squared by hand 4.9762
    phi = stats.chi2_contingency(table, correction=False)[0] / 11
    assert cramers_v(table, corrected=False) == pytest.approx(math.sqrt(phi), abs=1e-12)
    left = 2 - 1 / 10 - 1  # Bergsma 2013: columns less (columns - 1)^2 / (n - 1), less 1
    assert cramers_v(table) == pytest.approx(math.sqrt((phi - 2 / 10) / left), abs=1e-12)
    assert cramers_v(np.array([[2, 2], [2, 2], [2, 2]])) == 0.0
    assert math.isnan(cramers_v(np.array([[3, 4]])))


def test_cliffs_delta_is_the_share_of_pairs_higher_less_the_share_lower():
    values, groups = [1, 2, 3, 2, 4, 5], ["a", "a", "a", "b", "b", "b"]
    effect = effect_of(compared("rank_sum", groups, values))
    assert effect.name == "Cliff's delta"
    assert effect.estimate == pytest.approx((7 - 1) / 9)
    assert effect.low < effect.estimate < effect.high


def test_epsilon_squared_is_h_over_n_less_1():
    values, groups = [1, 5, 2, 8, 9, 3, 3], [0, 0, 1, 1, 2, 2, 2]
    effect = effect_of(compared("kruskal", groups, values))
    h = stats.kruskal([1, 5], [2, 8], [9, 3, 3]).statistic
    assert effect.name == "epsilon squared"
    assert effect.estimate == pytest.approx(h / 6)
    assert effect.method == "noncentral_chi_squared_approximate"


@SOME
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=5, max_size=11))
def test_rank_correlations_are_those_of_scipy_and_lie_in_their_intervals(pairs):
    one, two = (list(side) for side in zip(*pairs, strict=True))
    assume(min(len(set(one)), len(set(two))) > 1)
    for test, expected in (("spearman", stats.spearmanr(one, two)[0]), ("jonckheere", stats.kendalltau(one, two)[0])):
        effect = effect_of(compared(test, one, two))
        assert effect.estimate == pytest.approx(expected, abs=1e-12)
        if abs(effect.estimate) < 1:
            assert -1 < effect.low < effect.estimate < effect.high < 1
            assert effect.method == "fisher_z_approximate"
        else:
            assert (math.isnan(effect.low), effect.flag) == (True, "interval_undefined")


def test_around_no_correlation_of_eleven_cases_the_interval_is_six_tenths_wide_on_either_side():
    low, high = correlation_interval(0.0, 11, 0.95)
    assert high == pytest.approx(math.tanh(1.959964 / math.sqrt(8)), abs=1e-6)
    assert (round(low, 1), round(high, 1)) == (-0.6, 0.6)  # a working paper on eleven cases has +-.61, by t
    assert math.isnan(correlation_interval(0.3, 3, 0.95)[0])


def test_the_interval_of_delta_is_wilsons_for_a_single_pair_and_keeps_a_width_without_overlap():
    z = 1.959963984540054
    expected = (1 / (1 + z**2)) * 2 - 1  # Wilson's lower end for 1 of 1, on the scale of delta
    assert delta_interval(1.0, 1, 1, 0.95) == pytest.approx((expected, 1.0), abs=1e-9)
    low, high = delta_interval(1.0, 5, 6, 0.95)
    assert 0.2 < low < 0.9
    assert high == 1.0
    assert delta_interval(-1.0, 5, 6, 0.95) == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_the_interval_of_delta_covers_as_often_as_it_says(shift):
    generator, true = np.random.default_rng(5), 2 * stats.norm.cdf(shift / math.sqrt(2)) - 1
    found = []
    for _ in range(400):
        values = generator.normal(size=11) + shift * (np.arange(11) >= 5)
        effect = effect_of(compared("rank_sum", np.arange(11) >= 5, values))
        found.append(effect.low <= true <= effect.high)
    assert np.mean(found) > 0.92  # 95% asked for, and 400 tries are 1.1 points uncertain


@pytest.mark.parametrize(
    ("found", "freedom", "excess"), [(12.2, 9, 4.0), (3.0, 2, 0.0), (40.0, 3, 60.0), (0.1, 1, 1.0)]
)
def test_the_noncentral_chi_squared_distribution_is_that_of_scipy(found, freedom, excess):
    expected = stats.ncx2.cdf(found, freedom, excess) if excess else stats.chi2.cdf(found, freedom)
    assert _noncentral(found, freedom, excess) == pytest.approx(expected, abs=1e-10)
    low, high = chi_squared_interval(found, freedom, 0.95)
    assert low <= high
    if high:
        assert stats.ncx2.cdf(found, freedom, high) == pytest.approx(0.025, abs=1e-8)


@SOME
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=4, max_size=12))
def test_every_interval_holds_its_estimate(pairs):
    for test in ("fisher", "kruskal"):
        comparison = compared(test, *zip(*pairs, strict=True))
        assume(not comparison.flag)
        effect = effect_of(comparison)
        if not math.isnan(effect.low):
            assert effect.low <= effect.estimate * (1 + 1e-9)
            assert effect.estimate * (1 - 1e-9) <= effect.high


def test_without_variation_there_is_no_effect_and_no_interval():
    effect = effect_of(compared("kruskal", [0, 1, 2], [4, 4, 4]))
    assert (effect.name, effect.method, effect.flag) == ("epsilon squared", "", "constant")
    assert all(math.isnan(value) for value in (effect.estimate, effect.low, effect.high))
    assert isinstance(effect, Effect)


def test_a_confidence_of_more_than_everything_is_refused():
    with pytest.raises(StudyError, match="confidence must lie between 0 and 1, for example 0.95; found 95"):
        effect_of(compared("kruskal", [0, 1], [1, 2]), confidence=95)


# --- the effect that a test would show


def test_eleven_untied_cases_show_a_correlation_of_eight_tenths_four_times_out_of_five():
    # A working paper on eleven cases: power .80 for a true correlation of .8, .63 for .7 (simulated)
    found = detectable_effect(compared("spearman", range(11), range(11)), alpha=0.05, seed=1)
    assert found.value == pytest.approx(0.8, abs=0.02)
    assert (found.what, found.method, found.flag) == ("correlation", "simulation=2000", "")
    less = detectable_effect(compared("spearman", range(11), range(11)), alpha=0.05, seed=1, power=0.63)
    assert less.value == pytest.approx(0.7, abs=0.03)


def test_the_detectable_odds_ratio_of_a_two_by_two_table_is_exact():
    comparison = from_table("fisher", [[4, 2], [1, 4]])
    found = detectable_effect(comparison, alpha=0.05, seed=1)
    # Under these margins (6 of 11, 5 of 11) only 5 or 0 in the first cell reach .05: p = 6/462 and 1/462.
    weights = [math.comb(6, x) * math.comb(5, 5 - x) * found.value**x for x in range(6)]
    either = [math.comb(6, x) * math.comb(5, 5 - x) * found.value**-x for x in range(6)]
    powers = [(part[0] + part[5]) / math.fsum(part) for part in (weights, either)]
    assert max(powers) == pytest.approx(0.8, abs=0.005)
    assert (found.what, found.method) == ("odds ratio", "exact_enumeration")


def test_a_test_that_cannot_reach_alpha_has_no_detectable_effect():
    found = detectable_effect(from_table("fisher", [[2, 6], [3, 0]]), alpha=0.05, seed=1)  # 8/3 against 5/6
    assert (math.isnan(found.value), found.flag) == (True, "detectable_none")
    assert detectable_effect(compared("kruskal", [0, 0], [1, 2]), alpha=0.05, seed=1).flag == "constant"


def test_more_cases_need_less_of_an_effect_and_groups_name_their_pattern():
    few, more = (
        detectable_effect(compared("rank_sum", [0, 1] * half, range(2 * half)), alpha=0.05, seed=2) for half in (5, 10)
    )
    assert more.value < few.value < 1
    many = detectable_effect(compared("kruskal", [0, 1, 2, 3] * 3, range(12)), alpha=0.05, seed=2)
    assert many.what == "share of variance between groups"
    assert 0.4 < many.value < 0.9
    cells = detectable_effect(from_table("fisher", [[3, 0], [1, 3], [1, 3]]), alpha=0.05, seed=2)
    assert cells.what == "odds ratio between two sets of levels"
    assert cells.value > 1


def test_the_odds_ratio_between_sets_of_levels_is_shown_four_times_out_of_five():
    table = np.array([[3, 1], [1, 2], [0, 4]])
    found = detectable_effect(from_table("fisher", table), alpha=0.05, seed=1).value
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    cells = [
        (a, b, columns[0] - a - b)
        for a in range(rows[0] + 1)
        for b in range(rows[1] + 1)
        if 0 <= columns[0] - a - b <= rows[2]
    ]
    ways = [math.prod(math.comb(n, x) for n, x in zip(rows.tolist(), first, strict=True)) for first in cells]
    p = [fisher_freeman_halton([[x, n - x] for n, x in zip(rows.tolist(), first, strict=True)]).p for first in cells]
    powers = []
    for inside in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)]:
        weights = [w * found ** float(np.dot(inside, first)) for w, first in zip(ways, cells, strict=True)]
        powers.append(math.fsum(w for w, one in zip(weights, p, strict=True) if one < 0.05) / math.fsum(weights))
    assert max(powers) == pytest.approx(0.8, abs=0.002)


def test_too_many_tables_to_list_are_flagged():
    comparison = compared("fisher", [k % 6 for k in range(30)], [k // 5 for k in range(30)])
    found = detectable_effect(comparison, alpha=0.05, seed=2)
    assert (math.isnan(found.value), found.flag) == (True, "detectable_too_many_tables")
