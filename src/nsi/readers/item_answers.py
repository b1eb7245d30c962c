"""The answers to the items of a survey: a number, or the reason why there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.readers.answers import Answers, read_answers, text_at
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.raw_data import RawData
from nsi.readers.tables import REASON
from nsi.survey import Survey

NOT_ASKED = "not_asked"
SKIPPED = "skipped"
LARGEST = 32_767  # what the column of an item holds


def item_answers(
    text: pd.DataFrame, role: pd.Series, raw: RawData, survey: Survey, log: CleaningLog
) -> pd.DataFrame:
    """Read the answers to every item of a survey.

    Parameters
    ----------
    text : DataFrame of str
        One column per item that this wave asked; the index holds row numbers.
    role : Series
        Each respondent's role, missing where unknown; who is of unknown role counts as asked.
    raw : RawData
        The export that they come from.
    survey : Survey
        Its items.
    log : CleaningLog
        Gets a line for values outside the codebook, and for answers outside the block of a role.

    Returns
    -------
    DataFrame, index of text
        For every item in order ``<item>`` (Int16, as given) and ``<item>_missing`` (the reason); in each row
        exactly one of the two is missing.

    Raises
    ------
    StudyError
        On a cell that the declaration does not settle.
    """
    columns: dict[str, pd.Series] = {}
    outside = np.zeros(len(text), dtype=bool)
    touched = 0
    for name, item in survey.items.items():
        if name not in raw.table.item_columns:
            columns |= _nobody_asked(name, text.index)
            continue
        answers = _read(text[name], name, raw, log)
        unasked = _unasked(role, item.asked_of)
        columns |= _typed(name, answers, unasked)
        strays = unasked & _says_something(answers)
        touched += int(strays.any())
        outside |= strays
    if touched:
        words = "1 item that is" if touched == 1 else f"{touched} items that are"
        what = f"answers to {words} not put to the respondent's role are set aside, reason '{NOT_ASKED}'"
        log.add("answers outside the block", what, before=len(text), after=len(text), changed=text.index[outside])
    return pd.DataFrame(columns, index=text.index)


def _read(text: pd.Series[str], item: str, raw: RawData, log: CleaningLog) -> Answers:
    column = raw.table.item_columns[item]
    return read_answers(
        text, raw.fields[raw.table.answer_fields[item]], missing={"": SKIPPED, **raw.table.missing},
        policy=raw.table.outside_codebook, log=log, place=raw.file, column=column, labels=raw.labels.get(column),
    )  # fmt: skip


def _unasked(role: pd.Series, asked_of: tuple[str, ...]) -> np.ndarray:
    if not asked_of:
        return np.zeros(len(role), dtype=bool)
    known: np.ndarray = role.notna().to_numpy()
    return known & ~role.isin(list(asked_of)).to_numpy()


def _says_something(answers: Answers) -> np.ndarray:
    said = [cell != "" and meaning.reason != NOT_ASKED
            for cell, meaning in zip(answers.cells, answers.meanings, strict=True)]  # fmt: skip
    found: np.ndarray = np.array(said, dtype=bool)[answers.positions]
    return found


def _typed(name: str, answers: Answers, unasked: np.ndarray) -> dict[str, pd.Series]:
    numbers = [int(float(code)) if code else 0 for code in answers.codes]
    beyond = [number for number in numbers if abs(number) > LARGEST]
    if beyond:
        raise StudyError(f"item '{name}': the code {beyond[0]} is beyond {LARGEST:,}; give its answers smaller codes")
    last = len(answers.cells)  # the place of a cell that no file has: not asked
    positions = np.where(unasked, last, answers.positions)
    values = np.array([*numbers, 0], dtype="int16")[positions]
    nothing = np.array([*(code == "" for code in answers.codes), True], dtype=bool)[positions]
    return {
        name: pd.Series(pd.arrays.IntegerArray(values, nothing), index=answers.index),
        name + REASON: text_at([*answers.reasons, NOT_ASKED], positions, answers.index),
    }


def _nobody_asked(name: str, index: pd.Index[int]) -> dict[str, pd.Series]:
    nothing = pd.arrays.IntegerArray(np.zeros(len(index), dtype="int16"), np.ones(len(index), dtype=bool))
    reasons = text_at([NOT_ASKED], np.zeros(len(index), dtype="int64"), index)
    return {name: pd.Series(nothing, index=index), name + REASON: reasons}
