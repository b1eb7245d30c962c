"""What each case scored on each scale in each wave, as one long table: raw, shrunken, weighted, ranked and bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.bounds import worst_case_bounds
from nsi.methods.case_scores.fits import large_cases
from nsi.methods.case_scores.invited import invited_cases, rated_wave, text_rates
from nsi.methods.case_scores.score_frame import (
    WITHHELD,
    checked_scores,
    joined_flags,
    need_columns,
    wave_order,
)
from nsi.methods.case_scores.weights import weighted_means
from nsi.methods.groups import random_intercept, rank_posterior
from nsi.methods.groups.membership import members
from nsi.methods.groups.reml import fitted
from nsi.methods.groups.shrinkage import empirical_bayes_of

COLUMNS = [
    "case", "wave", "scale", "n", "roster", "response_rate", "mean", "sd", "se", "eb_mean", "eb_se", "reliability",
    "rank_median", "rank_low", "rank_high", "p_top", "p_bottom", "weighted_mean", "weighted_se", "bound_low",
    "bound_high", "flag",
]  # fmt: skip
NO_BETWEEN = "no_between_variance"
KEY = ["case", "wave", "scale"]
COUNTED = ("case", "wave", "scale", "n", "roster", "flag")


class _Posterior(NamedTuple):
    """How ranks are drawn, and what a low response is."""

    minimum_n: int
    level: float
    top: int
    draws: int
    low_response: float
    fitted_on: str


def case_scores(
    scores: pd.DataFrame,
    rates: pd.DataFrame,
    scales: Sequence[str],
    limits: Mapping[str, tuple[float, float]],
    *,
    minimum_n: int,
    seed_of: Callable[[str], int],
    top: int,
    level: float = 0.9,
    draws: int = 4000,
    asked: Mapping[str, Sequence[str] | None] | None = None,
    low_response: float = 0.5,
    fit_on: str = "all",
) -> pd.DataFrame:
    """Mean of each case on each scale in each wave with everything a reader needs to judge it.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent: these, role, the scales (NaN without a score) and, if weighted means are
        wanted, weight (from `poststratified_weights`; NaN leaves a respondent out of the weighted mean).
    rates : DataFrame
        From `response_rates`, of the same responses and waves.
    scales : sequence of str
        Columns of `scores`, in the order wanted.
    limits : mapping of str to (low, high)
        Ends of each scale.
    minimum_n : int
        Smallest number of scores of which anything is shown.
    seed_of : callable
        Seed for a label, here "<wave>/<scale>": so no rank depends on which other scales or waves there are.
    top : int
        How many ranks from either end p_top and p_bottom speak of.
    level : float
        Share of draws inside the interval of a rank.
    draws : int
        Draws from the posterior.
    asked : mapping of str to sequence of str, optional
        Roles that were asked a scale; all roles where absent or None. Roster and response rate are of these roles.
    low_response : float
        Response rate below which a row is flagged; the bounds are there for every row.
    fit_on : "all" or "shown"
        Cases that inform the overall mean and both variances: all, or only those that are shown. With "all", shrunken
        means of the others tell something of a withheld case, and `scores_with_words` is the way to print the table.

    Returns
    -------
    DataFrame
        One row per wave, scale and case with members on the roster or responses in the roles asked. n (scores), roster,
        response_rate, mean, sd, se (finite population correction where the roster is known and not below n), eb_mean,
        eb_se, reliability (share of the observed variance of this case's mean that is between cases), rank_median,
        rank_low, rank_high (1 is highest; among the cases shown), p_top, p_bottom, weighted_mean, weighted_se,
        bound_low, bound_high (worst case over the roster; the share taken as observed is the lower of response rate
        and n by roster), flag: joined by ";" out of

        - withheld: 0 < n < minimum_n; every value but n and roster is missing, n stands for `with_words` to replace;
        - no_responses: members, but nobody of them answered; no_scores: responses, but none with enough answered items;
        - no_roster: how many were invited is unknown; low_response: the response rate is below the cut;
        - what `empirical_bayes` says of the case, its roster, or the wave and scale, such as no_between_variance
          (ranks are then missing), and `rank_posterior` of the ranks.

        A scale on which nobody has a score in a wave has no rows there.

    Raises
    ------
    StudyError
        If a column, limit or rate is absent, a respondent stands twice, or a number is out of its range.
    """
    if any((asked or {}).get(scale) is not None for scale in scales):
        need_columns(scores, ["role"], "scores")
    how = _Posterior(minimum_n, level, top, draws, low_response, fit_on)
    known, rated = _checked(scores, scales, limits, how), text_rates(rates)
    parts = []
    for wave in wave_order(known):
        of_wave = known[known["wave"] == wave]
        in_wave = rated_wave(of_wave, rated, wave)
        for scale in scales:
            if of_wave[scale].notna().any():
                base = invited_cases(of_wave, in_wave, scale, (asked or {}).get(scale))
                found = _one(of_wave, base, scale, seed_of(f"{wave}/{scale}"), how)
                parts.append([part.assign(wave=wave, scale=scale) for part in found])
    if not parts:
        raise StudyError("no respondent has a score on any scale; score the items first, or name other scales")
    return _finished(_joined(parts), limits, how)


def _checked(
    scores: pd.DataFrame,
    scales: Sequence[str],
    limits: Mapping[str, tuple[float, float]],
    how: _Posterior,
) -> pd.DataFrame:
    lacking = [scale for scale in scales if scale not in limits]
    if lacking:
        raise StudyError(f"no limits are given for scale(s) {listed(lacking)}; take them from the answer format")
    if how.minimum_n < 1 or how.top < 1:
        raise StudyError(f"minimum_n and top must be 1 or more, but are {how.minimum_n} and {how.top}")
    if not 0 <= how.low_response <= 1:
        raise StudyError(f"low_response must be between 0 and 1, but is {how.low_response}")
    if how.fitted_on not in ("all", "shown"):
        raise StudyError(f"fit_on must be 'all' or 'shown', but is '{how.fitted_on}'")
    return checked_scores(scores, scales)


def _one(of_wave: pd.DataFrame, base: pd.DataFrame, scale: str, seed: int, how: _Posterior) -> list[pd.DataFrame]:
    """What is found of the cases of one wave and scale: those invited, estimates, ranks and weighted means."""
    answered = of_wave[scale].notna().to_numpy()
    values, cases = of_wave[scale][answered], of_wave["case"][answered]
    roster = base.set_index("case")["roster"]
    held = members(values, cases)
    enough = large_cases(cases, how.minimum_n) if how.fitted_on == "shown" else slice(None)
    fit = fitted(held) if how.fitted_on == "all" else random_intercept(values[enough], cases[enough])
    estimates = empirical_bayes_of(held, fit, roster=roster).rename(columns={"flag": "of_estimate"})
    weight = of_wave["weight"][answered] if "weight" in of_wave.columns else pd.Series(np.nan, index=values.index)
    weighted = weighted_means(values, weight.astype("float64"), cases, roster)
    ranks = _ranks(estimates, fit.flag, seed, how)
    return [base, estimates, ranks, weighted[["case", "weighted_mean", "weighted_se"]]]


def _joined(parts: Sequence[Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Everything found beside the cases invited, all waves and scales at once."""
    base, *found = (pd.concat(kind, ignore_index=True) for kind in zip(*parts, strict=True))
    for more in found:
        base = base.merge(more, on=KEY, how="left", validate="one_to_one")
    return base


def _finished(rows: pd.DataFrame, limits: Mapping[str, tuple[float, float]], how: _Posterior) -> pd.DataFrame:
    """Rows with bounds and flags, and without what must not be shown."""
    rows["n"] = rows["n"].fillna(0).astype("int64")
    n = rows["n"].to_numpy(dtype="float64")
    invited = rows["roster"].to_numpy(dtype="float64", na_value=np.nan)
    share = n / np.where(invited > 0, invited, np.nan)
    observed = np.minimum(rows["response_rate"].to_numpy(dtype="float64"), np.minimum(share, 1.0))  # NaN stays NaN
    bounds = [
        worst_case_bounds(rows["mean"].to_numpy()[here], observed[here], *limits[str(scale)]).set_axis(here)
        for scale, here in rows.groupby("scale", sort=False).indices.items()
    ]
    rows = rows.join(pd.concat(bounds))
    rows["flag"] = _flags(rows, how)
    hidden = [name for name in rows.columns if name not in COUNTED]
    rows[hidden] = rows[hidden].mask(pd.Series((n > 0) & (n < how.minimum_n)), axis=0)
    return rows[COLUMNS]


def _ranks(estimates: pd.DataFrame, of_fit: str, seed: int, how: _Posterior) -> pd.DataFrame:
    """Ranks among the cases shown: one that is withheld must not be told by the gap it leaves."""
    shown = estimates[estimates["n"] >= how.minimum_n]
    ranks = rank_posterior(shown, seed, draws=how.draws, level=how.level, top=how.top)
    if of_fit == NO_BETWEEN:  # all shrunken means are one and the same, and their order is that of the draws
        values = [name for name in ranks.columns if name not in ("case", "flag")]
        ranks[values] = ranks[values].mask(ranks["case"].notna(), axis=0)
    of_ranks = ranks["flag"].replace("not_ranked", "")  # why not, the estimate's own flag says
    return ranks.drop(columns="flag").assign(of_ranks=of_ranks)


def _flags(rows: pd.DataFrame, how: _Posterior) -> list[str]:
    """Flags of each row; of one that is withheld only what does not depend on who answered."""
    n, rate = rows["n"].to_numpy(), rows["response_rate"].to_numpy()
    few, nothing, no_roster = (n > 0) & (n < how.minimum_n), n == 0, rows["roster"].isna()
    answered_at_all = (rate > 0) | (no_roster & (rows["answered"] > 0))
    counted = np.select([few, nothing & answered_at_all, nothing], [WITHHELD, "no_scores", "no_responses"], default="")
    of_estimate = rows["of_estimate"].fillna("").str.replace("; ", ";").str.replace(";?no_roster$", "", regex=True)
    return joined_flags(
        counted,
        np.where(few, "", of_estimate),
        np.where(few, "", rows["of_ranks"].fillna("")),
        np.where(~few & (rate < how.low_response), "low_response", ""),
        np.where(no_roster, "no_roster", ""),
    )
