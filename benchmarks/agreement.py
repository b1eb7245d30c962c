"""Speed and memory of the agreement module beside the krippendorff package, in one run.

    python benchmarks/agreement.py

Prints every ratio and a summary; ends with 1 where a limit is missed. Data: 100,000 units, 5 coders, 20
codes, 10% not coded. What is compared takes turns, after one run each that warms up, and the best of several
runs counts, since a busy machine only ever adds time. Memory is the peak of a fresh process.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from nsi.methods import agreement as ag  # noqa: E402  the path must be set first

N_CODES = 20
REPLICATES = 1000
GIB = 2**30


def codings(n_units: int, n_coders: int = 5, seed: int = 2024) -> np.ndarray:
    """Coders who see the right code seven times in ten, and skip one unit in ten."""
    generator = np.random.default_rng(seed)
    true = generator.integers(0, N_CODES, size=(n_units, 1))
    guess = generator.integers(0, N_CODES, size=(n_units, n_coders))
    rows = np.where(generator.random(guess.shape) < 0.7, true, guess)
    return np.where(generator.random(guess.shape) < 0.1, ag.NOT_CODED, rows)


def seconds(*calls: Callable[[], object], runs: int = 7) -> list[float]:
    """Best time of each call, taking turns."""
    best = [float("inf")] * len(calls)
    for run in range(runs + 1):
        for place, call in enumerate(calls):
            start = time.perf_counter()
            call()
            best[place] = min(best[place], time.perf_counter() - start) if run else best[place]
    return best


def alpha(rows: np.ndarray, level: str) -> float:
    return ag.krippendorff_alpha(rows, N_CODES, level=level, values=range(N_CODES)).estimate


def intervals(rows: np.ndarray, names: tuple[str, ...], cluster: np.ndarray | None) -> dict[str, ag.Interval]:
    chosen = [ag.coefficient_named(name, level="ordinal", n_codes=N_CODES) for name in names]
    return ag.bootstrap(rows, N_CODES, chosen, replicates=REPLICATES, seed=1, cluster=cluster)


def package_alpha(rows: np.ndarray, level: Any) -> Callable[[], float]:
    import krippendorff  # a second opinion of the tests; nothing in src/ imports it

    table = np.where(rows < 0, np.nan, rows).T
    return lambda: krippendorff.alpha(
        reliability_data=table, level_of_measurement=level, value_domain=range(N_CODES)
    )


def point_estimates(rows: np.ndarray) -> tuple[list[tuple[str, float, float]], float]:
    """Our time over the package's, at every level; and the package's nominal time."""
    ratios, nominal = [], 0.0
    for level in ag.LEVELS:
        theirs = package_alpha(rows, level)
        if abs(theirs() - alpha(rows, level)) > 1e-9:
            raise SystemExit(f"the {level} alphas differ: {theirs()} and {alpha(rows, level)}")
        package, ours = seconds(theirs, partial(alpha, rows, level))
        nominal = package if level == "nominal" else nominal
        print(
            f"{level:<9} alpha: package {package:.3f} s, ours {ours:.4f} s, "
            f"{package / ours:.1f} times as fast"
        )
        ratios.append((f"{level} alpha, ours / package", ours / package, 0.1))
    return ratios, nominal


def clustered(rows: np.ndarray, package: float) -> list[tuple[str, float, float]]:
    """Time of 1,000 clustered replicates over that of two point estimates of the package."""
    ratios = []
    generator = np.random.default_rng(7)
    for n_clusters in (1_000, 10_000):
        cluster = generator.integers(0, n_clusters, size=len(rows))
        names = ("krippendorff_alpha_nominal", "percent_agreement")
        (ours,) = seconds(partial(intervals, rows, names, cluster), runs=3)
        print(f"{REPLICATES} replicates of alpha and agreement, {n_clusters} clusters: {ours:.2f} s")
        ratios.append((f"bootstrap, {n_clusters} clusters / two of the package", ours / (2 * package), 1.0))
    return ratios


def growth() -> list[tuple[str, float, float]]:
    """Time per unit at eight times the units, over time per unit before."""
    ratios = []
    small, large = codings(50_000), codings(400_000)
    for level in ("nominal", "ordinal"):
        times = seconds(*(partial(alpha, rows, level) for rows in (small, large)))
        per_unit = [took / len(rows) for took, rows in zip(times, (small, large), strict=True)]
        print(
            f"{level:<9} alpha: {per_unit[0] * 1e9:.0f} ns per unit at 50,000, "
            f"{per_unit[1] * 1e9:.0f} at 400,000"
        )
        ratios.append(
            (f"{level} alpha, time per unit at 8 x the units / before", per_unit[1] / per_unit[0], 1.0)
        )
    return ratios


def _peak_of(work: str, n_units: int, n_coders: int, answer: Any) -> None:
    rows = codings(n_units, n_coders)
    start = time.perf_counter()
    if work == "estimate":
        alpha(rows, "nominal")
    elif work == "clustered":
        intervals(rows, ("krippendorff_alpha_nominal", "percent_agreement"), np.arange(n_units) // 10)
    else:
        intervals(rows, ("krippendorff_alpha_nominal",), None)
    took = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB elsewhere
    answer.put((took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit))


def peak(work: str, n_units: int, n_coders: int) -> tuple[float, float]:
    """Seconds and peak memory in GiB of one piece of work in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=_peak_of, args=(work, n_units, n_coders, answer))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(f"{work} on {n_units} x {n_coders} did not finish (exit {process.exitcode})")
    took, used = answer.get()
    return took, used / GIB


def memory() -> list[tuple[str, float, float]]:
    """Peak memory over 1 GiB, imports and data included."""
    ratios = []
    for work, n_units, n_coders in (
        ("estimate", 100_000, 5), ("clustered", 100_000, 5),
        ("resampled", 100_000, 5), ("estimate", 1_000_000, 10),
    ):  # fmt: skip
        took, used = peak(work, n_units, n_coders)
        print(f"{work}, {n_units:,} units x {n_coders} coders: {took:.2f} s, peak {used:.2f} GiB")
        ratios.append((f"{work}, {n_units:,} x {n_coders}: peak / 1 GiB", used, 1.0))
    return ratios


def main() -> int:
    used = memory()  # first: a new process starts with the peak of the one that made it
    rows = codings(100_000)
    ratios, package = point_estimates(rows)
    ratios += clustered(rows, package) + growth() + used
    missed = [name for name, ratio, limit in ratios if ratio > limit]
    print("\nratio  limit")
    for name, ratio, limit in ratios:
        print(f"{ratio:5.3f}  {limit:5.3f}  {'MISSED ' if ratio > limit else ''}{name}")
    print(
        f"\n{len(ratios) - len(missed)} of {len(ratios)} limits held"
        + (f"; missed: {missed}" if missed else "")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
