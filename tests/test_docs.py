"""The documentation: what it quotes is what the code says, what it names is there, and its example runs."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from nsi import codebook
from nsi.declaration import CORRECTION_COLUMNS, Declaration
from nsi.door import Places
from nsi.errors import StudyError
from nsi.methods.agreement import COEFFICIENTS
from nsi.methods.methods_paragraph import REPORTING
from nsi.pipeline.notebook import read_notebook
from nsi.pipeline.plan import plan
from nsi.readers.ratings import clean_ratings
from nsi.readers.tables import clean_table
from nsi.study import Study

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
CONTRACT = (ROOT / "docs" / "study-contract.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LEFT_OUT = {".git", ".venv", "build", "data_processed", "__pycache__", "node_modules"}
LEFT_OUT |= {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"}
WRITTEN = [
    ROOT / "README.md",
    ROOT / "REPRODUCING.md",
    ROOT / "CHANGELOG.md",
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "results.md"),
]  # docs/results.md is filled in by `make all`; tests/test_results_bundled.py holds that nobody typed into it
RELIABILITY = (
    *("case", "field", "level", "coefficient", "estimate", "ci_low", "ci_high"),
    *("n_units", "n_pairable", "n_ratings", "n_coders", "flag", "se", "se_method"),
)


def project_files() -> list[Path]:
    """The project's own files: those in git, or, in a copy without git, all that no command rebuilds."""
    git = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(git, capture_output=True, text=True) if shutil.which("git") else None
    if listed is not None and listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not LEFT_OUT & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file() and path.stat().st_size < 5_000_000)


def spaced(text: str) -> str:
    """Text with every run of blanks and line ends as one blank: messages are wrapped where they are shown."""
    return " ".join(text.split())


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of the same rank or higher."""
    rank, kept, inside, fenced = len(heading.split()[0]), [], False, False
    for line in text.splitlines(keepends=True):
        fenced ^= line.lstrip().startswith("```")
        if not fenced and re.match(rf"#{{1,{rank}}} ", line):  # in a fence, # begins a comment
            inside = line.rstrip() == heading
        elif inside:
            kept.append(line)
    assert kept, f"there is no heading '{heading}'"
    return "".join(kept)


def fences(text: str) -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(r"^ *```\w*\n(.*?)^ *```$", text, flags=re.DOTALL | re.MULTILINE)


def first_cells(text: str) -> list[str]:
    """What stands as code in the first column of a section's tables."""
    return re.findall(r"^\| `([^`]+)`", text, flags=re.MULTILINE)


# --- links, commands, paths


def anchors(text: str) -> set[str]:
    """The addresses of a page's headings, as they are made where Markdown is shown."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def link_faults(page: Path, text: str) -> list[str]:
    """Relative links that lead nowhere."""
    faults = []
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        if not there.exists():
            faults.append(f"{page.name} links to {target}, which is not there")
        elif anchor and anchor not in anchors(text if there == page else there.read_text(encoding="utf-8")):
            faults.append(f"{page.name} links to {target}, but there is no such heading")
    return faults


def test_every_relative_link_leads_somewhere():
    pages = [path for path in project_files() if path.suffix == ".md"]
    assert len(pages) >= 5
    assert [fault for page in pages for fault in link_faults(page, page.read_text(encoding="utf-8"))] == []


def test_a_dead_link_is_caught(tmp_path):
    page, text = tmp_path / "page.md", "# A\n[x](gone.md) [y](#no-such) [z](#a) [w](https://example.org/x)"
    page.write_text(text, encoding="utf-8")
    assert link_faults(page, text) == [
        "page.md links to gone.md, which is not there",
        "page.md links to #no-such, but there is no such heading",
    ]


ONE_COMMAND = (
    *("PYTEST_ARGS", "LOCK_ARGS", "FILE", "FIELD", "SCALE", "A", "B", "FAIL", "MATRIX", "WHO", "BENCH"),
    *("QUICK", "WORK", "ANYWAY"),
)


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each `make target VARIABLE=...` that a page shows as code: its target and its variables."""
    code = [*fences(text), *re.findall(r"`([^`\n]+)`", text)]
    shown = [line for piece in code for line in re.findall(r"(?:^ *|&& )make ([a-z]+[^\n&]*)", piece, re.MULTILINE)]
    return [(line.split()[0], re.findall(r"\b([A-Z_]+)=", line)) for line in shown]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: path.name)
