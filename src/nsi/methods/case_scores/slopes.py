"""Slope over time of each of many groups at once, with errors that know that people recur."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEWEST = 3  # people; with fewer the error of a slope is made of nothing


def grouped_slopes(
    values: NDArray[np.float64],
    times: NDArray[np.float64],
    groups: NDArray[np.int64],
    people: NDArray[np.int64],
    n_groups: int,
    *,
    within: bool,
) -> pd.DataFrame:
    """Least-squares slope of each group, standard errors clustered by person.

    Parameters
    ----------
    values, times : array
        One entry per answer, no gaps.
    groups, people : array of int
        Codes from 0 on; a person belongs to one group.
    n_groups : int
        How many groups there are, met or not.
    within : bool
        False: with an intercept per group. True: with one per person, so that only change of the same people counts.

    Returns
    -------
    DataFrame
        One row per group code: slope (per unit of time), se, n_responses, n_persons, n_waves, flag: "" | "one_wave" (no
        two times, or within: nobody at two) | "too_few_respondents" (under three people; se missing) |
        "no_residual_variance" (all points on the line: se missing, as zero would claim certainty).
        The error is the cluster-robust sandwich with the small-sample factor G/(G-1) (N-1)/(N-K) for G people and N
        answers, K = 2; within people K = 1, as their intercepts are nested in the clusters.

    Source: Cameron & Miller (2015), A Practitioner's Guide to Cluster-Robust Inference, J. Human Resources 50:317-372.
    """
    unit = people if within else groups
    t = times - _means(times, unit)
    y = values - _means(values, unit)
    ties = np.bincount(groups, weights=t * t, minlength=n_groups)
    counts = _counts(groups, people, times, n_groups)
    persons, n = counts["n_persons"].to_numpy(), counts["n_responses"].to_numpy()
    span = np.bincount(groups, weights=np.abs(times), minlength=n_groups) / np.maximum(n, 1)
    sloped = ties > 1e-20 * (1.0 + span**2) * np.maximum(n, 1)  # equal times leave rounding errors, not zeros
    slope = np.divide(np.bincount(groups, weights=t * y, minlength=n_groups), ties, out=_none(n_groups), where=sloped)
    fitted = np.where(sloped, slope, 0.0)[groups] * t
    meat = _clustered(t * (y - fitted), groups, people, n_groups)
    parameters = 1 if within else 2
    usable = sloped & (persons >= FEWEST) & (n > parameters)
    small = np.divide(persons * (n - 1.0), (persons - 1.0) * (n - parameters), out=_none(n_groups), where=usable)
    se = np.sqrt(np.divide(meat * small, ties**2, out=_none(n_groups), where=usable))
    size = np.sqrt(np.bincount(groups, weights=values * values, minlength=n_groups) / np.maximum(n, 1))
    exact = usable & (se <= 1e-12 * (1.0 + size))
    flag = np.select(
        [~sloped, ~usable, exact], ["one_wave", "too_few_respondents", "no_residual_variance"], default=""
    )
    return pd.DataFrame({"slope": slope, "se": np.where(exact, np.nan, se)}).join(counts).assign(flag=flag)


def _means(values: NDArray[np.float64], unit: NDArray[np.int64]) -> NDArray[np.float64]:
    count = np.bincount(unit)
    return (np.bincount(unit, weights=values) / np.maximum(count, 1))[unit]


def _counts(
    groups: NDArray[np.int64], people: NDArray[np.int64], times: NDArray[np.float64], n_groups: int
) -> pd.DataFrame:
    frame = pd.DataFrame({"group": groups, "person": people, "time": times})
    found = pd.DataFrame(
        {
            "n_responses": frame.groupby("group").size(),
            "n_persons": frame.groupby("group")["person"].nunique(),
            "n_waves": frame.groupby("group")["time"].nunique(),
        }
    )
    return found.reindex(range(n_groups)).fillna(0).astype("int64")


def _clustered(
    score: NDArray[np.float64], groups: NDArray[np.int64], people: NDArray[np.int64], n_groups: int
) -> NDArray[np.float64]:
    """Sum over people of the square of their summed scores, by group."""
    by_person = np.bincount(people, weights=score)
    home = np.zeros(len(by_person), dtype="int64")
    home[people] = groups
    return np.asarray(np.bincount(home, weights=by_person**2, minlength=n_groups), dtype=np.float64)


def _none(n: int) -> NDArray[np.float64]:
    return np.full(n, np.nan)
