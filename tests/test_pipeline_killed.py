"""Whatever moment a run is stopped at, the same command leads to the same bytes, and no process is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_study import ROOT, SmallStudy

from nsi.pipeline.kernels import SAME_EVERYWHERE, socket_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix matter")


def wait_until_gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Give processes three seconds to end; return those that did not."""
    return psutil.wait_procs(processes, timeout=3)[1]


def wait_for_kernel(process: psutil.Process) -> None:
    """Wait until a notebook's kernel runs."""
    for _ in range(600):
        if process.children(recursive=True):
            return
        time.sleep(0.05)
    raise AssertionError("no kernel was started within 30 s")


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process_and_goes_on_from_there(
    tmp_path: Path, built_once: SmallStudy, which: signal.Signals
) -> None:
    study = SmallStudy.at(tmp_path / "study")
    started = study.start()
    process = psutil.Process(started.pid)
    wait_for_kernel(process)
    time.sleep(0.3)
    kernels = process.children(recursive=True)
    started.send_signal(which)
    text, _ = started.communicate(timeout=30)
    assert started.returncode == 130
    assert "interrupted; what had finished is kept, the same command goes on from there" in text
    assert wait_until_gone(kernels) == []
    assert study.run().status == 0
    assert study.results() == built_once.results()


def test_a_run_killed_at_random_moments_ends_in_the_same_bytes(tmp_path: Path, built_once: SmallStudy) -> None:
    study = SmallStudy.at(tmp_path / "study")
    moments = random.Random(20)  # a fixed seed: a failure can be had again
    killed = 0
    for _ in range(4):
        started = study.start()
        process = psutil.Process(started.pid)
        time.sleep(moments.uniform(0.3, 2.5))
        kernels = process.children(recursive=True) if started.poll() is None else []
        killed += started.poll() is None
        started.kill()
        started.communicate()
        assert wait_until_gone(kernels) == []
    assert killed >= 1
    assert study.run().status == 0
    assert study.results() == built_once.results()
    assert not list((study.root / "out").rglob(".part-*"))
    assert not (study.root / "out/build/staging").exists()


@pytest.mark.parametrize("where", ["here", "cluster"])
def test_rounds_of_the_benchmark_of_kills_end_well(where: str) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "kills.py"), "--rounds", "2", "--seed", "3", "--only", where]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 as they must be, 0 not" in told.stdout


def test_a_warm_process_whose_pipeline_has_ended_ends_by_itself(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    zygote = ROOT / "src" / "nsi" / "pipeline" / "zygote.py"
    command = [sys.executable, str(zygote), str(tmp_path / "warm"), str(gone.pid)]
    told = subprocess.run(command, timeout=120, check=False)
    assert told.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_all_that_the_warm_process_imports_is_there_and_leaves_forking_safe() -> None:
    imports = "import zygote; zygote._prepare(zygote.HEAVY + zygote.OFTEN)"
    told = subprocess.run(
        [sys.executable, "-c", imports],
        env={**os.environ, **SAME_EVERYWHERE, "PYTHONPATH": str(ROOT / "src" / "nsi" / "pipeline")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_what_a_run_left_that_was_killed_after_its_last_notebook_is_removed(built: SmallStudy) -> None:
    out = built.root / "out"
    sockets = socket_folder(out.resolve())
    (out / "build/staging/1/run").mkdir(parents=True)
    (out / "build/running").touch()
    (out / "figures/tables/.part-1.csv").touch()
    assert "nothing to run" in built.run().text
    assert not sockets.exists()
    assert not (out / "build/staging").exists()
    assert not (out / "build/running").exists()
    assert not list(out.rglob(".part-*"))


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    study = SmallStudy.at(tmp_path / "study")
    started = study.start()
    try:
        wait_for_kernel(psutil.Process(started.pid))
        told = study.run()
        assert told.status == 1
        assert "another `make all` is running in" in told.text
    finally:
        started.communicate(timeout=300)
    assert started.returncode == 0
