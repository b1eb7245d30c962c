"""One entry under `notebooks` in study.yml: which notebook runs, with which parameters, over which."""

from __future__ import annotations

from dataclasses import dataclass, field

from nsi.errors import StudyError
from nsi.strict import checked, kind, named, text


@dataclass(frozen=True)
class NotebookRuns:
    """One entry under ``notebooks``: a notebook and the parameters it runs over."""

    notebook: str
    fixed: dict[str, object] = field(default_factory=dict)
    over: dict[str, list[object]] = field(default_factory=dict)


def notebook_runs(entry: object, where: str) -> NotebookRuns:
    """Read one entry of the list of notebooks.

    Raises
    ------
    StudyError
        If a key is unknown, a list of values is none or holds one twice, or a parameter is given in two ways.
    """
    if isinstance(entry, str):
        return NotebookRuns(entry)
    keys = checked(entry, where, required=("run",), optional=("with", "over"))
    notebook = text(keys["run"], f"{where} run")
    fixed = named(keys.get("with", {}), f"{where} with")
    over = named(keys.get("over", {}), f"{where} over")
    for name, values in over.items():
        if not isinstance(values, list) or not values:
            raise StudyError(f"{where} over.{name} must be a list of values, but found {kind(values)}")
        twice = [value for position, value in enumerate(values) if value in values[:position]]
        if twice:
            raise StudyError(f"{where} over.{name}: {twice[0]!r} stands twice; remove one of them")
        if name in fixed:
            raise StudyError(f"{where}: '{name}' stands under 'with' and under 'over'; keep one of them")
    return NotebookRuns(notebook, fixed, {name: list(values) for name, values in over.items()})
