"""What a grid of ratings holds: cells checked and ready to look up, and how their text is made to fit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_codes, require_columns, require_labels, require_order
from nsi.figures.lettering import wrap
from nsi.figures.value_columns import require_once

TABLE = "grid of ratings"
STATES = ("strong", "thin", "mixed", "absent", "not_looked", "value")
EMPTY = ("absent", "not_looked")
NOT_LOOKED = "–"
MOST_LINES = 2  # a rating of more lines is no longer read at a glance
AIR = 1.4  # mm that the text of a cell keeps from its sides


@dataclass(frozen=True)
class Rating:
    """One cell: the text that is printed, the place of its level from 0 up (None without one), and its state."""

    text: str
    level: int | None
    state: str


@dataclass(frozen=True)
class RatingCells:
    """Rows and columns in the order to draw, and the cell of each pair; complete."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Rating]

    def states(self) -> list[str]:
        """Give the states that occur, in their usual order."""
        found = {cell.state for cell in self.cells.values()}
        return [state for state in STATES if state in found]


def rating_cells(
    cells: pd.DataFrame, row_labels: Mapping[str, str], column_labels: Mapping[str, str], levels: Sequence[str]
) -> RatingCells:
    """Check the cells of a grid; the frame is described at `rating_grid`.

    Raises
    ------
    StudyError
        If a column is missing, a row, column, level or state is unknown, a cell stands twice or is missing, or a
        cell with evidence has no text.
    """
    require_columns(cells, ["row", "column", "shown", "level", "state"], table=TABLE)
    require_order(list(levels), what="levels of the ratings")
    require_codes(cells["row"], list(row_labels), table=TABLE)
    require_codes(cells["column"], list(column_labels), table=TABLE)
    require_codes(cells["state"], STATES, table=TABLE)
    require_once(cells, ["row", "column"], table=TABLE)
    rated = cells.loc[cells["level"].notna(), "level"].astype("str")
    require_codes(rated, list(levels), table=TABLE)
    found = {(str(row["row"]), str(row["column"])): _rating(row, levels) for row in cells.to_dict("records")}
    rows = tuple(name for name in row_labels if name in set(cells["row"]))
    columns = tuple(name for name in column_labels if name in set(cells["column"]))
    require_labels(row_labels, rows, what=f"rows of the {TABLE}")
    require_labels(column_labels, columns, what=f"columns of the {TABLE}")
    bare = [f"{row} and {column}" for row in rows for column in columns if (row, column) not in found]
    if bare:
        raise StudyError(
            f"{TABLE}: no cell for {listed(bare)}; give every pair a row, with state not_looked where nobody looked"
        )
    return RatingCells(rows, columns, found)


def _rating(row: Mapping[Hashable, Any], levels: Sequence[str]) -> Rating:
    level = None if pd.isna(row["level"]) else list(levels).index(str(row["level"]))
    text = "" if pd.isna(row["shown"]) else " ".join(str(row["shown"]).split())
    if not text and level is None and row["state"] not in EMPTY:
        raise StudyError(
            f"{TABLE}: the cell of {row['row']} and {row['column']} shows nothing although its state is "
            f"{row['state']}; give a short text or a level"
        )
    return Rating(text, level, str(row["state"]))


def fitting_texts(data: RatingCells, words: Sequence[str], width: float) -> tuple[dict[tuple[str, str], str], bool]:
    """Choose one way to print all ratings that fits a column: own text, the level in words, or its number.

    Parameters
    ----------
    data : RatingCells
        The grid.
    words : sequence of str
        What the levels are called, from low to high.
    width : float
        Width of a column, mm.

    Returns
    -------
    tuple
        Text per cell with lines broken, "" where a hatch stands for it; and whether levels are numbers, which the
        key must then tell. Cells without a level keep their own text, broken as need be.
    """
    room = width - AIR
    rated = [cell for cell in data.cells.values() if cell.level is not None and cell.state not in EMPTY]
    own = all(cell.text and _fits(cell.text, room) for cell in rated)
    in_words = all(_fits(words[cell.level], room) for cell in rated if cell.level is not None)

    def text(cell: Rating) -> str:
        if cell.state in EMPTY:
            return NOT_LOOKED if cell.state == "not_looked" else ""
        if cell.level is None or own:
            return wrap(cell.text, room)
        return wrap(words[cell.level], room) if in_words else str(cell.level + 1)

    return {pair: text(cell) for pair, cell in data.cells.items()}, not (own or in_words)


def _fits(text: str, room: float) -> bool:
    broken = wrap(text, room)
    return broken.count("\n") < MOST_LINES and broken.split() == text.split()
