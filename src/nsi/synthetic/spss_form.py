"""A look-alike export as an SPSS file, in two passes over packed blocks, with equal bytes on every run.

It is written here, and not by a library, so that no date of writing, version or name of a library gets into the
file, and so that memory does not grow with the rows. Source: PSPP developers, System File Format
(gnu.org/software/pspp/pspp-dev).
"""

from __future__ import annotations

import datetime
import io
import marshal
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from nsi.errors import StudyError, shown
from nsi.synthetic.export_column import ExportColumn, check_columns, moment_of, number_of, refuse_width
from nsi.synthetic.spss_header import Stored, dictionary, spss_name

__all__ = ["spss_name", "spss_sav"]

BLOCK = 4_096  # rows held at a time
LONGEST = 32_767  # bytes of a text
FIRST_DAY = datetime.datetime(1582, 10, 14)
SYSMIS = -sys.float_info.max
BLANKS = int.from_bytes(b" " * 8, "little")
BIAS, LITERAL, BLANK, NONE = 100, 253, 254, 255  # bytecodes
Block = list[bytes | list[bytes]]  # by column: numbers as their bytes, or texts
Elements = npt.NDArray[np.uint64]


def spss_sav(columns: Sequence[ExportColumn], rows: Iterable[Sequence[str]]) -> bytes:
    """Write an SPSS file.

    Parameters
    ----------
    columns : sequence of ExportColumn
        Names are written as `spss_name` gives them. A question is the variable's label. Up to three codes are
        declared missing one by one, more of them as a range, alone or beside one code.
    rows : iterable of sequence of str
        One cell per column; ``""`` is system-missing in a number, and blank in a text. Blanks at the end of a
        text are padding in this format, and are lost.

    Returns
    -------
    bytes
        The .sav file: UTF-8, bytecodes; the date in it is the first of January 1980.

    Raises
    ------
    StudyError
        If a row has another width, a cell is not of its column's kind or too long, two names become one, or
        missing codes cannot be declared.
    """
    check_columns(columns)
    blocks: list[bytes] = []
    widths = [0 if column.kind != "text" else 1 for column in columns]
    n_cases = 0
    stream = iter(rows)
    while block := list(islice(stream, BLOCK)):
        for number, row in enumerate(block, start=n_cases + 1):
            refuse_width(row, columns, number)
        held: Block = [_stored(column, cells) for column, cells in zip(columns, zip(*block, strict=True), strict=True)]
        for place, cells in enumerate(held):
            if isinstance(cells, list):
                widths[place] = max(widths[place], *map(len, cells))
        blocks.append(zlib.compress(marshal.dumps(held), 1))
        n_cases += len(block)
    stored = [Stored(column, width) for column, width in zip(columns, widths, strict=True)]
    target = io.BytesIO()
    target.write(dictionary(stored, n_cases))
    _write_cases(target, stored, blocks)
    return target.getvalue()


def _stored(column: ExportColumn, cells: Sequence[str]) -> bytes | list[bytes]:
    """Return the numbers of a column as bytes, or its texts as UTF-8."""
    if column.kind == "text":
        texts = [cell.encode() for cell in cells]
        if max(map(len, texts)) > LONGEST:
            raise StudyError(f"column {shown(column.name)} holds a text of more than {LONGEST:,} bytes; shorten it")
        return texts
    known = {"": SYSMIS}
    for cell in set(cells) - {""}:
        if column.kind == "number":
            known[cell] = number_of(cell, column.name)
        else:
            since = moment_of(cell, column) - FIRST_DAY
            known[cell] = float(since.days * 86_400 + since.seconds)
    return np.array([known[cell] for cell in cells], dtype="<f8").tobytes()


def _write_cases(target: io.BytesIO, stored: Sequence[Stored], blocks: Iterable[bytes]) -> None:
    """Write bytecodes, eight together, each eight followed by the values that no code stands for."""
    codes_left, elements_left = np.zeros(0, np.uint8), np.zeros(0, np.uint64)
    for elements, textual in _elements(stored, blocks):
        codes = np.concatenate([codes_left, _codes(elements, textual).ravel()])
        values = np.concatenate([elements_left, elements.ravel()])
        whole = len(codes) // 8 * 8
        target.write(_packed(codes[:whole], values[:whole]))
        codes_left, elements_left = codes[whole:], values[whole:]
    if len(codes_left):
        padding = 8 - len(codes_left)
        target.write(_packed(np.pad(codes_left, (0, padding)), np.pad(elements_left, (0, padding))))


def _elements(stored: Sequence[Stored], blocks: Iterable[bytes]) -> Iterator[tuple[Elements, npt.NDArray[np.bool_]]]:
    """Rows of eights of bytes, block by block, and which of a row's eights are of a text."""
    for packed in blocks:
        block: Block = marshal.loads(zlib.decompress(packed))
        parts = [_number(cells) if isinstance(cells, bytes) else _text(cells, column)
                 for column, cells in zip(stored, block, strict=True)]  # fmt: skip
        textual = [np.full(part.shape[1], column.width > 0) for column, part in zip(stored, parts, strict=True)]
        yield np.concatenate(parts, axis=1), np.concatenate(textual)


def _number(cells: bytes) -> Elements:
    return np.frombuffer(cells, "<u8").reshape(-1, 1)


def _text(cells: Sequence[bytes], column: Stored) -> Elements:
    """Texts, padded; of a long one, every segment holds 255 bytes and a blank."""
    padded = np.array([cell.ljust(column.width) for cell in cells], dtype=f"S{column.width}")
    flat = padded.view(np.uint8).reshape(len(cells), column.width)
    parts = []
    for start, held, allotted in column.segments():
        part = np.full((len(cells), -(-allotted // 8) * 8), ord(" "), np.uint8)
        part[:, :held] = flat[:, start : start + held]
        parts.append(part.view("<u8"))
    return np.concatenate(parts, axis=1)


def _codes(elements: Elements, textual: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    codes = np.full(elements.shape, LITERAL, np.uint8)
    codes[:, textual] = np.where(elements[:, textual] == BLANKS, BLANK, LITERAL)
    numbers = np.ascontiguousarray(elements[:, ~textual]).view("<f8")
    small = (numbers == np.rint(numbers)) & (numbers >= 1 - BIAS) & (numbers <= 251 - BIAS)
    coded = np.where(small, numbers, 0).astype(np.int64) + BIAS
    codes[:, ~textual] = np.where(numbers == SYSMIS, NONE, np.where(small, coded, LITERAL))
    return codes


def _packed(codes: npt.NDArray[np.uint8], values: Elements) -> bytes:
    literal = codes == LITERAL
    counts = literal.reshape(-1, 8).sum(axis=1)
    starts = np.arange(len(counts)) + np.concatenate([[0], np.cumsum(counts)[:-1]])
    packed = np.empty(len(counts) + int(counts.sum()), dtype="<u8")
    is_code = np.zeros(len(packed), dtype=bool)
    is_code[starts.astype(np.int64)] = True
    packed[is_code] = np.ascontiguousarray(codes).view("<u8")
    packed[~is_code] = values[literal]
    return packed.tobytes()
