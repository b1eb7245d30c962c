"""What comes in for a look-alike survey: the responses to keep, and those that cleaning has to find."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from nsi.errors import StudyError
from nsi.synthetic.draws import Draws
from nsi.synthetic.survey_answers import NOT_ASKED, SKIPPED, draw_answers, in_export_order
from nsi.synthetic.survey_cases import Cases
from nsi.synthetic.survey_form import Plan
from nsi.synthetic.survey_people import People

KEPT = "kept"
ROSTER_ADDRESS, SECOND_ADDRESS, OTHER_ADDRESS, NO_ADDRESS = 0, 1, 2, 3
NORMAL, PREVIEW, TEST = 0, 1, 2
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass
class Responses:
    """Responses of one copy in one wave, one entry per response; later ones may answer for the same seat.

    Attributes
    ----------
    kind : array of str
        ``kept``, or the kind of mess as declared.
    seat : array of int
        Whose.
    answers : array of int, shape (n_responses, n_items)
        As ``draw_answers`` gives them.
    begun : array of int
        Seconds since the first day's midnight.
    seconds, progress : arrays of int
        Time taken; per cent of the form that was seen.
    consent : array of bool
    address, status : arrays of int
        Which address; whether it was a preview or a test.
    """

    kind: NDArray[np.str_]
    seat: NDArray[np.int64]
    answers: NDArray[np.int8]
    begun: NDArray[np.int64]
    seconds: NDArray[np.int64]
    progress: NDArray[np.int64]
    consent: NDArray[np.bool_]
    address: NDArray[np.int64]
    status: NDArray[np.int64]

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Responses:
        return Responses(*(getattr(self, field.name)[chosen].copy() for field in fields(self)))

    def __len__(self) -> int:
        return len(self.seat)


def draw_responses(plan: Plan, copy: int, wave: int, cases: Cases, people: People) -> Responses:
    """Draw what comes in from one copy of the set of cases in one wave.

    Parameters
    ----------
    plan : Plan
        What the study declares.
    copy, wave : int
        Which copy, and the place of the wave.
    cases, people
        Of the same copy.

    Returns
    -------
    Responses
        In order of their end. Each kind of mess comes as often as declared. Those who hurried, declined, gave one
        answer to all or never finished gave no other response; those who answered twice gave one that is kept.

    Raises
    ------
    StudyError
        If more mess is declared than there are members to make it.
    """
    draws = plan.draws(copy, "responses", plan.waves[wave])
    answers = draw_answers(plan, copy, wave, cases, people)
    answered = _answered(plan, copy, wave, cases, people)
    kept = _begin(plan, wave, KEPT, np.flatnonzero(answered), answers, draws)
    second = np.array([bool(address) for address in people.addresses[1]])[people.person[wave][kept.seat]]
    usual = draws.uniforms(len(kept)) < plan.declared["people"]["uses_alternate"]
    kept.address[second & usual] = SECOND_ADDRESS
    silent = np.flatnonzero(people.invited[wave] & ~answered)
    found = [kept, *_of_the_silent(plan, wave, _Queue(silent[draws.order(len(silent))]), answers, draws)]
    found += _of_those_who_answered(plan, wave, kept, second, ~np.isin(kept.seat, people.steady), draws)
    found += _of_nobody(plan, wave, answers, draws)
    whole = Responses(*(np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Responses)))
    return whole[np.argsort(whole.begun + whole.seconds, kind="stable")]


def _answered(plan: Plan, copy: int, wave: int, cases: Cases, people: People) -> NDArray[np.bool_]:
    """Let as many members of each case answer as its rate says: those who wish to most."""
    declared = plan.declared["responding"]
    by_role = np.array([declared["roles"].get(role, 0.0) for role in plan.roles])
    rate = np.clip(cases.rates[wave][people.case] + by_role[people.role], 0.02, 0.98)
    lasting = plan.draws(copy, "answering", "person").normals(len(people.ids))[people.person[wave]]
    now = plan.draws(copy, "answering", plan.waves[wave]).normals(len(people.case))
    steadiness, invited = declared["steadiness"], people.invited[wave]
    wish = np.sqrt(steadiness) * lasting + np.sqrt(1 - steadiness) * now + ndtri(rate)
    order = np.lexsort((np.where(invited, -wish, np.inf), people.case))
    before = np.concatenate([[0], np.cumsum(cases.sizes)[:-1]])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - before[people.case[order]]
    members = np.bincount(people.case[invited], minlength=len(cases.sizes))
    answered = invited & (rank < np.rint(cases.rates[wave] * members)[people.case])
    answered[people.steady] = True
    return np.asarray(answered)


class _Queue:
    """Places in a drawn order, each taken once."""

    def __init__(self, places: NDArray[np.intp]) -> None:
        self._places = places

    def take(self, count: int, what: str) -> NDArray[np.intp]:
        if count > len(self._places):
            raise StudyError(
                f"surveys.mess.{what} is {count}, but only {len(self._places)} members are left for it; declare fewer"
            )
        taken, self._places = np.split(self._places, [count])
        return taken


def _begin(
    plan: Plan, wave: int, kind: str, seats: NDArray[np.intp], answers: NDArray[np.int8], draws: Draws
) -> Responses:
    """Begin with whole, ordinary responses of some seats."""
    spec = plan.declared["waves"][plan.waves[wave]]
    days = np.array([
        day for day in range((spec["last_day"] - spec["first_day"]).days + 1)
        if (spec["first_day"].weekday() + day) % 7 < 5
    ])  # fmt: skip
    marks, count, time = draws.uniforms(2 * len(seats)), len(seats), plan.declared["responding"]["seconds"]
    begun = days[(marks[:count] * len(days)).astype(int)] * DAY + (7 * HOUR + marks[count:] * 13 * HOUR).astype(int)
    seconds = np.rint(time["median"] * np.exp(time["log_sd"] * draws.normals(count))).astype(int)
    return Responses(
        kind=np.full(count, kind, dtype="<U16"), seat=seats.astype(np.int64), answers=answers[seats].copy(),
        begun=begun.astype(np.int64), seconds=np.maximum(seconds, time["least"]).astype(np.int64),
        progress=np.full(count, 100), consent=np.ones(count, dtype=bool),
        address=np.full(count, ROSTER_ADDRESS), status=np.full(count, NORMAL),
    )  # fmt: skip


def _of_the_silent(plan: Plan, wave: int, queue: _Queue, answers: NDArray[np.int8], draws: Draws) -> list[Responses]:
    """Responses of members who gave no other one."""
    mess, found = plan.declared["mess"], []
    for kind in ("unfinished", "declined", "hurried", "straight"):
        part = _begin(plan, wave, kind, queue.take(mess[kind], kind), answers, draws)
        count, asked = len(part), part.answers != NOT_ASKED
        if kind == "unfinished":
            _cut(plan, wave, part, draws)
        elif kind == "declined":
            part.consent[:], part.seconds, part.answers[asked] = False, _between(10, 40, count, draws), SKIPPED
        elif kind == "hurried":
            least, most = mess["hurried_seconds"]["least"], mess["hurried_seconds"]["most"]
            part.seconds, part.answers = _between(least, most, count, draws), _at_random(plan, part.answers, draws)
        else:  # the middle, or one beside it, for everything
            one = 2 + (draws.uniforms(count) * 3).astype(np.int8)
            part.answers = np.where(asked, one[:, None], part.answers).astype(np.int8)
            part.seconds = _between(150, 300, count, draws)
        found.append(part)
    return found


def _of_those_who_answered(
    plan: Plan, wave: int, kept: Responses, second: NDArray[np.bool_], free: NDArray[np.bool_], draws: Draws
) -> list[Responses]:
    """Further responses of members of whom one is kept; and kept ones that nobody can link."""
    mess, order = plan.declared["mess"], draws.order(len(kept))
    with_second = _Queue(order[(second & free)[order]])
    others = _Queue(order[(~second & free)[order]])
    found = []
    for kind in ("came_back", "twice", "other_address", "resubmitted"):
        queue = with_second if kind == "other_address" else others
        places = queue.take(mess[kind], kind)
        part = kept[places]
        part.kind[:] = kind
        part.address[:] = SECOND_ADDRESS if kind == "other_address" else ROSTER_ADDRESS
        if kind == "other_address":
            kept.address[places] = ROSTER_ADDRESS
        _at_another_time(plan, wave, kind, part, draws)
        found.append(part)
    kept.address[others.take(mess["anonymous"], "anonymous")] = NO_ADDRESS
    kept.address[others.take(mess["unlisted"], "unlisted")] = OTHER_ADDRESS
    return found


def _at_another_time(plan: Plan, wave: int, kind: str, part: Responses, draws: Draws) -> None:
    """Move copies of kept responses in time, and leave out what makes them the worse ones."""
    away = (HOUR + draws.uniforms(len(part)) * 40 * HOUR).astype(np.int64)
    before = (part.begun * draws.uniforms(len(part))).astype(np.int64)  # not before the first day
    if kind == "resubmitted":
        part.begun += MINUTE + away % MINUTE
    elif kind == "came_back":
        part.begun = before
        _cut(plan, wave, part, draws)
    else:
        part.begun = np.where(draws.uniforms(len(part)) < 0.5, part.begun + away, before)
        _thin(part, draws)


def _of_nobody(plan: Plan, wave: int, answers: NDArray[np.int8], draws: Draws) -> list[Responses]:
    """Previews and tests by those who set the survey up, under some member's case and role."""
    found = []
    for kind, status in (("previews", PREVIEW), ("tests", TEST)):
        seats = draws.order(len(answers))[: plan.declared["mess"][kind]]
        part = _begin(plan, wave, kind, seats, answers, draws)
        part.status[:], part.address[:] = status, NO_ADDRESS
        part.answers = _at_random(plan, part.answers, draws)
        found.append(part)
    return found


