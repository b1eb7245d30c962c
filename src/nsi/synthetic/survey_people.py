"""The members of each case over the waves: who is invited, in which role and school, under which address."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nsi.synthetic.survey_cases import Cases
from nsi.synthetic.survey_form import Plan

NO_SCHOOL = 0


@dataclass(frozen=True)
class People:
    """The members of one copy of the set of cases. A seat is a place in a case that one person after another holds.

    Attributes
    ----------
    case, role, school : arrays of int, shape (n_seats,)
        The seat's case, role and school; schools count from 1, and ``NO_SCHOOL`` is none.
    person : array of int, shape (n_waves, n_seats)
        Who holds the seat in a wave; one person may hold seats in two cases.
    invited : array of bool, shape (n_waves, n_seats)
        Whether the seat is on the roster of that wave.
    steady : array of int
        Seats whose holder answers in every wave.
    addresses : tuple of two lists of str
        Per person: the address on the roster, and the second one, empty where there is none.
    ids : list of str
        Per person.
    """

    case: NDArray[np.int64]
    role: NDArray[np.int64]
    school: NDArray[np.int64]
    person: NDArray[np.int64]
    invited: NDArray[np.bool_]
    steady: NDArray[np.int64]
    addresses: tuple[list[str], list[str]]
    ids: list[str]


def draw_people(plan: Plan, copy: int, cases: Cases) -> People:
    """Draw the members of one copy of the set of cases.

    Parameters
    ----------
    plan : Plan
        What the study declares.
    copy : int
        Which copy.
    cases : Cases
        Of the same copy.

    Returns
    -------
    People
        Seats in order of case and role; persons are numbered in order of seat and of entry.
    """
    case = np.repeat(np.arange(len(cases.sizes)), cases.sizes)
    within = np.concatenate([np.arange(size) for size in cases.sizes])
    role = _roles(plan, within, cases.sizes[case])
    steady = np.array([int(np.flatnonzero(case == plan.declared["cases"]["names"].index(name))[0])
                       for name in plan.declared["cases"]["in_two"]])  # fmt: skip
    person = _persons(plan, copy, steady, len(case))
    invited = _invited(plan, copy, case)
    invited[:, steady] = True
    ids = [f"T{number:05d}" + ("" if copy == 1 else f".{copy}") for number in range(1, int(person.max()) + 2)]
    addresses = _addresses(plan, copy, ids)
    return People(case, role, _schools(plan, case, role, within), person, invited, steady, addresses, ids)


def _roles(plan: Plan, within: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deal the roles out in their declared shares; every case has at least one member in the last role."""
    shares = plan.declared["people"]["roles"]
    ends = np.cumsum([shares.get(role, 0.0) for role in plan.roles])
    role = np.searchsorted(ends[:-1], (within + 0.5) / size, side="right")
    return np.asarray(np.where(within == size - 1, len(plan.roles) - 1, role), dtype=np.int64)


def _persons(plan: Plan, copy: int, steady: NDArray[np.int64], seats: int) -> NDArray[np.int64]:
    waves = len(plan.waves)
    left = plan.draws(copy, "people", "turnover").uniforms(waves * seats).reshape(waves, seats)
    leaves = left < plan.declared["people"]["turnover"]
    leaves[0] = False
    leaves[:, steady] = False
    place = np.arange(seats)
    place[steady] = steady[0]  # one person in two cases
    key = place * waves + np.cumsum(leaves, axis=0)
    return np.unique(key, return_inverse=True)[1].reshape(waves, seats)


def _invited(plan: Plan, copy: int, case: NDArray[np.int64]) -> NDArray[np.bool_]:
    first = plan.declared["cases"]["first_invited"]
    share = np.array([first.get(name, 1.0) for name in plan.declared["cases"]["names"]])
    invited = np.ones((len(plan.waves), len(case)), dtype=bool)
    # evenly spread over the seats of a case, so that even a small case has the declared share
    order = plan.draws(copy, "people", "invited").uniforms(len(case))
    rank = np.empty(len(case))
    for number in range(len(share)):
        seats = np.flatnonzero(case == number)
        rank[seats[np.argsort(order[seats], kind="stable")]] = (np.arange(len(seats)) + 0.5) / len(seats)
    invited[0] = rank < share[case]
    return invited


def _schools(
    plan: Plan, case: NDArray[np.int64], role: NDArray[np.int64], within: NDArray[np.int64]
) -> NDArray[np.int64]:
    schooled = np.isin(role, [plan.roles.index(name) for name in plan.declared["people"]["schooled"]])
    count = np.maximum(1, np.bincount(case[schooled], minlength=case.max() + 1)
                       // plan.declared["people"]["members_per_school"])  # fmt: skip
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    return np.where(schooled, 1 + first[case] + within % count[case], NO_SCHOOL)


def _addresses(plan: Plan, copy: int, ids: list[str]) -> tuple[list[str], list[str]]:
    domains, draws = plan.declared["people"]["domains"], plan.draws(copy, "people", "addresses")
    marks = draws.uniforms(2 * len(ids)).reshape(2, -1)
    places = (marks[0] * len(domains)).astype(int)
    has_second = marks[1] < plan.declared["people"]["alternate"]
    first = [f"{name.lower()}@{domains[place]}" for name, place in zip(ids, places, strict=True)]
    second = [
        f"{name.lower()}.home@{domains[(place + 1) % len(domains)]}" if has else ""
        for name, place, has in zip(ids, places, has_second, strict=True)
    ]
    return first, second
