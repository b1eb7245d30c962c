"""Cuts between bands of ranked cases, and which cases a rank interval leaves on both sides of one."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError, listed

NEEDED = ["case", "rank_low", "rank_high"]


def band_cuts(n_cases: int, n_top: int, n_bottom: int) -> list[float]:
    """Ranks at which the highest and the lowest band end and begin.

    Parameters
    ----------
    n_cases : int
        How many cases are ranked, 1 = highest.
    n_top, n_bottom : int
        How many are looked for at either end.

    Returns
    -------
    list of float
        Such as [4.5, 7.5]; one number where both ends meet.

    Raises
    ------
    StudyError
        If an end is empty, or the two together are more than there are.
    """
    if n_top < 1 or n_bottom < 1 or n_top + n_bottom > n_cases:
        raise StudyError(
            f"{n_top} and {n_bottom} of {n_cases} cases cannot be the highest and the lowest; each end needs one or "
            "more, and no case may be in both"
        )
    return sorted({n_top + 0.5, n_cases - n_bottom + 0.5})


def crossing(ranks: pd.DataFrame, cuts: list[float]) -> pd.Series[bool]:
    """Say of each case whether its rank interval holds ranks on both sides of a cut.

    Parameters
    ----------
    ranks : DataFrame
        One row per case: case, rank_low, rank_high (missing = no rank).
    cuts : list of float
        From `band_cuts`.

    Returns
    -------
    Series of boolean
        In the order of the frame; missing where a case has no rank.

    Raises
    ------
    StudyError
        If a column is absent.
    """
    absent = [name for name in NEEDED if name not in ranks.columns]
    if absent:
        raise StudyError(f"table of ranks lacks column(s) {listed(absent)}; found {listed(ranks.columns, 20)}")
    low, high = (ranks[name].astype("Float64").astype("float64") for name in ("rank_low", "rank_high"))
    across = pd.Series(False, index=ranks.index)
    for cut in cuts:
        across |= (low < cut) & (high > cut)
    return across.astype("boolean").mask(low.isna() | high.isna())
