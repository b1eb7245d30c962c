"""Flow of rows through the cleaning rules: rows in, what each rule took out or changed, rows left."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.figures.cleaning_log import checked_log
from nsi.figures.lettering import balanced, block_height, line_height, text_width, wrap
from nsi.figures.page import MARGIN, box, new_page, write
from nsi.figures.style import HEADING, INK, MAX_HEIGHT, NARROW, PAPER, QUIET, WHITE, WIDE, house_style

STEM = 23.0  # mm, least width of the boxes with counts
BRANCH = 7.0  # mm from a count to what a rule did
BETWEEN = 6.0  # mm between two lanes
BOX = 6.0  # mm, height of a box with a count
FORK = 4.0  # mm from the top of a rule to its branch
GAP = 3.0  # mm between rules
PAD = 1.5  # mm between a box and its words


@dataclass(frozen=True)
class _Rule:
    """What one cleaning rule did: its name and reason with lines broken, its effect, and rows left."""

    name: str
    what: str
    before: int
    after: int
    changed: int

    @property
    def effect(self) -> str:
        """The rule's effect in words, with a real minus sign."""
        difference = self.after - self.before
        parts = []
        if difference:
            parts.append(f"{'−' if difference < 0 else '+'}{abs(difference):,} {_rows(abs(difference))}")
        if self.changed:
            parts.append(f"{self.changed:,} {_rows(self.changed)} changed")
        return ", ".join(parts) or "no row touched"

    @property
    def words(self) -> float:
        """Height of the box of words in mm."""
        return block_height(self.name) + block_height(self.what) + line_height() + 2 * PAD

    @property
    def height(self) -> float:
        """Height in mm with the count that stands beside it."""
        return max(self.words, 2 * FORK + BOX if self.after != self.before else 0.0)


@dataclass(frozen=True)
class _Lane:
    """One table's way through its rules."""

    table: str
    rules: tuple[_Rule, ...]
    stem: float

    @property
    def height(self) -> float:
        """Height in mm from heading to last box."""
        return (
            block_height(self.table, HEADING)
            + 1.5
            + 2 * BOX
            + GAP
            + sum(rule.height + GAP for rule in self.rules)
        )


@house_style()
def cleaning_flow(log: pd.DataFrame, *, title: str, note: str) -> Figure:
    """Draw the cleaning log as a flow of boxes, one lane per table.

    Parameters
    ----------
    log : DataFrame
        One row per table and rule in the order applied: columns ``rule`` (text), ``table`` (text),
        ``rows_before``, ``rows_after``, ``rows_changed`` (rows), and if wanted ``what`` (text, may be
        missing): why, in a few words.
    title, note : str
        The statement above and the reading aid below.

    Returns
    -------
    Figure
        One table: 84 mm wide if that fits on half a page, else 174 mm. Several: two lanes side by side,
        further ones below. A rule that takes rows out or adds some branches off by an arrow; one that only
        changes rows is joined by a dashed line and dashed box; one without effect says so.

    Raises
    ------
    StudyError
        If a column is missing, a count is not a whole number from 0 up, a name is missing, or a rule does not
        start with the rows that the rule before it left.
    """
    clean = checked_log(log)
    tables = list(dict.fromkeys(clean["table"]))
    width = WIDE
    lanes = [_lane(clean, table, _lane_width(WIDE, len(tables))) for table in tables]
    if len(tables) == 1:
        slim = _lane(clean, tables[0], _lane_width(NARROW, 1))
        if slim.height < MAX_HEIGHT / 2:
            width, lanes = NARROW, [slim]
    pairs = [lanes[start : start + 2] for start in range(0, len(lanes), 2)]
    tall = [max(lane.height for lane in pair) for pair in pairs]
    page = new_page(width, sum(tall) + BETWEEN * (len(pairs) - 1) + 0.5, title=title, note=note)
    room = _lane_width(width, len(tables))
    top = 0.0
    for pair, height in zip(pairs, tall, strict=True):
        for place, lane in enumerate(pair):
            _draw_lane(page.panel(place * (room + BETWEEN), top, room, height + 0.5), lane, room)
        top += height + BETWEEN
    return page.figure


