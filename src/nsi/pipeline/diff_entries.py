"""One output that is not the same in two results: a table, a matrix, a document; and how that is told."""

from __future__ import annotations

from dataclasses import dataclass

from nsi.pipeline.diff_documents import PartChange, compare_documents
from nsi.pipeline.diff_pictures import PictureChange
from nsi.pipeline.diff_runs import Causes
from nsi.pipeline.diff_source import Result
from nsi.pipeline.diff_tables import Row, TableChange, compare_tables, read_table
from nsi.pipeline.diff_values import counted, joined

MATRICES, TABLES, PICTURES, DOCUMENTS = "matrices", "tables", "figures", "documents"
KINDS = (MATRICES, TABLES, PICTURES, DOCUMENTS)
CHANGED, FORM, ADDED, REMOVED = "changed", "form", "added", "removed"
WORDS = {CHANGED: "changed", ADDED: "new", REMOVED: "gone", FORM: "the same but for rounding or the way of writing"}
MATRIX_KEY = ("row", "column")


@dataclass(frozen=True)
class Entry:
    """One output that is not byte for byte the same.

    Attributes
    ----------
    name : str
        Path of the file; of a figure, its path without the ending.
    state : str
        ``"changed"``, ``"added"``, ``"removed"``; ``"form"`` where only rounding or the way of writing differs.
    told : str
        What became of it, in a few words.
    run, why : str
        The run that writes it, and why it changed; empty where the locks do not say.
    table, picture, parts
        Details, where there are some; of a figure, `table` is the one it was drawn from.
    old_png, new_png : bytes
        Pictures to show; empty where there is none.
    old_alt, new_alt : str
        The words that stand for the picture.
    """

    name: str
    state: str
    told: str
    run: str = ""
    why: str = ""
    table: TableChange | None = None
    picture: PictureChange | None = None
    parts: tuple[PartChange, ...] = ()
    old_png: bytes = b""
    new_png: bytes = b""
    old_alt: str = ""
    new_alt: str = ""


def file_entry(name: str, kind: str, old: Result, new: Result, causes: Causes) -> Entry | None:
    """Compare a table, a matrix or a document by its path; None where its bytes are the same."""
    before, now = old.files.get(name), new.files.get(name)
    if before == now:
        return None
    run, why = causes.why(name)
    if before is None or now is None:
        return Entry(name, ADDED if before is None else REMOVED, _size(kind, before or now or b""), run, why)
    if kind != DOCUMENTS and (change := table_change(before, now, MATRIX_KEY if kind == MATRICES else ())):
        told = matrix_told(change) if kind == MATRICES else table_told(change)
        return Entry(name, CHANGED if change.differ else FORM, told, run, why, table=change)
    parts = tuple(compare_documents(name, before, now))
    told = joined(f"{part.part} {part.told}".strip() for part in parts) or "the same words, packed in another way"
    return Entry(name, CHANGED if parts else FORM, told, run, why, parts=parts)


def table_change(before: bytes, now: bytes, prefer: Row = ()) -> TableChange | None:
    """Compare two CSV files; None where one of them is no table."""
    old, new = read_table(before), read_table(now)
    return compare_tables(old, new, prefer) if old and new else None


def _size(kind: str, data: bytes) -> str:
    table = read_table(data) if kind != DOCUMENTS else None
    if table is None:
        return f"{len(data):,} bytes"
    return f"{counted(len(table.rows), 'row')}, {counted(len(table.header), 'column')}"


def table_told(change: TableChange) -> str:
    """Say in a few words what became of a table."""
    told = [counted(len(change.cells), "cell") + " changed"] if change.cells else []
    told += _resized(change)
    if change.rows_moved or change.columns_moved:
        moved = " and ".join(["rows"] * change.rows_moved + ["columns"] * change.columns_moved)
        told.append(f"{moved} in another order" if told else f"only the order of {moved} differs")
    if change.n_rounded:
        told.append(f"{counted(change.n_rounded, 'cell')} by rounding" + ("" if told else " alone"))
    return joined(told) or "the same cells, written in another way"


def matrix_told(change: TableChange) -> str:
    """Say the same of a matrix, whose rows are its cells."""
    if change.matched_by != MATRIX_KEY or change.columns_added or change.columns_removed or not change.differ:
        return table_told(change)
    told = [counted(len({cell.key for cell in change.cells}), "cell") + " changed"]
    for column in ("rating", "state"):
        n_cells = sum(cell.column == column for cell in change.cells)
        told += [f"{n_cells:,} changed {column}"] if n_cells or column == "rating" else []
    told += [f"{counted(len(rows), 'cell')} {word}" for rows, word in _moves(change) if rows]
    return joined(told) + (", in another order" if change.rows_moved or change.columns_moved else "")


def _moves(change: TableChange) -> tuple[tuple[list[Row], str], ...]:
    return (change.rows_added, "new"), (change.rows_removed, "gone")


def _resized(change: TableChange) -> list[str]:
    told = [f"{counted(len(rows), 'row')} {word}" for rows, word in _moves(change) if rows]
    columns = ((change.columns_added, "new"), (change.columns_removed, "gone"))
    return told + [f"{counted(len(names), 'column')} {word} ({', '.join(names)})" for names, word in columns if names]
