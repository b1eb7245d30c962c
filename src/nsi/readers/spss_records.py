"""Records of an SPSS file: its header and its dictionary, as they stand there.

Read here, byte by byte, because a library in C ends the whole process on some damaged files, and returns what
it found so far on others. Source: PSPP developers, System File Format (gnu.org/software/pspp/pspp-dev).
"""

from __future__ import annotations

import codecs
import math
import struct
from dataclasses import dataclass, field

from nsi.errors import StudyError, shown

MAGIC = (b"$FL2", b"$FL3")  # the second: compressed with zlib
HEADER = 176
LONGEST_SHORT = 255  # bytes; a longer text is kept in segments
BIAS = 100.0
CUT = ("unexpected end of data", "incomplete multibyte sequence")  # how Python tells that a character was cut in two
CODE_PAGES = {65001: "utf-8", 28591: "latin-1", 28605: "iso8859-15", 20932: "euc-jp", 51949: "euc-kr", 54936: "gb18030"}


class Damaged(Exception):
    """The bytes are not what the format allows there; the text says what is wrong."""


@dataclass
class Cursor:
    """A place in the bytes of a file, beyond whose end nothing is read."""

    data: bytes
    order: str
    at: int = 0

    def take(self, n_bytes: int) -> bytes:
        """Return the next bytes."""
        if n_bytes < 0 or self.at + n_bytes > len(self.data):
            raise Damaged(f"its dictionary ends at byte {len(self.data):,} in the middle of a record")
        self.at += n_bytes
        return self.data[self.at - n_bytes : self.at]

    def ints(self, count: int) -> tuple[int, ...]:
        """Return the next whole numbers of four bytes."""
        return struct.unpack(f"{self.order}{count}i", self.take(4 * count))

    def floats(self, count: int) -> tuple[float, ...]:
        """Return the next floating point numbers of eight bytes."""
        return struct.unpack(f"{self.order}{count}d", self.take(8 * count))


@dataclass
class Records:
    """Records of a dictionary as they stand in the file, not yet decoded."""

    elements: list[Element] = field(default_factory=list)
    labels: list[tuple[list[tuple[bytes, bytes]], tuple[int, ...]]] = field(default_factory=list)
    extensions: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Element:
    """A record of a variable, or of the continuation of a text, which has width -1."""

    width: int
    name: bytes = b""
    question: bytes = b""
    kind: int = 0
    missing: tuple[float, ...] = ()


def text_of(raw: bytes, encoding: str, width: int = 0) -> str:
    """Decode a text without its padding.

    Parameters
    ----------
    raw : bytes
        As it stands in the file.
    encoding : str
        Its encoding.
    width : int
        Bytes that its field has. Where the text fills it and SPSS cut its last character in two, that
        character is written as U+FFFD, so that one can see it.

    Returns
    -------
    str
        The text; blanks at its beginning stay.

    Raises
    ------
    UnicodeDecodeError
        If it is not of the encoding.
    """
    plain = raw.rstrip(b" \x00")
    try:
        return plain.decode(encoding)
    except UnicodeDecodeError as error:
        if not 0 < width <= len(plain) or error.reason not in CUT:
            raise
        return plain[: error.start].decode(encoding) + "\ufffd"


def read_header(data: bytes) -> tuple[Cursor, int, int]:
    """Read the file header: a cursor behind it, the kind of compression, and the number of cases."""
    if len(data) < HEADER:
        raise Damaged(f"it ends at byte {len(data):,}, within its header")
    order = next((mark for mark in "<>" if struct.unpack(f"{mark}i", data[64:68])[0] in (2, 3)), "")
    if not order:
        raise Damaged("its header does not say how its numbers are written")
    cursor = Cursor(data, order, 68)
    _, compression, _, n_cases = cursor.ints(4)
    zipped = data[:4] == MAGIC[1]
    if compression not in (0, 1, 2) or zipped != (compression == 2) or cursor.floats(1)[0] != BIAS or n_cases < -1:
        raise Damaged("its header says impossible things")
    cursor.at = HEADER
    return cursor, compression, n_cases


def read_records(cursor: Cursor) -> Records:
    """Read the records of a dictionary up to its end."""
    records = Records()
    while True:
        (kind,) = cursor.ints(1)
        if kind == 2:
            records.elements.append(_element(cursor))
        elif kind == 3:
            records.labels.append(_labels(cursor))
        elif kind == 6:
            cursor.take(80 * cursor.ints(1)[0])
        elif kind == 7:
            subtype, size, count = cursor.ints(3)
            if size < 0 or count < 0:
                raise Damaged(f"an extension of its dictionary before byte {cursor.at:,} has an impossible size")
            records.extensions[subtype] = cursor.take(size * count)
        elif kind == 999:
            cursor.take(4)
            return records
        else:
            raise Damaged(f"its dictionary has an unknown record at byte {cursor.at - 4:,}")


def encoding_of(records: Records, order: str, otherwise: str, file: str) -> str:
    """Return the encoding that a file names, or the declared one where it names none."""
    named = records.extensions.get(20, b"").strip(b" \x00").decode("ascii", "replace")
    numbers = records.extensions.get(3, b"")
    page = struct.unpack(f"{order}8i", numbers)[7] if len(numbers) == 32 else 0
    wanted = named or CODE_PAGES.get(page, f"cp{page}" if page > 100 else otherwise)
    try:
        b"a".decode(wanted)  # which, unlike a look-up, takes encodings of text only
        return codecs.lookup(wanted.encode("ascii").decode()).name
    except (LookupError, UnicodeError):
        raise StudyError(
            f"{file}: its texts are in the encoding {shown(wanted)}, which is unknown; open it in SPSS and save it in "
            "Unicode mode, or declare an encoding such as cp1252 if it names none"
        ) from None


def _element(cursor: Cursor) -> Element:
    width, labelled, n_missing, written, _ = cursor.ints(5)
    name = cursor.take(8).rstrip(b" ")
    if not -1 <= width <= LONGEST_SHORT or labelled not in (0, 1) or n_missing not in (-3, -2, 0, 1, 2, 3):
        raise Damaged(f"the record of a variable before byte {cursor.at:,} is impossible")
    question = b""
    if labelled:
        length = cursor.ints(1)[0]
        question = cursor.take(length + -length % 4)[: max(length, 0)]
    if width:
        cursor.take(8 * abs(n_missing))
        return Element(width, name, question, written >> 16 & 255)
    values = cursor.floats(abs(n_missing))
    single = values if n_missing > 0 else values[2:]  # the first two of others are the ends of a range
    return Element(0, name, question, written >> 16 & 255, tuple(value for value in single if math.isfinite(value)))


def _labels(cursor: Cursor) -> tuple[list[tuple[bytes, bytes]], tuple[int, ...]]:
    """Read pairs of value and label, and the record that must follow: the variables that they are for."""
    pairs = []
    for _ in range(cursor.ints(1)[0]):
        value, length = cursor.take(8), cursor.take(1)[0]
        pairs.append((value, cursor.take(length + -(length + 1) % 8)[:length]))
    kind, count = cursor.ints(2)
    if kind != 4 or count < 0:
        raise Damaged(f"labels before byte {cursor.at:,} are for no variable")
    return pairs, cursor.ints(count)
