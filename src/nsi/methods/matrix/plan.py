"""What a matrix is to be: rows, columns, codes, what a cell shows, and the rule from evidence to a rating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CodeEntry:
    """One code of the codebook, with the words for it and for its field."""

    field: str
    field_label: str
    code: str
    label: str
    definition: str = ""


@dataclass(frozen=True)
class Attribute:
    """One column of the table of cases, the words for it, and the words for its values in codebook order."""

    name: str
    label: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Axis:
    """What rows or columns are, which of them are shown, and in what order.

    Attributes
    ----------
    of : str
        ``case``, ``code``, ``field``, ``period``, ``all`` (one row or column for everything), ``attribute`` (nothing
        but `attributes`), or a column of the segments, the documents or the cases, looked for in that order.
    title : str
        What rows or columns are called; by default `of`.
    fields : sequence of str
        Fields whose codes count; empty: all fields of the plan.
    only : sequence of str
        Ids that are shown; empty: all that are declared or found.
    labels : mapping
        Id to label in codebook order; empty where the codebook says nothing of them.
    groups : mapping
        Heading to codes or fields under it, in order; others are left out. Empty: headed by field.
    attributes : sequence of Attribute
        Columns of the cases that are shown beside.
    period, year_starts : str, int
        ``year`` (from that month), ``half_year``, ``quarter`` or ``month``.
    order_by : str
        A column of the cases, ``label``, ``codebook``, or a total: ``n_segments``, ``n_sources``, ``n_cases``.
    descending : bool
        Highest first.
    bands, band_order : str, sequence of str
        Column of the cases that puts rows into bands, and the order of these.
    mark : bool
        Whether to mark cases whose rank interval crosses a cut between bands.
    rank_low, rank_high : str
        Columns of the cases with the ends of that interval; rank 1 is highest.
    cuts : sequence of int
        Ranks after which a band ends; empty: as many as the bands have cases.
    """

    of: str
    title: str = ""
    fields: Sequence[str] = ()
    only: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    attributes: Sequence[Attribute] = ()
    period: str = "year"
    year_starts: int = 1
    order_by: str = ""
    descending: bool = False
    bands: str = ""
    band_order: Sequence[str] = ()
    mark: bool = False
    rank_low: str = "rank_low"
    rank_high: str = "rank_high"
    cuts: Sequence[int] = ()


@dataclass(frozen=True)
class Bound:
    """One condition of a level: a measure of a cell, from how much on and up to how much."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Level:
    """One level of a rating; a cell has the first level all of whose conditions hold. No condition: otherwise."""

    level: str
    bounds: Sequence[Bound] = ()


@dataclass(frozen=True)
class SetRule:
    """How a case belongs to a set of a truth table: a column of the cases, and when it counts as in.

    With `values`: in where the column has one of them. With `at_least`: in from that number on. With neither: the
    column holds the membership itself, from 0 to 1.
    """

    name: str
    column: str
    label: str = ""
    at_least: float | None = None
    values: Sequence[str] = ()


@dataclass(frozen=True)
class Plan:
    """One matrix as declared; see `Axis`, `Level` and `SetRule` for its parts.

    `typical` is median or mode where the rating of a cell is the usual code in it, instead of a rule; `rated` is the
    matrix whose ratings become columns of the cases of a truth table.
    """

    name: str
    title: str
    display: str
    rows: Axis
    columns: Axis
    note: str = ""
    codes: Sequence[CodeEntry] = ()
    shows: str = "counts"
    levels: Sequence[Level] = ()
    typical: str = ""
    stances: bool = True
    thin_below: int = 2
    looked_for: str = "documents"
    source_labels: Mapping[str, str] = field(default_factory=dict)
    outcome: Attribute | None = None
    present_from: str = ""
    conditions: Sequence[SetRule] = ()
    result: SetRule | None = None
    consistency: float = 0.8
    least_cases: int = 1
    rated: Plan | None = None


def plan_of(**declared: Any) -> Plan:
    """Return the plan that plain values stand for: mappings where `Plan` has parts of its own.

    Parameters
    ----------
    declared
        What a declaration hands over: the attributes of `Plan` by name.
    """
    parts = dict(declared)
    parts["rows"] = _axis(parts["rows"])
    parts["columns"] = _axis(parts["columns"])
    parts["codes"] = tuple(CodeEntry(**code) for code in parts.get("codes", ()))
    parts["levels"] = tuple(_level(level) for level in parts.get("levels", ()))
    parts["conditions"] = tuple(SetRule(**rule) for rule in parts.get("conditions", ()))
    if parts.get("rated"):
        parts["rated"] = plan_of(**parts["rated"])
    if parts.get("outcome"):
        parts["outcome"] = Attribute(**parts["outcome"])
    if parts.get("result"):
        parts["result"] = SetRule(**parts["result"])
    return Plan(**parts)


def _axis(declared: Mapping[str, Any]) -> Axis:
    attributes = tuple(Attribute(**attribute) for attribute in declared.get("attributes", ()))
    return Axis(**{**declared, "attributes": attributes})


def _level(declared: Mapping[str, Any]) -> Level:
    return Level(declared["level"], tuple(Bound(**bound) for bound in declared.get("bounds", ())))
