"""Why answers are missing: items in rows, reasons in columns, the share of all responses in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import (
    percent,
    require_columns,
    require_counts,
    require_labels,
    require_order,
    whole_percent,
)
from nsi.figures.headings import fit_headings
from nsi.figures.keys import Key, fill_key, fit_keys
from nsi.figures.lettering import text_width
from nsi.figures.page import box, new_page, write
from nsi.figures.row_layout import item_rows
from nsi.figures.style import NEUTRAL, PAPER, QUIET, SEQUENTIAL, WHITE, WIDE, house_style, text_on
from nsi.figures.value_columns import require_once, require_width

TABLE = "table of missing answers"
LEAST = 8.0  # mm, the narrowest cell that holds ">99"
MOST = 22.0  # mm
APART = 2.5  # mm between reasons and those that are set apart
HATCH = "/////"
FULL = 0.1  # the colour is never fullest at less: differences between rare reasons would look large
DARKEST = 0.8  # of the ramp, for the largest share


@house_style()
def missing_reason_map(
    counts: pd.DataFrame,
    *,
    reasons: Mapping[str, str],
    labels: Mapping[str, str],
    title: str,
    note: str,
    headings: Mapping[str, str] | None = None,
    apart: Sequence[str] = ("not_asked",),
    answered: str = "answered",
    rows: str = "item",
    full: float | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw a heat map of items and the reasons for which their answers are missing.

    Parameters
    ----------
    counts : DataFrame
        One row per item and reason: a column named by `rows`, ``reason`` (a key of `reasons`, or
        `answered`) and ``n``. Together they are all responses; a reason without a row counts 0. Items are drawn
        as they come.
    reasons : mapping of str to str
        Reasons from left to right, with printed labels; `answered` is none of them.
    labels : mapping of str to str
        Item to printed text.
    title, note : str
        The statement above and the reading aid below.
    headings : mapping of str to str, optional
        Item to the heading that it stands under; items with the same heading are brought together.
    apart : sequence of str
        Reasons that are no fault of respondents, such as items that were not asked: hatched, at the right, and
        no part of the colour scale. Those not among `reasons` are left out.
    answered : str
        What stands in place of a reason where there is an answer.
    rows : str
        Name of the column of items.
    full : float, optional
        Share at which the colour is fullest, by default the largest that is drawn, but 10% at least; give the
        same to figures that are compared.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the items need; `item_parts` cuts a long frame into pages. Shares are per cent of all
        responses; the last columns are the share answered and n.

    Raises
    ------
    StudyError
        If a column or label is missing, a reason is unknown, a cell stands twice, or no row says how many
        answered.
    """
    room = require_width(width)
    names, cells, wholes = _checked(counts, reasons, labels, headings, rows, answered)
    order, laid = item_rows(names, labels, headings, width)
    set_apart = [name for name in reasons if name in apart]
    columns = [name for name in reasons if name not in apart] + set_apart
    stub = laid.width + 2.5 if laid.width else 0.0
    tail = text_width("answered") + text_width("88,888") + 4.5
    cell = min((room - stub - tail - APART) / len(columns), MOST)
    if cell < LEAST:
        raise StudyError(f"{len(columns)} reasons do not fit beside the texts; merge rare ones, or draw wider")
    lefts = [stub + cell * place + (APART if name in apart else 0.0) for place, name in enumerate(columns)]
    shares = [cells[name, why] / wholes[name] for name in order for why in columns if why not in apart and wholes[name]]
    most = full or max([*shares, FULL])
    heads = fit_headings([reasons[name] for name in columns], cell)
    keys = fit_keys(_keys(most, [reasons[name] for name in set_apart]), room)
    head = keys.height + 2.0 + heads.height + 1.0
    page = new_page(width, head + laid.height + 0.5, title=title, note=note)
    axes = page.panel(0, 0, page.width, head + laid.height + 0.5)
    keys.draw(axes)
    laid.draw(axes, head, page.width)
    heads.draw(axes, [left + cell / 2 for left in lefts], head - 1.0)
    ends = (lefts[-1] + cell + tail - text_width("88,888") - 3.0, lefts[-1] + cell + tail - 0.8)
    for x, text in zip(ends, ("answered", "n"), strict=True):
        write(axes, x, head - 1.0, text, ha="right", va="bottom", color=QUIET)
    for row, name in enumerate(order):
        top, height = head + laid.lane(row)[0], laid.lane(row)[1]
        for left, why in zip(lefts, columns, strict=True):
            _draw_cell(axes, (left, top, cell, height), cells[name, why], wholes[name], most, hatched=why in apart)
        told = (percent(cells[name, answered], wholes[name]), f"{wholes[name]:,}")
        for x, text in zip(ends, told, strict=True):
            write(axes, x, top + height / 2, text, ha="right")
    return page.figure


