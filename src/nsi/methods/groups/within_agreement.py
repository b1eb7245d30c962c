"""Agreement of the members of one group on a scale: r_wg(j), r*_wg(j), a_wg and average deviations.

Sources: James, Demaree & Wolf (1984), Journal of Applied Psychology 69 (r_wg(j)); Lindell, Brandt & Whitney
(1999), Applied Psychological Measurement 23 (r*_wg(j)); Burke & Dunlap (2002), Organizational Research
Methods 5 (average deviation); Brown & Hauenstein (2005), Organizational Research Methods 8 (a_wg).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.groups.membership import (
    Floats,
    Ints,
    as_floats,
    group_codes,
    joined_flags,
    ratio,
    require_groups,
    require_same_rows,
)
from nsi.methods.groups.null_distributions import SLIGHTLY_SKEWED, UNIFORM, expected_variance

CLAMPED = "clamped"
TOO_FEW_ANSWERS = "too_few_answers"
NO_SKEWED_NULL = "no_skewed_null"
MEASURES = ("rwg_j", "rwg_j_skewed", "rwg_j_lindell", "rwg_mean", "ad_mean", "ad_median", "awg")
DEVIATIONS = ("ad_mean", "ad_median")
HABITUAL = 0.7  # the usual cut for r_wg(j): a habit, which random answers can pass


def within_group_agreement(
    answers: pd.DataFrame,
    groups: pd.Series,
    low: float,
    high: float,
    null: str = UNIFORM,
    minimum_n: int = 2,
) -> pd.DataFrame:
    """How far members of each group give the same answers to the items of one scale.

    Parameters
    ----------
    answers : DataFrame of float, shape (n_respondents, n_items)
        Reversed already; NaN where not answered. Respondents with a gap are left out; one item will do.
    groups : Series, shape (n_respondents,)
        Name of each respondent's group, on the same index.
    low, high : float
        Limits of the answer format, in steps of 1.
    null : str
        What chance is in `rwg_j`, `rwg_j_lindell` and `rwg_mean`: "uniform" or "slightly_skewed".
    minimum_n : int
        Complete respondents that a group needs, 2 or more.

    Returns
    -------
    DataFrame
        One row for each group, in order of name: case, n (complete respondents), k_items,
        rwg_j (0 to 1; for one item it is r_wg), rwg_j_skewed (the same against the slightly skewed null),
        rwg_j_lindell (r*_wg(j), at most 1, negative values kept), rwg_mean (mean of the items' r_wg, each 0
        or more), ad_mean and ad_median (steps of the answer format, mean over items, 0 is full agreement),
        awg (mean over the items for which it is defined, -1 to 1), flag, flag_skewed.
        flag is "too_few_answers" (all measures NaN), "clamped" (answers vary more than chance would make
        them, where the formula leaves its range; set to 0 as James et al. do) or "no_skewed_null";
        flag_skewed says the same of rwg_j_skewed.

    Raises
    ------
    StudyError
        If answers and groups do not belong together, an answer lies outside the limits, or the limits,
        `null` or `minimum_n` are not usable.
    """
    options = _options(low, high, minimum_n)
    chance = expected_variance(null, options)
    skewed_chance = expected_variance(SLIGHTLY_SKEWED, options)
    columns, code, cases = _complete(answers, groups, low, high)
    n = np.bincount(code, minlength=len(cases)).astype(np.int64)
    few = n < minimum_n
    variance, single, measures = _over_items(columns, code, n, (low, high), chance)
    result = pd.DataFrame({"case": cases, "n": n, "k_items": len(columns)})
    result["rwg_j"], clamped = _james(variance, chance, len(columns))
    result["rwg_j_skewed"], clamped_skewed = _james(variance, skewed_chance, len(columns))
    result["rwg_j_lindell"], result["rwg_mean"] = 1 - variance / chance, single
    for name, measure in measures.items():
        result[name] = measure
    result.loc[few, list(MEASURES)] = np.nan
    for column, over, level in (("flag", clamped, chance), ("flag_skewed", clamped_skewed, skewed_chance)):
        unknown = np.full(len(n), bool(np.isnan(level)))
        told = [(few, TOO_FEW_ANSWERS), (over & ~few, CLAMPED), (unknown & ~few, NO_SKEWED_NULL)]
        result[column] = pd.Series(joined_flags(len(n), told), dtype="str")
    return result


def agreement_summary(table: pd.DataFrame, cut: float = HABITUAL) -> pd.DataFrame:
    """Each measure of agreement over groups.

    Parameters
    ----------
    table : DataFrame
        As `within_group_agreement` gives it.
    cut : float
        Value of which the share of groups at or above is wanted.

    Returns
    -------
    DataFrame
        One row for each measure: measure, n_groups (in which it is defined), mean, median, minimum, maximum,
        share_at_cut (NaN for deviations, which are low where agreement is high); NaN where no group has a value.
    """
    rows = []
    for measure in MEASURES:
        known = np.sort(table[measure].dropna().to_numpy(dtype=np.float64))
        defined = len(known) > 0
        rows.append(
            {
                "measure": measure,
                "n_groups": len(known),
                "mean": known.mean() if defined else np.nan,
                "median": np.median(known) if defined else np.nan,
                "minimum": known[0] if defined else np.nan,
                "maximum": known[-1] if defined else np.nan,
                "share_at_cut": (known >= cut).mean() if defined and measure not in DEVIATIONS else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _options(low: float, high: float, minimum_n: int) -> int:
    options = high - low + 1
    if not (np.isfinite(options) and options == int(options) and options >= 2):
        raise StudyError(f"limits of the answer format must be whole steps apart; found {low} to {high}")
    if minimum_n < 2:
        raise StudyError(f"minimum_n must be 2 or more, since one person cannot disagree; found {minimum_n}")
    return int(options)


def _complete(answers: pd.DataFrame, groups: pd.Series, low: float, high: float) -> tuple[list[Floats], Ints, pd.Index]:
    """Answers of complete respondents, item by item; their groups; names of all groups."""
    if not answers.shape[1]:
        raise StudyError("answers has no item; pass one column for each item of the scale")
    require_same_rows(answers.index, groups.index, "answers")
    columns = []
    for position, item in enumerate(answers.columns):
        column = as_floats(answers.iloc[:, position], f"item {shown(str(item))}")
        outside = np.flatnonzero((column < low) | (column > high))
        if len(outside):
            raise StudyError(
                f"item {shown(str(item))} row {listed(answers.index[outside])}: found {column[outside[0]]:g}, "
                f"but the answer format allows {low:g} to {high:g}; set codes for no answer to missing first"
            )
        columns.append(column)
    complete = ~np.any([np.isnan(column) for column in columns], axis=0)
    require_groups(groups, complete)
    code, cases = group_codes(groups)
    return [column[complete] for column in columns], code[complete], cases


def _over_items(
    columns: Sequence[Floats], code: Ints, n: Ints, limits: tuple[float, float], chance: float
) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Means over items of: variance, r_wg, and the measures that need no null; each of shape (n_groups,)."""
    size, k = len(n), len(columns)
    variance, single = np.zeros(size), np.zeros(size)
    measures = {name: np.zeros(size) for name in ("ad_mean", "ad_median", "awg")}
    defined = np.zeros(size)
    sorted_code = np.repeat(np.arange(size), n)
    for column in columns:
        answer = _sorted_answers(column, code)
        mean, middle = ratio(np.bincount(sorted_code, answer, size), n), _medians(answer, n)
        squares = np.bincount(sorted_code, (answer - mean[sorted_code]) ** 2, size)
        own = ratio(squares, n - 1)
        variance += own / k
        single += np.maximum(1 - own / chance, 0) / k
        for name, centre in (("ad_mean", mean), ("ad_median", middle)):
            away = np.bincount(sorted_code, np.abs(answer - centre[sorted_code]), size)
            measures[name] += ratio(away, n) / k
        awg = _brown_hauenstein(own, mean, n, limits)
        measures["awg"] += np.where(np.isnan(awg), 0, awg)
        defined += ~np.isnan(awg)
    measures["awg"] = ratio(measures["awg"], defined)
    return variance, single, measures


