"""How a study declares a raw table: the file, how its columns map to the study's words, and what to do with mess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nsi.codebook import Codebook
from nsi.errors import StudyError
from nsi.strict import checked, choice, kind, text, texts

TYPES = ("text", "code", "date", "integer", "number")
ON_DUPLICATE = ("stop", "first", "last", "merge")
OUTSIDE_CODEBOOK = ("stop", "invalid")
RATING_COLUMNS = ("case", "unit", "coder", "field", "value", "secondary", "round", "rated_on", "label_stage")


@dataclass(frozen=True)
class Column:
    """One column of a table: where it comes from and what may stand in it.

    ``blank`` says what an empty cell means: ``stop`` (it must be filled), a reason for missing, or, behind an equals
    sign, a value of its own such as ``=none``.
    """

    name: str
    source: tuple[str, ...]
    type: str = "text"
    field: str = ""
    formats: tuple[str, ...] = ()
    blank: str = "stop"


@dataclass(frozen=True)
class RawTable:
    """The declaration of one raw table; see docs/study-contract.md for each key."""

    name: str
    file: str
    holds: str
    layout: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    fields: tuple[str, ...]
    missing: dict[str, str]
    duplicates: str
    outside_codebook: str
    encoding: str
    separator: str

    @property
    def coded_fields(self) -> list[str]:
        """Every codebook field that reading this table needs, in order of first use."""
        named = [column.field for column in self.columns.values() if column.field]
        return list(dict.fromkeys([*named, *self.fields]))


def raw_table(name: str, spec: object, codebook: Codebook, declared_in: str) -> RawTable:
    """Check one entry under ``raw`` and return it with its defaults filled in.

    Parameters
    ----------
    name : str
        The table's name.
    spec : object
        What stands under that name.
    codebook : Codebook
        To check that each coded column has a field.
    declared_in : str
        File name for messages.

    Returns
    -------
    RawTable
        Ready for the readers.

    Raises
    ------
    StudyError
        On an unknown key, a missing one, or a value that is not allowed; the message names the place.
    """
    where = f"{declared_in} raw.{name}"
    keys = checked(
        spec,
        where,
        required=("file", "columns"),
        optional=(
            "holds", "layout", "key", "fields", "missing", "duplicates", "outside_codebook", "encoding", "separator",
        ),
    )  # fmt: skip
    columns = {
        column: _column(column, entry, f"{where}.columns.{column}", codebook)
        for column, entry in checked(keys["columns"], f"{where}.columns", optional=list(keys["columns"] or {})).items()
    }
    holds = choice(keys.get("holds", "rows"), f"{where}.holds", ("rows", "ratings"))
    table = RawTable(
        name=name,
        file=_plain_name(keys["file"], f"{where}.file"),
        holds=holds,
        layout=choice(keys.get("layout", "long"), f"{where}.layout", ("long", "wide")),
        key=tuple(texts(keys["key"], f"{where}.key")) if "key" in keys else (),
        columns=columns,
        fields=tuple(texts(keys["fields"], f"{where}.fields")) if "fields" in keys else (),
        missing=_missing(keys.get("missing") or {}, f"{where}.missing"),
        duplicates=choice(keys.get("duplicates", "stop"), f"{where}.duplicates", ON_DUPLICATE),
        outside_codebook=choice(keys.get("outside_codebook", "stop"), f"{where}.outside_codebook", OUTSIDE_CODEBOOK),
        encoding=text(keys.get("encoding", "utf-8"), f"{where}.encoding"),
        separator=text(keys.get("separator", ","), f"{where}.separator"),
    )
    _check_shape(table, where, codebook)
    return table


def _column(name: str, entry: object, where: str, codebook: Codebook) -> Column:
    if isinstance(entry, (str, list)):
        return Column(name, tuple(texts(entry, where)))
    keys = checked(entry if entry is not None else {}, where, optional=("from", "type", "field", "formats", "blank"))
    column = Column(
        name=name,
        source=tuple(texts(keys.get("from", name), f"{where}.from")),
        type=choice(keys.get("type", "text"), f"{where}.type", TYPES),
        field=text(keys.get("field", name if keys.get("type") == "code" else ""), f"{where}.field"),
        formats=tuple(texts(keys["formats"], f"{where}.formats")) if "formats" in keys else (),
        blank=text(keys.get("blank", "stop"), f"{where}.blank"),
    )
    if column.type == "code" and column.field not in codebook:
        raise StudyError(f"{where}: {codebook.file} has no field '{column.field}'; add its codes, or name another field")
    if column.type == "date" and not column.formats:
        raise StudyError(f"{where}: a date needs 'formats', for example ['%Y-%m-%d']; 03/04/2021 has two readings")
    return column


def _missing(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise StudyError(f"{where} must map what stands in a cell to a reason, but found {kind(value)}")
    for found, reason in value.items():
        text(found, f"{where}, the cell {found!r}")
        text(reason, f"{where}.{found}")
    return dict(value)


def _plain_name(value: object, where: str) -> str:
    name = text(value, where)
    if "/" in name or "\\" in name or name in ("", ".", ".."):
        raise StudyError(f"{where} is '{name}', but must be a file name in the raw data folder, without a folder")
    return name


def _check_shape(table: RawTable, where: str, codebook: Codebook) -> None:
    for name in table.key:
        if name not in table.columns:
            raise StudyError(f"{where}.key names '{name}', which is no column; columns are {', '.join(table.columns)}")
    for name in table.fields:
        if name not in codebook:
            raise StudyError(f"{where}.fields names '{name}', but {codebook.file} has no such field")
    if table.holds == "rows":
        if table.duplicates != "stop" and not table.key:
            raise StudyError(f"{where}: duplicates: {table.duplicates} needs a key, the columns that tell rows apart")
        return
    needed = ("case", "unit", "coder") + (("field", "value") if table.layout == "long" else ())
    for name in needed:
        if name not in table.columns:
            raise StudyError(f"{where}.columns: ratings in {table.layout} layout need '{name}'; map it to its column")
    if not table.fields:
        raise StudyError(f"{where}: ratings need 'fields', the codebook fields that were rated")
    if table.duplicates == "merge":
        raise StudyError(f"{where}.duplicates is merge, but two ratings cannot be merged; allowed are stop, first, last")
