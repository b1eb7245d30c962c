"""Trends within clusters: slope and error are those of a second program, and nothing undefined gets a number."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from nsi.errors import StudyError
from nsi.methods.clustered_trend import clustered_trend, clustered_trends, direction


def drawn(seed=1, clusters=12, each=9):
    rng = np.random.Generator(np.random.PCG64(seed))
    cluster = np.repeat([f"c{i:02}" for i in range(clusters)], each)
    own = np.repeat(rng.normal(size=clusters), each)
    time = rng.uniform(0, 5, size=len(cluster)) + np.repeat(np.arange(clusters) / 4, each)
    kind = np.resize(["x", "y"], len(cluster))
    value = own + 0.3 * time + 0.8 * (kind == "y") + rng.normal(size=len(cluster))
    return pd.DataFrame({"value": value, "time": time, "cluster": cluster, "kind": kind})


def trend(units, **how):
    return clustered_trend(units["value"], units["time"], units["cluster"], **how)


def test_with_one_intercept_slope_and_error_are_those_of_statsmodels():
    units = drawn()
    codes = units["cluster"].astype("category").cat.codes
    second = smf.ols("value ~ time", units).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    found = trend(units, within=False)
    np.testing.assert_allclose([found.slope, found.se], [second.params["time"], second.bse["time"]], rtol=1e-9)
    np.testing.assert_allclose([found.low, found.high], second.conf_int().loc["time"], rtol=1e-9)


def test_within_clusters_and_kinds_slope_and_error_are_those_of_a_regression_with_all_intercepts():
    units = drawn()
    codes = units["cluster"].astype("category").cat.codes
    formula = "value ~ 0 + time + C(cluster):C(kind)"
    second = smf.ols(formula, units).fit(cov_type="cluster", cov_kwds={"groups": codes})
    found = trend(units, kinds=units["kind"])
    n = len(units)
    nested = np.sqrt((n - 25) / (n - 1))  # statsmodels counts the 24 intercepts as parameters, here only the slope
    np.testing.assert_allclose(found.slope, second.params["time"], rtol=1e-9)
    np.testing.assert_allclose(found.se, second.bse["time"] * nested, rtol=1e-6)
    assert (found.n, found.n_clusters) == (n, 12)


def test_a_cluster_that_begins_late_and_high_is_no_change_within_clusters():
    rows = [(f"c{i}", year, float(i)) for i in range(4) for year in (i, i + 1)]
    units = pd.DataFrame(rows, columns=["cluster", "time", "value"]).astype({"time": float})
    units.loc[0, "value"] = 0.1
    units.loc[3, "value"] = 1.1
    assert abs(trend(units).slope) < 1e-9
    assert trend(units, within=False).slope > 0.5


def test_what_was_seen_at_one_time_bears_on_nothing_and_is_not_counted():
    units = drawn()
    alone = units[:1].assign(cluster="alone", value=99.0)
    assert trend(pd.concat([units, alone], ignore_index=True)) == trend(units)


@pytest.mark.parametrize(
    ("units", "flag"),
    [
        (drawn().assign(time=drawn()["cluster"].str[1:].astype(float)), "one_time"),
        (drawn(clusters=2), "too_few_clusters"),
        (drawn().assign(value=2 * drawn()["time"]), "no_residual_variance"),
    ],
)
def test_what_is_undefined_is_missing_with_its_reason(units, flag):
    found = trend(units)
    assert found.flag == flag
    assert np.isnan([found.se, found.low, found.high]).all()
    assert np.isnan(found.slope) == (flag == "one_time")


def test_each_group_has_its_trend_and_all_have_it_twice():
    units = drawn()
    table = clustered_trends(units, value="value", time="time", cluster="cluster", by="kind", groups=["y", "x", "z"])
    assert table["kind"].tolist() == ["y", "x", "z", "all", "all, unadjusted"]
    own = units[units["kind"] == "y"]
    assert table["slope"][0] == trend(own).slope
    assert table["flag"].tolist() == ["", "", "one_time", "", ""]
    assert table["slope"][3] == trend(units, kinds=units["kind"]).slope
    assert table["n_units"].tolist() == [len(own), len(units) - len(own), 0, len(units), len(units)]


def test_a_direction_is_told_only_where_the_whole_interval_lies_on_one_side():
    told = [direction(*ends) for ends in [(0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1), (np.nan, np.nan)]]
    assert told == ["rises", "falls", "shows no clear change", "shows no clear change"]


def test_a_gap_is_refused_by_its_row():
    units = drawn()
    units.loc[2, "time"] = np.nan
    with pytest.raises(StudyError, match="row 3 of 108 lacks a value, time, cluster or kind; leave it out first"):
        trend(units)
