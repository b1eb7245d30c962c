"""How a study declares one column of a raw table: where it comes from, its type, and what a blank means."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from nsi.codebook import Codebook
from nsi.errors import StudyError
from nsi.strict import checked, choice, text, texts

TYPES = ("text", "code", "date", "time", "integer", "number")


@dataclass(frozen=True)
class Column:
    """One column of a table: where it comes from and what may stand in it.

    ``blank`` says what an empty cell means: ``stop`` (it must be filled), a reason for missing, or, behind an
    equals sign, a value of its own such as ``=none``.
    """

    name: str
    source: tuple[str, ...]
    type: str = "text"
    field: str = ""
    formats: tuple[str, ...] = ()
    blank: str = "stop"


def declared_column(name: str, entry: object, where: str, codebook: Codebook) -> Column:
    """Check what stands under one column's name and return it with its defaults filled in.

    Raises
    ------
    StudyError
        On an unknown key, or a value that is not allowed; the message names the place.
    """
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
        raise StudyError(
            f"{where}: {codebook.file} has no field '{column.field}'; add its codes, or name another field"
        )
    if column.type in ("date", "time") and not column.formats:
        raise StudyError(f"{where}: a date needs 'formats', for example ['%Y-%m-%d']; 03/04/2021 has two readings")
    if column.type not in ("date", "time") and column.formats:
        raise StudyError(f"{where}: 'formats' are for dates; add type: date, or remove them")
    if column.blank in ("", "="):
        raise StudyError(f"{where}.blank must be stop, a reason such as skipped, or a value such as =none; fill it")
    for pattern in column.formats:
        _check_format(pattern, f"{where}.formats")
    return column


def _check_format(pattern: str, where: str) -> None:
    """A format must hold a whole date, or a day would be made up."""
    day = datetime.datetime(2021, 3, 4)
    try:
        # Without a year, later versions of Python warn rather than refuse.
        fits = "%y" in pattern.lower() and datetime.datetime.strptime(day.strftime(pattern), pattern) == day
    except ValueError:
        fits = False
    if not fits:
        raise StudyError(f"{where}: '{pattern}' does not hold year, month and day, as '%Y-%m-%d' does; correct it")
