"""`make all` from end to end: plan, decide, run, record, and show."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nsi.declaration import Declaration
from nsi.errors import StudyError
from nsi.pipeline.execute import Folders, Job, Outcome
from nsi.pipeline.gathered import MARK, NUMBERS, mark_synthetic, write_numbers, write_results
from nsi.pipeline.holding import clean_sockets, clear_after_a_kill, end_kernels, running_alone
from nsi.pipeline.lock import Lock, file_digest, file_reasons, standing_reasons, versions_digest
from nsi.pipeline.modules import SRC, module_digests
from nsi.pipeline.plan import Run, plan
from nsi.pipeline.remembered import FILE as REMEMBERED
from nsi.pipeline.remembered import remember_in
from nsi.pipeline.report import Report, shown
from nsi.pipeline.results_text import PLACE, read_templates
from nsi.pipeline.settled import FILE as SETTLED
from nsi.pipeline.settled import keep
from nsi.pipeline.site import Site

if TYPE_CHECKING:
    from nsi.pipeline.warm import WarmProcess

ROOT = SRC.parent
LOCK = "figures/lock.json"
OWN_IN_BUILD = ("notebooks", "html", "failed", "staging", "private", "times.json", "pages.json", "running",
                "diff.html", "graph.svg", "verify.html", "codecheck.yml", "parsed.json", SETTLED, "multiverse")
# Removed where they are empty; what lies in another comes before it.
FOLDERS = ("build", "data_processed/numbers", "data_processed", "figures/tables", "figures/documents", "figures")


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line; paths as given."""

    study: Path
    data_raw: Path
    out: Path
    notebooks: Path
    jobs: int
    dask: str = ""
    plain: bool = False


