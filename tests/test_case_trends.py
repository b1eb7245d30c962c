"""Change of cases over the waves: slopes with errors that know people recur, ends side by side, one mix of roles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.case_scores import (
    case_scores,
    case_trends,
    dumbbell,
    response_rates,
    standardised_means,
    trend_fits,
)
from nsi.methods.groups import meta_intercept, shrunken_estimates

WAVES = {"w1": 1.0, "w2": 2.0, "w3": 4.0}  # no wave at 3
COLUMNS = [
    "case", "scale", "basis", "slope", "se", "low", "high", "n_responses", "n_persons", "n_waves", "eb_slope", "eb_se",
    "eb_low", "eb_high", "flag",
]  # fmt: skip


def panel(n_cases: int = 6, n: int = 30, seed: int = 1, present: float = 0.6) -> pd.DataFrame:
    """People who answer in some of three waves; each case has a slope of its own."""
    random = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for case in range(n_cases):
        slope = 0.1 * (case - 2)
        for person in range(n):
            own = random.normal(3, 0.6)
            for wave, time in WAVES.items():
                if random.random() < present:
                    trust = own + slope * time + random.normal(0, 0.3)
                    rows.append((wave, f"c{case}", f"p{person}", "teach" if person % 3 else "lead", trust))
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "role", "trust"])


SCORES = panel()
TRENDS: Any = case_trends(SCORES, ["trust"], WAVES, minimum_n=5)


def of(trends: pd.DataFrame, case: str, basis: str) -> Any:
    """One row of the trends."""
    row: Any = trends[(trends["case"] == case) & (trends["basis"] == basis)]
    assert len(row) == 1
    return row.iloc[0]


def clustered(y: pd.Series, x: Any, people: pd.Series) -> Any:
    """Statsmodels' least squares with errors clustered by person and its small-sample factor."""
    return sm.OLS(y.to_numpy(), x).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(people)[0]})


@pytest.mark.parametrize("case", ["c0", "c3", "c5"])
def test_the_slope_of_all_is_that_of_statsmodels_clustered_by_person(case):
    part = SCORES[SCORES["case"] == case]
    # factor G/(G-1) (N-1)/(N-2), which is also Stata's
    expected: Any = clustered(part["trust"], sm.add_constant(part["wave"].map(WAVES).to_numpy()), part["respondent"])
    found: Any = of(TRENDS, case, "all")
    assert found["slope"] == pytest.approx(expected.params[1], rel=1e-9)
    assert found["se"] == pytest.approx(expected.bse[1], rel=1e-9)
    assert (found["n_responses"], found["n_persons"], found["n_waves"]) == (len(part), part["respondent"].nunique(), 3)


@pytest.mark.parametrize("case", ["c0", "c3", "c5"])
def test_the_slope_of_returning_people_is_that_of_statsmodels_within_people(case):
    part = SCORES[SCORES["case"] == case]
    part = part[part.groupby("respondent")["wave"].transform("size") >= 2]
    time = part["wave"].map(WAVES)
    within = [column - column.groupby(part["respondent"]).transform("mean") for column in (part["trust"], time)]
    # one regressor, no constant: factor G/(G-1) (N-1)/(N-1)
    expected: Any = clustered(within[0], within[1].to_numpy(), part["respondent"])
    found: Any = of(TRENDS, case, "returning")
    assert found["slope"] == pytest.approx(expected.params[0], rel=1e-9)
    assert found["se"] == pytest.approx(expected.bse[0], rel=1e-9)
    assert found["n_persons"] == part["respondent"].nunique()


def test_a_slope_by_hand():
    rows = [(f"w{wave}", f"p{i}", score) for i, both in enumerate([(1.0, 3.0), (2.0, 3.0), (3.0, 6.0)])
            for wave, score in enumerate(both, start=1)]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["wave", "respondent", "trust"]).assign(case="a")
    trends: Any = case_trends(scores, ["trust"], {"w1": 0, "w2": 2}, minimum_n=1)
    # means 2 and 4; people changed by 2, 1 and 3 in two units of time
    assert of(trends, "a", "all")["slope"] == pytest.approx(1.0)
    returning: Any = of(trends, "a", "returning")
    assert returning["slope"] == pytest.approx(1.0)
    assert returning["se"] == pytest.approx(np.std([1.0, 0.5, 1.5], ddof=1) / np.sqrt(3))
    assert returning["flag"] == "one_case"  # nothing to be drawn towards
    assert np.isnan(returning["eb_slope"])


