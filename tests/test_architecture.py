"""What may import what, who may touch files, and what src/ must not know, held by reading the code."""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "nsi"
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")
}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODULES = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in SOURCES}

WINGS = ("methods", "figures", "documents", "readers", "synthetic", "pipeline")
COMPUTE = {"numpy", "pandas"}
DRAW = {"numpy", "pandas", "matplotlib"}
# What a wing may import beside the standard library: other packages, and parts of nsi.
PACKAGES = {
    "methods": {*COMPUTE, "scipy"},
    "figures": DRAW,
    "documents": {*COMPUTE, "openpyxl", "docx"},
    "readers": {*COMPUTE, "openpyxl", "pandera"},
    "synthetic": {*COMPUTE, "scipy"},
    "notebook": {*COMPUTE, "nsi"},
}
OWN_PARTS = {
    "methods": {"errors", "methods"},
    "figures": {"errors", "figures"},
    "documents": {"errors", "documents"},
}
# The door itself, in its two halves, and the commands that read filled workbooks back.
MAY_USE_WINGS = {"study.py", "declared.py", "settle.py", "summaries.py"}
# The core, nsi/*.py, knows what is declared; of these three modules, which hold the door, no wing knows.
DOOR = {"study", "door", "guard"}
BY_NAME = "a module by its name as text, which nobody can follow"

FILE_CALLS = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "touch"),
    *(
        "read_csv",
        "read_excel",
        "read_parquet",
        "read_json",
        "read_pickle",
        "read_spss",
        "read_stata",
        "read_table",
    ),
    *(
        "to_csv",
        "to_excel",
        "to_parquet",
        "to_json",
        "to_pickle",
        "to_stata",
        "to_feather",
        "savefig",
        "imsave",
    ),
    *("loadtxt", "savetxt", "genfromtxt", "fromfile", "tofile"),
}
RENDERING = "figures/rendering.py"  # draws into memory: the one place that may call savefig
LONGEST = 250
# It sets up the environment before anything is installed, so that it can import no module of ours.
STANDS_ALONE = {"pipeline/environment.py"}
VAGUE_NAMES = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py", "tools.py"}

# Words of the bundled study that are also plain English, or the house's own, each with where and why.
COLLIDING = {
    "none": "in messages: an empty list is told as 'none'",
    "ratings": "the house's word for the table of codes by unit and coder",
    "aim": "where a line in a figure is drawn to",
    "spread": "moves labels apart that would touch",
    "reporting": "what a study declares of its coding, for the Methods section",
    "D": "matplotlib's name for a diamond",
    "2021": "a date in a message, to show that it can be read in two ways",
    "2020": "a date in a message, to show how a day is written",
}


parsed = lru_cache(maxsize=None)(ast.parse)


def wing_of(name: str) -> str:
    """The wing that a module lies in; '' for the core."""
    first = name.split("/")[0]
    return first if first in WINGS else ""


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each import as its line and full dotted name; `from nsi import figures` is an import of nsi.figures."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}".removeprefix("nsi.")
                yield node.lineno, f"nsi.{whole}" if whole in MODULES else node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "__import__",
            "importlib.import_module",
        ):
            yield node.lineno, BY_NAME


def import_faults(name: str, source: str) -> list[str]:
    """Imports against the direction: notebooks -> door, readers, methods, figures -> pandas, numpy."""
    wing = "notebook" if name.endswith(".ipynb") else wing_of(name)
    return [
        f"{name} line {line} imports {module}"
        for line, module in imported(parsed(source))
        if not _may_import(wing, name, module)
    ]


def _may_import(wing: str, name: str, module: str) -> bool:
    root, _, rest = module.partition(".")
    if module == BY_NAME:
        return wing == "pipeline"  # it loads libraries ahead of the notebooks that will import them
    if root in sys.stdlib_module_names:
        return True
    if root != "nsi":
        return root in PACKAGES[wing] if wing in PACKAGES else root.isidentifier()
    part = rest.split(".")[0]
    if wing == "notebook":
        return part not in ("pipeline", "synthetic")
    if wing in OWN_PARTS:
        return part in OWN_PARTS[wing]
    if wing in ("readers", "synthetic"):
        return part == wing or bool(part) and part not in {*WINGS, *DOOR}
    if wing == "pipeline":
        return part not in ("methods", "figures", "documents", "readers")
    return part != "pipeline" and (part not in WINGS or name in MAY_USE_WINGS)


