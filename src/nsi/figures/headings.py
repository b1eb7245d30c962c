"""Column headings: upright where the words fit above their column, turned by a quarter where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from nsi.figures.lettering import balanced, block_height, block_width, line_height, wrap
from nsi.figures.page import write

MOST_LINES = 3  # upright headings of more lines are harder to read than turned ones
SHORT = 2  # letters that stay upright among turned ones, such as the points of a scale
AIR = 1.2  # mm between neighbours
TURNED = 20.0  # mm, the first length tried for turned headings; it grows until all of them fit


@dataclass(frozen=True)
class Headings:
    """Headings with lines broken, whether they are turned, and the height that they need in mm."""

    texts: tuple[str, ...]
    turned: bool
    height: float

    def draw(self, axes: Axes, centres: Sequence[float], bottom: float) -> None:
        """Write them in a mm panel, standing on `bottom` and centred on their columns."""
        for x, text in zip(centres, self.texts, strict=True):
            if text:
                turned = self.turned and len(text) > SHORT
                turn = {"rotation": 90, "multialignment": "left"} if turned else {"multialignment": "center"}
                write(axes, x, bottom, text, ha="center", va="bottom", **turn)


def fit_headings(labels: Sequence[str], width: float) -> Headings:
    """Break headings for columns of one width; all stand the same way, but for a letter or two.

    Parameters
    ----------
    labels : sequence of str
        One per column; an empty one takes no room.
    width : float
        Width of a column in mm, at least one line of text.
    """
    labels = [" ".join(label.split()) for label in labels]  # a kept line break might never fit
    room = max(width - AIR, line_height())
    upright = [balanced(label, room) for label in labels]
    whole = all(text.split() == label.split() for text, label in zip(upright, labels, strict=True))
    if whole and all(text.count("\n") < MOST_LINES for text in upright):
        return Headings(tuple(upright), False, max(map(block_height, upright)))
    turned = [_turned(label, width) for label in labels]
    return Headings(tuple(turned), True, max(block_width(text) for text in turned) + 0.5)


def _turned(label: str, width: float) -> str:
    """Break a label into as many lines as the column is wide for, in the shortest length that allows it."""
    length = TURNED
    text = wrap(label, length)
    while block_height(text) > max(width, line_height()):
        length += 4
        text = wrap(label, length)
    return text
