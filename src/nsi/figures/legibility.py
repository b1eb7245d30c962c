"""Proof-reading a figure: words inside the page, large enough and clear; fills of a key that differ in grey print."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from nsi.figures.keys import KEY
from nsi.figures.style import MM_PER_INCH, TEXT, contrast, house_style, lightness

DPI = 100
TOUCH = 0.3  # mm that two boxes may share; boxes include the empty room below a line's letters
GREY_GAP = 15.0  # L*
BASE = 101  # hundredths that a channel can have
ENOUGH = 4.5  # contrast of text. Source: WCAG 2.2, criterion 1.4.3


class _Proof(RendererAgg):
    """Draws what stands behind the letters, and notes the texts whose letters it was asked for.

    A text of several lines is handed over line by line, without itself: it is known by the group that it opens.
    """

    def __init__(self, width: float, height: float, texts: dict[str, Text]) -> None:
        super().__init__(width, height, DPI)  # type: ignore[no-untyped-call]
        self.texts = texts
        self.drawn: dict[Text, None] = {}  # in drawing order
        self._open: Text | None = None

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._open = self.texts.get(gid or "") if s == "text" else None

    def draw_text(self, *_args: Any, **_how: Any) -> None:
        if self._open is not None:
            self.drawn[self._open] = None


@house_style()
def legibility_problems(figure: Figure) -> list[str]:
    """List what a reader could not read in a figure; an empty list is a pass.

    Checks every text that is drawn, at final size: inside the page, at least 7 pt, not on top of another
    text, and with a contrast of at least 4.5:1 to what is drawn behind it. Neighbours in a key of fills must differ
    by their hatch or by at least 15 in lightness (CIE L*), so that grey print keeps them apart.

    Parameters
    ----------
    figure : Figure
        Drawn once, otherwise unchanged.

    Returns
    -------
    list of str
        One sentence per problem, in drawing order.
    """
    before = figure.dpi
    figure.set_dpi(DPI)
    try:
        width, height = figure.get_size_inches() * DPI
        ground = _drawn(figure, width, height)
        boxes = [(text, _extent(text, ground)) for text in ground.drawn]
        colours = _packed(np.asarray(ground.buffer_rgba()))  # type: ignore[no-untyped-call]
        return (
            [found for text, box in boxes for found in _alone(text, box, width, height)]
            + _overlaps(boxes)
            + [found for text, box in boxes for found in _faint(text, box, colours)]
            + _alike(figure)
        )
    finally:
        figure.set_dpi(before)


def _drawn(figure: Figure, width: float, height: float) -> _Proof:
    """Draw with a name on each text for as long as that takes."""
    texts = {f"text {number}": text for number, text in enumerate(figure.findobj(Text))}
    own = [text.get_gid() for text in texts.values()]
    ground = _Proof(width, height, texts)
    try:
        for name, text in texts.items():
            text.set_gid(name)
        figure.draw(ground)
    finally:
        for text, gid in zip(texts.values(), own, strict=True):
            text.set_gid(gid)
    return ground


def proof(figure: Figure) -> dict[str, Any]:
    """Return the size of a figure in mm and what a reader could not read in it, as plain values for a record."""
    width, height = (round(float(side) * MM_PER_INCH, 1) for side in figure.get_size_inches())
    return {"width": width, "height": height, "problems": legibility_problems(figure)}


def _extent(text: Text, renderer: RendererAgg) -> Bbox:
    """Box of the letters alone, without the frame that may stand around them or the arrow beside them."""
    return Text.get_window_extent(text, renderer)


def _alone(text: Text, box: Bbox, width: float, height: float) -> list[str]:
    found = []
    size = float(text.get_fontsize())
    if size < TEXT - 0.01:
        found.append(f"{_quoted(text)} is set in {size:.1f} pt, smaller than {TEXT:g} pt")
    if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
        found.append(f"{_quoted(text)} reaches over the edge of the page")
    return found


def _overlaps(boxes: list[tuple[Text, Bbox]]) -> list[str]:
    touch = TOUCH / MM_PER_INCH * DPI
    x0, y0, x1, y1 = np.array([box.extents for _, box in boxes]).reshape(-1, 4).T
    found = []
    for i, (text, box) in enumerate(boxes):
        across = np.minimum(x1[i + 1 :], box.x1) - np.maximum(x0[i + 1 :], box.x0)
        up = np.minimum(y1[i + 1 :], box.y1) - np.maximum(y0[i + 1 :], box.y0)
        for j in np.flatnonzero((across > touch) & (up > touch)) + i + 1:
            found.append(f"{_quoted(text)} and {_quoted(boxes[j][0])} overlap")
    return found


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Give the colour of each pixel as one number, its channels in hundredths, because rows are slow to sort."""
    hundredths = (np.arange(256) / 255 * 100).round().astype(np.int32)
    red, green, blue = (hundredths[pixels[..., channel]] for channel in range(3))
    return (red * BASE + green) * BASE + blue


def _unpacked(colour: int) -> tuple[float, float, float]:
    return colour // BASE**2 / 100, colour // BASE % BASE / 100, colour % BASE / 100


def _faint(text: Text, box: Bbox, packed: NDArray[np.int32]) -> list[str]:
    rows = packed.shape[0]
    top, bottom = max(int(rows - box.y1), 0), min(int(np.ceil(rows - box.y0)), rows)
    left, right = max(int(box.x0), 0), int(np.ceil(box.x1))
    behind = packed[top:bottom, left:right]
    if not behind.size:
        return []
    colours, counts = np.unique(behind, return_counts=True)
    own = to_rgb(text.get_color())
    ratios = np.array([contrast(own, _unpacked(int(colour))) for colour in colours])
    # A hairline may pass behind a word; a ground may not be faint under more than a tenth of it.
    order = np.argsort(ratios)
    worst = ratios[order][np.cumsum(counts[order]) > 0.1 * counts.sum()][0]
    return [f"{_quoted(text)} has a contrast of only {worst:.1f}:1"] if worst < ENOUGH else []


def _alike(figure: Figure) -> list[str]:
    """Compare neighbours among the filled samples of the key, in the order in which they stand."""
    samples = [patch for patch in figure.findobj(Rectangle) if patch.get_label() == KEY]
    found = []
    for number, (one, other) in enumerate(pairwise(samples), start=1):
        gap = abs(lightness(to_rgb(one.get_facecolor())) - lightness(to_rgb(other.get_facecolor())))
        if _second_channel(one) == _second_channel(other) and gap < GREY_GAP:
            found.append(f"fills {number} and {number + 1} of the key differ by only {gap:.0f} in lightness")
    return found


def _second_channel(patch: Patch) -> tuple[object, ...]:
    """What tells a fill from another beside its colour: hatch, frame, and whether it is filled at all."""
    frame = patch.get_linewidth() if to_rgba(patch.get_edgecolor())[3] else 0.0
    return patch.get_hatch() or "", str(patch.get_linestyle()), frame, to_rgba(patch.get_facecolor())[3] > 0


def _quoted(text: Text) -> str:
    return "'" + text.get_text().replace("\n", " / ") + "'"
