"""A matrix as declared: its rows, columns, codes, what a cell shows, and the rule from evidence to a rating."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class CodeSpec:
    """One code whose segments count, with the codebook's words for it and for its field."""

    field: str
    field_label: str
    code: str
    label: str
    definition: str


@dataclass(frozen=True)
class AttributeSpec:
    """A column of the cases: what a reader sees, and the codebook's words for its values, in order."""

    name: str
    label: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AxisSpec:
    """Rows or columns.

    Attributes
    ----------
    of, title : str
        What they are, and what a reader sees.
    fields : tuple of str
        Fields whose codes they are.
    only : tuple of str
        Which of them are shown; nobody named: all.
    labels : dict
        Id to label, in codebook order; empty where the codebook says nothing of them.
    groups : dict
        Heading to what stands under it.
    attributes : tuple of AttributeSpec
        Columns of the cases that stand beside.
    period, year_starts : str, int
        Kind of period, and the month in which a year begins.
    order_by, descending : str, bool
        What rows are ordered by.
    bands, band_order : str, tuple of str
        Column of the cases that puts rows into bands, and their order.
    mark, rank_low, rank_high, cuts
        Whether to mark cases whose rank interval crosses a cut, the columns with its ends, and declared cuts.
    """

    of: str
    title: str = ""
    fields: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[AttributeSpec, ...] = ()
    period: str = "year"
    year_starts: int = 1
    order_by: str = ""
    descending: bool = False
    bands: str = ""
    band_order: tuple[str, ...] = ()
    mark: bool = False
    rank_low: str = "rank_low"
    rank_high: str = "rank_high"
    cuts: tuple[int, ...] = ()


@dataclass(frozen=True)
class BoundSpec:
    """One condition of a level of a rating."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class LevelSpec:
    """One level of a rating and all its conditions; the last level has none."""

    level: str
    bounds: tuple[BoundSpec, ...] = ()


@dataclass(frozen=True)
class SetSpec:
    """One set of a truth table: which column of the cases it rests on, and when a case belongs to it."""

    name: str
    column: str
    label: str = ""
    at_least: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatrixSpec:
    """One matrix as a study declares it, everything filled in and every code looked up in the codebook.

    A rating comes from `levels`, a rule, or from the codes themselves: `typical` is median or mode. A truth table may
    take columns of the cases from the ratings of another matrix, `rated`.
    """

    name: str
    title: str
    display: str
    rows: AxisSpec
    columns: AxisSpec
    note: str = ""
    codes: tuple[CodeSpec, ...] = ()
    shows: str = "counts"
    levels: tuple[LevelSpec, ...] = ()
    typical: str = ""
    stances: bool = True
    thin_below: int = 2
    looked_for: str = "documents"
    source_labels: dict[str, str] = field(default_factory=dict)
    outcome: AttributeSpec | None = None
    present_from: str = ""
    conditions: tuple[SetSpec, ...] = ()
    result: SetSpec | None = None
    consistency: float = 0.8
    least_cases: int = 1
    rated: MatrixSpec | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the declaration as plain values: what `nsi.methods.matrix.draw_up` takes by name."""
        return asdict(self)


def as_declared(spec: MatrixSpec) -> dict[str, Any]:
    """Everything that is declared of a matrix, the words of its codes included, as plain values for hashing."""
    return asdict(spec)
