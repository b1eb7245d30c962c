"""Which case each respondent belongs to, as a place in the sorted list of cases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.scales.cross_products import Places


def case_places(cases: pd.Series, n_respondents: int) -> tuple[Places, list[str]]:
    """Place of each respondent's case among all cases.

    Parameters
    ----------
    cases : Series, shape (n_respondents,)
        Case of each respondent.
    n_respondents : int
        How many respondents there are.

    Returns
    -------
    array of int, shape (n_respondents,)
        Place in the list that follows.
    list of str
        Names of the cases, sorted.

    Raises
    ------
    StudyError
        If a respondent has no case, or there are more or fewer cases than respondents.
    """
    if len(cases) != n_respondents:
        raise StudyError(f"there are {n_respondents} rows of answers, but {len(cases)} cases; pass one per row")
    nowhere = cases.index[cases.isna()]
    if len(nowhere):
        raise StudyError(
            f"column case is empty in {len(nowhere)} rows (rows {listed(nowhere)}); every response needs its case"
        )
    place, names = pd.factorize(cases.astype("str"), sort=True)
    return np.asarray(place, dtype=np.intp), [str(name) for name in names]