def _lane_width(width: float, lanes: int) -> float:
    room = width - 2 * MARGIN
    return room if lanes == 1 else (room - BETWEEN) / 2


def _lane(log: pd.DataFrame, table: str, width: float) -> _Lane:
    most = max(int(log[column].max()) for column in ("rows_before", "rows_after"))
    stem = max(STEM, text_width(f"{most:,} rows left", bold=True) + 2 * PAD)
    room = width - stem - BRANCH - 2 * PAD
    rules = []
    for row in log[log["table"] == table].to_dict("records"):
        what = row.get("what")
        text = "" if pd.isna(what) else str(what).strip()
        rules.append(
            _Rule(
                wrap(str(row["rule"]).replace("_", " "), room, bold=True),
                wrap(text, room) if text else "",
                row["rows_before"],
                row["rows_after"],
                row["rows_changed"],
            )
        )
    return _Lane(balanced(str(table), width, HEADING, bold=True), tuple(rules), stem)


def _draw_lane(axes: Axes, lane: _Lane, width: float) -> None:
    """Draw one lane from its heading down; every count stands on the stem at the left."""
    write(axes, 0, 0, lane.table, size=HEADING, weight="bold", va="top")
    y = block_height(lane.table, HEADING) + 1.5
    middle = lane.stem / 2
    _count(axes, y, lane.stem, lane.rules[0].before, "in")
    y += BOX
    from_y = y
    y += GAP
    for place, step in enumerate(lane.rules):
        fork = y + FORK
        _branch(axes, fork, lane.stem, step)
        _words(axes, y, lane.stem + BRANCH, step, width)
        if step.after != step.before and place < len(lane.rules) - 1:
            _arrow(axes, (middle, from_y), (middle, fork + FORK))
            _count(axes, fork + FORK, lane.stem, step.after, "left")
            from_y = fork + FORK + BOX
        y += step.height + GAP
    _arrow(axes, (middle, from_y), (middle, y))
    _count(axes, y, lane.stem, lane.rules[-1].after, "out", heavy=True)


def _count(axes: Axes, y: float, stem: float, n: int, word: str, *, heavy: bool = False) -> None:
    box(axes, 0, y, stem, BOX, facecolor=WHITE, linewidth=1.6 if heavy else 0.8, zorder=3, clip_on=False)
    write(
        axes,
        stem / 2,
        y + BOX / 2,
        f"{n:,} {_rows(n)} {word}",
        ha="center",
        weight="bold" if heavy else "normal",
        zorder=4,
    )


def _branch(axes: Axes, y: float, stem: float, step: _Rule) -> None:
    """Join a rule to the stem: an arrow out for rows removed, in for rows added, dashes where none moves."""
    if step.after < step.before:
        _arrow(axes, (stem / 2, y), (stem + BRANCH, y))
    elif step.after > step.before:
        _arrow(axes, (stem + BRANCH, y), (stem / 2, y))
    else:
        dashes = (0, (3, 2))
        axes.plot((stem / 2, stem + BRANCH), (y, y), color=QUIET, linewidth=0.7, linestyle=dashes)


def _words(axes: Axes, y: float, left: float, step: _Rule, width: float) -> None:
    """Write name, reason and effect of a rule in its box."""
    moves = step.after != step.before
    look = {"facecolor": PAPER, "linewidth": 0.8} if moves else {"linestyle": (0, (3, 2)), "edgecolor": QUIET}
    box(axes, left, y, width - left, step.words, clip_on=False, **look)
    line = y + PAD
    for text, weight in (
        (step.name, "bold"),
        (step.what, "normal"),
        (step.effect, "bold" if moves else "normal"),
    ):
        if text:
            write(axes, left + PAD, line, text, va="top", weight=weight)
            line += block_height(text)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={
            "arrowstyle": "-|>,head_width=0.18,head_length=0.35",
            "color": INK,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def _rows(n: int) -> str:
    return "row" if n == 1 else "rows"
