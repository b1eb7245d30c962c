"""Pages as files: each from its own executed notebook, and many of them side by side in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nsi.door import write_atomically

FEW = 8  # pages that one process has written before a second one has started


@dataclass(frozen=True)
class PageFile:
    """A page that is to be written.

    Attributes
    ----------
    source : Path
        The executed notebook.
    target : Path
        Where the page goes.
    renewed : Path or None
        The notebook whose new words are to stand around the same results; None where no word changed.
    told : mapping
        What `nsi.pipeline.pages.render_page` is told beside the executed notebook.
    """

    source: Path
    target: Path
    renewed: Path | None
    told: Mapping[str, Any]


def write_pages(files: Sequence[PageFile], processes: int) -> None:
    """Write pages, side by side where there are many.

    Parameters
    ----------
    files : sequence of PageFile
        In any order.
    processes : int
        How many may be written at once.

    Raises
    ------
    StudyError
        If a run that did not fail shows a picture without alt text.
    """
    processes = min(processes, len(files) // FEW)
    if processes < 2:
        for file in files:
            _write(file)
        return
    # Spawned, not forked: the threads that ran the notebooks may still be there.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_the_pipeline) as pool:
        for _ in pool.map(_write, files):
            pass


def _write(file: PageFile) -> None:
    import nbformat

    from nsi.pipeline.pages import render_page

    executed = nbformat.read(file.source, as_version=4)
    if file.renewed is not None:
        from nsi.pipeline.retext import with_new_text

        executed = with_new_text(executed, nbformat.read(file.renewed, as_version=4))
        write_atomically(file.source, nbformat.writes(executed).encode())
    write_atomically(file.target, render_page(executed, **file.told).encode())


def _end_with_the_pipeline() -> None:
    """End when the process that asked for pages is gone, even where it was killed; its Ctrl-C is its own matter."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
