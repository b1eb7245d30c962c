"""A matrix as one HTML file: a table in which every cell leads to the segments that it rests on.

The file loads nothing and runs nothing. Its policy forbids everything but its own style sheet, known by its hash, so
that no text in it could act even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator

from nsi.documents.matrix_html_evidence import evidence_html
from nsi.documents.matrix_html_style import matrix_style
from nsi.documents.matrix_html_table import table_html
from nsi.documents.matrix_html_text import block, inline, text
from nsi.documents.matrix_parts import MatrixParts, ShownMatrix
from nsi.documents.matrix_shown import counted, shown_matrix


def matrix_html(matrix: MatrixParts, *, evidence: str = "full") -> bytes:
    """Write a matrix as a page that works offline and without scripts.

    Parameters
    ----------
    matrix : MatrixParts
        Rows and columns in display order; the evidence of each cell contrary first.
    evidence : str
        ``"full"``: each cell leads to the text of its segments and who said it. ``"counts"``: to their ids,
        documents, places, kinds of source, dates, codes and coders only.

    Returns
    -------
    bytes
        UTF-8; equal input gives equal bytes. All text is whole, and shown as text: control characters as signs.

    Raises
    ------
    StudyError
        If `evidence` is neither of the two, or cells and segments do not fit together.
    """
    return "\n".join(_page(shown_matrix(matrix, evidence), quoted=evidence == "full")).encode()


def _page(matrix: ShownMatrix, *, quoted: bool) -> Iterator[str]:
    style = matrix_style()
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; form-action 'none'; base-uri 'none'"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{text(matrix.title)}</title>\n<style>{style}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#caption">Skip to the matrix</a>'
    if matrix.stamp:
        yield f'<p class="stamp" role="note">{text(matrix.stamp)}</p>'
    yield f"<main>\n<h1>{text(matrix.title)}</h1>"
    yield _about(matrix)
    yield _legend(matrix)
    yield '<h2 id="head">Matrix</h2>'
    yield table_html(matrix)
    yield _columns(matrix)
    yield from evidence_html(matrix, quoted=quoted)
    yield "</main>\n</body>\n</html>\n"


def _about(matrix: ShownMatrix) -> str:
    found = [segment for cell in matrix.cells.values() for segment in cell.segments]
    counts = (
        f"{counted(len(matrix.rows), 'row')} by {counted(len(matrix.columns), 'column')}; the cells rest on "
        f"{counted(len({segment.segment for segment in found}), 'segment')} from "
        f"{counted(len({segment.document for segment in found}), 'document')}."
    )
    note = f"<h2>How to read it</h2>\n{block(matrix.note)}" if matrix.note else ""
    return (
        f'<div class="prose"><p class="small">{counts}</p>\n'
        '<nav aria-label="On this page"><a href="#head">Matrix</a> <a href="#columns">Columns</a> '
        f'<a href="#evidence">Evidence</a></nav>\n{note}</div>'
    )


def _legend(matrix: ShownMatrix) -> str:
    """Name each state that occurs, what it means, and how many cells are in it."""
    found = Counter(cell.state for cell in matrix.cells.values())
    lines = [f'<dt class="{state}">{words}</dt><dd>{meaning} ({counted(found[state], "cell")})</dd>'
             for state, words, meaning in matrix.legend()]  # fmt: skip
    told = (
        '<p class="small">A cell with segments has a link to them, contrary evidence first. \u25b3 marks what needs a '
        "second look: a row whose place is uncertain, or a summary that is older than the newest coding.</p>"
    )
    return f'<h2>What a cell says</h2>\n<dl class="states">\n{"".join(lines)}\n</dl>\n{told}'


def _columns(matrix: ShownMatrix) -> str:
    entries = []
    for number, column in enumerate(matrix.columns, start=1):
        told = block("; ".join(part for part in (column.above, column.mark) if part), "small")
        meaning = block(column.more or "no definition recorded")
        entries.append(f'<dt id="k{number}">{inline(column.label)}</dt><dd>{meaning}{told}</dd>')
    return f'<h2 id="columns">Columns</h2>\n<dl class="columns">\n{"".join(entries)}\n</dl>'
