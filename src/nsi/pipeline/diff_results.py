"""Everything that changed between two results, by kind: numbers, matrices, tables, figures, documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from nsi.pipeline.diff_entries import (
    DOCUMENTS,
    FORM,
    KINDS,
    MATRICES,
    MATRIX_KEY,
    PICTURES,
    TABLES,
    Entry,
    file_entry,
)
from nsi.pipeline.diff_figures import DATA, FORMS, ending, figure_entry, stem
from nsi.pipeline.diff_runs import LOCK, Causes
from nsi.pipeline.diff_source import FIGURES, Result
from nsi.pipeline.diff_tables import read_table
from nsi.pipeline.diff_values import NumbersChange, compare_numbers, read_numbers

NUMBERS = f"{FIGURES}/numbers.json"
MARK = f"{FIGURES}/SYNTHETIC.txt"  # a list of files, which follows from the files themselves
MATRIX_NAME = re.compile(r"matrix_.*cells")
MATRIX_COLUMNS = {*MATRIX_KEY, "shown", "rating", "state"}


@dataclass(frozen=True)
class Difference:
    """What changed between two results, why, and how many outputs of each kind there are."""

    old: Result
    new: Result
    causes: Causes
    numbers: NumbersChange
    entries: Mapping[str, list[Entry]] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)

    @property
    def differ(self) -> bool:
        """Whether anything but rounding and the way of writing differs."""
        return self.numbers.differ or any(entry.state != FORM for kind in KINDS for entry in self.entries[kind])

    @property
    def synthetic(self) -> bool:
        """Whether one of the results rests on synthetic data."""
        return any(MARK in result.files for result in (self.old, self.new))


def compare_results(old: Result, new: Result) -> Difference:
    """Compare two results, output by output.

    Raises
    ------
    StudyError
        If the numbers of one of them cannot be read.
    """
    causes = Causes(old, new)
    entries: dict[str, list[Entry]] = {kind: [] for kind in KINDS}
    totals = dict.fromkeys(KINDS, 0)
    for name, kind in outputs_by_kind({**old.files, **new.files}).items():
        totals[kind] += 1
        entry = figure_entry(name, old, new, causes) if kind == PICTURES else file_entry(name, kind, old, new, causes)
        if entry is not None:
            entries[kind].append(entry)
    numbers = compare_numbers(*(read_numbers(result.files.get(NUMBERS), result.label) for result in (old, new)))
    return Difference(old, new, causes, numbers, entries, totals)


def outputs_by_kind(files: Mapping[str, bytes]) -> dict[str, str]:
    """Give each output its kind; the forms of a figure and its table are one output."""
    pictures = {stem(name) for name in files if ending(name) in FORMS}
    found: dict[str, str] = {}
    for name in sorted(files):
        if name in (LOCK, NUMBERS, MARK):
            continue
        if stem(name) in pictures and ending(name) in (*FORMS, DATA):
            found[stem(name)] = PICTURES
        elif ending(name) == DATA:
            found[name] = MATRICES if _holds_matrix(name, files[name]) else TABLES
        else:
            found[name] = DOCUMENTS
    return found


def _holds_matrix(name: str, data: bytes) -> bool:
    head = read_table(data.split(b"\n", 1)[0])
    columns = set(head.header) if head else set()
    named = MATRIX_NAME.fullmatch(PurePosixPath(name).stem) is not None
    return columns >= MATRIX_COLUMNS or (named and columns >= {*MATRIX_KEY})
