"""The grid behind every display of segments: rows and columns, where segments lie, what is counted, what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from nsi.methods.matrix.axes import CODED, axis_entries, placed
from nsi.methods.matrix.badges import NO_CODE, SEVERAL, agreement_on, badges
from nsi.methods.matrix.evidence import cell_counts, evidence, for_matrix
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import CELLS, COLUMNS, EVIDENCE, VALUE, Matrix
from nsi.methods.matrix.ordering import ordered_rows
from nsi.methods.matrix.plan import Attribute, Axis, Plan
from nsi.methods.matrix.ratings import rated, rule_in_words
from nsi.methods.matrix.states import cell_states, looked_cells, looked_documents
from nsi.methods.matrix.typical import WORDS, typical_codes
from nsi.methods.matrix.wording import counts_text, rating_text, summary_text, value_text

# What a cell has where nobody said anything else.
BLANK: dict[str, Any] = {
    "shown": "", "rating": pd.NA, "state": VALUE, "n_segments": 0, "n_supporting": 0, "n_contrary": 0, "n_sources": 0,
    "sources": "", "coders": "", "agreement": float("nan"), "agreement_flag": NO_CODE, "first_date": pd.NaT,
    "last_date": pd.NaT, "summary": pd.NA, "summary_by": pd.NA, "summary_on": pd.NaT, "stale": False, "source": "",
}  # fmt: skip
TYPES = {
    **dict.fromkeys(["n_segments", "n_supporting", "n_contrary", "n_sources"], "int64"),
    **dict.fromkeys(["first_date", "last_date", "summary_on"], "datetime64[us]"),
    "agreement": "float64", "stale": "bool",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows, columns, cells and evidence before they become a matrix.

    ``cells`` has what is counted (see `evidence.COUNTS`), n_periods_looked, state and rating beside what a matrix
    keeps; ``found`` is the evidence with the case of each segment; ``columns`` has field and code of each column.
    """

    rows: pd.DataFrame
    columns: pd.DataFrame
    cells: pd.DataFrame
    found: pd.DataFrame


def segment_grid(material: Material, plan: Plan) -> Grid:
    """Lay out the segments of a plan in its rows and columns, with counts, states, ratings and agreement."""
    coded = material.coded(plan)
    row_by, column_by = (placed(axis, plan, material, coded) for axis in (plan.rows, plan.columns))
    row_entries = axis_entries(plan.rows, plan, material, row_by)
    column_entries = axis_entries(plan.columns, plan, material, column_by)
    rows, columns = row_entries["id"].tolist(), column_entries["id"].tolist()
    inside = coded.assign(row=row_by)[row_by.isin(rows) & column_by.isin(columns)]
    ordered = ordered_rows(row_entries, plan.rows, material.cases, _totals(inside, rows))
    found = evidence(coded, row_by, column_by, rows=ordered["row"].tolist(), columns=columns)
    counts = cell_counts(found, rows=ordered["row"].tolist(), columns=columns, source_labels=plan.source_labels)
    pairs = looked_documents(material, plan, coded)
    looked = looked_cells(pairs, [(plan.rows, row_by), (plan.columns, column_by)], plan, material, coded)
    cells = counts.merge(looked, on=["row", "column"], how="left", validate="one_to_one", sort=False)
    seen = cells["n_periods_looked"].notna()
    cells["n_periods_looked"] = cells["n_periods_looked"].fillna(0)
    cells["state"] = cell_states(cells, seen, thin_below=plan.thin_below)
    cells["rating"] = rated(cells, plan.levels)
    if plan.typical:
        usual = typical_codes(coded, row_by, column_by, plan)
        cells = cells.drop(columns="rating").merge(usual, on=["row", "column"], how="left", validate="one_to_one")
    cells = _with_agreement(cells, row_entries, column_entries, plan, material)
    return Grid(ordered, _columns(column_entries, material), cells, found)


def _totals(inside: pd.DataFrame, rows: list[str]) -> pd.DataFrame:
    """Counts of whole rows; a segment in several cells of a row counts once."""
    groups = inside.groupby("row")
    totals = pd.DataFrame({
        "n_segments": groups["segment"].nunique(), "n_sources": groups["document"].nunique(),
        "n_cases": groups["case"].nunique(),
    })  # fmt: skip
    return totals.reindex(rows).fillna(0).rename_axis("id").reset_index()


