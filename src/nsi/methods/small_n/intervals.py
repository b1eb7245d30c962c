"""Intervals for effects among few cases, each by a way that holds there, named in the result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nsi.errors import StudyError
from nsi.methods.small_n.comparison import Comparison, Integers
from nsi.methods.small_n.effects import (
    CRAMER,
    ODDS,
    chi_squared,
    effect_estimate,
    effect_name,
    limits,
    tilted,
)

NAN = float("nan")


@dataclass(frozen=True)
class Effect:
    """An effect with its interval.

    Attributes
    ----------
    name : str
        What was measured: odds ratio, Cramer's V (corrected for bias), Cliff's delta (positive where the
        second group is higher), epsilon squared, Spearman's rho or Kendall's tau-b.
    estimate, low, high : float
        NaN where undefined. An odds ratio may be 0 or infinite.
    method : str
        exact_conditional, newcombe_score, fisher_z_approximate or
        noncentral_chi_squared_approximate; "" where undefined.
    flag : str
        Why a number is missing: the flag of the comparison, interval_undefined; boundary (an end of the scale); or "".
    """

    name: str
    estimate: float
    low: float
    high: float
    method: str
    flag: str


def effect_of(comparison: Comparison, *, confidence: float = 0.95) -> Effect:
    """The effect that goes with a comparison, and an interval that is fit for few cases.

    Parameters
    ----------
    comparison : Comparison
        From `compared`.
    confidence : float
        Coverage, between 0 and 1.

    Returns
    -------
    Effect

    Raises
    ------
    StudyError
        If confidence does not lie between 0 and 1.

    Notes
    -----
    Drawing cases with replacement would bring small groups together with themselves and make every relation
    look strong, so nothing here is bootstrapped. Intervals of Cramer's V and epsilon squared start from the
    noncentral chi-squared distribution, which is rough for few cases, and are widened to hold the estimate.

    Source: odds ratio: Cornfield (1956), as R's fisher.test; Cliff's delta: Newcombe (2006), Statistics in
    Medicine 25, method 5; rho: Bonett and Wright (2000), Psychometrika 65; tau: Fieller, Hartley and Pearson
    (1957), Biometrika 44; Cramer's V: Smithson (2003), Confidence Intervals.
    """
    if not 0 < confidence < 1:
        raise StudyError(f"confidence must lie between 0 and 1, for example 0.95; found {confidence}")
    name = effect_name(comparison)
    estimate = effect_estimate(comparison)
    if comparison.flag:
        return Effect(name, NAN, NAN, NAN, "", comparison.flag)
    if name == ODDS:
        low, high = odds_interval(comparison.table, confidence)
        return Effect(name, estimate, low, high, "exact_conditional", "" if 0 < estimate < math.inf else "boundary")
    if name == "Cliff's delta":
        first, second = comparison.margins[0]
        low, high = delta_interval(estimate, first, second, confidence)
        return Effect(name, estimate, low, high, "newcombe_score", "" if abs(estimate) < 1 else "boundary")
    if name in ("Spearman's rho", "Kendall's tau-b"):
        low, high = correlation_interval(estimate, comparison.n, confidence, tau="tau" in name)
        method = "fisher_z_approximate"
    else:
        low, high = _widened(comparison, name, estimate, confidence)
        method = "noncentral_chi_squared_approximate"
    flag = "interval_undefined" if math.isnan(low) else ""
    return Effect(name, estimate, low, high, method, flag)


def odds_interval(table: Integers, confidence: float) -> tuple[float, float]:
    """Exact interval of an odds ratio: those under which neither tail of the table is too improbable."""
    first, second, with_it, least, most = limits(table)
    if least == most:
        return NAN, NAN
    here, tail = int(np.asarray(table)[0, 0]) - least, (1 - confidence) / 2

    def solved(*, upper: bool) -> float:
        low, high = -700.0, 700.0
        for _ in range(200):
            middle = (low + high) / 2
            weight = tilted(first, second, with_it, middle)
            part = float(weight[: here + 1].sum()) if upper else float(weight[here:].sum())
            low, high = (middle, high) if (part > tail) == upper else (low, middle)
        return math.exp((low + high) / 2)

    return (0.0 if here == 0 else solved(upper=False)), (math.inf if here == most - least else solved(upper=True))


def delta_interval(delta: float, first: int, second: int, confidence: float) -> tuple[float, float]:
    """Score interval of Cliff's delta, which keeps a width where the groups do not overlap at all.

    Parameters
    ----------
    delta : float
        From -1 to 1.
    first, second : int
        Sizes of the groups.
    confidence : float
        Coverage.

    Returns
    -------
    tuple of float
        Low and high, from -1 to 1.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = (delta + 1) / 2, (first + second) / 2 - 1

    def outside(theta: float) -> bool:
        shape = 1 + weight * (1 - theta) / (2 - theta) + weight * theta / (1 + theta)
        return (share - theta) ** 2 > z**2 * theta * (1 - theta) * shape / (first * second)

    def solved(inside: float, end: float) -> float:
        if not outside(end) or inside == end:
            return end
        for _ in range(100):
            middle = (inside + end) / 2
            inside, end = (inside, middle) if outside(middle) else (middle, end)
        return (inside + end) / 2

    return 2 * solved(share, 0.0) - 1, 2 * solved(share, 1.0) - 1


