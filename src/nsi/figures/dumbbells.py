"""Change of each case between two waves: both ends with their intervals, and how many answered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import fsum
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import require_columns, require_labels
from nsi.figures.keys import Key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import line_height, text_width
from nsi.figures.page import new_page, rule, write
from nsi.figures.row_layout import case_rows
from nsi.figures.style import OKABE_ITO, QUIET, RULE, WIDE, house_style
from nsi.figures.value_axis import FOOT, number, signed, value_axis, value_limits
from nsi.figures.value_columns import (
    WITHHELD,
    count_told,
    few,
    reason,
    require_once,
    require_reasons,
    require_values,
    require_width,
)

TABLE = "table of changes"
ENDS = ("first", "last")
NEEDED = ["case", *(f"{name}_{end}" for end in ENDS for name in ("n", "mean", "low", "high")), "change", "flag"]
STEP = 5.0  # mm, the lowest row
APART = 0.95  # mm from the middle of the row to each end's line
FIRST: dict[str, Any] = {"colour": "#7A7A7A", "marker": "s", "markersize": 3.6}
LAST: dict[str, Any] = {"colour": OKABE_ITO[0], "marker": "o", "markersize": 4.6}
RETURNERS = "Only respondents who answered in both waves"


@house_style()
def dumbbells(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    waves: tuple[str, str],
    title: str,
    note: str,
    hollow: int | None = None,
    least: int | None = None,
    returning: bool = False,
    confidence: float = 0.9,
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw one row per case with its mean in the first and in the last wave.

    Parameters
    ----------
    frame : DataFrame
        One row per case: ``case``; for both ends ``n_first``, ``mean_first``, ``low_first``, ``high_first`` and the
        same with ``last`` (respondents; mean and interval in the unit of the scale; a mean is missing where it is
        withheld or there is none); ``change``, if wanted with ``change_low`` and ``change_high``; ``flag`` (why
        something is missing; "" where fine); and, where they differ between cases, ``wave_first`` and
        ``wave_last``. Cases are drawn as they come.
    labels : mapping of str to str
        Case to printed label.
    waves : tuple of str
        What the two ends are called, such as the years, or "first wave" and "last wave".
    title, note : str
        The statement above and the reading aid below.
    hollow : int, optional
        A mark of fewer respondents than this is hollow.
    least : int, optional
        The smallest n that may be shown, for the words "withheld (n<5)" and "<5".
    returning : bool
        Whether only respondents who answered in both waves were counted; printed above the rows.
    confidence : float
        Of the intervals, for the key.
    within : tuple of float, optional
        What the scale must cover in any case.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. Change and n of both ends stand at the right, on a wide page also the interval of
        the change; a case that lacks an end says why beneath its label.

    Raises
    ------
    StudyError
        If a column or label is missing, a case stands twice, or a mean is missing without a reason.
    """
    room = require_width(width)
    checked = _checked(frame, labels)
    rows = checked.to_dict("records")
    told = [labels[str(row["case"])] + _lacking(row, waves, least) for row in rows]
    columns = _columns(rows, least, wide=width == WIDE)
    taken = fsum(max(map(text_width, texts)) + 2.5 for texts in columns.values())
    laid = case_rows(told, room, taken=taken + 4.5, step=STEP)
    keys = fit_keys(_keys(waves, hollow, confidence, returning), room)
    head = keys.height + 1.5 + line_height() + 0.8
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    ends = [f"{name}_{end}" for end in ENDS for name in ("mean", "low", "high")]
    limits = value_limits(checked[ends].to_numpy(dtype=float).ravel(), within)
    left = laid.width + 2.5
    axes = value_axis(page, left, head, page.width - left - taken - 2.0, laid.height, limits)
    _numbers(ground, columns, [head, *(head + laid.middle(place) for place in range(len(rows)))])
    for place, row in enumerate(rows):
        _draw_change(axes, row, laid.middle(place), hollow)
    return page.figure


