"""New words around results that still hold: where only prose or comments changed, nothing need run again."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from copy import deepcopy

from nbformat import NotebookNode

from nsi.pipeline.notebook import canonical

PARAMETERS = "parameters"
INJECTED = "injected-parameters"


def with_new_text(executed: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Put the outputs of an executed notebook under the cells of its newer source.

    Parameters
    ----------
    executed : NotebookNode
        The older run; one code cell more, tagged ``injected-parameters``, if parameters were given.
    source : NotebookNode
        The notebook as it reads now: same code cells in the same order, other prose or comments.

    Returns
    -------
    NotebookNode
        The cells of `source`, with outputs, execution counts and run records of `executed` put on by place.
        Neither input is changed.

    Raises
    ------
    ValueError
        If the numbers of code cells differ, or a cell's code does: outputs would stand under code that did
        not make them.
    """
    ran = [cell for cell in executed.cells if cell.cell_type == "code" and INJECTED not in _tags(cell)]
    merged = deepcopy(source)
    reads = [cell for cell in merged.cells if cell.cell_type == "code"]
    if len(ran) != len(reads):
        raise ValueError(
            f"the executed notebook has {len(ran)} code cells and its source {len(reads)}; run it again"
        )
    for number, (old, new) in enumerate(zip(ran, reads, strict=True), start=1):
        if _code(old.source) != _code(new.source):
            raise ValueError(f"code cell {number} is not the code that ran; run the notebook again")
        new.outputs = deepcopy(old.outputs)
        new.execution_count = old.execution_count
        _take(old.metadata, new.metadata, ("execution", "papermill"))
    _take(executed.metadata, merged.metadata, ("kernelspec", "language_info", "papermill"))
    merged.nbformat_minor = max(merged.nbformat_minor, executed.nbformat_minor)
    injected = [deepcopy(cell) for cell in executed.cells if INJECTED in _tags(cell)]
    place = next((index for index, cell in enumerate(merged.cells, start=1) if PARAMETERS in _tags(cell)), 0)
    merged.cells[place:place] = injected
    return merged


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _take(old: NotebookNode, new: NotebookNode, keys: Iterable[str]) -> None:
    for key in keys:
        if key in old:
            new[key] = deepcopy(old[key])


def _code(source: str) -> object:
    """Give the code without comments and layout; the text itself where it is not plain Python (a magic)."""
    try:
        return canonical(ast.parse(source))
    except SyntaxError:
        return source
