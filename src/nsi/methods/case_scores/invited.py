"""Which cases were asked a scale in a wave: their members on the roster and how many of those answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.response_rates import EVERY_ROLE
from nsi.methods.case_scores.score_frame import need_columns


class Rated(NamedTuple):
    """Response rates of one wave as arrays, beside the scores of that wave.

    Attributes
    ----------
    cases : Index
        Cases with rates, sorted.
    place, role : array
        Case (position in `cases`) and role of each row of the rates.
    roster, responses : array of float
        Counts of each row, NaN where unknown.
    roles : set of str
        Roles that the rates know in any wave.
    home : array of int
        Case (position in `cases`) of each row of scores.
    """

    cases: pd.Index
    place: NDArray[np.intp]
    role: pd.Series
    roster: NDArray[np.float64]
    responses: NDArray[np.float64]
    roles: set[str]
    home: NDArray[np.intp]


def text_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Rates with text keys, and nothing but what `rated_wave` needs.

    Raises
    ------
    StudyError
        If a column is absent.
    """
    need_columns(rates, ["wave", "case", "role", "roster", "responses"], "rates")
    counts = rates[["roster", "responses"]].astype("Float64").astype("float64")
    return rates[["wave", "case", "role"]].astype("str").join(counts)


def rated_wave(of_wave: pd.DataFrame, rates: pd.DataFrame, wave: str) -> Rated:
    """Set the rates of one wave beside its scores.

    Parameters
    ----------
    of_wave : DataFrame
        Scores of one wave: case, role, the scales.
    rates : DataFrame
        From `text_rates`.
    wave : str
        Which.

    Raises
    ------
    StudyError
        If a case of the scores has no rates.
    """
    here = rates[rates["wave"] == wave]
    place, cases = pd.factorize(here["case"], sort=True)
    home = cases.get_indexer(pd.Index(of_wave["case"]))
    if (home < 0).any():
        raise StudyError(
            f"rates have no row for case(s) {listed(sorted(of_wave['case'][home < 0].unique()))} in wave '{wave}', "
            "which have scores; make the rates from the same responses"
        )
    counts = here["roster"].to_numpy(), here["responses"].to_numpy()
    return Rated(cases, place, here["role"], *counts, set(rates["role"]) - {EVERY_ROLE}, home)


def invited_cases(of_wave: pd.DataFrame, rated: Rated, scale: str, roles: Sequence[str] | None) -> pd.DataFrame:
    """Cases with members or responses in the roles that were asked.

    Parameters
    ----------
    of_wave : DataFrame
        Scores of one wave: case, role, the scale.
    rated : Rated
        From `rated_wave`, of these scores.
    scale : str
        What is asked about.
    roles : sequence of str or None
        Roles that were asked; None for all.

    Returns
    -------
    DataFrame
        One row per case, sorted: case, roster (Int64, missing where unknown), response_rate, answered (responses of
        those roles, whether or not on the roster or with a score).

    Raises
    ------
    StudyError
        If all of these roles are unknown in every wave.
    """
    wanted = _wanted(rated.roles, roles, scale)
    asked = rated.role.isin(wanted).to_numpy()
    roster, responses = (_summed(rated, count, asked) for count in (rated.roster, rated.responses))
    reached = slice(None) if roles is None else of_wave["role"].astype("str").isin(wanted) | of_wave[scale].notna()
    answered = np.bincount(rated.home[reached], minlength=len(rated.cases))
    unknown = np.isnan(roster)
    members = pd.arrays.IntegerArray(np.where(unknown, 0, roster).astype("int64"), unknown)
    rate = np.divide(responses, roster, out=np.full(len(roster), np.nan), where=roster > 0)
    frame = pd.DataFrame({"case": rated.cases, "roster": members, "response_rate": rate, "answered": answered})
    return frame[(roster > 0) | (answered > 0)].reset_index(drop=True)


def _summed(rated: Rated, count: NDArray[np.float64], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum over some rows of each case, NaN where none of them is known."""
    known = rows & ~np.isnan(count)
    size = len(rated.cases)
    there = np.bincount(rated.place[known], minlength=size) > 0
    return np.where(there, np.bincount(rated.place[known], weights=count[known], minlength=size), np.nan)


def _wanted(there: set[str], roles: Sequence[str] | None, scale: str) -> list[str]:
    if roles is None:
        return [EVERY_ROLE]
    if there.isdisjoint(roles):  # one of several may well have nobody in it
        raise StudyError(
            f"scale '{scale}' was asked of role(s) {listed(roles) or 'none'}, but rates know "
            f"{listed(sorted(there), shown=20)}; correct the roles asked"
        )
    return list(roles)
