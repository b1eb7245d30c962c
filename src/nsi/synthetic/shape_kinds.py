"""The kinds of number that a declaration of look-alike data may hold, and how its shape is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

COUNT = "COUNT"  # a whole number, 0 or more
NUMBER = "NUMBER"  # any number
SHARE = "SHARE"  # from 0 to 1
DAY = "DAY"  # a date
SHARES = "SHARES"  # codes with shares that add up to 1
RATES = "RATES"  # names with numbers from 0 to 1
WEIGHTS = "WEIGHTS"  # names with numbers, 0 or more
EFFECTS = "EFFECTS"  # names with numbers, below 0 too
NUMBERS = (COUNT, NUMBER, SHARE, DAY, SHARES, RATES, WEIGHTS, EFFECTS)


@dataclass(frozen=True)
class Choice:
    """One of several shapes; the word under ``kind`` says which."""

    shapes: dict[str, dict[str, Shape]]


Shape: TypeAlias = "str | Choice | dict[str, Shape]"