def _checked(
    counts: pd.DataFrame, reasons: Mapping[str, str], labels: Mapping[str, str],
    headings: Mapping[str, str] | None, rows: str, answered: str,
) -> tuple[list[str], dict[tuple[str, str], int], dict[str, int]]:  # fmt: skip
    """Refuse what cannot be drawn; give the items, n per item and reason, and the responses per item."""
    require_columns(counts, [rows, "reason", "n"], table=TABLE)
    require_once(counts, [rows, "reason"], table=TABLE)
    require_order(list(reasons), what=f"reasons of the {TABLE}")
    require_labels(reasons, list(reasons), what=f"reasons of the {TABLE}")
    stray = [str(why) for why in dict.fromkeys(counts["reason"]) if why not in (*reasons, answered)]
    if stray:
        raise StudyError(f"{TABLE}: reason '{stray[0]}' is not among {listed(reasons, 12)}; add its label")
    n = require_counts(counts, "n", table=TABLE)
    names = [str(name) for name in dict.fromkeys(counts[rows])]
    told = set(counts.loc[counts["reason"] == answered, rows].astype(str))
    bare = [name for name in names if name not in told]
    if bare:
        raise StudyError(f"{TABLE}: no row '{answered}' for {listed(bare)}; without it shares have no whole, so add it")
    require_labels(labels, names, what=f"{rows}s of the {TABLE}")
    if headings is not None:
        require_labels(headings, names, what=f"headings of {rows}s")
    items = counts[rows].astype(str).to_numpy()
    wholes = {name: int(n[items == name].sum()) for name in names}
    cells = {(name, why): 0 for name in names for why in reasons}
    cells.update({(item, str(why)): int(k) for item, why, k in zip(items, counts["reason"], n, strict=True)})
    return names, cells, wholes


def _keys(most: float, set_apart: Sequence[str]) -> list[Key]:
    words = f"per cent of all responses; colour from 0% to {whole_percent(most)}%; · is none"
    keys = [fill_key(words, facecolor=SEQUENTIAL(0.45), edgecolor="none")]
    if set_apart:
        words = f"{', '.join(set_apart)}: by design, not coloured"
        keys.append(fill_key(words, facecolor=WHITE, edgecolor=NEUTRAL, hatch=HATCH))
    return keys


def _draw_cell(
    axes: Axes, at: tuple[float, float, float, float], n: int, whole: int, most: float, *, hatched: bool
) -> None:
    """Fill one cell by its share; what was not asked is hatched instead."""
    left, top, width, height = at
    if not n:
        box(axes, left, top, width, height, facecolor=PAPER if hatched else WHITE, edgecolor=WHITE, zorder=1)
        write(axes, left + width / 2, top + height / 2, "·", ha="center", color=QUIET)
        return
    share = n / whole
    fill: object = WHITE if hatched else SEQUENTIAL(DARKEST * min(share / most, 1.0))
    rim = {"edgecolor": NEUTRAL, "hatch": HATCH, "linewidth": 0.3} if hatched else {"edgecolor": WHITE}
    box(axes, left, top, width, height, facecolor=fill, zorder=1, **rim)
    frame = {"facecolor": WHITE, "edgecolor": "none", "pad": 0.5} if hatched else None
    write(axes, left + width / 2, top + height / 2, whole_percent(share), ha="center", color=text_on(fill),
          bbox=frame, zorder=4)  # fmt: skip
