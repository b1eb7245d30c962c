"""Drawing the documents of a part: how many of each kind each case has, on which days, and who speaks in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nsi.synthetic.document_plan import Corpora, Part, counted_ids
from nsi.synthetic.draws import SATURDAY, Draws

STARTING_DAYS = 30  # "at the start" is within this many days
DAYS_OF_A_YEAR = 365.25


@dataclass(frozen=True)
class Document:
    """One document; its role is empty where nobody speaks in it."""

    id: str
    part: str
    case: str
    day: date
    kind: str
    title: str
    role: str


def draw_documents(corpora: Corpora, part: Part) -> list[Document]:
    """Draw the documents of one part.

    Parameters
    ----------
    corpora : Corpora
        What the study declares.
    part : Part
        One of its parts.

    Returns
    -------
    list of Document
        In order of case and day; ids follow that order. A kind with a ``total`` has exactly that many.
    """
    found = [
        (case, day, kind)
        for kind, spec in part.spec["kinds"].items()
        for case, days in _days(corpora, part, kind, spec).items()
        for day in days
    ]
    found.sort(key=lambda one: (list(part.groups).index(one[0]), one[1]))
    titles, roles = corpora.draws(part.name, "titles"), corpora.draws(part.name, "roles")
    start = corpora.declared["texts"]["start"]
    documents = []
    for name, (case, day, kind) in zip(counted_ids("first_id", part.spec["first_id"], len(found)), found, strict=True):
        spec = part.spec["kinds"][kind]
        title = f"{start}{titles.one_of(spec['titles'])}, {day:%Y-%m}"
        role = roles.pick(spec["speakers"]) if "speakers" in spec else ""
        documents.append(Document(name, part.name, case, day, kind, title, role))
    return documents


def _days(corpora: Corpora, part: Part, kind: str, spec: Mapping[str, Any]) -> dict[str, list[date]]:
    """Give each case the days of its documents of one kind."""
    sparse, cases = part.spec.get("sparse", {}), list(part.groups)
    dealt = _dealt(spec.get("total", 0), cases, corpora.draws(part.name, kind, "dealt"))
    found = {}
    for case in cases:
        draws, last = corpora.draws(part.name, kind, case), part.spec["last_day"]
        first = max(part.first[case], spec.get("first_day", part.first[case]))
        years = (last - first).days / DAYS_OF_A_YEAR
        count = round(spec.get("per_year", 0) * years * sparse.get(case, 1)) + dealt[case]
        days = [weekday_near(first + timedelta(int(draws.uniform() * STARTING_DAYS)), last)
                for _ in range(spec.get("at_start", 0))]  # fmt: skip
        # one in each equal stretch of time, not at its very ends, so that notes of a month do not come in one week
        span = (last - first).days
        days += [
            weekday_near(first + timedelta(int(span * (place + 0.15 + 0.7 * draws.uniform()) / count)), last)
            for place in range(count)
        ]
        found[case] = days
    return found


def _dealt(total: int, cases: list[str], draws: Draws) -> dict[str, int]:
    order = draws.shuffled(cases)
    return {case: total // len(cases) + (order.index(case) < total % len(cases)) for case in cases}


def weekday_near(day: date, last: date) -> date:
    """Move a day off the weekend, forward where there is room before the last day."""
    while day.weekday() >= SATURDAY:
        day += timedelta(1)
    while day > last or day.weekday() >= SATURDAY:
        day -= timedelta(1)
    return day
