"""What a joint display puts side by side: scores of one scale with their interval and band, and what was coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from scipy.special import ndtri

from nsi.errors import StudyError, listed, shown
from nsi.methods.joint_words import WITHHELD, reason_words, score_words

SCORED = ["case", "scale", "wave", "n", "eb_mean", "eb_se", "flag"]
CODED = ["case", "document", "field", "code", "stance"]
NOT_MEASURED = "not_measured"
SUPPORTS = "supports"
BANDS = ("Above the mean", "Not told apart from the mean", "Below the mean")


def joint_scores(
    scores: pd.DataFrame,
    *,
    scale: str,
    wave: str,
    cases: Sequence[str],
    confidence: float = 0.95,
    beside: Mapping[str, str] | None = None,
    least: int | None = None,
    absent: str = NOT_MEASURED,
) -> pd.DataFrame:
    """Take the scores of one scale in one wave, with intervals, and words for other scales beside them.

    Parameters
    ----------
    scores : DataFrame
        Scores of cases: case, scale, wave, n, eb_mean, eb_se (shrunken mean and its standard error, in units of the
        answers; missing with a flag), flag.
    scale, wave : str
        Which scores.
    cases : sequence of str
        Cases to be shown; those without a score get the flag `absent`.
    confidence : float
        Of the intervals, between 0 and 1.
    beside : mapping of str to str, optional
        Other scales and their labels.
    least : int, optional
        Smallest n that may be told, for the words of `beside`.
    absent : str
        Flag of a case that was not measured.

    Returns
    -------
    DataFrame, one row per case
        case, estimate, low, high, n, flag, beside (words such as "Culture 3.41 (3.20 to 3.62)", one line per scale)
        and band (`BANDS`: whether the interval lies above, on or below the mean of the cases; "" without a score).

    Raises
    ------
    StudyError
        If a column is lacking, there is no such scale in this wave, a case stands twice, or the confidence is no
        share.
    """
    lacking = [name for name in SCORED if name not in scores.columns]
    if lacking:
        raise StudyError(f"scores lack the column(s) {listed(lacking)}; give the scores of cases")
    if not 0 < confidence < 1:
        raise StudyError(f"joint display: confidence is {confidence}, but must lie between 0 and 1; correct it")
    reach = float(ndtri(0.5 + confidence / 2))
    named = {scale: "", **(beside or {})}
    found = {name: _of_scale(scores, name, wave, list(cases), reach, absent) for name in named}
    frame = found[scale]
    lines = [[f"{named[other]} {_told(found[other].loc[place].to_dict(), least)}" for other in named if other != scale]
             for place in frame.index]  # fmt: skip
    measured = (frame["flag"] != absent).tolist()
    told = ["\n".join(line) if there else "" for line, there in zip(lines, measured, strict=True)]
    return frame.assign(beside=pd.Series(told, dtype="str"), band=_bands(frame))


def joint_middle(scores: pd.DataFrame) -> float:
    """Return the mean of the cases' scores, each case counted once; those without a score or withheld left out."""
    told = ~scores["flag"].str.split(";").map(lambda flags: WITHHELD in flags).astype(bool)
    return float(scores.loc[told, "estimate"].mean())


def _of_scale(
    scores: pd.DataFrame, scale: str, wave: str, cases: list[str], reach: float, absent: str
) -> pd.DataFrame:
    rows = scores[(scores["scale"] == scale) & (scores["wave"].astype("str") == wave)]
    if rows.empty:
        there = listed(dict.fromkeys(scores["scale"]), 20)
        raise StudyError(f"there are no scores of scale {shown(scale)} in wave {shown(wave)}; scales are {there}")
    twice = rows["case"].duplicated()
    if twice.any():
        found = shown(str(rows.loc[twice, "case"].iloc[0]))
        raise StudyError(f"scale {shown(scale)}, wave {shown(wave)}: case {found} stands twice; keep one row of each")
    frame = rows.set_index("case").reindex(cases)
    return pd.DataFrame({
        "case": pd.Series(cases, dtype="str"),
        "estimate": frame["eb_mean"].to_numpy(dtype="float64"),
        "low": (frame["eb_mean"] - reach * frame["eb_se"]).to_numpy(dtype="float64"),
        "high": (frame["eb_mean"] + reach * frame["eb_se"]).to_numpy(dtype="float64"),
        "n": frame["n"].to_numpy(dtype="float64", na_value=float("nan")),
        "flag": frame["flag"].where(frame.index.isin(rows["case"]), absent).fillna("").astype("str").to_numpy(),
    })  # fmt: skip


