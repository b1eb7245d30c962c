"""Which columns name the rows of a table, found from the table itself in two versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from nsi.pipeline.diff_values import is_number, is_whole

MATCHED = 0.5  # of the shorter table's rows: a key that finds fewer in the other table names something else
Row = tuple[str, ...]


class Rows(Protocol):
    """What is asked of a table here."""

    @property
    def rows(self) -> list[Row]:
        """Give its rows, without the header."""

    def column(self, name: str) -> list[str]:
        """Give the cells of one column."""

    def keys(self, columns: Sequence[str]) -> list[Row]:
        """Give what stands in some columns, row by row."""


def row_key(old: Rows, new: Rows, shared: Sequence[str], prefer: Row = ()) -> Row:
    """Find the smallest set of leading columns that tells rows apart in both tables.

    Parameters
    ----------
    old, new : Table
        Two versions of one table.
    shared : sequence of str
        Columns that both have, in order.
    prefer : tuple of str
        Taken if all of it is there and it tells rows apart.

    Returns
    -------
    tuple of str
        Columns of text; where those do not do, columns of text and whole numbers (a wave, a batch) before the
        first measured one. Empty where no columns do, or where they would match few rows of as many: then what
        was renamed is better seen by position.
    """
    if prefer and set(prefer) <= set(shared) and _tells_apart(old, new, prefer):
        return prefer
    texts = [name for name in shared if not _all(is_number, old, new, name)]
    fallback: Row = ()
    for candidates in (texts, _before_first_measure(old, new, shared)):
        key = _smallest(old, new, candidates)
        if key and _finds_rows(old, new, key):
            return key
        fallback = fallback or key
    return () if len(old.rows) == len(new.rows) else fallback


def _all(test: Callable[[str], bool], old: Rows, new: Rows, name: str) -> bool:
    cells = [cell for table in (old, new) for cell in table.column(name) if cell]
    # A column without any cell filled names nothing, so it counts as measured.
    return all(test(cell) for cell in cells)


def _before_first_measure(old: Rows, new: Rows, shared: Sequence[str]) -> list[str]:
    leading: list[str] = []
    for name in shared:
        if _all(is_number, old, new, name) and not _all(is_whole, old, new, name):
            break
        leading.append(name)
    return leading


def _smallest(old: Rows, new: Rows, candidates: Sequence[str]) -> Row:
    if not candidates or not _tells_apart(old, new, candidates):
        return ()
    length = next(n for n in range(1, len(candidates) + 1) if _tells_apart(old, new, candidates[:n]))
    key = list(candidates[:length])
    for name in candidates[: length - 1]:  # the last one is needed, or the key would have ended before it
        rest = [other for other in key if other != name]
        if _tells_apart(old, new, rest):
            key = rest
    return tuple(key)


def _tells_apart(old: Rows, new: Rows, columns: Sequence[str]) -> bool:
    return all(len(set(table.keys(columns))) == len(table.rows) for table in (old, new))


def _finds_rows(old: Rows, new: Rows, key: Row) -> bool:
    found = len(set(old.keys(key)) & set(new.keys(key)))
    return found >= MATCHED * min(len(old.rows), len(new.rows))
