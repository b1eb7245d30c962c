"""Joint display of cases: the score with its interval, the rating of the material, and how people judged the fit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels
from nsi.figures.headings import fit_headings
from nsi.figures.keys import Key, fill_key, fit_keys, mark, mark_key, upright_key
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, box, new_page, rule, write
from nsi.figures.row_layout import Rows, lay_rows
from nsi.figures.style import INK, NARROW, OKABE_ITO, QUIET, SEQUENTIAL, WHITE, WIDE, house_style, text_on, tint
from nsi.figures.value_axis import FOOT, number, value_axis, value_limits
from nsi.figures.value_columns import require_once, require_values, require_width

TABLE = "joint display"
NEEDED = ["case", "band", "estimate", "low", "high", "score", "n_told", "rating", "theme", "fit", "inference", "holes"]
STEP = 4.9  # mm, the lowest row
PAD = 1.8  # mm that a row is higher than the words in it
SOLID = "#333333"
LONGEST = 60  # characters of a rating; what is longer is a text and belongs in a document
ENDS = ["estimate", "low", "high"]
# Each fit has its own shape beside its word; colour only repeats it.
FITS: dict[str, dict[str, Any]] = {
    "confirms": {"marker": "o", "colour": OKABE_ITO[0]},
    "expands": {"marker": "^", "colour": OKABE_ITO[2]},
    "contradicts": {"marker": "X", "colour": OKABE_ITO[4]},
    "silent": {"marker": "s", "colour": QUIET, "hollow": True},
}


class _Columns(NamedTuple):
    """Left ends and widths in mm of what stands right of the labels."""

    score: tuple[float, float]
    n: tuple[float, float]
    rating: tuple[float, float]
    fit: tuple[float, float]


@house_style()
def joint_display(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    title: str,
    note: str,
    score_title: str,
    rating_title: str,
    levels: Sequence[str] = (),
    middle: float | None = None,
    interval: str = "its interval",
    within: tuple[float, float] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw one row per case, in the order of the frame; what is not there is said in its place.

    Parameters
    ----------
    frame : DataFrame
        One row per case, as `nsi.methods.joint_display` makes it: ``case``, ``band`` ("" if none), ``estimate``,
        ``low``, ``high`` (may be missing), ``score`` and ``n_told`` (words), ``rating``, ``theme``, ``fit``,
        ``inference`` and ``holes`` (what people still have to write; joined by "; "). Quotes and texts are for
        documents, and are not drawn.
    labels : mapping of str to str
        Case to printed label.
    title, note : str
        The statement above and the reading aid below.
    score_title, rating_title : str
        What was measured, and what was rated.
    levels : sequence of str
        Ratings from the lowest to the highest, for their shade; without them ratings are not shaded.
    middle : float, optional
        Mean of all cases, drawn as a dashed line.
    interval : str
        What the bar is, such as "its 95% interval".
    within : tuple of float, optional
        What the scale must cover in any case.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. Bands are headings where the cases of each stand together.

    Raises
    ------
    StudyError
        If a column or label is missing, a case stands twice, a rating is none of the levels, or is a whole text.
    """
    room = require_width(width)
    rows = _checked(frame, labels, levels)
    columns = _columns(room, width, max(text_width(labels[str(case)]) for case in rows["case"]))
    told = [_told(row, columns) for row in rows.to_dict("records")]
    laid = _laid(rows, labels, told, columns, room, width)
    keys = fit_keys(_keys(rows, middle, interval), room)
    heads = [fit_headings([name], across) for name, (_, across) in
             ((score_title, columns.score), (rating_title, columns.rating), ("fit", columns.fit))]  # fmt: skip
    head = keys.height + 2.8 + max(part.height for part in heads)
    height = head + laid.height + FOOT
    page = new_page(width, height, title=title, note=note)
    ground = page.panel(0, 0, page.width, height)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    for part, (left, across) in zip(heads, (columns.score, columns.rating, columns.fit), strict=True):
        part.draw(ground, [left + across / 2], head - 0.8)
    write(ground, columns.n[0] + columns.n[1], head - 0.8, "n", ha="right", va="bottom", color=QUIET)
    axes = _axes(page, rows, columns.score, head, laid, middle, within)
    for place, (row, words) in enumerate(zip(rows.to_dict("records"), told, strict=True)):
        _draw_score(axes, ground, row, laid.middle(place), head, columns)
        _draw_words(ground, row, words, head + laid.middle(place), columns, levels)
    return page.figure


