"""Krippendorff's alpha: 1 minus observed over expected disagreement, for any level of measurement.

Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. A unit counts with its pairable codes
only. Standard error: Gwet (2014), chapter 5; none is published for the ordinal metric, whose distances depend
on the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nsi.errors import StudyError
from nsi.methods.agreement.counts import Coded, Floats, coded
from nsi.methods.agreement.results import Estimate, estimated
from nsi.methods.agreement.sums import Entries, per_row
from nsi.methods.agreement.variance import error_of_mean
from nsi.methods.agreement.weights import code_values, refuse_large_table

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, eq=False)
class Alpha:
    """Krippendorff's alpha under one metric.

    Attributes
    ----------
    name : str
        Name for tables.
    level : str
        "nominal", "ordinal", "interval", "ratio", or "own" for a table of distances.
    values : array of float, shape (n_codes,), or None
        What codes stand for; needed for interval and ratio.
    distance : array of float, shape (n_codes, n_codes), or None
        Squared differences of one's own; needed for "own".
    """

    name: str
    level: str
    values: Floats | None = None
    distance: Floats | None = None
    by_coder: bool = False
    needs_variation: bool = True

    @property
    def se_method(self) -> str:
        """Linearisation takes distances as given, which ordinal ones are not."""
        return "" if self.level == "ordinal" else "gwet_linearisation"

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """Sum over pairable units of the distance between their codes, each pair shared among m - 1."""
        if self.level == "ordinal":
            return {"mixed": self._mixed(data)}
        scale = data.scale if self.level == "nominal" else 1.0
        return {f"apart_{self.name}": per_row(self._row_distance(data, scale), scale)}

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """Observed disagreement, and that among all codes regardless of unit."""
        paired = sums["paired"]
        total = np.maximum(
            paired.sum(axis=1), 2
        )  # 0 in a replicate without pairable units, which is then undefined
        if self.level == "ordinal":
            rank = (
                np.cumsum(paired, axis=1) - paired / 2
            )  # middle rank of each code; gaps between them are the metric
            lower, higher, _ = data.met_codes
            apart = (sums["mixed"] * (rank[:, lower] - rank[:, higher]) ** 2).sum(axis=1)
            among = _squares(paired, rank)
        else:
            apart = sums[f"apart_{self.name}"][:, 0]
            among = self._among(data, paired)
        return apart / total, among / (total * (total - 1))

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Linearised standard error over pairable units, distances taken as given."""
        keep = data.pairable
        times, sizes = data.times[keep], data.sizes[keep]
        n_paired = (times * sizes).sum()
        mean_size = n_paired / data.n_pairable
        apart = self._row_distance(data)[keep] / mean_size
        observed = (times * apart).sum() / times.sum()
        paired = sums["paired"][0]
        toward = self._toward(data, paired / paired.sum())
        row, code, count = data.cells
        chance = np.bincount(row, weights=count * toward[code], minlength=len(data.rows))[keep] / mean_size
        expected = (times * chance).sum() / times.sum()
        larger = (sizes - mean_size) / mean_size  # the mean number of codes is itself estimated
        own = apart - observed - (1 - 1 / n_paired) * observed * larger
        by_chance = chance - expected - expected * larger
        return error_of_mean((2 * (observed / expected) * by_chance - own) / expected, times)

    def _row_distance(self, data: Coded, scale: float = 1.0) -> Floats:
        """Distance summed over ordered pairs of codes, divided by m - 1, for each row."""
        shared = scale / np.maximum(data.sizes - 1, 1)
        if self.level == "nominal":
            row, _, count = data.cells
            alike = np.bincount(row, weights=count * (count - 1), minlength=len(data.rows))
            return (data.sizes * (data.sizes - 1) - alike) * shared
        row, lower, higher, pairs = data.mixed_pairs
        apart = pairs * self._between(data.used[lower], data.used[higher])
        return np.bincount(row, weights=apart, minlength=len(data.rows)) * shared

    def _between(self, first: np.ndarray, second: np.ndarray) -> Floats:
        """Squared difference between codes at two positions."""
        if self.distance is not None:
            return self.distance[first, second]
        assert self.values is not None  # the constructors below see to it
        a, b = self.values[first], self.values[second]
        if self.level == "interval":
            return (a - b) ** 2
        return np.divide(a - b, a + b, out=np.zeros(np.broadcast(a, b).shape), where=(a + b) > 0) ** 2

    def _toward(self, data: Coded, share: Floats) -> Floats:
        """Expected distance from each code in use to a random one, shape (n_used,)."""
        if self.level == "nominal":
            return 1 - share
        used = data.used
        return np.einsum("kl,l->k", self._between(used[:, None], used[None, :]), share)

    def _among(self, data: Coded, paired: Floats) -> Floats:
        """Distance summed over all ordered pairs of codes, shape (n_replicates,)."""
        if self.level == "nominal":
            return paired.sum(axis=1) ** 2 - (paired**2).sum(axis=1)
        if self.level == "interval" and self.values is not None:
            return _squares(paired, np.broadcast_to(self.values[data.used], paired.shape))
        refuse_large_table(len(data.used), f"{self.level} distances")
        table = self._between(data.used[:, None], data.used[None, :])
        return (np.einsum("bk,kl->bl", paired, table) * paired).sum(axis=1)

    def _mixed(self, data: Coded) -> Entries:
        row, _, _, pairs = data.mixed_pairs
        lower, _, which = data.met_codes
        return Entries(row, which, pairs * (data.scale / (data.sizes[row] - 1)), len(lower), data.scale)


