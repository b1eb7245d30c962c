"""Joint display: what was measured of each case beside what was found in its material, and what people make of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.joint_words import (
    NO_FIT,
    NO_INFERENCE,
    NO_QUOTE,
    NO_THEME,
    count_words,
    quote_words,
    score_words,
    theme_words,
)

FITS = ("confirms", "expands", "contradicts", "silent")
COLUMNS = ["case", "band", "estimate", "low", "high", "n", "flag", "score", "n_told", "beside", "rating", "summary",
           "theme", "quote", "inference", "fit", "who", "written_on", "holes", "n_holes"]  # fmt: skip
BY_SCORE = "score"
BY_BAND = "band"
GIVEN = "given"


def joint_display(
    scores: pd.DataFrame,
    themes: pd.DataFrame,
    quotes: pd.DataFrame,
    inferences: pd.DataFrame,
    *,
    order: str | Sequence[str] = BY_SCORE,
    least: int | None = None,
    digits: int = 2,
) -> pd.DataFrame:
    """Put scores, themes, quotes and inferences of cases side by side. No fit is ever suggested: that is for people.

    Parameters
    ----------
    scores : DataFrame
        One row per case that is to be shown: case, estimate, low, high (one interval; missing with a reason), n,
        flag ("" where fine; of several joined by ";", "withheld" hides all numbers and
        the band); band if there are bands; beside if more is to be told of a score, such as other scales in words.
    themes : DataFrame
        At most one row per case: case, rating, summary; either may be missing.
    quotes : DataFrame
        Any number per case: case, text; document and place if there. As `pick_quotes` chooses them.
    inferences : DataFrame
        At most one row per case: case, text, fit (confirms, expands, contradicts, silent), who, written_on.
    order : str or sequence of str
        score (highest first, those without one last), band (bands by the mean of their scores, within each by
        score; cases without a band last), given (as in `scores`), or the cases in order.
    least : int, optional
        Smallest n that may be told, for the words "withheld (n<5)".
    digits : int
        Decimals of scores in words.

    Returns
    -------
    DataFrame, one row per case
        case, band, estimate, low, high, n (missing where withheld), flag, score and n_told (in words, such as
        "3.42 (3.20 to 3.64)" or "withheld (n<5)"), beside ("" where nothing is told), rating, summary, theme (both in
        words), quote (all of the case, with sources), inference, fit, who, written_on, holes (in words: what people
        still have to write) and n_holes.
        ``theme``, ``quote``, ``inference`` and ``fit`` are never empty: a hole is named in its place.

    Raises
    ------
    StudyError
        If a column is lacking, a case stands twice, a case of the other tables has no row in `scores`, a value is
        missing without a reason or lies outside its interval, a fit is unknown, or an inference does not say by whom.
    """
    base = _scores(scores, least, digits)
    rated = _by_case(themes, ["case", "rating", "summary"], "themes", base["case"])
    judged = _judged(inferences, base["case"])
    said = _quotes(quotes, base["case"])
    frame = base.assign(
        rating=_looked_up(base, rated, "rating"), summary=_looked_up(base, rated, "summary"),
        inference=_looked_up(base, judged, "text"), fit=_looked_up(base, judged, "fit"),
        who=_looked_up(base, judged, "who"), written_on=judged["written_on"].reindex(base["case"]).to_numpy(),
        quote=pd.Series([said.get(case, "") for case in base["case"]], dtype="str"),
    )  # fmt: skip
    frame["theme"] = [theme_words(*pair) for pair in zip(frame["rating"], frame["summary"], strict=True)]
    return _ordered(_holes(frame), order)


def _scores(scores: pd.DataFrame, least: int | None, digits: int) -> pd.DataFrame:
    _need(scores, ["case", "estimate", "low", "high", "n", "flag"], "scores")
    cases = _cases(scores, "scores")
    if cases.duplicated().any():
        raise StudyError(f"scores: case {shown(cases[cases.duplicated()].iloc[0])} stands twice; give one row of each")
    flag = scores["flag"].fillna("").astype("str").reset_index(drop=True)
    withheld = flag.map(lambda said: "withheld" in said.split(";")).astype(bool)
    numbers = {name: _numbers(scores, name).mask(withheld) for name in ("estimate", "low", "high", "n")}
    band = scores["band"].fillna("").astype("str") if "band" in scores.columns else pd.Series("", index=scores.index)
    band = band.reset_index(drop=True).astype("str").mask(withheld, "")  # it would tell about where the score lies
    more = scores["beside"].fillna("") if "beside" in scores.columns else pd.Series("", index=scores.index)
    beside = more.reset_index(drop=True).astype("str")
    frame = pd.DataFrame({"case": cases, "band": band, **numbers, "flag": flag, "beside": beside})
    bare = frame["estimate"].isna() & (frame["flag"].str.strip() == "")
    if bare.any():
        raise StudyError(f"scores: case {_first(frame, bare)} has no estimate and no reason; put one into flag")
    outside = (frame["estimate"] < frame["low"]) | (frame["estimate"] > frame["high"])
    if outside.any():
        raise StudyError(f"scores: the estimate of case {_first(frame, outside)} lies outside its interval; compute it "
                         "again")  # fmt: skip
    rows = frame.to_dict("records")
    return frame.assign(
        score=pd.Series([score_words(row, least, digits) for row in rows], dtype="str"),
        n_told=pd.Series([count_words(row, least) for row in rows], dtype="str"),
    )


def _numbers(scores: pd.DataFrame, name: str) -> pd.Series:
    """Values as numbers; a table for readers says "withheld" or "<5" in place of some, which are missing here."""
    values = pd.to_numeric(scores[name], errors="coerce").astype("float64").reset_index(drop=True)
    told = scores[name].reset_index(drop=True)
    words = told.map(lambda cell: isinstance(cell, str) and (cell == "withheld" or cell.startswith("<"))).astype(bool)
    bad = told.notna() & ~words & ~np.isfinite(values)
    if bad.any():
        row, found = int(bad.to_numpy().argmax()) + 1, shown(str(told[bad].iloc[0]))
        raise StudyError(f"scores row {row}: {name} is {found}, but must be a number; compute it again")
    return values


def _by_case(frame: pd.DataFrame, names: list[str], table: str, known: pd.Series) -> pd.DataFrame:
    """Check a table with one row per case, and index it by case."""
    _need(frame, names, table)
    cases = _cases(frame, table, known)
    if cases.duplicated().any():
        found = shown(cases[cases.duplicated()].iloc[0])
        raise StudyError(f"{table}: case {found} stands twice; keep one row, or join their texts")
    return frame.set_index(pd.Index(cases, name="key"))


def _judged(inferences: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    frame = _by_case(inferences, ["case", "text", "fit", "who", "written_on"], "inferences", known)
    text = frame["text"].fillna("").astype("str").str.strip()
    fit = frame["fit"].fillna("").astype("str").str.strip()
    stray = ~fit.isin(["", *FITS])
    if stray.any():
        raise StudyError(
            f"inferences: fit of case {shown(str(fit[stray].index[0]))} is {shown(fit[stray].iloc[0])}, allowed are "
            f"{', '.join(FITS)}; correct it"
        )
    who = frame["who"].fillna("").astype("str").str.strip()
    bare = ((text != "") | (fit != "")) & (who == "")
    if bare.any():
        raise StudyError(f"inferences: case {shown(str(who[bare].index[0]))} does not say who wrote it; fill in 'who'")
    days = pd.to_datetime(frame["written_on"].replace("", pd.NA), errors="coerce", format="ISO8601")
    unread = frame["written_on"].notna() & (frame["written_on"] != "") & days.isna()
    if unread.any():
        raise StudyError(f"inferences: written_on of case {shown(str(frame.index[unread][0]))} is "
                         f"{shown(str(frame['written_on'][unread].iloc[0]))}; write it as 2031-05-17")  # fmt: skip
    return frame.assign(text=text, fit=fit, who=who, written_on=days.dt.normalize().astype("datetime64[us]"))


def _quotes(quotes: pd.DataFrame, known: pd.Series) -> dict[str, str]:
    """All quotes of a case in one text, each with where it comes from."""
    _need(quotes, ["case", "text"], "quotes")
    cases = _cases(quotes, "quotes", known)
    found: dict[str, list[str]] = {}
    for case, row in zip(cases, quotes.to_dict("records"), strict=True):
        if isinstance(row["text"], str) and row["text"].strip():
            found.setdefault(case, []).append(quote_words(row))
    return {case: "\n".join(texts) for case, texts in found.items()}


def _looked_up(base: pd.DataFrame, table: pd.DataFrame, name: str) -> pd.Series:
    texts = table[name].astype("str").reindex(base["case"])
    return texts.fillna("").str.strip().reset_index(drop=True)


def _holes(frame: pd.DataFrame) -> pd.DataFrame:
    """Name what is not there in its place, and list what people still have to write."""
    wanted = {"theme": NO_THEME, "quote": NO_QUOTE, "inference": NO_INFERENCE, "fit": NO_FIT}
    empty = {name: (frame[name] == "").to_numpy() for name in wanted}
    rows = range(len(frame))
    told = [[words for name, words in wanted.items() if empty[name][row]] for row in rows]
    filled = frame.assign(**{name: frame[name].mask(empty[name], words) for name, words in wanted.items()})
    return filled.assign(
        holes=pd.Series(["; ".join(words) for words in told], dtype="str"),
        n_holes=pd.Series([len(words) for words in told], dtype="int64"),
    )[COLUMNS]


def _ordered(frame: pd.DataFrame, order: str | Sequence[str]) -> pd.DataFrame:
    if order == GIVEN:
        return frame
    if order == BY_SCORE:
        by_name = frame.sort_values("case", kind="stable")
        return by_name.sort_values("estimate", ascending=False, kind="stable", na_position="last", ignore_index=True)
    if order == BY_BAND:
        means = frame.groupby("band")["estimate"].mean().drop("", errors="ignore").sort_values(kind="stable")
        places = {band: -place for place, band in enumerate(means.index)}
        by_score = _ordered(frame, BY_SCORE)
        return by_score.sort_values("band", key=lambda bands: bands.map(places), kind="stable", ignore_index=True)
    if isinstance(order, str) or sorted(order) != sorted(frame["case"]):
        told = shown(order) if isinstance(order, str) else listed(order, 12)
        raise StudyError(
            f"joint display: order is {told}, but must be '{BY_SCORE}', '{BY_BAND}', '{GIVEN}', or each of the cases "
            f"once: {listed(frame['case'], 12)}"
        )
    return frame.set_index("case", drop=False).loc[list(order)].reset_index(drop=True)


def _need(frame: pd.DataFrame, names: Sequence[str], table: str) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise StudyError(f"{table} lack the column(s) {listed(absent)}; found {listed(frame.columns, 20) or 'none'}; "
                         "add what is lacking")  # fmt: skip


def _cases(frame: pd.DataFrame, table: str, known: pd.Series | None = None) -> pd.Series:
    """Cases of a table as text; all must be known where it is said which are."""
    if frame["case"].isna().any():
        raise StudyError(f"{table}: a row has no case; name it")
    cases = frame["case"].astype("str").reset_index(drop=True)
    stray = [] if known is None else [case for case in dict.fromkeys(cases) if case not in set(known)]
    if stray:
        raise StudyError(
            f"{table}: no score for case {listed(map(shown, stray))}; add a row to scores, with a flag where there is "
            "no estimate, or correct the name"
        )
    return cases


def _first(frame: pd.DataFrame, rows: Any) -> str:
    return shown(str(frame.loc[rows, "case"].iloc[0]))
