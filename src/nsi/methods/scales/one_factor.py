"""One factor by maximum likelihood: Newton's method with exact derivatives, on many correlation matrices at once.

The model says correlation = l l' + diag(u), loadings l and uniquenesses u. The discrepancy
log|model| + tr(correlation model^-1) is made smallest over both. A uniqueness is free to fall below 0, which
shows that the model does not hold, rather than being stopped at a bound.

Source: Joreskog (1967), Psychometrika 32:443, for the discrepancy; the derivatives follow from
d model^-1 = -model^-1 (d model) model^-1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nsi.methods.scales.cross_products import Floats

STEPS = 100  # Newton needs about 6; what has not settled by then runs off to infinite loadings
HALVINGS = 40
SETTLED = 1e-18  # twice what the discrepancy could still fall; loadings are then good to about 1e-9
CURVED = 1e-9  # least curvature, relative to the largest, at which a minimum counts as one point
ROUNDING = 1e-13
LEAST_UNIQUENESS = 0.1  # at the start only


class OneFactor(NamedTuple):
    """One factor fitted to each of many correlation matrices.

    Attributes
    ----------
    loadings, uniquenesses : array of float, shape (n, k)
        In units of standardised items; loadings sum to 0 or more.
    gradient : array of float, shape (n,)
        Largest absolute derivative of the discrepancy at the end.
    converged : array of bool, shape (n,)
        Whether the end is a minimum: no slope is left, and it curves up in every direction.
    """

    loadings: Floats
    uniquenesses: Floats
    gradient: Floats
    converged: NDArray[np.bool_]


def fit_one_factor(correlation: Floats) -> OneFactor:
    """Fit one factor to each correlation matrix.

    Parameters
    ----------
    correlation : array of float, shape (n, k, k)
        Positive definite, with k of at least 3.

    Returns
    -------
    OneFactor
        Matrices do not influence each other. Where `converged` is False the numbers mean nothing.
    """
    n, k = correlation.shape[:2]
    point = _start(correlation)
    slope, converged = np.full(n, np.inf), np.zeros(n, dtype=bool)
    active = np.arange(n)
    for _ in range(STEPS):
        if len(active) == 0:
            break
        among, here = correlation[active], point[active]
        gradient, hessian = _derivatives(among, here)
        curve, axes = np.linalg.eigh(hessian)
        along = np.einsum("nij,ni->nj", axes, gradient)
        # The size of each curvature, not its sign: from a saddle the step still leads down.
        size = np.maximum(np.abs(curve), CURVED * np.abs(curve).max(axis=1, keepdims=True))
        step = -np.einsum("nij,nj->ni", axes, along / size)
        fall = -(along**2 / size).sum(axis=1)
        slope[active] = np.abs(gradient).max(axis=1)
        done = -fall <= SETTLED
        converged[active] = done & (curve[:, 0] > CURVED * curve[:, -1])
        point[active[~done]] = _downhill(among[~done], here[~done], step[~done], fall[~done])
        active = active[~done]
    sign = np.where(point[:, :k].sum(axis=1) < 0, -1.0, 1.0)[:, None]
    return OneFactor(point[:, :k] * sign, point[:, k:], slope, converged)


def _start(correlation: Floats) -> Floats:
    """First principal axis with squared multiple correlations as communalities, in closed form."""
    places = np.arange(correlation.shape[1])
    reduced = correlation.copy()
    reduced[:, places, places] -= 1 / np.linalg.inv(correlation)[:, places, places]
    size, axes = np.linalg.eigh(reduced)
    loading = axes[:, :, -1] * np.sqrt(np.maximum(size[:, -1:], LEAST_UNIQUENESS))
    return np.hstack([loading, np.maximum(1 - loading**2, LEAST_UNIQUENESS)])


def _model(point: Floats) -> Floats:
    k = point.shape[1] // 2
    loading, places = point[:, :k], np.arange(k)
    model = loading[:, :, None] * loading[:, None, :]
    model[:, places, places] += point[:, k:]
    return model


def _discrepancy(correlation: Floats, point: Floats) -> Floats:
    """Infinite where the model is no covariance matrix."""
    k = point.shape[1] // 2
    model = _model(point)
    sign, log_size = np.linalg.slogdet(model)
    # Adding one factor lifts at most one uniqueness over 0, so that with one below, the determinant decides.
    proper = ((point[:, k:] <= 0).sum(axis=1) <= 1) & (sign > 0) & np.isfinite(log_size)
    model[~proper] = np.eye(k)
    trace = np.einsum("nij,nji->n", correlation, np.linalg.inv(model))
    return np.where(proper, log_size + trace, np.inf)


def _derivatives(correlation: Floats, point: Floats) -> tuple[Floats, Floats]:
    """Gradient, shape (n, 2k), and matrix of second derivatives, shape (n, 2k, 2k)."""
    n, k = len(point), point.shape[1] // 2
    loading, places = point[:, :k], np.arange(k)
    inverse: Floats = np.asarray(np.linalg.inv(_model(point)), dtype=np.float64)
    twice = inverse @ correlation @ inverse
    apart: Floats = inverse - twice
    mixed: Floats = 2 * twice - inverse
    w, m = _times(inverse, loading), _times(mixed, loading)
    gradient: Floats = np.hstack([2 * _times(apart, loading), apart[:, places, places]])
    hessian = np.empty((n, 2 * k, 2 * k))
    hessian[:, k:, k:] = inverse * mixed
    hessian[:, :k, k:] = inverse * m[:, None, :] + mixed * w[:, None, :]
    hessian[:, k:, :k] = hessian[:, :k, k:].transpose(0, 2, 1)
    crossed = w[:, :, None] * m[:, None, :]
    along_w, along_m = (loading * w).sum(axis=1)[:, None, None], (loading * m).sum(axis=1)[:, None, None]
    hessian[:, :k, :k] = crossed + crossed.transpose(0, 2, 1) + inverse * along_m + mixed * along_w + 2 * apart
    return gradient, hessian


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.einsum("nij,nj->ni", matrix, vector)


def _downhill(correlation: Floats, here: Floats, step: Floats, fall: Floats) -> Floats:
    """The first of the whole step, its half, quarter and so on that lowers the discrepancy enough."""
    before = _discrepancy(correlation, here)
    point, length = here.copy(), np.ones(len(here))
    waiting = np.arange(len(here))
    for _ in range(HALVINGS):
        if len(waiting) == 0:
            break
        there = here[waiting] + length[waiting, None] * step[waiting]
        most = before[waiting] + 1e-4 * length[waiting] * fall[waiting] + ROUNDING
        lower = _discrepancy(correlation[waiting], there) <= most
        point[waiting[lower]] = there[lower]
        waiting = waiting[~lower]
        length[waiting] /= 2
    return point
