"""Exact test of a two-by-two table, and Holm's correction for a family of tests; numpy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nsi.errors import StudyError

ALIKE = 1 + 1e-7  # tables whose probabilities differ by less are taken for equally probable, as R does


def fisher_exact(both: int, first_only: int, second_only: int, neither: int) -> float:
    """Two-sided p of Fisher's exact test: all tables with these margins that are no more probable.

    Parameters
    ----------
    both, first_only, second_only, neither : int
        Cells of the table, row by row.

    Returns
    -------
    float
        From above 0 to 1. 1 where a margin is 0: then there is only one table. A value too small for a float
        comes out as 0.

    Raises
    ------
    StudyError
        If a cell is negative or not a whole number.

    Source: Fisher (1935), The Design of Experiments, chapter 2; the two-sided rule is that of R's
    fisher.test.
    """
    cells = np.asarray([both, first_only, second_only, neither])
    if cells.dtype.kind not in "iu" or (cells < 0).any():
        raise StudyError(
            f"a two-by-two table needs whole numbers from 0 up; found {[both, first_only, second_only, neither]}; "
            "count again"
        )
    row, column, total = both + first_only, both + second_only, int(cells.sum())
    low, high = max(0, row + column - total), min(row, column)
    weight = _weights(row, column, total, low, high)
    return float(weight[weight <= weight[both - low] * ALIKE].sum() / weight.sum())


def _weights(row: int, column: int, total: int, low: int, high: int) -> NDArray[np.float64]:
    """Probability of each possible first cell, relative to the most probable one; shape (high - low + 1,)."""
    # Ratios of neighbours need only the four operations, which give the same bits on every machine.
    x = np.arange(low, high, dtype=np.float64)
    up = (row - x) * (column - x) / ((x + 1) * (total - row - column + x + 1))
    top = int((up >= 1).sum())  # the ratios fall, so the weights rise up to here
    above = np.cumprod(up[top:])
    below = np.cumprod(1 / up[:top][::-1])[::-1]
    return np.concatenate([below, [1.0], above])


def holm(p: ArrayLike | Sequence[float]) -> NDArray[np.float64]:
    """Adjust the p values of one family so that the chance of any false alarm stays below the level.

    Parameters
    ----------
    p : array-like of float, shape (n_tests,)
        From 0 to 1; NaN where no test was possible, which does not count as a test.

    Returns
    -------
    array of float, shape (n_tests,)
        Adjusted p, never below p and at most 1; NaN stays NaN.

    Raises
    ------
    StudyError
        If a p lies outside 0 to 1.

    Source: Holm (1979), Scandinavian Journal of Statistics 6.
    """
    given = np.asarray(p, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(given))
    if ((given[tested] < 0) | (given[tested] > 1)).any():
        raise StudyError(f"p values must lie from 0 to 1; found {given.tolist()}; check what was passed")
    order = tested[np.argsort(given[tested], kind="stable")]
    steps = given[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(given.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
