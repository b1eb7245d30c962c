"""Time and memory of the survey notebooks on an enlarged survey, through the pipeline.

    python benchmarks/survey.py [--scale 100] [--keep]

Draws the survey of study/ at scale 1, at a tenth of --scale and at --scale into a temporary folder, and runs the
notebooks 02, 11 and 12 on each, one at a time. Prints every run, a table and a summary; ends with 1 where a limit is
missed. What is measured, of the pipeline and all processes that it starts, sampled ten times a second:

CPU time    user and system, added up; other work on the machine disturbs it less than it disturbs wall time.
peak        resident memory, added up over the processes, so that what they share counts several times.

Two ratios say how time grows, both of all notebooks together:

per response  CPU time for each response at --scale over that at scale 1, nothing taken off; at most 1.
growth        CPU time for each further response from the tenth to --scale, over that from scale 1 to the tenth. What
              a run costs at any scale (start-up, most figures) cancels out, so that waste can hardly hide behind it.
              Figures with a row for each case stop growing at a number of cases, which lies between scale 1 and the
              tenth: their share makes the ratio smaller. At most 1.15: from scale 1 to the tenth is about a minute,
              of which a busy machine changes several per cent. Smaller scales are run twice; the faster run counts.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

import psutil
import yaml

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ("02_", "11_", "12_")
GIB = 2**30
EVERY = 0.1  # seconds between two samples
ROOM = 40 * 2**20  # bytes on disk for each unit of scale: exports, tables, and what waits to be published
MOST_MEMORY, MOST_GROWTH = 8.0, 1.15
DONE = re.compile(r"^\[ *\d+/\d+\] done +(.+?)  +[0-9.]+ s")


class Used(NamedTuple):
    """What one run of a notebook took: seconds on the clock, of the processors, and peak memory in GiB."""

    wall: float
    cpu: float
    peak: float


@dataclass
class Sampler:
    """CPU time and memory of a process and all those below it, of which some end between two looks."""

    root: psutil.Process
    cpu_of: dict[tuple[int, float], float] = field(default_factory=dict)
    peak: int = 0

    def look(self) -> None:
        """Take one sample."""
        resident = 0
        for process in self._tree():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    self.cpu_of[process.pid, process.create_time()] = times.user + times.system
                    resident += process.memory_info().rss
            except psutil.Error:  # it has ended since it was listed
                continue
        self.peak = max(self.peak, resident)

    @property
    def cpu(self) -> float:
        """Seconds of the processors so far."""
        return float(sum(self.cpu_of.values()))

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.Error:
            return []


def say(text: str) -> None:
    """Print a line at once, so that a log shows how far the benchmark is."""
    print(text, flush=True)


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line of a module of the project."""
    return [sys.executable, "-m", module, *arguments]


def environment() -> dict[str, str]:
    """Return the environment of what is measured: the project's own code, and nothing of an open notebook."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("NSI_")}
    return own | {"PYTHONPATH": str(ROOT / "src"), "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1"}


def study_of_three(folder: Path) -> Path:
    """Copy study/ with those of its notebooks that are measured."""
    shutil.copytree(ROOT / "study", folder)
    declared = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    declared["notebooks"] = [entry for entry in declared["notebooks"] if entry["run"].startswith(NOTEBOOKS)]
    text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True)
    (folder / "study.yml").write_text(text, encoding="utf-8")
    return folder


def draw(study: Path, folder: Path, scale: int) -> Path:
    """Draw the survey at a scale; return the folder that holds it."""
    began = time.monotonic()
    places = ("--study", str(study), "--data-raw", str(folder), "--scale", str(scale))
    told = subprocess.run(command("nsi.synthetic", *places), env=environment(), capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(f"drawing the survey at scale {scale} failed:\n{told.stderr}")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    say(f"scale {scale}: drawn in {time.monotonic() - began:.0f} s, {size / 2**20:,.0f} MiB")
    return folder


def lines_of(stream: IO[str]) -> queue.SimpleQueue[str]:
    """Read lines in a thread of its own, so that looking at the processes never waits for one."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))

    threading.Thread(target=read, daemon=True).start()
    return lines


def waiting(lines: queue.SimpleQueue[str]) -> Iterator[str]:
    """Yield the lines that have come since the last look."""
    while not lines.empty():
        yield lines.get()


