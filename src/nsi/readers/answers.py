"""Cells of coded columns to codes, whatever an export writes: numbers, texts of choices, or values with labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nsi.codebook import Field
from nsi.errors import StudyError, listed, shown
from nsi.readers.choices import Choices, Meaning, field_choices, plain_number
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.rules import INVALID


@dataclass(frozen=True)
class Answers:
    """A column of answers by its different cells; a table has many rows, but few different cells.

    Attributes
    ----------
    index : Index
        The file's row numbers.
    positions : array of int
        For each row, which of the cells stands there.
    cells : list of str
        The different cells.
    meanings : list of Meaning
        What each cell means.
    """

    index: pd.Index[int]
    positions: np.ndarray
    cells: list[str]
    meanings: list[Meaning]

    @property
    def codes(self) -> list[str]:
        """The code of each different cell; empty where there is none."""
        return [meaning.code for meaning in self.meanings]

    @property
    def reasons(self) -> list[str]:
        """Why each different cell holds no code; empty where it does."""
        return [meaning.reason for meaning in self.meanings]


def text_at(texts: Sequence[str], positions: np.ndarray, index: pd.Index[int]) -> pd.Series[str]:
    """Return the text at each position as a column; an empty one is missing."""
    values = pd.array([text or None for text in texts], dtype="str")
    return pd.Series(values.take(positions), index=index, dtype="str")


def settle_answers(
    text: pd.Series[str], field: Field, *, missing: Mapping[str, str], policy: str, log: CleaningLog,
    place: str, column: str = "", labels: Mapping[str, str] | None = None,
) -> tuple[pd.Series[str], pd.Series[str]]:  # fmt: skip
    """Sort cells into codes and reasons, by code, by label, or by the label that the file gives to a value.

    Parameters
    ----------
    text, field, missing, policy, log, place, column
        As for `settle_codes`; here `missing` may also name labels.
    labels : mapping, optional
        Value to the label that the file gives it.

    Returns
    -------
    codes, reasons : Series of str
        In each row exactly one of the two is missing.

    Raises
    ------
    StudyError
        As for `settle_codes`, and if a cell can be read in two ways.
    """
    answers = read_answers(
        text, field, missing=missing, policy=policy, log=log, place=place, column=column, labels=labels
    )
    codes = text_at(answers.codes, answers.positions, text.index)
    reasons = text_at(answers.reasons, answers.positions, text.index)
    return codes, reasons


def read_answers(
    text: pd.Series[str], field: Field, *, missing: Mapping[str, str], policy: str, log: CleaningLog,
    place: str, column: str = "", labels: Mapping[str, str] | None = None,
) -> Answers:  # fmt: skip
    """Read a column as `settle_answers` does, but leave it in the form of its different cells."""
    name = column or field.name
    choices = field_choices(field, missing)
    named = {plain_number(value.strip()): label for value, label in (labels or {}).items()}
    said = _said_by_labels(named, choices, f"{place}: {name}")
    positions, found = pd.factorize(text)
    cells = [str(cell) for cell in found]
    meanings = [said.get(plain_number(cell)) or choices.meaning(cell) for cell in cells]
    reworded = {value for value in named if value not in said}
    other = [plain_number(cell) in reworded and meaning is not None and meaning.code != ""
             for cell, meaning in zip(cells, meanings, strict=True)]  # fmt: skip
    _log_other_words(text, positions, other, name, log)
    stray = np.array([meaning is None for meaning in meanings], dtype=bool)
    rows = text.index[stray[positions]] if stray.any() else text.index[:0]
    if len(rows) and policy == "stop":
        cell = str(text[rows[0]])
        told = _outside(cell, named.get(plain_number(cell)), choices, rows)
        raise StudyError(f"{place} row {rows[0]}: {name} {told}")
    if len(rows):
        what = f"{name}: values outside the codebook become missing, reason '{INVALID}'"
        log.add("outside the codebook", what, before=len(text), after=len(text), changed=rows)
    settled = [meaning or Meaning(reason=INVALID) for meaning in meanings]
    return Answers(text.index, positions, cells, settled)


def _said_by_labels(named: Mapping[str, str], choices: Choices, where: str) -> dict[str, Meaning]:
    """What the file's labels say that its values mean; all are checked, whether or not a value occurs."""
    said = {}
    for value, label in named.items():
        by_label, by_value = choices.meaning(label.strip()), choices.meaning(value)
        if by_label is None:
            continue
        if by_value not in (None, by_label):
            raise StudyError(
                f"{where}: the file says that {shown(value)} is {shown(label)}, which by the codebook is "
                f"{choices.told(by_label)}, but {shown(value)} is {choices.told(by_value)}; find out which is right, "
                f"then correct field '{choices.field.name}' of the codebook, or 'missing' in study.yml, or export again"
            )
        said[value] = by_label
    return said


def _log_other_words(
    text: pd.Series[str], positions: np.ndarray, other: Sequence[bool], name: str, log: CleaningLog
) -> None:
    if any(other):
        rows = text.index[np.array(other, dtype=bool)[positions]]
        what = f"{name}: the file labels codes in other words than the codebook; the codes count"
        log.add("labels in other words", what, before=len(text), after=len(text), changed=rows)


def _outside(cell: str, label: str | None, choices: Choices, rows: pd.Index[int]) -> str:
    found = "blank" if not cell else shown(cell) + (f" with the label {shown(label)}" if label else "")
    remedy = "add the code to the codebook" if cell else "declare in study.yml under 'missing' what a blank means"
    return (
        f"is {found}, but the codebook allows {choices.allowed} (rows affected: {listed(rows)}); settle it in "
        f"data_raw/corrections.csv, or {remedy}, or declare outside_codebook: {INVALID}"
    )
