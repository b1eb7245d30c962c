"""How far each case belongs to the sets of a truth table, and the same as a table for other programs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.matrix.plan import SetRule

MOST_CONDITIONS = 8  # 256 configurations: more than any number of cases that is read one by one can fill


def memberships(cases: pd.DataFrame, rules: Sequence[SetRule]) -> pd.DataFrame:
    """Return how far each case belongs to each set.

    Parameters
    ----------
    cases : DataFrame
        case and the columns that the rules name.
    rules : sequence of SetRule
        Conditions, and the outcome.

    Returns
    -------
    DataFrame of float, indexed by case
        One column per set: 0 or 1 for crisp sets, from 0 to 1 for those that hold membership; missing where the
        column is.

    Raises
    ------
    StudyError
        If a column is lacking, two names differ only in capitals (R's QCA took small letters for negation), or a
        membership is outside 0 to 1.
    """
    lowered = [rule.name.lower() for rule in rules]
    twice = [rule.name for rule in rules if lowered.count(rule.name.lower()) > 1]
    if twice:
        raise StudyError(f"the sets {listed(twice)} have one name, capitals aside; rename one of them")
    found = {rule.name: _membership(cases, rule) for rule in rules}
    return pd.DataFrame(found, index=pd.Index(cases["case"].astype("str"), name="case"))


def _membership(cases: pd.DataFrame, rule: SetRule) -> list[float]:
    if rule.column not in cases.columns:
        raise StudyError(
            f"the set '{rule.name}' rests on '{rule.column}', but cases have {', '.join(map(str, cases.columns))}; "
            "correct the name"
        )
    column = cases[rule.column]
    if rule.values:
        inside = column.astype("str").isin(list(rule.values)).astype(float)
        return list(inside.mask(column.isna()))
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = cases.loc[numbers.isna() & column.notna(), "case"]
    if len(wrong):
        raise StudyError(
            f"the set '{rule.name}' needs numbers in '{rule.column}', but that of case {listed(wrong)} is none; say "
            "which values belong to it"
        )
    if rule.at_least is not None:
        return list((numbers >= rule.at_least).astype(float).mask(numbers.isna()))
    outside = cases.loc[(numbers < 0) | (numbers > 1), "case"]
    if len(outside):
        raise StudyError(
            f"the set '{rule.name}' takes '{rule.column}' as membership from 0 to 1, but that of case "
            f"{listed(outside)} is not; say from which number on a case belongs to it"
        )
    return list(numbers)


def truth_table_csv(cases: pd.DataFrame, conditions: Sequence[SetRule], result: SetRule) -> pd.DataFrame:
    """Return the table of cases by sets that R's QCA (and fsQCA) read: one row per case, memberships as numbers.

    Parameters
    ----------
    cases : DataFrame
        As `memberships`.
    conditions : sequence of SetRule
        Conditions, in order.
    result : SetRule
        The outcome; last column.

    Returns
    -------
    DataFrame
        case and one column per set; whole numbers 0 and 1 where a set is crisp. Cases of which something is not
        recorded are left out, as those programs do not take them. In R:
        ``truthTable(read.csv(file, row.names = "case"), outcome = "...", incl.cut = 0.8)``.
    """
    found = memberships(cases, [*conditions, result]).dropna()
    crisp = [name for name in found.columns if found[name].isin([0.0, 1.0]).all()]
    return found.astype(dict.fromkeys(crisp, "int64")).sort_index(kind="stable").reset_index()
