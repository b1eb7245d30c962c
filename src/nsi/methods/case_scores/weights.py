"""Weights that give each role the share it has on the roster, and what means become with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.case_scores.response_rates import EVERY_ROLE, KEY
from nsi.methods.case_scores.score_frame import NO_ROLE, need_columns, roles_of

CASE = ["wave", "case"]


def poststratified_weights(responses: pd.DataFrame, rates: pd.DataFrame, cap: float = 3.0) -> pd.Series:
    """Weight of each respondent: members on the roster for each respondent of that role in that case and wave.

    Parameters
    ----------
    responses : DataFrame
        One row per respondent of a wave and case: wave, case, role (may be missing). A frame of scores will do.
    rates : DataFrame
        From `response_rates`.
    cap : float
        Largest weight. What is cut off is spread over the other roles of the case in proportion.

    Returns
    -------
    Series
        Index of `responses`, name "weight": mean 1 within each case and wave. NaN where the case has no roster, or the
        respondent's role is missing or not on it. A role that nobody answered for is stood for by all other roles
        alike; `weighting_cells` says which.

    Raises
    ------
    StudyError
        If the cap is below 1, a column is absent, or a case of the responses is not in the rates.

    Source: Holt & Smith (1979), Post stratification, J. R. Stat. Soc. A 142:33-46.
    """
    cells = weighting_cells(responses, rates, cap)
    keyed = _keyed(responses)
    found = keyed.merge(cells[[*KEY, "weight"]], on=KEY, how="left", validate="many_to_one")
    return pd.Series(found["weight"].to_numpy(dtype="float64"), index=responses.index, name="weight")


def weighting_cells(responses: pd.DataFrame, rates: pd.DataFrame, cap: float = 3.0) -> pd.DataFrame:
    """Roles by case and wave with their weight, and what had to be done to it.

    Parameters
    ----------
    responses, rates, cap
        As for `poststratified_weights`.

    Returns
    -------
    DataFrame
        One row per wave, case and role: wave, case, role, roster (members; missing where unknown), n (respondents,
        whether on the roster or not), weight, flag: "" | "capped" | "collapsed" (members but no respondent) |
        "no_members" | "no_roster".

    Raises
    ------
    StudyError
        As for `poststratified_weights`.
    """
    if not cap >= 1:
        raise StudyError(f"the cap of weights is {cap}; weights have mean 1, so give a cap of 1 or more")
    need_columns(responses, CASE, "responses")
    need_columns(rates, [*KEY, "roster", "flag"], "rates")
    counts = _keyed(responses).groupby(KEY, sort=True).size().rename("n").reset_index()
    known = rates.loc[rates["role"] != EVERY_ROLE, [*KEY, "roster", "flag"]].astype(dict.fromkeys(KEY, "str"))
    cells = known.merge(counts, on=KEY, how="outer", validate="one_to_one", indicator=True)
    _refuse_unrated(cells, rates)
    cells["n"] = cells["n"].fillna(0).astype("int64")
    roster = cells["roster"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    usable = (roster > 0) & (cells["n"] > 0).to_numpy() & (cells["role"] != NO_ROLE).to_numpy()
    cells["weight"], capped = _capped(cells, roster, usable, cap)
    unknown = cells.groupby(CASE)["roster"].transform("count") == 0
    cells["flag"] = np.select(
        [unknown, (roster == 0) | np.isnan(roster), cells["n"] == 0, capped],
        ["no_roster", "no_members", "collapsed", "capped"],
        default="",
    ).astype("str")
    return cells[[*KEY, "roster", "n", "weight", "flag"]]


def _keyed(responses: pd.DataFrame) -> pd.DataFrame:
    return responses[CASE].astype("str").assign(role=roles_of(responses)).reset_index(drop=True)


def _refuse_unrated(cells: pd.DataFrame, rates: pd.DataFrame) -> None:
    rated = set(zip(rates["wave"].astype("str"), rates["case"].astype("str"), strict=True))
    lacking = [key for key in zip(cells["wave"], cells["case"], strict=True) if key not in rated]
    if lacking:
        wave, case = lacking[0]
        raise StudyError(
            f"rates have no row for case '{case}' in wave '{wave}', which has responses; make the rates from the same "
            "responses"
        )


def _capped(cells: pd.DataFrame, roster: np.ndarray, usable: np.ndarray, cap: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights with mean 1 over the respondents of a case and none above the cap; and which were cut."""
    code = cells.groupby(CASE).ngroup().to_numpy()
    n = np.where(usable, cells["n"].to_numpy(dtype="float64"), 0.0)
    base = np.divide(roster, n, out=np.zeros(len(cells)), where=usable)
    capped = np.zeros(len(cells), dtype=bool)
    total = np.bincount(code, weights=n)
    weight = base
    for _ in range(len(cells) + 1):  # each round cuts at least one more role, so that it ends
        cut, free = np.where(capped, n, 0.0), np.where(capped, 0.0, n)
        left = total - cap * np.bincount(code, weights=cut)
        mass = np.bincount(code, weights=free * base)
        factor = np.divide(left, mass, out=np.ones_like(mass), where=mass > 0)
        weight = np.where(capped, cap, base * factor[code])
        above = usable & ~capped & (weight > cap * (1 + 1e-12))
        if not above.any():
            break
        capped |= above
    return np.where(usable, weight, np.nan), capped


