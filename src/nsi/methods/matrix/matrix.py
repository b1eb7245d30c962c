"""The matrix: rows, columns and cells, each cell with a state in words and with the segments that it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.matrix.wording import shown_in_tables

STRONG, THIN, MIXED = "strong", "thin", "mixed"
ABSENT, NOT_LOOKED, VALUE = "absent", "not_looked", "value"
STATES = (STRONG, THIN, MIXED, ABSENT, NOT_LOOKED, VALUE)
RESTS_ON_SEGMENTS = (STRONG, THIN, MIXED)

ROWS = ["row", "label", "band", "mark", "order_value"]
COLUMNS = ["column", "label", "group", "badge", "definition"]
CELLS = [
    *("row", "column", "shown", "rating", "state", "n_segments", "n_supporting", "n_contrary", "n_sources", "sources"),
    *("coders", "agreement", "agreement_flag", "first_date", "last_date", "summary", "summary_by", "summary_on"),
    *("stale", "source"),
]
EVIDENCE = [
    *("row", "column", "number", "segment", "document", "place", "source_type", "date", "coders", "code", "stance"),
    *("speaker", "text", "n_coders", "agreed", "coded_on"),
]
FREE_TEXT = ("summary",)  # of the cells; segment texts stand in the evidence only


@dataclass(frozen=True, eq=False)
class Matrix:
    """A cross-case matrix as data; what it looks like on a page is for those who render it.

    Attributes
    ----------
    name, title, note : str
        What the declaration calls it, what a reader reads above it and below it.
    display : str
        Which of the displays it is, such as ``case_ordered``.
    row_title, column_title : str
        What rows and columns are.
    stamp : str
        ``"SYNTHETIC DATA"`` or nothing.
    rows : DataFrame, one row per row of the matrix, in display order
        row (id), label, band ("" if none), mark ("" or words), order_value (missing where not ordered by a number).
    columns : DataFrame, one row per column, in display order
        column (id), label, group ("" or a heading above), badge ("" or reliability in words), definition.
    cells : DataFrame, every combination of row and column once, row by row
        `CELLS`. ``shown`` is what is printed and never empty; ``state`` is strong, thin (few sources), mixed
        (for and against), absent (looked for, none found), not_looked, or value (no segments). Counts are 0 and
        dates missing where nothing was found; ``agreement`` is missing where ``agreement_flag`` says why.
    evidence : DataFrame, one row per segment in a cell
        `EVIDENCE`; within a cell contrary first, then by date, then by segment, numbered from 1.

    Raises
    ------
    StudyError
        If a column is lacking, an id stands twice, a cell is missing or blank, a state is unknown, or counts and
        evidence do not tell the same.
    """

    name: str
    title: str
    note: str
    display: str
    row_title: str
    column_title: str
    stamp: str
    rows: pd.DataFrame
    columns: pd.DataFrame
    cells: pd.DataFrame
    evidence: pd.DataFrame

    def __post_init__(self) -> None:
        for part, names in (("rows", ROWS), ("columns", COLUMNS), ("cells", CELLS), ("evidence", EVIDENCE)):
            found = list(getattr(self, part).columns)
            if found != names:
                self._refuse(f"{part} must have the columns {', '.join(names)}, but found {', '.join(found)}")
        for part, key in (("rows", "row"), ("columns", "column")):
            self._check_ids(getattr(self, part)[key], key)
        self._check_cells()
        self._check_evidence()

    def _refuse(self, problem: str) -> None:
        raise StudyError(f"matrix '{self.name}': {problem}")

    def _check_ids(self, ids: pd.Series, key: str) -> None:
        if ids.isna().any() or (ids == "").any():
            self._refuse(f"a {key} has no id; give each {key} one")
        if ids.duplicated().any():
            self._refuse(f"the {key} {shown(str(ids[ids.duplicated()].iloc[0]))} stands twice; ids must differ")

    def _check_cells(self) -> None:
        wanted = pd.MultiIndex.from_product([self.rows["row"], self.columns["column"]])
        if not pd.MultiIndex.from_frame(self.cells[["row", "column"]]).equals(wanted):
            self._refuse(
                f"cells must hold each of {len(self.rows)} rows by {len(self.columns)} columns once, row by row; "
                f"found {len(self.cells)} in another order or number"
            )
        blank = self.cells[self.cells["shown"].fillna("").astype(str).str.strip() == ""]
        if len(blank):
            self._refuse(f"{_places(blank)} would be blank; say in words what is not there")
        stray = self.cells[~self.cells["state"].isin(STATES)]
        if len(stray):
            self._refuse(f"{_places(stray)} has a state that is none of {', '.join(STATES)}")
        counted = self.cells["n_segments"] != self.cells["n_supporting"] + self.cells["n_contrary"]
        if counted.any():
            self._refuse(f"{_places(self.cells[counted])}: supporting and contrary do not add up to its segments")
        rests = self.cells["state"].isin(RESTS_ON_SEGMENTS)
        wrong = rests != (self.cells["n_segments"] > 0)
        if wrong.any():
            self._refuse(f"{_places(self.cells[wrong])}: its state does not go with its number of segments")

    def _check_evidence(self) -> None:
        cell = pd.MultiIndex.from_frame(self.cells[["row", "column"]])
        place = cell.get_indexer(pd.MultiIndex.from_frame(self.evidence[["row", "column"]]))
        if (place < 0).any():
            self._refuse(f"{_places(self.evidence[place < 0])} of the evidence is no cell of the matrix")
        number = pd.Series(place).groupby(place).cumcount().to_numpy() + 1
        if (self.evidence["number"].to_numpy() != number).any():
            self._refuse("evidence must be numbered from 1 within each cell, in the order in which it is listed")
        found = pd.Series(place).value_counts().reindex(range(len(cell)), fill_value=0).to_numpy()
        off = found != self.cells["n_segments"].to_numpy()
        if off.any():
            self._refuse(f"{_places(self.cells[off])}: the number of segments is not that of its evidence")


def _places(frame: pd.DataFrame) -> str:
    pairs = [f"{shown(str(row))} by {shown(str(column))}" for row, column in frame[["row", "column"]].to_numpy()[:9]]
    return f"cell {listed(dict.fromkeys(pairs), 3)}"


def matrix_tables(matrix: Matrix) -> dict[str, pd.DataFrame]:
    """Return what may be kept beside figures: rows, columns and cells without anything that a person said or wrote.

    Parameters
    ----------
    matrix : Matrix
        Any.

    Returns
    -------
    dict of DataFrame
        ``rows``, ``columns``, ``cells``: plain columns in fixed order, so that two results can be compared cell by
        cell. The evidence and the text of summaries stay out; where a summary is what a cell shows, ``shown`` says
        only that there is one.
    """
    cells = matrix.cells.drop(columns=list(FREE_TEXT))
    cells["shown"] = shown_in_tables(matrix.cells)
    return {"rows": matrix.rows.copy(), "columns": matrix.columns.copy(), "cells": cells}
