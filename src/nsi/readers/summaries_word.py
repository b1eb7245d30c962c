"""Summaries in an edited Word file: what stands in each cell below the lines that were given.

Cells are known by bookmarks, which Word and LibreOffice keep. Changes that are only proposed are read as accepted.
"""

from __future__ import annotations

import io
import json
import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import Any

from nsi.errors import StudyError, listed, shown
from nsi.readers.archives import Limits, refuse_bomb, unpacked
from nsi.readers.document_xml import Attributes, read_xml
from nsi.readers.summary_texts import (
    FORMAT,
    EditedText,
    IssuedText,
    check_issued,
    given_print,
    lost_fault,
    refuse_faults,
)

LIMITS = Limits("a document", "edit a fresh file", members=2_000, total=2**30)
NAMESPACE = "urn:nsi:matrix-summaries"
NOT_TEXT = {"del", "moveFrom", "Fallback"}  # removed while changes were tracked, or there a second time
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
SPACES = ("wordprocessingml/2006/main", "wordprocessingml/main", "officeDocument/2006/math")
CELL, GIVEN, EDITED_BY = "cell_", "given_", "edited_by"


@dataclass
class _Cell:
    """An outermost cell of a table: its paragraphs, and in which of them its bookmarks stand."""

    paragraphs: list[str] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)


