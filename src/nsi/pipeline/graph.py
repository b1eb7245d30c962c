"""The graph of runs on Dask: its threads here, or the workers of a cluster; the same graph in both."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nsi.errors import StudyError
from nsi.pipeline.execute import Job, Outcome, carry_out

if TYPE_CHECKING:
    from nsi.pipeline.warm import WarmProcess


def run_graph(
    jobs: list[Job],
    *,
    workers: int,
    cluster: str,
    warm: WarmProcess | None,
    started: Callable[[str], None],
    ended: Callable[[Outcome], None],
) -> None:
    """Carry out all jobs, each after those it needs.

    Parameters
    ----------
    jobs : list of Job
        In any order.
    workers : int
        How many notebooks run at once, on this machine.
    cluster : str
        Address of a running Dask scheduler, such as ``tcp://host:8786``; empty for threads of this process.
    warm : WarmProcess or None
        Where this process's kernels are forked from; those of a cluster are started anew.
    started, ended : callable
        Told of each run's id when it starts (threads only), and of its outcome when it ends; always called from
        the calling thread.

    Raises
    ------
    StudyError
        If the cluster cannot be reached.
    """
    graph: dict[str, Any] = {job.run.id: (carry_out, job, list(job.run.needs)) for job in jobs}
    if cluster:
        _on_cluster(graph, cluster, ended)
    else:
        here = {key: (carry_out, job, needs, warm) for key, (_, job, needs) in graph.items()}
        _on_threads(here, workers, started, ended)


def _on_threads(
    graph: dict[str, Any], workers: int, started: Callable[[str], None], ended: Callable[[Outcome], None]
) -> None:
    from dask.callbacks import Callback
    from dask.threaded import get

    class Told(Callback):
        def _pretask(self, key: str, dsk: object, state: object) -> None:
            started(key)

        def _posttask(self, key: str, result: Outcome, dsk: object, state: object, worker_id: object) -> None:
            ended(result)

    with Told():  # type: ignore[no-untyped-call]
        get(graph, list(graph), num_workers=workers)


def _on_cluster(graph: dict[str, Any], cluster: str, ended: Callable[[Outcome], None]) -> None:
    from dask.delayed import Delayed
    from distributed import Client, as_completed

    try:
        client = Client(cluster, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise StudyError(
            f"no Dask scheduler answers at {cluster} ({type(error).__name__}); start one with `dask scheduler`, "
            "and workers with `dask worker ADDRESS` in this environment, then give its address as DASK="
        ) from None
    with client:
        futures = client.compute([Delayed(key, graph) for key in graph])
        for future in as_completed(futures, loop=client.loop):
            ended(future.result())
