"""Scores of one scale as numbers and codes: who is the same person, and which waves of a case may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.methods.case_scores.score_frame import checked_scores, wave_order

ANONYMOUS = "anonymous/"  # what an id begins with where nobody can tell who it was


class Answers(NamedTuple):
    """Scores of one scale, one entry per score.

    Attributes
    ----------
    values, times : array of float
        The score, and the time of its wave.
    case, person : array of int
        Codes. A person in two cases is two; an anonymous respondent is another one in each wave.
    shown : array of bool
        Whether at least the minimum of people in that case and wave have a score. A slope or mean over several waves
        from which the others can be subtracted would otherwise give a withheld wave away.
    cases : list of str
        Case of each code, sorted.
    """

    values: NDArray[np.float64]
    times: NDArray[np.float64]
    case: NDArray[np.int64]
    person: NDArray[np.int64]
    shown: NDArray[np.bool_]
    cases: list[str]


def answers_of(known: pd.DataFrame, scale: str, waves: Mapping[str, float], minimum_n: int) -> Answers:
    """Scores of a scale in some waves.

    Parameters
    ----------
    known : DataFrame
        As `checked_scores` leaves it.
    scale : str
        Its column.
    waves : mapping of str to float
        Time of each wave; scores of others are left out.
    minimum_n : int
        Smallest number of scores of a case and wave that may be shown.
    """
    frame = known.loc[known["wave"].isin(list(waves)) & known[scale].notna(), ["wave", "case", "respondent", scale]]
    case, cases = pd.factorize(frame["case"], sort=True)
    wave_code, names = pd.factorize(frame["wave"])
    cell = frame.groupby(["case", "wave"], sort=False)[scale].transform("size")
    return Answers(
        values=frame[scale].to_numpy(dtype="float64"),
        times=np.array([float(waves[wave]) for wave in names], dtype=np.float64)[wave_code],
        case=case.astype("int64"),
        person=person_codes(frame),
        shown=(cell >= minimum_n).to_numpy(dtype=bool),
        cases=[str(name) for name in cases],
    )


def person_codes(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Code of the person in each row.

    Parameters
    ----------
    frame : DataFrame
        Columns wave, case, respondent. Ids that begin with "anonymous/" are numbered anew in each wave, so that equal
        ones in two waves are two people.
    """
    unlinked = frame["respondent"].str.startswith(ANONYMOUS)
    wave = frame["wave"].where(unlinked, "")
    keys = [pd.factorize(column)[0].astype("int64") for column in (frame["case"], frame["respondent"], wave)]
    code = np.zeros(len(frame), dtype="int64")
    for key in keys:
        code = pd.factorize(code * (key.max(initial=0) + 1) + key)[0].astype("int64")
    return code


def people_by_case(frame: pd.DataFrame) -> pd.Series:
    """How many people of each case are in some rows.

    Parameters
    ----------
    frame : DataFrame
        As for `person_codes`.
    """
    return frame["case"].to_frame().assign(person=person_codes(frame)).groupby("case")["person"].nunique()


def timed_scores(
    scores: pd.DataFrame, scales: list[str], waves: Mapping[str, float], minimum_n: int
) -> pd.DataFrame:
    """Checked scores, once waves and minimum are in order too.

    Raises
    ------
    StudyError
        If there are fewer than two waves, times are not rising, a wave is not in the scores, or minimum_n is below 1.
    """
    times = [float(time) for time in waves.values()]
    if len(times) < 2 or any(not late > early for early, late in zip(times, times[1:], strict=False)):
        raise StudyError(
            f"change over time needs two or more waves in rising order of time, but found {dict(waves)}; "
            "declare the time of each wave"
        )
    if minimum_n < 1:
        raise StudyError(f"minimum_n must be 1 or more, but is {minimum_n}")
    known = checked_scores(scores, scales)
    wave_order(known, waves)
    return known
