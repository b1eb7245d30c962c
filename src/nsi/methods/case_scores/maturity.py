"""Cases placed in three classes by their profile over several scales, with the probability of each class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.averages import person_averages
from nsi.methods.case_scores.people import people_by_case
from nsi.methods.case_scores.score_frame import (
    WITHHELD,
    checked_scores,
    is_withheld,
    joined_flags,
    need_columns,
    wave_order,
)
from nsi.methods.groups import empirical_bayes, probability_above, random_intercept

STRONG, BETWEEN, STRUGGLING = "strong", "between", "struggling"
Cuts = Mapping[str, Mapping[str, float]]


def case_maturity(
    table: pd.DataFrame,
    scores: pd.DataFrame,
    scales: Sequence[str],
    rule: Cuts,
    *,
    minimum_n: int,
    waves: Sequence[str] | None = None,
    certainty: float = 0.8,
) -> pd.DataFrame:
    """Class of each case from the mean of its shrunken means over several scales and waves.

    The mean of a case is that over the scales of the mean over its waves of eb_mean. How uncertain it is does not
    follow from the errors of the parts, as the same people answered all of them: it is taken from one composite per
    person over the same scales and waves, whose shrunken mean by case has the error `se`.

    Parameters
    ----------
    table : DataFrame
        From `case_scores`.
    scores : DataFrame
        What it was made from.
    scales : sequence of str
        Scales of the profile.
    rule : mapping
        {"strong": {"at_least": x}, "struggling": {"below": y}} in the unit of the scales, y at most x.
    minimum_n : int
        Smallest number of people of whom anything is shown.
    waves : sequence of str, optional
        Waves to average over; all of the table where not given. A case that lacks some is averaged over its own.
    certainty : float
        Probability of the class given from which the flag does not say "uncertain".

    Returns
    -------
    DataFrame
        One row per case of the table: case, n (people with a score), n_scales, n_waves (with a shrunken mean), mean,
        se, class ("strong" | "between" | "struggling" | "withheld" | "" where there is no mean), p_strong, p_between,
        p_struggling, weakest, strongest (scale with the lowest and highest mean over the waves; the first of equals),
        profile_spread (highest less lowest), flag: joined by ";" out of "withheld", "no_responses", "no_estimate"
        (scores, but no shrunken mean), "incomplete" (a scale without one), "uncertain", and what the fit of the
        composite says.

    Raises
    ------
    StudyError
        If the rule is incomplete or its cuts cross, or a column, wave or scale is absent.
    """
    strong, struggling = _cuts(rule)
    need_columns(table, ["case", "wave", "scale", "n", "eb_mean", "flag"], "the table")
    absent = [scale for scale in scales if scale not in set(table["scale"])]
    if absent or not scales:
        raise StudyError(f"the table has no scale {listed(absent) or 'to average'}; name scales that were scored")
    used = wave_order(table, waves)
    rows = _profiles(table[table["scale"].isin(list(scales)) & table["wave"].isin(used)], scales)
    known = checked_scores(scores, scales)
    errors = _composite(known, scales, wave_order(known, used), minimum_n)
    rows = rows.merge(errors, on="case", how="left", validate="one_to_one")
    answered = known[known["wave"].isin(used) & known[list(scales)].notna().any(axis=1)]
    rows["n"] = rows["case"].map(people_by_case(answered)).fillna(0).astype("int64")
    return _placed(rows, strong, struggling, certainty, minimum_n, len(scales))


def _cuts(rule: Cuts) -> tuple[float, float]:
    wanted = {STRONG: "at_least", STRUGGLING: "below"}
    found = {name: dict(part) for name, part in rule.items()}
    if set(found) != set(wanted) or any(set(found[name]) != {key} for name, key in wanted.items()):
        raise StudyError(
            'the rule must be {"strong": {"at_least": x}, "struggling": {"below": y}}, but names '
            f"{listed(f'{name}: {listed(part)}' for name, part in found.items()) or 'none'}"
        )
    strong, struggling = float(found[STRONG]["at_least"]), float(found[STRUGGLING]["below"])
    if not struggling <= strong:
        raise StudyError(
            f"the rule calls a case struggling below {struggling:g} and strong from {strong:g}; "
            "the first must not be the higher one"
        )
    return strong, struggling


def _profiles(part: pd.DataFrame, scales: Sequence[str]) -> pd.DataFrame:
    """Mean over waves of each scale, their mean, and where a case is weakest."""
    means = part.pivot_table(index="case", columns="scale", values="eb_mean", aggfunc="mean", dropna=False, sort=True)
    cases = sorted(part["case"].astype("str").unique())
    each = means.reindex(index=cases, columns=list(scales))
    values = each.to_numpy(dtype="float64")
    there = ~np.isnan(values)
    any_there = there.any(axis=1)
    low, high = np.where(there, values, np.inf), np.where(there, values, -np.inf)
    total = np.where(there, values, 0.0).sum(axis=1)
    names = np.array(list(scales), dtype=object)
    hidden = is_withheld(part["flag"])
    waves = part[part["eb_mean"].notna()].groupby("case")["wave"].nunique()
    apart = np.subtract(high.max(axis=1), low.min(axis=1), out=np.full(len(cases), np.nan), where=any_there)
    return pd.DataFrame(
        {
            "case": pd.Series(cases, dtype="str"),
            "n_scales": there.sum(axis=1),
            "n_waves": pd.Series(cases).map(waves).fillna(0).astype("int64"),
            "mean": np.divide(total, there.sum(axis=1), out=np.full(len(cases), np.nan), where=any_there),
            "weakest": np.where(any_there, names[low.argmin(axis=1)], ""),
            "strongest": np.where(any_there, names[high.argmax(axis=1)], ""),
            "profile_spread": apart,
            "some_withheld": pd.Series(cases).isin(set(part.loc[hidden, "case"].astype("str"))),
        }
    )


def _composite(known: pd.DataFrame, scales: Sequence[str], waves: Sequence[str], minimum_n: int) -> pd.DataFrame:
    people = person_averages(known, scales, waves, minimum_n)
    fit = random_intercept(people["score"], people["case"])
    found = empirical_bayes(people["score"], people["case"], fit=fit)
    return found.assign(se=found["eb_se"], of_fit=fit.flag)[["case", "se", "of_fit"]]


def _placed(
    rows: pd.DataFrame, strong: float, struggling: float, certainty: float, minimum_n: int, n_scales: int
) -> pd.DataFrame:
    mean = rows["mean"]
    usable = rows["of_fit"].fillna("").isin(["", "no_within_variance"])
    posterior = pd.DataFrame({"case": rows["case"], "eb_mean": mean, "eb_se": rows["se"].where(usable)})
    up = probability_above(posterior, strong)["p_above"]
    down = 1 - probability_above(posterior, struggling)["p_above"]
    chances = pd.DataFrame({STRONG: up, BETWEEN: (1 - up - down).clip(lower=0.0), STRUGGLING: down})
    hidden = mean.isna() & (rows["some_withheld"] | rows["n"].between(1, minimum_n - 1))
    given = np.select(
        [hidden, mean.isna(), mean >= strong, mean < struggling], [WITHHELD, "", STRONG, STRUGGLING], default=BETWEEN
    )
    own = np.select([given == name for name in chances], [chances[name] for name in chances], default=math.nan)
    flag = joined_flags(
        np.select([hidden, mean.isna() & (rows["n"] == 0), mean.isna()], [WITHHELD, "no_responses", "no_estimate"], ""),
        np.where(mean.notna() & (rows["n_scales"] < n_scales), "incomplete", ""),
        np.where(own < certainty, "uncertain", ""),
        np.where(mean.notna(), rows["of_fit"].fillna(""), ""),
    )
    rows = rows.assign(flag=pd.Series(flag, dtype="str"), **{"class": pd.Series(given, dtype="str")})
    rows = rows.assign(**{f"p_{name}": chances[name].mask(hidden) for name in chances}, se=rows["se"].mask(mean.isna()))
    columns = ["case", "n", "n_scales", "n_waves", "mean", "se", "class", "p_strong", "p_between", "p_struggling"]
    return rows[[*columns, "weakest", "strongest", "profile_spread", "flag"]]
