"""First codes against first and second codes together: two bars per code, second codes hatched, with share and rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import percent, require_columns, require_counts, require_labels
from nsi.figures.keys import fill_key, fit_keys
from nsi.figures.lettering import line_height, text_width
from nsi.figures.page import box, new_page, write
from nsi.figures.row_layout import CASE_SHARE, lay_rows
from nsi.figures.style import INK, NARROW, OKABE_ITO, QUIET, WIDE, house_style
from nsi.figures.value_axis import FOOT, value_axis
from nsi.figures.value_columns import require_once, require_width

TABLE = "table of codes"
NEEDED = ["n_first", "n_second"]
BAR = 2.6  # mm, height of a bar
LANE = line_height() + 0.3  # mm from one bar of a row to the next
PAD = 2.0  # mm that a row is higher than its two bars
APART = 2.2  # mm between two columns of numbers
FIRST = {"facecolor": "#C8C8C8", "edgecolor": INK}
BOTH = {"facecolor": OKABE_ITO[0], "edgecolor": INK}
SECOND = {"facecolor": "#FFFFFF", "edgecolor": OKABE_ITO[0], "hatch": "//////"}
HEADS = ("rank", "share", "n/N")


@house_style()
def combined_bars(
    counts: pd.DataFrame,
    *,
    code: str,
    labels: Mapping[str, str],
    first_label: str,
    combined_label: str,
    second_label: str,
    title: str,
    note: str,
    width: float = WIDE,
) -> Figure:
    """Draw each code's share of first codes above its share of all codes, first and second.

    Parameters
    ----------
    counts : DataFrame
        One row per code, drawn as they come: the column named by `code`, ``n_first`` (units with that first code) and
        ``n_second`` (units with it as second code), whole numbers.
    code : str
        The column of codes.
    labels : mapping of str to str
        Code to printed label.
    first_label, combined_label, second_label : str
        What the upper bar, the lower bar and its hatched end are called in the key.
    title, note : str
        The statement above and the reading aid below.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the codes need. The upper bar is n_first of all first codes, the lower one n_first and n_second of
        all first and second codes, so that bars of each kind add up to all. Rank, share and n/N of both stand at the
        right; equals share the better rank.

    Raises
    ------
    StudyError
        If a column or label is missing, a code stands twice, a count is no whole number, or there are no first codes.
    """
    room = require_width(width)
    rows = _checked(counts, code, labels)
    columns = _columns(rows)
    wide = [max(map(text_width, [head, *texts])) for head, texts in zip(HEADS, columns, strict=True)]
    taken = fsum(wide) + APART * len(wide) + 3.0
    above = width == NARROW  # beside labels a scale of that page is too short
    most = room - 2.4 if above else CASE_SHARE * room
    laid = lay_rows([labels[name] for name in rows.index], most=most, step=2 * LANE + PAD, room=room, above=above)
    keys = fit_keys([fill_key(first_label, **FIRST), fill_key(combined_label, **BOTH),
                     fill_key(second_label, **SECOND)], room)  # fmt: skip
    head = keys.height + 1.5 + line_height() + 0.8
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    left, right = laid.width + 2.5, page.width - 0.8
    limit = 1.04 * float(rows[["share_first", "share_combined"]].to_numpy().max())
    axes = value_axis(page, left, head, right - taken - left, laid.height, (0.0, limit))
    ticks = [float(tick) for tick in axes.get_xticks()]
    axes.set_xticks(ticks, [f"{100 * tick:.3g}%" for tick in ticks])
    places = [laid.middle(place) + side * LANE / 2 for place in range(len(rows)) for side in (-1, 1)]
    _bars(axes, rows, places)
    _print(ground, columns, wide, [head + y for y in places], head)
    return page.figure


def _checked(counts: pd.DataFrame, code: str, labels: Mapping[str, str]) -> pd.DataFrame:
    """Refuse what cannot be drawn; give counts, shares and ranks by code."""
    require_columns(counts, [code, *NEEDED], table=TABLE)
    require_once(counts, [code], table=TABLE)
    rows = pd.DataFrame({name: require_counts(counts, name, table=TABLE) for name in NEEDED})
    rows.index = pd.Index(counts[code].astype(str))
    require_labels(labels, list(rows.index), what=f"codes of the {TABLE}")
    if not rows["n_first"].sum():
        raise StudyError(f"{TABLE}: no unit has a first code; say so in words instead of drawing")
    rows["n_combined"] = rows["n_first"] + rows["n_second"]
    for name in ("first", "combined"):
        rows[f"share_{name}"] = rows[f"n_{name}"] / rows[f"n_{name}"].sum()
        rows[f"rank_{name}"] = rows[f"n_{name}"].rank(ascending=False, method="min").astype("int64")
    return rows


def _columns(rows: pd.DataFrame) -> list[list[str]]:
    """Rank, share and n/N of both bars, from top to bottom."""
    columns: list[list[str]] = [[], [], []]
    for _, row in rows.iterrows():
        for name in ("first", "combined"):
            n, whole = int(row[f"n_{name}"]), int(rows[f"n_{name}"].sum())
            for column, text in zip(columns, (f"{row[f'rank_{name}']:.0f}", percent(n, whole), f"{n:,}/{whole:,}"),
                                    strict=True):  # fmt: skip
                column.append(text)
    return columns


def _bars(axes: Axes, rows: pd.DataFrame, places: Sequence[float]) -> None:
    """Draw both bars of every code; the hatched end of the lower one is what second codes add."""
    whole = rows["n_combined"].sum()
    uppers, lowers = places[::2], places[1::2]
    for upper, lower, (_, row) in zip(uppers, lowers, rows.iterrows(), strict=True):
        start = row["n_first"] / whole
        box(axes, 0, upper - BAR / 2, row["share_first"], BAR, gid="first", **FIRST)
        box(axes, 0, lower - BAR / 2, start, BAR, gid="combined", **BOTH)
        if row["n_second"]:
            box(axes, start, lower - BAR / 2, row["n_second"] / whole, BAR, gid="second", **SECOND)


def _print(
    axes: Axes, columns: Sequence[Sequence[str]], wide: Sequence[float], places: Sequence[float], top: float
) -> None:
    """Print the columns at the right under their headings."""
    right = axes.get_xlim()[1] - 0.8
    for head, texts, width in reversed(list(zip(HEADS, columns, wide, strict=True))):
        write(axes, right, top - 0.8, head, ha="right", va="bottom", color=QUIET)
        for text, y in zip(texts, places, strict=True):
            write(axes, right, y, text, ha="right")
        right -= width + APART