def _between(least: float, most: float, count: int, draws: Draws) -> NDArray[np.int64]:
    return (least + draws.uniforms(count) * (most - least)).astype(np.int64)


def _at_random(plan: Plan, answers: NDArray[np.int8], draws: Draws) -> NDArray[np.int8]:
    codes = len(plan.declared["answers"]["thresholds"]) + 1
    marks = (draws.uniforms(answers.size) * codes).astype(np.int8).reshape(answers.shape)
    return np.where(answers == NOT_ASKED, answers, marks).astype(np.int8)


def _cut(plan: Plan, wave: int, part: Responses, draws: Draws) -> None:
    """Break responses off after a drawn share of the form."""
    seen = 0.1 + 0.75 * draws.uniforms(len(part))
    items = len(plan.columns[plan.waves[wave]])
    late = in_export_order(plan, plan.waves[wave])[None, :] >= (seen * items)[:, None]
    part.answers[late & (part.answers != NOT_ASKED)] = SKIPPED
    part.progress = (100 * seen).astype(np.int64)
    part.seconds = np.maximum(30, (part.seconds * seen).astype(np.int64))


def _thin(part: Responses, draws: Draws) -> None:
    """Leave answers out, so that the other response of the same person has more."""
    marks = draws.uniforms(part.answers.size).reshape(part.answers.shape)
    part.answers[(marks < 0.3) & (part.answers != NOT_ASKED)] = SKIPPED
