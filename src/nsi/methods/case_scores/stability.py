"""How far the cases that come out highest in one wave come out highest in the next: regression to the mean."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.case_scores.averages import wave_estimates
from nsi.methods.case_scores.score_frame import checked_scores, wave_order

FEWEST = 3  # two points always lie on a line


def selection_stability(
    scores: pd.DataFrame,
    scale: str,
    waves: Sequence[str],
    *,
    minimum_n: int,
    top: int,
    cases: Sequence[str] | None = None,
) -> pd.DataFrame:
    """What became in the next wave of the cases chosen on raw means in one.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent, with the scale.
    scale : str
        Its column.
    waves : sequence of str
        Waves in order of time; each is compared with the next.
    minimum_n : int
        Smallest number of scores with which a case counts in a wave.
    top : int
        How many cases are taken from either end.
    cases : sequence of str, optional
        Cases to choose among; all where not given.

    Returns
    -------
    DataFrame
        One row per pair: wave, next_wave, n_cases (with enough scores in both), correlation (of raw means),
        reliability, next_reliability (mean over these cases), expected_correlation (were true means the same in both:
        root of the product of reliabilities), top_distance, top_distance_next (mean distance of the highest `top` cases
        of the first wave from the mean of all cases, then and in the next wave), bottom_distance, bottom_distance_next,
        top_kept, bottom_kept (how many of them are at that end again), flag: "" | "too_few_cases" (under three, or
        fewer than 2 x top: all missing) | "no_variance" (correlation missing).

    Raises
    ------
    StudyError
        If fewer than two waves are named, one is absent, or top is below 1.
    """
    if len(waves) < 2 or top < 1:
        raise StudyError(f"stability needs two waves and a top of 1 or more, but found {len(waves)} and {top}")
    known = checked_scores(scores, [scale])
    found = wave_estimates(known, scale, wave_order(known, waves), minimum_n)
    if cases is not None:
        found = found[found["case"].isin(list(cases))]
    rows = []
    for wave, following in pairwise(waves):
        both = found[found[f"mean_{wave}"].notna() & found[f"mean_{following}"].notna()]
        rows.append({"wave": wave, "next_wave": following, "n_cases": len(both), **_pair(both, wave, following, top)})
    return pd.DataFrame(rows)


def _pair(both: pd.DataFrame, wave: str, following: str, top: int) -> dict[str, object]:
    now, then = (both[f"mean_{name}"].to_numpy(dtype="float64") for name in (wave, following))
    names = ["correlation", "reliability", "next_reliability", "expected_correlation"]
    names += [f"{end}_distance{when}" for end in ("top", "bottom") for when in ("", "_next")]
    empty: dict[str, object] = dict.fromkeys([*names, "top_kept", "bottom_kept"], float("nan"))
    if len(now) < max(FEWEST, 2 * top):
        return {**empty, "flag": "too_few_cases"}
    varied = np.ptp(now) > 0 and np.ptp(then) > 0
    reliable = [float(both[f"reliability_{name}"].mean()) for name in (wave, following)]
    order, later = np.argsort(-now, kind="stable"), np.argsort(-then, kind="stable")
    told: dict[str, object] = {
        "correlation": float(np.corrcoef(now, then)[0, 1]) if varied else float("nan"),
        "reliability": reliable[0],
        "next_reliability": reliable[1],
        "expected_correlation": float(np.sqrt(reliable[0] * reliable[1])),
    }
    for end, chosen, again in (("top", order[:top], later[:top]), ("bottom", order[-top:], later[-top:])):
        told[f"{end}_distance"] = float(now[chosen].mean() - now.mean())
        told[f"{end}_distance_next"] = float(then[chosen].mean() - then.mean())
        told[f"{end}_kept"] = len(set(chosen.tolist()) & set(again.tolist()))
    return {**empty, **told, "flag": "" if varied else "no_variance"}
