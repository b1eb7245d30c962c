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
from nsi.pipeline.remembered import found

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
    waiting = set(imports)
    seen: set[str] = set()
    digests: dict[str, str] = {}
    while waiting:
        seen |= waiting
        behind = {module for name in waiting for module in _with_packages(name)} - digests.keys()
        waiting = set()
        for module in behind:
            if parsed := _parsed(module):
                digests[module], further = parsed
                waiting |= further - seen
    return dict(sorted(digests.items()))


@cache
def _with_packages(name: str) -> tuple[str, ...]:
    """Importing a.b.c runs a, a.b and a.b.c."""
    parts = name.split(".")
    return tuple(".".join(parts[:length]) for length in range(1, len(parts) + 1))


@cache
def _parsed(module: str) -> tuple[str, frozenset[str]] | None:
    base = SRC.joinpath(*module.split("."))
    path = next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
    if path is None:
        return None  # a function or class, not a module
    name = f"src/{path.relative_to(SRC).as_posix()}"
    source = path.read_bytes()
    digest, imports = found("module", source, lambda: _digest_and_imports(source, name))
    return digest, frozenset(imports)


def _digest_and_imports(source: bytes, name: str) -> tuple[str, list[str]]:
    try:
        tree = ast.parse(source.decode("utf-8"))
    except SyntaxError as error:
        raise StudyError(f"{name} line {error.lineno}: {error.msg}; mend it first") from None
    except ValueError as error:  # bytes that are not UTF-8, or a null byte
        raise StudyError(f"{name} is not text that Python can read ({error}); restore it") from None
    digest = hashlib.sha256(json.dumps(canonical(tree), ensure_ascii=False).encode()).hexdigest()
    return digest, sorted(set(imported_modules(tree)))
