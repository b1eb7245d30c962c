"""The pipeline beside plain scripts under make and a shell loop of papermill, in one run.

    python benchmarks/pipeline.py [--only 01,03,10] [--runs 3]

The notebooks of study/ (--only: those whose names begin so, which must bring along what they read) are run

    pipeline   by `make all` as it stands: warm kernels, two at a time, into an empty folder
    scripts    as plain Python scripts, one process each, two at a time, under `make -j2` with what needs what as rules
    papermill  by the command line of papermill, one after the other

in turns, and the best of several runs counts, medians beside it: a busy machine only ever adds time. Scripts and
papermill go through the same door to the same files, and their tables and figures are compared with the pipeline's.
Then what an unchanged study costs, with raw files untouched and touched, and one more empty notebook.

Prints every ratio and a summary; ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from nsi.declaration import Declaration  # noqa: E402  the path must be set first
from nsi.pipeline.plan import Run, plan  # noqa: E402

JOBS = 2
GIB = 2**30
EVERY = 0.1
MOST_SCRIPTS, MOST_PAPERMILL, MOST_NOTHING, MOST_EMPTY, MOST_MEMORY = 1.0, 0.2, 0.3, 0.3, 1.5
EMPTY = [f"00_empty_{number}" for number in range(10)]
NUMBERS = "data_processed/numbers"


@dataclass(frozen=True)
class Place:
    """A study with some of its notebooks, in a folder of its own."""

    root: Path
    study: Path
    data_raw: Path
    notebooks: Path
    runs: list[Run]

    def arguments(self, out: Path) -> list[str]:
        """Return the places for a command line."""
        places = {"--study": self.study, "--data-raw": self.data_raw, "--out": out, "--notebooks": self.notebooks}
        return [part for flag, place in places.items() for part in (flag, str(place))]


def say(text: str) -> None:
    print(text, flush=True)


def environment() -> dict[str, str]:
    """Nothing of an open notebook, and what makes results the same in every way of running."""
    from nsi.pipeline.kernels import SAME_EVERYWHERE

    # Python keeps what it has compiled, for every way alike, as it does where nobody forbids it.
    own = {name: value for name, value in os.environ.items()
           if not name.startswith("NSI_") and name != "PYTHONDONTWRITEBYTECODE"}  # fmt: skip
    return {**own, **SAME_EVERYWHERE, "PYTHONPATH": str(ROOT / "src"), "PYTHONNOUSERSITE": "1"}


def selected(folder: Path, only: list[str], *, with_empty: bool = False) -> Place:
    """Copy the study with some of its notebooks; settings that those do not read are left out."""
    shutil.copytree(ROOT / "study", folder / "study")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "data_raw", folder / "data_raw")
    declared = yaml.safe_load((folder / "study/study.yml").read_text(encoding="utf-8"))
    if only:
        declared["notebooks"] = [one for one in declared["notebooks"] if one["run"].startswith(tuple(only))]
        declared.pop("results", None)
    if with_empty:
        declared["notebooks"] += [{"run": name} for name in EMPTY]
    (folder / "study/study.yml").write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    empty = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    for name in EMPTY:
        (folder / f"notebooks/{name}.ipynb").write_text(json.dumps(empty), encoding="utf-8")
    declaration = Declaration(folder / "study", folder / "data_raw")
    runs = plan(declaration, folder / "notebooks")
    return Place(folder, folder / "study", folder / "data_raw", folder / "notebooks", runs)


def timed(command: list[str], more: dict[str, str], peak: list[int] | None = None) -> float:
    """Seconds of a command with all that it starts; `peak` receives the most memory, shared parts counted once."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment() | more, stdout=log, stderr=subprocess.STDOUT)
        while peak is not None and process.poll() is None:
            peak.append(_held(process.pid))
            time.sleep(EVERY)
        if process.wait():
            log.seek(0)
            raise SystemExit(f"{' '.join(command[:4])} failed:\n{log.read().decode(errors='replace')[-3000:]}")
    return time.perf_counter() - start


def _held(pid: int) -> int:
    total = 0
    with contextlib.suppress(psutil.Error):
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += getattr(process.memory_full_info(), "pss", process.memory_info().rss)
    return total


