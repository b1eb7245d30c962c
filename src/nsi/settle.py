"""Reading a filled adjudication workbook back: its settled labels as rows for the study's file of ratings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nsi import strict
from nsi.declaration import Declaration
from nsi.door import bytes_of, write_atomically
from nsi.errors import StudyError, shown
from nsi.raw_tables import RawTable
from nsi.readers.adjudicated import read_adjudicated
from nsi.readers.delimited import read_delimited

# Columns of a settled label to the study's words for a rating.
AS_RATING = {"who": "coder", "when": "rated_on"}
MAY_BE_LOST = ("rule", "reason", "rated_on")  # where the study's ratings have no such column


def as_consensus_rows(settled: pd.DataFrame, table: RawTable, header: Sequence[str]) -> pd.DataFrame:
    """Give settled labels the columns of the study's file of ratings.

    Parameters
    ----------
    settled : DataFrame
        From `read_adjudicated`: case, unit, field, value, rule, reason, who, when.
    table : RawTable
        The study's table of ratings, in long layout.
    header : sequence of str
        The columns of its file, in their order.

    Returns
    -------
    DataFrame of str
        One row per settled unit, columns as in the file; ``""`` in columns that a form does not ask for.

    Raises
    ------
    StudyError
        If the ratings are not in long layout, or settled labels have no column that tells them from others.
    """
    if table.layout != "long" or "label_stage" not in table.columns:
        raise StudyError(
            f"study.yml raw.{table.name}: settled labels go into ratings of long layout with a column label_stage, "
            "which tells them from independent ones; keep them in such a file"
        )
    named = settled.rename(columns=AS_RATING).assign(label_stage="consensus")
    dates = table.columns["rated_on"].formats if "rated_on" in table.columns else ()
    if "rated_on" in named and dates:
        named["rated_on"] = pd.to_datetime(named["rated_on"]).dt.strftime(dates[0])
    joined = [column.name for column in table.columns.values() if len(column.source) > 1]
    if joined:
        raise StudyError(f"study.yml raw.{table.name}: '{joined[0]}' is joined from several columns; fill them by hand")
    filled = {column.source[0]: named[column.name] for column in table.columns.values() if column.name in named}
    return pd.DataFrame(filled, index=named.index).reindex(columns=list(header)).astype("str").fillna("")


def main(arguments: list[str] | None = None) -> int:
    """Read one workbook and write its settled rows beside it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m nsi.settle", description=__doc__)
    parser.add_argument("--study", type=Path, default=Path("study"), help="folder with study.yml (default: study)")
    parser.add_argument("--data-raw", type=Path, default=Path("data_raw"), help="folder with the raw files")
    parser.add_argument("--field", required=True, help="field that the workbook settles")
    parser.add_argument("--file", type=Path, required=True, help="the filled workbook (.xlsx)")
    parser.add_argument("--table", default="ratings", help="raw table that holds the ratings (default: ratings)")
    asked = parser.parse_args(arguments)
    try:
        print(_settle(Declaration(asked.study, asked.data_raw), asked.field, asked.file, asked.table))
    except StudyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _settle(declaration: Declaration, field: str, file: Path, name: str) -> str:
    terms = strict.checked(
        declaration.setting("adjudication"), "study.yml settings.adjudication", required=("rules", "reasons")
    )
    settled = read_adjudicated(
        bytes_of(file, file.name, "is missing; give the filled workbook as FILE=..."),
        file=file.name,
        field=field,
        codes=declaration.codebook[field].values,
        rules=list(terms["rules"]),
        reasons=list(terms["reasons"]),
    )
    target = file.with_name(f"{file.stem}_settled.csv")
    if target.exists():
        raise StudyError(f"{target.name} is there already and was not overwritten; move it away, then read again")
    table = declaration.table(name)
    rows = as_consensus_rows(settled, table, _header(table, declaration.data_raw))
    text = rows.to_csv(index=False, sep=table.separator, lineterminator="\n")
    try:
        write_atomically(target, text.encode(table.encoding))
    except UnicodeEncodeError as error:
        raise StudyError(
            f"{file.name} holds {shown(text[error.start])}, which {table.file} cannot hold ({table.encoding}); save "
            "that file as utf-8, or write it in another way"
        ) from None
    return _told(settled, table, target)


def _header(table: RawTable, data_raw: Path) -> list[str]:
    """Columns of the file of ratings, in its order, so that rows can be added below its last one."""
    absent = f"is missing; study.yml raw.{table.name} names it. Say where the raw data are: DATA_RAW=<folder>"
    data = bytes_of(data_raw / table.file, f"data_raw/{table.file}", absent)
    return list(read_delimited(data, file=table.file, encoding=table.encoding, separator=table.separator).columns)


def _told(settled: pd.DataFrame, table: RawTable, target: Path) -> str:
    counts = settled.attrs
    lost = [name for name in MAY_BE_LOST if name not in table.columns]
    left_out = f". The ratings have no column for {', '.join(lost)}: left out" if lost else ""
    return (
        f"{counts['n_settled']} of {counts['n_units']} units settled, {counts['n_open']} open. The rows of those "
        f"settled are in {target}; add them to {table.file}, then run make all{left_out}"
    )


if __name__ == "__main__":
    sys.exit(main())
