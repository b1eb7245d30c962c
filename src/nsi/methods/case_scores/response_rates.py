"""Who answered out of those invited: response rates against a roster, by role; unknown where there is no roster."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.score_frame import NO_ROLE, PERSON, need_columns, once, roles_of

EVERY_ROLE = "all"
KEY = ["wave", "case", "role"]


def response_rates(responses: pd.DataFrame, roster: pd.DataFrame | None) -> pd.DataFrame:
    """Response rate of each case, over all roles and in each.

    Rates are AAPOR's response rate 2 (RR2): a partial response that was kept after cleaning counts as a response, and
    everybody on the roster counts as eligible. A person on the rosters of two cases is invited twice, and counts in
    both. Roles are those on the roster; what a respondent says of their role serves only for people who are not on it.

    Parameters
    ----------
    responses : DataFrame
        One row per kept response: wave, case, respondent, role (may be missing, or absent altogether), and on_roster if
        it is known (boolean, missing without a roster). A response that no id links to the roster counts as off_roster;
        where many are anonymous, the rate is a lower bound.
    roster : DataFrame or None
        One row per invited member: case, respondent, role, and wave unless all responses are of one wave.
        A case without any row has no roster, which is unknown and not 0.

    Returns
    -------
    DataFrame
        One row per wave, case and role, with role "all" first and "unknown" for a missing one: wave, case, role,
        roster (members), responses (linked to the roster), off_roster (responses that are not), response_rate (share
        of the roster), flag. Counts are missing (Int64) where unknown. Without a roster, roster, responses and rate are
        missing, off_roster counts every response, and the flag is "no_roster". "no_members": a role in which nobody
        was invited, so that there is no rate. "no_responses": nobody on the roster answered; the rate is then 0.

    Raises
    ------
    StudyError
        If somebody stands twice in one case and wave, on_roster contradicts the roster, or the wave of a roster cannot
        be told.

    Source: AAPOR (2023), Standard Definitions, 10th edition, RR2.
    """
    need_columns(responses, PERSON, "responses")
    answers = responses.reset_index(drop=True).assign(role=_role_text(responses))
    once(answers, PERSON, "responses")
    members = _members(roster, answers)
    linked = _linked(answers, members)
    counted = _counts(linked, members)
    places = {role: place for place, role in enumerate(_role_order(responses, roster, counted["role"]))}
    counted["place"] = counted["role"].map(places)
    counted = counted.sort_values(["wave", "case", "place"], kind="stable").drop(columns="place")
    return _rated(counted.reset_index(drop=True))


def _members(roster: pd.DataFrame | None, answers: pd.DataFrame) -> pd.DataFrame:
    if roster is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in (*PERSON, "role")})
    need_columns(roster, ["case", "respondent", "role"], "rosters")
    members = roster.reset_index(drop=True)
    if "wave" not in members.columns:
        waves = answers["wave"].unique()
        if len(waves) != 1:
            raise StudyError(
                f"the roster has no column 'wave', and responses are of {len(waves)} waves; name each row's wave"
            )
        members["wave"] = waves[0]
    members["role"] = _role_text(members)
    once(members, PERSON, "rosters")
    return members[[*PERSON, "role"]].astype("str")


def _linked(answers: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Responses with the role that the roster gives, and whether they are on it."""
    keyed = answers.astype(dict.fromkeys(PERSON, "str"))
    found = keyed.merge(members.rename(columns={"role": "invited_as"}), on=PERSON, how="left", validate="one_to_one")
    on_roster = found["invited_as"].notna()
    if "on_roster" in found.columns:
        said = found["on_roster"].astype("boolean")
        odd = np.flatnonzero((said.notna() & (said.fillna(False) != on_roster)).to_numpy(dtype=bool))
        if len(odd):
            raise StudyError(
                f"responses, rows {listed(list(odd))}: on_roster contradicts the roster of that case and wave; "
                "link the respondents again with this roster"
            )
    role = found["invited_as"].where(on_roster, found["role"])
    return pd.DataFrame({"wave": found["wave"], "case": found["case"], "role": role, "on_roster": on_roster})


def _counts(linked: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Members, linked and other responses by wave, case and role, and over all roles."""
    rows = [
        pd.DataFrame({**_keys(members), "roster": 1, "responses": 0, "off_roster": 0}),
        pd.DataFrame(
            {
                **_keys(linked),
                "roster": 0,
                "responses": linked["on_roster"].astype("int64"),
                "off_roster": (~linked["on_roster"]).astype("int64"),
            }
        ),
    ]
    each = pd.concat(rows, ignore_index=True)
    both = pd.concat([each.assign(role=EVERY_ROLE), each], ignore_index=True)
    return both.groupby(KEY, sort=True, as_index=False)[["roster", "responses", "off_roster"]].sum()


def _keys(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {name: frame[name] for name in KEY}


def _rated(counted: pd.DataFrame) -> pd.DataFrame:
    whole = counted.groupby(["wave", "case"])["roster"].transform("max")
    unknown, nobody = whole == 0, counted["roster"] == 0
    flag = np.select(
        [unknown, nobody, counted["responses"] == 0], ["no_roster", "no_members", "no_responses"], default=""
    )
    rate = counted["responses"] / counted["roster"].where(~nobody)
    counts = {name: counted[name].astype("Int64") for name in ("roster", "responses", "off_roster")}
    return pd.DataFrame(
        {
            **_keys(counted),
            "roster": counts["roster"].mask(unknown),
            "responses": counts["responses"].mask(unknown),
            "off_roster": counts["off_roster"],
            "response_rate": rate.astype("float64"),
            "flag": pd.Series(flag, index=counted.index, dtype="str"),
        }
    )


def _role_text(frame: pd.DataFrame) -> pd.Series:
    said = set(frame["role"].dropna().astype("str")) if "role" in frame.columns else set()
    taken = sorted(said & {EVERY_ROLE, NO_ROLE})
    if taken:
        raise StudyError(
            f"a role is called {listed(taken)}, which is the name of a row of totals or of no role; rename it"
        )
    return roles_of(frame).reset_index(drop=True)


def _role_order(responses: pd.DataFrame, roster: pd.DataFrame | None, found: pd.Series) -> list[str]:
    """Order of an ordered role where there is one; else of the alphabet; "all" first, "unknown" last."""
    declared: list[str] = []
    for frame in (responses, roster):
        if frame is not None and "role" in frame and isinstance(frame["role"].dtype, pd.CategoricalDtype):
            declared += [str(role) for role in frame["role"].cat.categories if str(role) not in declared]
    rest = sorted(set(found) - {EVERY_ROLE, NO_ROLE, *declared})
    return [EVERY_ROLE, *declared, *rest, NO_ROLE]
