"""The usual code of each cell: the middle one where codes have an order, or the most frequent one."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError
from nsi.methods.matrix.material import SUPPORTS, code_numbers
from nsi.methods.matrix.plan import Plan

MEDIAN, MODE = "median", "mode"
NEAR = 1e-9  # shares of segments are sums of fractions, which need not meet exactly
WORDS = {
    MEDIAN: "the middle code of the supporting segments in the order of the codebook, the lower where two are in the "
            "middle; in brackets the lowest and the highest",
    MODE: "the most frequent code of the supporting segments, in brackets its share; codes that are equally frequent "
          "stand together",
}  # fmt: skip


def typical_codes(coded: pd.DataFrame, row_by: pd.Series, column_by: pd.Series, plan: Plan) -> pd.DataFrame:
    """Tell the usual code of each cell.

    Parameters
    ----------
    coded : DataFrame
        From `Material.coded`. Contrary segments say what a case is not, and do not count. A segment with several
        codes of the field, because nobody settled between its coders, counts with equal shares for each.
    row_by, column_by : Series, aligned with `coded`
        From `placed`.
    plan : Plan
        `typical` says which; codes are in codebook order.

    Returns
    -------
    DataFrame
        row, column, rating (label of the code), spread (from which to which code, or how large a share); cells
        without supporting segments do not appear.

    Raises
    ------
    StudyError
        If a cell holds codes of several fields, of which none is usual.
    """
    if plan.typical not in WORDS:
        raise StudyError(f"typical is '{plan.typical}', but allowed are {', '.join(WORDS)}")
    supports = (coded["stance"] == SUPPORTS) & row_by.notna() & column_by.notna()
    keys = pd.DataFrame({"row": row_by, "column": column_by, "segment": coded["segment"], "field": coded["field"],
                         "code": code_numbers(coded, plan.codes)})[supports]  # fmt: skip
    several = keys.drop_duplicates(["row", "column", "field"]).duplicated(["row", "column"])
    if several.any():
        raise StudyError(f"matrix '{plan.name}': a cell holds codes of several fields, of which none is the usual one; "
                         "let rows or columns be of: field, or name one field under evidence")  # fmt: skip
    cell = ["row", "column"]
    shares = 1.0 / keys.groupby([*cell, "segment"])["code"].transform("size")
    counted = keys.assign(share=shares).groupby([*cell, "code"])["share"].sum().reset_index()
    counted["share"] /= counted.groupby(cell)["share"].transform("sum")
    found = _middle(counted, plan) if plan.typical == MEDIAN else _frequent(counted, plan)
    return found.reset_index().astype(dict.fromkeys([*cell, "rating", "spread"], "str"))


def _middle(counted: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Lower weighted median, and the ends of what occurs."""
    words = pd.Series([code.label for code in plan.codes], dtype="str")
    up_to = counted.groupby(["row", "column"])["share"].cumsum()
    middle = counted[up_to >= 0.5 - NEAR].groupby(["row", "column"])["code"].first()
    ends = counted.groupby(["row", "column"])["code"].agg(["min", "max"])
    low, high = (words.reindex(ends[end]).to_numpy() for end in ("min", "max"))
    told = pd.DataFrame({"rating": words.reindex(middle).to_numpy()}, index=middle.index)
    spread = [f"{first} to {last}" if first != last else "" for first, last in zip(low, high, strict=True)]
    return told.assign(spread=spread)


def _frequent(counted: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    words = [code.label for code in plan.codes]
    most = counted.groupby(["row", "column"])["share"].transform("max")
    top = counted[counted["share"] >= most - NEAR]
    groups = top.assign(word=[words[code] for code in top["code"]]).groupby(["row", "column"])
    told = groups.agg(rating=("word", " or ".join), share=("share", "first"))
    told["spread"] = [_share(share, " or " in word) for word, share in zip(told["rating"], told["share"], strict=True)]
    return told[["rating", "spread"]]


def _share(share: float, several: bool) -> str:
    """A share in words; nothing where all segments say the same, and never a whole that is none."""
    if share >= 1 - NEAR:
        return ""
    return f"{'over 99%' if share > 0.99 else f'{share:.0%}'}{' each' if several else ''}"
