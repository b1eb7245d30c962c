"""Kernels from the warm process: jupyter_client starts them as it starts any other, and they begin at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from nsi.pipeline.modules import SRC

NAME = "nsi-warm"
PATIENCE = 60  # seconds for the imports, on a machine that does much else


class ForkedProcess:
    """A kernel that another process forked, with the methods of Popen that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        try:
            self._pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._pidfd, self.returncode = -1, 1

    def poll(self) -> int | None:
        """Return an exit status once the process has ended; which one, only its parent could know."""
        if self.returncode is None and select.select([self._pidfd], [], [], 0)[0]:
            os.close(self._pidfd)
            self._pidfd, self.returncode = -1, 1
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        if self.returncode is None:
            select.select([self._pidfd], [], [], timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return self.returncode or 0

    async def ended(self) -> None:
        """Wait until it has ended, without holding up what else the event loop does."""
        if self.poll() is None:
            loop, over, pidfd = asyncio.get_running_loop(), asyncio.Event(), self._pidfd
            loop.add_reader(pidfd, over.set)
            try:
                await over.wait()
            finally:
                loop.remove_reader(pidfd)

    def send_signal(self, signum: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._pidfd, signum)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by asking the warm process whose socket the kernel spec names."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork instead of start; everything else is as for a local kernel."""
        here = str(Path.cwd())
        request = {
            "arguments": cmd[2:],
            "environment": kwargs["env"],
            "folder": kwargs.get("cwd") or here,
            "path": [str(SRC), *(entry for entry in sys.path if entry not in ("", here, str(SRC)))],
        }
        try:
            pid = await asyncio.to_thread(ask, self.kernel_spec.metadata["address"], request)
        except (OSError, ValueError):  # the warm process is gone: a plain kernel does the same, only later
            return await super().launch_kernel(cmd, **kwargs)
        self.process = ForkedProcess(pid)  # type: ignore[assignment]
        self.pid = self.pgid = pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and wait for it: a matter of milliseconds, for which jupyter_client takes 100."""
        await super().kill(restart)
        if isinstance(self.process, ForkedProcess):
            with contextlib.suppress(asyncio.TimeoutError):  # who asked waits on, and tells
                await asyncio.wait_for(self.process.ended(), 1)


def ask(address: str, request: dict[str, object]) -> int:
    """Ask the warm process for a kernel; return its process id."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address)
        client.sendall(json.dumps(request).encode() + b"\n")
        return int(client.makefile("rb").readline())


def register() -> None:
    """Make the provisioner known to jupyter_client, which otherwise looks for installed entry points."""
    from importlib.metadata import EntryPoint

    group = KernelProvisionerFactory.GROUP_NAME
    known = KernelProvisionerFactory.instance().provisioners
    known[NAME] = EntryPoint(NAME, f"{__name__}:{WarmProvisioner.__name__}", group)


class WarmProcess:
    """The warm process of one `make all`.

    Parameters
    ----------
    environment : dict
        What the environments of all kernels have in common: libraries read it when they are imported.
    sockets : Path
        A folder with a short path.
    """

    def __init__(self, environment: dict[str, str], sockets: Path) -> None:
        register()
        self.address = str(sockets / "warm")
        with (sockets / "warm.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("zygote.py")), self.address, str(os.getpid())],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @staticmethod
    def possible() -> bool:
        """Whether this system can fork kernels safely."""
        return sys.platform.startswith("linux") and hasattr(os, "pidfd_open")

    def ready(self) -> bool:
        """Wait until it can fork; False if it has ended, or takes too long."""
        until = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < until:
            if Path(self.address).exists():
                return True
            time.sleep(0.02)
        return False

    def end(self) -> None:
        """End it, and with it every kernel that it forked."""
        self._process.kill()
        self._process.wait()
