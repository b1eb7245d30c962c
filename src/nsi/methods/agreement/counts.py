"""The table every coefficient is computed from: how many coders gave each code to each unit.

Most cells of that table are 0, so only the others are held, as (row, code, count). Units with the same codes
make one row that stands `times` times, which is what makes a resampling over units cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nsi.methods.agreement.positions import NOT_CODED, checked_positions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DENSE, LARGE = 32, 2**23  # conceivable rows per unit, and in all, up to which counting beats sorting
EXACT = 2**53  # largest whole number up to which a float holds every whole number


@dataclass(eq=False)
class Coded:
    """Units by coders, with equal units put together.

    Attributes
    ----------
    rows : array of int, shape (n_rows, n_columns)
        Positions in the codebook, -1 where not coded. Every row holds at least one code.
    times : array of int, shape (n_rows,)
        How many units look like that row.
    n_codes : int
        Number of codes in the codebook, used or not.
    n_coders : int
        Coders with at least one code.
    """

    rows: NDArray[np.integer]
    times: Integers
    n_codes: int
    n_coders: int

    @cached_property
    def sizes(self) -> Integers:
        """Number of codes given to each row, shape (n_rows,)."""
        return (self.rows >= 0).sum(axis=1, dtype=np.int64)

    @cached_property
    def pairable(self) -> NDArray[np.bool_]:
        """Whether two coders or more coded the row, shape (n_rows,)."""
        return self.sizes >= 2

    @cached_property
    def n_units(self) -> int:
        """Units with at least one code."""
        return int(self.times.sum())

    @cached_property
    def n_pairable(self) -> int:
        """Units with two codes or more."""
        return int(self.times[self.pairable].sum())

    @cached_property
    def n_ratings(self) -> int:
        """Codes given, over all units and coders."""
        return int((self.times * self.sizes).sum())

    @cached_property
    def used(self) -> Integers:
        """Positions of the codes that anyone gave, ascending, shape (n_used,)."""
        present = np.zeros(self.n_codes, dtype=bool)
        present[self.rows[self.rows >= 0]] = True
        return np.flatnonzero(present)

    @cached_property
    def scale(self) -> float:
        """What makes 1 / (m - 1) and 1 / m whole for every m that occurs; 1 where that would not be exact.

        Sums of whole numbers come out the same in any order, on any machine, with any number of threads.
        """
        largest = int(self.sizes.max(initial=1))
        scale = math.lcm(*range(1, largest + 1))
        return float(scale) if scale * largest * self.n_units < EXACT else 1.0

    @cached_property
    def cells(self) -> tuple[Integers, Integers, Integers]:
        """Non-zero cells of the table: row, code (as position in `used`), count; by row, then by code."""
        ordered = np.sort(self.rows, axis=1)
        given = ordered >= 0
        code = ordered[given]
        row = np.repeat(np.arange(len(ordered)), self.sizes)
        first = np.ones(len(code), dtype=bool)
        first[1:] = (code[1:] != code[:-1]) | (row[1:] != row[:-1])
        start = np.flatnonzero(first)
        place = np.zeros(self.n_codes, dtype=np.int64)
        place[self.used] = np.arange(len(self.used))
        return row[start], place[code[start]], np.diff(start, append=len(code))

    @cached_property
    def mixed_pairs(self) -> tuple[Integers, Integers, Integers, Integers]:
        """Ordered pairs of unlike codes within a row: row, lower code, higher code, number of pairs.

        Codes are positions in `used`. A pair counts in both orders, so two coders who differ make 2.
        """
        row, code, count = self.cells
        parts = []
        for lag in range(1, len(row)):
            here = np.flatnonzero(row[lag:] == row[:-lag])
            if not len(here):
                break
            there = here + lag
            parts.append((row[here], code[here], code[there], 2 * count[here] * count[there]))
        if not parts:
            return (np.zeros(0, dtype=np.int64),) * 4
        rows, lower, higher, pairs = (np.concatenate(part) for part in zip(*parts, strict=True))
        return rows, lower, higher, pairs

    @cached_property
    def met_codes(self) -> tuple[Integers, Integers, Integers]:
        """Pairs of unlike codes that met on any row (lower, higher), and which of them each mixed pair is."""
        _, lower, higher, _ = self.mixed_pairs
        n_used = max(len(self.used), 1)
        pair = lower * n_used + higher
        if n_used**2 <= LARGE:
            met = np.flatnonzero(np.bincount(pair, minlength=n_used**2))
            place = np.zeros(n_used**2, dtype=np.int64)
            place[met] = np.arange(len(met))
            which = place[pair]
        else:
            met, which = np.unique(pair, return_inverse=True)
        return met // n_used, met % n_used, which


def coded(positions: ArrayLike, n_codes: int, *, by_coder: bool = False, merge: bool = True) -> Coded:
    """Put a table of units by coders into the form that the coefficients use.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook, used or not.
    by_coder : bool
        Keep who gave which code. Otherwise the codes of a unit are sorted, and more units are alike.
    merge : bool
        Put units with the same codes together. False keeps one row for each unit that anybody coded, in
        order.

    Returns
    -------
    Coded
        Units that nobody coded are left out.
    """
    table = checked_positions(positions, n_codes)
    table = table.astype(np.min_scalar_type(-n_codes - 1))  # small numbers sort and copy faster
    n_coders = int((table.max(axis=0, initial=NOT_CODED) >= 0).sum())
    if not by_coder:
        table = np.sort(table, axis=1)  # codes go to the end, so columns at the front may hold none
        table = table[:, table.max(axis=0, initial=NOT_CODED) >= 0]
    highest = reduce(np.maximum, table.T, np.full(len(table), NOT_CODED, dtype=table.dtype))
    if (highest < 0).any():
        table = table[highest >= 0]
    if not merge:
        return Coded(table, np.ones(len(table), dtype=np.int64), n_codes, n_coders)
    return Coded(*_distinct_rows(table, n_codes + 1), n_codes, n_coders)


def _distinct_rows(table: NDArray[np.integer], base: int) -> tuple[NDArray[np.integer], Integers]:
    """Distinct rows, in the order of their codes and not of the units, and how often each stands."""
    key = np.zeros(len(table), dtype=np.int64)
    span = 1
    for column in table.T:
        if span * base >= 2**62:  # the next digit would not fit: number the prefixes met so far instead
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            span = len(table) + 1
        key *= base
        key += column
        key -= NOT_CODED
        span *= base
    if span <= min(
        DENSE * len(table), LARGE
    ):  # few enough conceivable rows to count them all, which takes no sorting
        times = np.bincount(key, minlength=span)
        last = np.zeros(span, dtype=np.int64)
        last[key] = np.arange(len(table))
        return table[last[times > 0]], times[times > 0]
    _, first, times = np.unique(key, return_index=True, return_counts=True)
    return table[first], times
