"""Scores of wider domains from the scales that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.score_frame import need_columns


def domain_scores(scores: pd.DataFrame, domains: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Score of each respondent on each domain: the mean of their scores on its scales.

    Parameters
    ----------
    scores : DataFrame
        One row per respondent; one float column per scale, NaN where there is no score.
    domains : mapping of str to sequence of str
        Scales of each domain. A scale may belong to several domains.

    Returns
    -------
    DataFrame
        Index of `scores`, one float column per domain in the order given, in the unit of the scales. NaN where the
        respondent has a score on fewer than half of its scales.

    Raises
    ------
    StudyError
        If there is no domain, a domain has no scale, names one twice, or names one that is not in the scores.
    """
    if not domains:
        raise StudyError("no domain is named; give each domain the scales that belong to it")
    for domain, scales in domains.items():
        if not scales or len(set(scales)) != len(scales):
            found = listed(scales) or "none"
            raise StudyError(f"domain '{domain}' must name each of its scales once, but names {found}")
        need_columns(scores, scales, f"domain '{domain}': scores")
    return pd.DataFrame({domain: _mean(scores[list(scales)]) for domain, scales in domains.items()}, index=scores.index)


def _mean(scales: pd.DataFrame) -> pd.Series:
    there = scales.notna().sum(axis=1).to_numpy()
    total = np.nansum(scales.to_numpy(dtype="float64", na_value=np.nan), axis=1)
    enough = (there > 0) & (2 * there >= scales.shape[1])
    mean = np.divide(total, there, out=np.full(len(scales), np.nan), where=enough)
    return pd.Series(mean, index=scales.index)