def weighted_means(
    values: pd.Series, weights: pd.Series, groups: pd.Series, roster: pd.Series | None = None
) -> pd.DataFrame:
    """Weighted mean of each group with the number of equally weighted answers it is worth.

    Parameters
    ----------
    values, weights, groups : Series
        One entry per respondent, same index. A missing value or weight leaves the respondent out.
    roster : Series, optional
        Members by group. Where it is known and not below n, the error has the finite population correction.

    Returns
    -------
    DataFrame
        One row per group with a weighted value, sorted: case, n, n_effective (Kish: square of the sum over the sum of
        squares), weighted_mean, weighted_se (weights taken as fixed, linearised; NaN for one respondent).

    Source: Kish (1965), Survey Sampling; Sarndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, 5.7.
    """
    used = pd.DataFrame({"case": groups.astype("str"), "y": values, "w": weights}).dropna()
    code, cases = pd.factorize(used["case"], sort=True)
    w, y = used["w"].to_numpy(dtype="float64"), used["y"].to_numpy(dtype="float64")
    n = np.bincount(code, minlength=len(cases)).astype("float64")
    total = np.bincount(code, weights=w, minlength=len(cases))
    mean = np.bincount(code, weights=w * y, minlength=len(cases)) / total
    squares = np.bincount(code, weights=(w * (y - mean[code])) ** 2, minlength=len(cases))
    several = n > 1
    variance = np.divide(squares * n, total**2 * (n - 1), out=np.full(len(n), np.nan), where=several)
    correction = 1.0 if roster is None else population_correction(n, roster.reindex(cases).to_numpy(dtype="float64"))
    return pd.DataFrame(
        {
            "case": pd.Series(cases, dtype="str"), "n": n.astype("int64"),
            "n_effective": total**2 / np.bincount(code, weights=w**2, minlength=len(cases)),
            "weighted_mean": mean, "weighted_se": np.sqrt(variance) * correction,
        }
    )  # fmt: skip


def population_correction(n: np.ndarray, roster: np.ndarray) -> np.ndarray:
    """Factor of a standard error where n out of a known number answered: sqrt(1 - n/N); 1 where N is unknown or below.

    Parameters
    ----------
    n, roster : array
        Respondents and members by group; NaN where the roster is unknown.
    """
    known = (roster > 0) & (n <= roster)
    share = np.divide(n, roster, out=np.zeros(len(n)), where=known)
    return np.sqrt(1.0 - share)
