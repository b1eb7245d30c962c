"""Exact permutation test of the difference of two means, for values whose distances count, not only their order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from nsi.errors import StudyError
from nsi.methods.exact_tests import ALIKE
from nsi.methods.small_n.comparison import check_cases

MOST_CHOICES = 2_000_000


def mean_difference_exact(values: ArrayLike, groups: ArrayLike | Sequence[Any]) -> float:
    """Two-sided p: the share of all divisions of the cases into such groups whose means differ at least as much.

    Parameters
    ----------
    values : array-like of float, shape (n_cases,)
        No gaps.
    groups : array-like, shape (n_cases,)
        Two different values.

    Returns
    -------
    float
        From above 0 to 1. NaN where there are not exactly two groups.

    Raises
    ------
    StudyError
        If a value is missing or infinite, the columns differ in length, or there are too many divisions.

    Source: Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4.
    """
    given, names = np.asarray(values, dtype=np.float64), pd.factorize(np.asarray(groups))[0]
    check_cases(len(given))
    if len(given) != len(names) or not np.isfinite(given).all():
        raise StudyError(
            f"{len(given)} values need as many groups, found {len(names)}, and no gap; leave out cases without a value"
        )
    if len(set(names.tolist())) != 2:
        return float("nan")
    n, size = len(given), int((names == 0).sum())
    if math.comb(n, size) > MOST_CHOICES:
        raise StudyError(
            f"{n} cases can be divided in {math.comb(n, size):,} ways, {MOST_CHOICES:,} are allowed; "
            "compare ranks instead"
        )
    centred = given - given.mean()
    seen = abs(math.fsum(centred[names == 0].tolist()))
    choices = np.fromiter(itertools.chain.from_iterable(itertools.combinations(range(n), size)), dtype=np.int64)
    sums = np.abs(centred[choices.reshape(-1, size)].sum(axis=1))
    rounding = float(np.abs(centred).max()) * 1e-12
    return float((sums * ALIKE + rounding >= seen).mean())