def test_change_of_who_answers_is_no_change_of_opinion():
    stay = [(wave, f"s{i}", 4.0 + 0.01 * i * (wave == "w2")) for wave in ("w1", "w2") for i in range(-3, 4)]
    pass_by = [(wave, f"{wave}{i}", level + 0.1 * i) for wave, level in (("w1", 2.0), ("w2", 5.0)) for i in range(6)]
    scores = pd.DataFrame([*stay, *pass_by], columns=["wave", "respondent", "trust"]).assign(case="a")
    trends: Any = case_trends(scores, ["trust"], {"w1": 0, "w2": 1}, minimum_n=5)
    assert of(trends, "a", "all")["slope"] > 1
    assert of(trends, "a", "returning")["slope"] == pytest.approx(0.0)


def test_slopes_are_drawn_towards_their_mean_as_their_errors_say():
    every: Any = TRENDS[TRENDS["basis"] == "all"].set_index("case")
    fit = meta_intercept(every["slope"], every["se"])
    assert fit.tau2 > 0
    expected: Any = shrunken_estimates(every["slope"], every["se"], fit).set_index("case")
    np.testing.assert_array_equal(every["eb_slope"], expected["eb_mean"])
    np.testing.assert_array_equal(every["eb_se"], expected["eb_se"])
    assert (every["eb_low"] < every["eb_slope"]).all()
    fits: Any = trend_fits(TRENDS).set_index("basis")
    assert list(fits.columns) == ["scale", "mean", "se_mean", "tau2", "n_groups", "flag"]
    assert (fits.loc["all", "mean"], fits.loc["all", "tau2"], fits.loc["all", "n_groups"]) == (fit.mean, fit.tau2, 6)


def test_without_variance_of_slopes_nothing_is_shrunken_and_it_is_said():
    same = SCORES[SCORES["case"] == "c1"]
    thrice = pd.concat([same, same.assign(case="x"), same.assign(case="y")])
    trends: Any = case_trends(thrice, ["trust"], WAVES, minimum_n=5)
    assert (trends["flag"] == "no_between_variance").all()
    assert trends[["eb_slope", "eb_se", "eb_low", "eb_high"]].isna().all().all()
    assert trends["slope"].notna().all()


def test_the_same_anonymous_id_in_two_waves_is_two_people():
    hidden = SCORES.assign(respondent="anonymous/" + SCORES["respondent"])
    trends: Any = case_trends(hidden, ["trust"], WAVES, minimum_n=5)
    returning: Any = trends[trends["basis"] == "returning"]
    assert (returning["flag"] == "no_linked_respondents").all()
    assert (returning["n_persons"] == 0).all()
    assert returning["slope"].isna().all()
    every: Any = of(trends, "c0", "all")
    assert every["n_persons"] == every["n_responses"]
    assert every["slope"] == of(TRENDS, "c0", "all")["slope"]


def test_a_wave_with_too_few_is_left_out_as_the_slope_would_tell_its_mean():
    first = SCORES[(SCORES["case"] == "c0") & (SCORES["wave"] == "w1")].index
    few: Any = SCORES.drop(first[4:])
    extreme = few.assign(trust=few["trust"].where(~few.index.isin(first[:4]), 1.0))
    one, other = (of(case_trends(scores, ["trust"], WAVES, minimum_n=5), "c0", "all") for scores in (few, extreme))
    assert one["n_waves"] == 2
    assert one["slope"] == other["slope"]


def test_a_case_of_too_few_people_is_withheld_with_its_counts():
    small = SCORES[(SCORES["case"] != "c0") | SCORES["respondent"].isin(["p1", "p2", "p3"])]
    trends: Any = case_trends(small, ["trust"], WAVES, minimum_n=5)
    found: Any = of(trends, "c0", "all")
    assert found["flag"] == "withheld"
    assert found["n_persons"] == small.loc[small["case"] == "c0", "respondent"].nunique() > 0
    assert found[["slope", "se", "low", "high", "eb_slope"]].isna().all()


def test_one_wave_has_no_slope_and_says_so():
    part = SCORES[(SCORES["case"] != "c0") | (SCORES["wave"] == "w2")]
    trends: Any = case_trends(part, ["trust"], WAVES, minimum_n=5)
    assert of(trends, "c0", "all")["flag"] == "one_wave"
    assert of(trends, "c0", "returning")["flag"] == "no_linked_respondents"
    assert np.isnan(of(trends, "c0", "all")["slope"])


