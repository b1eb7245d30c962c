"""Two coders: Cohen's kappa with its three standard errors, Scott's pi, and a table of all pairs.

Source: Cohen (1960, 1968); Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72, for the standard
errors; Scott (1955).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nsi.errors import StudyError
from nsi.methods.agreement.coders import Conger, MeanCohen, paired_codes
from nsi.methods.agreement.coefficients import ChanceCorrected, weight_table
from nsi.methods.agreement.counts import Coded, Floats, Integers, coded
from nsi.methods.agreement.positions import NOT_CODED, checked_positions
from nsi.methods.agreement.results import NO_VARIATION, Estimate, estimated, missing_design
from nsi.methods.agreement.sums import totals

COHEN_ERRORS = ("fleiss_cohen_everitt_1969", "fleiss_cohen_everitt_1969_null", "gwet_linearisation")


class PairAgreement(NamedTuple):
    """Two coders on the units that both coded.

    Attributes
    ----------
    first, second : int
        Columns of the table.
    n_units : int
        Units both coded.
    agreement : float
        Share of them with the same code (or its weighted form).
    kappa : float
        Cohen's kappa; NaN where the two gave only one code between them.
    flag : str
        "" or "no_variation".
    """

    first: int
    second: int
    n_units: int
    agreement: float
    kappa: float
    flag: str


@dataclass(frozen=True, eq=False)
class Cohen(Conger):
    """Cohen's kappa: Conger's on the units that both of two coders coded.

    Attributes
    ----------
    se_method : str
        "fleiss_cohen_everitt_1969": large sample, over n. "fleiss_cohen_everitt_1969_null": as if there were
        no agreement beyond chance, for tests only. "gwet_linearisation": the first, over n - 1.
    """

    se_method: str = "fleiss_cohen_everitt_1969"

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Standard error under the definition that `se_method` names."""
        if self.se_method == COHEN_ERRORS[1]:
            return _null_error(data, self.weights)
        error = super().standard_error(data, sums)
        return (
            error
            if self.se_method == COHEN_ERRORS[2]
            else error * float(np.sqrt((data.n_units - 1) / data.n_units))
        )


@dataclass(frozen=True, eq=False)
class Scott(ChanceCorrected):
    """Scott's pi: Fleiss' kappa of two coders on the units both coded; standard error over n."""

    se_method: str = "gwet_linearisation_over_n"

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Linearised standard error with n, not n - 1."""
        return super().standard_error(data, sums) * float(np.sqrt((data.n_units - 1) / data.n_units))


def cohen_kappa(
    positions: ArrayLike,
    n_codes: int,
    *,
    weights: str | ArrayLike = "identity",
    se_method: str = "fleiss_cohen_everitt_1969",
) -> Estimate:
    """Cohen's kappa of two coders on the units both coded.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, 2)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook, used or not.
    weights : str or array-like, shape (n_codes, n_codes)
        "identity", "linear", "quadratic", "ordinal", or a table of one's own.
    se_method : str
        One of `COHEN_ERRORS`; packages differ in which they print.

    Returns
    -------
    Estimate
        `n_units` and `n_ratings` count the units that both coded.

    Raises
    ------
    StudyError
        If there are not two columns of coders, or the definition is unknown.
    """
    if se_method not in COHEN_ERRORS:
        raise StudyError(
            f"standard error {se_method!r} is not known; choose one of {', '.join(COHEN_ERRORS)}"
        )
    kind = weights if isinstance(weights, str) else "own"
    name = "cohen_kappa" if kind == "identity" else f"cohen_kappa_{kind}"
    coefficient = Cohen(name, weight_table(weights, n_codes), kind, se_method=se_method)
    return _of_two(coefficient, positions, n_codes, by_coder=True)


def scott_pi(positions: ArrayLike, n_codes: int) -> Estimate:
    """Scott's pi of two coders on the units both coded. Parameters are those of `cohen_kappa`."""
    return _of_two(Scott("scott_pi", "shares"), positions, n_codes, by_coder=False)


def pairwise_cohen(
    positions: ArrayLike, n_codes: int, *, weights: str | ArrayLike = "identity"
) -> list[PairAgreement]:
    """Cohen's kappa of every pair of coders who share a unit.

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
    list of PairAgreement
        Ordered by first, then second coder.
    """
    data = coded(positions, n_codes, by_coder=True)
    coefficient = MeanCohen("cohen_kappa", weight_table(weights, n_codes), "asked")
    if missing_design(data):
        return []
    sums = totals(coefficient.entries(data), data.times)
    units, kappa = sums["pair_units"][0], coefficient.kappas(data, sums)[0]
    agreement = sums["pair_agreement_asked"][0] / units
    names = [divmod(int(pair), data.rows.shape[1]) for pair in np.unique(paired_codes(data)[1])]
    found = zip(names, units.tolist(), agreement.tolist(), kappa.tolist(), strict=True)
    return [
        PairAgreement(first, second, int(n), share, value, NO_VARIATION if np.isnan(value) else "")
        for (first, second), n, share, value in found
    ]


def complete_rows(positions: ArrayLike, n_codes: int) -> Integers:
    """Keep the units that every coder coded.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook.
    """
    table = checked_positions(positions, n_codes)
    return table[(table > NOT_CODED).all(axis=1)]


def _of_two(coefficient: Cohen | Scott, positions: ArrayLike, n_codes: int, *, by_coder: bool) -> Estimate:
    table = checked_positions(positions, n_codes)
    if table.shape[1] != 2:
        raise StudyError(
            f"{coefficient.name} compares two coders; found {table.shape[1]} column(s); "
            "use mean_cohen_kappa, conger_kappa, fleiss_kappa or krippendorff_alpha"
        )
    both = complete_rows(table, n_codes)
    if len(both) == 0 and (table > NOT_CODED).any():  # let the design flag say why nothing is left
        both = table
    return estimated(coefficient, coded(both, n_codes, by_coder=by_coder))


def _null_error(data: Coded, weights: Floats | None) -> float:
    """Large-sample error of kappa if the two had coded independently with the shares they have."""
    row, _, first, second = paired_codes(data)
    n_used = len(data.used)
    times = data.times[row]
    a = np.bincount(first, weights=times, minlength=n_used) / data.n_units
    b = np.bincount(second, weights=times, minlength=n_used) / data.n_units
    weight = np.eye(n_used) if weights is None else weights[np.ix_(data.used, data.used)]
    toward_b, toward_a = (weight * b).sum(axis=1), (weight * a[:, None]).sum(axis=0)
    chance = (a * toward_b).sum()
    spread = (np.outer(a, b) * (weight - toward_b[:, None] - toward_a[None, :]) ** 2).sum()
    variance = max(spread - chance**2, 0.0)  # rounding may leave less than 0 where it is 0
    return float(np.sqrt(variance / data.n_units) / (1 - chance))
