"""What parsing found, kept by the SHA-256 of what was parsed: equal bytes are parsed once, whatever their times say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nsi.door import write_atomically

FILE = "parsed.json"
# Whoever changes how these find what they find makes everything that was kept worthless.
PARSERS = ("modules.py", "notebook.py", "notebook_known.py")


class Remembered:
    """Findings of earlier times, and those of now.

    Parameters
    ----------
    path : Path or None
        Where they are kept; None keeps them for this process alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._by = _parsers_digest() if path else ""
        self._kept: dict[str, Any] = self._read()
        self._used: dict[str, Any] = {}

    def found(self, kind: str, data: bytes, find: Callable[[], Any]) -> Any:
        """Return what `find` finds in `data`, asking it only if nobody has yet.

        Parameters
        ----------
        kind : str
            What is looked for.
        data : bytes
            All that it depends on.
        find : callable
            Gives plain values, as JSON has them. An error that it raises is not kept.
        """
        key = hashlib.sha256(kind.encode() + b"\0" + data).hexdigest()
        if key not in self._used:
            self._used[key] = self._kept[key] if key in self._kept else find()
        return self._used[key]

    def save(self) -> None:
        """Keep what was used, and let go of the rest; nothing is written where nothing new was found."""
        if self.path is not None and self._used.keys() - self._kept.keys():
            whole = {"by": self._by, "found": self._used}
            write_atomically(self.path, json.dumps(whole, sort_keys=True, ensure_ascii=False).encode())
            self._kept = dict(self._used)

    def _read(self) -> dict[str, Any]:
        """A damaged or outdated file only costs the work of parsing again."""
        if self.path is None:
            return {}
        try:
            plain = json.loads(self.path.read_bytes())
            return dict(plain["found"]) if plain["by"] == self._by else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def _parsers_digest() -> str:
    whole = hashlib.sha256()
    for name in PARSERS:
        path = Path(__file__).with_name(name)
        whole.update(path.read_bytes() if path.is_file() else b"")
    return whole.hexdigest()


_current = Remembered()


def remember_in(path: Path | None) -> Remembered:
    """From now on keep findings in a file; return them, to be saved when all is done."""
    global _current
    _current = Remembered(path)
    return _current


def found(kind: str, data: bytes, find: Callable[[], Any]) -> Any:
    """Ask the findings in use; see :meth:`Remembered.found`."""
    return _current.found(kind, data, find)
