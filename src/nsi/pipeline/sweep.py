"""`make multiverse`: chosen notebooks under every combination of choices, and the curves of what came out."""

from __future__ import annotations

import csv
import difflib
import io
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from nsi.declaration import Declaration
from nsi.door import sha256, write_atomically
from nsi.errors import StudyError, listed
from nsi.multiverse import FILE, Multiverse, read_multiverse
from nsi.pipeline.execute import Folders, Job, Outcome
from nsi.pipeline.holding import clean_sockets, end_kernels, running_alone
from nsi.pipeline.lock import Lock, Record, standing_reasons
from nsi.pipeline.make import ROOT, Compendium, Request
from nsi.pipeline.modules import module_digests
from nsi.pipeline.plan import Run
from nsi.pipeline.report import Report, shown
from nsi.pipeline.sweep_nodes import (
    Node,
    SweepFolders,
    keep_only,
    lay_out,
    node_folders,
    node_of,
    read_times,
    relevant_choices,
    wanted_runs,
    write_study,
)
from nsi.strict import read_yaml

CURVES = "96_specification_curve"  # the notebook that draws what came out; it lies apart from those of `make all`
FOLDER = ROOT / "notebooks" / "multiverse"
RESULTS = "multiverse"  # the raw table that it reads
COLUMNS = ("universe", "what", "name", "value")


