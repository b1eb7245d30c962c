"""A common mean of estimates whose standard errors are known, such as one slope for each case.

Source: Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30, restricted likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.methods.groups.lowest_deviance import lowest
from nsi.methods.groups.membership import Floats, as_floats, joined_flags, require_unique
from nsi.methods.groups.reml import NO_BETWEEN, NOTHING
from nsi.methods.groups.shrinkage import shrunken

NO_ESTIMATES = "no_estimates"
ONE_CASE = "one_case"
NOT_ESTIMATED = "not_estimated"
NO_ERROR = "no_sampling_error"


@dataclass(frozen=True)
class MetaIntercept:
    """Common mean of estimates, and how far the true values differ.

    Attributes
    ----------
    mean, se_mean : float
        Mean of the true values and its standard error, the variance between taken as known.
    tau2 : float
        Variance between the true values. 0 only with the flag "no_between_variance".
    n : int
        Estimates that count: those with a standard error above 0.
    flag : str
        "" or "no_between_variance"; NaN belongs to "no_estimates" and "one_case".
    """

    mean: float
    se_mean: float
    tau2: float
    n: int
    flag: str


@dataclass(frozen=True, eq=False)
class _Profile:
    """REML deviance as a function of the variance between; `x` has shape (n_points,)."""

    estimate: Floats
    noise: Floats

    def _parts(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        weight = 1 / (x[:, None] + self.noise)
        total = weight.sum(axis=1)
        apart = self.estimate - ((weight * self.estimate).sum(axis=1) / total)[:, None]
        return weight, total, weight * apart**2

    def slope(self, x: Floats) -> Floats:
        weight, total, pull = self._parts(x)
        return total - (weight**2).sum(axis=1) / total - (weight * pull).sum(axis=1)

    def deviance(self, x: Floats) -> Floats:
        weight, total, pull = self._parts(x)
        return np.log(total) - np.log(weight).sum(axis=1) + pull.sum(axis=1)


def meta_intercept(estimates: pd.Series, standard_errors: pd.Series) -> MetaIntercept:
    """Random-effects mean of estimates with known sampling variances, by profile REML.

    Parameters
    ----------
    estimates : Series of float, shape (n_cases,)
        Indexed by case; NaN where a case has none.
    standard_errors : Series of float, shape (n_cases,)
        On the same index. A case counts only where it is above 0: 0 would outweigh all others.

    Returns
    -------
    MetaIntercept
        Always; NaN and a flag where undefined.

    Raises
    ------
    StudyError
        If the two do not belong together, a case stands twice, a number is infinite, or an error is negative.
    """
    estimate, error, counts = _usable(estimates, standard_errors)
    return _fitted(estimate[counts], error[counts])


def shrunken_estimates(
    estimates: pd.Series, standard_errors: pd.Series, fit: MetaIntercept | None = None
) -> pd.DataFrame:
    """Each estimate drawn towards the common mean, by as much as it is uncertain.

    Parameters
    ----------
    estimates, standard_errors : Series of float, shape (n_cases,)
        As for `meta_intercept`.
    fit : MetaIntercept, optional
        Mean and variance to use; by default those of these very estimates.

    Returns
    -------
    DataFrame
        One row for each case, in the order given: case, estimate, se, eb_mean, eb_se, reliability, flag.
        eb_* and reliability are NaN where the case does not count ("not_estimated", "no_sampling_error") or
        the fit has no variance; with "no_between_variance" reliability is 0.

    Raises
    ------
    StudyError
        As for `meta_intercept`.
    """
    estimate, error, counts = _usable(estimates, standard_errors)
    fit = _fitted(estimate[counts], error[counts]) if fit is None else fit
    noise = np.where(counts, error**2, np.nan)
    posterior, posterior_error, reliability = shrunken(estimate, noise, fit.mean, fit.se_mean, fit.tau2)
    absent = np.isnan(estimate) | np.isnan(error)
    flags = [(absent, NOT_ESTIMATED), (~absent & ~counts, NO_ERROR), (counts & bool(fit.flag), fit.flag)]
    return pd.DataFrame(
        {
            "case": estimates.index,
            "estimate": estimate,
            "se": error,
            "eb_mean": posterior,
            "eb_se": posterior_error,
            "reliability": reliability,
            "flag": pd.Series(joined_flags(len(estimate), flags), dtype="str"),
        }
    )


def _usable(estimates: pd.Series, standard_errors: pd.Series) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Both as arrays, and which cases count."""
    if not estimates.index.equals(standard_errors.index):
        raise StudyError("estimates and standard errors have different row labels; take both from the same table")
    require_unique(estimates.index, "estimates")
    estimate, error = as_floats(estimates, "estimates"), as_floats(standard_errors, "standard errors")
    if (error < 0).any():
        cases = listed(standard_errors.index[error < 0])
        raise StudyError(f"standard errors must be 0 or more; found a negative one for case {cases}")
    # Next to the largest, a smaller one than this is rounding error of an exact fit.
    least = 1e-12 * np.max(error, initial=0.0, where=~np.isnan(error))
    return estimate, error, ~np.isnan(estimate) & (error > least)


def _fitted(estimate: Floats, error: Floats) -> MetaIntercept:
    nan, n = float("nan"), len(estimate)
    if n < 2:
        mean = float(estimate[0]) if n else nan
        return MetaIntercept(mean, nan, nan, n, ONE_CASE if n else NO_ESTIMATES)
    order = np.lexsort((error, estimate))  # the same sums, to the last bit, in whatever order cases come
    unit = math.ldexp(1.0, math.frexp(error.min())[1])  # scales without rounding
    centre = float(estimate[order[0]])
    profile = _Profile((estimate[order] - centre) / unit, (error[order] / unit) ** 2)
    least, most = float(profile.noise.min()), float(profile.noise.max())
    tau2 = lowest(profile.slope, profile.deviance, n, first=2**-12 * least, last=2**10 * most)
    flag = NO_BETWEEN if tau2 < NOTHING * least else ""
    tau2 = 0.0 if flag else tau2
    weight = 1 / (profile.noise + tau2)
    mean = centre + unit * float((weight * profile.estimate).sum() / weight.sum())
    return MetaIntercept(mean, unit / math.sqrt(float(weight.sum())), tau2 * unit**2, n, flag)
