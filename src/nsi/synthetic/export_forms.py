"""The same look-alike answers in the three forms of a survey export: csv, SPSS and Excel, equal bytes on every run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence

from nsi.synthetic.excel_form import excel_xlsx
from nsi.synthetic.export_column import ExportColumn, check_columns, import_id_text, refuse_width
from nsi.synthetic.spss_form import spss_name, spss_sav

__all__ = ["ExportColumn", "excel_xlsx", "qualtrics_csv", "spss_name", "spss_sav"]

QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def qualtrics_csv(columns: Sequence[ExportColumn], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a csv export as Qualtrics does: names, questions and ImportIds above the answers.

    Parameters
    ----------
    columns : sequence of ExportColumn
        If none has an import_id, the old format is written: a byte order mark, two header rows, of which the
        second should hold "ResponseID", and an empty column at the end.
    rows : iterable of sequence of str
        One cell per column.

    Returns
    -------
    bytes
        UTF-8, lines end in a line feed.

    Raises
    ------
    StudyError
        If a row has another width, or a column has no name.
    """
    check_columns(columns)
    new = any(column.import_id for column in columns)
    target = io.BytesIO()
    target.write(b"" if new else "\ufeff".encode())
    end = "\n" if new else ",\n"
    headers = [[column.name for column in columns], [column.question for column in columns]]
    headers += [[import_id_text(column) for column in columns]] if new else []
    for header in headers:
        target.write((",".join(map(_cell, header)) + end).encode())
    for number, row in enumerate(rows, start=1):
        refuse_width(row, columns, number)
        target.write((",".join(map(_cell, row)) + end).encode())
    return target.getvalue()


def _cell(text: str) -> str:
    # The csv module leaves a lone carriage return unquoted before Python 3.12, and quotes it from then on.
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
