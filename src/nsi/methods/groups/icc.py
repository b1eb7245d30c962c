"""ICC(1) and ICC(2) from the analysis of variance: how far members of a group are alike.

Sources: Shrout & Fleiss (1979), Psychological Bulletin 86; Bliese (2000), in Klein & Kozlowski (eds.),
Multilevel Theory, Research, and Methods in Organizations, chapter 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from nsi.methods.groups.membership import Members, members
from nsi.methods.groups.reml import CONSTANT, NO_REPLICATION, NO_WITHIN

TOO_FEW_GROUPS = "too_few_groups"
NEGATIVE = "negative"
NO_BETWEEN_SQUARES = "no_between_squares"

ICC1_DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "icc1": "(MSB - MSW) / (MSB + (k - 1) MSW), k the plain mean group size",
        "icc1_anova_size": "(MSB - MSW) / (MSB + (k - 1) MSW), k = (N - sum n^2 / N) / (J - 1)",
    }
)
ICC2_DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "icc2": "(MSB - MSW) / MSB",
        "icc2_mean_size": "m ICC(1) / (1 + (m - 1) ICC(1)), m the plain mean group size, ICC(1) with the ANOVA size",
        "mean_reliability": "mean over groups of tau2 / (tau2 + sigma2 / n), variances by REML",
    }
)


@dataclass(frozen=True)
class IntraclassCorrelation:
    """Intraclass correlations of one set of values in groups.

    Attributes
    ----------
    ms_between, ms_within : float
        Mean squares.
    f : float
        Their ratio; NaN where there is no variance within.
    n, n_groups : int
        Values and groups that count.
    mean_size : float
        Plain mean group size.
    anova_size : float
        Mean size that the analysis of variance implies, (N - sum n^2 / N) / (J - 1).
    icc1, icc1_anova_size : float
        Share of variance that lies between groups, with either size. Negative estimates are kept.
    icc2, icc2_mean_size : float
        Reliability of group means; `ICC2_DEFINITIONS` says what each is.
    flag : str
        "" or "negative"; "no_within_variance" (1, since members of every group are equal);
        "no_between_squares" (group means are equal: icc2 is NaN); NaN belongs to "too_few_groups" (fewer than
        two), "no_replication" (all groups of one) and "constant" (all values are equal).
    """

    ms_between: float
    ms_within: float
    f: float
    n: int
    n_groups: int
    mean_size: float
    anova_size: float
    icc1: float
    icc1_anova_size: float
    icc2: float
    icc2_mean_size: float
    flag: str


def icc(values: pd.Series, groups: pd.Series) -> IntraclassCorrelation:
    """ICC(1) and ICC(2) of values in groups; R's multilevel gives the same `icc1` and `icc2`.

    Parameters
    ----------
    values : Series of float, shape (n_respondents,)
        NaN where missing; such rows do not count.
    groups : Series, shape (n_respondents,)
        Name of each respondent's group, on the same index.

    Returns
    -------
    IntraclassCorrelation
        NaN and a flag where undefined.

    Raises
    ------
    StudyError
        If values and groups do not belong together, a value is no finite number, or one has no group.
    """
    held = members(values, groups).filled
    total, size = int(held.n.sum()), len(held.n)
    nan = float("nan")
    mean_size = total / size if size else nan
    if size < 2 or total == size:
        within = float(held.squares.sum()) / (total - size) if total > size else nan
        between = _between_squares(held) / (size - 1) if size > 1 else nan
        anova_size = 1.0 if size > 1 else nan
        flag = NO_REPLICATION if size > 1 else TOO_FEW_GROUPS
        return IntraclassCorrelation(between, within, nan, total, size, mean_size, anova_size, nan, nan, nan, nan, flag)
    anova_size = (total - float((held.n**2).sum()) / total) / (size - 1)
    between = _between_squares(held) / (size - 1)
    within = float(held.squares.sum()) / (total - size)
    return _from_squares(between, within, total, size, anova_size)


def _from_squares(between: float, within: float, total: int, size: int, anova_size: float) -> IntraclassCorrelation:
    """Correlations from mean squares of two or more groups of which one has two or more values."""
    nan = float("nan")
    mean_size = total / size
    f = between / within if within > 0 else nan
    given = between, within, f, total, size, mean_size, anova_size
    if between == 0 and within == 0:
        return IntraclassCorrelation(*given, nan, nan, nan, nan, CONSTANT)
    plain, implied = ((between - within) / (between + (k - 1) * within) for k in (mean_size, anova_size))
    below = 1 + (mean_size - 1) * implied
    second = (between - within) / between if between > 0 else nan
    stepped = mean_size * implied / below if between > 0 and below > 0 else nan
    flag = NO_WITHIN if within == 0 else NO_BETWEEN_SQUARES if between == 0 else NEGATIVE if plain < 0 else ""
    return IntraclassCorrelation(*given, plain, implied, second, stepped, flag)


def _between_squares(held: Members) -> float:
    """Sum of squares between groups; 0 where means differ by no more than rounding."""
    grand = held.mean[0] + np.average(held.mean - held.mean[0], weights=held.n)
    squares = float((held.n * (held.mean - grand) ** 2).sum())
    rounding = float(held.n.sum()) * (4 * np.finfo(np.float64).eps * held.largest) ** 2
    return squares if squares > rounding else 0.0
