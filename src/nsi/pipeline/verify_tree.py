"""Fresh copies of a project, and the settings under which `make verify` runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nsi.errors import StudyError
from nsi.pipeline.diff_source import run_git
from nsi.pipeline.kernels import OTHERWISE

# Rebuilt, or the reader's own: where there is no git to say what belongs to the project.
NOT_COPIED = {"build", "data_processed", "figures", "dask-scratch-space"}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
LOCALES = ("tr_TR.utf8", "de_DE.utf8", "fr_FR.utf8", "en_US.utf8")
TOLD = 12  # lines of a failed run that are kept


@dataclass(frozen=True)
class Tree:
    """Where the parts of a project are; absolute paths."""

    root: Path
    study: Path
    data_raw: Path
    out: Path
    notebooks: Path


@dataclass(frozen=True, eq=False)
class Setting:
    """One way of running everything.

    Attributes
    ----------
    name : str
        Short: ``"1"``.
    folder : str
        Name of the folder that holds the copy.
    outside : dict
        Variables around the pipeline: what a person's shell may hold.
    inside : dict
        Variables that the kernels get instead of those that the pipeline holds constant; empty: as always.
    jobs : int
        Notebooks at a time.
    """

    name: str
    folder: str
    outside: dict[str, str]
    inside: dict[str, str]
    jobs: int

    @property
    def told(self) -> str:
        """What it is, in a line."""
        places = f"TZ {self.outside['TZ']}, locale {self.outside['LC_ALL']}, hash seed {self.outside['PYTHONHASHSEED']}"
        where = "around and inside the kernels" if self.inside else "around the kernels"
        threads = self.outside["OMP_NUM_THREADS"]
        return f"{places}, threads {threads}, {where}; {self.jobs} at a time; in '{self.folder}'"


def settings() -> tuple[Setting, Setting]:
    """Return two ways of running that differ in everything that should not matter.

    In the second the kernels themselves get another time zone, locale, hash seed and number of threads, so that it
    also shows whether results only hold because the pipeline keeps those constant.
    """
    first = _variables("<+14>-14", "C.UTF-8", "1", "1")
    second = _variables("<-1130>11:30", _other_locale(), "4242", "2")
    cores = max(2, os.cpu_count() or 2)
    return Setting("1", "one", first, {}, 1), Setting("2", "another place, é", second, second, cores)


def _variables(zone: str, locale: str, seed: str, threads: str) -> dict[str, str]:
    return {
        **{"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed},
        **dict.fromkeys(THREADS, threads),
    }


def _other_locale() -> str:
    """Name a locale that this machine has and the pipeline does not use."""
    try:
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    except FileNotFoundError:
        known = []
    return next((name for name in LOCALES if name in known), "POSIX")


def fresh_copy(tree: Tree, folder: Path) -> Tree:
    """Copy what a project consists of: files that git knows, as they are now, and the raw data; no results.

    Parameters
    ----------
    tree : Tree
        The project.
    folder : Path
        Receives the copy; made here.

    Returns
    -------
    Tree
        The copy's places; its OUT is empty.
    """
    root = folder / "project"
    for name in known_files(tree.root):
        source = tree.root / name
        results = tree.out / "figures"
        if source.is_file() and not source.is_relative_to(results) and not source.is_relative_to(tree.data_raw):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, root / name)
    shutil.copytree(tree.data_raw, folder / "data_raw")
    return Tree(
        root=root,
        study=_placed(tree.study, tree.root, root, folder / "study"),
        data_raw=folder / "data_raw",
        out=folder / "out",
        notebooks=_placed(tree.notebooks, tree.root, root, folder / "notebooks"),
    )


def _placed(source: Path, old_root: Path, new_root: Path, elsewhere: Path) -> Path:
    """Give the copy of a folder, which is made now where it lies outside the project."""
    if source.is_relative_to(old_root):
        return new_root / source.relative_to(old_root)
    shutil.copytree(source, elsewhere)
    return elsewhere


def known_files(root: Path) -> list[str]:
    """List the project's files: those that git knows, else all that are not rebuilt."""
    listing, _ = run_git(root, "ls-files", "-z")
    if listing:
        return [os.fsdecode(name) for name in listing.split(b"\0") if name]
    found = []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not hidden and parts[0] not in NOT_COPIED:
            found.append("/".join(parts))
    return found


def run_all(tree: Tree, setting: Setting, say: Callable[[str], None]) -> None:
    """Run everything in a copy, with kernels that are each started anew.

    Raises
    ------
    StudyError
        If a run fails; with the last lines that it printed.
    """
    places = {"--study": tree.study, "--data-raw": tree.data_raw, "--out": tree.out, "--notebooks": tree.notebooks}
    command = [sys.executable, "-m", "nsi.pipeline", "all", "--plain-kernels", "--jobs", str(setting.jobs)]
    command += [part for flag, place in places.items() for part in (flag, str(place))]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("NSI_", "PYTHON", "LC_"))}
    inside = {OTHERWISE: json.dumps(setting.inside)} if setting.inside else {}
    source = {"PYTHONPATH": str(tree.root / "src"), "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=tree.root, env={**own, **setting.outside, **inside, **source}, text=True, encoding="utf-8",
        errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            lines.append(line.rstrip("\n"))
            say(f"  {setting.name} {lines[-1]}")
    if process.returncode:
        told = "\n".join(line for line in lines[-TOLD:] if line)
        raise StudyError(f"run {setting.name} did not end well ({setting.told}):\n{told}")