class Compendium:
    """One study, its runs, its record, in one OUT folder.

    Parameters
    ----------
    request : Request
        What was asked for.

    Raises
    ------
    StudyError
        If anything in the declaration, the notebooks or the data's place can be seen to be wrong before running.
    """

    def __init__(self, request: Request) -> None:
        out = request.out.resolve()
        self.request = request
        self.folders = Folders(
            study=request.study.resolve(),
            data_raw=request.data_raw.resolve(),
            out=out,
            staging=out / "build" / "staging" / str(os.getpid()),
            sockets=Path(),
        )
        self.remembered = remember_in(self.folders.build / REMEMBERED)
        self.declaration = Declaration(self.folders.study, self.folders.data_raw)
        self.runs = plan(self.declaration, request.notebooks.resolve())
        recorded = {name for run in self.runs for name in run.numbers}
        self.templates = read_templates(self.folders.study, self.declaration.results, recorded)
        self.versions = versions_digest(ROOT / "requirements.lock")
        self.lock = Lock.read(out / LOCK)
        if self.lock.study not in ("", self.declaration.title):
            raise StudyError(
                f"{shown(out / LOCK)} holds the results of another study, '{self.lock.study}', which would be removed; "
                "give this study a folder of its own, make all OUT=<folder>, or, if only the title changed, "
                "delete that file"
            )

    def reasons(self) -> dict[str, list[str]]:
        """Say of each run why it is not fresh by itself; empty lists where it is."""
        found = {}
        digest = cache(file_digest)  # of this moment: the same table is read by many runs
        for run in self.runs:
            reasons = standing_reasons(run, self.lock, self.declaration, self.versions)
            record = self.lock.runs.get(run.id)
            if record:
                reasons += file_reasons(record, self.folders.out, self.folders.data_raw, digest)
                # Of a fresh clone the figures are there already; a reviewer wants to see how they were made.
                if not self.folders.executed(run).is_file():
                    reasons.append("its executed notebook is missing")
            found[run.id] = reasons
        return found

    def make(self) -> int:
        """Bring everything up to date; return the exit status."""
        reasons = self.reasons()
        stale = [run for run in self.runs if reasons[run.id]]
        orphans = self._orphans()
        site = Site(self.runs, self.folders, self.declaration)
        if not stale:
            clear_after_a_kill(self.folders)
            self._finish(orphans, failed=set())
            pages = site.update(self.lock, {}, self.request.jobs)
            self.remembered.save()
            told = "pages renewed" if pages else f"{len(self.runs)} runs are fresh"
            told = f"{self.declaration.title}: nothing to run, {told}"
            print(f"{told}. Pages: {shown(site.html / 'index.html')}")
            if not pages:
                self._keep_settled(told)
            return 0
        with running_alone(self.folders.build), clean_sockets(self.folders) as folders:
            return self._run(folders, reasons, len(stale), orphans, site)

    def _keep_settled(self, told: str) -> None:
        made = [self.folders.out / name for name in ("figures", "data_processed")]
        made += [self.folders.build / name for name in ("notebooks", "html", "failed")]
        asked = (self.folders.study, self.folders.data_raw, self.request.notebooks.resolve())
        keep(self.folders.build, asked, made, told)

    def _run(self, folders: Folders, reasons: dict[str, list[str]], stale: int, orphans: list[str], site: Site) -> int:
        from nsi.pipeline.graph import run_graph

        if self.lock.versions != self.versions:
            self.lock = Lock(self.versions, self.declaration.title, {})
        self.lock.study = self.declaration.title
        report = Report(self.runs, folders)
        at_once = f"on {self.request.dask}" if self.request.dask else f"({self.request.jobs} at a time)"
        report.begin(self.declaration.title, stale, at_once)

        def ended(outcome: Outcome) -> None:
            report.ended(outcome)
            if outcome.state == "done" and outcome.record:
                self.lock.runs[outcome.run_id] = outcome.record
                self.lock.save(folders.out / LOCK)

        jobs = [self._job(run, folders, reasons[run.id]) for run in self.runs]
        warm = self._warm_process(folders)
        try:
            run_graph(
                jobs,
                workers=self.request.jobs,
                cluster=self.request.dask,
                warm=warm,
                started=report.started,
                ended=ended,
            )
        finally:
            if warm:
                warm.end()
            end_kernels()
            shutil.rmtree(folders.staging.parent, ignore_errors=True)
        self._finish(orphans, failed={run for run, outcome in report.outcomes.items() if outcome.state == "failed"})
        site.update(self.lock, report.outcomes, self.request.jobs)
        self.remembered.save()
        return report.summary()

    def _warm_process(self, folders: Folders) -> WarmProcess | None:
        from nsi.pipeline.kernels import common_environment
        from nsi.pipeline.warm import WarmProcess

        if self.request.plain or self.request.dask or not WarmProcess.possible():
            return None
        return WarmProcess(common_environment(folders.build / "private"), folders.sockets)

    def _job(self, run: Run, folders: Folders, reasons: list[str]) -> Job:
        # Reasons about files are left to the moment of running: an earlier run may still settle or raise them.
        standing = [reason for reason in reasons if not reason.startswith(("input ", "output "))]
        modules = module_digests(run.notebook.imports)
        return Job(run, folders, modules, self.lock.runs.get(run.id), tuple(standing))

    def _orphans(self) -> list[str]:
        """Outputs on record that no run writes any more."""
        written = {path for run in self.runs for path in run.outputs}
        return sorted({path for record in self.lock.runs.values() for path in record.outputs} - written)

    def _finish(self, orphans: list[str], failed: set[str]) -> None:
        """Write what is drawn from all records together, and remove what no longer holds."""
        for run in self.runs:
            if run.id not in failed:
                self.folders.failed(run).unlink(missing_ok=True)
        planned = {run.id for run in self.runs}
        self.lock.runs = {run: record for run, record in self.lock.runs.items() if run in planned}
        for path in orphans:
            (self.folders.out / path).unlink(missing_ok=True)
            print(f"removed {path}: no notebook writes it any more")
        numbers = write_numbers(self.lock, self.folders.out)
        mark_synthetic(self.lock, self.folders.out)
        self.lock.save(self.folders.out / LOCK)
        write_results(self.templates, numbers, self.lock, self.folders.out)

    def why(self) -> int:
        """Print what would run and because of what."""
        reasons = self.reasons()
        stale: dict[str, str] = {}
        for run in self.runs:
            waits = next((need for need in run.needs if need in stale), None)
            if reasons[run.id]:
                stale[run.id] = "; ".join(reasons[run.id])
            elif waits:
                stale[run.id] = f"perhaps: only if '{waits}' writes other bytes"
        for run_id, told in stale.items():
            print(f"{run_id}\n    {told}")
        print(
            f"{len(stale)} of {len(self.runs)} runs would run, or might"
            if stale
            else f"all {len(self.runs)} runs are fresh"
        )
        return 0

    def clean(self) -> int:
        """Remove what `make all` rebuilds, by the record, and nothing else."""
        recorded = {path for record in self.lock.runs.values() for path in record.outputs}
        for path in [*sorted(recorded), LOCK, NUMBERS, MARK, PLACE]:
            (self.folders.out / path).unlink(missing_ok=True)
        for name in OWN_IN_BUILD:
            target = self.folders.build / name
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        kept = []
        for name in FOLDERS:
            folder = self.folders.out / name
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
            elif folder.is_dir():
                kept += [shown(path) for path in sorted(folder.iterdir()) if path.is_file()]
        print(f"removed {len(recorded)} outputs and their pages")
        if kept:
            print(f"left alone, because no notebook on record wrote them: {', '.join(kept)}")
        return 0