def by_pipeline(place: Place, out: Path, peak: list[int] | None = None, jobs: int = JOBS) -> float:
    command = [sys.executable, "-m", "nsi.pipeline", "all", *place.arguments(out), "--jobs", str(jobs)]
    return timed(command, {}, peak)


def _told(place: Place, run: Run, out: Path) -> dict[str, str]:
    """The variables by which a notebook opened by hand finds its study."""
    return {"NSI_STUDY": str(place.study), "NSI_DATA_RAW": str(place.data_raw), "NSI_OUT": str(out)}


def by_scripts(place: Place, out: Path) -> float:
    """Write each run as a script with its parameters filled in, and a Makefile with what each needs; run make -j2."""
    folder = out / "scripts"
    folder.mkdir(parents=True)
    number = {run.id: at for at, run in enumerate(place.runs)}
    rules = ["all: " + " ".join(f"{at}.done" for at in number.values())]
    for run in place.runs:
        at = number[run.id]
        (folder / f"{at}.py").write_text(_script(run), encoding="utf-8")
        needs = " ".join(f"{number[need]}.done" for need in run.needs)
        does = f"{sys.executable} {at}.py > {at}.log 2>&1 && touch $@ || (cat {at}.log; exit 1)"
        rules.append(f"{at}.done: {needs}\n\t@{does}")
    (folder / "Makefile").write_text("\n".join(rules) + "\n", encoding="utf-8")
    return timed(["make", "-j", str(JOBS), "-C", str(folder)], _told(place, place.runs[0], out))


def _script(run: Run) -> str:
    cells = json.loads(run.notebook.path.read_text(encoding="utf-8"))["cells"]
    parts = []
    for cell in cells:
        if cell["cell_type"] == "code":
            source = cell["source"]
            parts.append(source if isinstance(source, str) else "".join(source))
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                parts += [f"{name} = {value!r}" for name, value in run.parameters.items()]
    script = "\n".join(parts) + "\n"
    shown = "from IPython.display import display\n"  # a name that notebooks have and scripts must import
    return shown + script if "display(" in script else script


def by_papermill(place: Place, out: Path) -> float:
    """Call the command line of papermill for one run after the other."""
    total = 0.0
    out.mkdir(parents=True, exist_ok=True)
    for at, run in enumerate(place.runs):
        given = yaml.safe_dump(run.parameters)
        command = [sys.executable, "-m", "papermill", str(run.notebook.path), str(out / f"{at}.ipynb"), "-y", given]
        total += timed([*command, "--no-progress-bar"], _told(place, run, out))
    return total


def results(out: Path) -> dict[str, str]:
    """Figures and tables by the digest of their bytes."""
    kinds = {".svg", ".png", ".pdf", ".csv"}
    paths = (path for path in (out / "figures").rglob("*") if path.suffix in kinds)
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def cold(place: Place, folder: Path, runs: int) -> tuple[dict[str, list[float]], float]:
    """Seconds of each way in each run, and the most memory of the pipeline in GiB."""
    ways: dict[str, Callable[[Path], float]] = {
        # Looking at the memory takes time of its own, so it is done in the first run alone.
        "pipeline": lambda out: by_pipeline(place, out, None if peaks else peaks),
        "scripts": lambda out: by_scripts(place, out),
        "papermill": lambda out: by_papermill(place, out),
    }
    peaks: list[int] = []
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(1, runs + 1):
        for name, way in ways.items():
            if name == "papermill" and run > 1 and runs > 1 and len(place.runs) > 20:
                continue  # a loop of many minutes: once will do for a limit of a fifth
            out = folder / f"{name}_{run}"
            recorded = folder / "pipeline_1" / NUMBERS
            if name != "pipeline" and recorded.exists():  # only the pipeline hands on what runs recorded
                shutil.copytree(recorded, out / NUMBERS)
            taken[name].append(way(out))
            say(f"  run {run}, {name:<9} {taken[name][-1]:8.1f} s")
            same = results(out) == results(folder / "pipeline_1")
            if not same:
                raise SystemExit(f"{name} does not give the pipeline's figures and tables; nothing can be compared")
    return taken, max(peaks) / GIB


