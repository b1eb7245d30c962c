"""What an edited document says of each text in it: which cell it belongs to, what was issued, what stands there now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from nsi.errors import StudyError, listed, shown

FORMAT = "matrix summaries 1"
MOST_FAULTS = 5  # told at once; who mends these will find the others with the next try


@dataclass(frozen=True)
class IssuedText:
    """A text as it was issued.

    Attributes
    ----------
    key : str
        Fingerprint of matrix, row and column.
    row, column, name : str
        Ids of its cell, and what people call it.
    shown, issued : str
        Fingerprints of the text as the document showed it, and as it was in the data.
    """

    key: str
    row: str
    column: str
    name: str
    shown: str
    issued: str


@dataclass(frozen=True)
class EditedText:
    """A text as it came back.

    Attributes
    ----------
    issued : IssuedText
        What was issued.
    text, who : str
        What stands there now, and who is named for it.
    readable : bool
        Whether it is sure what belongs to the text; if not, `text` is not to be used.
    """

    issued: IssuedText
    text: str
    who: str
    readable: bool = True


def text_print(text: str) -> str:
    """Fingerprint of a text; blanks at the ends of lines and of the whole do not count, since editors drop them."""
    return fingerprint(plain(text))


def plain(text: str) -> str:
    """Drop what editors change without being asked: how lines end, and blanks at the ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def given_print(lines: Sequence[str]) -> str:
    """Fingerprint of the lines above a text, whatever blanks an editor makes of others."""
    return fingerprint(" ".join(" ".join(lines).split()))


def fingerprint(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def check_issued(texts: Sequence[IssuedText], found: str, matrix: str, file: str) -> None:
    """Stop where a document is of another matrix, or what it says of itself was changed.

    Raises
    ------
    StudyError
        In either case.
    """
    if found != matrix:
        raise StudyError(f"{file} holds summaries of the matrix {shown(found)}, but {matrix!r} was asked for; send the "
                         f"file of {matrix!r}")  # fmt: skip
    for text in texts:
        if text.key != fingerprint(json.dumps([matrix, text.row, text.column])):
            raise StudyError(f"{file}: what was issued for cell {shown(text.name)} was changed; edit a fresh file")
    if len({text.key for text in texts}) < len(texts):
        raise StudyError(f"{file}: what was issued names a cell twice; edit a fresh file")


def refuse_faults(faults: Sequence[str], file: str) -> None:
    """Stop with the first few of the faults that were found in a file.

    Raises
    ------
    StudyError
        If there are any.
    """
    if faults:
        rest = f"\nand {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise StudyError("\n".join(f"{file}, {fault}" for fault in faults[:MOST_FAULTS]) + rest)


def lost_fault(lost: Sequence[IssuedText], n_issued: int) -> list[str]:
    """Fault of cells that did not come back; none where all did."""
    if not lost:
        return []
    cells = listed(shown(text.name) for text in lost)
    return [f"cells removed: {len(lost)} of {n_issued} ({cells}); every cell that was issued must come back, edited or "
            "not; put them back"]  # fmt: skip
