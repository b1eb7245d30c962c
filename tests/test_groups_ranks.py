"""Ranks drawn from the posterior: what they must be where it is known, and what must hold always."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.groups import probability_above, rank_posterior, ranks


def posterior(means: list[float], errors: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"case": [f"c{at:02}" for at in range(len(means))], "eb_mean": means, "eb_se": errors}).astype(
        {"eb_mean": "float64", "eb_se": "float64"}
    )


def normal_share(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


number = st.floats(-5, 5, allow_nan=False).map(lambda x: round(x, 3))
posteriors = st.lists(st.tuples(number, st.sampled_from([0.0, 0.1, 0.5, 2.0])), min_size=1, max_size=8).map(
    lambda pairs: posterior([pair[0] for pair in pairs], [pair[1] for pair in pairs])
)


def test_means_without_error_are_ranked_as_they_are():
    found = rank_posterior(posterior([2, 5, 3], [0, 0, 0]), seed=1, draws=50, top=1)
    assert found["rank_median"].tolist() == found["rank_low"].tolist() == found["rank_high"].tolist() == [3, 1, 2]
    assert found["p_top"].tolist() == [0, 1, 0]
    assert found["p_bottom"].tolist() == [1, 0, 0]
    assert found["flag"].tolist() == ["", "", ""]


def test_the_chance_of_coming_first_of_two_is_that_of_the_normal_difference():
    draws = 20_000
    found = rank_posterior(posterior([3.0, 3.4], [0.3, 0.4]), seed=2, draws=draws, top=1)
    expected = normal_share(-0.4 / 0.5)
    noise = math.sqrt(expected * (1 - expected) / draws)
    assert found.loc[0, "p_top"] == pytest.approx(expected, abs=4 * noise)
    assert found["p_top"].sum() == pytest.approx(1)
    assert found["p_bottom"].tolist() == pytest.approx(found["p_top"].tolist()[::-1])


@pytest.mark.parametrize("error", [0.0, 0.5])
def test_equal_cases_share_all_ranks_evenly(error):
    found = rank_posterior(posterior([3.0] * 9, [error] * 9), seed=3, draws=9000, top=3)
    assert set(found["rank_median"]) <= {4, 5, 6}
    assert (found["rank_low"] == 1).all()
    assert (found["rank_high"] == 9).all()
    assert found["p_top"].to_numpy() == pytest.approx(np.full(9, 1 / 3), abs=4 * math.sqrt(2 / 9 / 9000))


def test_the_interval_holds_the_median_and_widens_with_the_level():
    table = posterior(list(np.linspace(2, 4, 20)), [0.3] * 20)
    narrow = rank_posterior(table, seed=4, level=0.5, top=3)
    wide = rank_posterior(table, seed=4, level=0.95, top=3)
    assert (narrow["rank_low"] <= narrow["rank_median"]).all()
    assert (narrow["rank_median"] <= narrow["rank_high"]).all()
    assert (wide["rank_low"] <= narrow["rank_low"]).all()
    assert (wide["rank_high"] >= narrow["rank_high"]).all()
    assert (wide["rank_high"] > narrow["rank_high"]).any()
    assert narrow["rank_median"].is_monotonic_decreasing


def test_of_two_middle_draws_the_median_is_the_lower_rank():
    # Two draws, one in each order, occur for some seed; the lower of ranks 1 and 2 is 1 for both cases.
    table = posterior([3.0, 3.0], [1.0, 1.0])
    tables = [rank_posterior(table, seed=seed, draws=2, top=1) for seed in range(20)]
    split = [found for found in tables if found["p_top"].tolist() == [0.5, 0.5]]
    assert split
    assert all(found["rank_median"].tolist() == [1, 1] for found in split)


@given(posteriors, st.integers(0, 10**6), st.integers(1, 8))
@settings(max_examples=50, deadline=None)
def test_probabilities_and_ranks_are_consistent(table, seed, top):
    found = rank_posterior(table, seed=seed, draws=60, top=top)
    size = len(table)
    for name in ("rank_median", "rank_low", "rank_high"):
        assert found[name].between(1, size).all()
    if top >= size:
        assert found[["p_top", "p_bottom"]].isna().all(axis=None)
        assert set(found["flag"]) == {"too_few_to_choose"}
        return
    for name in ("p_top", "p_bottom"):
        assert found[name].between(0, 1).all()
        assert found[name].sum() == pytest.approx(top)


@given(posteriors, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_a_case_gets_the_same_ranks_wherever_its_row_stands(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    moved = rank_posterior(table.iloc[order], seed=5, draws=40, top=1)
    assert moved["case"].tolist() == table["case"].iloc[order].tolist()
    stayed = rank_posterior(table, seed=5, draws=40, top=1)
    pd.testing.assert_frame_equal(moved.sort_values("case", ignore_index=True), stayed, check_exact=True)


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    table = posterior([1.0, 1.2, 1.4, 1.1], [0.3] * 4)
    first = rank_posterior(table, seed=6, top=2)
    pd.testing.assert_frame_equal(first, rank_posterior(table, seed=6, top=2), check_exact=True)
    assert first["p_top"].tolist() != rank_posterior(table, seed=7, top=2)["p_top"].tolist()


def test_working_in_blocks_changes_nothing(monkeypatch):
    table = posterior(list(np.linspace(2, 3, 7)), [0.4] * 7)
    whole = rank_posterior(table, seed=8, draws=101, top=2)
    monkeypatch.setattr(ranks, "CELLS", 20)
    pd.testing.assert_frame_equal(rank_posterior(table, seed=8, draws=101, top=2), whole, check_exact=True)


def test_a_case_without_a_posterior_is_left_out_of_the_ranking():
    table = posterior([3.0, math.nan, 5.0, 4.0], [0.0, math.nan, 0.0, 0.0])
    found = rank_posterior(table, seed=9, draws=10, top=1)
    assert found["rank_median"].tolist() == [3, pd.NA, 1, 2]
    assert found["flag"].tolist() == ["", "not_ranked", "", ""]
    assert found.loc[1, ["p_top", "p_bottom"]].isna().all()
    assert found["rank_median"].dtype == "Int64"


def test_where_no_case_has_a_posterior_nothing_is_ranked():
    found = rank_posterior(posterior([math.nan] * 2, [math.nan] * 2), seed=9, draws=10, top=1)
    assert found["flag"].tolist() == ["not_ranked"] * 2
    assert found["rank_high"].isna().all()


def test_the_probability_above_a_cut_is_normal():
    table = posterior([3.0, 3.5, 2.0, math.nan, 4.0, 3.0, 2.0], [0.5, 0.5, 0.1, math.nan, 0, 0, 0])
    found = probability_above(table, 3.0)
    expected = [0.5, normal_share(1), normal_share(-10), math.nan, 1, math.nan, 0]
    assert found["p_above"].tolist() == pytest.approx(expected, rel=1e-12, nan_ok=True)
    assert 0 < found["p_above"].to_numpy()[2] < 1e-22  # the tail keeps its digits
    assert found["standing"].tolist() == ["unclear", "unclear", "below", "", "above", "", "below"]
    assert probability_above(table, 3.0, level=0.8).loc[1, "standing"] == "above"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"draws": 0}, "draws must be 1 or more; found 0"),
        ({"level": 1.0}, "level must lie between 0 and 1; found 1.0; 0.9 for an interval of 90 percent"),
        ({"top": 0}, "top must be 1 or more cases; found 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, told):
    with pytest.raises(StudyError) as caught:
        rank_posterior(posterior([1, 2], [1, 1]), seed=1, **{"top": 1, **settings})
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            posterior([1, 2], [1, 1]).assign(case="c"),
            "the table of groups has case 'c' more than once; keep one row for each case",
        ),
        (posterior([1], [1])[["case"]], "column eb_mean, eb_se is missing; pass what empirical_bayes gives"),
        (
            posterior([1, 2], [1, -1]),
            "eb_mean must be finite and eb_se finite and 0 or more; pass what empirical_bayes gives",
        ),
    ],
)
def test_a_table_that_cannot_be_ranked_is_refused(table, told):
    for ranked in (lambda: rank_posterior(table, seed=1, top=1), lambda: probability_above(table, 3)):
        with pytest.raises(StudyError) as caught:
            ranked()
        assert str(caught.value) == told


@pytest.mark.parametrize(
    ("cut", "level", "told"),
    [
        (math.nan, 0.9, "cut must be a finite number; found nan"),
        (3.0, 0.5, "level must lie above 0.5 and below 1; found 0.5"),
    ],
)
def test_a_cut_or_level_that_cannot_be_is_refused(cut, level, told):
    with pytest.raises(StudyError) as caught:
        probability_above(posterior([1], [1]), cut, level)
    assert str(caught.value) == told
