"""Drawing a declared table row by row: ids, days, texts, and codes that depend on other codes."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeAlias

from nsi.codebook import Codebook
from nsi.errors import StudyError, listed
from nsi.synthetic.draws import Draws, workdays

Row: TypeAlias = dict[str, str]


def draw_table(name: str, declared: Mapping[str, Any], codebook: Codebook, seed: int) -> list[Row]:
    """Draw the rows of one table from what the study declares about its columns.

    Parameters
    ----------
    name : str
        The table's name; part of the seed.
    declared : mapping
        ``rows`` and ``columns``, as ``nsi.synthetic.assumptions.load`` gives them.
    codebook : Codebook
        The codes of each coded column, in order.
    seed : int
        The study's seed.

    Returns
    -------
    list of dict
        One row per unit, its columns in declared order, every cell filled. Days ascend, so ids follow the
        calendar.

    Raises
    ------
    StudyError
        If a share is declared for a code that the codebook lacks, or a column depends on one that is not
        there.
    """
    columns: Mapping[str, Mapping[str, Any]] = declared["columns"]
    rows: list[Row] = [{} for _ in range(declared["rows"])]
    for column in _in_order(name, columns):
        spec = columns[column]
        _check_codes(f"{name}.columns.{column}", column, columns, codebook)
        cells = _KINDS[spec["kind"]](column, spec, rows, codebook, Draws(seed, name, column))
        for row, cell in zip(rows, cells, strict=True):
            row[column] = cell
    return [{column: row[column] for column in columns} for row in rows]


def weights(column: str, spec: Mapping[str, Any], row: Row, codebook: Codebook) -> dict[str, float]:
    """Give the weight of each code of a column in one row, in codebook order.

    Parameters
    ----------
    column, spec
        The coded column's name and declaration.
    row : dict
        The row so far; holds the columns that this one depends on.
    codebook : Codebook
        For the order of the codes.

    Returns
    -------
    dict of str to float
        The declared shares for this row times the tilt, where one is declared; an unnamed code has weight 0,
        and an unnamed factor is 1.
    """
    shares = spec["shares_given"][row[spec["given"]]] if "given" in spec else spec["shares"]
    tilt = spec.get("tilt")
    factors = tilt["factors"].get(row[tilt["by"]], {}) if tilt else {}
    codes = codebook[spec.get("field", column)].values
    return {code: shares.get(code, 0.0) * factors.get(code, 1.0) for code in codes}


def _ids(
    column: str, spec: Mapping[str, Any], rows: list[Row], codebook: Codebook, draws: Draws
) -> list[str]:
    found = re.fullmatch(r"(.*?)(\d+)", spec["first"])
    if found is None:
        raise StudyError(
            f"column '{column}': first id is '{spec['first']}', but must end in digits, such as T0001"
        )
    prefix, digits = found.groups()
    return [f"{prefix}{int(digits) + place:0{len(digits)}d}" for place in range(len(rows))]


def _days(
    column: str, spec: Mapping[str, Any], rows: list[Row], codebook: Codebook, draws: Draws
) -> list[str]:
    days: dict[str, list[date]] = {}
    for month in spec["months"]:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise StudyError(f"column '{column}': month '{month}' must read like 2020-08")
        first = date.fromisoformat(f"{month}-01")
        days[month] = workdays(first, first.replace(day=monthrange(first.year, first.month)[1]))
    return sorted(draws.one_of(days[draws.pick(spec["months"])]).isoformat() for _ in rows)


def _texts(
    column: str, spec: Mapping[str, Any], rows: list[Row], codebook: Codebook, draws: Draws
) -> list[str]:
    words, endings = spec["words"], spec["endings"]
    return [
        f"{spec['start']}{draws.one_of(words[row[spec['given']]])}, {draws.one_of(endings)}" for row in rows
    ]


def _codes(
    column: str, spec: Mapping[str, Any], rows: list[Row], codebook: Codebook, draws: Draws
) -> list[str]:
    return [draws.pick(weights(column, spec, row, codebook)) for row in rows]


def _exact(
    column: str, spec: Mapping[str, Any], rows: list[Row], codebook: Codebook, draws: Draws
) -> list[str]:
    if spec["count"] > len(rows):
        raise StudyError(
            f"column '{column}': count is {spec['count']}, but the table has only {len(rows)} rows"
        )
    chosen = set(draws.shuffled(range(len(rows)))[: spec["count"]])
    return [
        draws.pick(weights(column, spec, row, codebook)) if place in chosen else spec["otherwise"]
        for place, row in enumerate(rows)
    ]


_KINDS = {"id": _ids, "day": _days, "text": _texts, "code": _codes, "exact": _exact}


def _in_order(name: str, columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Put each column behind those that it depends on."""
    done: list[str] = []
    while len(done) < len(columns):
        ready = [c for c in columns if c not in done and all(need in done for need in _needs(columns[c]))]
        if not ready:
            stuck = [column for column in columns if column not in done]
            raise StudyError(
                f"{name}.columns: {listed(stuck)} depend on each other or on a column that is not declared; "
                "correct 'given' or 'by'"
            )
        done.extend(ready)
    return done


