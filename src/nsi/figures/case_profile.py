"""The profile of one case: a row per scale with all other cases as dots, its own mean, and its own past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels, require_order
from nsi.figures.keys import Key, fit_keys, mark, mark_key, marks, upright_key
from nsi.figures.lettering import line_height, text_width, wrap
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.row_layout import case_rows
from nsi.figures.style import OKABE_ITO, QUIET, WIDE, house_style
from nsi.figures.value_axis import FOOT, mm_across, number, value_axis, value_limits, z_of
from nsi.figures.value_columns import (
    count_told,
    reason,
    require_once,
    require_reasons,
    require_values,
    require_width,
)

TABLE = "table of scores"
NEEDED = ["scale", "wave", "case", "eb_mean", "eb_se", "n", "flag"]
STRIP = 5.2  # mm for the cases and the latest mean
PAST = 2.1  # mm for each earlier wave
PAD = 1.4  # mm
DOT = 2.4  # pt, another case
OTHER = "#8A8A8A"
CHOSEN = OKABE_ITO[0]
EARLIER = "#3F3F3F"
SHAPES = ("D", "s", "^", "v", "P")  # earlier waves, the newest first
WEAKEST = "weakest"


@house_style()
def case_profile(
    frame: pd.DataFrame,
    *,
    case: str,
    scales: Mapping[str, str],
    waves: Mapping[str, str],
    title: str,
    note: str,
    weakest: str | None = None,
    weakest_word: str = WEAKEST,
    confidence: float = 0.95,
    least: int | None = None,
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw one case among all others in the last wave, with its own earlier waves beneath.

    Parameters
    ----------
    frame : DataFrame
        One row per scale, wave and case: ``scale``, ``wave``, ``case``, ``eb_mean``, ``eb_se`` (shrunken mean
        and its error, unit of the scale; NaN = withheld or undefined), ``n`` (respondents) and ``flag`` (why a
        mean is missing; "" where fine). Of other cases only the last wave is drawn, and never their names.
    case : str
        The case that the profile is of.
    scales : mapping of str to str
        Scales (or domains) from top to bottom, with printed labels.
    waves : mapping of str to str
        Waves in order of time, with printed labels; the last is the one shown large. At most six.
    title, note : str
        The statement above and the reading aid below.
    weakest : str, optional
        The scale to be marked with a word.
    weakest_word : str
        That word.
    confidence : float
        Of the intervals: eb_mean -/+ z * eb_se.
    least : int, optional
        The smallest n that may be shown, for the words "withheld (n<5)" and "<5".
    within : tuple of float, optional
        What the scale must cover in any case; give the same to the profiles of all cases.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. Mean, interval and n of the last wave stand at the right; what is withheld
        says so in words.

    Raises
    ------
    StudyError
        If a column or label is missing, a row stands twice, the case or the weakest scale is unknown, a mean
        is missing without a reason, or there are more than six waves.
    """
    room = require_width(width)
    checked = _checked(frame, case, scales, waves, weakest)
    last, past = list(waves)[-1], list(reversed(list(waves)[:-1]))
    own = checked[checked["case"] == case]
    others = checked[(checked["case"] != case) & (checked["wave"] == last)]
    past = [wave for wave in past if own.loc[own["wave"] == wave, "eb_mean"].notna().any()]
    told = [f"{label}\n({weakest_word})" if scale == weakest else label for scale, label in scales.items()]
    strong = list(scales).index(weakest) if weakest is not None else None
    step = STRIP + PAST * len(past) + PAD
    laid = case_rows(told, room, taken=fsum(_right()) + 4.5, step=step, strong=strong)
    keys = fit_keys(_keys(waves, past, confidence), room)
    head = keys.height + 1.5 + line_height() + 0.8
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    laid.draw(ground, head, page.width, strong=strong)
    axes = _axes(page, own, others, laid.width + 2.5, (head, laid.height), z_of(confidence), within)
    _heads(ground, head, waves[last])
    for place, scale in enumerate(scales):
        start = laid.middle(place) - (STRIP + PAST * len(past)) / 2
        mine = own[own["scale"] == scale].set_index("wave")
        _draw_others(axes, others.loc[others["scale"] == scale, "eb_mean"].dropna().to_numpy(), start + STRIP / 2)
        _draw_own(axes, mine, start + STRIP / 2, last, past, z_of(confidence))
        _numbers(ground, mine, head + laid.middle(place), last, z_of(confidence), least)
    return page.figure


def _checked(
    frame: pd.DataFrame, case: str, scales: Mapping[str, str], waves: Mapping[str, str], weakest: str | None
) -> pd.DataFrame:
    require_columns(frame, NEEDED, table=TABLE)
    require_once(frame, ["scale", "wave", "case"], table=TABLE)
    for name, known in (("scale", scales), ("wave", waves)):
        require_order(list(known), what=f"{name}s to draw")
        require_labels(known, list(known), what=f"{name}s to draw")
        stray = [str(value) for value in dict.fromkeys(frame[name]) if str(value) not in known]
        if stray:
            raise StudyError(f"{TABLE}: {name} '{stray[0]}' is not among {listed(known, 12)}; add its label")
    if len(waves) > len(SHAPES) + 1:
        raise StudyError(f"{len(waves)} waves cannot be told apart, {len(SHAPES) + 1} can; leave early ones out")
    if weakest is not None and weakest not in scales:
        raise StudyError(f"weakest scale '{weakest}' is not among {listed(scales, 12)}; correct the name")
    if case not in set(frame["case"].astype(str)):
        raise StudyError(f"case '{case}' is not in the {TABLE}; correct the name or compute it first")
    numbers = frame.assign(
        n_cell=frame["n"].astype(object),
        eb_mean=require_values(frame, "eb_mean", table=TABLE),
        eb_se=require_values(frame, "eb_se", table=TABLE, low=0),
        **{name: frame[name].astype(str) for name in ("scale", "wave", "case")},
    )
    require_values(frame, "n", table=TABLE, low=0)
    require_reasons(numbers, "eb_mean", table=TABLE)
    return numbers


