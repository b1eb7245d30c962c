"""Counts of codes over periods: one band of bars per code, each before the pale bar of all, every n printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import percent, require_codes, require_columns, require_labels
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.keys import fill_key, fit_keys
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, box, new_page, rule, write
from nsi.figures.style import INK, MAX_HEIGHT, QUIET, WIDE, CodeLook, code_looks, house_style
from nsi.figures.value_columns import require_once, require_reasons, require_values, require_width

TABLE = "table of counts"
PALE = "#E6E6E6"  # ground of all units of a period
TALL, LOW = 18.0, 9.0  # mm, most and least height of a band
BETWEEN = 2.0  # mm between two bands
FULLEST = 12.0  # mm, the widest bar
AIR = 0.8  # mm between a bar and its number


@dataclass(frozen=True)
class Band:
    """One row of bars: what is printed above, the counts of each period, and the look (None: all units)."""

    words: str
    counts: tuple[float, ...]
    reasons: tuple[str, ...]
    look: CodeLook | None


@house_style()
def counts_over_time(
    counts: pd.DataFrame,
    *,
    period: str,
    code: str,
    order: Sequence[str],
    period_labels: Mapping[str, str],
    code_labels: Mapping[str, str],
    all_label: str,
    title: str,
    note: str,
    unused: Sequence[str] = (),
    width: float = WIDE,
) -> Figure:
    """Draw how many units had each code in each period, a band of bars for every code.

    Parameters
    ----------
    counts : DataFrame
        One row per period and code, also where nothing was counted: the columns named by `period` and `code`, ``n``
        (a whole number, or missing where it is withheld) and, if any is missing, ``flag`` (why). Periods are drawn
        as they come.
    period, code : str
        The two columns.
    order : sequence of str
        Codes from top to bottom.
    period_labels, code_labels : mapping of str to str
        Printed labels. A code keeps its colour and hatch by its place among the labels, whatever the order.
    all_label : str
        What all units of a period are called.
    title, note : str
        The statement above and the reading aid below.
    unused : sequence of str
        Codes that mean "nothing of the kind"; drawn in grey.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        All bands on one scale, behind each bar that of all units of the period, so that both number and share can be
        seen. Numbers are left out where periods are too many for them to stand side by side.

    Raises
    ------
    StudyError
        If a column or label is missing, a pair stands twice or not at all, a code is not in the order, or a count is
        no whole number or missing without a reason.
    """
    room = require_width(width)
    table, reasons = _checked(counts, period, code, order)
    require_labels(period_labels, list(table.index), what=f"periods of the {TABLE}")
    require_labels(code_labels, order, what=f"codes of the {TABLE}")
    looks = code_looks(list(code_labels), neutral=unused)
    bands = [_all(table, all_label), *(_band(table, reasons, name, code_labels[name], looks[name]) for name in order)]
    bands = [Band(wrap(band.words, room, bold=True), band.counts, band.reasons, band.look) for band in bands]
    step = room / len(table)
    heads = _headings([period_labels[name] for name in table.index], step)
    keys = fit_keys([fill_key(f"{all_label} of the period", facecolor=PALE, edgecolor="none")], room)
    tall = _height(bands, keys.height + heads.height)
    tops = [keys.height + 2.0 + heads.height + 1.5]
    for band in bands:
        tops.append(tops[-1] + block_height(band.words) + tall + BETWEEN)
    page = new_page(width, tops[-1], title=title, note=note)
    ground = page.panel(0, 0, page.width, tops[-1])
    keys.draw(ground)
    heads.draw(ground, [step * (place + 0.5) for place in range(len(table))], tops[0] - 1.5)
    for band, top in zip(bands, tops, strict=False):
        write(ground, 0, top, band.words, va="top", weight="bold")
        _draw(page, band, bands[0], top + block_height(band.words), tall)
    return page.figure


def _checked(
    counts: pd.DataFrame, period: str, code: str, order: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refuse what cannot be drawn; give counts and reasons, periods by codes."""
    require_columns(counts, [period, code, "n"], table=TABLE)
    require_codes(counts[code].astype(str), order, table=TABLE)
    require_once(counts, [period, code], table=TABLE)
    n = require_values(counts, "n", table=TABLE, low=0)
    if (n % 1 > 0).any():
        row = int((n % 1 > 0).to_numpy().argmax())
        raise StudyError(f"{TABLE} row {row + 1}: n is {n.iloc[row]:g}, but a count is a whole number; count again")
    flagged = counts.assign(n=n, flag=counts["flag"] if "flag" in counts.columns else "")
    require_reasons(flagged, "n", table=TABLE)
    flagged = flagged.assign(**{name: flagged[name].astype(str) for name in (period, code)})
    periods = list(dict.fromkeys(flagged[period]))
    wide = flagged.set_index([period, code])
    pairs = pd.MultiIndex.from_product([periods, order], names=[period, code])
    lacking = [f"{one} with {other}" for one, other in pairs if (one, other) not in wide.index]
    if lacking:
        raise StudyError(f"{TABLE} lacks {listed(lacking, 3)}; where nothing was counted, give a row with n = 0")
    wide = wide.reindex(pairs)
    tables = [wide[name].unstack(code).reindex(index=periods, columns=list(order)) for name in ("n", "flag")]
    return tables[0], tables[1].fillna("")


