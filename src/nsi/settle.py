"""Reading a filled adjudication workbook back: its settled labels as rows for the study's file of ratings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from nsi.declaration import Declaration
from nsi.door import bytes_of, write_atomically
from nsi.errors import StudyError
from nsi.raw_tables import RawTable
from nsi.readers.adjudicated import read_adjudicated

# Columns of a settled label to the study's words for a rating.
AS_RATING = {"who": "coder", "when": "rated_on"}


def as_consensus_rows(settled: pd.DataFrame, table: RawTable) -> pd.DataFrame:
    """Give settled labels the columns of the study's file of ratings.

    Parameters
    ----------
    settled : DataFrame
        From `read_adjudicated`: case, unit, field, value, rule, reason, who, when.
    table : RawTable
        The study's table of ratings, in long layout.

    Returns
    -------
    DataFrame of str
        One row per settled unit, columns named as in the raw file; ``""`` in columns that a form does not ask for.

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
    columns = {column.source[0]: named.get(column.name, "") for column in table.columns.values()}
    return pd.DataFrame(columns, index=named.index).fillna("").astype("str")


def main(arguments: list[str] | None = None) -> int:
    """Read one workbook and write its settled rows beside it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m nsi.settle", description=__doc__)
    parser.add_argument("--study", type=Path, default=Path("study"), help="folder with study.yml (default: study)")
    parser.add_argument("--field", required=True, help="field that the workbook settles")
    parser.add_argument("--file", type=Path, required=True, help="the filled workbook (.xlsx)")
    parser.add_argument("--table", default="ratings", help="raw table that holds the ratings (default: ratings)")
    asked = parser.parse_args(arguments)
    try:
        print(_settle(asked.study, asked.field, asked.file, asked.table))
    except StudyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _settle(study: Path, field: str, file: Path, table: str) -> str:
    declaration = Declaration(study, Path("data_raw"))
    terms = declaration.setting("adjudication")
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
    rows = as_consensus_rows(settled, declaration.table(table))
    write_atomically(target, rows.to_csv(index=False, lineterminator="\n").encode())
    counts = settled.attrs
    return (
        f"{counts['n_settled']} of {counts['n_units']} units are settled, {counts['n_open']} are open. Their rows are "
        f"in {target}; add them to {declaration.table(table).file}, then run make all"
    )


if __name__ == "__main__":
    sys.exit(main())
