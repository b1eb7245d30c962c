"""Boschloo's test of a two-by-two table: Fisher's p as the statistic, without fixing the second margin.

Never less powerful than Fisher's test. Source: Boschloo (1970), Statistica Neerlandica 24.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from nsi.errors import StudyError, listed
from nsi.methods.exact_tests import ALIKE, fisher_exact
from nsi.methods.small_n.comparison import Floats, check_cases

ALTERNATIVES = ("two-sided", "less", "greater")
GRID, ZOOMS = 1001, 7  # the tail is a polynomial of low degree: a fine grid, then ten times finer around its top


def boschloo_exact(first: tuple[int, int], second: tuple[int, int], *, alternative: str = "two-sided") -> float:
    """P of Boschloo's test: at most this probable are tables as odd, whatever the common share of successes.

    Parameters
    ----------
    first, second : pair of int
        Rows of the table: cases of each group with and without. The sizes of the groups are taken as fixed.
    alternative : str
        two-sided (by Fisher's two-sided p), less or greater (of the share in the first group).

    Returns
    -------
    float
        From above 0 to 1, never above Fisher's p. NaN where a row is empty.

    Raises
    ------
    StudyError
        If a cell is no count, the alternative is unknown or there are too many cases.
    """
    if alternative not in ALTERNATIVES:
        raise StudyError(f"alternative is {alternative!r}, allowed are {listed(ALTERNATIVES)}; name one of these")
    fisher_exact(*first, *second)  # which refuses what is no count
    check_cases(sum(first) + sum(second))
    sizes = sum(first), sum(second)
    if not min(sizes):
        return float("nan")
    return _p_of(float(_statistics(*sizes, alternative)[first[0], second[0]]), *sizes, alternative)


def boschloo_smallest(sizes: tuple[int, int]) -> float:
    """Smallest p that any table with groups of these sizes could reach; NaN where a group is empty."""
    if not min(sizes):
        return float("nan")
    return _p_of(float(_statistics(*sizes, "two-sided").min()), *sizes, "two-sided")


@lru_cache(maxsize=256)
def _statistics(n_first: int, n_second: int, alternative: str) -> Floats:
    """Fisher's p of every table, shape (n_first + 1, n_second + 1)."""
    return np.array([
        [_statistic(a, n_first - a, c, n_second - c, alternative) for c in range(n_second + 1)]
        for a in range(n_first + 1)
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def _p_of(statistic: float, n_first: int, n_second: int, alternative: str) -> float:
    """Largest probability, over all common shares, of tables with a statistic no larger."""
    weights = np.zeros(n_first + n_second + 1)
    for a, c in np.argwhere(_statistics(n_first, n_second, alternative) <= statistic * ALIKE).tolist():
        weights[a + c] += float(math.comb(n_first, a) * math.comb(n_second, c))
    return _largest(weights)


def _statistic(a: int, b: int, c: int, d: int, alternative: str) -> float:
    if alternative == "two-sided":
        return fisher_exact(a, b, c, d)
    if alternative == "less":
        a, b, c, d = b, a, d, c
    row, column, n = a + b, a + c, a + b + c + d
    tail = [math.comb(row, x) * math.comb(n - row, column - x) for x in range(a, min(row, column) + 1)]
    return sum(tail) / math.comb(n, column)


def _largest(weights: Floats) -> float:
    """Largest value of sum(weights_k share^k (1 - share)^(n - k)) over shares from 0 to 1."""
    shares = np.linspace(0.0, 1.0, GRID)
    best = np.sort(np.argsort(-_tail(weights, shares), kind="stable")[:5])
    top = 0.0
    for centre in shares[best]:
        width, middle = 1 / (GRID - 1), float(centre)
        for _ in range(ZOOMS):
            near = np.clip(np.linspace(middle - width, middle + width, 21), 0.0, 1.0)
            values = _tail(weights, near)
            middle, width = float(near[int(np.argmax(values))]), width / 10
            top = max(top, float(values.max()))
    return min(1.0, top)


def _tail(weights: Floats, shares: Floats) -> Floats:
    n = len(weights) - 1
    total = np.zeros_like(shares)
    for k, weight in enumerate(weights):
        total += weight * shares**k * (1 - shares) ** (n - k)
    return total
