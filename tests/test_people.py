"""Linking responses to a roster: by id or address, within a case, without guessing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.people import link_people

ROSTER = pd.DataFrame(
    [
        ["north", "M1", "lead", "ann@x.org", "Ann.B@Y.org"],
        ["north", "M2", "teach", "bo@x.org", None],
        ["south", "M1", "teach", "ann@x.org", ""],
    ],
    columns=["case", "respondent", "role", "address", "address_2"],
)
COUNTED = "(the first member being row 1)"


def people(*rows: tuple[str, str, str | None, str | None]) -> pd.DataFrame:
    """Responses as case, respondent, response, role; row numbers begin with 2."""
    frame = pd.DataFrame(list(rows), columns=["case", "respondent", "response", "role"], dtype="str")
    return frame.set_axis(pd.RangeIndex(2, len(rows) + 2))


def linked(
    frame: pd.DataFrame, roster: pd.DataFrame | None = ROSTER, log: CleaningLog | None = None
) -> list[list[object]]:
    found = link_people(frame, roster, log or CleaningLog("t"), roles=["lead", "teach"])
    assert str(found["on_roster"].dtype) == "boolean"
    assert found.index.equals(frame.index)
    return [[None if pd.isna(cell) else cell for cell in row] for row in found.to_numpy().tolist()]


@pytest.mark.parametrize("address", ["M1", "m1", " ann@x.org ", "ANN@X.ORG", "ann.b@y.org"])
def test_an_id_or_any_address_becomes_the_id_of_the_member(address: str) -> None:
    assert linked(people(("north", address, "R1", "lead"))) == [["M1", True, "lead"]]


def test_an_address_counts_in_its_own_case_only() -> None:
    assert linked(people(("south", "ann@x.org", "R1", None), ("south", "bo@x.org", "R2", None))) == [
        ["M1", True, "teach"], ["bo@x.org", False, None],
    ]  # fmt: skip


def test_who_is_not_on_the_roster_keeps_the_own_id_in_small_letters() -> None:
    assert linked(people(("north", "New@X.org", "R1", "teach"))) == [["new@x.org", False, "teach"]]


def test_a_blank_id_is_anonymous_by_response_or_else_by_row() -> None:
    frame = people(("north", "", "R7", "teach"), ("north", "", None, None), ("west", "", "R8", None))
    assert linked(frame) == [
        ["anonymous/R7", False, "teach"], ["anonymous/3", False, None], ["anonymous/R8", None, None],
    ]  # fmt: skip


def test_without_a_roster_nobody_is_absent_from_it() -> None:
    assert linked(people(("north", "M9", "R1", None)), None) == [["m9", None, None]]
    assert linked(people(("west", "M9", "R1", None))) == [["m9", None, None]]


def test_the_role_of_the_response_stays_and_the_roster_fills_a_blank_one() -> None:
    log = CleaningLog("t")
    frame = people(("north", "M1", "R1", "teach"), ("north", "M2", "R2", None), ("north", "", "R3", None))
    assert linked(frame, log=log) == [["M1", True, "teach"], ["M2", True, "teach"], ["anonymous/R3", False, None]]
    lines = log.frame().set_index("rule")
    assert lines["what"].to_dict() == {
        "without an id": "responses without an id get one of their own, anonymous/<response>",
        "linked to the roster": "an id or address that the roster knows becomes the id of that member",
        "role from the roster": "a response without a role gets that of the member",
        "role against the roster": "1 times another role than the roster has; what the response says stays",
    }
    assert lines["rows"].to_dict() == {
        "without an id": "4", "linked to the roster": "", "role from the roster": "3", "role against the roster": "",
    }  # fmt: skip
    assert (lines["rows_before"] == 3).all()
    assert (lines["rows_after"] == 3).all()


def test_ids_that_were_linked_are_logged_with_their_rows_but_not_told() -> None:
    log = CleaningLog("t")
    linked(people(("north", "M1", "R1", None), ("north", "ANN@x.org", "R2", None)), log=log)
    assert log.frame().set_index("rule").at["linked to the roster", "rows"] == "3"
    assert "ann" not in log.frame().to_csv().lower()


def test_one_address_of_two_members_of_a_case_stops_without_naming_it() -> None:
    shared = ROSTER.assign(address=["ann@x.org", "ann@x.org", "ann@x.org"])
    expected = (
        f"the roster, rows 1, 2 {COUNTED}: one address stands for several members of case 'north', so nobody can tell "
        "who answered; correct the roster"
    )
    assert told(lambda: linked(people(("north", "x", "R1", None)), shared)) == expected
    crossed = ROSTER.assign(address_2=["m2", "", ""])  # the id of the other member
    assert told(lambda: linked(people(("north", "x", "R1", None)), crossed)) == expected


def test_one_address_twice_for_one_member_is_no_contradiction() -> None:
    same = ROSTER.assign(address_2=["ANN@x.org", "bo@x.org", "M1"])
    assert linked(people(("north", "ann@x.org", "R1", None)), same) == [["M1", True, "lead"]]


@pytest.mark.parametrize(
    ("roster", "message"),
    [
        (ROSTER.drop(columns="role"), "the roster has no column 'role'; it has case, respondent, address, address_2"),
        (ROSTER.assign(respondent=["M1", " ", "M1"]), f"the roster, row 2 {COUNTED}: respondent is blank; fill it"),
        (ROSTER.assign(case=["north", "", "south"]), f"the roster, row 2 {COUNTED}: case is blank; fill it"),
        (
            ROSTER.assign(respondent=["M1", "M1 ", "M1"]),
            f"the roster, rows 1, 2 {COUNTED}: one member of case 'north' stands several times; keep one row per "
            f"member",
        ),
        (
            ROSTER.assign(role=["lead", "cook", "cook"]),
            f"the roster, row 2 {COUNTED}: the role is 'cook', but there are lead, teach; correct it (rows affected: "
            f"2, 3)",
        ),
    ],
    ids=["no column", "blank id", "blank case", "twice", "role"],
)
def test_a_roster_that_cannot_be_relied_on_stops(roster: pd.DataFrame, message: str) -> None:
    assert told(lambda: linked(people(("north", "x", "R1", None)), roster)) == message


def test_a_roster_as_another_table_gives_it_works_too() -> None:
    typed = ROSTER.assign(
        case=pd.Categorical(ROSTER["case"]), role=pd.Categorical(ROSTER["role"], ["lead", "teach"], ordered=True)
    )
    assert linked(people(("north", "m2", "R1", None)), typed) == [["M2", True, "teach"]]
    assert linked(people(("north", "m2", "R1", None)), ROSTER.iloc[:0]) == [["m2", None, None]]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(3)), st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(members: list[int], responses: list[int]) -> None:
    frame = people(("north", "m1", "R1", None), ("south", "ann@x.org", "R2", None), ("north", "", "R3", None),
                   ("north", "zoe", "R4", "lead"))  # fmt: skip
    expected = linked(frame)
    shuffled = frame.iloc[responses]
    assert linked(shuffled, ROSTER.iloc[members]) == [expected[place] for place in responses]
