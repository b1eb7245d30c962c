"""Two values of one name: by how much they differ, and whether it is more than rounding."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nsi.errors import StudyError

ROUNDING = 1e-12  # relative; the last of the 13 digits that results are stored with may differ between processors
NUMBER, TEXT, ROUNDED = "number", "text", "rounding"
# 007 is an id, and so is +7; a number as results are written has neither.
WRITTEN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
LONGEST_WHOLE = 300  # digits; a longer one is no count


@dataclass(frozen=True)
class Change:
    """Two texts that differ, as they are written.

    Attributes
    ----------
    old, new : str
        ``""`` where nothing stood.
    kind : str
        ``"number"``; ``"rounding"`` for numbers that are the same but for the last digits or the way of writing;
        ``"text"`` where one of the two is no number: a code, a word such as withheld or <5, nothing.
    difference : float
        new - old; NaN for texts.
    relative : float
        difference / abs(old), no unit; infinite where old is 0, NaN for texts.
    """

    old: str
    new: str
    kind: str
    difference: float = math.nan
    relative: float = math.nan

    @property
    def size(self) -> tuple[float, float]:
        """For sorting, largest first: texts before numbers, then by relative and by absolute difference."""
        if self.kind == TEXT:
            return math.inf, math.inf
        return abs(self.relative), abs(self.difference)


def is_number(text: str) -> bool:
    """Say whether a text is a finite number, as results are written."""
    return WRITTEN.fullmatch(text) is not None and len(text) < LONGEST_WHOLE and math.isfinite(float(text))


def is_whole(text: str) -> bool:
    """Say whether a text is a whole number, as results are written."""
    return WHOLE.fullmatch(text) is not None


def change_of(old: str, new: str) -> Change | None:
    """Compare two values as they are written; None where they are the same text."""
    if old == new:
        return None
    if not (is_number(old) and is_number(new)):
        return Change(old, new, TEXT)
    if is_whole(old) and is_whole(new):  # exactly: ids of 17 digits are not the same float by chance
        whole = int(new) - int(old)
        return Change(old, new, NUMBER, float(whole), _relative(float(whole), float(old)))
    before, now = float(old), float(new)
    difference = now - before
    kind = ROUNDED if abs(difference) <= ROUNDING * max(abs(before), abs(now)) else NUMBER
    return Change(old, new, kind, difference, _relative(difference, before))


def _relative(difference: float, old: float) -> float:
    if old == 0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / abs(old)


@dataclass(frozen=True)
class NumbersChange:
    """What became of the numbers that texts quote.

    Attributes
    ----------
    changed, rounded : dict of str to Change
        By name; the second are the same but for rounding.
    added, removed : dict of str to str
        Name to value, as it is written.
    n_same : int
        Numbers that are the same.
    """

    changed: dict[str, Change]
    rounded: dict[str, Change]
    added: dict[str, str]
    removed: dict[str, str]
    n_same: int

    @property
    def differ(self) -> bool:
        """Whether anything but rounding differs."""
        return bool(self.changed or self.added or self.removed)


def read_numbers(data: bytes | None, label: str) -> dict[str, str]:
    """Read numbers.json as name to value, as it is written.

    Raises
    ------
    StudyError
        If it is damaged, as after a merge that went wrong.
    """
    if data is None:
        return {}
    try:
        plain = dict(json.loads(data))
    except (ValueError, TypeError):
        told = f"figures/numbers.json of '{label}' cannot be read; restore it, or run `make all` there"
        raise StudyError(told) from None
    return {str(name): as_written(value) for name, value in sorted(plain.items())}


def as_written(value: object) -> str:
    """Give a number, or the text around one, as it is written in JSON, without quotation marks."""
    return value if isinstance(value, str) else json.dumps(value)


def compare_numbers(old: Mapping[str, str], new: Mapping[str, str]) -> NumbersChange:
    """Compare numbers by their names."""
    found = {name: change_of(old[name], new[name]) for name in old if name in new}
    changes = {name: change for name, change in found.items() if change is not None}
    return NumbersChange(
        changed={name: change for name, change in changes.items() if change.kind != ROUNDED},
        rounded={name: change for name, change in changes.items() if change.kind == ROUNDED},
        added={name: value for name, value in new.items() if name not in old},
        removed={name: value for name, value in old.items() if name not in new},
        n_same=len(found) - len(changes),
    )


def signed(value: float) -> str:
    """Write a difference with its sign, four digits long; nothing where it is undefined."""
    return "" if math.isnan(value) else f"{value:+.4g}"


def percent(relative: float) -> str:
    """Write a relative difference in percent; ``"from 0"`` where it is infinite."""
    if math.isnan(relative):
        return ""
    return "from 0" if math.isinf(relative) else f"{100 * relative:+.3g}%"


def counted(number: int, word: str) -> str:
    """Write a number with its noun, in the plural where it is not one."""
    return f"{number:,} {word if number == 1 else word + 's'}"


def joined(parts: Sequence[str] | Iterator[str]) -> str:
    """Join the parts that say something by commas."""
    return ", ".join(part for part in parts if part)
