"""How often each answer was given, for stacked bars: every answer of the format, also one nobody chose."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.scales.asked import asked, need_columns
from nsi.methods.scales.cross_products import Places
from nsi.methods.scales.scoring import keyed_answers


def likert_counts(responses: pd.DataFrame, items: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Count the answers to each item, as they were given: items are not reversed here.

    Parameters
    ----------
    responses : DataFrame
        One row per response: answers and reasons of every item.
    items : DataFrame
        Columns item, low, high; the answers of the format are the whole numbers from low to high.
    by : str, optional
        Column of `responses` that splits the counts, such as case or wave.

    Returns
    -------
    DataFrame
        One row per item, group (sorted, or in the order of its categories; NA last, as a group of its own)
        and answer (ascending): item, the column `by` if given, value, n, share (of n_answered; NaN where
        nobody answered), n_answered, n_missing (asked, but without an answer), n_not_asked.

    Raises
    ------
    StudyError
        If a column is absent, an answer lies outside its limits, or is no whole number.
    """
    need_columns(responses, items)
    if by is not None and by not in responses.columns:
        raise StudyError(f"responses have no column {by!r} to split the counts by; name one of their columns")
    group, names = _groups(responses, by)
    plain = items.assign(reverse=False)
    tables = [_of_item(responses, plain.iloc[[place]], group, names, by) for place in range(len(plain))]
    if not tables:
        raise StudyError("there is no item to count; pass at least one row of items")
    return pd.concat(tables, ignore_index=True)


def _groups(responses: pd.DataFrame, by: str | None) -> tuple[Places, pd.Series]:
    """Place of each response's group, and the groups in order as they stand in the column."""
    if by is None:
        return np.zeros(len(responses), dtype=np.intp), pd.Series([0])
    column = responses[by]
    distinct = column.drop_duplicates().sort_values(kind="stable", na_position="last")
    distinct = distinct.reset_index(drop=True)
    known = pd.Index(distinct.dropna())
    place = known.get_indexer(pd.Index(column))
    return np.where(place < 0, len(known), place).astype(np.intp), distinct


def _of_item(
    responses: pd.DataFrame, item: pd.DataFrame, group: Places, names: pd.Series, by: str | None
) -> pd.DataFrame:
    name, low, high = str(item["item"].iloc[0]), float(item["low"].iloc[0]), float(item["high"].iloc[0])
    answer = keyed_answers(responses, item).to_numpy()[:, 0]
    there = ~np.isnan(answer)
    if not low.is_integer() or not high.is_integer() or (answer[there] % 1).any():
        raise StudyError(f"item {name} has answers or limits that are no whole numbers; only those are counted")
    first, n_values, n_groups = int(low), int(high - low) + 1, len(names)
    cell = group[there] * n_values + answer[there].astype(np.intp) - first
    n = np.bincount(cell, minlength=n_groups * n_values)
    answered = np.bincount(group[there], minlength=n_groups)
    of_whom = np.bincount(group[asked(responses, name) | there], minlength=n_groups)
    everyone = np.bincount(group, minlength=n_groups)
    base = np.repeat(answered, n_values)
    columns: dict[str, object] = {"item": pd.Series([name] * len(n), dtype="str")}
    if by is not None:
        columns[by] = names.repeat(n_values).reset_index(drop=True)
    columns |= {
        "value": np.tile(np.arange(first, first + n_values), n_groups),
        "n": n,
        "share": np.where(base > 0, n / np.maximum(base, 1), np.nan),
        "n_answered": base,
        "n_missing": np.repeat(of_whom - answered, n_values),
        "n_not_asked": np.repeat(everyone - of_whom, n_values),
    }
    return pd.DataFrame(columns)
