"""Rows with labels at their left, or above where room is short; headings above groups; pages of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import pandas as pd
from matplotlib.axes import Axes

from nsi.figures.frames import require_columns, require_labels
from nsi.figures.lettering import block_height, block_width, line_height, wrap
from nsi.figures.page import box, write
from nsi.figures.style import MAX_HEIGHT, NARROW, WIDE
from nsi.figures.value_columns import require_width

ABOVE = 0.7  # mm over a label that stands above its lane
PAD = 1.3  # mm that a row is higher than its label
HEADING = line_height() + 2.4  # mm, a heading of one line
BAND = "#F5F5F5"  # ground of every second row
ITEM_SHARE = 0.4  # of the page, the most that the text of items may take
CASE_SHARE = 0.36  # of the page, the most that the names of cases may take
LABEL = 18.0  # mm, the least for labels at the left
SCALE = 23.0  # mm, the least for a scale
ITEM_STEP = 4.6  # mm, the lowest row of an item


@dataclass(frozen=True)
class Rows:
    """Labels with lines broken and their places in mm; headings as (text, top).

    A lane is the part of a row that marks stand in: all of it, or what is below a label that stands above.
    """

    texts: tuple[str, ...]
    tops: tuple[float, ...]
    heights: tuple[float, ...]
    headings: tuple[tuple[str, float], ...]
    width: float
    height: float
    above: bool = False

    def lane(self, place: int) -> tuple[float, float]:
        """Top and height of a row's lane, mm from the top of the first row."""
        taken = block_height(self.texts[place]) + ABOVE if self.above else 0.0
        return self.tops[place] + taken, self.heights[place] - taken

    def middle(self, place: int) -> float:
        """Middle of a row's lane, mm from the top of the first row."""
        top, height = self.lane(place)
        return top + height / 2

    def draw(self, axes: Axes, top: float, across: float, *, strong: int | None = None) -> None:
        """Draw bands, labels and headings in a mm panel, the first row's top at `top`."""
        for place, text in enumerate(self.texts):
            y, height = top + self.tops[place], self.heights[place]
            if place % 2 == 0:
                box(axes, 0, y, across, height, facecolor=BAND, edgecolor="none", zorder=0)
            if text:
                weight = "bold" if place == strong else "normal"
                at, how = (y + ABOVE, "top") if self.above else (y + height / 2, "center")
                write(axes, 0.8, at, text, weight=weight, va=how)
        for text, y in self.headings:
            write(axes, 0, top + y + HEADING - 0.7, text, weight="bold", va="bottom")


def lay_rows(
    labels: Sequence[str],
    *,
    most: float,
    step: float | Sequence[float],
    headings: Sequence[str] | None = None,
    room: float = WIDE - 4,
    strong: int | None = None,
    above: bool = False,
) -> Rows:
    """Break labels to a width and stack the rows; a heading stands where it changes.

    Parameters
    ----------
    labels : sequence of str
        One per row, from top to bottom.
    most : float
        The most room that labels may take, mm.
    step : float or sequence of float
        Least height of a row (or of each), mm.
    headings : sequence of str, optional
        Heading of each row.
    room : float
        Room that a heading may take, mm.
    strong : int, optional
        The row whose label is bold.
    above : bool
        Whether labels stand above their lane and take its whole width.
    """
    steps = [float(step)] * len(labels) if isinstance(step, (int, float)) else list(step)
    own = [block_width(label, bold=place == strong) for place, label in enumerate(labels)]
    width = most if above else min(max(own, default=0.0) + 0.5, most)
    texts, tops, heights = [], [], []
    heads: list[tuple[str, float]] = []
    y, last = 0.0, None
    for place, label in enumerate(labels):
        if headings is not None and headings[place] != last:
            last = headings[place]
            head = wrap(last, room, bold=True)
            heads.append((head, y + block_height(head) - line_height()))
            y += HEADING + block_height(head) - line_height()
        text = wrap(label, width, bold=place == strong) if label else ""
        texts.append(text)
        tops.append(y)
        needed = block_height(text) + PAD if text else 0.0
        heights.append(steps[place] + block_height(text) + ABOVE if above else max(steps[place], needed))
        y += heights[-1]
    return Rows(tuple(texts), tuple(tops), tuple(heights), tuple(heads), 0.0 if above else width, y, above)


