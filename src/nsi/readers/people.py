"""Who answered: responses linked to the members on the roster of their case."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.tables import REASON

ANONYMOUS = "anonymous/"  # how the id of a respondent begins whom nobody can tell
ADDRESS = "address"  # how the roster's columns with further addresses of a member begin
MEMBERS = ("case", "respondent", "role")


def link_people(
    people: pd.DataFrame, roster: pd.DataFrame | None, log: CleaningLog, *, roles: Sequence[str] = ()
) -> pd.DataFrame:
    """Give every response the id of the member who answered, and the role that the roster knows.

    Parameters
    ----------
    people : DataFrame
        case, respondent (as the export has it, ``""`` where blank), response (an id, or missing) and role (text,
        missing where unknown), one row per response; the index holds row numbers.
    roster : DataFrame or None
        One row per member: case, respondent, role, and any further columns ``address...``; why one is missing does
        not matter.
    log : CleaningLog
        Gets a line for ids that were linked, for blank ones, and for roles.
    roles : sequence of str
        The roles that there are; none named: any.

    Returns
    -------
    DataFrame, index of people
        respondent (the member's id; else the own id in small letters; ``anonymous/<response>`` where blank, with
        the row where there is no response id), on_roster (missing where the case has no roster), role (the
        response's; the roster's where the response has none).

    Raises
    ------
    StudyError
        If the roster lacks a column or a case or an id, names a member twice or a role that there is not, or an
        address stands for two members of one case; the message names rows of the roster.
    """
    own = people["respondent"].map(_same)
    rows = pd.Series([str(row) for row in people.index], index=people.index, dtype="str")
    respondent = own.mask(own == "", ANONYMOUS + people["response"].fillna(rows))
    log.add("without an id", f"responses without an id get one of their own, {ANONYMOUS}<response>",
            before=len(people), after=len(people), changed=people.index[own == ""])  # fmt: skip
    if roster is None:
        unknown = pd.Series(pd.array([None] * len(people), dtype="boolean"), index=people.index)
        return pd.DataFrame({"respondent": respondent, "on_roster": unknown, "role": people["role"]})
    known = _addresses(roster, roles)
    asked = pd.DataFrame({"case": people["case"].astype("str"), "address": own})
    found = asked.merge(known, on=["case", "address"], how="left", validate="many_to_one").set_index(people.index)
    member = found["member"].notna()
    with_roster = people["case"].isin(known["case"].unique())
    linked = respondent.mask(member, found["member"])
    log.add("linked to the roster", "an id or address that the roster knows becomes the id of that member",
            before=len(people), after=len(people),
            changed=people.index[member & (linked != people["respondent"])])  # fmt: skip
    on_roster = member.astype("boolean").mask(~with_roster, pd.NA)
    role = _roles(people["role"], found["role"], log)
    return pd.DataFrame({"respondent": linked, "on_roster": on_roster, "role": role})


def _same(text: str) -> str:
    """The form in which ids and addresses are compared; nobody has two that differ in capitals only."""
    return unicodedata.normalize("NFC", text.strip().casefold())


def _roles(own: pd.Series[str], listed_role: pd.Series[str], log: CleaningLog) -> pd.Series[str]:
    filled = own.isna() & listed_role.notna()
    other = int((own.notna() & listed_role.notna() & (own != listed_role)).sum())
    log.add("role from the roster", "a response without a role gets that of the member",
            before=len(own), after=len(own), changed=own.index[filled])  # fmt: skip
    log.add("role against the roster", f"{other} times another role than the roster has; what the response says stays",
            before=len(own), after=len(own))  # fmt: skip
    return own.mask(filled, listed_role)


def _addresses(roster: pd.DataFrame, roles: Sequence[str]) -> pd.DataFrame:
    """Every address of every member in a row of its own: case, address, member, role."""
    members = _members(roster, roles)
    columns = ["respondent", *(name for name in members.columns if name.startswith(ADDRESS))]
    parts = [members.assign(address=members[column].map(_same)) for column in columns]
    every = pd.concat(parts).sort_index(kind="stable")
    every = every[every["address"] != ""].drop_duplicates(["case", "address", "respondent"])
    shared = every[every.duplicated(["case", "address"], keep=False)]
    if len(shared):
        first = shared.iloc[0]
        rows = shared.index[(shared["case"] == first["case"]) & (shared["address"] == first["address"])]
        raise StudyError(
            f"the roster, rows {listed(rows)} (the first member being row 1): one address stands for several members "
            f"of case {shown(first['case'])}, so nobody can tell who answered; correct the roster"
        )
    return every.rename(columns={"respondent": "member"})[["case", "address", "member", "role"]]


def _members(roster: pd.DataFrame, roles: Sequence[str]) -> pd.DataFrame:
    """The roster as text, numbered from 1, blanks as ``""``, except a role that is not known."""
    absent = [name for name in MEMBERS if name not in roster.columns]
    if absent:
        raise StudyError(f"the roster has no column '{absent[0]}'; it has {', '.join(map(str, roster.columns))}")
    named = [str(name) for name in roster.columns if not str(name).endswith(REASON)]
    wanted = [name for name in named if name in MEMBERS or name.startswith(ADDRESS)]
    text = {name: roster[name].astype("str").fillna("").str.strip() for name in wanted}
    members = pd.DataFrame(text).set_axis(pd.RangeIndex(1, len(roster) + 1))
    for name in ("case", "respondent"):
        blank = members.index[members[name] == ""]
        if len(blank):
            raise StudyError(f"the roster, row {blank[0]} (the first member being row 1): {name} is blank; fill it")
    twice = members.index[members.duplicated(["case", "respondent"], keep=False)]
    if len(twice):
        one = members.loc[twice[0]]
        rows = members.index[(members["case"] == one["case"]) & (members["respondent"] == one["respondent"])]
        raise StudyError(f"the roster, rows {listed(rows)} (the first member being row 1): one member of case "
                         f"{shown(one['case'])} stands several times; keep one row per member")  # fmt: skip
    strange = members.index[~members["role"].isin(["", *roles])] if roles else members.index[:0]
    if len(strange):
        found = shown(str(members.at[strange[0], "role"]))
        raise StudyError(
            f"the roster, row {strange[0]} (the first member being row 1): the role is {found}, but there are "
            f"{', '.join(roles)}; correct it (rows affected: {listed(strange)})"
        )
    return members.assign(role=members["role"].where(members["role"] != "", np.nan))
