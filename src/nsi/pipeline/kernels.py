"""Starting kernels: one clean process per notebook, the same environment for each, no network port."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from nsi.pipeline.kernel_client import PromptClient
from nsi.pipeline.modules import SRC
from nsi.pipeline.warm import NAME as WARM
from nsi.pipeline.warm import WarmProcess

# What would otherwise differ between two machines or two hours; see REPRODUCING.md.
SAME_EVERYWHERE = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
OTHERWISE = "NSI_KERNELS_OTHERWISE"  # JSON of variables to set otherwise: `make verify` sees whether results care


def common_environment(private: Path) -> dict[str, str]:
    """Return what the environments of all kernels have in common.

    Parameters
    ----------
    private : Path
        A folder for IPython's and matplotlib's own files, so that a person's settings change no result.
    """
    private.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(part for part in (str(SRC), os.environ.get("PYTHONPATH", "")) if part)
    own = {"IPYTHONDIR": str(private / "ipython"), "MPLCONFIGDIR": str(private / "matplotlib")}
    return {**SAME_EVERYWHERE, **own, "PYTHONPATH": path, **json.loads(os.environ.get(OTHERWISE, "{}"))}


def peak_memory(pid: int) -> int:
    """Return the most memory that a process held so far, in bytes; 0 where the system does not tell."""
    try:
        told = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return 0
    return int(told[1]) * 1024 if told else 0


def kernel_manager(
    environment: dict[str, str], sockets: Path, warm: WarmProcess | None, peaks: list[int] | None = None
) -> type[AsyncKernelManager]:
    """Return a kernel manager class whose kernels have this environment and talk through files, not ports.

    Two notebooks that start at once can be given one port; sockets in a folder of their own cannot collide.
    With a warm process kernels are forked from it, otherwise started anew. `peaks` receives the memory of each kernel
    at the moment it is shut down.
    """
    metadata: dict[str, Any] = {}
    if warm is not None and warm.ready():
        metadata = {"kernel_provisioner": {"provisioner_name": WARM, "config": {}}, "address": warm.address}

    class RunKernelManager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            folder = Path(tempfile.mkdtemp(dir=sockets))
            if os.name == "posix":
                settings |= {"transport": "ipc", "ip": str(folder / "k")}
            super().__init__(connection_file=str(folder / "c.json"), client_factory=PromptClient, **settings)

        # The asynchronous manager overrides a method that blocks by one to be awaited, and so must we.
        async def shutdown_kernel(  # type: ignore[override]
            self, now: bool = False, restart: bool = False
        ) -> None:
            pid = getattr(self.provisioner, "pid", None)
            if peaks is not None and pid:
                peaks.append(peak_memory(pid))
            await super().shutdown_kernel(now=now, restart=restart)

        @property
        def kernel_spec(self) -> KernelSpec:
            command = [sys.executable, "-m", "nsi.pipeline.kernel", "-f", "{connection_file}"]
            spec = {"argv": command, "display_name": "nsi", "language": "python", "env": environment}
            return KernelSpec(**spec, metadata=metadata)

    return RunKernelManager


def socket_folder(out: Path) -> Path:
    """Return an empty folder with a short path: the name of a socket may have about 100 characters."""
    name = f"nsi-{os.getuid() if hasattr(os, 'getuid') else 0}-{hashlib.sha256(str(out).encode()).hexdigest()[:10]}"
    folder = Path(tempfile.gettempdir()) / name
    shutil.rmtree(folder, ignore_errors=True)  # what a killed run may have left
    folder.mkdir(mode=0o700)
    return folder


def worker_sockets() -> Path:
    """Return an empty folder for sockets on a worker of a cluster; those of killed workers are removed first."""
    from psutil import pid_exists

    around = Path(tempfile.gettempdir())
    mark = f"nsi-worker-{os.getuid() if hasattr(os, 'getuid') else 0}-"
    for folder in around.glob(f"{mark}*"):
        owner = folder.name.removeprefix(mark).split("-")[0]
        if owner.isdecimal() and not pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{mark}{os.getpid()}-", dir=around))
