"""The header and the dictionary of a look-alike SPSS file."""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nsi.errors import StudyError, shown
from nsi.synthetic.export_column import ExportColumn, number_of

PRODUCT = b"@(#) SPSS DATA FILE look-alike"
DAY, TIME = b"01 Jan 80", b"00:00:00"
SEGMENT, USED = 252, 255  # bytes that a segment of a long text adds to its width, and bytes that it holds
MOST_LABEL, LONGEST_QUESTION, LONGEST_NAME = 120, 255, 64  # bytes
FORMATS = {"number": (5, 8, 2), "datetime": (22, 20, 0), "date": (39, 10, 0)}  # type, width, decimals
RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}


def spss_name(name: str) -> str:
    """Make a name that SPSS allows, as Qualtrics does: what is not allowed becomes an underscore.

    Parameters
    ----------
    name : str
        As in a csv export.

    Returns
    -------
    str
        ``Duration (in seconds)`` becomes ``Duration__in_seconds_``; at most 64 bytes.
    """
    plain = re.sub(r"[^\w.@#$]", "_", name)
    if not plain[:1].isalpha() and plain[:1] != "@":
        plain = f"V{plain}"
    while len(plain.encode()) > LONGEST_NAME:
        plain = plain[:-1]
    plain = f"{plain[:-1]}_" if plain.endswith(".") else plain
    return f"{plain}_" if plain.upper() in RESERVED else plain


