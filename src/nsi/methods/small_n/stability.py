"""What one case, or one cell, does to a conclusion: leave one case out, and the smallest recoding that flips it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.small_n.comparison import TABLES, Comparison, Margin, dense
from nsi.methods.small_n.distributions import MOST_MOVES, MOST_STEPS, group_steps, linear_steps
from nsi.methods.small_n.effects import effect_estimate, effect_name
from nsi.methods.small_n.nulls import null_of
from nsi.methods.small_n.scores import score

DEPTH = 3  # recoded cells: more than three of a few cases is another study
DRAWN = 200
BUDGET = 10_000  # codings tried; each new null distribution costs as many as take its time


@dataclass(frozen=True)
class Change:
    """One recoded cell.

    Attributes
    ----------
    case : int
        Place of the case.
    side : int
        0 for the first column, 1 for the second.
    old, new : float
        Places of levels; a half is between two levels, or beyond the ends.
    """

    case: int
    side: int
    old: float
    new: float


@dataclass(frozen=True)
class Recoding:
    """The smallest recoding that changes a conclusion.

    Attributes
    ----------
    n : float
        Recoded cells; NaN where none of up to `depth` cells changes it, or none was searched for.
    changes : tuple of Change
        The first such recoding, by case; often there are others.
    depth : int
        Recodings of up to so many cells were all tried.
    """

    n: float
    changes: tuple[Change, ...]
    depth: int


def p_of(comparison: Comparison, *, seed: int | None = None) -> float:
    """P of a comparison; NaN where no test is possible."""
    if comparison.flag:
        return float("nan")
    null = null_of(comparison.test, comparison.margins, seed=seed)
    return float(null.at(np.array([score(comparison)]))[0])


def leave_one_out(
    comparison: Comparison, cases: Sequence[str], *, alpha: float, seed: int | None = None
) -> pd.DataFrame:
    """The same test without each case in turn.

    Parameters
    ----------
    comparison : Comparison
        From `compared`.
    cases : sequence of str
        Names of its cases, in order.
    alpha : float
        A conclusion is whether p is below it.
    seed : int, optional
        For drawing where arrangements are too many to count.

    Returns
    -------
    DataFrame, one row per case left out
        Columns case, p, effect (NaN where no test is left), changes (is the conclusion another one).

    Raises
    ------
    StudyError
        If names and cases differ in number.
    """
    if len(cases) != comparison.n:
        raise StudyError(f"{comparison.n} cases need as many names; found {len(cases)}")
    concluded = p_of(comparison, seed=seed) < alpha
    name, rows = effect_name(comparison), []
    for place, case in enumerate(cases):
        rest = comparison.without(place)
        p = p_of(rest, seed=seed)
        rows.append({"case": case, "p": p, "effect": effect_estimate(rest, name), "changes": (p < alpha) != concluded})
    return pd.DataFrame(rows, columns=["case", "p", "effect", "changes"])


def smallest_recoding(
    comparison: Comparison,
    *,
    alpha: float,
    seed: int | None = None,
    free: tuple[bool, bool] = (False, False),
    depth: int = DEPTH,
    budget: int = BUDGET,
) -> Recoding:
    """Search for the fewest recoded cells, of either column, after which p lies on the other side of alpha.

    Parameters
    ----------
    comparison : Comparison
        From `compared`.
    alpha : float
        A conclusion is whether p is below it; a test that is no longer possible concludes nothing.
    seed : int, optional
        For drawing where arrangements are too many to count.
    free : pair of bool
        Whether a column is measured on a scale: then a recoded cell may fall between any two values, or beyond
        all, but not on one. Otherwise it takes another level that occurs.
    depth : int
        Most cells to recode.
    budget : int
        Most codings to try. The search ends before a number of cells that it cannot finish.

    Returns
    -------
    Recoding
    """
    concluded = p_of(comparison, seed=seed) < alpha
    start = tuple(float(x) for x in comparison.first), tuple(float(x) for x in comparison.second)
    targets = [_targets(len(margin), side) for margin, side in zip(comparison.margins, free, strict=True)]
    frontier: list[_Coding] = [(start, ())]
    visited = {_alike(start)}
    purse = _Purse(budget, set())
    ps: dict[object, float] = {}  # many codings are one arrangement of ranks
    for depth_now in range(1, depth + 1):
        coming: list[_Coding] = []
        for coding in frontier:
            for sides, changes in _moves(coding, targets):
                if (form := _alike(sides)) in visited:
                    continue
                visited.add(form)
                found = Comparison(comparison.test, *(dense(np.asarray(side)) for side in sides))
                if not purse.pays(found):
                    return Recoding(math.nan, (), depth_now - 1)
                ranks = _alike((found.first, found.second))
                if ranks not in ps:
                    ps[ranks] = p_of(found, seed=seed)
                if (ps[ranks] < alpha) != concluded:
                    return Recoding(float(depth_now), changes, depth_now)
                coming.append((sides, changes))
        frontier = coming
    return Recoding(math.nan, (), depth)


_Sides = tuple[tuple[float, ...], tuple[float, ...]]
_Coding = tuple[_Sides, tuple[Change, ...]]


@dataclass
class _Purse:
    """What is left of a budget, counted in codings, so that it ends at the same place on every machine."""

    left: int
    known: set[tuple[Margin, Margin]]

    def pays(self, comparison: Comparison) -> bool:
        self.left -= 1
        margins = comparison.margins
        if margins not in self.known and not comparison.flag:
            self.known.add(margins)
            self.left -= 20 + _price(comparison.test, margins)
        return self.left >= 0


def _price(test: str, margins: tuple[Margin, Margin]) -> int:
    """What a null distribution costs; one that is too large to count is drawn, which costs about `DRAWN`."""
    if test in TABLES:
        return 0
    if test in ("rank_sum", "spearman"):
        return linear_steps(margins) // 2000 if linear_steps(margins) <= MOST_STEPS else DRAWN
    steps = group_steps(margins, ordered=test == "jonckheere")
    return steps // 50 if steps <= MOST_MOVES else DRAWN


def _targets(levels: int, free: bool) -> list[float]:
    return [place - 0.5 for place in range(levels + 1)] if free else [float(place) for place in range(levels)]


def _moves(coding: _Coding, targets: Sequence[Sequence[float]]) -> Iterator[_Coding]:
    """Every coding with one more cell recoded."""
    sides, changes = coding
    for case in range(len(sides[0])):
        for side in (0, 1):
            old = sides[side][case]
            for new in targets[side]:
                if new != old:
                    moved = (*sides[side][:case], new, *sides[side][case + 1 :])
                    both = (moved, sides[1]) if side == 0 else (sides[0], moved)
                    yield both, (*changes, Change(case, side, old, new))


def _alike(sides: tuple[Sequence[float], Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Codings that differ only in which case is which are tried once."""
    return tuple(sorted(zip(*sides, strict=True)))
