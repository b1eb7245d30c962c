"""A timeline in lanes: events of each case as numbered bars, marked periods across all of them, and a list in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.figures.frames import require_order
from nsi.figures.keys import Keys, fit_keys, line_key, mark
from nsi.figures.lane_blocks import HEAD, RUG, TRACK, Block, Scale, block_of, marked_periods, scale_of, ticks_of
from nsi.figures.lane_layout import Placed, numbered_events, require_lanes
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import box, new_page, rule, write
from nsi.figures.spreading import spread
from nsi.figures.style import INK, QUIET, WIDE, house_style, text_on, tint
from nsi.figures.value_columns import require_width

BAR = 3.3  # mm
APART = 3.0  # mm between two cases, and between columns of the list
BAND = "#F5F5F5"


@house_style()
def lane_timeline(
    events: pd.DataFrame,
    *,
    cases: Mapping[str, str],
    lanes: Mapping[str, str],
    marks: pd.DataFrame,
    title: str,
    note: str,
    mark_label: str = "marked period",
    ticks: pd.DataFrame | None = None,
    tick_label: str = "",
    most: int = 90,
    width: float = WIDE,
) -> Figure:
    """Draw one block of lanes per case over one scale of years, and below it the list of all events.

    Parameters
    ----------
    events : DataFrame
        One row per event: ``case``, ``lane``, ``start``, ``end`` (dates; end missing for an event of one day) and
        ``text``. They are numbered as `numbered_events` numbers them; store that table beside the figure.
    cases, lanes : mapping of str to str
        Blocks and their lanes from top to bottom, with printed labels. Every lane is drawn, also an empty one.
    marks : DataFrame
        Periods that run through all blocks: ``label``, ``start``, ``end``; may be empty.
    title, note : str
        The statement above and the reading aid below.
    mark_label : str
        What the marked periods are, for the key.
    ticks : DataFrame, optional
        ``case`` and ``date``: a tick each in a last row of the case's block.
    tick_label : str
        What a tick is.
    most : int
        Letters of an event's text; a longer one is cut after a whole word and ends in "…".
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        A number stands in its bar, or to the right of a bar that is too short for it. Colours only repeat what the
        lanes say.

    Raises
    ------
    StudyError
        If a column, label or text is missing, a lane is unknown, a date is none, or there are no events.
    """
    room = require_width(width)
    for known, what in ((cases, "cases"), (lanes, "lanes")):
        require_order(list(known), what=f"{what} to draw")
    ordered = numbered_events(events, list(cases))
    require_lanes(ordered, cases, lanes)
    marked = marked_periods(marks)
    drawn_ticks = ticks_of(ticks, cases)
    scale = scale_of(ordered, marked, drawn_ticks, [*lanes.values(), tick_label], room)
    columns = 2 if width == WIDE and len(cases) > 1 else 1
    own = (room - (columns - 1) * APART) / columns
    blocks = [block_of(ordered, drawn_ticks, case, label, lanes, scale, own, most) for case, label in cases.items()]
    told = wrap(tick_label, scale.left - 2.0)
    rug = 0.0 if ticks is None else max(RUG, block_height(told))
    sample = line_key(mark_label, color=tint(INK, 0.18), linewidth=6.0)
    keys = fit_keys([sample], room) if len(marked) else Keys((), 0.0)
    names = _mark_names(marked, scale)
    top = keys.height + max((1.5 + block_height(text) for _, text in names), default=0.0) + 0.8
    body = fsum(block.height(rug) for block in blocks) + APART * (len(blocks) - 1)
    foot = line_height() + 3.0
    rows = [blocks[start : start + columns] for start in range(0, len(blocks), columns)]
    tall = [HEAD + max(fsum(entry.height for entry in block.told) for block in row) for row in rows]
    page = new_page(width, top + body + foot + fsum(tall), title=title, note=note)
    ground = page.panel(0, 0, page.width, page.height)
    keys.draw(ground)
    _draw_scale(ground, scale, marked, names, (top, top + body))
    y = top
    for block in blocks:
        _draw_block(ground, block, scale, y, rug=(told, rug))
        y += block.height(rug) + APART
    y = top + body + foot
    for row, height in zip(rows, tall, strict=True):
        for place, block in enumerate(row):
            _draw_list(ground, block, place * (own + APART), y)
        y += height
    return page.figure


def _mark_names(marks: pd.DataFrame, scale: Scale) -> list[tuple[float, str]]:
    """Names of the marked periods, moved apart where they would touch: place in mm and text."""
    labels = [str(label) for label in marks["label"]]
    wanted = [scale.at(start) + (scale.at(end) - scale.at(start)) / 2
              for start, end in zip(marks["start"], marks["end"], strict=True)]  # fmt: skip
    most = max(scale.width / max(len(labels), 1) - 1.5, 8.0)
    texts = [wrap(label, most) for label in labels]
    widths = [max(map(text_width, text.split("\n"))) + 1.5 for text in texts]
    return list(zip(spread(wanted, widths, 0.0, scale.width + 4.0), texts, strict=True))


def _draw_scale(
    axes: Axes, scale: Scale, marks: pd.DataFrame, names: Sequence[tuple[float, str]], ends: tuple[float, float]
) -> None:
    """Draw years and marked periods from the top of the first block to the bottom of the last."""
    top, bottom = ends
    for start, end in zip(marks["start"], marks["end"], strict=True):
        left = scale.left + scale.at(start)
        across = max(scale.at(end) - scale.at(start), 0.7)
        box(axes, left, top, across, bottom - top, facecolor=tint(INK, 0.18), edgecolor="none", zorder=1)
    for x, text in names:
        write(axes, scale.left + x, top - 0.6, text, ha="center", va="bottom", multialignment="center")
    for year in (*scale.years, scale.years[-1] + 1):
        x = scale.left + scale.at(pd.Timestamp(year, 1, 1))
        rule(axes, (x, x), (top, bottom + 1.2), color="#B8B8B8", linewidth=0.4, zorder=0.6)
    rule(axes, (scale.left, scale.left + scale.width), (bottom, bottom), zorder=2)
    middles = [scale.at(pd.Timestamp(year, 7, 1)) for year in scale.years]
    step = int((text_width("8888") + 1.0) // (scale.width / len(middles))) + 1  # of years named, where not all fit
    for x, year in list(zip(middles, scale.years, strict=True))[::step]:
        write(axes, scale.left + x, bottom + 1.4, str(year), ha="center", va="top")


def _draw_block(axes: Axes, block: Block, scale: Scale, top: float, *, rug: tuple[str, float]) -> None:
    across = scale.left + scale.width
    name = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    write(axes, 0, top + HEAD - 0.7, block.label, weight="bold", va="bottom", zorder=5, bbox=name)
    y = top + HEAD
    for place, (label, fill, events, height) in enumerate(block.lanes):
        if place % 2 == 0:
            box(axes, 0, y, across, height, facecolor=BAND, edgecolor="none", zorder=0.5)
        write(axes, 0.6, y + height / 2, label)
        if not events:
            write(axes, scale.left + 1.0, y + height / 2, "none recorded", color=QUIET)
        used = TRACK * max((event.track + 1 for event in events), default=1)
        for event in events:
            middle = y + (height - used) / 2 + TRACK * (event.track + 0.5)
            _draw_event(axes, event, scale.left, middle, fill)
        y += height
    told, tall = rug
    if tall:
        write(axes, 0.6, y + tall / 2, told, color=INK)
        for x in block.ticks:
            rule(axes, (scale.left + x,) * 2, (y + 0.5, y + tall - 0.5), linewidth=0.5, zorder=3)


def _draw_event(axes: Axes, event: Placed, left: float, y: float, fill: str) -> None:
    x = left + event.left
    if event.width:
        box(axes, x, y - BAR / 2, event.width, BAR, facecolor=fill, edgecolor=INK, linewidth=0.4, zorder=3)
    else:
        mark(axes, x, y, colour=fill, marker="D", markeredgecolor=INK)
    if event.inside:
        write(axes, x + event.width / 2, y, event.number, ha="center", color=text_on(fill), zorder=5)
    else:
        write(axes, x + max(event.width, 1.1) + 0.5, y, event.number, zorder=5)


def _draw_list(axes: Axes, block: Block, left: float, top: float) -> None:
    """Write the events of one case in words."""
    hang = text_width("888") + 1.5
    write(axes, left, top + HEAD - 1.2, block.label, weight="bold", va="bottom")
    y = top + HEAD
    for entry in block.told:
        write(axes, left + hang - 1.5, y, entry.number, ha="right", va="top", weight="bold")
        write(axes, left + hang, y, entry.text, va="top")
        y += entry.height
