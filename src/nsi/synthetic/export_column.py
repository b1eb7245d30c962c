"""What a column of a look-alike export is, and cells that a form could not give back are refused."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nsi.errors import StudyError, shown

KINDS = ("text", "number", "datetime", "date")
WHOLE = 10**16  # from here on the shortest text has an exponent


@dataclass(frozen=True)
class ExportColumn:
    """One column of a look-alike export.

    Attributes
    ----------
    name : str
        Its name in the file.
    question : str
        The text of its question.
    import_id : str
        What Qualtrics calls it inside; ``""`` in all columns gives the old format of two header rows.
    labels : mapping
        Text of a code to its label; only an SPSS file holds them.
    user_missing : tuple of str
        Codes that its author declared missing; only an SPSS file says so.
    kind : str
        text, number, datetime (as 2001-12-31 09:13:22) or date (as 2001-12-31): how SPSS and Excel store it.
    """

    name: str
    question: str = ""
    import_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    user_missing: tuple[str, ...] = ()
    kind: str = "text"


def check_columns(columns: Sequence[ExportColumn]) -> None:
    """Stop where a kind is unknown, or a name is missing or stands twice."""
    names = [column.name for column in columns]
    for column in columns:
        if column.kind not in KINDS:
            raise StudyError(f"column {shown(column.name)} has the kind '{column.kind}'; use one of {', '.join(KINDS)}")
        if not column.name.strip() or names.count(column.name) > 1:
            raise StudyError(f"column {shown(column.name)} has no name, or one that stands twice; name it otherwise")


def number_of(cell: str, name: str) -> float:
    """Read a cell of kind number, which must be written as a reader will write it: 4, not 4.0 or 04.

    Parameters
    ----------
    cell : str
        The text.
    name : str
        The column's name, for messages.

    Returns
    -------
    float
        Finite.

    Raises
    ------
    StudyError
        If it would come back as another text.
    """
    try:
        value = float(cell)
        plain = str(int(value)) if abs(value) < WHOLE and value == int(value) else repr(value)
    except (ValueError, OverflowError):
        plain = ""
    if plain != cell or plain == "nan":
        raise StudyError(f"column {shown(name)}: {shown(cell)} is no number as it would be read back; use kind text")
    return value


def moment_of(cell: str, column: ExportColumn) -> datetime.datetime:
    """Read a cell of kind datetime or date, from 1900-03-01 on, where all programs count days alike.

    Raises
    ------
    StudyError
        If it is written otherwise, or earlier.
    """
    form = "%Y-%m-%d %H:%M:%S" if column.kind == "datetime" else "%Y-%m-%d"
    try:
        moment = datetime.datetime.fromisoformat(cell)
    except ValueError:
        moment = datetime.datetime.min
    if moment.tzinfo or moment < datetime.datetime(1900, 3, 1) or moment.strftime(form) != cell:
        raise StudyError(
            f"column {shown(column.name)}: {shown(cell)} is no {column.kind}; write it as {form}, or use another kind"
        )
    return moment


def refuse_width(row: Sequence[str], columns: Sequence[ExportColumn], number: int) -> None:
    """Stop at a row that has more or fewer cells than there are columns, or holds NUL, which no form can."""
    if len(row) != len(columns):
        raise StudyError(f"row {number} of a look-alike has {len(row)} cells for {len(columns)} columns")
    if any("\x00" in cell for cell in row):
        raise StudyError(f"row {number} of a look-alike holds a NUL character, which no export can; leave it out")


def import_id_text(column: ExportColumn) -> str:
    """Write an import id as Qualtrics does; nothing where a column has none, as when somebody added it by hand."""
    return json.dumps({"ImportId": column.import_id}, separators=(",", ":")) if column.import_id else ""
