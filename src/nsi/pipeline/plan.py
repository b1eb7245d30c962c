"""From the declaration and the notebooks to runs: what each reads and writes, and which runs it needs."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nsi.declaration import Declaration
from nsi.errors import StudyError
from nsi.notebook_runs import NotebookRuns
from nsi.pipeline.needs import filled, resolve_needs
from nsi.pipeline.notebook import WRITES, Call, Notebook
from nsi.pipeline.notebook_known import known_notebook

PICTURES = ("svg", "pdf", "png", "csv")


@dataclass
class Run:
    """One notebook with one set of parameters.

    Attributes
    ----------
    id : str
        The notebook's name and the parameters that differ between its runs; stands in the lock and in messages.
    slug : str
        The same as a file name.
    raw : dict
        Names of raw tables to their files.
    reads : list of str
        Names of the processed tables that it reads.
    gathered : dict
        Template of ``read_each`` to the names it stands for.
    outputs : list of str
        Paths below OUT.
    numbers : list of str
        Names of the numbers that it records.
    number_files : list of str
        Files with the numbers of other runs, where it reads them.
    needs : list of str
        Ids of the runs that write what it reads.
    """

    id: str
    slug: str
    notebook: Notebook
    parameters: dict[str, object]
    raw: dict[str, str] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    gathered: dict[str, list[str]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    number_files: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)

    @property
    def inputs(self) -> list[str]:
        """Every file it reads, as the lock names them."""
        raw = [f"data_raw/{file}" for file in self.raw.values()]
        return raw + [f"data_processed/{name}.parquet" for name in self.reads] + self.number_files

    @property
    def own_numbers(self) -> str:
        """The file that the numbers of this run are handed on in, below OUT; "" where it records none."""
        return f"data_processed/numbers/{self.slug}.json" if self.numbers else ""


def plan(declaration: Declaration, folder: Path) -> list[Run]:
    """Find every run of a study, in an order in which they can be run.

    Parameters
    ----------
    declaration : Declaration
        The study's declaration.
    folder : Path
        The notebooks' folder.

    Returns
    -------
    list of Run
        Each after the runs that it needs; otherwise in the order of study.yml.

    Raises
    ------
    StudyError
        On anything that would go wrong later and can be seen now: an unknown notebook or parameter, a parameter of
        another type, a table that nobody writes, two outputs of one name, a missing raw file, a circle.
    """
    notebooks: dict[str, Notebook] = {}
    runs: dict[str, Run] = {}
    for entry in declaration.notebooks:
        if entry.notebook not in notebooks:
            notebooks[entry.notebook] = _find(entry.notebook, folder)
        for run in _runs(entry, notebooks[entry.notebook]):
            if run.id in runs:
                raise StudyError(f"study.yml notebooks: '{run.id}' stands twice; remove one of them")
            runs[run.id] = run
    for run in runs.values():
        _resolve_raw(run, declaration)
    _check_settings(declaration, notebooks.values(), folder)
    resolve_needs(runs)
    return _in_order(runs)


def _find(name: str, folder: Path) -> Notebook:
    path = folder / f"{name}.ipynb"
    if not path.is_file():
        known = sorted(other.stem for other in folder.glob("*.ipynb"))
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known) or 'none'}"
        raise StudyError(f"study.yml notebooks: there is no notebook '{name}'; {hint}")
    return known_notebook(path)


def _runs(entry: NotebookRuns, notebook: Notebook) -> Iterable[Run]:
    names = list(entry.over)
    for values in itertools.product(*entry.over.values()):
        varied = dict(zip(names, values, strict=True))
        given = _checked(notebook, {**entry.fixed, **varied})
        label = " ".join(f"{name}={given[name]}" for name in {**entry.fixed, **varied})
        run_id = f"{notebook.name} {label}".strip()
        defaults = {name: parameter.default for name, parameter in notebook.parameters.items()}
        parameters = {**defaults, **given}
        run = Run(run_id, _slug(run_id), notebook, parameters)
        run.outputs = [path for call in notebook.calls if call.verb in WRITES for path in _outputs(call, run)]
        run.numbers = [filled(template, run) for template in notebook.templates("number")]
        run.outputs += [run.own_numbers] if run.numbers else []
        twice = next((path for path in run.outputs if run.outputs.count(path) > 1), None)
        if twice:
            raise StudyError(f"notebooks/{notebook.path.name} writes {twice} twice; give each output its own name")
        yield run


def _checked(notebook: Notebook, given: Mapping[str, object]) -> dict[str, object]:
    checked = {}
    for name, value in given.items():
        parameter = notebook.parameters.get(name)
        if parameter is None:
            near = difflib.get_close_matches(name, notebook.parameters, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise StudyError(
                f"study.yml notebooks: {notebook.name} has no parameter '{name}'; {hint}its parameters cell declares "
                f"{', '.join(notebook.parameters) or 'none'}"
            )
        fits = type(value) is parameter.type or (parameter.type is float and type(value) is int)
        if not fits:
            raise StudyError(
                f"study.yml notebooks: {notebook.name} takes {name} as {parameter.type.__name__}, but found {value!r} "
                f"({type(value).__name__}); correct the value{', or put it in quotes' if parameter.type is str else ''}"
            )
        checked[name] = parameter.type(value)
    return checked


def _slug(run_id: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_.=-]+", "-", run_id).replace("=", "-")
    # Two ids that differ only in characters a file name cannot hold must not share a page.
    unsafe = plain != run_id.replace(" ", "-").replace("=", "-")
    return f"{plain}-{hashlib.sha256(run_id.encode()).hexdigest()[:8]}" if unsafe or len(plain) > 120 else plain


def _outputs(call: Call, run: Run) -> list[str]:
    name = filled(call.template, run)
    if call.verb == "write":
        return [f"data_processed/{name}.parquet"]
    if call.verb == "table":
        return [f"figures/tables/{name}.csv"]
    if call.verb == "document":
        return [f"figures/documents/{name}"]
    if call.verb == "worksheet":
        return [f"data_processed/{name}"]
    if call.verb == "figure":
        return [f"figures/{name}.{kind}" for kind in PICTURES]
    return []


def _resolve_raw(run: Run, declaration: Declaration) -> None:
    perhaps = [filled(template, run) for template in run.notebook.templates("raw_if_declared")]
    wanted = [name for name in perhaps if name in declaration.raw]
    for name in [*(filled(template, run) for template in run.notebook.templates("raw")), *wanted]:
        table = declaration.table(name)
        if not (declaration.data_raw / table.file).is_file():
            raise StudyError(
                f"data_raw/{table.file} is missing; study.yml raw.{table.name} names it. Put the export there, correct "
                "the name, or say where the raw data are: make all DATA_RAW=<folder>"
            )
        run.raw[table.name] = table.file
    for template in run.notebook.templates("setting"):
        declaration.setting(filled(template, run))


def _check_settings(declaration: Declaration, used: Iterable[Notebook], folder: Path) -> None:
    """A misspelt setting would be ignored in silence, so one that no notebook reads is an error."""
    read = {template for notebook in used for template in notebook.templates("setting")}
    unread = [name for name in declaration.settings if name not in read]
    if unread:
        others = [known_notebook(path) for path in sorted(folder.glob("*.ipynb"))]
        read |= {template for notebook in others for template in notebook.templates("setting")}
    for name in unread:
        if name not in read:
            near = difflib.get_close_matches(name, read, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"they read {', '.join(sorted(read)) or 'none'}"
            raise StudyError(f"study.yml settings: no notebook reads '{name}'; {hint}")


def _in_order(runs: dict[str, Run]) -> list[Run]:
    ordered: dict[str, Run] = {}
    while len(ordered) < len(runs):
        ready = [run for run in runs.values() if run.id not in ordered and all(need in ordered for need in run.needs)]
        if not ready:
            circle = [run.id for run in runs.values() if run.id not in ordered]
            raise StudyError(f"these runs wait for each other in a circle: {', '.join(circle)}; break it at one table")
        ordered[ready[0].id] = ready[0]
    return list(ordered.values())