def _checked(frame: pd.DataFrame, labels: Mapping[str, str], levels: Sequence[str]) -> pd.DataFrame:
    require_columns(frame, NEEDED, table=TABLE)
    require_once(frame, ["case"], table=TABLE)
    require_labels(labels, [str(case) for case in frame["case"]], what=f"cases of the {TABLE}")
    rows = frame.assign(**{name: require_values(frame, name, table=TABLE) for name in ENDS})
    given = [str(rating) for rating in rows["rating"] if rating]
    longest = max(map(len, given), default=0)
    if longest > LONGEST:
        raise StudyError(f"{TABLE}: a rating has {longest:,} characters, {LONGEST} are drawn at most; put texts into "
                         "'summary', which documents show")  # fmt: skip
    stray = [rating for rating in dict.fromkeys(given) if levels and rating not in levels]
    if stray:
        raise StudyError(f"{TABLE}: rating {listed(stray)} is none of {listed(levels, 12)}; correct it, or the levels")
    return rows


def _columns(room: float, width: float, longest: float) -> _Columns:
    """Labels stand at the left of a wide page and above their lane on a narrow one."""
    n = text_width("8,888") + 1.0
    rating, fit = (21.0, 23.0) if width == NARROW else (34.0, 38.0)
    label = 0.0 if width == NARROW else min(max(longest + 6.0, 20.0), 46.0)
    score = room - label - n - rating - fit - 7.0
    ends = [label + 1.0, score, 1.0, n, 2.5, rating, 2.0, fit]
    left, places = 0.0, []
    for gap, across in zip(ends[::2], ends[1::2], strict=True):
        left += gap
        places.append((left, across))
        left += across
    return _Columns(*places)


def _told(row: Mapping[Hashable, Any], columns: _Columns) -> tuple[str, str]:
    """Words of rating and fit, lines broken."""
    rating = row["rating"] or (row["theme"] if _open(row, "theme") else "in words only")
    fit = [str(row["fit"])] * (row["fit"] in FITS or not _open(row, "inference"))
    fit += [str(row["inference"])] * _open(row, "inference")
    inside = columns.fit[1] - (5.0 if row["fit"] in FITS else 1.6)
    return wrap(str(rating), columns.rating[1] - 1.6), "\n".join(wrap(text, inside) for text in fit)


def _laid(
    rows: pd.DataFrame, labels: Mapping[str, str], told: list[tuple[str, str]], columns: _Columns, room: float,
    width: float,
) -> Rows:  # fmt: skip
    """Stack the rows; bands are headings where the cases of each stand together."""
    steps = [max(STEP, *(block_height(text) + PAD for text in words)) for words in told]
    nothing = rows["estimate"].isna().map({True: "No score", False: "No band"})
    bands = [str(band) or word for band, word in zip(rows["band"], nothing, strict=True)]
    runs = [band for place, band in enumerate(bands) if place == 0 or band != bands[place - 1]]
    apart = len(runs) == len(set(runs)) and rows["band"].ne("").any()
    names, above = [labels[str(case)] for case in rows["case"]], width == NARROW
    most = room if above else columns.score[0] - 2.0
    return lay_rows(names, most=most, step=steps, headings=bands if apart else None, room=room, above=above)


