"""Reading the rows and the columns of a declared matrix: what they are, which of them, in what order."""

from __future__ import annotations

import math
import re
from typing import Any

from nsi.codebook import Codebook
from nsi.errors import StudyError, listed
from nsi.matrix_spec import AttributeSpec, AxisSpec, MatrixSpec
from nsi.strict import checked, choice, kind, named, text, texts

NAME = re.compile(r"[a-z][a-z0-9_]*")
PERIODS = ("year", "half_year", "quarter", "month")
MARK = "rank_crosses_cut"
BOTH = ("title", "field", "only", "labels", "groups", "attributes", "period", "year_starts")
ROWS_ONLY = ("order_by", "descending", "bands", "mark", "ranks")


def axis(spec: object, codebook: Codebook, where: str, *, of_rows: bool) -> AxisSpec:
    """Read rows or columns, with the words that the codebook has for them.

    Parameters
    ----------
    spec : object
        What stands there.
    codebook : Codebook
        The study's.
    where : str
        The place, for messages.
    of_rows : bool
        Rows have an order and bands; columns do not.

    Returns
    -------
    AxisSpec
        Everything filled in.

    Raises
    ------
    StudyError
        On an unknown key, field, code or kind of period.
    """
    keys = checked(spec, where, required=("of",), optional=BOTH + (ROWS_ONLY if of_rows else ()))
    of = text(keys["of"], f"{where}.of")
    made: dict[str, Any] = {"of": of, "title": text(keys.get("title", _title(of, codebook)), f"{where}.title")}
    fields = texts_of(keys.get("field", []), f"{where}.field", empty=True)
    made["fields"] = tuple(codebook[name].name for name in fields)
    if of in ("code", "field") and not made["fields"]:
        raise StudyError(f"{where}.field is missing; name the codebook field, or the list of fields, that '{of}' is of")
    if made["fields"] and of not in ("code", "field"):
        raise StudyError(f"{where}.field is for of: code and of: field, but found of: {of}; remove it, or name it "
                         "under evidence.fields")  # fmt: skip
    labels = text(keys["labels"], f"{where}.labels") if "labels" in keys else of
    made["labels"] = codebook[labels].labels if "labels" in keys or labels in codebook else {}
    ids = _ids(of, made["fields"], codebook) or list(made["labels"])
    made["only"] = _known(tuple(texts_of(keys.get("only", []), f"{where}.only", empty=True)), ids, f"{where}.only")
    made["groups"] = {heading: _known(tuple(texts_of(names, f"{where}.groups.{heading}")), ids, f"{where}.groups")
                      for heading, names in named(keys.get("groups", {}), f"{where}.groups").items()}  # fmt: skip
    _check_groups(made, where)
    made["attributes"] = _attributes(keys.get("attributes", []), codebook, f"{where}.attributes")
    made["period"] = choice(keys.get("period", "year"), f"{where}.period", PERIODS)
    made["year_starts"] = whole(keys.get("year_starts", 1), f"{where}.year_starts", least=1)
    if made["year_starts"] > 12 or (made["year_starts"] > 1 and made["period"] != "year"):
        raise StudyError(f"{where}.year_starts must be a month from 1 to 12, and needs period: year")
    return AxisSpec(**made, **_order(keys, where))


def _title(of: str, codebook: Codebook) -> str:
    return codebook[of].label if of in codebook else of.replace("_", " ").capitalize()


def _ids(of: str, fields: tuple[str, ...], codebook: Codebook) -> list[str]:
    """Ids that rows or columns can have: codes, with their field before them where two fields share one."""
    if of == "field":
        return list(fields)
    pairs = [(name, code) for name in fields for code in codebook[name].values]
    codes = [code for _, code in pairs]
    return [f"{name}/{code}" if codes.count(code) > 1 else code for name, code in pairs]


def _known(names: tuple[str, ...], ids: list[str], where: str) -> tuple[str, ...]:
    stray = [name for name in names if ids and name not in ids]
    if stray:
        raise StudyError(f"{where} names {listed(stray)}, but the codebook has {listed(ids, 30)}; correct it")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise StudyError(f"{where} names '{twice[0]}' twice; remove one of them")
    return names


def _check_groups(made: dict[str, Any], where: str) -> None:
    if made["groups"] and made["of"] not in ("code", "field"):
        raise StudyError(f"{where}.groups is for of: code and of: field, but found of: {made['of']}; remove it")
    names = [name for inside in made["groups"].values() for name in inside]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise StudyError(f"{where}.groups puts '{twice[0]}' under two headings; keep one")


