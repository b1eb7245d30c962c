"""Shares of clustered units: counts are those of the table, and intervals are as wide as clusters make them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from nsi.errors import StudyError
from nsi.methods.clustered_shares import clustered_interval, clustered_shares
from nsi.methods.proportions import wilson_interval

BIRDS = pd.DataFrame(
    {
        "place": ["hill"] * 6 + ["lake"] * 3 + ["hill", None],
        "mood": ["calm", "calm", "loud", "loud", "loud", "wild", "calm", "calm", "wild", None, "calm"],
        "nest": ["a", "a", "b", "b", "c", "c", "d", "d", "d", "a", "a"],
    }
)


def shares(units=BIRDS, **changes):
    settings = {"by": {"place": ["hill", "lake", "moor"]}, "values": ["calm", "loud", "wild"], "cluster": "nest"}
    return clustered_shares(units, "mood", **(settings | changes))


def test_units_are_counted_by_group_and_code_and_from_each_code_on():
    hill = shares()[:3]
    assert hill["n"].tolist() == [2, 3, 1]
    assert hill["n_all"].tolist() == [6] * 3  # the one without a code is left out
    assert hill["n_clusters"].tolist() == [3] * 3
    assert hill["n_from"].tolist() == [6, 4, 1]
    assert hill["share_from"].tolist() == [1.0, 4 / 6, 1 / 6]


def test_a_group_without_units_or_with_one_cluster_says_so():
    table = shares()
    assert table["flag"].tolist() == [""] * 3 + ["one_cluster"] * 3 + ["no_units"] * 3
    assert table.loc[3:, ["low", "high", "low_from", "high_from"]].isna().all(axis=None)
    assert table.loc[3:5, "share"].notna().all()
    assert table.loc[6:, "share"].isna().all()


def test_copies_of_a_unit_within_its_cluster_tell_nothing_new():
    found = np.array([[1], [0], [0], [1], [1], [0], [0]], dtype=bool)
    once = clustered_interval(found, np.arange(7))
    thrice = clustered_interval(np.repeat(found, 3, axis=0), np.repeat(np.arange(7), 3))
    np.testing.assert_allclose(np.ravel(once), np.ravel(thrice), rtol=1e-12)


def test_clusters_that_balance_each_other_never_make_the_interval_narrower_than_independent_units():
    found = np.tile(np.array([[1], [0]], dtype=bool), (4, 1))  # one half of each cluster: no spread between clusters
    low, high = clustered_interval(found, np.repeat(np.arange(4), 2))
    ratio = norm.ppf(0.975) / t.ppf(0.975, 3)
    want = wilson_interval([4 * ratio**2], [8 * ratio**2])  # as by hand: Wilson's with t of three degrees of freedom
    np.testing.assert_allclose([low, high], want, rtol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_an_interval_lies_within_0_and_1_and_holds_its_share(units):
    clusters = np.unique([cluster for cluster, _ in units], return_inverse=True)[1]
    found = np.array([[hit] for _, hit in units])
    low, high = clustered_interval(found, clusters)
    if clusters.max() == 0:
        assert np.isnan(low[0])
    else:
        assert 0 <= low[0] <= found.mean() + 1e-12
        assert found.mean() - 1e-12 <= high[0] <= 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cluster": "tree"}, "the units have no column tree; they have place, mood, nest"),
        ({"values": ["calm", "loud"]}, "column 'mood' holds 'wild', but allowed are calm, loud"),
        ({"by": {"place": ["hill"]}}, "column 'place' holds 'lake', but allowed are hill"),
    ],
)
def test_units_that_cannot_be_counted_are_refused(changes, message):
    with pytest.raises(StudyError, match=message):
        shares(**changes)
