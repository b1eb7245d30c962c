"""A raw table as it comes through the door: its text, its corrections, and what the study declares of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from nsi.codebook import Field
from nsi.errors import StudyError
from nsi.raw_tables import RawTable
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.delimited import ROW
from nsi.readers.rules import drop_empty_rows, trim
from nsi.survey import Survey


@dataclass(frozen=True)
class RawData:
    """What ``study.raw(name)`` gives, and what the cleaning functions take.

    Attributes
    ----------
    table : RawTable
        The declaration.
    frame : DataFrame
        Text as in the file, corrections applied; the index holds the file's row numbers.
    applied : DataFrame
        The corrections, one row each: row, column, who, why.
    fields : mapping
        The codebook fields that the table needs.
    labels : mapping
        Column of the file to value to the label that the file gives it; SPSS files have such labels.
    questions : mapping
        Column of the file to the text of the question, as far as the file says.
    survey : Survey or None
        What the study declares of its survey, for a table of responses.
    """

    table: RawTable
    frame: pd.DataFrame
    applied: pd.DataFrame
    fields: Mapping[str, Field]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    survey: Survey | None = None

    @property
    def file(self) -> str:
        """The raw file's name."""
        return self.table.file


def mapped(raw: RawData, log: CleaningLog) -> pd.DataFrame:
    """Trim, drop empty rows, and give the columns the study's names.

    Parameters
    ----------
    raw : RawData
        As it comes through the door.
    log : CleaningLog
        Gets a line for corrections, empty rows and trimming.

    Returns
    -------
    DataFrame of str
        One column per declared column, per rated field in a wide table of ratings, and per item of responses.

    Raises
    ------
    StudyError
        If a declared column is not in the file, or a key cell is empty.
    """
    whole = raw.applied["column"] == "*"
    log.add(
        "hand corrections",
        "rows of corrections.csv are applied",
        before=len(raw.frame) + int(whole.sum()),
        after=len(raw.frame),
        changed=raw.applied.loc[~whole, ROW],
        removed=raw.applied.loc[whole, ROW],
    )
    text = drop_empty_rows(trim(raw.frame, log), log)
    wanted = {name: column.source for name, column in raw.table.columns.items()}
    if raw.table.layout == "wide":
        wanted |= {name: (name,) for name in raw.table.fields}
    wanted |= {item: (column,) for item, column in raw.table.item_columns.items()}
    absent = [source for sources in wanted.values() for source in sources if source not in text.columns]
    if absent:
        raise StudyError(
            f"{raw.file} row 1: the column '{absent[0]}' is missing; the file has {', '.join(text.columns)}. "
            f"Correct the export, or the mapping in study.yml raw.{raw.table.name}"
        )
    return pd.DataFrame({name: _joined(text, sources, raw.file) for name, sources in wanted.items()}, index=text.index)


def _joined(text: pd.DataFrame, sources: tuple[str, ...], file: str) -> pd.Series[str]:
    """Join several columns to one id, as for coders who are numbered within each case."""
    if len(sources) == 1:
        return text[sources[0]]
    for source in sources:
        blank = text.index[text[source] == ""]
        if len(blank):
            raise StudyError(
                f"{file} row {blank[0]}: {source} is blank, but is part of an id; fill it in corrections.csv"
            )
    joined = text[sources[0]].str.cat(text[list(sources[1:])], sep="/")
    if joined.nunique() != len(text[list(sources)].drop_duplicates()):
        raise StudyError(f"{file}: joining {', '.join(sources)} by '/' makes two ids equal; rename one of them")
    return joined


def require_filled(frame: pd.DataFrame, columns: list[str], file: str) -> None:
    """Stop where a cell that identifies a row is blank."""
    for column in columns:
        blank = frame.index[frame[column] == ""]
        if len(blank):
            raise StudyError(
                f"{file} row {blank[0]}: {column} is blank, but it says which row this is; "
                "fill it, or drop the row, in data_raw/corrections.csv"
            )