def _sorted_answers(answer: Floats, code: Ints) -> Floats:
    """Answers to one item sorted by group, then size: sums then come out alike in whatever order rows stand."""
    # Few different answers: sorting whole numbers for group and answer is much faster than sorting rows.
    levels, level = np.unique(answer, return_inverse=True)
    return levels[np.sort(code * len(levels) + level) % max(len(levels), 1)]


def _medians(answer: Floats, n: Ints) -> Floats:
    """Median of each group, NaN in an empty one, from answers sorted by group and size."""
    filled = n > 0
    start, count = (np.cumsum(n) - n)[filled], n[filled]
    middle = np.full(len(n), np.nan)
    middle[filled] = (answer[start + (count - 1) // 2] + answer[start + count // 2]) / 2
    return middle


def _james(variance: Floats, chance: float, k: int) -> tuple[Floats, np.ndarray]:
    """r_wg(j) from the mean variance over items, and where it was set to 0."""
    share = variance / chance
    over = share > 1
    share = np.where(over, 1.0, share)
    return k * (1 - share) / (k * (1 - share) + share), over


def _brown_hauenstein(variance: Floats, mean: Floats, n: Ints, limits: tuple[float, float]) -> Floats:
    """a_wg of one item; NaN where the mean is too near a limit for variance to show disagreement."""
    low, high = limits
    least, most = ratio(low * (n - 1) + high, n), ratio(high * (n - 1) + low, n)
    possible = ((high + low) * mean - mean**2 - high * low) * ratio(n, n - 1)
    inside = (mean >= least) & (mean <= most) & (n > 1) & (possible > 0)
    return 1 - np.divide(2 * variance, possible, out=np.full(len(n), np.nan), where=inside)
