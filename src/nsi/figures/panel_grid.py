"""Small multiples in lines of equal panels: how many fit side by side, their headings, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from matplotlib.axes import Axes

from nsi.figures.lettering import block_height, wrap
from nsi.figures.page import Page, write
from nsi.figures.style import QUIET

GAP = 4.0  # mm between panels side by side
BELOW = 3.0  # mm between lines of panels


@dataclass(frozen=True)
class PanelGrid:
    """Panels from left to right and from top to bottom; lengths in mm.

    `heads` holds for each panel its heading and what stands beneath it, lines broken; `tops` where headings begin;
    `bodies` where the drawing begins; `width` is that of a panel and `height` that of all.
    """

    heads: tuple[tuple[str, str], ...]
    lefts: tuple[float, ...]
    tops: tuple[float, ...]
    bodies: tuple[float, ...]
    width: float
    height: float

    def draw_heads(self, page: Page) -> None:
        """Write heading and subheading of each panel, both standing on the drawing."""
        for (head, under), left, top, body in zip(self.heads, self.lefts, self.tops, self.bodies, strict=True):
            panel = page.panel(left, top, self.width, body - top)
            below = body - top - 0.8
            if under:
                write(panel, 0, below, under, va="bottom", color=QUIET)
            write(panel, 0, below - block_height(under), head, va="bottom", weight="bold")


def panel_grid(
    heads: Sequence[str], room: float, *, least: float, body: float, top: float = 0.0, under: Sequence[str] = ()
) -> PanelGrid:
    """Share out the room: as many panels in a line as fit, and as evenly over the lines as can be.

    Parameters
    ----------
    heads : sequence of str
        Heading of each panel, in order.
    room : float
        Width of the page between its margins.
    least : float
        The least width of a panel.
    body : float
        Height of the drawing under the headings, with all that belongs to it.
    top : float
        Where the first line begins.
    under : sequence of str
        What stands beneath each heading, if anything.
    """
    fit = min(max(int((room + GAP) // (least + GAP)), 1), len(heads))
    across = ceil(len(heads) / ceil(len(heads) / fit))
    width = (room - GAP * (across - 1)) / across
    told = list(under) or [""] * len(heads)
    pairs = zip(heads, told, strict=True)
    texts = [(wrap(head, width, bold=True), wrap(text, width) if text else "") for head, text in pairs]
    tall = [block_height(head) + block_height(text) + 1.2 for head, text in texts]
    lefts, tops, bodies, y = [], [], [], top
    for start in range(0, len(heads), across):
        own = max(tall[start : start + across])
        for column in range(len(heads[start : start + across])):
            lefts.append(column * (width + GAP))
            tops.append(y)
            bodies.append(y + own)
        y += own + body + BELOW
    return PanelGrid(tuple(texts), tuple(lefts), tuple(tops), tuple(bodies), width, y - BELOW)


def share_axes(page: Page, left: float, top: float, width: float, height: float, n_periods: int, most: float) -> Axes:
    """Axes of shares over periods: a slot for each period, shares upward from 0 to `most`, pale grid.

    Parameters
    ----------
    page : Page
        The figure's page.
    left, top, width, height : float
        Place and size in mm within the drawing room.
    n_periods : int
        How many slots there are; the middle of the first is at 0.
    most : float
        Upper end, 0 to 1.
    """
    axes = page.plot(left, top, width, height)
    axes.set(xlim=(-0.5, n_periods - 0.5), ylim=(0, most))
    step = 0.25 if most > 0.6 else 0.1 if most > 0.25 else 0.05
    ticks = [step * place for place in range(int(most / step + 1e-9) + 1)]
    axes.set_yticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks])
    axes.set_xticks([])
    axes.tick_params(axis="y", length=2, pad=1.5)
    axes.grid(axis="y", color="#E0E0E0", linewidth=0.4)
    axes.set_axisbelow(True)
    return axes
