"""The order of rows: by any score or total in one word, in bands, with those marked that might belong in another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.matrix.matrix import ROWS
from nsi.methods.matrix.plan import Axis

TOTALS = ("n_segments", "n_sources", "n_cases")
BY_WORD = ("label", "codebook", *TOTALS)
UNPLACED = "no band"


def ordered_rows(
    entries: pd.DataFrame, axis: Axis, cases: pd.DataFrame, totals: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Put rows in their order.

    Parameters
    ----------
    entries : DataFrame
        id and label, in codebook or time order; group becomes the band where no bands are declared.
    axis : Axis
        Says by what.
    cases : DataFrame
        One row per case, with what rows are ordered, banded and marked by.
    totals : DataFrame, optional
        id and the totals n_segments, n_sources, n_cases.

    Returns
    -------
    DataFrame
        `ROWS`. Bands in declared order, rows without a band last; within a band by value, missing ones last; equal
        ones by label, then by id, so that the order never depends on that of the data.

    Raises
    ------
    StudyError
        If `order_by`, a band or a rank is no column, or a band is not among those declared.
    """
    value = _values(entries, axis, cases, totals)
    band = _bands(entries, axis, cases)
    order = [*axis.band_order, UNPLACED] if axis.bands else list(dict.fromkeys(band))
    place = {name: number for number, name in enumerate(order)}
    ids, labels = entries["id"].tolist(), entries["label"].tolist()
    numbers = sorted(range(len(ids)), key=lambda n: (labels[n], ids[n]))
    if axis.order_by not in ("", "codebook"):
        known = [n for n in numbers if not _absent(value[n])]
        known.sort(key=lambda n: value[n], reverse=axis.descending)  # stable both ways: ties keep their order
        numbers = known + [n for n in numbers if _absent(value[n])]
    else:
        numbers = sorted(range(len(ids)), reverse=axis.descending)
    numbers.sort(key=lambda n: place[band[n]])
    amounts = [float(value[n]) if isinstance(value[n], (int, float)) else math.nan for n in numbers]
    rows = entries.iloc[numbers][["id", "label"]].rename(columns={"id": "row"}).reset_index(drop=True)
    rows["band"] = pd.Series([band[n] for n in numbers], dtype="str")
    rows["mark"] = _marks(rows["row"], axis, cases)
    return rows.assign(order_value=np.asarray(amounts, dtype=float))[ROWS]


def _absent(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT


def _of_case(entries: pd.DataFrame, name: str, cases: pd.DataFrame, axis: Axis, what: str) -> pd.Series:
    if axis.of != "case" or name not in cases.columns:
        known = [str(column) for column in cases.columns if column != "case"] if axis.of == "case" else []
        allowed = listed([*(known if what != "order_by" else [*known, *BY_WORD])] or BY_WORD, 40)
        raise StudyError(f"rows of '{axis.of}' have {what} '{name}', but allowed are {allowed}; correct it")
    return entries["id"].map(cases.set_index(cases["case"].astype("str"))[name])


def _values(entries: pd.DataFrame, axis: Axis, cases: pd.DataFrame, totals: pd.DataFrame | None) -> list[Any]:
    """What each row is sorted by: numbers, or places in an order, or texts."""
    if axis.order_by in ("", "codebook", "label"):
        return entries["label"].tolist() if axis.order_by == "label" else [None] * len(entries)
    if axis.order_by in TOTALS and totals is not None:
        return [float(n) for n in entries["id"].map(totals.set_index("id")[axis.order_by]).fillna(0)]
    found = _of_case(entries, axis.order_by, cases, axis, "order_by")
    if pd.api.types.is_numeric_dtype(found) and not pd.api.types.is_bool_dtype(found):
        return [None if pd.isna(n) else float(n) for n in found]
    known = next((a.values for a in axis.attributes if a.name == axis.order_by), {})
    order = {name: number for number, name in enumerate(known)}
    if isinstance(found.dtype, pd.CategoricalDtype):
        order = {str(name): number for number, name in enumerate(found.cat.categories)}
    texts = [None if pd.isna(n) else str(n) for n in found]
    return [n if n is None or not order else f"{order.get(n, len(order)):06d}" for n in texts]


def _bands(entries: pd.DataFrame, axis: Axis, cases: pd.DataFrame) -> list[str]:
    if not axis.bands:
        return [str(group) for group in entries["group"]]
    found = _of_case(entries, axis.bands, cases, axis, "bands")
    stray = sorted({str(name) for name in found.dropna()} - set(axis.band_order))
    if stray:
        raise StudyError(
            f"the column '{axis.bands}' puts cases into the band {listed(map(shown, stray))}, but the order of bands "
            f"is {', '.join(axis.band_order)}; add it there, or leave those cases out with 'only'"
        )
    return [UNPLACED if pd.isna(name) else str(name) for name in found]


def _marks(ids: pd.Series, axis: Axis, cases: pd.DataFrame) -> pd.Series:
    if not axis.mark:
        return pd.Series("", index=ids.index, dtype="str")
    entries = pd.DataFrame({"id": ids})
    low = pd.to_numeric(_of_case(entries, axis.rank_low, cases, axis, "mark"))
    high = pd.to_numeric(_of_case(entries, axis.rank_high, cases, axis, "mark"))
    cuts = list(axis.cuts) or cuts_between_bands(axis, cases)
    return pd.Series([rank_mark(*ends, cuts) for ends in zip(low, high, strict=True)], index=ids.index, dtype="str")


def rank_mark(low: float, high: float, cuts: Sequence[int]) -> str:
    """Say that the interval of a case's rank reaches across a cut.

    Parameters
    ----------
    low, high : float
        Ends of the interval; rank 1 is highest. Missing where the case has no rank.
    cuts : sequence of int
        Ranks after which a band ends.

    Returns
    -------
    str
        For example ``"rank 3 to 9 crosses the cut after 4"``; "" where it crosses none, "no rank" without one.
    """
    if pd.isna(low) or pd.isna(high):
        return "no rank"
    crossed = [cut for cut in cuts if low <= cut < high]
    ends = f"rank {low:g} to {high:g}"
    return f"{ends} crosses the cut after {' and '.join(map(str, crossed))}" if crossed else ""


def cuts_between_bands(axis: Axis, cases: pd.DataFrame) -> list[int]:
    """Return the ranks after which bands end, from the number of cases in each.

    Raises
    ------
    StudyError
        If ranks run beyond the cases that have a band: the cuts must then be declared.
    """
    sizes: dict[Any, int] = cases[axis.bands].value_counts().to_dict() if axis.bands in cases.columns else {}
    order = list(axis.band_order) if axis.descending else list(axis.band_order)[::-1]
    ends = np.cumsum([int(sizes.get(name, 0)) for name in order]).tolist()
    highest = pd.to_numeric(cases[axis.rank_high]).max()
    if not ends or (not pd.isna(highest) and highest > ends[-1]):
        raise StudyError(
            f"ranks run to {highest:g}, but {ends[-1] if ends else 0} cases have a band, so that the cuts between "
            "bands are not known; declare them as cuts, for example cuts: [4, 7]"
        )
    return [end for end in dict.fromkeys(ends[:-1]) if end > 0]
