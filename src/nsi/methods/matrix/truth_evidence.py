"""What the conditions of a truth table rest on: the ratings of another matrix, and the segments beneath them."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.matrix.case_displays import case_ratings
from nsi.methods.matrix.evidence import cell_counts, evidence
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import RESTS_ON_SEGMENTS, Matrix
from nsi.methods.matrix.plan import Plan
from nsi.methods.matrix.segment_displays import segment_matrix
from nsi.methods.matrix.set_membership import truth_table_csv
from nsi.methods.matrix.states import cell_states
from nsi.methods.matrix.wording import shown_in_tables


def rated_matrix(material: Material, plan: Plan) -> Matrix | None:
    """Draw up the matrix whose ratings a truth table takes; none where its sets are columns of the cases."""
    return None if plan.rated is None else segment_matrix(material, plan.rated)


def cases_with_ratings(material: Material, plan: Plan, behind: Matrix | None) -> pd.DataFrame:
    """Return the cases of a truth table, with the ratings of another matrix as further columns.

    Raises
    ------
    StudyError
        If a rated column is called as a column of the cases.
    """
    cases = material.cases
    if plan.rows.only:
        cases = cases[cases["case"].astype("str").isin(list(plan.rows.only))]
    if behind is None:
        return cases
    ratings = case_ratings(behind)
    twice = [name for name in ratings.columns if name != "case" and name in cases.columns]
    if twice:
        raise StudyError(f"matrix '{plan.name}': {listed(twice)} is a column of the cases and of the ratings in "
                         f"'{behind.name}'; rename one of them")  # fmt: skip
    return cases.astype({"case": "str"}).merge(ratings, on="case", how="left", validate="one_to_one")


def flat_table(material: Material, matrix: Matrix, plan: Plan) -> pd.DataFrame:
    """Return a matrix as a program for statistics takes it.

    Parameters
    ----------
    material : Material
        What it was drawn up from.
    matrix : Matrix
        Drawn up.
    plan : Plan
        As declared.

    Returns
    -------
    DataFrame
        Of a truth table the cases by their sets, as R's QCA reads them (`truth_table_csv`). Of others one row per row
        and one column per column: the rating, or what the cell shows where it has none. A summary that somebody wrote
        is not in it.
    """
    if plan.display == "truth_table":
        assert plan.result is not None
        cases = cases_with_ratings(material, plan, rated_matrix(material, plan))
        return truth_table_csv(cases, plan.conditions, plan.result)
    cells = matrix.cells
    told = cells.assign(told=cells["rating"].fillna(shown_in_tables(cells)))
    wide = told.pivot(index="row", columns="column", values="told")
    wide = wide.reindex(index=matrix.rows["row"], columns=matrix.columns["column"]).rename_axis(columns=None)
    return wide.reset_index()


def with_evidence(
    cells: pd.DataFrame, table: pd.DataFrame, plan: Plan, behind: Matrix | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Put beneath each condition the segments of the cases in its configuration.

    Parameters
    ----------
    cells : DataFrame
        row (configuration), column, shown, state, source.
    table : DataFrame
        From `configurations`.
    plan : Plan
        Its conditions name the columns of the rated matrix.
    behind : Matrix or None
        The rated matrix.

    Returns
    -------
    cells : DataFrame
        With counts and states where segments lie beneath.
    found : DataFrame or None
        The evidence; None where sets rest on no ratings.
    """
    if behind is None:
        return cells, None
    home = {case: row for row, inside in zip(table["configuration"], table["cases"], strict=True) for case in inside}
    codes = behind.evidence.assign(case=behind.evidence["row"], withheld=False, field="")
    parts = [codes[codes["column"] == rule.column].assign(condition=rule.name) for rule in plan.conditions]
    segments = pd.concat(parts, ignore_index=True)
    rows, names = table["configuration"].tolist(), [rule.name for rule in plan.conditions]
    where = segments["case"].map(home).astype("str"), segments.pop("condition").astype("str")
    found = evidence(segments, *where, rows=rows, columns=names)
    labels = plan.rated.source_labels if plan.rated else {}
    counts = cell_counts(found, rows=rows, columns=names, source_labels=labels)
    counts["rests"] = cell_states(counts, counts["n_segments"] > 0, thin_below=plan.thin_below)
    whole = cells.merge(counts, on=["row", "column"], how="left", validate="one_to_one")
    rests = whole.pop("rests")
    return whole.assign(state=whole["state"].mask(rests.isin(RESTS_ON_SEGMENTS), rests)), found
