"""Two pictures of one name: how much of them differs, where, and what their words say."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALT = re.compile(r"<desc\b[^>]*>(.*?)</desc>", re.DOTALL)
SCALE = 2  # of the difference picture: half as wide, which is as wide as it is shown
SPREAD = 2  # pixels around a difference that are marked too, so that a moved hairline is seen
FADED = 0.25  # what stayed the same is left as a trace
MARK = np.array([176, 0, 96], dtype=np.uint8)  # dark against white and grey, and in grey print too

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PictureChange:
    """How two pictures differ.

    Attributes
    ----------
    share : float
        Share of pixels that differ, 0 to 1, of the area that both together cover; NaN where one cannot be read.
    old_size, new_size : tuple of int
        Width and height in pixels; (0, 0) where it cannot be read.
    marked : bytes
        PNG of the new picture, faded, with differing pixels marked; empty where nothing differs or can be read.
    """

    share: float
    old_size: tuple[int, int]
    new_size: tuple[int, int]
    marked: bytes


def compare_pictures(old: bytes, new: bytes) -> PictureChange:
    """Compare two PNG pictures pixel by pixel."""
    before, now = _pixels(old), _pixels(new)
    if before is None or now is None:
        return PictureChange(float("nan"), _size(before), _size(now), b"")
    tall, wide = (max(before.shape[side], now.shape[side]) for side in (0, 1))
    before_whole, now_whole = _on_paper(before, tall, wide), _on_paper(now, tall, wide)
    differs = (before_whole != now_whole).any(axis=2)
    if before.shape != now.shape:
        # What only one of them covers differs, even where both are white.
        both = np.zeros_like(differs)
        both[: min(before.shape[0], now.shape[0]), : min(before.shape[1], now.shape[1])] = True
        differs |= ~both
    share = float(differs.mean())
    return PictureChange(share, _size(before), _size(now), _marked(now_whole, differs) if share else b"")


def alt_text(svg: bytes | None) -> str:
    """Give the words that stand for a picture, from its SVG; empty where there are none."""
    found = ALT.search((svg or b"").decode("utf-8", errors="replace"))
    return html.unescape(found[1]).strip() if found else ""


def _size(pixels: Pixels | None) -> tuple[int, int]:
    return (0, 0) if pixels is None else (int(pixels.shape[1]), int(pixels.shape[0]))


def _pixels(png: bytes) -> Pixels | None:
    from matplotlib.image import imread  # slow to import, and most comparisons need none

    try:
        read = np.asarray(imread(io.BytesIO(png), format="png"))
    except (OSError, SyntaxError, ValueError):
        return None
    plain = np.round(read * 255).astype(np.uint8) if read.dtype.kind == "f" else read.astype(np.uint8)
    if plain.ndim == 2:  # grey
        plain = np.repeat(plain[:, :, None], 3, axis=2)
    if plain.shape[2] == 4:  # on white paper, as it is seen
        opacity = plain[:, :, 3:].astype(np.uint16)
        plain = ((plain[:, :, :3] * opacity + 255 * (255 - opacity)) // 255).astype(np.uint8)
    return plain


def _on_paper(pixels: Pixels, tall: int, wide: int) -> Pixels:
    paper: Pixels = np.full((tall, wide, 3), 255, dtype=np.uint8)
    paper[: pixels.shape[0], : pixels.shape[1]] = pixels
    return paper


def _marked(picture: Pixels, differs: NDArray[np.bool_]) -> bytes:
    from matplotlib.image import imsave

    shown = picture[::SCALE, ::SCALE].astype(np.float64).mean(axis=2, keepdims=True)
    faded = np.repeat(255 - (255 - shown) * FADED, 3, axis=2).astype(np.uint8)
    tall, wide = faded.shape[:2]
    small = np.zeros((tall, wide), dtype=bool)
    for down in range(SCALE):
        for right in range(SCALE):
            part = differs[down::SCALE, right::SCALE]
            small[: part.shape[0], : part.shape[1]] |= part
    faded[_spread(small)] = MARK
    sink = io.BytesIO()
    imsave(sink, faded, format="png")
    return sink.getvalue()


def _spread(marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    for axis in (0, 1):
        wide = marks.copy()
        for step in range(1, SPREAD + 1):
            wide |= np.roll(marks, step, axis) | np.roll(marks, -step, axis)
        marks = wide
    return marks
