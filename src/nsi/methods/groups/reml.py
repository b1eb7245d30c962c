"""Variance between and within groups by restricted maximum likelihood, profiled down to one parameter.

Everything but the ratio of the two variances has a closed form, so that no optimiser can stop early.
Source: Searle, Casella & McCulloch (1992), Variance Components, chapter 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nsi.methods.groups.lowest_deviance import lowest
from nsi.methods.groups.membership import Floats, Members, members

NO_VALUES = "no_values"
ONE_GROUP = "one_group"
CONSTANT = "constant"
NO_REPLICATION = "no_replication"
NO_WITHIN = "no_within_variance"
NO_BETWEEN = "no_between_variance"
NOTHING = 1e-12  # a ratio below this, times the largest group, is rounding error


@dataclass(frozen=True)
class RandomIntercept:
    """Means that vary among groups: value = mean + group's deviation + respondent's deviation.

    Attributes
    ----------
    mean : float
        Mean of the groups' means, each weighted by what is known of it; unit of the values.
    se_mean : float
        Its standard error, variances taken as known. NaN where they are not, unless no group is replicated.
    tau2 : float
        Variance between groups. 0 only with the flag "no_between_variance".
    sigma2 : float
        Variance within groups.
    n, n_groups : int
        Values and groups that count.
    flag : str
        "" where all is estimated; "no_between_variance" (the likelihood is highest at 0);
        "no_within_variance" (all values within each group are equal); NaN belongs to "no_values", "one_group",
        "constant" (all values are equal), "no_replication" (all groups of one: the variances cannot be told
        apart).
    """

    mean: float
    se_mean: float
    tau2: float
    sigma2: float
    n: int
    n_groups: int
    flag: str


@dataclass(frozen=True, eq=False)
class _Profile:
    """REML deviance as a function of the ratio tau2 / sigma2; `x` has shape (n_points,)."""

    n: Floats
    mean: Floats
    within: float

    def _parts(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        weight = self.n / (1 + np.outer(x, self.n))
        total = weight.sum(axis=1)
        apart = self.mean - ((weight * self.mean).sum(axis=1) / total)[:, None]
        return weight, total, weight * apart**2

    def slope(self, x: Floats) -> Floats:
        weight, total, pull = self._parts(x)
        squares = self.within + pull.sum(axis=1)
        fit = (self.n.sum() - 1) * (weight * pull).sum(axis=1) / squares
        return total - (weight**2).sum(axis=1) / total - fit

    def deviance(self, x: Floats) -> Floats:
        _, total, pull = self._parts(x)
        squares = self.within + pull.sum(axis=1)
        spread_out = np.log1p(np.outer(x, self.n)).sum(axis=1)
        return (self.n.sum() - 1) * np.log(squares) + spread_out + np.log(total)

    def solution(self, x: float) -> tuple[float, float, float]:
        """Mean, its standard error, and variance within, at a ratio."""
        weight, total, pull = self._parts(np.array([x]))
        sigma2 = float((self.within + pull.sum()) / (self.n.sum() - 1))
        return float((weight * self.mean).sum() / total[0]), math.sqrt(sigma2 / float(total[0])), sigma2


def random_intercept(values: pd.Series, groups: pd.Series) -> RandomIntercept:
    """Variance between and within groups, and the mean, by REML.

    Parameters
    ----------
    values : Series of float, shape (n_respondents,)
        NaN where missing; such rows do not count.
    groups : Series, shape (n_respondents,)
        Name of each respondent's group, on the same index.

    Returns
    -------
    RandomIntercept
        Always; where something cannot be estimated it is NaN, and `flag` says why.

    Raises
    ------
    StudyError
        If values and groups do not belong together, a value is no finite number, or one has no group.
    """
    return fitted(members(values, groups))


def fitted(given: Members) -> RandomIntercept:
    """As `random_intercept`, of values that are sorted into groups already."""
    held = given.filled
    total, size = int(held.n.sum()), len(held.n)
    within = float(held.squares.sum())
    if size < 2 or total == size or within == 0:
        return _without_likelihood(held, total, size, within)
    centre = float(np.average(held.mean, weights=held.n))
    # A power of two scales without rounding, and keeps squares of very large or small values in range.
    unit = math.ldexp(1.0, math.frexp(max(np.abs(held.mean - centre).max(), math.sqrt(within / total)))[1])
    profile = _Profile(held.n.astype(np.float64), (held.mean - centre) / unit, within / unit**2)
    most = float(held.n.max())
    # Left of `first` every weight is constant, right of `last` every one is 1 / x: one valley at most in each.
    ratio = lowest(profile.slope, profile.deviance, size, first=2**-12 / most, last=2.0**10)
    flag = NO_BETWEEN if ratio * most < NOTHING else ""
    ratio = 0.0 if flag else ratio
    mean, error, sigma2 = profile.solution(ratio)
    sigma2 *= unit**2
    return RandomIntercept(centre + mean * unit, error * unit, ratio * sigma2, sigma2, total, size, flag)


def _without_likelihood(held: Members, total: int, size: int, within: float) -> RandomIntercept:
    """Designs in which the likelihood has no highest point, with what is defined all the same."""
    nan = float("nan")
    if size == 0:
        return RandomIntercept(nan, nan, nan, nan, 0, 0, NO_VALUES)
    if size == 1:
        sigma2 = within / (total - 1) if total > 1 else nan
        return RandomIntercept(float(held.mean[0]), nan, nan, sigma2, total, 1, ONE_GROUP)
    mean = float(held.mean[0] + (held.mean - held.mean[0]).mean())
    if (held.mean == held.mean[0]).all():
        return RandomIntercept(mean, nan, nan, nan, total, size, CONSTANT)
    variance = float(((held.mean - mean) ** 2).sum() / (size - 1))
    error = math.sqrt(variance / size)
    if total == size:
        return RandomIntercept(mean, error, nan, nan, total, size, NO_REPLICATION)
    return RandomIntercept(mean, error, variance, 0.0, total, size, NO_WITHIN)
