"""What a coefficient gives back, and why it may be undefined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nsi.methods.agreement.counts import Coded, Floats
from nsi.methods.agreement.sums import Entries, standing, totals

EMPTY = "empty"
SINGLE_CODER = "single_coder"
NO_OVERLAP = "no_overlap"
NO_VARIATION = "no_variation"


class Estimate(NamedTuple):
    """One coefficient of one set of codes.

    Attributes
    ----------
    coefficient : str
        Its name.
    estimate : float
        1 is full agreement. NaN where `flag` says why it is undefined.
    observed, expected : float
        Disagreement observed and expected by chance; the estimate is 1 - observed / expected.
    se : float
        Standard error; NaN where none is published for this coefficient, or it is undefined.
    se_method : str
        Which definition `se` follows; "" where there is none.
    flag : str
        "" where the estimate is defined; else "empty" (nothing was coded), "single_coder", "no_overlap" (no
        unit was coded by two coders) or "no_variation" (only one code was ever given, or codes at no
        distance).
    n_units, n_pairable, n_ratings, n_coders : int
        Units with a code, units with two or more, codes given, coders who gave any.
    """

    coefficient: str
    estimate: float
    observed: float
    expected: float
    se: float
    se_method: str
    flag: str
    n_units: int
    n_pairable: int
    n_ratings: int
    n_coders: int


class Coefficient(Protocol):
    """What a coefficient must be able to do: declare its sums, and make a ratio of them."""

    @property
    def name(self) -> str:
        """Name for tables."""

    @property
    def by_coder(self) -> bool:
        """Whether it must know who gave which code."""

    @property
    def needs_variation(self) -> bool:
        """Whether it is undefined when only one code was given."""

    @property
    def se_method(self) -> str:
        """Name of the definition of its standard error, "" where it has none."""

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """Sums it needs besides those of `standing`, by name."""

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """Observed and expected disagreement, each of shape (n_replicates,)."""

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Standard error of the estimate on the data themselves."""


def estimated(coefficient: Coefficient, data: Coded) -> Estimate:
    """Compute a coefficient and its standard error, or say why it is undefined.

    Parameters
    ----------
    coefficient : Coefficient
        What to compute.
    data : Coded
        Units by coders; with coders kept apart where the coefficient asks for them.

    Returns
    -------
    Estimate
        NaN and a flag where undefined, never 0 or 1.
    """
    flag = missing_design(data)
    observed = expected = value = se = np.nan
    if not flag:
        sums = totals({**standing(data), **coefficient.entries(data)}, data.times)
        observed, expected = (float(part[0]) for part in coefficient.disagreement(data, sums))
        value = float(ratio(coefficient, sums, np.array([observed]), np.array([expected]))[0])
        flag = NO_VARIATION if np.isnan(value) else ""
        se = np.nan if flag or not coefficient.se_method else coefficient.standard_error(data, sums)
    method = "" if np.isnan(se) else coefficient.se_method
    counts = (data.n_units, data.n_pairable, data.n_ratings, data.n_coders)
    return Estimate(coefficient.name, value, observed, expected, se, method, flag, *counts)


def estimate_alone(coefficient: Coefficient, data: Coded) -> float:
    """Estimate as `estimated` gives it, without its standard error; NaN where undefined.

    Parameters
    ----------
    coefficient, data
        As for `estimated`.
    """
    if missing_design(data):
        return np.nan
    sums = totals({**standing(data), **coefficient.entries(data)}, data.times)
    return float(ratio(coefficient, sums, *coefficient.disagreement(data, sums))[0])


def missing_design(data: Coded) -> str:
    """Name what the data lack before any coefficient could be computed; "" where nothing is lacking.

    Parameters
    ----------
    data : Coded
        Units by coders.
    """
    if data.n_ratings == 0:
        return EMPTY
    if data.n_coders < 2:
        return SINGLE_CODER
    return "" if data.n_pairable else NO_OVERLAP


def ratio(coefficient: Coefficient, sums: Mapping[str, Floats], observed: Floats, expected: Floats) -> Floats:
    """Form 1 - observed / expected, NaN in replicates where that says nothing.

    Parameters
    ----------
    coefficient : Coefficient
        Whose disagreements these are.
    sums : mapping of str to array, shape (n_replicates, n_columns)
        Sums with those of `standing`.
    observed, expected : array of float, shape (n_replicates,)
        Disagreement.

    Returns
    -------
    array of float, shape (n_replicates,)
        NaN where no unit was pairable, or where only one code was given and the coefficient needs two.
    """
    defined: NDArray[np.bool_] = (sums["pairable"][:, 0] > 0) & (expected > 0)
    if coefficient.needs_variation:
        defined &= (sums["paired"] > 0).sum(axis=1) > 1
    return np.where(defined, 1 - observed / np.where(defined, expected, 1.0), np.nan)
