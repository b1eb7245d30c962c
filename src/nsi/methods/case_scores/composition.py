"""Means of a case over the waves as they would be had the mix of roles stayed that of its rosters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.methods.case_scores.response_rates import EVERY_ROLE
from nsi.methods.case_scores.score_frame import NO_ROLE, WITHHELD, checked_scores, need_columns, roles_of

NO_COMMON = "no_common_role"


def standardised_means(
    scores: pd.DataFrame,
    rates: pd.DataFrame,
    scales: Sequence[str],
    *,
    minimum_n: int,
    asked: Mapping[str, Sequence[str] | None] | None = None,
) -> pd.DataFrame:
    """Means by case, wave and scale with one mix of roles for all waves: direct standardisation.

    The mix is that of the case's rosters over all waves together, among roles that have a score in every wave in which
    the case has any; so no change of it can come from who answered.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent: these, role and the scales.
    rates : DataFrame
        From `response_rates`.
    scales : sequence of str
        Columns of `scores`.
    minimum_n : int
        Smallest number of scores of which anything is shown. Waves of a case with fewer take no part.
    asked : mapping of str to sequence of str, optional
        Roles that were asked a scale; all where absent or None.

    Returns
    -------
    DataFrame
        One row per scale, case and wave with a score: case, wave, scale, n, mean, standardised_mean, standardised_se
        (roles as strata; missing where a role has one score), covered (share of the roster of the roles asked that the
        roles used make up), flag: "" | "withheld" | "no_roster" | "no_common_role".

    Raises
    ------
    StudyError
        If a column is absent or a respondent stands twice.

    Source: Kitagawa (1955), Components of a Difference Between Two Rates, J. Am. Stat. Assoc. 50:1168-1194.
    """
    need_columns(rates, ["wave", "case", "role", "roster"], "rates")
    known = checked_scores(scores, scales)
    known["role"] = roles_of(known)
    parts = [_one(known, rates, scale, minimum_n, (asked or {}).get(scale)).assign(scale=scale) for scale in scales]
    columns = ["case", "wave", "scale", "n", "mean", "standardised_mean", "standardised_se", "covered", "flag"]
    return pd.concat(parts, ignore_index=True)[columns]


def _one(
    known: pd.DataFrame, rates: pd.DataFrame, scale: str, minimum_n: int, roles: Sequence[str] | None
) -> pd.DataFrame:
    answered = known.loc[known[scale].notna(), ["case", "wave", "role", scale]]
    whole = answered.groupby(["case", "wave"])[scale].agg(n="size", mean="mean").reset_index()
    few = whole["n"] < minimum_n
    cells = answered.groupby(["case", "wave", "role"])[scale].agg(n="size", mean="mean", variance="var").reset_index()
    shown = cells.merge(whole.loc[~few, ["case", "wave"]], on=["case", "wave"])
    mix = _mix(rates, roles)
    common = _common(shown, mix)
    rows = whole.merge(_summed(shown.merge(common, on=["case", "role"])), on=["case", "wave"], how="left")
    asked = mix.groupby("case")["members"].sum()
    rows["covered"] = (rows.pop("used") / rows["case"].map(asked)).where(rows["standardised_mean"].notna())
    known_roster = rows["case"].isin(asked.index[asked > 0])
    nothing = rows["standardised_mean"].isna()
    flag = np.select([few, ~known_roster, nothing], [WITHHELD, "no_roster", NO_COMMON], default="")
    rows["flag"] = pd.Series(flag, dtype="str")
    rows["mean"] = rows["mean"].mask(few)
    return rows


def _mix(rates: pd.DataFrame, roles: Sequence[str] | None) -> pd.DataFrame:
    """Members of each role of a case over all waves together."""
    each = rates.loc[~rates["role"].isin([EVERY_ROLE, NO_ROLE]) & rates["roster"].notna(), ["case", "role", "roster"]]
    each = each.astype({"case": "str", "role": "str", "roster": "float64"})
    if roles is not None:
        each = each[each["role"].isin(roles)]
    mix = each.groupby(["case", "role"])["roster"].sum().rename("members").reset_index()
    return mix[mix["members"] > 0]


def _common(shown: pd.DataFrame, mix: pd.DataFrame) -> pd.DataFrame:
    """Roles with a score in every wave of the case that is shown, with their members."""
    n_waves = shown.groupby("case")["wave"].nunique()
    held = shown.groupby(["case", "role"])["wave"].nunique().rename("held").reset_index()
    always = held[held["held"] == held["case"].map(n_waves)]
    return always.merge(mix, on=["case", "role"])[["case", "role", "members"]]


def _summed(cells: pd.DataFrame) -> pd.DataFrame:
    """Mean and error of each case and wave with the roles weighted by their members."""
    sums = cells.assign(
        total=cells["members"] * cells["mean"],
        noise=cells["members"] ** 2 * cells["variance"] / cells["n"],  # NaN for a role of one, and so for the whole
    ).groupby(["case", "wave"])[["members", "total", "noise"]]
    found = sums.sum(skipna=False).reset_index()
    return pd.DataFrame(
        {
            "case": found["case"], "wave": found["wave"], "used": found["members"],
            "standardised_mean": found["total"] / found["members"],
            "standardised_se": np.sqrt(found["noise"]) / found["members"],
        }
    )  # fmt: skip
