"""Drift: agreement over coding time, in a window that rolls over double-coded units in the order of coding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.agreement import coefficient_named
from nsi.methods.case_estimates import Resampling, case_estimates
from nsi.methods.coded_units import POOLED, CodedUnits, coded_units, independent_ratings

WINDOW, STEP = 50, 10  # units; a narrower window shows noise
FEW_UNITS = "few_units"
UNDATED = "undated"
PLACED_BY = ("later", "mean")
ORDER_COLUMNS = ["case", "unit", "place", "rated_on", "codebook_version"]


def rolling_agreement(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    level: str,
    seed: int,
    window: int = WINDOW,
    step: int = STEP,
    placed_by: str = "later",
    coefficient: str = "krippendorff_alpha",
    replicates: int = 1000,
    confidence: float = 0.95,
    cluster: str | None = None,
    code_values: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Agreement in each of the windows that roll over the double-coded units of one field.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value, rated_on (date); codebook_version and label_stage if there.
    field, codes, level, seed, replicates, confidence, cluster, code_values
        As for `reliability`. Every window starts from the same seed.
    window, step : int
        Units in a window, and units from one window's start to the next one's. With fewer units there is one
        window of all of them, flagged "few_units". The last window always ends at the last unit.
    placed_by : str
        "later": a unit stands at the date of its last rating; "mean": at the mean of its dates.
    coefficient : str
        Name out of `nsi.methods.agreement.COEFFICIENTS`.

    Returns
    -------
    DataFrame
        One row per window: field, level, coefficient, window (from 1), first_unit and last_unit (places in
        the order of coding, from 1), first_date, last_date, n_units, estimate, ci_low, ci_high, flag,
        codebook_versions, n_undated (double-coded units that are in no window, because a rating has no date).
        Where no unit can be placed: one row with n_units 0, a missing estimate, and the reason in flag.

    Raises
    ------
    StudyError
        As for `reliability`; if `rated_on` is lacking or no date, or the window or step is too small.

    Notes
    -----
    Windows overlap, so neighbours share most of their units: a rise over a few windows is one event.
    """
    _check_window(window, step)
    table = coded_units(ratings, field=field, codes=codes, cluster=cluster)
    order = coding_order(ratings, field=field, placed_by=placed_by)
    values = None if code_values is None else [code_values[code] for code in codes]
    chosen = coefficient_named(coefficient, level=level, n_codes=len(codes), values=values)
    rows = pd.MultiIndex.from_frame(table.units).get_indexer(pd.MultiIndex.from_frame(order[["case", "unit"]]))
    n_undated = int(((table.positions >= 0).sum(axis=1) >= 2).sum()) - len(order)
    drawing = Resampling(replicates, seed, confidence, ())
    found = []
    for number, start in enumerate(_starts(len(order), window, step), start=1):
        inside = order.iloc[start : start + window]
        units = _taken(table, rows[start : start + window] if len(order) else slice(None))
        estimate, interval = case_estimates(units, len(codes), [chosen], POOLED, field, drawing)[0]
        head = {"field": field, "level": level, "coefficient": coefficient, "window": number}
        result = {"estimate": estimate.estimate, "ci_low": interval.low, "ci_high": interval.high}
        flag = estimate.flag or (FEW_UNITS if len(inside) < window else "")
        if inside.empty and n_undated:
            result, flag = dict.fromkeys(result, np.nan), UNDATED
        found.append({**head, **_extent(inside), **result, "flag": flag, **_versions(inside), "n_undated": n_undated})
    return pd.DataFrame(found)


