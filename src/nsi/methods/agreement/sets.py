"""Codings that are not single codes: sets of codes, and a primary with an optional secondary code.

Each distinct set, or distinct primary and secondary, becomes a code of its own, and alpha is computed with
the distance between sets. Two empty sets agree: "no code applies" is a coding, and differs from "not coded".

Source: Passonneau (2006) for MASI; Jaccard (1901). The weighted distance is 1 minus the overlap of the two
codings' shares of codes (total variation), a metric from 0 to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nsi.errors import StudyError
from nsi.methods.agreement.alpha import distance_alpha
from nsi.methods.agreement.counts import Floats
from nsi.methods.agreement.positions import NOT_CODED, checked_positions
from nsi.methods.agreement.results import Estimate
from nsi.methods.agreement.weights import refuse_large_table

DISTANCES = ("jaccard", "masi")


def jaccard_distance(members: ArrayLike) -> Floats:
    """1 - size of the intersection over size of the union, for every two sets.

    Parameters
    ----------
    members : array-like of bool, shape (n_sets, n_codes)
        Which codes each set holds.

    Returns
    -------
    array of float, shape (n_sets, n_sets)
        0 for equal sets, two empty ones included; 1 for sets with nothing in common.
    """
    return 1 - _jaccard(members)[0]


def masi_distance(members: ArrayLike) -> Floats:
    """1 - Jaccard x M; M is 1 for equal sets, 2/3 if one holds the other, 1/3 for other overlap, else 0.

    Parameters
    ----------
    members : array-like of bool, shape (n_sets, n_codes)
        Which codes each set holds.

    Returns
    -------
    array of float, shape (n_sets, n_sets)
        0 for equal sets, two empty ones included.
    """
    overlap, shared, size = _jaccard(members)
    smaller = np.minimum(size[:, None], size[None, :])
    larger = np.maximum(size[:, None], size[None, :])
    grade = np.select(
        [shared == larger, (shared == smaller) & (shared > 0), shared > 0], [1.0, 2 / 3, 1 / 3], 0.0
    )
    return 1 - overlap * grade


def share_distance(shares: ArrayLike) -> Floats:
    """1 - sum over codes of the smaller share, for every two codings.

    Parameters
    ----------
    shares : array-like of float, shape (n_codings, n_codes)
        Shares of codes, summing to 1.

    Returns
    -------
    array of float, shape (n_codings, n_codings)
        Total variation: 0 for equal shares, 1 for no code in common.
    """
    table = np.asarray(shares, dtype=np.float64)
    common = np.zeros((len(table), len(table)))
    for column in table.T:  # code by code keeps the memory at one table
        common += np.minimum.outer(column, column)
    distance = 1 - common
    np.fill_diagonal(distance, 0.0)
    return np.maximum(distance, 0.0)


def set_alpha(members: ArrayLike, seen: ArrayLike, *, distance: str) -> Estimate:
    """Krippendorff's alpha for codings that are sets of codes.

    Parameters
    ----------
    members : array-like of bool, shape (n_units, n_coders, n_codes)
        Which codes each coder gave to each unit.
    seen : array-like of bool, shape (n_units, n_coders)
        Whether that coder coded that unit; an empty set that was seen is the coding "no code applies".
    distance : str
        "jaccard" or "masi". MASI is harder on sets of unequal size.

    Returns
    -------
    Estimate
        As for `krippendorff_alpha`.

    Raises
    ------
    StudyError
        If the shapes do not fit, the distance is unknown, or a coder gave codes to a unit not seen.
    """
    if distance not in DISTANCES:
        raise StudyError(
            f"distance {distance!r} between sets is not known; choose one of {', '.join(DISTANCES)}"
        )
    positions, sets = set_positions(members, seen)
    table = masi_distance(sets) if distance == "masi" else jaccard_distance(sets)
    return distance_alpha(positions, table, name=f"krippendorff_alpha_{distance}")


def set_positions(members: ArrayLike, seen: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Number the distinct sets.

    Parameters
    ----------
    members, seen : array-like of bool
        As for `set_alpha`.

    Returns
    -------
    positions : array of int64, shape (n_units, n_coders)
        Number of the set, -1 where not coded.
    sets : array of bool, shape (n_sets, n_codes)
        Which codes each set holds.
    """
    given, coded_here = np.asarray(members, dtype=bool), np.asarray(seen, dtype=bool)
    if given.ndim != 3 or given.shape[:2] != coded_here.shape:
        raise StudyError(
            "sets must be units x coders x codes, and seen units x coders; "
            f"found {given.shape} and {coded_here.shape}"
        )
    stray = given.any(axis=2) & ~coded_here
    if stray.any():
        unit, coder = np.argwhere(stray)[0]
        raise StudyError(
            f"unit {unit}, coder {coder}: codes were given to a unit marked as not coded; settle which"
        )
    positions = np.full(coded_here.shape, NOT_CODED, dtype=np.int64)
    sets, number = np.unique(given[coded_here], axis=0, return_inverse=True)
    positions[coded_here] = number.ravel()
    if len(sets) == 0:
        sets = np.zeros((1, given.shape[2]), dtype=bool)
    return positions, sets