def _needs(spec: Mapping[str, Any]) -> list[str]:
    return [spec[key] for key in ("given",) if key in spec] + ([spec["tilt"]["by"]] if "tilt" in spec else [])


def _check_codes(
    where: str, column: str, columns: Mapping[str, Mapping[str, Any]], codebook: Codebook
) -> None:
    spec = columns[column]
    given = codebook[_field(spec["given"], columns)].values if "given" in spec else []
    for key in ("shares_given", "words"):
        if key in spec:
            require_codes(f"{where}.{key}", spec[key], given, whole=True)
    if "tilt" in spec:
        by = codebook[_field(spec["tilt"]["by"], columns)].values
        require_codes(f"{where}.tilt.factors", spec["tilt"]["factors"], by)
    if spec["kind"] not in ("code", "exact"):
        return
    if ("shares" in spec) == ("given" in spec) or ("given" in spec) != ("shares_given" in spec):
        raise StudyError(f"{where}: declare either 'shares', or 'given' together with 'shares_given'")
    codes = codebook[spec.get("field", column)].values
    tilts = spec["tilt"]["factors"].values() if "tilt" in spec else ()
    listed_shares = list(spec["shares_given"].values()) if "given" in spec else [spec["shares"]]
    for shares in (*listed_shares, *tilts):
        require_codes(where, shares, codes)
    if spec["kind"] == "exact":
        require_codes(f"{where}.otherwise", [spec["otherwise"]], codes)
        if any(shares.get(spec["otherwise"], 0) for shares in listed_shares):
            raise StudyError(
                f"{where}: '{spec['otherwise']}' is what all other rows get; give it no share of its own"
            )


def _field(column: str, columns: Mapping[str, Mapping[str, Any]]) -> str:
    return str(columns[column].get("field", column))


def require_codes(where: str, found: Collection[str], codes: Collection[str], *, whole: bool = False) -> None:
    """Check that what is declared code by code names only codes of the codebook.

    Parameters
    ----------
    where : str
        The place, for the message.
    found : collection of str
        The names that stand there.
    codes : collection of str
        The codes of the field.
    whole : bool
        Whether every code must stand there.

    Raises
    ------
    StudyError
        If a name is no code, or, with ``whole``, if a code is left out.
    """
    stray = [name for name in found if name not in codes]
    if stray:
        raise StudyError(
            f"{where}: {listed(stray)} is no code of this field; the codebook has {', '.join(codes)}"
        )
    absent = [code for code in codes if code not in found]
    if whole and absent:
        raise StudyError(f"{where}: {listed(absent)} is missing; declare it for every code of the codebook")
