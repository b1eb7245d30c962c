"""How strong a relation is among few cases: one number for each kind of comparison."""

from __future__ import annotations

import math

import numpy as np

from nsi.methods.small_n.comparison import Comparison, Floats, Integers

NAMES = {
    "rank_sum": "Cliff's delta",
    "kruskal": "epsilon squared",
    "spearman": "Spearman's rho",
    "jonckheere": "Kendall's tau-b",
}
ODDS, CRAMER = "odds ratio", "Cramer's V"


def effect_name(comparison: Comparison) -> str:
    """Name of the effect that goes with a comparison: the odds ratio for 2 x 2, Cramer's V for other tables."""
    if comparison.test in NAMES:
        return NAMES[comparison.test]
    return ODDS if comparison.table.shape == (2, 2) else CRAMER


def effect_estimate(comparison: Comparison, name: str = "") -> float:
    """The effect as estimated from the cases.

    Parameters
    ----------
    comparison : Comparison
        From `compared`.
    name : str
        Which effect; the one that goes with the comparison where not given.

    Returns
    -------
    float
        No unit; see the function for each effect. NaN where a column has one level.
    """
    if comparison.flag:
        return float("nan")
    name = name or effect_name(comparison)
    if name == ODDS:
        return odds_ratio(comparison.table)
    first, second = (np.asarray([side], dtype=np.int64) for side in (comparison.first, comparison.second))
    return float(resampled_effect(name, first, second)[0])


def resampled_effect(name: str, first: Integers, second: Integers) -> Floats:
    """An effect other than the odds ratio, for many sets of cases at once.

    Parameters
    ----------
    name : str
        Which effect.
    first, second : array of int, shape (n_sets, n_cases)
        Places of levels; a set need not hold every level.

    Returns
    -------
    array of float, shape (n_sets,)
        NaN where a set has one level on a side.
    """
    made = {CRAMER: _cramer, "epsilon squared": _epsilon, "Spearman's rho": _rho, "Kendall's tau-b": _tau}
    return _delta(first, second) if name not in made else made[name](first, second)


def chi_squared(table: Integers) -> float:
    """Pearson's chi-squared of a table without correction; NaN where a row or column is empty."""
    counts = np.asarray(table, dtype=np.float64)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / max(counts.sum(), 1.0)
    return float(((counts - expected) ** 2 / expected).sum()) if (expected > 0).all() else float("nan")


def cramers_v(table: Integers, *, corrected: bool = True) -> float:
    """Cramer's V of a table, corrected for its bias in small samples unless told otherwise.

    Parameters
    ----------
    table : array of int, shape (n_rows, n_columns)
        Counts; no row or column may be empty.
    corrected : bool
        Bergsma's correction, which is 0 where chi-squared is below what chance alone would bring.

    Returns
    -------
    float
        From 0 to 1. NaN where there are fewer than two rows or columns.

    Source: Cramer (1946); Bergsma (2013), Journal of the Korean Statistical Society 42.
    """
    counts = np.asarray(table)
    n, (rows, columns) = int(counts.sum()), counts.shape
    phi = chi_squared(counts) / max(n, 1)
    if min(rows, columns) < 2 or n < 2 or math.isnan(phi):
        return float("nan")
    if not corrected:
        return math.sqrt(phi / (min(rows, columns) - 1))
    chance = (rows - 1) * (columns - 1) / (n - 1)
    rows_left, columns_left = (k - (k - 1) ** 2 / (n - 1) for k in (rows, columns))
    least = min(rows_left, columns_left) - 1
    return math.sqrt(max(0.0, phi - chance) / least) if least > 0 else float("nan")


def odds_ratio(table: Integers) -> float:
    """Odds ratio of a two-by-two table, the most likely one under its margins, as R's fisher.test gives it.

    Returns
    -------
    float
        From 0 to infinity; 0 and infinity where a cell on a diagonal is empty. NaN where a margin is.
    """
    first, second, with_it, least, most = limits(table)
    if least == most:
        return float("nan")
    here = int(np.asarray(table)[0, 0])
    if here in (least, most):
        return 0.0 if here == least else math.inf
    low, high = -60.0, 60.0  # natural logarithm of the odds ratio
    for _ in range(200):
        middle = (low + high) / 2
        weight = tilted(first, second, with_it, middle)
        if float((weight * np.arange(least, most + 1)).sum()) < here:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def limits(table: Integers) -> tuple[int, int, int, int, int]:
    """Sizes of both rows, size of the first column, and the least and most that the first cell can hold."""
    (a, b), (c, d) = np.asarray(table).tolist()
    return a + b, c + d, a + c, max(0, a - d), min(a + b, a + c)


def tilted(first: int, second: int, with_it: int, log_odds: float) -> Floats:
    """Probability of each possible first cell of a two-by-two table under an odds ratio."""
    cells = range(max(0, with_it - second), min(first, with_it) + 1)
    logs = [math.log(math.comb(first, x) * math.comb(second, with_it - x)) + x * log_odds for x in cells]
    top = max(logs)
    weights = np.array([math.exp(value - top) for value in logs])
    return weights / weights.sum()


def _cramer(first: Integers, second: Integers) -> Floats:
    found = []
    for one, two in zip(first, second, strict=True):
        table = np.zeros((one.max() + 1, two.max() + 1), dtype=np.int64)
        np.add.at(table, (one, two), 1)
        found.append(cramers_v(table[table.any(axis=1)][:, table.any(axis=0)]))
    return np.array(found)


def _delta(first: Integers, second: Integers) -> Floats:
    """Cliff's delta: pairs in which the second group is higher less those in which it is lower, as a share."""
    sign = np.sign(second[:, None, :] - second[:, :, None])
    pairs = (first[:, :, None] == 0) & (first[:, None, :] == 1)
    return _ratio((sign * pairs).sum(axis=(1, 2)), pairs.sum(axis=(1, 2)))


def _epsilon(first: Integers, second: Integers) -> Floats:
    """H / (n - 1): the share of the variance of ranks that lies between groups."""
    ranks = _ranks(second)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    between = np.zeros(len(first))
    for group in range(int(first.max()) + 1):
        inside = first == group
        between += (centred * inside).sum(axis=1) ** 2 / np.maximum(inside.sum(axis=1), 1)
    one_group = (first == first[:, :1]).all(axis=1)
    return np.where(one_group, np.nan, _ratio(between, (centred**2).sum(axis=1)))


def _rho(first: Integers, second: Integers) -> Floats:
    one, two = (side - side.mean(axis=1, keepdims=True) for side in (_ranks(first), _ranks(second)))
    scale = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    return np.clip(_ratio((one * two).sum(axis=1), scale), -1.0, 1.0)


def _tau(first: Integers, second: Integers) -> Floats:
    one, two = (np.sign(side[:, :, None] - side[:, None, :]) for side in (first, second))
    pairs = (one * one).sum(axis=(1, 2)).astype(np.float64) * (two * two).sum(axis=(1, 2))
    return _ratio((one * two).sum(axis=(1, 2)), np.sqrt(pairs))


def _ranks(places: Integers) -> Floats:
    """Mid-ranks in each row."""
    below = (places[:, None, :] < places[:, :, None]).sum(axis=2)
    equal = (places[:, None, :] == places[:, :, None]).sum(axis=2)
    return below + (equal + 1) / 2


def _ratio(up: Floats | Integers, down: Floats | Integers) -> Floats:
    return np.divide(up, down, out=np.full(len(up), np.nan), where=np.asarray(down) > 0)

