"""Group means drawn towards the common mean, by as much as each is uncertain (empirical Bayes).

Source: Efron & Morris (1977), Scientific American 236; Raudenbush & Bryk (2002), Hierarchical Linear Models,
chapter 3.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError, shown
from nsi.methods.groups.membership import Floats, Members, as_floats, joined_flags, members, ratio, require_unique
from nsi.methods.groups.reml import RandomIntercept, fitted

NO_VALUES = "no_values"
ONE_VALUE = "one_value"
ALL_ALIKE = "all_alike"
NO_ROSTER = "no_roster"
ROSTER_TOO_SMALL = "roster_smaller_than_n"


def empirical_bayes(
    values: pd.Series,
    groups: pd.Series,
    fit: RandomIntercept | None = None,
    *,
    roster: pd.Series | None = None,
) -> pd.DataFrame:
    """Mean of each group, raw and shrunken, with its standard errors and its reliability.

    Parameters
    ----------
    values : Series of float, shape (n_respondents,)
        NaN where missing.
    groups : Series, shape (n_respondents,)
        Name of each respondent's group, on the same index.
    fit : RandomIntercept, optional
        Variances to use; by default those of these very values.
    roster : Series of float, optional
        Members that each group has in all, indexed by group. It makes `se` smaller by the finite population
        correction, sqrt(1 - n / members); not `eb_se`, which is about the group and not its present members.

    Returns
    -------
    DataFrame
        One row for each group, in order of name: case, n (values), mean, sd, se (of the raw mean, from the
        group's own sd), eb_mean, eb_se (it counts that the common mean is estimated, not that the variances
        are), reliability (0 to 1: weight of the group's own mean), flag.
        NaN where undefined: mean without values, sd and se with fewer than two, eb_* and reliability where
        the fit has no variances or there is no value. `flag` names it: "no_values", "one_value", "all_alike"
        (equal values: se of 0 says little), the flag of the fit ("no_between_variance": reliability is 0),
        "no_roster" or "roster_smaller_than_n" (se is without correction). Several are joined by "; ".

    Raises
    ------
    StudyError
        If values and groups do not belong together, a value is no finite number, one has no group, or the
        roster names a group twice or has a negative number.
    """
    held = members(values, groups)
    return empirical_bayes_of(held, fitted(held) if fit is None else fit, roster=roster)


def empirical_bayes_of(held: Members, fit: RandomIntercept, *, roster: pd.Series | None = None) -> pd.DataFrame:
    """As `empirical_bayes`, of values that are sorted into groups already.

    Parameters
    ----------
    held : Members
        Values by group.
    fit, roster
        As for `empirical_bayes`.
    """
    filled, several = held.n > 0, held.n > 1
    sd = np.sqrt(ratio(held.squares, held.n - 1))
    correction, unknown, small = _finite_population(held, roster)
    error = ratio(sd, np.sqrt(held.n)) * correction
    noise = ratio(np.full(len(held.n), fit.sigma2), held.n)
    shrunk, shrunk_error, reliability = shrunken(held.mean, noise, fit.mean, fit.se_mean, fit.tau2)
    alike = several & (held.squares == 0)
    own = [(~filled, NO_VALUES), (held.n == 1, ONE_VALUE), (alike, ALL_ALIKE)]
    common = [(filled & bool(fit.flag), fit.flag), (unknown, NO_ROSTER), (small, ROSTER_TOO_SMALL)]
    return pd.DataFrame(
        {
            "case": held.cases,
            "n": held.n,
            "mean": held.mean,
            "sd": sd,
            "se": error,
            "eb_mean": shrunk,
            "eb_se": shrunk_error,
            "reliability": reliability,
            "flag": pd.Series(joined_flags(len(held.n), [*own, *common]), dtype="str"),
        }
    )


def shrunken(
    mean: Floats, noise: Floats, centre: float, centre_error: float, tau2: float
) -> tuple[Floats, Floats, Floats]:
    """Posterior means, their standard errors and reliabilities.

    Parameters
    ----------
    mean, noise : array of float, shape (n_groups,)
        Estimate of each group and its sampling variance; NaN where there is none.
    centre, centre_error, tau2 : float
        Common mean, its standard error, and the variance between groups.

    Returns
    -------
    tuple of three arrays of float, shape (n_groups,)
        NaN wherever something needed is NaN.
    """
    total = tau2 + noise
    reliability, rest = ratio(np.full(len(mean), tau2), total), ratio(noise, total)
    posterior = centre + reliability * (mean - centre)
    return posterior, np.sqrt(tau2 * rest + (rest * centre_error) ** 2), reliability


def mean_reliability(groups: pd.DataFrame) -> float:
    """Mean over groups of their reliability: the third definition of ICC(2).

    Parameters
    ----------
    groups : DataFrame
        As `empirical_bayes` gives it.

    Returns
    -------
    float
        0 to 1; NaN where no group has a reliability.
    """
    known = groups["reliability"].dropna().to_numpy(dtype=np.float64)
    return float(known.mean()) if len(known) else float("nan")


def _finite_population(held: Members, roster: pd.Series | None) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Factor of the standard error, 1 where there is no usable roster; where that is, and why."""
    size = len(held.cases)
    if roster is None:
        return np.ones(size), np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    require_unique(roster.index, "roster")
    known = as_floats(roster, "roster")
    if (known < 0).any():
        case = str(roster.index[int(np.argmax(known < 0))])
        raise StudyError(f"roster of case {shown(case)} is negative; it must be the number of members")
    invited = pd.Series(known, index=roster.index).reindex(held.cases).to_numpy(dtype=np.float64)
    unknown, small = np.isnan(invited), invited < held.n
    usable = ~unknown & ~small & (invited > 0)
    left_out = np.divide(invited - held.n, invited, out=np.ones(size), where=usable)
    return np.sqrt(left_out), unknown, small
