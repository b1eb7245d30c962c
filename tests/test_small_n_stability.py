"""A family of tests, one case less, one cell recoded: against going through everything by brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from nsi.errors import StudyError
from nsi.methods.exact_tests import holm
from nsi.methods.small_n import (
    compared,
    exact_test,
    from_table,
    leave_one_out,
    permutation_maximum,
    smallest_recoding,
)
from nsi.methods.small_n.family import every_order

SOME = settings(max_examples=20, deadline=None)
LEVELS = st.integers(min_value=0, max_value=2)
CASES = st.integers(min_value=4, max_value=5).flatmap(
    lambda n: st.lists(st.lists(LEVELS, min_size=n, max_size=n), min_size=3, max_size=3)
)


def p_of(test: str, first: object, second: object) -> float:
    return exact_test(compared(test, first, second)).p  # type: ignore[arg-type]


# --- family


@SOME
@given(CASES)
def test_the_permutation_maximum_is_that_of_every_permutation_of_the_outcome(columns):
    one, two, outcome = columns
    assume(min(len(set(side)) for side in columns) > 1)
    found = permutation_maximum(
        [compared("fisher", one, outcome), compared("kruskal", two, outcome)], compared("fisher", outcome, one).first,
        [False, False], seed=1,
    )  # fmt: skip
    seen = np.array([p_of("fisher", one, outcome), p_of("kruskal", two, outcome)])
    dealt = np.array([
        (p_of("fisher", one, order), p_of("kruskal", two, order)) for order in itertools.permutations(outcome)
    ])  # fmt: skip
    first, last = np.argsort(seen, kind="stable")
    expected = np.empty(2)
    expected[first] = (dealt.min(axis=1) <= seen[first] + 1e-9).mean()
    expected[last] = max(expected[first], float((dealt[:, last] <= seen[last] + 1e-9).mean()))
    assert found.p == pytest.approx(expected, abs=1e-12)
    assert (seen <= found.p + 1e-12).all()
    assert found.n_arrangements == len(set(itertools.permutations(outcome)))


def test_attributes_that_say_the_same_cost_nothing_where_holm_doubles():
    groups, outcome = [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1]
    twice = [compared("fisher", groups, outcome), compared("fisher", ["b", "b", "b", "b", "a", "a", "a", "a"], outcome)]
    p = exact_test(twice[0]).p
    assert p == pytest.approx(2 / 70)
    assert permutation_maximum(twice, outcome, [False, False], seed=1).p == pytest.approx([p, p])
    assert holm([p, p]) == pytest.approx([2 * p, 2 * p])


def test_the_outcome_may_be_the_groups_and_untestable_attributes_are_left_out():
    outcome, values = [0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6]
    family = permutation_maximum(
        [compared("rank_sum", outcome, values), compared("fisher", [0] * 6, outcome)], outcome, [True, False], seed=1
    )
    assert family.p[0] == pytest.approx(0.1)
    assert math.isnan(family.p[1])
    nothing = permutation_maximum([compared("fisher", [0] * 6, outcome)], outcome, [False], seed=1)
    assert (math.isnan(nothing.p[0]), nothing.n_arrangements, nothing.draws) == (True, 0, 0)


def test_many_arrangements_of_the_outcome_are_drawn_by_the_seed():
    comparisons = [compared("spearman", np.arange(11) * k % 11, range(11)) for k in (1, 2)]
    one, again = (permutation_maximum(comparisons, range(11), [False, False], seed=4) for _ in range(2))
    assert (one.draws, one.n_arrangements) == (9999, 0)
    assert one.p.tolist() == again.p.tolist()
    assert one.p[0] == pytest.approx(0.0001)


def test_comparisons_of_another_outcome_are_no_family():
    with pytest.raises(StudyError, match="every comparison of a family must hold the same cases and outcome, in the s"):
        permutation_maximum([compared("fisher", [0, 1, 1], [0, 1, 1])], [0, 0, 1], [False], seed=1)


def test_every_order_of_levels_comes_once():
    found = [tuple(row) for row in every_order((2, 1, 2)).tolist()]
    assert sorted(found) == sorted(set(itertools.permutations([0, 0, 1, 2, 2])))


# --- leave one case out


def test_each_case_is_left_out_in_turn():
    values, groups = [1, 2, 3, 4, 10, 9, 8, 2.5], list("aaaabbbb")
    found = leave_one_out(compared("rank_sum", groups, values), list("stuvwxyz"), alpha=0.05)
    assert found["case"].tolist() == list("stuvwxyz")
    for k in range(8):
        rest = [value for place, value in enumerate(values) if place != k]
        split = 3 if k < 4 else 4
        expected = stats.mannwhitneyu(rest[:split], rest[split:], method="exact").pvalue
        assert found["p"][k] == pytest.approx(expected)
    assert found.loc[found["changes"], "case"].tolist() == []
    clear = leave_one_out(compared("rank_sum", groups, [1, 2, 3, 4, 10, 9, 8, 7]), list("stuvwxyz"), alpha=0.03)
    assert clear["changes"].all()  # 2/70 with eight cases, 2/35 with seven
    assert clear["effect"].tolist() == [1.0] * 8


def test_the_effect_keeps_its_name_when_a_level_goes_with_its_only_case():
    comparison = from_table("fisher", [[1, 0], [2, 1], [0, 3]])
    found = leave_one_out(comparison, list("abcdefg"), alpha=0.05)
    assert found["effect"].between(0, 1).all()  # Cramer's V throughout, no odds ratio


def test_without_its_only_case_a_group_cannot_be_tested():
    found = leave_one_out(compared("rank_sum", [0, 1, 1, 1], [1, 2, 3, 4]), list("abcd"), alpha=0.6)
    assert found["p"].isna().tolist() == [True, False, False, False]
    assert found["changes"].tolist()[0]
    with pytest.raises(StudyError, match="4 cases need as many names; found 1"):
        leave_one_out(compared("rank_sum", [0, 1, 1, 1], [1, 2, 3, 4]), ["a"], alpha=0.05)


# --- recode cells


def brute(test: str, first: list[int], second: list[int], alpha: float, most: int) -> float:
    """Fewest cells whose recoding, to levels that occur, flips the conclusion: every choice of cells and levels."""
    concluded = p_of(test, first, second) < alpha
    sides, n = [sorted(set(first)), sorted(set(second))], len(first)
    for depth in range(1, most + 1):
        for cells in itertools.combinations(range(2 * n), depth):
            for new in itertools.product(*(sides[cell // n] for cell in cells)):
                both = [*first, *second]
                for cell, level in zip(cells, new, strict=True):
                    both[cell] = level
                if (p_of(test, both[:n], both[n:]) < alpha) != concluded:
                    return depth
    return math.nan


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(LEVELS, st.integers(0, 1)), min_size=6, max_size=7), st.sampled_from(["fisher", "kruskal"]))
def test_the_smallest_recoding_is_that_of_every_recoding(pairs, test):
    first, second = (compared(test, *zip(*pairs, strict=True)).first, compared(test, *zip(*pairs, strict=True)).second)
    assume(not compared(test, first, second).flag)
    found = smallest_recoding(compared(test, first, second), alpha=0.2, depth=2)
    assert found.n == pytest.approx(brute(test, list(first), list(second), 0.2, 2), nan_ok=True)


def test_the_cells_told_do_flip_the_conclusion():
    first, second = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1]
    found = smallest_recoding(compared("fisher", first, second), alpha=0.05)
    assert exact_test(compared("fisher", first, second)).p > 0.05
    assert (found.n, found.depth, len(found.changes)) == (1.0, 1, 1)
    (change,) = found.changes
    recoded = [list(first), list(second)]
    assert recoded[change.side][change.case] == change.old
    recoded[change.side][change.case] = int(change.new)
    assert p_of("fisher", *recoded) < 0.05


def test_a_measured_value_may_move_to_any_place_between_the_others():
    found = smallest_recoding(compared("spearman", range(9), range(9)), alpha=0.05, free=(True, True))
    (change,) = found.changes
    assert (change.case, change.side, change.old, change.new) == (0, 0, 0.0, 6.5)  # between the 7th and the 8th
    moved = [6.5, *range(1, 9)]
    nearer = [5.5, *range(1, 9)]
    assert p_of("spearman", nearer, range(9)) < 0.05 <= p_of("spearman", moved, range(9))


def test_what_is_beyond_the_search_is_undefined_and_says_how_far_it_went():
    comparison = compared("spearman", range(9), range(9))
    far = smallest_recoding(comparison, alpha=0.7, free=(True, True), depth=1)
    assert (math.isnan(far.n), far.changes, far.depth) == (True, (), 1)  # p is at most 0.3 after one move
    short = smallest_recoding(comparison, alpha=0.05, free=(True, True), budget=10)
    assert (math.isnan(short.n), short.changes, short.depth) == (True, (), 0)
