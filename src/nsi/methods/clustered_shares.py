"""Shares of codes where units come in clusters, such as passages of one case: intervals that know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from nsi.errors import StudyError, listed, shown
from nsi.methods.proportions import NOBODY, wilson_interval

ONE_CLUSTER = "one_cluster"


def clustered_shares(
    units: pd.DataFrame,
    value: str,
    *,
    by: Mapping[str, Sequence[str]],
    values: Sequence[str],
    cluster: str,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Count the codes of units within groups, and the units at or above each code where codes are ordered.

    Parameters
    ----------
    units : DataFrame
        One row per unit, with `value` (code), `cluster` and the columns named by `by`. A unit that lacks one of
        them is left out; it is for the caller to say how many those are.
    value, cluster : str
        Columns of the code and of the cluster.
    by : mapping of str to sequence of str
        Grouping columns with their groups in the order wanted; every combination has rows.
    values : sequence of str
        Codes in order, low to high where they are ordered.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        The columns of `by` and `value`, n (units with the code), n_all (units of the group), n_clusters, share, low,
        high; n_from, share_from, low_from, high_from (units with this code or a later one); flag: ``no_units``
        (shares missing), ``one_cluster`` (intervals missing: one cluster shows no spread), otherwise "".

    Raises
    ------
    StudyError
        If a column is lacking, or holds something that is not listed.

    Notes
    -----
    Wilson's interval with the effective number of units n / d, where d is the variance of the share as clusters show
    it over that of independent units, at least 1, and 1 where the share is 0 or 1; and with t of clusters less one in
    place of the normal quantile.
    Source: Korn & Graubard (1998), Survey Methodology 24(2), 193-201; Dean & Pagano (2015), Journal of Survey
    Statistics and Methodology 3(4), 484-503.
    """
    allowed = {**by, value: values}
    known = _known(units, allowed, cluster)
    grouped = dict(list(known.groupby(list(by), sort=False)))
    nothing = known.iloc[:0]
    parts = []
    for place in pd.MultiIndex.from_product(list(by.values()), names=list(by)):
        own = grouped.get(place, nothing)
        table = _counted(own[value].to_numpy(), own[cluster].to_numpy(), list(values), confidence)
        head = pd.DataFrame([place] * len(values), columns=list(by)).assign(**{value: list(values)})
        parts.append(pd.concat([head.astype("str"), table], axis=1))
    return pd.concat(parts, ignore_index=True)


def _known(units: pd.DataFrame, allowed: Mapping[str, Sequence[str]], cluster: str) -> pd.DataFrame:
    """Units with all that is needed, as text; refuse what is not listed."""
    lacking = [column for column in (*allowed, cluster) if column not in units.columns]
    if lacking:
        raise StudyError(f"the units have no column {listed(lacking)}; they have {listed(map(str, units.columns))}")
    for column, names in allowed.items():
        stray = sorted(set(units[column].dropna().astype(str)) - set(names))
        if stray:
            raise StudyError(f"column '{column}' holds {listed(map(shown, stray))}, but allowed are {listed(names)}")
    return units[[*allowed, cluster]].dropna().astype("str")


def _counted(
    codes: NDArray[np.object_], clusters: NDArray[np.object_], values: list[str], confidence: float
) -> pd.DataFrame:
    """Rows of one group, one per code."""
    names, number = np.unique(clusters.astype(str), return_inverse=True)
    hit = codes[:, None] == np.array(values, dtype=object)[None, :] if len(codes) else np.zeros((0, len(values)), bool)
    beyond = np.cumsum(hit[:, ::-1], axis=1)[:, ::-1]
    table = pd.DataFrame({"n": hit.sum(axis=0), "n_all": len(codes), "n_clusters": len(names)}).astype("int64")
    for found, end in ((hit, ""), (beyond, "_from")):
        if end:
            table["n_from"] = found.sum(axis=0).astype("int64")
        table[f"share{end}"] = found.sum(axis=0) / len(codes) if len(codes) else np.nan
        table[f"low{end}"], table[f"high{end}"] = clustered_interval(found, number, confidence)
    return table.assign(flag=NOBODY if not len(codes) else ONE_CLUSTER if len(names) < 2 else "")


def clustered_interval(
    found: NDArray[np.bool_] | NDArray[np.int64], clusters: NDArray[np.int64], confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's interval of shares, with the number of units that independent ones would amount to.

    Parameters
    ----------
    found : array of bool or int, shape (n_units, n_shares)
        Whether a unit counts, for each of several shares.
    clusters : array of int, shape (n_units,)
        Number of each unit's cluster, from 0 on without gaps.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : array, shape (n_shares,)
        NaN with fewer than two clusters.
    """
    n, n_clusters = len(found), int(clusters.max()) + 1 if len(clusters) else 0
    if n_clusters < 2:
        return np.full(found.shape[1], np.nan), np.full(found.shape[1], np.nan)
    share = found.mean(axis=0)
    excess = np.zeros((n_clusters, found.shape[1]))
    np.add.at(excess, clusters, found - share)
    variance = n_clusters / (n_clusters - 1) * (excess**2).sum(axis=0) / n**2
    plain = share * (1 - share) / n
    factor = np.maximum(np.divide(variance, plain, out=np.ones_like(share), where=plain > 0), 1.0)
    ratio = ndtri((1 + confidence) / 2) / stdtrit(n_clusters - 1, (1 + confidence) / 2)
    effective = n / factor * float(ratio) ** 2
    return wilson_interval(share * effective, effective, confidence)
