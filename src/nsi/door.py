"""Where a run's files are, how they are written, and the receipt that it leaves."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
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
    """

    study: Path
    data_raw: Path
    out: Path
    staging: Path | None = None
    gathered: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def found(cls) -> Places:
        """Find the places: told by the pipeline, by the environment, or by looking upwards from here."""
        if os.environ.get(RUN):
            with through_the_door():
                told = json.loads(Path(os.environ[RUN]).read_text(encoding="utf-8"))
            paths = {name: Path(told[name]) for name in ("study", "data_raw", "out", "staging")}
            return cls(**paths, gathered=told["gathered"])
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


def _project_root() -> Path | None:
    here = Path.cwd().resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "study" / "study.yml").is_file()), None)


@dataclass
class Receipt:
    """What a run read, wrote and relied on, by name and SHA-256; the pipeline compares it with what was declared."""

    raw: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False

    def as_text(self) -> str:
        """JSON text with sorted keys."""
        return json.dumps(self.__dict__, sort_keys=True)


def sha256(data: bytes) -> str:
    """SHA-256 of some bytes, as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none of it.

    Raises
    ------
    StudyError
        If the disk is full or the folder cannot be written; what stood there before still stands.
    """
    with through_the_door():
        handle = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except OSError as error:
            if handle is not None:
                Path(temporary).unlink(missing_ok=True)
            raise StudyError(
                f"{path.name} could not be written ({error.strerror or error}); nothing of it was kept. "
                "Free some space or mend the folder's permissions, then run the same command again"
            ) from error
