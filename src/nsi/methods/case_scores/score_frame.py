"""What a frame of scores must be before anything is computed from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed

PERSON = ["wave", "case", "respondent"]
WITHHELD = "withheld"
NO_ROLE = "unknown"


def checked_scores(scores: pd.DataFrame, scales: Sequence[str]) -> pd.DataFrame:
    """Scores with text keys and float scales, rows numbered from 0, one row per wave, case and respondent.

    Parameters
    ----------
    scores : DataFrame
        Columns wave, case, respondent, the scales, and others, which are kept.
    scales : sequence of str
        Columns that hold scores; NaN where a respondent has none.

    Raises
    ------
    StudyError
        If a column is absent, a key is missing, a respondent stands twice in a wave of a case, or a score is no number.
    """
    need_columns(scores, [*PERSON, *scales], "scores")
    frame = scores.reset_index(drop=True)
    once(frame, PERSON, "scores")
    for scale in scales:
        if not pd.api.types.is_numeric_dtype(frame[scale]):
            raise StudyError(f"scores: column '{scale}' is no number but {frame[scale].dtype}; score the items first")
        frame[scale] = frame[scale].astype("float64")
        if np.isinf(frame[scale]).any():
            raise StudyError(f"scores: column '{scale}' holds an infinite number; score the items again")
    return frame.assign(**{key: frame[key].astype("str") for key in PERSON})


def need_columns(frame: pd.DataFrame, needed: Iterable[str], table: str) -> None:
    """Refuse a frame that lacks a column.

    Raises
    ------
    StudyError
        With the absent columns and those that are there.
    """
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        there = listed(frame.columns, shown=20) or "no column"
        raise StudyError(f"{table} lack the column(s) {listed(absent)}; found {there}")


def once(frame: pd.DataFrame, key: Sequence[str], table: str) -> None:
    """Refuse rows whose key is missing or stands more than once.

    Raises
    ------
    StudyError
        With the positions of the rows, never the ids of the people.
    """
    told = ", ".join(key)
    empty = np.flatnonzero(frame[list(key)].isna().any(axis=1))
    if len(empty):
        raise StudyError(f"{table}: {told} must be known in every row, but is missing in rows {listed(list(empty))}")
    doubled = np.flatnonzero(frame.duplicated(list(key), keep=False))
    if len(doubled):
        raise StudyError(
            f"{table} must have one row per {told}, but rows {listed(list(doubled))} share one; "
            "settle the duplicates in cleaning"
        )


def wave_order(frame: pd.DataFrame, waves: Iterable[str] | None = None) -> list[str]:
    """Waves that a frame holds, sorted, or those asked for.

    Raises
    ------
    StudyError
        If a wave asked for is not there.
    """
    there = sorted(frame["wave"].astype("str").unique())
    if waves is None:
        return there
    unknown = [wave for wave in waves if wave not in there]
    if unknown:
        raise StudyError(f"scores have no wave {listed(unknown)}; they have {listed(there, shown=20)}")
    return list(waves)


def roles_of(frame: pd.DataFrame) -> pd.Series:
    """Role in each row as text, "unknown" where it is missing or the frame has no roles.

    Parameters
    ----------
    frame : DataFrame
        Any index, which is kept.
    """
    if "role" not in frame.columns:
        return pd.Series(NO_ROLE, index=frame.index, dtype="str", name="role")
    role = frame["role"].astype("object")
    return role.where(role.notna(), NO_ROLE).astype("str")


def joined_flags(*parts: Sequence[str] | NDArray[Any] | pd.Series) -> list[str]:
    """Flags of one row after the other joined by ';'; an empty one leaves no trace."""
    return [";".join(flag for flag in flags if flag) for flags in zip(*parts, strict=True)]


def is_withheld(flags: pd.Series) -> pd.Series:
    """Rows whose flags, joined by ';', hold "withheld"."""
    return flags.fillna("").astype("str").str.split(";").map(lambda found: WITHHELD in found).astype("bool")
