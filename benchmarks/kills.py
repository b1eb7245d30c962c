"""kill -9 at random moments of `make all`, here with warm kernels and on a Dask cluster; then the same command again.

    python benchmarks/kills.py [--rounds 50] [--seed 7] [--only here|cluster]

Each round takes a small study that has built nothing yet, starts `make all`, kills it at a moment drawn evenly over the
time that the last undisturbed run took, and runs the same command to its end. Rounds take turns: on this machine, and
on a scheduler with two workers on loopback, where the one killed is the process that gave the work out. A round fails
where

    the second run does not end with 0, or its tables and figures differ in any byte from those of a run left alone;
    a process is left that the round started;
    a temporary file is left: below the folder for such files, a half-written one, or what lies aside until a run ends.

Prints each round and a summary; ends with 1 where one failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from small_study import SmallStudy  # noqa: E402  the path must be set first

PATIENCE = 120  # seconds for what must end by itself, on a machine that does much else
LONGEST = 600  # seconds for one run
MARK = "NSI_KILLS"  # in the environment of every process that a round starts, and of those which these start


def say(text: str) -> None:
    print(text, flush=True)


def processes() -> dict[int, str]:
    """Processes of this script's making, but for itself: number and command line."""
    found = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            ours = process.pid != os.getpid() and process.environ().get(MARK) == os.environ[MARK]
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = " ".join(process.cmdline())
    return found


def left_behind(before: set[int]) -> list[str]:
    """Processes that a round left, after having had time to end."""
    until = time.monotonic() + PATIENCE
    while True:
        left = [told for pid, told in processes().items() if pid not in before]
        if not left or time.monotonic() > until:
            return [f"left running: {told[:160]}" for told in left]
        time.sleep(0.1)


def files_left(study: SmallStudy, temporary: Path) -> list[str]:
    """Temporary files and folders that are still there."""
    out = study.root / "out"
    found = [*out.rglob(".part-*"), *temporary.iterdir()]
    found += [path for path in (out / "build" / "staging", out / "build" / "running") if path.exists()]
    return [f"left behind: {path}" for path in found]


def other_bytes(study: SmallStudy, plain: SmallStudy) -> list[str]:
    """Results that differ from those of a run left alone."""
    names = sorted({name for name, _ in study.results().items() ^ plain.results().items()})
    return [f"other bytes: {', '.join(names)}"] if names else []


def to_the_end(study: SmallStudy, more: list[str]) -> tuple[float, list[str]]:
    """Run `make all` to its end: seconds, and what went wrong."""
    began = time.monotonic()
    started = study.start(*more)
    try:
        text, _ = started.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        started.kill()
        return LONGEST, [f"did not end within {LONGEST} s"]
    wrong = [] if started.returncode == 0 else [f"ended with {started.returncode}: {text[-2000:]}"]
    return time.monotonic() - began, wrong


def killed(study: SmallStudy, more: list[str], moment: float) -> float | None:
    """Kill `make all` after so many seconds; how long it took if it had ended by then."""
    began = time.monotonic()
    started = study.start(*more)
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.communicate(timeout=moment)
        return time.monotonic() - began
    started.kill()
    started.communicate()
    return None


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Address of a scheduler with two workers of one thread each."""
    import dask
    from distributed import LocalCluster

    with dask.config.set(temporary_directory=str(folder)), LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, local_directory=str(folder)
    ) as started:
        yield started.scheduler_address


def play(where: dict[str, list[str]], rounds: int, seed: int, folder: Path) -> int:
    """Play all rounds; return how many failed."""
    draws, failed, hit = random.Random(seed), 0, 0
    temporary = Path(os.environ["TMPDIR"])
    plain = SmallStudy.at(folder / "undisturbed")
    lengths = {}
    for name, more in where.items():
        study = SmallStudy.at(folder / name)
        lengths[name], wrong = to_the_end(study, more)
        if name == next(iter(where)):
            plain = study
        wrong += other_bytes(study, plain)
        if wrong:
            say(f"an undisturbed run ({name}) went wrong: {'; '.join(wrong)}")
            return rounds
        say(f"undisturbed ({name}): {lengths[name]:.1f} s, {len(study.results())} results")
    for number in range(rounds):
        name = list(where)[number % len(where)]
        before = set(processes())
        study = SmallStudy.at(folder / f"round-{number}")
        moment = draws.uniform(0, lengths[name])
        ended = killed(study, where[name], moment)
        lengths[name] = ended or lengths[name]  # what else the machine does changes it
        seconds, wrong = to_the_end(study, where[name])
        wrong += other_bytes(study, plain) + left_behind(before) + files_left(study, temporary)
        how = f"killed at {moment:5.2f} s" if ended is None else f"ended before {moment:.2f} s"
        told = "; ".join(wrong) or "the same bytes, nothing left"
        say(f"{number + 1:3} {name:<8} {how}, then {seconds:5.1f} s: {told}")
        failed, hit = failed + bool(wrong), hit + (ended is None)
        shutil.rmtree(study.root)
    say(f"{rounds} rounds (seed {seed}), {hit} killed before the end: {rounds - failed} as they must be, {failed} not")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill `make all` at random moments and run it again.")
    parser.add_argument("--rounds", type=int, default=50, help="how many (50)")
    parser.add_argument("--seed", type=int, default=7, help="of the moments (7)")
    parser.add_argument("--only", choices=["here", "cluster"], help="rounds of this kind only")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nsi-kills-") as name, contextlib.ExitStack() as held:
        folder = Path(name).resolve()
        (folder / "t").mkdir()
        os.environ |= {"TMPDIR": str(folder / "t"), MARK: name, "PYTHONPATH": str(ROOT / "src")}
        tempfile.tempdir = None  # looked up anew
        where: dict[str, list[str]] = {} if asked.only == "cluster" else {"here": []}
        if asked.only != "here":
            where["cluster"] = ["--dask", held.enter_context(cluster(folder / "dask"))]
        return 1 if play(where, asked.rounds, asked.seed, folder / "s") else 0


if __name__ == "__main__":
    sys.exit(main())