def test_every_command_that_is_shown_is_one_that_make_knows(page):
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))
    variables = set(re.findall(r"^([A-Z_]+) *\?=", MAKEFILE, flags=re.MULTILINE))
    # Those of one command each: they have no default, but a recipe uses them.
    variables |= {name for name in ONE_COMMAND if f"$({name})" in MAKEFILE}
    shown = commands(page.read_text(encoding="utf-8"))
    assert shown
    assert [target for target, _ in shown if target not in targets] == []
    assert [name for _, names in shown for name in names if name not in variables] == []


def test_every_command_and_variable_of_make_is_explained():
    reproducing = (ROOT / "REPRODUCING.md").read_text(encoding="utf-8")
    explained = first_cells(section(reproducing, "## Commands and variables"))
    offered = re.findall(r"^([a-z]+):.* ## ", MAKEFILE, flags=re.MULTILINE)
    assert sorted(name for name in explained if name.startswith("make")) == sorted(f"make {name}" for name in offered)
    variables = re.findall(r"^([A-Z_]+) *\?=", MAKEFILE, flags=re.MULTILINE)
    assert sorted(name for name in explained if name.isupper()) == sorted(variables)


def place_faults(text: str) -> list[str]:
    """Paths of this machine, and hosts that packages come from: neither belongs into the project."""
    here = {str(ROOT), str(Path.home()), sys.prefix} - {"/", "/root", "/usr"}
    found = [place for place in here if re.search(rf"{re.escape(place)}(?![\w-])", text)]
    hosts = r"\b(?:py" + r"pi\.(?:org|python\.org)|files\.python" + r"hosted\.org|conda\.ana" + r"conda\.org)\b"
    return found + re.findall(hosts, text)


