"""From evidence to a rating, by a rule that is declared, strict, and printed in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.matrix.plan import Bound, Level

# Measure of a cell to the words for one and for several; shares are told as percent.
MEASURES = {
    "n_segments": ("segment", "segments"),
    "n_supporting": ("supporting segment", "supporting segments"),
    "n_contrary": ("contrary segment", "contrary segments"),
    "n_sources": ("source", "sources"),
    "n_source_types": ("kind of source", "kinds of source"),
    "n_periods": ("year with evidence", "years with evidence"),
    "net": ("more segment for than against", "more segments for than against"),
    "share_supporting": ("of its segments supporting", "of its segments supporting"),
    "share_periods": ("of the years looked at with evidence", "of the years looked at with evidence"),
}


def measures(cells: pd.DataFrame) -> pd.DataFrame:
    """Return everything that a rule may ask of a cell.

    Parameters
    ----------
    cells : DataFrame
        Counts of cells, and n_periods_looked.

    Returns
    -------
    DataFrame of float, aligned with `cells`
        One column per measure. Shares are missing where there is nothing to take a share of, and a missing measure
        meets no condition.
    """
    found = {name: cells[name].astype(float) for name in MEASURES if name in cells.columns}
    some = cells["n_segments"].where(cells["n_segments"] > 0).astype(float)
    # A segment may be dated in a year of which no document is, so that the share is held at one.
    years = cells["n_periods_looked"].where(cells["n_periods_looked"] > 0).astype(float)
    found["net"] = (cells["n_supporting"] - cells["n_contrary"]).astype(float)
    found["share_supporting"] = cells["n_supporting"] / some
    found["share_periods"] = (cells["n_periods"] / years).clip(upper=1.0)
    return pd.DataFrame(found)[list(MEASURES)]


def rated(cells: pd.DataFrame, levels: Sequence[Level]) -> pd.Series:
    """Give each cell the first level all of whose conditions hold.

    Parameters
    ----------
    cells : DataFrame
        Counts of cells, n_periods_looked and state.
    levels : sequence of Level
        Highest first; the last without conditions.

    Returns
    -------
    Series of str
        Missing where nobody looked, or where no levels are declared.

    Raises
    ------
    StudyError
        If a measure is unknown, a level stands twice, or any but the last level has no condition.
    """
    if not levels:
        return pd.Series(pd.NA, index=cells.index, dtype="str")
    check_levels(levels)
    known = measures(cells)
    conditions = [_all_hold(known, level.bounds) for level in levels[:-1]]
    chosen = np.select(conditions, [level.level for level in levels[:-1]], default=levels[-1].level)
    return pd.Series(chosen, index=cells.index, dtype="str").mask(cells["state"] == "not_looked")


def check_levels(levels: Sequence[Level]) -> None:
    """Refuse a rule that leaves a cell without a level, or a level that no cell can have.

    Raises
    ------
    StudyError
        As `rated`.
    """
    names = [level.level for level in levels]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise StudyError(f"the level '{twice[0]}' stands twice in the rule; keep one")
    for level in levels:
        for bound in level.bounds:
            if bound.measure not in MEASURES:
                raise StudyError(
                    f"level '{level.level}' asks for '{bound.measure}', but a rule may ask for {', '.join(MEASURES)}"
                )
        if bool(level.bounds) == (level is levels[-1]):
            what = "must have no condition, so that every cell has a level" if level.bounds else (
                "has no condition, so that no cell could have a level below it")  # fmt: skip
            raise StudyError(f"level '{level.level}' {what}; order levels from the highest to the lowest")


def _all_hold(known: pd.DataFrame, bounds: Sequence[Bound]) -> pd.Series:
    holds = pd.Series(True, index=known.index)
    for bound in bounds:
        if bound.at_least is not None:
            holds &= known[bound.measure] >= bound.at_least
        if bound.at_most is not None:
            holds &= known[bound.measure] <= bound.at_most
    return holds


def rule_in_words(levels: Sequence[Level]) -> str:
    """Tell a rule to a reader.

    Parameters
    ----------
    levels : sequence of Level
        Highest first.

    Returns
    -------
    str
        For example ``"strong: at least 2 sources and no contrary segments; some: at least 1 segment; none:
        otherwise"``. Empty without levels.
    """
    told = []
    for level in levels:
        words = " and ".join(_bound_in_words(bound) for bound in level.bounds)
        told.append(f"{level.level}: {words or 'otherwise'}")
    return "; ".join(told)


def _bound_in_words(bound: Bound) -> str:
    low, high = bound.at_least, bound.at_most
    if low is None and high == 0:
        return f"no {MEASURES[bound.measure][1]}"
    if low is not None and high is not None:
        many = f"exactly {_number(bound, low)}" if low == high else f"{_number(bound, low)} to {_number(bound, high)}"
        last = high
    else:
        last = low if low is not None else high if high is not None else 0.0
        many = f"{'at least' if low is not None else 'at most'} {_number(bound, last)}"
    return f"{many} {MEASURES[bound.measure][0 if last == 1 else 1]}"


def _number(bound: Bound, value: float) -> str:
    return f"{100 * value:g}%" if bound.measure.startswith("share") else f"{value:g}"
