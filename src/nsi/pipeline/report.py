"""What a person sees while notebooks run: a line each, with its time and that of the last run, and a summary."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from nsi.door import write_atomically
from nsi.pipeline.execute import Folders, Outcome
from nsi.pipeline.plan import Run
from nsi.pipeline.settled import shown as shown

MIB = 2**20
NAMED = 3  # runs that the summary names
LABELS = {"done": "done", "failed": "FAILED", "blocked": "waits", "fresh": "fresh"}


class Report:
    """Prints progress and keeps how long each run took.

    Parameters
    ----------
    runs : list of Run
        All runs of the study.
    folders : Folders
        Where times are kept and what the summary points to.
    stream : text stream, optional
        Where to print; by default standard output.
    results : mapping of str to Path, optional
        What the summary points to, by what it is called; by default figures and pages.
    """

    def __init__(
        self, runs: list[Run], folders: Folders, stream: TextIO | None = None,
        results: Mapping[str, Path] | None = None,
    ) -> None:  # fmt: skip
        self.runs = {run.id: run for run in runs}
        self.folders = folders
        self.stream = stream or sys.stdout
        self.outcomes: dict[str, Outcome] = {}
        usual = {"figures and tables": folders.out / "figures", "pages": folders.build / "html" / "index.html"}
        self._results = usual if results is None else results
        self._began = time.monotonic()
        self._times_file = folders.build / "times.json"
        self._last: dict[str, float] = _read_times(self._times_file)
        self._peaks: dict[str, int] = {}
        self._running: list[str] = []
        self._ended = 0

    def begin(self, title: str, to_do: int, workers: str, ahead: str | None = None) -> None:
        """Print what is ahead: by default how long all runs took when they ran last."""
        known = [self._last[run] for run in self.runs if run in self._last]
        if ahead is None:
            ahead = f", about {sum(known):.0f} s of work by the last run" if known else ""
        self._line(f"{title}: {len(self.runs)} runs, {to_do} not fresh {workers}{ahead}")

    def started(self, run_id: str) -> None:
        """Show, on a terminal, what runs now; the line gives way to the next one."""
        self._running.append(run_id)
        self._show_running()

    def ended(self, outcome: Outcome) -> None:
        """Print the line of a run that has ended."""
        self.outcomes[outcome.run_id] = outcome
        if outcome.run_id in self._running:
            self._running.remove(outcome.run_id)
        self._ended += 1
        if outcome.state != "fresh":
            last = self._last.get(outcome.run_id)
            before = f" (last {last:.1f} s)" if last is not None else ""
            taken = f"{outcome.seconds:6.1f} s{before}" if outcome.state != "blocked" else f"for {outcome.blocked_by}"
            label = LABELS[outcome.state]
            self._line(f"[{self._ended:>3}/{len(self.runs)}] {label:<6} {outcome.run_id:<52} {taken}")
        if outcome.state == "done":
            self._last[outcome.run_id] = outcome.seconds
            self._peaks[outcome.run_id] = outcome.peak
        self._show_running()

    def summary(self) -> int:
        """Print what became of all runs; return the exit status."""
        kept = {run: round(seconds, 2) for run, seconds in self._last.items() if run in self.runs}
        write_atomically(self._times_file, json.dumps(kept, indent=1, sort_keys=True).encode())
        states = [outcome.state for outcome in self.outcomes.values()]
        for outcome in self.outcomes.values():
            if outcome.state == "failed":
                self._tell_failure(outcome)
        counts = [f"{states.count('done')} run", f"{states.count('fresh')} fresh"]
        counts += [f"{states.count(state)} {word}" for state, word in _BAD if states.count(state)]
        self._line(f"\n{', '.join(counts)}, in {time.monotonic() - self._began:.1f} s")
        for line in self._measured():
            self._line(line)
        for what, place in self._results.items():
            self._line(f"{what}: {shown(place)}")
        return 1 if any(state in ("failed", "blocked") for state in states) else 0

    def _measured(self) -> list[str]:
        """Tell which runs took longest and which most memory; the record of results holds none of it."""
        done = {run: self._last[run] for run in self._peaks}
        told = []
        if len(done) > 1:
            told.append(f"longest: {_largest(done, '{:.1f} s')}; {sum(done.values()):.1f} s of notebooks in all")
        held = {run: peak / MIB for run, peak in self._peaks.items() if peak}
        if held:
            told.append(f"most memory: {_largest(held, '{:.0f} MiB')}")
        return told

    def _tell_failure(self, outcome: Outcome) -> None:
        run = self.runs[outcome.run_id]
        place = f" in cell {outcome.cell}" if outcome.cell else ""
        self._line(f"\n{outcome.run_id} failed{place}; nothing of its outputs was published:")
        self._line(textwrap.indent(textwrap.fill(outcome.error, 110, break_long_words=False), "    "))
        if self.folders.failed(run).exists():
            self._line(f"    executed notebook: {shown(self.folders.failed(run))}")

    def _show_running(self) -> None:
        if self.stream.isatty():
            told = ", ".join(f"{run}{self._estimate(run)}" for run in self._running)
            self.stream.write(f"\r\x1b[2K{('running: ' + told)[:100] if told else ''}")
            self.stream.flush()

    def _estimate(self, run_id: str) -> str:
        return f" (about {self._last[run_id]:.0f} s)" if run_id in self._last else ""

    def _line(self, text: str) -> None:
        clear = "\r\x1b[2K" if self.stream.isatty() else ""
        self.stream.write(f"{clear}{text}\n")
        self.stream.flush()


_BAD = (("failed", "failed"), ("blocked", "waiting for a failed one"))


def _largest(values: dict[str, float], written: str) -> str:
    first = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
    return ", ".join(f"{run} {written.format(value)}" for run, value in first)


def _read_times(path: Path) -> dict[str, float]:
    """Times only serve estimates, so a damaged file costs nothing but those."""
    try:
        return {str(run): float(seconds) for run, seconds in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
