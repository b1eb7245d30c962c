"""The XML of a workbook, streamed and without entities.

It is read here, since a library that makes an object of every cell needs minutes for a large sheet, and since none
tells an empty cell from a formula that nobody has computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from xml.parsers import expat

from nsi.errors import StudyError

BETWEEN = " "  # a namespace and a name
OOXML, STRICT = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
SPACES = {
    *("", f"{OOXML}spreadsheetml/2006/main", f"{STRICT}spreadsheetml/main", f"{OOXML}package/2006/relationships"),
    *(f"{OOXML}officeDocument/2006/relationships", f"{STRICT}officeDocument/relationships"),
}
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
Attributes = dict[str, str]


class DamagedPart(Exception):
    """A part of a workbook is not what the format allows."""


def walk(
    pieces: Iterable[bytes],
    file: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Read XML piece by piece, calling back for each element, and yielding after each piece.

    Parameters
    ----------
    pieces : iterable of bytes
        A part of a workbook.
    file : str
        The file's name, for messages.
    start, end, text : callable
        Called with the name and attributes of an element, with its name where it ends, and with text.

    Yields
    ------
    None
        After a piece was read.

    Raises
    ------
    StudyError
        If it declares entities.
    DamagedPart
        If it is no XML.
    """
    def refuse(*_: object) -> None:
        raise StudyError(f"{file} declares entities of its own, which no workbook needs; save it as .xlsx again")

    parser = expat.ParserCreate(namespace_separator=BETWEEN)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError):  # the second: of an encoding that there is not
        raise DamagedPart from None
    yield


@lru_cache(maxsize=1_000)
def local(name: str) -> str:
    """Name of an element or attribute without its namespace; as it is where that is none of a workbook's own."""
    space, _, rest = name.rpartition(BETWEEN)
    return rest if space in SPACES else name


def unescaped(text: str) -> str:
    """Give the text for which OOXML writes, as _x000D_, what XML cannot hold.

    Raises
    ------
    DamagedPart
        If that is half a character, or NUL.
    """
    if "_x" not in text:
        return text
    plain = ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    try:
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise DamagedPart from None
    if "\x00" in plain:
        raise DamagedPart
    return plain
