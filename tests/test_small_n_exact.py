"""Exact tests: against every permutation, against scipy, against published tables, and what they refuse."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from nsi.errors import StudyError
from nsi.methods.exact_tests import fisher_exact
from nsi.methods.small_n import (
    compared,
    exact_test,
    fisher_freeman_halton,
    from_table,
    jonckheere_exact,
    kruskal_exact,
    mean_difference_exact,
    null_of,
    nulls,
    rank_sum_exact,
    spearman_exact,
)
from nsi.methods.small_n.comparison import margin_of

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
PERMUTED = ("fisher", "rank_sum", "kruskal", "spearman", "jonckheere")
LEVELS = st.integers(min_value=0, max_value=3)
COLUMNS = st.integers(min_value=2, max_value=6).flatmap(
    lambda n: st.tuples(st.lists(LEVELS, min_size=n, max_size=n), st.lists(LEVELS, min_size=n, max_size=n))
)


def distance(test: str, first: Sequence[int], second: Sequence[int]) -> float:
    """How far from chance an arrangement lies, by the textbook definition of each test."""
    n = len(first)
    ranks = stats.rankdata(second)
    if test == "fisher":
        cells = Counter(zip(first, second, strict=True))
        margins = [*Counter(first).values(), *Counter(second).values()]
        up = math.prod(math.factorial(k) for k in margins)
        return -up / math.factorial(n) / math.prod(math.factorial(k) for k in cells.values())
    if test == "rank_sum":
        low = [rank for rank, group in zip(ranks, first, strict=True) if group == min(first)]
        return abs(sum(low) - len(low) * (n + 1) / 2)
    if test == "kruskal":
        sums = [ranks[np.array(first) == group] for group in sorted(set(first))]
        return float(sum(part.sum() ** 2 / len(part) for part in sums))
    if test == "spearman":
        return abs(float((stats.rankdata(first) * ranks).sum()) - n * (n + 1) ** 2 / 4)
    pairs = [(i, k) for i in range(n) for k in range(n) if first[i] < first[k]]
    j = sum((second[i] < second[k]) + (second[i] == second[k]) / 2 for i, k in pairs)
    return abs(j - len(pairs) / 2)


def by_every_permutation(test: str, first: Sequence[int], second: Sequence[int]) -> tuple[float, float]:
    """P, and the smallest that there is, going through all n! orders."""
    all_of_them = np.array([distance(test, first, order) for order in itertools.permutations(second)])
    seen, most = distance(test, first, second), float(all_of_them.max())
    return (
        float((all_of_them >= seen - 1e-9 * max(1.0, abs(seen))).mean()),
        float((all_of_them >= most - 1e-9 * max(1.0, abs(most))).mean()),
    )


@pytest.mark.parametrize("test", PERMUTED)
@SLOW
@given(COLUMNS)
def test_p_and_the_smallest_p_are_those_of_every_permutation(test, columns):
    first, second = columns
    comparison = compared(test, first, second)
    assume(not comparison.flag)
    found = exact_test(comparison)
    assert (found.p, found.p_min) == pytest.approx(by_every_permutation(test, first, second), abs=1e-12)


@pytest.mark.parametrize("test", PERMUTED)
def test_seven_cases_with_ties_and_groups_of_one_go_through_5040_permutations(test):
    first = [0, 0, 0, 1, 1, 1, 1] if test == "rank_sum" else [0, 0, 0, 1, 1, 2, 3]
    second = [1, 3, 3, 5, 2, 5, 4]
    found = exact_test(compared(test, first, second))
    assert (found.p, found.p_min) == pytest.approx(by_every_permutation(test, first, second), abs=1e-12)


@pytest.mark.parametrize("test", [*PERMUTED, "boschloo"])
@SLOW
@given(COLUMNS)
def test_p_lies_between_the_smallest_and_1(test, columns):
    comparison = compared(test, *columns)
    assume(not comparison.flag)
    found = exact_test(comparison)
    assert 0 < found.p_min <= found.p <= 1


@SLOW
@given(COLUMNS, st.permutations(range(4)), st.permutations(range(4)), st.randoms(use_true_random=False))
def test_nothing_depends_on_what_levels_are_called_or_in_which_order_cases_stand(columns, one, two, chance):
    first, second = columns
    order = list(range(len(first)))
    chance.shuffle(order)
    assume(not compared("fisher", first, second).flag)
    told = exact_test(compared("fisher", [f"level {one[first[k]]}" for k in order], [two[second[k]] for k in order]))
    assert told.p == pytest.approx(exact_test(compared("fisher", first, second)).p, abs=1e-12)
    stretched = [10 * second[k] ** 3 - 7 for k in order]  # ranks know order only
    again = exact_test(compared("kruskal", [one[first[k]] for k in order], stretched))
    assert again.p == pytest.approx(exact_test(compared("kruskal", first, second)).p, abs=1e-12)


CELL = st.integers(min_value=0, max_value=7)


@given(CELL, CELL, CELL, CELL)
@SLOW
def test_a_two_by_two_table_gives_fishers_p(a, b, c, d):
    found = fisher_freeman_halton([[a, b], [c, d]])
    if found.flag:
        assert math.isnan(found.p)
    else:
        assert found.p == pytest.approx(fisher_exact(a, b, c, d), rel=1e-9)
        assert found.p == pytest.approx(stats.fisher_exact([[a, b], [c, d]]).pvalue, rel=1e-6)


@SLOW
@given(st.lists(st.integers(0, 10_000), min_size=4, max_size=14, unique=True), st.integers(1, 3))
def test_the_rank_sum_is_that_of_scipy_where_there_are_no_ties(values, size):
    groups = [0] * size + [1] * (len(values) - size)
    expected = stats.mannwhitneyu(values[:size], values[size:], method="exact")
    found = rank_sum_exact(values, groups)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


@SLOW
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=4, max_size=12))
def test_the_statistics_are_those_of_scipy(pairs):
    values, groups = (list(side) for side in zip(*pairs, strict=True))
    assume(min(len(set(values)), len(set(groups))) > 1)
    parts = [[v for v, g in pairs if g == group] for group in sorted(set(groups))]
    assert kruskal_exact(values, groups).statistic == pytest.approx(stats.kruskal(*parts).statistic, abs=1e-9)
    assert spearman_exact(values, groups).statistic == pytest.approx(stats.spearmanr(values, groups)[0], abs=1e-9)


def test_kruskal_of_two_groups_is_the_rank_sum_and_jonckheere_of_two_groups_too():
    values, groups = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3], [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    p = rank_sum_exact(values, groups).p
    assert kruskal_exact(values, groups).p == pytest.approx(p, abs=1e-12)
    assert jonckheere_exact(values, groups).p == pytest.approx(p, abs=1e-12)


def test_a_p_that_equals_the_level_is_not_below_it():
    assert rank_sum_exact(range(6), [0, 0, 0, 1, 1, 1]).p == 0.1  # 2 of 20, to the last bit
    assert fisher_freeman_halton([[3, 0], [0, 3]]).p == 0.1
    assert kruskal_exact(range(6), [0, 0, 0, 1, 1, 1]).p == 0.1
    assert fisher_freeman_halton([[1, 0], [0, 19]]).p == 0.05


def test_jonckheere_counts_pairs_that_rise_and_halves_for_ties():
    found = jonckheere_exact([1, 2, 2, 3, 4], ["a", "a", "b", "b", "c"])
    assert found.statistic == 7.5  # of 8 pairs of different groups 7 rise, and 2 with 2 is a tie
    assert jonckheere_exact(range(5), range(5)).p == pytest.approx(2 / 120)  # straight up or straight down


def test_eleven_cases_in_untied_order_are_enumerated_in_full():
    found = spearman_exact(range(11), [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9])
    assert found.n_arrangements == math.factorial(11)
    assert found.p_min == pytest.approx(2 / math.factorial(11))


# Smallest p that any arrangement of 11 cases could reach, by the margins of five design variables and by how many
# cases are strong: the table of a working paper on the published study of eleven cases.
ATTAINABLE = {
    "hub 5/3/2/1": ((5, 3, 2, 1), (0.018, 0.012, 0.003, 0.004, 0.004)),
    "aim 8/2/1": ((8, 2, 1), (0.018, 0.006, 0.024, 0.061, 0.061)),
    "spread 8/3": ((8, 3), (0.055, 0.006, 0.024, 0.061, 0.061)),
    "prior relation 7/4": ((7, 4), (0.109, 0.024, 0.003, 0.015, 0.015)),
    "launch 4/1/3/3": ((4, 1, 3, 3), (0.218, 0.012, 0.009, 0.002, 0.002)),
}


@pytest.mark.parametrize(("margin", "published"), ATTAINABLE.values(), ids=ATTAINABLE)
def test_the_smallest_attainable_p_is_the_published_one(margin, published):
    found = [null_of("fisher", (margin, (strong, 11 - strong))).smallest for strong in range(2, 7)]
    assert [round(p, 3) for p in found] == list(published)


# --- nothing to test, too much to count, nonsense


@pytest.mark.parametrize(
    ("found", "flag"),
    [
        (lambda: kruskal_exact([1, 2, 3], ["a", "a", "a"]), "constant"),
        (lambda: spearman_exact([1, 1, 1], [1, 2, 3]), "constant"),
        (lambda: fisher_freeman_halton([[3, 0], [4, 0]]), "constant"),
        (lambda: fisher_freeman_halton([[1, 0], [0, 0]]), "too_few_cases"),
        (lambda: rank_sum_exact([1, 2, 3], ["a", "b", "c"]), "not_two_groups"),
    ],
)
def test_what_cannot_be_tested_is_undefined_with_a_flag(found, flag):
    result = found()
    assert result.flag == flag
    assert math.isnan(result.p)
    assert math.isnan(result.p_min)
    assert math.isnan(result.statistic)


def test_too_many_arrangements_need_a_seed_and_are_named_as_drawn():
    values, groups = list(range(24)), [k % 4 for k in range(24)]
    with pytest.raises(StudyError, match=r"the exact distribution would take about [\d,]+ steps, [\d,]+ are allowed; "):
        kruskal_exact(values, groups)
    drawn = kruskal_exact(values, groups, seed=3)
    assert (drawn.flag, drawn.draws, drawn.n_arrangements) == ("monte_carlo=9999", 9999, 0)
    assert math.isnan(drawn.p_min)
    assert drawn.p == pytest.approx(stats.kruskal(*[values[k::4] for k in range(4)]).pvalue, abs=0.03)
    assert drawn.p == kruskal_exact(values, groups, seed=3).p


def test_drawn_arrangements_come_close_to_all_of_them(monkeypatch):
    comparison = compared("kruskal", [0, 0, 0, 1, 1, 1, 2, 2, 2], [3, 1, 4, 1, 5, 9, 2, 6, 5])
    exact = exact_test(comparison).p
    monkeypatch.setattr("nsi.methods.small_n.distributions.MOST_MOVES", 1)
    nulls._exact.cache_clear()
    drawn = exact_test(comparison, seed=8)
    assert drawn.flag == "monte_carlo=9999"
    assert drawn.p == pytest.approx(exact, abs=0.02)


def test_the_smallest_p_of_ranks_is_known_even_where_arrangements_are_drawn():
    for margins in (((1,) * 8, (1,) * 8), ((3, 5), (2, 1, 1, 4)), ((2, 2, 2), (1, 4, 1))):
        drawn = nulls._drawn("spearman", margins, 1, 99)
        assert drawn.smallest == pytest.approx(null_of("spearman", margins).smallest, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: compared("t", [1], [2]), r"there is no small-N test 't'; there are fisher, boschloo, rank_sum"),
        (lambda: compared("kruskal", [1, 2], [1]), "both columns must hold the same cases; found 2 and 1"),
        (
            lambda: compared("kruskal", [1.0, np.nan], [1, 2]),
            "the first column lacks a value at place 1; leave such cases out first",
        ),
        (lambda: compared("spearman", range(61), range(61)), "these tests are for few cases, up to 60; found 61"),
        (lambda: fisher_freeman_halton([[1, -1], [2, 2]]), r"whole numbers from 0 up; found \[\[1, -1\], \[2, 2\]\]"),
        (lambda: from_table("fisher", [1, 2]), r"a table needs rows and columns of whole numbers"),
        (lambda: mean_difference_exact([1, np.inf], [0, 1]), "2 values need as many groups, found 2, and no gap"),
        (lambda: mean_difference_exact(range(40), [0, 1] * 20), r"40 cases can be divided in 137,846,528,820 ways"),
    ],
)
def test_nonsense_is_refused_in_words(call, told):
    with pytest.raises(StudyError, match=told):
        call()


@SLOW
@given(st.lists(st.integers(-9, 9), min_size=4, max_size=8), st.integers(1, 3))
def test_the_difference_of_means_is_that_of_scipys_permutation_test(values, size):
    groups = ["a"] * size + ["b"] * (len(values) - size)
    scaled = np.array(values, dtype=float)

    def gap(one: np.ndarray, two: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(one.mean(axis=axis) - two.mean(axis=axis))

    assume(min(size, len(values) - size) > 1)
    expected = stats.permutation_test(
        (scaled[:size], scaled[size:]), gap, vectorized=True, alternative="greater", n_resamples=np.inf
    )
    assert mean_difference_exact(values, groups) == pytest.approx(expected.pvalue, abs=1e-12)
    assert math.isnan(mean_difference_exact([1, 2], ["a", "a"]))


def test_margins_count_every_level():
    assert margin_of([0, 2, 2, 1]) == (1, 1, 2)
    assert compared("fisher", ["b", "a", "b"], [9, 9, 3]).table.tolist() == [[0, 1], [1, 1]]
