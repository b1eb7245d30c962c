"""The page of a figure: a title that states, room for drawing, a note, and a strip kept free for the stamp.

Call these from a function decorated with ``@house_style()``: matplotlib looks up many settings when a mark is
made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.lettering import LINE, block_height, wrap
from nsi.figures.sheet import Sheet
from nsi.figures.style import INK, MM_PER_INCH, QUIET, TEXT, TITLE, inches, new_figure

MARGIN = 2.0  # mm on every side
GAP = 2.5  # mm between title, drawing and note
STRIP = 6.0  # mm at the foot that only the stamp may use
STRIP_OWNED = "_nsi_strip"  # set on figures whose foot is kept free


@dataclass(frozen=True)
class Page:
    """A figure with its title and note set, and the room between them.

    Lengths are mm; `top` is the distance of the drawing room from the upper edge, `width` and `height` its
    size.
    """

    figure: Figure
    left: float
    top: float
    width: float
    height: float

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes for drawing in mm: x runs right and y runs down from the panel's upper left corner.

        Parameters
        ----------
        left, top : float
            Place in mm within the drawing room, from its upper left corner.
        width, height : float
            Size in mm.
        """
        sheet = Sheet(self.figure, self._place(left, top, width, height), width, height)
        return self.figure.add_axes(sheet)

    def plot(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes with their own scales at a place given in mm, as for `panel`."""
        return self.figure.add_axes(self._place(left, top, width, height))

    def _place(self, left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
        full_width, full_height = (float(side) * MM_PER_INCH for side in self.figure.get_size_inches())
        bottom = full_height - self.top - top - height
        return (self.left + left) / full_width, bottom / full_height, width / full_width, height / full_height


def new_page(width: float, height: float, *, title: str, note: str) -> Page:
    """Start a figure: set the title above and the note below a drawing room of a given height.

    Parameters
    ----------
    width : float
        `NARROW` or `WIDE`, mm.
    height : float
        Height of the drawing room in mm; the figure grows by what title and note need.
    title : str
        One sentence that says what is shown.
    note : str
        What a reader must know: n, wave or date, how to read the marks. May be empty.

    Raises
    ------
    StudyError
        If the title is empty.
    """
    if not title.strip():
        raise StudyError("a figure has no title; give one sentence that says what is shown")
    room = width - 2 * MARGIN
    head = wrap(title, room, TITLE, bold=True)
    foot = wrap(note, room) if note.strip() else ""
    top = MARGIN + block_height(head, TITLE) + GAP
    below = (GAP + block_height(foot) if foot else 0.0) + STRIP
    figure = new_figure(width, top + height + below)
    setattr(figure, STRIP_OWNED, True)
    _place(figure, MARGIN, MARGIN, head, size=TITLE, weight="bold", color=INK, gid="title")
    if foot:
        _place(figure, MARGIN, top + height + GAP, foot, size=TEXT, color=QUIET, gid="note")
    return Page(figure, MARGIN, top, room, height)


def _place(figure: Figure, left: float, top: float, text: str, **how: Any) -> Text:
    width, height = figure.get_size_inches()
    return figure.text(
        inches(left) / width, 1 - inches(top) / height, text, ha="left", va="top", linespacing=LINE, **how
    )


def joined(*notes: str) -> str:
    """Join notes to one text, each closed by a full stop; empty ones fall away."""
    kept = [note.strip() for note in notes if note.strip()]
    return " ".join(note if note[-1] in ".!?…" else f"{note}." for note in kept)


def write(axes: Axes, x: float, y: float, text: str, *, size: float = TEXT, **how: Any) -> Text:
    """Write text in a mm panel: by default left-aligned, centred on its line, never clipped.

    Parameters
    ----------
    axes : Axes
        Made by `Page.panel`.
    x, y : float
        Place in mm.
    text : str
        Lines already broken.
    size : float
        Type size in points.
    **how
        Handed to matplotlib's ``Axes.text``.
    """
    usual: dict[str, Any] = {
        "ha": "left",
        "va": "center",
        "color": INK,
        "fontsize": size,
        "linespacing": LINE,
    }
    return axes.text(x, y, text, **(usual | how))


def box(axes: Axes, left: float, top: float, width: float, height: float, **how: Any) -> Rectangle:
    """Draw a rectangle in a mm panel, by default an outline; `how` goes to matplotlib's ``Rectangle``."""
    style: dict[str, Any] = {"facecolor": "none", "edgecolor": INK, "linewidth": 0.5} | how
    patch = Rectangle((left, top), width, height, **style)
    axes.add_artist(patch)  # not add_patch, which looks for limits that are fixed here
    return patch


def rule(axes: Axes, x: Sequence[float], y: Sequence[float], **how: Any) -> None:
    """Draw a line through points, in axes whose limits are set; `how` goes to matplotlib's ``Line2D``."""
    style: dict[str, Any] = {"color": INK, "linewidth": 0.5, "solid_capstyle": "butt"} | how
    axes.add_artist(Line2D(x, y, **style))  # not plot, which takes four times as long to find limits and colours
