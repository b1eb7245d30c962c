"""The quick half of `make verify`: every file against the record and against what was committed, by name."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from nsi.declaration import Declaration
from nsi.errors import StudyError, listed
from nsi.pipeline.diff_runs import LOCK
from nsi.pipeline.diff_source import run_git
from nsi.pipeline.gathered import MARK, NUMBERS, mark_synthetic, write_numbers
from nsi.pipeline.lock import Lock, Record, file_reasons, standing_reasons, versions_digest
from nsi.pipeline.plan import Run, plan
from nsi.pipeline.verify_tree import Tree

CHANGED_FILES = ("diff", "--name-only", "--no-ext-diff", "--relative", "-z", "HEAD")
NEW_FILES = ("ls-files", "--others", "--exclude-standard", "-z")
SUMS = "SHA256SUMS"
RUNS_NAMED = 3
REBUILT = "data_processed/"  # not in git: of a fresh clone it is not there yet


def record_faults(tree: Tree) -> list[str]:
    """List what is not as recorded or as committed.

    Parameters
    ----------
    tree : Tree
        The project, with OUT as it stands.

    Returns
    -------
    list of str
        Sentences that name a file, or the run and the module; empty where everything is as it was.
    """
    faults = [*_not_committed(tree), *_other_sums(tree.data_raw)]
    try:
        faults += _against_lock(tree)
    except StudyError as error:
        faults.append(str(error))
    return list(dict.fromkeys(faults))


def _not_committed(tree: Tree) -> Iterator[str]:
    """Compare with git, byte for byte: comments too, which the record leaves out. Nothing is said without git."""
    places = [
        (tree.root, "", ("src/nsi", "requirements.lock")),
        (tree.notebooks, "notebooks/", (".",)),
        (tree.study, "study/", (".",)),
        (tree.data_raw, "data_raw/", (".",)),
        (tree.out / "figures", "figures/", (".",)),
    ]
    for folder, prefix, parts in places:
        if folder.is_dir():
            for question, told in ((CHANGED_FILES, "is not as it was committed"), (NEW_FILES, "is not in git")):
                names, _ = run_git(folder, *question, "--", *parts)
                yield from (f"{prefix}{os.fsdecode(name)} {told}" for name in (names or b"").split(b"\0") if name)


def _other_sums(data_raw: Path) -> Iterator[str]:
    """Compare raw files with the list of their digests, where there is one."""
    sums = data_raw / SUMS
    if not sums.is_file():
        return
    for number, line in enumerate(sums.read_bytes().decode("utf-8", errors="replace").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        path = data_raw / name
        if not name or not path.is_file():
            yield f"data_raw/{SUMS} line {number}: there is no such file in data_raw"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"data_raw/{name} is not the file that data_raw/{SUMS} lists"


def _against_lock(tree: Tree) -> Iterator[str]:
    path = tree.out / LOCK
    if not path.is_file():
        yield f"{LOCK} is missing: there is no record to compare with; run `make all`"
        return
    lock = Lock.read(path)
    if lock.as_bytes() != path.read_bytes():
        yield f"{LOCK} is not as the pipeline writes it"
    declaration = Declaration(tree.study, tree.data_raw)
    runs = {run.id: run for run in plan(declaration, tree.notebooks)}
    if lock.study != declaration.title:
        yield f"{LOCK} is of the study '{lock.study}', but study.yml declares '{declaration.title}'"
    if lock.versions != versions_digest(tree.root / "requirements.lock"):
        yield "requirements.lock changed since the record was made"
    for run_id in sorted(set(lock.runs) - set(runs)):
        yield f"{LOCK} holds a run that study.yml does not declare: '{run_id}'"
    yield from _run_faults(runs.values(), lock, declaration, tree)
    yield from _gathered(lock, tree.out)


def _run_faults(runs: Iterable[Run], lock: Lock, declaration: Declaration, tree: Tree) -> Iterator[str]:
    """Tell each fault once, with the runs that it concerns."""
    concerned: dict[str, list[str]] = {}
    written = {name: digest for record in lock.runs.values() for name, digest in record.outputs.items()}
    for run in runs:
        reasons = standing_reasons(run, lock, declaration, lock.versions)
        record = lock.runs.get(run.id)
        if record is not None:
            reasons += _of_record(run, record, written)
            reasons += file_reasons(record, tree.out, tree.data_raw)
        for reason in reasons:
            if not (REBUILT in reason and reason.endswith(" is missing")):
                concerned.setdefault(_named(reason, run), []).append(run.id)
    for fault, ids in concerned.items():
        yield f"{fault} since the record was made; it concerns {listed(ids, RUNS_NAMED)}"


def _named(reason: str, run: Run) -> str:
    """Put the file first: a module by its path, code by its notebook."""
    kind, _, rest = reason.partition(" ")
    if kind == "module":
        module, _, what = rest.partition(" ")
        return f"src/{module.replace('.', '/')} {what}"
    if kind in ("input", "output"):
        return rest
    return f"notebooks/{run.notebook.path.name}: {reason}" if kind in ("its", "it") else reason


def _of_record(run: Run, record: Record, written: dict[str, str]) -> Iterator[str]:
    """Hold the record against itself: what it says it read must be what another run says it wrote."""
    if record.notebook != f"notebooks/{run.notebook.path.name}":
        yield "its name changed"
    if set(record.outputs) != set(run.outputs):
        yield "its outputs changed"
    if set(record.numbers) != set(run.numbers):
        yield "its numbers changed"
    for name, digest in record.inputs.items():
        if name in written and written[name] != digest:
            yield f"{LOCK}: what it says of {name} changed"


def _gathered(lock: Lock, out: Path) -> Iterator[str]:
    """Draw from the record what is drawn from it, and compare."""
    with tempfile.TemporaryDirectory(prefix="nsi-verify-") as folder:
        write_numbers(lock, Path(folder))
        mark_synthetic(lock, Path(folder))
        for name in (NUMBERS, MARK):
            drawn, stands = Path(folder) / name, out / name
            if drawn.is_file() != stands.is_file():
                yield f"{name} is {'missing' if drawn.is_file() else 'there, though nothing is synthetic'}"
            elif drawn.is_file() and drawn.read_bytes() != stands.read_bytes():
                yield f"{name} is not what follows from {LOCK}"
