"""Omega of a scale under one factor: the share of the sum's variance that the factor explains.

Source: McDonald (1999), Test Theory, chapter 6; fitted to raw covariances by maximum likelihood. Answers are
taken as numbers: omega from polychoric correlations is not given.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.methods.scales.alpha import NOTHING, TOO_FEW_ITEMS, TOO_FEW_ROWS
from nsi.methods.scales.case_places import case_places
from nsi.methods.scales.cross_products import (
    CrossProducts,
    Floats,
    answer_values,
    complete_rows,
    cross_products,
    one_group,
)
from nsi.methods.scales.one_factor import fit_one_factor

CONSTANT_ITEM = "constant_item"
SINGULAR = "singular"
NOT_CONVERGED = "not_converged"
HEYWOOD = "heywood"
NEGATIVE_LOADING = "negative_loading"
SMALLEST = 1e-8  # least eigenvalue of a correlation matrix that counts as positive definite


class OmegaResult(NamedTuple):
    """Omega of one scale in one set of respondents, with the factor it rests on.

    Attributes
    ----------
    estimate : float
        From 0 to 1. NaN where `flag` says why it is undefined.
    flag : str
        "" where all is well. Undefined: "too_few_items" (fewer than 3), "too_few_rows" (fewer than 2 complete
        respondents), "constant_item", "singular" (an item follows from others, or no more respondents than
        items), "not_converged" (no best factor exists or was found). Estimated, but to be read with care:
        "heywood" (a uniqueness is not above 0: the model does not hold; undefined too where they sum to less
        than 0), "negative_loading" (an item runs against the others: is it reversed?).
    n : int
        Respondents who answered every item.
    loadings, uniquenesses : Series, shape (k,)
        In the items' own unit and its square, by item; NaN where there was nothing to fit or it failed.
    gradient : float
        Largest absolute derivative of the discrepancy at the end, for standardised items; NaN where nothing
        was fitted.
    """

    estimate: float
    flag: str
    n: int
    loadings: pd.Series
    uniquenesses: pd.Series
    gradient: float


class Omegas(NamedTuple):
    """Omega of many sets of respondents; parts as in `OmegaResult`, one row per set."""

    estimate: Floats
    flag: list[str]
    loadings: Floats
    uniquenesses: Floats
    gradient: Floats


def one_factor_omega(answers: pd.DataFrame) -> OmegaResult:
    """Omega under one factor, from complete respondents.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, k)
        One column per item, already reversed; NaN where not answered.

    Returns
    -------
    OmegaResult
        NaN and a flag where undefined. About 1 ms; `omegas_of` takes many sets at once.

    Raises
    ------
    StudyError
        If an item occurs twice.
    """
    values = answer_values(answers)
    values = values[complete_rows(values)]
    products = cross_products(values, one_group(values), 1)
    return _result(omegas_of(products, np.array([len(values) - 1])), len(values), answers)


def within_omega(answers: pd.DataFrame, cases: pd.Series) -> OmegaResult:
    """Omega of the differences among respondents of the same case.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, k)
        One column per item, already reversed; who left one out is not used.
    cases : Series, shape (n_respondents,)
        Case of each respondent, in the order of the rows.

    Returns
    -------
    OmegaResult
        Of the deviations of each item from its mean in the case.

    Raises
    ------
    StudyError
        If a respondent has no case, or rows do not match.
    """
    values = answer_values(answers)
    place, names = case_places(cases, len(values))
    full = complete_rows(values)
    parts = cross_products(values[full], place[full], len(names))
    freedom = full.sum() - len(np.unique(place[full]))
    return _result(omegas_of(parts.pooled, np.array([freedom])), int(full.sum()), answers)


def omegas_of(products: CrossProducts, freedom: NDArray[np.number]) -> Omegas:
    """Omega of each of many sets of complete respondents.

    Parameters
    ----------
    products : CrossProducts, n_groups sets
        Of respondents who answered every item.
    freedom : array of number, shape (n_groups,)
        Degrees of freedom: respondents less 1, or less the number of cases.

    Returns
    -------
    Omegas
        NaN and a flag where undefined. No set influences another.
    """
    n_sets, k = products.sums.shape[:2]
    loadings, uniquenesses = np.full((2, n_sets, k), np.nan)
    estimate, gradient = np.full((2, n_sets), np.nan)
    unit, correlation, flags = _standardised(products, freedom)
    fit = np.flatnonzero(flags == "")
    if len(fit):
        factor = fit_one_factor(correlation[fit])
        gradient[fit] = factor.gradient
        flags[fit] = np.where(factor.converged, "", NOT_CONVERGED)
        good = fit[factor.converged]
        loadings[good] = factor.loadings[factor.converged] * unit[good]
        uniquenesses[good] = factor.uniquenesses[factor.converged] * unit[good] ** 2
        flags[good] = _care(loadings[good], uniquenesses[good])
        estimate[good] = _explained(loadings[good], uniquenesses[good])
    return Omegas(estimate, flags.tolist(), loadings, uniquenesses, gradient)


def _standardised(products: CrossProducts, freedom: NDArray[np.number]) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Each item's standard deviation, their correlations, and why no factor can be sought."""
    n_sets, k = products.sums.shape[:2]
    flags = np.full(n_sets, "", dtype=object)
    if k < 3:
        flags[:] = TOO_FEW_ITEMS
        return np.empty((n_sets, k)), np.empty((n_sets, k, k)), flags
    respondents = np.maximum(products.counts[:, 0, 0], 1)  # maximum likelihood divides by n
    unit = np.sqrt(np.diagonal(products.sums, axis1=1, axis2=2) / respondents[:, None])
    constant = (unit**2 <= NOTHING * (unit**2).max(axis=1, keepdims=True)).any(axis=1)
    safe = np.where(constant[:, None], 1.0, unit)
    correlation = products.sums / respondents[:, None, None] / safe[:, :, None] / safe[:, None, :]
    flat = np.linalg.eigvalsh(correlation)[:, 0] < SMALLEST
    flags[:] = np.select([freedom < 1, constant, flat], [TOO_FEW_ROWS, CONSTANT_ITEM, SINGULAR], "")
    return unit, correlation, flags


def _care(loadings: Floats, uniquenesses: Floats) -> NDArray[np.object_]:
    improper, against = (uniquenesses <= 0).any(axis=1), (loadings < 0).any(axis=1)
    return np.select([improper, against], [HEYWOOD, NEGATIVE_LOADING], "").astype(object)


def _explained(loadings: Floats, uniquenesses: Floats) -> Floats:
    common, own = loadings.sum(axis=1) ** 2, uniquenesses.sum(axis=1)
    return np.where(own < 0, np.nan, common / np.where(own < 0, 1.0, common + own))


def _result(omegas: Omegas, n: int, answers: pd.DataFrame) -> OmegaResult:
    loadings, uniquenesses = (
        pd.Series(part[0], index=answers.columns) for part in (omegas.loadings, omegas.uniquenesses)
    )
    return OmegaResult(float(omegas.estimate[0]), omegas.flag[0], n, loadings, uniquenesses, float(omegas.gradient[0]))
