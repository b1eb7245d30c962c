"""What a case's mean would be had all who did not answer been at either end of the scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from nsi.errors import StudyError


def worst_case_bounds(mean: ArrayLike, answered: ArrayLike, low: float, high: float) -> pd.DataFrame:
    """Bounds of the mean over the whole roster that hold whatever the others would have said.

    Parameters
    ----------
    mean : array-like
        Mean score of those who answered, one per case.
    answered : array-like
        Share of the roster with a score, 0 to 1; NaN where there is no roster.
    low, high : float
        Ends of the scale.

    Returns
    -------
    DataFrame
        Columns bound_low and bound_high, row by row. NaN where the share or the mean is unknown: without a roster
        nothing bounds the mean but the scale itself.

    Raises
    ------
    StudyError
        If the ends are not in order, a share is outside 0 to 1, or a mean lies outside the ends.

    Source: Manski (1989), Anatomy of the Selection Problem, Journal of Human Resources 24:343-360.
    """
    means, shares = np.asarray(mean, dtype="float64"), np.asarray(answered, dtype="float64")
    if not low < high:
        raise StudyError(f"limits of a scale must be low < high, but are {low} and {high}; see its answer format")
    if ((shares < 0) | (shares > 1)).any():
        raise StudyError("the share that answered must be between 0 and 1; take it from the response rates")
    slack = 1e-9 * (high - low)  # a mean of many equal scores may lie one rounding error outside
    if ((means < low - slack) | (means > high + slack)).any():
        raise StudyError(
            f"a mean lies outside {low} to {high}, the declared ends of its scale; correct the answer format"
        )
    observed, silent = means * shares, 1.0 - shares
    return pd.DataFrame({"bound_low": observed + low * silent, "bound_high": observed + high * silent})
