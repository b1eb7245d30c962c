"""The runs of a sweep: one for each run and set of options that matters to it, each in a folder of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from nsi.door import write_atomically
from nsi.errors import StudyError
from nsi.multiverse import Multiverse
from nsi.pipeline.execute import Folders
from nsi.pipeline.holding import save_if_new
from nsi.pipeline.lock import Lock
from nsi.pipeline.plan import Run
from nsi.strict import read_yaml


@dataclass(frozen=True)
class Node:
    """A run under some options; `home` is its OUT, where what it reads is linked and what it writes is put."""

    run: Run
    options: tuple[tuple[str, str], ...]
    home: Path
    study: Path


@dataclass(frozen=True)
class SweepFolders(Folders):
    """Folders of a whole sweep, for its report: what failed lies in the home of its node."""

    homes: Mapping[str, Path]

    def failed(self, run: Run) -> Path:
        """Where the executed notebook of a failed run lies."""
        return self.homes[run.id] / "build" / "failed" / f"{run.slug}.ipynb"


def wanted_runs(runs: Sequence[Run], notebooks: Sequence[str]) -> list[Run]:
    """The runs of the chosen notebooks and all that they need, in order.

    Raises
    ------
    StudyError
        If no run is of a notebook that was chosen.
    """
    there = {run.notebook.name for run in runs}
    unknown = [name for name in notebooks if name not in there]
    if unknown:
        raise StudyError(f"multiverse.yml notebooks: no run of study.yml is of '{unknown[0]}'; there are "
                         f"{', '.join(sorted(there))}")  # fmt: skip
    by_id = {run.id: run for run in runs}
    wanted = [run.id for run in runs if run.notebook.name in notebooks]
    for run_id in wanted:
        wanted += [need for need in by_id[run_id].needs if need not in wanted]
    return [run for run in runs if run.id in set(wanted)]


def relevant_choices(runs: Sequence[Run], lock: Lock, multiverse: Multiverse) -> dict[str, list[str]]:
    """Which choices each run can feel: those it asked for itself, by its record, and those of what it reads.

    Parameters
    ----------
    runs : sequence of Run
        In order, with everything that they need.
    lock : Lock
        The record of the study as it is.
    multiverse : Multiverse
        The choices.

    Returns
    -------
    dict
        Run id to names of choices, in the order declared; an empty list where the study's own result serves.
    """
    felt: dict[str, set[str]] = {}
    for run in runs:
        asked = lock.runs[run.id].declared
        own = {name for name, choice in multiverse.choices.items() if choice.declared in asked}
        felt[run.id] = own.union(*(felt[need] for need in run.needs))
    return {run: [name for name in multiverse.choices if name in names] for run, names in felt.items()}


def node_of(run: Run, universe: Mapping[str, str], felt: Sequence[str], root: Path) -> Node:
    """The node of a run in a universe; universes that agree on what it feels share it."""
    options = tuple((name, universe[name]) for name in felt)
    told = ", ".join(f"{name} {option}" for name, option in options)
    key = hashlib.sha256(repr(options).encode()).hexdigest()[:12]
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", run.slug)
    slug = f"{plain[:60]}-{key}"
    outputs = [path for path in run.outputs if not _is_picture(path)]
    # The slug stays: what a run writes may be named for it, and every node has a home of its own.
    own = replace(run, id=f"{run.id} [{told}]", outputs=outputs)
    return Node(own, options, root / "runs" / slug, root / "studies" / key)


def _is_picture(path: str) -> bool:
    """Whether ``study.figure`` writes it by drawing: a sweep asks for numbers, and its runs render nothing."""
    folder, _, name = path.partition("/")
    return folder == "figures" and "/" not in name and not name.endswith(".csv")


def lay_out(node: Node, needed: Mapping[str, Node], out: Path, private: Path) -> None:
    """Make the node's folder: links to all that it reads, which may not be there yet, and its study.

    Parameters
    ----------
    node : Node
        The node.
    needed : mapping of str to Node
        Id of a run that it needs (as the study has it) to the node that stands for it.
    out : Path
        OUT of the study, for what no choice touches.
    private : Path
        A folder for the kernels' own files, shared by all nodes.
    """
    writers = {path: other.home for other in needed.values() for path in other.run.outputs}
    for name in [f"data_processed/{table}.parquet" for table in node.run.reads] + list(_number_files(node.run)):
        _link(node.home / name, writers.get(name, out) / name)
    private.mkdir(parents=True, exist_ok=True)  # a kernel that is started anew cannot make it through a link
    _link(node.home / "build" / "private", private)


def _number_files(run: Run) -> Sequence[str]:
    return list(getattr(run, "number_files", ()))


def _link(link: Path, target: Path) -> None:
    """Make a relative link; one that is right is left alone."""
    there = os.path.relpath(target, link.parent)
    if link.is_symlink() and str(link.readlink()) == there:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)  # somebody copied OUT, and links became folders
    link.unlink(missing_ok=True)
    link.symlink_to(there)


def write_study(folder: Path, source: Path, multiverse: Multiverse, options: Mapping[str, str]) -> None:
    """Write a study that differs from another in some choices only; files that stay are copied."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        target = folder / path.relative_to(source)
        if path.is_file() and target != folder / "study.yml":
            save_if_new(target, path.read_bytes())
    keys = multiverse.otherwise(read_yaml(source / "study.yml"), options)
    write_atomically(folder / "study.yml", yaml.safe_dump(keys, sort_keys=False, allow_unicode=True).encode())


def keep_only(folder: Path, wanted: Iterable[Path]) -> None:
    """Remove what an earlier sweep left in a folder, under options that are no longer declared."""
    kept = set(wanted)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path not in kept:
            shutil.rmtree(path)


def read_times(path: Path) -> dict[str, float]:
    """Seconds by run; they only serve an estimate, so a missing or damaged file costs nothing but that."""
    try:
        return {str(run): float(seconds) for run, seconds in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def node_folders(node: Node, folders: Folders) -> Folders:
    """Folders of a node's job, from those of the sweep."""
    return replace(folders, study=node.study, out=node.home, staging=folders.staging / node.home.name)