def _columns(entries: pd.DataFrame, material: Material) -> pd.DataFrame:
    badge = badges(entries, material.reliability_by_code, material.reliability)
    return entries.rename(columns={"id": "column"}).assign(badge=badge)


def _with_agreement(
    cells: pd.DataFrame, rows: pd.DataFrame, columns: pd.DataFrame, plan: Plan, material: Material
) -> pd.DataFrame:
    """Agreement on the code of each cell: that of its column, or of its row where rows are codes."""
    axis, entries, key = (plan.columns, columns, "column")
    if plan.rows.of in CODED and plan.columns.of != "code":
        axis, entries, key = (plan.rows, rows, "row")
    if axis.of not in CODED:
        return cells.assign(agreement=float("nan"), agreement_flag=SEVERAL)
    known = agreement_on(entries, material.reliability_by_code, material.reliability).set_index(entries["id"])
    return cells.assign(
        agreement=cells[key].map(known["estimate"]).astype(float), agreement_flag=cells[key].map(known["flag"])
    )


def shown_cells(grid: Grid, plan: Plan) -> pd.DataFrame:
    """Return the cells of a grid with what the plan says they show."""
    cells = grid.cells
    told = [_shown(cell, plan.shows) for cell in cells.to_dict("records")]
    return cells.assign(shown=pd.Series(told, index=cells.index, dtype="str"))


def _shown(cell: Mapping[Any, Any], shows: str) -> str:
    if shows == "rating":
        return rating_text(cell, cell["state"], cell["rating"])
    return summary_text(cell, cell["state"]) if shows == "summary" else counts_text(cell, cell["state"])


def value_cells(rows: list[str], attributes: list[Attribute], material: Material) -> pd.DataFrame:
    """Return cells that show attributes of cases: row, column, shown, source; state value."""
    cases = material.cases.set_index(material.cases["case"].astype("str")).loc[rows]
    told = [
        [row, a.name, value_text(cases.at[row, a.name], a), f"table {material.case_table}, row {row}, column {a.name}"]
        for row in rows for a in attributes
    ]  # fmt: skip
    return pd.DataFrame(told, columns=["row", "column", "shown", "source"], dtype="str").assign(state=VALUE)


def attribute_columns(attributes: list[Attribute], group: str = "") -> pd.DataFrame:
    """Return the columns that show attributes of cases."""
    told = [[a.name, a.label, group, "", "", "", ""] for a in attributes]
    return pd.DataFrame(
        told, columns=["column", "label", "group", "badge", "definition", "field", "code"], dtype="str"
    )


def as_matrix(
    plan: Plan, material: Material, rows: pd.DataFrame, columns: pd.DataFrame, cells: pd.DataFrame,
    found: pd.DataFrame | None = None, notes: tuple[str, ...] = (),
) -> Matrix:  # fmt: skip
    """Put the parts together: cells completed and in order, evidence typed, the rule told in the note."""
    grid = pd.MultiIndex.from_product([rows["row"], columns["column"]], names=["row", "column"]).to_frame(index=False)
    whole = grid.merge(cells, on=["row", "column"], how="left", validate="one_to_one", sort=False)
    for name, value in BLANK.items():
        if name not in whole.columns:
            whole[name] = value
        elif not pd.isna(value):
            whole[name] = whole[name].where(whole[name].notna(), value)
    texts = {name: "str" for name in CELLS if name not in TYPES}
    rule = WORDS[plan.typical] if plan.typical else rule_in_words(plan.levels)
    told = [plan.note, *notes, f"Rating: {rule}." if rule else ""]
    return Matrix(
        name=plan.name, title=plan.title, note=" ".join(part for part in told if part), display=plan.display,
        row_title=_title(plan.rows), column_title=_title(plan.columns),
        stamp=material.stamp, rows=rows, columns=columns[COLUMNS].reset_index(drop=True),
        cells=whole[CELLS].astype({**TYPES, **texts}),
        evidence=for_matrix(found) if found is not None else for_matrix(pd.DataFrame(columns=EVIDENCE)),
    )  # fmt: skip


def _title(axis: Axis) -> str:
    return axis.title or axis.of.replace("_", " ").capitalize()


def case_axis(axis: Axis, only: tuple[str, ...] = ()) -> Axis:
    """Return an axis of cases that is otherwise plain, for counting cases behind another axis."""
    return replace(axis, of="case", fields=(), only=only, labels={}, groups={}, order_by="", bands="", mark=False)
