"""What a small-N test looks at: two columns of few cases, as places in the order of their levels.

Every test here depends on the columns only through their levels and the order of these, so a comparison holds
whole numbers, and all that is fixed under the null hypothesis are its two margins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nsi.errors import StudyError, listed

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Margin = tuple[int, ...]

MOST_CASES = 60  # beyond it scores outgrow whole numbers of 64 bits; and cases are no longer few
# test -> what its statistic is
TESTS = {
    "fisher": "probability of the table",
    "boschloo": "Fisher's p",
    "rank_sum": "U of the first group",
    "kruskal": "Kruskal and Wallis' H",
    "spearman": "rho",
    "jonckheere": "Jonckheere and Terpstra's J",
}
TABLES = ("fisher", "boschloo")


@dataclass(frozen=True)
class Comparison:
    """Two columns of the same cases, without gaps.

    Attributes
    ----------
    test : str
        One of `TESTS`.
    first, second : tuple of int, length n_cases
        Places of the levels, from 0, every place taken. `first` holds the groups of rank_sum, kruskal and
        jonckheere and the rows of a table; `second` what is ranked, or the columns.
    """

    test: str
    first: tuple[int, ...]
    second: tuple[int, ...]

    @property
    def n(self) -> int:
        """Number of cases."""
        return len(self.first)

    @property
    def margins(self) -> tuple[Margin, Margin]:
        """How many cases each level has, in order of levels, on both sides."""
        return margin_of(self.first), margin_of(self.second)

    @property
    def table(self) -> Integers:
        """Counts of cases, shape (n_first_levels, n_second_levels)."""
        rows, columns = (len(margin) for margin in self.margins)
        flat = np.bincount(np.asarray(self.first) * columns + np.asarray(self.second), minlength=rows * columns)
        return flat.reshape(rows, columns).astype(np.int64)

    @property
    def flag(self) -> str:
        """Why no test is possible: too_few_cases, constant, not_two_groups, not_two_by_two; "" where one is."""
        sizes = len(self.margins[0]), len(self.margins[1])
        if self.n < 2:
            return "too_few_cases"
        if min(sizes) < 2:
            return "constant"
        if self.test == "boschloo" and sizes != (2, 2):
            return "not_two_by_two"
        return "not_two_groups" if self.test == "rank_sum" and sizes[0] != 2 else ""

    def without(self, case: int) -> Comparison:
        """The same comparison without the case at this place; a level that only it had is gone."""
        kept = [place for place in range(self.n) if place != case]
        return Comparison(self.test, dense(np.take(self.first, kept)), dense(np.take(self.second, kept)))


def compared(test: str, first: ArrayLike | Sequence[Any], second: ArrayLike | Sequence[Any]) -> Comparison:
    """Make a comparison of two columns; levels are ordered as numbers, or as text.

    Parameters
    ----------
    test : str
        One of `TESTS`.
    first, second : array-like, shape (n_cases,)
        Groups (or rows of a table), and what is ranked (or the columns). No gaps.

    Returns
    -------
    Comparison

    Raises
    ------
    StudyError
        If the test is unknown, the columns differ in length, hold gaps, or hold more than `MOST_CASES` cases.
    """
    if test not in TESTS:
        raise StudyError(f"there is no small-N test {test!r}; there are {listed(TESTS, 10)}; name one of these")
    sides = [pd.Series(np.asarray(side)) for side in (first, second)]
    if len(sides[0]) != len(sides[1]):
        raise StudyError(f"both columns must hold the same cases; found {len(sides[0])} and {len(sides[1])}")
    for name, side in zip(("first", "second"), sides, strict=True):
        if side.isna().any():
            raise StudyError(
                f"the {name} column lacks a value at place {int(np.argmax(side.isna()))}; leave such cases out first"
            )
    check_cases(len(sides[0]))
    return Comparison(test, dense(sides[0].to_numpy()), dense(sides[1].to_numpy()))


def check_cases(n: int) -> None:
    """Refuse more cases than these tests are made for.

    Raises
    ------
    StudyError
        If there are more than `MOST_CASES`.
    """
    if n > MOST_CASES:
        raise StudyError(
            f"these tests are for few cases, up to {MOST_CASES}; found {n}; use a method for samples instead"
        )


def dense(values: NDArray[Any]) -> tuple[int, ...]:
    """Places of values in the order of those that occur."""
    return tuple(np.unique(values, return_inverse=True)[1].tolist())


def margin_of(places: Sequence[int]) -> Margin:
    """Number of cases at each place."""
    return tuple(np.bincount(np.asarray(places, dtype=np.int64)).tolist())


def double_ranks(margin: Margin) -> Integers:
    """Twice the mid-rank of each level, a whole number; shape (n_levels,)."""
    counts = np.asarray(margin, dtype=np.int64)
    return 2 * (np.cumsum(counts) - counts) + counts + 1
