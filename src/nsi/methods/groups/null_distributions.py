"""Variance of answers given at random, which agreement within a group is measured against.

Sources: James, Demaree & Wolf (1984), Journal of Applied Psychology 69; LeBreton & Senter (2008),
Organizational Research Methods 11, table 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nsi.errors import StudyError

UNIFORM = "uniform"
SLIGHTLY_SKEWED = "slightly_skewed"
NULLS = (UNIFORM, SLIGHTLY_SKEWED)

# As in LeBreton's own R package WGA and in the Stata module ira; nothing is published for other numbers of
# options. For 5 it is the variance of .05, .15, .20, .35, .25 over the options 1 to 5.
SLIGHTLY_SKEWED_VARIANCE: Mapping[int, float] = MappingProxyType(
    {5: 1.34, 6: 1.85, 7: 2.90, 8: 3.47, 9: 5.66, 10: 6.30, 11: 7.31}
)


def expected_variance(null: str, options: int) -> float:
    """Variance of answers under a null distribution.

    Parameters
    ----------
    null : str
        "uniform" (every option equally often) or "slightly_skewed" (people lean towards one end).
    options : int
        Options of the answer format, 2 or more.

    Returns
    -------
    float
        Squared steps of the answer format. NaN for "slightly_skewed" outside 5 to 11 options.

    Raises
    ------
    StudyError
        If the null is unknown or there are fewer than two options.
    """
    if null not in NULLS:
        raise StudyError(f"null {null!r} is not known; choose one of {', '.join(NULLS)}")
    if options < 2:
        raise StudyError(f"an answer format needs 2 or more options; found {options}")
    if null == UNIFORM:
        return (options**2 - 1) / 12
    return SLIGHTLY_SKEWED_VARIANCE.get(options, float("nan"))
