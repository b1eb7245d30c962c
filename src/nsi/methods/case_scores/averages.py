"""One score per person out of several, and the means of each case wave by wave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.people import person_codes
from nsi.methods.groups import empirical_bayes, random_intercept


def person_averages(
    known: pd.DataFrame, scales: str | Sequence[str], waves: Sequence[str], minimum_n: int
) -> pd.DataFrame:
    """Average of each person over the scores they have, with differences between waves and scales taken out.

    From each score the mean of its wave and scale is taken, and the mean of all those means is added at the end. So
    it does not matter which waves a person answered, or which scales their role was asked. The mean of a wave and scale
    is that of `random_intercept`, in which a large case counts little more than a small one.

    Parameters
    ----------
    known : DataFrame
        As `checked_scores` leaves it.
    scales : str or sequence of str
        Columns of scores.
    waves : sequence of str
        Waves to average over.
    minimum_n : int
        Scores of a case, wave and scale with fewer are left out of everything.

    Returns
    -------
    DataFrame
        One row per person and case: case, score.

    Raises
    ------
    StudyError
        If nobody has a score that may be used.
    """
    wanted = [scales] if isinstance(scales, str) else list(scales)
    frame = known.loc[known["wave"].isin(list(waves)), ["wave", "case", "respondent", *wanted]]
    person = person_codes(frame)
    total, count = np.zeros(person.max(initial=-1) + 1), np.zeros(person.max(initial=-1) + 1)
    centres: list[float] = []
    for scale in wanted:
        for wave in waves:
            used = _enough(frame, scale, wave, minimum_n)
            part = frame[used]
            if len(part):
                centre = random_intercept(part[scale], part["case"]).mean
                centres.append(centre)
                whose = person[used]
                total += np.bincount(whose, weights=part[scale].to_numpy() - centre, minlength=len(total))
                count += np.bincount(whose, minlength=len(total))
    if not (count > 0).any():
        raise StudyError(
            f"no case has {minimum_n} scores on {listed(wanted)} in any of the waves {listed(waves)}; name other waves"
        )
    home = pd.Series(frame["case"].to_numpy(), index=person).groupby(level=0).first()
    score = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0) + np.mean(centres)
    people = pd.DataFrame({"case": home.to_numpy(), "score": score})
    return people[people["score"].notna()].reset_index(drop=True)


def _enough(frame: pd.DataFrame, scale: str, wave: str, minimum_n: int) -> NDArray[np.bool_]:
    """Rows with a score in a wave, of cases that have enough of them there."""
    there = (frame["wave"] == wave) & frame[scale].notna()
    count = there.groupby(frame["case"]).transform("sum")
    return (there & (count >= minimum_n)).to_numpy(dtype=bool)


def wave_estimates(known: pd.DataFrame, scale: str, waves: Sequence[str], minimum_n: int) -> pd.DataFrame:
    """Raw and shrunken mean of each case in each wave, side by side.

    Parameters
    ----------
    known, scale, waves, minimum_n
        As for `person_averages`, one scale.

    Returns
    -------
    DataFrame
        One row per case with a score: case, and for each wave n_<wave> (0 without a score), mean_<wave>,
        eb_mean_<wave>, reliability_<wave>; missing where fewer than minimum_n have a score, who inform no other case.
    """
    sides = []
    for wave in waves:
        there = known[(known["wave"] == wave) & known[scale].notna()]
        part = known[_enough(known, scale, wave, minimum_n)]
        found = empirical_bayes(part[scale], part["case"]).set_index("case")[["mean", "eb_mean", "reliability"]]
        n = there.groupby("case").size().rename("n")
        sides.append(pd.concat([n, found], axis=1).add_suffix(f"_{wave}"))
    whole = pd.concat(sides, axis=1).sort_index()
    counts = [f"n_{wave}" for wave in waves]
    whole[counts] = whole[counts].fillna(0).astype("int64")
    return whole.rename_axis("case").reset_index()
