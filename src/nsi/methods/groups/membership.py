"""Values sorted into the groups they belong to, with what every estimate needs of each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed, shown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = Sequence[tuple[NDArray[np.bool_], str]]


@dataclass(frozen=True, eq=False)
class Members:
    """Values by group; groups in the order of their names.

    Attributes
    ----------
    cases : Index, shape (n_groups,)
        Every group that was named, also one without a value.
    n : array of int, shape (n_groups,)
        Values of each group; missing ones do not count.
    mean : array of float, shape (n_groups,)
        Mean of each group, NaN without values.
    squares : array of float, shape (n_groups,)
        Sum of squared deviations from the group's mean; exactly 0 where all its values are equal.
    largest : float
        Largest absolute value, from which rounding error can be judged; 0 without values.
    """

    cases: pd.Index
    n: Ints
    mean: Floats
    squares: Floats
    largest: float

    @property
    def filled(self) -> Members:
        """The same without groups that have no value."""
        keep = self.n > 0
        return Members(self.cases[keep], self.n[keep], self.mean[keep], self.squares[keep], self.largest)


def members(values: pd.Series, groups: pd.Series) -> Members:
    """Sort values into groups.

    Parameters
    ----------
    values : Series of float, shape (n_respondents,)
        NaN where a respondent has no value, who then counts nowhere.
    groups : Series, shape (n_respondents,)
        Name of each respondent's group, on the same index.

    Raises
    ------
    StudyError
        If the two do not belong together, a value is no finite number, or one has no group.
    """
    require_same_rows(values.index, groups.index, "values")
    value = as_floats(values, "values")
    present = ~np.isnan(value)
    require_groups(groups, present)
    code, cases = group_codes(groups)
    # In order of value, so that sums come out the same to the last bit however the rows are sorted.
    order = np.lexsort((value, code))
    order = order[present[order] & (code[order] >= 0)]
    return _summed(value[order], code[order], cases)


def _summed(value: Floats, code: Ints, cases: pd.Index) -> Members:
    """Sums within each group, of rows that are sorted by group and value."""
    size = len(cases)
    n = np.bincount(code, minlength=size).astype(np.int64)
    last = np.cumsum(n) - 1
    with_values = n > 0
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    low[with_values] = value[last[with_values] - n[with_values] + 1]
    high[with_values] = value[last[with_values]]
    # From the group's lowest value on, so that a large common amount costs no digits.
    above = np.bincount(code, weights=value - low[code], minlength=size)
    mean = low + np.divide(above, n, out=np.zeros(size), where=with_values)
    squares = np.bincount(code, weights=(value - mean[code]) ** 2, minlength=size).astype(np.float64)
    alike = low == high
    mean[alike], squares[alike] = low[alike], 0.0
    return Members(cases, n, mean, squares, float(np.abs(value).max(initial=0.0)))


def group_codes(groups: pd.Series) -> tuple[Ints, pd.Index]:
    """Position of each row's group among the sorted names, -1 where it has none; and the names."""
    if isinstance(groups.dtype, pd.CategoricalDtype):
        groups = groups.astype(groups.cat.categories.dtype)
    code, cases = pd.factorize(groups, sort=True)
    return code.astype(np.int64), pd.Index(cases)


def as_floats(values: pd.Series, name: str) -> Floats:
    """Numbers as floats, NaN where missing; text and infinite numbers are refused."""
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        raise StudyError(f"{name} must be numbers, NaN where missing; found {values.dtype}; convert them first")
    number = values.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(np.isinf(number))
    if len(wrong):
        raise StudyError(
            f"{name} must be finite numbers; found an infinite one in row {listed(values.index[wrong])}; "
            "look for a division by 0 where they were made"
        )
    return number


def require_same_rows(first: pd.Index, second: pd.Index, name: str) -> None:
    """Refuse two inputs that cannot be paired row by row."""
    if len(first) != len(second):
        raise StudyError(
            f"{name} has {len(first)} rows and groups has {len(second)}; both need one row for each respondent"
        )
    if not first.equals(second):
        raise StudyError(f"{name} and groups have different row labels; take both from the same table")


def require_groups(groups: pd.Series, present: NDArray[np.bool_]) -> None:
    """Refuse a value that belongs to no group."""
    lost = np.flatnonzero(present & groups.isna().to_numpy(dtype=np.bool_))
    if len(lost):
        raise StudyError(
            f"groups is missing in row {listed(groups.index[lost])}, where there is a value; "
            "name the group or leave the row out"
        )


def ratio(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """Division that gives NaN where the divisor is not above 0."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)


def joined_flags(size: int, flags: Flags) -> NDArray[np.object_]:
    """Texts of all conditions that hold in each row, joined by "; "; "" where none does."""
    text = np.full(size, "", dtype=object)
    for holds, flag in flags:
        parted = np.where(text[holds] == "", "", "; ")
        text[holds] = text[holds] + parted.astype(object) + flag
    return text


def require_unique(cases: pd.Index | pd.Series, name: str) -> None:
    """Refuse a table in which a case stands twice."""
    twice = pd.Series(cases).loc[lambda case: case.duplicated()]
    if len(twice):
        raise StudyError(f"{name} has case {shown(str(twice.iloc[0]))} more than once; keep one row for each case")
