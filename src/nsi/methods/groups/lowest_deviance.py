"""The lowest point of a deviance in one parameter, found from where its slope changes sign.

A slope tells the place of a minimum to full precision, which the deviance itself, flat there, cannot. All
sign changes on a fine grid are followed up, because a profile may have several valleys; 0 is one candidate.
Points of the grid are made of powers of two: the four operations on them give the same bits on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nsi.methods.groups.membership import Floats

Curve = Callable[[Floats], Floats]
BETWEEN = (1.0, 1.25, 1.5, 1.75)  # four points to the octave; terms 1 / (1 + n x) change over three octaves
ROUNDS = 200  # halvings: some 60 towards 0, then 53 for the digits
CELLS = 2**20  # points times groups worked on at once, to bound memory


def lowest(slope: Curve, deviance: Curve, n_terms: int, first: float, last: float) -> float:
    """Where the deviance is lowest among all x from 0 up.

    Parameters
    ----------
    slope, deviance : callable
        Of an array of points, shape (n_points,). The slope's sign is all that counts, and it must stay
        positive far enough to the right; the deviance, up to a constant, decides between valleys.
    n_terms : int
        Terms that each point costs.
    first, last : float
        Left of `first` the slope changes sign at most once, right of `last` likewise.

    Returns
    -------
    float
        0 where the boundary is the lowest point.
    """
    points = _points(first, last)
    slopes = _in_blocks(slope, points, n_terms)
    while slopes[-1] < 0:
        points = np.append(points, points[-1] * 2)
        slopes = np.append(slopes, slope(points[-1:]))
    valleys = [0.0] if slopes[0] >= 0 else []
    for left in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0)):
        valleys.append(_crossing(slope, float(points[left]), float(points[left + 1])))
    depth = _in_blocks(deviance, np.array(valleys), n_terms)
    return valleys[int(np.argmin(depth))]


def _points(first: float, last: float) -> Floats:
    """0, then four points to the octave from below `first` to above `last`."""
    start, stop = math.frexp(first)[1] - 1, math.frexp(last)[1] + 1
    octaves = np.ldexp(1.0, np.arange(start, stop))
    return np.concatenate([[0.0], np.outer(octaves, BETWEEN).ravel()])


def _in_blocks(curve: Curve, points: Floats, n_terms: int) -> Floats:
    block = max(1, CELLS // n_terms)
    return np.concatenate([curve(points[at : at + block]) for at in range(0, len(points), block)])


def _crossing(slope: Curve, below: float, above: float) -> float:
    """Where the slope turns from negative to positive, halved down to neighbouring floats."""
    for _ in range(ROUNDS):
        middle = below + (above - below) / 2
        if not below < middle < above:
            break
        if slope(np.array([middle]))[0] < 0:
            below = middle
        else:
            above = middle
    return above
