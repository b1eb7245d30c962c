"""The record of every run, figures/lock.json: what it rested on, what it read and wrote, by SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from nsi.declaration import Declaration
from nsi.door import write_atomically
from nsi.errors import StudyError
from nsi.pipeline.modules import module_digests
from nsi.pipeline.plan import Run

FORMAT = 1


@dataclass(frozen=True)
class Record:
    """What one run rested on, and what came of it; nothing in it depends on the machine or the hour."""

    notebook: str
    parameters: dict[str, object]
    code: str
    modules: dict[str, str]
    declared: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str]
    numbers: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False
    shown: str = ""  # of what the executed notebook shows, in normalised form


@dataclass
class Lock:
    """Every record by run id, with the study's title and the digest of the versions that made them."""

    versions: str = ""
    study: str = ""
    runs: dict[str, Record] = field(default_factory=dict)
    _written: dict[str, tuple[Record, str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, path: Path) -> Lock:
        """Read a lock; a missing one is empty.

        Raises
        ------
        StudyError
            If the file is there but damaged, as after a merge that went wrong.
        """
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if plain["format"] != FORMAT:
                return cls()  # written by another version of the pipeline: everything runs once
            return cls(
                plain["versions"], plain["study"], {run: Record(**record) for run, record in plain["runs"].items()}
            )
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudyError(
                f"figures/{path.name} cannot be read ({type(error).__name__}); restore it from git, or delete it, and "
                "everything runs once"
            ) from None

    def as_bytes(self) -> bytes:
        """JSON, sorted and indented, so that git shows what changed; each record is put in words once."""
        runs = ",\n".join(f"  {_json(run)}: {self._record(run)}" for run in sorted(self.runs))
        whole = "{\n" + f"  {runs.strip()}\n" + " }" if runs else "{}"
        rest = f' "study": {_json(self.study)},\n "versions": {_json(self.versions)}\n}}\n'
        return (f'{{\n "format": {FORMAT},\n "runs": {whole},\n' + rest).encode()

    def _record(self, run: str) -> str:
        """A record never changes, but a run gets another one; the lock is saved after every run."""
        known = self._written.get(run)
        if known is None or known[0] is not self.runs[run]:
            text = json.dumps(vars(self.runs[run]), indent=1, sort_keys=True, ensure_ascii=False)
            self._written[run] = known = (self.runs[run], text.replace("\n", "\n  "))
        return known[1]

    def save(self, path: Path) -> None:
        """Write the lock, if it differs from what is there."""
        data = self.as_bytes()
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, data)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def file_digest(path: Path) -> str | None:
    """SHA-256 of a file; None where there is none."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def versions_digest(requirements: Path) -> str:
    """SHA-256 of the locked requirements, without comments: what every result was made with."""
    # As bytes: a damaged file must be told as changed, not end in an error of its decoding.
    lines = [line.strip() for line in requirements.read_bytes().splitlines()]
    plain = b"\n".join(line for line in lines if line and not line.startswith(b"#"))
    return hashlib.sha256(plain).hexdigest()


def standing_reasons(run: Run, lock: Lock, declaration: Declaration, versions: str) -> list[str]:
    """Say why a run is not fresh, apart from its inputs and outputs, which other runs may still change.

    Returns
    -------
    list of str
        Reasons as a person would put them; empty where nothing changed.
    """
    record = lock.runs.get(run.id)
    if record is None:
        return ["it has not run yet"]
    reasons = []
    if lock.versions != versions:
        reasons.append("requirements.lock changed")
    if record.code != run.notebook.code:
        reasons.append("its code changed")
    if record.parameters != run.parameters:
        reasons.append("its parameters changed")
    if set(record.inputs) != set(run.inputs):
        reasons.append("it has other inputs now")
    reasons += changed(record.modules, module_digests(run.notebook.imports), "module {}")
    reasons += changed(record.declared, {key: _declared(declaration, key) for key in record.declared}, "declared {}")
    return reasons


_DIGESTS: WeakKeyDictionary[Declaration, dict[str, str]] = WeakKeyDictionary()


def _declared(declaration: Declaration, key: str) -> str:
    """Digest what is declared under a key once: many runs rest on the same."""
    known = _DIGESTS.setdefault(declaration, {})
    if key not in known:
        known[key] = declaration.digest(key)
    return known[key]


def file_reasons(
    record: Record, out: Path, data_raw: Path, digest: Callable[[Path], str | None] = file_digest
) -> list[str]:
    """Say which inputs and outputs are not as recorded; `digest` may remember files that many runs read."""
    now_in = {name: digest(place(name, out, data_raw)) for name in record.inputs}
    now_out = {name: digest(out / name) for name in record.outputs}
    return changed(record.inputs, now_in, "input {}") + changed(record.outputs, now_out, "output {}")


def place(name: str, out: Path, data_raw: Path) -> Path:
    """Where an input of the lock lies: raw files in DATA_RAW, everything else below OUT."""
    folder, _, rest = name.partition("/")
    return data_raw / rest if folder == "data_raw" else out / name


def changed(before: Mapping[str, str], now: Mapping[str, str | None], words: str) -> list[str]:
    """Compare two sets of digests in words."""
    reasons = []
    for name in sorted({*before, *now}):
        if now.get(name) is None:
            reasons.append(f"{words.format(name)} is missing" if name in now else f"{words.format(name)} is gone")
        elif name not in before:
            reasons.append(f"{words.format(name)} is new")
        elif before[name] != now[name]:
            reasons.append(f"{words.format(name)} changed")
    return reasons
