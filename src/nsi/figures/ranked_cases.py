"""Cases in the order of their shrunken means, with what shrinking moved, intervals, and ranks as intervals."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels
from nsi.figures.keys import Key, fill_key, fit_keys, line_key, mark, mark_key, upright_key
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, new_page, write
from nsi.figures.row_layout import case_rows
from nsi.figures.style import INK, OKABE_ITO, QUIET, RULE, WIDE, house_style, tint
from nsi.figures.value_axis import FOOT, mm_across, number, points, value_axis, value_limits, z_of
from nsi.figures.value_columns import reason, require_once, require_reasons, require_values, require_width

TABLE = "table of scores"
NEEDED = ["case", "n", "mean", "eb_mean", "eb_se", "rank_low", "rank_high", "flag"]
STEP = 3.8  # mm, a row with words
SLIM = 2.3  # mm, a row without
RIGHT = text_width("88–88") + text_width("8,888") + 6.0  # mm for rank and n
SOLID = "#333333"
OTHER = "#8C8C8C"  # a case that must not be told from the rest
CHOSEN = OKABE_ITO[0]
ARROW = 2.2  # mm, the shortest way that shows an arrow
DIGITS = 2


@house_style()
def ranked_cases(
    scores: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    title: str,
    note: str,
    overall: float | None = None,
    confidence: float = 0.95,
    least: int | None = None,
    highlight: str | None = None,
    name_others: bool = True,
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw one row per case, the highest shrunken mean on top.

    Parameters
    ----------
    scores : DataFrame
        One row per case: ``case``, ``n`` (respondents), ``mean`` (raw), ``eb_mean``, ``eb_se`` (shrunken mean
        and its error, in the unit of the scale; missing = withheld or undefined), ``rank_low``, ``rank_high``
        (interval of the rank, 1 = highest; may be missing) and ``flag`` (why a value is missing; "" where fine).
    labels : mapping of str to str
        Case to printed label.
    title, note : str
        The statement above and the reading aid below.
    overall : float, optional
        Mean of all cases, drawn as a dashed line.
    confidence : float
        Of the intervals: eb_mean -/+ z * eb_se.
    least : int, optional
        The smallest n that may be shown, for the words "withheld (n<5)" and "<5".
    highlight : str, optional
        One case in colour and bold; all others grey.
    name_others : bool
        False leaves the label, n and rank of every case but the highlighted one out, and names no withheld one.
    within : tuple of float, optional
        What the scale must cover in any case.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. Colour never follows the rank. Cases without a value are listed beneath, by
        reason.

    Raises
    ------
    StudyError
        If a column or label is missing, a case stands twice or is unknown, a value is missing without a
        reason, or others are to go unnamed and no case is highlighted.
    """
    room = require_width(width)
    rows, absent = _checked(scores, labels, highlight, name_others)
    told = [str(case) if name_others or case == highlight else "" for case in rows["case"]]
    strong = list(rows["case"]).index(highlight) if highlight in set(rows["case"]) else None
    steps = [STEP if case else SLIM for case in told]
    shown = [labels[case] if case else "" for case in told]
    laid = case_rows(shown, room, taken=RIGHT + 2.5, step=steps, strong=strong)
    keys = fit_keys(_keys(rows, overall, confidence, highlight), room)
    foot = wrap(_absent_told(absent, labels, least, highlight, name_others), room)
    head = keys.height + 1.5 + line_height() + 0.8
    height = head + laid.height + FOOT + (block_height(foot) + 1.5 if foot else 0.0)
    page = new_page(width, height, title=title, note=note)
    ground = page.panel(0, 0, page.width, height)
    keys.draw(ground)
    laid.draw(ground, head, page.width, strong=strong)
    write(ground, 0, head + laid.height + FOOT + 1.0, foot, va="top")
    middles = [laid.middle(place) for place in range(len(rows))]
    _numbers(ground, rows, [head + y for y in middles], told, head)
    axes = _axes(page, rows, laid.width + 2.5, head, laid.height, confidence, overall, within)
    for row, y in zip(rows.to_dict("records"), middles, strict=True):
        colour = SOLID if highlight is None else CHOSEN if row["case"] == highlight else OTHER
        _draw_case(axes, row, y, z_of(confidence), colour, slim=not (name_others or row["case"] == highlight))
    return page.figure


