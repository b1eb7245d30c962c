"""Codes that belong to one of two sides: what share of an area each takes in a case, and how two groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed

CELLS = ["row", "column", "n_supporting", "n_contrary", "state"]
NOT_LOOKED = "not_looked"
NO_SEGMENT = "no_segment_in_area"


def code_shares(cells: pd.DataFrame, *, areas: Mapping[str, str], sides: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Share of each code among the supporting segments of its area, case by case.

    Parameters
    ----------
    cells : DataFrame
        The cells of a matrix of cases by codes: row (case), column (code), n_supporting, n_contrary, state.
    areas : mapping of str to str
        Code to its area.
    sides : mapping of str to sequence of str
        Two sides, each with its codes; every code of `cells` must be on one of them.

    Returns
    -------
    DataFrame, one row per cell
        case, code, area, side, n_supporting, n_contrary, n_area (supporting segments of the case in the area), share
        (of n_area; missing where that is 0 or the cell was not looked for), state, flag ("" | "no_segment_in_area" |
        "not_looked").

    Raises
    ------
    StudyError
        If a column is absent, a code has no area or no side or is on both, there are not two sides, or a cell stands
        twice.
    """
    absent = [name for name in CELLS if name not in cells.columns]
    if absent:
        raise StudyError(f"cells of a matrix lack column(s) {listed(absent)}; found {listed(cells.columns, 20)}")
    side_of = _sides(sides)
    codes = list(dict.fromkeys(cells["column"].astype(str)))
    for what, known in (("area", areas), ("side", side_of)):
        bare = [code for code in codes if code not in known]
        if bare:
            raise StudyError(f"no {what} is declared for code(s) {listed(bare)}; add them")
    if cells.duplicated(["row", "column"]).any():
        raise StudyError("a cell of the matrix stands twice; give every case and code once")
    shares = pd.DataFrame({
        "case": cells["row"].astype(str), "code": cells["column"].astype(str),
        "area": cells["column"].astype(str).map(dict(areas)), "side": cells["column"].astype(str).map(side_of),
        "n_supporting": cells["n_supporting"].astype("int64"), "n_contrary": cells["n_contrary"].astype("int64"),
    })  # fmt: skip
    shares["n_area"] = shares.groupby(["case", "area"], sort=False)["n_supporting"].transform("sum")
    hidden = cells["state"].astype(str) == NOT_LOOKED
    shares["share"] = (shares["n_supporting"] / shares["n_area"].where(shares["n_area"] > 0)).mask(hidden)
    shares["state"] = cells["state"].astype(str)
    shares["flag"] = np.select([hidden, shares["n_area"] == 0], [NOT_LOOKED, NO_SEGMENT], default="").astype("str")
    return shares.reset_index(drop=True)


def share_levels(shares: pd.DataFrame, bounds: Mapping[str, float]) -> pd.Series[str]:
    """Put shares into levels.

    Parameters
    ----------
    shares : DataFrame
        From `code_shares`.
    bounds : mapping of str to float
        Level to the share from which it begins, ascending; the first begins above 0, and a share of 0 has none.

    Returns
    -------
    Series of str
        Level of each row; missing where there is no share or it is 0.

    Raises
    ------
    StudyError
        If the bounds do not ascend from 0.
    """
    starts = list(bounds.values())
    if not starts or starts[0] != 0 or any(one >= other for one, other in zip(starts, starts[1:], strict=False)):
        raise StudyError(f"levels must begin at 0 and ascend; found {listed(starts, 12)}; put them in order")
    names = np.array(list(bounds), dtype=object)
    found = shares["share"].notna() & (shares["share"] > 0)
    place = np.searchsorted(starts, shares["share"].fillna(0.0).to_numpy(), side="right") - 1
    return pd.Series(names[place], index=shares.index, dtype="str").where(found)


def side_balance(shares: pd.DataFrame, side: str) -> pd.DataFrame:
    """Share of one side among the supporting segments of each area, case by case.

    Parameters
    ----------
    shares : DataFrame
        From `code_shares`.
    side : str
        Which side.

    Returns
    -------
    DataFrame, one row per case and area
        case, area, n (supporting segments), share (missing where n is 0).

    Raises
    ------
    StudyError
        If no code is on that side.
    """
    if side not in set(shares["side"]):
        raise StudyError(f"no code is on the side '{side}'; there are {listed(sorted(set(shares['side'])))}")
    own = shares["n_supporting"].where(shares["side"] == side, 0)
    found = shares.assign(own=own).groupby(["case", "area"], sort=False)[["n_supporting", "own"]].sum().reset_index()
    n = found["n_supporting"]
    return found[["case", "area"]].assign(n=n, share=found["own"] / n.where(n > 0))


def side_contrast(
    shares: pd.DataFrame, groups: Mapping[str, str], *, first: str, second: str, by: Sequence[str] = ("area", "code")
) -> pd.DataFrame:
    """Mean share of two groups of cases, and whether it differs in the direction that the side of the code says.

    Parameters
    ----------
    shares : DataFrame
        From `code_shares` or `side_balance` (then without ``side``: all are taken to be on the side `first`).
    groups : mapping of str to str
        Case to its group; cases of other groups take no part.
    first, second : str
        The two groups, which are also the names of the two sides.
    by : sequence of str
        What a row stands for.

    Returns
    -------
    DataFrame, one row per combination of `by`
        These, side, n_<first>, n_<second> (cases with a share), mean_<first>, mean_<second> (mean of the cases'
        shares), difference (first minus second), as_published (the difference has the sign that the side says; missing
        where a mean is).

    Raises
    ------
    StudyError
        If a group has no case.
    """
    placed = shares.assign(group=shares["case"].map(dict(groups)))
    for name in (first, second):
        if not (placed["group"] == name).any():
            raise StudyError(f"no case is in the group '{name}'; the groups cannot be compared")
    if "side" not in placed.columns:
        placed["side"] = first
    keys = [*by, "side"]
    rows = placed[keys].drop_duplicates().reset_index(drop=True)
    for name in (first, second):
        of = placed[placed["group"] == name].groupby(keys, sort=False)["share"].agg(["count", "mean"]).reset_index()
        rows = rows.merge(of.rename(columns={"count": f"n_{name}", "mean": f"mean_{name}"}), on=keys, how="left")
    rows["difference"] = rows[f"mean_{first}"] - rows[f"mean_{second}"]
    wanted = np.where(rows["side"] == first, 1.0, -1.0)
    told = (rows["difference"] * wanted > 0).astype("boolean")
    return rows.assign(as_published=told.mask(rows["difference"].isna()))


def _sides(sides: Mapping[str, Sequence[str]]) -> dict[str, str]:
    if len(sides) != 2:
        raise StudyError(f"codes are on one of two sides; found {listed(sides) or 'none'}; name two")
    pairs = [(str(code), str(side)) for side, codes in sides.items() for code in codes]
    twice = sorted({code for code, _ in pairs if [other for other, _ in pairs].count(code) > 1})
    if twice:
        raise StudyError(f"code(s) {listed(twice)} are on both sides, or named twice; name each once")
    return dict(pairs)
