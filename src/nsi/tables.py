"""Checks on tables, and the one way in which each kind of table becomes bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nsi.errors import StudyError, listed

DIGITS = 13  # significant digits kept: the last two or three of a double differ between processors
SYNTHETIC_KEY = b"nsi_synthetic"


def one_row_per(frame: pd.DataFrame, key: list[str], table: str) -> pd.DataFrame:
    """Return the frame if its key tells every row apart.

    Parameters
    ----------
    frame : DataFrame
        Any table.
    key : list of str
        Columns that together must be unique.
    table : str
        Its name, for the message.

    Raises
    ------
    StudyError
        If a key column is absent, or a key stands more than once; the message gives the row positions.
    """
    absent = [column for column in key if column not in frame.columns]
    if absent:
        raise StudyError(f"table '{table}' has no column '{absent[0]}'; it has {', '.join(map(str, frame.columns))}")
    doubled = np.flatnonzero(frame.duplicated(key, keep=False))
    if len(doubled):
        raise StudyError(
            f"table '{table}' must have one row per {', '.join(key)}, but rows {listed(list(doubled))} share "
            "one; "
            "settle the duplicates before writing"
        )
    return frame


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Round floats to 13 significant digits, so that the same bytes come out on every processor."""
    floats = [column for column in frame.columns if pd.api.types.is_float_dtype(frame[column])]
    return frame.assign(**{column: _rounded(frame[column]) for column in floats})


def _rounded(column: pd.Series) -> np.ndarray:
    # Of many rows there are few different scores, and rounding goes by way of text: each number is rounded once.
    place, numbers = pd.factorize(column.to_numpy(dtype="float64", na_value=np.nan), use_na_sentinel=False)
    # -0.0 + 0.0 is 0.0: the sign of nothing differs between processors, too.
    return np.array([float(f"{x:.{DIGITS}g}") + 0.0 for x in numbers], dtype="float64")[place]


def check_frame(frame: object, name: str, key: Iterable[str] = ()) -> pd.DataFrame:
    """Return a frame that can be stored: text column names, each once, rows numbered from 0, one row per key.

    Raises
    ------
    StudyError
        If it is no DataFrame, or a column name is no text or stands twice, or an index holds data, or two
        rows share a key.
    """
    if not isinstance(frame, pd.DataFrame):
        raise StudyError(f"'{name}' must be a DataFrame, but found {type(frame).__name__}")
    odd = [column for column in frame.columns if not isinstance(column, str)]
    if odd or not frame.columns.is_unique:
        raise StudyError(f"'{name}': column names must be text and stand once, but found {listed(list(frame.columns))}")
    if frame.index.names != [None] or not pd.api.types.is_integer_dtype(frame.index.dtype):
        kept = ", ".join(str(level) for level in frame.index.names)
        raise StudyError(f"'{name}' keeps data in its index ({kept}); call reset_index() before storing")
    if columns := list(key):
        one_row_per(frame, columns, name)
    return rounded(frame.reset_index(drop=True))


def to_parquet(frame: pd.DataFrame, *, synthetic: bool) -> bytes:
    """Turn a checked frame into Parquet bytes that carry whether the data are synthetic."""
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, OverflowError):
        raise StudyError(
            f"column '{_unstorable(frame)}' holds values of several kinds, so it cannot be stored; make it "
            "text or numbers"
        ) from None  # Arrow's own message quotes a value, and rows of people must not reach a log
    metadata = dict(table.schema.metadata or {})
    metadata[SYNTHETIC_KEY] = json.dumps(synthetic).encode()
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd")
    return sink.getvalue()


def _unstorable(frame: pd.DataFrame) -> str:
    for column in frame.columns:
        try:
            pa.array(frame[column], from_pandas=True)
        except (pa.ArrowException, OverflowError):
            return str(column)
    return ", ".join(frame.columns)


def from_parquet(data: bytes, name: str = "table") -> tuple[pd.DataFrame, bool]:
    """Read Parquet bytes; the second value says whether the data are synthetic.

    Raises
    ------
    StudyError
        If they are damaged.
    """
    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowException:
        raise StudyError(f"data_processed/{name}.parquet is damaged; delete it and run `make all`") from None
    synthetic = json.loads((table.schema.metadata or {}).get(SYNTHETIC_KEY, b"false"))
    return table.to_pandas(), bool(synthetic)


def to_csv(frame: pd.DataFrame) -> bytes:
    """Turn a checked frame into CSV bytes: UTF-8, LF, 13 significant digits, empty where missing."""
    return frame.to_csv(index=False, lineterminator="\n", float_format=f"%.{DIGITS}g").encode()
