"""Shares as dots with their intervals: one row per group, one mark per series, every share and n printed beside it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels, whole_percent
from nsi.figures.keys import Key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import line_height, text_width
from nsi.figures.page import new_page, rule, write
from nsi.figures.row_layout import CASE_SHARE, PAD, SCALE, Rows, lay_rows
from nsi.figures.style import MARKS, QUIET, WIDE, house_style
from nsi.figures.value_axis import FOOT, value_axis, value_limits
from nsi.figures.value_columns import (
    count_told,
    few,
    reason,
    require_once,
    require_reasons,
    require_values,
    require_width,
)

TABLE = "table of shares"
VALUES = ["share", "low", "high"]
LANE = line_height() + 0.2  # mm from one mark of a row to the next: their numbers stand below each other
BESIDE = 2.6  # mm for the mark that is repeated before its numbers
APART = 2.2  # mm between two columns of numbers
COMFORT = 40.0  # mm, a scale on which intervals can be compared
ABSENT = "not computed"
HEADS = (("share", "told"), ("n/N", "n"))  # of the columns at the right, and which part of a dot they print


@dataclass(frozen=True)
class Dot:
    """One mark: its series (place in the key), its place in mm from the middle of the row, its numbers or why not."""

    series: int
    offset: float
    share: float
    low: float
    high: float
    told: str
    n: str
    why: str


@house_style()
def share_dots(
    shares: pd.DataFrame,
    *,
    rows: str,
    series: str,
    row_labels: Mapping[str, str],
    series_labels: Mapping[str, str],
    title: str,
    note: str,
    headings: Mapping[str, str] | None = None,
    confidence: float = 0.95,
    least: int | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw shares with their intervals, and print each with its n and N.

    Parameters
    ----------
    shares : DataFrame
        One row per mark: the columns named by `rows` and `series`, ``n`` (units counted), ``n_all`` (units that n is
        a part of), ``share``, ``low``, ``high`` (0 to 1; missing where there is no share) and ``flag`` (why it is
        missing; "" where fine), as `shares_by` gives them. Rows are drawn as they come.
    rows, series : str
        The column whose values are the rows, and the column whose values are the marks within a row.
    row_labels, series_labels : mapping of str to str
        Printed labels. Series are drawn, and given their mark, in the order of their labels, so that a mark means the
        same in every figure with these labels; at most five.
    title, note : str
        The statement above and the reading aid below.
    headings : mapping of str to str, optional
        Row to the heading that it stands under; rows of one heading stand together.
    confidence : float
        Of the intervals, for the key.
    least : int, optional
        The smallest n that may be shown, for the words "withheld (n<5)".
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. A share that is missing prints its reason, a pair that the table lacks prints "not
        computed".

    Raises
    ------
    StudyError
        If a column, label or heading is missing, a pair stands twice, a share is missing without a reason or lies
        beyond 0 to 1, there is no share at all, or there are more than five series.
    """
    room = require_width(width)
    checked = _checked(shares, rows, series)
    met = _series(checked, series, series_labels)
    names = _row_order(checked, rows, row_labels, headings)
    found = {(str(row[rows]), str(row[series])): row for row in checked.to_dict("records")}
    dots = [[_dot(found.get((name, one)), place, len(met), least) for place, one in enumerate(met)] for name in names]
    told, n = (_column(head, [getattr(dot, what) for row in dots for dot in row]) for head, what in HEADS)
    taken = BESIDE + told + APART + n + 1.0
    words = max(text_width(dot.why) for row in dots for dot in row)
    over = [headings[name] for name in names] if headings is not None else None
    laid = _laid([row_labels[name] for name in names], over, room, room - taken, words, len(met) * LANE + PAD)
    keys = fit_keys(_keys([series_labels[one] for one in met], confidence), room)
    head = keys.height + 1.5 + line_height() + 0.8
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    left, right = laid.width + 2.5, page.width - 0.8
    axes = _scale(value_axis(page, left, head, right - taken - left, laid.height, _limits(checked)))
    ends = (right - n - APART, right)
    for x, (name, _) in zip(ends, HEADS, strict=True):
        write(ground, x, head - 0.8, name, ha="right", va="bottom", color=QUIET)
    for dot, y in [(dot, laid.middle(place) + dot.offset) for place, row in enumerate(dots) for dot in row]:
        _draw(axes, dot, y)
        _print(ground, dot, head + y, ends, told)
    return page.figure


