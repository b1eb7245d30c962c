"""How often each coder gives each code, batch by batch, against the other coders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.coded_units import coded_units, independent_ratings
from nsi.methods.exact_tests import fisher_exact, holm

COLUMNS = [
    "field", "batch", "coder", "code", "n_code", "n_ratings", "share", "n_code_others", "n_ratings_others",
    "share_others", "difference", "p", "p_holm", "significant", "flag",
]  # fmt: skip
ONE_BATCH = "all"
NOT_USED, ALWAYS_USED, SINGLE_CODER = "never_used", "always_used", "single_coder"


def code_use(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    batch: str = "round",
    batches: Sequence[str] | None = None,
    shared: bool = False,
    error_rate: float = 0.05,
) -> pd.DataFrame:
    """Share of each code in each coder's ratings of a batch, tested against the other coders' ratings of it.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value and the one named by `batch`; rated_on and label_stage if
        there.
    field : str
        Which field.
    codes : sequence of str
        All codes of that field in the codebook's order.
    batch : str
        Column that says in which batch a rating was made. Missing everywhere: all ratings are one batch,
        "all".
    batches : sequence of str, optional
        Order of the batches; by date of the first rating where not given.
    shared : bool
        Count only units that two or more coders coded. Otherwise coders who were given different units may
        differ because of the units.
    error_rate : float
        Family-wise: the chance that any of the tests calls out a difference where there is none.

    Returns
    -------
    DataFrame, one row per batch, coder and code
        Columns field, batch, coder, code, n_code, n_ratings, share (0 to 1, of that coder's ratings),
        n_code_others, n_ratings_others, share_others, difference (share - share_others), p (Fisher's exact
        test, two-sided), p_holm (over all tests of the table), significant, flag. No test, p missing, and no
        part in the correction where flag is "never_used" or "always_used" (everybody's ratings of the batch are
        alike in that code) or "single_coder" (there are no others). With two coders the test of the one is
        that of the other, and counts once.

    Raises
    ------
    StudyError
        As for `reliability`; if the column of batches is lacking, missing in some rows only, or holds a batch
        that `batches` leaves out.

    Notes
    -----
    The test takes the two coders' ratings as independent, which those of the same units are not; there it is
    too careful: it misses differences rather than invent them.
    """
    if not 0 < error_rate < 1:
        raise StudyError(f"error_rate must lie between 0 and 1, for example 0.05; found {error_rate}")
    coded_units(ratings, field=field, codes=codes)  # refuses what is no code
    given = _with_batch(independent_ratings(ratings, field), batch, field)
    order = _batch_order(given, batches)
    if shared:
        given = given[given.groupby(["case", "unit"], observed=True)["coder"].transform("size") >= 2]
    coders = sorted({str(coder) for coder in given["coder"]})
    rows = [row for name in order for row in _of_batch(given[given["batch"] == name], coders, codes)]
    table = pd.DataFrame([{"field": field, **row} for row in rows], columns=[*COLUMNS[:12], "flag", "test"])
    once = ~table["test"].duplicated()
    adjusted = dict(zip(table.loc[once, "test"], holm(table.loc[once, "p"].to_numpy(float)), strict=True))
    table["p_holm"] = table["test"].map(adjusted).astype("float64")
    table["significant"] = table["p_holm"] <= error_rate  # false where there was no test
    return table[COLUMNS]


def _with_batch(given: pd.DataFrame, batch: str, field: str) -> pd.DataFrame:
    """Ratings with the batch of each as text."""
    if batch not in given.columns:
        raise StudyError(f"ratings have no column {batch!r} for the batches; name the column that holds them")
    absent = given[batch].isna()
    if absent.all():
        return given.assign(batch=ONE_BATCH)
    if absent.any():
        row = given.index[absent][0]
        raise StudyError(
            f"ratings row {row}: no {batch} for field {field!r} ({int(absent.sum())} such rating(s)), "
            "while others have one; fill it in through the corrections table"
        )
    return given.assign(batch=given[batch].astype(str))


def _batch_order(given: pd.DataFrame, batches: Sequence[str] | None) -> list[str]:
    met = list(dict.fromkeys(given["batch"]))
    if batches is not None:
        left_out = [name for name in met if name not in batches]
        if left_out or len(set(batches)) < len(batches):
            raise StudyError(
                f"the order of batches must name each batch once; missing from it: {listed(left_out) or 'none'}"
            )
        return list(batches)
    if "rated_on" not in given.columns or not given["rated_on"].notna().any():
        return sorted(met)
    first = given.groupby("batch")["rated_on"].min().reset_index()
    return [str(name) for name in first.sort_values(["rated_on", "batch"])["batch"]]


def _of_batch(given: pd.DataFrame, coders: Sequence[str], codes: Sequence[str]) -> list[dict[str, object]]:
    """Rows of one batch; coders without a rating in it have none."""
    counts = pd.crosstab(given["coder"].astype(str), given["value"].astype(str))
    table = counts.reindex(index=list(coders), columns=list(codes), fill_value=0).to_numpy(dtype=np.int64)
    sizes, together = table.sum(axis=1), table.sum(axis=0)
    batch = given["batch"].iloc[0] if len(given) else ""
    several = int((sizes > 0).sum())
    rows: list[dict[str, object]] = []
    for who, coder in enumerate(coders):
        for place, code in enumerate(codes if sizes[who] else ()):
            n, size = int(table[who, place]), int(sizes[who])
            n_others, others = int(together[place]) - n, int(sizes.sum()) - size
            flag = _untestable(several, int(together[place]), size + others)
            share, share_others = n / size, n_others / others if others else np.nan
            p = np.nan if flag else fisher_exact(n, size - n, n_others, others - n_others)
            rows.append({
                "batch": batch, "coder": coder, "code": code, "n_code": n, "n_ratings": size,
                "share": share, "n_code_others": n_others, "n_ratings_others": others,
                "share_others": share_others, "difference": share - share_others, "p": p, "flag": flag,
                "test": (batch, code, "" if several == 2 else coder),
            })  # fmt: skip
    return rows


def _untestable(n_coders: int, n_code: int, n_ratings: int) -> str:
    """Why a code cannot be tested in a batch; "" where it can."""
    if n_coders < 2:
        return SINGLE_CODER
    if n_code == 0:
        return NOT_USED
    return ALWAYS_USED if n_code == n_ratings else ""
