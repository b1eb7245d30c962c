"""Coefficients that let each coder have their own shares of codes: Conger's kappa, and Cohen's over pairs.

Source: Conger (1980), Psychological Bulletin 88; Gwet (2014), chapters 2 and 5; Light (1971); Hallgren
(2012).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nsi.methods.agreement.coefficients import weight_table
from nsi.methods.agreement.counts import Coded, Floats, Integers, coded
from nsi.methods.agreement.results import Estimate, estimated
from nsi.methods.agreement.sums import Entries, per_row
from nsi.methods.agreement.variance import beyond_chance, linearised_error, row_agreement


@dataclass(frozen=True, eq=False)
class Conger:
    """Agreement corrected for coders who draw codes as often as each of them did.

    Attributes
    ----------
    name : str
        Name for tables.
    weights : array, shape (n_codes, n_codes), or None
        Agreement weights; None means that codes agree or not.
    weights_name : str
        Names the weighted sum, so that coefficients with the same weights share it.
    """

    name: str
    weights: Floats | None = None
    weights_name: str = "identity"
    by_coder: bool = True
    needs_variation: bool = True
    se_method: str = "gwet_linearisation"

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """Sums of agreement over pairable units, and of codes given by each coder over all units."""
        row, coder, code = given_codes(data)
        n_used = len(data.used)
        one = np.ones(len(row))
        scale = data.scale if self.weights is None else 1.0
        return {
            f"agreement_{self.weights_name}": per_row(row_agreement(data, self.weights, scale), scale),
            "coder_codes": Entries(row, coder * n_used + code, one, data.rows.shape[1] * n_used),
        }

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """1 - agreement and 1 - chance, chance being the mean over ordered pairs of coders."""
        pairable = np.maximum(sums["pairable"][:, 0], 1)
        agreement = sums[f"agreement_{self.weights_name}"][:, 0] / pairable
        share, present = self._shares(data, sums)
        together = share.sum(axis=1)
        spread = _spread(together, self.weights, data.used)
        alone = (share * _spread(share, self.weights, data.used)).sum(axis=(1, 2))
        n_coders = np.maximum(
            present.sum(axis=1), 2
        )  # one coder left in a replicate: nothing is pairable there
        chance = ((together * spread).sum(axis=1) - alone) / (n_coders * (n_coders - 1))
        return 1 - agreement, beyond_chance(chance)

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Standard error by linearisation; each coder's shares are means over the units they coded."""
        chance = 1 - float(self.disagreement(data, sums)[1][0])
        share, present = (part[0] for part in self._shares(data, sums))
        others = _spread(share.sum(axis=0) - share, self.weights, data.used)  # shape (n_coders, n_used)
        coded_units = sums["coder_codes"].reshape(-1, len(data.used)).sum(axis=1)
        pull = data.n_units / np.maximum(coded_units, 1)
        usual = (others * share).sum(axis=1)
        row, coder, code = given_codes(data)
        beyond = pull[coder] * (others[coder, code] - usual[coder])
        n_coders = int(present.sum())
        own = (np.bincount(row, weights=beyond, minlength=len(data.rows)) + usual.sum()) / (
            n_coders * (n_coders - 1)
        )
        return linearised_error(data, row_agreement(data, self.weights), chance, own)

    @staticmethod
    def _shares(data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, np.ndarray]:
        """Share of each code among each coder's codes, and which coders gave any; by replicate."""
        counts = sums["coder_codes"].reshape(len(sums["coder_codes"]), -1, len(data.used))
        given = counts.sum(axis=2)
        return counts / np.maximum(given, 1)[:, :, None], given > 0


