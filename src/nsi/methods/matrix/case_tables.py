"""The table of cases behind a matrix: which cases there are, what is known of each, and one score to order them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from nsi.errors import StudyError, listed, shown


def case_table(
    documents: pd.DataFrame,
    cases: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    where: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
    every_case: bool = False,
) -> pd.DataFrame:
    """Put together the cases of a matrix.

    Parameters
    ----------
    documents : DataFrame
        case of each document.
    cases : DataFrame, one row per case
        case and attributes.
    scores : DataFrame
        case and scores; may have several rows per case, such as one per scale and occasion.
    where : mapping of str to str, optional
        Column of `scores` to the value that its rows must have, so that one row per case is left.
    columns : sequence of str
        Columns of `scores` that are taken; nobody named: none.
    every_case : bool
        Whether cases of which there is no document stay; nobody has looked at them.

    Returns
    -------
    DataFrame, one row per case
        case, the columns of `cases`, and those scores; sorted by case. A case with documents of which a table knows
        nothing has missing values there.

    Raises
    ------
    StudyError
        If a column is lacking or in both tables, no row of the scores is left, or several are left of one case.
    """
    lacking = [name for name in ("case", *(where or {}), *columns) if name not in scores.columns]
    if lacking:
        raise StudyError(f"the scores of cases have no column {listed(lacking)}; they have "
                         f"{', '.join(map(str, scores.columns))}")  # fmt: skip
    twice = [name for name in columns if name in cases.columns]
    if twice:
        raise StudyError(f"{listed(twice)} is a column of the cases and of their scores; take it from one of them")
    known = set(documents["case"].astype("str")) | (set(cases["case"].astype("str")) if every_case else set())
    whole = pd.DataFrame({"case": sorted(known)}, dtype="str")
    attributes = cases.astype({"case": "str"})
    again = attributes.loc[attributes["case"].duplicated(), "case"]
    if len(again):
        raise StudyError(f"the table of cases has {shown(str(again.iloc[0]))} twice; keep one row per case")
    whole = whole.merge(attributes, on="case", how="left", validate="one_to_one")
    if not columns:
        return whole
    return whole.merge(_chosen(scores, where or {})[["case", *columns]], on="case", how="left", validate="one_to_one")


def _chosen(scores: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
    here = pd.Series(True, index=scores.index)
    for name, value in where.items():
        here &= (scores[name].astype("str") == str(value)).to_numpy()
    told = ", ".join(f"{name} {value}" for name, value in where.items()) or "no condition"
    if not here.any():
        raise StudyError(f"no score of a case has {told}; correct what 'where' says")
    found = scores[here].astype({"case": "str"})
    again = found.loc[found["case"].duplicated(), "case"]
    if len(again):
        raise StudyError(f"case {shown(str(again.iloc[0]))} has several scores with {told}; say which in 'where'")
    return found
