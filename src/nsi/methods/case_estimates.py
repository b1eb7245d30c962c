"""Each coefficient of one case with its interval, as rows of a reliability table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError, listed
from nsi.methods.agreement import (
    TWO_CODERS,
    Coefficient,
    Estimate,
    Interval,
    bootstrap,
    coded,
    complete_rows,
    estimated,
)
from nsi.methods.coded_units import POOLED, CodedUnits


class Resampling(NamedTuple):
    """How intervals are drawn.

    Attributes
    ----------
    replicates : int
        Bootstrap replicates.
    seed : int
        Seed every case starts from.
    confidence : float
        Share of replicates inside the interval.
    cutoffs : tuple of float
        Values of which the share of replicates below is wanted.
    """

    replicates: int
    seed: int
    confidence: float
    cutoffs: tuple[float, ...]


def case_estimates(
    table: CodedUnits,
    n_codes: int,
    chosen: Sequence[Coefficient],
    case: str,
    field: str,
    drawing: Resampling,
) -> list[tuple[Estimate, Interval]]:
    """Each coefficient of one case with its interval, in the order asked for.

    Parameters
    ----------
    table : CodedUnits
        Units of that case by coders.
    n_codes : int
        Number of codes in the codebook, used or not.
    chosen : sequence of Coefficient
        What to compute.
    case, field : str
        Named in errors.
    drawing : Resampling
        How intervals are drawn.

    Raises
    ------
    StudyError
        If a coefficient of two coders meets more of them.
    """
    found = {}
    for two in (False, True):  # coefficients of two coders look only at units that both coded
        group = [part for part in chosen if part.name.startswith(TWO_CODERS) == two]
        if not group:
            continue
        positions, cluster = _of_two(table, n_codes, case, field) if two else (table.positions, table.cluster)
        intervals = bootstrap(positions, n_codes, group, cluster=cluster, **drawing._asdict())
        data = {
            by_coder: coded(positions, n_codes, by_coder=by_coder)
            for by_coder in {part.by_coder for part in group}
        }
        for part in group:
            found[part.name] = (estimated(part, data[part.by_coder]), intervals[part.name])
    return [found[part.name] for part in chosen]


def _of_two(
    table: CodedUnits, n_codes: int, case: str, field: str
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Units that both of a case's two coders coded."""
    present = np.flatnonzero((table.positions >= 0).any(axis=0))
    if len(present) > 2:
        raise StudyError(
            f"case {case!r}, field {field!r}: {' and '.join(TWO_CODERS)} compare two coders, "
            f"found {len(present)}; "
            "use mean_cohen_kappa, conger_kappa, fleiss_kappa or krippendorff_alpha"
        )
    positions = table.positions[:, present]
    both = (positions >= 0).all(axis=1)
    if len(present) < 2 or not both.any():  # left as they are, for the flag to say what is lacking
        return positions, table.cluster
    return complete_rows(positions, n_codes), None if table.cluster is None else table.cluster[both]


def table_row(
    case: str, field: str, level: str, estimate: Estimate, interval: Interval, cutoffs: Sequence[float]
) -> dict[str, object]:
    """Row of a reliability table.

    Parameters
    ----------
    case, field, level : str
        What the row is about.
    estimate : Estimate
        The coefficient.
    interval : Interval
        Its bootstrap.
    cutoffs : sequence of float
        Cut-offs of the interval's `shares_below`.
    """
    below = {
        f"share_below_{round(cut * 1000):03d}": q
        for cut, q in zip(cutoffs, interval.shares_below, strict=True)
    }
    return {
        "case": case, "field": field, "level": level, "coefficient": estimate.coefficient,
        "estimate": estimate.estimate, "ci_low": interval.low, "ci_high": interval.high,
        "n_units": estimate.n_units, "n_pairable": estimate.n_pairable,
        "n_ratings": estimate.n_ratings, "n_coders": estimate.n_coders, "flag": estimate.flag,
        "se": estimate.se, "se_method": estimate.se_method, **below,
        "n_replicates_undefined": interval.n_undefined, "n_drawn": interval.n_drawn,
    }  # fmt: skip


def case_order(ratings: pd.DataFrame, field: str, cases: Sequence[str] | None) -> list[str]:
    """Cases in the order asked for, or of first appearance; one without ratings stays, to be flagged.

    Parameters
    ----------
    ratings : DataFrame
        Columns case and field.
    field : str
        Which field.
    cases : sequence of str or None
        Order asked for.

    Raises
    ------
    StudyError
        If the order leaves a case out, repeats one, or names the pooled row.
    """
    met = [
        str(case)
        for case in pd.unique(ratings.loc[ratings["field"] == field, "case"].dropna().astype(object))
    ]
    if cases is None:
        return met
    unknown = [case for case in met if case not in cases]
    if unknown or len(set(cases)) != len(cases) or POOLED in cases:
        raise StudyError(
            f"the order of cases must name each case once and not {POOLED!r}; "
            f"missing from it: {listed(unknown) or 'none'}"
        )
    return list(cases)
