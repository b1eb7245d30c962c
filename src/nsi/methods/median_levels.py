"""The middle of ordered codes: one level per group of coded segments, with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.matrix.material import SUPPORTS
from nsi.methods.matrix.states import cell_states

NEAR = 1e-9  # shares of segments are sums of fractions, which need not meet exactly
LEVEL = ["level", "lowest", "highest", "place"]
COUNTS = ["n_segments", "n_supporting", "n_contrary", "n_sources"]
NEEDED = ["segment", "document", "code", "stance"]


def median_levels(
    segments: pd.DataFrame, by: Sequence[str], levels: Sequence[str], *, groups: pd.DataFrame, thin_below: int = 2
) -> pd.DataFrame:
    """Give the middle level of the supporting segments of each group, the lower where two are in the middle.

    Contrary segments say which level a group has not, so they do not count for the level; they are counted, and make
    the evidence mixed. A segment with several levels, because nobody settled between its coders, counts once, in
    equal shares. The rule is that of a matrix whose cells show the median.

    Parameters
    ----------
    segments : DataFrame
        One row per segment and code: the columns of `by`, segment, document, code (a level), stance (``supports``
        or ``contrary``).
    by : sequence of str
        Columns that name a group.
    levels : sequence of str
        From low to high.
    groups : DataFrame
        The groups wanted, in order, with the columns of `by`; each gets one row.
    thin_below : int
        A group whose segments come from fewer documents is thin.

    Returns
    -------
    DataFrame
        The columns of `by`; level (missing where no segment supports one), lowest, highest (that occur), place (of
        the level, 1 the lowest; missing likewise), n_segments, n_supporting, n_contrary, n_sources (documents), state
        (strong, thin, mixed or absent, as in a matrix).

    Raises
    ------
    StudyError
        If a column is lacking or a code is no level.
    """
    lacking = [column for column in [*by, *NEEDED] if column not in segments.columns]
    if lacking:
        has = listed(map(str, segments.columns))
        raise StudyError(f"the segments have no column {listed(lacking)}; they have {has}")
    stray = sorted(set(segments["code"].astype("str")) - set(levels))
    if stray:
        raise StudyError(f"the segments hold the code {listed(map(shown, stray))}, but the levels are {listed(levels)}")
    keys = list(by)
    coded = segments.astype({name: "str" for name in [*keys, "code"]})
    coded = coded.assign(place=coded["code"].map({level: k + 1 for k, level in enumerate(levels)}))
    supporting = coded[coded["stance"] == SUPPORTS]
    found = groups[keys].astype("str").merge(_middle(supporting, keys), on=keys, how="left")
    contrary = coded[coded["stance"] != SUPPORTS]
    found = _counted(found, coded, keys, "n_segments", "segment")
    found = _counted(found, supporting, keys, "n_supporting", "segment")
    found = _counted(found, contrary, keys, "n_contrary", "segment")
    found = _counted(found, coded, keys, "n_sources", "document")
    for name, place in (("level", "place"), ("lowest", "first"), ("highest", "last")):
        found[name] = found[place].map(lambda k: levels[int(k) - 1], na_action="ignore").astype("str")
    looked = pd.Series(True, index=found.index)
    found["state"] = cell_states(found, looked, thin_below=thin_below)
    return found.astype({"place": "Int64"})[[*keys, *LEVEL, *COUNTS, "state"]]


def _middle(supporting: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Lower median of places, each segment of weight one, and the ends of what occurs."""
    weight = 1.0 / supporting.groupby([*keys, "segment"])["place"].transform("size")
    sums = supporting.assign(weight=weight).groupby([*keys, "place"])["weight"].sum().reset_index()
    up_to = sums.groupby(keys)["weight"].cumsum() / sums.groupby(keys)["weight"].transform("sum")
    middle = sums[up_to >= 0.5 - NEAR].groupby(keys)["place"].first()
    ends = sums.groupby(keys)["place"].agg(["first", "last"])
    return ends.assign(place=middle).reset_index()


def _counted(found: pd.DataFrame, rows: pd.DataFrame, keys: list[str], name: str, what: str) -> pd.DataFrame:
    counts = rows.groupby(keys)[what].nunique().rename(name).reset_index()
    merged = found.merge(counts, on=keys, how="left")
    return merged.assign(**{name: merged[name].fillna(0).astype("int64")})
