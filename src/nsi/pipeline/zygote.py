"""The warm process: imports the heavy libraries once, and forks a clean kernel for each notebook.

It is run as a script and imports nothing of nsi before it forks, so that each kernel reads the project's code as it is
on disk. Linux only: elsewhere a fork without a new start is not safe with these libraries.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Native threads that may exist when a kernel is forked: Arrow's allocator keeps one, and knows about forks.
HARMLESS_THREADS = 1
HEAVY = (
    "pandas",
    "pyarrow.parquet",
    "yaml",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "fontTools.subset",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
)
# What every kernel loads when it begins, and what some notebooks need besides: imported one by one while nobody asks
# for a kernel, so that no start waits for it.
OFTEN = (
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "scipy.special",
    "PIL.PngImagePlugin",
    "openpyxl",
    "docx",
    "scipy.optimize",
    "scipy.stats",
    "pandera.pandas",
)


def main(address: str, pipeline: int) -> None:
    """Import, then answer one request at a time on a Unix socket until the pipeline ends."""
    _die_with(pipeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the pipeline's matter
    _prepare(HEAVY)
    later = list(OFTEN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address + ".starting")
        server.listen(64)
        Path(address + ".starting").rename(address)  # who sees the address can connect
        signal.signal(signal.SIGCHLD, _reap)
        while True:
            while later and not select.select([server], [], [], 0)[0]:
                _prepare([later.pop(0)])
            connection, _ = server.accept()
            with connection:
                request = json.loads(connection.makefile("rb").readline())
                warm = os.getpid()
                child = os.fork()
                if child == 0:
                    server.close()
                    _become_kernel(request, warm)
                connection.sendall(f"{child}\n".encode())


def _prepare(names: Iterable[str]) -> None:
    """Import libraries, so that kernels share them, as long as forking stays safe."""
    for name in names:
        importlib.import_module(name)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1 + HARMLESS_THREADS:
        raise SystemExit(f"{threads} threads after importing {', '.join(names)}; forking would not be safe")
    gc.collect()
    gc.freeze()  # what is imported is shared with every kernel instead of copied at the first collection


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_kernel(request: dict[str, object], warm: int) -> None:
    """Turn the forked child into what a freshly started kernel would be."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    _die_with(warm)
    os.environ.clear()
    os.environ.update(request["environment"])  # type: ignore[call-overload]
    time.tzset()
    os.chdir(str(request["folder"]))
    _seed_anew()
    sys.path[:] = list(request["path"])  # type: ignore[call-overload]
    sys.argv = list(request["arguments"])  # type: ignore[call-overload]
    status = 1
    try:
        runpy.run_module("nsi.pipeline.kernel", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _seed_anew() -> None:
    """Two forked kernels must not share one state of the global random generators."""
    import random

    import numpy as np

    random.seed()
    np.random.seed()  # noqa: NPY002 - the global generator is what a notebook may use by mistake


def _die_with(parent: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before Linux could be asked: no signal will come any more
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
