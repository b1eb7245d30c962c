"""A notebook's declaration, from what an earlier run found in the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nsi.pipeline.notebook import TYPES, Call, Notebook, Parameter, read_notebook
from nsi.pipeline.remembered import found


def known_notebook(path: Path) -> Notebook:
    """Read a notebook as `read_notebook` does, without parsing bytes that were parsed before.

    Parameters
    ----------
    path : Path
        An .ipynb file.

    Raises
    ------
    StudyError
        As `read_notebook`.
    """
    if not path.is_file():
        return read_notebook(path)  # which says what is wrong
    # Its name is part of what is found: it stands in for a heading that is not there.
    plain = found(f"notebook {path.stem}", path.read_bytes(), lambda: _plain(read_notebook(path)))
    return Notebook(
        path=path,
        name=path.stem,
        title=plain["title"],
        parameters={
            name: Parameter(name, TYPES[kind], default, comment) for name, kind, default, comment in plain["parameters"]
        },
        code=plain["code"],
        text=plain["text"],
        calls=[Call(*call) for call in plain["calls"]],
        imports=set(plain["imports"]),
    )


def _plain(notebook: Notebook) -> dict[str, Any]:
    return {
        "title": notebook.title,
        "parameters": [[one.name, one.type.__name__, one.default, one.comment] for one in notebook.parameters.values()],
        "code": notebook.code,
        "text": notebook.text,
        "calls": [[call.verb, call.template, call.cell] for call in notebook.calls],
        "imports": sorted(notebook.imports),
    }
