"""The cells of a look-alike export: what stands in each column of each response, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nsi.synthetic.draws import Draws
from nsi.synthetic.survey_answers import SKIPPED
from nsi.synthetic.survey_cases import Cases
from nsi.synthetic.survey_form import Plan
from nsi.synthetic.survey_people import NO_SCHOOL, People
from nsi.synthetic.survey_responses import KEPT, NO_ADDRESS, NORMAL, OTHER_ADDRESS, SECOND_ADDRESS, Responses

STATUS = ("IP Address", "Survey Preview", "Survey Test")
FINISHED = ("False", "True")
BY_LINK, CHANNELS = "anonymous", ("email", "preview", "test")

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Coming:
    """What came in from one copy of the set of cases in one wave, and from whom."""

    plan: Plan
    copy: int
    wave: str
    cases: Cases
    people: People
    responses: Responses

    @property
    def spec(self) -> dict[str, Any]:
        """What is declared of the wave."""
        return dict(self.plan.declared["waves"][self.wave])

    def draws(self, purpose: str) -> Draws:
        """Give the stream of one kind of cell."""
        return self.plan.draws(self.copy, "cells", self.wave, purpose)

    def persons(self) -> NDArray[np.int64]:
        """Who each response is from."""
        return self.people.person[self.plan.waves.index(self.wave)][self.responses.seat]


def table(coming: Coming) -> tuple[list[list[str]], list[tuple[str, dict[str, str]]]]:
    """Write responses out as rows of text.

    Parameters
    ----------
    coming : Coming
        The responses and whose they are.

    Returns
    -------
    rows : list of list of str
        In the order of ``columns_of`` in ``nsi.synthetic.survey_exports``.
    misspelt : list of (str, dict)
        The id of each response whose case was misspelt, and its declaration.
    """
    responses, plan, labels = coming.responses, coming.plan, coming.spec["choices"] == "labels"
    start = np.datetime64(coming.spec["first_day"], "s") + responses.begun.astype("timedelta64[s]")
    end = start + responses.seconds.astype("timedelta64[s]")
    finished = responses.progress == 100
    anonymous = (responses.address == NO_ADDRESS) & (responses.status == NORMAL)
    ids = _texts(f"R_T{number >> 4:015x}" for number in coming.draws("ids").raw(len(responses)).tolist())
    case, misspelt = _case(coming, ids)
    cells: list[Texts] = [
        _days(start), _days(end), _picked(STATUS if labels else ("0", "1", "2"), responses.status),
        responses.progress.astype(str).astype(object), responses.seconds.astype(str).astype(object),
        _picked(FINISHED if labels else ("0", "1"), finished), _days(end + np.timedelta64(1, "s")), ids,
        _padded(coming, "address", _addresses(coming)),
        np.where(anonymous, BY_LINK, _picked(CHANNELS, responses.status)),
        _shared(plan.declared["responding"]["languages"], coming.draws("language").uniforms(len(responses))),
        case, *_about_the_member(coming, labels), *_answers(coming, labels).T, _open_answers(coming),
    ]  # fmt: skip
    return np.stack(cells, axis=1).tolist(), misspelt


def school_names(coming: Coming, seats: NDArray[np.int64], patterns: Sequence[str], chosen: NDArray[np.int64]) -> Texts:
    """Write the school of each seat by the pattern chosen for it; empty where the seat has none."""
    # schools of later copies count on, so that no two share a name
    numbers = coming.people.school[seats]
    counted_on = numbers + (coming.copy - 1) * int(coming.people.school.max())
    return _texts(
        "" if number == NO_SCHOOL else patterns[place].format(n=shown)
        for number, shown, place in zip(numbers.tolist(), counted_on.tolist(), chosen.tolist(), strict=True)
    )


def _texts(items: Any) -> Texts:
    return np.array([*items, None], dtype=object)[:-1]  # the None keeps texts of one length from becoming a table


def _picked(words: Sequence[str], places: NDArray[Any]) -> Texts:
    return _texts(words)[places.astype(int)]


def _shared(shares: dict[str, float], marks: NDArray[np.float64]) -> Texts:
    return _picked(list(shares), _places(shares, marks))


def _places(shares: dict[str, float], marks: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted(np.cumsum(list(shares.values()))[:-1], marks, side="right")


def _days(moments: NDArray[np.datetime64]) -> Texts:
    return _texts(text.replace("T", " ") for text in np.datetime_as_string(moments, unit="s").tolist())


def _padded(coming: Coming, column: str, cells: Texts) -> Texts:
    marks = coming.draws(f"padded {column}").uniforms(2 * len(cells)).reshape(2, -1)
    padded = (marks[0] < coming.plan.declared["mess"]["padded"]) & (cells != "")
    before, after = padded & (marks[1] < 0.5), padded & (marks[1] >= 0.5)
    return np.where(before, " " + cells, np.where(after, cells + "  ", cells))


def _case(coming: Coming, ids: Texts) -> tuple[Texts, list[tuple[str, dict[str, str]]]]:
    cells = _padded(coming, "case", _picked(coming.cases.names, coming.people.case[coming.responses.seat]))
    spec = coming.plan.declared["mess"]["misspelt"].get(coming.wave)
    if spec is None or coming.copy > 1:
        return cells, []
    clean = (cells == spec["case"]) & (coming.responses.kind == KEPT)
    place = int(np.flatnonzero(clean)[0])
    cells[place] = spec["written"]
    return cells, [(str(ids[place]), spec)]


def _addresses(coming: Coming) -> Texts:
    persons, address = coming.persons(), coming.responses.address
    first, second = (_texts(addresses)[persons] for addresses in coming.people.addresses)
    other = _texts(name.replace("@", ".new@") for name in first)
    used = np.where(address == SECOND_ADDRESS, second, np.where(address == OTHER_ADDRESS, other, first))
    return np.where(address == NO_ADDRESS, "", used)


def _about_the_member(coming: Coming, labels: bool) -> list[Texts]:
    """Role as the list of contacts has it, consent, and role and school as the member gave them."""
    plan, responses = coming.plan, coming.responses
    roles = plan.codebook[plan.declared["fields"]["role"]]
    consent = plan.codebook[plan.declared["fields"]["consent"]]
    role = coming.people.role[responses.seat]
    listed = _picked([roles.labels[code] for code in roles.values], role)
    given = listed if labels else _picked([str(place + 1) for place in range(len(roles.values))], role)
    answers = [consent.labels[code] if labels else code for code in consent.values]
    patterns = plan.declared["people"]["schools"]
    chosen = _places(patterns, coming.draws("school").uniforms(len(responses)))
    school = school_names(coming, responses.seat, list(patterns), chosen)
    return [
        _padded(coming, "role", listed),
        _picked(answers, ~responses.consent),
        np.where(responses.consent, given, ""),
        np.where(responses.consent, _padded(coming, "school", school), ""),
    ]


def _answers(coming: Coming, labels: bool) -> Texts:
    """Give response by column of the wave, in the order of its export."""
    plan, responses = coming.plan, coming.responses
    field, reasons = plan.items[0].answers, plan.declared["answers"]["reasons"].values()
    written = [field.labels[code] if labels else code for code in field.values]
    told = [spec["label" if labels else "code"] for spec in reasons]
    # answers count from the front, what stands for no answer from the back: skipped, not asked, each reason
    lookup = _texts([*written, *reversed(told), "", ""])
    names = [item.name for item in plan.items]
    answers = responses.answers[:, [names.index(name) for name in plan.columns[coming.wave]]]
    cells = lookup[answers]
    whole = responses.consent & (responses.progress == 100)
    cells[(answers == SKIPPED) & whole[:, None]] = coming.spec["skipped"]
    return np.asarray(cells)


def _open_answers(coming: Coming) -> Texts:
    spec, count = coming.plan.declared["open"], len(coming.responses)
    marks = coming.draws("open").uniforms(4 * count).reshape(4, -1)
    words, endings, odd = (
        _picked(spec[name], mark * len(spec[name]))
        for name, mark in zip(("words", "endings", "odd"), marks[1:], strict=True)
    )
    texts = np.where(marks[0] < spec["odd_share"], odd, spec["start"] + words + ", " + endings)
    written = (marks[0] < spec["share"]) & (coming.responses.kind == KEPT)
    return np.where(written, texts, "")
