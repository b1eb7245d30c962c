"""What is common to the cases of a wave: overall mean of each scale, and its variances between and within cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.methods.case_scores.score_frame import checked_scores, wave_order
from nsi.methods.groups import random_intercept


def case_fits(scores: pd.DataFrame, scales: Sequence[str], *, minimum_n: int = 1) -> pd.DataFrame:
    """Overall mean and both variances of each scale in each wave, by REML over all cases.

    Parameters
    ----------
    scores, scales
        As for `case_scores`.
    minimum_n : int
        Cases with fewer scores in that wave and scale are left out, as `case_scores` does with fit_on="shown".

    Returns
    -------
    DataFrame
        One row per wave and scale with scores: wave, scale, mean, se_mean, tau2 (between cases), sigma2 (within), icc
        (share between: tau2 / (tau2 + sigma2)), n, n_groups, flag (as `random_intercept` gives it). All are totals:
        where they are printed and minimum_n was 1, withhold with `complementary`.

    Raises
    ------
    StudyError
        As for `case_scores`.
    """
    known = checked_scores(scores, scales)
    rows = []
    for wave in wave_order(known):
        of_wave = known[known["wave"] == wave]
        for scale in scales:
            answered = of_wave[scale].notna()
            values, cases = of_wave[scale][answered], of_wave["case"][answered]
            enough = large_cases(cases, minimum_n)
            if not enough.any():
                continue
            fit = random_intercept(values[enough], cases[enough])
            total = fit.tau2 + fit.sigma2
            rows.append(
                {
                    "wave": wave, "scale": scale, "mean": fit.mean, "se_mean": fit.se_mean, "tau2": fit.tau2,
                    "sigma2": fit.sigma2, "icc": fit.tau2 / total if total > 0 else float("nan"), "n": fit.n,
                    "n_groups": fit.n_groups, "flag": fit.flag,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def large_cases(cases: pd.Series, minimum_n: int) -> NDArray[np.bool_]:
    """Rows of cases that have enough of them.

    Parameters
    ----------
    cases : Series
        Case of each row.
    minimum_n : int
        How many are enough.
    """
    code, _ = pd.factorize(cases)
    return np.asarray(np.bincount(code)[code] >= minimum_n)
