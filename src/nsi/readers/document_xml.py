"""The XML of a word processor's file, streamed, by local names, and without entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from nsi.errors import StudyError

BETWEEN = " "  # stands in no namespace and no name
Attributes = dict[str, str]


class DamagedDocument(Exception):
    """A part of a document is no XML."""


def read_xml(
    pieces: Iterable[bytes],
    file: str,
    start: Callable[[str, str, Attributes], None],
    end: Callable[[str, str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read a part of a document, calling back for each element.

    Parameters
    ----------
    pieces : iterable of bytes
        The part.
    file : str
        The file's name, for messages.
    start, end, text : callable
        Called with namespace, local name and attributes (by local name) of an element; with namespace and name where
        it ends; and with text.

    Raises
    ------
    StudyError
        If it declares entities.
    DamagedDocument
        If it is no XML.
    """

    def refuse(*_: object) -> None:
        raise StudyError(f"{file} declares entities of its own, which no document needs; edit a fresh file")

    def started(tag: str, attributes: Attributes) -> None:
        space, _, name = tag.rpartition(BETWEEN)
        start(space, name, {key.rpartition(BETWEEN)[2]: value for key, value in attributes.items()})

    def ended(tag: str) -> None:
        space, _, name = tag.rpartition(BETWEEN)
        if end is not None:
            end(space, name)

    parser = expat.ParserCreate(namespace_separator=BETWEEN)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError):  # the second: of an encoding that there is not
        raise DamagedDocument from None