def test_points_on_a_line_have_no_error_instead_of_one_of_zero():
    line = SCORES.assign(trust=SCORES["wave"].map(WAVES) * 0.3 + 1)
    found: Any = case_trends(line, ["trust"], WAVES, minimum_n=5)
    assert (found["flag"] == "no_residual_variance").all()
    assert found["se"].isna().all()
    np.testing.assert_allclose(found["slope"], 0.3)


def test_two_people_have_a_slope_but_no_error():
    rows = [("w1", "p1", 1.0), ("w2", "p1", 3.0), ("w1", "p2", 2.0), ("w2", "p2", 3.5)]
    scores = pd.DataFrame(rows, columns=["wave", "respondent", "trust"]).assign(case="a")
    found: Any = case_trends(scores, ["trust"], {"w1": 0, "w2": 1}, minimum_n=1)
    assert (found["flag"] == "too_few_respondents").all()
    assert found["slope"].notna().all()
    assert found["se"].isna().all()


@settings(deadline=None, max_examples=25)
@given(shift=st.floats(-50, 50), factor=st.floats(0.1, 10), start=st.floats(-2000, 2000))
def test_slopes_follow_the_units_of_score_and_time(shift, factor, start):
    moved = SCORES.assign(trust=SCORES["trust"] * factor + shift)
    later = {wave: time + start for wave, time in WAVES.items()}
    found: Any = case_trends(moved, ["trust"], later, minimum_n=5)
    np.testing.assert_allclose(found[["slope", "se"]], TRENDS[["slope", "se"]] * factor, rtol=1e-6, atol=1e-9)


def test_no_slope_depends_on_the_order_of_rows_to_more_than_rounding():
    found: Any = case_trends(SCORES.sample(frac=1, random_state=4), ["trust"], WAVES, minimum_n=5)
    pd.testing.assert_frame_equal(found, TRENDS, rtol=1e-10)
    assert list(TRENDS.columns) == COLUMNS


@pytest.mark.parametrize(
    ("waves", "told"),
    [
        ({"w1": 1.0}, "change over time needs two or more waves in rising order of time, but found {'w1': 1.0}"),
        ({"w1": 2.0, "w2": 1.0}, "change over time needs two or more waves in rising order of time"),
        ({"w1": 1.0, "w9": 2.0}, "scores have no wave w9; they have w1, w2, w3"),
    ],
)
def test_waves_that_are_out_of_order_or_absent_are_refused(waves, told):
    with pytest.raises(StudyError) as refused:
        case_trends(SCORES, ["trust"], waves, minimum_n=5)
    assert told in str(refused.value)


# --- both ends


def table_of(scores: pd.DataFrame) -> Any:
    """Table of scores of cases, no roster."""
    rates: Any = response_rates(scores, None)
    return case_scores(scores, rates, ["trust"], {"trust": (-9, 15)}, minimum_n=5, seed_of=len, top=1, draws=50)


def test_both_ends_stand_side_by_side_with_the_people_they_share():
    found: Any = dumbbell(table_of(SCORES), SCORES, ["trust"], "w1", "w3", minimum_n=5).set_index("case")
    one, three = (SCORES[(SCORES["case"] == "c2") & (SCORES["wave"] == wave)] for wave in ("w1", "w3"))
    row: Any = found.loc["c2"]
    assert (row["n_first"], row["n_last"]) == (len(one), len(three))
    assert row["n_same"] == len(set(one["respondent"]) & set(three["respondent"]))
    assert row["change"] == pytest.approx(three["trust"].mean() - one["trust"].mean())
    part = pd.concat([one, three])
    last = (part["wave"] == "w3").to_numpy(dtype=float)
    expected: Any = clustered(part["trust"], sm.add_constant(last), part["respondent"])
    assert row["change_se"] == pytest.approx(expected.bse[1], rel=1e-9)


def test_the_interval_of_an_end_is_that_of_t():
    random = np.random.default_rng(2)
    scores = pd.DataFrame({
        "wave": np.repeat(["w1", "w2"], 20), "case": "a", "respondent": [f"p{i}" for i in range(40)],
        "trust": random.normal(3, 1, 40),
    })  # fmt: skip
    found: Any = dumbbell(table_of(scores), scores, ["trust"], "w1", "w2", minimum_n=5).iloc[0]
    t_95 = 1.7291  # 95th percentile of t with 19 degrees of freedom, from printed tables
    error = scores["trust"][:20].std() / np.sqrt(20)
    assert found["high_first"] - found["mean_first"] == pytest.approx(t_95 * error, rel=1e-4)
    assert found["mean_first"] - found["low_first"] == pytest.approx(t_95 * error, rel=1e-4)


