"""Every display by its name, and the one call that draws up a matrix as declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from nsi.errors import StudyError
from nsi.methods.matrix.case_displays import contrast, predictor_outcome, variable_by_variable
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import Matrix
from nsi.methods.matrix.plan import Plan, plan_of
from nsi.methods.matrix.segment_displays import (
    case_ordered,
    checklist,
    clustered,
    effects,
    role_ordered,
    summary,
    time_ordered,
)
from nsi.methods.matrix.truth_evidence import flat_table
from nsi.methods.matrix.truth_table import truth_table

DISPLAYS: dict[str, Callable[[Material, Plan], Matrix]] = {
    "case_ordered": case_ordered,
    "time_ordered": time_ordered,
    "role_ordered": role_ordered,
    "clustered": clustered,
    "contrast": contrast,
    "predictor_outcome": predictor_outcome,
    "effects": effects,
    "variable_by_variable": variable_by_variable,
    "summary": summary,
    "checklist": checklist,
    "truth_table": truth_table,
}


def draw_up(material: Material, **declared: Any) -> Matrix:
    """Draw up a matrix as a study declares it.

    Parameters
    ----------
    material : Material
        Segments, documents, cases and agreement.
    declared
        The attributes of `Plan` as plain values: what a declaration hands over.

    Returns
    -------
    Matrix
        By the display that the plan names.

    Raises
    ------
    StudyError
        If there is no such display, or plan and data do not fit.
    """
    plan = plan_of(**declared)
    if plan.display not in DISPLAYS:
        raise StudyError(f"matrix '{plan.name}': display is '{plan.display}', but allowed are {', '.join(DISPLAYS)}")
    return DISPLAYS[plan.display](material, plan)


def for_statistics(material: Material, matrix: Matrix, **declared: Any) -> pd.DataFrame:
    """Return a matrix as a program for statistics takes it; see `nsi.methods.matrix.truth_evidence.flat_table`.

    Parameters
    ----------
    material : Material
        What it was drawn up from.
    matrix : Matrix
        From `draw_up`.
    declared
        As for `draw_up`.

    Returns
    -------
    DataFrame
        One row per case or row; of a truth table the cases by their sets, as R's QCA reads them.
    """
    return flat_table(material, matrix, plan_of(**declared))