def coding_order(ratings: pd.DataFrame, *, field: str, placed_by: str = "later") -> pd.DataFrame:
    """Put the units that two or more coded in the order in which they were coded.

    Parameters
    ----------
    ratings : DataFrame
        As for `rolling_agreement`.
    field : str
        Which field.
    placed_by : str
        "later" or "mean", as for `rolling_agreement`.

    Returns
    -------
    DataFrame, one row per unit
        Columns case, unit, place (from 1), rated_on, codebook_version (of the unit's last rating; "" where
        the ratings do not say). Units of one day stand in the order of their ids. A unit with an undated
        rating is left out: where it belongs is not known.

    Raises
    ------
    StudyError
        If `rated_on` is lacking or holds no dates, or `placed_by` is unknown.
    """
    if placed_by not in PLACED_BY:
        raise StudyError(f"units are placed by {placed_by!r}, allowed are {' and '.join(PLACED_BY)}; choose one")
    given = independent_ratings(ratings, field)
    if "rated_on" not in given.columns or not pd.api.types.is_datetime64_any_dtype(given["rated_on"]):
        what = given["rated_on"].dtype if "rated_on" in given.columns else "no such column"
        raise StudyError(
            f"field {field!r}: drift needs the day of each rating in rated_on as a date; found {what}; "
            "declare the column with type date"
        )
    version = given["codebook_version"] if "codebook_version" in given.columns else pd.Series("", index=given.index)
    given = given[["case", "unit", "rated_on"]].assign(codebook_version=version.fillna("").astype(str))
    groups = given.sort_values(["rated_on", "codebook_version"]).groupby(["case", "unit"], observed=True)
    units = groups.agg(
        first=("rated_on", "min"), last=("rated_on", "max"), mean=("rated_on", "mean"),
        n=("unit", "size"), dated=("rated_on", "count"), codebook_version=("codebook_version", "last"),
    ).reset_index()  # fmt: skip
    units["rated_on"] = units["last" if placed_by == "later" else "mean"]
    kept = units[(units["n"] >= 2) & (units["dated"] == units["n"])]
    kept = kept.sort_values(["rated_on", "case", "unit"], kind="stable").reset_index(drop=True)
    return kept.assign(place=np.arange(1, len(kept) + 1))[ORDER_COLUMNS]


def codebook_periods(order: pd.DataFrame) -> pd.DataFrame:
    """Find where in the order of coding another version of the codebook came into force.

    Parameters
    ----------
    order : DataFrame
        From `coding_order`.

    Returns
    -------
    DataFrame, one row per run of units with the same version
        Columns codebook_version, first_unit, last_unit (places), first_date, last_date, n_units. No rows
        where there are no units.
    """
    version = order["codebook_version"]
    run = version.ne(version.shift()).cumsum().rename("run")
    periods = order.groupby(run, sort=False).agg(
        codebook_version=("codebook_version", "first"),
        first_unit=("place", "min"), last_unit=("place", "max"),
        first_date=("rated_on", "min"), last_date=("rated_on", "max"), n_units=("place", "size"),
    )  # fmt: skip
    return periods.reset_index(drop=True)


def _starts(n_units: int, window: int, step: int) -> list[int]:
    """Where windows begin; the last one ends at the last unit."""
    last = max(n_units - window, 0)
    return sorted({*range(0, last + 1, step), last})


def _taken(table: CodedUnits, rows: np.ndarray | slice) -> CodedUnits:
    cluster = None if table.cluster is None else table.cluster[rows]
    return CodedUnits(table.units.iloc[rows], table.coders, table.positions[rows], cluster)


def _extent(inside: pd.DataFrame) -> dict[str, object]:
    """Where a window lies in the order of coding and in time."""
    place, day = inside["place"], inside["rated_on"]
    none = inside.empty
    return {
        "first_unit": 0 if none else int(place.iloc[0]), "last_unit": 0 if none else int(place.iloc[-1]),
        "first_date": pd.NaT if none else day.iloc[0], "last_date": pd.NaT if none else day.iloc[-1],
        "n_units": len(inside),
    }  # fmt: skip


def _versions(inside: pd.DataFrame) -> dict[str, str]:
    """Versions of the codebook in a window, in the order in which they were used."""
    return {"codebook_versions": ", ".join(dict.fromkeys(v for v in inside["codebook_version"] if v))}


def _check_window(window: int, step: int) -> None:
    if window < 2 or step < 1:
        raise StudyError(
            f"a rolling window needs 2 units or more and a step of 1 or more; found window {window}, step {step}; "
            f"usual are {WINDOW} and {STEP}"
        )