@dataclass(frozen=True)
class Stored:
    """A column, and the bytes that its longest text has; 0 where it holds numbers."""

    column: ExportColumn
    width: int

    def segments(self) -> Iterator[tuple[int, int, int]]:
        """Yield for each segment of a text: its first byte, how many it holds, and how many it is declared with."""
        if self.width <= USED:
            yield 0, self.width, self.width
            return
        count = -(-self.width // SEGMENT)
        for number in range(count):
            held = min(USED, max(0, self.width - USED * number))
            yield USED * number, held, USED if number < count - 1 else self.width - SEGMENT * number


def dictionary(stored: Sequence[Stored], n_cases: int) -> bytes:
    """Write all that stands before the cases.

    Parameters
    ----------
    stored : sequence of Stored
        The columns.
    n_cases : int
        Rows that will follow.

    Returns
    -------
    bytes
        Header, variables, labels and extensions; little-endian.

    Raises
    ------
    StudyError
        If two columns get one name, or missing codes cannot be declared.
    """
    names = [spss_name(one.column.name) for one in stored]
    for place, name in enumerate(names):
        if name.upper() in (other.upper() for other in names[:place]):
            raise StudyError(f"column {shown(stored[place].column.name)} becomes {shown(name)} in SPSS, as another "
                             "does; name one of them otherwise")  # fmt: skip
    variables, labels, places = b"", b"", []
    n_elements = 0
    for number, one in enumerate(stored, start=1):
        places.append(n_elements + 1)
        record, elements = _variable(one, number)
        variables += record
        labels += _short_labels(one, n_elements + 1)
        n_elements += elements
    return _header(n_elements, n_cases) + variables + labels + _extensions(stored, names) + struct.pack("<2i", 999, 0)


def _header(n_elements: int, n_cases: int) -> bytes:
    numbers = struct.pack("<5id", 2, n_elements, 1, 0, n_cases, 100.0)
    return b"$FL2" + PRODUCT.ljust(60) + numbers + DAY + TIME + b" " * 64 + b"\x00" * 3


def _variable(one: Stored, number: int) -> tuple[bytes, int]:
    """Return the records of a variable, and how many eights of bytes it takes in a case."""
    records, elements = b"", 0
    for segment, (_, _, allotted) in enumerate(one.segments()):
        kind, width, decimals = FORMATS.get(one.column.kind, (1, allotted, 0))
        written = kind << 16 | width << 8 | decimals
        question = _cut(one.column.question, LONGEST_QUESTION) if segment == 0 else b""
        count, missing = _missing(one) if segment == 0 else (0, b"")
        name = (f"V{number}" if segment == 0 else f"V{number}_{segment}").encode().ljust(8)
        records += struct.pack("<6i", 2, allotted, int(bool(question)), count, written, written) + name
        if question:
            records += struct.pack("<i", len(question)) + question + b"\x00" * (-len(question) % 4)
        records += missing
        following = max(0, -(-allotted // 8) - 1)
        blank = struct.pack("<6i", 2, -1, 0, 0, 0, 0) + b" " * 8
        records += blank * following
        elements += 1 + following
    return records, elements


def _missing(one: Stored) -> tuple[int, bytes]:
    """Declare missing codes: how many there are, negative for a range, and the codes."""
    codes = one.column.user_missing
    if one.width:
        raw = [code.encode() for code in codes]
        if len(raw) > 3 or any(len(code) > 8 for code in raw):
            raise StudyError(f"column {shown(one.column.name)}: missing codes of a text must be at most three, and of "
                             "eight bytes; use kind number")  # fmt: skip
        # Those of a longer text stand in an extension.
        return (0, b"") if one.width > 8 else (len(raw), b"".join(code.ljust(8) for code in raw))
    values = sorted(number_of(code, one.column.name) for code in codes)
    if len(values) <= 3:
        return len(values), struct.pack(f"<{len(values)}d", *values)
    valid = [value for value in _label_numbers(one) if value not in values]
    for inner, single in ((values, []), (values[1:], values[:1]), (values[:-1], values[-1:])):
        if not any(inner[0] <= value <= inner[-1] for value in valid):
            return -2 - len(single), struct.pack(f"<{2 + len(single)}d", inner[0], inner[-1], *single)
    raise StudyError(f"column {shown(one.column.name)}: {len(values)} missing codes lie among others, which SPSS "
                     "cannot declare; use three, or codes that lie together")  # fmt: skip


def _label_numbers(one: Stored) -> list[float]:
    return [number_of(code, one.column.name) for code in one.column.labels]


def _cut(text: str, longest: int) -> bytes:
    """Return at most so many bytes of a text, no character cut in two."""
    return text.encode()[:longest].decode(errors="ignore").encode()


def _short_labels(one: Stored, place: int) -> bytes:
    """Labels of numbers, and of texts of up to eight bytes."""
    if not one.column.labels or one.width > 8:
        return b""
    values = ([code.encode().ljust(8) for code in one.column.labels] if one.width
              else [struct.pack("<d", value) for value in _label_numbers(one)])  # fmt: skip
    record = struct.pack("<2i", 3, len(values))
    for value, label in zip(values, one.column.labels.values(), strict=True):
        text = _cut(label, MOST_LABEL)
        record += value[:8] + bytes([len(text)]) + text + b" " * (-(len(text) + 1) % 8)
    return record + struct.pack("<3i", 4, 1, place)


def _long_labels(stored: Sequence[Stored], names: Sequence[str]) -> bytes:
    record = b""
    for one, name in zip(stored, names, strict=True):
        if one.column.labels and one.width > 8:
            record += _counted(name.encode()) + struct.pack("<2i", one.width, len(one.column.labels))
            for code, label in one.column.labels.items():
                record += _counted(code.encode().ljust(one.width)) + _counted(_cut(label, MOST_LABEL))
    return record


def _long_missing(stored: Sequence[Stored], names: Sequence[str]) -> bytes:
    record = b""
    for one, name in zip(stored, names, strict=True):
        if one.column.user_missing and one.width > 8:
            codes = one.column.user_missing
            record += _counted(name.encode()) + bytes([len(codes)]) + struct.pack("<i", 8)
            record += b"".join(code.encode().ljust(8) for code in codes)
    return record


def _counted(text: bytes) -> bytes:
    return struct.pack("<i", len(text)) + text


def _extensions(stored: Sequence[Stored], names: Sequence[str]) -> bytes:
    """Write what newer versions added: kinds of numbers, long names, texts and labels, cases, encoding."""
    most = sys.float_info.max
    second = struct.unpack("<d", b"\xfe\xff\xff\xff\xff\xff\xef\xff")[0]  # the lowest number that is not system-missing
    long_names = "\t".join(f"V{number}={name}" for number, name in enumerate(names, start=1)).encode()
    widths = "".join(f"V{number}={one.width:05d}\x00\t" for number, one in enumerate(stored, start=1)
                     if one.width > USED).encode()  # fmt: skip
    parts = [
        (3, 4, struct.pack("<8i", 20, 0, 0, 1, 1, 1, 2, 65001)),
        (4, 8, struct.pack("<3d", -most, most, second)),
        (13, 1, long_names),
        (14, 1, widths),
        (20, 1, b"UTF-8"),
        (21, 1, _long_labels(stored, names)),
        (22, 1, _long_missing(stored, names)),
    ]
    return b"".join(struct.pack("<4i", 7, subtype, size, len(data) // size) + data
                    for subtype, size, data in parts if data)  # fmt: skip
