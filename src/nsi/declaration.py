"""What a study declares in study.yml: its raw tables, its settings, and which notebooks run over what."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nsi.codebook import Codebook, read_codebook
from nsi.errors import StudyError
from nsi.raw_tables import RawTable, raw_table
from nsi.strict import checked, kind, read_yaml, text

FILE = "study.yml"
CORRECTIONS = "corrections.csv"
SYNTHETIC = "SYNTHETIC"


@dataclass(frozen=True)
class NotebookRuns:
    """One entry under ``notebooks``: a notebook and the parameters it runs over."""

    notebook: str
    fixed: dict[str, object] = field(default_factory=dict)
    over: dict[str, list[object]] = field(default_factory=dict)


class Declaration:
    """A study's declaration, read and checked; pandas is not needed to know it.

    Parameters
    ----------
    folder : Path
        The study's folder, which holds study.yml and its codebook.
    data_raw : Path
        Where the raw files are.

    Raises
    ------
    StudyError
        On any mistake in the files, with the file, the place and what is allowed.
    """

    def __init__(self, folder: Path, data_raw: Path) -> None:
        self.folder = folder
        self.data_raw = data_raw
        self._keys = checked(
            read_yaml(folder / FILE),
            FILE,
            required=("title", "seed", "raw", "notebooks"),
            optional=("codebook", "assumptions", "settings", "story"),
        )
        self.title = text(self._keys["title"], f"{FILE} title")
        if type(self._keys["seed"]) is not int:
            raise StudyError(f"{FILE} seed must be a whole number, but found {kind(self._keys['seed'])}")
        self.codebook: Codebook = read_codebook(folder / text(self._keys.get("codebook", "codes.csv"), "codebook"))
        self.raw: dict[str, RawTable] = {
            name: raw_table(name, spec, self.codebook, FILE) for name, spec in self._mapping("raw").items()
        }
        self.settings = self._mapping("settings")
        self.story = {str(k): text(v, f"{FILE} story {k}") for k, v in self._mapping("story").items()}
        self.notebooks = [
            _notebook_runs(entry, f"{FILE} notebooks, item {number}")
            for number, entry in enumerate(self._listed("notebooks"), start=1)
        ]

    def _mapping(self, key: str) -> Mapping[str, Any]:
        value = self._keys.get(key) or {}
        if not isinstance(value, dict):
            raise StudyError(f"{FILE} {key} must hold keys and values, but found {kind(value)}")
        return value

    def _listed(self, key: str) -> list[Any]:
        value = self._keys[key]
        if not isinstance(value, list) or not value:
            raise StudyError(f"{FILE} {key} must be a list, but found {kind(value)}")
        return value

    @property
    def seed(self) -> int:
        """The study's seed; every random draw derives from it and a label."""
        return int(self._keys["seed"])

    def table(self, name: str) -> RawTable:
        """Return the declaration of one raw table.

        Raises
        ------
        StudyError
            If study.yml declares no raw table of that name.
        """
        if name not in self.raw:
            raise StudyError(f"{FILE} raw declares no table '{name}'; it declares {', '.join(self.raw) or 'none'}")
        return self.raw[name]

    def setting(self, name: str) -> Any:
        """Return one setting.

        Raises
        ------
        StudyError
            If study.yml has no such setting.
        """
        if name not in self.settings:
            raise StudyError(f"{FILE} settings has no '{name}'; add it, or use one of {', '.join(self.settings)}")
        return self.settings[name]

    @cached_property
    def assumptions(self) -> dict[str, Any]:
        """The assumptions file as it stands, by subject; empty for a study that declares none."""
        name = self._keys.get("assumptions")
        return read_yaml(self.folder / text(name, f"{FILE} assumptions")) if name else {}

    @cached_property
    def synthetic_files(self) -> frozenset[str]:
        """Names of the raw files that the marker ``SYNTHETIC`` lists; empty where there is no marker."""
        try:
            lines = (self.data_raw / SYNTHETIC).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return frozenset()
        return frozenset(line.split(maxsplit=1)[1] for line in lines if line.strip() and not line.startswith("#"))

    @cached_property
    def _corrections(self) -> dict[str, list[list[str]]]:
        try:
            content = (self.data_raw / CORRECTIONS).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError:
            raise StudyError(f"{CORRECTIONS} is not UTF-8 text; save it as 'CSV UTF-8'") from None
        by_file: dict[str, list[list[str]]] = {}
        for cells in csv.reader(io.StringIO(content)):
            by_file.setdefault(cells[0].strip() if cells else "", []).append(cells)
        return by_file

    def declared(self, key: str) -> object:
        """What the declaration says under one key, as plain values that can be hashed.

        Parameters
        ----------
        key : str
            One of ``raw.<table>``, ``codes.<field>``, ``settings.<name>``, ``assumptions.<subject>``, ``seed``,
            ``title``, ``corrections.<file>``, ``synthetic.<file>``.

        Returns
        -------
        object
            None where the declaration says nothing under that key.
        """
        kind_of_key, _, name = key.partition(".")
        if kind_of_key == "raw":
            return self._mapping("raw").get(name)
        if kind_of_key == "codes":
            return self.codebook[name].as_declared() if name in self.codebook else None
        if kind_of_key in ("settings", "assumptions"):
            return dict(getattr(self, kind_of_key)).get(name)
        if kind_of_key == "corrections":
            return self._corrections.get(name)
        if kind_of_key == "synthetic":
            return name in self.synthetic_files
        return self._keys.get(kind_of_key)

    def digest(self, key: str) -> str:
        """SHA-256 of what the declaration says under one key; see :meth:`declared`."""
        plain = json.dumps(self.declared(key), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def _notebook_runs(entry: object, where: str) -> NotebookRuns:
    if isinstance(entry, str):
        return NotebookRuns(entry)
    keys = checked(entry, where, required=("run",), optional=("with", "over"))
    notebook = text(keys["run"], f"{where} run")
    fixed = checked(keys.get("with") or {}, f"{where} with", optional=list(keys.get("with") or {}))
    over = checked(keys.get("over") or {}, f"{where} over", optional=list(keys.get("over") or {}))
    for name, values in over.items():
        if not isinstance(values, list) or not values:
            raise StudyError(f"{where} over.{name} must be a list of values, but found {kind(values)}")
        twice = [value for position, value in enumerate(values) if value in values[:position]]
        if twice:
            raise StudyError(f"{where} over.{name}: {twice[0]!r} stands twice; remove one of them")
        if name in fixed:
            raise StudyError(f"{where}: '{name}' stands under 'with' and under 'over'; keep one of them")
    return NotebookRuns(notebook, dict(fixed), {name: list(values) for name, values in over.items()})
