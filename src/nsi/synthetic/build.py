"""From a study's declarations to the bytes of every look-alike file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nsi.codebook import Codebook, read_codebook
from nsi.errors import StudyError
from nsi.synthetic.assumptions import load
from nsi.synthetic.document_files import document_files
from nsi.synthetic.document_plan import read_corpora
from nsi.synthetic.mess import CORRECTION_COLUMNS, plant
from nsi.synthetic.ratings import rate
from nsi.synthetic.shape import SHAPE
from nsi.synthetic.survey_exports import survey_files
from nsi.synthetic.survey_plan import read_plan
from nsi.synthetic.tables import Row, draw_table
from nsi.synthetic.writing import writing_files

ASSUMPTIONS, CODES = "assumptions.yml", "codes.csv"
SHAPED = [name.removesuffix("?") for name in SHAPE]  # every other name on the first level is a table


def build(study: Path, scale: int = 1) -> dict[str, bytes]:
    """Draw every look-alike file that a study declares.

    Parameters
    ----------
    study : Path
        The study's folder, with its assumptions and its codebook.
    scale : int
        How many copies of the survey's set of cases to draw; the other files do not change.

    Returns
    -------
    dict of str to bytes
        File name to content, the same on every run and machine; text is UTF-8 with LF line ends.

    Raises
    ------
    StudyError
        If a declaration does not hold together; the message names the place.
    """
    assumptions, codebook = load(study / ASSUMPTIONS), read_codebook(study / CODES)
    try:
        return _files(assumptions.values, codebook, study, scale)
    except StudyError as error:
        text = str(error)
        raise StudyError(text if text.startswith(codebook.file) else f"{assumptions.file} {text}") from None


def clean_tables(declared: dict[str, Any], codebook: Codebook) -> dict[str, list[Row]]:
    """Draw the tables before the mess is planted: what cleaning should arrive at.

    Parameters
    ----------
    declared : dict
        ``load(...).values``.
    codebook : Codebook
        The study's codes.

    Returns
    -------
    dict of str to list of dict
        File name to rows, every cell text.
    """
    seed, tables = declared["seed"], {name: declared[name] for name in declared if name not in SHAPED}
    rows = {name: draw_table(name, spec, codebook, seed) for name, spec in tables.items()}
    files = {spec["file"]: rows[name] for name, spec in tables.items()}
    if "ratings" in declared:
        rated = declared["ratings"]
        if rated["table"] not in tables:
            raise StudyError(f"ratings.table is '{rated['table']}', but the tables are {', '.join(tables)}")
        spec = tables[rated["table"]]
        ratings, final = rate(rows[rated["table"]], rated, spec["columns"], codebook, seed)
        files |= {spec["file"]: final, rated["file"]: ratings}
    return files


def _files(declared: dict[str, Any], codebook: Codebook, study: Path, scale: int) -> dict[str, bytes]:
    files = clean_tables(declared, codebook)
    mess = declared.get("mess", {})
    stray = [file for file in mess if file not in files]
    if stray:
        raise StudyError(f"mess names '{stray[0]}', which is no drawn file; the files are {', '.join(files)}")
    content: dict[str, bytes] = {}
    corrections: list[Row] = []
    for file, rows in files.items():
        messy, settled = plant(file, rows, mess.get(file, {}), codebook, declared["seed"])
        content[file] = _csv(list(rows[0]), messy)
        corrections += settled
    if "surveys" in declared:
        surveys, settled = survey_files(read_plan(declared["surveys"], study, codebook, declared["seed"]), scale)
        content |= surveys
        corrections += settled
    if "corpora" in declared:
        corpora = read_corpora(declared["corpora"], declared.get("surveys", {}), codebook, declared["seed"])
        documents, settled = document_files(corpora)
        if "writing" in declared:
            segments = documents[declared["corpora"]["segments"]["file"]]
            documents |= writing_files(declared["writing"], corpora, segments)
        content |= {file: _csv(list(rows[0]), rows) for file, rows in documents.items()}
        corrections += settled
    elif "writing" in declared:
        raise StudyError("writing is about documents, but there are no corpora; declare them, or leave it out")
    return {**content, declared["corrections"]: _csv(CORRECTION_COLUMNS, corrections)}


def _csv(columns: Sequence[str], rows: list[Row]) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in rows)
    return lines.getvalue().encode("utf-8")
