"""Agreement on one code at a time, and what makes chance-corrected coefficients fall: prevalence and bias.

Source: Spitzer and Fleiss (1974) and Cicchetti and Feinstein (1990) for specific agreement; Byrt, Bishop and
Carlin (1993) for PABAK and the two indices; de Vries et al. (2008), Field Methods 20, for pooled kappa.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nsi.errors import StudyError
from nsi.methods.agreement.alpha import krippendorff_alpha
from nsi.methods.agreement.coders import Conger, paired_codes
from nsi.methods.agreement.coefficients import brennan_prediger, gwet_ac1, percent_agreement
from nsi.methods.agreement.counts import Coded, Floats, coded
from nsi.methods.agreement.pairs import cohen_kappa
from nsi.methods.agreement.positions import checked_positions
from nsi.methods.agreement.results import estimated, missing_design
from nsi.methods.agreement.sums import Entries, per_row, standing, totals


@dataclass(frozen=True, eq=False)
class Specific:
    """Of the pairs in which one coder gave a code, the share in which the other gave it too.

    Attributes
    ----------
    name : str
        Name for tables.
    code : int
        Position of the code. With codes "not given" (0) and "given" (1): 1 for positive, 0 for negative
        agreement.
    """

    name: str
    code: int
    by_coder: bool = False
    needs_variation: bool = False
    se_method: str = ""

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """Pairs in which both gave the code, and pairs in which one did, over pairable units."""
        row, code, count = data.cells
        given = np.zeros(len(data.rows), dtype=np.int64)
        here = data.used[code] == self.code
        given[row[here]] = count[here]
        return {
            f"both_{self.code}": per_row(given * (given - 1)),
            f"one_{self.code}": per_row(given * (data.sizes - 1)),
        }

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """1 - specific agreement, and 1; 0 where nobody gave the code on a pairable unit."""
        one = sums[f"one_{self.code}"][:, 0]
        return 1 - sums[f"both_{self.code}"][:, 0] / np.maximum(one, 1), (one > 0).astype(np.float64)

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Give NaN: use the bootstrap."""
        return float("nan")


class TwoByTwo(NamedTuple):
    """Two coders and one code that is given or not.

    Attributes
    ----------
    agreement, kappa, alpha, pabak, ac1, positive, negative : float
        Percent agreement as a share, Cohen's kappa, Krippendorff's nominal alpha, 2 x agreement - 1, Gwet's
        AC1, and specific agreement on giving and on not giving the code. NaN where undefined.
    prevalence_index : float
        |given by both - given by neither| over n.
    bias_index : float
        |given by the first only - by the second only| over n.
    """

    agreement: float
    kappa: float
    alpha: float
    pabak: float
    ac1: float
    positive: float
    negative: float
    prevalence_index: float
    bias_index: float


def two_by_two(both: int, first_only: int, second_only: int, neither: int) -> TwoByTwo:
    """Everything that is said about a table of two coders by given and not given.

    Parameters
    ----------
    both, first_only, second_only, neither : int
        Number of units.

    Returns
    -------
    TwoByTwo
        Side by side, because no one of these numbers can be read alone.
    """
    cells = np.array([both, first_only, second_only, neither])
    if (cells < 0).any() or cells.sum() == 0:
        raise StudyError(f"a two-by-two table needs counts of 0 or more, not all 0; found {cells.tolist()}")
    positions = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], cells, axis=0)
    data, n_units = coded(positions, 2), cells.sum()
    return TwoByTwo(
        percent_agreement(positions, 2).estimate,
        cohen_kappa(positions, 2).estimate,
        krippendorff_alpha(positions, 2, level="nominal").estimate,
        pabak(positions, 2),
        gwet_ac1(positions, 2).estimate,
        estimated(Specific("positive_agreement", 1), data).estimate,
        estimated(Specific("negative_agreement", 0), data).estimate,
        float(abs(both - neither) / n_units),
        float(abs(first_only - second_only) / n_units),
    )


def pabak(positions: ArrayLike, n_codes: int) -> float:
    """Kappa adjusted for prevalence and bias: Brennan and Prediger's; 2 x agreement - 1 for two codes.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook, used or not.
    """
    return brennan_prediger(positions, n_codes).estimate


def one_against_rest(positions: ArrayLike, n_codes: int, code: int) -> NDArray[np.int64]:
    """Ask of every coding only whether it was one code.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where not coded.
    n_codes : int
        Number of codes in the codebook.
    code : int
        Position of the code.

    Returns
    -------
    array of int64, shape (n_units, n_coders)
        1 that code, 0 another, -1 not coded.
    """
    table = checked_positions(positions, n_codes)
    if not 0 <= code < n_codes:
        raise StudyError(f"code {code} is not in a codebook of {n_codes} code(s), numbered from 0")
    return np.where(table < 0, -1, (table == code).astype(np.int64))


def prevalence_index(positions: ArrayLike) -> float:
    """How unevenly a code is given or not: |2 p - 1|, p the share of codes on pairable units that are 1.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        1 given, 0 not given, -1 not coded.

    Returns
    -------
    float
        0 even, 1 always or never. NaN without a pairable unit. For two coders Byrt's |a - d| / n.
    """
    data = coded(positions, 2)
    if missing_design(data):
        return float("nan")
    paired = totals(standing(data), data.times)["paired"][0]
    share = paired[data.used == 1].sum() / paired.sum()
    return float(abs(2 * share - 1))


def bias_index(positions: ArrayLike) -> float:
    """How far coders differ in how often they give a code: mean over pairs of |difference in share|.

    Parameters
    ----------
    positions : array-like of int, shape (n_units, n_coders)
        1 given, 0 not given, -1 not coded.

    Returns
    -------
    float
        From 0, on units both coded. NaN without a pairable unit. For two coders Byrt's |b - c| / n.
    """
    data = coded(positions, 2, by_coder=True)
    if missing_design(data):
        return float("nan")
    row, pair, first, second = paired_codes(data)
    pair = np.unique(pair, return_inverse=True)[1]
    times = data.times[row]
    apart = np.bincount(pair, weights=times * (data.used[first] - data.used[second]))
    return float((np.abs(apart) / np.bincount(pair, weights=times)).mean())


def pooled_kappa(codes: Sequence[ArrayLike]) -> float:
    """One kappa over several codes: from mean observed and mean chance agreement, not the mean of kappas.

    Parameters
    ----------
    codes : sequence of array-like of int, shape (n_units, n_coders)
        For each code 1 given, 0 not given, -1 not coded; units may differ between codes.

    Returns
    -------
    float
        With two coders as in de Vries et al. (2008); with more, chance is Conger's. NaN where no code varies.
        Codes without a pairable unit do not count.
    """
    parts = []
    for positions in codes:
        data = coded(positions, 2, by_coder=True)
        if not missing_design(data):
            part = estimated(Conger("conger_kappa"), data)
            parts.append((part.observed, part.expected))
    observed, expected = np.array(parts).reshape(-1, 2).sum(axis=0)
    return float(1 - observed / expected) if expected > 0 else float("nan")
