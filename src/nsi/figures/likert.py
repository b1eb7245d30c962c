"""Answers to items of one answer format: stacked bars that part at the middle, with n and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.answer_ramp import answer_colours
from nsi.figures.frames import percent, require_columns, require_labels, require_order, whole_percent
from nsi.figures.keys import fill_key, fit_keys
from nsi.figures.lettering import line_height, text_width
from nsi.figures.likert_counts import AnswerCounts, answer_counts
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.row_layout import Rows, item_rows
from nsi.figures.style import QUIET, WHITE, WIDE, house_style, text_on
from nsi.figures.value_axis import FOOT, GRID, mm_across
from nsi.figures.value_columns import require_width

NEUTRALS = ("center", "side", "drop")
SIDES = text_width("100%") + 1.5  # mm for the share of one side
BETWEEN = 4.0  # mm between the bars and the middle answer that stands at their side
BAR = 3.4  # mm


@dataclass(frozen=True)
class _Columns:
    """Places in mm: left end of each column, and the width of the bars and of the middle answer."""

    low: float
    bars: float
    bar_width: float
    high: float
    middle: float
    middle_width: float
    n: float
    missing: float


@house_style()
def likert_bars(
    counts: pd.DataFrame,
    *,
    answers: Mapping[int, str],
    labels: Mapping[str, str],
    title: str,
    note: str,
    headings: Mapping[str, str] | None = None,
    neutral: str = "center",
    rows: str = "item",
    reach: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw how often each answer was given, one bar per item, low answers to the left and high to the right.

    Parameters
    ----------
    counts : DataFrame
        One row per item and answer: a column named by `rows`, ``value`` (a key of `answers`), ``n``, ``share``
        (n over n_answered; missing where nobody answered), ``n_answered`` and ``n_missing``. An answer without
        a row counts 0. An item whose n are all missing is withheld. Items are drawn as they come.
    answers : mapping of int to str
        Answers from low to high, with printed labels. Of an odd number the middle one is neutral.
    labels : mapping of str to str
        Item to printed text.
    title, note : str
        The statement above and the reading aid below.
    headings : mapping of str to str, optional
        Item to the heading that it stands under; items with the same heading are brought together.
    neutral : str
        Where the neutral answer stands: ``center`` (half on each side), ``side`` (on its own, at the right), or
        ``drop`` (as a number only). The shares are those of all answers in each case.
    rows : str
        Name of the column of items.
    reach : tuple of float, optional
        Shares that the bars' scale must hold at left and right; give the same to figures that are compared.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the items need; `item_parts` cuts a long frame into pages. The share of each side stands
        beside the bars, n of answers and per cent missing at the right.

    Raises
    ------
    StudyError
        If a column or label is missing, an answer is unknown, counts do not add up, or `neutral` is unknown.

    Source: Heiberger and Robbins (2014), Journal of Statistical Software 57(5), for the bars.
    """
    room = require_width(width)
    if neutral not in NEUTRALS:
        raise StudyError(f"neutral is '{neutral}', allowed are {listed(NEUTRALS)}; choose one of them")
    require_columns(counts, [rows, "value", "n", "share", "n_answered", "n_missing"], table="table of answers")
    require_order([str(value) for value in answers], what="answers")
    names = [str(name) for name in dict.fromkeys(counts[rows])]
    require_labels(labels, names, what=f"{rows}s of the table of answers")
    if headings is not None:
        require_labels(headings, names, what=f"headings of {rows}s")
    order, laid = item_rows(names, labels, headings, width)
    found = [answer_counts(counts[counts[rows].astype(str) == name], answers, labels[name]) for name in order]
    where = _columns(room, laid.width, neutral, len(answers))
    colours = answer_colours(len(answers))
    keys = fit_keys([fill_key(text, facecolor=c) for text, c in zip(answers.values(), colours, strict=True)], room)
    head = keys.height + 1.5 + line_height() + 1.0
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    _heads(ground, where, head, neutral, len(answers))
    bars = _bars(page, where, head, laid, _reach(found, neutral, reach))
    for place, item in enumerate(found):
        _numbers(ground, item, where, head + laid.middle(place), neutral)
        if item.n_answered:
            _draw_item(bars, item, laid.middle(place), colours, neutral)
            _draw_middle(ground, item, where, head + laid.middle(place), colours, neutral)
    return page.figure


def _columns(room: float, label: float, neutral: str, n_values: int) -> _Columns:
    """Share out the room: words, low side, bars, high side, the middle answer if it stands apart, n, missing."""
    count = text_width("88,888") + 1.5
    missing = text_width("missing") + 2.5
    apart = n_values % 2 == 1 and neutral != "center"
    middle = (text_width("middle") + 1.0 if neutral == "drop" else 0.13 * room) if apart else 0.0
    low = label + 2.0 if label else 0.0
    high = room - count - missing - (middle + BETWEEN if apart else 0.0) - SIDES
    bars = low + SIDES + 1.0
    return _Columns(
        low, bars, high - 1.0 - bars, high, high + SIDES + BETWEEN, middle, room - missing, room - 0.8
    )