class Sweep:
    """One study's multiverse, below OUT/build/multiverse; nothing of `make all` is touched.

    Parameters
    ----------
    request : Request
        As for `make all`.

    Raises
    ------
    StudyError
        If the multiverse is declared wrong, or the study itself is not up to date.
    """

    def __init__(self, request: Request) -> None:
        self.base = Compendium(request)
        self.request = request
        self.multiverse: Multiverse = read_multiverse(self.base.folders.study)
        self.root = self.base.folders.build / "multiverse"
        self.runs = wanted_runs(self.base.runs, self.multiverse.notebooks)
        self._require_numbers()
        reasons = self.base.reasons()
        stale = [run.id for run in self.runs if reasons[run.id]]
        if stale:
            more = f" and {len(stale) - 1} more" if len(stale) > 1 else ""
            raise StudyError(f"'{stale[0]}'{more} not up to date, and a multiverse begins at the study; "
                             "run `make all` first")  # fmt: skip
        self.felt = relevant_choices(self.runs, self.base.lock, self.multiverse)
        self.universes = self.multiverse.universes()
        self.declarations: dict[Path, Declaration] = {}
        self.settled: set[str] = set()  # nodes that ran or were fresh this time
        self.lock = Lock.read(self.root / "lock.json")
        if self.lock.versions != self.base.versions:
            self.lock = Lock(self.base.versions, self.base.declaration.title, {})

    def _require_numbers(self) -> None:
        """A misspelt name is told now, not when everything has run."""
        recorded = {name for run in self._asked() for name in run.numbers}
        for question in self.multiverse.questions.values():
            for name in question.numbers:
                if name not in recorded:
                    near = difflib.get_close_matches(name, recorded, n=1)
                    hint = f"did you mean '{near[0]}'?" if near else f"there are {listed(sorted(recorded), 12)}"
                    where = f"{FILE} questions.{question.name}"
                    raise StudyError(f"{where}: none of its notebooks records '{name}'; {hint}")

    def _asked(self) -> list[Run]:
        return [run for run in self.runs if run.notebook.name in self.multiverse.notebooks]

    def nodes(self) -> dict[str, dict[str, Node]]:
        """Node of each run in each universe, by the universe's number; runs that feel no choice have none."""
        return {
            f"{place:04d}": {
                run.id: node_of(run, universe, self.felt[run.id], self.root)
                for run in self.runs if self.felt[run.id]
            }
            for place, universe in enumerate(self.universes)
        }  # fmt: skip

    def make(self) -> int:
        """Run what is not fresh, collect, and draw; return the exit status."""
        by_universe = self.nodes()
        together: dict[str, tuple[Node, dict[str, Node]]] = {}
        for nodes in by_universe.values():
            for run_id, node in nodes.items():
                needs = {need: nodes[need] for need in self._run(run_id).needs if need in nodes}
                together.setdefault(node.run.id, (node, needs))
        told = f"{len(self.universes)} universes of {len(self.multiverse.choices)} choices, {len(together)} runs"
        minutes, by = self._minutes([node for node, _ in together.values()])
        work = f", {minutes:.0f} min of notebooks in all by {by}" if minutes else ""
        print(f"{self.base.declaration.title}: {told}{work}. In: {shown(self.root)}", flush=True)
        with running_alone(self.root):
            status = self._run_all(together)
        self._collect(by_universe)
        drawn = self._draw()  # also where a run failed: its universes stand there as not tested
        return status or drawn

    def _minutes(self, nodes: Sequence[Node]) -> tuple[float, str]:
        """Minutes that nodes take: by what they took last, or others of the same run; else by `make all`."""
        drawn, own = (read_times(out / "build" / "times.json") for out in (self.base.folders.out, self.root))
        ids = {run.slug: run.id for run in self.runs}  # a node keeps the slug of its run
        seconds, by = 0.0, "what they took last"
        for node in nodes:
            run = ids[node.run.slug]
            known = [own[node.run.id]] if node.run.id in own else [
                taken for other, taken in own.items() if other.startswith(f"{run} [")]  # fmt: skip
            by = by if known else "the times of `make all`, which draws figures besides"
            seconds += math.fsum(known) / len(known) if known else drawn.get(run, 0.0)
        return seconds / 60, by

    def _run(self, run_id: str) -> Run:
        return next(run for run in self.runs if run.id == run_id)

    def _run_all(self, together: Mapping[str, tuple[Node, dict[str, Node]]]) -> int:
        from nsi.pipeline.graph import run_graph

        own = replace(self.base.folders, out=self.root, staging=self.root / "build" / "staging" / str(os.getpid()))
        with clean_sockets(own) as folders:
            jobs = [self._job(node, needs, folders) for node, needs in together.values()]
            homes = {node.run.id: node.home for node, _ in together.values()}
            report = Report([job.run for job in jobs], SweepFolders(**vars(folders), homes=homes),
                            results={"tables of each universe": self.root / "runs"})  # fmt: skip
            at_once = f"on {self.request.dask}" if self.request.dask else f"({self.request.jobs} at a time)"
            ahead = [node for job, (node, _) in zip(jobs, together.values(), strict=True) if job.reasons]
            report.begin("Multiverse", len(ahead), at_once, f", {self._minutes(ahead)[0]:.0f} min of notebooks")

            def ended(outcome: Outcome) -> None:
                report.ended(outcome)
                if outcome.state in ("done", "fresh"):
                    self.settled.add(outcome.run_id)
                if outcome.state == "done" and outcome.record:
                    self.lock.runs[outcome.run_id] = outcome.record
                    self.lock.save(self.root / "lock.json")

            warm = self.base._warm_process(folders)
            try:
                run_graph(jobs, workers=self.request.jobs, cluster=self.request.dask, warm=warm,
                          started=report.started, ended=ended)  # fmt: skip
            finally:
                if warm:
                    warm.end()
                end_kernels()
                shutil.rmtree(folders.staging.parent, ignore_errors=True)
        self.lock.runs = {run: record for run, record in self.lock.runs.items() if run in together}
        self.lock.save(self.root / "lock.json")
        keep_only(self.root / "runs", homes.values())
        keep_only(self.root / "studies", self.declarations)
        return report.summary()

    def _job(self, node: Node, needs: Mapping[str, Node], folders: Folders) -> Job:
        """A job of the usual kind: the graph need not know that it belongs to a sweep."""
        if node.study not in self.declarations:
            write_study(node.study, self.base.folders.study, self.multiverse, dict(node.options))
            self.declarations[node.study] = Declaration(node.study, folders.data_raw)
        lay_out(node, needs, self.base.folders.out, folders.out / "build" / "private")
        run = replace(node.run, needs=[other.run.id for other in needs.values()])
        reasons = standing_reasons(run, self.lock, self.declarations[node.study], self.base.versions)
        record = self.lock.runs.get(run.id)
        modules = module_digests(run.notebook.imports)
        return Job(run, node_folders(node, folders), modules, record, tuple(reasons), pictures=False)

    def _collect(self, by_universe: Mapping[str, Mapping[str, Node]]) -> None:
        """Write one table: of each universe its options, and the numbers that its runs recorded."""
        table = io.StringIO()
        out = csv.writer(table, lineterminator="\n")
        out.writerow(COLUMNS)
        synthetic, without = False, 0
        for (name, nodes), universe in zip(by_universe.items(), self.universes, strict=True):
            out.writerows((name, "choice", choice, option) for choice, option in universe.items())
            records = [self._record(run, nodes.get(run.id)) for run in self._asked()]
            without += None in records
            for record in records:
                if record is not None:
                    synthetic |= record.synthetic
                    out.writerows((name, "number", number, value) for number, value in record.numbers.items())
        if without:
            print(f"{without} of {len(self.universes)} universes lack numbers, because a run failed there: a question "
                  "that needs them cannot be tested in them, and they are not counted. Where that is a "
                  "mistake, mend it and run the same command; what was done is kept")  # fmt: skip
        folder = self.root / "result" / "data_raw"
        data = table.getvalue().encode()
        write_atomically(folder / f"{RESULTS}.csv", data)
        mark = folder / "SYNTHETIC"
        if synthetic:
            write_atomically(mark, f"{sha256(data)}  {RESULTS}.csv\n".encode())
        else:
            mark.unlink(missing_ok=True)

    def _record(self, run: Run, node: Node | None) -> Record | None:
        """What a run recorded in a universe; none where it failed, whatever stands there from another day."""
        if node is None:
            return self.base.lock.runs[run.id]
        return self.lock.runs.get(node.run.id) if node.run.id in self.settled else None

    def _draw(self) -> int:
        """Draw the curves by the notebook for it, as a small study of its own."""
        base, folder = self.base.declaration, self.root / "result" / "study"
        codebook = str(read_yaml(base.folder / "study.yml").get("codebook", "codes.csv"))
        columns = {name: name for name in COLUMNS}
        keys = {
            "title": base.title, "seed": base.seed, "codebook": codebook,
            "raw": {RESULTS: {"file": f"{RESULTS}.csv", "key": list(COLUMNS[:3]), "columns": columns}},
            "settings": {RESULTS: self._settings()},
            "notebooks": [{"run": CURVES, "over": {"question": list(self.multiverse.questions)}}],
        }  # fmt: skip
        write_atomically(folder / "study.yml", yaml.safe_dump(keys, sort_keys=False, allow_unicode=True).encode())
        write_atomically(folder / codebook, (base.folder / codebook).read_bytes())
        request = replace(self.request, study=folder, data_raw=self.root / "result" / "data_raw",
                          out=self.root / "result", notebooks=FOLDER)  # fmt: skip
        return Compendium(request).make()

    def _settings(self) -> dict[str, object]:
        return {
            "choices": {
                name: {"label": choice.label, "usual": choice.usual, "options": list(choice.options)}
                for name, choice in self.multiverse.choices.items()
            },
            "questions": {
                name: {"says": asked.says, "test": asked.test, "estimate": asked.estimate, "label": asked.label,
                       "reference": asked.reference}
                for name, asked in self.multiverse.questions.items()
            },  # fmt: skip
        }
