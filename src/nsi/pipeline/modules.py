"""Which modules of nsi a notebook rests on, directly and through others, and the digest of each."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import nsi
from nsi.errors import StudyError
from nsi.pipeline.notebook import canonical, imported_modules

SRC = Path(nsi.__file__).resolve().parent.parent


def module_digests(imports: Iterable[str]) -> dict[str, str]:
    """Return every nsi module behind some imports, with the SHA-256 of its code.

    Parameters
    ----------
    imports : iterable of str
        Dotted names as they stand in import statements; names of functions in a module are accepted.

    Returns
    -------
    dict
        Module name to digest, sorted. Comments and layout do not count. Imports inside functions do.

    Raises
    ------
    StudyError
        If a module cannot be parsed.
    """
    waiting = list(imports)
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        for module in _with_packages(name):
            if module not in found and (parsed := _parsed(module)):
                found[module], further = parsed
                waiting += further
    return dict(sorted(found.items()))


def _with_packages(name: str) -> list[str]:
    """Importing a.b.c runs a, a.b and a.b.c."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


@cache
def _parsed(module: str) -> tuple[str, tuple[str, ...]] | None:
    base = SRC.joinpath(*module.split("."))
    path = next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
    if path is None:
        return None  # a function or class, not a module
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise StudyError(
            f"src/{path.relative_to(SRC).as_posix()} line {error.lineno}: {error.msg}; mend it first"
        ) from None
    digest = hashlib.sha256(json.dumps(canonical(tree), ensure_ascii=False).encode()).hexdigest()
    return digest, tuple(imported_modules(tree))
