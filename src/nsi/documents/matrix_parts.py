"""What every rendering of a matrix needs: its parts, in words that a document can hold and a reader can trust."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from nsi.documents.zip_bytes import visible

VALUE = "value"
# State of a cell: a shape, so that no state is told by shading alone, its word, and what that means.
STATES = {
    "strong": ("\u25cf", "strong evidence", "it points one way, and comes from several sources"),
    "thin": ("\u25d4", "thin evidence", "it comes from too few sources to rest much on"),
    "mixed": ("\u25d0", "mixed evidence", "some supports and some is contrary"),
    "absent": ("\u25cb", "looked for, none found", "the material was read for it, and nothing was found"),
    "not_looked": ("\u2205", "not looked for", "nobody has looked, so nothing is known"),
    VALUE: ("\u25aa", "value", "an attribute or a number, which does not rest on segments"),
}
# Marks that turn the order of what follows, beyond the text they stand in; those within a script stay as they are.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
LINE_ENDS = re.compile("[\u2028\u2029]")

class MatrixParts(Protocol):
    """What a renderer asks of a matrix; see `nsi.methods.matrix.Matrix` for the columns of its frames."""

    @property
    def name(self) -> str:
        """Name in the declaration."""

    @property
    def title(self) -> str:
        """What it is."""

    @property
    def note(self) -> str:
        """What stands below it."""

    @property
    def display(self) -> str:
        """Kind of display."""

    @property
    def row_title(self) -> str:
        """What its rows are."""

    @property
    def column_title(self) -> str:
        """What its columns are."""

    @property
    def stamp(self) -> str:
        """Such as that the data are synthetic."""

    @property
    def rows(self) -> pd.DataFrame:
        """One row per row of the matrix: row, label, band, mark, order_value."""

    @property
    def columns(self) -> pd.DataFrame:
        """One row per column of the matrix: column, label, group, badge, definition."""

    @property
    def cells(self) -> pd.DataFrame:
        """One row per cell."""

    @property
    def evidence(self) -> pd.DataFrame:
        """One row per segment in a cell, contrary ones first."""


class Line(NamedTuple):
    """A row or a column: its id as in the data, and its texts as a document shows them."""

    id: str
    label: str
    above: str  # band of a row, group of a column
    mark: str  # of a row; the badge of a column
    more: str  # what a row is ordered by; the definition of a column


class Segment(NamedTuple):
    """A segment in a cell, as a document shows it; all text, empty where missing."""

    number: str
    segment: str
    document: str
    place: str
    source_type: str
    date: str
    coders: str
    code: str
    stance: str
    speaker: str
    text: str
    agreed: str
    coded_on: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as a document shows it; all text, empty where missing.

    Attributes
    ----------
    row, column : str
        Ids, as in the data.
    place : str
        Its name within documents, such as r2_c5.
    row_label, column_label : str
        Of its row and its column.
    shown, state, rating : str
        What it shows, its state, and its rating where it shows something else.
    counts, support : str
        How much it rests on: in short, and with sources, coders, agreement and dates.
    summary, by, on : str
        What somebody wrote about it, who, and on which day.
    issued : str
        The summary as in the data.
    stale : str
        That the summary is older than the newest coding beneath it; empty where it is not.
    segments : tuple of Segment
        What it rests on, contrary ones first.
    """

    row: str
    column: str
    place: str
    row_label: str
    column_label: str
    shown: str
    state: str
    rating: str
    counts: str
    support: str
    summary: str
    by: str
    on: str
    issued: str
    stale: str
    segments: tuple[Segment, ...]

    @property
    def name(self) -> str:
        """What people call the cell: the labels of its row and its column."""
        return f"{self.row_label} × {self.column_label}"

    @property
    def headline(self) -> str:
        """What it shows; with the shape of its state where it shows the words for that."""
        return f"{STATES[self.state][0]} {self.shown}" if self._shows_state else self.shown

    @property
    def state_words(self) -> str:
        """The state with its shape; nothing for a plain value, or where the cell shows the state anyway."""
        shape, words, _ = STATES[self.state]
        return "" if self.state == VALUE or self._shows_state else f"{shape} {words}"

    @property
    def _shows_state(self) -> bool:
        return self.state != VALUE and STATES[self.state][1].casefold() in self.shown.casefold()

    @property
    def shows_summary(self) -> bool:
        """Whether what it shows is its summary, which then need not stand there twice."""
        return bool(self.summary) and self.shown == self.summary

    @property
    def takes_summary(self) -> bool:
        """Whether somebody may write a summary into it: all but plain values."""
        return self.state != VALUE or bool(self.summary)


@dataclass(frozen=True)
class ShownMatrix:
    """A matrix as documents show it.

    Attributes
    ----------
    name : str
        As declared.
    title, note, stamp, row_title, column_title : str
        Texts that a document can hold.
    rows, columns : list of Line
        In display order.
    cells : dict
        Row id and column id to the cell, in display order.
    """

    name: str
    title: str
    note: str
    stamp: str
    row_title: str
    column_title: str
    rows: list[Line]
    columns: list[Line]
    cells: dict[tuple[str, str], Cell]

    def legend(self) -> list[tuple[str, str, str]]:
        """States that occur: the state, its shape and word, and what it means."""
        found = {cell.state for cell in self.cells.values()}
        return [(state, f"{shape} {word}", told) for state, (shape, word, told) in STATES.items() if state in found]


def readable(text: str) -> str:
    r"""Make a text one that any document can hold and that cannot change how its surroundings read.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        As `visible` gives it. Marks that override the direction of writing are spelled out as ``[U+202E]``; line and
        paragraph separators are ``\n``. Letters of every script, joiners and zero-width characters stay.
    """
    if text.isascii() and text.isprintable():
        return text  # as most are
    plain = LINE_ENDS.sub("\n", visible(text))
    return TURNING.sub(lambda found: f"[U+{ord(found.group()):04X}]", plain)


def shown_text(value: object) -> str:
    """Text of a value as a document shows it: dates as 2001-12-31, truth as yes or no, nothing where missing."""
    if isinstance(value, str):
        return readable(value)
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, (float, np.floating)):
        return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
    return readable(str(value))
