"""How mixed a case is: an index over the counts of its parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed


def gini_simpson(counts: pd.DataFrame, kinds: Sequence[str]) -> pd.Series[float]:
    """Probability that two parts of a case, drawn with replacement, are of different kinds: 1 - sum of p squared.

    Parameters
    ----------
    counts : DataFrame
        One row per case; the columns of `kinds` hold how many of its parts are of each kind.
    kinds : sequence of str
        At least two columns.

    Returns
    -------
    Series
        Aligned with `counts`. 0 where all parts are of one kind, 1 - 1/k where k kinds are equally frequent; missing
        where a case has no parts or a count is missing.

    Raises
    ------
    StudyError
        If a column is lacking, there are fewer than two, or a count is negative.

    Notes
    -----
    It does not correct for the number of parts: of few parts it comes out somewhat lower.
    Source: Simpson (1949), Nature 163, 688; Jost (2006), Oikos 113(2), 363-375, for the name and its reading.
    """
    lacking = [kind for kind in kinds if kind not in counts.columns]
    if lacking:
        raise StudyError(f"the cases have no column {listed(lacking)}; they have {listed(map(str, counts.columns))}")
    if len(kinds) < 2:
        raise StudyError("one kind alone cannot be mixed; name at least two columns of counts")
    parts = counts[list(kinds)].astype("float64").to_numpy(dtype=float, na_value=np.nan)
    if (parts < 0).any():
        row = int((parts < 0).any(axis=1).argmax())
        raise StudyError(f"row {row + 1} of the cases has a negative count; counts are whole numbers from 0 up")
    total = parts.sum(axis=1, keepdims=True)
    shares = parts / np.where(total > 0, total, np.nan)
    return pd.Series(1.0 - (shares**2).sum(axis=1), index=counts.index, dtype="float64", name="diversity")
