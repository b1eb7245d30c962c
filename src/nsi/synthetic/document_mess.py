"""The two faults in coded segments that only a person can settle, together with the corrections that do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from nsi.errors import StudyError
from nsi.synthetic.document_plan import Corpora
from nsi.synthetic.draws import Draws, workdays
from nsi.synthetic.mess import CORRECTION_COLUMNS, DROP, WHOLE_ROW
from nsi.synthetic.ratings import INDEPENDENT
from nsi.synthetic.tables import Row


def hurt_codings(corpora: Corpora, rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Misspell one code, and let one coder code a segment twice.

    Parameters
    ----------
    corpora : Corpora
        What the study declares.
    rows : list of dict
        Codings under the file's own column names; they are not changed. Blanks around cells may be there already.

    Returns
    -------
    rows : list of dict
        With one misspelt code and one row more.
    corrections : list of dict
        One for each of the two.

    Raises
    ------
    StudyError
        If no row has the code that is to be misspelt.
    """
    names, spec = corpora.declared["segments"]["columns"], corpora.declared["coding"]
    order = corpora.draws("mess").shuffled(range(len(rows)))
    misspelt, wanted = spec["misspelt"], (spec["misspelt"]["field"], spec["misspelt"]["code"])
    first = _taken(rows, order, lambda row: (row[names["field"]], row[names["code"]]) == wanted, names["stage"])
    found = [dict(row) for row in rows]
    found[first][names["code"]] = misspelt["written"]
    key = [names[part] for part in ("id", "field", "coder")]
    corrections = [_correction(corpora, found[first], key, misspelt["who"], misspelt["why"],
                               names["code"], misspelt["written"], misspelt["code"])]  # fmt: skip
    codebook = corpora.codebook
    order.remove(first)
    again = _taken(rows, order, lambda row: row[names["code"]] in codebook[row[names["field"]]].values, names["stage"])
    second = _second(corpora, found[again], corpora.draws("mess", "twice"))
    found.insert(again + 1, second)
    twice = spec["coded_twice"]
    corrections.append(_correction(corpora, second, [*key, names["day"]], twice["who"], twice["why"],
                                   WHOLE_ROW, "", DROP))  # fmt: skip
    return found, corrections


def _taken(rows: list[Row], order: list[int], fits: Callable[[Row], bool], stage: str) -> int:
    """Take the first independent row that fits and has no blanks around its cells, which a correction must match."""
    for place in order:
        row = rows[place]
        if row[stage] == INDEPENDENT and fits(row) and all(cell == cell.strip() for cell in row.values()):
            return place
    raise StudyError("corpora.coding: no coding can be misspelt or repeated as declared; declare a code that occurs")


def _second(corpora: Corpora, row: Row, draws: Draws) -> Row:
    """Code a segment once more, some days later and in another way."""
    names = corpora.declared["segments"]["columns"]
    others = [code for code in corpora.codebook[row[names["field"]]].values if code != row[names["code"]]]
    first = date.fromisoformat(row[names["day"]])
    later = workdays(first + timedelta(1), first + timedelta(4))[0]
    return {**row, names["code"]: draws.one_of(others), names["day"]: later.isoformat()}


def _correction(corpora: Corpora, row: Row, key: list[str], who: str, why: str, column: str, old: str, new: str) -> Row:
    row_key = ";".join(f"{name}={row[name]}" for name in key)
    cells = (corpora.declared["segments"]["file"], row_key, column, old, new, who, why)
    return dict(zip(CORRECTION_COLUMNS, cells, strict=True))
