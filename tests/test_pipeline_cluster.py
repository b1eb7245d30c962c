"""The same graph on a real Dask scheduler with two workers, on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from small_study import SmallStudy

from nsi.door import sha256
from nsi.errors import StudyError
from nsi.pipeline.execute import Folders, Job, _publish
from nsi.pipeline.kernels import worker_sockets
from nsi.pipeline.lock import Record

PATIENCE = 120  # seconds, on a machine that does much else


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A scheduler on loopback with two worker processes of one thread each."""
    from distributed import LocalCluster

    src = Path(__file__).resolve().parents[1] / "src"
    monkeypatch.setenv("PYTHONPATH", str(src))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of distributed's own making, when sockets close
        with LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path / "dask"),
        ) as started:
            yield started


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, whose path is short: the name of a socket may have about 100 characters."""
    with tempfile.TemporaryDirectory(prefix="nsi-") as name:
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


@pytest.fixture
def cluster(workers: Any) -> str:
    """The scheduler's address."""
    return str(workers.scheduler_address)


def kernels_of(worker: psutil.Process) -> list[psutil.Process]:
    """The kernels that a worker has started and that still run."""
    found = []
    for child in worker.children(recursive=True):
        try:
            if "nsi.pipeline.kernel" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue  # it ended in the meantime
    return found


def first_with_a_kernel(workers: list[psutil.Process]) -> tuple[psutil.Process, list[psutil.Process]]:
    """Wait until a notebook runs on one of the workers; which, and its kernels."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for worker in workers:
            kernels = kernels_of(worker)
            if kernels:
                return worker, kernels
        time.sleep(0.02)
    raise AssertionError(f"no kernel was started within {PATIENCE} s")


def test_a_cluster_gives_the_same_bytes_as_this_machine(tmp_path: Path, built_once: SmallStudy, cluster: str) -> None:
    study = SmallStudy.at(tmp_path / "study")
    told = study.run("all", "--dask", cluster)
    assert told.status == 0, told.text
    assert study.results() == built_once.results()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix matter")
def test_what_a_killed_worker_ran_is_done_again_to_the_same_bytes(
    tmp_path: Path, built_once: SmallStudy, workers: Any, short: Path
) -> None:
    study = SmallStudy.at(tmp_path / "study")
    started = study.start("--dask", workers.scheduler_address)
    lost, kernels = first_with_a_kernel([psutil.Process(nanny.pid) for nanny in workers.workers.values()])
    lost.kill()
    told, _ = started.communicate(timeout=5 * PATIENCE)
    assert started.returncode == 0, told
    assert told.count("] done") == 5
    assert psutil.wait_procs(kernels, timeout=PATIENCE)[1] == []
    assert study.results() == built_once.results()
    assert not list((study.root / "out").rglob(".part-*"))
    assert not (study.root / "out/build/staging").exists()
    assert list(short.iterdir()) == []


def test_a_run_whose_command_has_ended_publishes_nothing(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path, tmp_path / "out", tmp_path / "out/build/staging/1", tmp_path)
    aside = folders.staging / "run"
    aside.mkdir(parents=True)
    (aside / "table").write_bytes(b"old")
    record = Record("a.ipynb", {}, "", {}, {}, {}, {"table": sha256(b"old")}, {}, {}, False)
    job = Job(None, folders, {}, None, ())  # type: ignore[arg-type]
    with pytest.raises(StudyError, match="that asked for this run has ended; nothing was published"):
        _publish(record, aside, job)
    assert not (folders.out / "table").exists()


def test_sockets_of_a_killed_worker_are_removed_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    own = worker_sockets()
    lost = own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{gone.pid}-"))
    lost.mkdir()
    again = worker_sockets()
    assert sorted(tmp_path.iterdir()) == sorted([own, again])


def test_an_address_where_no_scheduler_answers_is_named(tmp_path: Path) -> None:
    study = SmallStudy.at(tmp_path / "study")
    told = study.run("all", "--dask", "tcp://127.0.0.1:9")
    assert told.status == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in told.text