def _checked(
    scores: pd.DataFrame, labels: Mapping[str, str], highlight: str | None, name_others: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refuse what cannot be drawn; give the rows in drawing order, and those without a value."""
    require_columns(scores, NEEDED, table=TABLE)
    require_once(scores, ["case"], table=TABLE)
    require_labels(labels, [str(case) for case in scores["case"]], what=f"cases of the {TABLE}")
    if highlight is not None and highlight not in set(scores["case"]):
        raise StudyError(f"case '{highlight}' is not in the {TABLE}; found: {listed(scores['case'])}; correct the name")
    if highlight is None and not name_others:
        raise StudyError("no case would be named; give the case to highlight, or name_others=True")
    numbers = scores.assign(n_cell=scores["n"].astype(object)).assign(**{
        column: require_values(scores, column, table=TABLE, low=0 if column in ("n", "eb_se") else float("-inf"))
        for column in ("n", "mean", "eb_mean", "eb_se", "rank_low", "rank_high")
    })  # fmt: skip
    require_reasons(numbers, "eb_mean", table=TABLE)
    found = numbers["eb_mean"].notna()
    if not found.any():
        raise StudyError(f"{TABLE}: no case has a value to draw; say so in words instead of drawing")
    return numbers[found].sort_values("eb_mean", ascending=False, kind="stable"), numbers[~found]


def _keys(rows: pd.DataFrame, overall: float | None, confidence: float, highlight: str | None) -> list[Key]:
    """What the marks are; the last words say what the numbers at the right are."""
    colour = SOLID if highlight is None else OTHER
    keys = [
        mark_key("mean of the answers", colour=OTHER, hollow=True, markersize=3.6),
        mark_key("shrunken mean", colour=colour, markersize=4.8),
        fill_key(f"its {confidence:.0%} interval", facecolor=tint(colour, 0.35), edgecolor="none"),
    ]
    if overall is not None:
        words = f"all cases: {number(overall, DIGITS)}"
        keys.append(upright_key(words, color=QUIET, linewidth=0.8, linestyle=(0, (2, 1))))
    if rows["eb_se"].isna().any():
        keys.append(line_key("no interval where no bar stands", color="none"))
    return keys


def _absent_told(
    absent: pd.DataFrame, labels: Mapping[str, str], least: int | None, highlight: str | None, name_others: bool
) -> str:
    """List the cases without a value by reason; of unnamed ones only how many there are."""
    lines: dict[str, list[str]] = {}
    others: dict[str, int] = {}
    for case, flag, n in zip(absent["case"], absent["flag"], absent["n_cell"], strict=True):
        why = reason(flag, least, n)
        if name_others or case == highlight:
            lines.setdefault(why, []).append(labels[str(case)])
        else:
            others[why] = others.get(why, 0) + 1
    told = [f"{why[:1].upper()}{why[1:]}: {', '.join(names)}." for why, names in lines.items()]
    told += [f"{n} other {'case' if n == 1 else 'cases'}: {why}." for why, n in others.items()]
    return "\n".join(told)


def _axes(
    page: Page, rows: pd.DataFrame, left: float, top: float, height: float,
    confidence: float, overall: float | None, within: tuple[float, float] | None,
) -> Axes:  # fmt: skip
    half = (z_of(confidence) * rows["eb_se"]).fillna(0.0)
    values = [*(rows["eb_mean"] - half), *(rows["eb_mean"] + half), *rows["mean"]]
    limits = value_limits(values, within)
    axes = value_axis(page, left, top, page.width - left - RIGHT, height, limits)
    if overall is not None:
        axes.axvline(overall, color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    return axes


def _draw_case(axes: Axes, row: Mapping[Hashable, Any], y: float, z: float, colour: str, *, slim: bool) -> None:
    """Draw the interval as a bar, the raw mean hollow, the shrunken one solid, and the way between them."""
    value, raw, half = row["eb_mean"], row["mean"], z * row["eb_se"]
    if pd.notna(half):
        bar = 1.3 if slim else 2.2
        axes.barh(y, 2 * half, left=value - half, height=bar, color=tint(colour, 0.35), zorder=2)
    if pd.notna(raw):
        left, right = axes.get_xlim()
        wide = mm_across(axes)
        if abs(value - raw) / (right - left) * wide > ARROW:
            style = {"arrowstyle": "-|>,head_width=0.1,head_length=0.2", "color": RULE if slim else INK,
                     "linewidth": 0.6, "shrinkA": points(0.6), "shrinkB": points(0.8)}  # fmt: skip
            axes.annotate("", xy=(value, y), xytext=(raw, y), arrowprops=style, zorder=3)
        rim = RULE if slim else OTHER
        mark(axes, raw, y, colour=rim, hollow=True, markersize=2.6 if slim else 3.6, zorder=3)
    mark(axes, value, y, colour=colour, markersize=3.2 if slim else 4.8, zorder=4)


def _numbers(axes: Axes, rows: pd.DataFrame, places: list[float], told: list[str], head: float) -> None:
    """Print the interval of the rank and n at the right of each named row."""
    right = axes.get_xlim()[1]
    ranks = right - text_width("8,888") - 2.5
    how: dict[str, Any] = {"ha": "right", "color": QUIET, "va": "bottom"}
    write(axes, ranks, head - 0.8, "rank", **how)
    write(axes, right - 0.8, head - 0.8, "n", **how)
    for row, y, name in zip(rows.to_dict("records"), places, told, strict=True):
        if name:
            write(axes, ranks, y, _rank(row["rank_low"], row["rank_high"]), ha="right")
            write(axes, right - 0.8, y, f"{row['n']:,.0f}" if pd.notna(row["n"]) else "–", ha="right")


def _rank(low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high):
        return "–"
    return f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"