def primary_secondary_alpha(
    primary: ArrayLike, secondary: ArrayLike, n_codes: int, *, primary_weight: float
) -> Estimate:
    """Krippendorff's alpha for a primary and an optional secondary code.

    Parameters
    ----------
    primary, secondary : array-like of int, shape (n_units, n_coders)
        Positions in the codebook; -1 where not coded, or where there is no secondary code.
    n_codes : int
        Number of codes in the codebook, used or not.
    primary_weight : float
        Share of the primary code where there is a secondary one: 1/2 ignores which is which, 2/3 counts the
        primary double, 1 ignores the secondary.

    Returns
    -------
    Estimate
        Distance is the share of codes on which two codings differ.

    Raises
    ------
    StudyError
        If the weight is not from 1/2 to 1, or a secondary code stands without a primary or repeats it.
    """
    if not 0.5 <= primary_weight <= 1:
        raise StudyError(f"the primary code's weight must lie from 1/2 to 1; found {primary_weight}")
    first, second = checked_positions(primary, n_codes), checked_positions(secondary, n_codes)
    if first.shape != second.shape:
        raise StudyError(
            f"primary and secondary codes must fit; found shapes {first.shape} and {second.shape}"
        )
    _refuse_odd_secondary(first, second)
    key = np.where(first < 0, -1, first.astype(np.int64) * (n_codes + 1) + second + 1)
    kinds, number = np.unique(key[key >= 0], return_inverse=True)
    refuse_large_table(len(kinds), "pairs of a primary and a secondary code")
    positions = np.full(key.shape, NOT_CODED, dtype=np.int64)
    positions[key >= 0] = number
    shares = _shares(kinds, n_codes, primary_weight) if len(kinds) else np.ones((1, 1))
    return distance_alpha(positions, share_distance(shares), name="krippendorff_alpha_primary_secondary")


def _shares(kinds: NDArray[np.int64], n_codes: int, primary_weight: float) -> Floats:
    """Share of each code in each kind of coding, shape (n_kinds, number of codes in use)."""
    one, two = kinds // (n_codes + 1), kinds % (n_codes + 1) - 1
    used = np.unique(np.concatenate([one, two[two >= 0]]))
    shares = np.zeros((len(kinds), len(used)))
    row, both = np.arange(len(kinds)), two >= 0
    shares[row, np.searchsorted(used, one)] = np.where(both, primary_weight, 1.0)
    shares[row[both], np.searchsorted(used, two[both])] = 1 - primary_weight
    return shares


def _refuse_odd_secondary(first: NDArray[np.integer], second: NDArray[np.integer]) -> None:
    for odd, why in (
        ((second >= 0) & (first < 0), "stands without a primary code"),
        ((second >= 0) & (first == second), "repeats the primary code"),
    ):
        if odd.any():
            unit, coder = np.argwhere(odd)[0]
            raise StudyError(
                f"unit {unit}, coder {coder}: the secondary code {why} ({int(odd.sum())} such coding(s)); "
                "give a primary code and another secondary, or none"
            )


def _jaccard(members: ArrayLike) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Jaccard overlap of every two sets, size of their intersection, and size of each set."""
    given = np.asarray(members, dtype=bool)
    if given.ndim != 2:
        raise StudyError(f"sets must be a table of sets by codes; found {given.ndim} dimension(s)")
    refuse_large_table(len(given), "distances between sets")
    whole = given.astype(np.int64)
    shared, size = np.einsum("ik,jk->ij", whole, whole), whole.sum(axis=1)
    union = size[:, None] + size[None, :] - shared
    return np.where(union > 0, shared / np.maximum(union, 1), 1.0), shared, size
