"""Coefficients that compare agreement with what chance would give, for any number of coders and any gaps.

All of them share the observed agreement (the mean over pairable units of the share of pairs that agree)
and differ in what they call chance. None asks which coder gave which code.

Source: Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., chapters 2 to 5; Fleiss (1971);
Brennan and Prediger (1981).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nsi.methods.agreement.counts import Coded, Floats, coded
from nsi.methods.agreement.results import Estimate, estimated
from nsi.methods.agreement.sums import Entries, per_row
from nsi.methods.agreement.variance import beyond_chance, linearised_error, row_agreement
from nsi.methods.agreement.weights import agreement_weights, checked_weights

CHANCE = ("none", "uniform", "gwet", "shares")


@dataclass(frozen=True, eq=False)
class ChanceCorrected:
    """A coefficient of the form (agreement - chance) / (1 - chance).

    Attributes
    ----------
    name : str
        Name for tables.
    chance : str
        "none" (plain agreement), "uniform" (every code equally likely: Brennan and Prediger), "gwet" (AC1,
        AC2), or "shares" (codes as often as they were given: Fleiss).
    weights : array, shape (n_codes, n_codes), or None
        Agreement weights; None means that codes agree or not.
    weights_name : str
        Names the weighted sum, so that coefficients with the same weights share it.
    """

    name: str
    chance: str
    weights: Floats | None = None
    weights_name: str = "identity"
    by_coder: bool = False
    se_method: str = "gwet_linearisation"

    @property
    def needs_variation(self) -> bool:
        """Plain agreement stays defined when only one code was given; a coefficient does not."""
        return self.chance != "none"

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """Sums of agreement over pairable units, and of each code's share over all units."""
        scale = data.scale if self.weights is None else 1.0
        parts = {f"agreement_{self.weights_name}": per_row(row_agreement(data, self.weights, scale), scale)}
        if self.chance in ("gwet", "shares"):
            row, code, count = data.cells
            share = count * data.scale / data.sizes[row]
            parts["shares"] = Entries(row, code, share, len(data.used), data.scale)
            parts["units"] = per_row(np.ones(len(data.rows)))
        return parts

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """1 - agreement and 1 - chance."""
        pairable = sums["pairable"][:, 0]
        agreement = sums[f"agreement_{self.weights_name}"][:, 0] / np.where(pairable > 0, pairable, 1.0)
        return 1 - agreement, beyond_chance(self._chance(data, sums))

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Standard error by linearisation, over all units with a code, no finite population correction."""
        chance = self._chance(data, sums)[0]
        return linearised_error(data, row_agreement(data, self.weights), chance, self._row_chance(data, sums))

    def _chance(self, data: Coded, sums: Mapping[str, Floats]) -> Floats:
        if self.chance == "none":
            return np.zeros(len(sums["pairable"]))
        if self.chance == "uniform":
            return np.full(len(sums["pairable"]), self._total_weight(data.n_codes) / data.n_codes**2)
        share = code_shares(sums)
        if self.chance == "gwet":
            return self._gwet_factor(data.n_codes) * (share * (1 - share)).sum(axis=1)
        return (share * self._spread(data, share)).sum(axis=1)

    def _row_chance(self, data: Coded, sums: Mapping[str, Floats]) -> Floats | None:
        """Each row's own part in the chance agreement, shape (n_rows,); None where chance is a constant."""
        if self.chance in ("none", "uniform"):
            return None
        share = code_shares(sums)
        gwet = self.chance == "gwet"
        toward = self._gwet_factor(data.n_codes) * (1 - share) if gwet else self._spread(data, share)
        row, code, count = data.cells
        return np.bincount(row, weights=count * toward[0][code]) / data.sizes

    def _spread(self, data: Coded, share: Floats) -> Floats:
        """Chance that a random code agrees with each code in use."""
        if self.weights is None:
            return share
        return np.einsum("bk,kl->bl", share, self.weights[np.ix_(data.used, data.used)])

    def _total_weight(self, n_codes: int) -> float:
        return float(n_codes) if self.weights is None else float(self.weights.sum())

    def _gwet_factor(self, n_codes: int) -> float:
        # one code alone has no variation, and the ratio is never formed
        return self._total_weight(n_codes) / max(n_codes * (n_codes - 1), 1)


def code_shares(sums: Mapping[str, Floats]) -> Floats:
    """Mean over units of the share of coders who gave each code in use.

    Parameters
    ----------
    sums : mapping of str to array, shape (n_replicates, n_columns)
        Sums named "shares" and "units".
    """
    return sums["shares"] / np.maximum(sums["units"], 1)


def percent_agreement(
    positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike = "identity"
) -> Estimate:
    """Mean over pairable units of the share of pairs of coders who agree.

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
        From 0 to 1; defined even where only one code was given.
    """
    return _computed("percent_agreement", "none", positions, n_codes, weights)


def brennan_prediger(
    positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike = "identity"
) -> Estimate:
    """Agreement corrected for coders who draw every code of the codebook equally often.

    Parameters are those of `percent_agreement`. For two coders and two codes this is PABAK.
    """
    return _computed("brennan_prediger", "uniform", positions, n_codes, weights)


def fleiss_kappa(positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike = "identity") -> Estimate:
    """Agreement corrected for coders who draw codes as often as all of them did together.

    Parameters are those of `percent_agreement`. Units with a single code count in how often codes were given,
    as in Gwet (2014); on complete data this is Fleiss (1971).
    """
    return _computed("fleiss_kappa", "shares", positions, n_codes, weights)


def gwet_ac1(positions: ArrayLike, n_codes: int) -> Estimate:
    """Gwet's AC1. Parameters are those of `percent_agreement`; the codebook says how many codes there are."""
    return _computed("gwet_ac1", "gwet", positions, n_codes, "identity")


def gwet_ac2(positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike) -> Estimate:
    """Gwet's AC2: AC1 with agreement weights. Parameters are those of `percent_agreement`."""
    return _computed("gwet_ac2", "gwet", positions, n_codes, weights)


def weight_table(weights: str | ArrayLike, n_codes: int, values: ArrayLike | None = None) -> Floats | None:
    """Resolve weights given by name or as a table; None stands for "codes agree or not".

    Parameters
    ----------
    weights : str or array-like, shape (n_codes, n_codes)
        Name of a kind, or a table.
    n_codes : int
        Number of codes in the codebook.
    values : array-like of float, shape (n_codes,), optional
        What the codes stand for, for linear and quadratic weights.
    """
    if isinstance(weights, str):
        return None if weights == "identity" else agreement_weights(weights, n_codes, values)
    return checked_weights(weights, n_codes)


def _computed(
    name: str, chance: str, positions: ArrayLike, n_codes: int, weights: str | ArrayLike
) -> Estimate:
    table = weight_table(weights, n_codes)
    kind = weights if isinstance(weights, str) else "own"
    full_name = name if kind == "identity" else f"{name}_{kind}"
    return estimated(ChanceCorrected(full_name, chance, table, kind), coded(positions, n_codes))