def _order(keys: dict[str, Any], where: str) -> dict[str, Any]:
    """The order of rows, their bands, and whether cases are marked that might belong to another band."""
    descending = keys.get("descending", False)
    if not isinstance(descending, bool):
        raise StudyError(f"{where}.descending must be true or false, but found {kind(descending)}")
    made: dict[str, Any] = {"order_by": text(keys.get("order_by", ""), f"{where}.order_by"), "descending": descending}
    if "bands" in keys:
        bands = checked(keys["bands"], f"{where}.bands", required=("column", "order"))
        made["bands"] = text(bands["column"], f"{where}.bands.column")
        made["band_order"] = tuple(texts(bands["order"], f"{where}.bands.order"))
    if "ranks" in keys and "mark" not in keys:
        raise StudyError(f"{where}.ranks is for marking; add mark: {MARK}, or remove it")
    if "mark" in keys:
        made["mark"] = bool(choice(keys["mark"], f"{where}.mark", (MARK,)))
        ranks = checked(keys.get("ranks", {}), f"{where}.ranks", optional=("low", "high", "cuts"))
        made["rank_low"] = text(ranks.get("low", "rank_low"), f"{where}.ranks.low")
        made["rank_high"] = text(ranks.get("high", "rank_high"), f"{where}.ranks.high")
        cuts = ranks.get("cuts", [])
        if not isinstance(cuts, list):
            raise StudyError(f"{where}.ranks.cuts must be a list of whole numbers, but found {kind(cuts)}")
        made["cuts"] = tuple(whole(cut, f"{where}.ranks.cuts", least=1) for cut in cuts)
        if not cuts and "bands" not in keys:
            raise StudyError(f"{where}.mark needs bands, or cuts under ranks, to know where a band ends; add them")
    return made


def check_axes(made: MatrixSpec, where: str) -> None:
    """Refuse rows and columns that no data could make good together.

    Raises
    ------
    StudyError
        If the display needs other rows or columns.
    """
    if made.display == "time_ordered" and (made.rows.of == "period") == (made.columns.of == "period"):
        raise StudyError(f"{where} is time_ordered, so that either rows or columns must be of: period")
    if made.display == "predictor_outcome" and made.rows.of != "case":
        raise StudyError(f"{where} is predictor_outcome, so that rows must be of: case, but found '{made.rows.of}'")
    if made.columns.attributes and made.rows.of != "case":
        raise StudyError(f"{where}.columns.attributes are of cases, so that rows must be of: case")
    if made.rows.attributes and made.display != "contrast":
        raise StudyError(f"{where}.rows.attributes are for the display contrast; name them under columns")
    if made.rows.of == "attribute" or (made.columns.of == "attribute" and made.display != "predictor_outcome"):
        raise StudyError(f"{where}: only the columns of predictor_outcome may be of: attribute")


def attribute(spec: object, codebook: Codebook, where: str) -> AttributeSpec:
    """Read one attribute of cases: a name, or column and label; values are told in the codebook's words, if any."""
    if isinstance(spec, str):
        spec = {"column": spec}
    keys = checked(spec, where, required=("column",), optional=("label",))
    name = text(keys["column"], f"{where}.column")
    label = codebook[name].label if name in codebook else name.replace("_", " ").capitalize()
    return AttributeSpec(name, text(keys.get("label", label), f"{where}.label"),
                         codebook[name].labels if name in codebook else {})  # fmt: skip


def _attributes(spec: object, codebook: Codebook, where: str) -> tuple[AttributeSpec, ...]:
    if not isinstance(spec, list):
        raise StudyError(f"{where} must be a list, but found {kind(spec)}")
    found = tuple(attribute(one, codebook, f"{where}, item {place}") for place, one in enumerate(spec, start=1))
    names = [one.name for one in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise StudyError(f"{where} names '{twice[0]}' twice; remove one of them")
    return found


def texts_of(value: object, where: str, *, empty: bool = False) -> list[str]:
    """Return a list of texts; with `empty`, an empty list may stand for nobody named."""
    return [] if empty and value == [] else texts(value, where)


def number(value: object, where: str) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise StudyError(f"{where} must be a number, but found {kind(value)}")
    return float(value)


def whole(value: object, where: str, *, least: int) -> int:
    """Return a whole number that is not below the least one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise StudyError(f"{where} must be a whole number from {least} on, but found {kind(value)}")
    return value
