"""Cases under the headings of their bands: an interval for each occasion, the rank as an interval, and words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.banded_data import RANKS, TABLE, BandedData, banded_data
from nsi.figures.keys import Key, fill_key, fit_keys, line_key, mark, mark_key, upright_key
from nsi.figures.lettering import block_height, text_width, wrap
from nsi.figures.page import Page, box, new_page, rule, write
from nsi.figures.row_layout import CASE_SHARE, HEADING, SCALE, Rows, lay_rows
from nsi.figures.selection import LOOKS
from nsi.figures.style import INK, MARKS, QUIET, WHITE, WIDE, house_style, tint
from nsi.figures.value_axis import FOOT, value_axis, value_limits
from nsi.figures.value_columns import reason, require_width

STEP = 4.4  # mm, the lowest row of one interval
MORE = 1.9  # mm that each further interval adds
GAP = 3.0  # mm between panels and columns
RANK_SHARE = 0.42  # of what the two panels have together
DASHED = (0, (3, 2))
RANK_FILL, RANK_OPEN = "#6A6A6A", WHITE
CROSSING = "/////"


@dataclass(frozen=True)
class _Across:
    """Left ends and widths of the panels and right ends of the columns of words, mm."""

    value: tuple[float, float]
    rank: tuple[float, float] | None
    rights: tuple[float, ...]


@house_style()
def banded_cases(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    bands: Mapping[str, str],
    title: str,
    note: str,
    value_label: str,
    occasions: Mapping[str, str] | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
    ranks: pd.DataFrame | None = None,
    cuts: Sequence[float] = (),
    confidence: float = 0.9,
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw one row per case, under the heading of its band.

    Parameters
    ----------
    frame : DataFrame
        One row per case (and occasion): ``case``, ``band`` (a key of `bands`), ``value``, ``low``, ``high`` (missing =
        withheld or undefined), ``flag`` (why a value is missing; "" where fine) and, where `occasions` are given,
        ``occasion``. Cases are drawn as they first come, bands in the order of `bands`.
    labels, bands : mapping of str to str
        Printed label of each case, and heading of each band.
    title, note : str
        The statement above and the reading aid below.
    value_label : str
        What the values are and in what unit.
    occasions : mapping of str to str, optional
        Occasions from top to bottom within a row, with printed labels; each has its own mark. Without them marks go
        by band.
    columns : mapping of str to mapping of str to str, optional
        Heading to the text of each case, printed at the right.
    ranks : DataFrame, optional
        ``case``, ``rank_low``, ``rank_median``, ``rank_high``: drawn as bars beside the values.
    cuts : sequence of float
        Ranks between which a band would begin, such as 4.5; a bar across one is hatched.
    confidence : float
        Of the intervals, for the key.
    within : tuple of float, optional
        What the scale must cover in any case.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need.

    Raises
    ------
    StudyError
        If a column, label or heading is missing, a case stands twice or in two bands, a value is missing without a
        reason or lies outside its interval, or the columns leave no room.
    """
    room = require_width(width)
    data = banded_data(frame, labels, bands, occasions, columns, ranks)
    across, most = _across(data, labels, room)
    steps = STEP + MORE * (len(data.occasions) - 1)
    laid = lay_rows([labels[case] for case in data.cases], most=most, step=steps,
                    headings=[bands[data.band[case]] for case in data.cases], room=room)  # fmt: skip
    keys = fit_keys(_keys(data, bands, confidence, cuts, occasions), room)
    heads = _heads(data, across, value_label)
    head = keys.height + 2.0 + max(block_height(text) for text, _, _ in heads) + 0.8
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    replace(laid, headings=()).draw(ground, head, page.width)
    for text, x, side in heads:
        write(ground, x, head - 0.8, text, ha=side, va="bottom", color=QUIET)
    _draw_values(page, data, laid, across, head, within)
    if across.rank:
        _draw_ranks(page, data, laid, across.rank, head, cuts)
    _write_columns(ground, data, laid, across, head)
    _write_headings(page, laid, head)
    return page.figure


def _across(data: BandedData, labels: Mapping[str, str], room: float) -> tuple[_Across, float]:
    """Share the width between labels, panels and columns of words."""
    wide = [max(text_width(text) for text in [head, *texts.values()]) for head, texts in data.columns.items()]
    taken = fsum(wide) + GAP * len(wide)
    panels = 2 if data.ranks is not None else 1
    most = min(CASE_SHARE * room, room - taken - panels * (SCALE + GAP))
    if most < 5.0:
        raise StudyError(f"{TABLE}: {len(wide)} columns of words leave no room for the marks; leave one out")
    label = min(max(text_width(labels[case]) for case in data.cases) + 0.5, most)
    free = room - label - taken - GAP * panels
    second = RANK_SHARE * free if panels == 2 else 0.0
    left = label + GAP
    rights = [room - 0.8 - fsum(wide[place + 1 :]) - GAP * (len(wide) - place - 1) for place in range(len(wide))]
    rank = (left + free - second + GAP, second - 1.0) if panels == 2 else None
    return _Across((left, free - second), rank, tuple(rights)), most


