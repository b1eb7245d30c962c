"""Cronbach's alpha of a scale, with Feldt's interval, and why it may be undefined.

Source: Cronbach (1951), Psychometrika 16:297; interval: Feldt, Woodruff & Salih (1987), Applied Psychological
Measurement 11:93, exact for normal answers with equal covariances.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.scales.case_places import case_places
from nsi.methods.scales.cross_products import (
    CrossProducts,
    Floats,
    answer_values,
    complete_rows,
    cross_products,
    one_group,
)

MISSING = ("complete", "pairwise")
TOO_FEW_ITEMS = "too_few_items"
TOO_FEW_ROWS = "too_few_rows"
NO_OVERLAP = "no_overlap"
NO_VARIATION = "no_variation"
NOTHING = 1e-12  # share of the items' variance below which the variance of their sum is rounding


class AlphaResult(NamedTuple):
    """Cronbach's alpha of one scale in one set of respondents.

    Attributes
    ----------
    estimate : float
        At most 1; below 0 where items run against each other. NaN where `flag` says why it is undefined.
    low, high : float
        Feldt's confidence interval; NaN where the estimate is.
    flag : str
        "" where defined; else "too_few_items" (fewer than 2), "too_few_rows" (fewer than 2 respondents),
        "no_overlap" (two items that fewer than 2 respondents answered both; pairwise only) or
        "no_variation" (the sum of the items does not vary).
    n : int
        Respondents behind it: who answered all items; pairwise, who answered both of the pair of items that
        the fewest answered both, which also is the n of the interval.
    k_items : int
        Number of items.
    """

    estimate: float
    low: float
    high: float
    flag: str
    n: int
    k_items: int


def cronbach_alpha(answers: pd.DataFrame, missing: str = "complete") -> float:
    """Cronbach's alpha, from raw covariances.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, k)
        One column per item, already reversed; NaN where not answered.
    missing : str
        "complete" takes respondents who answered every item; "pairwise" takes each covariance from those who
        answered both items.

    Returns
    -------
    float
        NaN with fewer than 2 items or 2 respondents, or where the sum of the items does not vary.

    Raises
    ------
    StudyError
        If `missing` is another word, or an item occurs twice.
    """
    return alpha_estimate(answers, missing).estimate


def alpha_estimate(answers: pd.DataFrame, missing: str = "complete", confidence: float = 0.95) -> AlphaResult:
    """Cronbach's alpha with its interval and the reason where it is undefined.

    Parameters
    ----------
    answers, missing
        As for `cronbach_alpha`.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    StudyError
        As for `cronbach_alpha`, and if the level is not between 0 and 1.
    """
    if missing not in MISSING:
        raise StudyError(f"missing is {missing!r}; choose one of {', '.join(MISSING)}")
    values = answer_values(answers)
    values = values[complete_rows(values)] if missing == "complete" else values
    products = cross_products(values, one_group(values), 1)
    return _result(products, products.counts - 1, confidence)


def within_alpha(answers: pd.DataFrame, cases: pd.Series, confidence: float = 0.95) -> AlphaResult:
    """Cronbach's alpha of the differences among respondents of the same case.

    Alpha over all respondents mixes two levels: cases that differ in their means raise it.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, k)
        One column per item, already reversed; who left one out is not used.
    cases : Series, shape (n_respondents,)
        Case of each respondent, in the order of the rows.
    confidence : float
        Level of the interval; its degrees of freedom are respondents less cases.

    Returns
    -------
    AlphaResult
        Of the deviations of each item from its mean in the case.

    Raises
    ------
    StudyError
        If a respondent has no case, or rows do not match.
    """
    values = answer_values(answers)
    place, names = case_places(cases, len(values))
    full = complete_rows(values)
    parts = cross_products(values[full], place[full], len(names))
    freedom = np.maximum(parts.counts - 1, 0).sum(axis=0)[None]
    return _result(parts.pooled, freedom, confidence)


def _result(products: CrossProducts, freedom: Floats, confidence: float) -> AlphaResult:
    k = products.sums.shape[1]
    alphas, flags = alphas_of(products.sums, freedom)
    fewest = freedom[0].min() if k else 0.0
    low, high = feldt_interval(alphas, np.array([fewest]), k, confidence)
    n = int(products.counts[0].min()) if k else 0
    return AlphaResult(float(alphas[0]), float(low[0]), float(high[0]), flags[0], n, k)


def alphas_of(sums: Floats, freedom: Floats) -> tuple[Floats, list[str]]:
    """Alpha of each of many sets of respondents.

    Parameters
    ----------
    sums : array of float, shape (n_sets, k, k)
        Sums of products of deviations.
    freedom : array of float, shape (n_sets, k, k)
        Their degrees of freedom.

    Returns
    -------
    array of float, shape (n_sets,)
        NaN where undefined.
    list of str
        Reason where undefined, "" elsewhere; see `AlphaResult`.
    """
    n_sets, k = sums.shape[:2]
    if k < 2:
        return np.full(n_sets, np.nan), [TOO_FEW_ITEMS] * n_sets
    covariance = sums / np.maximum(freedom, 1)
    own = np.trace(covariance, axis1=1, axis2=2)
    total = covariance.sum(axis=(1, 2))
    single = np.diagonal(freedom, axis1=1, axis2=2).min(axis=1) < 1
    apart = freedom.min(axis=(1, 2)) < 1
    still = total <= NOTHING * own
    flags = np.select([single, apart, still], [TOO_FEW_ROWS, NO_OVERLAP, NO_VARIATION], "").tolist()
    alpha = k / (k - 1) * (1 - own / np.where(still, 1.0, total))
    return np.where(single | apart | still, np.nan, alpha), flags


def feldt_interval(alpha: Floats, freedom: Floats, k_items: int, confidence: float) -> tuple[Floats, Floats]:
    """Confidence interval of alpha: (1 - alpha) / (1 - estimate) follows an F distribution.

    Parameters
    ----------
    alpha : array of float, shape (n_sets,)
        Estimates, NaN where undefined.
    freedom : array of float, shape (n_sets,)
        Respondents less 1, or less the number of cases where deviations from case means are meant.
    k_items : int
        Number of items.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    two arrays of float, shape (n_sets,)
        Lower and upper limit, NaN where the estimate is.

    Raises
    ------
    StudyError
        If the level is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise StudyError(f"confidence must lie between 0 and 1; found {confidence}")
    from scipy.special import fdtri  # a quarter of a second, paid where an interval is asked for

    above = np.maximum(freedom, 1.0)
    below = above * max(k_items - 1, 1)
    tail = (1 - confidence) / 2
    return 1 - (1 - alpha) * fdtri(above, below, 1 - tail), 1 - (1 - alpha) * fdtri(above, below, tail)
