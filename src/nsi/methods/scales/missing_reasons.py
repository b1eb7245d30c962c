"""Why answers are missing, item by item: skipped, not asked, refused and so on stay apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.scales.asked import need_columns, reason_column

ANSWERED = "answered"


def missing_reason_counts(responses: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Count for each item who answered, and the reasons of all others.

    Parameters
    ----------
    responses : DataFrame
        One row per response: for every item its answer, and a reason where there is none.
    items : DataFrame
        Column item.

    Returns
    -------
    DataFrame
        One row per item, in the order of `items`, and reason: "answered" first, then every reason that occurs
        with any item, sorted. Columns item, reason, n, share (of all responses; NaN where there are none).

    Raises
    ------
    StudyError
        If a column is absent, or a response has both an answer and a reason, or neither.
    """
    need_columns(responses, items)
    counts: dict[str, pd.Series] = {}
    for item in map(str, items["item"]):
        reason = responses[reason_column(item)]
        unclear = responses.index[(responses[item].notna() == reason.notna()).to_numpy()]
        if len(unclear):
            raise StudyError(
                f"item {item} has both an answer and a reason for having none, or neither, in {len(unclear)} "
                f"rows (rows {listed(unclear)}); clean the responses first"
            )
        counts[item] = reason.astype("str").value_counts()
        counts[item][ANSWERED] = reason.isna().sum()
    others = sorted({str(reason) for count in counts.values() for reason in count.index} - {ANSWERED})
    rows = [(item, reason) for item in counts for reason in (ANSWERED, *others)]
    n = np.array([int(counts[item].get(reason, 0)) for item, reason in rows], dtype=np.int64)
    return pd.DataFrame(
        {
            "item": pd.Series([item for item, _ in rows], dtype="str"),
            "reason": pd.Series([reason for _, reason in rows], dtype="str"),
            "n": n,
            "share": n / len(responses) if len(responses) else np.nan,
        }
    )
