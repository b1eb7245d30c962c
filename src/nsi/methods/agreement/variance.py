"""Standard errors by linearisation: each unit's own part in the coefficient, and how much those parts vary.

Source: Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement,
British Journal of Mathematical and Statistical Psychology 61; Gwet (2014), chapter 5.
"""

from __future__ import annotations

import numpy as np

from nsi.methods.agreement.counts import Coded, Floats

TRACE = 1e-12  # far below 1 / n for any n of units, far above what rounding leaves of 1 - 1


def row_agreement(data: Coded, weights: Floats | None, scale: float = 1.0) -> Floats:
    """Share of pairs of coders who agree, for each row.

    Parameters
    ----------
    data : Coded
        Units by coders.
    weights : array, shape (n_codes, n_codes), or None
        Agreement weights; None means that codes agree or not.
    scale : float
        Factor, to keep the shares whole numbers.

    Returns
    -------
    array of float, shape (n_rows,)
        0 for rows with a single code.
    """
    pairs = data.sizes * (data.sizes - 1)
    return agreeing_pairs(data, weights) * scale / np.maximum(pairs, 1)


def agreeing_pairs(data: Coded, weights: Floats | None) -> Floats:
    """Ordered pairs of coders who agree, for each row, shape (n_rows,), unlike codes counted by their weight.

    Parameters
    ----------
    data : Coded
        Units by coders.
    weights : array, shape (n_codes, n_codes), or None
        Agreement weights; None means that codes agree or not.
    """
    row, _, count = data.cells
    agreeing = np.bincount(row, weights=count * (count - 1), minlength=len(data.rows)).astype(np.float64)
    if weights is not None:
        row, lower, higher, pairs = data.mixed_pairs
        weight = weights[data.used[lower], data.used[higher]]
        agreeing = agreeing + np.bincount(row, weights=pairs * weight, minlength=len(data.rows))
    return agreeing


def beyond_chance(chance: Floats) -> Floats:
    """1 - chance, and exactly 0 where only rounding is left of it.

    Parameters
    ----------
    chance : array of float, shape (n_replicates,)
        Chance agreement, from 0 to 1.
    """
    return np.where(1 - chance > TRACE, 1 - chance, 0.0)


def linearised_error(data: Coded, agreement: Floats, chance: float, row_chance: Floats | None) -> float:
    """Standard error of (agreement - chance) / (1 - chance).

    Parameters
    ----------
    data : Coded
        Units by coders.
    agreement : array of float, shape (n_rows,)
        Agreement within each row; 0 where the row is not pairable.
    chance : float
        Chance agreement.
    row_chance : array of float, shape (n_rows,), or None
        Each row's own part in the chance agreement; None where chance does not depend on the data.

    Returns
    -------
    float
        NaN with fewer than two units.
    """
    n_units, n_pairable = data.n_units, data.n_pairable
    own = (n_units / n_pairable) * (agreement - chance * data.pairable) / (1 - chance)
    value = (data.times * own).sum() / n_units
    if row_chance is not None:
        own = own - 2 * (1 - value) * (row_chance - chance) / (1 - chance)
    return error_of_mean(own - value, data.times)


def error_of_mean(deviation: Floats, times: np.ndarray) -> float:
    """Root of the sum of squares over n (n - 1); NaN with fewer than two units.

    Parameters
    ----------
    deviation : array of float, shape (n_rows,)
        Deviation of each row from the mean.
    times : array of int, shape (n_rows,)
        How many units each row stands for.
    """
    n_units = int(times.sum())
    if n_units < 2:
        return float("nan")
    return float(np.sqrt((times * deviation**2).sum() / (n_units * (n_units - 1))))
