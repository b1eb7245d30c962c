"""What one `make all` holds while it runs, and lets go of: its OUT, its sockets, its kernels."""

from __future__ import annotations

import contextlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from nsi.door import write_atomically
from nsi.errors import StudyError
from nsi.pipeline.execute import Folders
from nsi.pipeline.report import shown

KERNEL_MARKS = ("nsi.pipeline.kernel", "zygote.py")  # in the command line of each kernel


def save_if_new(path: Path, data: bytes) -> None:
    """Write a file only if its bytes differ: an unchanged study leaves no trace."""
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)


class running_alone:  # noqa: N801 - reads as a phrase: with running_alone(...)
    """Keep a second `make all` out of the same OUT; the system lets go of the hold when the process dies."""

    def __init__(self, build: Path) -> None:
        self.path = build / "running"

    def __enter__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.path.open("a+")
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._stream.close()
            raise StudyError(
                f"another `make all` is running in {shown(self.path.parent.parent)}; wait for it, or give another OUT"
            ) from None

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self.path.unlink(missing_ok=True)


class clean_sockets:  # noqa: N801 - reads as a phrase: with clean_sockets(...)
    """Give the kernels a folder for their sockets, and take it away afterwards."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders

    def __enter__(self) -> Folders:
        from nsi.pipeline.kernels import socket_folder

        self.folders = replace(self.folders, sockets=socket_folder(self.folders.out))
        shutil.rmtree(self.folders.staging.parent, ignore_errors=True)  # what a killed run may have left
        for name in ("data_processed", "figures", "build"):
            for half_written in (self.folders.out / name).rglob(".part-*"):
                half_written.unlink(missing_ok=True)
        return self.folders

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folders.sockets, ignore_errors=True)


def clear_after_a_kill(folders: Folders) -> None:
    """Remove what a run left that was killed when all notebooks were done; one that still runs is left alone."""
    if (folders.build / "running").exists():
        with contextlib.suppress(StudyError), running_alone(folders.build), clean_sockets(folders):
            pass


def end_kernels() -> None:
    """End every kernel that this process started, or the warm process forked, and that still runs."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            if any(mark in argument for argument in child.cmdline() for mark in KERNEL_MARKS):
                child.kill()
        except psutil.NoSuchProcess:
            continue  # it ended by itself in the meantime
