"""Estimates over waves, checked, and as lines that break where a value is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels, require_order
from nsi.figures.value_columns import require_once, require_values

TABLE = "table of trajectories"
AVERAGES = "table of averages"

Values = NDArray[np.float64]


def trajectory_tables(
    frame: pd.DataFrame,
    average: pd.DataFrame,
    waves: Mapping[str, str],
    scales: Mapping[str, str],
    highlight: str | None,
    z: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refuse what cannot be drawn; give both tables with text as keys and their intervals.

    Parameters
    ----------
    frame : DataFrame
        One row per case, wave and scale.
    average : DataFrame
        One row per wave and scale.
    waves, scales : mapping of str to str
        What is to be drawn, with printed labels.
    highlight : str, optional
        The case that is drawn in front.
    z : float
        Half width of intervals in standard errors.

    Returns
    -------
    tuple of DataFrame
        The frame and the average, each with ``estimate``, ``ci_low`` and ``ci_high``.

    Raises
    ------
    StudyError
        If a column or label is missing, a row stands twice, a wave or scale is unknown, the case to highlight
        is not in the table, or its mean is missing without a reason.
    """
    require_columns(frame, ["case", "wave", "scale", "eb_mean", "eb_se", "flag"], table=TABLE)
    require_columns(average, ["wave", "scale", "mean", "se_mean"], table=AVERAGES)
    require_once(frame, ["case", "wave", "scale"], table=TABLE)
    require_once(average, ["wave", "scale"], table=AVERAGES)
    clean = []
    for table, name, value, error in ((frame, TABLE, "eb_mean", "eb_se"), (average, AVERAGES, "mean", "se_mean")):
        mean, se = require_values(table, value, table=name), require_values(table, error, table=name, low=0)
        clean.append(table.assign(estimate=mean, ci_low=mean - z * se, ci_high=mean + z * se))
        for column, known in (("wave", waves), ("scale", scales)):
            require_order(list(known), what=f"{column}s to draw")
            require_labels(known, list(known), what=f"{column}s to draw")
            stray = [str(value) for value in dict.fromkeys(table[column]) if str(value) not in known]
            if stray:
                raise StudyError(f"{name}: {column} '{stray[0]}' is not among {listed(known, 12)}; add its label")
            clean[-1][column] = table[column].astype(str)
    cases, means = clean
    cases["case"] = cases["case"].astype(str)
    if highlight is not None and highlight not in set(cases["case"]):
        raise StudyError(f"case '{highlight}' is not in the {TABLE}; correct the name or compute it first")
    bare = (cases["case"] == highlight) & cases["estimate"].isna() & (cases["flag"].fillna("") == "")
    if bare.any():
        row = int(bare.to_numpy().argmax())
        raise StudyError(f"{TABLE} row {row + 1}: eb_mean is missing without a reason; put one in flag")
    return cases, means


def series(own: pd.DataFrame, waves: Sequence[str], column: str) -> Values:
    """Values of one case (or the average) and scale in the order of the waves; NaN where there is no row."""
    return own.set_index("wave")[column].reindex(list(waves)).to_numpy(dtype=float)