def unchanged(place: Place, out: Path) -> Iterator[tuple[str, list[float]]]:
    """Seconds of `all` with nothing to do, as it is and after a touch of every raw file."""
    yield "nothing to do", [by_pipeline(place, out) for _ in range(7)]
    touched = []
    for _ in range(3):
        for path in place.data_raw.rglob("*"):
            os.utime(path)
        touched.append(by_pipeline(place, out))
    yield "every raw file touched", touched


def hashing(place: Place) -> float:
    """Seconds that it takes to read and digest every raw file."""
    began = time.perf_counter()
    for path in place.data_raw.rglob("*"):
        if path.is_file():
            hashlib.sha256(path.read_bytes()).hexdigest()
    return time.perf_counter() - began


def spent(out: Path, wall: float) -> str:
    """Tell how much of a cold run the notebooks themselves took, side by side."""
    seconds = json.loads((out / "build/times.json").read_text(encoding="utf-8"))
    notebooks = sum(seconds.values()) / JOBS
    return f"{notebooks:.1f} s notebooks, {JOBS} at a time; {wall - notebooks:.1f} s start, waits of runs, pages"


def one_more(place: Place, only: list[str], folder: Path, out: Path) -> list[float]:
    """Seconds that each of ten empty notebooks adds to a run of another one, warm and one at a time."""
    more = selected(folder / "more", only, with_empty=True)
    executed = out / "build/notebooks"
    first = executed / f"{place.runs[0].slug}.ipynb"
    by_pipeline(more, out)
    added = []
    for _ in range(5):
        first.unlink()
        alone = by_pipeline(more, out, jobs=1)
        for path in [first, *(executed / f"{name}.ipynb" for name in EMPTY)]:
            path.unlink()
        added.append((by_pipeline(more, out, jobs=1) - alone) / len(EMPTY))
    return added


def bench(only: list[str], runs: int, folder: Path) -> int:
    place = selected(folder / "study", only)
    say(f"{len(place.runs)} runs of {len({run.notebook.name for run in place.runs})} notebooks, cold:")
    taken, peak = cold(place, folder, runs)
    best = {name: min(seconds) for name, seconds in taken.items()}
    middle = {name: statistics.median(seconds) for name, seconds in taken.items()}
    compared = []
    for other, limit in (("scripts", MOST_SCRIPTS), ("papermill", MOST_PAPERMILL)):
        say(f"pipeline / {other}: {best['pipeline'] / best[other]:.2f} by minima, "
            f"{middle['pipeline'] / middle[other]:.2f} by medians")  # fmt: skip
        compared.append((f"cold, pipeline / {other}", best["pipeline"] / best[other], limit))
    out = folder / f"pipeline_{runs}"
    say(f"of the last cold run: {spent(out, taken['pipeline'][-1])}")
    more = {"nothing to do": 0.0, "every raw file touched": min(hashing(place) for _ in range(3))}
    for name, seconds in unchanged(place, out):
        say(f"{name}: {min(seconds):.3f} s at best, median {statistics.median(seconds):.3f} s")
        most = MOST_NOTHING + more[name]
        compared.append((f"{name}, {min(seconds):.3f} s / {most:.3f} s", min(seconds) / most, 1.0))
    added = one_more(place, only, folder, out)
    say(f"one more empty notebook: {min(added):.2f} s at best, median {statistics.median(added):.2f} s")
    overhead = statistics.median(added)  # a difference of two times: the least of them would be luck
    compared.append((f"one more empty notebook, {overhead:.2f} s / {MOST_EMPTY} s", overhead / MOST_EMPTY, 1.0))
    compared.append((f"peak memory, {peak:.2f} GiB / {MOST_MEMORY} GiB", peak / MOST_MEMORY, 1.0))
    missed = [name for name, ratio, limit in compared if ratio > limit]
    say("\nratio  limit")
    for name, ratio, limit in compared:
        say(f"{ratio:5.2f}  {limit:5.2f}  {'MISSED ' if ratio > limit else ''}{name}")
    say(f"\n{len(compared) - len(missed)} of {len(compared)} limits held" + (f"; missed: {missed}" if missed else ""))
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="beginnings of the names of notebooks, separated by commas")
    parser.add_argument("--runs", type=int, default=3, help="how often each way is run cold (%(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nsi-bench-", ignore_cleanup_errors=True) as folder:
        return bench([part for part in asked.only.split(",") if part], asked.runs, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