def test_an_end_that_is_withheld_takes_the_change_with_it_and_an_absent_one_is_told():
    first = SCORES[(SCORES["case"] == "c0") & (SCORES["wave"] == "w1")].index
    scores = SCORES.drop(first[4:])
    scores = scores[(scores["case"] != "c1") | (scores["wave"] != "w3")]
    found: Any = dumbbell(table_of(scores), scores, ["trust"], "w1", "w3", minimum_n=5).set_index("case")
    assert found.loc["c0", "flag"] == "withheld"
    assert found.loc["c0", "n_first"] == 4
    values = [name for name in found.columns if name not in ("scale", "flag") and not name.startswith("n_")]
    assert found.loc["c0", values].isna().all()
    assert (found.loc["c1", "flag"], found.loc["c1", "n_last"]) == ("one_wave", 0)
    assert np.isnan(found.loc["c1", "change"])
    assert found.loc["c1", "mean_first"] == pytest.approx(scores.query("case == 'c1' and wave == 'w1'")["trust"].mean())


def test_two_ends_are_two_waves():
    with pytest.raises(StudyError, match="first and last wave are both 'w1'; name two waves"):
        dumbbell(table_of(SCORES), SCORES, ["trust"], "w1", "w1", minimum_n=5)


# --- one mix of roles


def mixed(first: tuple[int, int], second: tuple[int, int]) -> pd.DataFrame:
    """Two waves in which teachers always say 2 and leaders 4, give or take, with a number of each."""
    rows = [
        (wave, "a", f"{wave}-{role}-{i}", role, level + 0.1 * (i % 2))
        for wave, counts in (("w1", first), ("w2", second))
        for role, level, n in zip(("teach", "lead"), (2.0, 4.0), counts, strict=True) for i in range(n)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "role", "trust"])


def roster(teach: int, lead: int) -> pd.DataFrame:
    """Members of both waves, none of them by an id that answered."""
    rows = [
        (wave, "a", f"{role}{i}", role)
        for wave in ("w1", "w2") for role, n in (("teach", teach), ("lead", lead)) for i in range(n)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "role"])


def test_with_one_mix_of_roles_a_change_of_who_answers_is_no_change():
    scores = mixed((18, 2), (10, 10))
    rates: Any = response_rates(scores, roster(75, 25))
    found: Any = standardised_means(scores, rates, ["trust"], minimum_n=5)
    assert found["mean"].iloc[1] - found["mean"].iloc[0] == pytest.approx(0.8)
    np.testing.assert_allclose(found["standardised_mean"], [0.75 * 2.05 + 0.25 * 4.05] * 2)
    assert (found["covered"] == 1.0).all()
    # each role is half at its level and half 0.1 above, so that its variance is 0.0025 n / (n - 1)
    error = [np.sqrt(0.75**2 * 0.0025 / (n - 1) + 0.25**2 * 0.0025 / (m - 1)) for n, m in ((18, 2), (10, 10))]
    np.testing.assert_allclose(found["standardised_se"], error)


def test_a_role_that_is_silent_in_one_wave_counts_in_none():
    scores = mixed((18, 0), (10, 10))
    found: Any = standardised_means(scores, response_rates(scores, roster(75, 25)), ["trust"], minimum_n=5)
    np.testing.assert_allclose(found["standardised_mean"], [2.05, 2.05])
    np.testing.assert_allclose(found["covered"], 0.75)
    only = standardised_means(scores, response_rates(scores, roster(75, 25)), ["trust"], minimum_n=5,
                              asked={"trust": ["teach"]})  # fmt: skip
    np.testing.assert_allclose(only["covered"], 1.0)


def test_without_roster_common_role_or_people_there_is_no_standardised_mean():
    scores = mixed((18, 0), (0, 10))
    told: Any = standardised_means(scores, response_rates(scores, roster(75, 25)), ["trust"], minimum_n=5)
    assert list(told["flag"]) == ["no_common_role"] * 2
    assert told["standardised_mean"].isna().all()
    unknown: Any = standardised_means(scores, response_rates(scores, None), ["trust"], minimum_n=5)
    assert list(unknown["flag"]) == ["no_roster"] * 2
    small = mixed((2, 2), (10, 10))
    few: Any = standardised_means(small, response_rates(small, roster(75, 25)), ["trust"], minimum_n=5)
    assert list(few["flag"]) == ["withheld", ""]
    assert np.isnan(few["mean"].iloc[0])
