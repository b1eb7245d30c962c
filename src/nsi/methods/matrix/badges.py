"""How reliable the codes beneath a column are, in a few words, and what stands there where that is not known."""

from __future__ import annotations

import math

import pandas as pd

POOLED = "all"
ALPHA = "krippendorff_alpha"
WORDS = {ALPHA: "alpha", "percent_agreement": "agreement", "gwet_ac1": "AC1", "cohen_kappa": "kappa"}
CODED_ONCE = "coded once"
SEVERAL = "several codes"
NO_CODE = "not coded"


def agreement_on(
    entries: pd.DataFrame,
    by_code: pd.DataFrame | None,
    by_field: pd.DataFrame | None = None,
    *,
    coefficient: str = ALPHA,
) -> pd.DataFrame:
    """Look up how far coders agreed on what rows or columns stand for.

    Parameters
    ----------
    entries : DataFrame
        field and code, "" where it is none.
    by_code : DataFrame or None
        Agreement by code: field, code, coefficient, estimate, ci_low, ci_high, n_pairable, flag; with a column case,
        the rows of "all" cases count.
    by_field : DataFrame or None
        The same by field, for entries that are a whole field.
    coefficient : str
        Which one.

    Returns
    -------
    DataFrame, aligned with `entries`
        estimate, ci_low, ci_high (missing where undefined), n (units coded by at least two), flag: "" where there is
        an estimate, "coded once" where no unit was coded twice, "several codes" for a field without its own
        estimate, "not coded" for what is no code, else why it is undefined.
    """
    known = pd.concat([_known(by_code, coefficient), _known(by_field, coefficient)], ignore_index=True)
    found = entries[["field", "code"]].merge(
        known.drop_duplicates(["field", "code"]), on=["field", "code"], how="left", validate="many_to_one", sort=False
    )
    found.index = entries.index
    found["n"] = found["n"].fillna(0).astype("int64")
    flag = found["flag"].fillna("").astype("str")
    flag = flag.mask((flag == "") & found["estimate"].isna(), "undefined").mask(found["n"] == 0, CODED_ONCE)
    unknown = (entries["code"] == "") & found["flag"].isna()
    flag = flag.mask(unknown, SEVERAL).mask(entries["field"] == "", NO_CODE)
    estimate = found["estimate"].astype(float).mask(flag != "")
    return found[["ci_low", "ci_high", "n"]].assign(estimate=estimate, flag=flag.astype("str"))


def _known(table: pd.DataFrame | None, coefficient: str) -> pd.DataFrame:
    names = ["field", "code", "estimate", "ci_low", "ci_high", "n", "flag"]
    if table is None:
        return pd.DataFrame({name: pd.Series(dtype="str" if name in ("field", "code", "flag") else "float64")
                             for name in names})  # fmt: skip
    rows = table[table["coefficient"] == coefficient]
    if "case" in rows.columns:
        rows = rows[rows["case"] == POOLED]
    code = rows["code"].astype("str") if "code" in rows.columns else pd.Series("", index=rows.index, dtype="str")
    found = rows.assign(code=code, n=rows["n_pairable"].astype(float), flag=rows["flag"].fillna("").astype("str"))
    return found.astype({"field": "str", "estimate": "float64"})[names]


def badges(
    columns: pd.DataFrame,
    reliability_by_code: pd.DataFrame | None,
    reliability: pd.DataFrame | None = None,
    *,
    coefficient: str = ALPHA,
) -> pd.Series:
    """Say over each column how reliable its codes are.

    Parameters
    ----------
    columns : DataFrame
        field and code of each column, "" where it is none.
    reliability_by_code, reliability, coefficient
        As `agreement_on`.

    Returns
    -------
    Series of str, aligned with `columns`
        For example ``"alpha .81 (.74 to .87), n 120"``, ``"alpha undefined (no variation), n 120"`` or
        ``"coded once"``; "" for what is no code or field.
    """
    found = agreement_on(columns, reliability_by_code, reliability, coefficient=coefficient)
    word = WORDS.get(coefficient, coefficient.replace("_", " "))
    told = [_badge(word, *values) for values in found[["estimate", "ci_low", "ci_high", "n", "flag"]].to_numpy()]
    return pd.Series(told, index=columns.index, dtype="str")


def _badge(word: str, estimate: float, low: float, high: float, n: int, flag: str) -> str:
    if flag in (CODED_ONCE, SEVERAL):
        return flag
    if flag == NO_CODE:
        return ""
    if flag:
        return f"{word} undefined ({flag.replace('_', ' ')}), n {n}"
    between = "" if math.isnan(low) or math.isnan(high) else f" ({_short(low)} to {_short(high)})"
    return f"{word} {_short(estimate)}{between}, n {n}"


def _short(value: float) -> str:
    """Two decimals without the zero before the point."""
    text = f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace("0.", ".", 1) if abs(float(text)) < 1 else text
