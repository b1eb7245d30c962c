"""Planting the mess of real files, as declared, together with the corrections that settle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from nsi.codebook import Codebook
from nsi.errors import StudyError
from nsi.synthetic.draws import Draws, workdays
from nsi.synthetic.tables import Row, require_codes

CORRECTION_COLUMNS = ("file", "row_key", "column", "old", "new", "who", "why")
DROP, WHOLE_ROW = "drop", "*"


def plant(
    file: str, rows: list[Row], declared: Mapping[str, Any], codebook: Codebook, seed: int
) -> tuple[list[Row], list[Row]]:
    """Make a clean table look like an export.

    Parameters
    ----------
    file : str
        The table's file name; part of the seed, and named in the corrections.
    rows : list of dict
        The clean rows; they are not changed.
    declared : mapping
        The table's entry under ``mess``.
    codebook : Codebook
        To take another code for a rating that was entered twice.
    seed : int
        The study's seed.

    Returns
    -------
    rows : list of dict
        With blanks around codes, a second date format, misspelt, double and empty rows, as far as declared.
        No row gets two kinds of damage that need a person to settle.
    corrections : list of dict
        One row for each cell or row that only a person can settle.

    Raises
    ------
    StudyError
        If a declared column is not in the table, or no row fits.
    """
    _check_columns(file, rows, declared)
    order = Draws(seed, "mess", file).shuffled(range(len(rows)))
    mess = _Mess(file, [dict(row) for row in rows], order, declared, codebook, seed)
    for kind, hurt in _KINDS.items():
        if kind in declared:
            hurt(mess, declared[kind], Draws(seed, "mess", file, kind))
    messy = [row for place, row in enumerate(mess.rows) for row in (row, *mess.behind.get(place, []))]
    blank = dict.fromkeys(messy[0], "")
    for number in range(declared.get("empty_rows", 0)):
        messy.insert((number + 1) * len(messy) // (declared["empty_rows"] + 1), dict(blank))
    return messy, mess.corrections


class _Mess:
    """A table while it is being damaged; ``order`` holds the rows that are still whole, in a drawn order."""

    def __init__(
        self,
        file: str,
        rows: list[Row],
        order: list[int],
        declared: Mapping[str, Any],
        codebook: Codebook,
        seed: int,
    ) -> None:
        self.file, self.rows, self.order, self.codebook = file, rows, order, codebook
        self.behind: dict[int, list[Row]] = {}
        self.corrections: list[Row] = []

    def take(self, fits: Callable[[Row], bool], wanted: str, last: int | None = None) -> int:
        """Take the next whole row that fits (and stands at or before the last place) out of the order."""
        for place in self.order:
            if fits(self.rows[place]) and (last is None or place <= last):
                self.order.remove(place)
                return place
        raise StudyError(f"mess of {self.file}: no row has {wanted}; declare a value that occurs")

    def correct(
        self, row: Row, key: list[str], spec: Mapping[str, Any], column: str, old: str, new: str
    ) -> None:
        row_key = ";".join(f"{name}={row[name]}" for name in key)
        found = (self.file, row_key, column, old, new, spec["who"], spec["why"])
        self.corrections.append(dict(zip(CORRECTION_COLUMNS, found, strict=True)))


def _misspell(mess: _Mess, spec: Mapping[str, Any], draws: Draws) -> None:
    column, code = spec["column"], spec["code"]
    require_codes(f"mess of {mess.file}, misspelt", [code], mess.codebook[column].values)
    row = mess.rows[mess.take(lambda row: row[column] == code, f"'{code}' in {column}")]
    row[column] = spec["written"]
    mess.correct(row, [spec["key"]], spec, column, spec["written"], code)


def _log_twice(mess: _Mess, spec: Mapping[str, Any], draws: Draws) -> None:
    later = spec["rows_later"]
    place = mess.take(lambda row: True, f"{later} rows behind it", last=len(mess.rows) - 1 - later)
    row = mess.rows[place]
    mess.behind.setdefault(place + later, []).append({**row, spec["second_lacks"]: ""})
    row[spec["first_lacks"]] = ""


def _enter_twice(mess: _Mess, spec: Mapping[str, Any], draws: Draws) -> None:
    column, day = spec["column"], spec["day"]
    place = mess.take(lambda row: bool(row[column]) and not row["rule"], f"a filled {column}")
    row = mess.rows[place]
    others = [
        code for code in mess.codebook[row["field"]].values if code not in (row[column], row["secondary"])
    ]
    first = date.fromisoformat(row[day])
    later = workdays(first + timedelta(1), first + timedelta(4))[0].isoformat()
    second = {**row, column: draws.one_of(others), day: later}
    mess.behind.setdefault(place, []).append(second)
    mess.correct(second, [*spec["key"], day], spec, WHOLE_ROW, "", DROP)


def _pad(mess: _Mess, spec: Mapping[str, Any], draws: Draws) -> None:
    for place in sorted(mess.order):
        for column in spec["columns"]:
            cell = mess.rows[place][column]
            if draws.happens(spec["share"]) and cell:
                mess.rows[place][column] = draws.one_of((f" {cell}", f"{cell} ", f"{cell}  "))


def _other_dates(mess: _Mess, spec: Mapping[str, Any], draws: Draws) -> None:
    for row in mess.rows:
        if draws.happens(spec["share"]) and row[spec["column"]]:
            row[spec["column"]] = date.fromisoformat(row[spec["column"]]).strftime(spec["format"])


# rows that a person must settle are taken first, so that the rest leaves them readable
_KINDS: dict[str, Callable[[_Mess, Mapping[str, Any], Draws], None]] = {
    "misspelt": _misspell,
    "logged_twice": _log_twice,
    "entered_twice": _enter_twice,
    "dates": _other_dates,
    "padded": _pad,
}


def _check_columns(file: str, rows: list[Row], declared: Mapping[str, Any]) -> None:
    for kind, spec in declared.items():
        if not isinstance(spec, Mapping):
            continue
        named = [spec[key] for key in ("column", "day", "first_lacks", "second_lacks") if key in spec]
        for key in ("key", "columns"):
            named += [spec[key]] if isinstance(spec.get(key), str) else spec.get(key, [])
        for column in named:
            if column not in rows[0]:
                raise StudyError(
                    f"mess of {file}, {kind}: no column is named '{column}'; there are {', '.join(rows[0])}"
                )
