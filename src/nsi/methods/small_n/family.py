"""P values of a declared family of attributes, by the smallest p that joint permutations of the outcome bring.

Source: Westfall and Young (1993), Resampling-Based Multiple Testing, algorithm 2.8 (step-down, smallest p).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nsi.errors import StudyError
from nsi.methods.exact_tests import ALIKE
from nsi.methods.small_n.comparison import Comparison, Floats, Integers, Margin, margin_of
from nsi.methods.small_n.nulls import DRAWS, null_of, shuffled
from nsi.methods.small_n.scores import score, scores

MOST_JOINT = 20_000  # arrangements of the outcome that are all gone through


@dataclass(frozen=True, eq=False)
class Family:
    """Adjusted p values of a family.

    Attributes
    ----------
    p : array of float, shape (n_tests,)
        NaN where no test was possible.
    n_arrangements, draws : int
        Arrangements of the outcome gone through, or drawn; one of the two is 0.
    """

    p: Floats
    n_arrangements: int
    draws: int


def permutation_maximum(
    comparisons: Sequence[Comparison],
    outcome: Sequence[int],
    outcome_first: Sequence[bool],
    *,
    seed: int,
    draws: int = DRAWS,
) -> Family:
    """How often the best of all tests would do as well as each did, if the outcome were dealt at random.

    Parameters
    ----------
    comparisons : sequence of Comparison
        One for each attribute; the same cases in the same order, with the same outcome.
    outcome : sequence of int
        Places of the outcome's levels, case by case.
    outcome_first : sequence of bool
        For each comparison, whether the outcome is its first column.
    seed : int
        For drawing arrangements where there are more than `MOST_JOINT`.
    draws : int
        How many are drawn then.

    Returns
    -------
    Family
        Never below the p of the single test, up to what drawing brings.

    Raises
    ------
    StudyError
        If a comparison does not hold this outcome.
    """
    for comparison, first in zip(comparisons, outcome_first, strict=True):
        if tuple(outcome) != (comparison.first if first else comparison.second):
            raise StudyError("every comparison of a family must hold the same cases and outcome, in the same order")
    p = np.full(len(comparisons), np.nan)
    open_to_test = [k for k, comparison in enumerate(comparisons) if not comparison.flag]
    if not open_to_test:
        return Family(p, 0, 0)
    dealt, drawn = _dealt(outcome, seed, draws)
    seen, chance = [], []
    for k in open_to_test:
        one, at_random = _p_values(comparisons[k], dealt, outcome_first[k], seed)
        seen.append(one)
        chance.append(at_random)
    p[open_to_test] = _stepped_down(np.array(seen), np.array(chance), drawn)
    return Family(p, 0 if drawn else len(dealt), drawn)


def _dealt(outcome: Sequence[int], seed: int, draws: int) -> tuple[Integers, int]:
    margin, n = margin_of(outcome), len(outcome)
    if math.factorial(n) // math.prod(math.factorial(count) for count in margin) <= MOST_JOINT:
        return every_order(margin), 0
    return np.asarray(outcome, dtype=np.int64)[shuffled(n, draws, seed)], draws


def every_order(margin: Margin) -> Integers:
    """All ways to deal levels to cases, shape (n_arrangements, n_cases)."""
    rows, left = np.full((1, sum(margin)), -1, dtype=np.int64), sum(margin)
    for level, count in enumerate(margin):
        free = np.argsort(rows >= 0, axis=1, kind="stable")[:, :left]
        choices = np.array(list(itertools.combinations(range(left), count)), dtype=np.int64)
        places = free[:, choices].reshape(-1, count)
        rows = np.repeat(rows, len(choices), axis=0)
        np.put_along_axis(rows, places, level, axis=1)
        left -= count
    return rows


def _p_values(comparison: Comparison, dealt: Integers, outcome_first: bool, seed: int) -> tuple[float, Floats]:
    """P of the cases as they are, and p of each arrangement of the outcome."""
    null = null_of(comparison.test, comparison.margins, seed=seed)
    fixed = np.asarray([comparison.second if outcome_first else comparison.first], dtype=np.int64)
    sides = (dealt, fixed) if outcome_first else (fixed, dealt)
    found = null.at(scores(comparison.test, comparison.margins, *sides))
    return float(null.at(np.array([score(comparison)]))[0]), found


def _stepped_down(seen: Floats, chance: Floats, drawn: int) -> Floats:
    """From the smallest p on, compare each with the smallest that chance brings among it and those after it."""
    order = np.argsort(seen, kind="stable")
    smallest = np.minimum.accumulate(chance[order][::-1], axis=0)[::-1]
    as_small = (smallest <= seen[order][:, None] * ALIKE).sum(axis=1)
    share = (as_small + 1) / (drawn + 1) if drawn else as_small / chance.shape[1]
    adjusted = np.empty_like(seen)
    adjusted[order] = np.maximum.accumulate(share)
    return adjusted
