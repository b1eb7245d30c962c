"""The files of look-alike documents: the list of documents, their coded segments, and the tables beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nsi.errors import StudyError
from nsi.synthetic.document_coding import code_segments
from nsi.synthetic.document_mess import hurt_codings
from nsi.synthetic.document_plan import Corpora
from nsi.synthetic.document_rows import Document, draw_documents
from nsi.synthetic.document_segments import draw_segments
from nsi.synthetic.document_trials import case_rows, draw_events, draw_trials
from nsi.synthetic.mess import plant
from nsi.synthetic.tables import Row


def clean_documents(corpora: Corpora) -> dict[str, list[Row]]:
    """Draw all tables before the mess is planted: what cleaning should arrive at.

    Parameters
    ----------
    corpora : Corpora
        What the study declares.

    Returns
    -------
    dict of str to list of dict
        File name to rows under the file's own column names, every cell text.
    """
    declared = corpora.declared
    documents = {name: draw_documents(corpora, part) for name, part in corpora.parts.items()}
    listed = [_document_row(document) for found in documents.values() for document in found]
    coded = code_segments(corpora, draw_segments(corpora, documents))
    return {
        declared["documents"]["file"]: _renamed(listed, declared["documents"]["columns"]),
        declared["segments"]["file"]: _renamed(coded, declared["segments"]["columns"]),
        declared["trials"]["file"]: draw_trials(corpora),
        declared["case_table"]["file"]: case_rows(corpora),
        declared["events"]["file"]: draw_events(corpora),
    }


def document_files(corpora: Corpora) -> tuple[dict[str, list[Row]], list[Row]]:
    """Draw all tables as they come in, with their mess.

    Parameters
    ----------
    corpora : Corpora
        What the study declares.

    Returns
    -------
    files : dict of str to list of dict
        File name to rows.
    corrections : list of dict
        One row for each cell or row that only a person can settle.

    Raises
    ------
    StudyError
        If a declaration does not hold together; the message names the place.
    """
    mess: Mapping[str, Any] = corpora.declared["mess"]
    files, corrections = clean_documents(corpora), []
    stray = [file for file in mess if file not in files]
    if stray:
        raise StudyError(f"corpora.mess names '{stray[0]}', which is no drawn file; the files are {', '.join(files)}")
    for file, rows in files.items():
        files[file], settled = plant(file, rows, mess.get(file, {}), corpora.codebook, corpora.seed)
        corrections += settled
    segments = corpora.declared["segments"]["file"]
    files[segments], settled = hurt_codings(corpora, files[segments])
    return files, corrections + settled


def _document_row(document: Document) -> Row:
    return {
        "id": document.id,
        "part": document.part,
        "case": document.case,
        "day": document.day.isoformat(),
        "kind": document.kind,
        "title": document.title,
        "role": document.role,
    }


def _renamed(rows: list[Row], columns: Mapping[str, str]) -> list[Row]:
    """Give columns the file's names and its order."""
    return [{name: row[key] for key, name in columns.items()} for row in rows]
