"""Where the columns of a case matrix stand: fields as blocks of columns, blocks side by side in bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_codes
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.lettering import balanced, block_height, wrap
from nsi.figures.matrix_data import MatrixData
from nsi.figures.style import HEADING

CELL = 8.0  # mm, a column that holds "100" with air
LEAST = 6.0  # mm, the narrowest column that still holds it
BLOCK = 22.0  # mm, least width of a field, so that its heading has room
WIDEN = 1.6  # times that columns grow at most to fill the page
APART = 3.0  # mm between fields
LABEL = 36.0  # mm, the most that case labels take
ROW = 5.2  # mm
N = "n"  # a column of units
MEDIAN = "median"  # a column of medians; both are kinds of column, told apart by `Column.kind`


@dataclass(frozen=True)
class Column:
    """One column: what it prints (`kind` n, median or share), of which field and code, its heading."""

    kind: str
    field: str
    code: str
    heading: str


@dataclass(frozen=True)
class Block:
    """Columns that stand under one heading; lines of the heading broken. Widths in mm."""

    heading: str
    columns: tuple[Column, ...]
    column: float

    @property
    def width(self) -> float:
        """Width in mm of all columns together."""
        return self.column * len(self.columns)

    def widened(self, factor: float) -> Block:
        """Give the block with wider columns, its heading broken anew."""
        words = " ".join(self.heading.split())
        heading = balanced(words, self.width * factor, HEADING, bold=True)
        return replace(self, column=self.column * factor, heading=heading)


@dataclass(frozen=True)
class Band:
    """Blocks side by side, with the cases repeated at their left. Heights in mm."""

    blocks: tuple[Block, ...]
    heads: tuple[Headings, ...]
    title: float
    rows: tuple[float, ...]

    @property
    def top(self) -> float:
        """Distance in mm from the band's upper edge to its first case."""
        return self.title + max(head.height for head in self.heads) + 2.5

    @property
    def height(self) -> float:
        """Height in mm from heading to last case."""
        return self.top + sum(self.rows) + 1


@dataclass(frozen=True)
class Layout:
    """Turns fields into blocks and blocks into bands."""

    data: MatrixData
    cases: Sequence[str]
    names: Sequence[str]
    label: float
    room: float
    own_n: bool

    def detailed(self, field_codes: Mapping[str, Mapping[str, str]], labels: Mapping[str, str]) -> list[Band]:
        """One block per field: n if it differs, median if there is one, then the codes."""
        blocks = []
        for field, codes in field_codes.items():
            columns = [Column(N, field, "", "n")] if self.own_n else []
            columns += [Column(MEDIAN, field, "", "median")] if self.data.is_ordinal(field) else []
            columns += [Column("share", field, code, text) for code, text in codes.items()]
            if LEAST * len(columns) > self.room:
                raise StudyError(
                    f"field '{field}' has {len(codes)} codes, more than fit side by side; merge rare codes, "
                    "or draw the matrix with detail=False"
                )
            width = min(max(CELL, BLOCK / len(columns)), self.room / len(columns))
            blocks.append(Block(labels[field], tuple(columns), width))
        return self._bands(blocks)

    def brief(
        self, field_codes: Mapping[str, Mapping[str, str]], labels: Mapping[str, str], lead: Mapping[str, str]
    ) -> list[Band]:
        """One column per field, evenly filled bands."""
        require_codes(pd.Series(list(lead), dtype="object", name="field"), list(field_codes), table="lead")
        columns = []
        for field, codes in field_codes.items():
            code = lead.get(field) or self.data.most_common(field, self.cases, list(codes))
            if code not in codes:
                raise StudyError(
                    f"lead code '{code}' of field '{field}' is unknown, allowed are {', '.join(codes)}"
                )
            ordinal = self.data.is_ordinal(field)
            heading = f"{labels[field]}: " + (MEDIAN if ordinal else f"{codes[code]}, %")
            columns.append(Column(MEDIAN if ordinal else "share", field, code, heading))
        most = int(self.room // LEAST)
        lines = -(-len(columns) // most)
        each = -(-len(columns) // lines)
        width = min(self.room / each, 14.0)
        parts = [columns[start : start + each] for start in range(0, len(columns), each)]
        return [self._band([Block("", tuple(part), width)]) for part in parts]

    def _bands(self, blocks: Sequence[Block]) -> list[Band]:
        """Fill line after line, then widen all columns alike as far as the fullest line allows."""
        lines: list[list[Block]] = [[]]
        for block in blocks:
            used = sum(one.width + APART for one in lines[-1])
            if lines[-1] and used + block.width > self.room + 1e-9:
                lines.append([])
            lines[-1].append(block)
        spare = min(
            (self.room - APART * (len(line) - 1)) / sum(block.width for block in line) for line in lines
        )
        return [self._band([block.widened(min(max(spare, 1.0), WIDEN)) for block in line]) for line in lines]

    def _band(self, blocks: Sequence[Block]) -> Band:
        heads = tuple(
            fit_headings([column.heading for column in block.columns], block.column) for block in blocks
        )
        title = max(block_height(block.heading, HEADING) for block in blocks)
        rows = tuple(max(ROW, block_height(wrap(name, self.label - 2)) + 1.2) for name in self.names)
        return Band(tuple(blocks), heads, title + 1.5 if title else 0.0, rows)
