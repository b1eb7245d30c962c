"""What changed between two tables: rows are matched by what names them, never only by where they stand."""

from __future__ import annotations

import csv
import io
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nsi.pipeline.diff_keys import row_key
from nsi.pipeline.diff_values import NUMBER, ROUNDED, TEXT, Change, change_of

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as text: every cell as it is written, columns named once each."""

    header: Row
    rows: list[Row]

    def column(self, name: str) -> list[str]:
        """Give the cells of one column, from top to bottom."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def keys(self, columns: Sequence[str]) -> list[Row]:
        """Give what names each row."""
        places = [self.header.index(name) for name in columns]
        return [tuple(row[place] for place in places) for row in self.rows]


@dataclass(frozen=True)
class CellChange:
    """One cell that differs: the row's key, or its number from 1 where rows have none, and the column."""

    key: Row
    column: str
    change: Change


@dataclass(frozen=True)
class ColumnSummary:
    """How much one column changed; the largest differences are NaN where only texts did."""

    column: str
    n_numbers: int
    n_texts: int
    n_rounded: int
    largest: float
    largest_relative: float


@dataclass(frozen=True)
class TableChange:
    """What became of one table.

    Attributes
    ----------
    matched_by : tuple of str
        Columns that tell rows apart in both; empty where none do, then rows were matched by position.
    cells : list of CellChange
        Largest first, without those that differ by rounding alone.
    columns : list of ColumnSummary
        Those with a difference, in the table's order.
    rows_added, rows_removed : list of tuple
        Keys; row numbers from 1 where rows were matched by position.
    n_rows : int
        Rows that both have.
    """

    matched_by: Row
    cells: list[CellChange]
    columns: list[ColumnSummary]
    rows_added: list[Row]
    rows_removed: list[Row]
    columns_added: Row
    columns_removed: Row
    rows_moved: bool
    columns_moved: bool
    n_rows: int

    @cached_property
    def n_rounded(self) -> int:
        """Cells that differ by rounding alone."""
        return sum(column.n_rounded for column in self.columns)

    @property
    def differ(self) -> bool:
        """Whether anything differs but rounding and the way of writing."""
        return bool(self.cells or self.resized or self.rows_moved or self.columns_moved)

    @property
    def resized(self) -> bool:
        """Whether rows or columns came or went."""
        return bool(self.rows_added or self.rows_removed or self.columns_added or self.columns_removed)


def read_table(data: bytes) -> Table | None:
    """Read CSV bytes; None where they are no table: not UTF-8, no header, rows of unequal length."""
    csv.field_size_limit(sys.maxsize)  # a cell may hold a long text; the default limit is 131,072 characters
    try:
        lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        rows = [row for row in lines if row]
    except (UnicodeDecodeError, csv.Error):
        return None
    if not rows or len({len(row) for row in rows}) != 1:
        return None
    seen: Counter[str] = Counter()
    header = []
    for name in rows[0]:
        seen[name] += 1
        header.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return Table(tuple(header), [tuple(row) for row in rows[1:]])


def compare_tables(old: Table, new: Table, prefer: Row = ()) -> TableChange:
    """Compare two tables cell by cell.

    Parameters
    ----------
    old, new : Table
        Of one name.
    prefer : tuple of str
        Columns that name a row, where the kind of table says so; used if they tell all rows apart.
    """
    shared = [name for name in old.header if name in new.header]
    key = row_key(old, new, shared, prefer)
    moved = False
    if not key and Counter(old.keys(shared)) == Counter(new.keys(shared)):
        moved = old.keys(shared) != new.keys(shared)  # the same rows in another order
        pairs = [] if moved else [(at, at) for at in range(len(old.rows))]
        added: list[Row] = []
        removed: list[Row] = []
    else:
        pairs, added, removed = _matched(old, new, key)
        moved = [place for _, place in pairs] != sorted(place for _, place in pairs)
    cells = _cells(old, new, pairs, [name for name in shared if name not in key], key)
    return TableChange(
        matched_by=key,
        cells=sorted((cell for cell in cells if cell.change.kind != ROUNDED), key=_largest_first),
        columns=_summaries(cells, shared),
        rows_added=added,
        rows_removed=removed,
        columns_added=tuple(name for name in new.header if name not in old.header),
        columns_removed=tuple(name for name in old.header if name not in new.header),
        rows_moved=moved,
        columns_moved=shared != [name for name in new.header if name in old.header],
        n_rows=len(old.rows) - len(removed),
    )


def _matched(old: Table, new: Table, key: Row) -> tuple[list[tuple[int, int]], list[Row], list[Row]]:
    """Pairs of row places, then the names of rows that only the new and only the old table has."""
    before, now = (_names(table, key) for table in (old, new))
    place = {name: at for at, name in enumerate(now)}
    known = set(before)
    pairs = [(at, place[name]) for at, name in enumerate(before) if name in place]
    return pairs, [name for name in now if name not in known], [name for name in before if name not in place]


def _names(table: Table, key: Row) -> list[Row]:
    return table.keys(key) if key else [(f"row {number}",) for number in range(1, len(table.rows) + 1)]


def _cells(
    old: Table, new: Table, pairs: list[tuple[int, int]], columns: Sequence[str], key: Row
) -> list[CellChange]:
    names = _names(old, key)
    found = []
    for column in columns:
        before, now = old.column(column), new.column(column)
        for at, place in pairs:
            if change := change_of(before[at], now[place]):
                found.append(CellChange(names[at], column, change))
    return found


def _largest_first(cell: CellChange) -> tuple[float, float]:
    relative, difference = cell.change.size
    return -relative, -difference


def _summaries(cells: list[CellChange], order: Sequence[str]) -> list[ColumnSummary]:
    by_column: dict[str, list[Change]] = {}
    for cell in cells:
        by_column.setdefault(cell.column, []).append(cell.change)
    return [_summary(column, by_column[column]) for column in order if column in by_column]


def _summary(column: str, changes: list[Change]) -> ColumnSummary:
    kinds = Counter(change.kind for change in changes)
    numbers = [change for change in changes if change.kind == NUMBER]
    return ColumnSummary(
        column=column,
        n_numbers=kinds[NUMBER],
        n_texts=kinds[TEXT],
        n_rounded=kinds[ROUNDED],
        largest=max((change.difference for change in numbers), key=abs, default=math.nan),
        largest_relative=max((change.relative for change in numbers), key=abs, default=math.nan),
    )
