"""Attributes of few cases, ordered by an outcome, and beneath each attribute what a test of them could have shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.attribute_cells import TABLE, AttributeData, Cell, attribute_data
from nsi.figures.keys import fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import block_height, block_width, line_height, text_width, wrap
from nsi.figures.page import Page, box, joined, new_page, rule, write
from nsi.figures.row_layout import BAND, HEADING, Rows, lay_rows
from nsi.figures.selection import LOOKS
from nsi.figures.style import INK, QUIET, RULE, WHITE, WIDE, house_style, tint
from nsi.figures.value_axis import value_axis, value_limits

STEP = 4.6  # mm, the lowest row of a case
SHAPE = 3.6  # mm for the shape before a category
AIR = 2.4  # mm between columns
SCALE = 27.0  # mm for the outcome
LABEL = 30.0  # mm, the most for the name of a case
LEAST = 13.0  # mm, the narrowest column
BAR = "#56B4E9"
SHAPES = (("o", False), ("o", True), ("s", False), ("^", True), ("D", False), ("v", True), ("P", False), ("s", True))
PANEL = "What a test of these cases could have shown"


@dataclass(frozen=True)
class _Grid:
    """Left ends and widths of the columns and where names and outcome end, mm."""

    label: float
    lefts: tuple[float, ...]
    widths: tuple[float, ...]


@house_style()
def attribute_matrix(
    cases: pd.DataFrame,
    panel: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    bands: Mapping[str, str],
    attributes: Mapping[str, str],
    levels: Mapping[str, Mapping[str, str]],
    outcome_label: str,
    title: str,
    note: str,
    alpha: float = 0.05,
    confidence: float = 0.9,
) -> Figure:
    """Draw cases in rows under the headings of their bands, attributes in columns, and the tests beneath.

    Parameters
    ----------
    cases : DataFrame
        One row per case, in drawing order: ``case``, ``band``, ``value``, ``low``, ``high`` (outcome with interval),
        ``flag`` (why a value is missing; "" where fine) and one column per attribute.
    panel : DataFrame
        One row per attribute, from `small_n_panel`.
    labels, bands : mapping of str to str
        Printed label of each case, and heading of each band, from top to bottom.
    attributes : mapping of str to str
        Attributes from left to right, with printed labels.
    levels : mapping of str to mapping of str to str
        Categories of an attribute in order, with printed labels; an attribute without an entry is a number.
    outcome_label : str
        What the outcome is and in what unit.
    title, note : str
        The statement above and the reading aid below; what the rows of the panel mean is added to the note.
    alpha : float
        The level that the panel's words refer to.
    confidence : float
        Of the intervals of the outcome, for the key.

    Returns
    -------
    Figure
        174 mm wide, as high as the rows need. No cell says that an attribute does not matter: it says what the test
        reached, what it could have reached, and what it would have missed.

    Raises
    ------
    StudyError
        If a column, label, category or test is missing, a case or attribute stands twice, or there are too many
        attributes or categories.
    """
    data = attribute_data(cases, panel, labels, bands, attributes, levels, alpha)
    if any(len(known) > len(SHAPES) for known in levels.values()):
        raise StudyError(f"{TABLE}: an attribute has more than {len(SHAPES)} categories; join the rare ones")
    grid = _grid(data, labels, WIDE - 4.0)
    laid = _rows(data, labels, bands, grid)
    keys = fit_keys([*(mark_key(bands[name], **LOOKS.get(name, {})) for name in data.bands),
                     line_key(f"{confidence:.0%} interval", linewidth=1.1)], WIDE - 4.0)  # fmt: skip
    heads = [wrap(attributes[name], width, bold=True) for name, width in zip(data.names, grid.widths, strict=True)]
    own = wrap(outcome_label, SCALE)
    head = keys.height + 2.0 + max(map(block_height, [*heads, own])) + 1.0
    tests = _tests(data, grid)
    foot = head + laid.height + line_height() + 3.5
    height = foot + HEADING + fsum(tall for _, _, tall in tests)
    page = new_page(WIDE, height, title=title, note=joined(note, data.reading))
    ground = page.panel(0, 0, page.width, height)
    keys.draw(ground)
    replace(laid, headings=()).draw(ground, head, page.width)
    write(ground, grid.label + AIR, head - 1.0, own, va="bottom", color=QUIET)
    for text, left in zip(heads, grid.lefts, strict=True):
        write(ground, left, head - 1.0, text, weight="bold", va="bottom")
    _draw_outcome(page, data, laid, grid.label + AIR, head)
    _draw_cells(ground, data, laid, grid, head)
    _draw_headings(page, laid, head)
    _draw_tests(ground, data, tests, grid, foot)
    return page.figure


def _grid(data: AttributeData, labels: Mapping[str, str], room: float) -> _Grid:
    """Give every column what its longest text needs, or an equal part where that is too much."""
    label = min(max(text_width(labels[case]) for case in data.cases) + 1.5, LABEL)
    first = label + AIR + SCALE + AIR
    free = room - first - AIR * (len(data.names) - 1)
    needs = [max(LEAST, *(block_width(text) for text in data.texts(name, SHAPE))) + 0.5 for name in data.names]
    equal = free / len(data.names)
    if equal < LEAST:
        raise StudyError(f"{TABLE}: {len(data.names)} attributes do not fit on a page; draw them in two figures")
    spare = free - fsum(needs)
    widths = [need + spare / len(needs) for need in needs] if spare >= 0 else [equal] * len(needs)
    lefts = [first + fsum(widths[:place]) + AIR * place for place in range(len(widths))]
    return _Grid(label, tuple(lefts), tuple(widths))


def _rows(data: AttributeData, labels: Mapping[str, str], bands: Mapping[str, str], grid: _Grid) -> Rows:
    """Rows as high as the tallest cell."""
    steps = []
    for case in data.cases:
        texts = [_fitted(data.cells[case][name], width) for name, width in zip(data.names, grid.widths, strict=True)]
        steps.append(max(STEP, *(block_height(text) + 1.3 for text in texts)))
    headings = [bands[data.band[case]] for case in data.cases]
    shown = [labels[case] for case in data.cases]
    return lay_rows(shown, most=grid.label, step=steps, headings=headings, room=WIDE - 4)


def _fitted(cell: Cell, width: float) -> str:
    return wrap(cell.text, width - (SHAPE if cell.level is not None else 0.0))


def _draw_outcome(page: Page, data: AttributeData, laid: Rows, left: float, head: float) -> None:
    ends = data.values[["value", "low", "high"]].to_numpy(dtype=float).ravel()
    axes = value_axis(page, left, head, SCALE, laid.height, value_limits(ends))
    for place, row in enumerate(data.values.to_dict("records")):
        y, look = laid.middle(place), {"markersize": 4.6, **LOOKS.get(str(row["band"]), {})}
        if pd.isna(row["value"]):
            write(axes, axes.get_xlim()[0], y, str(row["flag"]).replace("_", " "), style="italic")
            continue
        if pd.notna(row["low"]) and pd.notna(row["high"]):
            rule(axes, (row["low"], row["high"]), (y, y), color=str(look.get("colour", INK)), linewidth=1.1, zorder=3)
        mark(axes, row["value"], y, **look)


def _draw_cells(ground: Axes, data: AttributeData, laid: Rows, grid: _Grid, head: float) -> None:
    """Write a shape and a word for a category, a bar and a number for a number."""
    for place, case in enumerate(data.cases):
        y = head + laid.middle(place)
        for name, left, width in zip(data.names, grid.lefts, grid.widths, strict=True):
            cell = data.cells[case][name]
            if cell.part is not None:
                long = max(cell.part * width, 0.4)
                box(ground, left, y - 1.5, long, 3.0, facecolor=tint(BAR, 0.45), edgecolor="none")
            if cell.level is not None:
                shape, hollow = SHAPES[cell.level]
                mark(ground, left + 1.3, y, marker=shape, hollow=hollow, markersize=4.4)
            write(ground, left + (SHAPE if cell.level is not None else 0.6), y, _fitted(cell, width),
                  style="italic" if cell.missing else "normal")  # fmt: skip


def _draw_headings(page: Page, laid: Rows, head: float) -> None:
    """Write the headings of the bands on paper, so that no line of the scale runs through them."""
    top = page.panel(0, 0, page.width, head + laid.height)
    paper = {"facecolor": WHITE, "edgecolor": "none", "pad": 0.8}
    for text, y in laid.headings:
        write(top, 0, head + y + HEADING - 0.7, text, weight="bold", va="bottom", bbox=paper)


def _tests(data: AttributeData, grid: _Grid) -> list[tuple[str, list[str], float]]:
    """Rows of the panel: heading, texts by attribute, height; lines broken."""
    side = grid.lefts[0] - AIR
    rows = []
    for heading, texts in data.tests.items():
        broken = [wrap(texts[name], width) for name, width in zip(data.names, grid.widths, strict=True)]
        told = wrap(heading, side)
        rows.append((told, broken, max(map(block_height, [told, *broken])) + 1.6))
    return rows


def _draw_tests(
    ground: Axes, data: AttributeData, tests: Sequence[tuple[str, list[str], float]], grid: _Grid, top: float
) -> None:
    right = ground.get_xlim()[1]
    write(ground, 0, top + HEADING - 0.9, PANEL, weight="bold", va="bottom")
    y = top + HEADING
    rule(ground, (0, right), (y - 0.3, y - 0.3), color=RULE)
    for place, (heading, texts, tall) in enumerate(tests):
        if place % 2 == 0:
            box(ground, 0, y, right, tall, facecolor=BAND, edgecolor="none", zorder=0)
        last = place == len(tests) - 1
        write(ground, 0.8, y + 0.8, heading, va="top", weight="bold" if last else "normal")
        for name, text, left in zip(data.names, texts, grid.lefts, strict=True):
            strong = last and data.visible[name]
            write(ground, left, y + 0.8, text, va="top", weight="bold" if strong else "normal")
        y += tall
