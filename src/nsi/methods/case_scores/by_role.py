"""What people of each role scored, by case, wave and scale: means with intervals, small groups withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.score_frame import NO_ROLE, WITHHELD, checked_scores, need_columns, roles_of, wave_order
from nsi.methods.case_scores.withheld import complementary
from nsi.methods.quantiles import t_quantile

KEY = ["case", "wave", "scale", "role"]
VALUES = ["mean", "sd", "se", "low", "high"]
NOT_ASKED = "not_asked"


def role_means(
    scores: pd.DataFrame,
    scales: Sequence[str],
    *,
    cases: Sequence[str],
    roles: Sequence[str],
    minimum_n: int,
    asked: Mapping[str, Sequence[str] | None] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Mean of each role within each case, wave and scale, with the interval of Student's t.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent: these, role, and the scales (NaN without a score).
    scales : sequence of str
        Columns of `scores`, in the order wanted.
    cases, roles : sequence of str
        Which, in the order wanted. Respondents whose role is missing form a further group, "unknown", where there are
        any: they stand in the totals of their case, so a withheld role must not follow from the rest.
    minimum_n : int
        Smallest number of scores of which anything is shown.
    asked : mapping of str to sequence of str, optional
        Roles that were asked a scale; all roles where absent or None.
    confidence : float
        Of the intervals. Those who answered are taken as a sample of many who might have: no correction for a roster
        of which nearly all answered, so that intervals are rather too wide.

    Returns
    -------
    DataFrame
        One row per case, wave, scale and role: these, n (scores), mean, sd, se, low, high (unit of the scale), flag:
        "" | "withheld" | "not_asked" | "no_scores" | "one_score" (a mean without interval). A role is withheld where
        0 < n < minimum_n, and with it the smallest further ones of that case, wave and scale, since the total of the
        case is printed elsewhere. n of withheld rows stays for `with_words` to replace.

    Raises
    ------
    StudyError
        If a column is absent, a case or role is unknown, a respondent stands twice, or a setting is out of its range.
    """
    need_columns(scores, ["role"], "scores")
    _refuse_settings(minimum_n, confidence)
    known = checked_scores(scores, scales)
    known = known[known["case"].isin(list(cases))].assign(role=roles_of(known))
    _refuse_unknown(known, cases, roles)
    groups = [*roles, *([NO_ROLE] if NO_ROLE not in roles and (known["role"] == NO_ROLE).any() else [])]
    waves = wave_order(known)
    wanted = pd.MultiIndex.from_product([cases, waves, scales, groups], names=KEY)
    long = known.melt(id_vars=["case", "wave", "role"], value_vars=list(scales), var_name="scale", value_name="score")
    found = long.dropna(subset="score").groupby(KEY, sort=False)["score"].agg(["size", "mean", "std"])
    table = found.reindex(wanted).rename(columns={"size": "n", "std": "sd"}).reset_index()
    table[KEY] = table[KEY].astype("str")
    table["n"] = table["n"].fillna(0).astype("int64")
    table = _with_intervals(table, confidence)
    table["flag"] = _flags(table, minimum_n, asked or {})
    table[VALUES] = table[VALUES].mask(table["flag"] == WITHHELD, axis=0)
    return complementary(table, ["case", "wave", "scale"], minimum_n)[[*KEY, "n", *VALUES, "flag"]]


def clear_differences(
    means: pd.DataFrame, pair: tuple[str, str], *, by: Sequence[str] = ("scale", "wave", "role")
) -> pd.DataFrame:
    """Set the intervals of two cases side by side, and say which of them lie wholly apart.

    Parameters
    ----------
    means : DataFrame
        From `role_means`, or any table with ``case``, the columns `by`, ``mean``, ``low`` and ``high``.
    pair : tuple of str
        Two cases.
    by : sequence of str
        What a comparison holds fixed.

    Returns
    -------
    DataFrame
        One row per comparison in which both have a mean: the columns `by`, difference (first minus second, unit of
        the scale), apart: 1 where the first lies above the second and their intervals do not touch, -1 where it
        lies below, 0 otherwise. Intervals that do not touch are a stricter test than the difference would be.

    Raises
    ------
    StudyError
        If a column is absent.
    """
    need_columns(means, ["case", *by, "mean", "low", "high"], "means")
    one, other = (means[means["case"] == case].set_index(list(by))[["mean", "low", "high"]] for case in pair)
    both = one.add_suffix("_one").join(other.add_suffix("_other"), how="inner", validate="one_to_one")
    both = both.dropna(subset=["mean_one", "mean_other"])
    above = (both["low_one"] > both["high_other"]).astype("int64")
    below = (both["high_one"] < both["low_other"]).astype("int64")
    told = pd.DataFrame({"difference": both["mean_one"] - both["mean_other"], "apart": above - below})
    return told.reset_index()


def _refuse_settings(minimum_n: int, confidence: float) -> None:
    if minimum_n < 1:
        raise StudyError(f"minimum_n must be 1 or more, but is {minimum_n}")
    if not 0 < confidence < 1:
        raise StudyError(f"confidence is {confidence:g}, but must lie between 0 and 1, such as 0.95")


def _refuse_unknown(known: pd.DataFrame, cases: Sequence[str], roles: Sequence[str]) -> None:
    absent = [case for case in cases if case not in set(known["case"])]
    if absent:
        raise StudyError(f"scores have nobody of case {listed(absent)}; correct the name, or leave the case out")
    stray = [role for role in dict.fromkeys(known["role"]) if role not in (*roles, NO_ROLE)]
    if stray:
        raise StudyError(f"scores hold the role '{stray[0]}', but roles named are {listed(roles)}; name all of them")


def _with_intervals(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    n = table["n"].to_numpy(dtype="float64")
    several = n > 1
    table["se"] = table["sd"] / np.sqrt(np.where(several, n, np.nan))
    half = t_quantile(np.where(several, n - 1, np.nan), (1 + confidence) / 2) * table["se"].to_numpy()
    return table.assign(low=table["mean"] - half, high=table["mean"] + half)


def _flags(table: pd.DataFrame, minimum_n: int, asked: Mapping[str, Sequence[str] | None]) -> list[str]:
    flags = []
    for scale, role, n in zip(table["scale"], table["role"], table["n"], strict=True):
        allowed = asked.get(scale)
        outside = bool(allowed) and role != NO_ROLE and role not in (allowed or ())
        few = WITHHELD if 0 < n < minimum_n else "one_score" if n == 1 else ""
        flags.append(few if n else NOT_ASKED if outside else "no_scores")
    return flags
