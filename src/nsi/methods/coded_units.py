"""Ratings as a table of units by coders, after checking that agreement may be computed from them.

Ratings are independent labels, one row per unit, coder and field. Rows with a reason instead of a value are
not ratings. A unit is known by its case and its own id; a coder by the coder's id, the same in every case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed

POOLED = "all"
SHOWN = 40  # characters of a stray value in an error: enough to find it, too few to quote anyone
COLUMNS = ("case", "unit", "coder", "field", "value")


@dataclass(frozen=True)
class CodedUnits:
    """Ratings of one field as a table of units by coders.

    Attributes
    ----------
    units : DataFrame, shape (n_units, 2)
        Columns case and unit, in order of first appearance.
    coders : list of str
        In order of first appearance.
    positions : array of int, shape (n_units, n_coders)
        Positions in the codebook, -1 where a coder did not code a unit.
    cluster : array of int, shape (n_units,), or None
        Number of the cluster of each unit.
    """

    units: pd.DataFrame
    coders: list[str]
    positions: NDArray[np.int64]
    cluster: NDArray[np.int64] | None = None

    def of_case(self, case: str) -> CodedUnits:
        """Keep the units of one case, or all of them."""
        if case == POOLED:
            return self
        keep = (self.units["case"] == case).to_numpy()
        cluster = None if self.cluster is None else self.cluster[keep]
        return CodedUnits(self.units[keep], self.coders, self.positions[keep], cluster)


def coded_units(
    ratings: pd.DataFrame, *, field: str, codes: Sequence[str], cluster: str | None = None
) -> CodedUnits:
    """Lay out the ratings of one field as units by coders.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value; `label_stage` if there.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order.
    cluster : str, optional
        Column that names what units were cut from; one value per unit.

    Returns
    -------
    CodedUnits
        Without the rows that hold no value.

    Raises
    ------
    StudyError
        As `reliability`.
    """
    if len(set(codes)) < len(codes):
        raise StudyError(f"the codebook lists a code of {field!r} twice: {listed(list(codes), 10)}; keep one")
    given = independent_ratings(ratings, field)
    place = pd.Index(list(codes)).get_indexer(pd.Index(given["value"].astype(object)))
    if (place < 0).any():
        _refuse_value(given[place < 0], field, codes)
    unit, units = _numbered(given, ["case", "unit"])
    coder, names = pd.factorize(given["coder"].astype(object))
    positions = np.full((len(units), len(names)), -1, dtype=np.int64)
    positions[unit, coder] = place
    number = None if cluster is None else _clusters(given, unit, len(units), cluster, field)
    return CodedUnits(units, [str(name) for name in names], positions, number)


def independent_ratings(ratings: pd.DataFrame, field: str) -> pd.DataFrame:
    """Select the rows of one field that hold a value, once reliability may be computed from them.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value; `label_stage` if there.
    field : str
        Which field.

    Raises
    ------
    StudyError
        If a column is lacking, labels are not independent, an id is missing, a case is called "all", or a
        coder coded a unit twice.
    """
    lacking = [name for name in COLUMNS if name not in ratings.columns]
    if lacking:
        raise StudyError(f"ratings lack column(s) {listed(lacking)}; they must have {', '.join(COLUMNS)}")
    rows = ratings[(ratings["field"] == field).fillna(False).astype(bool)]
    if "label_stage" in rows.columns:
        _refuse_consensus(rows, field)
    given = rows[rows["value"].notna()]
    for name in ("case", "unit", "coder"):
        if given[name].isna().any():
            row = given.index[given[name].isna()][0]
            raise StudyError(f"ratings row {row}: no {name} for field {field!r}; every rating needs one")
    if (given["case"] == POOLED).any():
        raise StudyError(
            f"a case is called {POOLED!r}, which names the pooled row of the table; rename that case"
        )
    _refuse_twice(given, field)
    return given


def _numbered(given: pd.DataFrame, names: list[str]) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Number the distinct combinations of columns in order of first appearance, and list them."""
    first = given.drop_duplicates(names)[names].reset_index(drop=True)
    number = given.groupby(names, sort=False, observed=True).ngroup()
    return np.asarray(number, dtype=np.int64), first


def _clusters(
    given: pd.DataFrame, unit: NDArray[np.int64], n_units: int, cluster: str, field: str
) -> NDArray[np.int64]:
    """Number of each unit's cluster; a cluster id counts within its case."""
    if cluster not in given.columns:
        raise StudyError(
            f"ratings have no column {cluster!r} to resample by; name the column of the clusters"
        )
    if given[cluster].isna().any():
        row = given.index[given[cluster].isna()][0]
        raise StudyError(f"ratings row {row}: no {cluster} for field {field!r}; every rated unit needs one")
    ranked = given.groupby(["case", cluster], sort=True, observed=True).ngroup().to_numpy(dtype=np.int64)
    number = np.zeros(n_units, dtype=np.int64)
    number[unit] = ranked
    if (number[unit] != ranked).any():
        row = given[number[unit] != ranked].iloc[0]
        raise StudyError(
            f"unit {row['unit']} of case {row['case']} stands in more than one {cluster} for {field!r}; "
            "a unit belongs to one"
        )
    return number


def _refuse_value(stray: pd.DataFrame, field: str, codes: Sequence[str]) -> None:
    row = stray.iloc[0]
    raise StudyError(
        f"coder {row['coder']}, unit {row['unit']} of case {row['case']}: {field!r} is "
        f"{repr(row['value'])[:SHOWN]}, but the codebook allows "
        f"{listed([repr(code) for code in codes], 10)} ({len(stray)} such rating(s)); "
        "correct the value, or add the code to the codebook"
    )


def _refuse_twice(given: pd.DataFrame, field: str) -> None:
    again = given.duplicated(["case", "unit", "coder"], keep=False)
    if again.any():
        row = given[again].iloc[0]
        same = given[again][["case", "unit", "coder"]].eq(row[["case", "unit", "coder"]]).all(axis=1)
        raise StudyError(
            f"coder {row['coder']} coded unit {row['unit']} of case {row['case']} {int(same.sum())} times "
            f"for {field!r} ({int(again.sum())} rows affected in all); "
            "keep one of them through the corrections table"
        )


def _refuse_consensus(rows: pd.DataFrame, field: str) -> None:
    other = rows[rows["label_stage"].fillna("").astype(str) != "independent"]
    if len(other):
        stages = sorted({str(stage) for stage in other["label_stage"]})
        raise StudyError(
            f"field {field!r}: a reliability computed on consensus labels is refused; {len(other)} row(s) "
            f"have label_stage {listed(stages)}, only 'independent' is allowed; "
            "pass the ratings made before discussion"
        )
