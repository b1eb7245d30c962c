"""Displays that compare cases: strong against weak, predictors beside an outcome, one variable by another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from nsi.errors import StudyError
from nsi.methods.matrix.axes import NOT_RECORDED, axis_entries, placed
from nsi.methods.matrix.grid import (
    Grid,
    as_matrix,
    attribute_columns,
    case_axis,
    segment_grid,
    shown_cells,
    value_cells,
)
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import ABSENT, NOT_LOOKED, VALUE, Matrix
from nsi.methods.matrix.ordering import ordered_rows
from nsi.methods.matrix.plan import Attribute, Plan
from nsi.methods.matrix.segment_displays import case_labels, check_attributes, segment_matrix
from nsi.methods.matrix.wording import cases_text, many


def contrast(material: Material, plan: Plan) -> Matrix:
    """Exemplary cases against weak ones: in how many cases of each band is a code found, or an attribute so.

    Parameters
    ----------
    material : Material
        Segments, documents, cases and agreement.
    plan : Plan
        Rows are codes or fields, with attributes of cases above them; columns a column of the cases, such as a band.
        A code counts as found in a case from `present_from` of the rating on, or where a segment supports it.
        Where columns are the cases themselves, each cell says what the plan says of one case.

    Returns
    -------
    Matrix
        Cells read "3 of 5 cases: A, B, C; not looked for in D". Beneath lie the segments of all cases of the band.

    Raises
    ------
    StudyError
        If columns are no column of the cases, `present_from` is no level, or plan and data do not fit.
    """
    if plan.columns.of not in material.cases.columns:
        raise StudyError(
            f"matrix '{plan.name}' contrasts cases, so that its columns must be a column of the cases, but they are "
            f"'{plan.columns.of}'"
        )
    bare = replace(plan, rows=replace(plan.rows, attributes=()))
    grid = segment_grid(material, bare)
    if plan.columns.of == "case":
        cells = shown_cells(grid, plan)
    else:
        behind = _case_cells(material, bare)
        told = [_found_in(cell, behind) for cell in grid.cells.to_dict("records")]
        cells = grid.cells.assign(shown=pd.Series(told, index=grid.cells.index, dtype="str"))
    members = _members(material, plan.columns.of)
    above, values = _attribute_rows(material, plan, grid, members)
    rows = pd.concat([above, grid.rows], ignore_index=True) if len(above) else grid.rows
    if rows["row"].duplicated().any():
        raise StudyError(f"matrix '{plan.name}': '{rows['row'][rows['row'].duplicated()].iloc[0]}' is an attribute "
                         "and a code; rename one of them")  # fmt: skip
    whole = pd.concat([values, cells], ignore_index=True) if len(values) else cells
    return as_matrix(plan, material, rows, grid.columns, whole, grid.found)


def _members(material: Material, name: str) -> pd.DataFrame:
    """Case, its label and its band."""
    labels = case_labels(material)
    ids = material.cases["case"].astype("str")
    band = material.cases[name].astype("str").fillna(NOT_RECORDED).replace("", NOT_RECORDED)
    frame = pd.DataFrame({"case": ids, "label": ids.map(labels), "band": band})
    return frame.sort_values(["label", "case"], kind="stable", ignore_index=True)


def _case_cells(material: Material, plan: Plan) -> dict[tuple[str, str], tuple[list[str], list[str], int]]:
    """For each row and band: labels of the cases in which it was found, of those not looked at, and how many cases."""
    plain = replace(plan.rows, order_by="", descending=False)
    by_case = segment_grid(material, replace(plan, rows=plain, columns=case_axis(plan.columns))).cells
    names = [level.level for level in plan.levels]
    if plan.present_from and plan.present_from not in names:
        raise StudyError(f"matrix '{plan.name}': present_from is '{plan.present_from}', but the levels are "
                         f"{', '.join(names) or 'not declared'}")  # fmt: skip
    there = by_case["n_supporting"] > 0
    if plan.present_from:
        there = by_case["rating"].isin(names[: names.index(plan.present_from) + 1])
    members = _members(material, plan.columns.of)
    all_of = by_case.assign(there=there).merge(members.rename(columns={"case": "column"}), on="column")
    all_of = all_of.sort_values(["label", "column"], kind="stable")
    return {
        (str(row), str(band)): (
            group.loc[group["there"], "label"].tolist(),
            group.loc[group["state"] == NOT_LOOKED, "label"].tolist(),
            len(group),
        )
        for (row, band), group in all_of.groupby(["row", "band"], sort=False)
    }


def _found_in(cell: dict[Any, Any], behind: dict[tuple[str, str], Any]) -> str:
    names, unseen, n = behind.get((cell["row"], cell["column"]), ([], [], 0))
    if not n:
        return "no case in this column"
    if len(unseen) == n:
        return f"not looked for in any of {many(n, 'case', 'cases')}"
    against = f"; {many(cell['n_contrary'], 'segment', 'segments')} against" if cell["n_contrary"] else ""
    return cases_text(names, n) + (f"; not looked for in {', '.join(unseen)}" if unseen else "") + against


def _attribute_rows(
    material: Material, plan: Plan, grid: Grid, members: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per value of an attribute, or one with median and range for a number; and their cells."""
    rows, cells = [], []
    known = material.cases.set_index(material.cases["case"].astype("str"))
    source = f"table {material.case_table}, column "
    for attribute in plan.rows.attributes:
        if attribute.name not in known.columns:
            have = ", ".join(map(str, known))
            raise StudyError(f"matrix '{plan.name}' shows '{attribute.name}', but cases have {have}; correct the name")
        column = known[attribute.name]
        for row, label, value in _attribute_values(attribute, column):
            rows.append([row, label, attribute.label])
            for band in grid.columns["column"]:
                inside = members[members["band"] == band]
                there = column.loc[inside["case"]]
                text = _numbers(there) if value is None else _having(inside, there, value)
                cells.append([row, band, text if len(inside) else "no case in this column", source + attribute.name])
    frame = pd.DataFrame(rows, columns=["row", "label", "band"], dtype="str")
    frame = frame.assign(mark=pd.Series("", index=frame.index, dtype="str"), order_value=float("nan"))
    return frame, pd.DataFrame(cells, columns=["row", "column", "shown", "source"], dtype="str").assign(state=VALUE)


