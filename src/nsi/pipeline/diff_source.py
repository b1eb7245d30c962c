"""Where one of two compared results comes from: a folder, or a revision of the git repository that holds OUT."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nsi.door import bytes_of
from nsi.errors import StudyError, shown

FIGURES = "figures"
MARKS_OF_RESULTS = ("lock.json", "numbers.json")  # what tells a folder of figures from any other
# Set inside a git hook; they would lead to that repository instead of the one that holds OUT.
FROM_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


@dataclass(frozen=True)
class Result:
    """What one `make all` released.

    Attributes
    ----------
    label : str
        As it was asked for: a revision or a folder.
    note : str
        Which commit a revision is, with its day and first line; what a folder is.
    files : mapping of str to bytes
        ``"figures/..."`` to content, sorted by name; hidden files and links out of the folder are left out.
    """

    label: str
    note: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


def read_result(asked: str, out: Path) -> Result:
    """Read a result without touching the work tree.

    Parameters
    ----------
    asked : str
        A folder (OUT of a `make all`, or its figures/), or a revision of the repository that `out` lies in.
        A folder that holds results comes first; `refs/heads/x` names a branch in any case.
    out : Path
        The OUT folder; of a revision the same folder is read.

    Raises
    ------
    StudyError
        If it is neither, or holds no figures.
    """
    figures = _figures_folder(Path(asked).expanduser())
    if figures is not None:
        return Result(asked, "the folder as it is now", _folder_files(figures, asked))
    commit = _commit(asked, out)
    if commit is None:
        raise StudyError(_neither(asked, out))
    return Result(asked, _commit_note(out, commit), _revision_files(out, commit, asked))


def _figures_folder(folder: Path) -> Path | None:
    if (folder / FIGURES).is_dir():
        return folder / FIGURES
    return folder if any((folder / name).is_file() for name in MARKS_OF_RESULTS) else None


def _folder_files(figures: Path, asked: str) -> dict[str, bytes]:
    base = figures.resolve()
    found = {}
    for path in sorted(base.rglob("*")):
        name = path.relative_to(base).as_posix()
        # A link could lead to what was never released.
        if path.is_file() and not _hidden(name) and path.resolve().is_relative_to(base):
            found[f"{FIGURES}/{name}"] = bytes_of(path, f"{FIGURES}/{name}", "went away while it was read; try again")
    if not found:
        raise StudyError(f"'{asked}' holds an empty figures/; fill it with `make all OUT={asked}`")
    return found


def _hidden(name: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(name).parts)


def _neither(asked: str, out: Path) -> str:
    if Path(asked).expanduser().is_dir():
        return f"the folder '{asked}' holds no figures/ with results; fill it with `make all OUT={asked}`"
    if not out.is_dir():
        return f"{shown(asked)} is no folder with results, and OUT={out} is not there; name two folders: A=... B=..."
    inside, why = run_git(out, "rev-parse", "--is-inside-work-tree")
    if inside is None or inside.strip() != b"true":
        return (
            f"{shown(asked)} is no folder with results, and no revision can be read: OUT={out} lies in no git "
            f"repository{why}; name a folder instead"
        )
    return f"{shown(asked)} is neither a folder with results nor a revision that this repository knows; see `git log`"


def _commit(asked: str, out: Path) -> str | None:
    # A dash would be taken for an option; no revision begins with one.
    if not asked or asked.startswith("-") or not out.is_dir():
        return None
    found, _ = run_git(out, "rev-parse", "--verify", "--quiet", f"{asked}^{{commit}}")
    return found.decode().strip() if found else None


def _commit_note(out: Path, commit: str) -> str:
    told, _ = run_git(out, "show", "-s", "--no-show-signature", "--format=%h, %cs: %s", commit)
    return (told or commit[:7].encode()).decode(errors="replace").strip()


def _revision_files(out: Path, commit: str, asked: str) -> dict[str, bytes]:
    prefix = (_must(out, "rev-parse", "--show-prefix")).decode(errors="surrogateescape").rstrip("\n")
    # Not git archive: attributes of the repository may leave files out of it, or write into them.
    listing = _must(out, "ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{prefix}{FIGURES}/")
    blobs = {}
    for line in listing.decode(errors="surrogateescape").split("\0"):
        told, _, path = line.partition("\t")
        name = path.removeprefix(prefix)
        if told.startswith("100") and not _hidden(name):  # 100...: a file; links and submodules begin otherwise
            blobs[name] = told.split()[2]
    if not blobs:
        where = f"{prefix}{FIGURES}/"
        raise StudyError(f"revision {shown(asked)} ({commit[:7]}) holds no {where}; name one that does, or a folder")
    return dict(sorted(_blobs(out, blobs).items()))


def _blobs(out: Path, wanted: Mapping[str, str]) -> dict[str, bytes]:
    """Read objects in one process: for each a line that ends in its size, its bytes, a line end."""
    told = _must(out, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in wanted.values()).encode())
    found, at = {}, 0
    for name, blob in wanted.items():
        end = told.index(b"\n", at)
        head = told[at:end].split()
        if head[1:2] != [b"blob"]:
            raise StudyError(f"git has no content of {name} ({blob[:7]}); fetch the whole repository, then try again")
        at = end + 1 + int(head[2])
        found[name] = told[end + 1 : at]
        at += 1
    return found


def _must(out: Path, *arguments: str, given: bytes = b"") -> bytes:
    told, why = run_git(out, *arguments, given=given)
    if told is None:
        raise StudyError(f"git {arguments[0]} failed{why}; mend the repository, or name a folder instead")
    return told


def run_git(out: Path, *arguments: str, given: bytes = b"") -> tuple[bytes | None, str]:
    """Run git where OUT lies; no output where it fails, then with its reason for a sentence."""
    plain = {name: value for name, value in os.environ.items() if name not in FROM_A_HOOK}
    environment = {**plain, "LC_ALL": "POSIX", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        ran = subprocess.run(["git", "-C", str(out), *arguments], input=given, capture_output=True, env=environment)
    except FileNotFoundError:
        return None, " (git is not installed)"
    lines = ran.stderr.decode(errors="replace").strip().splitlines()
    return (ran.stdout, "") if ran.returncode == 0 else (None, f" ({lines[0]})" if lines else "")
