"""Percentile intervals by drawing units, or whole clusters of units, with replacement.

Equal units are drawn together, as one row with a multinomial weight; replicates are computed in blocks.
Replicates in which a coefficient is undefined are counted and left out of the interval.

Source: Zapf et al. (2016), BMC Medical Research Methodology 16:93; Hayes and Krippendorff (2007).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nsi.errors import StudyError
from nsi.methods.agreement.counts import Coded, Floats, Integers, coded
from nsi.methods.agreement.results import Coefficient, missing_design, ratio
from nsi.methods.agreement.sums import BLOCK, Entries, in_clusters, standing, weighted_totals

DRAWS_PER_ROW = 7  # a multinomial number costs about as much as drawing this many units one by one


@dataclass(frozen=True, eq=False)
class Interval:
    """Bootstrap of one coefficient.

    Attributes
    ----------
    low, high : float
        Percentile interval; NaN where no replicate is defined or fewer than two units (clusters) can be
        drawn.
    shares_below : tuple of float
        For each cut-off, the share of defined replicates below it.
    n_undefined : int
        Replicates without an estimate, for example because every code drawn was the same.
    n_drawn : int
        Units, or clusters, drawn in each replicate. An interval from a handful of clusters says little.
    replicates : array of float, shape (n_replicates,)
        All replicates, NaN where undefined.
    """

    low: float
    high: float
    shares_below: tuple[float, ...]
    n_undefined: int
    n_drawn: int
    replicates: Floats


def bootstrap(
    positions: ArrayLike,
    n_codes: int,
    coefficients: Sequence[Coefficient],
    *,
    replicates: int,
    seed: int,
    confidence: float = 0.95,
    cutoffs: Sequence[float] = (),
    cluster: ArrayLike | None = None,
) -> dict[str, Interval]:
    """Interval of each coefficient by resampling units or clusters of units.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook.
    coefficients : sequence of Coefficient
        What to compute, with different names. An interval does not depend on what else is asked for.
    replicates : int
        How many.
    seed : int
        Same seed, same data: same interval.
    confidence : float
        Share of replicates inside the interval, for example 0.95.
    cutoffs : sequence of float
        Values of which the share of replicates below is wanted.
    cluster : array-like, shape (n_units,), optional
        What is drawn instead of single units, for example the document that a unit was cut from.

    Returns
    -------
    dict of str to Interval
        By name of coefficient. Units that nobody coded are never drawn.
    """
    _check(replicates, confidence)
    result: dict[str, Interval] = {}
    for by_coder in (False, True):
        group = [part for part in coefficients if part.by_coder == by_coder]
        if group:
            sample = _sample(positions, n_codes, by_coder, cluster)
            values = _replicated(sample, group, replicates, seed)
            for part in group:
                result[part.name] = _interval(values[part.name], sample.n_drawn, confidence, cutoffs)
    return {part.name: result[part.name] for part in coefficients}


def interval_of(
    data: Coded, coefficient: Coefficient, *, replicates: int, seed: int, confidence: float = 0.95
) -> Interval:
    """As `bootstrap`, of one coefficient on units that were put together already; it must not ask who gave a code."""
    _check(replicates, confidence)
    values = _replicated(_Sample(data, None, data.times), [coefficient], replicates, seed)[coefficient.name]
    return _interval(values, data.n_units, confidence, ())


@dataclass(frozen=True, eq=False)
class _Sample:
    """What is drawn: rows that stand for `times` units each, or clusters that stand for themselves."""

    data: Coded
    cluster: Integers | None
    times: Integers

    @property
    def n_drawn(self) -> int:
        return int(self.times.sum())


def _sample(positions: ArrayLike, n_codes: int, by_coder: bool, cluster: ArrayLike | None) -> _Sample:
    if cluster is None:
        data = coded(positions, n_codes, by_coder=by_coder)
        return _Sample(data, None, data.times)
    table, label = np.asarray(positions), np.asarray(cluster)
    if label.shape != (len(table),):
        raise StudyError(
            f"cluster must name one cluster for each of {len(table)} units; found shape {label.shape}"
        )
    data = coded(table, n_codes, by_coder=by_coder, merge=False)
    kept = label[(table >= 0).any(axis=1)] if table.size else label[:0]
    names, number = np.unique(kept, return_inverse=True)
    return _Sample(data, number.astype(np.int64), np.ones(len(names), dtype=np.int64))


def _replicated(
    sample: _Sample, group: Sequence[Coefficient], replicates: int, seed: int
) -> dict[str, Floats]:
    """All replicates of coefficients that look at the same rows."""
    values = {part.name: np.full(replicates, np.nan) for part in group}
    if missing_design(sample.data):
        return values
    sums: Mapping[str, Entries] = dict(standing(sample.data))
    for part in group:
        sums = {**sums, **part.entries(sample.data)}
    if sample.cluster is not None:
        sums = in_clusters(sums, sample.cluster)
    for here, weights in _drawn(sample.times, replicates, seed):
        drawn = weighted_totals(sums, weights)
        for part in group:
            values[part.name][here] = ratio(part, drawn, *part.disagreement(sample.data, drawn))
    return values


def _drawn(times: Integers, replicates: int, seed: int) -> Iterator[tuple[slice, Floats]]:
    """How often each row is drawn in a block of replicates, shape (n_in_block, n_rows)."""
    generator = np.random.default_rng(seed)
    n_rows, n_units = len(times), int(times.sum())
    few_rows = n_rows * DRAWS_PER_ROW < n_units
    row_of_unit = np.repeat(np.arange(n_rows), times)
    step = max(1, BLOCK // (n_rows if few_rows else n_units))
    for start in range(0, replicates, step):
        here = slice(start, min(start + step, replicates))
        size = here.stop - here.start
        if few_rows:
            weights: NDArray[np.int64] = generator.multinomial(n_units, times / n_units, size=size)
        else:
            place = generator.integers(0, n_units, size=(size, n_units))
            if n_rows < n_units:
                place = row_of_unit[place]
            place += np.arange(size)[:, None] * n_rows
            weights = np.bincount(place.ravel(), minlength=size * n_rows).reshape(size, n_rows)
        yield here, weights.astype(np.float64)


def _interval(values: Floats, n_drawn: int, confidence: float, cutoffs: Sequence[float]) -> Interval:
    defined = values[~np.isnan(values)]
    n_undefined = len(values) - len(defined)
    if (
        not len(defined) or n_drawn < 2
    ):  # one unit drawn again and again shows no spread, which is not certainty
        return Interval(np.nan, np.nan, tuple(np.nan for _ in cutoffs), n_undefined, n_drawn, values)
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    below = tuple(float((defined < cutoff).mean()) for cutoff in cutoffs)
    return Interval(float(low), float(high), below, n_undefined, n_drawn, values)


def _check(replicates: int, confidence: float) -> None:
    if replicates < 1:
        raise StudyError(f"a bootstrap needs at least 1 replicate; found {replicates}")
    if not 0 < confidence < 1:
        raise StudyError(f"confidence must lie between 0 and 1, for example 0.95; found {confidence}")
