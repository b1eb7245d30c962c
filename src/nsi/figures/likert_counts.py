"""The answers to one item, checked: shares from low to high that add up to what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_counts
from nsi.figures.value_columns import require_once

TABLE = "table of answers"


@dataclass(frozen=True)
class AnswerCounts:
    """Shares of all answers from low to high (0 to 1), n of answers (None: withheld) and of missing ones."""

    shares: tuple[float, ...]
    n_answered: int | None
    n_missing: int

    @property
    def low(self) -> float:
        """Share of the answers below the middle."""
        return float(np.sum(self.shares[: len(self.shares) // 2]))

    @property
    def middle(self) -> float:
        """Share of the middle answer; 0 where their number is even."""
        return self.shares[len(self.shares) // 2] if len(self.shares) % 2 else 0.0

    @property
    def high(self) -> float:
        """Share of the answers above the middle."""
        return float(np.sum(self.shares[(len(self.shares) + 1) // 2 :]))


def answer_counts(own: pd.DataFrame, answers: Mapping[int, str], name: str) -> AnswerCounts:
    """Check the rows of one item and give its shares in the order of the answers.

    Parameters
    ----------
    own : DataFrame
        Rows of one item: ``value``, ``n``, ``share``, ``n_answered``, ``n_missing``.
    answers : mapping of int to str
        Answers from low to high.
    name : str
        What the item is called in the message.

    Raises
    ------
    StudyError
        If an answer is unknown or stands twice, n does not add up to n_answered, or a share is not n over
        n_answered.
    """
    if own["n"].isna().all():
        return AnswerCounts((0.0,) * len(answers), None, 0)
    table = f"{TABLE}, '{name}'"
    stray = [value for value in own["value"] if value not in answers]
    if stray:
        raise StudyError(f"{table}: answer {stray[0]} is unknown, allowed are {listed(answers, 12)}; add its label")
    require_once(own, ["value"], table=table)
    n, whole, missing = (require_counts(own, column, table=table) for column in ("n", "n_answered", "n_missing"))
    if whole.nunique() > 1 or missing.nunique() > 1:
        raise StudyError(f"{table}: n_answered or n_missing differs between its rows; count each item once")
    answered = int(whole.iloc[0])
    if int(n.sum()) != answered:
        raise StudyError(f"{table}: n adds up to {int(n.sum()):,}, but n_answered is {answered:,}; count again")
    off = (own["share"].astype("float64") - n / answered).abs() > 1e-6 if answered else own["share"].isna() & False
    if off.any() or (answered and own["share"].isna().any()):
        raise StudyError(f"{table}: share is not n / n_answered; give it as a share from 0 to 1, not rounded")
    known = dict(zip(own["value"], n, strict=True))
    shares = tuple(known.get(value, 0) / answered if answered else 0.0 for value in answers)
    return AnswerCounts(shares, answered, int(missing.iloc[0]))
