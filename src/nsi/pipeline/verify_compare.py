"""What came out of a fresh run against what is on record: identical, same pixels, within tolerance, or different."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from nsi.pipeline.diff_documents import compare_documents
from nsi.pipeline.diff_entries import CHANGED, FORM, PICTURES, Entry, table_change, table_told
from nsi.pipeline.diff_results import Difference, compare_results, outputs_by_kind
from nsi.pipeline.diff_runs import LOCK
from nsi.pipeline.diff_source import read_result
from nsi.pipeline.diff_tables import TableChange
from nsi.pipeline.diff_values import NUMBER, Change
from nsi.pipeline.gathered import MARK, NUMBERS
from nsi.pipeline.lock import Lock, Record, file_digest

IDENTICAL, SAME_PIXELS, WITHIN, DIFFERENT = "identical", "same pixels", "within tolerance", "different"
STATES = (IDENTICAL, SAME_PIXELS, WITHIN, DIFFERENT)  # from best to worst
TOLERANCE = 1e-9  # relative, or absolute near zero: far above rounding, far below what a text prints
RESTS_ON = ("notebook", "parameters", "code", "modules", "declared")


@dataclass(frozen=True)
class Verdict:
    """How one output of a fresh run compares.

    Attributes
    ----------
    name : str
        Path below OUT; of a figure without its ending, for all its forms; of an executed notebook its run.
    kind : str
        ``"figures"``, ``"tables"``, ..., ``"processed"``, ``"notebooks"``, ``"record"``.
    state : str
        One of STATES.
    told : str
        What differs, in a few words; empty where nothing does.
    """

    name: str
    kind: str
    state: str
    told: str = ""


@dataclass(frozen=True)
class Comparison:
    """Everything that one fresh run says: verdicts by name, and the details of what differs in figures/."""

    verdicts: dict[str, Verdict]
    difference: Difference

    @property
    def different(self) -> list[Verdict]:
        """Verdicts that fail the verification."""
        return [verdict for verdict in self.verdicts.values() if verdict.state == DIFFERENT]


def compare(out: Path, fresh: Path, tolerance: float = TOLERANCE) -> Comparison:
    """Compare the results on record in `out` with those of a fresh run in `fresh`.

    Raises
    ------
    StudyError
        If one of the two holds no results that can be read.
    """
    found = compare_results(read_result(str(out), out), read_result(str(fresh), fresh))
    locks = Lock.read(out / LOCK), Lock.read(fresh / LOCK)
    verdicts = [*_results(found, tolerance), *_processed(locks, out, fresh, tolerance), *_notebooks(locks)]
    verdicts.append(_record(locks, out, fresh, verdicts))
    return Comparison({verdict.name: verdict for verdict in verdicts}, found)


def _results(found: Difference, tolerance: float) -> Iterator[Verdict]:
    entries = {entry.name: (kind, entry) for kind, several in found.entries.items() for entry in several}
    for name, kind in outputs_by_kind({**found.old.files, **found.new.files}).items():
        entry = entries.get(name)
        yield _judged(name, *entry, tolerance) if entry else Verdict(name, kind, IDENTICAL)
    yield _numbers(found, tolerance)
    marks = [result.files.get(MARK) for result in (found.old, found.new)]
    if any(marks):
        yield Verdict(MARK, "record", IDENTICAL if marks[0] == marks[1] else DIFFERENT)


def _judged(name: str, kind: str, entry: Entry, tolerance: float) -> Verdict:
    if entry.state == FORM:
        return Verdict(name, kind, SAME_PIXELS if kind == PICTURES else WITHIN, entry.told)
    repainted = entry.picture is not None and entry.picture.share != 0
    close = entry.table is not None and within(entry.table, tolerance)
    if entry.state == CHANGED and close and not repainted and not entry.parts and entry.old_alt == entry.new_alt:
        return Verdict(name, kind, WITHIN, entry.told)
    return Verdict(name, kind, DIFFERENT, entry.told if entry.state == CHANGED else f"{entry.state}: {entry.told}")


def within(change: TableChange, tolerance: float) -> bool:
    """Whether two tables have the same rows, columns and texts, and numbers that differ by no more than that."""
    if change.resized or change.rows_moved or change.columns_moved:
        return False
    return all(_close(cell.change, tolerance) for cell in change.cells)


def _close(change: Change, tolerance: float) -> bool:
    return change.kind == NUMBER and min(abs(change.relative), abs(change.difference)) <= tolerance


def _numbers(found: Difference, tolerance: float) -> Verdict:
    numbers = found.numbers
    if found.old.files.get(NUMBERS) == found.new.files.get(NUMBERS):
        return Verdict(NUMBERS, "numbers", IDENTICAL)
    close = all(_close(change, tolerance) for change in numbers.changed.values())
    names = ", ".join([*numbers.changed, *numbers.added, *numbers.removed][:3])
    if close and not numbers.added and not numbers.removed:
        return Verdict(NUMBERS, "numbers", WITHIN, names)
    return Verdict(NUMBERS, "numbers", DIFFERENT, names)


def _processed(locks: tuple[Lock, Lock], out: Path, fresh: Path, tolerance: float) -> Iterator[Verdict]:
    before, now = (_outputs(lock) for lock in locks)
    for name in sorted({*before, *now}):
        if name.startswith("figures/"):
            continue
        if name not in before or name not in now:
            yield Verdict(name, "processed", DIFFERENT, "removed" if name in before else "added")
        elif before[name] == now[name]:
            yield Verdict(name, "processed", IDENTICAL)
        elif file_digest(out / name) != before[name]:
            yield Verdict(name, "processed", DIFFERENT, "other bytes; OUT has none to compare them with")
        else:
            yield _file_verdict(name, (out / name).read_bytes(), (fresh / name).read_bytes(), tolerance)


def _outputs(lock: Lock) -> dict[str, str]:
    return {name: digest for record in lock.runs.values() for name, digest in record.outputs.items()}


def _file_verdict(name: str, before: bytes, now: bytes, tolerance: float) -> Verdict:
    if PurePosixPath(name).suffix == ".parquet":
        before, now = _as_csv(before), _as_csv(now)
    change = table_change(before, now) if PurePosixPath(name).suffix in (".parquet", ".csv") else None
    if change is not None:
        return Verdict(name, "processed", WITHIN if within(change, tolerance) else DIFFERENT, table_told(change))
    parts = compare_documents(name, before, now)
    told = ", ".join(f"{part.part} {part.told}".strip() for part in parts[:3])
    return Verdict(name, "processed", DIFFERENT if parts else WITHIN, told or "the same words, packed in another way")


def _as_csv(parquet: bytes) -> bytes:
    import pandas as pd  # slow to import, and most comparisons need none

    text: str = pd.read_parquet(io.BytesIO(parquet)).to_csv(index=False)
    return text.encode()


def _notebooks(locks: tuple[Lock, Lock]) -> Iterator[Verdict]:
    """Executed notebooks, by the digest of what they show in normalised form."""
    before, now = (lock.runs for lock in locks)
    for run in sorted({*before, *now}):
        shown = [runs[run].shown if run in runs else "" for runs in (before, now)]
        if not shown[0]:
            told = "the record does not say what it showed; run `make clean all`"
            yield Verdict(run, "notebooks", DIFFERENT, told)
        else:
            told = "" if shown[0] == shown[1] else "what stands below its cells is not the same"
            yield Verdict(run, "notebooks", DIFFERENT if told else IDENTICAL, told)


def _record(locks: tuple[Lock, Lock], out: Path, fresh: Path, verdicts: list[Verdict]) -> Verdict:
    """Judge the lock: other digests follow from other outputs; anything else in it is a difference of its own."""
    if (out / LOCK).read_bytes() == (fresh / LOCK).read_bytes():
        return Verdict(LOCK, "record", IDENTICAL)
    before, now = ({run: _basis(record) for run, record in lock.runs.items()} for lock in locks)
    other = [run for run in sorted({*before, *now}) if before.get(run) != now.get(run)]
    if other or (locks[0].versions, locks[0].study) != (locks[1].versions, locks[1].study):
        return Verdict(LOCK, "record", DIFFERENT, f"what runs rest on: {', '.join(other[:3]) or 'versions or title'}")
    worst = max((verdict.state for verdict in verdicts), key=STATES.index)
    if worst == IDENTICAL:
        return Verdict(LOCK, "record", DIFFERENT, "its form, or something beside the outputs")
    return Verdict(LOCK, "record", worst, "digests of the outputs that differ")


def _basis(record: Record) -> dict[str, object]:
    whole = asdict(record)
    return {part: whole[part] for part in RESTS_ON}
