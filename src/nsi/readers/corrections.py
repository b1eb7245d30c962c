"""Hand corrections: one row each in corrections.csv, applied when a file is read, never in a notebook."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.readers.delimited import ROW

FILE = "corrections.csv"
COLUMNS = ["file", "row_key", "column", "old", "new", "who", "why"]
DROP = "drop"  # in column `new`, with `*` as the column: the whole row goes


def apply_corrections(
    frame: pd.DataFrame, corrections: Sequence[Sequence[str]], *, file: str, rows: Sequence[int] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply the corrections of one file to its text.

    Parameters
    ----------
    frame : DataFrame
        The file as text, the index holding row numbers.
    corrections : sequence of rows
        Each with file, row_key, column, old, new, who, why; a row_key is ``column=value`` pairs joined by
        ``;``, and ``row=41`` stands for the file's row 41, for rows that nothing else tells apart.
    file : str
        The file's name, for messages.
    rows : sequence of int
        Where the corrections stand in corrections.csv, for messages; by default they follow its header.

    Returns
    -------
    corrected : DataFrame
        A copy, corrected; dropped rows are gone.
    applied : DataFrame
        One row per correction: row (its number in the file), column, who, why.

    Raises
    ------
    StudyError
        If a correction is incomplete, fits no row, fits several, or the old value is not what the file holds.
        A correction that no longer fits is an error, because the file has changed beneath it.
    """
    corrected = frame.copy()
    applied = []
    for number, cells in zip(rows or range(2, 2 + len(corrections)), corrections, strict=True):
        where = f"{FILE} row {number}, for {file}"
        if len(cells) != len(COLUMNS):
            raise StudyError(f"{where}: {len(cells)} cells, but needs {len(COLUMNS)}: {', '.join(COLUMNS)}")
        _, row_key, column, old, new, who, why = [cell.strip() for cell in cells]
        if not who or not why:
            raise StudyError(f"{where} ({row_key}): 'who' and 'why' must be filled, so that a reader can judge it")
        if column == "*" and new != DROP:
            raise StudyError(f"{where} ({row_key}): column '*' stands for the whole row, so 'new' must be '{DROP}'")
        row = _row_to_correct(corrected, row_key, column, old, where)
        if column == "*":
            corrected = corrected.drop(index=row)
        else:
            corrected.loc[row, column] = new
        applied.append({ROW: row, "column": column, "who": who, "why": why})
    return corrected, pd.DataFrame(applied, columns=[ROW, "column", "who", "why"])


def _row_to_correct(frame: pd.DataFrame, row_key: str, column: str, old: str, where: str) -> int:
    chosen = pd.Series(True, index=frame.index)
    for part in row_key.split(";"):
        name, mark, value = (piece.strip() for piece in part.partition("="))
        if mark and name == ROW and name not in frame.columns:
            chosen &= frame.index.astype("str") == value
        elif mark and name in frame.columns:
            chosen &= frame[name].str.strip() == value
        else:
            raise StudyError(f"{where}: row_key '{row_key}' must be column=value pairs with columns of the file")
    if column != "*" and column not in frame.columns:
        raise StudyError(f"{where} ({row_key}): the file has no column '{column}'; it has {', '.join(frame.columns)}")
    keyed = frame.index[chosen]
    if len(keyed) == 0:
        raise StudyError(f"{where}: no row has {row_key}; correct the key, or remove the correction")
    # Of two rows with one key, the one that holds the old value is meant.
    fitting = [row for row in keyed if column == "*" or str(frame.at[row, column]).strip() == old]
    if not fitting:
        raise StudyError(
            f"{where} ({row_key}): '{column}' in row {listed(keyed)} no longer holds the old value "
            f"{shown(old)}; the file has changed, so look again and remove or renew the correction"
        )
    if len(fitting) > 1:
        raise StudyError(
            f"{where}: {row_key} fits rows {listed(fitting)}; add a column to the key that tells them apart, "
            f"or the row, as in {row_key};{ROW}={fitting[0]}"
        )
    return int(fitting[0])
