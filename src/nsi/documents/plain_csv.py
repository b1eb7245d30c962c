"""A frame as the bytes of a CSV file, for machines; people get the workbook, in which no text can become code."""

from __future__ import annotations

import pandas as pd


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        The index is left out; missing becomes an empty cell.

    Returns
    -------
    bytes
        UTF-8 with a byte order mark, so that Excel shows accents right; LF at line ends. Text is as it is: a cell
        that begins with an equals sign is a formula to a program that asks for no leave.
    """
    return "\ufeff".encode() + frame.to_csv(index=False, lineterminator="\n").encode()