def test_no_file_names_this_machine_or_a_package_server():
    faults = {}
    for path in project_files():
        try:
            found = place_faults(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a picture
        if found:
            faults[path.relative_to(ROOT).as_posix()] = found
    assert faults == {}


def test_a_path_of_this_machine_and_a_package_server_are_caught():
    assert place_faults(f"see {ROOT}/src") == [str(ROOT)]
    assert len(place_faults("from https://" + "pypi" + ".org/simple")) == 1


def test_no_page_quotes_a_number_that_a_run_records():
    recorded = ROOT / "figures" / "numbers.json"
    if not recorded.is_file():
        pytest.skip("figures/numbers.json is not there: run `make all` first")
    numbers = json.loads(recorded.read_text(encoding="utf-8"))
    assert numbers
    forms = {form: name for name, value in numbers.items() for form in written_forms(value)}
    for page in WRITTEN:
        # A page on how to declare things has examples of its own; there only what is no accident counts.
        least = 4 if page.parent.name == "docs" else 3
        shown = {form: name for form, name in forms.items() if len(re.sub(r"[.,]", "", form)) >= least}
        found = set(re.findall(r"(?<![\w.])\d[\d,.]*\d(?: ?%)?", page.read_text(encoding="utf-8")))
        assert {form: shown[form] for form in found & set(shown)} == {}, f"{page.name} quotes results"


def written_forms(value: float | str) -> set[str]:
    """How a person would type a number of a result; short ones are too common to tell."""
    if isinstance(value, str) or value in range(1900, 2100):  # a year is no result
        return set()
    forms = {f"{value:g}", f"{value:,}", str(value)}
    if isinstance(value, float):
        forms |= {f"{value:.2f}", f"{value:.3f}", f"{value:.1%}", f"{value:.0%}", f"{100 * value:.0f} %"}
    return {form for form in forms if len(re.sub(r"[.,]", "", form)) >= 3}  # a per cent sign counts


def test_a_number_of_a_result_is_recognised_however_it_is_typed():
    assert {"1234", "1,234"} <= written_forms(1234)
    assert {"0.298", "30 %", "29.8%"} <= written_forms(0.29756)
    assert written_forms(0) == set()


# --- README


def test_the_table_of_figures_names_what_the_notebooks_write():
    declaration = Declaration(ROOT / "study", ROOT / "data_raw")
    written: dict[str, set[str]] = {}
    for run in plan(declaration, NOTEBOOKS):
        written.setdefault(run.notebook.name, set()).update(run.outputs)
    rows = re.findall(r"^\| [^|]+ \| `(\d\d_\w+)` \| ([^|]+) \|", README, flags=re.MULTILINE)
    assert {notebook for notebook, _ in rows} == set(written)
    for notebook, files in rows:
        assert {f"figures/{name}" for name in re.findall(r"`([^`]+)`", files)} <= written[notebook]


def test_the_message_in_the_readme_is_what_the_bundled_data_say_without_their_correction(tmp_path):
    shutil.copytree(ROOT / "data_raw", tmp_path / "data_raw")
    corrections = tmp_path / "data_raw" / "corrections.csv"
    rows = corrections.read_text(encoding="utf-8").splitlines(keepends=True)
    corrections.write_text("".join(row for row in rows if not row.startswith("artifacts.csv")), encoding="utf-8")
    study = Study(Places(ROOT / "study", tmp_path / "data_raw", tmp_path))
    with pytest.raises(StudyError) as stopped:
        clean_table(study.raw("artifacts"))
    assert spaced(str(stopped.value)) in [spaced(block) for block in fences(section(README, "### When it stops"))]


def test_the_correction_in_the_readme_is_the_one_that_the_bundled_data_need():
    shown = [block for block in fences(section(README, "### When it stops")) if "row_key" in block]
    rows = (ROOT / "data_raw" / "corrections.csv").read_text(encoding="utf-8").splitlines()
    needed = {tuple(row.split(",")[:5]) for row in rows}
    assert len(shown) == 1
    assert {tuple(row.strip().split(",")[:5]) for row in shown[0].splitlines()} <= needed


# --- docs/study-contract.md: the declaration, complete


CORE = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "src" / "nsi").glob("*.py")}
IN_CORE = [node for tree in CORE.values() for node in ast.walk(tree)]


# Modules whose keys other pages explain, each with a test of its own.
ELSEWHERE = {"survey", "matrices", "matrix_axes", "matrix_spec", "multiverse"}


def accepted_keys(*modules: str) -> list[set[str]]:
    """The keys that the code accepts, read from its calls of `checked`: a set for each place."""
    nodes = [node for name, tree in CORE.items() for node in ast.walk(tree)
             if (name in modules if modules else name not in ELSEWHERE)]  # fmt: skip
    calls = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "checked"]
    found = []
    for call in calls:
        given = [part.value for part in call.keywords if part.arg in ("required", "optional")]
        found.append({key for value in given for key in ast.literal_eval(value)})
    return found


def constant(name: str) -> tuple[str, ...]:
    """A tuple of words that a core module defines, wherever it stands."""
    assigned = [node for node in IN_CORE if isinstance(node, ast.Assign)]
    (value,) = [node.value for node in assigned if ast.unparse(node.targets[0]) == name]
    return tuple(ast.literal_eval(value))


