"""Likeness of units of one case: the intraclass correlation of equal groups, with an exact test where it can be had."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.between_cases import between_cases
from nsi.methods.groups import icc


def compare(values, cases, kind="nominal", draws=500, seed=7):
    return between_cases(pd.Series(values), pd.Series(cases), kind=kind, permutations=draws, seed=seed)


def test_of_numbers_in_equal_groups_it_is_the_intraclass_correlation():
    rng = np.random.Generator(np.random.PCG64(3))
    cases = pd.Series(np.repeat(list("abcdef"), 5))
    values = pd.Series(rng.normal(size=30) + np.repeat(rng.normal(size=6), 5))
    found = between_cases(values, cases, kind="interval", permutations=1, seed=1)
    assert found.likeness == pytest.approx(icc(values, cases).icc1, rel=1e-12)


def test_units_of_a_case_that_are_all_equal_and_unlike_others_have_likeness_1():
    assert compare(["x", "x", "y", "y"], ["a", "a", "b", "b"]).likeness == 1


def test_by_hand_for_five_units():
    # Pairs within a case: xx yz -> one of two differs. Pairs across: x y, x z, x y, x z and those with the fifth.
    found = compare(["x", "x", "y", "z", "y"], ["a", "a", "b", "b", "c"])
    assert found.likeness == pytest.approx(1 - (1 / 2) / (7 / 8))
    assert (found.n, found.n_cases, found.n_pairs, found.flag) == (5, 3, 2, "")


def test_p_is_that_of_all_arrangements():
    values, cases = ["x", "x", "x", "y", "y", "z"], ["a", "a", "b", "b", "c", "c"]
    seen = [compare(order, cases, draws=1).likeness for order in set(permutations(values))]
    exact = np.mean([one >= compare(values, cases, draws=1).likeness - 1e-12 for one in seen])
    assert compare(values, cases, draws=6000).p == pytest.approx(exact, abs=0.02)


def test_the_same_seed_gives_the_same_p_and_missing_values_do_not_count():
    values, cases = ["x", "y", "x", "y", None], ["a", "a", "b", "b", "b"]
    assert compare(values, cases) == compare(values, cases) == compare(values[:4], cases[:4])


@pytest.mark.parametrize(
    ("values", "cases", "flag"),
    [
        (["x", "y"], ["a", "a"], "one_case"),
        (["x", "x"], ["a", "b"], "constant"),
        (["x", "y"], ["a", "b"], "no_pairs_within_cases"),
    ],
)
def test_what_is_undefined_is_missing_with_its_reason(values, cases, flag):
    found = compare(values, cases)
    assert found.flag == flag
    assert np.isnan([found.likeness, found.p, found.null_high]).all()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"kind": "ordinal"}, "kind is 'ordinal', allowed are nominal, interval"),
        ({"draws": 0}, "needs at least 1 permutation; found 0"),
        ({"cases": ["a", None]}, "1 units have no case"),
    ],
)
def test_what_cannot_be_compared_is_refused(how, message):
    with pytest.raises(StudyError, match=message):
        compare(**({"values": ["x", "y"], "cases": ["a", "b"]} | how))
