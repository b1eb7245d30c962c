"""Few cases as named points: one value against another, groups told by mark, intervals where there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_codes, require_columns, require_labels
from nsi.figures.keys import MARK, Key, fit_keys, line_key, mark, mark_key
from nsi.figures.label_places import Box, label_places
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.style import MARKS, NARROW, QUIET, RULE, house_style
from nsi.figures.value_axis import GRID, number, value_limits
from nsi.figures.value_columns import require_once, require_values, require_width

TABLE = "table of points"
TALL = 62.0  # mm, the plot; higher than that says no more of few points
NAME = 30.0  # mm, the longest line of a point's name
EDGE = 0.6  # mm


@house_style()
def labelled_points(
    points: pd.DataFrame,
    *,
    case: str,
    x: str,
    y: str,
    group: str,
    labels: Mapping[str, str],
    group_labels: Mapping[str, str],
    x_label: str,
    y_label: str,
    title: str,
    note: str,
    low: str = "",
    high: str = "",
    shares: Sequence[str] = (),
    x_within: tuple[float, float] | None = None,
    y_within: tuple[float, float] | None = None,
    confidence: float = 0.95,
    width: float = NARROW,
) -> Figure:
    """Draw each case as a point with its name.

    Parameters
    ----------
    points : DataFrame
        One row per case, with the columns named by the next arguments. A case without x or y is named below the plot.
    case, x, y, group : str
        Columns of the case, of both values, and of the group that gives the mark.
    labels, group_labels : mapping of str to str
        Case and group to printed label; groups in the order of their marks, at most five. Names of cases of the last
        group listed are bold.
    x_label, y_label : str
        What the axes show.
    title, note : str
        The statement above and the reading aid below.
    low, high : str
        Columns of an interval of y; none where "".
    shares : sequence of str
        Of x and y those that are shares, printed in per cent.
    x_within, y_within : tuple of float, optional
        What the axes must cover in any case.
    confidence : float
        Of the intervals, for the key.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        The plot is 62 mm high; a line joins a name to its point where others stand between them.

    Raises
    ------
    StudyError
        If a column or label is missing, a case stands twice, a value is no number, or no case has both values.
    """
    room = require_width(width)
    known, bare = _checked(points, case, x, y, group, labels, group_labels, low, high)
    spans = bool(low and high)
    keys = fit_keys(_keys(group_labels, confidence, spans=spans), room)
    head = wrap(y_label, room)
    foot = wrap(x_label, room)
    lacking = wrap(f"Without a value: {listed([labels[name] for name in bare], len(bare))}.", room) if bare else ""
    top = keys.height + 2.0 + block_height(head) + 1.6
    total = top + TALL + line_height() + 2.4 + block_height(foot) + (1.5 + block_height(lacking) if lacking else 0)
    page = new_page(width, total, title=title, note=note)
    ground = page.panel(0, 0, page.width, total)
    keys.draw(ground)
    write(ground, 0, keys.height + 2.0, head, va="top", color=QUIET)
    reached = known[[y, low, high] if spans else [y]].to_numpy(dtype=float).ravel()
    limits = (value_limits(known[x], x_within), value_limits(reached, y_within))
    left = max(text_width(text) for text in ("100%", "−88.8")) + 1.5
    axes = _plot(page, left, top, page.width - left - 1.0, limits, (x in shares, y in shares))
    write(ground, left, total - (1.5 + block_height(lacking) if lacking else 0), foot, va="bottom", color=QUIET)
    if lacking:
        write(ground, 0, total, lacking, va="bottom")
    _draw(axes, known, (case, x, y, group), (low, high) if spans else ("", ""), labels, list(group_labels))
    return page.figure


def _checked(
    points: pd.DataFrame,
    case: str,
    x: str,
    y: str,
    group: str,
    labels: Mapping[str, str],
    group_labels: Mapping[str, str],
    low: str,
    high: str,
) -> tuple[pd.DataFrame, list[str]]:
    """Refuse what cannot be drawn; give the cases with both values, and the names of the others."""
    values = [x, y, *(name for name in (low, high) if name)]
    require_columns(points, [case, group, *values], table=TABLE)
    require_once(points, [case], table=TABLE)
    require_labels(labels, [str(name) for name in points[case]], what=f"cases of the {TABLE}")
    require_labels(group_labels, list(group_labels), what=f"groups of the {TABLE}")
    if len(group_labels) > len(MARKS):
        raise StudyError(f"{TABLE}: {len(group_labels)} groups, but {len(MARKS)} can be told apart; join some of them")
    require_codes(points[group].astype("str"), list(group_labels), table=TABLE)
    numbers = points.assign(**{name: require_values(points, name, table=TABLE) for name in values})
    there = numbers[[x, y]].notna().all(axis=1)
    if not there.any():
        raise StudyError(f"{TABLE}: no case has both {x} and {y}; say so in words instead of drawing")
    return numbers[there], [str(name) for name in numbers.loc[~there, case]]


def _keys(group_labels: Mapping[str, str], confidence: float, *, spans: bool) -> list[Key]:
    pairs = zip(group_labels.values(), MARKS, strict=False)
    keys = [mark_key(text, colour=colour, marker=shape) for text, (colour, shape) in pairs]
    return [*keys, line_key(f"{confidence:.0%} interval", linewidth=0.9)] if spans else keys


def _plot(
    page: Page,
    left: float,
    top: float,
    across: float,
    limits: tuple[tuple[float, float], tuple[float, float]],
    shares: tuple[bool, bool],
) -> Axes:
    """Axes with a pale grid; the numbers are few and round."""
    axes = page.plot(left, top, across, TALL)
    axes.set(xlim=limits[0], ylim=limits[1])
    for side, (first, last), share, most in zip("xy", limits, shares, (across // 14, 6), strict=True):
        ticks = MaxNLocator(max(int(most), 2), steps=[1, 2, 2.5, 5, 10]).tick_values(first, last)
        shown = [float(tick) for tick in ticks if first - 1e-9 <= tick <= last + 1e-9]
        digits = next((d for d in (0, 1, 2) if all(abs(round(tick, d) - tick) < 1e-9 for tick in shown)), 3)
        texts = [f"{100 * tick:.3g}%" if share else number(tick, digits) for tick in shown]
        (axes.set_xticks if side == "x" else axes.set_yticks)(shown, texts)
        for tick in shown:
            (axes.axvline if side == "x" else axes.axhline)(tick, color=GRID, linewidth=0.4, zorder=0)
    axes.tick_params(length=2, pad=1.5)
    axes.set_facecolor("none")
    return axes


def _draw(
    axes: Axes,
    known: pd.DataFrame,
    columns: tuple[str, str, str, str],
    interval: tuple[str, str],
    labels: Mapping[str, str],
    groups: Sequence[str],
) -> None:
    """Draw intervals, marks and names, in mm so that names know how much room they take."""
    case, x, y, group = columns
    looks = dict(zip(groups, MARKS, strict=False))
    over = _over(axes)
    places, taken = [], []
    for row in known.to_dict("records"):
        colour, shape = looks[str(row[group])]
        at = _mm(axes, over, row[x], row[y])
        if interval[0] and pd.notna(row[interval[0]]) and pd.notna(row[interval[1]]):
            ends = [_mm(axes, over, row[x], row[name])[1] for name in interval]
            rule(over, (at[0], at[0]), ends, color=colour, linewidth=0.9, zorder=3)
            taken.append(Box(at[0] - 0.4, min(ends), at[0] + 0.4, max(ends)))
        mark(over, *at, colour=colour, marker=shape, markersize=MARK + 0.8)
        taken.append(Box(at[0] - 1.1, at[1] - 1.1, at[0] + 1.1, at[1] + 1.1))
        places.append(at)
    names = [wrap(labels[str(name)], NAME) for name in known[case]]
    heavy = [len(groups) > 1 and str(name) == groups[-1] for name in known[group]]
    room = Box(EDGE, EDGE, over.get_xlim()[1] - EDGE, TALL - EDGE)
    for at, text, put, bold in zip(
        places, names, label_places(places, names, room=room, taken=taken, bold=heavy), heavy, strict=True
    ):
        if put.tied:
            rule(over, (at[0], put.x), (at[1], put.y), color=RULE, linewidth=0.4, zorder=1)
        weight = "bold" if bold else "normal"
        write(over, put.x, put.y, text, ha="center", weight=weight, multialignment="center", zorder=5)


def _over(axes: Axes) -> Axes:
    """Lay axes in mm over the plot: y runs down from its upper left corner."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    place = axes.get_position()
    over = figure.add_axes((place.x0, place.y0, place.width, place.height))
    across = place.width * figure.get_size_inches()[0] * 25.4
    over.set(xlim=(0, across), ylim=(TALL, 0))
    over.axis("off")
    return over


def _mm(axes: Axes, over: Axes, x: float, y: float) -> tuple[float, float]:
    """Where a pair of values lies on the plot, mm."""
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    return (x - x0) / (x1 - x0) * over.get_xlim()[1], (y1 - y) / (y1 - y0) * TALL
