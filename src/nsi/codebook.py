"""The codebook of a study: its fields, their level of measurement, and their codes in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nsi.errors import StudyError
from nsi.strict import csv_rows

COLUMNS = ("field", "field_label", "level", "code", "label", "definition")
LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Code:
    """One code of a field: what stands in the data, what a reader sees, what it means."""

    code: str
    label: str
    definition: str


@dataclass(frozen=True)
class Field:
    """A coded field: its level of measurement and its codes, in the order that the codebook gives them."""

    name: str
    label: str
    level: str
    codes: tuple[Code, ...]

    @property
    def values(self) -> list[str]:
        """The codes as they stand in the data, in codebook order."""
        return [code.code for code in self.codes]

    @property
    def labels(self) -> dict[str, str]:
        """Code to the words that a reader sees."""
        return {code.code: code.label for code in self.codes}

    @property
    def numbers(self) -> list[float]:
        """The codes as numbers, for interval and ratio levels.

        Raises
        ------
        StudyError
            If a code is not a number.
        """
        try:
            return [float(code.code) for code in self.codes]
        except ValueError:
            raise StudyError(
                f"field '{self.name}' is {self.level}, so each of its codes must be a number, "
                f"but the codebook has {', '.join(self.values)}; declare it nominal or ordinal, or recode"
            ) from None

    def as_declared(self) -> dict[str, object]:
        """Everything that the codebook says of this field, for hashing."""
        return {
            "label": self.label,
            "level": self.level,
            "codes": [[code.code, code.label, code.definition] for code in self.codes],
        }


class Codebook(Mapping[str, Field]):
    """The fields of a study by name.

    Parameters
    ----------
    fields : dict
        Field name to field.
    file : str
        The codebook's file name, for messages.
    """

    def __init__(self, fields: Mapping[str, Field], file: str) -> None:
        self._fields = dict(fields)
        self.file = file

    def __getitem__(self, name: str) -> Field:
        if name not in self._fields:
            raise StudyError(
                f"{self.file} has no field '{name}'; it has {', '.join(self._fields)}. "
                "Add the field's codes there, or correct the name"
            )
        return self._fields[name]

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def read_codebook(path: Path) -> Codebook:
    """Read a codebook from its CSV file.

    Parameters
    ----------
    path : Path
        A UTF-8 CSV with the columns field, field_label, level, code, label, definition; one row per code.

    Returns
    -------
    Codebook
        Fields in order of first appearance, each with its codes in row order.

    Raises
    ------
    StudyError
        If the file is missing or unreadable, a column is missing, a level is unknown, a code stands twice in
        a field, or a field has two labels or two levels. The message names the row.
    """
    try:
        rows = csv_rows(path, COLUMNS)
    except FileNotFoundError:
        raise StudyError(f"{path.name}: the codebook is missing from the study's folder; study.yml names it") from None
    fields: dict[str, Field] = {}
    for number, cells in rows:
        _add_code(fields, cells, f"{path.name} row {number}")
    if not fields:
        raise StudyError(f"{path.name}: the codebook has no codes; give each coded field at least one row")
    return Codebook(fields, path.name)


def _add_code(fields: dict[str, Field], cells: list[str], where: str) -> None:
    name, field_label, level, code, label, definition = cells
    if not name or not code:
        raise StudyError(f"{where}: field and code must both be filled; found field '{name}' and code '{code}'")
    if level not in LEVELS:
        raise StudyError(f"{where}: level of field '{name}' is '{level}', but the levels are {', '.join(LEVELS)}")
    known = fields.get(name)
    if known is None:
        fields[name] = Field(name, field_label or name, level, (Code(code, label or code, definition),))
        return
    if (known.label, known.level) != (field_label or name, level):
        raise StudyError(
            f"{where}: field '{name}' is '{field_label}' ({level}) here, but '{known.label}' ({known.level}) "
            "in an earlier row; give each field one label and one level"
        )
    if code in known.values:
        raise StudyError(f"{where}: code '{code}' of field '{name}' stands twice; remove one of the two rows")
    fields[name] = Field(name, known.label, level, (*known.codes, Code(code, label or code, definition)))