def _told(row: Mapping[Any, Any], least: int | None) -> str:
    if WITHHELD in str(row["flag"]).split(";"):
        return reason_words(str(row["flag"]), least)
    return score_words(row, least, 2)


def _bands(frame: pd.DataFrame) -> pd.Series:
    middle = joint_middle(frame)
    band = pd.Series(BANDS[1], index=frame.index, dtype="str")
    band = band.mask(frame["low"] > middle, BANDS[0]).mask(frame["high"] < middle, BANDS[2])
    return band.mask(frame["estimate"].isna(), "")


def joint_themes(
    segments: pd.DataFrame,
    *,
    rated: str,
    levels: Mapping[str, str],
    counted: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """Rate what was coded of each case, and say in words how often each code of other fields was given.

    Parameters
    ----------
    segments : DataFrame
        One row per segment, field and code: case, document, field, code, stance.
    rated : str
        Field of the rating: a case has the level in the middle of its supporting segments, of two the lower.
    levels : mapping of str to str
        Its codes and their words, from the lowest to the highest.
    counted : mapping of str to (mapping of str to str)
        Fields to be counted, each with its codes and their words.

    Returns
    -------
    DataFrame, one row per case with a supporting segment of any of these fields
        case, rating (words; "" where nothing was rated), summary (such as "Access 4, Power 1; Technical 2": the most
        frequent code first), n_rated and n_sources (segments and documents that the rating rests on).

    Raises
    ------
    StudyError
        If a column is lacking, or a rated code is none of the levels.
    """
    lacking = [name for name in CODED if name not in segments.columns]
    if lacking:
        raise StudyError(f"segments lack the column(s) {listed(lacking)}; give the rows of coded segments")
    kept = segments[(segments["stance"] == SUPPORTS) & segments["field"].isin([rated, *counted])]
    kept = kept.assign(case=kept["case"].astype("str"), code=kept["code"].astype("str"))
    rows = kept[kept["field"] == rated]
    stray = [code for code in dict.fromkeys(rows["code"]) if code not in levels]
    if stray:
        raise StudyError(f"{rated} has the code {listed(map(shown, stray))}, but the levels are {listed(levels, 12)}")
    order = list(levels)
    found = []
    for case in sorted(kept["case"].unique()):
        own, of_case = rows[rows["case"] == case], kept[kept["case"] == case]
        places = sorted(order.index(code) for code in own["code"])
        rating = levels[order[places[(len(places) - 1) // 2]]] if places else ""
        parts = [_counts(of_case.loc[of_case["field"] == field, "code"], words) for field, words in counted.items()]
        found.append([case, rating, "; ".join(part for part in parts if part), len(own), own["document"].nunique()])
    return pd.DataFrame(found, columns=["case", "rating", "summary", "n_rated", "n_sources"]).astype(
        {"case": "str", "rating": "str", "summary": "str"}
    )


def _counts(codes: pd.Series, words: Mapping[str, str]) -> str:
    counts = [(int((codes == code).sum()), word) for code, word in words.items()]
    ordered = sorted(counts, key=lambda pair: -pair[0])  # stable: equal counts stay in the order of the codebook
    return ", ".join(f"{word} {count}" for count, word in ordered if count)
