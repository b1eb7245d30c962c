"""Reliability of codings, from ratings to a table: pooled and by case, each coefficient with its interval.

What ratings are, and what is refused, stands in `coded_units`; where coders differ, in `disagreements`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.methods.agreement import (
    Specific,
    alpha_of,
    bias_index,
    coefficient_named,
    one_against_rest,
    prevalence_index,
)
from nsi.methods.case_estimates import Resampling, case_estimates, case_order, table_row
from nsi.methods.coded_units import POOLED, CodedUnits, coded_units
from nsi.methods.disagreements import (
    confusion_between,
    confusion_by_pair,
    confusion_pairs,
    disagreement_summary,
    disagreements,
)

__all__ = [
    "code_reliability",
    "coded_units",
    "confusion_between",
    "confusion_by_pair",
    "confusion_pairs",
    "disagreement_summary",
    "disagreements",
    "reliability",
]


def reliability(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    level: str,
    seed: int,
    replicates: int = 1000,
    confidence: float = 0.95,
    coefficients: Sequence[str] = ("krippendorff_alpha", "percent_agreement"),
    cutoffs: Sequence[float] = (0.667, 0.8),
    cluster: str | None = None,
    code_values: Mapping[str, float] | None = None,
    cases: Sequence[str] | None = None,
) -> pd.DataFrame:
    """How far coders agree on one field, over all cases and in each.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value (text code, NA where there is no rating); `label_stage` if
        there.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order, used or not.
    level : str
        "nominal", "ordinal", "interval" or "ratio".
    seed : int
        Seed of the resampling. Every case starts from it, so no case depends on which others are there.
    replicates : int
        Bootstrap replicates.
    confidence : float
        Share of replicates inside the interval.
    coefficients : sequence of str
        Names out of `nsi.methods.agreement.COEFFICIENTS`.
    cutoffs : sequence of float
        For each a column `share_below_...` says which share of replicates lies below it. Krippendorff
        proposed .667 and .800 for alpha.
    cluster : str, optional
        Column that names what units were cut from, such as a document: it is resampled instead of units.
    code_values : mapping of str to float, optional
        What each code stands for; the interval and ratio levels need it.
    cases : sequence of str, optional
        Order of the cases; order of first appearance where not given.

    Returns
    -------
    DataFrame
        One row per case ("all" first) and coefficient: case, field, level, coefficient, estimate, ci_low,
        ci_high, n_units, n_pairable, n_ratings, n_coders, flag, se, se_method, share_below_667,
        share_below_800, n_replicates_undefined, n_drawn (units or clusters per replicate). An undefined
        estimate is missing, and `flag` says why.

    Raises
    ------
    StudyError
        If a coder coded a unit twice, a value is no code, a case is called "all", or labels are not
        independent.
    """
    table = coded_units(ratings, field=field, codes=codes, cluster=cluster)
    values = None if code_values is None else _values_in_order(code_values, codes, field)
    chosen = [
        coefficient_named(name, level=level, n_codes=len(codes), values=values) for name in coefficients
    ]
    drawing = Resampling(replicates, seed, confidence, tuple(cutoffs))
    rows = []
    for case in [POOLED, *case_order(ratings, field, cases)]:
        for estimate, interval in case_estimates(
            table.of_case(case), len(codes), chosen, case, field, drawing
        ):
            rows.append(table_row(case, field, level, estimate, interval, drawing.cutoffs))
    return pd.DataFrame(rows)


def code_reliability(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    seed: int,
    replicates: int = 1000,
    confidence: float = 0.95,
    cutoffs: Sequence[float] = (0.667, 0.8),
    cluster: str | None = None,
    cases: Sequence[str] | None = None,
) -> pd.DataFrame:
    """How far coders agree on each code of a field, taken one at a time against all others.

    Parameters
    ----------
    ratings, field, codes, seed, replicates, confidence, cutoffs, cluster, cases
        As for `reliability`.

    Returns
    -------
    DataFrame
        Columns of `reliability`, level "nominal", with code after level, and at the end n_positives (ratings
        with the code on pairable units), prevalence (their share), prevalence_index and bias_index.
        Coefficients are krippendorff_alpha, percent_agreement, positive_agreement, negative_agreement and pabak,
        which is Brennan and Prediger's coefficient of two categories (Byrt, Bishop & Carlin 1993).

    Raises
    ------
    StudyError
        As for `reliability`.
    """
    table = coded_units(ratings, field=field, codes=codes, cluster=cluster)
    chosen = [
        alpha_of("nominal", 2),
        coefficient_named("percent_agreement", level="nominal", n_codes=2),
        Specific("positive_agreement", 1),
        Specific("negative_agreement", 0),
        coefficient_named("brennan_prediger", level="nominal", n_codes=2),
    ]
    drawing = Resampling(replicates, seed, confidence, tuple(cutoffs))
    rows = []
    for case in [POOLED, *case_order(ratings, field, cases)]:
        units = table.of_case(case)
        for place, code in enumerate(codes):
            given = one_against_rest(units.positions, len(codes), place)
            asked = CodedUnits(units.units, units.coders, given, units.cluster)
            for estimate, interval in case_estimates(asked, 2, chosen, case, field, drawing):
                row = table_row(case, field, "nominal", estimate, interval, drawing.cutoffs)
                rows.append({**row, "code": code, **_frequency(given)})
    frame = pd.DataFrame(rows).replace({"coefficient": {"brennan_prediger": "pabak"}})
    frame.insert(3, "code", frame.pop("code"))
    return frame


def _frequency(given: NDArray[np.int64]) -> dict[str, float]:
    """How often a code was given on pairable units, and how unevenly."""
    pairable = given[(given >= 0).sum(axis=1) >= 2]
    n_given, n_positives = int((pairable >= 0).sum()), int((pairable == 1).sum())
    return {
        "n_positives": n_positives,
        "prevalence": n_positives / n_given if n_given else float("nan"),
        "prevalence_index": prevalence_index(given),
        "bias_index": bias_index(given),
    }


def _values_in_order(code_values: Mapping[str, float], codes: Sequence[str], field: str) -> list[float]:
    lacking = [code for code in codes if code not in code_values]
    if lacking:
        raise StudyError(
            f"field {field!r}: no number given for code(s) {listed(lacking)}; give each code its value"
        )
    return [code_values[code] for code in codes]
