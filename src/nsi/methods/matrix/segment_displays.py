"""Displays whose cells hold segments: by case, by role, by period, clustered by theme, effects, checklist, summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from nsi.errors import StudyError
from nsi.methods.matrix.grid import Grid, as_matrix, attribute_columns, segment_grid, shown_cells, value_cells
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import ABSENT, NOT_LOOKED, Matrix
from nsi.methods.matrix.plan import Bound, Level, Plan
from nsi.methods.matrix.wording import NO_CHANGE, counts_text, many, nothing, rating_text

RISES, FALLS, LEVEL = "+", "-", "0"


def case_ordered(material: Material, plan: Plan) -> Matrix:
    """Cases in an order that argues, by what was coded of them; attributes of cases may stand beside.

    Parameters
    ----------
    material : Material
        Segments, documents, cases and agreement.
    plan : Plan
        Rows are usually cases, with `order_by`, bands and marks.

    Returns
    -------
    Matrix
        Cells show ratings, counts or room for a summary, as the plan says.

    Raises
    ------
    StudyError
        If plan and data do not fit.
    """
    return segment_matrix(material, plan)


def role_ordered(material: Material, plan: Plan) -> Matrix:
    """Roles in codebook order, by what people or documents of that role say; see `case_ordered`."""
    return segment_matrix(material, plan)


def clustered(material: Material, plan: Plan) -> Matrix:
    """Themes side by side under the headings that they belong to; see `case_ordered`.

    Headings are the plan's `groups`, or the field of each code.

    Raises
    ------
    StudyError
        If columns have no heading: nothing would be clustered.
    """
    matrix = segment_matrix(material, plan)
    attributes = [attribute.name for attribute in plan.columns.attributes]
    bare = matrix.columns[(matrix.columns["group"] == "") & ~matrix.columns["column"].isin(attributes)]
    if len(bare):
        raise StudyError(
            f"matrix '{plan.name}' is clustered, but the column '{bare['column'].iloc[0]}' has no heading; declare "
            "columns.groups, or codes of several fields"
        )
    return matrix


def segment_matrix(material: Material, plan: Plan) -> Matrix:
    """Any display whose cells show what the plan says of the segments in them."""
    grid = segment_grid(material, plan)
    return with_attributes(material, plan, grid, shown_cells(grid, plan))


def with_attributes(
    material: Material, plan: Plan, grid: Grid, cells: pd.DataFrame, notes: tuple[str, ...] = ()
) -> Matrix:
    """Put the attributes of cases, if any are declared, before the columns of a grid."""
    attributes = list(plan.columns.attributes)
    check_attributes(material, plan)
    twice = [a.name for a in attributes if a.name in set(grid.columns["column"])]
    if twice:
        raise StudyError(f"matrix '{plan.name}': '{twice[0]}' is an attribute and a code; rename one of them")
    beside = value_cells(grid.rows["row"].tolist(), attributes, material) if attributes else None
    columns = pd.concat([attribute_columns(attributes), grid.columns], ignore_index=True)
    whole = cells if beside is None else pd.concat([beside, cells], ignore_index=True)
    return as_matrix(plan, material, grid.rows, columns, whole, grid.found, notes)


def check_attributes(material: Material, plan: Plan) -> None:
    """Refuse attributes that cases do not have, or that stand beside rows that are no cases."""
    attributes = [a.name for a in plan.columns.attributes]
    if attributes and plan.rows.of != "case":
        raise StudyError(f"matrix '{plan.name}' shows attributes of cases, but its rows are '{plan.rows.of}'")
    lacking = [name for name in attributes if name not in material.cases.columns]
    if lacking:
        known = ", ".join(str(name) for name in material.cases.columns)
        raise StudyError(f"matrix '{plan.name}' shows '{lacking[0]}', but cases have {known}; correct the name")


def time_ordered(material: Material, plan: Plan) -> Matrix:
    """Periods in time order; a cell shows what is new, and says "no change" where nothing is.

    With ratings, a cell is the rating of its own period, printed where it or its state differs from that of the last
    period in which anybody looked. Otherwise it is what the period's segments say, printed where there are any. The
    first period looked at is printed in full, and a period that nobody looked at says so.

    Raises
    ------
    StudyError
        If not exactly one of rows and columns is the period, or plan and data do not fit.
    """
    if (plan.rows.of == "period") == (plan.columns.of == "period"):
        raise StudyError(f"matrix '{plan.name}' is time-ordered, so that either rows or columns must be of: period")
    grid = segment_grid(material, plan)
    cells = shown_cells(grid, plan)
    other = "column" if plan.rows.of == "period" else "row"
    told = cells["shown"].copy()
    for _, line in cells.groupby(other, sort=False):  # lines run in time order, as rows and columns do
        told.loc[line.index] = _changes(line, plan.shows == "rating")
    return with_attributes(material, plan, grid, cells.assign(shown=told))


def _changes(line: pd.DataFrame, by_rating: bool) -> list[str]:
    told, before = [], None
    for shown, rating, state in line[["shown", "rating", "state"]].itertuples(index=False):
        if state == NOT_LOOKED:
            told.append(shown)
            continue
        now = (str(rating), state) if by_rating else None
        same = now == before if by_rating else state == ABSENT
        first = before is None if by_rating else not any(text != nothing(NOT_LOOKED) for text in told)
        told.append(NO_CHANGE if same and not first else shown)
        before = now
    return told


def effects(material: Material, plan: Plan) -> Matrix:
    """Effects as + (more for than against), - (more against), or 0 (as much for as against), with the counts.

    A segment that supports says that something rose, one that is contrary that it fell. Where nothing was found the
    cell says so and has no sign: no evidence is not evidence of no effect.
    """
    grid = segment_grid(material, replace(plan, levels=()))
    net = grid.cells["n_supporting"] - grid.cells["n_contrary"]
    sign = pd.Series(RISES, index=net.index, dtype="str").mask(net < 0, FALLS).mask(net == 0, LEVEL)
    sign = sign.mask(grid.cells["n_segments"] == 0)
    counts = [counts_text(cell, cell["state"]) for cell in grid.cells.to_dict("records")]
    told = [text if pd.isna(mark) else f"{mark} ({text})" for mark, text in zip(sign, counts, strict=True)]
    cells = grid.cells.assign(rating=sign, shown=pd.Series(told, index=net.index, dtype="str"))
    words = "+ more segments for than against, - more against, 0 as many."
    return with_attributes(material, replace(plan, levels=()), grid, cells, (words,))


def checklist(material: Material, plan: Plan) -> Matrix:
    """Which components are present and which are strong, by the plan's rule or the usual one.

    The usual rule: strong from as many sources as are not thin, with more for than against; present from one
    supporting segment on; otherwise not found.
    """
    usual = (
        Level("strong", (Bound("n_sources", plan.thin_below), Bound("net", 1))),
        Level("present", (Bound("n_supporting", 1),)),
        Level("not found"),
    )
    ruled = plan if plan.levels else replace(plan, levels=usual)
    grid = segment_grid(material, ruled)
    told = []
    for cell in grid.cells.to_dict("records"):
        found_none = cell["state"] == ABSENT and not plan.levels
        told.append(nothing(ABSENT) if found_none else rating_text(cell, cell["state"], cell["rating"]))
    cells = grid.cells.assign(shown=pd.Series(told, index=grid.cells.index, dtype="str"))
    return with_attributes(material, ruled, grid, cells)


def summary(material: Material, plan: Plan) -> Matrix:
    """Content-analytic summary: themes by any grouping, each cell with its number of segments and the cases."""
    grid = segment_grid(material, plan)
    labels = case_labels(material)
    cells = grid.cells
    pairs = grid.found[["row", "column", "case"]].drop_duplicates()
    pairs = pairs.assign(label=pairs["case"].map(labels)).sort_values(["label", "case"], kind="stable")
    names = pairs.groupby(["row", "column"])["label"].agg(", ".join)
    told = []
    for cell in cells.to_dict("records"):
        which = names.get((cell["row"], cell["column"]), "")
        told.append(nothing(cell["state"]) or f"{_segments(cell)} in {many(cell['n_cases'], 'case', 'cases')}: {which}")
    return with_attributes(material, plan, grid, cells.assign(shown=pd.Series(told, index=cells.index, dtype="str")))


def _segments(cell: Mapping[Any, Any]) -> str:
    against = f" ({cell['n_contrary']:,} against)" if cell["n_contrary"] else ""
    return f"{many(cell['n_segments'], 'segment', 'segments')}{against}"


def case_labels(material: Material) -> dict[str, str]:
    """Return what each case is called."""
    cases = material.cases
    own = cases["label"].fillna("").astype("str") if "label" in cases.columns else cases["case"].astype("str")
    return {name: label or name for name, label in zip(cases["case"].astype("str"), own, strict=True)}
