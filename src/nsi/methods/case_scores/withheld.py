"""What a reader must not see, put into words: the last step before a table is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.case_scores.response_rates import EVERY_ROLE
from nsi.methods.case_scores.score_frame import WITHHELD, is_withheld, joined_flags, need_columns

DIGITS = 13  # as tables are written: the last two or three digits of a double differ between processors


def with_words(
    frame: pd.DataFrame,
    minimum_n: int,
    *,
    counts: Sequence[str] = ("n",),
    keep: Sequence[str] = ("roster",),
    by_count: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """A table for readers, in which withheld cells say so.

    In a row flagged "withheld" every number becomes "withheld", the response rate too: with the roster it would give
    the count away. The roster itself stays: how many were invited says nothing of who answered, and for most cases it
    is published. Only a roster below the minimum is told as "<minimum", as the count cannot be more.
    A withheld mean could be worked out from a total and the other rows: where totals are printed beside this table,
    let `complementary` withhold further rows first.

    Parameters
    ----------
    frame : DataFrame
        Any table with a column flag, such as that of `case_scores`.
    minimum_n : int
        Smallest count that may be shown.
    counts : sequence of str
        Columns that count people. In any row, withheld or not, 1 to minimum_n - 1 becomes "<minimum_n"; a larger count
        in a withheld row becomes "withheld"; 0 stays 0.
    keep : sequence of str
        Columns of numbers that say nothing of who answered.
    by_count : mapping of str to sequence of str, optional
        Columns that hang on a count of their own and are withheld wherever that count is 1 to minimum_n - 1.

    Returns
    -------
    DataFrame
        Same rows and columns. A column in which something was put into words is text, its numbers with 13 significant
        digits; what is undefined stays missing. Nothing is withheld as 0 or as an empty cell.

    Raises
    ------
    StudyError
        If a column is absent, or minimum_n is below 1.
    """
    if minimum_n < 1:
        raise StudyError(f"minimum_n must be 1 or more, but is {minimum_n}")
    hanging = {column: count for count, columns in (by_count or {}).items() for column in columns}
    need_columns(frame, ["flag", *hanging, *hanging.values()], "the table")
    rows = is_withheld(frame["flag"]).to_numpy()
    told = frame.copy()
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]) or pd.api.types.is_bool_dtype(frame[column]):
            continue
        if column in keep:
            words = np.where(rows & _few(frame[column], minimum_n), f"<{minimum_n}", "")
        elif column in counts:
            words = np.where(_few(frame[column], minimum_n), f"<{minimum_n}", np.where(rows, WITHHELD, ""))
        else:
            small = _few(frame[hanging[column]], minimum_n) if column in hanging else np.zeros(len(frame), dtype=bool)
            words = np.where(rows | small, WITHHELD, "")
        if (words != "").any():
            told[column] = _in_words(frame[column], words)
    return told


def complementary(
    frame: pd.DataFrame, within: Sequence[str], minimum_n: int, *, count: str = "n", keep: Sequence[str] = ("roster",)
) -> pd.DataFrame:
    """Withhold further rows, so that no total gives a withheld row away.

    In each group of rows that a total is printed for, such as the cases of one wave and scale, rows with the smallest
    counts are withheld too until at least two are and their counts add up to minimum_n or more. Needed wherever a
    total of the same people stands anywhere in print: a last row, n of `case_fits`, a number in the text.

    Parameters
    ----------
    frame : DataFrame
        Table with a column flag; no row of totals in it.
    within : sequence of str
        Columns that name what is totalled.
    minimum_n : int
        Smallest count that may be shown.
    count : str
        Column that counts people.
    keep : sequence of str
        Columns of numbers that stay.

    Returns
    -------
    DataFrame
        Same rows. Those withheld now have the flag "withheld" before their others, and their values missing. Their
        counts stay for `with_words` to replace.

    Raises
    ------
    StudyError
        If a column is absent.
    """
    need_columns(frame, [*within, count, "flag"], "the table")
    hidden = is_withheld(frame["flag"]).to_numpy()
    size = frame[count].astype("Float64").to_numpy(dtype="float64", na_value=0.0)
    group = frame.groupby(list(within), sort=False, dropna=False).ngroup().to_numpy()
    more = np.zeros(len(frame), dtype=bool)
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if hidden[rows].any():
            more[_further(rows, hidden, size, minimum_n)] = True
    told = frame.copy()
    told["flag"] = joined_flags(np.where(more, WITHHELD, ""), frame["flag"].fillna("").astype("str").to_numpy())
    values = [
        column for column in frame.columns
        if pd.api.types.is_numeric_dtype(frame[column]) and column not in (*keep, count, *within)
    ]  # fmt: skip
    told[values] = told[values].mask(pd.Series(more, index=told.index), axis=0)
    return told


def scores_with_words(table: pd.DataFrame, minimum_n: int) -> pd.DataFrame:
    """Scores of cases for readers, with a second case withheld wherever one alone would be.

    A total stands in every such table: what shrunken means are drawn towards. With the raw and shrunken means of all
    other cases, a single withheld mean can be worked out from it, unless only cases shown informed the fit.

    Parameters
    ----------
    table : DataFrame
        From `case_scores`.
    minimum_n : int
        Smallest count that may be shown.

    Returns
    -------
    DataFrame
        Columns of `case_scores`, as `with_words` leaves them.

    Raises
    ------
    StudyError
        As for `with_words`.
    """
    return with_words(complementary(table, ["wave", "scale"], minimum_n), minimum_n)


def selection_with_words(selection: pd.DataFrame, waves: Sequence[str], minimum_n: int) -> pd.DataFrame:
    """A selection of cases for readers: values of a wave with too few people are withheld also in rows that are not.

    Parameters
    ----------
    selection : DataFrame
        From `case_selection`.
    waves : sequence of str
        Its waves.
    minimum_n : int
        Smallest count that may be shown.

    Returns
    -------
    DataFrame
        Columns of `case_selection`, as `with_words` leaves them.

    Raises
    ------
    StudyError
        As for `with_words`.
    """
    by_count = {f"n_{wave}": [f"mean_{wave}", f"eb_mean_{wave}"] for wave in waves}
    return with_words(selection, minimum_n, counts=("n", *by_count), by_count=by_count)


def rates_with_words(rates: pd.DataFrame, minimum_n: int) -> pd.DataFrame:
    """Response rates for readers: a role, or a case, that fewer than minimum_n answered in is withheld.

    The row of all roles is a total, so a second role of the case is withheld where one alone would follow from it.

    Parameters
    ----------
    rates : DataFrame
        From `response_rates`.
    minimum_n : int
        Smallest count that may be shown.

    Returns
    -------
    DataFrame
        Columns of `response_rates`, as `with_words` leaves them.

    Raises
    ------
    StudyError
        As for `with_words`.
    """
    need_columns(rates, ["wave", "case", "role", "roster", "responses", "flag"], "rates")
    few = _few(rates["responses"], minimum_n)
    marked = rates.assign(flag=joined_flags(np.where(few, WITHHELD, ""), rates["flag"].astype("str").to_numpy()))
    whole = (marked["role"] == EVERY_ROLE).to_numpy()
    roles = complementary(marked[~whole], ["wave", "case"], minimum_n, count="responses")
    marked.loc[~whole, "flag"] = roles["flag"]
    return with_words(marked, minimum_n, counts=("responses", "off_roster"))


def _few(count: pd.Series, minimum_n: int) -> np.ndarray:
    number = count.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    return (number > 0) & (number < minimum_n)


def _further(rows: np.ndarray, hidden: np.ndarray, size: np.ndarray, minimum_n: int) -> list[int]:
    """Rows of one group to withhold beside those that are."""
    n_hidden, people = int(hidden[rows].sum()), float(size[rows][hidden[rows]].sum())
    open_rows = [int(row) for row in rows if not hidden[row] and size[row] > 0]
    chosen: list[int] = []
    for row in sorted(open_rows, key=lambda place: size[place]):
        if n_hidden + len(chosen) >= 2 and people >= minimum_n:
            break
        chosen.append(row)
        people += float(size[row])
    return chosen


def _in_words(column: pd.Series, words: np.ndarray) -> pd.Series:
    numbers = column.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    told = [  # plain lists: an array hands out its numbers one by one at ten times the cost
        word or (None if number != number else f"{number:.{DIGITS}g}")
        for word, number in zip(words.tolist(), (numbers + 0.0).tolist(), strict=True)
    ]
    return pd.Series(told, index=column.index, name=column.name, dtype="str")
