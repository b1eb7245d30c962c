"""Where coders differ: on which units, between which codes, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.coded_units import POOLED, CodedUnits, coded_units, independent_ratings


def confusion_pairs(ratings: pd.DataFrame, *, field: str, codes: Sequence[str]) -> pd.DataFrame:
    """Count pairs of codes given to the same unit, over all ordered pairs of coders.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order.

    Returns
    -------
    DataFrame, one row per two codes
        Columns row, column, n; every combination in the codebook's order. Symmetric: two coders who differ
        count once in each order, two who agree count twice on the diagonal.
    """
    table = coded_units(ratings, field=field, codes=codes)
    counts = np.zeros((len(codes), len(codes)), dtype=np.int64)
    for first, second in combinations(range(len(table.coders)), 2):
        between = _between(table, first, second, len(codes))
        counts += between + between.T
    return _long(counts, codes)


def confusion_between(
    ratings: pd.DataFrame, field: str, codes: Sequence[str], first: str, second: str
) -> pd.DataFrame:
    """Count the codes of one coder against those of another, on units both coded.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order.
    first, second : str
        Coders; the first makes the rows.

    Returns
    -------
    DataFrame, one row per two codes
        Columns row, column, n; every combination in the codebook's order.

    Raises
    ------
    StudyError
        If a coder has no rating for the field, or the two are one.
    """
    table = coded_units(ratings, field=field, codes=codes)
    for name in (first, second):
        if name not in table.coders:
            raise StudyError(
                f"coder {name} has no rating for {field!r}; coders who have: {', '.join(table.coders)}"
            )
    if first == second:
        raise StudyError(f"coder {first} cannot be compared with the same coder; name two")
    return _long(_between(table, table.coders.index(first), table.coders.index(second), len(codes)), codes)


def confusion_by_pair(ratings: pd.DataFrame, *, field: str, codes: Sequence[str]) -> pd.DataFrame:
    """Count the codes of each coder against those of each other one, for every two who coded a unit in common.

    Parameters
    ----------
    ratings, field, codes
        As for `confusion_between`.

    Returns
    -------
    DataFrame, one row per two coders and two codes
        Columns first_coder, second_coder (in order of their names), row, column, n. No rows where no two coders
        share a unit.
    """
    table = coded_units(ratings, field=field, codes=codes)
    parts = []
    for first, second in combinations(sorted(table.coders), 2):
        counts = _between(table, table.coders.index(first), table.coders.index(second), len(codes))
        if counts.any():
            parts.append(_long(counts, codes).assign(first_coder=first, second_coder=second))
    columns = ["first_coder", "second_coder", "row", "column", "n"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def disagreements(ratings: pd.DataFrame, *, field: str) -> pd.DataFrame:
    """List the units on which coders differ, and what each of them said.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value.
    field : str
        Which field.

    Returns
    -------
    DataFrame, one row per unit
        Columns case, unit, said ("C1: a | C2: b", coders in order of first appearance), n_coders, n_codes
        (different codes given). Units in order of first appearance.
    """
    given = independent_ratings(ratings, field)
    place = {coder: number for number, coder in enumerate(pd.unique(given["coder"].astype(object)))}
    rows = []
    for (case, unit), group in given.groupby(["case", "unit"], sort=False, observed=True):
        if group["value"].nunique() > 1:
            ordered = group.iloc[
                np.argsort(group["coder"].map(place).to_numpy(dtype=np.int64), kind="stable")
            ]
            said = " | ".join(f"{one.coder}: {one.value}" for one in ordered.itertuples())
            rows.append((case, unit, said, len(group), group["value"].nunique()))
    return pd.DataFrame(rows, columns=["case", "unit", "said", "n_coders", "n_codes"])


def disagreement_summary(ratings: pd.DataFrame, *, field: str, codes: Sequence[str]) -> pd.DataFrame:
    """Count, for every two codes, the units on which coders differed between them.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order.

    Returns
    -------
    DataFrame, one row per case and two codes that met
        Columns case ("all" first), first_code, second_code (in the codebook's order), n_units, n_pairable,
        share_of_pairable. A unit with three different codes counts under three pairs.
    """
    table = coded_units(ratings, field=field, codes=codes)
    rows: list[tuple[object, ...]] = []
    for case in [POOLED, *pd.unique(table.units["case"].astype(object))]:
        positions = table.of_case(case).positions
        n_pairable = int(((positions >= 0).sum(axis=1) >= 2).sum())
        given = np.stack([(positions == code).any(axis=1) for code in range(len(codes))])
        for first, second in combinations(range(len(codes)), 2):
            n_units = int((given[first] & given[second]).sum())
            if n_units:
                rows.append((case, codes[first], codes[second], n_units, n_pairable, n_units / n_pairable))
    columns = ["case", "first_code", "second_code", "n_units", "n_pairable", "share_of_pairable"]
    return pd.DataFrame(rows, columns=columns)


def _between(table: CodedUnits, first: int, second: int, n_codes: int) -> np.ndarray:
    """Units by the code of one coder (rows) and of another (columns)."""
    one, two = table.positions[:, first], table.positions[:, second]
    both = (one >= 0) & (two >= 0)
    return np.bincount(one[both] * n_codes + two[both], minlength=n_codes**2).reshape(n_codes, n_codes)


def _long(counts: np.ndarray, codes: Sequence[str]) -> pd.DataFrame:
    names = np.array(list(codes), dtype=object)
    return pd.DataFrame(
        {"row": np.repeat(names, len(codes)), "column": np.tile(names, len(codes)), "n": counts.ravel()}
    )
