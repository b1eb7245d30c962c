"""The dictionary of an SPSS file: its variables, their labels, and where the cases begin."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nsi.errors import StudyError, shown
from nsi.readers.spss_records import (
    Cursor,
    Damaged,
    Element,
    Records,
    encoding_of,
    read_header,
    read_records,
    text_of,
)

SEGMENT, USED = 252, 255  # bytes that a segment of a long text adds to its width, and bytes that it holds
LONG_NAMES, LONG_WIDTHS, N_CASES, FLOATS, LONG_LABELS = 13, 14, 16, 4, 21  # subtypes of extensions

Labels = dict[float | bytes, str]


@dataclass(frozen=True)
class Variable:
    """One variable of a file.

    Attributes
    ----------
    name, question : str
        Its name and its label.
    width : int
        Bytes of a text; 0 for a number.
    parts : tuple
        Where it stands in a case: pairs of the first byte and the number of bytes.
    kind : int
        The type of its print format, by which dates are known.
    labels : mapping
        Value, a number or the bytes of a text without padding, to its label.
    missing : tuple of float
        Numbers that its author declared missing, one by one.
    """

    name: str
    question: str
    width: int
    parts: tuple[tuple[int, int], ...]
    kind: int
    labels: Mapping[float | bytes, str]
    missing: tuple[float, ...]


@dataclass(frozen=True)
class Layout:
    """What a file says about itself before its cases.

    Attributes
    ----------
    variables : tuple of Variable
        In the order of the file.
    order : str
        ``<`` or ``>``: which end of a number comes first.
    compression : int
        0 none, 1 bytecodes, 2 bytecodes within zlib.
    n_cases : int
        Cases, as declared.
    textual : tuple of bool
        For each eight bytes of a case, whether they are of a text.
    sysmis : float
        The number that stands for a system-missing value.
    encoding : str
        Of all text, as Python calls it.
    start : int
        The byte where the cases begin.
    """

    variables: tuple[Variable, ...]
    order: str
    compression: int
    n_cases: int
    textual: tuple[bool, ...]
    sysmis: float
    encoding: str
    start: int


def read_layout(data: bytes, file: str, otherwise: str) -> Layout:
    """Read the header and the dictionary.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    otherwise : str
        The encoding, if the file names none.

    Returns
    -------
    Layout
        Names of variables differ from each other.

    Raises
    ------
    Damaged
        If the bytes are not what the format allows.
    StudyError
        If the encoding is unknown, a name stands twice, or the number of cases is not told.
    """
    cursor, compression, n_cases = read_header(data)
    records = read_records(cursor)
    encoding = encoding_of(records, cursor.order, otherwise, file)
    counted = records.extensions.get(N_CASES, b"")
    if n_cases == -1 and len(counted) == 16:
        n_cases = struct.unpack(f"{cursor.order}2q", counted)[1]
    if n_cases < 0:
        raise StudyError(
            f"{file} does not say how many cases it has, so that nobody could see whether it was cut short; open it in "
            "SPSS and save it again"
        )
    floats = records.extensions.get(FLOATS, b"")
    sysmis = struct.unpack(f"{cursor.order}3d", floats)[0] if len(floats) == 24 else -sys.float_info.max
    try:
        variables = _variables(records, cursor.order, encoding)
    except UnicodeDecodeError:
        raise StudyError(
            f"{file}: names or labels of variables are not {encoding} text; open it in SPSS and save it in Unicode "
            "mode, or declare an encoding such as cp1252 if the file names none"
        ) from None
    _refuse_names([variable.name for variable in variables], file)
    textual = tuple(element.width != 0 for element in records.elements)
    return Layout(variables, cursor.order, compression, n_cases, textual, sysmis, encoding, cursor.at)


def _refuse_names(names: Sequence[str], file: str) -> None:
    if not all(names):
        raise Damaged(f"variable {names.index('') + 1} has no name")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise StudyError(f"{file}: two variables have the name {shown(twice)}; rename one of them in SPSS")


def _variables(records: Records, order: str, encoding: str) -> tuple[Variable, ...]:
    starts = _starts(records.elements)
    names = _pairs(records.extensions.get(LONG_NAMES, b"").decode(encoding))
    widths = _pairs(records.extensions.get(LONG_WIDTHS, b"").replace(b"\x00", b"").decode("ascii", "replace"))
    short_labels = _short_labels(records, starts, order, encoding)
    long_labels = _long_labels(records.extensions.get(LONG_LABELS, b""), order, encoding)
    variables, place = [], 0
    while place < len(starts):
        element = records.elements[starts[place]]
        short = text_of(element.name, encoding)
        name = names.get(short.upper(), short)
        width = _width(widths.get(short.upper()), element)
        segments = starts[place : place + (1 if width <= USED else -(-width // SEGMENT))]
        parts = _parts(records.elements, segments, width)
        question = text_of(element.question, encoding, len(element.question))
        labels = short_labels.get(starts[place], {}) | long_labels.get(name, {})
        variables.append(Variable(name, question, width, parts, element.kind, labels, element.missing))
        place += len(segments)
    return tuple(variables)


def _starts(elements: Sequence[Element]) -> list[int]:
    """Places of elements that begin a variable; every text is followed by the continuations that it needs."""
    starts, owed = [], 0
    for place, element in enumerate(elements):
        if (element.width == -1) != (owed > 0):
            raise Damaged(f"record {place + 1} of its variables does not fit the one before")
        if element.width == -1:
            owed -= 1
        else:
            starts.append(place)
            owed = max(0, -(-element.width // 8) - 1)
    if owed or not starts:
        raise Damaged("it has no variables, or the last one is cut short")
    return starts


def _pairs(text: str) -> dict[str, str]:
    """Read NAME=value pairs with tabs between them."""
    pairs = (pair.partition("=") for pair in text.split("\t") if "=" in pair)
    return {name.upper(): value for name, _, value in pairs}


def _width(declared: str | None, element: Element) -> int:
    if declared is None:
        return element.width
    if not declared.isascii() or not declared.isdigit() or int(declared) <= USED:
        raise Damaged("the width of a long text is impossible")
    return int(declared)


def _parts(elements: Sequence[Element], segments: Sequence[int], width: int) -> tuple[tuple[int, int], ...]:
    """Where the bytes of a variable stand; of a long text, every segment but the last is full."""
    if width <= USED:
        return ((segments[0] * 8, width or 8),)
    needed = -(-width // SEGMENT)
    allotted = [USED] * (needed - 1) + [width - SEGMENT * (needed - 1)]
    found = [elements[place].width for place in segments]
    if [-(-one // 8) for one in found] != [-(-one // 8) for one in allotted]:
        raise Damaged("the segments of a long text do not fit its width")
    held = [min(USED, max(0, width - USED * place)) for place in range(needed)]
    return tuple((start * 8, n_bytes) for start, n_bytes in zip(segments, held, strict=True))


def _short_labels(records: Records, starts: Sequence[int], order: str, encoding: str) -> dict[int, Labels]:
    """Labels of numbers and of texts of up to eight bytes, by the place of the variable."""
    labels: dict[int, Labels] = {}
    for pairs, places in records.labels:
        for place in places:
            if place - 1 not in starts:
                raise Damaged(f"labels are for a variable at place {place}, but none begins there")
            numeric = records.elements[place - 1].width == 0
            for raw, label in pairs:
                value: float | bytes = struct.unpack(f"{order}d", raw)[0] if numeric else raw.rstrip(b" \x00")
                if isinstance(value, float) and not math.isfinite(value):
                    raise Damaged(f"labels for the variable at place {place} are for impossible numbers")
                labels.setdefault(place - 1, {})[value] = text_of(label, encoding, len(label))
    return labels


def _long_labels(data: bytes, order: str, encoding: str) -> dict[str, Labels]:
    """Labels of longer texts, by the name of the variable."""
    cursor, labels = Cursor(data, order), dict[str, Labels]()
    while cursor.at < len(data):
        name = text_of(cursor.take(cursor.ints(1)[0]), encoding)
        _, count = cursor.ints(2)
        for _ in range(count):
            value = cursor.take(cursor.ints(1)[0]).rstrip(b" \x00")
            label = cursor.take(cursor.ints(1)[0])
            labels.setdefault(name, {})[value] = text_of(label, encoding, len(label))
    return labels
