"""Which cases are strong or weak on a scale in some waves, with the uncertainty of that choice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.averages import person_averages, wave_estimates
from nsi.methods.case_scores.people import people_by_case
from nsi.methods.case_scores.score_frame import WITHHELD, checked_scores, wave_order
from nsi.methods.groups import empirical_bayes, random_intercept, rank_posterior
from nsi.methods.quantiles import normal_quantile

STRONGER, WEAKER, UNCERTAIN = "stronger", "weaker", "uncertain"
NO_BETWEEN = "no_between_variance"


class _Rule(NamedTuple):
    """How many are looked for at either end, how sure it must be, and who must not be shown."""

    k: int
    certainty: float
    minimum_n: int


def case_selection(
    scores: pd.DataFrame,
    scale: str,
    waves: Sequence[str],
    *,
    seed: int,
    minimum_n: int,
    cases: Sequence[str] | None = None,
    top: int | None = None,
    share: float | None = None,
    draws: int = 4000,
    level: float = 0.9,
    certainty: float = 0.8,
) -> pd.DataFrame:
    """Cases by how surely they are among the highest or lowest on one scale over some waves.

    Each person counts once, with the mean of their scores in those waves after the difference between waves is taken
    out; so people who answered twice do not make a case look twice as certain. Shrunken means of cases are ranked in
    draws from their posterior, as raw means would put small cases first and last.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent, with the scale.
    scale : str
        Its column.
    waves : sequence of str
        Waves taken together.
    seed, draws, level
        Of the posterior; level also of the interval of the mean.
    minimum_n : int
        Smallest number of people of whom anything is shown. Waves of a case with fewer scores are left out of it.
    cases : sequence of str, optional
        Cases to choose among; all others that may be shown still inform the variances. All where not given.
    top, share : int or float
        How many cases at either end, or which share of those shown (rounded, half to even; at least 1). Give one of
        the two.
    certainty : float
        Probability of being among them from which a case is called stronger or weaker; above 0.5.

    Returns
    -------
    DataFrame
        One row per case, highest shrunken mean first and withheld cases last: case, n (people), raw_mean (of people's
        averages), eb_mean, eb_se, eb_low, eb_high, reliability, rank_median, rank_low, rank_high, p_top, p_bottom,
        group ("stronger" | "weaker" | "uncertain" | "withheld"), raw_choice ("stronger" | "weaker" | "neither": where
        the order of raw means would put it; "withheld"), for each wave n_<wave>, mean_<wave> and eb_mean_<wave>
        (missing where withheld or without a score), flag, why (the rule in words).
        `selection_with_words` prints it.

    Raises
    ------
    StudyError
        If a wave, column or case is absent, or the numbers asked for cannot be met.
    """
    known = checked_scores(scores, [scale])
    people = person_averages(known, scale, wave_order(known, waves), minimum_n)
    fit = random_intercept(people["score"], people["case"])
    found = empirical_bayes(people["score"], people["case"], fit=fit).rename(columns={"mean": "raw_mean"})
    among = _among(known, waves, scale, cases)
    rows = among.merge(found.drop(columns=["sd", "se"]), on="case", how="left", validate="one_to_one")
    rule = _rule(rows, top, share, certainty, minimum_n)
    rows = _ranked(rows, fit.flag, seed, draws, level, rule)
    reach = normal_quantile((1 + level) / 2) * rows["eb_se"]
    rows = rows.assign(eb_low=rows["eb_mean"] - reach, eb_high=rows["eb_mean"] + reach)
    rows = rows.merge(wave_estimates(known, scale, waves, minimum_n), on="case", how="left", validate="one_to_one")
    return _in_order(rows, waves)


def _among(known: pd.DataFrame, waves: Sequence[str], scale: str, cases: Sequence[str] | None) -> pd.DataFrame:
    """Cases to choose among, and how many people of each have a score at all."""
    answered = known[known["wave"].isin(list(waves)) & known[scale].notna()]
    there = sorted(answered["case"].unique())
    unknown = [case for case in cases or [] if case not in there]
    if unknown:
        raise StudyError(
            f"case(s) {listed(unknown)} have no score on '{scale}' in wave(s) {listed(waves, shown=20)}; "
            "leave them out of the choice or name other waves"
        )
    chosen = pd.DataFrame({"case": pd.Series(there if cases is None else list(cases), dtype="str")})
    return chosen.assign(met=chosen["case"].map(people_by_case(answered)).astype("int64"))


def _rule(rows: pd.DataFrame, top: int | None, share: float | None, certainty: float, minimum_n: int) -> _Rule:
    if (top is None) == (share is None):
        raise StudyError("say how many cases to look for at either end: give top or share, one of the two")
    if not 0.5 < certainty <= 1:
        raise StudyError(f"certainty is {certainty}; it must be above 0.5, so that no case is both, and at most 1")
    shown = int((rows["n"] >= minimum_n).sum())
    k = top if top is not None else max(1, round((share or 0.0) * shown))
    if share is not None and not 0 < share <= 0.5:
        raise StudyError(f"share is {share}; it must be above 0 and at most 0.5, as both ends are looked for")
    if k < 1 or 2 * k > shown:
        raise StudyError(
            f"cannot look for {k} case(s) at either end of the {shown} that may be shown; name fewer with top or share"
        )
    return _Rule(k, certainty, minimum_n)


def _ranked(rows: pd.DataFrame, of_fit: str, seed: int, draws: int, level: float, rule: _Rule) -> pd.DataFrame:
    """Ranks, groups and reasons; nothing of cases with too few people."""
    hidden = ~(rows["n"] >= rule.minimum_n)
    shown = rows.loc[~hidden, ["case", "eb_mean", "eb_se"]]
    if of_fit == NO_BETWEEN:
        shown = shown.assign(eb_se=np.nan)  # no posterior to rank: all shrunken means are one and the same
    ranks = rank_posterior(shown, seed, draws=draws, level=level, top=rule.k).drop(columns="flag")
    rows = rows.merge(ranks, on="case", how="left", validate="one_to_one")
    rows["n"] = rows["n"].where(~hidden, rows.pop("met")).astype("int64")
    place = rows["raw_mean"].mask(hidden).rank(ascending=False, method="first")
    below = place > (~hidden).sum() - rule.k
    rows["raw_choice"] = np.select(
        [hidden, place <= rule.k, below], [WITHHELD, STRONGER, WEAKER], default="neither"
    ).astype("str")
    up, down = rows["p_top"] >= rule.certainty, rows["p_bottom"] >= rule.certainty
    rows["group"] = np.select([hidden, up, down], [WITHHELD, STRONGER, WEAKER], default=UNCERTAIN).astype("str")
    rows["flag"] = np.where(hidden, WITHHELD, rows["flag"].fillna("").str.replace("; ", ";"))
    rows["why"] = pd.Series([_why(row, rule) for row in rows.to_dict("records")], index=rows.index, dtype="str")
    values = ["raw_mean", "eb_mean", "eb_se", "reliability"]
    rows[values] = rows[values].mask(hidden, axis=0)
    return rows


def _why(row: Mapping[Hashable, Any], rule: _Rule) -> str:
    """The rule of one case in words."""
    k, sure = rule.k, f"{rule.certainty:g}"
    top, bottom = f"{row['p_top']:.3f}", f"{row['p_bottom']:.3f}"
    if row["group"] == WITHHELD:
        return f"fewer than {rule.minimum_n} people in every wave"
    if row["group"] == STRONGER:
        return f"P(among the highest {k}) is {top}, at least {sure}"
    if row["group"] == WEAKER:
        return f"P(among the lowest {k}) is {bottom}, at least {sure}"
    if pd.isna(row["p_top"]):
        return f"ranks cannot be told: {row['flag'] or 'no posterior'}"
    return f"P(among the highest {k}) is {top}, P(among the lowest {k}) is {bottom}, neither reaches {sure}"


def _in_order(rows: pd.DataFrame, waves: Sequence[str]) -> pd.DataFrame:
    columns = [
        "case", "n", "raw_mean", "eb_mean", "eb_se", "eb_low", "eb_high", "reliability", "rank_median", "rank_low",
        "rank_high", "p_top", "p_bottom", "group", "raw_choice",
    ]  # fmt: skip
    per_wave = [f"{part}_{wave}" for wave in waves for part in ("n", "mean", "eb_mean")]
    rows = rows.sort_values(["eb_mean", "raw_mean", "case"], ascending=[False, False, True], kind="stable")
    return rows.reset_index(drop=True)[[*columns, *per_wave, "flag", "why"]]