def _heads(axes: Axes, where: _Columns, head: float, neutral: str, n_values: int) -> None:
    how: dict[str, Any] = {"va": "bottom", "color": QUIET}
    write(axes, where.low + SIDES, head - 0.8, "low", ha="right", **how)
    write(axes, where.high, head - 0.8, "high", **how)
    if n_values % 2 and neutral != "center":
        write(axes, where.middle + where.middle_width / 2, head - 0.8, "middle", ha="center", **how)
    write(axes, where.n - 1.0, head - 0.8, "n", ha="right", **how)
    write(axes, where.missing, head - 0.8, "missing", ha="right", **how)


def _reach(found: Sequence[AnswerCounts], neutral: str, least: tuple[float, float] | None) -> tuple[float, float]:
    """Furthest share to the left and to the right, to the next tenth."""
    half = 0.5 if neutral == "center" else 0.0
    spans = [(item.low + half * item.middle, item.high + half * item.middle) for item in found if item.n_answered]
    left, right = np.max([*spans, least or (0.1, 0.1), (0.1, 0.1)], axis=0)
    return float(np.ceil(left * 10 - 1e-9) / 10), float(np.ceil(right * 10 - 1e-9) / 10)


def _bars(page: Page, where: _Columns, head: float, laid: Rows, reach: tuple[float, float]) -> Axes:
    """Axes of the bars: share to the left and right of the middle, mm downward."""
    axes = page.plot(where.bars, head, where.bar_width, laid.height)
    axes.set(xlim=(-reach[0], reach[1]), ylim=(laid.height, 0))
    per_mark = where.bar_width / (reach[0] + reach[1])  # mm for a share of 1
    step = next(step for step in (0.1, 0.2, 0.25, 0.5, 1.0) if step * per_mark > SIDES + 0.5 or step == 1.0)
    ticks = np.arange(-int(reach[0] / step + 1e-9), int(reach[1] / step + 1e-9) + 1) * step
    axes.set_xticks(ticks, [f"{100 * abs(tick):.0f}%" for tick in ticks])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=2, pad=1.5)
    axes.spines["left"].set_visible(False)
    axes.set_facecolor("none")
    for top, height in map(laid.lane, range(len(laid.texts))):  # not through words that stand above a lane
        for tick in ticks:
            rule(axes, (tick, tick), (top, top + height), color=GRID, linewidth=0.4, zorder=0)
        rule(axes, (0, 0), (top, top + height), linewidth=0.7, zorder=2)
    return axes


def _draw_item(axes: Axes, item: AnswerCounts, y: float, colours: Sequence[str], neutral: str) -> None:
    """Stack the answers from the lowest on; a share is written where its part of the bar holds it."""
    middle = len(item.shares) // 2 if len(item.shares) % 2 else None
    x = -item.low - (item.middle / 2 if neutral == "center" else 0.0)
    left, right = axes.get_xlim()
    per_mm = (right - left) / mm_across(axes)
    for place, (share, colour) in enumerate(zip(item.shares, colours, strict=True)):
        if (place == middle and neutral != "center") or not share:
            continue
        axes.barh(y, share, left=x, height=BAR, color=colour, edgecolor=WHITE, linewidth=0.5, zorder=3)
        text = whole_percent(share)
        if share / per_mm > text_width(text) + 1.2:
            write(axes, x + share / 2, y, text, ha="center", color=text_on(colour), zorder=5)
        x += share


def _draw_middle(
    axes: Axes, item: AnswerCounts, where: _Columns, y: float, colours: Sequence[str], neutral: str
) -> None:
    """Draw the middle answer on its own at the right, or print its share."""
    if not len(item.shares) % 2 or neutral == "center":
        return
    text = f"{whole_percent(item.middle)}%"
    if neutral == "drop":
        write(axes, where.middle + where.middle_width / 2, y, text, ha="center")
        return
    full = where.middle_width
    axes.barh(y, item.middle * full, left=where.middle, height=BAR, color=colours[len(colours) // 2], zorder=3)
    rule(axes, (where.middle,) * 2, (y - BAR / 2, y + BAR / 2), linewidth=0.7, zorder=4)
    write(axes, where.middle + 1.0, y, text, zorder=5)


def _numbers(axes: Axes, item: AnswerCounts, where: _Columns, y: float, neutral: str) -> None:
    """Print the shares of both sides, n and per cent missing; in words where there is no bar."""
    if item.n_answered is None or not item.n_answered:
        told = "withheld" if item.n_answered is None else "nobody answered"
        write(axes, where.bars, y, told, style="italic")
    else:
        write(axes, where.low + SIDES, y, f"{whole_percent(item.low)}%", ha="right")
        write(axes, where.high, y, f"{whole_percent(item.high)}%")
    if item.n_answered is not None:
        write(axes, where.n - 1.0, y, f"{item.n_answered:,}", ha="right")
        write(axes, where.missing, y, percent(item.n_missing, item.n_answered + item.n_missing), ha="right")
