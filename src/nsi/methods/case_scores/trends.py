"""How each case changed over the waves: all who answered, and only people who answered more than once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.case_scores.people import Answers, answers_of, timed_scores
from nsi.methods.case_scores.score_frame import WITHHELD, joined_flags, need_columns
from nsi.methods.case_scores.slopes import grouped_slopes
from nsi.methods.groups import meta_intercept, shrunken_estimates
from nsi.methods.quantiles import normal_quantile, t_quantile

ALL, RETURNING = "all", "returning"
TREND_COLUMNS = [
    "case", "scale", "basis", "slope", "se", "low", "high", "n_responses", "n_persons", "n_waves", "eb_slope", "eb_se",
    "eb_low", "eb_high", "flag",
]  # fmt: skip


def case_trends(
    scores: pd.DataFrame,
    scales: Sequence[str],
    waves: Mapping[str, float],
    *,
    minimum_n: int,
    level: float = 0.9,
) -> pd.DataFrame:
    """Slope of each case on each scale over the waves.

    Basis "all": least squares over every score, with an intercept per case. It mixes change of opinion with change of
    who answers. Basis "returning": only people with scores in two waves or more, with an intercept for each, so that
    who answers cannot change it; newcomers and leavers say nothing in it. Where the two differ, composition changed,
    or those who stay differ from those who do not; `standardised_means` holds the mix of roles still.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent, with the scales (NaN without a score). Ids that begin with "anonymous/"
        are never the same person in two waves.
    scales : sequence of str
        Columns of `scores`.
    waves : mapping of str to float
        Time of each wave, rising; slopes are per unit of it. Other waves are left out.
    minimum_n : int
        Smallest number of people of whom anything is shown. Waves of a case with fewer scores are left out of its
        slope: with the other waves' means it would give theirs away.
    level : float
        Probability of the intervals.

    Returns
    -------
    DataFrame
        One row per scale, case with a score, and basis: case, scale, basis, slope, se (clustered by person; factor
        G/(G-1) (N-1)/(N-K), see `grouped_slopes`), low and high (t with G-1 degrees of freedom), n_responses,
        n_persons, n_waves (waves used), eb_slope, eb_se, eb_low, eb_high (drawn towards the mean slope of all cases,
        by `shrunken_estimates`), flag: "" or, joined by ";":

        - withheld: too few people; all but the counts is missing, which are of everybody if no wave could be used;
        - one_wave: no second wave; no_linked_respondents: nobody has scores in two waves, or no id says so;
        - too_few_respondents (under three: no error), no_residual_variance (se missing; not shrunken);
        - no_between_variance, one_case: the fit over cases, so that eb_* are missing.

    Raises
    ------
    StudyError
        If a column or wave is absent, times do not rise, or a respondent stands twice in a wave of a case.
    """
    if not 0 < level < 1:
        raise StudyError(f"level must lie between 0 and 1, but is {level}")
    known = timed_scores(scores, list(scales), waves, minimum_n)
    parts = []
    for scale in scales:
        answers = answers_of(known, scale, waves, minimum_n)
        if answers.cases:
            parts += [
                _of_basis(answers, basis, minimum_n, level).assign(scale=scale, basis=basis)
                for basis in (ALL, RETURNING)
            ]
    if not parts:
        raise StudyError("no respondent has a score on any scale in these waves; score the items first")
    return pd.concat(parts, ignore_index=True)[TREND_COLUMNS]


def trend_fits(trends: pd.DataFrame) -> pd.DataFrame:
    """Mean slope over cases, and how far cases differ in it.

    Parameters
    ----------
    trends : DataFrame
        From `case_trends`.

    Returns
    -------
    DataFrame
        One row per scale and basis: scale, basis, mean, se_mean, tau2 (variance of true slopes between cases), n_groups
        (cases with a slope and its error), flag (as `meta_intercept` gives it).

    Raises
    ------
    StudyError
        If a column is absent.
    """
    need_columns(trends, ["scale", "basis", "case", "slope", "se"], "trends")
    rows = []
    for (scale, basis), part in trends.groupby(["scale", "basis"], sort=False):
        by_case = part.set_index("case")
        fit = meta_intercept(by_case["slope"], by_case["se"])
        rows.append(
            {
                "scale": scale, "basis": basis, "mean": fit.mean, "se_mean": fit.se_mean, "tau2": fit.tau2,
                "n_groups": fit.n, "flag": fit.flag,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _of_basis(answers: Answers, basis: str, minimum_n: int, level: float) -> pd.DataFrame:
    """Rows of one scale and basis, one per case."""
    used = answers.shown if basis == ALL else answers.shown & _returning(answers)
    people = pd.factorize(answers.person[used])[0].astype("int64")
    rows = grouped_slopes(
        answers.values[used], answers.times[used], answers.case[used], people, len(answers.cases),
        within=basis == RETURNING,
    )  # fmt: skip
    rows.insert(0, "case", pd.Series(answers.cases, dtype="str"))
    rows["flag"] = _flags(rows, answers, basis, minimum_n)
    numbers = ["slope", "se"]
    rows[numbers] = rows[numbers].mask(rows["flag"] == WITHHELD, axis=0)
    width = t_quantile(np.maximum(rows["n_persons"] - 1, 1), (1 + level) / 2) * rows["se"]
    rows = rows.assign(low=rows["slope"] - width, high=rows["slope"] + width)
    return _shrunken(rows, level)


def _returning(answers: Answers) -> np.ndarray:
    """Scores of people who have two or more in waves that are shown."""
    often = np.bincount(answers.person, weights=answers.shown.astype("float64"))
    return often[answers.person] >= 2


def _flags(rows: pd.DataFrame, answers: Answers, basis: str, minimum_n: int) -> np.ndarray:
    """Why a slope is not there; counts of a case whose waves are all too small are put back for readers."""
    n_all = np.bincount(answers.case, minlength=len(rows))
    n_shown = np.bincount(answers.case[answers.shown], minlength=len(rows))
    persons = rows["n_persons"].to_numpy()
    hidden = n_shown == 0
    if hidden.any():
        each = pd.DataFrame({"case": answers.case, "person": answers.person}).drop_duplicates()
        rows["n_persons"] = np.where(hidden, np.bincount(each["case"], minlength=len(rows)), persons)
        rows["n_responses"] = np.where(hidden, n_all, rows["n_responses"])
    few = hidden | ((persons > 0) & (persons < minimum_n))
    nobody = "no_linked_respondents" if basis == RETURNING else "one_wave"
    alone = rows["flag"].to_numpy() == "one_wave"
    return np.select([few, alone], [WITHHELD, nobody], default=rows["flag"].to_numpy())


def _shrunken(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    by_case = rows.set_index("case")
    fit = meta_intercept(by_case["slope"], by_case["se"])
    found = shrunken_estimates(by_case["slope"], by_case["se"], fit)
    usable = rows["se"].notna().to_numpy() & (fit.flag == "")
    mean = np.where(usable, found["eb_mean"].to_numpy(), np.nan)
    error = np.where(usable, found["eb_se"].to_numpy(), np.nan)
    reach = normal_quantile((1 + level) / 2) * error
    of_fit = np.where(rows["se"].notna(), fit.flag, "")
    return rows.assign(
        eb_slope=mean, eb_se=error, eb_low=mean - reach, eb_high=mean + reach,
        flag=pd.Series(joined_flags(rows["flag"], of_fit), index=rows.index, dtype="str"),
    )  # fmt: skip
