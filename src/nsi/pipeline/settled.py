"""Whether everything is still as it was when nothing had to be run: answered before anything large is imported.

Times of files only spare reading them: a file with another time is read, and its bytes decide.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

FILE = "settled.json"
NOT_WATCHED = ("parsed.json", FILE)  # in build: what is remembered decides nothing
YOUNG = 2 * 10**9  # nanoseconds: a file that is younger may change once more without a change of its times
COMPILED = (".pyc", ".so")

_opened: set[str] | None = None
_began = 0


def watch() -> None:
    """From now on note which files this process opens: what it decides rests on those."""
    global _opened, _began
    if _opened is None:
        sys.addaudithook(_note)
    _opened, _began = set(), time.time_ns()


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _opened is not None and isinstance(arguments[0], (str, os.PathLike)):
        _opened.add(os.fspath(arguments[0]))


def keep(build: Path, asked: Iterable[Path], results: Iterable[Path], told: str) -> None:
    """Keep what there is now as the state in which nothing had to be run.

    Parameters
    ----------
    build : Path
        Where that is kept.
    asked : iterable of Path
        Folders with what everything is made from, as `told_if_settled` will be asked for them.
    results : iterable of Path
        Folders with what was made; in neither may a file come or go.
    told : str
        What a person is told, without the place of the pages.

    Nothing is kept where a file was changed so lately that it may have changed since it was looked at.
    """
    if _opened is None:
        return
    places = [str(folder) for folder in asked]
    names = {folder: _names(folder) for folder in [*places, *map(str, results)]}
    source = str(Path(__file__).resolve().parents[1])
    own = {str(build / name) for name in NOT_WATCHED}
    read = {str(Path(path).absolute()) for path in _opened if isinstance(path, str)} - own
    read |= {source + os.sep + name for name in _names(source)}
    files = {}
    for path in sorted(path for path in read if not (_of_python(path) or Path(path).is_dir())):
        times = _times(path)
        if times and max(times[1:3]) > _began - YOUNG:
            return
        files[path] = [times, _digest(path) if times else ""]
    names[source] = _names(source)
    _write(build, {"by": _by(places), "told": told, "names": names, "files": files})


def told_if_settled(build: Path, asked: Iterable[Path]) -> str | None:
    """Return what `keep` was told if no file has come, gone or changed since; otherwise None."""
    try:
        kept = json.loads((build / FILE).read_bytes())
        if kept["by"] != _by(map(str, asked)):
            return None
        if any(_names(folder) != names for folder, names in kept["names"].items()):
            return None
        now = time.time_ns()
        renewed = False
        for path, (times, digest) in kept["files"].items():
            found = _times(path)
            if found == times:
                continue
            if found is None or times is None or _digest(path) != digest:
                return None
            if max(found[1:3]) < now - YOUNG:
                kept["files"][path][0] = found
                renewed = True
        if renewed:
            _write(build, kept)
        return str(kept["told"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # then all is looked at as if nothing had been kept


def shown(path: Path) -> str:
    """Return a path as a person would type it from here."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def _by(asked: Iterable[str]) -> list[str]:
    return [sys.version, str(Path(__file__).resolve()), *asked]


def _names(folder: str) -> list[str]:
    """Every file below a folder; what Python and editors put beside them does not count."""
    found = []
    for place, inner, files in os.walk(folder):
        inner[:] = [name for name in inner if name not in ("__pycache__", ".ipynb_checkpoints")]
        below = place.removeprefix(folder).lstrip(os.sep)
        found += [f"{below}{os.sep}{name}" if below else name for name in files]
    return sorted(found)


def _times(path: str) -> list[int] | None:
    try:
        found = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _digest(path: str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _of_python(path: str) -> bool:
    return path.endswith(COMPILED) or path.startswith(_libraries())


@cache
def _libraries() -> tuple[str, ...]:
    import sysconfig

    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    return (*sorted({sysconfig.get_path(kind) + os.sep for kind in kinds}), "/proc/", "/dev/")


def _write(build: Path, kept: dict[str, Any]) -> None:
    from nsi.door import write_atomically
    from nsi.errors import StudyError

    with contextlib.suppress(OSError, StudyError):  # a full disk, a folder to read only: the next time takes longer
        write_atomically(build / FILE, json.dumps(kept, ensure_ascii=False).encode())