def _attribute_values(attribute: Attribute, column: pd.Series) -> list[tuple[str, str, str | None]]:
    if not attribute.values and pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return [(attribute.name, attribute.label, None)]
    found = {str(value) for value in column.dropna()}
    order = [*attribute.values, *sorted(found - set(attribute.values))]
    return [(f"{attribute.name}={value}", attribute.values.get(value, value), value) for value in order]


def _having(inside: pd.DataFrame, there: pd.Series, value: str) -> str:
    has = (there.astype("str") == value).fillna(False).to_numpy(dtype=bool)
    text = cases_text(inside["label"][has].tolist(), len(inside))
    unknown = inside["label"][there.isna().to_numpy()].tolist()
    return text + (f"; not recorded for {', '.join(unknown)}" if unknown else "")


def _numbers(there: pd.Series) -> str:
    known = there.dropna().astype(float)
    if known.empty:
        return "not recorded for any case"
    ends = f"{known.min():g} to {known.max():g}"
    unknown = int(there.isna().sum())
    return f"median {known.median():g} ({ends}), n {len(known)}" + (f"; {unknown} not recorded" if unknown else "")


def predictor_outcome(material: Material, plan: Plan) -> Matrix:
    """Cases in order of an outcome, with what might go with it, and the outcome itself as the last column.

    Attributes of cases come first, then what was coded. Without an `order_by` of their own, rows are ordered by the
    outcome, highest first.

    Raises
    ------
    StudyError
        If no outcome is declared, rows are no cases, or plan and data do not fit.
    """
    if plan.outcome is None or plan.rows.of != "case":
        raise StudyError(f"matrix '{plan.name}': a predictor-outcome matrix has cases as rows and needs an outcome")
    if plan.outcome.name not in material.cases.columns:
        raise StudyError(f"matrix '{plan.name}': the outcome '{plan.outcome.name}' is no column of the cases")
    axis = replace(plan.rows, attributes=(plan.outcome,))
    if not axis.order_by:
        axis = replace(axis, order_by=plan.outcome.name, descending=True)
    ordered = replace(plan, rows=axis)
    check_attributes(material, ordered)
    last = attribute_columns([plan.outcome], "Outcome")
    if plan.columns.of == "attribute":
        entries = axis_entries(axis, ordered, material, material.cases["case"])
        rows = ordered_rows(entries, axis, material.cases)
        attributes = [*plan.columns.attributes, plan.outcome]
        columns = pd.concat([attribute_columns(list(plan.columns.attributes)), last], ignore_index=True)
        return as_matrix(plan, material, rows, columns, value_cells(rows["row"].tolist(), attributes, material))
    made = segment_matrix(material, ordered)
    beside = value_cells(made.rows["row"].tolist(), [plan.outcome], material)
    columns = pd.concat([made.columns, last], ignore_index=True)
    cells = pd.concat([made.cells, beside], ignore_index=True)
    return as_matrix(plan, material, made.rows, columns, cells, made.evidence)


