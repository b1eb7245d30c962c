"""What each item does in its scale: mean, correlation with the rest, alpha without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.methods.scales.alpha import NO_VARIATION, NOTHING, TOO_FEW_ITEMS, TOO_FEW_ROWS
from nsi.methods.scales.asked import items_asked, need_columns
from nsi.methods.scales.cross_products import (
    Floats,
    answer_values,
    complete_rows,
    cross_products,
    one_group,
)
from nsi.methods.scales.omega import CONSTANT_ITEM
from nsi.methods.scales.scoring import check_scales, keyed_answers

NEGATIVE = "negative_item_rest"


def item_statistics(answers: pd.DataFrame) -> pd.DataFrame:
    """Statistics of the items of one scale, over respondents who answered all of them.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, k)
        One column per item, already reversed; NaN where not answered.

    Returns
    -------
    DataFrame
        One row per item in the order of the columns: item, n (complete respondents), mean, sd (n - 1),
        item_rest (correlation with the sum of the other items), alpha_if_dropped, flag. NaN where undefined;
        `flag` names the first reason: "too_few_rows" (fewer than 2), "constant_item", "too_few_items" (no
        two others are left, so alpha without the item is undefined), "no_variation" (the others' sum does not
        vary). "negative_item_rest" is no gap but a warning: the item runs against the others; is it reversed?

    Raises
    ------
    StudyError
        If an item occurs twice.
    """
    values = answer_values(answers)
    values = values[complete_rows(values)]
    n, k = values.shape
    mean = values.sum(axis=0) / n if n else np.full(k, np.nan)
    enough = n >= 2
    covariance = cross_products(values, one_group(values), 1).sums[0] / max(n - 1, 1)
    item_rest, dropped, flag = _against_rest(covariance)
    sd = np.sqrt(np.diag(covariance))
    return pd.DataFrame(
        {
            "item": [str(item) for item in answers.columns],
            "n": np.full(k, n),
            "mean": mean,
            "sd": sd if enough else np.nan,
            "item_rest": item_rest if enough else np.nan,
            "alpha_if_dropped": dropped if enough else np.nan,
            "flag": flag if enough else TOO_FEW_ROWS,
        }
    )


def _against_rest(covariance: Floats) -> tuple[Floats, Floats, list[str]]:
    """Correlation of each item with the sum of the others, their alpha, and the reason where undefined."""
    k = len(covariance)
    own = np.diag(covariance)
    with_all = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * with_all + own
    others = own.sum() - own
    constant, still = own <= NOTHING * own.max(initial=0.0), rest <= NOTHING * others
    gone = constant | still
    item_rest = np.where(gone, np.nan, (with_all - own) / np.sqrt(np.where(gone, 1.0, own * rest)))
    alpha = np.full(k, np.nan)
    if k > 2:
        alpha = (k - 1) / (k - 2) * (1 - others / np.where(still, 1.0, rest))
    few = np.full(k, k < 3)
    kinds = [constant, few, still, item_rest < 0]
    flag = np.select(kinds, [CONSTANT_ITEM, TOO_FEW_ITEMS, NO_VARIATION, NEGATIVE], "").tolist()
    return item_rest, np.where(still, np.nan, alpha), flag


def item_table(responses: pd.DataFrame, items: pd.DataFrame, scales: pd.DataFrame) -> pd.DataFrame:
    """Statistics of all items, each in its scale.

    Parameters
    ----------
    responses : DataFrame
        One row per response: answers and reasons of every item.
    items : DataFrame
        Columns item, scale, reverse, low, high.
    scales : DataFrame
        Column scale.

    Returns
    -------
    DataFrame
        Columns scale, then those of `item_statistics`; scales and items in their declared order. An item that
        nobody was asked has no row.

    Raises
    ------
    StudyError
        If an item has no column or an answer outside its limits, or scales and items do not match.
    """
    check_scales(items, scales)
    need_columns(responses, items[items["scale"].notna()])
    parts = []
    for scale in scales["scale"]:
        names = items_asked(responses, items, scale)
        own = items[items["item"].isin(names)]
        part = item_statistics(keyed_answers(responses, own))
        part.insert(0, "scale", pd.Series(scale, index=part.index, dtype="str"))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
