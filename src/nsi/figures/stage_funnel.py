"""How far units came through the stages of a sequence: bars with intervals and denominators, a panel per group."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import (
    require_codes,
    require_columns,
    require_counts,
    require_labels,
    require_order,
    whole_percent,
)
from nsi.figures.keys import SAMPLE, Key, fill_key, fit_keys
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import box, new_page, rule, write
from nsi.figures.style import INK, OKABE_ITO, QUIET, RULE, WHITE, WIDE, house_style, tint
from nsi.figures.value_axis import GRID
from nsi.figures.value_columns import reason, require_once, require_reasons, require_values, require_width

TABLE = "table of stages"
PARTS = ("share", "low", "high", "share_before", "low_before", "high_before")
STEP = 4.6  # mm, a row
BAR = 2.9  # mm
BETWEEN = 7.0  # mm between two panels side by side
BELOW = 3.2  # mm between two panels one above the other
STAGE = 24.0  # mm, the most that names of stages may take
LOST = "#E6E6E6"
PLAIN = tint(OKABE_ITO[0], 0.45)
STRONG = OKABE_ITO[0]
WHOLE = "#8A8A8A"


@dataclass(frozen=True)
class _Panel:
    """Places in mm from the left of a panel: bars, and the right ends of the numbers."""

    bars: float
    bar_width: float
    n: float
    share: float
    before: float


@house_style()
def stage_funnel(
    shares: pd.DataFrame,
    *,
    by: str,
    labels: Mapping[str, str],
    stage_labels: Mapping[str, str],
    title: str,
    note: str,
    units: str,
    whole: str = "",
    strong: Sequence[str] = (),
    confidence: float = 0.95,
    width: float = WIDE,
) -> Figure:
    """Draw, for every group, which share of its units reached each stage and how many were lost on the way.

    Parameters
    ----------
    shares : DataFrame
        One row per group and stage, as `stage_shares` gives them: the column `by`, ``stage``, ``n`` (units that
        reached the stage and all before it), ``n_before`` (that had reached the stage before), ``n_all``, ``share``,
        ``low``, ``high`` (of all), ``share_before``, ``low_before``, ``high_before`` (of those before) and ``flag``.
    by : str
        Column of groups.
    labels, stage_labels : mapping of str to str
        Groups in the order of the panels, and stages in their order, with printed labels.
    title, note : str
        The statement above and the reading aid below.
    units : str
        What is counted, in the plural.
    whole : str
        The group of all units, drawn in grey; none where "".
    strong : sequence of str
        Groups whose bars are dark; say in their label what they are.
    confidence : float
        Of the intervals, for the key.
    width : float
        `NARROW` (one panel beside the other) or `WIDE` (two), mm.

    Returns
    -------
    Figure
        As high as the panels need. Beside each bar: n that reached the stage, their share of all, and of those who
        had reached the stage before, with its interval. A group without units says so.

    Raises
    ------
    StudyError
        If a column, label or row is missing, a row stands twice, or shares and counts do not fit each other.
    """
    room = require_width(width)
    found = _checked(shares, by, labels, stage_labels)
    across = 2 if width == WIDE and len(labels) > 1 else 1
    one = (room - (across - 1) * BETWEEN) / across
    stages = [wrap(text, STAGE) for text in stage_labels.values()]
    columns = _columns(found.values(), stages, one)
    heights = [max(STEP, block_height(text) + 1.2) for text in stages]
    keys = fit_keys(_keys(units, confidence), room)
    lines = [list(labels)[start : start + across] for start in range(0, len(labels), across)]
    heads = [max(block_height(wrap(labels[name], one, bold=True)) for name in line) for line in lines]
    tall = [head + line_height() + 1.4 + sum(heights) for head in heads]
    foot = line_height() + 1.0
    total = keys.height + 3.0 + sum(tall) + BELOW * (len(lines) - 1) + foot
    page = new_page(width, total, title=title, note=note)
    ground = page.panel(0, 0, page.width, total)
    keys.draw(ground)
    top = keys.height + 3.0
    for line, head, height in zip(lines, heads, tall, strict=True):
        for place, name in enumerate(line):
            left = place * (one + BETWEEN)
            write(ground, left, top + head, wrap(labels[name], one, bold=True), weight="bold", va="bottom")
            colour = WHOLE if whole and name == whole else STRONG if name in strong else PLAIN
            rows = [found[name, stage] for stage in stage_labels]
            _draw_panel(ground, columns, rows, stages, heights, (left, top + head), colour)
        top += height + BELOW
    for place in range(across):
        _draw_scale(ground, columns, place * (one + BETWEEN), top - BELOW + 0.6)
    return page.figure


def _checked(
    shares: pd.DataFrame, by: str, labels: Mapping[str, str], stage_labels: Mapping[str, str]
) -> dict[tuple[str, str], dict[Hashable, Any]]:
    """Refuse what cannot be drawn; give the row of each group and stage."""
    require_columns(shares, [by, "stage", "n", "n_before", "n_all", *PARTS, "flag"], table=TABLE)
    require_order(list(labels), what=f"groups of the {TABLE}")
    require_order(list(stage_labels), what=f"stages of the {TABLE}")
    require_labels(labels, list(labels), what=f"groups of the {TABLE}")
    require_labels(stage_labels, list(stage_labels), what=f"stages of the {TABLE}")
    require_codes(shares[by], list(labels), table=TABLE)
    require_codes(shares["stage"], list(stage_labels), table=TABLE)
    require_once(shares, [by, "stage"], table=TABLE)
    numbers = {name: require_values(shares, name, table=TABLE, low=0, high=1) for name in PARTS}
    counts = {name: require_counts(shares, name, table=TABLE) for name in ("n", "n_before", "n_all")}
    checked = shares.assign(**numbers, **counts)
    require_reasons(checked, "share", table=TABLE)
    wrong = (checked["n"] > checked["n_before"]) | (checked["n_before"] > checked["n_all"])
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise StudyError(
            f"{TABLE} row {row + 1}: more units reached a stage than the one before; count them in sequence"
        )
    found = {(str(row[by]), str(row["stage"])): row for row in checked.to_dict("records")}
    bare = [f"{labels[name]}, {stage}" for name in labels for stage in stage_labels if (name, stage) not in found]
    if bare:
        raise StudyError(f"{TABLE} has no row for {bare[0]}; give every group a row for each stage")
    return found


def _columns(rows: Iterable[Mapping[Hashable, Any]], stages: Sequence[str], width: float) -> _Panel:
    """Share out a panel: names of stages, bars, n, share of all, share of those before."""
    told = list(rows)
    name = max(text_width(line) for text in stages for line in text.split("\n")) + 1.6
    before = max(text_width(text) for text in ["of step before", *map(_before, told)])
    share = max(text_width(text) for text in ["of all", "100%"])
    n = max(text_width(f"n of {row['n_all']:,}") for row in told)
    right_share = width - before - 2.2
    right_n = right_share - share - 2.2
    return _Panel(name, right_n - n - 2.0 - name, right_n, right_share, width)


def _before(row: Mapping[Hashable, Any]) -> str:
    """Share of those who had reached the stage before, with its interval."""
    if pd.isna(row["share_before"]):
        return "–"
    ends = f"{whole_percent(row['low_before'])}–{whole_percent(row['high_before'])}"
    return f"{whole_percent(row['share_before'])}% ({ends})"


def _draw_panel(
    axes: Axes,
    columns: _Panel,
    rows: Sequence[Mapping[Hashable, Any]],
    stages: Sequence[str],
    heights: Sequence[float],
    corner: tuple[float, float],
    colour: Any,
) -> None:
    """Draw the heads of the numbers, and per stage the bar, what was lost before it, its interval and its numbers."""
    left, y = corner
    heads = ((columns.n, f"n of {rows[0]['n_all']:,}"), (columns.share, "of all"), (columns.before, "of step before"))
    for right, text in heads:
        write(axes, left + right, y + 0.8 * line_height(), text, ha="right", va="baseline", color=QUIET)
    y += line_height() + 1.0
    bottom = y + sum(heights)
    start = left + columns.bars
    for part in (0.0, 0.5, 1.0):
        x = start + part * columns.bar_width
        rule(axes, (x, x), (y, bottom), color=RULE if part == 0 else GRID, linewidth=0.4, zorder=0)
    for row, text, height in zip(rows, stages, heights, strict=True):
        middle = y + height / 2
        write(axes, left, middle, text)
        if pd.isna(row["share"]):
            write(axes, start + 1.0, middle, reason(row["flag"]), style="italic")
        else:
            _draw_bar(axes, columns, row, (start, middle), colour)
            write(axes, left + columns.n, middle, f"{row['n']:,}", ha="right")
            write(axes, left + columns.share, middle, f"{whole_percent(row['share'])}%", ha="right")
            write(axes, left + columns.before, middle, _before(row), ha="right")
        y += height


def _draw_bar(
    axes: Axes, columns: _Panel, row: Mapping[Hashable, Any], start: tuple[float, float], colour: Any
) -> None:
    x, middle = start
    size = columns.bar_width
    previous = size * row["n_before"] / row["n_all"]
    box(axes, x, middle - BAR / 2, previous, BAR, facecolor=LOST, edgecolor="none", zorder=1)
    box(axes, x, middle - BAR / 2, size * row["share"], BAR, facecolor=colour, edgecolor="none", zorder=2)
    _whisker(axes, x + size * row["low"], x + size * row["high"], middle)


def _whisker(axes: Axes, low: float, high: float, y: float) -> None:
    """Draw an interval that is seen on dark and on pale ground."""
    rule(axes, (low, high), (y, y), color=WHITE, linewidth=2.0, zorder=3)
    rule(axes, (low, high), (y, y), color=INK, linewidth=0.8, zorder=4)


def _draw_scale(axes: Axes, columns: _Panel, left: float, top: float) -> None:
    for part, text in ((0.0, "0"), (0.5, "50"), (1.0, "100%")):
        write(axes, left + columns.bars + part * columns.bar_width, top, text, ha="center", va="top", color=QUIET)


def _keys(units: str, confidence: float) -> list[Key]:
    return [
        fill_key(f"{units} that reached the step and all before it", facecolor=PLAIN, edgecolor="none"),
        fill_key("lost at this step", facecolor=LOST, edgecolor="none"),
        Key(lambda axes, x, y: _whisker(axes, x, x + SAMPLE, y), f"{confidence:.0%} interval of the share of all"),
    ]
