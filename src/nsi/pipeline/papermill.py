"""papermill, called once per notebook: parameters in, executed notebook out, a failed cell named."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import re
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_event_loop
from papermill import execute_notebook as papermill_execute
from papermill.exceptions import PapermillExecutionError

logging.getLogger("papermill").setLevel(logging.ERROR)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ADDED = {"injected-parameters", "papermill-error-cell-tag"}
LONGEST = 2000  # characters of an error that a summary shows; the executed notebook holds all of it


class CellFailed(Exception):
    """A cell of a notebook raised an error.

    Attributes
    ----------
    cell : int
        The cell's number in the source notebook, counted from 1, markdown included.
    told : str
        The error's type and text.
    """

    def __init__(self, cell: int, told: str) -> None:
        super().__init__(told)
        self.cell = cell
        self.told = told


def execute_notebook(
    source: Path, target: Path, parameters: dict[str, object], manager: type[Any], folder: Path
) -> None:
    """Execute a notebook.

    Parameters
    ----------
    source, target : Path
        The notebook, and where the executed copy goes; it is written even when a cell fails.
    parameters : dict
        All parameters, checked beforehand: papermill only warns of an unknown one.
    manager : type
        A kernel manager class.
    folder : Path
        Working folder of the kernel.

    Raises
    ------
    CellFailed
        If a cell raises; the kernel has ended by then.
    """
    # A context of its own, because jupyter_core keeps the event loop in one, and two notebooks must not share a loop.
    contextvars.Context().run(_execute, source, target, parameters, manager, folder)


def _execute(source: Path, target: Path, parameters: dict[str, object], manager: type[Any], folder: Path) -> None:
    loop = ensure_event_loop()
    try:
        papermill_execute(
            str(source),
            str(target),
            parameters=parameters or None,
            progress_bar=False,
            kernel_name="python3",
            language="python",
            kernel_manager_class=manager,
            resources={"metadata": {"path": str(folder)}},
            request_save_on_cell_execute=False,
            shutdown_kernel="immediate",
        )
    except PapermillExecutionError as error:
        told = ANSI.sub("", f"{error.ename}: {error.evalue}")[:LONGEST]
        raise CellFailed(_failed_cell(target), told) from None
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def _failed_cell(executed: Path) -> int:
    """Find the failed cell's number in the source: papermill adds cells of its own, which do not count."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    own = [cell for cell in cells if not ADDED & set(cell["metadata"].get("tags", []))]
    failed = (any(output["output_type"] == "error" for output in cell.get("outputs", [])) for cell in own)
    return next((number for number, has_failed in enumerate(failed, start=1) if has_failed), len(own))
