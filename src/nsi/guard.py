"""The guard beside the door: it notices when a notebook opens a file of the study past the door.

It is a guard against accidents, not a sandbox: libraries that open files in C, and child processes, pass by.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_FIRST_PATH = {"open", "os.remove", "os.truncate", "os.listdir", "os.scandir", "os.mkdir", "os.rmdir"}
_TWO_PATHS = {"os.rename", "os.link", "os.symlink", "shutil.copyfile", "shutil.move"}
_passing = threading.local()


class PastTheDoor(PermissionError):
    """A notebook opened a file of the study without the Study door."""

    def __str__(self) -> str:
        # From Python 3.13 on, shutil puts a file name into the error on its way, and the words would be lost.
        return str(self.args[0])


@contextmanager
def through_the_door() -> Iterator[None]:
    """Mark what happens inside, in this thread, as done by the door."""
    before = getattr(_passing, "open", False)
    _passing.open = True
    try:
        yield
    finally:
        _passing.open = before


def install(roots: dict[str, Path], report: Callable[[str], None]) -> None:
    """Watch every file that is opened from now on in this process; there is no way to take the guard off.

    Parameters
    ----------
    roots : dict
        Name of a guarded folder, as a reader knows it (``data_raw``), to where it is.
    report : callable
        Gets the name of each file that was opened past the door, before the error is raised. A notebook may
        catch the error, but not the report.
    """
    guarded = [(name, os.path.realpath(folder)) for name, folder in roots.items()]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _FIRST_PATH and event not in _TWO_PATHS:
            return
        if getattr(_passing, "open", False):
            return
        for path in arguments[: 2 if event in _TWO_PATHS else 1]:
            name = _guarded_name(path, guarded)
            if name:
                with through_the_door():
                    report(name)
                raise PastTheDoor(
                    f"{name} was opened past the door; read it with study.raw(...) or study.read(...), and "
                    "write with "
                    "study.write(...), study.table(...) or study.figure(...)"
                )

    sys.addaudithook(hook)


def _guarded_name(path: object, guarded: Sequence[tuple[str, str]]) -> str:
    if not isinstance(path, (str, bytes, os.PathLike)):
        return ""
    # The hook runs for every file that Python opens, imports included: look closely only at what could be
    # meant.
    real = os.path.realpath(os.fsdecode(path))
    for name, folder in guarded:
        if real == folder:
            return name
        if real.startswith(folder + os.sep):
            return f"{name}/{Path(real).relative_to(folder).as_posix()}"
    return ""
