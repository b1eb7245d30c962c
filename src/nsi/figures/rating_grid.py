"""Grid of ratings: rows against columns, each cell shaded by its level, with its word and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import require_labels
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.keys import SAMPLE, Key, Keys, fill_key, fit_keys, mark, mark_key
from nsi.figures.lettering import block_height, block_width, text_width, wrap
from nsi.figures.page import box, new_page, rule, write
from nsi.figures.rating_cells import EMPTY, NOT_LOOKED, TABLE, RatingCells, fitting_texts, rating_cells
from nsi.figures.rating_columns import APART, Places, headings_over, share_out, signs_of
from nsi.figures.row_layout import CASE_SHARE, Rows, lay_rows
from nsi.figures.style import QUIET, RULE, SEQUENTIAL, WHITE, WIDE, house_style, text_on
from nsi.figures.value_columns import require_width

CELL = 5.0  # mm, the narrowest column: one digit and a sign in its corner
ROW = 4.9  # mm, the lowest row
CORNER = 2.0  # mm that the sign of thin or mixed evidence takes
SIGN = 4.0  # mm for the sign that marks a row
STAR = 6.0  # pt, the sign of a marked row
HATCH = "/////"
PALE, DARK = 0.06, 0.92  # ends of the ramp: the lowest level is not paper, the highest not black
THIN, MIXED = "thin", "mixed"
CORNERS = {THIN: "o", MIXED: "D"}


@house_style()
def rating_grid(
    cells: pd.DataFrame,
    *,
    row_labels: Mapping[str, str],
    column_labels: Mapping[str, str],
    levels: Sequence[str] | Mapping[str, str],
    title: str,
    note: str,
    columns_under: Mapping[str, str] | None = None,
    row_marks: Mapping[str, str] | None = None,
    row_bands: Mapping[str, str] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw ratings of rows on columns; every cell is a word or number on its shade, or a sign that the key tells.

    Parameters
    ----------
    cells : DataFrame
        One row per pair of row and column, all pairs: ``row``, ``column``, ``shown`` (short text), ``level`` (one
        of `levels`, or missing) and ``state``: strong, thin (one source), mixed (for and against), absent (looked
        for, none found), not_looked, or value (a plain attribute).
    row_labels, column_labels : mapping of str to str
        Rows from top to bottom and columns from left to right, with printed labels; those without cells are left
        out.
    levels : sequence of str, or mapping of str to str
        Levels from low to high, as a mapping with what they are called in the key.
    title, note : str
        The statement above and the reading aid below.
    columns_under : mapping of str to str, optional
        Column to the heading that it stands under; columns under one heading stand side by side.
    row_marks : mapping of str to str, optional
        Row to what marks it ("" for none); each of at most five different ones has its sign in the key.
    row_bands : mapping of str to str, optional
        Row to the heading of its band; a heading stands where it changes.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. Where the short texts do not fit the columns, all cells print the words of their
        level, and where these do not fit either, its number from 1 up.

    Raises
    ------
    StudyError
        If a column, label or cell is missing, something stands twice or is unknown, or the columns do not fit.
    """
    room = require_width(width)
    words = [str(levels[name]) if isinstance(levels, Mapping) else str(name) for name in levels]
    data = rating_cells(cells, row_labels, column_labels, list(levels))
    marks = {row: text for row, text in (row_marks or {}).items() if row in data.rows and str(text).strip()}
    signs = signs_of(marks)
    under = headings_over(data, columns_under)
    side = SIGN if signs else 0.0
    gaps = sum(one != other for one, other in zip(under[1:], under[:-1], strict=True)) * APART
    most = min(CASE_SHARE * room, room - side - gaps - CELL * len(data.columns) - 2.0)
    label = min(max(text_width(row_labels[row], bold=row in marks) for row in data.rows) + 1.6, most)
    if most < 2 * CELL:
        raise StudyError(f"{TABLE}: {len(data.columns)} columns do not fit on {width:g} mm; draw them in two figures")
    places = share_out(data, under, label + 1.6 + side, room, gaps)
    texts, numbered = fitting_texts(data, words, places.width)
    rows = _rows(data, row_labels, texts, row_bands, label, room)
    heads = fit_headings([column_labels[column] for column in data.columns], places.width)
    keys = fit_keys(_keys(data, words, signs, numbered=numbered), room)
    over = max((block_height(wrap(text, size, bold=True)) + 1.6 for text, _, size in places.groups if text), default=0)
    top = keys.height + 2.0 + over + heads.height + 1.0
    page = new_page(width, top + rows.height + 0.5, title=title, note=note)
    panel = page.panel(0, 0, page.width, top + rows.height + 0.5)
    _draw_frame(panel, keys, places, heads, over, top)
    rows.draw(panel, top, label + 1.6 + side)
    for place, row in enumerate(data.rows):
        if row in marks:
            mark(panel, label + 1.6 + SIGN / 2, top + rows.middle(place), marker=signs[marks[row]], markersize=STAR)
        _draw_row(panel, data, row, texts, places, (top + rows.tops[place], rows.heights[place]), len(words))
    return page.figure


