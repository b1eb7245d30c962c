"""Survey exports of every form become one thing: a frame of text, with value labels and question texts."""

from __future__ import annotations

from nsi.errors import StudyError, listed
from nsi.readers.archives import GZIP, gunzipped
from nsi.readers.delimited import read_delimited
from nsi.readers.excel import read_excel_export
from nsi.readers.export_frame import Export
from nsi.readers.qualtrics import read_qualtrics
from nsi.readers.spss import read_spss_export

__all__ = ["FORMS", "Export", "read_export"]

FORMS = ("delimited", "qualtrics", "spss", "excel")


def read_export(
    data: bytes, *, file: str, form: str, encoding: str = "utf-8", separator: str = ",", sheet: str = ""
) -> Export:
    """Read a survey export as text, whatever program wrote it.

    Parameters
    ----------
    data : bytes
        The file's content; packed with gzip if its name ends in .gz.
    file : str
        Its name, for messages.
    form : str
        One of `FORMS`.
    encoding : str
        How characters are written, in text files, and in SPSS files too old to say so themselves.
    separator : str
        What stands between two cells of a text file.
    sheet : str
        The sheet of a workbook; needed if more than one holds anything.

    Returns
    -------
    Export
        Text in every cell, ``""`` where empty; row numbers as a spreadsheet, or SPSS, shows them.

    Raises
    ------
    StudyError
        If the form is unknown, or the file is not of it, is damaged, cut short, locked or ambiguous.
    """
    if form not in FORMS:
        raise StudyError(f"{file}: the form '{form}' is unknown; declare form: as one of {listed(FORMS)}")
    if file.lower().endswith(".gz"):
        data = gunzipped(data, file)
    elif data.startswith(GZIP):
        raise StudyError(f"{file} is packed with gzip, but its name does not end in .gz; add it to the name")
    if form == "delimited":
        return Export(read_delimited(data, file=file, encoding=encoding, separator=separator))
    if form == "qualtrics":
        return read_qualtrics(data, file=file, encoding=encoding, separator=separator)
    if form == "spss":
        return read_spss_export(data, file=file, encoding=encoding)
    return read_excel_export(data, file=file, sheet=sheet)