def case_rows(
    labels: Sequence[str],
    room: float,
    *,
    taken: float,
    step: float | Sequence[float],
    panels: int = 1,
    strong: int | None = None,
) -> Rows:
    """Lay the rows of cases so that a scale keeps the room that it needs; labels give way, or stand above.

    Parameters
    ----------
    labels : sequence of str
        One per row, from top to bottom.
    room : float
        Width of the page between its margins, mm.
    taken : float
        What all else but labels and scales takes of it, mm.
    step : float or sequence of float
        Least height of a row (or of each), mm.
    panels : int
        How many scales stand side by side.
    strong : int, optional
        The row whose label is bold.
    """
    most = min(CASE_SHARE * room, room - taken - panels * SCALE)
    above = most < LABEL
    return lay_rows(
        labels, most=room - 2.4 if above else most, step=step, room=room, strong=strong, above=above
    )


def item_rows(
    names: Sequence[str], labels: Mapping[str, str], headings: Mapping[str, str] | None, width: float
) -> tuple[list[str], Rows]:
    """Order items so that those under one heading stand together, and lay their rows.

    On a narrow page the text of an item stands above its lane, on a wide one at its left.

    Returns
    -------
    tuple
        The items from top to bottom, and their rows.
    """
    order = list(names)
    if headings is not None:
        groups = list(dict.fromkeys(headings[name] for name in order))
        order = [name for group in groups for name in order if headings[name] == group]
    room = require_width(width)
    over = [headings[name] for name in order] if headings is not None else None
    shown = [labels[name] for name in order]
    above = width == NARROW
    most = room - 2.4 if above else ITEM_SHARE * room
    return order, lay_rows(shown, most=most, step=ITEM_STEP, headings=over, room=room, above=above)


def item_parts(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
    rows: str = "item",
    width: float = WIDE,
    room: float = MAX_HEIGHT - 45,
) -> list[pd.DataFrame]:
    """Cut a frame of items into parts whose figure fits on a page, between headings wherever that is possible.

    Parameters
    ----------
    frame : DataFrame
        Any number of rows per item; the item in the column named by `rows`.
    labels : mapping of str to str
        Item to printed text.
    headings : mapping of str to str, optional
        Item to the heading that it stands under.
    rows : str
        Name of the column of items.
    width : float
        `NARROW` or `WIDE`, mm.
    room : float
        What rows may take of a page, mm; the rest is for title, key and note.

    Returns
    -------
    list of DataFrame
        Together the whole frame; each to be drawn as a figure of its own.

    Raises
    ------
    StudyError
        If the frame is empty, or an item has no text or heading.
    """
    require_columns(frame, [rows], table="table of items")
    names = [str(name) for name in dict.fromkeys(frame[rows])]
    require_labels(labels, names, what=f"{rows}s")
    if headings is not None:
        require_labels(headings, names, what=f"headings of {rows}s")
    order, laid = item_rows(names, labels, headings, width)
    over = [headings[name] if headings is not None else "" for name in order]
    parts: list[list[str]] = [[]]
    used = 0.0
    for group in dict.fromkeys(over):
        block = [place for place, name in enumerate(over) if name == group]
        head = HEADING if headings is not None else 0.0
        if parts[-1] and used + head + fsum(laid.heights[place] for place in block) > room:
            parts.append([])
            used = 0.0
        used += head
        for place in block:
            if parts[-1] and used + laid.heights[place] > room:
                parts.append([])
                used = head
            parts[-1].append(order[place])
            used += laid.heights[place]
    return [frame[frame[rows].astype(str).isin(part)] for part in parts]
