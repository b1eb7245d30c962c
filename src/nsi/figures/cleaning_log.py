"""The cleaning log as a figure needs it: named rules, whole counts, and no row lost between two rules."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_columns, require_counts

COUNTS = ("rows_before", "rows_after", "rows_changed")


def checked_log(log: pd.DataFrame) -> pd.DataFrame:
    """Give the log with whole counts; its columns are described at `cleaning_flow`.

    Raises
    ------
    StudyError
        If a column is missing, a count is not a whole number from 0 up, a name is missing, more rows are
        changed than there are, or a rule does not start with the rows that the rule before it left.
    """
    require_columns(log, ["rule", "table", *COUNTS], table="cleaning log")
    clean = log.assign(**{column: require_counts(log, column, table="cleaning log") for column in COUNTS})
    _check(clean)
    return clean


def _check(log: pd.DataFrame) -> None:
    """Refuse a log with nameless rules, or one in which rows appear or vanish between two rules."""
    for column in ("rule", "table"):
        bare = log[column].isna() | (log[column].astype("string").str.strip() == "")
        if bare.any():
            row = int(bare.to_numpy().argmax()) + 1
            raise StudyError(f"cleaning log row {row}: {column} is missing; name it")
    for table, rules in log.groupby("table", sort=False):
        left = -1
        for rule, before, after, changed in zip(*(rules[name] for name in ("rule", *COUNTS)), strict=True):
            where = f"cleaning log: rule '{rule}' of table '{table}'"
            if changed > max(before, after):
                raise StudyError(f"{where} changed {changed} rows of {before}; count rows, not cells")
            if left not in (-1, before):
                raise StudyError(
                    f"{where} starts with {before} rows, but the rule before it left {left}; "
                    "list the rules in the order applied, with none left out"
                )
            left = after
