"""Cases in rows: how many units have which code, one block each, beside the case's mean level with its interval."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import percent, require_codes, require_columns, require_counts, require_labels
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.keys import Key, fill_key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import block_height, text_width, wrap
from nsi.figures.page import Page, box, new_page, rule, write
from nsi.figures.row_layout import Rows, case_rows
from nsi.figures.style import INK, OKABE_ITO, QUIET, WIDE, CodeLook, code_looks, house_style
from nsi.figures.value_axis import GRID
from nsi.figures.value_columns import reason, require_once, require_reasons, require_values, require_width

MIX, LEVEL = "table of codes", "table of levels"
STEP = 4.6  # mm, the lowest row
BLOCK = 6.5  # mm, the widest block of one unit
TALL = 3.0  # mm, the height of a block
APART = 4.0  # mm between the blocks and the scale
RAW: dict[str, Any] = {"marker": "x", "markersize": 3.4, "markeredgecolor": INK, "markeredgewidth": 0.8}
COLOUR = OKABE_ITO[0]


@dataclass(frozen=True)
class _Columns:
    """Left ends and widths in mm of blocks, of the share beside them, of the scale, and where n ends."""

    blocks: float
    blocks_width: float
    share: float
    scale: float
    scale_width: float
    n: float


@house_style()
def mix_and_level(
    mix: pd.DataFrame,
    level: pd.DataFrame,
    *,
    codes: Mapping[str, str],
    levels: Mapping[float, str],
    labels: Mapping[str, str],
    titles: tuple[str, str],
    share_of: tuple[str, str],
    few: int,
    title: str,
    note: str,
    confidence: float = 0.95,
    width: float = WIDE,
) -> Figure:
    """Draw one row per case, in the order of the table of levels.

    Parameters
    ----------
    mix : DataFrame
        One row per case and code: ``case``, ``code``, ``n`` (units). A code without a row counts 0.
    level : DataFrame
        One row per case: ``case``, ``n`` (units), ``mean`` (raw), ``estimate``, ``low``, ``high`` (such as a shrunken
        mean with its interval, on the scale of `levels`; missing where undefined) and ``flag`` (why a mean is
        missing).
    codes : mapping of str to str
        Codes in codebook order, with printed labels.
    levels : mapping of float to str
        Points of the scale from low to high, with printed labels.
    labels : mapping of str to str
        Case to printed label.
    titles : tuple of str
        Headings of the blocks and of the scale.
    share_of : tuple of str
        The code whose share of the case's units is printed beside the blocks, and the heading of that column.
    few : int
        A mark that rests on fewer units than this is hollow.
    title, note : str
        The statement above and the reading aid below.
    confidence : float
        Of the intervals, for the key.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. A length of blocks is a number of units, so that a thin case looks thin.

    Raises
    ------
    StudyError
        If a column or label is missing, a case or code stands twice or is unknown, or a mean is missing without a
        reason.
    """
    room = require_width(width)
    counts, rows = _checked(mix, level, codes, labels, levels)
    if share_of[0] not in codes:
        raise StudyError(f"share_of names '{share_of[0]}', which is not among the codes; name one of them")
    whole = counts.sum(axis=1).to_numpy()
    told = [f"{percent(n, of)} of {of}" for n, of in zip(counts[share_of[0]].to_numpy(), whole, strict=True)]
    share_width = max(map(text_width, [*told, *share_of[1].split()])) + 2.5
    n_width = max(text_width(f"{row['n']:,}") for row in rows) + 1.5
    names = [labels[str(row["case"])] for row in rows]
    laid = case_rows(names, room, taken=share_width + n_width + APART + 2.5, step=STEP, panels=2)
    where = _columns(room, laid, share_width, n_width, int(whole.max()))
    heads = fit_headings(list(levels.values()), where.scale_width / max(len(levels), 1))
    looks = code_looks(list(codes))
    keys = fit_keys(_keys(codes, looks, few, confidence), room)
    texts = (wrap(titles[0], where.share - where.blocks - 1.0, bold=True), wrap(share_of[1], share_width),
             wrap(titles[1], room - where.scale, bold=True))  # fmt: skip
    tall = [block_height(text) for text in texts]
    top = keys.height + 4.5 + max(tall[0], tall[1], tall[2] + heads.height)
    page = new_page(width, top + laid.height + 0.5, title=title, note=note)
    ground = page.panel(0, 0, page.width, top + laid.height + 0.5)
    keys.draw(ground)
    laid.draw(ground, top, page.width)
    _heads(ground, where, top, texts, heads, list(levels))
    axes = _scale(page, where, top, laid, list(levels))
    for place, row in enumerate(rows):
        y = laid.middle(place)
        _blocks(ground, counts.loc[row["case"]], looks, where, top + y)
        write(ground, where.scale - APART, top + y, told[place], ha="right")
        write(ground, room - 0.6, top + y, f"{row['n']:,}", ha="right")
        _level(axes, row, y, few)
    return page.figure


def _checked(
    mix: pd.DataFrame,
    level: pd.DataFrame,
    codes: Mapping[str, str],
    labels: Mapping[str, str],
    levels: Mapping[float, str],
) -> tuple[pd.DataFrame, list[dict[Hashable, Any]]]:
    """Counts of codes by case in the order of the levels, and the rows to draw."""
    require_columns(mix, ["case", "code", "n"], table=MIX)
    require_columns(level, ["case", "n", "mean", "estimate", "low", "high", "flag"], table=LEVEL)
    require_once(mix, ["case", "code"], table=MIX)
    require_once(level, ["case"], table=LEVEL)
    order = [str(case) for case in level["case"]]
    require_labels(labels, order, what=f"cases of the {LEVEL}")
    require_labels(codes, list(codes), what=f"codes of the {MIX}")
    require_codes(mix["case"].astype("str"), order, table=MIX)
    require_codes(mix["code"].astype("str"), list(codes), table=MIX)
    clean = mix.assign(n=require_counts(mix, "n", table=MIX), case=mix["case"].astype("str"))
    counts = clean.pivot(index="case", columns="code", values="n").reindex(index=order, columns=list(codes))
    low, high = min(levels) - 1e-9, max(levels) + 1e-9
    values = {"mean": require_values(level, "mean", table=LEVEL, low=low, high=high)}
    values |= {name: require_values(level, name, table=LEVEL) for name in ("estimate", "low", "high")}
    require_reasons(level, "mean", table=LEVEL)
    rows = level.assign(n=require_counts(level, "n", table=LEVEL), case=order, **values)
    return counts.fillna(0).astype("int64"), rows.to_dict("records")


def _columns(room: float, laid: Rows, share: float, n: float, most: int) -> _Columns:
    """Share out the room between blocks and scale; the blocks take no more than they need."""
    left = laid.width + 2.5 if laid.width else 0.0
    free = room - left - share - APART - n
    blocks = min(max(most, 4) * BLOCK, 0.5 * free)
    scale = left + blocks + share + APART
    return _Columns(left, blocks, left + blocks, scale, room - n - scale, room)


def _keys(codes: Mapping[str, str], looks: Mapping[str, CodeLook], few: int, confidence: float) -> list[Key]:
    fills = [fill_key(text, facecolor=looks[code].fill, hatch=looks[code].hatch) for code, text in codes.items()]
    return [
        *fills,
        mark_key("estimate", colour=COLOUR),
        mark_key(f"of fewer than {few}", colour=COLOUR, hollow=True),
        line_key(f"{confidence:.0%} interval", color=COLOUR, linewidth=0.9),
        mark_key("raw mean", **RAW),
    ]


def _heads(
    axes: Axes, where: _Columns, top: float, texts: tuple[str, str, str], heads: Headings, levels: Sequence[float]
) -> None:
    """Write what stands over the blocks, the share, the scale and n."""
    write(axes, where.blocks, top - 1.0, texts[0], weight="bold", va="bottom")
    write(axes, where.scale - APART, top - 1.0, texts[1], ha="right", va="bottom", multialignment="right", color=QUIET)
    write(axes, where.scale, top - heads.height - 1.4, texts[2], weight="bold", va="bottom")
    heads.draw(axes, [where.scale + _across(level, levels) * where.scale_width for level in levels], top - 0.8)
    write(axes, where.n - 0.6, top - 1.0, "n", ha="right", va="bottom", color=QUIET)


def _across(value: float, levels: Sequence[float]) -> float:
    """Place on the scale, 0 to 1: half a step of air beyond the lowest and the highest level."""
    low, high = _ends(levels)
    return (value - low) / (high - low)


def _ends(levels: Sequence[float]) -> tuple[float, float]:
    air = (max(levels) - min(levels)) / max(2 * (len(levels) - 1), 1) or 0.5
    return min(levels) - air, max(levels) + air


def _scale(page: Page, where: _Columns, top: float, laid: Rows, levels: Sequence[float]) -> Axes:
    axes = page.plot(where.scale, top, where.scale_width, laid.height)
    axes.set(xlim=_ends(levels), ylim=(laid.height, 0))
    axes.axis("off")
    for level in levels:
        rule(axes, (level, level), (0, laid.height), color=GRID, linewidth=0.8, zorder=0)
    return axes


def _blocks(axes: Axes, own: pd.Series[int], looks: Mapping[str, CodeLook], where: _Columns, y: float) -> None:
    """Draw one block per unit, codes in their order; where blocks would be too fine, one bar per code."""
    total = int(own.sum())
    step = min(BLOCK, where.blocks_width / max(total, 1))
    x = where.blocks
    for code, n in own.items():
        parts = [step] * int(n) if step >= 1.5 else [step * int(n)] * bool(n)
        for wide in parts:
            look = looks[str(code)]
            box(axes, x, y - TALL / 2, wide, TALL, facecolor=look.fill, hatch=look.hatch, linewidth=0.5)
            x += wide
    if not total:
        write(axes, where.blocks, y, "none", style="italic", color=QUIET)


def _level(axes: Axes, row: Mapping[Hashable, Any], y: float, few: int) -> None:
    """Draw the raw mean, and the estimate on its interval; in words where there is no mean."""
    mean, estimate, low, high = (float(row[name]) for name in ("mean", "estimate", "low", "high"))
    left, right = axes.get_xlim()
    if np.isnan(mean):
        write(axes, left, y, reason(row["flag"]), style="italic", color=QUIET)
        return
    if np.isfinite(low) and np.isfinite(high):
        rule(axes, (max(low, left), min(high, right)), (y, y), color=COLOUR, linewidth=0.9, zorder=3)
    if np.isfinite(estimate):
        mark(axes, estimate, y, colour=COLOUR, hollow=row["n"] < few, zorder=4)
    mark(axes, mean, y, zorder=5, **RAW)
