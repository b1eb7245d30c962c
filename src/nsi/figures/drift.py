"""Drift: agreement in a window that rolls over coding time, with its band, cut-offs and changes of codebook."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import require_columns, require_counts
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.spreading import spread
from nsi.figures.style import INK, OKABE_ITO, QUIET, TEXT, WIDE, house_style, tint

TABLE = "table of windows"
NEEDED = [
    "first_unit", "last_unit", "last_date", "n_units", "estimate", "ci_low", "ci_high", "flag", "codebook_versions"
]
HEIGHT = 62.0  # mm of the scale
SIDE = 9.0  # mm for the numbers of the vertical scale
RIGHT = 11.0  # mm for the names of the cut-offs
COLOUR = OKABE_ITO[0]
FLAGS = {
    "no_variation": "no variation",
    "single_coder": "one coder only",
    "no_overlap": "no unit coded twice",
    "empty": "no ratings",
    "undated": "no dates",
}


@house_style()
def drift(
    windows: pd.DataFrame,
    *,
    title: str,
    note: str,
    measure: str,
    periods: pd.DataFrame | None = None,
    cutoffs: Sequence[float] = (0.667, 0.8),
    confidence: float = 0.95,
) -> Figure:
    """Draw agreement over coding time: a dot per window at its last unit, its interval as a band.

    Parameters
    ----------
    windows : DataFrame
        One row per window, in order: ``first_unit``, ``last_unit`` (places in the order of coding),
        ``last_date`` (a date), ``n_units``, ``estimate``, ``ci_low``, ``ci_high`` (NaN = undefined, or
        without an interval), ``flag`` (why an estimate is undefined, or "few_units"), ``codebook_versions``.
    title, note : str
        The statement above and the reading aid below.
    measure : str
        Name of the coefficient, printed above the scale.
    periods : DataFrame, optional
        One row per version of the codebook: ``codebook_version``, ``first_unit``; a dotted line stands where
        each begins.
    cutoffs : sequence of float
        Where to draw dashed lines.
    confidence : float
        Of the intervals, for the legend.

    Returns
    -------
    Figure
        174 mm wide. An undefined window has a cross at the foot and its reason in the legend; one of fewer
        units than asked for has a hollow dot.

    Raises
    ------
    StudyError
        If a column is missing, no window holds a unit, or an estimate is above 1 or missing without a
        reason.
    """
    _check(windows, periods)
    legend = _legend(windows, measure, confidence)
    room = WIDE - 4 - SIDE
    text = wrap(legend, room)
    head = block_height(text) + 1.5 + (line_height() + 1.0 if periods is not None else 0.0)
    foot = 3 * line_height() + 3.5
    page = new_page(WIDE, head + HEIGHT + foot, title=title, note=note)
    top = page.panel(SIDE, 0, room, head)
    write(top, 0, block_height(text) / 2, text)
    axes = _scale(page, windows, head, cutoffs)
    if periods is not None:
        _draw_periods(top, axes, periods, head)
    _draw_windows(axes, windows)
    _draw_ticks(page, axes, windows, head)
    return page.figure


def _check(windows: pd.DataFrame, periods: pd.DataFrame | None) -> None:
    require_columns(windows, NEEDED, table=TABLE)
    for column in ("first_unit", "last_unit", "n_units"):
        require_counts(windows, column, table=TABLE)
    if periods is not None:
        require_columns(periods, ["codebook_version", "first_unit"], table="table of codebook versions")
    if (windows["n_units"] == 0).any():
        why = FLAGS.get(str(windows["flag"].iloc[0]), str(windows["flag"].iloc[0]))
        raise StudyError(f"{TABLE}: no unit to draw ({why}); say so in words instead of drawing")
    bare = windows["estimate"].isna() & windows["flag"].fillna("").isin(["", "few_units"])
    for odd, told in (
        (windows["estimate"] > 1, "estimate is above 1; give a coefficient, not per cent"),
        (bare, f"estimate is missing without a reason; put one in flag: {', '.join(FLAGS)}"),
    ):
        if odd.any():
            raise StudyError(f"{TABLE} row {int(odd.to_numpy().argmax()) + 1}: {told}")


def _legend(windows: pd.DataFrame, measure: str, confidence: float) -> str:
    """Say what dots, band and crosses are, and of how many units each window is."""
    sizes = sorted({int(n) for n in windows["n_units"]})
    n = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    parts = [f"{measure} in windows of {n} units; band: {confidence:.0%} interval"]
    if (windows["flag"] == "few_units").any():
        parts.append("hollow: fewer units than the window asks for")
    reasons = dict.fromkeys(str(flag) for flag in windows.loc[windows["estimate"].isna(), "flag"])
    if reasons:
        parts.append(f"cross: undefined ({', '.join(FLAGS.get(r, r.replace('_', ' ')) for r in reasons)})")
    return "; ".join(parts)


def _scale(page: Page, windows: pd.DataFrame, head: float, cutoffs: Sequence[float]) -> Axes:
    """Axes: places in the order of coding to the right, the coefficient upward; cut-offs dashed and named."""
    width = page.width - SIDE - RIGHT
    axes = page.plot(SIDE, head, width, HEIGHT)
    first, last = int(windows["last_unit"].min()), int(windows["last_unit"].max())
    air = max((last - first) * 0.04, 1.0)
    lowest = float(np.nanmin([0.0, *windows["estimate"], *windows["ci_low"]]))
    low = np.floor(lowest * 5) / 5
    axes.set(xlim=(first - air, last + air), ylim=(low - 0.02 * (1 - low), 1 + 0.02 * (1 - low)))
    ticks = np.arange(round(low * 5), 6) / 5
    axes.set_yticks(ticks, [f"{tick:.1f}".replace("-", "−") for tick in ticks])
    axes.set_xticks([])
    if low < 0:
        axes.axhline(0, color=INK, linewidth=0.6)
    side = page.panel(SIDE + width, head, RIGHT, HEIGHT)
    wanted = [(axes.get_ylim()[1] - cut) / np.ptp(axes.get_ylim()) * HEIGHT for cut in sorted(cutoffs, reverse=True)]
    places = spread(wanted, [line_height()] * len(wanted), 0, HEIGHT)
    for cut, y in zip(sorted(cutoffs, reverse=True), places, strict=True):
        axes.axhline(cut, color=QUIET, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2)
        write(side, 1.2, y, f"{cut:.3f}".rstrip("0").ljust(4, "0"), color=QUIET)
    return axes


def _draw_periods(top: Axes, axes: Axes, periods: pd.DataFrame, head: float) -> None:
    """Draw a dotted line where a version of the codebook begins, its name above; "" is no version."""
    left, right = axes.get_xlim()
    width = WIDE - 4 - SIDE - RIGHT
    named: list[tuple[float, str]] = []
    for first, version in zip(periods["first_unit"], periods["codebook_version"], strict=True):
        place = (float(first) - 0.5 - left) / (right - left) * width
        if place <= 0:
            named = [(0.0, str(version))] if version else []  # in force when the first window ended
        elif place < width:
            axes.axvline(float(first) - 0.5, color=INK, linewidth=0.9, linestyle=(0, (1, 2)), zorder=2)
            named += [(place, str(version))] if version else []
    names = _fitting([f"codebook {name}" if x == 0 else f"codebook {name} from here" for x, name in named],
                     [name for _, name in named], width + RIGHT)  # fmt: skip
    sizes = [text_width(name) + 2.0 for name in names]
    wanted = [place + size / 2 for (place, _), size in zip(named, sizes, strict=False)]
    for name, x in zip(names, spread(wanted, sizes, 0, width + RIGHT), strict=True):
        write(top, x, head - 1.0, name, ha="center", va="bottom", color=QUIET)


def _fitting(long: list[str], short: list[str], room: float) -> list[str]:
    """Names of versions that fit side by side; where even the short ones do not, only how many there are."""
    for names in (long, short):
        if sum(text_width(name) + 2.0 for name in names) <= room:
            return names
    return [f"{len(short)} versions of the codebook"]


def _draw_windows(axes: Axes, windows: pd.DataFrame) -> None:
    x = windows["last_unit"].to_numpy(dtype=float)
    value, low, high = (windows[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
    axes.fill_between(x, low, high, facecolor=tint(COLOUR, 0.25), edgecolor=COLOUR, linewidth=0.4, zorder=1)
    for place in np.flatnonzero(~np.isnan(low)):  # a window alone between undefined ones has no band
        rule(axes, (x[place],) * 2, (low[place], high[place]), color=COLOUR, linewidth=0.5, zorder=1)
    axes.plot(x, value, color=COLOUR, linewidth=1.2, zorder=3)
    few = (windows["flag"] == "few_units").to_numpy()
    for where, fill in ((~few, COLOUR), (few, "white")):
        axes.plot(x[where], value[where], linestyle="none", marker="o", markersize=4.2, color=COLOUR,
                  markerfacecolor=fill, markeredgecolor=COLOUR, zorder=4, clip_on=False)  # fmt: skip
    undefined = np.isnan(value)
    foot = np.full(int(undefined.sum()), axes.get_ylim()[0] + 0.03 * np.ptp(axes.get_ylim()))
    axes.plot(x[undefined], foot, linestyle="none", marker="x", markersize=5, color=INK, zorder=4)


def _draw_ticks(page: Page, axes: Axes, windows: pd.DataFrame, head: float) -> None:
    """Print place and day of the last unit below as many windows as there is room for."""
    left, right = axes.get_xlim()
    width = page.width - SIDE - RIGHT
    foot = page.panel(0, head + HEIGHT, page.width, 3 * line_height() + 3.5)
    room = text_width("8888-88-88", TEXT) + 2.5
    end = -np.inf
    shown = windows.drop_duplicates("last_unit", keep="last")
    for place, day in zip(shown["last_unit"], shown["last_date"], strict=True):
        x = SIDE + (float(place) - left) / (right - left) * width
        if x - room / 2 >= end:
            rule(foot, (x, x), (0, 1.0))
            write(foot, x, 1.5 + line_height(), f"{int(place):,}\n{day:%Y-%m-%d}", ha="center", multialignment="center")
            end = x + room / 2
    told = "Last unit of the window in the order of coding, and the day on which it stands there"
    write(foot, SIDE + width / 2, 2.5 + 2.5 * line_height(), told, ha="center")