def _checked(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Refuse what cannot be drawn; give the frame with numbers as values."""
    require_columns(frame, NEEDED, table=TABLE)
    require_once(frame, ["case"], table=TABLE)
    require_labels(labels, [str(case) for case in frame["case"]], what=f"cases of the {TABLE}")
    values = [name for name in NEEDED[1:-1] if not name.startswith("n_")]
    names = [*values, *(name for name in ("change_low", "change_high") if name in frame.columns)]
    numbers = frame.assign(**{name: require_values(frame, name, table=TABLE) for name in names})
    for end in ENDS:
        require_values(frame, f"n_{end}", table=TABLE, low=0)
        require_reasons(numbers, f"mean_{end}", table=TABLE)
    if numbers[["mean_first", "mean_last"]].isna().all(axis=None):
        raise StudyError(f"{TABLE}: no case has a mean to draw; say so in words instead of drawing")
    return numbers


def _lacking(row: Mapping[Hashable, Any], waves: tuple[str, str], least: int | None) -> str:
    """Why an end has no mark, as a second line of the label."""
    bare = [wave for wave, end in zip(waves, ENDS, strict=True) if pd.isna(row[f"mean_{end}"])]
    small = next((row[f"n_{end}"] for end in ENDS if few(row[f"n_{end}"], least)), None)
    why = reason(row["flag"], least, small)
    if not bare:
        return ""
    if len(bare) == 2 or why.startswith(WITHHELD):
        return f"\n({why})"
    return f"\n(no mean in {bare[0]})" if why == "one wave" else f"\n(no mean in {bare[0]}: {why})"


def _columns(rows: Sequence[Mapping[Hashable, Any]], least: int | None, *, wide: bool) -> dict[str, list[str]]:
    """Heading and texts of what stands at the right."""
    columns: dict[str, list[str]] = {"change": [], "n": []}
    for row in rows:
        low, high = (row.get(name, float("nan")) for name in ("change_low", "change_high"))
        ends = f" ({number(low)} to {number(high)})" if wide and pd.notna(low) and pd.notna(high) else ""
        columns["change"].append(f"{signed(row['change'])}{ends}" if pd.notna(row["change"]) else "–")
        columns["n"].append(" → ".join(count_told(row[f"n_{end}"], row["flag"], least) for end in ENDS))
        if "wave_first" in row:
            met = [str(row[f"wave_{end}"]) for end in ENDS if pd.notna(row[f"mean_{end}"])]
            columns.setdefault("waves", []).append("–".join(met) or "–")
    return {name: [name, *texts] for name, texts in columns.items()}


def _keys(waves: tuple[str, str], hollow: int | None, confidence: float, returning: bool) -> list[Key]:
    keys = [mark_key(waves[0], **FIRST), mark_key(waves[1], **LAST)]
    keys.append(line_key(f"{confidence:.0%} interval", linewidth=0.9))
    if hollow is not None:
        keys.append(mark_key(f"hollow: n<{hollow}", **{**LAST, "hollow": True}))
    if returning:
        keys.append(line_key(RETURNERS, color="none"))
    return keys


def _draw_change(axes: Axes, row: Mapping[Hashable, Any], middle: float, hollow: int | None) -> None:
    """Draw both ends one above the other, each on its interval, joined by a line."""
    places = (middle - APART, middle + APART)
    if pd.notna(row["mean_first"]) and pd.notna(row["mean_last"]):
        rule(axes, (row["mean_first"], row["mean_last"]), places, color=RULE, linewidth=1.4, zorder=2)
    for end, y, look in zip(ENDS, places, (FIRST, LAST), strict=True):
        value, low, high, n = (row[f"{name}_{end}"] for name in ("mean", "low", "high", "n"))
        if pd.isna(value):
            continue
        if pd.notna(low) and pd.notna(high):
            rule(axes, (low, high), (y, y), color=str(look["colour"]), linewidth=0.9, zorder=3)
        mark(axes, value, y, **{**look, "hollow": few(n, hollow)})


def _numbers(axes: Axes, columns: Mapping[str, list[str]], places: Sequence[float]) -> None:
    """Print the columns at the right, the first text of each as its heading."""
    right = axes.get_xlim()[1] - 0.8
    for texts in reversed(list(columns.values())):
        write(axes, right, places[0] - 0.8, texts[0], ha="right", va="bottom", color=QUIET)
        for text, y in zip(texts[1:], places[1:], strict=True):
            write(axes, right, y, text, ha="right")
        right -= max(map(text_width, texts)) + 2.5
