"""Where a run's files are, how they are written, and the receipt that it leaves."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nsi.errors import StudyError
from nsi.guard import through_the_door

RUN = "NSI_RUN"  # names the file in which the pipeline tells a kernel what it runs
RECEIPT = "receipt.json"
PAST_THE_DOOR = "past_the_door.txt"


@dataclass(frozen=True)
class Places:
    """Where the files of one run are.

    Attributes
    ----------
    study, data_raw, out : Path
        The study's folder, the raw data, and the folder that holds data_processed/ and figures/.
    staging : Path or None
        Where outputs wait until the notebook has succeeded; None where a person runs the notebook by hand.
    gathered : dict
        Template of ``study.read_each`` to the names that it stands for, as the pipeline found them.
    numbers : list or None
        Files with the numbers that other runs recorded, as the pipeline found them; None outside of it.
    """

    study: Path
    data_raw: Path
    out: Path
    staging: Path | None = None
    gathered: dict[str, list[str]] = field(default_factory=dict)
    numbers: list[str] | None = None

    @classmethod
    def found(cls) -> Places:
        """Find the places: told by the pipeline, by the environment, or by looking upwards from here."""
        if os.environ.get(RUN):
            with through_the_door():
                told = json.loads(Path(os.environ[RUN]).read_text(encoding="utf-8"))
            paths = {name: Path(told[name]) for name in ("study", "data_raw", "out", "staging")}
            return cls(**paths, gathered=told["gathered"], numbers=told["numbers"])
        root = _project_root()
        study = os.environ.get("NSI_STUDY") or root and root / "study"
        if not study:
            raise StudyError(
                f"no study found: neither {Path.cwd().name}/ nor a folder above it holds study/study.yml; "
                "start with `make lab`, or open the notebook inside the project"
            )
        base = root or Path.cwd()
        return cls(
            study=Path(study),
            data_raw=Path(os.environ.get("NSI_DATA_RAW") or base / "data_raw"),
            out=Path(os.environ.get("NSI_OUT") or base),
        )

    def number_files(self) -> list[str]:
        """Files of recorded numbers, below OUT: as the pipeline found them, or those that are there."""
        if self.numbers is not None:
            return self.numbers
        with through_the_door():
            folder = self.out / "data_processed" / "numbers"
            return [f"data_processed/numbers/{path.name}" for path in sorted(folder.glob("*.json"))]


def _project_root() -> Path | None:
    here = Path.cwd().resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "study" / "study.yml").is_file()), None)


@dataclass
class Receipt:
    """What a run read, wrote and relied on, by name and SHA-256; the pipeline compares it with the plan."""

    raw: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    number_files: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False

    def as_text(self) -> str:
        """JSON text with sorted keys."""
        return json.dumps(self.__dict__, sort_keys=True)


def sha256(data: bytes) -> str:
    """SHA-256 of some bytes, as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def bytes_of(path: Path, name: str, absent: str) -> bytes:
    """Read a file whole.

    Raises
    ------
    StudyError
        If it is not there (`absent` continues the sentence that its `name` begins) or cannot be read.
    """
    try:
        with through_the_door():
            return path.read_bytes()
    except FileNotFoundError:
        raise StudyError(f"{name} {absent}") from None
    except OSError as error:
        raise StudyError(f"{name} cannot be read ({error.strerror}); mend the file or its permissions") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none of it; see :func:`write_together`."""
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together: first all of their bytes under other names, then each in its place.

    Raises
    ------
    StudyError
        If the disk is full or a folder cannot be written; what stood there before still stands, and nothing
        new does.
    """
    waiting: dict[Path, Path] = {}
    folders: list[Path] = []
    path = Path()
    with through_the_door():
        try:
            for path, data in files.items():
                _make(path.parent, folders)
                _write_beside(path, data, waiting)
            for path, temporary in waiting.items():
                temporary.replace(path)
        except BaseException as error:
            _undo(list(waiting.values()), folders)
            if not isinstance(error, OSError):
                raise
            raise StudyError(
                f"{path.name} could not be written ({error.strerror or error}); nothing of it was kept. "
                "Free some space or mend the folder's permissions, then run the same command again"
            ) from error


def _make(folder: Path, made: list[Path]) -> None:
    made += [above for above in (folder, *folder.parents) if not above.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)


def _write_beside(path: Path, data: bytes, waiting: dict[Path, Path]) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
    waiting[path] = Path(temporary)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    waiting[path].chmod(0o644)


def _undo(temporary: list[Path], folders: list[Path]) -> None:
    for path in temporary:
        path.unlink(missing_ok=True)
    for folder in reversed(folders):
        with suppress(OSError):  # somebody else may have put a file there by now
            folder.rmdir()


def put_outputs(files: Mapping[str, bytes], places: Places, receipt: Receipt) -> None:
    """Write outputs that belong together to where outputs go now, and note them in the receipt.

    Raises
    ------
    StudyError
        If one of them was written before by the same run, or cannot be written.
    """
    known = {path.lower() for path in receipt.outputs}  # some file systems know no capitals
    twice = [path for path in files if path.lower() in known]
    # By hand, in JupyterLab, a cell may run again; in a run of the pipeline a second write would hide the first.
    if places.staging is not None and twice:
        raise StudyError(f"{twice[0]} is written twice by this notebook; give each output its own name")
    base = places.staging or places.out
    write_together({base / path: data for path, data in files.items()})
    receipt.outputs |= {path: sha256(data) for path, data in files.items()}
