"""What look-alike documents are drawn from: parts of a study, their cases and groups, and when each case began."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nsi.codebook import Codebook
from nsi.errors import StudyError, listed
from nsi.synthetic.draws import Draws
from nsi.synthetic.tables import require_codes

YES, NO = "yes", "no"
ALL = 60  # names shown in a message: more than any set of cases here has


@dataclass(frozen=True)
class Part:
    """One part of a study, with documents of its own.

    Attributes
    ----------
    name : str
    spec : mapping
        Its declaration.
    groups : dict of str to str
        Case to group; cases in order of their names.
    first : dict of str to date
        Case to the day from which there are documents.
    """

    name: str
    spec: Mapping[str, Any]
    groups: dict[str, str]
    first: dict[str, date]


@dataclass(frozen=True)
class Corpora:
    """All that look-alike documents are drawn from."""

    declared: Mapping[str, Any]
    codebook: Codebook
    seed: int
    parts: dict[str, Part]

    def draws(self, *purpose: str) -> Draws:
        """Give the stream of one purpose."""
        return Draws(self.seed, "corpora", *purpose)


def read_corpora(declared: Mapping[str, Any], surveys: Mapping[str, Any], codebook: Codebook, seed: int) -> Corpora:
    """Find the cases of each part, and check that all names that are used are declared.

    Parameters
    ----------
    declared : mapping
        ``corpora`` of the assumptions, as ``nsi.synthetic.assumptions.load`` gives it.
    surveys : mapping
        ``surveys`` of the assumptions, for cases that are declared there; may be empty.
    codebook : Codebook
        The study's codes.
    seed : int
        The study's seed.

    Returns
    -------
    Corpora
        Ready to be drawn from.

    Raises
    ------
    StudyError
        If a case, group, field, code or kind is named that is not declared, or a case is in two groups of a part.
    """
    corpora = Corpora(declared, codebook, seed, {})
    for name, spec in declared["parts"].items():
        groups = _groups(f"corpora.parts.{name}.groups", spec["groups"], surveys)
        corpora.parts[name] = Part(name, spec, groups, _first_days(corpora, name, spec, groups))
    _check(corpora)
    return corpora


def _groups(where: str, declared: Mapping[str, Any], surveys: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group, spec in declared.items():
        for case in _cases(f"{where}.{group}", spec, surveys):
            if case in found:
                raise StudyError(f"{where}: {case} is in {found[case]} and in {group}; keep it in one of them")
            found[case] = group
    return dict(sorted(found.items()))


def _cases(where: str, spec: Mapping[str, Any], surveys: Mapping[str, Any]) -> list[str]:
    if "cases" in spec:
        return list(spec["cases"])
    if not surveys:
        raise StudyError(f"{where}: the cases of a survey are meant, but no survey is declared; name 'cases' here")
    if "shift" not in spec:
        return list(surveys["cases"]["names"])
    shifts = surveys["cases"]["shifts"]
    require_names(f"{where}.shift", [spec["shift"]], shifts)
    return list(shifts[spec["shift"]]["cases"])


def _first_days(corpora: Corpora, name: str, spec: Mapping[str, Any], groups: Mapping[str, str]) -> dict[str, date]:
    """Give each case's first day: that of the part, or the first of the month in which the case was launched."""
    if spec["from_launch"] not in (YES, NO):
        raise StudyError(f"corpora.parts.{name}.from_launch is '{spec['from_launch']}', but must be yes or no")
    if spec["from_launch"] == NO:
        return dict.fromkeys(groups, spec["first_day"])
    launch = corpora.declared["launch"]
    years = {case: year for years in launch["given"].values() for case, year in years.items()}
    first = {}
    for case in groups:
        # a stream per case, so that one case more does not redraw the others
        year = int(years[case]) if case in years else int(corpora.draws("launch", case).pick(launch["drawn"]))
        first[case] = max(spec["first_day"], date(year, launch["month"], 1))
        if first[case] >= spec["last_day"]:
            raise StudyError(f"corpora.launch: {case} is launched in {year}, when part {name} is over; correct one")
    return first


def require_names(where: str, found: Collection[str], known: Collection[str]) -> None:
    """Stop where a name stands that is not among the known ones; the place begins the message."""
    stray = [name for name in found if name not in known]
    if stray:
        raise StudyError(f"{where}: there is no {listed(stray)}; declared are {listed(known, ALL)}. Correct one")


def counted_ids(where: str, first: str, count: int) -> list[str]:
    """Give ids that count on from a first one, such as T0001."""
    found = re.fullmatch(r"(.*?)(\d+)", first)
    if found is None:
        raise StudyError(f"corpora: {where} is '{first}', but must end in digits, such as T0001")
    start, digits = found.groups()
    return [f"{start}{int(digits) + place:0{len(digits)}d}" for place in range(count)]


def _check(corpora: Corpora) -> None:
    declared, fields = corpora.declared, corpora.codebook
    for name, part in corpora.parts.items():
        where = f"corpora.parts.{name}"
        for place, found, known in _names_of(part, fields):
            require_names(f"{where}.{place}", found, known)
        for field, spec in part.spec["fields"].items():
            _check_field(f"{where}.fields.{field}", field, spec, part, fields)
        columns = declared["documents"]["columns"]
        require_codes(f"{where}.kinds", part.spec["kinds"], fields[columns["kind"]].values)
        for kind, spec in part.spec["kinds"].items():
            require_codes(f"{where}.kinds.{kind}.speakers", spec.get("speakers", {}), fields[columns["role"]].values)
    for block in ("trials", "events", "case_table"):
        require_names(f"corpora.{block}.part", [declared[block]["part"]], corpora.parts)
    groups = corpora.parts[declared["trials"]["part"]].spec["groups"]
    for kind in ("stages", "marks"):
        for name, spec in declared["trials"][kind].items():
            require_names(f"corpora.trials.{kind}.{name}", groups, spec if kind == "stages" else spec["shares"])
    misspelt = declared["coding"]["misspelt"]
    require_codes("corpora.coding.misspelt.code", [misspelt["code"]], fields[misspelt["field"]].values)


def _names_of(part: Part, codebook: Codebook) -> Iterator[tuple[str, Collection[str], Collection[str]]]:
    yield "fields", part.spec["fields"], codebook
    yield "main", part.spec["main"], part.spec["fields"]
    yield "also", part.spec.get("also", {}), part.spec["fields"]
    yield "sparse", part.spec.get("sparse", {}), part.groups


def _check_field(where: str, field: str, spec: Mapping[str, Any], part: Part, codebook: Codebook) -> None:
    codes = codebook[field].values
    require_names(f"{where}.shares", part.spec["groups"], spec["shares"])
    for group, shares in spec["shares"].items():
        require_codes(f"{where}.shares.{group}", shares, codes)
    require_codes(f"{where}.trend", spec.get("trend", {}), codes)
    if field in part.spec["main"]:
        used = list(dict.fromkeys(code for shares in spec["shares"].values() for code in shares if shares[code] > 0))
        require_names(f"{where}: phrases for every code that has a share", used, spec.get("phrases", {}))
