"""A cross-table set in a figure: n and row per cent, the form that can be read out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from matplotlib.axes import Axes

from nsi.figures.frames import percent
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.lettering import balanced, block_height, block_width, wrap
from nsi.figures.page import rule, write
from nsi.figures.style import HEADING, INK, RULE

PAD = 1.0  # mm above and below the words of a row
STUB_WIDTH = 40.0  # mm for row labels
FULL = 170.0  # mm, the width it is set to


@dataclass(frozen=True)
class CrossTable:
    """Counts of pairs of codes, ready to be set.

    Parameters
    ----------
    pairs : mapping
        n per (row code, column code, secondary). Absent pairs are 0. Secondary ones are printed in brackets
        and enter neither totals nor per cent.
    row_codes, column_codes : sequence of str
        In codebook order.
    row_labels, column_labels : mapping of str to str
        Code to label.
    row_title, column_title : str
        What rows and columns are.
    """

    pairs: Mapping[tuple[str, str, bool], int]
    row_codes: Sequence[str]
    column_codes: Sequence[str]
    row_labels: Mapping[str, str]
    column_labels: Mapping[str, str]
    row_title: str
    column_title: str

    @property
    def column_width(self) -> float:
        """Width of a column of numbers in mm."""
        return (FULL - STUB_WIDTH) / (len(self.column_codes) + 1)

    @cached_property
    def heads(self) -> Headings:
        """Headings of the columns of codes."""
        return fit_headings([self.column_labels[code] for code in self.column_codes], self.column_width)

    @cached_property
    def caption(self) -> str:
        """What the numbers are, with lines broken."""
        text = f"{self.row_title} (rows) by {self.column_title} (columns): n · % of the row"
        return balanced(text, FULL, HEADING, bold=True)

    @cached_property
    def rows(self) -> list[tuple[str, list[str]]]:
        """Label and cells of every row, the row of totals last; all cells have one line, or all have two."""
        made = []
        for code in [*self.row_codes, None]:
            counts = [self._count(code, column) for column in self.column_codes]
            extra = [self._count(code, column, secondary=True) for column in self.column_codes]
            cells = [
                (_count(n, more), percent(n, sum(counts))) for n, more in zip(counts, extra, strict=True)
            ]
            cells.append((_count(sum(counts), sum(extra)), ""))
            label = "All" if code is None else self.row_labels[code]
            made.append((wrap(label, STUB_WIDTH - 2), cells))
        joints = [joint for joint in (" · ", "\n") if self._fits(joint, made)] or ["\n"]
        return [(label, [joints[0].join(filter(None, cell)) for cell in cells]) for label, cells in made]

    def _fits(self, joint: str, made: list[tuple[str, list[tuple[str, str]]]]) -> bool:
        cells = [joint.join(filter(None, cell)) for _, row in made for cell in row]
        return all(block_width(cell, bold=True) <= self.column_width - 1.5 for cell in cells)

    def _count(self, row: str | None, column: str, *, secondary: bool = False) -> int:
        rows = self.row_codes if row is None else [row]
        return sum(self.pairs.get((code, column, secondary), 0) for code in rows)

    def _row_height(self, label: str, cells: list[str]) -> float:
        return max(block_height(text) for text in [label, *cells]) + 2 * PAD

    @property
    def height(self) -> float:
        """Height in mm with caption and headings."""
        return self._top + sum(self._row_height(*row) for row in self.rows) + 0.5

    @property
    def _top(self) -> float:
        return block_height(self.caption, HEADING) + 1.5 + self.heads.height + PAD

    def draw(self, axes: Axes) -> None:
        """Set the table in a mm panel of the table's own height."""
        write(axes, 0, 0, self.caption, size=HEADING, weight="bold", va="top")
        centres = [
            STUB_WIDTH + self.column_width * (place + 0.5) for place in range(len(self.column_codes) + 1)
        ]
        self.heads.draw(axes, centres[:-1], self._top - PAD)
        write(axes, centres[-1], self._top - PAD, "All", ha="center", va="bottom")
        rule(axes, (0, FULL), (self._top, self._top), linewidth=0.8)
        y = self._top
        for place, (label, cells) in enumerate(self.rows):
            height = self._row_height(label, cells)
            last = place == len(self.rows) - 1
            weight = "bold" if last else "normal"
            write(axes, 0, y + height / 2, label, weight=weight)
            for x, cell in zip(centres, cells, strict=True):
                write(axes, x, y + height / 2, cell, ha="center", multialignment="center", weight=weight)
            y += height
            thick = last or place == len(self.rows) - 2
            rule(axes, (0, FULL), (y, y), color=INK if thick else RULE, linewidth=0.8 if thick else 0.4)


def _count(n: int, more: int) -> str:
    return f"{n:,} (+{more:,})" if more else f"{n:,}"
