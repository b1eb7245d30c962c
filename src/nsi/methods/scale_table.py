"""One table of what each scale is worth: alpha and omega of persons, ICC and agreement of cases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.methods.groups import (
    ICC2_DEFINITIONS,
    agreement_summary,
    empirical_bayes,
    icc,
    mean_reliability,
    random_intercept,
    within_group_agreement,
)
from nsi.methods.scales import keyed_answers, scale_reliability, scale_scores
from nsi.methods.scales.asked import items_asked
from nsi.methods.scales.table import WITHHELD

POOLED = "all"
COLUMNS = [
    "scale", "case", "n", "k_items", "alpha", "omega", "icc1", "icc2", "icc2_definition", "rwgj_mean", "rwgj_median",
    "n_complete", "alpha_low", "alpha_high", "alpha_pairwise", "icc1_reml", "mean_reliability", "rwgj_skewed_mean",
    "rwgj_skewed_median", "ad_mean", "rwgj_flag", "flag",
]  # fmt: skip
# Column to the measure that it holds, and to how that is summed up over cases.
AGREEMENT = {
    "rwgj_mean": ("rwg_j", "mean"),
    "rwgj_median": ("rwg_j", "median"),
    "rwgj_skewed_mean": ("rwg_j_skewed", "mean"),
    "rwgj_skewed_median": ("rwg_j_skewed", "median"),
    "ad_mean": ("ad_mean", "mean"),
}
OF_CASES = ["icc1", "icc2", "icc1_reml", "mean_reliability", *AGREEMENT]


def scale_table(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    scales: pd.DataFrame,
    *,
    minimum_n: int,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Give the reliability of each scale for persons, and what its mean is worth as a measure of a case.

    Parameters
    ----------
    responses : DataFrame
        One row per response: case, answers and reasons of every item.
    items : DataFrame
        Columns item, scale, reverse, low, high.
    scales : DataFrame
        Columns scale, minimum.
    minimum_n : int
        Estimates from fewer respondents than this are withheld; agreement is summed up over cases with as many.
    confidence : float
        Level of the interval of alpha.

    Returns
    -------
    DataFrame
        The rows of `scale_reliability` (all, within, each case), with the columns of `COLUMNS`. ICCs stand in the row
        "all" and are of scale scores: icc1 and icc2 by analysis of variance (icc2_definition says which), icc1_reml and
        mean_reliability by REML. r_wg(j) and average deviation are of complete answers: in the row "all" mean and
        median over cases, in the row of a case its own value; rwgj_flag says where
        it was clamped to 0, rests on too few answers, or has no one format of answers. Missing where undefined or
        withheld; `flag` says why.

    Raises
    ------
    StudyError
        As `scale_reliability` and `scale_scores` do.

    Source: design of the columns ours; each method names its own.
    """
    table = scale_reliability(responses, items, scales, minimum_n=minimum_n, confidence=confidence)
    scores = scale_scores(responses, items, scales)
    parts = []
    for scale in table["scale"].unique():
        asked = items[items["item"].isin(items_asked(responses, items, str(scale)))]
        part = _agreement(responses, asked, minimum_n).assign(scale=scale)
        whole = _correlations(scores[scale], responses["case"])
        parts.append(part.merge(pd.DataFrame([{"case": POOLED, **whole}]), on="case", how="outer"))
    of_cases = pd.concat(parts, ignore_index=True)
    table = table.merge(of_cases, on=["scale", "case"], how="left", validate="one_to_one")
    for words in ("icc2_definition", "rwgj_flag"):
        table[words] = table[words].fillna("")
    table[OF_CASES] = table[OF_CASES].mask(table["flag"] == WITHHELD)
    return table[COLUMNS]


def _correlations(score: pd.Series, case: pd.Series) -> dict[str, float | str]:
    known = score.notna()
    anova, fit = icc(score[known], case[known]), random_intercept(score[known], case[known])
    return {
        "icc1": anova.icc1,
        "icc2": anova.icc2,
        "icc2_definition": ICC2_DEFINITIONS["icc2"],
        "icc1_reml": fit.tau2 / (fit.tau2 + fit.sigma2) if fit.tau2 + fit.sigma2 > 0 else np.nan,
        "mean_reliability": mean_reliability(empirical_bayes(score[known], case[known], fit)),
    }


def _agreement(responses: pd.DataFrame, items: pd.DataFrame, minimum_n: int) -> pd.DataFrame:
    """Agreement by case, and over cases in a row of its own; missing where items have several answer formats."""
    columns = ["case", *AGREEMENT]
    limits = items[["low", "high"]].drop_duplicates().to_numpy(dtype="float64")
    if len(limits) != 1:
        return pd.DataFrame([[POOLED, *[np.nan] * len(AGREEMENT)]], columns=columns).assign(rwgj_flag="answer_formats")
    low, high = limits[0]
    found = within_group_agreement(keyed_answers(responses, items), responses["case"], low, high, minimum_n=minimum_n)
    over = agreement_summary(found).set_index("measure")[["mean", "median"]].astype("float64")
    of_cases = pd.DataFrame({name: found[measure] for name, (measure, _) in AGREEMENT.items()})
    whole = {name: over.loc[measure, what] for name, (measure, what) in AGREEMENT.items()}
    of_cases.insert(0, "case", found["case"])
    of_cases["rwgj_flag"] = found["flag"].astype("str")
    return pd.concat([pd.DataFrame([{"case": POOLED, **whole}]), of_cases], ignore_index=True)
