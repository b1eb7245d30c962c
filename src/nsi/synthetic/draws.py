"""Drawing at random so that the same seed gives the same bytes under every version of Python and NumPy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Item = TypeVar("Item")
SATURDAY = 5


class Draws:
    """One stream of random numbers, found by a seed and by what it is for.

    Each column has a stream of its own, so a changed assumption about one column does not redraw the others.
    Only the raw output of PCG64 is used: NumPy guarantees that stream, but not the methods built on it.

    Parameters
    ----------
    seed : int
        Not negative.
    *purpose : str
        Names that tell this stream from the others, for example a table and a column.
    """

    def __init__(self, seed: int, *purpose: str) -> None:
        digest = hashlib.sha256("/".join(purpose).encode("utf-8")).digest()
        words = [int.from_bytes(digest[start : start + 4], "big") for start in range(0, 16, 4)]
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, *words]))

    def uniform(self) -> float:
        """Draw one number from 0 (possible) to 1 (not possible)."""
        return float(int(self._bits.random_raw()) >> 11) * 2.0**-53

    def raw(self, count: int) -> NDArray[np.uint64]:
        """Draw many whole numbers of 64 bits at once."""
        return np.asarray(self._bits.random_raw(count), dtype=np.uint64)

    def uniforms(self, count: int) -> NDArray[np.float64]:
        """Draw many numbers between 0 and 1 at once, neither end of them possible."""
        return ((self.raw(count) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52

    def normals(self, *shape: int) -> NDArray[np.float64]:
        """Draw an array of standard normal numbers, by the inverse of the distribution function."""
        return np.asarray(ndtri(self.uniforms(int(np.prod(shape)))).reshape(shape))

    def order(self, count: int) -> NDArray[np.intp]:
        """Draw an order of the places 0 to count - 1."""
        return np.argsort(self.uniforms(count), kind="stable")

    def happens(self, share: float) -> bool:
        """Draw whether something with this share of chances happens."""
        return self.uniform() < share

    def pick(self, weights: Mapping[str, float]) -> str:
        """Draw one key, in proportion to its weight.

        Parameters
        ----------
        weights : mapping of str to float
            Not negative, at least one above 0; they need not add up to 1. Their order decides which draw
            gives which key, so it is part of the seed.

        Returns
        -------
        str
            A key with a weight above 0.
        """
        total = 0.0
        for weight in weights.values():  # not sum(): Python 3.12 rounds it in another way than 3.11
            total += weight
        reached, mark = 0.0, self.uniform() * total
        possible = [key for key, weight in weights.items() if weight > 0]
        for key in possible:
            reached += weights[key]
            if mark < reached:
                return key
        return possible[-1]

    def one_of(self, items: Sequence[Item]) -> Item:
        """Draw one item, each as likely as the next."""
        return items[int(self.uniform() * len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return all items in a drawn order."""
        marks = [self.uniform() for _ in items]
        return [items[place] for place in sorted(range(len(items)), key=lambda place: (marks[place], place))]


def workdays(first: date, last: date) -> list[date]:
    """List the Mondays to Fridays from one day to another, both included."""
    days = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return [day for day in days if day.weekday() < SATURDAY]