def _all(table: pd.DataFrame, label: str) -> Band:
    """All units; of a period with a count missing nobody knows how many there are."""
    whole = table.sum(axis=1, skipna=False)
    total = f": {whole.sum():,.0f}" if whole.notna().all() else ""
    reasons = ["" if known else "not known" for known in whole.notna()]
    return Band(f"{label}{total}", tuple(whole.astype(float)), tuple(reasons), None)


def _band(table: pd.DataFrame, reasons: pd.DataFrame, name: str, label: str, look: CodeLook) -> Band:
    own = table[name]
    known = table.notna().all(axis=None)
    told = f": {own.sum():,.0f} ({percent(own.sum(), table.to_numpy().sum())})" if known else ""
    why = [str(flag).replace("_", " ") if pd.isna(n) else "" for n, flag in zip(own, reasons[name], strict=True)]
    return Band(f"{label}{told}", tuple(own.astype(float)), tuple(why), look)


def _headings(labels: Sequence[str], step: float) -> Headings:
    """Names of the periods; of too many every second, third and so on is left out."""
    every = -int(-(line_height() + 0.5) // step)
    return fit_headings([label if place % every == 0 else "" for place, label in enumerate(labels)], step * every)


def _height(bands: Sequence[Band], above: float) -> float:
    """Height of a band in mm: less of it where there are many."""
    words = max(block_height(band.words) for band in bands) + BETWEEN
    return min(max((MAX_HEIGHT - 40 - above) / len(bands) - words, LOW), TALL)


def _draw(page: Page, band: Band, whole: Band, top: float, tall: float) -> None:
    """Draw one band: x in mm, y in units counted."""
    axes = page.plot(0, top, page.width, tall)
    free = AIR + line_height()  # mm above the tallest bar, for its number
    most = max([1.0, *(n for known in (band.counts, whole.counts) for n in known if pd.notna(n))])
    per_mm = most / (tall - free)
    axes.set(xlim=(0, page.width), ylim=(0, most + free * per_mm))
    axes.axis("off")
    step = page.width / len(band.counts)
    bar = min(0.72 * step, FULLEST)
    printed = all(text_width(f"{n:,.0f}") + 0.4 <= step for n in band.counts if pd.notna(n))
    for place, (n, why) in enumerate(zip(band.counts, band.reasons, strict=True)):
        middle, ground = step * (place + 0.5), whole.counts[place]
        if pd.notna(ground):
            box(axes, middle - bar / 2, 0, bar, ground, facecolor=PALE, edgecolor="none", zorder=1)
        if pd.isna(n):
            write(axes, middle, AIR * per_mm, why, ha="center", va="bottom", rotation=90, color=QUIET)
            continue
        if band.look is not None:
            fill = {"facecolor": band.look.fill, "hatch": band.look.hatch, "edgecolor": INK}
            box(axes, middle - bar / 2, 0, bar, n, zorder=2, gid="bar", **fill)
        if printed:
            write(axes, middle, n + 0.3 * per_mm, f"{n:,.0f}", ha="center", va="bottom", zorder=3)
    rule(axes, (0, page.width), (0, 0), zorder=4, clip_on=False)