def measured(study: Path, data_raw: Path, out: Path) -> dict[str, Used]:
    """Run the notebooks; return what each of their runs took."""
    places = ("--study", str(study), "--data-raw", str(data_raw), "--out", str(out), "--jobs", "1")
    process = subprocess.Popen(
        command("nsi.pipeline", "all", *places), env=environment(), text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None  # as asked for
    sampler, lines, told = Sampler(psutil.Process(process.pid)), lines_of(process.stdout), []
    used: dict[str, Used] = {}
    began, before = time.monotonic(), 0.0
    while (running := process.poll() is None) or not lines.empty():
        if running:
            sampler.look()
        for line in waiting(lines):
            told.append(line)
            if found := DONE.match(line):
                used[found[1].strip()] = Used(time.monotonic() - began, sampler.cpu - before, sampler.peak / GIB)
                say("  {:<28} {:8.1f} s  {:8.1f} s of CPU  peak {:5.2f} GiB".format(found[1], *used[found[1].strip()]))
                began, before, sampler.peak = time.monotonic(), sampler.cpu, 0
        time.sleep(EVERY)
    if process.returncode:
        raise SystemExit("\n".join(["the notebooks failed:", *told]))
    return used


def responses_in(out: Path) -> int:
    """Count the responses that were analysed, over all waves."""
    numbers = json.loads((out / "figures" / "numbers.json").read_text(encoding="utf-8"))
    return sum(int(value) for name, value in numbers.items() if name.startswith("n_responses_"))


def measured_at(study: Path, folder: Path, scale: int, runs: int) -> tuple[int, dict[str, Used]]:
    """Draw and run at one scale; of several runs, the faster counts for each notebook and the higher peak."""
    data_raw, responses = draw(study, folder / f"data_{scale}", scale), 0
    best: dict[str, Used] = {}
    for run in range(1, runs + 1):
        say(f"scale {scale}, run {run} of {runs}")
        out = folder / f"out_{scale}_{run}"
        for name, new in measured(study, data_raw, out).items():
            old = best.get(name, new)
            best[name] = Used(min(old.wall, new.wall), min(old.cpu, new.cpu), max(old.peak, new.peak))
        responses = responses_in(out)
    return responses, best


def table(found: dict[int, tuple[int, dict[str, Used]]]) -> str:
    """Lay out CPU time and peak memory of each run of a notebook at each scale, and wall time at the largest."""
    scales = list(found)
    heads = [f"CPU s at {scale}" for scale in scales] + [f"wall s at {scales[-1]}"]
    heads += [f"GiB at {scale}" for scale in scales]
    rows = [f"{'':<28}" + "".join(f"{head:>14}" for head in heads)]
    for name in found[scales[0]][1]:
        used = [found[scale][1][name] for scale in scales]
        cells = [f"{one.cpu:14.1f}" for one in used] + [f"{used[-1].wall:14.1f}"]
        rows.append(f"{name:<28}" + "".join(cells + [f"{one.peak:14.2f}" for one in used]))
    total = [f"{cpu_of(found[scale]):14.1f}" for scale in scales]
    rows.append(f"{'all':<28}" + "".join(total) + f"{sum(one.wall for one in found[scales[-1]][1].values()):14.1f}")
    rows.append(f"{'responses':<28}" + "".join(f"{found[scale][0]:14,}" for scale in scales))
    return "\n".join(rows)


def cpu_of(found: tuple[int, dict[str, Used]]) -> float:
    """Add up the CPU time of all notebooks at one scale."""
    return float(sum(used.cpu for used in found[1].values()))


def ratios(found: dict[int, tuple[int, dict[str, Used]]]) -> list[tuple[str, float, float]]:
    """Give what must stay below its limit: name, ratio, limit."""
    one, tenth, whole = found.values()
    per_response = cpu_of(whole) / whole[0] / (cpu_of(one) / one[0])
    early = (cpu_of(tenth) - cpu_of(one)) / (tenth[0] - one[0])
    late = (cpu_of(whole) - cpu_of(tenth)) / (whole[0] - tenth[0])
    say(f"\nCPU time for each further response: {early * 1e6:.0f} us up to {tenth[0]:,} responses, "
        f"{late * 1e6:.0f} us up to {whole[0]:,}")  # fmt: skip
    peak = max(used.peak for used in whole[1].values())
    small, middle, large = found
    return [
        (f"CPU time per response, scale {large} / scale 1", per_response, 1.0),
        (f"growth from scale {middle} to {large} / growth from scale {small} to {middle}", late / early, MOST_GROWTH),
        (f"peak memory, {peak:.2f} GiB / {MOST_MEMORY:.0f} GiB", peak / MOST_MEMORY, 1.0),
    ]


def bench(scale: int, folder: Path) -> int:
    """Measure in a folder; return the exit status."""
    free = shutil.disk_usage(folder).free
    if free < scale * ROOM:
        raise SystemExit(f"{folder} has {free / GIB:.1f} GiB free, but scale {scale} needs {scale * ROOM / GIB:.1f}; "
                         "set TMPDIR to a roomier folder")  # fmt: skip
    study = study_of_three(folder / "study")
    found = {each: measured_at(study, folder, each, runs) for each, runs in ((1, 2), (scale // 10, 2), (scale, 1))}
    say(f"\n{table(found)}")
    compared = ratios(found)
    missed = [name for name, ratio, limit in compared if ratio > limit]
    say("\nratio  limit")
    for name, ratio, limit in compared:
        say(f"{ratio:5.3f}  {limit:5.3f}  {'MISSED ' if ratio > limit else ''}{name}")
    say(f"\n{len(compared) - len(missed)} of {len(compared)} limits held" + (f"; missed: {missed}" if missed else ""))
    return 1 if missed else 0


def at_least_twenty(text: str) -> int:
    """Read the scale: its tenth must be more than 1."""
    if not text.isdigit() or int(text) < 20:
        raise argparse.ArgumentTypeError(f"must be a whole number from 20, but found '{text}'")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the survey notebooks on an enlarged survey.")
    parser.add_argument("--scale", type=at_least_twenty, default=100, help="copies of the set of cases (100)")
    parser.add_argument("--keep", action="store_true", help="leave the drawn files and the results where they are")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nsi-survey-"))
    try:
        return bench(asked.scale, folder)
    finally:
        if asked.keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
