"""What tells, when an edited document comes back, which cell a text belongs to and whether somebody changed it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from nsi.documents.matrix_parts import Cell, ShownMatrix

FORMAT = "matrix summaries 1"  # readers refuse any other
NO_SUMMARY = "[no summary]"


@dataclass(frozen=True, slots=True)
class Issued:
    """One text that somebody may edit.

    Attributes
    ----------
    key : str
        Fingerprint of matrix, row and column.
    cell : Cell
        Where it belongs.
    shown, issued : str
        Fingerprints of the text as the document shows it, and as it is in the data.
    """

    key: str
    cell: Cell
    shown: str
    issued: str


def issued_texts(matrix: ShownMatrix) -> list[Issued]:
    """List the texts of a matrix that somebody may edit, in display order."""
    return [
        Issued(fingerprint(json.dumps([matrix.name, cell.row, cell.column])), cell, text_print(cell.summary),
               text_print(cell.issued))
        for cell in matrix.cells.values() if cell.takes_summary
    ]  # fmt: skip


def text_print(text: str) -> str:
    """Fingerprint of a text; blanks at the ends of lines and of the whole do not count, since editors drop them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return fingerprint("\n".join(line.rstrip() for line in lines).strip())


def given_print(lines: list[str]) -> str:
    """Fingerprint of the lines above a text, whatever blanks an editor makes of others."""
    return fingerprint(" ".join(" ".join(lines).split()))


def fingerprint(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
