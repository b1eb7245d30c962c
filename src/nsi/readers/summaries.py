"""Human summaries on their way back: which cells somebody edited in Word or Excel, and which edits meet others."""

from __future__ import annotations

import io
import struct
import zipfile

import pandas as pd

from nsi.errors import StudyError
from nsi.readers.archives import Limits, refuse_bomb
from nsi.readers.document_xml import DamagedDocument
from nsi.readers.excel import DAMAGE
from nsi.readers.summaries_excel import excel_texts
from nsi.readers.summaries_word import word_texts
from nsi.readers.summary_texts import EditedText, plain, text_print

COLUMNS = ["row", "column", "name", "text", "who", "changed", "conflict", "done", "now"]
LIMITS = Limits("a document", "edit a fresh file", members=2_000)


def read_summaries(data: bytes, *, file: str, matrix: str, current: pd.DataFrame) -> pd.DataFrame:
    """Read the summaries of an edited Word file or workbook, and compare them with what was issued and what holds now.

    Parameters
    ----------
    data : bytes
        The .docx or .xlsx file, as `nsi.documents` made it and somebody saved it.
    file : str
        Its name, for messages.
    matrix : str
        Name of the matrix that it should be of.
    current : DataFrame, one row per summary of this matrix
        row, column, text: what holds now, which may not be what held when the file was issued.

    Returns
    -------
    DataFrame, one row per cell that was issued, in display order
        row, column (ids), name (what people call the cell), text (as it came back, ``""`` where emptied), who
        (``""`` where nobody is named), changed (another text than was issued), conflict (changed, but what holds
        now was changed as well, to something else), done (changed, and what holds now says the same), now (what
        holds now). ``attrs``: n_issued, n_changed, n_conflicts, and not_read, the names of cells in which lines
        above the text were changed, so that their text is not taken up and `changed` is False.

    Raises
    ------
    StudyError
        If it is no such file, is of another matrix, locked, damaged, a bomb or with macros, or if cells are
        lacking, added or doubled. Up to five faults are told at once.
    """
    texts = _texts(data, file, matrix)
    held = {(row, column): text for row, column, text in current[["row", "column", "text"]].itertuples(index=False)}
    rows = [_compared(text, held.get((text.issued.row, text.issued.column), "")) for text in texts]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(("changed", "conflict", "done"), bool))
    frame.attrs = {
        "n_issued": len(frame), "n_changed": int(frame["changed"].sum()), "n_conflicts": int(frame["conflict"].sum()),
        "not_read": [text.issued.name for text in texts if not text.readable],
    }  # fmt: skip
    return frame


def _texts(data: bytes, file: str, matrix: str) -> list[EditedText]:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise StudyError(f"{file} has a password or is in an old format; save it as .docx or .xlsx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bomb(archive, file, LIMITS)
            folders = {name.partition("/")[0] for name in archive.namelist()}
        if "xl" in folders:
            return excel_texts(data, file=file, matrix=matrix)
        if "word" in folders:
            return word_texts(data, file=file, matrix=matrix)
    except StudyError:
        raise
    except (*DAMAGE, DamagedDocument, struct.error):
        raise StudyError(f"{file} is no .docx or .xlsx file, or is damaged; open it in Word or Excel and save it "
                         "again") from None  # fmt: skip
    raise StudyError(f"{file} is neither a .docx nor an .xlsx file; edit the file that was issued")


def _compared(text: EditedText, now: str) -> list[object]:
    issued = text.issued
    changed = text.readable and text_print(text.text) != issued.shown
    done = changed and text_print(text.text) == text_print(now)
    conflict = changed and not done and text_print(now) != issued.issued
    return [issued.row, issued.column, issued.name, plain(text.text), text.who, changed, conflict, done, now]