@dataclass(frozen=True, eq=False)
class MeanCohen:
    """Mean of Cohen's kappa over pairs of coders who share a unit and for whom kappa is defined (Light 1971).

    Attributes are those of `Conger`. No standard error is published; use the bootstrap.
    """

    name: str
    weights: Floats | None = None
    weights_name: str = "identity"
    by_coder: bool = True
    needs_variation: bool = True
    se_method: str = ""

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """For each pair of coders: units shared, agreement, and how often each of the two gave each code."""
        row, pair, first, second = paired_codes(data)
        _, pair = np.unique(pair, return_inverse=True)
        n_pairs, n_used = int(pair.max(initial=-1)) + 1, len(data.used)
        alike = (first == second).astype(np.float64)
        if self.weights is not None:
            alike = self.weights[data.used[first], data.used[second]]
        one = np.ones(len(row))
        return {
            "pair_units": Entries(row, pair, one, n_pairs),
            f"pair_agreement_{self.weights_name}": Entries(row, pair, alike, n_pairs),
            "pair_first": Entries(row, pair * n_used + first, one, n_pairs * n_used),
            "pair_second": Entries(row, pair * n_used + second, one, n_pairs * n_used),
        }

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """1 - mean kappa, and 1; expected is 0 in a replicate where no pair has a kappa."""
        kappa = self.kappas(data, sums)
        defined = ~np.isnan(kappa)
        number = defined.sum(axis=1)
        mean = np.where(defined, kappa, 0).sum(axis=1) / np.maximum(number, 1)
        return 1 - mean, (number > 0).astype(np.float64)

    def kappas(self, data: Coded, sums: Mapping[str, Floats]) -> Floats:
        """Cohen's kappa of each pair, shape (n_replicates, n_pairs), NaN where undefined."""
        units = sums["pair_units"]
        shape = (len(units), units.shape[1], len(data.used))
        first, second = (sums[name].reshape(shape) for name in ("pair_first", "pair_second"))
        size = np.maximum(units, 1)
        observed = 1 - sums[f"pair_agreement_{self.weights_name}"] / size
        expected = beyond_chance((first * _spread(second, self.weights, data.used)).sum(axis=2) / size**2)
        defined = (units > 0) & (expected > 0)
        return np.where(defined, 1 - observed / np.where(defined, expected, 1), np.nan)

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Give NaN: none is published."""
        return float("nan")


def given_codes(data: Coded) -> tuple[Integers, Integers, Integers]:
    """Every code given: row, coder (column of the table), code (as position in `data.used`).

    Parameters
    ----------
    data : Coded
        Units by coders, coders kept apart.
    """
    row, coder = np.nonzero(data.rows >= 0)
    place = np.zeros(data.n_codes, dtype=np.int64)
    place[data.used] = np.arange(len(data.used))
    return row, coder, place[data.rows[row, coder]]


def paired_codes(data: Coded) -> tuple[Integers, Integers, Integers, Integers]:
    """Every pair of codes on a row: row, number of the pair of coders, code of the first, code of the second.

    Parameters
    ----------
    data : Coded
        Units by coders, coders kept apart.

    Returns
    -------
    tuple of four arrays of int, shape (n_pairs_of_codes,)
        The pair of coders i < j is numbered i * n_columns + j.
    """
    row, coder, code = given_codes(data)
    parts: list[tuple[Integers, ...]] = []
    for lag in range(1, len(row)):
        here = np.flatnonzero(row[lag:] == row[:-lag])
        if not len(here):
            break
        there = here + lag
        parts.append((row[here], coder[here] * data.rows.shape[1] + coder[there], code[here], code[there]))
    if not parts:
        return (np.zeros(0, dtype=np.int64),) * 4
    rows, pair, first, second = (np.concatenate(part) for part in zip(*parts, strict=True))
    return rows, pair, first, second


def conger_kappa(positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike = "identity") -> Estimate:
    """Conger's kappa; for two coders who coded the same units this is Cohen's.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook, used or not.
    weights : str or array-like, shape (n_codes, n_codes)
        "identity", "linear", "quadratic", "ordinal", or a table of one's own.

    Returns
    -------
    Estimate
        Each coder's shares of codes come from all units they coded, as in Gwet (2014).
    """
    table, kind, name = _named("conger_kappa", weights, n_codes)
    return estimated(Conger(name, table, kind), coded(positions, n_codes, by_coder=True))


def mean_cohen_kappa(
    positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike = "identity"
) -> Estimate:
    """Mean of Cohen's kappa over all pairs of coders. Parameters are those of `conger_kappa`.

    Each pair counts once, on the units both coded; pairs without such a unit, or without variation, do not
    count.
    """
    table, kind, name = _named("mean_cohen_kappa", weights, n_codes)
    return estimated(MeanCohen(name, table, kind), coded(positions, n_codes, by_coder=True))


def _named(name: str, weights: str | ArrayLike, n_codes: int) -> tuple[Floats | None, str, str]:
    kind = weights if isinstance(weights, str) else "own"
    return weight_table(weights, n_codes), kind, name if kind == "identity" else f"{name}_{kind}"


def _spread(share: Floats, weights: Floats | None, used: Integers) -> Floats:
    """Chance that a code drawn by these shares agrees with each code in use; same shape as `share`."""
    if weights is None:
        return share
    return np.einsum("...k,kl->...l", share, weights[np.ix_(used, used)])
