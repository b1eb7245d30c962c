"""Reliability of all scales: over all respondents, within cases, and in each case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.methods.scales.alpha import alphas_of, feldt_interval
from nsi.methods.scales.asked import items_asked, need_columns
from nsi.methods.scales.case_places import case_places
from nsi.methods.scales.cross_products import CrossProducts, Floats, Places, complete_rows, cross_products
from nsi.methods.scales.omega import Omegas, omegas_of
from nsi.methods.scales.scoring import check_scales, keyed_answers

POOLED = "all"
WITHIN = "within"
WITHHELD = "withheld"
ESTIMATES = ["alpha", "alpha_low", "alpha_high", "alpha_pairwise", "omega"]


def scale_reliability(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    scales: pd.DataFrame,
    *,
    minimum_n: int,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Alpha and one-factor omega of each scale: pooled, within cases, and by case.

    Parameters
    ----------
    responses : DataFrame
        One row per response: case, answers and reasons of every item.
    items : DataFrame
        Columns item, scale, reverse, low, high.
    scales : DataFrame
        Column scale.
    minimum_n : int
        Estimates from fewer complete respondents than this are withheld.
    confidence : float
        Level of the interval of alpha.

    Returns
    -------
    DataFrame
        For each scale a row "all" (pooled), a row "within" (deviations of each item from its mean in the
        case), then one row per case, sorted: scale, case, n (answered any item), n_complete (answered all),
        k_items (asked of anybody), alpha, alpha_low, alpha_high (complete respondents, Feldt's interval),
        alpha_pairwise, omega (complete respondents), flag. A scale of which nothing was asked has no row.
        `flag` is "" where all is defined; "withheld", with no estimates, below `minimum_n`; else alpha's
        reason ("too_few_items", "too_few_rows", "no_variation"), or with alpha defined "omega_" and a reason
        of `OmegaResult` ("omega_heywood" and "omega_negative_loading" come with an estimate), or "pairwise_"
        and a reason.

    Raises
    ------
    StudyError
        If an item has no column or an answer outside its limits, scales and items do not match, a response
        has no case, or a case is called "all" or "within".
    """
    check_scales(items, scales)
    need_columns(responses, items[items["scale"].notna()])
    place, names = case_places(responses["case"], len(responses))
    for taken in (POOLED, WITHIN):
        if taken in names:
            raise StudyError(f"a case is called {taken!r}, which names a row of the table; rename the case")
    parts = []
    for scale in scales["scale"]:
        chosen = items[items["item"].isin(items_asked(responses, items, scale))]
        if len(chosen):
            values = keyed_answers(responses, chosen).to_numpy()
            part = _of_scale(values, place, names, confidence)
            part.insert(0, "scale", pd.Series(scale, index=part.index, dtype="str"))
            parts.append(part)
    whole = pd.concat(parts, ignore_index=True) if parts else _of_nothing()
    held = whole["n_complete"] < minimum_n
    whole.loc[held, ESTIMATES] = np.nan
    whole.loc[held, "flag"] = WITHHELD
    return whole


def _of_nothing() -> pd.DataFrame:
    """The table without rows: no scale was asked."""
    part = _of_scale(np.empty((0, 1)), np.empty(0, dtype=np.intp), [], 0.5)
    part.insert(0, "scale", pd.Series(dtype="str"))
    return part.iloc[:0]


def _of_scale(values: Floats, place: Places, names: Sequence[str], confidence: float) -> pd.DataFrame:
    """Rows of one scale, in the order all, within, cases."""
    full = complete_rows(values)
    any_answer = np.asarray(~np.isnan(values).all(axis=1))
    complete = _three_levels(values[full], place[full], len(names))
    pairwise = _three_levels(values, place, len(names))
    alpha, why = alphas_of(complete[0].sums, complete[1])
    k = values.shape[1]
    low, high = feldt_interval(alpha, complete[1][:, 0, 0], k, confidence)
    alpha_pairwise, why_pairwise = alphas_of(pairwise[0].sums, pairwise[1])
    omegas: Omegas = omegas_of(complete[0], complete[1][:, 0, 0])
    flags = [_first(*reasons) for reasons in zip(why, omegas.flag, why_pairwise, strict=True)]
    return pd.DataFrame(
        {
            "case": pd.Series([POOLED, WITHIN, *names], dtype="str"),
            "n": _counts(any_answer, place, len(names)),
            "n_complete": _counts(full, place, len(names)),
            "k_items": k,
            "alpha": alpha,
            "alpha_low": low,
            "alpha_high": high,
            "alpha_pairwise": alpha_pairwise,
            "omega": omegas.estimate,
            "flag": pd.Series(flags, dtype="str"),
        }
    )


def _three_levels(values: Floats, place: Places, n_cases: int) -> tuple[CrossProducts, Floats]:
    """Products and their degrees of freedom: of all respondents, within cases, of each case."""
    pooled = cross_products(values, np.zeros_like(place), 1)
    each = cross_products(values, place, n_cases)
    freedom = np.maximum(each.counts - 1, 0)  # a case without answers takes none away
    within = each.pooled
    levels = CrossProducts(*(np.concatenate(parts) for parts in zip(pooled, within, each, strict=True)))
    return levels, np.concatenate([pooled.counts - 1, freedom.sum(axis=0)[None], freedom])


def _counts(chosen: NDArray[np.bool_], place: Places, n_cases: int) -> Places:
    return np.concatenate([[chosen.sum()] * 2, np.bincount(place[chosen], minlength=n_cases)])


def _first(alpha: str, omega: str, pairwise: str) -> str:
    """The reason that tells most; those of omega and of pairwise alpha say whose they are."""
    if alpha:
        return alpha
    if omega:
        return f"omega_{omega}"
    return f"pairwise_{pairwise}" if pairwise else ""
