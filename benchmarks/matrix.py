"""Cross-case matrices in all formats beside the time pandas takes for the bare segments, in one run.

    python benchmarks/matrix.py [--quick]

11 cases x 12 columns x 5,000 segments: drawn up and written as HTML, Word, Excel and LaTeX with every word of the
evidence, beside pandas writing those segments to an Excel sheet. What is compared takes turns, after one run each that
warms up; CPU time counts, because other work on the machine disturbs it less than the clock. The ratio of the minima is
held against the limit, that of the medians is shown beside it.

200 cases x 40 columns x 200,000 segments: drawn up and written as HTML and Excel, each in a process of its own, whose
highest memory is printed. Where there is a Chromium, the HTML is opened in it without a screen until the page is laid
out and painted; what counts is the time on the clock beyond that for an empty page, which is what a reader waits. CPU
time of all its processes is shown beside it: on a busy machine the clock alone says little.

Prints every ratio and a summary; ends with 1 where a limit is missed. --quick leaves the large matrix at a tenth, and
then says nothing about its limits.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from nsi.documents.matrix_excel import matrix_excel  # noqa: E402  the path must be set first
from nsi.documents.matrix_html import matrix_html  # noqa: E402
from nsi.documents.matrix_latex import matrix_latex  # noqa: E402
from nsi.documents.matrix_word import matrix_word  # noqa: E402
from nsi.methods.matrix import Material, Matrix, draw_up  # noqa: E402

GIB = 2**30
EVERY = 0.05  # seconds between two looks at the processes of a browser
MOST_TIME, MOST_MEMORY, MOST_SECONDS = 10.0, 4.0, 10.0
RULE = [
    {"level": "strong", "bounds": [{"measure": "n_sources", "at_least": 2}, {"measure": "n_contrary", "at_most": 0}]},
    {"level": "some", "bounds": [{"measure": "n_supporting", "at_least": 1}]},
    {"level": "none"},
]
WORDS = ["we", "met", "each", "month", "and", "looked", "at", "what", "had", "changed", "since", "last", "year"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FORMATS: dict[str, Callable[..., bytes]] = {
    "HTML": matrix_html, "Word": matrix_word, "Excel": matrix_excel, "LaTeX": matrix_latex,
}  # fmt: skip


def say(text: str) -> None:
    print(text, flush=True)


def material(n_cases: int, n_codes: int, n_segments: int) -> tuple[Material, list[dict[str, str]]]:
    """Segments of about 150 characters, evenly over cases and codes, a document for each forty of them."""
    draws = np.random.default_rng(2024)
    cases = [f"C{number:03d}" for number in range(1, n_cases + 1)]
    n_documents = max(n_cases, n_segments // 40)
    documents = pd.DataFrame({
        "document": [f"D{number:05d}" for number in range(n_documents)],
        "case": [cases[number % n_cases] for number in range(n_documents)],
        "date": pd.Timestamp("2021-01-01") + pd.to_timedelta(draws.integers(0, 1000, n_documents), unit="D"),
        "source_type": draws.choice(["interview", "report", "minutes"], n_documents),
    })  # fmt: skip
    picked = documents.iloc[draws.integers(0, n_documents, n_segments)].reset_index(drop=True)
    texts = draws.choice(WORDS, (n_segments, 32))
    coders = draws.choice(["C1", "C2", "C1, C2"], n_segments)
    segments = picked.assign(
        segment=[f"S{number:06d}" for number in range(n_segments)],
        field="kind",
        code=[f"k{number:02d}" for number in draws.integers(0, n_codes, n_segments)],
        stance=draws.choice(["supports", "supports", "supports", "contrary"], n_segments),
        speaker=draws.choice(["p1", "p2", "p3"], n_segments),
        place=[f"par. {number}" for number in draws.integers(1, 200, n_segments)],
        text=[" ".join(words) for words in texts],
        withheld=False,
        coders=coders,
        n_coders=[1 + ("," in coder) for coder in coders],
        agreed=pd.array(draws.choice([True, False], n_segments), dtype="boolean"),
        coded_on=pd.Timestamp("2024-01-01"),
    )
    kind = {"field": "kind", "field_label": "Kind"}
    codes = [
        {**kind, "code": f"k{number:02d}", "label": f"Kind {number}", "definition": f"Of kind {number}"}
        for number in range(n_codes)
    ]
    frame = pd.DataFrame({"case": cases, "label": cases, "score": draws.random(n_cases)})
    return Material(segments=segments, documents=documents, cases=frame, stamp="SYNTHETIC DATA"), codes


def drawn(source: Material, codes: list[dict[str, str]]) -> Matrix:
    return draw_up(
        source, name="bench", title="A matrix", display="case_ordered", codes=codes, levels=RULE, shows="rating",
        rows={"of": "case", "order_by": "score"}, columns={"of": "code"},
    )  # fmt: skip


def plain_excel(segments: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    segments.to_excel(sink, index=False)
    return sink.getvalue()


def cpu_seconds(calls: dict[str, Callable[[], object]], runs: int = 5) -> dict[str, list[float]]:
    """CPU time of each call in each run, taking turns, after one run that warms up."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for run in range(runs + 1):
        for name, call in calls.items():
            start = time.process_time()
            call()
            if run:
                taken[name].append(time.process_time() - start)
    return taken


