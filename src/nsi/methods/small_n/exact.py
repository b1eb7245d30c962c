"""Exact tests of two columns of few cases, each with the smallest p that it could have reached.

All are two-sided and condition on both margins (Boschloo's on one). Ties are mid-ranks; groups of one are
welcome. Where counting all arrangements would take too long, an error says so, unless a seed is given:
then arrangements are drawn, and the result says how many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nsi.errors import StudyError
from nsi.methods.exact_tests import fisher_exact
from nsi.methods.small_n.comparison import TESTS, Comparison, compared, double_ranks
from nsi.methods.small_n.effects import effect_estimate
from nsi.methods.small_n.nulls import null_of
from nsi.methods.small_n.scores import group_factor, score

Values = ArrayLike | Sequence[Any]


@dataclass(frozen=True)
class ExactTest:
    """One test of one comparison.

    Attributes
    ----------
    test, statistic_name : str
        Which test, and what its statistic is.
    n : int
        Cases.
    statistic, p, p_min : float
        Statistic, two-sided p, and the smallest p that any arrangement with these margins could reach.
        NaN where no test is possible; p_min also where arrangements of groups or tables were drawn.
    n_arrangements, draws : int
        Equally probable arrangements with both margins as they are (Boschloo's test has more), counted or drawn;
        one of the two is 0.
    flag : str
        too_few_cases, constant (a column has one level), not_two_groups, not_two_by_two, monte_carlo=<draws>,
        or "".
    """

    test: str
    statistic_name: str
    n: int
    statistic: float
    p: float
    p_min: float
    n_arrangements: int
    draws: int
    flag: str


def exact_test(comparison: Comparison, *, seed: int | None = None) -> ExactTest:
    """Test a comparison by its own test.

    Parameters
    ----------
    comparison : Comparison
        From `compared`.
    seed : int, optional
        For drawing arrangements where all are too many to count.

    Returns
    -------
    ExactTest

    Raises
    ------
    StudyError
        If all arrangements are too many to count and no seed is given.
    """
    name = TESTS[comparison.test]
    if comparison.flag:
        nan = float("nan")
        return ExactTest(comparison.test, name, comparison.n, nan, nan, nan, 0, 0, comparison.flag)
    null = null_of(comparison.test, comparison.margins, seed=seed)
    p = float(null.at(np.array([score(comparison)]))[0])
    flag = f"monte_carlo={null.draws}" if null.draws else ""
    counted = (null.smallest, null.n_arrangements, null.draws, flag)
    return ExactTest(comparison.test, name, comparison.n, _statistic(comparison), p, *counted)


def fisher_freeman_halton(table: ArrayLike, *, seed: int | None = None) -> ExactTest:
    """Fisher's exact test of a table of any shape: all tables with these margins that are no more probable.

    Parameters
    ----------
    table : array-like of int, shape (n_rows, n_columns)
        Counts. Empty rows and columns are left out.
    seed : int, optional
        For drawing where there are too many tables.

    Returns
    -------
    ExactTest

    Raises
    ------
    StudyError
        If a cell is negative or not a whole number, or there are too many cases or tables.

    Source: Freeman and Halton (1951), Biometrika 38.
    """
    return exact_test(from_table("fisher", table), seed=seed)


def boschloo(table: ArrayLike) -> ExactTest:
    """Boschloo's test of a two-by-two table; rows are the groups. See `boschloo_exact`."""
    return exact_test(from_table("boschloo", table))


def rank_sum_exact(values: Values, groups: Values, *, seed: int | None = None) -> ExactTest:
    """Exact Mann-Whitney (rank-sum) test of two groups; the statistic is U of the group that sorts first."""
    return exact_test(compared("rank_sum", groups, values), seed=seed)


def kruskal_exact(values: Values, groups: Values, *, seed: int | None = None) -> ExactTest:
    """Exact permutation test of Kruskal and Wallis' H, corrected for ties."""
    return exact_test(compared("kruskal", groups, values), seed=seed)


def spearman_exact(first: Values, second: Values, *, seed: int | None = None) -> ExactTest:
    """Exact permutation test of Spearman's rho: arrangements with |rho| at least as large."""
    return exact_test(compared("spearman", first, second), seed=seed)


def jonckheere_exact(values: Values, groups: Values, *, seed: int | None = None) -> ExactTest:
    """Exact test of Jonckheere and Terpstra: do values rise, or fall, over ordered groups.

    J counts, over pairs of cases of different groups, those in which the later group is higher; ties one half.
    """
    return exact_test(compared("jonckheere", groups, values), seed=seed)


def from_table(test: str, table: ArrayLike) -> Comparison:
    """Cases of a table of counts, one by one.

    Raises
    ------
    StudyError
        If the table is not two-dimensional or a cell is negative or not a whole number.
    """
    cells = np.asarray(table)
    if cells.ndim != 2 or cells.dtype.kind not in "iu" or (cells < 0).any():
        raise StudyError(
            f"a table needs rows and columns of whole numbers from 0 up; found {cells.tolist()}; count again"
        )
    rows, columns = np.nonzero(cells)
    times = cells[rows, columns]
    return compared(test, np.repeat(rows, times), np.repeat(columns, times))


def _statistic(comparison: Comparison) -> float:
    (sizes, levels), n, scored = comparison.margins, comparison.n, score(comparison)
    if comparison.test == "fisher":
        whole = math.prod(math.factorial(count) for count in (*sizes, *levels))
        return whole / math.factorial(n) / scored
    if comparison.test == "boschloo":
        return fisher_exact(*comparison.table.ravel().tolist())
    if comparison.test == "spearman":
        return effect_estimate(comparison)
    ranks = double_ranks(levels)[list(comparison.second)]
    if comparison.test == "rank_sum":
        return float(ranks[np.asarray(comparison.first) == 0].sum() - sizes[0] * (sizes[0] + 1)) / 2
    if comparison.test == "kruskal":
        return kruskal_h(scored, sizes, levels)
    first, second = (np.asarray(side) for side in (comparison.first, comparison.second))
    later = first[:, None] < first[None, :]
    return float((later * (np.sign(second[None, :] - second[:, None]) + 1)).sum()) / 2


def kruskal_h(scored: float, sizes: tuple[int, ...], levels: tuple[int, ...]) -> float:
    """H of Kruskal and Wallis, corrected for ties, from the score of an arrangement."""
    n = sum(sizes)
    squares = scored / group_factor(sizes) / 4
    ties = 1 - sum(count**3 - count for count in levels) / (n**3 - n)
    return (12 / (n * (n + 1)) * squares - 3 * (n + 1)) / ties
