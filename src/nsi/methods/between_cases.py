"""How much alike units of one case are, beyond units of different cases; tested by permutation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed

KINDS = ("nominal", "interval")
ONE_CASE = "one_case"
NO_PAIRS = "no_pairs_within_cases"
CONSTANT = "constant"


@dataclass(frozen=True)
class BetweenCases:
    """Difference between cases.

    Attributes
    ----------
    likeness : float
        1 less the mean difference of two units of the same case over that of two units of different cases: 0 where
        cases do not differ, 1 where all units of a case are equal; it may fall below 0 by chance.
    p : float
        Share of permutations of units over cases that are as far or further, the data counted as one of them.
    null_high : float
        95th percentile of the likeness over permutations: what no difference can look like with so few units.
    n, n_cases, n_pairs : int
        Units, cases, and pairs of units within a case.
    flag : str
        "" | "one_case" | "no_pairs_within_cases" | "constant" (all units are equal); numbers are NaN with a flag.
    """

    likeness: float
    p: float
    null_high: float
    n: int
    n_cases: int
    n_pairs: int
    flag: str


def between_cases(
    values: pd.Series, cases: pd.Series, *, kind: str, permutations: int, seed: int
) -> BetweenCases:
    """Compare units of the same case with units of different cases.

    Parameters
    ----------
    values : Series, shape (n_units,)
        Codes (nominal: two units differ or do not) or numbers (interval: the squared difference counts). Missing
        ones are left out.
    cases : Series, shape (n_units,)
        Case of each unit, on the same index.
    kind : str
        ``nominal`` or ``interval``.
    permutations : int
        How many are drawn.
    seed : int
        Same seed, same data: same p.

    Returns
    -------
    BetweenCases
        For numbers the likeness is an intraclass correlation, with pairs weighted alike.

    Raises
    ------
    StudyError
        If the kind is unknown, no permutation is asked for, or a unit has no case.

    Source: Krippendorff (2011), disagreement of pairs by a distance; Pitman (1937) for the permutation test.
    """
    if kind not in KINDS:
        raise StudyError(f"kind is '{kind}', allowed are {listed(KINDS)}; choose one of them")
    if permutations < 1:
        raise StudyError(f"a permutation test needs at least 1 permutation; found {permutations}")
    kept = values.notna()
    if cases[kept].isna().any():
        raise StudyError(f"{int(cases[kept].isna().sum())} units have no case; name the case of each")
    read = values[kept].astype(float if kind == "interval" else str)
    distinct, code = np.unique(read.to_numpy(), return_inverse=True)
    names, case = np.unique(cases[kept].astype(str).to_numpy(), return_inverse=True)
    apart = (distinct[:, None] - distinct[None, :]) ** 2 if kind == "interval" else 1.0 - np.eye(len(distinct))
    size = np.bincount(case, minlength=len(names))
    pairs = int((size * (size - 1)).sum() // 2)
    flag = ONE_CASE if len(names) < 2 else CONSTANT if len(distinct) < 2 else NO_PAIRS if not pairs else ""
    if flag:
        nan = float("nan")
        return BetweenCases(nan, nan, nan, len(code), len(names), pairs, flag)
    found = _likeness(code, case, apart, pairs)
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = np.array([_likeness(generator.permutation(code), case, apart, pairs) for _ in range(permutations)])
    p = (1 + int((drawn >= found - 1e-12).sum())) / (permutations + 1)
    return BetweenCases(found, p, float(np.quantile(drawn, 0.95)), len(code), len(names), pairs, "")


def _likeness(
    code: NDArray[np.int64], case: NDArray[np.int64], apart: NDArray[np.float64], pairs: int
) -> float:
    """Counts of codes by case hold all that is needed: sums of differences over pairs are quadratic in them."""
    n_codes, n = len(apart), len(code)
    counts = np.bincount(case * n_codes + code, minlength=(int(case.max()) + 1) * n_codes).reshape(-1, n_codes)
    counts = counts.astype(np.float64)
    total = counts.sum(axis=0)
    within = float(((counts @ apart) * counts).sum()) / 2
    across = float(total @ apart @ total) / 2 - within
    if across <= 0:
        return 0.0
    return 1.0 - (within / pairs) / (across / (n * (n - 1) / 2 - pairs))
