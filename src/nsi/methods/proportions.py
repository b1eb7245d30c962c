"""Shares of codes within groups, with Wilson intervals and their denominators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from nsi.errors import StudyError, listed, shown

NOBODY = "no_units"


def wilson_interval(
    count: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score interval of a proportion; it stays within 0 to 1 and has a width where the count is 0 or all.

    Parameters
    ----------
    count, n : array_like
        Units with the code, and all units; of equal shape. Units are taken to be independent of each other.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        NaN where n is 0.

    Raises
    ------
    StudyError
        If a count is negative or larger than its n, or the confidence is not between 0 and 1.

    Notes
    -----
    Source: Wilson (1927), JASA 22(158), 209-212; Brown, Cai & DasGupta (2001), Statistical Science 16(2), 101-133.
    """
    if not 0 < confidence < 1:
        raise StudyError(f"confidence is {confidence:g}, but must lie between 0 and 1, such as 0.95")
    found, total = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    wrong = (found < 0) | (found > total)
    if wrong.any():
        raise StudyError(
            f"a count is {found[wrong].flat[0]:g} of {total[wrong].flat[0]:g}; counts lie between 0 and their n"
        )
    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    some = np.where(total > 0, total, np.nan)
    share = found / some
    middle = (share + z2 / (2 * some)) / (1 + z2 / some)
    half = np.sqrt(z2 * (share * (1 - share) / some + z2 / (4 * some**2))) / (1 + z2 / some)
    # Rounding may leave a bound a hair outside; at the ends the interval begins or ends at the share itself.
    low = np.where(found == 0, np.where(total > 0, 0.0, np.nan), middle - half)
    high = np.where((found == total) & (total > 0), 1.0, middle + half)
    return low, high


def shares_by(
    units: pd.DataFrame,
    by: str,
    value: str,
    *,
    groups: Sequence[str],
    values: Sequence[str],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Count the codes of units within groups.

    Parameters
    ----------
    units : DataFrame
        One row per unit, with the columns `by` (group) and `value` (code). A unit without one of them is left
        out; it is for the caller to say how many those are.
    by, value : str
        The two columns.
    groups, values : sequence of str
        Groups and codes in the order wanted; each pair gets a row, also with n = 0.
    confidence : float
        Of the Wilson intervals.

    Returns
    -------
    DataFrame
        Columns named `by` and `value`, n (units of the group with the code), n_all (units of the group), share,
        low, high (0 to 1; missing where the group has no units) and flag (``no_units`` there, otherwise "").

    Raises
    ------
    StudyError
        If a column is lacking, or holds something that is not listed.
    """
    for column, allowed in ((by, groups), (value, values)):
        if column not in units.columns:
            raise StudyError(f"the units have no column '{column}'; they have {listed(map(str, units.columns))}")
        stray = sorted(set(units[column].dropna().astype(str)) - set(allowed))
        if stray:
            raise StudyError(f"column '{column}' holds {listed(map(shown, stray))}, but allowed are {listed(allowed)}")
    known = units[[by, value]].dropna().astype("str")
    counts = known.groupby([by, value], sort=False).size()
    table = pd.MultiIndex.from_product([groups, values], names=[by, value]).to_frame(index=False).astype("str")
    pairs = pd.MultiIndex.from_frame(table)
    table["n"] = counts.reindex(pairs, fill_value=0).to_numpy(dtype="int64")
    table["n_all"] = table.groupby(by, sort=False)["n"].transform("sum").astype("int64")
    table["share"] = table["n"] / table["n_all"].where(table["n_all"] > 0)
    table["low"], table["high"] = wilson_interval(table["n"], table["n_all"], confidence)
    table["flag"] = np.where(table["n_all"] > 0, "", NOBODY)
    return table
