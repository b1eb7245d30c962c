"""The case-by-field matrix in numbers: how many units, which share per code, which median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from nsi.errors import StudyError, listed

COLUMNS = ["case", "field", "statistic", "code", "value", "n"]
ORDERED = ("ordinal", "interval", "ratio")


def case_by_field(
    labels: pd.DataFrame, *, codes: Mapping[str, Sequence[str]], levels: Mapping[str, str], cases: Sequence[str] = ()
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
        One row per case, field and statistic. ``share`` (0 to 1) per code; 0 is counted and none. ``median`` for
        ordered levels: the lowest code that at least half of the weight reaches; ``value`` is that code as a number or,
        where codes are words, its position from 1. ``n`` is the number of units. A case without any label in a field has n 0 and missing
        values: not rated is neither zero nor blank.

    Raises
    ------
    StudyError
        On a label outside its field's codes or a field that is not in `codes`.
    """
    unknown = sorted(set(labels["field"]) - set(codes))
    if unknown:
        raise StudyError(f"labels hold the field '{unknown[0]}', which was not asked for; pass its codes too")
    order = list(cases) or list(dict.fromkeys(labels["case"]))
    rows: list[dict[str, object]] = []
    for field, field_codes in codes.items():
        here = labels[labels["field"] == field]
        stray = sorted(set(here["value"]) - set(field_codes))
        if stray:
            raise StudyError(f"field '{field}' holds {listed(stray)}, but its codes are {', '.join(field_codes)}; clean first")
        weights = here.pivot_table(index="case", columns="value", values="weight", aggfunc="sum", observed=True)
        weights = weights.reindex(index=order, columns=list(field_codes)).fillna(0.0)
        units = here.groupby("case")["unit"].nunique().reindex(order, fill_value=0)
        for case in order:
            shares = weights.loc[case] / units[case] if units[case] else weights.loc[case] * float("nan")
            rows += _cell(case, field, shares, int(units[case]), levels[field] in ORDERED)
    return pd.DataFrame(rows, columns=COLUMNS)


def _cell(case: str, field: str, shares: pd.Series[float], n: int, ordered: bool) -> list[dict[str, object]]:
    base = {"case": case, "field": field, "n": n}
    rows: list[dict[str, object]] = [
        {**base, "statistic": "share", "code": code, "value": share} for code, share in shares.items()
    ]
    if ordered:
        # 1e-9: shares are sums of thirds and halves, and half must not be missed by a rounding error.
        position = int((shares.cumsum() < 0.5 - 1e-9).sum()) if n else None
        value = None if position is None else _number(str(shares.index[position]), position + 1)
        rows.append({**base, "statistic": "median", "code": None, "value": value})
    return rows


def _number(code: str, position: int) -> float:
    try:
        return float(code)
    except ValueError:
        return float(position)
