"""What an executed notebook says, without what differs from run to run: times, addresses, processes, paths.

The notebook as it ran stays beside it; pages are made from that one, hashes and comparisons from this one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

PAPERMILL_ONLY_HERE = frozenset(
    {"start_time", "end_time", "duration", "input_path", "output_path", "environment_variables", "version"}
)
# A warning names the temporary file of its cell: /tmp/ipykernel_812/123.py, or a longer folder on macOS.
KERNEL_FILE = re.compile(r"[^\s\"'<>()]*ipykernel_\d+[\\/]\d+\.py")
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b", re.IGNORECASE)
UUID4 = re.compile(
    r"(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![0-9a-f-])",
    re.IGNORECASE,
)
STYLER = re.compile(r"""((?:#|id=["']))T_[0-9a-f]{5}(?![0-9a-f])""")  # pandas Styler: id="T_1cc86_row0_col0"
SVG_DATE = re.compile(r"<dc:date>[^<]*</dc:date>")
BASE64_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")  # 0x is chance there


def normalise(
    executed: NotebookNode, *, notebook: str, roots: Mapping[str, str | os.PathLike[str]] | None = None
) -> NotebookNode:
    """Give a copy of an executed notebook that is the same for the same code, data and versions.

    Parameters
    ----------
    executed : NotebookNode
        As it came from the kernel; it is not changed.
    notebook : str
        Name of the notebook; cell ids are made of it and of the place of the cell.
    roots : mapping of str to path, optional
        Folders by the name to show instead: ``{"PROJECT": "/home/me/study"}`` writes ``<PROJECT>/figures``.

    Returns
    -------
    NotebookNode
        Keys sorted; without execution and papermill times and paths, kernel name and Python version;
        neighbouring stream outputs joined; memory addresses, Styler and random ids, kernel files and SVG
        dates replaced by a fixed word. Sources keep their words, but for the roots. Doing it twice changes
        nothing more.
    """
    show_roots = _root_replacer(roots or {})
    whole = {
        "cells": [_cell(cell, _id(notebook, index), show_roots) for index, cell in enumerate(executed.cells)],
        "metadata": _strings(_notebook_metadata(executed.metadata), show_roots),
        "nbformat": 4,
        "nbformat_minor": max(5, int(executed.get("nbformat_minor", 5))),  # 5: the first that knows cell ids
    }
    return nbformat.from_dict(_sorted(whole))


def normalised_text(
    executed: NotebookNode, *, notebook: str, roots: Mapping[str, str | os.PathLike[str]] | None = None
) -> str:
    """Give the normalised notebook as the text of an .ipynb file; parameters as in `normalise`."""
    plain = normalise(executed, notebook=notebook, roots=roots)
    return str(nbformat.writes(plain)).rstrip("\n") + "\n"


def normalised_hash(
    executed: NotebookNode, *, notebook: str, roots: Mapping[str, str | os.PathLike[str]] | None = None
) -> str:
    """Give the SHA-256, in hex, of `normalised_text` in UTF-8: ``sha256sum`` of the written file."""
    return hashlib.sha256(normalised_text(executed, notebook=notebook, roots=roots).encode()).hexdigest()


def shown_digest(executed: NotebookNode, *, roots: Mapping[str, str | os.PathLike[str]] | None = None) -> str:
    """Give the SHA-256, in hex, of everything that an executed notebook shows below its code cells.

    Sources and prose do not count, so that new words around the same results leave it as it is; `roots` as in
    `normalise`.
    """
    show_roots = _root_replacer(roots or {})
    shown = [
        [_output(output, show_roots) for output in _joined_streams(cell["outputs"])]
        for cell in executed.cells
        if cell.get("outputs")
    ]
    for outputs in shown:
        for output in outputs:
            output.pop("execution_count", None)  # counts the cells before it, also those that only hold a comment
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _id(notebook: str, index: int) -> str:
    return hashlib.sha1(f"{notebook}:{index}".encode(), usedforsecurity=False).hexdigest()


def _notebook_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    # Kernel name and Python version belong to the environment, which has its own hash in the lock.
    kept = {key: value for key, value in metadata.items() if key not in {"kernelspec", "widgets"}}
    if "language_info" in kept:
        kept["language_info"] = {"name": kept["language_info"].get("name", "python")}
    if "papermill" in kept:
        kept["papermill"] = _without_times(kept["papermill"])
    return kept


def _without_times(papermill: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in papermill.items() if key not in PAPERMILL_ONLY_HERE}


def _cell(cell: Mapping[str, Any], cell_id: str, show_roots: Callable[[str], str]) -> dict[str, Any]:
    metadata = {key: value for key, value in cell["metadata"].items() if key != "execution"}
    if "papermill" in metadata:
        metadata["papermill"] = _without_times(metadata["papermill"])
    kept = {**cell, "id": cell_id, "metadata": _strings(metadata, show_roots)}
    kept["source"] = show_roots(cell["source"])
    if "outputs" in cell:
        kept["outputs"] = [_output(output, show_roots) for output in _joined_streams(cell["outputs"])]
    return kept


def _joined_streams(outputs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Join stream outputs that stand together: how they are cut, and which comes first, is chance."""
    joined: list[Mapping[str, Any]] = []
    for streams, together in groupby(outputs, key=lambda output: output["output_type"] == "stream"):
        if not streams:
            joined += together
            continue
        texts: dict[str, str] = {}
        for output in together:
            texts[output["name"]] = texts.get(output["name"], "") + output["text"]
        joined += [
            {"name": name, "output_type": "stream", "text": text}
            for name, text in sorted(texts.items(), reverse=True)  # stdout before stderr
            if text
        ]
    return joined


def _output(output: Mapping[str, Any], show_roots: Callable[[str], str]) -> dict[str, Any]:
    def plain(text: str) -> str:
        text = KERNEL_FILE.sub("<kernel>/cell.py", text)
        return show_roots(UUID4.sub("<uuid>", ADDRESS.sub("<address>", text)))

    def rich(text: str) -> str:
        return STYLER.sub(r"\1T_styler", SVG_DATE.sub("<dc:date/>", plain(text)))

    kept = {key: _strings(value, plain) for key, value in output.items() if key != "data"}
    if "data" in output:
        data: Mapping[str, Any] = output["data"]
        kept["data"] = {
            kind: value if kind in BASE64_TYPES else _strings(value, rich) for kind, value in data.items()
        }
    return kept


def _root_replacer(roots: Mapping[str, str | os.PathLike[str]]) -> Callable[[str], str]:
    """Make a function that writes ``<NAME>`` for each root, longest first, resolved names too."""
    names: dict[str, str] = {}
    for name, root in roots.items():
        for path in (os.fspath(root), str(Path(root).resolve())):
            if len(path.rstrip("/\\")) > 1:  # never "/" itself: it would eat every path
                names.setdefault(path.rstrip("/\\"), f"<{name}>")
    if not names:
        return lambda text: text
    longest_first = sorted(names, key=lambda path: (-len(path), path))
    # Not inside a longer name: /a/study is not part of /a/study2 or of /b/a/study.
    pattern = re.compile(rf"(?<![\w.>-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-]|\.\w)")
    return lambda text: pattern.sub(lambda match: names[match.group()], text)


def _strings(value: Any, change: Callable[[str], str]) -> Any:
    """Change every string inside nested lists and mappings; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _strings(inner, change) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strings(inner, change) for inner in value]
    return value


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(inner) for inner in value]
    return value
