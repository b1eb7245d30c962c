"""Texts that people wrote about cells: read strictly, known by matrix, row and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nsi.errors import StudyError, listed, shown

KEY = ["matrix", "row", "column"]
TEXTS = [*KEY, "text", "who", "written_on"]
NO_SUMMARY = "no summary yet"
PLACEHOLDERS = ("", NO_SUMMARY, f"[{NO_SUMMARY}]", "[no summary]")


def trimmed(text: str) -> str:
    """Return a text without blanks at the ends of its lines and its own; "" for words that stand for no text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = "\n".join(line.rstrip() for line in lines).strip()
    return "" if whole in PLACEHOLDERS else whole


def cell_texts(texts: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return texts typed, one per cell, blank ones as "", with who wrote them and when.

    Raises
    ------
    StudyError
        If a column is lacking, a cell stands twice or is not named, or a text does not say who wrote it, or when.
    """
    need_columns(texts, TEXTS, table)
    frame = texts.reset_index(drop=True)
    if frame[KEY].isna().any(axis=None):
        rows = (frame.index[frame[KEY].isna().any(axis=1)] + 1).tolist()
        raise StudyError(f"{table}: matrix, row or column is missing in row {listed(rows)}; fill it in")
    frame = frame.assign(**{name: frame[name].astype("str") for name in KEY})
    raw = ["" if pd.isna(text) else str(text) for text in frame["text"]]
    frame["text"] = pd.array([text if trimmed(text) else "" for text in raw], dtype="str")
    twice = frame.duplicated(KEY)
    if twice.any():
        raise StudyError(f"{table}: two texts for {cell_name(frame.loc[twice].iloc[0])}; keep one, or join them")
    frame["who"] = frame["who"].astype("str").fillna("").str.strip()
    frame["written_on"] = _days(frame, table)
    for name in ("who", "written_on"):
        bare = (frame["text"] != "") & (frame[name].isna() | (frame[name] == ""))
        if bare.any():
            raise StudyError(f"{table}: {name} is missing for {cell_name(frame.loc[bare].iloc[0])}; fill it in")
    return frame


def _days(frame: pd.DataFrame, table: str) -> pd.Series:
    given = frame["written_on"].replace("", pd.NA)
    days = pd.to_datetime(given, errors="coerce", format="ISO8601")
    bad = given.notna() & days.isna()
    if bad.any():
        found, cell = shown(str(given[bad].iloc[0])), cell_name(frame.loc[bad].iloc[0])
        raise StudyError(f"{table}: written_on of {cell} is {found}; write it as 2031-05-17")
    return days.dt.normalize().astype("datetime64[us]")


def need_columns(frame: pd.DataFrame, names: Sequence[str], table: str) -> None:
    """Refuse a frame that lacks a column."""
    absent = [name for name in names if name not in frame.columns]
    if absent:
        there = listed(frame.columns, 20) or "no column"
        raise StudyError(f"{table} lack the column(s) {listed(absent)}; found {there}; add what is lacking")


def cell_name(row: Any) -> str:
    """Name a cell in a message."""
    return f"matrix {shown(str(row['matrix']))}, row {shown(str(row['row']))}, column {shown(str(row['column']))}"