def _keys(rows: pd.DataFrame, middle: float | None, interval: str) -> list[Key]:
    keys = [mark_key("score", colour=SOLID), fill_key(interval, facecolor=tint(SOLID, 0.3), edgecolor="none")]
    if middle is not None:
        keys.append(upright_key(f"all cases: {number(middle)}", color=QUIET, linewidth=0.8, linestyle=(0, (2, 1))))
    if (rows["estimate"].notna() & (rows["low"].isna() | rows["high"].isna())).any():
        keys.append(fill_key("no interval where no bar stands", edgecolor="none"))
    holes = sum(any(_open(row, name) for name in ("theme", "fit", "inference")) for row in rows.to_dict("records"))
    words = f"still to be written, in {holes} of {len(rows)} cases"
    return [*keys, fill_key(words, edgecolor=QUIET, linestyle=(0, (2, 1.5)))] if holes else keys


def _open(row: Mapping[Hashable, Any], name: str) -> bool:
    """Whether what stands there only says that it is still to be written."""
    return str(row[name]) in str(row["holes"]).split("; ")


def _axes(
    page: Page, rows: pd.DataFrame, across: tuple[float, float], head: float, laid: Rows, middle: float | None,
    within: tuple[float, float] | None,
) -> Axes:  # fmt: skip
    """Set up the scale; the line in the middle runs in the lanes of scores only, so that it crosses no word."""
    lines = [] if middle is None else [middle]
    limits = value_limits([*rows[ENDS].to_numpy().ravel(), *lines], within)
    axes = value_axis(page, across[0], head, across[1], laid.height, limits)
    for place, line in product(rows["estimate"].notna().to_numpy().nonzero()[0], lines):
        top, height = laid.lane(int(place))
        rule(axes, (line, line), (top, top + height), color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    return axes


def _draw_score(
    axes: Axes, ground: Axes, row: Mapping[Hashable, Any], y: float, head: float, columns: _Columns
) -> None:
    if pd.isna(row["estimate"]):
        text = wrap(str(row["score"]), columns.score[1] - 2.0)
        write(ground, columns.score[0] + 1.0, head + y, text, color=QUIET, style="italic")
    else:
        if pd.notna(row["low"]) and pd.notna(row["high"]):
            wide = row["high"] - row["low"]
            axes.barh(y, wide, left=row["low"], height=2.2, color=tint(SOLID, 0.3), zorder=2)
        mark(axes, row["estimate"], y, colour=SOLID, markersize=4.6)
    n = str(row["n_told"])
    short = text_width(n) <= text_width("8,888")  # longer are words, which the score's own words say too
    write(ground, columns.n[0] + columns.n[1], head + y, n if short else "–", ha="right")


def _draw_words(
    ground: Axes, row: Mapping[Hashable, Any], words: tuple[str, str], y: float, columns: _Columns,
    levels: Sequence[str],
) -> None:  # fmt: skip
    rating, fit = words
    left, across = columns.rating
    height = max(block_height(rating) + 0.8, line_height() + 0.8)
    if _open(row, "theme"):
        _hole(ground, left, y, across, height)
    elif row["rating"] and levels:
        share = list(levels).index(str(row["rating"])) / max(len(levels) - 1, 1)
        fill = SEQUENTIAL(0.08 + 0.62 * share)
        box(ground, left, y - height / 2, across, height, facecolor=fill, edgecolor=INK, linewidth=0.4)
        write(ground, left + across / 2, y, rating, ha="center", color=text_on(fill), multialignment="center")
        rating = ""
    write(ground, left + across / 2, y, rating, ha="center", multialignment="center")
    (left, across), known = columns.fit, row["fit"] in FITS
    if not known or _open(row, "inference"):
        _hole(ground, left, y, across, block_height(fit) + 0.8)
    if known:
        mark(ground, left + 2.3, y, **FITS[str(row["fit"])], markersize=5.0)
    write(ground, left + (4.4 if known else 0.8), y, fit)


def _hole(ground: Axes, left: float, y: float, across: float, height: float) -> None:
    box(ground, left, y - height / 2, across, height, facecolor=WHITE, edgecolor=QUIET, linestyle=(0, (2, 1.5)))
