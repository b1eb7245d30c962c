"""From answers to scale scores: reversal, the declared minimum of answered items, the mean of those answered."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.methods.scales.asked import asked, need_columns
from nsi.methods.scales.cross_products import Floats, Places

WAVE = "wave"


def keyed_answers(responses: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Answers as numbers that all point the same way.

    A reversed item becomes low + high - answer, from the limits of the answer format, not from the answers.

    Parameters
    ----------
    responses : DataFrame
        One row per response, one column per item with the answer as given, NA where there is none.
    items : DataFrame
        Columns item, reverse, low, high (limits of the answer format).

    Returns
    -------
    DataFrame
        Index of `responses`, one float column per item in the order of `items`; NaN where not answered.

    Raises
    ------
    StudyError
        If an item has no column, no limits, or an answer outside them.
    """
    need_columns(responses, items, reasons=False)
    values = np.empty((len(items), len(responses))).T  # item by item in memory
    names = [str(item) for item in items["item"]]
    limits = zip(names, items["low"], items["high"], items["reverse"], strict=True)
    for place, (item, low, high, reverse) in enumerate(limits):
        if not low < high:
            raise StudyError(f"item {item} has the answer limits {low} and {high}; declare low below high in the items")
        answer = responses[item].to_numpy(dtype=np.float64, na_value=np.nan)
        outside = (answer < low) | (answer > high)
        if outside.any():
            raise StudyError(_told(item, low, high, answer[outside], responses.index[outside]))
        values[:, place] = low + high - answer if reverse else answer
    return pd.DataFrame(values, index=responses.index, columns=pd.Index(names, dtype="str"))


def _told(item: str, low: float, high: float, answer: Floats, rows: pd.Index) -> str:
    found = listed(f"{value:g}" for value in np.unique(answer))
    return (
        f"item {item}: {len(answer)} answers lie outside {low:g} to {high:g} (rows {listed(rows)}; "
        f"found {found}); correct the item's limits or clean the answers first"
    )


def answers_needed(minimum: float, k_items: int) -> int:
    """How many of k items must be answered for a score.

    Parameters
    ----------
    minimum : float
        Declared share, above 0 and at most 1.
    k_items : int
        Number of items that were asked.

    Returns
    -------
    int
        The share of k rounded up, at least 1. A share of 0.7 of 10 items is 7, though 0.7 * 10 is not
        exactly 7 in a computer.

    Raises
    ------
    StudyError
        If the share is not above 0 and at most 1.
    """
    if not 0 < minimum <= 1:
        raise StudyError(f"minimum must be a share of items above 0 and at most 1; found {minimum}")
    return max(1, math.ceil(minimum * k_items - 1e-9))


def scale_scores(responses: pd.DataFrame, items: pd.DataFrame, scales: pd.DataFrame) -> pd.DataFrame:
    """Mean of the answered items of each scale, where enough of them were answered.

    Parameters
    ----------
    responses : DataFrame
        One row per response: answers and reasons of every item; a column wave where there are several.
    items : DataFrame
        Columns item, scale (NA for an item of no scale), reverse, low, high.
    scales : DataFrame
        Columns scale, minimum (share of items that must be answered). Items that a wave asked of nobody do
        not count in that wave.

    Returns
    -------
    DataFrame
        Index of `responses`, one float column per scale in the order of `scales`, in the unit of the answer
        format. NaN where too few items were answered, or none was asked.

    Raises
    ------
    StudyError
        As for `keyed_answers`, and if an item belongs to a scale that is not declared, a scale has no item,
        or a minimum is no share.
    """
    check_scales(items, scales)
    used = items[items["scale"].isin(scales["scale"])]
    need_columns(responses, used)
    place, n_waves = _waves(responses)
    scores = {}
    for scale, minimum in zip(scales["scale"], scales["minimum"], strict=True):
        own = used[used["scale"] == scale]
        values = keyed_answers(responses, own).to_numpy()
        k_asked = sum(_waves_asking(responses, item, place, n_waves) for item in own["item"])
        needed = np.array([answers_needed(float(minimum), int(k)) for k in np.atleast_1d(k_asked)])
        there = ~np.isnan(values)
        answered = there.sum(axis=1)
        total = np.where(there, values, 0.0).sum(axis=1)
        enough = answered >= needed[place]
        scores[str(scale)] = np.where(enough, total / np.maximum(answered, 1), np.nan)
    return pd.DataFrame(scores, index=responses.index, columns=pd.Index(list(scores), dtype="str"))


def check_scales(items: pd.DataFrame, scales: pd.DataFrame) -> None:
    """Refuse an item of a scale that is not declared, and a scale without items.

    Parameters
    ----------
    items : DataFrame
        Columns item and scale.
    scales : DataFrame
        Column scale.

    Raises
    ------
    StudyError
        Naming the item or the scale.
    """
    declared = [str(scale) for scale in scales["scale"]]
    stray = items[items["scale"].notna() & ~items["scale"].isin(declared)]
    if len(stray):
        item, scale = stray["item"].iloc[0], stray["scale"].iloc[0]
        raise StudyError(
            f"item {item} belongs to the scale {scale!r}, which is not declared; scales are {listed(declared)}"
        )
    empty = [scale for scale in declared if not (items["scale"] == scale).any()]
    if empty:
        raise StudyError(f"scale {listed(empty)} has no item; give it items or take it out of the scales")


def _waves(responses: pd.DataFrame) -> tuple[Places, int]:
    if WAVE not in responses.columns:
        return np.zeros(len(responses), dtype=np.intp), 1
    place, names = pd.factorize(responses[WAVE], use_na_sentinel=False)
    return np.asarray(place, dtype=np.intp), max(len(names), 1)


def _waves_asking(responses: pd.DataFrame, item: str, place: Places, n_waves: int) -> NDArray[np.intp]:
    """1 for each wave that asked anybody the item, else 0."""
    return (np.bincount(place[asked(responses, item)], minlength=n_waves) > 0).astype(np.intp)
