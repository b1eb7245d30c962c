"""Which items were asked, of whom and in which wave; an item not asked is no gap in anybody's answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed

NOT_ASKED = "not_asked"


def reason_column(item: str) -> str:
    """Name the column that says why an item has no answer.

    Parameters
    ----------
    item : str
        Name of the item, which is that of the column with its answers.
    """
    return f"{item}_missing"


def need_columns(responses: pd.DataFrame, items: pd.DataFrame, reasons: bool = True) -> None:
    """Refuse responses that lack an item.

    Parameters
    ----------
    responses : DataFrame
        One row per response.
    items : DataFrame
        Column item.
    reasons : bool
        Whether the columns with reasons for missing answers are needed too.

    Raises
    ------
    StudyError
        If a column is absent; all that are absent are named.
    """
    names = [str(item) for item in items["item"]]
    wanted = [*names, *map(reason_column, names)] if reasons else names
    there = set(responses.columns)
    absent = [name for name in wanted if name not in there]
    if absent:
        raise StudyError(
            f"responses have no column {listed(absent)}; an item that no one was asked needs its columns too, "
            f"empty and {NOT_ASKED!r}"
        )


def asked(responses: pd.DataFrame, item: str) -> NDArray[np.bool_]:
    """Who was asked an item.

    Parameters
    ----------
    responses : DataFrame
        One row per response; the item's column of reasons.
    item : str
        Name of the item.

    Returns
    -------
    array of bool, shape (n_responses,)
        True also for who skipped it.
    """
    return ~(responses[reason_column(item)] == NOT_ASKED).to_numpy(dtype=bool, na_value=False)


def items_asked(responses: pd.DataFrame, items: pd.DataFrame, scale: str) -> list[str]:
    """Items of a scale that were asked of at least one respondent, in the order of the questionnaire.

    Parameters
    ----------
    responses : DataFrame
        One row per response.
    items : DataFrame
        Columns item and scale.
    scale : str
        Name of the scale.
    """
    of_scale = [str(item) for item in items.loc[items["scale"] == scale, "item"]]
    return [item for item in of_scale if asked(responses, item).any()]