def beside_pandas() -> list[tuple[str, float, float]]:
    """Time of the matrix of everyday size."""
    source, codes = material(11, 12, 5_000)
    matrix = drawn(source, codes)
    segments = source.segments
    calls: dict[str, Callable[[], object]] = {"pandas to Excel": lambda: plain_excel(segments)}
    calls["drawing up"] = lambda: drawn(source, codes)
    calls |= {name: lambda render=render: render(matrix, evidence="full") for name, render in FORMATS.items()}  # type: ignore[misc]
    taken = cpu_seconds(calls)
    say(f"11 cases x 12 columns x {len(segments):,} segments, CPU seconds, minimum and median:")
    for name, seconds in taken.items():
        say(f"  {name:<16} {min(seconds):7.3f} {statistics.median(seconds):7.3f}")
    ours = [name for name in calls if name != "pandas to Excel"]
    ratios = [
        sum(best(taken[name]) for name in ours) / best(taken["pandas to Excel"]) for best in (min, statistics.median)
    ]
    say(f"  all of ours / pandas: {ratios[0]:.2f} by minima, {ratios[1]:.2f} by medians")
    return [("drawing up and four formats / pandas to Excel, CPU time", ratios[0], MOST_TIME)]


def _large(name: str, sizes: tuple[int, int, int], target: Path, told: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    source, codes = material(*sizes)
    given = time.process_time()
    target.write_bytes(FORMATS[name](drawn(source, codes), evidence="full"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    told.put((time.process_time() - given, peak / GIB))


def large(sizes: tuple[int, int, int], folder: Path) -> list[tuple[str, float, float]]:
    """Time and memory of the large matrix, each format in a fresh process."""
    say("{:,} cases x {:,} columns x {:,} segments:".format(*sizes))
    found = []
    context = multiprocessing.get_context("spawn")
    for name in ("HTML", "Excel"):
        told = context.Queue()
        target = folder / f"large.{name.lower()}"
        process = context.Process(target=_large, args=(name, sizes, target, told))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f"{name} of the large matrix ended with {process.exitcode}")
        seconds, peak = told.get()
        say(f"  {name:<6} {seconds:7.1f} s of CPU, peak {peak:.2f} GiB, {target.stat().st_size / 2**20:,.0f} MiB")
        compared = f"large matrix in {name}, peak memory {peak:.2f} GiB / {MOST_MEMORY:.0f} GiB"
        found.append((compared, peak / MOST_MEMORY, 1.0))
    opened = opening(folder / "large.html")
    if opened is None:
        say("  no Chromium here: opening the HTML was not measured")
    else:
        say(f"  opened in a browser in {opened[0]:.1f} s of CPU, {opened[1]:.1f} s on the clock")
        compared = f"large matrix opened in a browser, {opened[1]:.1f} s / {MOST_SECONDS:.0f} s on the clock"
        found.append((compared, opened[1] / MOST_SECONDS, 1.0))
    return found


def opening(page: Path) -> tuple[float, float] | None:
    """Seconds of CPU and on the clock that Chromium takes longer than for an empty page; None where there is none."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return None
    empty = page.with_name("empty.html")
    empty.write_text("<!DOCTYPE html><title>empty</title>", encoding="utf-8")
    # In turns, and the better of two: the first start of a browser reads it from disk.
    taken: dict[Path, list[tuple[float, float]]] = {empty: [], page: []}
    for _ in range(2):
        for path, found in taken.items():
            found.append(_shot(browser, path))
    best = {path: [min(column) for column in zip(*found, strict=True)] for path, found in taken.items()}
    return max(best[page][0] - best[empty][0], 0.0), max(best[page][1] - best[empty][1], 0.0)


def _shot(browser: str, page: Path) -> tuple[float, float]:
    """CPU time of the browser and its processes, of which some end early, and time on the clock, for one picture."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={profile}", "--window-size=1400,1000", f"--screenshot={profile}/shot.png", page.as_uri(),
        ]  # fmt: skip
        start = time.perf_counter()
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        used: dict[tuple[int, float], float] = {}
        while process.poll() is None:
            for each in _tree(process):
                try:
                    times = each.cpu_times()
                    used[each.pid, each.create_time()] = times.user + times.system
                except psutil.Error:  # it has ended since it was listed
                    continue
            time.sleep(EVERY)
        return sum(used.values()), time.perf_counter() - start


def _tree(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the large matrix at a tenth of its segments")
    quick = parser.parse_args().quick
    compared = beside_pandas()
    with tempfile.TemporaryDirectory(prefix="nsi-bench-") as folder:
        found = large((200, 40, 20_000 if quick else 200_000), Path(folder))
    compared += [] if quick else found
    missed = [name for name, ratio, limit in compared if ratio > limit]
    say("\nratio  limit")
    for name, ratio, limit in compared:
        say(f"{ratio:5.2f}  {limit:5.2f}  {'MISSED ' if ratio > limit else ''}{name}")
    say(f"\n{len(compared) - len(missed)} of {len(compared)} limits held" + (f"; missed: {missed}" if missed else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