def _keys(waves: Mapping[str, str], past: Sequence[str], confidence: float) -> list[Key]:
    last = list(waves)[-1]
    words = f"{waves[last]}, with its {confidence:.0%} interval"
    keys = [mark_key(words, colour=CHOSEN, markersize=5.4)]
    keys += [mark_key(waves[wave], **_past(place)) for place, wave in enumerate(past)]
    keys.append(mark_key(f"another case, {waves[last]}", colour=OTHER, markersize=DOT, markeredgewidth=0.0))
    keys.append(upright_key("middle of the other cases", color=QUIET, linewidth=1.1))
    return keys


def _past(place: int) -> dict[str, Any]:
    return {"colour": EARLIER, "marker": SHAPES[place], "markersize": 3.0, "hollow": True, "markeredgewidth": 0.7}


def _right() -> tuple[float, float]:
    return text_width("8.88 (8.88–8.88)") + 2.0, text_width("8,888") + 2.0


def _axes(
    page: Page, own: pd.DataFrame, others: pd.DataFrame, left: float, down: tuple[float, float], z: float,
    within: tuple[float, float] | None,
) -> Axes:  # fmt: skip
    half = (z * own["eb_se"]).fillna(0.0)
    values = [*(own["eb_mean"] - half), *(own["eb_mean"] + half), *others["eb_mean"]]
    width = page.width - left - fsum(_right()) - 2.0
    return value_axis(page, left, down[0], width, down[1], value_limits(values, within))


def _heads(axes: Axes, head: float, wave: str) -> None:
    right = axes.get_xlim()[1] - 0.8
    write(axes, right, head - 0.8, "n", ha="right", va="bottom", color=QUIET)
    write(axes, right - _right()[1], head - 0.8, wave, ha="right", va="bottom", color=QUIET)


def _draw_others(axes: Axes, values: NDArray[np.float64], y: float) -> None:
    """Draw every other case as a dot, stacked away from the middle where dots would touch, and their middle."""
    if not len(values):
        return
    left, right = axes.get_xlim()
    per_mm = (right - left) / mm_across(axes)
    bins: Counter[int] = Counter()
    stacked = []
    for value in np.sort(values):
        place = int(np.floor(value / per_mm))  # dots within a mm share a stack
        level = bins[place]
        bins[place] += 1
        away = 0.85 * ((level + 1) // 2) * (1 if level % 2 else -1)
        stacked.append(y + float(np.clip(away, -STRIP / 2 + 0.4, STRIP / 2 - 0.4)))
    marks(axes, np.sort(values).tolist(), stacked, colour=OTHER, markersize=DOT, markeredgewidth=0.0, zorder=2)
    middle = float(np.median(values))
    rule(axes, (middle, middle), (y - STRIP / 2 + 0.2, y + STRIP / 2 - 0.2), color=QUIET, linewidth=1.1, zorder=3)


def _draw_own(axes: Axes, mine: pd.DataFrame, y: float, last: str, past: Sequence[str], z: float) -> None:
    """Draw the last mean large on its interval, and each earlier one smaller on a line of its own beneath."""
    for place, wave in enumerate([last, *past]):
        if wave not in mine.index or pd.isna(mine["eb_mean"][wave]):
            continue
        value, half = float(mine["eb_mean"][wave]), z * float(mine["eb_se"][wave])
        at = y if place == 0 else y + STRIP / 2 + PAST * (place - 0.5)
        if not np.isnan(half):
            colour, thick = (CHOSEN, 1.8) if place == 0 else (EARLIER, 0.6)
            rule(axes, (value - half, value + half), (at, at), color=colour, linewidth=thick, zorder=4)
        how: dict[str, Any] = {"colour": CHOSEN, "markersize": 5.4} if place == 0 else _past(place - 1)
        mark(axes, value, at, zorder=5, **how)


def _numbers(
    ground: Axes, mine: pd.DataFrame, y: float, last: str, z: float, least: int | None
) -> None:
    """Print mean, interval and n of the last wave, or why there is none."""
    right = ground.get_xlim()[1] - 0.8
    there = last in mine.index
    value, se = (float(mine[name][last]) if there else np.nan for name in ("eb_mean", "eb_se"))
    flag, n = (mine["flag"][last], mine["n_cell"][last]) if there else ("", None)
    write(ground, right, y, count_told(n, flag, least), ha="right")
    if np.isnan(value):
        words = wrap(reason(flag, least, n) if there else "not surveyed", _right()[0] - 1.0)
        write(ground, right - _right()[1], y, words, style="italic", ha="right", multialignment="right")
        return
    half = z * se
    ends = f" ({number(value - half)}–{number(value + half)})" if not np.isnan(half) else ""
    write(ground, right - _right()[1], y, f"{number(value)}{ends}", ha="right")
