"""A small picture of a score with its interval, drawn here dot by dot, so that its bytes are the same everywhere."""

from __future__ import annotations

import math
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from nsi.documents.joint_parts import Scale

WIDTH, HEIGHT = 564, 66  # dots; 47.8 by 5.6 mm at 300 dots per inch
PER_MM = 300 / 25.4
WHITE, TINT, GRID, INK = range(4)
PALETTE = bytes.fromhex("FFFFFF" "BFBFBF" "DDDDDD" "262626")
BLOCK = 65_535  # bytes that an uncompressed block of a zlib stream holds at most


def micro_bar(estimate: float, low: float, high: float, scale: Scale) -> bytes:
    """Draw a score as a dot, its interval as a bar, round numbers as pale lines and the middle as a dashed one.

    Parameters
    ----------
    estimate, low, high : float
        The score and the ends of its interval, which may be missing (NaN).
    scale : Scale
        What it is drawn on.

    Returns
    -------
    bytes
        A PNG of 564 by 66 dots in four greys, 300 dots per inch.
    """
    dots = np.full((HEIGHT, WIDTH), WHITE, dtype=np.uint8)
    for tick in scale.ticks:
        dots[:, _across(tick, scale)] = GRID
    dots[-1, :] = GRID
    if math.isfinite(low) and math.isfinite(high):
        dots[18:48, _across(low, scale) : _across(high, scale) + 1] = TINT
    if scale.middle is not None:
        x = _across(scale.middle, scale)
        for top in range(0, HEIGHT, 12):
            dots[top : top + 7, x : x + 2] = INK
    if math.isfinite(estimate):
        down, along = np.ogrid[:HEIGHT, :WIDTH]
        away = (down - 32.5) ** 2 + (along - _across(estimate, scale)) ** 2
        dots[away <= 14.5**2] = WHITE
        dots[away <= 12.5**2] = INK
    return _png(dots)


def _across(value: float, scale: Scale) -> int:
    return min(max(round(scale.share(value) * (WIDTH - 1)), 0), WIDTH - 2)


def _png(dots: NDArray[np.uint8]) -> bytes:
    """Write a picture of four colours as PNG, not compressed: builds of zlib compress differently."""
    height, width = dots.shape
    four = dots.reshape(height, width // 4, 4)
    packed = (four[..., 0] << 6 | four[..., 1] << 4 | four[..., 2] << 2 | four[..., 3]).astype(np.uint8)
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), packed]).tobytes()
    metre = round(PER_MM * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 2, 3, 0, 0, 0)),
        _chunk(b"PLTE", PALETTE),
        _chunk(b"pHYs", struct.pack(">IIB", metre, metre, 1)),
        _chunk(b"IDAT", _stored(lines)),
        _chunk(b"IEND", b""),
    ])  # fmt: skip


def _stored(content: bytes) -> bytes:
    """Write a zlib stream of uncompressed blocks."""
    parts = [content[start : start + BLOCK] for start in range(0, len(content), BLOCK)]
    blocks = [struct.pack("<BHH", part is parts[-1], len(part), len(part) ^ 0xFFFF) + part for part in parts]
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(content))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
