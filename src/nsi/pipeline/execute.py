"""Running one notebook: in a kernel of its own, its outputs aside until it has succeeded and kept its word."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from nsi.door import PAST_THE_DOOR, RECEIPT, RUN, sha256, write_atomically
from nsi.errors import StudyError
from nsi.pipeline.lock import Record, file_reasons
from nsi.pipeline.modules import SRC
from nsi.pipeline.plan import Run

if TYPE_CHECKING:
    from nsi.pipeline.warm import WarmProcess

RUN_FILE = "run.json"  # what a kernel is told; while it is there, somebody waits for the run


@dataclass(frozen=True)
class Folders:
    """The folders of one `make all`, absolute."""

    study: Path
    data_raw: Path
    out: Path
    staging: Path
    sockets: Path

    @property
    def build(self) -> Path:
        """What is rebuilt and never in git: executed notebooks, pages, times."""
        return self.out / "build"

    def executed(self, run: Run) -> Path:
        """Where a run's executed notebook lies."""
        return self.build / "notebooks" / f"{run.slug}.ipynb"

    def failed(self, run: Run) -> Path:
        """Where the executed notebook of a failed run lies."""
        return self.build / "failed" / f"{run.slug}.ipynb"


@dataclass(frozen=True)
class Job:
    """A run with what is needed to decide whether it must run: its last record and the reasons known so far."""

    run: Run
    folders: Folders
    modules: dict[str, str]
    record: Record | None
    reasons: tuple[str, ...]
    pictures: bool = True  # False: its tables and numbers alone are wanted, as in a sweep


@dataclass
class Outcome:
    """What became of a run: ``fresh``, ``done``, ``failed`` or ``blocked`` (by a failed one)."""

    run_id: str
    state: str
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)
    record: Record | None = None
    error: str = ""
    cell: int | None = None
    blocked_by: str = ""
    peak: int = 0  # bytes of memory that its kernel held at most; 0 where the system does not tell


def carry_out(job: Job, needed: list[Outcome], warm: WarmProcess | None = None) -> Outcome:
    """Run a job if it is not fresh and nothing it needs has failed.

    Parameters
    ----------
    job : Job
        What to run.
    needed : list of Outcome
        What became of the runs that it needs.
    warm : WarmProcess, optional
        Where kernels are forked from; without it each is started anew.

    Returns
    -------
    Outcome
        Never raises for what a notebook does wrong: the outcome says it.
    """
    stopped = next((outcome for outcome in needed if outcome.state in ("failed", "blocked")), None)
    if stopped:
        return Outcome(job.run.id, "blocked", blocked_by=stopped.blocked_by or stopped.run_id)
    reasons = list(job.reasons)
    if job.record is not None:
        reasons += file_reasons(job.record, job.folders.out, job.folders.data_raw)
    if not reasons:
        return Outcome(job.run.id, "fresh", record=job.record)
    began = time.monotonic()
    # A name of its own: a worker of a cluster that was given up for lost may still be at the same run.
    staging = job.folders.staging / f"{job.run.slug}-{uuid4().hex[:8]}"
    try:
        (staging / "work").mkdir(parents=True)
        peaks: list[int] = []
        failure = _execute(job, staging, warm, peaks)
        record = None if failure else _record(job, staging)
        if record:
            _publish(record, staging, job)
        outcome = failure or Outcome(job.run.id, "done", record=record)
        outcome.peak = max(peaks, default=0)
    except StudyError as error:
        outcome = Outcome(job.run.id, "failed", error=str(error))
    except Exception as error:  # a dead kernel, a full disk: whatever it is, the summary names it and the others go on
        outcome = Outcome(job.run.id, "failed", error=f"{type(error).__name__}: {error}")
    _clear(job, staging, outcome.state == "failed")
    outcome.seconds, outcome.reasons = time.monotonic() - began, reasons
    return outcome


def _execute(job: Job, staging: Path, warm: WarmProcess | None, peaks: list[int]) -> Outcome | None:
    """Execute by papermill; return an outcome only if a cell failed. `peaks` receives the memory of the kernel."""
    from nsi.pipeline.kernels import common_environment, kernel_manager, worker_sockets
    from nsi.pipeline.papermill import CellFailed, execute_notebook

    run_file = staging / RUN_FILE
    told = {
        **{name: str(getattr(job.folders, name)) for name in ("study", "data_raw", "out")},
        "staging": str(staging),
        "gathered": job.run.gathered,
        "numbers": job.run.number_files,
        "pictures": job.pictures,
    }
    write_atomically(run_file, json.dumps(told).encode())
    # A worker of a cluster may be another machine: the driver's folder for sockets means nothing there.
    elsewhere = not job.folders.sockets.is_dir()
    sockets = worker_sockets() if elsewhere else job.folders.sockets
    environment = {**common_environment(job.folders.build / "private"), RUN: str(run_file)}
    try:
        execute_notebook(
            job.run.notebook.path,
            staging / "executed.ipynb",
            job.run.parameters,
            kernel_manager(environment, sockets, warm, peaks),
            staging / "work",
        )
    except CellFailed as failed:
        return Outcome(job.run.id, "failed", error=failed.told, cell=failed.cell)
    finally:
        if elsewhere:
            shutil.rmtree(sockets, ignore_errors=True)
    return None


