"""How a study declares a raw table: its file, how columns map to the study's words, what to do with mess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from nsi.codebook import Codebook
from nsi.errors import StudyError
from nsi.raw_columns import Column, declared_column
from nsi.raw_responses import check_responses
from nsi.strict import checked, choice, kind, named, text, texts
from nsi.survey import Survey

ON_DUPLICATE = ("stop", "first", "last", "merge")
OUTSIDE_CODEBOOK = ("stop", "invalid")
HOLDS = ("rows", "ratings", "responses")
FORMS = ("delimited", "qualtrics", "spss", "excel")
IDENTITY = ("case", "unit", "coder", "field", "label_stage")  # of a rating; ids, so text or codes
LONG_ONLY = (
    "field",
    "value",
    "secondary",
    "missing",
    "source_row",
)  # columns that a wide sheet does not have
MADE_BY_READER = ("missing", "source_row")


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
    form: str = "delimited"
    sheet: str = ""
    wave: str = ""
    item_columns: dict[str, str] = dataclass_field(default_factory=dict)
    answer_fields: dict[str, str] = dataclass_field(default_factory=dict)

    @property
    def coded_fields(self) -> list[str]:
        """Every codebook field that reading this table needs, in order of first use."""
        named = [column.field for column in self.columns.values() if column.field]
        return list(dict.fromkeys([*named, *self.fields, *self.answer_fields.values()]))


def raw_table(
    name: str, spec: object, codebook: Codebook, declared_in: str, survey: Survey | None = None
) -> RawTable:
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
    survey : Survey or None
        What the study declares of its survey; tables of responses need it.

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
            "holds", "layout", "key", "fields", "missing", "duplicates", "outside_codebook", "encoding",
            "separator", "form", "sheet", "wave",
        ),
    )  # fmt: skip
    columns = {
        column: declared_column(column, entry, f"{where}.columns.{column}", codebook)
        for column, entry in named(keys["columns"], f"{where}.columns").items()
    }
    holds = choice(keys.get("holds", "rows"), f"{where}.holds", HOLDS)
    wave = text(keys.get("wave", ""), f"{where}.wave")
    item_columns = dict(survey.columns.get(wave, {})) if survey and holds == "responses" else {}
    table = RawTable(
        name=name,
        file=_file_name(keys["file"], f"{where}.file"),
        holds=holds,
        layout=choice(keys.get("layout", "long"), f"{where}.layout", ("long", "wide")),
        key=tuple(texts(keys["key"], f"{where}.key")) if "key" in keys else (),
        columns=columns,
        fields=tuple(texts(keys["fields"], f"{where}.fields")) if "fields" in keys else (),
        missing=_missing(keys.get("missing", {}), f"{where}.missing"),
        duplicates=choice(keys.get("duplicates", "stop"), f"{where}.duplicates", ON_DUPLICATE),
        outside_codebook=choice(keys.get("outside_codebook", "stop"), f"{where}.outside_codebook", OUTSIDE_CODEBOOK),
        encoding=text(keys.get("encoding", "utf-8"), f"{where}.encoding"),
        separator=_one_character(keys.get("separator", ","), f"{where}.separator"),
        form=choice(keys.get("form", "delimited"), f"{where}.form", FORMS),
        sheet=text(keys.get("sheet", ""), f"{where}.sheet"),
        wave=wave,
        item_columns=item_columns,
        answer_fields={item: survey.items[item].answers for item in item_columns} if survey else {},
    )
    _check_shape(table, where, codebook)
    if holds == "responses":
        check_responses(table, survey, {name: codebook[name].values for name in codebook}, where)
    elif wave:
        raise StudyError(f"{where}.wave is for tables that hold responses; add holds: responses, or remove it")
    return table


def _one_character(value: object, where: str) -> str:
    separator = text(value, where)
    if len(separator) != 1 or separator in '"\r\n':
        raise StudyError(f"{where} must be one character such as ',' or ';' or \"\\t\", but found {separator!r}")
    return separator


def _missing(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise StudyError(f"{where} must map what stands in a cell to a reason, but found {kind(value)}")
    for found, reason in value.items():
        text(found, f"{where}, the cell {found!r}")
        if not text(reason, f"{where}.{found}"):
            raise StudyError(f"{where}: the cell '{found}' has no reason; give one such as skipped or not_applicable")
    return {found.strip(): reason for found, reason in value.items()}


def _file_name(value: object, where: str) -> str:
    name = text(value, where)
    parts = name.split("/")
    if "\\" in name or ":" in name or any(part.strip() in ("", ".", "..") for part in parts):
        raise StudyError(
            f"{where} is '{name}', but must be a file in the raw data folder, such as 'log.csv' or 'folder/log.csv'"
        )
    return name


def _check_shape(table: RawTable, where: str, codebook: Codebook) -> None:
    if not table.columns:
        raise StudyError(f"{where}.columns is empty; map at least one column")
    for key, names in (("key", table.key), ("fields", table.fields)):
        twice = [name for position, name in enumerate(names) if name in names[:position]]
        if twice:
            raise StudyError(f"{where}.{key} names '{twice[0]}' twice; remove one of them")
    for name in table.key:
        if name not in table.columns:
            raise StudyError(f"{where}.key names '{name}', which is no column; columns are {', '.join(table.columns)}")
    for name in table.fields:
        if name not in codebook:
            raise StudyError(f"{where}.fields names '{name}', but {codebook.file} has no such field")
    for name in table.coded_fields:
        both = [cell for cell in table.missing if name in codebook and cell in codebook[name].values]
        if both:
            raise StudyError(
                f"{where}.missing names '{both[0]}', but it is a code of field '{name}' in {codebook.file}; "
                "a cell is either a code or missing, so remove it from one of the two"
            )
    twins = [
        name for name in table.columns if name.removesuffix("_missing") in table.columns and name.endswith("_missing")
    ]
    if twins:
        raise StudyError(
            f"{where}.columns.{twins[0]}: that name is kept for the reasons why a value is missing; rename it"
        )
    if table.holds == "ratings":
        _check_ratings(table, where)
    elif table.duplicates != "stop" and not table.key:
        raise StudyError(f"{where}: duplicates: {table.duplicates} needs a key, the columns that tell rows apart")


def _check_ratings(table: RawTable, where: str) -> None:
    wide = table.layout == "wide"
    for name in ("case", "unit", "coder") + (() if wide else ("field", "value")):
        if name not in table.columns:
            raise StudyError(f"{where}.columns: ratings in {table.layout} layout need '{name}'; map it to its column")
    if not table.fields:
        raise StudyError(f"{where}: ratings need 'fields', the codebook fields that were rated")
    if table.duplicates == "merge":
        raise StudyError(
            f"{where}.duplicates is merge, but two ratings cannot be merged; allowed are stop, first, last"
        )
    for name, column in table.columns.items():
        if name in (LONG_ONLY if wide else MADE_BY_READER) or (wide and name in table.fields):
            raise StudyError(
                f"{where}.columns.{name}: ratings in {table.layout} layout make '{name}' themselves; rename it"
            )
        if name in IDENTITY and column.type not in ("text", "code"):
            raise StudyError(
                f"{where}.columns.{name} is of type {column.type}, but ids are text; allowed are text, code"
            )
        if name == "rated_on" and column.type != "date":
            raise StudyError(f"{where}.columns.rated_on is of type {column.type}, but must be a date with its formats")
