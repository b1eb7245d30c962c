"""Codings drawn at random with a given agreement, and the shares of codes to draw them with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.methods.coded_units import coded_units


def simulated_codings(
    prevalence: Sequence[float] | NDArray[np.float64],
    n_units: int,
    n_coders: int,
    alpha: float,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw codings whose expected alpha is given, at every level of measurement.

    Parameters
    ----------
    prevalence : sequence of float, shape (n_codes,)
        Share of each code, summing to 1.
    n_units, n_coders : int
        Size of the table.
    alpha : float
        From 0 to 1.
    generator : numpy Generator
        Where random numbers come from.

    Returns
    -------
    array of int64, shape (n_units, n_coders)
        Positions of codes; no gaps.

    Notes
    -----
    Every unit has a true code, drawn by prevalence. A coder sees it with probability sqrt(alpha), and
    otherwise draws a code by prevalence. Two coders both see it with probability alpha; else their codes are
    independent, so that observed disagreement is 1 - alpha times that of chance, under any distance.
    """
    edges = np.cumsum(np.asarray(prevalence, dtype=np.float64))[:-1]
    true = np.searchsorted(edges, generator.random(n_units), side="right")
    guess = np.searchsorted(edges, generator.random((n_units, n_coders)), side="right")
    sees = generator.random((n_units, n_coders)) < np.sqrt(alpha)
    return np.where(sees, true[:, None], guess).astype(np.int64)


def code_shares(ratings: pd.DataFrame, *, field: str, codes: Sequence[str]) -> dict[str, float]:
    """Share of each code among all ratings of a field, as `units_to_double_code` takes them.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order; one never given has share 0.

    Raises
    ------
    StudyError
        As for `reliability`; if there is no rating.
    """
    positions = coded_units(ratings, field=field, codes=codes).positions
    given = positions[positions >= 0]
    if not len(given):
        raise StudyError(f"field {field!r} has no ratings to take shares of codes from; give the shares by hand")
    counts = np.bincount(given, minlength=len(codes)) / len(given)
    return {code: float(share) for code, share in zip(codes, counts, strict=True)}