@pytest.mark.parametrize(
    ("heading", "among"),
    [
        ("### Top level", "title"),
        ("### A raw table: `raw.<table>`", "file"),
        ("### A column: `raw.<table>.columns.<name>`", "from"),
        ("### A notebook: an item of `notebooks`", "run"),
    ],
)
def test_every_key_of_study_yml_is_explained_and_every_explained_key_is_one(heading, among):
    explained = section(CONTRACT, heading).split("Names that ratings know")[0]
    assert len(accepted_keys()) == 4, "a new place that takes keys: explain it, and name it above"
    (accepted,) = [keys for keys in accepted_keys() if among in keys]
    assert sorted(first_cells(explained)) == sorted(accepted)


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("## codes.csv, column by column", codebook.COLUMNS),
        ("## corrections.csv, column by column", CORRECTION_COLUMNS),
        ("## What comes out", RELIABILITY),
    ],
)
def test_every_column_of_a_file_is_explained_in_order(heading, columns):
    assert first_cells(section(CONTRACT, heading)) == list(columns)


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("### A column: `raw.<table>.columns.<name>`", "TYPES"),
        ("### A raw table: `raw.<table>`", "ON_DUPLICATE"),
        ("### A raw table: `raw.<table>`", "OUTSIDE_CODEBOOK"),
        ("### A raw table: `raw.<table>`", "HOLDS"),
        ("### A raw table: `raw.<table>`", "FORMS"),
        ("## codes.csv, column by column", "LEVELS"),
    ],
)
def test_every_word_that_a_key_may_hold_is_explained(heading, words):
    explained = section(CONTRACT, heading)
    assert [word for word in constant(words) if f"`{word}`" not in explained] == []


def test_every_notebook_has_a_line_that_says_what_it_needs():
    named = first_cells(section(CONTRACT, "## What each notebook needs"))
    assert sorted(named) == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


ASKED = [call for path in NOTEBOOKS.glob("*.ipynb") for call in re.findall(
    r'study\.setting\(\\"(\w+)\\"(?:, keys=\[([^\]]*)\])?',
    path.read_text(encoding="utf-8").replace("\\n", " "))]  # fmt: skip


OF_SURVEYS = {"survey", "case_selection", "maturity"}  # explained in the page on surveys
OF_MATRICES = {"joint_display"}  # explained in the page on matrices


def test_every_setting_that_a_notebook_asks_for_is_explained():
    explained = section(CONTRACT, "### Settings").partition("\n####")[0]
    assert sorted(first_cells(explained)) == sorted({name for name, _ in ASKED})
    named = {
        name: {path.stem[:2] for path in NOTEBOOKS.glob("*.ipynb") if name in read_notebook(path).templates("setting")}
        for name, _ in ASKED
    }
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", explained, flags=re.MULTILINE))
    assert {name: set(re.findall(r"\b\d\d\b", told)) for name, told in rows.items()} == named


@pytest.mark.parametrize("name", sorted({name for name, keys in ASKED if keys} - OF_SURVEYS - OF_MATRICES))
def test_every_key_of_a_setting_is_explained(name):
    asked = {key for setting, keys in ASKED if setting == name for key in re.findall(r"\w+", keys)}
    assert sorted(first_cells(section(CONTRACT, f"#### `{name}`"))) == sorted(asked)


def test_every_coefficient_that_can_be_declared_is_explained_and_no_other():
    told = set(re.findall(r"`(\w+)`", section(CONTRACT, "#### `reliability`").partition("Coefficients for")[2]))
    weighted = {name for name in COEFFICIENTS if name.endswith(("_linear", "_quadratic", "_ordinal"))}
    assert told <= set(COEFFICIENTS)
    assert {name for name in COEFFICIENTS if name not in weighted} <= told
    # "The same three endings" stands for the rest.
    assert {name.rpartition("_")[0] for name in weighted} <= told | {"gwet_ac2"}


def test_every_sentence_that_reporting_completes_is_shown_as_it_is_written():
    shown = re.findall(r"^\| `(\w+)` \| (.+) \|$", section(CONTRACT, "#### `reporting`"), flags=re.MULTILINE)
    assert shown == [(key, sentence.format("…")) for key, (_, sentence) in REPORTING.items()]


