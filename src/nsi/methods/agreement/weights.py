"""How much two unlike codes still agree: agreement weights from 0 to 1, 1 on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nsi.errors import StudyError
from nsi.methods.agreement.counts import Floats

WEIGHTS = ("identity", "linear", "quadratic", "ordinal")
HUGE = 1e100  # squares of larger numbers leave the range of floats
LARGEST = 4000  # codes; a full table of code by code beyond that takes more than 128 MB


def agreement_weights(kind: str, n_codes: int, values: ArrayLike | None = None) -> Floats:
    """Weights of a published kind.

    Parameters
    ----------
    kind : str
        "identity" (codes agree or not), "linear", "quadratic", or "ordinal" (Gwet's, from the ranks).
    n_codes : int
        Number of codes in the codebook, used or not.
    values : array-like of float, shape (n_codes,), optional
        What each code stands for, for linear and quadratic weights; 1, 2, 3, ... where not given.

    Returns
    -------
    array of float, shape (n_codes, n_codes)
        Symmetric; 1 is full agreement.

    Raises
    ------
    StudyError
        If the kind is unknown, or there are too many codes for a full table.

    Source: Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., chapter 3.
    """
    if kind not in WEIGHTS:
        raise StudyError(f"agreement weights {kind!r} are not known; choose one of {', '.join(WEIGHTS)}")
    refuse_large_table(n_codes, f"{kind} weights")
    if kind == "identity" or n_codes == 1:
        return np.eye(n_codes)
    if kind == "ordinal":
        apart = np.abs(np.subtract.outer(np.arange(n_codes), np.arange(n_codes)))
        lost = apart * (apart + 1.0) / 2  # pairs of codes that lie within the step, both ends included
    else:
        point = np.arange(1.0, n_codes + 1) if values is None else code_values(values, n_codes)
        lost = np.abs(np.subtract.outer(point, point)) ** (1 if kind == "linear" else 2)
    widest = lost.max()
    return 1 - lost / widest if widest > 0 else np.ones_like(lost)


def checked_weights(weights: ArrayLike, n_codes: int) -> Floats:
    """Return a caller's own weights, or say what is wrong with them.

    Parameters
    ----------
    weights : array-like of float, shape (n_codes, n_codes)
        1 on the diagonal, symmetric, from 0 to 1.
    n_codes : int
        Number of codes in the codebook.

    Raises
    ------
    StudyError
        If the table has another shape, is not symmetric, leaves 0 to 1, or its diagonal is not 1.
    """
    table = np.asarray(weights, dtype=np.float64)
    if table.shape != (n_codes, n_codes):
        raise StudyError(f"weights must be a table of {n_codes} x {n_codes} codes; found shape {table.shape}")
    if not (np.isfinite(table).all() and (table >= 0).all() and (table <= 1).all()):
        raise StudyError("weights must lie from 0 (no agreement) to 1 (full agreement), none missing")
    if (table != table.T).any() or (np.diag(table) != 1).any():
        raise StudyError("weights must be symmetric with 1 on the diagonal: a code agrees fully with itself")
    return table


def code_values(values: ArrayLike | Sequence[float], n_codes: int) -> Floats:
    """Return what the codes stand for as numbers, or say which one cannot be used.

    Parameters
    ----------
    values : array-like of float, shape (n_codes,)
        One finite number for each code of the codebook, in its order.
    n_codes : int
        Number of codes in the codebook.

    Raises
    ------
    StudyError
        If there are more or fewer than `n_codes`, one is missing, infinite, huge or not a number, or two are
        equal.
    """
    try:
        point = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StudyError(f"code values must be numbers, one for each code; found {values!r}") from error
    if point.shape != (n_codes,):
        raise StudyError(f"code values must be {n_codes}, one for each code; found shape {point.shape}")
    odd = ~(np.abs(point) <= HUGE)
    if odd.any():
        place = int(np.flatnonzero(odd)[0])
        raise StudyError(
            f"code values must be finite and within {HUGE:g}; code {place} stands for {point[place]}; "
            "give it a number"
        )
    if len(np.unique(point)) < n_codes:
        raise StudyError(
            "two codes stand for the same number, so nothing tells them apart; make them one code"
        )
    return point


def refuse_large_table(n_codes: int, what: str) -> None:
    """Stop before a table of code by code would fill the memory.

    Parameters
    ----------
    n_codes : int
        Number of codes.
    what : str
        What needs the table, for the error text.
    """
    if n_codes > LARGEST:
        raise StudyError(
            f"{what} need a table of {n_codes} x {n_codes} codes, the limit is {LARGEST}; "
            "use a nominal, ordinal or interval alpha, which need no such table"
        )