def _record(job: Job, staging: Path) -> Record:
    """Compare what the notebook did with what its cells declare, and return the record of it."""
    run = job.run
    receipt = json.loads((staging / RECEIPT).read_text(encoding="utf-8")) if (staging / RECEIPT).exists() else {}
    past = staging / PAST_THE_DOOR
    if past.exists():
        names = ", ".join(dict.fromkeys(past.read_text(encoding="utf-8").split("\n")[:-1]))
        raise StudyError(f"{names} was opened past the door; use study.raw(...), study.read(...) or study.figure(...)")
    for what, declared, found in (
        ("reads the raw file", set(run.raw.values()), set(receipt.get("raw", {}))),
        ("reads the table", set(run.reads), set(receipt.get("read", {}))),
        ("reads the numbers in", set(run.number_files), set(receipt.get("number_files", {}))),
        ("writes", set(run.outputs) - {run.own_numbers}, set(receipt.get("outputs", {}))),
        ("records the number", set(run.numbers), set(receipt.get("numbers", {}))),
    ):
        if declared - found:
            raise StudyError(
                f"by its cells it {what} {', '.join(sorted(declared - found))}, but it did not when it ran; "
                "calls through the door must not depend on a condition"
            )
        if found - declared:
            raise StudyError(
                f"it {what} {', '.join(sorted(found - declared))}, which its cells do not show; write it out"
            )
    outputs = dict(receipt.get("outputs", {}))
    if run.numbers:
        handed_on = {"numbers": receipt["numbers"], "synthetic": bool(receipt.get("synthetic", False))}
        data = json.dumps(handed_on, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
        write_atomically(staging / run.own_numbers, data)
        outputs[run.own_numbers] = sha256(data)
    return Record(
        notebook=f"notebooks/{run.notebook.path.name}",
        parameters=run.parameters,
        code=run.notebook.code,
        modules=job.modules,
        declared=dict(sorted(receipt.get("declared", {}).items())),
        inputs={
            **{f"data_raw/{name}": digest for name, digest in receipt.get("raw", {}).items()},
            **{f"data_processed/{name}.parquet": digest for name, digest in receipt.get("read", {}).items()},
            **receipt.get("number_files", {}),
        },
        outputs=outputs,
        numbers=receipt.get("numbers", {}),
        figures=receipt.get("figures", {}),
        synthetic=bool(receipt.get("synthetic", False)),
        shown=_shown(job, staging),
    )


def _shown(job: Job, staging: Path) -> str:
    """Digest what the executed notebook shows; folders of this machine go by fixed names."""
    from nbformat import v4

    from nsi.pipeline.normalise import shown_digest

    folders = job.folders
    roots = {"STAGING": staging, "STUDY": folders.study, "DATA_RAW": folders.data_raw, "OUT": folders.out}
    executed = v4.reads((staging / "executed.ipynb").read_text(encoding="utf-8"))
    return shown_digest(executed, roots={**roots, "PROJECT": SRC.parent, "PYTHON": sys.prefix})


def _publish(record: Record, staging: Path, job: Job) -> None:
    """Move the outputs to their places, after all of them are known to be whole; equal files are left alone."""
    if not (staging / RUN_FILE).is_file():
        raise StudyError("the `make all` that asked for this run has ended; nothing was published")
    content: dict[str, bytes] = {}
    for name, digest in record.outputs.items():
        content[name] = (staging / name).read_bytes()
        if sha256(content[name]) != digest:
            raise StudyError(
                f"{name} changed after the notebook wrote it; nothing was published. Run the same command again"
            )
    for name, data in content.items():
        target = job.folders.out / name
        if not (target.is_file() and sha256(target.read_bytes()) == record.outputs[name]):
            write_atomically(target, data)
    _move(staging / "executed.ipynb", job.folders.executed(job.run))


def _clear(job: Job, staging: Path, failed: bool) -> None:
    wanted = (staging / RUN_FILE).exists()
    if failed and wanted and (staging / "executed.ipynb").exists():
        _move(staging / "executed.ipynb", job.folders.failed(job.run))
    shutil.rmtree(staging, ignore_errors=True)
    if not wanted:  # the folders around it were perhaps made again by a late worker
        with contextlib.suppress(OSError):
            os.removedirs(job.folders.staging)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
