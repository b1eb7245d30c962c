"""From codes to whole numbers: the position of each code in the codebook, -1 where a unit was not coded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nsi.errors import StudyError, listed

NOT_CODED = -1


def code_positions(
    values: ArrayLike,
    codes: Sequence[Hashable],
    *,
    units: Sequence[object] | None = None,
    coders: Sequence[object] | None = None,
) -> NDArray[np.int64]:
    """Turn codes into their positions in the codebook.

    Parameters
    ----------
    values : array-like, shape (n_units, n_coders)
        One code per cell; None, NaN or NA where that coder did not code that unit.
    codes : sequence
        Every code of the codebook, in its order, used or not.
    units, coders : sequence, optional
        Names of rows and columns, for the error text only; counted from 0 where not given.

    Returns
    -------
    array of int64, shape (n_units, n_coders)
        Position in `codes`; -1 is "not coded".

    Raises
    ------
    StudyError
        If `codes` repeats a code, or a cell holds anything that is neither a code nor missing.
    """
    cells = np.asarray(values, dtype=object)
    if cells.ndim != 2:
        raise StudyError(f"codes must form a table of units by coders; found {cells.ndim} dimension(s)")
    if len(set(codes)) != len(codes):
        raise StudyError(
            f"the codebook lists a code twice: {listed(list(codes))}; every code must stand once"
        )
    place = {code: position for position, code in enumerate(codes)}
    flat = [_place_of(cell, place) for cell in cells.ravel()]
    positions = np.array(flat, dtype=np.int64).reshape(cells.shape)
    if (positions < NOT_CODED).any():
        _refuse_stray(cells, positions, codes, units, coders)
    return positions


def checked_positions(positions: ArrayLike, n_codes: int) -> NDArray[np.int64]:
    """Return positions as an integer table, or say which cell cannot be one.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook.

    Returns
    -------
    array of int, shape (n_units, n_coders)
        The same numbers.

    Raises
    ------
    StudyError
        If the table is not two-dimensional, not whole numbers, or holds a number outside -1 .. n_codes - 1.
    """
    table = np.asarray(positions)
    if table.ndim != 2:
        raise StudyError(f"positions must form a table of units by coders; found {table.ndim} dimension(s)")
    if n_codes < 1:
        raise StudyError(f"the codebook must hold at least one code; found {n_codes}")
    if table.size == 0:
        return np.full(table.shape, NOT_CODED, dtype=np.int64)
    if table.dtype.kind not in "iu":
        raise StudyError(
            f"positions must be whole numbers, -1 for not coded; found values of type {table.dtype}; "
            "turn codes into positions with code_positions"
        )
    if table.min() < NOT_CODED or table.max() >= n_codes:
        unit, coder = np.argwhere((table < NOT_CODED) | (table >= n_codes))[0]
        raise StudyError(
            f"unit {unit}, coder {coder}: found position {table[unit, coder]}, but the codebook of "
            f"{n_codes} code(s) allows -1 (not coded) to {n_codes - 1}"
        )
    return table


def positions_from_counts(counts: ArrayLike) -> NDArray[np.int64]:
    """Rebuild a table of units by anonymous coders from published counts of coders per code.

    Parameters
    ----------
    counts : array-like of int, shape (n_units, n_codes)
        How many coders gave each code to each unit.

    Returns
    -------
    array of int64, shape (n_units, largest number of coders)
        Positions, sorted within a unit, -1 where fewer coders saw it. Which coder said what is not known,
        so only coefficients that do not ask who the coder was may be computed from it.

    Raises
    ------
    StudyError
        If a count is negative or not a whole number.
    """
    table = np.asarray(counts)
    if table.ndim != 2 or table.dtype.kind not in "iu" or (table < 0).any():
        raise StudyError("counts must be whole numbers from 0, in a table of units by codes")
    sizes = table.sum(axis=1)
    unit, code = np.nonzero(table)
    times = table[unit, code]
    width = int(sizes.max(initial=0))
    positions = np.full((len(table), width), NOT_CODED, dtype=np.int64)
    positions[np.arange(width) < sizes[:, None]] = np.repeat(code, times)
    return positions


def _place_of(cell: object, place: dict[Hashable, int]) -> int:
    """Position of a code; -1 where missing; -2 where it is no code."""
    try:
        found = place.get(cell)
    except TypeError:  # a list or another value that cannot be a code
        return -2
    if found is not None:
        return found
    # pandas' NA compares to NA, so it is known by name: this package runs without pandas
    missing = (
        cell is None
        or type(cell).__name__ in ("NAType", "NaTType")
        or (isinstance(cell, float) and cell != cell)
    )
    return NOT_CODED if missing else -2


def _refuse_stray(
    cells: NDArray[np.object_],
    positions: NDArray[np.int64],
    codes: Sequence[Hashable],
    units: Sequence[object] | None,
    coders: Sequence[object] | None,
) -> None:
    """Stop, naming the first cell that is outside the codebook and how many more there are."""
    stray = np.argwhere(positions < NOT_CODED)
    row, column = stray[0]
    unit = units[row] if units is not None else row
    coder = coders[column] if coders is not None else column
    raise StudyError(
        f"unit {unit}, coder {coder}: found {cells[row, column]!r}, but the codebook allows "
        f"{listed([repr(code) for code in codes], 10)} ({len(stray)} such cell(s)); "
        "correct the value, or add the code to the codebook"
    )
