"""Sums over units, and the same sums over resampled units.

Every coefficient here is a ratio of sums over units. A sum is declared once, as entries (row, column, value);
its total gives the estimate, its total under random weights gives a replicate, by the same arithmetic.
No sum goes through a threaded library, so results do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nsi.methods.agreement.counts import Coded, Floats, Integers

BLOCK = 2**22  # numbers held at once in a block: 32 MiB as float64
SPARSE = 24  # cells per entry above which visiting only the entries is faster than a full table


@dataclass(frozen=True)
class Entries:
    """What each row adds to each column of a sum.

    Attributes
    ----------
    row, column : array of int, shape (n_entries,)
        Where a value belongs. A place may occur more than once.
    value : array of float, shape (n_entries,)
        What is added, times `scale`.
    n_columns : int
        Columns of the sum.
    scale : float
        What the finished sum is divided by.
    """

    row: Integers
    column: Integers
    value: Floats
    n_columns: int
    scale: float = 1.0


def per_row(value: NDArray[np.generic], scale: float = 1.0) -> Entries:
    """Entries of a sum with a single column, one value for each row.

    Parameters
    ----------
    value : array, shape (n_rows,)
        What each row adds, times `scale`.
    scale : float
        What the finished sum is divided by.
    """
    rows = np.arange(len(value))
    return Entries(rows, np.zeros_like(rows), value.astype(np.float64), 1, scale)


def totals(entries: Mapping[str, Entries], times: Integers) -> dict[str, Floats]:
    """Sum every row as often as it stands.

    Parameters
    ----------
    entries : mapping of str to Entries
        The sums, by name.
    times : array of int, shape (n_rows,)
        How many units each row stands for.

    Returns
    -------
    dict of str to array of float, shape (1, n_columns)
        One replicate: the data themselves.
    """
    return {
        name: np.bincount(part.column, weights=part.value * times[part.row], minlength=part.n_columns)[
            None, :
        ]
        / part.scale
        for name, part in entries.items()
    }


def weighted_totals(entries: Mapping[str, Entries], weights: Floats) -> dict[str, Floats]:
    """Sum the rows under each row of weights.

    Parameters
    ----------
    entries : mapping of str to Entries
        The sums, by name.
    weights : array of float, shape (n_replicates, n_rows)
        How often each row was drawn in each replicate.

    Returns
    -------
    dict of str to array of float, shape (n_replicates, n_columns)
        The sums of every replicate.
    """
    return {name: _weighted(part, weights) / part.scale for name, part in entries.items()}


def in_clusters(entries: Mapping[str, Entries], cluster: Integers) -> dict[str, Entries]:
    """Let clusters take the place of rows.

    Parameters
    ----------
    entries : mapping of str to Entries
        Sums over rows, by name.
    cluster : array of int, shape (n_rows,)
        Number of the cluster that holds each row.
    """
    return {
        name: Entries(cluster[part.row], part.column, part.value, part.n_columns, part.scale)
        for name, part in entries.items()
    }


def _weighted(part: Entries, weights: Floats) -> Floats:
    n_rows = weights.shape[1]
    full = n_rows * part.n_columns <= SPARSE * max(len(part.row), n_rows)
    return _by_table(part, weights) if full else _by_entry(part, weights)


def _by_table(part: Entries, weights: Floats) -> Floats:
    """Lay the entries out as a table of rows by columns, a block of rows at a time."""
    n_rows, result = weights.shape[1], np.zeros((len(weights), part.n_columns))
    step = BLOCK // max(part.n_columns, 1) + 1
    for start in range(0, n_rows, step):
        stop = min(start + step, n_rows)
        here = slice(None) if step >= n_rows else (part.row >= start) & (part.row < stop)
        place = (part.row[here] - start) * part.n_columns + part.column[here]
        table = np.bincount(place, weights=part.value[here], minlength=(stop - start) * part.n_columns)
        # einsum, not matmul: matmul may share a sum among threads and round it differently
        result += np.einsum("br,rc->bc", weights[:, start:stop], table.reshape(stop - start, part.n_columns))
    return result


def _by_entry(part: Entries, weights: Floats) -> Floats:
    """Visit the entries column by column, for sums with many columns that are mostly empty."""
    order = np.argsort(part.column, kind="stable")
    row, column, value = part.row[order], part.column[order], part.value[order]
    result = np.zeros((len(weights), part.n_columns))
    step = max(1, BLOCK // len(weights))
    for begin in range(0, len(row), step):
        here = slice(begin, begin + step)
        start = np.flatnonzero(np.diff(column[here], prepend=-1))
        drawn = weights[:, row[here]] * value[here]
        result[:, column[here][start]] += np.add.reduceat(drawn, start, axis=1)
    return result


def standing(data: Coded) -> dict[str, Entries]:
    """Sums that tell whether anything can be estimated: pairable units, and how often each code was paired.

    Parameters
    ----------
    data : Coded
        Units by coders.
    """
    row, code, count = data.cells
    both = data.pairable[row]
    return {
        "pairable": per_row(data.pairable),
        "paired": Entries(row[both], code[both], count[both].astype(np.float64), len(data.used)),
    }
