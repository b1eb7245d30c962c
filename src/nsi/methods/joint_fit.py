"""Where a declared fit looks at odds with the score and the rating beside it: asked as a question, never answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown

QUESTIONS = ["case", "fit", "question"]
SIDES = {1: "above", -1: "below"}


def check_fit(frame: pd.DataFrame, *, levels: Sequence[str], middle: float) -> pd.DataFrame:
    """List questions about declared fits; a display without questions is not thereby right.

    Parameters
    ----------
    frame : DataFrame
        From `joint_display`.
    levels : sequence of str
        Ratings from the lowest to the highest, in the direction of the score: turn them round where a high rating
        should go with a low score.
    middle : float
        What a score is compared with, such as the mean of all cases; a score whose interval holds it says nothing.

    Returns
    -------
    DataFrame
        case, fit, question: where "confirms" stands although score and rating point apart, "contradicts" although
        they point the same way, either of them although one side is lacking or points nowhere, "expands" although
        the material adds nothing, or "silent" although the material has a rating or summary. Cases in their order.

    Raises
    ------
    StudyError
        If a rating is none of the levels, a level stands twice, or there are fewer than two.
    """
    if len(levels) < 2 or len(set(levels)) < len(levels):
        raise StudyError(f"levels are {listed(levels, 12) or 'none'}; give at least two, each once, lowest first")
    stray = [rating for rating in dict.fromkeys(frame["rating"]) if rating and rating not in levels]
    if stray:
        raise StudyError(f"rating {listed(map(shown, stray))} is none of the levels {listed(levels, 12)}; correct it")
    found = []
    for row in frame.to_dict("records"):
        question = _question(row, _side_of_score(row, middle), _side_of_rating(row["rating"], levels), middle)
        if question:
            found.append([row["case"], row["fit"], question])
    return pd.DataFrame(found, columns=QUESTIONS, dtype="str")


def _side_of_score(row: Mapping[Any, Any], middle: float) -> int:
    """1 above, -1 below, 0 where that is not known."""
    low, high = (row["estimate"] if pd.isna(row[end]) else row[end] for end in ("low", "high"))
    return 0 if pd.isna(row["estimate"]) else int(low > middle) - int(high < middle)


def _side_of_rating(rating: str, levels: Sequence[str]) -> int:
    """1 in the upper half of the levels, -1 in the lower, 0 in the middle or without a rating."""
    return int(np.sign(2 * list(levels).index(rating) - (len(levels) - 1))) if rating else 0


def _question(row: Mapping[Any, Any], score: int, rating: int, middle: float) -> str:
    fit = row["fit"]
    if fit in ("confirms", "contradicts"):
        if not score or not rating:
            return f"{_unclear(row, score, rating, middle)}: what does it {fit.removesuffix('s')}?"
        if (score == rating) == (fit == "contradicts"):
            sides = f"the score lies {SIDES[score]} {middle:g} and the rating is {shown(row['rating'])}"
            return f"{sides}: is the fit right?"
        return ""
    if fit == "expands" and not row["rating"] and not row["summary"]:
        return "there is neither a rating nor a summary: what expands the score?"
    if fit == "silent" and (row["rating"] or row["summary"]):
        return "the material has a rating or a summary: is it silent on what the score measures?"
    return ""


def _unclear(row: Mapping[Any, Any], score: int, rating: int, middle: float) -> str:
    """Say which side is lacking or points nowhere."""
    parts = []
    if not score:
        absent = pd.isna(row["estimate"])
        parts.append(f"the score is {row['score']}" if absent else f"the interval of the score holds {middle:g}")
    if not rating:
        parts.append(f"the rating {shown(row['rating'])} is in the middle" if row["rating"] else "there is no rating")
    return " and ".join(parts)
