"""Where the names of points go: beside their marks, clear of all marks and of each other, tied to theirs by a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nsi.figures.lettering import block_height, block_width

NEAR = 1.6  # mm from the middle of a mark to its name
TIED = 2.4  # mm from which a line joins name and mark
RINGS = (1.0, 1.7, 2.6, 3.8, 5.2, 7.0, 9.5, 13.0)  # of NEAR, how far away a name may go
AIR = 0.4  # mm between two names
# To the right first, then left, above, below and between: (across, down) of the name's nearest side.
SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))


@dataclass(frozen=True)
class Box:
    """A rectangle in mm, y downward."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles share ground."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def within(self, other: Box) -> bool:
        """Whether it lies inside another."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class LabelPlace:
    """Middle of a name in mm, and whether a line must join it to its mark."""

    x: float
    y: float
    tied: bool


def label_places(
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    *,
    room: Box,
    taken: Sequence[Box],
    bold: Sequence[bool] | None = None,
) -> list[LabelPlace]:
    """Find a place for every name, the first that is free on growing rings around its mark.

    Parameters
    ----------
    points : sequence of (float, float)
        Middles of the marks, mm.
    texts : sequence of str
        Names with lines broken.
    room : Box
        What names must stay within.
    taken : sequence of Box
        Marks and lines that no name may cover.
    bold : sequence of bool, optional
        Names set in bold.

    Returns
    -------
    list of LabelPlace
        In the order of the points. A name for which nothing is free keeps its first place within the room.
    """
    placed: list[Box] = []
    places = []
    for number, ((x, y), text) in enumerate(zip(points, texts, strict=True)):
        heavy = bold is not None and bold[number]
        size = (block_width(text, bold=heavy), block_height(text))
        tried = [(box, ring) for box, ring in _candidates(x, y, size) if box.within(room)]
        free = (one for one in tried if not any(one[0].meets(other) for other in [*placed, *taken]))
        box, ring = next(free, tried[0] if tried else (Box(x, y, x + size[0], y + size[1]), 1.0))
        placed.append(Box(box.left - AIR, box.top - AIR, box.right + AIR, box.bottom + AIR))
        places.append(LabelPlace((box.left + box.right) / 2, (box.top + box.bottom) / 2, NEAR * ring > TIED))
    return places


def _candidates(x: float, y: float, size: tuple[float, float]) -> Iterator[tuple[Box, float]]:
    """Boxes for one name, near ones first, each with its ring."""
    wide, tall = size
    for ring in RINGS:
        away = NEAR * ring
        for across, down in SIDES:
            slant = 0.75 if across and down else 1.0
            left = x - wide / 2 + across * (wide / 2 + away * slant)
            top = y - tall / 2 + down * (tall / 2 + away * slant)
            yield Box(left, top, left + wide, top + tall), ring
