"""The notebooks: each answers one question, in one shape, and runs by itself as it does in JupyterLab."""

from __future__ import annotations

import ast
import copy
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from nsi.declaration import Declaration
from nsi.errors import StudyError
from nsi.pipeline.notebook import read_notebook
from nsi.pipeline.plan import plan

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 15
PYTHON_3 = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
ENDING = ("How to read it", "What it cannot show")
# A share, a decimal, a number of three digits: in prose they are results that somebody typed in.
TYPED_IN = re.compile(r"\d\s?%|\d+\.\d|\b\d{3,}\b|\bn\s*=\s*\d|\bper ?cent\b.*\d|\d.*\bper ?cent\b")

Notebook = dict[str, Any]


def read(path: Path) -> Notebook:
    """The notebook as it lies on disk."""
    content: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return content


def text(cell: dict[str, Any]) -> str:
    """A cell's text; on disk it may be a list of lines."""
    return "".join(cell["source"])


def cells(notebook: Notebook, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Cells of one kind with their number, counted from 1 as in a message."""
    numbered = enumerate(notebook["cells"], start=1)
    return [(number, cell) for number, cell in numbered if cell["cell_type"] == kind]


def trees(notebook: Notebook) -> list[tuple[int, ast.Module]]:
    """Code cells as syntax trees; those that are not plain Python are left to `code_faults`."""
    found = []
    for number, cell in cells(notebook, "code"):
        try:
            found.append((number, ast.parse(text(cell))))
        except SyntaxError:
            continue
    return found


def naming_faults(name: str, notebook: Notebook) -> list[str]:
    """A name of two digits and words, and a first heading that begins with the same number."""
    numbered = re.fullmatch(r"(\d\d)_[a-z][a-z0-9]*(_[a-z0-9]+)*\.ipynb", name)
    if not numbered:
        return [f"{name} is not named by two digits and words in lower case"]
    first = notebook["cells"][0]
    heading = text(first).splitlines()[0]
    if first["cell_type"] != "markdown" or not re.fullmatch(rf"# {numbered[1]} \S.*", heading):
        return [f"{name} does not begin with a heading '# {numbered[1]} ...'"]
    return [] if heading.endswith("?") else [f"{name} does not ask a question in its heading"]


def storing_faults(name: str, notebook: Notebook) -> list[str]:
    """What a run or an editor leaves behind and git must not keep."""
    faults = []
    if (notebook["nbformat"], notebook["nbformat_minor"]) != (4, 5):
        faults.append(f"{name} is not stored in notebook format 4.5")
    if notebook["metadata"] != {"kernelspec": PYTHON_3, "language_info": {"name": "python"}}:
        faults.append(f"{name} holds other metadata than kernel and language: {notebook['metadata']}")
    for number, cell in enumerate(notebook["cells"], start=1):
        where = f"{name} cell {number}"
        if cell.get("outputs") or cell.get("execution_count") is not None:
            faults.append(f"{where} holds outputs; clear them")
        if cell.get("attachments"):
            faults.append(f"{where} holds an attachment")
        if cell["metadata"] not in ({}, {"tags": ["parameters"]}):
            faults.append(f"{where} holds metadata {cell['metadata']}")
        if cell["cell_type"] not in ("markdown", "code"):
            faults.append(f"{where} is of type {cell['cell_type']}")
    ids = [cell["id"] for cell in notebook["cells"]]
    return faults if len(set(ids)) == len(ids) else [*faults, f"{name} has two cells of one id"]


def code_faults(name: str, notebook: Notebook) -> list[str]:
    """Cells that are long, define something, or are no plain Python: such things belong in src/nsi."""
    faults = []
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global)
    for number, cell in cells(notebook, "code"):
        where, source = f"{name} cell {number}", text(cell)
        if len(source.splitlines()) > LONGEST_CELL:
            faults.append(f"{where} has {len(source.splitlines())} lines, {LONGEST_CELL} are allowed")
        if not source.strip():
            faults.append(f"{where} is empty")
        try:
            tree = ast.parse(source)
        except SyntaxError:
            faults.append(f"{where} is no plain Python: a magic, perhaps")
            continue
        if any(isinstance(node, defining) for node in ast.walk(tree)):
            faults.append(f"{where} defines a function or a class; move it to src/nsi")
        if sum(isinstance(node, ast.Lambda) for node in ast.walk(tree)) > 1:
            faults.append(f"{where} has several lambdas; move what they do to src/nsi")
    importing = [number for number, tree in trees(notebook) if any(map(_is_import, ast.walk(tree)))]
    return faults + ([f"{name} imports in cells {importing}; one is enough"] if len(importing) > 1 else [])


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def parameter_faults(name: str, notebook: Notebook, folder: Path) -> list[str]:
    """One parameters cell at most, before all other code; every line typed, with a default and a comment."""
    tagged = [number for number, cell in cells(notebook, "code") if cell["metadata"].get("tags")]
    if not tagged:
        return []
    faults = [] if tagged == [cells(notebook, "code")[0][0]] else [f"{name}: parameters do not come first"]
    path = folder / name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    try:
        declared = read_notebook(path).parameters.values()
    except StudyError as error:
        return [*faults, str(error)]
    return faults + [f"{name}: {one.name} has no comment" for one in declared if len(one.comment.split()) < 2]


def prose_faults(name: str, notebook: Notebook) -> list[str]:
    """Numbers of results typed into prose, and an ending that does not say how to read the notebook."""
    faults = []
    for number, cell in cells(notebook, "markdown"):
        faults += [f"{name} cell {number}: '{found}'" for found in TYPED_IN.findall(text(cell))]
    last = notebook["cells"][-1]
    if last["cell_type"] != "markdown" or not all(words in text(last) for words in ENDING):
        faults.append(f"{name} does not end by saying: {' and '.join(ENDING)}")
    return faults


def door_faults(name: str, notebook: Notebook) -> list[str]:
    """One door, opened once; each figure with its words and its table."""
    faults, opened = [], 0
    for number, tree in trees(notebook):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            called = ast.unparse(node.func)
            opened += called == "nsi.open_study"
            given = {keyword.arg for keyword in node.keywords}
            if called == "study.figure" and not {"alt", "data"} <= given:
                faults.append(f"{name} cell {number}: study.figure needs alt= and data=")
    return faults if opened == 1 else [*faults, f"{name} opens the study {opened} times, not once"]


CHECKS: list[Callable[[str, Notebook], list[str]]] = [
    naming_faults,
    storing_faults,
    code_faults,
    prose_faults,
    door_faults,
]


# --- the rules, held


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removesuffix("_faults"))
def test_a_notebook_keeps_the_rules_of_the_house(check, path):
    assert check(path.name, read(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_parameter_is_typed_and_says_what_it_is(path, tmp_path):
    assert parameter_faults(path.name, read(path), tmp_path) == []


def test_numbers_of_notebooks_are_given_once():
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers) > 0


def test_every_notebook_is_run_by_a_study():
    folders = [ROOT / "study", *sorted((ROOT / "examples").iterdir())]
    runs = {
        entry.notebook for folder in folders for entry in Declaration(folder, ROOT / "data_raw").notebooks
    }
    assert runs == {path.stem for path in NOTEBOOKS}


# --- each rule catches what it is for


def sound() -> Notebook:
    """A notebook that keeps every rule; tests break one at a time."""
    made: list[tuple[str, str]] = [
        ("markdown", "# 07 Is this notebook sound?\n\nReads nothing."),
        ("parameters", 'field: str = "a"  # field to look at'),
        ("code", "import nsi"),
        ("code", "study = nsi.open_study()"),
        ("code", "study.figure('x', fig, alt=told, data=frame)"),
        ("markdown", "**How to read it.** As it is. **What it cannot show:** anything."),
    ]
    content = []
    for number, (kind, source) in enumerate(made):
        cell: dict[str, Any] = {"id": f"c{number}", "cell_type": kind, "metadata": {}, "source": source}
        if kind != "markdown":
            tags = {"tags": ["parameters"]} if kind == "parameters" else {}
            cell |= {"cell_type": "code", "metadata": tags, "outputs": [], "execution_count": None}
        content.append(cell)
    metadata = {"kernelspec": PYTHON_3, "language_info": {"name": "python"}}
    return {"cells": content, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def every_fault(name: str, notebook: Notebook, folder: Path) -> list[str]:
    """What all checks find."""
    found = [fault for check in CHECKS for fault in check(name, notebook)]
    return found + parameter_faults(name, notebook, folder)


def test_a_sound_notebook_passes_every_check(tmp_path):
    assert every_fault("07_sound.ipynb", sound(), tmp_path) == []


@pytest.mark.parametrize(
    ("cell", "key", "value", "told"),
    [
        (0, "source", "# 08 Is this the wrong number?", "does not begin with a heading '# 07"),
        (0, "source", "# 07 A statement", "does not ask a question"),
        (0, "source", "# 07 Why?\n\nWe found 12 % unused.", "2 %"),
        (0, "source", "# 07 Why?\n\nAlpha is 0.72.", "0.7"),
        (0, "source", "# 07 Why?\n\nThere are 820 artifacts.", "820"),
        (0, "attachments", {"x.png": {}}, "holds an attachment"),
        (1, "source", 'field = "a"  # field to look at', "parameters cell holds lines like"),
        (1, "source", 'field: str = "a"', "field has no comment"),
        (1, "metadata", {"tags": ["hide"]}, "holds metadata"),
        (2, "metadata", {"tags": ["parameters"]}, "parameters do not come first"),
        (2, "outputs", [{"output_type": "stream", "name": "stdout", "text": "x"}], "holds outputs"),
        (2, "execution_count", 3, "holds outputs"),
        (2, "source", "%matplotlib inline", "no plain Python"),
        (2, "source", "!ls", "no plain Python"),
        (2, "source", "def f():\n    return 1", "defines a function"),
        (2, "source", "x = [f(lambda a: a), f(lambda b: b)]", "several lambdas"),
        (2, "source", "x = 1\n" * 16, "16 lines, 15 are allowed"),
        (2, "source", " \n", "is empty"),
        (2, "id", "c1", "two cells of one id"),
        (3, "source", "import pandas\nstudy = nsi.open_study()", "imports in cells [3, 4]"),
        (3, "source", "x = 1", "opens the study 0 times"),
        (4, "source", "study.figure('x', fig, data=frame)", "needs alt= and data="),
        (4, "source", "study.figure('x', fig, alt=told)", "needs alt= and data="),
        (5, "source", "The end.", "does not end by saying"),
    ],
)
def test_a_broken_rule_is_caught(tmp_path, cell, key, value, told):
    broken = copy.deepcopy(sound())
    broken["cells"][cell][key] = value
    assert told in "\n".join(every_fault("07_sound.ipynb", broken, tmp_path))


@pytest.mark.parametrize("name", ["7_sound.ipynb", "07_Sound.ipynb", "07.ipynb", "07_sound copy.ipynb"])
def test_a_name_without_two_digits_and_words_is_caught(name):
    assert "not named by two digits" in naming_faults(name, sound())[0]


@pytest.mark.parametrize(
    ("key", "value"), [("widgets", {}), ("kernelspec", {**PYTHON_3, "name": "my-env"}), ("papermill", {})]
)
def test_metadata_of_an_editor_or_a_run_is_caught(key, value):
    broken = sound()
    broken["metadata"][key] = value
    assert "other metadata" in storing_faults("07_sound.ipynb", broken)[0]


# --- by itself, top to bottom, as in JupyterLab


class ThisPython(AsyncKernelManager):
    """Kernels of the Python that runs the tests, whatever kernels its user has installed under that name."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """What `jupyter kernelspec install` would write for this environment."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def run_by_hand(path: Path, settings: dict[str, str], typed: str = "") -> str:
    """Run a notebook in its own folder, as Restart and Run All does; the error of a failed cell, or ''.

    `typed` is what a person changed below the parameters.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if typed and "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\n{typed}"
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_manager_class=ThisPython,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=settings)
    except CellExecutionError as error:
        return str(error)
    return ""


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_every_notebook_runs_by_itself_with_its_defaults_once_its_inputs_exist(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NSI_")}
    settings = {**clean, "PYTHONPATH": str(ROOT / "src"), "NSI_OUT": str(tmp_path), "MPLBACKEND": "agg"}
    declaration = Declaration(ROOT / "study", ROOT / "data_raw")
    by_name = {run.notebook.name: run for run in plan(declaration, ROOT / "notebooks")}
    numbers = {"numbers": json.loads((ROOT / "figures" / "numbers.json").read_bytes()), "synthetic": True}
    (tmp_path / "data_processed" / "numbers").mkdir(parents=True)  # the pipeline hands them on
    (tmp_path / "data_processed" / "numbers" / "all.json").write_text(json.dumps(numbers), encoding="utf-8")
    for path in (run.notebook.path for run in by_name.values()):
        assert run_by_hand(path, settings) == "", f"{path.name} failed"
        waves = ("2022", "2023", "2024") if "wave" in read_notebook(path).parameters else ()
        for wave in waves:  # a trend needs a second one, and others name the last
            assert run_by_hand(path, settings, f'wave = "{wave}"') == "", f"{path.name} failed in another wave"
    defaults = {name for name, run in by_name.items() if not run.notebook.parameters}
    for name in defaults:
        own = [output for output in by_name[name].outputs if not output.startswith("data_processed/numbers/")]
        missing = [output for output in own if not (tmp_path / output).is_file()]
        assert missing == [], f"{name} did not write what it declares"
    assert {"01_clean_artifacts", "19_reliability_summary"} <= defaults