def alpha_of(
    level: str, n_codes: int, values: ArrayLike | None = None, name: str = "krippendorff_alpha"
) -> Alpha:
    """Krippendorff's alpha for a level of measurement.

    Parameters
    ----------
    level : str
        "nominal", "ordinal" (the codebook's order), "interval" or "ratio".
    n_codes : int
        Number of codes in the codebook.
    values : array-like of float, shape (n_codes,), optional
        What each code stands for; interval and ratio need it.
    name : str
        Name for tables.

    Raises
    ------
    StudyError
        If the level is unknown, values are lacking, or a ratio value is negative.
    """
    if level not in LEVELS:
        raise StudyError(f"level {level!r} is not known; choose one of {', '.join(LEVELS)}")
    if level in ("nominal", "ordinal"):
        return Alpha(name, level)
    if values is None:
        raise StudyError(
            f"alpha at the {level} level needs the number each code stands for; pass the code values"
        )
    point = code_values(values, n_codes)
    if level == "ratio" and (point < 0).any():
        raise StudyError(f"ratio codes must stand for 0 or more; found {point.min()}; use the interval level")
    return Alpha(name, level, values=point)


def krippendorff_alpha(
    positions: ArrayLike, n_codes: int, *, level: str, values: ArrayLike | None = None
) -> Estimate:
    """Krippendorff's alpha; any number of coders, gaps allowed.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook, used or not.
    level : str
        "nominal", "ordinal", "interval" or "ratio". There is no default: the wrong level is a wrong number.
    values : array-like of float, shape (n_codes,), optional
        What each code stands for; interval and ratio need it.

    Returns
    -------
    Estimate
        1 is full agreement, 0 is chance, below 0 is worse than chance. NaN and a flag where undefined.
    """
    return estimated(alpha_of(level, n_codes, values), coded(positions, n_codes))


def distance_alpha(
    positions: ArrayLike, distance: ArrayLike, *, name: str = "krippendorff_alpha_own"
) -> Estimate:
    """Krippendorff's alpha with a table of distances between codes, which stand for squared differences.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    distance : array-like of float, shape (n_codes, n_codes)
        0 on the diagonal, symmetric, not negative.
    name : str
        Name for tables.

    Returns
    -------
    Estimate
        As for `krippendorff_alpha`.

    Raises
    ------
    StudyError
        If the distances are not such a table.
    """
    table = np.asarray(distance, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise StudyError(f"distances must form a square table of codes by codes; found shape {table.shape}")
    sound = np.isfinite(table).all() and (table >= 0).all() and (table == table.T).all()
    if not sound or np.diag(table).any():
        raise StudyError("distances must be symmetric, finite, 0 or more, and 0 from a code to itself")
    return estimated(Alpha(name, "own", distance=table), coded(positions, len(table)))


def _squares(count: Floats, point: Floats) -> Floats:
    """Sum over ordered pairs of (a - b)^2, through the mean, which loses no digits; shape (n_replicates,)."""
    total = np.maximum(count.sum(axis=1, keepdims=True), 1)
    mean = (count * point).sum(axis=1, keepdims=True) / total
    return 2 * total[:, 0] * (count * (point - mean) ** 2).sum(axis=1)