def _keys(
    data: BandedData, bands: Mapping[str, str], confidence: float, cuts: Sequence[float],
    occasions: Mapping[str, str] | None,
) -> list[Key]:  # fmt: skip
    keys = [mark_key(str((occasions or bands)[name]), **look) for name, look in _looks(data).items()]
    keys.append(line_key(f"{confidence:.0%} interval", linewidth=1.1))
    if data.ranks is not None:
        keys.append(fill_key("interval of the rank", facecolor=tint(RANK_FILL, 0.6), edgecolor=RANK_FILL))
    if data.ranks is not None and cuts:
        keys.append(fill_key("it crosses a cut", facecolor=RANK_OPEN, edgecolor=INK, hatch=CROSSING))
        keys.append(upright_key("cut between bands", color=INK, linewidth=0.8, linestyle=DASHED))
    return keys


def _looks(data: BandedData) -> dict[str, dict[str, Any]]:
    """Mark of each occasion, or of each band where there is but one occasion."""
    names = data.occasions if data.occasions != [""] else data.bands
    if set(names) <= set(LOOKS):
        return {name: {**LOOKS[name], "markersize": 5.0} for name in names}
    if len(names) > len(MARKS):
        raise StudyError(f"{TABLE}: {len(names)} kinds of marks, but at most {len(MARKS)} can be told apart")
    return {
        name: {"colour": colour, "marker": shape, "markersize": 4.6}
        for name, (colour, shape) in zip(names, MARKS, strict=False)
    }


def _heads(data: BandedData, across: _Across, value_label: str) -> list[tuple[str, float, str]]:
    """What stands above panels and columns: text, place and side."""
    heads = [(wrap(value_label, across.value[1]), across.value[0], "left")]
    if across.rank:
        told = f"rank among {data.n_ranks} (1 = highest)"
        heads.append((wrap(told, across.rank[1]), across.rank[0], "left"))
    return heads + [(head, x, "right") for head, x in zip(data.columns, across.rights, strict=True)]


def _draw_values(
    page: Page, data: BandedData, laid: Rows, across: _Across, head: float, within: tuple[float, float] | None
) -> None:
    left, wide = across.value
    ends = data.values[["value", "low", "high"]].to_numpy(dtype=float).ravel()
    axes = value_axis(page, left, head, wide, laid.height, value_limits(ends, within))
    looks = _looks(data)
    for place, case in enumerate(data.cases):
        own = data.values[data.values["case"] == case].to_dict("records")
        first = laid.middle(place) - MORE * (len(data.occasions) - 1) / 2
        for row in own:
            y = first + MORE * data.occasions.index(str(row["occasion"]))
            _draw_value(axes, row, y, looks[str(row["occasion"]) or data.band[case]])


def _draw_value(axes: Axes, row: Mapping[Hashable, Any], y: float, look: Mapping[str, Any]) -> None:
    """Draw the mark on its interval, or say why there is none."""
    if pd.isna(row["value"]):
        write(axes, axes.get_xlim()[0], y, reason(row["flag"]), style="italic", zorder=6)
        return
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        rule(axes, (row["low"], row["high"]), (y, y), color=str(look["colour"]), linewidth=1.1, zorder=3)
    mark(axes, row["value"], y, **look)


def _draw_ranks(
    page: Page, data: BandedData, laid: Rows, at: tuple[float, float], head: float, cuts: Sequence[float]
) -> None:
    """Draw the interval of each rank as a bar, its middle as a line, and the cuts."""
    axes = page.plot(at[0], head, at[1], laid.height)
    axes.set(xlim=(0.4, data.n_ranks + 0.6), ylim=(laid.height, 0))
    step = max(round(data.n_ranks * (text_width("88") + 1.6) / at[1] + 0.5), 1)
    shown = [rank for rank in range(1, data.n_ranks + 1) if (rank - 1) % step == 0]
    axes.set_xticks(shown, [str(rank) for rank in shown])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=2, pad=1.5)
    axes.spines["left"].set_visible(False)
    axes.set_facecolor("none")
    for cut in cuts:
        axes.axvline(cut, color=INK, linewidth=0.8, linestyle=DASHED, zorder=1)
    ranks = data.ranks.set_index("case").to_dict("index") if data.ranks is not None else {}
    for place, case in enumerate(data.cases):
        low, middle, high = (ranks.get(case, {}).get(name, float("nan")) for name in RANKS)
        y = laid.middle(place)
        if pd.isna(low) or pd.isna(high):
            write(axes, 0.6, y, "no rank", style="italic", zorder=6)
            continue
        open_ = any(low < cut < high for cut in cuts)
        how = {"facecolor": RANK_OPEN, "edgecolor": INK, "hatch": CROSSING} if open_ else {
            "facecolor": tint(RANK_FILL, 0.6), "edgecolor": RANK_FILL}  # fmt: skip
        box(axes, low - 0.4, y - 1.2, high - low + 0.8, 2.4, zorder=2, **how)
        if pd.notna(middle):
            rule(axes, (middle, middle), (y - 1.5, y + 1.5), color=INK, linewidth=1.4, zorder=3)


def _write_columns(ground: Axes, data: BandedData, laid: Rows, across: _Across, head: float) -> None:
    for texts, x in zip(data.columns.values(), across.rights, strict=True):
        for place, case in enumerate(data.cases):
            write(ground, x, head + laid.middle(place), texts[case], ha="right")


def _write_headings(page: Page, laid: Rows, head: float) -> None:
    """Write the headings above all else, on paper, so that no line of a scale runs through them."""
    top = page.panel(0, 0, page.width, head + laid.height)
    paper = {"facecolor": WHITE, "edgecolor": "none", "pad": 0.8}
    for text, y in laid.headings:
        write(top, 0, head + y + HEADING - 0.7, text, weight="bold", va="bottom", bbox=paper)
