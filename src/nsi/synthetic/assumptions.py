"""Reading what a study assumes: every number with its basis, and the source or the reason for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from math import fsum, isfinite
from pathlib import Path
from typing import Any

from nsi.errors import StudyError
from nsi.strict import checked, choice, kind, read_yaml, text, texts
from nsi.synthetic.shape import SHAPE
from nsi.synthetic.shape_kinds import (
    COUNT,
    DAY,
    EFFECTS,
    NUMBER,
    NUMBERS,
    RATES,
    SHARE,
    SHARES,
    Choice,
    Shape,
)

BASES = ("published", "derived", "assumption")


@dataclass(frozen=True)
class Leaf:
    """One declared number (or row of shares): its value, what it rests on, and the source or the reason."""

    value: Any
    basis: str
    why: str


@dataclass(frozen=True)
class Assumptions:
    """What a study declares about its look-alike data.

    Attributes
    ----------
    file : str
        The file's name, for messages.
    leaves : dict of str to Leaf
        Dotted path to each number, in file order.
    values : dict
        The whole declaration, each number as its bare value; what the drawing reads.
    """

    file: str
    leaves: dict[str, Leaf]
    values: dict[str, Any]


def load(path: Path) -> Assumptions:
    """Read a study's assumptions and check every key and every number.

    Parameters
    ----------
    path : Path
        A YAML file with the keys of ``nsi.synthetic.shape``.

    Returns
    -------
    Assumptions
        Nothing is filled in: what is not declared is absent.

    Raises
    ------
    StudyError
        If a key is unknown, missing or twice, a number has no basis or no reason, or a value is out of its
        range. The message names the file, the dotted path and what is allowed.
    """
    return check(read_yaml(path), path.name)


def check(declared: Mapping[str, Any], file: str = "assumptions.yml", *, whole: bool = True) -> Assumptions:
    """Check assumptions that were read already, or a part of them.

    Parameters
    ----------
    declared : mapping
        The file as it stands, or some of its subjects (the keys of its first level).
    file : str
        Its name, for messages.
    whole : bool
        False for a part: a subject may then be absent.

    Returns
    -------
    Assumptions
        As ``load`` gives them.

    Raises
    ------
    StudyError
        As ``load`` does.
    """
    leaves: dict[str, Leaf] = {}
    shape = (
        SHAPE if whole else {name if name[-1] in "?*" else f"{name}?": inner for name, inner in SHAPE.items()}
    )
    return Assumptions(file, leaves, _read(declared, shape, file, "", leaves))


def as_rows(assumptions: Assumptions | Mapping[str, Any]) -> list[dict[str, str]]:
    """List every number with its basis, ready to print as a table.

    Parameters
    ----------
    assumptions : Assumptions or mapping
        From ``load``; or the file, or some of its subjects, as they stand: they are then checked first.

    Returns
    -------
    list of dict
        One row per number in file order, all text: ``id`` (dotted path), ``value`` (a row of shares reads
        ``a 0.6, b 0.4``), ``basis`` (published, derived, assumption), ``why`` (the source or the reason).
    """
    if not isinstance(assumptions, Assumptions):
        assumptions = check(assumptions, whole=False)
    return [
        {"id": path, "value": _shown(leaf.value), "basis": leaf.basis, "why": leaf.why}
        for path, leaf in assumptions.leaves.items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(found: object, shape: Shape, file: str, path: str, leaves: dict[str, Leaf]) -> Any:
    where = f"{file} {path}".strip()
    if isinstance(shape, Choice):
        word = found.get("kind") if isinstance(found, Mapping) else None
        shape = shape.shapes[choice(word, f"{where}.kind", list(shape.shapes))]
    if isinstance(shape, dict):
        return _read_keys(found, shape, file, path, leaves)
    if shape in NUMBERS:
        leaves[path] = _leaf(found, shape, where)
        return leaves[path].value
    return texts(found, where) if shape == "texts" else text(found, where)


def _read_keys(
    found: object, shape: dict[str, Shape], file: str, path: str, leaves: dict[str, Leaf]
) -> dict[str, Any]:
    where = f"{file} {path}".strip()
    shapes = {name.removesuffix("?"): inner for name, inner in shape.items() if name != "*"}
    required = [name for name in shapes if name in shape]
    free = _free_names(found, shapes) if "*" in shape else []
    keys = checked(found, where, required=required, optional=[*shapes, *free])
    for name in free:
        shapes[text(name, f"{where}, the key {name!r}")] = shape["*"]
    return {
        name: _read(value, shapes[name], file, f"{path}.{name}".lstrip("."), leaves)
        for name, value in keys.items()
    }


def _free_names(found: object, known: Mapping[str, Shape]) -> list[str]:
    """List the names that the study gives, without those that look like a misspelt key of ours."""
    names = list(found) if isinstance(found, Mapping) else []
    absent = [name for name in known if name not in names]
    return [
        name for name in names if name not in known and not get_close_matches(str(name), absent, cutoff=0.75)
    ]


def _leaf(found: object, wanted: str, where: str) -> Leaf:
    keys = checked(found, where, required=("value", "basis"), optional=("source", "why"))
    basis = choice(keys["basis"], f"{where}.basis", BASES)
    needed = "source" if basis == "published" else "why"
    if needed not in keys:
        raise StudyError(
            f"{where}: basis is {basis}, but '{needed}' is missing; say in one sentence what it rests on"
        )
    reasons = [text(keys[name], f"{where}.{name}") for name in ("source", "why") if name in keys]
    return Leaf(_value(keys["value"], wanted, f"{where}.value"), basis, "; ".join(reasons))


def _value(value: object, wanted: str, where: str) -> Any:
    if wanted == COUNT:
        if type(value) is not int or value < 0:
            raise StudyError(f"{where} must be a whole number, 0 or more, but found {kind(value)}")
        return value
    if wanted == DAY:
        if not isinstance(value, date):
            raise StudyError(
                f"{where} must be a day such as 2020-08-31, without quotes, but found {kind(value)}"
            )
        return value
    if wanted == SHARE:
        return _number(value, where, 1)
    if wanted == NUMBER:
        return _number(value, where, least=float("-inf"))
    return _named_numbers(value, wanted, where)


def _named_numbers(value: object, wanted: str, where: str) -> dict[str, float]:
    if not isinstance(value, Mapping) or not value:
        raise StudyError(f"{where} must hold names with numbers, but found {kind(value)}")
    most = 1 if wanted in (SHARES, RATES) else float("inf")
    least = float("-inf") if wanted == EFFECTS else 0
    numbers = {
        text(name, f"{where}, the name {name!r}"): _number(n, f"{where}.{name}", most, least)
        for name, n in value.items()
    }
    total = fsum(numbers.values())
    if wanted == SHARES and abs(total - 1) > 1e-9:
        raise StudyError(
            f"{where}: the shares add up to {total:.4g}, but must add up to 1; change one of them"
        )
    return numbers


def _number(value: object, where: str, most: float = float("inf"), least: float = 0) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and least <= value <= most:
        return value
    limit = "a number from 0 to 1" if most == 1 else "a number 0 or more" if least == 0 else "a finite number"
    raise StudyError(f"{where} must be {limit}, but found {kind(value)}")
