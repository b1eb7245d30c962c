"""Ranks of groups with the uncertainty of being ranked, drawn from the posterior of their means.

Raw means must not be ranked: small groups have extreme means by chance alone, and come out first and last.
Source: Goldstein & Spiegelhalter (1996), Journal of the Royal Statistical Society A 159.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.methods.groups.membership import Floats, joined_flags, require_unique

NOT_RANKED = "not_ranked"
TOO_FEW_TO_CHOOSE = "too_few_to_choose"
ABOVE, BELOW, UNCLEAR = "above", "below", "unclear"
CELLS = 2**20  # draws times cases that are worked on at once, to bound memory

Ranks = NDArray[np.int32]


def rank_posterior(groups: pd.DataFrame, seed: int, draws: int = 4000, level: float = 0.9, *, top: int) -> pd.DataFrame:
    """Rank of each case with its interval, and the probability of being among the highest or lowest.

    Means are drawn independently from normal distributions with mean `eb_mean` and error `eb_se`. That leaves
    out that the common mean is one and the same in all of them, that the variances are estimated too (with few
    groups, intervals are somewhat too short), and that scores on a bounded scale are not quite normal.

    Parameters
    ----------
    groups : DataFrame
        Columns case, eb_mean, eb_se, as `empirical_bayes` gives them. Rows may stand in any order.
    seed : int
        Seed of the draws; the same seed gives the same table.
    draws : int
        Number of draws.
    level : float
        Probability inside the interval of ranks, between 0 and 1.
    top : int
        How many cases would be chosen from either end, 1 or more.

    Returns
    -------
    DataFrame
        One row for each case, in the order given: case, rank_median (the lower one of two), rank_low,
        rank_high (whole numbers, 1 is the highest mean; NA where the case has no posterior), p_top, p_bottom
        (0 to 1, each sums to `top`), flag. "not_ranked": no posterior. "too_few_to_choose": no more than `top`
        cases have one, so that p_top and p_bottom are NaN.

    Raises
    ------
    StudyError
        If a case stands twice, an error is negative, or draws, level or top are not usable.
    """
    _require_settings(draws, level, top)
    mean, error = _posterior(groups)
    known = np.flatnonzero(~np.isnan(mean) & ~np.isnan(error))
    # Drawn in order of name, so that a case gets the same ranks wherever its row stands.
    known = known[np.argsort(groups["case"].astype("str").to_numpy()[known], kind="stable")]
    ranks = _drawn_ranks(mean[known], error[known], seed, draws)
    size, enough = len(known), len(known) > top
    ranked = np.zeros(len(mean), dtype=bool)
    ranked[known] = True
    columns: dict[str, object] = {"case": groups["case"].to_numpy()}
    for name, column in _placed(ranks, level).items():
        place = np.zeros(len(mean), dtype=np.int64)
        place[known] = column
        columns[name] = pd.arrays.IntegerArray(place, ~ranked)
    for name, chosen in (("p_top", ranks <= top), ("p_bottom", ranks > size - top)):
        share = np.full(len(mean), np.nan)
        if enough:
            share[known] = chosen.mean(axis=0)
        columns[name] = share
    flags = [(~ranked, NOT_RANKED), (ranked & (not enough), TOO_FEW_TO_CHOOSE)]
    columns["flag"] = pd.Series(joined_flags(len(mean), flags), dtype="str")
    return pd.DataFrame(columns)


def probability_above(groups: pd.DataFrame, cut: float, level: float = 0.9) -> pd.DataFrame:
    """Probability that the mean of each case lies above a cut.

    Parameters
    ----------
    groups : DataFrame
        Columns case, eb_mean, eb_se, as `empirical_bayes` gives them.
    cut : float
        Value to compare with, in the unit of the means.
    level : float
        Probability from which on a case is said to be above, or below; above 0.5 and below 1.

    Returns
    -------
    DataFrame
        One row for each case, in the order given: case, p_above (0 to 1; NaN without a posterior, and where
        a mean without error lies at the cut), standing ("above", "below", "unclear"; "" where p_above is NaN).

    Raises
    ------
    StudyError
        If a case stands twice, an error is negative, or cut or level are not usable.
    """
    if not math.isfinite(cut):
        raise StudyError(f"cut must be a finite number; found {cut}")
    if not 0.5 < level < 1:
        raise StudyError(f"level must lie above 0.5 and below 1; found {level}")
    mean, error = _posterior(groups)
    away = mean - cut
    certain = np.where(away > 0, np.inf, np.where(away < 0, -np.inf, np.nan))
    score = np.divide(away, error, out=certain, where=error > 0)
    score[np.isnan(mean) | np.isnan(error)] = np.nan
    # erfc keeps its digits in the tail, where 1 - p would lose them.
    p_above = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in score], dtype=np.float64)
    standing = np.full(len(mean), UNCLEAR, dtype=object)
    for holds, text in ((p_above >= level, ABOVE), (p_above <= 1 - level, BELOW), (np.isnan(p_above), "")):
        standing[holds] = text
    return pd.DataFrame(
        {"case": groups["case"].to_numpy(), "p_above": p_above, "standing": pd.Series(standing, dtype="str")}
    )


def _require_settings(draws: int, level: float, top: int) -> None:
    if draws < 1:
        raise StudyError(f"draws must be 1 or more; found {draws}")
    if not 0 < level < 1:
        raise StudyError(f"level must lie between 0 and 1; found {level}; 0.9 for an interval of 90 percent")
    if top < 1:
        raise StudyError(f"top must be 1 or more cases; found {top}")


def _posterior(groups: pd.DataFrame) -> tuple[Floats, Floats]:
    absent = [name for name in ("case", "eb_mean", "eb_se") if name not in groups.columns]
    if absent:
        raise StudyError(f"column {', '.join(absent)} is missing; pass what empirical_bayes gives")
    require_unique(groups["case"], "the table of groups")
    mean = groups["eb_mean"].to_numpy(dtype=np.float64, na_value=np.nan)
    error = groups["eb_se"].to_numpy(dtype=np.float64, na_value=np.nan)
    if (error < 0).any() or np.isinf(error).any() or np.isinf(mean).any():
        raise StudyError("eb_mean must be finite and eb_se finite and 0 or more; pass what empirical_bayes gives")
    return mean, error


def _drawn_ranks(mean: Floats, error: Floats, seed: int, draws: int) -> Ranks:
    """Rank of every case in every draw, 1 for the highest; shape (draws, n_cases)."""
    random, size = Generator(PCG64(seed)), len(mean)
    ranks = np.empty((draws, size), dtype=np.int32)
    exact = bool((error == 0).any())
    block = max(1, CELLS // max(size, 1))
    for at in range(0, draws, block):
        rows = min(block, draws - at)
        drawn = mean + error * random.standard_normal((rows, size))
        # Means without error may tie; which comes first is then drawn as well.
        order = np.lexsort((random.random((rows, size)), -drawn)) if exact else np.argsort(-drawn, kind="stable")
        position = np.broadcast_to(np.arange(1, size + 1, dtype=np.int32), (rows, size))
        np.put_along_axis(ranks[at : at + rows], order, position, axis=1)
    return ranks


def _placed(ranks: Ranks, level: float) -> dict[str, Ranks]:
    """Median rank of each case over its draws, and the ends of its interval."""
    draws, size = ranks.shape
    tail = (1 - level) / 2
    # Ends that fall between two draws are moved outwards, so that the interval holds at least `level`.
    places = {
        "rank_median": (draws - 1) // 2,
        "rank_low": math.floor(tail * (draws - 1)),
        "rank_high": math.ceil((1 - tail) * (draws - 1)),
    }
    found = {name: np.empty(size, dtype=np.int32) for name in places}
    block = max(1, CELLS // draws)
    for at in range(0, size, block):
        ordered = np.sort(ranks[:, at : at + block], axis=0)
        for name, place in places.items():
            found[name][at : at + block] = ordered[place]
    return found