def test_every_call_through_the_door_that_is_shown_is_one():
    explained = section(CONTRACT, "## How a notebook declares what it reads and writes")
    shown = set(re.findall(r"`study\.(\w+)\(", explained))
    assert {"raw", "read", "read_each", "write", "table", "figure", "number", "setting"} <= shown
    assert {"document", "worksheet"} <= shown
    assert [name for name in shown if not callable(getattr(Study, name, None))] == []


# --- docs/study-contract.md: the worked example

STUDY, DATA = "meeting_notes", "meeting_data"


def example_files() -> dict[str, str]:
    """Each file of the worked example, as it stands in the page behind its name."""
    page = section(CONTRACT, "## Worked example")
    return dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE))


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The worked example as a reader has it at its end, corrections included."""
    for name, content in example_files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def message_of(folder: Path) -> str:
    """What the example is told before its first notebook has ended; '' where nothing is wrong."""
    try:
        declaration = Declaration(folder / STUDY, folder / DATA)
        plan(declaration, NOTEBOOKS)
        clean_ratings(Study(Places(folder / STUDY, folder / DATA, folder / "out")).raw("ratings"))
    except StudyError as error:
        return str(error)
    return ""


def changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Break a file of the example by replacing text in it."""

    def change(folder: Path) -> None:
        before = (folder / name).read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {name}"
        (folder / name).write_text(before.replace(old, new), encoding="utf-8")

    return change


