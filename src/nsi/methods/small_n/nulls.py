"""The p of every score that a comparison can have, exact, or by arrangements drawn at random."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nsi.errors import StudyError
from nsi.methods.exact_tests import ALIKE
from nsi.methods.small_n.boschloo import boschloo_exact, boschloo_smallest
from nsi.methods.small_n.comparison import TABLES, Floats, Integers, Margin
from nsi.methods.small_n.distributions import (
    Distribution,
    group_distribution,
    linear_distribution,
    table_distribution,
)
from nsi.methods.small_n.scores import FACTORIALS, scores

DRAWS = 9_999  # with the arrangement seen, 10,000: p comes in steps of 0.0001


@dataclass(frozen=True, eq=False)
class Null:
    """What arrangements with the same margins score.

    Attributes
    ----------
    scores : array of float, shape (n_scores,)
        Ascending.
    p : array of float, shape (n_scores + 1,)
        Share of arrangements that score at least as much; the last for a score beyond all.
    smallest : float
        Smallest p that any arrangement could reach; NaN where arrangements were drawn, unless the farthest is known.
    n_arrangements : int
        Arrangements counted; 0 where they were drawn.
    draws : int
        Arrangements drawn; 0 where all were counted.
    alike : float
        Scores that differ by no more than this ratio are equal.
    """

    scores: Floats
    p: Floats
    smallest: float
    n_arrangements: int
    draws: int
    alike: float

    def at(self, found: Floats) -> Floats:
        """P of each score; shape as given."""
        return self.p[np.searchsorted(self.scores, found / self.alike)]

    def reached(self, alpha: float) -> float:
        """Smallest score whose p is below alpha; infinite where none is."""
        below = np.flatnonzero(self.p[:-1] < alpha)
        return float(self.scores[below[0]]) if len(below) else math.inf


def null_of(test: str, margins: tuple[Margin, Margin], *, seed: int | None = None, draws: int = DRAWS) -> Null:
    """Null distribution of a test under fixed margins.

    Parameters
    ----------
    test : str
        One of the tests of a comparison.
    margins : pair of tuples of int
        Cases per level of both columns, two levels at least on each side.
    seed : int, optional
        Where counting all arrangements would take too long, draw them with this seed.
    draws : int
        How many to draw then.

    Returns
    -------
    Null

    Raises
    ------
    StudyError
        If all arrangements cannot be counted and no seed is given.
    """
    try:
        return _exact(test, margins)
    except StudyError:
        if seed is None:
            raise
        return _drawn(test, margins, seed, draws)


def arrangements(margins: tuple[Margin, Margin]) -> int:
    """Number of equally probable arrangements: ways to deal the levels of the side that has fewer ways."""
    n = math.factorial(sum(margins[0]))
    return min(n // math.prod(math.factorial(count) for count in margin) for margin in margins)


def shuffled(n: int, draws: int, seed: int) -> Integers:
    """Orders of n cases drawn at random, shape (draws, n)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    return generator.permuted(np.tile(np.arange(n), (draws, 1)), axis=1).astype(np.int64)


@lru_cache(maxsize=2048)
def _exact(test: str, margins: tuple[Margin, Margin]) -> Null:
    scored, ways = _distribution(test, margins)
    # Counts are added before they are divided, so that one in twenty is 0.05 and not a little less.
    above = np.append(np.cumsum(ways[::-1])[::-1], 0.0)
    p = above / above[0]
    alike = ALIKE if test in TABLES else 1.0
    if test in TABLES:  # tables that are alike in probability count together
        p[:-1] = p[np.searchsorted(scored, scored / ALIKE)]
    smallest = float(p[-2])
    if test == "boschloo":
        p, smallest = _boschloo(margins, scored), boschloo_smallest((margins[0][0], margins[0][1]))
    return Null(scored, p, smallest, arrangements(margins), 0, alike)


def _distribution(test: str, margins: tuple[Margin, Margin]) -> Distribution:
    if test in TABLES:
        return table_distribution(margins)
    if test in ("rank_sum", "spearman"):
        return linear_distribution(margins)
    return group_distribution(margins, ordered=test == "jonckheere")


def _boschloo(margins: tuple[Margin, Margin], scored: Floats) -> Floats:
    """Boschloo's p for each score of the tables with both margins as they are."""
    (first, second), (with_it, _) = margins
    p = np.zeros(len(scored) + 1)
    for a in range(max(0, with_it - second), min(first, with_it) + 1):
        c = with_it - a
        product = float(np.prod(FACTORIALS[[a, first - a, c, second - c]]))
        p[np.searchsorted(scored, product / ALIKE)] = boschloo_exact((a, first - a), (c, second - c))
    return p


@lru_cache(maxsize=512)
def _drawn(test: str, margins: tuple[Margin, Margin], seed: int, draws: int) -> Null:
    first, second = (np.repeat(np.arange(len(margin)), margin) for margin in margins)
    dealt = scores(test, margins, first[None, :], second[shuffled(len(second), draws, seed)])
    scored, counts = np.unique(dealt, return_counts=True)
    above = np.append(np.cumsum(counts[::-1])[::-1], 0)
    # The arrangement seen is one of those that chance could have brought: Phipson and Smyth (2010).
    smallest = _linear_smallest(margins) if test in ("rank_sum", "spearman") else float("nan")
    return Null(scored, (above + 1) / (draws + 1), smallest, 0, draws, ALIKE if test in TABLES else 1.0)


def _linear_smallest(margins: tuple[Margin, Margin]) -> float:
    """Probability of the arrangements farthest from chance: both columns in one order, or in opposite orders.

    Only one table has them in one order, so that its probability under the margins is all there is to count.
    """
    first, second = (np.repeat(np.arange(len(margin)), margin) for margin in margins)
    far, n = [], math.factorial(len(first))
    for other in (second, second[::-1]):
        cells = np.bincount(first * len(margins[1]) + other)
        ways = math.prod(math.factorial(count) for margin in margins for count in margin)
        share = ways / n / math.prod(math.factorial(count) for count in cells.tolist())
        far.append((float(scores("spearman", margins, first[None, :], other[None, :])[0]), share))
    return float(np.array([share for found, share in far if found == max(far)[0]]).sum())
