"""Reading edited summaries of a matrix back from Word or Excel: into the study's file of summaries, never over a text.

What is replaced goes into a second file beside it. An edit of a summary that somebody else has changed since the
document was issued is a conflict: it is listed and written beside the document, not applied.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nsi.declaration import Declaration
from nsi.door import bytes_of, write_together
from nsi.errors import StudyError, listed, shown
from nsi.readers.summaries import read_summaries
from nsi.strict import csv_rows

COLUMNS = ("matrix", "row", "column", "text", "who", "written_on")
REPLACED_COLUMNS = (*COLUMNS, "replaced_on")
CONFLICT_COLUMNS = ("matrix", "row", "column", "now", "edit", "who")
TOLD = 20  # cells told by name; the files hold all of them
Key = tuple[str, str, str]  # matrix, row, column

csv.field_size_limit(2**31 - 1)  # the default is less than a long summary


@dataclass(frozen=True)
class Applied:
    """What becomes of the file of summaries.

    Attributes
    ----------
    rows, replaced : list of list of str
        The rows that the file will have, and those that are no longer in it, with the day.
    written, emptied, unsigned : list of str
        Names of cells whose text is new, of those that were emptied, and of those whose new text names nobody.
    """

    rows: list[list[str]]
    replaced: list[list[str]]
    written: list[str]
    emptied: list[str]
    unsigned: list[str]


def applied(held: Sequence[Sequence[str]], edits: pd.DataFrame, *, matrix: str, who: str, on: str) -> Applied:
    """Put edits into the rows of a file of summaries.

    Parameters
    ----------
    held : sequence of sequence of str
        The rows that it has: `COLUMNS`.
    edits : DataFrame
        From `read_summaries`. Rows that did not change, are there already or are conflicts are left out.
    matrix : str
        The matrix that they are of.
    who, on : str
        Who edited a text for which nobody is named, and the day.

    Returns
    -------
    Applied
        Rows keep their order; new ones follow. An emptied summary has no row any more.
    """
    rows: dict[Key, list[str]] = {(row[0], row[1], row[2]): list(row) for row in held}
    chosen = edits[edits["changed"] & ~edits["conflict"] & ~edits["done"]]
    result = Applied([], [], [], [], [])
    for edit in chosen.itertuples(index=False):
        key = (matrix, str(edit.row), str(edit.column))
        before = rows.pop(key, None) if not edit.text else rows.get(key)
        if before is not None:
            result.replaced.append([*before, on])
        if edit.text:
            rows[key] = [*key, str(edit.text), str(edit.who).strip() or who.strip(), on]
            result.unsigned.extend([] if rows[key][4] else [str(edit.name)])
        (result.written if edit.text else result.emptied).append(str(edit.name))
    result.rows.extend(rows.values())
    return result


def main(arguments: list[str] | None = None) -> int:
    """Read one edited document and put its edits into the file of summaries; 1 where anything was not taken up."""
    parser = argparse.ArgumentParser(prog="python -m nsi.summaries", description=__doc__)
    parser.add_argument("--study", type=Path, default=Path("study"), help="folder with study.yml (default: study)")
    parser.add_argument("--data-raw", type=Path, default=Path("data_raw"), help="folder with the raw files")
    parser.add_argument("--matrix", required=True, help="name of the matrix")
    parser.add_argument("--file", type=Path, required=True, help="the edited document (.docx or .xlsx)")
    parser.add_argument("--who", default="", help="who edited it, where the document does not say")
    parser.add_argument("--on", default="", help="day of the edits, such as 2001-12-31 (default: today)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    asked = parser.parse_args(arguments)
    try:
        on = _day(asked.on)
        done, not_taken = _read_back(Declaration(asked.study, asked.data_raw), asked, on)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 1
    print(done)
    if not_taken:
        print(not_taken, file=sys.stderr)
    return int(bool(not_taken))


def _day(text: str) -> str:
    try:
        return (datetime.date.fromisoformat(text) if text else datetime.date.today()).isoformat()
    except ValueError:
        raise StudyError(f"--on is {shown(text)}, but must be a day such as 2001-12-31; correct it") from None


def _read_back(declaration: Declaration, asked: argparse.Namespace, on: str) -> tuple[str, str]:
    """Apply the edits of one document; return what was done, and what was not taken up."""
    file: Path = asked.file
    data = bytes_of(file, file.name, "is missing; give the edited document as FILE=...")
    target = declaration.data_raw / declaration.raw[table_of_summaries(declaration)].file
    held = _rows(target, COLUMNS)
    current = pd.DataFrame([row for row in held if row[0] == asked.matrix], columns=list(COLUMNS), dtype="str")
    edits = read_summaries(data, file=file.name, matrix=asked.matrix, current=current)
    result = applied(held, edits, matrix=asked.matrix, who=asked.who, on=on)
    if result.unsigned:
        raise StudyError(f"{len(result.unsigned)} edited summaries name nobody: {listed(map(shown, result.unsigned))}. "
                         "Nothing was written; say who edited them with WHO=..., or in the file")  # fmt: skip
    conflicts = edits[edits["conflict"]]
    beside = file.with_name(f"{file.stem}_conflicts.csv")
    files: dict[Path, bytes] = {}
    if result.written or result.emptied:
        files[target] = _csv(COLUMNS, result.rows)
    if result.replaced:
        old = target.with_name(f"{target.stem}_replaced.csv")
        files[old] = _csv(REPLACED_COLUMNS, [*_rows(old, REPLACED_COLUMNS), *result.replaced])
    if len(conflicts):
        rows = [[asked.matrix, *row] for row in conflicts[["row", "column", "now", "text", "who"]].to_numpy().tolist()]
        files[beside] = _csv(CONFLICT_COLUMNS, rows)
    if not asked.dry_run:
        write_together(files)
    return _done(result, edits, target, asked), _not_taken(conflicts, edits, beside)


def table_of_summaries(declaration: Declaration) -> str:
    """Return the name of the raw table that holds summaries: the one with their columns.

    Parameters
    ----------
    declaration : Declaration
        Of the study.

    Returns
    -------
    str
        Its name, whatever the study calls it.

    Raises
    ------
    StudyError
        If there is none, so that nothing would read what is written; or more than one.
    """
    found = [name for name, table in declaration.raw.items() if set(COLUMNS) <= set(table.columns)]
    if len(found) > 1:
        raise StudyError(f"study.yml raw declares more than one table of summaries ({listed(found)}); keep one of them")
    if not found:
        lines = [f"    {name}: {name}" for name in COLUMNS[:-1]]
        raise StudyError("\n".join([
            "study.yml raw declares no table of summaries, so that nothing would read them; nothing was written. "
            "Declare one as below, and run the command again: it makes the file.",
            "  cell_texts:", "    file: cell_texts.csv", f"    key: [{', '.join(COLUMNS[:3])}]", "    columns:",
            *(f"  {line}" for line in lines), '      written_on: {type: date, formats: ["%Y-%m-%d"]}',
        ]))  # fmt: skip
    return found[0]


def _rows(path: Path, columns: Sequence[str]) -> list[list[str]]:
    """Rows of a file of summaries; none where there is no such file yet."""
    try:
        numbered = csv_rows(path, columns)
    except FileNotFoundError:
        return []
    if columns == COLUMNS:
        seen: dict[Key, int] = {}
        for number, (matrix, row, column, *_) in numbered:
            first = seen.setdefault((matrix, row, column), number)
            if first != number:
                raise StudyError(f"{path.name} rows {first} and {number} are of the same cell, {shown(row)} by "
                                 f"{shown(column)} of {shown(matrix)}; keep one of them")  # fmt: skip
    return [cells for _, cells in numbered]


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([columns, *rows])
    return target.getvalue().encode()


def _done(result: Applied, edits: pd.DataFrame, target: Path, asked: argparse.Namespace) -> str:
    would = "would be " if asked.dry_run else ""
    told = [f"{edits.attrs['n_issued']} summaries read, {edits.attrs['n_changed']} changed: {len(result.written)} "
            f"{would}written to {target}, {len(result.emptied)} {would}emptied, {int(edits['done'].sum())} there "
            "already"]  # fmt: skip
    told += _listed("written", result.written) + _listed("emptied", result.emptied)
    if result.replaced:
        told.append(f"{len(result.replaced)} texts that were replaced {would}kept in {target.stem}_replaced.csv")
    if result.written or result.emptied:
        told.append("the next `make all` shows them" if not asked.dry_run else "nothing was written")
    return "\n".join(told)


def _not_taken(conflicts: pd.DataFrame, edits: pd.DataFrame, beside: Path) -> str:
    told = []
    if len(conflicts):
        told += [f"{len(conflicts)} conflicts, not applied: somebody changed these summaries since the document was "
                 f"issued. Both texts are in {beside.name}; settle them by hand"]  # fmt: skip
        told += _listed("conflict", list(conflicts["name"]))
    if edits.attrs["not_read"]:
        told.append("lines above a summary were changed, so that its text was not read; put them back, write the "
                    "summary below them, and read the document again")  # fmt: skip
        told += _listed("not read", edits.attrs["not_read"])
    return "\n".join(told)


def _listed(what: str, names: Sequence[str]) -> list[str]:
    rest = len(names) - TOLD
    return [*(f"  {what}: {shown(name)}" for name in names[:TOLD]), *([f"  and {rest} more"] if rest > 0 else [])]


if __name__ == "__main__":
    sys.exit(main())
