"""The process in which a notebook runs: a real Jupyter kernel, with the guard beside the door in place."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from nsi.door import PAST_THE_DOOR, RUN
from nsi.guard import install

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Start the kernel that jupyter_client asked for on the command line."""
    _die_with_the_pipeline()
    told = json.loads(Path(os.environ[RUN]).read_text(encoding="utf-8"))
    out, staging = Path(told["out"]), Path(told["staging"])

    def report(name: str) -> None:
        with (staging / PAST_THE_DOOR).open("a", encoding="utf-8") as stream:
            stream.write(name + "\n")

    install(
        {
            "data_raw": Path(told["data_raw"]),
            "data_processed": out / "data_processed",
            "figures": out / "figures",
        },
        report,
    )
    _leave_out_the_font_cache()
    _announce_parquet_files()
    _show_frames_as_in_a_notebook()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def _leave_out_the_font_cache() -> None:
    """On a slow machine matplotlib says that it lists the fonts; a notebook must not show how slow it was."""
    logging.getLogger("matplotlib.font_manager").addFilter(
        lambda told: "building the font cache" not in told.getMessage()
    )


def _show_frames_as_in_a_notebook() -> None:
    """When pandas is imported it looks whether it is in a notebook; in the warm process it was imported elsewhere."""
    import pandas as pd

    pd.set_option("display.max_columns", 20)  # what it chooses in a notebook; in a terminal it cuts lines to fit


def _announce_parquet_files() -> None:
    """Arrow opens files in C++, where no guard can see it; its Python classes say so beforehand."""
    import pyarrow.parquet.core as parquet

    for owner in (parquet.ParquetFile, parquet.ParquetDataset, parquet.ParquetWriter):
        owner.__init__ = _announced(owner.__init__)


def _announced(begin: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(begin)
    def announced(self: object, source: object, *arguments: object, **named: object) -> None:
        if isinstance(source, (str, os.PathLike)):
            sys.audit("open", os.fspath(source), "b", 0)
        begin(self, source, *arguments, **named)

    return announced


def _die_with_the_pipeline() -> None:
    """Ask Linux to end this process with the one that started it; elsewhere ipykernel looks once a second."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
