"""How strong a relation would have to be for a test of these cases to show it four times out of five."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.methods.small_n.comparison import TABLES, Comparison, Floats, Margin
from nsi.methods.small_n.distributions import compositions
from nsi.methods.small_n.nulls import null_of
from nsi.methods.small_n.scores import FACTORIALS, scores

POWER = 0.8
CORRELATED = ("spearman", "jonckheere")
DRAWS = 2000  # the share of tests that show something is then known to about 0.01
MOST_LISTED = 40_000  # tables written down one by one
STRONGEST_ODDS = 1e6
STRONGEST_SHIFT = 8.0  # standard deviations: two groups so far apart no longer overlap
CORRELATION, DELTA, SHARE, ODDS = "correlation", "Cliff's delta", "share of variance between groups", "odds ratio"


@dataclass(frozen=True)
class Detectable:
    """The smallest effect that a test would show with the power asked for.

    Attributes
    ----------
    value : float
        The effect, without its sign; NaN where none is strong enough.
    what : str
        Its scale: correlation (of the values behind the ranks), Cliff's delta of two groups, or, of more groups,
        the share of variance between them; odds ratio, between two sets of levels where there are more than two.
        Of the patterns tried (every two sets of groups or levels, and groups in even steps) the one that shows
        most easily; others have to be stronger.
    method : str
        exact_enumeration or simulation=<draws>; "" where not computed.
    flag : str
        detectable_none (no pattern tried shows often enough, however strong), detectable_too_many_tables, the flag of
        the comparison, or "".
    """

    value: float
    what: str
    method: str
    flag: str


def detectable_effect(
    comparison: Comparison, *, alpha: float, seed: int, power: float = POWER, draws: int = DRAWS
) -> Detectable:
    """Find the smallest effect that the comparison's test shows with a given power, under these margins.

    Parameters
    ----------
    comparison : Comparison
        Of which the margins count, and the test.
    alpha : float
        A test shows something where p is below it.
    seed : int
        Of the simulation, and of drawn arrangements where all are too many to count.
    power : float
        Share of tests that are to show it.
    draws : int
        Sets of cases simulated. All effects are tried on the same sets.

    Returns
    -------
    Detectable

    Notes
    -----
    Tables are enumerated under an odds ratio. Ranks are simulated: hidden normal values with a correlation, or
    with groups shifted, take the observed values of the columns in their order.
    """
    scale = ODDS if comparison.test in TABLES else DELTA
    scale = CORRELATION if comparison.test in CORRELATED else scale
    what = _scale(scale, comparison.margins)
    if comparison.flag:
        return Detectable(math.nan, what, "", comparison.flag)
    null = null_of(comparison.test, comparison.margins, seed=seed)
    reached = null.reached(alpha)
    if scale == ODDS and null.draws:
        return Detectable(math.nan, what, "", "detectable_too_many_tables")
    method = "exact_enumeration" if scale == ODDS else f"simulation={draws}"
    if math.isinf(reached):
        return Detectable(math.nan, what, method, "detectable_none")
    if scale == ODDS:
        try:
            value = _odds(comparison.margins, reached / null.alike, power)
        except StudyError:
            return Detectable(math.nan, what, "", "detectable_too_many_tables")
    else:
        value = _simulated(comparison, reached, power, np.random.Generator(np.random.PCG64(seed)), draws)
    return Detectable(value, what, method, "detectable_none" if math.isnan(value) else "")


def tables_with(margins: tuple[Margin, Margin]) -> Iterator[tuple[Margin, ...]]:
    """Every table with these margins, column by column.

    Raises
    ------
    StudyError
        After `MOST_LISTED` tables.
    """
    listed = 0

    def grown(left: Margin, columns: Margin) -> Iterator[tuple[Margin, ...]]:
        nonlocal listed
        if len(columns) == 1:
            listed += 1
            if listed > MOST_LISTED:
                raise StudyError(f"more than {MOST_LISTED:,} tables have these margins; compare coarser levels")
            yield (left,)
            return
        for cells in compositions(columns[0], left):
            rest = tuple(a - b for a, b in zip(left, cells, strict=True))
            yield from ((cells, *others) for others in grown(rest, columns[1:]))

    yield from grown(*margins)


def _scale(scale: str, margins: tuple[Margin, Margin]) -> str:
    """Name of the scale where there are more than two groups or levels."""
    if scale == DELTA and len(margins[0]) > 2:
        return SHARE
    return f"{scale} between two sets of levels" if scale == ODDS and max(map(len, margins)) > 2 else scale


def _sets(levels: int) -> Iterator[NDArray[np.bool_]]:
    """Every set of levels but none and all."""
    for inside in itertools.product((False, True), repeat=levels):
        if any(inside) and not all(inside):
            yield np.array(inside)


def _odds(margins: tuple[Margin, Margin], reached: float, power: float) -> float:
    """Smallest odds ratio between two sets of rows and two of columns that is shown."""
    cells = np.array(list(tables_with(margins)), dtype=np.int64).transpose(0, 2, 1)
    product = FACTORIALS[cells].prod(axis=(1, 2))
    shown = product >= reached
    best = math.nan
    for columns in _sets(cells.shape[2]):
        if not columns[0]:  # its complement says the same with the rows' complement
            continue
        inside = cells[:, :, columns].sum(axis=2)
        for rows in _sets(cells.shape[1]):
            count = inside[:, rows].sum(axis=1)
            every: Floats = np.bincount(count, 1 / product).astype(np.float64)
            seen: Floats = np.bincount(count, shown / product).astype(np.float64)
            found = _smallest(partial(_share, seen, every), math.log(STRONGEST_ODDS), power)
            best = float(np.fmin(best, math.exp(found)))
    return best


def _share(seen: Floats, every: Floats, log_odds: float) -> float:
    """Probability of the tables seen as significant when each count weighs in with the odds."""
    tilt = np.exp(log_odds * (np.arange(len(every)) - len(every) + 1))
    return float((seen * tilt).sum() / (every * tilt).sum())


def _simulated(
    comparison: Comparison, reached: float, power: float, generator: np.random.Generator, draws: int
) -> float:
    noise = generator.standard_normal((draws, comparison.n))
    first = np.asarray([comparison.first], dtype=np.int64)

    def shown(latent: Floats) -> float:
        """Share of sets of cases that the test calls significant."""
        dealt = np.repeat(np.arange(len(comparison.margins[1])), comparison.margins[1])
        second = np.empty(latent.shape, dtype=np.int64)
        np.put_along_axis(second, np.argsort(latent, axis=1, kind="stable"), dealt[None, :], axis=1)
        return float((scores(comparison.test, comparison.margins, first, second) >= reached).mean())

    if comparison.test in CORRELATED:
        # Both hidden values are drawn, and cases stand in the order of the first, which takes its observed values.
        x, first = np.sort(generator.standard_normal(noise.shape), axis=1), np.sort(first, axis=1)
        return _smallest(lambda r: shown(r * x + math.sqrt(1 - r**2) * noise), 1.0, power)

    def moved(steps: Floats, shift: float) -> float:
        return shown(shift * steps[first[0]] + noise)

    sizes, best = np.asarray(comparison.margins[0], dtype=np.float64), math.nan
    patterns = [inside.astype(np.float64) for inside in _sets(len(sizes))]
    for steps in [*patterns, *([np.arange(len(sizes)) / 1.0] if len(sizes) > 2 else [])]:
        shift = _smallest(partial(moved, steps), STRONGEST_SHIFT, power)
        best = float(np.fmin(best, _of_shift(shift, steps, sizes)))
    return best


def _of_shift(shift: float, steps: Floats, sizes: Floats) -> float:
    """Cliff's delta of two groups that lie so far apart, or the share of variance between more."""
    if len(sizes) == 2:
        return 2 * NormalDist().cdf(shift / math.sqrt(2)) - 1
    mean = float((sizes * steps).sum() / sizes.sum())
    between = shift**2 * float((sizes * (steps - mean) ** 2).sum() / sizes.sum())
    return between / (1 + between)


def _smallest(power_at: Callable[[float], float], strongest: float, power: float) -> float:
    """Smallest effect from 0 up with enough power, to a four-thousandth of the strongest; NaN where there is none."""
    if power_at(strongest) < power:
        return math.nan
    low, high = 0.0, strongest
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if power_at(middle) >= power else (middle, high)
    return high
