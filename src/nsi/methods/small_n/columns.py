"""Columns of a table of cases as ordered levels, and the test that fits two kinds of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.small_n.comparison import Integers

KINDS = ("nominal", "ordinal", "interval")
NOMINAL_TESTS, MIXED_TESTS, RANKED_TESTS = ("fisher", "boschloo"), ("rank_sum", "kruskal"), ("jonckheere", "spearman")


@dataclass(frozen=True, eq=False)
class Levels:
    """One column as places of its levels.

    Attributes
    ----------
    name, kind : str
        Of the column.
    places : array of int, shape (n_cases,)
        -1 where the case has no value.
    labels : tuple of str
        Levels in order, as they are shown.
    """

    name: str
    kind: str
    places: Integers
    labels: tuple[str, ...]

    def at(self, kept: Integers) -> Levels:
        """The same column for some cases; levels that none of them has are gone."""
        found, places = np.unique(self.places[kept], return_inverse=True)
        return Levels(self.name, self.kind, places.astype(np.int64), tuple(self.labels[k] for k in found.tolist()))

    def place(self, place: float) -> str:
        """How a level, or a place between two levels (a half), is told."""
        if place == int(place):
            return self.labels[int(place)]
        if place < 0:
            return f"below {self.labels[0]}"
        if place > len(self.labels) - 1:
            return f"above {self.labels[-1]}"
        return f"between {self.labels[int(place)]} and {self.labels[int(place) + 1]}"


def levels_of(cases: pd.DataFrame, name: str, kind: str) -> Levels:
    """Read one column of a table of cases.

    Parameters
    ----------
    cases : DataFrame
        One row per case; missing values are gaps.
    name : str
        Of the column.
    kind : str
        nominal, ordinal (numbers, or an ordered categorical) or interval (numbers).

    Returns
    -------
    Levels

    Raises
    ------
    StudyError
        If the column is lacking, the kind is unknown, or the values have no order where they need one.
    """
    if name not in cases.columns:
        raise StudyError(f"the table of cases lacks column {name}; found {listed(list(cases.columns), 12)}; name one")
    if kind not in KINDS:
        raise StudyError(f"column {name} is of kind {kind!r}, allowed are {listed(KINDS)}; declare one of these")
    values = cases[name]
    if isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered and kind != "interval":
        labels = tuple(str(level) for level in values.cat.categories)
        return Levels(name, kind, values.cat.codes.to_numpy().astype(np.int64), labels)
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    if kind != "nominal" and not numeric:
        _refuse_text(values, name, kind)
    found = values.dropna().unique().tolist()
    order = sorted(found) if numeric else sorted(found, key=str)
    places = np.full(len(values), -1, dtype=np.int64)
    for place, level in enumerate(order):
        places[(values == level).fillna(False).to_numpy(dtype=bool)] = place
    return Levels(name, kind, places, tuple(_told(level) for level in order))


def chosen_test(attribute: Levels, outcome: Levels, wanted: str | None = None) -> tuple[str, bool]:
    """The test that fits two columns, and whether the outcome is its first column (its groups).

    Two nominal columns make a table. A nominal and an ordered one are groups and ranks: rank-sum for two groups,
    Kruskal-Wallis for more. Of two ordered ones, an ordinal column with two levels makes two groups, with more
    the ordered groups of Jonckheere's test; two columns measured on a scale are correlated.

    Raises
    ------
    StudyError
        If another test is wanted than the kinds allow.
    """
    sides = (attribute, outcome)
    nominal = [side.kind == "nominal" for side in sides]
    allowed = NOMINAL_TESTS if all(nominal) else MIXED_TESTS if any(nominal) else RANKED_TESTS
    if wanted is not None and wanted not in allowed:
        raise StudyError(
            f"{wanted} does not fit {attribute.name} ({attribute.kind}) against {outcome.name} ({outcome.kind}); "
            f"allowed are {listed(allowed)}; name one, or none"
        )
    if all(nominal):
        return wanted or "fisher", False
    if any(nominal):
        groups = sides[nominal.index(True)]
        return wanted or ("rank_sum" if len(groups.labels) == 2 else "kruskal"), not nominal[0]
    ordinal = [side.kind == "ordinal" for side in sides]
    two = [flag and len(side.labels) == 2 for flag, side in zip(ordinal, sides, strict=True)]
    if wanted is None and any(two):
        return "rank_sum", not two[0]
    if wanted == "spearman" or not any(ordinal):
        return wanted or "spearman", False
    return "jonckheere", not ordinal[0] and ordinal[1]


def _refuse_text(values: pd.Series, name: str, kind: str) -> None:
    found = [shown(str(value)) for value in values.dropna().unique().tolist()]
    if not found:
        return
    need = "numbers" if kind == "interval" else "numbers or an ordered categorical"
    raise StudyError(
        f"column {name} is declared {kind}, which needs {need}; found {listed(found, 3)}; "
        "give the values an order, or declare the column nominal"
    )


def _told(level: object) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)