def file_faults(name: str, source: str) -> list[str]:
    """Calls that touch a file past the door."""
    faults = []
    for node in ast.walk(parsed(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        into_memory = name == RENDERING and called == "savefig" and ast.unparse(node.args[0]) == "target"
        if called in FILE_CALLS and not into_memory:
            faults.append(f"{name} line {node.lineno} calls {called}")
    return faults


def study_words() -> dict[str, str]:
    """Every word of a study, and what it is there; single digits are codes of too much to ask."""
    words: dict[str, str] = {}
    for folder in (ROOT / "study", *sorted((ROOT / "examples").iterdir())):
        with (folder / "codes.csv").open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                words |= {row["field"]: f"a field of {folder.name}", row["code"]: f"a code of {folder.name}"}
        declared = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
        words |= dict.fromkeys(declared["raw"], f"a table of {folder.name}")
        words |= dict.fromkeys(
            (table["file"] for table in declared["raw"].values()), f"a file of {folder.name}"
        )
        words |= dict.fromkeys(
            (entry["run"] for entry in declared["notebooks"]), f"a notebook of {folder.name}"
        )
        words[declared["title"]] = f"the title of {folder.name}"
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.yml")]
        words |= dict.fromkeys(re.findall(r"\b20[012]\d\b", "".join(texts)), f"a year of {folder.name}")
    assumed = yaml.safe_load((ROOT / "study" / "assumptions.yml").read_text(encoding="utf-8"))["ratings"]
    words |= dict.fromkeys([*assumed["coders"], assumed["adjudicator"]], "a coder of study")
    with (ROOT / "data_raw" / "networks.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            words |= {row["network"]: "a network", row["launch"]: "a year in which a network began"}
    return {word: what for word, what in words.items() if not word.isdigit() or len(word) == 4}


WORDS = study_words()
# Distinctive enough to be sought inside a longer text too: intended_use, CONN_MATH_REP_RATE, T0001, 2021.
DISTINCTIVE = {word for word in WORDS if "_" in word or word.isdigit()}


def word_faults(name: str, source: str) -> list[tuple[str, str]]:
    """Words of a study that stand in a module as text or as a name: the word, and where."""
    tree = parsed(source)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}  # type: ignore[attr-defined]
    faults = []
    for node in ast.walk(tree):
        found: set[str] = set()
        if isinstance(node, ast.Constant) and id(node) not in docstrings and not isinstance(node.value, bool):
            text = str(node.value) if isinstance(node.value, (str, int)) else ""
            found = {text} & set(WORDS) | set(re.findall(r"\w+", text)) & DISTINCTIVE
        names = (getattr(node, what, None) for what in ("id", "attr", "arg", "name", "asname"))
        found |= {name for name in names if isinstance(name, str)} & set(WORDS)
        faults += [
            (word, f"{name} line {getattr(node, 'lineno', 0)}: {word}, {WORDS[word]}") for word in found
        ]
    return faults


def _has_docstring(node: ast.AST) -> bool:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, documented) and ast.get_docstring(node) is not None


def shape_faults(name: str, source: str) -> list[str]:
    """A module that is too long, or named after nothing."""
    faults = []
    lines = len(source.splitlines())
    if lines > LONGEST and name not in STANDS_ALONE:
        faults.append(
            f"{name} has {lines} lines, {LONGEST} are allowed: give a subject of it a module of its own"
        )
    if name.split("/")[-1] in VAGUE_NAMES:
        faults.append(f"{name} is named after nothing; name it by its subject")
    return faults


def docstring_faults(name: str, source: str) -> list[str]:
    """Public modules, classes, functions and methods without a summary line."""
    tree = parsed(source)
    faults = [] if _has_docstring(tree) else [f"{name} has no docstring"]
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(
            node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) and not node.name.startswith("_"):
            summary = (ast.get_docstring(node) or "").split("\n\n")[0]
            if len(summary.split()) < 3:
                faults.append(f"{name} line {node.lineno}: {node.name} has no docstring that says what it is")
            waiting += node.body if isinstance(node, ast.ClassDef) else []
    return faults


def silence_faults(name: str, source: str) -> list[str]:
    """Errors and warnings that are swallowed without a word."""
    faults = []
    for node in ast.walk(parsed(source)):
        told = f"{name} line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.ExceptHandler):
            kinds = ast.unparse(node.type) if node.type else ""
            if node.type is None:
                faults.append(f"{told}: a bare except")
            elif kinds in ("Exception", "BaseException") and all(
                isinstance(line, ast.Pass) for line in node.body
            ):
                faults.append(f"{told}: every error is passed over")
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")[-1]
            first = ast.unparse(node.args[0]) if node.args else ""
            if called in ("filterwarnings", "simplefilter") and first == "'ignore'":
                faults.append(f"{told}: warnings are ignored")
            elif called == "suppress" and first in ("Exception", "BaseException"):
                faults.append(f"{told}: every error is suppressed")
    return faults


def in_notebook(path: Path) -> str:
    """A notebook's code cells as one text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


# --- the rules, held


def all_faults(check: Callable[[str, str], list[str]], wings: tuple[str, ...] | None = None) -> list[str]:
    """What a checker finds in the modules of some wings, or in all."""
    chosen = {name: text for name, text in sorted(SOURCES.items()) if wings is None or wing_of(name) in wings}
    assert chosen, "there is something to check"
    return [fault for name, text in chosen.items() for fault in check(name, text)]


def test_imports_follow_the_direction_of_the_house():
    assert all_faults(import_faults) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_nothing_but_pandas_numpy_and_nsi(path):
    assert import_faults(path.name, in_notebook(path)) == []


def test_readers_methods_and_figures_know_no_file():
    assert all_faults(file_faults, ("readers", "methods", "figures")) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_touches_files_only_through_the_door(path):
    assert file_faults(path.name, in_notebook(path)) == []


@pytest.fixture(scope="module")
def words_in_src() -> list[tuple[str, str]]:
    """Every word of a study in src/, and where it stands."""
    return [fault for name, text in sorted(SOURCES.items()) for fault in word_faults(name, text)]


def test_src_names_no_field_code_network_coder_table_or_year_of_a_study(words_in_src):
    assert [told for word, told in words_in_src if word not in COLLIDING] == []


@pytest.mark.parametrize("word", COLLIDING)
def test_an_excused_word_is_a_word_of_a_study_and_still_stands_in_src(word, words_in_src):
    assert word in {found for found, _ in words_in_src}


def test_the_words_that_are_sought_are_those_of_the_studies():
    kinds = {"field", "code", "table", "file", "notebook", "title", "year", "coder", "network"}
    assert {kind for kind in kinds for what in WORDS.values() if kind in what} == kinds
    assert {"intended_use", "not_used", "CONN_MATH_REP_RATE", "C3", "K"} <= set(WORDS)


def test_modules_are_short_and_named_by_their_subject():
    assert all_faults(shape_faults) == []


def test_everything_public_says_what_it_is():
    assert all_faults(docstring_faults) == []


def test_no_error_and_no_warning_is_swallowed():
    assert all_faults(silence_faults) == []


# --- each rule catches what it is for


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("methods/x.py", "from nsi.figures import style", "imports nsi.figures.style"),
        ("methods/x.py", "import nsi", "imports nsi"),
        ("methods/x.py", "from nsi import tables", "imports nsi.tables"),
        ("methods/x.py", "def late():\n    from nsi.study import Study", "imports nsi.study"),
        ("methods/x.py", "import statsmodels.api as sm", "imports statsmodels.api"),
        ("methods/x.py", "from ..figures import style", "imports ..figures"),
        ("methods/x.py", "importlib.import_module('nsi.study')", "a module by its name as text"),
        ("figures/x.py", "from nsi.codebook import Field", "imports nsi.codebook"),
        ("figures/x.py", "import seaborn", "imports seaborn"),
        ("readers/x.py", "from nsi.methods.labels import final_labels", "imports nsi.methods.labels"),
        ("readers/x.py", "from nsi.study import Study", "imports nsi.study"),
        ("readers/x.py", "import matplotlib", "imports matplotlib"),
        ("synthetic/x.py", "from nsi.readers.rules import trim", "imports nsi.readers.rules"),
        ("documents/x.py", "from nsi.methods import labels", "imports nsi.methods.labels"),
        ("tables.py", "from nsi.pipeline.plan import plan", "imports nsi.pipeline.plan"),
        ("tables.py", "from nsi.readers import rules", "imports nsi.readers.rules"),
        ("pipeline/x.py", "from nsi.methods import labels", "imports nsi.methods.labels"),
        ("pipeline/x.py", "import nsi.figures.style", "imports nsi.figures.style"),
        ("01_x.ipynb", "import seaborn as sns", "imports seaborn"),
        ("01_x.ipynb", "from nsi.pipeline.lock import Lock", "imports nsi.pipeline.lock"),
    ],
)
def test_an_import_against_the_direction_is_caught(name, source, told):
    faults = import_faults(name, source)
    assert len(faults) == 1
    assert told in faults[0]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "methods/x.py",
            "import numpy as np\nfrom nsi.errors import StudyError\nfrom nsi.methods.agreement import alpha",
        ),
        ("figures/x.py", "from matplotlib.figure import Figure\nfrom nsi.figures.style import INK"),
        ("readers/x.py", "from nsi.codebook import Field\nfrom nsi.readers.rules import trim"),
        ("study.py", "from nsi.readers.delimited import read_delimited"),
        ("pipeline/x.py", "import dask\nfrom nsi.declaration import Declaration"),
        ("01_x.ipynb", "import pandas as pd\nimport nsi\nfrom nsi.methods.labels import final_labels"),
    ],
)
def test_an_import_along_the_direction_is_let_be(name, source):
    assert import_faults(name, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "pd.read_csv('x.csv')",
        "frame.to_parquet(path)",
        "open('x')",
        "Path('x').open()",
        "Path('x').read_text()",
        "path.write_bytes(b'')",
        "fig.savefig('x.png')",
        "np.savetxt('x', y)",
    ],
)
@pytest.mark.parametrize("name", ["methods/x.py", "figures/x.py", "01_x.ipynb"])
def test_a_file_touched_past_the_door_is_caught(name, source):
    assert len(file_faults(name, source)) == 1


def test_only_rendering_may_draw_and_only_into_memory():
    into_memory = "target = BytesIO()\nfigure.savefig(target, format=kind)"
    assert file_faults(RENDERING, into_memory) == []
    assert file_faults("figures/style.py", into_memory) == ["figures/style.py line 2 calls savefig"]
    assert file_faults(RENDERING, "figure.savefig('x.png')") == [f"{RENDERING} line 1 calls savefig"]


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("x = frame['intended_use']", "intended_use"),
        ("intended_use = 1", "intended_use"),
        ("x = frame.maker_role", "maker_role"),
        ("f(hub_type=1)", "hub_type"),
        ("x = f'reliability_of {y} for actual_use'", "actual_use"),
        ("CODES = ('hub', 'district')", "hub"),
        ("x = ['A', 'B']", "B"),
        ("x = 'CONN_MATH_REP_RATE'", "CONN_MATH_REP_RATE"),
        ("coder == 'C3'", "C3"),
        ("study.read('artifacts')", "artifacts"),
        ("wave = 2018", "2018"),
        ("x = 'spring of 2018'", "2018"),
    ],
)
def test_a_word_of_the_study_in_src_is_caught(source, word):
    assert word in {found for found, _ in word_faults("methods/x.py", source)}


def test_a_word_of_the_study_may_stand_in_a_docstring_or_a_longer_word():
    assert word_faults("methods/x.py", '"""As in intended_use."""\nx = "github", "hub and spoke"') == []


def test_a_module_that_is_too_long_or_named_after_nothing_is_caught():
    assert shape_faults("methods/x.py", "x = 1\n" * LONGEST) == []
    assert "251 lines" in shape_faults("methods/x.py", "x = 1\n" * (LONGEST + 1))[0]
    assert "named after nothing" in shape_faults("readers/utils.py", "")[0]


@pytest.mark.parametrize(
    "source",
    [
        "def f(): ...",
        '"""A module of things."""\ndef f(): ...',
        '"""A module of things."""\nclass C:\n    """A class of things."""\n    def f(self): ...',
        '"""A module of things."""\ndef f():\n    """Frobnicate."""',
    ],
)
def test_something_public_without_a_summary_is_caught(source):
    assert docstring_faults("methods/x.py", source)


def test_what_is_private_or_inside_a_function_needs_no_docstring():
    source = (
        '"""A module of things."""\ndef _f(): ...\ndef g():\n    """Give the thing."""\n    def inner(): ...'
    )
    assert docstring_faults("methods/x.py", source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import warnings\nwarnings.simplefilter('ignore', FutureWarning)",
        "try:\n    f()\nexcept:\n    raise",
        "try:\n    f()\nexcept Exception:\n    pass",
        "with contextlib.suppress(Exception):\n    f()",
    ],
)
def test_a_swallowed_error_or_warning_is_caught(source):
    assert len(silence_faults("methods/x.py", source)) == 1
