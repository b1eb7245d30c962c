"""What a study declares in study.yml: its raw tables, its settings, and which notebooks run over what."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from nsi.claims import Claim, claims_as_declared, read_claims
from nsi.codebook import Codebook, read_codebook
from nsi.errors import StudyError
from nsi.matrices import MatrixSpec, as_declared, read_matrices
from nsi.notebook_runs import notebook_runs
from nsi.raw_tables import RawTable, raw_table
from nsi.strict import checked, csv_rows, kind, named, read_yaml, text, texts
from nsi.survey import Survey, read_survey, survey_as_declared

FILE = "study.yml"
CORRECTIONS = "corrections.csv"
MATRICES = "matrices.yml"
CORRECTION_COLUMNS = ("file", "row_key", "column", "old", "new", "who", "why")
SYNTHETIC = "SYNTHETIC"


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
            optional=("codebook", "assumptions", "settings", "story", "survey", "claims", "results"),
        )
        self.title = text(self._keys["title"], f"{FILE} title")
        if type(self._keys["seed"]) is not int:
            raise StudyError(f"{FILE} seed must be a whole number, but found {kind(self._keys['seed'])}")
        self.codebook: Codebook = read_codebook(
            folder / text(self._keys.get("codebook", "codes.csv"), f"{FILE} codebook")
        )
        self.survey: Survey | None = None
        if "survey" in self._keys:
            self.survey = read_survey(self._keys["survey"], folder, self.codebook, f"{FILE} survey")
        self.raw: dict[str, RawTable] = {
            name: raw_table(name, spec, self.codebook, FILE, self.survey)
            for name, spec in self._mapping("raw").items()
        }
        self.settings = self._mapping("settings")
        self.story = {k: text(v, f"{FILE} story {k}") for k, v in self._mapping("story").items()}
        self.notebooks = [
            notebook_runs(entry, f"{FILE} notebooks, item {number}")
            for number, entry in enumerate(self._listed("notebooks"), start=1)
        ]

    def _mapping(self, key: str) -> Mapping[str, Any]:
        value = self._keys.get(key)
        return {} if value is None else named(value, f"{FILE} {key}")

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
    def matrices(self) -> dict[str, MatrixSpec]:
        """The matrices that the study's matrices.yml declares, by name; none where there is no such file."""
        return read_matrices(self.folder / MATRICES, self.codebook)

    @cached_property
    def claims(self) -> list[Claim]:
        """The published claims that the study's file of claims lists; none where study.yml names no such file."""
        name = self._keys.get("claims")
        return read_claims(self.folder / text(name, f"{FILE} claims")) if name else []

    @property
    def results(self) -> list[str]:
        """Templates of the text of results, below the study's folder; none where study.yml names none."""
        return texts(self._keys["results"], f"{FILE} results") if "results" in self._keys else []

    @cached_property
    def synthetic_files(self) -> frozenset[str]:
        """Names of the raw files that the marker ``SYNTHETIC`` lists; empty where there is no marker."""
        try:
            lines = (self.data_raw / SYNTHETIC).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return frozenset()
        told = [(number, line.split(maxsplit=1)) for number, line in enumerate(lines, start=1) if line.strip()]
        files = [(number, words) for number, words in told if not words[0].startswith("#")]
        wrong = [number for number, words in files if len(words) != 2]
        if wrong or not files:
            place = f"row {wrong[0]}: must hold a SHA-256 and a file name" if wrong else "lists no file"
            raise StudyError(
                f"{SYNTHETIC} {place}, so nobody can tell which files are look-alikes; draw them again with "
                "`make synth`, or remove the marker if every file is real"
            )
        return frozenset(words[1].strip() for _, words in files)

    @cached_property
    def _corrections(self) -> dict[str, list[tuple[int, list[str]]]]:
        try:
            rows = csv_rows(self.data_raw / CORRECTIONS, CORRECTION_COLUMNS)
        except FileNotFoundError:
            return {}
        by_file: dict[str, list[tuple[int, list[str]]]] = {}
        known = {table.file for table in self.raw.values()}
        for number, cells in rows:
            # A study may use some of the files in a folder, so a file that is there may be corrected all the
            # same.
            if cells[0] not in known and not (cells[0] and (self.data_raw / cells[0]).is_file()):
                raise StudyError(
                    f"{CORRECTIONS} row {number}: there is no raw file '{cells[0]}'; {FILE} declares "
                    f"{', '.join(sorted(known))}. Correct the name, or remove the row"
                )
            by_file.setdefault(cells[0], []).append((number, cells))
        return by_file

    def corrections(self, file: str) -> list[tuple[int, list[str]]]:
        """Return the corrections of one raw file: row number in corrections.csv, and the cells."""
        return self._corrections.get(file, [])

    def names_over(self, template: str) -> list[str]:
        """Return the names that a template such as ``reliability_{field}`` stands for, in order of runs."""
        found = [template]
        for name in re.findall(r"\{(\w+)\}", template):
            values = [str(value) for runs in self.notebooks for value in runs.over.get(name, [])]
            found = [text.replace("{" + name + "}", value) for text in found for value in dict.fromkeys(values)]
        return found

    def declared(self, key: str) -> object:
        """What the declaration says under one key, as plain values that can be hashed.

        Parameters
        ----------
        key : str
            One of ``raw.<table>``, ``codes.<field>``, ``settings.<name>``, ``assumptions.<subject>``,
            ``seed``, ``title``, ``survey``, ``claims``, ``matrices.<name>``, ``corrections.<file>``,
            ``synthetic.<file>``.

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
            return [cells for _, cells in self.corrections(name)] or None
        if kind_of_key == "synthetic":
            return name in self.synthetic_files
        if key == "survey":
            return survey_as_declared(self.survey)
        if key == "claims":
            return claims_as_declared(self.claims)
        if kind_of_key == "matrices":
            return as_declared(self.matrices[name]) if name in self.matrices else None
        return self._keys.get(kind_of_key)

    def digest(self, key: str) -> str:
        """SHA-256 of what the declaration says under one key; see :meth:`declared`."""
        plain = json.dumps(_with_text_keys(self.declared(key)), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def _with_text_keys(value: object) -> object:
    """YAML keys may be numbers, and numbers and texts cannot be sorted together."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(entry) for key, entry in value.items()}
    return [_with_text_keys(entry) for entry in value] if isinstance(value, list) else value
