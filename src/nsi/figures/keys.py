"""The key of a figure: samples of its marks, each with its words, in as few lines as they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from nsi.figures.lettering import block_height, block_width, line_height, wrap
from nsi.figures.page import box, rule, write
from nsi.figures.style import INK, WHITE

SAMPLE = 5.0  # mm for the sample of a mark
APART = 4.0  # mm between two entries
MARK = 4.2  # pt, a mark of usual size
KEY = "key"  # label of a filled sample, by which a proof-reader finds it

Draw = Callable[[Axes, float, float], None]


@dataclass(frozen=True)
class Key:
    """One entry: what to draw, given axes in mm and the left end and middle of the sample, and its words."""

    draw: Draw
    words: str


@dataclass(frozen=True)
class Keys:
    """Entries with their places in mm, and the height that they take."""

    places: tuple[tuple[Key, str, float, float], ...]
    height: float

    def draw(self, axes: Axes, left: float = 0.0, top: float = 0.0) -> None:
        """Draw samples and words in a mm panel."""
        for key, text, x, y in self.places:
            key.draw(axes, left + x, top + y + line_height() / 2)
            write(axes, left + x + SAMPLE + 1.0, top + y, text, va="top")


def fit_keys(keys: Sequence[Key], room: float) -> Keys:
    """Set entries side by side and below each other in a width given in mm."""
    placed: list[tuple[Key, str, float, float]] = []
    x, y, tall = 0.0, 0.0, 0.0
    for key in keys:
        text = wrap(key.words, room - SAMPLE - 1.0)
        width = SAMPLE + 1.0 + block_width(text)
        if x and x + width > room:
            x, y, tall = 0.0, y + tall + 0.7, 0.0
        placed.append((key, text, x, y))
        x, tall = x + width + APART, max(tall, block_height(text))
    return Keys(tuple(placed), y + tall)


def mark(axes: Axes, x: float, y: float, *, colour: str = INK, hollow: bool = False, **how: Any) -> None:
    """Draw one mark, as `marks` does."""
    marks(axes, [x], [y], colour=colour, hollow=hollow, **how)


def marks(
    axes: Axes, x: Sequence[float], y: Sequence[float], *, colour: str = INK, hollow: bool = False, **how: Any
) -> None:
    """Draw marks of one kind, solid with a pale rim or hollow, in axes whose limits are set; `how`: ``Line2D``."""
    usual: dict[str, Any] = {
        "marker": "o",
        "markersize": MARK,
        "linestyle": "none",
        "markerfacecolor": WHITE if hollow else colour,
        "markeredgecolor": colour if hollow else WHITE,
        "markeredgewidth": 0.9 if hollow else 0.4,
        "zorder": 4,
        "clip_on": False,
    }
    axes.add_artist(Line2D(x, y, **(usual | how)))


def mark_key(words: str, **how: Any) -> Key:
    """Entry for a mark; `how` as for `mark`."""
    return Key(lambda axes, x, y: mark(axes, x + SAMPLE / 2, y, **how), words)


def line_key(words: str, **how: Any) -> Key:
    """Entry for a line; `how` goes to `rule`."""
    return Key(lambda axes, x, y: rule(axes, (x, x + SAMPLE), (y, y), **how), words)


def fill_key(words: str, **how: Any) -> Key:
    """Entry for a filled cell or bar; `how` goes to `box`."""
    return Key(lambda axes, x, y: _fill(axes, x, y, how), words)


def _fill(axes: Axes, x: float, y: float, how: dict[str, Any]) -> None:
    box(axes, x, y - 1.15, SAMPLE, 2.3, **how).set_label(KEY)


def upright_key(words: str, **how: Any) -> Key:
    """Entry for a line that stands upright in the figure, such as an average; `how` goes to `rule`."""
    return Key(lambda axes, x, y: rule(axes, (x + SAMPLE / 2,) * 2, (y - 1.3, y + 1.3), **how), words)
