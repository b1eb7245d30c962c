"""Sums of squares and products of items within groups, from which alpha, omega and item statistics come.

Sums run row by row in the order of the rows, so that the same answers give the same bytes on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class CrossProducts(NamedTuple):
    """Products of deviations of items from their means within each group.

    Attributes
    ----------
    sums : array of float, shape (n_groups, k, k)
        Sum over respondents who answered both items of the product of deviations from their means.
    counts : array of float, shape (n_groups, k, k)
        How many answered both.
    """

    sums: Floats
    counts: Floats

    @property
    def pooled(self) -> CrossProducts:
        """The groups taken together, each about its own means, as one group."""
        return CrossProducts(self.sums.sum(axis=0)[None], self.counts.sum(axis=0)[None])


def answer_values(answers: pd.DataFrame) -> Floats:
    """Answers as plain numbers.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, k)
        One column per item, already reversed; NaN or NA where not answered.

    Returns
    -------
    array of float, shape (n_respondents, k)
        NaN where not answered.

    Raises
    ------
    StudyError
        If an item occurs twice.
    """
    twice = answers.columns[answers.columns.duplicated()]
    if len(twice):
        raise StudyError(f"item {twice[0]} is there twice among the answers; leave one column per item")
    columns = [answers[item].to_numpy(dtype=np.float64, na_value=np.nan) for item in answers.columns]
    return np.column_stack(columns) if columns else np.empty((len(answers), 0))


def complete_rows(values: Floats) -> NDArray[np.bool_]:
    """Which respondents answered every item; none where there is no item.

    Parameters
    ----------
    values : array of float, shape (n_respondents, k)
        NaN where not answered.
    """
    every = np.asarray(~np.isnan(values).any(axis=1))
    return every if values.shape[1] else np.zeros(len(values), dtype=bool)


def one_group(values: Floats) -> Places:
    """Put all respondents into group 0.

    Parameters
    ----------
    values : array of float, shape (n_respondents, k)
        Answers, of which only the number counts.
    """
    return np.zeros(len(values), dtype=np.intp)


def cross_products(values: Floats, group: Places, n_groups: int) -> CrossProducts:
    """Sums of products within groups, each pair of items over those who answered both.

    Parameters
    ----------
    values : array of float, shape (n_respondents, k)
        NaN where not answered.
    group : array of int, shape (n_respondents,)
        Place of each respondent's group.
    n_groups : int
        Number of groups.

    Returns
    -------
    CrossProducts
        All 0 for a group without answers.
    """
    k = values.shape[1]
    there = ~np.isnan(values)
    near = _deviations(values, there, group, n_groups)
    sums, counts = np.zeros((n_groups, k, k)), np.zeros((n_groups, k, k))
    for i in range(k):
        for j in range(i, k):
            both = there[:, i] & there[:, j]
            place, a, b = group[both], near[both, i], near[both, j]
            n = np.bincount(place, minlength=n_groups).astype(np.float64)
            # Of those who answered both, the mean may lie away from that of all who answered one of them.
            shift = np.bincount(place, a, n_groups) * np.bincount(place, b, n_groups) / np.maximum(n, 1)
            sums[:, i, j] = sums[:, j, i] = np.bincount(place, a * b, n_groups) - shift
            counts[:, i, j] = counts[:, j, i] = n
    return CrossProducts(sums, counts)


def _deviations(values: Floats, there: NDArray[np.bool_], group: Places, n_groups: int) -> Floats:
    """Each answer less the mean of its item in its group: sums of products of these lose no digits."""
    near = np.empty(values.shape[::-1]).T  # item by item in memory, as it is read
    for item in range(values.shape[1]):
        answered = there[:, item]
        n = np.bincount(group[answered], minlength=n_groups)
        mean = np.bincount(group[answered], values[answered, item], n_groups) / np.maximum(n, 1)
        near[:, item] = values[:, item] - mean[group]
    return near
