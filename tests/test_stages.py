"""Stages: a unit counts where it and all before are done; shares multiply; intervals are Wilson's or of clusters."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.proportions import wilson_interval
from nsi.methods.stages import cluster_intervals, stage_shares

STAGES = ["aim", "try", "look"]
UNITS = pd.DataFrame(
    [
        ("a", "s1", "yes", "yes", "yes"),
        ("a", "s1", "yes", "no", "yes"),  # a look without a try: it did not reach the look
        ("a", "s2", "yes", "yes", "no"),
        ("a", "s2", "no", "no", "no"),
        ("b", "s3", "yes", "yes", "yes"),
    ],
    columns=["group", "school", *STAGES],
)


def shares(units: pd.DataFrame = UNITS, **changes: object) -> pd.DataFrame:
    settings: dict[str, object] = {"groups": ["a", "b", "c"], "done": "yes", "undone": "no", "whole": "all"}
    return stage_shares(units, "group", STAGES, **(settings | changes))  # type: ignore[arg-type]


def of(table: pd.DataFrame, group: str) -> pd.DataFrame:
    return table[table["group"] == group].set_index("stage")


def test_a_unit_reaches_a_stage_only_through_all_before_it():
    mine = of(shares(), "a")
    assert mine["n"].tolist() == [3, 2, 1]
    assert mine["n_before"].tolist() == [4, 3, 2]
    assert mine["n_any"].tolist() == [3, 2, 2]
    assert mine["n_all"].tolist() == [4, 4, 4]


def test_shares_have_their_own_bases_and_wilson_intervals():
    mine = of(shares(), "a").loc["look"]
    assert (mine["share"], mine["share_before"], mine["share_any"]) == (1 / 4, 1 / 2, 2 / 4)
    for suffix, part, base in (("", 1, 4), ("_before", 1, 2), ("_any", 2, 4)):
        low, high = wilson_interval(part, base)
        assert (mine[f"low{suffix}"], mine[f"high{suffix}"]) == (float(low), float(high))


def test_all_units_come_first_and_a_group_without_units_has_no_share_but_a_reason():
    table = shares()
    assert list(dict.fromkeys(table["group"])) == ["all", "a", "b", "c"]
    assert of(table, "all")["n"].tolist() == [4, 3, 2]
    nobody = of(table, "c")
    assert nobody["share"].isna().all() and nobody["low"].isna().all()
    assert nobody["flag"].eq("no_units").all() and nobody["n_all"].eq(0).all()
    assert list(dict.fromkeys(shares(whole="")["group"])) == ["a", "b", "c"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(["yes", "no"])] * 3), min_size=1, max_size=40))
def test_counts_never_rise_and_shares_multiply(rows):
    units = pd.DataFrame(rows, columns=STAGES).assign(group="a")
    table = stage_shares(units, "group", STAGES, groups=["a"], done="yes", undone="no")
    assert table["n"].is_monotonic_decreasing
    assert (table["n"] <= table["n_any"]).all()
    product = table["share_before"].fillna(0).cumprod()
    assert np.allclose(product, table["share"])


@pytest.mark.parametrize(
    ("units", "changes", "message"),
    [
        (UNITS.drop(columns="try"), {}, "the units have no column try; they have group, school, aim, look"),
        (UNITS.assign(look=UNITS["look"].where(UNITS.index < 4)), {}, "row 5 of the units: look is missing, but"),
        (UNITS.assign(aim="maybe"), {}, "row 1 of the units: aim is 'maybe', but allowed are yes and no; correct it"),
        (UNITS, {"groups": ["a"]}, "column 'group' holds 'b', but allowed are a"),
        (UNITS, {"whole": "a"}, "'a' is the name of a group and of all units together; choose another name for all"),
    ],
)
def test_units_that_cannot_be_counted_are_refused(units, changes, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        shares(units, **changes)


def intervals(units: pd.DataFrame, **changes: object) -> pd.DataFrame:
    settings: dict[str, object] = {"cluster": "school", "groups": ["a"], "done": "yes", "seed": 7}
    return cluster_intervals(units, "group", STAGES, **(settings | changes))  # type: ignore[arg-type]


def many(n_clusters: int, per_cluster: int, *, alike: bool) -> pd.DataFrame:
    random = np.random.Generator(np.random.PCG64(1))
    whole = random.random(n_clusters) < 0.5
    single = random.random((n_clusters, per_cluster)) < 0.5
    looked = np.repeat(whole[:, None], per_cluster, axis=1) if alike else single
    frame = pd.DataFrame({"school": np.repeat(np.arange(n_clusters).astype(str), per_cluster), "look": looked.ravel()})
    return frame.assign(group="a", aim="yes", look=frame["look"].map({True: "yes", False: "no"}))[
        ["group", "school", "aim", "look"]
    ].assign(**{"try": "yes"})


def width(table: pd.DataFrame) -> float:
    last = table.iloc[-1]
    return float(last["high_cluster"] - last["low_cluster"])


def test_units_that_are_alike_within_clusters_widen_the_interval():
    # k clusters of m equal units are k units; of independent units they are k * m. The widths go with the roots.
    wide, narrow = (width(intervals(many(40, 16, alike=alike))) for alike in (True, False))
    assert wide / narrow == pytest.approx(4, rel=0.25)


def test_clusters_of_one_unit_give_about_the_interval_of_independent_units():
    units = many(200, 1, alike=False)
    low, high = wilson_interval((units["look"] == "yes").sum(), 200)
    assert width(intervals(units)) == pytest.approx(float(high - low), rel=0.1)


def test_the_same_seed_gives_the_same_interval_and_another_gives_another():
    units = many(20, 5, alike=True)
    assert intervals(units).equals(intervals(units))
    assert not intervals(units).equals(intervals(units, seed=8))


def test_an_interval_that_cannot_be_drawn_says_why():
    one = intervals(UNITS, groups=["b"])
    assert one["flag"].eq("one_cluster").all() and one["low_cluster"].isna().all()
    same = intervals(many(5, 2, alike=True))
    assert same["flag"].tolist()[:2] == ["no_spread", "no_spread"]
    assert intervals(UNITS, whole="all")["n_clusters"].tolist() == [3, 3, 3, 2, 2, 2]


def test_a_unit_without_a_cluster_is_refused():
    with pytest.raises(StudyError, match="a unit has no group or no school; clusters cannot be drawn without them"):
        intervals(UNITS.assign(school=UNITS["school"].where(UNITS.index > 0)))
