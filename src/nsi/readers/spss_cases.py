"""The cases of an SPSS file: unpacked, and as many as its header says, or refused."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from nsi.readers.spss_dictionary import Layout
from nsi.readers.spss_records import Damaged

NOTHING, END, LITERAL, BLANK, SYSMIS = 0, 252, 253, 254, 255  # bytecodes; others are numbers from -99 to 151
BIAS = 100

Cases = npt.NDArray[np.uint8]


def read_cases(data: bytes, layout: Layout) -> Cases:
    """Unpack the cases.

    Parameters
    ----------
    data : bytes
        The file's content.
    layout : Layout
        What it says about itself.

    Returns
    -------
    array of uint8, shape (n_cases, bytes of a case)
        As they would stand in a file without compression.

    Raises
    ------
    Damaged
        If there are fewer or more cases than declared, or a code that cannot stand where it does.
    """
    n_elements = len(layout.textual)
    if layout.compression == 0:
        there, wanted = len(data) - layout.start, layout.n_cases * n_elements * 8
        if there != wanted:
            raise Damaged(f"its cases take {there:,} bytes, but {layout.n_cases:,} cases take {wanted:,}")
        return np.frombuffer(data, np.uint8, wanted, layout.start).reshape(layout.n_cases, n_elements * 8)
    packed = data[layout.start :] if layout.compression == 1 else _inflated(data, layout)
    codes, literals = _codes(packed)
    wanted = layout.n_cases * n_elements
    if len(codes) != wanted:
        raise Damaged(f"it holds {len(codes):,} values, but its {layout.n_cases:,} cases need {wanted:,}")
    _refuse_misplaced(codes.reshape(layout.n_cases, n_elements), layout)
    values = (codes.astype(np.float64) - BIAS).astype(f"{layout.order}f8")
    values[codes == SYSMIS] = layout.sysmis
    cells = values.view(np.uint64)
    cells[codes == BLANK] = int.from_bytes(b" " * 8, "little")
    cells[codes == LITERAL] = literals[: int((codes == LITERAL).sum())]
    return cells.view(np.uint8).reshape(layout.n_cases, n_elements * 8)


def _codes(packed: bytes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
    """Tell the codes of values from the literal values that some of them stand for.

    Eight codes stand together, then as many eights of bytes as there are literals among them.
    """
    if len(packed) % 8:
        raise Damaged(f"its packed cases are {len(packed):,} bytes long, which is no multiple of 8")
    eights = np.frombuffer(packed, np.uint8).reshape(-1, 8)
    followers = (eights == LITERAL).sum(axis=1).astype(np.uint8).tobytes()
    places, place = [], 0
    while place < len(followers):
        places.append(place)
        place += 1 + followers[place]
    if place != len(followers):
        raise Damaged("its packed cases end in the middle of a value")
    holds_codes = np.zeros(len(followers), dtype=bool)
    holds_codes[places] = True
    codes = eights[holds_codes].ravel()
    ends = np.flatnonzero(codes == END)
    codes = codes[: ends[0]] if len(ends) else codes
    return codes[codes != NOTHING], np.frombuffer(packed, np.uint64)[~holds_codes]


def _refuse_misplaced(codes: npt.NDArray[np.uint8], layout: Layout) -> None:
    """Stop where a number stands in a text, or blanks in a number."""
    textual = np.array(layout.textual)
    within_text = codes[:, textual]
    wrong = ((within_text != LITERAL) & (within_text != BLANK)).any(axis=1) | (codes[:, ~textual] == BLANK).any(axis=1)
    if wrong.any():
        raise Damaged(f"case {int(wrong.argmax()) + 1} holds a number where a text must be, or the reverse")


def _inflated(data: bytes, layout: Layout) -> bytes:
    """Unpack the blocks of a file that is compressed with zlib; its trailer says where each stands."""
    if layout.start + 24 > len(data):
        raise Damaged("it ends before its packed cases")
    header, trailer, length = struct.unpack_from(f"{layout.order}3q", data, layout.start)
    if header != layout.start or trailer < header + 24 or length < 24 or trailer + length != len(data):
        raise Damaged("its end is missing, or its packed cases are not where it says")
    _, _, _, n_blocks = struct.unpack_from(f"{layout.order}2q2i", data, trailer)
    if n_blocks < 0 or length != 24 + 24 * n_blocks:
        raise Damaged("the list of its packed blocks is impossible")
    blocks, place = [], header + 24
    for block in range(n_blocks):
        _, start, size, packed_size = struct.unpack_from(f"{layout.order}2q2i", data, trailer + 24 + 24 * block)
        if start != place or packed_size < 0 or start + packed_size > trailer or not 0 <= size <= 2**30:
            raise Damaged(f"its packed block {block + 1} is not where it says")
        blocks.append(_block(data[start : start + packed_size], size, block + 1))
        place = start + packed_size
    if place != trailer:
        raise Damaged("bytes that are in no packed block stand before its end")
    return b"".join(blocks)


def _block(packed: bytes, size: int, number: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        block = unpacking.decompress(packed, size + 1)
    except zlib.error:
        raise Damaged(f"its packed block {number} cannot be unpacked") from None
    if len(block) != size or not unpacking.eof or unpacking.unused_data:
        raise Damaged(f"its packed block {number} is cut short, or holds more than it says")
    return block
