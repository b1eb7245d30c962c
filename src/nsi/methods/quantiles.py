"""Quantiles of the normal and the t distribution.

SciPy is imported where a quantile is asked for: it takes a quarter of a second, and many a notebook that takes one
function from a package of methods never needs an interval.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike


def normal_quantile(share: float) -> float:
    """Value below which a share of the standard normal distribution lies.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    """
    from scipy.special import ndtri

    return float(ndtri(share))


def t_quantile(freedom: ArrayLike, share: float) -> Any:
    """Value below which a share of each t distribution lies.

    Parameters
    ----------
    freedom : array-like
        Degrees of freedom; NaN gives NaN.
    share : float
        Between 0 and 1.

    Returns
    -------
    array or Series of float
        Of the kind and shape of `freedom`.
    """
    from scipy.special import stdtrit

    return stdtrit(freedom, share)