def variable_by_variable(material: Material, plan: Plan) -> Matrix:
    """Levels of one attribute by levels of another, with the names of the cases that have both.

    Cases of which one of the two is not recorded have a row or a column of their own.
    """
    for axis in (plan.rows, plan.columns):
        if axis.of not in material.cases.columns:
            raise StudyError(f"matrix '{plan.name}' crosses two attributes of cases, but '{axis.of}' is none of them")
    cases = material.cases.assign(case=material.cases["case"].astype("str"))
    alone = replace(material, segments=material.segments.iloc[:0])
    places = [placed(axis, plan, alone, cases) for axis in (plan.rows, plan.columns)]
    rows = ordered_rows(axis_entries(plan.rows, plan, material, places[0]), plan.rows, cases)
    entries = axis_entries(plan.columns, plan, material, places[1])
    labels = case_labels(material)
    both = pd.DataFrame({"row": places[0], "column": places[1], "label": cases["case"].map(labels)})
    names = both.sort_values("label", kind="stable").groupby(["row", "column"])["label"].agg(list)
    told = []
    for row in rows["row"]:
        for column in entries["id"]:
            here = names.get((row, column), [])
            text = f"{', '.join(here)} ({many(len(here), 'case', 'cases')})" if here else "no case"
            told.append([row, column, text, VALUE if here else ABSENT])
    cells = pd.DataFrame(told, columns=["row", "column", "shown", "state"], dtype="str")
    cells["source"] = f"table {material.case_table}, columns {plan.rows.of} and {plan.columns.of}"
    return as_matrix(plan, material, rows, entries.rename(columns={"id": "column"}).assign(badge=""), cells)


def case_ratings(matrix: Matrix) -> pd.DataFrame:
    """Return the ratings of a matrix with cases as rows, as columns of a table of cases.

    Returns
    -------
    DataFrame
        case and one column per rated column of the matrix; missing where nobody looked. To be joined to the cases,
        for a truth table or for tests of few cases.
    """
    rated = matrix.cells[matrix.cells["state"] != VALUE]
    wide = rated.pivot(index="row", columns="column", values="rating")
    order = [name for name in matrix.columns["column"] if name in wide.columns]
    wide = wide.reindex(index=matrix.rows["row"], columns=order).rename_axis(index="case", columns=None)
    return wide.reset_index()


def shown_by_case(matrix: Matrix) -> pd.DataFrame:
    """Return what each cell prints as a plain table, rows by columns with their labels; for a look in a notebook."""
    wide = matrix.cells.pivot(index="row", columns="column", values="shown")
    wide = wide.reindex(index=matrix.rows["row"], columns=matrix.columns["column"])
    wide.index = pd.Index(matrix.rows["label"].tolist(), name=matrix.row_title)
    wide.columns = pd.Index(matrix.columns["label"].tolist(), name=matrix.column_title)
    return wide

