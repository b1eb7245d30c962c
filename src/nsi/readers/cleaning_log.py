"""What cleaning did, rule by rule: rows before and after, and which rows it touched."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

COLUMNS = ["table", "rule", "what", "rows_before", "rows_after", "rows_changed", "rows"]


class CleaningLog:
    """Collects one line per rule while a table is cleaned.

    Parameters
    ----------
    table : str
        Name of the table that is being cleaned.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self._lines: list[dict[str, object]] = []

    def add(
        self,
        rule: str,
        what: str,
        *,
        before: int,
        after: int,
        changed: Iterable[int] = (),
        removed: Iterable[int] = (),
    ) -> None:
        """Note that a rule was applied.

        Parameters
        ----------
        rule : str
            The rule's name.
        what : str
            What it does, in a sentence; never a value from the data.
        before, after : int
            Number of rows before and after.
        changed, removed : iterable of int
            The file's row numbers that stayed with another content, and that went.
        """
        stayed = set(changed)
        self._lines.append(
            {
                "table": self.table,
                "rule": rule,
                "what": what,
                "rows_before": before,
                "rows_after": after,
                "rows_changed": len(stayed),
                "rows": " ".join(str(row) for row in sorted(stayed | set(removed))),
            }
        )

    def frame(self) -> pd.DataFrame:
        """Return the log, one row per rule, in the order of application."""
        return pd.DataFrame(self._lines, columns=COLUMNS)