def word_texts(data: bytes, *, file: str, matrix: str) -> list[EditedText]:
    """Read the texts of an edited Word file.

    Parameters
    ----------
    data : bytes
        The .docx file.
    file : str
        Its name, for messages.
    matrix : str
        Name of the matrix that it should be of.

    Returns
    -------
    list of EditedText
        One per cell that was issued, in that order; not readable where the lines above a text were changed, so that
        nobody can tell where it begins.

    Raises
    ------
    StudyError
        If it was not issued as such, is of another matrix, a bomb or has macros, or a cell is lacking or doubled.
        Up to five faults are told at once.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        refuse_bomb(archive, file, LIMITS)
        if any("vbaproject" in name.lower() for name in archive.namelist()):
            raise StudyError(f"{file} holds macros; save it as .docx, which has none")
        told = _issued(data, archive, file)
        document = _Document(data, archive, file)
    texts = [IssuedText(key, row, column, name, before, issued)
             for key, row, column, name, _, before, issued, _ in told["texts"]]  # fmt: skip
    check_issued(texts, told["matrix"], matrix, file)
    who = document.edited_by.replace(told["edited_by"], "", 1).strip()
    faults, lost, edited = [], [], []
    for text, (_, _, _, _, place, _, _, given) in zip(texts, told["texts"], strict=True):
        cells = document.found.get(place, [])
        if len(cells) > 1:
            faults.append(f"cell {shown(text.name)} stands there {len(cells)} times; remove all but one")
        elif not cells:
            lost.append(text)
        elif len([mark for mark in cells[0].marks if mark.startswith(CELL)]) > 1:
            faults.append(f"cell {shown(text.name)} was merged with another one; split them again")
        else:
            edited.append(_edited(text, cells[0], place.removeprefix(CELL), given, told["empty"], who))
    refuse_faults([*faults, *lost_fault(lost, len(texts))], file)
    return edited


def _edited(text: IssuedText, cell: _Cell, place: str, given: str, empty: str, who: str) -> EditedText:
    """Split the paragraphs of a cell into the lines that were given and the text below them."""
    last = cell.marks.get(f"{GIVEN}{place}")
    above = cell.paragraphs if last is None else cell.paragraphs[: last + 1]
    below = [] if last is None else cell.paragraphs[last + 1 :]
    written = "\n".join(below).strip()
    if written.startswith(empty) or written.endswith(empty):  # somebody typed beside what stands for nothing
        written = written.removeprefix(empty).removesuffix(empty).strip()
    return EditedText(text, written, who, given_print(above) == given)


def _issued(data: bytes, archive: zipfile.ZipFile, file: str) -> dict[str, Any]:
    """What the document says of itself, in a part that editors keep and do not show."""
    pieces: list[str] = []
    ours = [False]

    def start(space: str, name: str, _: Attributes) -> None:
        ours[0] = (space, name) == (NAMESPACE, "issued")

    def text(piece: str) -> None:
        if ours[0]:
            pieces.append(piece)

    for name in sorted(archive.namelist()):
        if name.startswith("customXml/item") and name.endswith(".xml") and not pieces:
            read_xml(unpacked(data, archive.getinfo(name)), file, start, text=text)
    try:
        told = json.loads("".join(pieces))
        if told["format"] != FORMAT or any(len(entry) != 8 for entry in told["texts"]):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise StudyError(f"{file} holds no summaries of a matrix, or the program that saved it dropped what tells its "
                         "cells apart; edit the file that was issued, in Word or LibreOffice, and save it as .docx"
                         ) from None  # fmt: skip
    return dict(told)


class _Document:
    """The cells of a document's tables by their bookmarks, and the line that says who edited it."""

    def __init__(self, data: bytes, archive: zipfile.ZipFile, file: str) -> None:
        self.found: dict[str, list[_Cell]] = {}
        self.edited_by = ""
        self._cells: list[_Cell] = []
        self._paragraphs: list[list[str]] = []
        self._unread = self._runs = 0
        self._in_text = self._names_editor = False
        part = archive.getinfo(_main_part(data, archive, file))
        read_xml(unpacked(data, part), file, self._start, self._end, self._text)

    def _start(self, space: str, name: str, attributes: Attributes) -> None:
        if name in NOT_TEXT:
            self._unread += 1
        elif not space.endswith(SPACES):
            return
        elif name == "tc":
            self._cells.append(self._cells[0] if self._cells else _Cell())
        elif name == "p":
            self._paragraphs.append([])
        elif name == "bookmarkStart":
            self._mark(attributes.get("name", ""))
        elif name == "r":
            self._runs += 1
        elif name == "t":
            self._in_text = True
        elif name in SIGNS and self._runs:
            self._write(SIGNS[name])

    def _end(self, space: str, name: str) -> None:
        if name in NOT_TEXT:
            self._unread -= 1
        elif not space.endswith(SPACES):
            return
        elif name == "tc":
            self._cells.pop()
        elif name == "p":
            written = "".join(self._paragraphs.pop())
            if self._cells:
                self._cells[0].paragraphs.append(written)
            elif self._names_editor:
                self.edited_by, self._names_editor = written, False
        elif name == "r":
            self._runs -= 1
        elif name == "t":
            self._in_text = False

    def _text(self, piece: str) -> None:
        if self._in_text:
            self._write(piece)

    def _write(self, piece: str) -> None:
        if self._paragraphs and not self._unread:
            self._paragraphs[-1].append(piece)

    def _mark(self, name: str) -> None:
        if name == EDITED_BY and not self._cells:
            self._names_editor = True
        elif self._cells and name.startswith((CELL, GIVEN)):
            cell = self._cells[0]
            cell.marks.setdefault(name, len(cell.paragraphs))
            cells = self.found.setdefault(f"{CELL}{name.partition('_')[2]}", [])
            if cell not in cells:
                cells.append(cell)


def _main_part(data: bytes, archive: zipfile.ZipFile, file: str) -> str:
    """Name of the part that holds the text; some programs give it another one."""
    found: list[str] = []

    def start(_: str, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(posixpath.normpath(attributes["Target"].lstrip("/")))

    read_xml(unpacked(data, archive.getinfo("_rels/.rels")), file, start)
    names = [name for name in found if name in archive.namelist()]
    if not names:
        raise StudyError(f"{file} has no text; it holds {listed(archive.namelist(), 3)}; edit the file that was issued")
    return names[0]
