"""Putting look-alike files into the raw data folder, with a stamp, and never over a file from elsewhere."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nsi.errors import StudyError, listed

STAMP, SUMS = "SYNTHETIC", "SHA256SUMS"
NO_DATA = (STAMP, SUMS, "README.md")
STAMP_TEXT = """\
# SYNTHETIC DATA
# The files below are look-alikes, drawn by `make synth` from the study's published facts and assumptions.
# No row in them describes a real person, school, district, network or document.
# No number in them is a finding.
# While this file is here, every figure says SYNTHETIC DATA. README.md says how to put real files in place.
# Each line: the SHA-256 of a file as it was drawn, then its name. A file that differs from its line was
# changed or comes from elsewhere, and `make synth` will not overwrite it.
"""


def place(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write look-alike files, their stamp and the checksums, or nothing at all.

    Parameters
    ----------
    folder : Path
        The raw data folder; made if it is not there.
    files : mapping of str to bytes
        File name to content.

    Returns
    -------
    list of str
        The names that were written, in order; a file that already has its bytes is left alone.

    Raises
    ------
    StudyError
        Before anything is written: if a file of this name was not written here, a stamp or a list of
        checksums cannot be read, an earlier look-alike is no longer drawn, or a file from elsewhere no longer
        fits its checksum.
    """
    new = {(hashlib.sha256(content).hexdigest(), name) for name, content in files.items()}
    before = _read_sums(folder / STAMP)
    _refuse_foreign(folder, files, new | before)
    _refuse_stale(folder, files, before)
    sums = new | _sums_of_others(folder, files, {name for _, name in before})
    folder.mkdir(parents=True, exist_ok=True)
    # The stamp goes first and names old and new bytes: if the machine stops half-way, no look-alike lies
    # there without a stamp, and the next run still knows each file as its own.
    steps = [
        (STAMP, _stamp(new | before)),
        *files.items(),
        (SUMS, _lines(sums).encode()),
        (STAMP, _stamp(new)),
    ]
    return _write_all(folder, steps)


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds anything: enlarged data must never stand in for those of the study.

    Parameters
    ----------
    folder : Path
        The raw data folder; it need not be there yet.

    Raises
    ------
    StudyError
        If there is any file in it.
    """
    there = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    if there:
        raise StudyError(
            f"{folder.name}/ holds {listed(there)}; enlarged look-alikes go into a folder of their own. "
            "Nothing was written. Give an empty one: DATA_RAW=<empty folder>"
        )


def _refuse_foreign(folder: Path, files: Iterable[str], own: set[tuple[str, str]]) -> None:
    foreign = [
        name for name in files if (folder / name).exists() and (_digest(folder / name), name) not in own
    ]
    if foreign:
        raise StudyError(
            f"{folder.name}/{listed(foreign)}: not written by make synth, or changed since. "
            "Nothing was written. Keep these files and do without make synth, or move them away and run "
            "make synth again"
        )


def _refuse_stale(folder: Path, files: Mapping[str, bytes], before: set[tuple[str, str]]) -> None:
    left = {(digest, name) for digest, name in before if name not in files and (folder / name).exists()}
    stale = sorted(name for digest, name in left if _digest(folder / name) == digest)
    if stale:
        raise StudyError(
            f"{folder.name}/{listed(stale)}: drawn by an earlier make synth, but no longer declared. "
            "Nothing was written. Delete these files, or declare them again"
        )


def _sums_of_others(folder: Path, files: Iterable[str], before: set[str]) -> set[tuple[str, str]]:
    """Give the checksums of data that lie there but were never drawn; a sum given before must still hold."""
    given = {name: digest for digest, name in _read_sums(folder / SUMS) if name not in {*files, *before}}
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    found = {path.relative_to(folder).as_posix(): path for path in paths}
    sums = {
        (_digest(path), name) for name, path in found.items() if name not in files and name not in NO_DATA
    }
    actual = {name: digest for digest, name in sums}
    wrong = sorted(name for name, digest in given.items() if actual.get(name) != digest)
    if wrong:
        raise StudyError(
            f"{folder.name}/{listed(wrong)}: changed or missing since {SUMS} was written. Nothing was "
            f"written. Put the file back; or, if the change is meant, remove its line from {SUMS} and "
            "run make synth again"
        )
    return sums


def _read_sums(path: Path) -> set[tuple[str, str]]:
    if not path.exists():
        return set()
    sums = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        found = re.fullmatch(r"([0-9a-f]{64}) [ *](\S.*)", line)
        if found:
            sums.add((found[1], found[2]))
        elif line and not line.startswith("#"):
            raise StudyError(
                f"{path.parent.name}/{path.name} row {number}: must read '<SHA-256>  <file name>'. "
                "Nothing was written. Correct the row, or move the file away if it is not a list of checksums"
            )
    return sums


def _stamp(sums: Iterable[tuple[str, str]]) -> bytes:
    return (STAMP_TEXT + _lines(sums)).encode()


def _lines(sums: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{digest}  {name}\n" for digest, name in sorted(sums, key=lambda pair: pair[::-1]))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_all(folder: Path, steps: Sequence[tuple[str, bytes]]) -> list[str]:
    """Write every file next to its place first, then move them in, so that a full disk changes nothing."""
    there = {name: (folder / name).read_bytes() for name, _ in steps if (folder / name).exists()}
    if all(there.get(name) == content for name, content in steps[1:]):
        return []  # the first step only prepares for the others
    waiting: list[tuple[str, Path]] = []
    try:
        for name, content in steps:
            if there.get(name) != content:
                waiting.append((name, _beside(folder / name, content)))
                there[name] = content
        for name, temporary in waiting:
            temporary.replace(folder / name)
    finally:
        for _, temporary in waiting:
            temporary.unlink(missing_ok=True)
    return list(dict.fromkeys(name for name, _ in waiting))


def _beside(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(temporary).chmod(0o644)  # mkstemp gives 0600, which a second person on the machine could not read
    return Path(temporary)