def _rows(
    data: RatingCells,
    labels: Mapping[str, str],
    texts: Mapping[tuple[str, str], str],
    bands: Mapping[str, str] | None,
    label: float,
    room: float,
) -> Rows:
    """Stack the rows, each as high as the longest text in it."""
    tall = [max(block_height(texts[row, column]) for column in data.columns) + 1.6 for row in data.rows]
    if bands is not None:
        require_labels(bands, data.rows, what=f"bands of the {TABLE}")
    return lay_rows(
        [labels[row] for row in data.rows],
        most=label,
        step=[max(ROW, height) for height in tall],
        headings=None if bands is None else [bands[row] for row in data.rows],
        room=room,
    )


def level_fill(place: int, n_levels: int) -> tuple[float, float, float, float]:
    """Colour of a level, counted from 0 at the lowest; one level alone stands in the middle of the ramp."""
    step = place / (n_levels - 1) if n_levels > 1 else 0.5
    red, green, blue, full = SEQUENTIAL(PALE + (DARK - PALE) * step)
    return float(red), float(green), float(blue), float(full)


def _keys(data: RatingCells, words: Sequence[str], signs: Mapping[str, str], *, numbered: bool) -> list[Key]:
    """Name the levels, and of states and signs those that occur."""
    found = data.states()
    keys = []
    if any(cell.level is not None for cell in data.cells.values()):
        told = [f"{place + 1}: {word}" if numbered else word for place, word in enumerate(words)]
        fills = [level_fill(place, len(words)) for place in range(len(words))]
        keys = [fill_key(text, facecolor=fill, edgecolor=RULE) for text, fill in zip(told, fills, strict=True)]
    if "absent" in found:
        keys.append(fill_key("looked for, none found", hatch=HATCH, edgecolor=RULE))
    if "not_looked" in found:
        keys.append(Key(lambda axes, x, y: _not_looked(axes, x + SAMPLE / 2, y), "not looked for"))
    if THIN in found:
        keys.append(mark_key("one source only", marker=CORNERS[THIN], hollow=True, markersize=3.0))
    if MIXED in found:
        keys.append(mark_key("evidence for and against", marker=CORNERS[MIXED], markersize=3.0))
    return keys + [mark_key(text, marker=sign, markersize=STAR) for text, sign in signs.items()]


def _not_looked(axes: Axes, x: float, y: float) -> None:
    write(axes, x, y, NOT_LOOKED, ha="center", color=QUIET)


def _draw_frame(axes: Axes, keys: Keys, places: Places, heads: Headings, over: float, top: float) -> None:
    """Draw the key, the headings of groups with their rules, and the headings of columns."""
    keys.draw(axes)
    for text, left, width in places.groups:
        if text:
            write(axes, left, keys.height + 2.0 + over - 1.2, wrap(text, width, bold=True), weight="bold", va="bottom")
            rule(axes, (left, left + width), (keys.height + 2.0 + over - 0.7,) * 2)
    heads.draw(axes, [left + places.width / 2 for left in places.lefts], top - 1.0)


def _draw_row(
    axes: Axes,
    data: RatingCells,
    row: str,
    texts: Mapping[tuple[str, str], str],
    places: Places,
    span: tuple[float, float],
    n_levels: int,
) -> None:
    """Draw the cells of one row: shade and text, a hatch where nothing was found, a sign for thin and mixed."""
    top, height = span
    for column, left in zip(data.columns, places.lefts, strict=True):
        cell = data.cells[row, column]
        shaded = cell.level is not None and cell.state not in EMPTY
        fill = level_fill(cell.level or 0, n_levels) if shaded else WHITE
        hatch = HATCH if cell.state == "absent" else ""
        box(axes, left, top, places.width, height, facecolor=fill, edgecolor=RULE, linewidth=0.4, hatch=hatch)
        centre, text = left + places.width / 2, texts[row, column]
        if cell.state == "not_looked":
            _not_looked(axes, centre, top + height / 2)
        elif text:
            if cell.state in (THIN, MIXED):  # the sign in the corner must not touch the word
                centre -= max(min(block_width(text) / 2 + CORNER - places.width / 2, 0.8), 0.0)
            write(axes, centre, top + height / 2, text, ha="center", multialignment="center", color=text_on(fill))
        if cell.state in (THIN, MIXED):
            _corner(axes, left + places.width - 1.1, top + 1.1, cell.state, text_on(fill))


def _corner(axes: Axes, x: float, y: float, state: str, ink: str) -> None:
    """Draw the sign of thin or mixed evidence in the corner of a cell."""
    inner = "none" if state == THIN else ink
    mark(
        axes, x, y, marker=CORNERS[state], markersize=2.1,
        markerfacecolor=inner, markeredgecolor=ink, markeredgewidth=0.6,
    )  # fmt: skip
