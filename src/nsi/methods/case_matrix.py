"""The case-by-field matrix in numbers: how many units, which share per code, which median."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from nsi.errors import StudyError, listed

COLUMNS = ["case", "field", "statistic", "code", "value", "n"]
ORDERED = ("ordinal", "interval", "ratio")


def case_by_field(
    labels: pd.DataFrame,
    *,
    codes: Mapping[str, Sequence[str]],
    levels: Mapping[str, str],
    cases: Sequence[str] = (),
) -> pd.DataFrame:
    """Summarise final labels by case and field.

    Parameters
    ----------
    labels : DataFrame
        case, unit, field, value, weight; the weights of a unit add up to 1 in each field.
    codes : mapping
        Field to its codes in codebook order.
    levels : mapping
        Field to its level of measurement.
    cases : sequence of str
        Cases in the order wanted; by default in order of first appearance.

    Returns
    -------
    DataFrame
        One row per case, field and statistic. ``share`` (0 to 1) per code; 0 is counted and none. ``median``
        for ordered levels: the lowest code that at least half of the weight reaches; ``value`` is that code
        as a number or, where the field has a code that is none, its position from 1. ``n`` is the number of
        units. A case without any label in a field has n 0 and missing values: not rated is neither zero nor
        blank.

    Raises
    ------
    StudyError
        On a label outside its field's codes, a field that is not in `codes`, a case that is not in `cases`,
        or weights of units that do not add up to 1.
    """
    unknown = sorted(set(labels["field"]) - set(codes))
    if unknown:
        raise StudyError(f"labels hold the field '{unknown[0]}', which was not asked for; pass its codes too")
    order = list(cases) or list(dict.fromkeys(labels["case"]))
    left_out = sorted(set(labels["case"]) - set(order))
    if left_out:
        raise StudyError(f"labels hold the case {listed(left_out)}, which is not among the cases asked for; add it")
    rows: list[dict[str, object]] = []
    for field, field_codes in codes.items():
        weights, units = _weights(labels[labels["field"] == field], field, list(field_codes), order)
        numbers = _numbers(list(field_codes)) if levels[field] in ORDERED else None
        for case in order:
            weight: pd.Series[float] = weights.loc[case]  # type: ignore[assignment]
            shares = weight / units[case] if units[case] else weight * float("nan")
            rows += _cell(case, field, shares, int(units[case]), numbers)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(
        {"case": "str", "field": "str", "statistic": "str", "code": "str", "value": "float64", "n": "int64"}
    )


def _weights(here: pd.DataFrame, field: str, codes: list[str], order: list[str]) -> tuple[pd.DataFrame, pd.Series[int]]:
    """Weight per case and code, and units per case, of one field."""
    stray = sorted(set(here["value"]) - set(codes))
    if stray:
        raise StudyError(f"field '{field}' holds {listed(stray)}, but its codes are {', '.join(codes)}; clean first")
    sums = here.groupby(["case", "unit"])["weight"].sum()
    # 1e-9: thirds do not add up to exactly 1.
    wrong = [unit for _, unit in sums.index[(sums - 1).abs() > 1e-9]]
    if wrong:
        raise StudyError(f"field '{field}': the weights of unit {listed(wrong)} do not add up to 1; use final_labels")
    weights = here.pivot_table(index="case", columns="value", values="weight", aggfunc="sum", observed=True)
    units = here.groupby("case")["unit"].nunique()
    return weights.reindex(index=order, columns=codes).fillna(0.0), units.reindex(order, fill_value=0)


def _cell(
    case: str, field: str, shares: pd.Series[float], n: int, numbers: list[float] | None
) -> list[dict[str, object]]:
    base = {"case": case, "field": field, "n": n}
    rows: list[dict[str, object]] = [
        {**base, "statistic": "share", "code": code, "value": share} for code, share in shares.items()
    ]
    if numbers is not None:
        # 1e-9: shares are sums of thirds and halves, and half must not be missed by a rounding error.
        median = numbers[int((shares.cumsum() < 0.5 - 1e-9).sum())] if n else None
        rows.append({**base, "statistic": "median", "code": None, "value": median})
    return rows


def _numbers(codes: list[str]) -> list[float]:
    """What a code stands for in a median: itself if all codes are numbers, else its position from 1."""
    try:
        numbers = [float(code) for code in codes]
    except ValueError:
        numbers = [math.nan]
    return numbers if all(math.isfinite(number) for number in numbers) else [float(n) for n in range(1, len(codes) + 1)]