def rewritten(content: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Break the file of ratings as a whole."""

    def rewrite(folder: Path) -> None:
        path = folder / DATA / "meeting_ratings.csv"
        path.write_bytes(content(path.read_bytes()))

    return rewrite


YML, CODES, RATINGS = f"{STUDY}/study.yml", f"{STUDY}/codes.csv", f"{DATA}/meeting_ratings.csv"
BROKEN: dict[str, Callable[[Path], None]] = {
    "The file is not there.": lambda folder: (folder / RATINGS).unlink(),
    "The file is empty.": rewritten(lambda _: b""),
    "The file is a spreadsheet.": rewritten(lambda _: b"PK\x03\x04 and so on"),
    "The file is not in the declared encoding.": rewritten(lambda data: data.replace(b"Ada", b"Ad\xe9", 1)),
    "The file has another separator.": rewritten(lambda data: data.replace(b",", b";")),
    "A row has too many cells.": changed(RATINGS, "N5,river,Ada,", "N5,river,Ada,,"),
    "A column is missing.": changed(RATINGS, "topic,reflection", "subject,reflection"),
    "A value is not in the codebook.": changed(
        RATINGS, "N1,maple,Ada,2024-03-04,routine", "N1,maple,Ada,2024-03-04,routin"
    ),
    "A case is unknown.": changed(RATINGS, "N5,river,Ben", "N5,rivver,Ben"),
    "A unit stands under two cases.": changed(RATINGS, "N5,river,Ben", "N5,oak,Ben"),
    "A coder rated a unit twice.": changed(RATINGS, "N3,oak,Ben", "N3,oak,Ada"),
    "An id is blank.": changed(RATINGS, "N5,river,Ada", "N5,river,"),
    "A date is none.": changed(RATINGS, "N1,maple,Ben,05.03.2024", "N1,maple,Ben,31.02.2024"),
    "A correction no longer fits.": changed(RATINGS, "12.03.2024,evidence,4", "12.03.2024,evidence,2"),
    "A correction is not signed.": changed(f"{DATA}/corrections.csv", ",Ada,Slip", ",,Slip"),
    "A key of study.yml is misspelt.": changed(YML, "layout: wide", "layuot: wide"),
    "A code stands twice in the codebook.": changed(
        CODES, "topic,Main topic,nominal,plans", "topic,Main topic,nominal,routine"
    ),
    "A notebook is misspelt.": changed(YML, "19_reliability_summary", "19_reliability_sumary"),
    "A parameter is misspelt.": changed(
        YML, "10_coding_reliability\n    over: {field:", "10_coding_reliability\n    over: {feild:"
    ),
    "A parameter is of another type.": changed(
        YML, "over: {field: &rated [topic, reflection]}", "over: {field: &rated [topic, 3]}"
    ),
    "A setting is misspelt.": changed(YML, "settings:\n  reliability:", "settings:\n  reliabilty:"),
    "Nobody writes what a notebook reads.": changed(YML, "  - run: 03_clean_ratings\n", ""),
}


def test_the_worked_example_has_all_its_files():
    names = {YML, CODES, RATINGS, f"{DATA}/SYNTHETIC", f"{DATA}/corrections.csv"}
    assert set(example_files()) == names


def test_the_worked_example_as_it_ends_has_nothing_wrong(example):
    assert message_of(example) == ""


def test_the_marker_of_the_worked_example_holds_the_checksum_of_its_data(example):
    digest = hashlib.sha256((example / RATINGS).read_bytes()).hexdigest()
    assert (example / DATA / "SYNTHETIC").read_text(encoding="utf-8").splitlines()[
        -1
    ] == f"{digest}  meeting_ratings.csv"


def quoted_messages() -> dict[str, str]:
    """Each message in the page, by the sentence before it."""
    page = section(CONTRACT, "## Messages and remedies")
    found = re.findall(r"^\*\*([^*]+)\*\*\n\n```text\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    return {title: spaced(message) for title, message in found}


@pytest.mark.parametrize("title", BROKEN)
def test_a_message_in_the_page_is_what_the_code_says(example, title):
    BROKEN[title](example)
    assert spaced(message_of(example)) == quoted_messages().get(title)


def test_every_message_in_the_page_is_tried():
    assert list(quoted_messages()) == list(BROKEN)


def run_all(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make all` runs, with the example's folders."""
    places = ["--study", STUDY, "--data-raw", DATA, "--out", "meeting_results", "--jobs", "2"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NSI_")}
    return subprocess.run(
        [sys.executable, "-m", "nsi.pipeline", "all", *places],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_worked_example_stops_as_the_page_says_and_runs_once_the_correction_is_there(example):
    corrections = example / DATA / "corrections.csv"
    kept = corrections.read_text(encoding="utf-8")
    corrections.unlink()
    stopped = run_all(example)
    assert stopped.returncode == 1
    said = [spaced(block) for block in fences(section(CONTRACT, "## Worked example"))]
    told = re.search(r"03_clean_ratings failed.*?(?=\s+executed notebook:)", stopped.stdout, flags=re.DOTALL)
    assert told, stopped.stdout + stopped.stderr
    assert spaced(told.group()) in said
    assert not (example / "meeting_results" / "data_processed" / "ratings.parquet").exists()

    corrections.write_text(kept, encoding="utf-8")
    ended = run_all(example)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    results = example / "meeting_results" / "figures"
    table = pd.read_csv(results / "tables" / "reliability.csv", keep_default_na=False)
    assert list(table.columns) == list(RELIABILITY)
    assert set(table["case"]) == {"all", "maple", "oak", "river"}
    assert set(table["field"]) == {"topic", "reflection"}
    rows = table.set_index(["case", "field", "coefficient"]).to_dict("index")
    alpha = rows["river", "reflection", "krippendorff_alpha"]
    assert (alpha["estimate"], alpha["flag"]) == ("", "no_variation")
    assert "one note of a meeting" in (results / "documents" / "methods_topic.txt").read_text(encoding="utf-8")
    assert (results.parent / "data_processed" / "adjudication_reflection.xlsx").is_file()
    assert "figures/case_matrix.svg" in (results / "SYNTHETIC.txt").read_text(encoding="utf-8")
