"""Change per unit of time within clusters and kinds of source, with an error that knows of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from nsi.errors import StudyError

FEWEST = 3  # clusters; with fewer the error of a slope is made of nothing
ONE_TIME = "one_time"
TOO_FEW_CLUSTERS = "too_few_clusters"
NO_RESIDUAL = "no_residual_variance"


@dataclass(frozen=True)
class ClusteredTrend:
    """One slope over time, within clusters.

    Attributes
    ----------
    slope, se, low, high : float
        Per unit of time, in the unit of the values; NaN where undefined.
    n, n_clusters : int
        Values, and clusters, that have a second time to be compared with; only they bear on the slope.
    flag : str
        "" | "one_time" (nothing was seen at two times) | "too_few_clusters" (fewer than three: no error) |
        "no_residual_variance" (all points on the line: no error, as zero would claim certainty).
    """

    slope: float
    se: float
    low: float
    high: float
    n: int
    n_clusters: int
    flag: str


def clustered_trend(
    values: pd.Series[float],
    times: pd.Series[float],
    clusters: pd.Series[str],
    *,
    kinds: pd.Series[str] | None = None,
    within: bool = True,
    confidence: float = 0.95,
) -> ClusteredTrend:
    """Least-squares slope with an intercept for every cluster, or for every kind of source of every cluster.

    Parameters
    ----------
    values, times, clusters : Series, shape (n_units,)
        On one index, no gaps. Times in the unit that the slope is wanted for.
    kinds : Series, optional
        What else must not pass for change over time, such as the kind of document.
    within : bool
        False: one intercept for all. Then clusters that begin late, or kinds that are met late, count as change.
    confidence : float
        Of the interval, t with clusters less one degrees of freedom.

    Returns
    -------
    ClusteredTrend
        Always; what is undefined is NaN, and `flag` says why.

    Raises
    ------
    StudyError
        If a value, time or cluster is missing.

    Notes
    -----
    The error is the cluster-robust sandwich with the factor G/(G-1) (N-1)/(N-K) for G clusters and N values; K is 1
    within clusters, whose intercepts are nested in them, and 2 otherwise.
    Source: Cameron & Miller (2015), Journal of Human Resources 50(2), 317-372.
    """
    table = pd.DataFrame({"value": values, "time": times, "cluster": clusters, "kind": "" if kinds is None else kinds})
    gaps = table.isna().any(axis=1)
    if gaps.any():
        row = int(gaps.to_numpy().argmax())
        raise StudyError(f"row {row + 1} of {len(table)} lacks a value, time, cluster or kind; leave it out first")
    unit = table.groupby(["cluster", "kind"], observed=True).ngroup() if within else pd.Series(0, index=table.index)
    seen = table["time"].groupby(unit).transform("nunique") > 1
    table, unit = table[seen], unit[seen]
    names, cluster = np.unique(table["cluster"].astype(str), return_inverse=True)
    if table.empty:
        nan = float("nan")
        return ClusteredTrend(nan, nan, nan, nan, 0, 0, ONE_TIME)
    place = np.unique(unit.to_numpy(), return_inverse=True)[1]
    t, y = (_centred(table[column].to_numpy(dtype=np.float64), place) for column in ("time", "value"))
    return _fitted(t, y, cluster, len(names), 1 if within else 2, confidence)


def _fitted(
    t: NDArray[np.float64],
    y: NDArray[np.float64],
    cluster: NDArray[np.int64],
    n_clusters: int,
    parameters: int,
    confidence: float,
) -> ClusteredTrend:
    n, ties = len(t), float((t * t).sum())
    slope, nan = float((t * y).sum()) / ties, float("nan")
    if n_clusters < FEWEST or n <= parameters:
        return ClusteredTrend(slope, nan, nan, nan, n, n_clusters, TOO_FEW_CLUSTERS)
    scores = np.bincount(cluster, weights=t * (y - slope * t))
    small = n_clusters / (n_clusters - 1) * (n - 1) / (n - parameters)
    se = float(np.sqrt(small * (scores**2).sum())) / ties
    if se <= 1e-12 * (1.0 + abs(slope)):
        return ClusteredTrend(slope, nan, nan, nan, n, n_clusters, NO_RESIDUAL)
    reach = float(stdtrit(n_clusters - 1, (1 + confidence) / 2)) * se
    return ClusteredTrend(slope, se, slope - reach, slope + reach, n, n_clusters, "")


def _centred(values: NDArray[np.float64], unit: NDArray[np.int64]) -> NDArray[np.float64]:
    return values - (np.bincount(unit, weights=values) / np.bincount(unit))[unit]


def clustered_trends(
    units: pd.DataFrame,
    *,
    value: str,
    time: str,
    cluster: str,
    by: str,
    groups: Sequence[str],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Trend of each group of units and of all of them.

    Parameters
    ----------
    units : DataFrame
        One row per unit, with the columns named; no gaps.
    value, time, cluster : str
        Columns as for `clustered_trend`.
    by, groups : str, sequence of str
        Column of the group, such as the kind of source, and groups in the order wanted.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row per group, with the column `by`, then "all" (within clusters and groups) and "all, unadjusted" (one
        intercept for all); slope, se, low, high, n, n_clusters, flag, and n_units (all units of the group).
    """
    parts = [(name, units[units[by].astype(str) == name], True) for name in groups]
    rows = []
    for name, own, within in [*parts, ("all", units, True), ("all, unadjusted", units, False)]:
        y, t, kinds = own[value].astype(float), own[time].astype(float), own[by].astype(str)
        found = clustered_trend(y, t, own[cluster], kinds=kinds, within=within, confidence=confidence)
        rows.append({by: name, **asdict(found), "n_units": len(own)})
    return pd.DataFrame(rows)


def direction(low: float, high: float) -> str:
    """Say which way a trend goes, if its whole interval lies on one side of 0; "shows no clear change" otherwise."""
    return "rises" if low > 0 else "falls" if high < 0 else "shows no clear change"
