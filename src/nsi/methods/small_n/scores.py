"""How far an arrangement of the cases lies from what chance brings: one whole number each, larger is farther.

Whole numbers make equal arrangements equal on every machine. A table's score is the product of the factorials
of its cells, which is inverse to its probability under fixed margins.
"""

from __future__ import annotations

import math

import numpy as np

from nsi.methods.small_n.comparison import Comparison, Floats, Integers, Margin, double_ranks

FACTORIALS = np.array([float(math.factorial(count)) for count in range(61)])
BLOCK = 2**21  # numbers held at once


def scores(test: str, margins: tuple[Margin, Margin], first: Integers, second: Integers) -> Floats:
    """Score every arrangement.

    Parameters
    ----------
    test : str
        One of the tests of a comparison.
    margins : pair of tuples of int
        Cases per level of both columns.
    first, second : array of int, shape (n_arrangements, n_cases) or (1, n_cases)
        Places of levels; one of the two may be the same in all arrangements.

    Returns
    -------
    array of float, shape (n_arrangements,)
        Whole numbers.
    """
    scored = {
        "fisher": _table, "boschloo": _table, "rank_sum": _linear, "spearman": _linear, "kruskal": _squares,
        "jonckheere": _pairs,
    }[test]  # fmt: skip
    n_rows, n_cases = max(len(first), len(second)), first.shape[1]
    step = max(1, BLOCK // (n_cases**2 if test == "jonckheere" else n_cases))
    parts = [
        scored(margins, *(side[start : start + step] if len(side) > 1 else side for side in (first, second)))
        for start in range(0, n_rows, step)
    ]
    return np.concatenate(parts).astype(np.float64)


def score(comparison: Comparison) -> float:
    """Score of the cases as they are."""
    sides = (np.asarray([side], dtype=np.int64) for side in (comparison.first, comparison.second))
    return float(scores(comparison.test, comparison.margins, *sides)[0])


def group_factor(sizes: Margin) -> int:
    """Smallest number that each group size divides, which keeps sums of squares over sizes whole."""
    return math.lcm(*sizes)


def _table(margins: tuple[Margin, Margin], first: Integers, second: Integers) -> Floats:
    product = np.ones(max(len(first), len(second)))
    for row in range(len(margins[0])):
        inside = first == row
        for column in range(len(margins[1])):
            product *= FACTORIALS[(inside & (second == column)).sum(axis=1)]
    return product


def _linear(margins: tuple[Margin, Margin], first: Integers, second: Integers) -> Integers:
    one, two = (double_ranks(margin) for margin in margins)
    whole = int((one * np.asarray(margins[0])).sum()) * int((two * np.asarray(margins[1])).sum())
    return np.abs(first.shape[1] * (one[first] * two[second]).sum(axis=1) - whole)


def _squares(margins: tuple[Margin, Margin], first: Integers, second: Integers) -> Integers:
    ranks, factor = double_ranks(margins[1])[second], group_factor(margins[0])
    total = np.zeros(max(len(first), len(second)), dtype=np.int64)
    for group, size in enumerate(margins[0]):
        total += factor // size * (ranks * (first == group)).sum(axis=1) ** 2
    return total


def _pairs(margins: tuple[Margin, Margin], first: Integers, second: Integers) -> Integers:
    one, two = (np.sign(side[:, :, None] - side[:, None, :]).astype(np.int64) for side in (first, second))
    return np.abs((one * two).sum(axis=(1, 2))) // 2
