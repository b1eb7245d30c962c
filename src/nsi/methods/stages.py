"""How many units went through the stages of a sequence, and where they stopped: shares with their denominators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed, shown
from nsi.methods.proportions import NOBODY, wilson_interval

COUNTS = ["n", "n_before", "n_any", "n_all"]


def stage_shares(
    units: pd.DataFrame,
    by: str,
    stages: Sequence[str],
    *,
    groups: Sequence[str],
    done: str,
    undone: str,
    whole: str = "",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Count the units of each group that reached each stage.

    A unit has reached a stage when that stage and all before it are done. So the counts of a group never rise from
    stage to stage, and the share of all units is the product of the shares of those that had reached the stage before.

    Parameters
    ----------
    units : DataFrame
        One row per unit: the column `by` and one column per stage, holding `done` or `undone`. None may be missing.
    by : str
        Column of groups.
    stages : sequence of str
        Columns of the stages, in their order.
    groups : sequence of str
        Groups in the order wanted; each gets its rows, also without units.
    done, undone : str
        What the columns of stages hold.
    whole : str
        Name of a further group of all units, put first; none where "".
    confidence : float
        Of the Wilson intervals, which take units to be independent of each other.

    Returns
    -------
    DataFrame
        Column `by`, stage; n (units that reached the stage), n_before (units that had reached the stage before; of
        the first stage all), n_any (units with the stage done, whatever was before), n_all (units of the group);
        share, low, high (n of n_all), share_before, low_before, high_before (n of n_before), share_any, low_any,
        high_any (n_any of n_all), each 0 to 1 and missing where there is nothing to divide by; flag (``no_units``
        of a group without units, otherwise "").

    Raises
    ------
    StudyError
        If a column is lacking, a stage holds another value, or a group is not listed.
    """
    _check(units, by, stages, groups, done, undone, whole)
    marked = units[list(stages)] == done
    reached = marked.cummin(axis=1)
    names = units[by].astype("str")
    parts = []
    for group in [*([whole] if whole else []), *groups]:
        mine = slice(None) if whole and group == whole else names.eq(group).to_numpy()
        n = reached.loc[mine].sum().to_numpy(dtype="int64")
        total = len(marked.loc[mine])
        columns = {by: group, "stage": list(stages), "n": n, "n_before": [total, *n[:-1]],
                   "n_any": marked.loc[mine].sum().to_numpy(dtype="int64"), "n_all": total}  # fmt: skip
        parts.append(pd.DataFrame(columns))
    table = pd.concat(parts, ignore_index=True).astype({by: "str", "stage": "str", **dict.fromkeys(COUNTS, "int64")})
    for suffix, part, base in (("", "n", "n_all"), ("_before", "n", "n_before"), ("_any", "n_any", "n_all")):
        table[f"share{suffix}"] = table[part] / table[base].where(table[base] > 0)
        table[f"low{suffix}"], table[f"high{suffix}"] = wilson_interval(table[part], table[base], confidence)
    table["flag"] = np.where(table["n_all"] > 0, "", NOBODY)
    return table


def _check(
    units: pd.DataFrame, by: str, stages: Sequence[str], groups: Sequence[str], done: str, undone: str, whole: str
) -> None:
    lacking = [column for column in [by, *stages] if column not in units.columns]
    if lacking:
        raise StudyError(f"the units have no column {listed(lacking)}; they have {listed(map(str, units.columns))}")
    if not stages:
        raise StudyError("no stages were named; give their columns in order")
    for stage in stages:
        bad = ~units[stage].isin([done, undone])
        if bad.any():
            row = int(bad.to_numpy().argmax())
            cell = units[stage].iloc[row]
            told = "missing" if pd.isna(cell) else shown(str(cell))
            raise StudyError(
                f"row {row + 1} of the units: {stage} is {told}, but allowed are {done} and "
                f"{undone}; correct it, or leave the unit out and say so"
            )
    stray = sorted(set(units[by].astype("str")) - set(groups))
    if stray:
        raise StudyError(f"column '{by}' holds {listed(map(shown, stray))}, but allowed are {listed(groups)}")
    if whole and whole in groups:
        raise StudyError(f"'{whole}' is the name of a group and of all units together; choose another name for all")


def cluster_intervals(
    units: pd.DataFrame,
    by: str,
    stages: Sequence[str],
    *,
    cluster: str,
    groups: Sequence[str],
    done: str,
    seed: int,
    whole: str = "",
    replicates: int = 2000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Intervals of the shares of `stage_shares` that draw whole clusters anew, such as the places units come from.

    Parameters
    ----------
    units, by, stages, groups, done, whole, confidence
        As for `stage_shares`.
    cluster : str
        Column of clusters; one name is one cluster of its group.
    seed : int
        Of the draws.
    replicates : int
        Number of draws.

    Returns
    -------
    DataFrame
        Column `by`, stage, n_clusters, low_cluster, high_cluster (percentiles of n of n_all) and flag:
        ``one_cluster`` where there are fewer than two, ``no_spread`` where no draw can differ (share 0 or 1); the
        interval is missing there.

    Notes
    -----
    Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8: clusters are drawn with
    replacement, units within them are kept.
    """
    reached = (units[list(stages)] == done).cummin(axis=1).assign(group=units[by], cluster=units[cluster], total=1)
    if reached[["group", "cluster"]].isna().any(axis=None):
        raise StudyError(f"a unit has no {by} or no {cluster}; clusters cannot be drawn without them")
    random = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for group in [*([whole] if whole else []), *groups]:
        mine = reached if whole and group == whole else reached[reached["group"] == group]
        sums = mine.groupby(["group", "cluster"])[[*stages, "total"]].sum().to_numpy(dtype=float)
        draws = random.integers(0, max(len(sums), 1), size=(replicates, len(sums)))
        for place, stage in enumerate(stages):
            low, high, flag = _percentiles(sums[:, place], sums[:, -1], draws, confidence)
            rows.append((group, stage, len(sums), low, high, flag))
    return pd.DataFrame(rows, columns=[by, "stage", "n_clusters", "low_cluster", "high_cluster", "flag"])


def _percentiles(
    parts: NDArray[np.float64], totals: NDArray[np.float64], draws: NDArray[np.int64], confidence: float
) -> tuple[float, float, str]:
    if len(parts) < 2:
        return float("nan"), float("nan"), "one_cluster"
    if np.ptp(parts / totals) == 0:
        return float("nan"), float("nan"), "no_spread"
    drawn = parts[draws].sum(axis=1) / totals[draws].sum(axis=1)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high), ""