def correlation_interval(value: float, n: int, confidence: float, *, tau: bool = False) -> tuple[float, float]:
    """Approximate interval of a rank correlation by Fisher's z; NaN for too few cases and for -1 and 1."""
    beyond = 4 if tau else 3
    if n <= beyond or not abs(value) < 1:
        return NAN, NAN
    width = math.sqrt((0.437 if tau else 1 + value**2 / 2) / (n - beyond))
    z = NormalDist().inv_cdf((1 + confidence) / 2) * width
    return math.tanh(math.atanh(value) - z), math.tanh(math.atanh(value) + z)


def chi_squared_interval(found: float, freedom: int, confidence: float) -> tuple[float, float]:
    """Noncentralities under which neither tail of a chi-squared statistic is too improbable; from 0 up."""
    tail = (1 - confidence) / 2

    def solved(probability: float) -> float:
        if _noncentral(found, freedom, 0.0) <= probability:
            return 0.0
        low, high = 0.0, 1000.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if _noncentral(found, freedom, middle) > probability else (low, middle)
        return (low + high) / 2

    return solved(1 - tail), solved(tail)


def _noncentral(found: float, freedom: int, excess: float) -> float:
    """Probability that a noncentral chi-squared is at most `found`: a Poisson mixture of central ones."""
    half, mean, shape = found / 2, excess / 2, freedom / 2
    if half <= 0:
        return 0.0
    central = _gamma_share(shape, half)
    step = math.exp(shape * math.log(half) - half - math.lgamma(shape + 1))
    weight, total = math.exp(-mean), 0.0
    for k in range(int(mean + 12 * math.sqrt(mean + 1)) + 30):
        total += weight * max(central, 0.0)
        central -= step
        step *= half / (shape + k + 1)
        weight *= mean / (k + 1)
    return total


def _gamma_share(shape: float, value: float) -> float:
    """Regularised lower incomplete gamma function, by its series."""
    term = math.exp(shape * math.log(value) - value - math.lgamma(shape + 1))
    total, k = 0.0, 0
    while term > total * 1e-17:
        total += term
        k += 1
        term *= value / (shape + k)
    return total


def _widened(comparison: Comparison, name: str, estimate: float, confidence: float) -> tuple[float, float]:
    """Interval of Cramer's V or epsilon squared, on the scale of the estimate and never without it."""
    (rows, columns), n = (len(margin) for margin in comparison.margins), comparison.n
    if name == CRAMER:
        ends = chi_squared_interval(chi_squared(comparison.table), (rows - 1) * (columns - 1), confidence)
        least = min(k - (k - 1) ** 2 / (n - 1) for k in (rows, columns)) - 1
        low, high = (math.sqrt(min(1.0, end / (n * least))) if least > 0 else NAN for end in ends)
    else:
        ends = chi_squared_interval(estimate * (n - 1), rows - 1, confidence)
        low, high = (min(1.0, end / (n - 1)) for end in ends)
    return (min(low, estimate), max(high, estimate)) if not math.isnan(low + estimate) else (NAN, NAN)