def _checked(shares: pd.DataFrame, rows: str, series: str) -> pd.DataFrame:
    """Refuse what cannot be drawn; give the frame with numbers as values."""
    require_columns(shares, [rows, series, "n", "n_all", *VALUES, "flag"], table=TABLE)
    require_once(shares, [rows, series], table=TABLE)
    for name in ("n", "n_all"):
        require_values(shares, name, table=TABLE, low=0)
    checked = shares.assign(**{name: require_values(shares, name, table=TABLE, low=0, high=1) for name in VALUES})
    require_reasons(checked, "share", table=TABLE)
    if checked["share"].isna().all():
        raise StudyError(f"{TABLE}: there is no share to draw; say so in words instead of drawing")
    return checked


def _series(shares: pd.DataFrame, series: str, labels: Mapping[str, str]) -> list[str]:
    met = set(shares[series].astype(str))
    require_labels(labels, sorted(met), what=f"series of the {TABLE}")
    if len(met) > len(MARKS):
        raise StudyError(
            f"{TABLE}: {series} has {len(met)} values ({listed(sorted(met))}), but {len(MARKS)} can be told apart; "
            f"draw some of them, or make them the rows"
        )
    return [str(name) for name in labels if str(name) in met]


def _row_order(
    shares: pd.DataFrame, rows: str, labels: Mapping[str, str], headings: Mapping[str, str] | None
) -> list[str]:
    """Rows from top to bottom, those under one heading together."""
    names = [str(name) for name in dict.fromkeys(shares[rows])]
    require_labels(labels, names, what=f"rows of the {TABLE}")
    if headings is None:
        return names
    require_labels(headings, names, what=f"headings of the {TABLE}")
    over = list(dict.fromkeys(headings[name] for name in names))
    return [name for heading in over for name in names if headings[name] == heading]


def _dot(row: Mapping[Hashable, Any] | None, place: int, n_series: int, least: int | None) -> Dot:
    """One mark with what is printed beside it."""
    offset = LANE * (place - (n_series - 1) / 2)
    if row is None:
        return Dot(place, offset, *(float("nan"),) * 3, "–", "–", ABSENT)
    share, low, high = (float(row[name]) for name in VALUES)
    small = row["n_all"] if few(row["n_all"], least) else row["n"]
    known = pd.notna(share)
    counts = [count_told(row[name], row["flag"], least) for name in ("n", "n_all")]
    n = "/".join(counts) if set(counts) != {"–"} else "–"
    if not known:
        return Dot(place, offset, share, low, high, "–", n, reason(row["flag"], least, small))
    return Dot(place, offset, share, low, high, f"{whole_percent(share)}%", n, "")


def _column(head: str, texts: Sequence[str]) -> float:
    """Width of a column of numbers, mm."""
    return max(map(text_width, [head, *texts]))


def _laid(
    labels: Sequence[str], headings: Sequence[str] | None, room: float, free: float, words: float, step: float
) -> Rows:
    """Rows high enough for their marks; labels stand above them where that gives the scale the room it needs."""
    beside = min(max(map(text_width, labels)), CASE_SHARE * room)
    above = free - beside < max(COMFORT, words + SCALE / 2)
    most = room - 2.4 if above else beside + 0.5
    return lay_rows(labels, most=most, step=step, headings=headings, room=room, above=above)


def _keys(labels: Sequence[str], confidence: float) -> list[Key]:
    marks = [mark_key(label, colour=colour, marker=m) for label, (colour, m) in zip(labels, MARKS, strict=False)]
    return [*marks, line_key(f"{confidence:.0%} interval", linewidth=0.9)]


def _limits(shares: pd.DataFrame) -> tuple[float, float]:
    """From nothing to a little above the largest share and its interval."""
    values = shares[VALUES].to_numpy(dtype=float).ravel()
    return value_limits([0.0, *values])


def _scale(axes: Axes) -> Axes:
    """Print the scale in per cent."""
    ticks = [float(tick) for tick in axes.get_xticks()]
    axes.set_xticks(ticks, [f"{100 * tick:.3g}%" for tick in ticks])
    return axes


def _draw(axes: Axes, dot: Dot, y: float) -> None:
    colour, marker = MARKS[dot.series]
    if pd.isna(dot.share):
        write(axes, 0.0, y, dot.why, color=QUIET)
        return
    if pd.notna(dot.low) and pd.notna(dot.high):
        rule(axes, (dot.low, dot.high), (y, y), color=colour, linewidth=0.9, zorder=3)
    mark(axes, dot.share, y, colour=colour, marker=marker)


def _print(axes: Axes, dot: Dot, y: float, ends: tuple[float, float], told: float) -> None:
    """Print share and n of N, the mark before them."""
    colour, marker = MARKS[dot.series]
    mark(axes, ends[0] - told - BESIDE / 2, y, colour=colour, marker=marker, markersize=3.4)
    for x, text in zip(ends, (dot.told, dot.n), strict=True):
        write(axes, x, y, text, ha="right")
