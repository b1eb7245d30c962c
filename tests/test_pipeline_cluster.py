"""The same graph on a real Dask scheduler with two workers, on this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_study import SmallStudy


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a scheduler on loopback with two worker processes of one thread each."""
    from distributed import LocalCluster

    src = Path(__file__).resolve().parents[1] / "src"
    monkeypatch.setenv("PYTHONPATH", str(src))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of distributed's own making, when sockets close
        with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as started:
            yield started.scheduler_address


def test_a_cluster_gives_the_same_bytes_as_this_machine(tmp_path: Path, built_once: SmallStudy, cluster: str) -> None:
    study = SmallStudy.at(tmp_path / "study")
    told = study.run("all", "--dask", cluster)
    assert told.status == 0, told.text
    assert study.results() == built_once.results()


def test_an_address_where_no_scheduler_answers_is_named(tmp_path: Path) -> None:
    study = SmallStudy.at(tmp_path / "study")
    told = study.run("all", "--dask", "tcp://127.0.0.1:9")
    assert told.status == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in told.text
