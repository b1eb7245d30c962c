"""One byte of raw data, code, declaration, lock or figure is changed: the quick half of `make verify` names the file.

Nothing is made again here. Files are compared with the record and with git, which also sees what the record leaves
out: comments. What only a fresh run can find, a record that was changed together with its files, is in test_verify.py.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_study import ROOT, SmallStudy

from nsi.pipeline import modules
from nsi.pipeline.verify import main

GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
NOT_COMMITTED = "is not as it was committed"
# Kind of file to how many mutations: fifty in all.
KINDS = {"raw": 10, "code": 12, "notebooks": 6, "study": 4, "requirements": 4, "lock": 6, "figures": 8}
MUTATIONS = [(kind, seed) for kind, count in KINDS.items() for seed in range(count)]
BY_RECORD_ALONE = ("raw", "figures")


@dataclass
class Project:
    """A project of its own under git, with the small study and its results."""

    root: Path

    @property
    def arguments(self) -> list[str]:
        """The command line of a quick verification."""
        places = {"--root": "", "--study": "study", "--data-raw": "raw", "--out": "out", "--notebooks": "notebooks"}
        return ["--quick", *(part for flag, name in places.items() for part in (flag, str(self.root / name)))]

    def files(self, kind: str) -> list[Path]:
        """Every file of a kind, sorted."""
        patterns = {
            "raw": "raw/*", "code": "src/nsi/**/*.py", "notebooks": "notebooks/*", "study": "study/*",
            "requirements": "requirements.lock", "lock": "out/figures/lock.json", "figures": "out/figures/**/*.*",
        }  # fmt: skip
        found = sorted(path for path in self.root.glob(patterns[kind]) if path.is_file() and path.stat().st_size)
        return [path for path in found if kind != "figures" or path.name != "lock.json"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, built_once: SmallStudy) -> Project:
    """The small study in a repository, everything committed but what is rebuilt."""
    root = tmp_path_factory.mktemp("project")
    for name in ("study", "raw", "notebooks", "out/figures", "out/data_processed"):
        shutil.copytree(built_once.root / name, root / name)
    shutil.copytree(ROOT / "src" / "nsi", root / "src" / "nsi", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
    (root / ".gitignore").write_text("/out/data_processed/\n/out/build/\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "x"]):
        subprocess.run([*GIT, *command], cwd=root, check=True)
    return Project(root)


@pytest.fixture(scope="module", autouse=True)
def _own_source(project: Project) -> Iterator[None]:
    """Digests of modules are those of the copy; the verifier itself stays whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "SRC", project.root / "src")
        modules._parsed.cache_clear()
        yield
    modules._parsed.cache_clear()


@contextmanager
def changed(path: Path, data: bytes) -> Iterator[None]:
    """Put other bytes into a file for a while."""
    whole = path.read_bytes()
    path.write_bytes(data)
    if path.suffix == ".py":
        modules._parsed.cache_clear()
    try:
        yield
    finally:
        path.write_bytes(whole)
        if path.suffix == ".py":
            modules._parsed.cache_clear()


def shown_name(path: Path, root: Path) -> str:
    """A file as faults name it: places by what they are, not by where they lie."""
    name = path.relative_to(root).as_posix()
    return name.removeprefix("out/").replace("raw/", "data_raw/", 1) if name.startswith(("out/", "raw/")) else name


def test_a_project_as_it_was_committed_has_no_fault(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(project.arguments)
    assert (status, capsys.readouterr().out.splitlines()[-1]) == (
        0, "verify: nothing was made again; every file is as recorded",
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "seed"), MUTATIONS)
def test_one_changed_byte_is_named(
    project: Project, capsys: pytest.CaptureFixture[str], kind: str, seed: int
) -> None:
    chance = random.Random(f"{kind} {seed}")  # fixed: a failure can be had again
    path = chance.choice(project.files(kind))
    whole = path.read_bytes()
    place = chance.randrange(len(whole))
    other = bytes([whole[place] ^ chance.randrange(1, 256)])
    with changed(path, whole[:place] + other + whole[place + 1 :]):
        status = main(project.arguments)
    faults = [line for line in capsys.readouterr().out.splitlines() if line.startswith("not as recorded: ")]
    name = shown_name(path, project.root)
    assert status == 1
    assert f"not as recorded: {name} {NOT_COMMITTED}" in faults
    by_record = [line for line in faults if not line.endswith(NOT_COMMITTED)]
    if kind in BY_RECORD_ALONE:
        assert any(name in line for line in by_record)
    if kind == "lock" and b'"shown"' not in whole[whole.rfind(b"\n", 0, place) : place]:
        assert by_record


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("src/nsi/door.py", "from __future__", "# why\n\n\nfrom __future__", None),
        ("src/nsi/readers/tables.py", "def clean_table", "N = 1\ndef clean_table", "src/nsi/readers/tables changed"),
        ("src/nsi/errors.py", "def listed(", "def listed)", "src/nsi/errors.py line"),
        ("notebooks/01_items.ipynb", "n_items", "n_parts", "notebooks/01_items.ipynb: its code changed"),
        ("study/study.yml", "least: 2", "least: 3", "declared settings.least changed"),
        ("requirements.lock", "==", "==9", "requirements.lock changed"),
    ],
)  # fmt: skip
def test_the_record_alone_tells_code_from_comments_and_layout(
    project: Project, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, told: str | None
) -> None:
    path = project.root / file
    before = path.read_text(encoding="utf-8")
    with changed(path, before.replace(old, new, 1).encode()):
        main(project.arguments)
    lines = capsys.readouterr().out.splitlines()
    by_record = [line for line in lines if "not as recorded" in line and not line.endswith(NOT_COMMITTED)]
    assert not by_record if told is None else any(told in line for line in by_record), by_record


@pytest.mark.parametrize("part", ["numbers", "inputs", "outputs", "code", "declared"])
def test_a_record_that_was_edited_by_hand_is_found_without_git(
    project: Project, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    path = project.root / "out/figures/lock.json"
    lock = json.loads(path.read_bytes())
    record = lock["runs"]["01_items"]
    if part == "code":
        record["code"] = "0" * 64
    else:
        first = sorted(record[part])[0]
        record[part][first] = 4 if part == "numbers" else "0" * 64
    with changed(path, (json.dumps(lock, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()):
        status = main(project.arguments)
    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert any("not as recorded" in line and "committed" not in line for line in lines)


def test_a_file_that_git_does_not_know_is_named(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    stray = project.root / "notebooks" / "09_mine.ipynb"
    stray.write_text("{}", encoding="utf-8")
    try:
        assert main(project.arguments) == 1
    finally:
        stray.unlink()
    assert "not as recorded: notebooks/09_mine.ipynb is not in git" in capsys.readouterr().out
