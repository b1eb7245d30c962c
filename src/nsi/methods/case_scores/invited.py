"""Which cases were asked a scale in a wave: their members on the roster and how many of those answered."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.response_rates import EVERY_ROLE
from nsi.methods.case_scores.score_frame import need_columns


def invited_cases(
    of_wave: pd.DataFrame, rates: pd.DataFrame, wave: str, scale: str, roles: Sequence[str] | None
) -> pd.DataFrame:
    """Cases with members or responses in the roles that were asked.

    Parameters
    ----------
    of_wave : DataFrame
        Scores of one wave: case, role, the scale.
    rates : DataFrame
        From `response_rates`.
    wave, scale : str
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
        If all of these roles are unknown in every wave, or a case of the scores has no rates.
    """
    need_columns(rates, ["wave", "case", "role", "roster", "responses"], "rates")
    wanted = _wanted(rates, roles, scale)
    here = rates[rates["wave"].astype("str") == wave]
    of_roles = here[here["role"].astype("str").isin(wanted)]
    summed = of_roles.groupby(of_roles["case"].astype("str"))[["roster", "responses"]].sum(min_count=1)
    rated = here["case"].astype("str")
    _refuse_unrated(of_wave, rated, wave)
    reached = of_wave if roles is None else of_wave[of_wave["role"].astype("str").isin(wanted) | of_wave[scale].notna()]
    answered = reached.groupby("case").size()
    frame = pd.DataFrame(index=pd.Index(sorted(rated.unique()), name="case"))
    frame["roster"] = summed["roster"].reindex(frame.index).astype("Int64")
    rate = summed["responses"].astype("Float64") / summed["roster"].astype("Float64").where(summed["roster"] > 0)
    frame["response_rate"] = rate.reindex(frame.index).astype("Float64").astype("float64")
    frame["answered"] = answered.reindex(frame.index).fillna(0).astype("int64")
    return frame[frame["roster"].fillna(0).gt(0) | frame["answered"].gt(0)].reset_index()


def _wanted(rates: pd.DataFrame, roles: Sequence[str] | None, scale: str) -> list[str]:
    if roles is None:
        return [EVERY_ROLE]
    there = set(rates["role"].astype("str")) - {EVERY_ROLE}
    if there.isdisjoint(roles):  # one of several may well have nobody in it
        raise StudyError(
            f"scale '{scale}' was asked of role(s) {listed(roles) or 'none'}, but rates know "
            f"{listed(sorted(there), shown=20)}; correct the roles asked"
        )
    return list(roles)


def _refuse_unrated(of_wave: pd.DataFrame, rated: pd.Series, wave: str) -> None:
    lacking = sorted(set(of_wave["case"].unique()) - set(rated.unique()))
    if lacking:
        raise StudyError(
            f"rates have no row for case(s) {listed(lacking)} in wave '{wave}', which have scores; make the rates from "
            "the same responses"
        )
