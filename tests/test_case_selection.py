"""Choosing strong and weak cases with the uncertainty of the choice, what becomes of them, and classes of maturity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.case_scores import case_maturity, case_scores, case_selection, response_rates, selection_stability
from nsi.methods.groups import empirical_bayes, random_intercept, rank_posterior

LEVELS = {"low": -1.0, "mid1": -0.1, "mid2": 0.0, "mid3": 0.1, "high": 1.0}
SIZE = 25


def answered(levels: dict[str, float], *, size: int = SIZE, seed: int = 1, waves: tuple[str, ...] = ("w1", "w2"),
             noise: float = 0.5) -> pd.DataFrame:  # fmt: skip
    """People who answer in every wave; each case has its level on both scales."""
    random = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for case, level in levels.items():
        for person in range(size):
            own = random.normal(3 + level, noise)
            rows += [
                (wave, case, f"{case}-{person}", own + random.normal(0, 0.2), own - 0.5 + random.normal(0, 0.2))
                for wave in waves
            ]
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "trust", "skill"])


SCORES = answered(LEVELS)
OPTIONS: dict[str, Any] = {"seed": 3, "minimum_n": 5, "top": 1, "draws": 1000}


def chosen(scores: pd.DataFrame = SCORES, **more: Any) -> Any:
    """Selection on trust over both waves, by case."""
    return case_selection(scores, "trust", ["w1", "w2"], **OPTIONS | more).set_index("case")


def test_the_clear_ends_are_chosen_and_the_middle_is_uncertain():
    found: Any = chosen()
    assert dict(found["group"]) == {
        "high": "stronger", "mid1": "uncertain", "mid2": "uncertain", "mid3": "uncertain", "low": "weaker",
    }  # fmt: skip
    assert found.index[0] == "high"
    assert found.index[-1] == "low"
    assert found.loc["high", "why"] == "P(among the highest 1) is 1.000, at least 0.8"
    assert found.loc["low", "why"] == "P(among the lowest 1) is 1.000, at least 0.8"
    neither = "P(among the highest 1) is 0.000, P(among the lowest 1) is 0.000, neither reaches 0.8"
    assert found.loc["mid2", "why"] == neither


def test_each_person_counts_once_however_often_they_answered():
    found: Any = chosen()
    assert (found["n"] == SIZE).all()
    people = SCORES.groupby(["case", "respondent"], as_index=False)["trust"].mean()
    fit = random_intercept(people["trust"], people["case"])
    expected: Any = empirical_bayes(people["trust"], people["case"], fit=fit).set_index("case").loc[found.index]
    np.testing.assert_allclose(found["raw_mean"], expected["mean"], rtol=1e-12)
    np.testing.assert_allclose(found["eb_mean"], expected["eb_mean"], rtol=1e-9)
    np.testing.assert_allclose(found["eb_se"], expected["eb_se"], rtol=1e-9)
    np.testing.assert_allclose(found["eb_high"] - found["eb_mean"], 1.6448536 * found["eb_se"], rtol=1e-6)


def test_the_same_answers_twice_do_not_make_a_case_look_surer():
    first = SCORES[SCORES["wave"] == "w1"]
    twice = pd.concat([first, first.assign(wave="w2")])
    once = case_selection(first, "trust", ["w1"], **OPTIONS).set_index("case")
    pd.testing.assert_series_equal(chosen(twice)["eb_se"], once["eb_se"], rtol=1e-9)


def test_a_case_that_answered_in_the_better_wave_only_gains_nothing_by_it():
    shifted = SCORES.assign(trust=SCORES["trust"] + 0.7 * (SCORES["wave"] == "w2"))
    part = shifted[(shifted["case"] != "mid2") | (shifted["wave"] == "w2")]
    found: Any = chosen(part)
    assert found.loc["mid2", "raw_mean"] == pytest.approx(chosen(shifted).loc["mid2", "raw_mean"], abs=0.1)
    assert (found.loc["mid2", "n_w1"], found.loc["mid2", "n_w2"]) == (0, SIZE)
    assert np.isnan(found.loc["mid2", "mean_w1"])


def test_ranks_and_probabilities_come_from_the_posterior():
    found: Any = chosen()
    in_order = found.reset_index().sort_values("case")[["case", "eb_mean", "eb_se"]]
    expected: Any = rank_posterior(in_order, 3, draws=1000, level=0.9, top=1).set_index("case").loc[found.index]
    for name in ("rank_median", "rank_low", "rank_high", "p_top", "p_bottom"):
        assert list(found[name]) == list(expected[name])


def test_a_small_case_is_withheld_wherever_it_would_stand():
    few: Any = SCORES[(SCORES["case"] != "high") | SCORES["respondent"].isin([f"high-{i}" for i in range(4)])]
    found: Any = chosen(few)
    row: Any = found.loc["high"]
    assert found.index[-1] == "high"
    assert (row["group"], row["raw_choice"], row["flag"]) == ("withheld", "withheld", "withheld")
    assert row["n"] == 4
    assert row["why"] == "fewer than 5 people in every wave"
    values = ["raw_mean", "eb_mean", "eb_se", "eb_low", "eb_high", "rank_median", "p_top", "mean_w1", "eb_mean_w2"]
    assert row[values].isna().all()
    assert found["rank_high"].max() == 4
    other = few.assign(trust=few["trust"].where(few["case"] != "high", 1.0))
    pd.testing.assert_frame_equal(chosen(other), found, check_exact=True)  # nobody else's row tells of them


def test_a_wave_with_too_few_is_left_out_of_a_case_that_is_shown():
    few: Any = SCORES.drop(SCORES[(SCORES["case"] == "high") & (SCORES["wave"] == "w1")].index[3:])
    row: Any = chosen(few).loc["high"]
    assert (row["n_w1"], row["n_w2"], row["n"]) == (3, SIZE, SIZE)
    assert np.isnan(row["mean_w1"])
    assert np.isnan(row["eb_mean_w1"])
    assert row["mean_w2"] == pytest.approx(SCORES.query("case == 'high' and wave == 'w2'")["trust"].mean())


def test_the_order_of_raw_means_can_choose_another_set():
    levels = {f"c{i:02}": 0.1 * i for i in range(10)}
    scores = answered(levels, noise=1.5, seed=2)
    lucky = pd.DataFrame({
        "wave": "w1", "case": "lucky", "respondent": [f"l{i}" for i in range(5)], "trust": [4.4, 4.8, 5.0, 5.2, 5.6],
        "skill": 3.0,
    })  # fmt: skip
    found: Any = chosen(pd.concat([scores, lucky]), top=1)
    assert found.loc["lucky", "raw_choice"] == "stronger"
    assert found.loc["lucky", "group"] == "uncertain"
    assert found.loc["lucky", "reliability"] < found.loc["c05", "reliability"]


def test_cases_named_are_ranked_among_themselves_with_the_variances_of_all():
    found: Any = chosen(cases=["mid1", "high", "mid3"])
    assert set(found.index) == {"mid1", "high", "mid3"}
    assert found["rank_high"].max() == 3
    assert found.loc["high", "eb_mean"] == chosen().loc["high", "eb_mean"]


def test_a_share_is_rounded_to_cases_shown():
    assert (chosen(top=None, share=0.4)["raw_choice"] == "stronger").sum() == 2
    assert (chosen(top=None, share=0.05)["raw_choice"] == "stronger").sum() == 1


def test_without_variance_between_cases_nobody_is_chosen():
    block = pd.DataFrame({"respondent": [f"p{i}" for i in range(6)], "trust": [1.0, 2, 3, 3, 4, 5]})
    same = pd.concat([block.assign(wave=wave, case=case) for wave in ("w1", "w2") for case in "abcd"])
    found: Any = chosen(same)
    assert (found["group"] == "uncertain").all()
    assert (found["why"] == "ranks cannot be told: no_between_variance").all()
    assert found["p_top"].isna().all()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"top": None}, "say how many cases to look for at either end: give top or share, one of the two"),
    ({"share": 0.2}, "give top or share, one of the two"),
    ({"top": 3}, "cannot look for 3 case(s) at either end of the 5 that may be shown; name fewer with top or share"),
    ({"top": None, "share": 0.9}, "share is 0.9; it must be above 0 and at most 0.5"),
    ({"certainty": 0.5}, "certainty is 0.5; it must be above 0.5, so that no case is both"),
    ({"cases": ["high", "far"]}, "case(s) far have no score on 'trust' in wave(s) w1, w2"),
    ({"minimum_n": 99}, "no case has 99 scores on trust in any of the waves w1, w2"),
]


@pytest.mark.parametrize(("options", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_a_choice_that_cannot_be_made_is_refused(options, told):
    with pytest.raises(StudyError) as refused:
        chosen(**options)
    assert told in str(refused.value)


def test_the_same_seed_gives_the_same_choice_in_any_order_of_rows():
    pd.testing.assert_frame_equal(chosen(SCORES.sample(frac=1, random_state=1)), chosen(), rtol=1e-12)


# --- what became of them


def test_stability_of_raw_means_by_hand():
    rows = [
        (wave, case, f"{case}{i}", mean + spread)
        for wave, means in (("w1", [1.0, 2, 3, 6]), ("w2", [2.0, 3, 1, 4]))
        for case, mean in zip("abcd", means, strict=True) for i, spread in enumerate((-0.5, 0.5))
    ]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["wave", "case", "respondent", "trust"])
    found: Any = selection_stability(scores, "trust", ["w1", "w2"], minimum_n=2, top=1).iloc[0]
    assert found["n_cases"] == 4
    assert found["correlation"] == pytest.approx(np.corrcoef([1, 2, 3, 6], [2, 3, 1, 4])[0, 1])
    assert (found["top_distance"], found["top_distance_next"]) == (pytest.approx(3.0), pytest.approx(1.5))
    assert (found["bottom_distance"], found["bottom_distance_next"]) == (pytest.approx(-2.0), pytest.approx(-0.5))
    assert (found["top_kept"], found["bottom_kept"], found["flag"]) == (1, 0, "")
    within, between = 0.5, np.var([1, 2, 3, 6], ddof=1)  # balanced: reliability is 1 - (s2 / n) / variance of means
    assert found["reliability"] == pytest.approx(1 - within / 2 / between, rel=1e-6)
    assert found["expected_correlation"] == pytest.approx(np.sqrt(found["reliability"] * found["next_reliability"]))


def test_chance_regresses_to_the_mean_and_the_correlation_follows_the_reliability():
    random = np.random.default_rng(5)
    true = dict(enumerate(random.normal(0, 0.5, 200)))
    parts = [answered({f"c{i:03}": level for i, level in true.items()}, size=4, seed=seed, waves=(wave,), noise=1.0)
             for seed, wave in ((1, "w1"), (2, "w2"))]  # fmt: skip
    found: Any = selection_stability(pd.concat(parts), "trust", ["w1", "w2"], minimum_n=1, top=20).iloc[0]
    assert found["correlation"] == pytest.approx(found["expected_correlation"], abs=0.12)
    assert 0 < found["top_distance_next"] < 0.8 * found["top_distance"]
    assert found["top_kept"] < 20


def test_too_few_cases_have_no_stability_and_say_so():
    few: Any = SCORES[SCORES["case"].isin(["low", "high"])]
    found: Any = selection_stability(few, "trust", ["w1", "w2"], minimum_n=5, top=1).iloc[0]
    assert found["flag"] == "too_few_cases"
    assert np.isnan(found["correlation"])
    with pytest.raises(StudyError, match="stability needs two waves and a top of 1 or more, but found 1 and 1"):
        selection_stability(SCORES, "trust", ["w1"], minimum_n=5, top=1)


# --- classes


RULE = {"strong": {"at_least": 3.3}, "struggling": {"below": 2.3}}


def table_of(scores: pd.DataFrame) -> Any:
    """Table of both scales, no roster."""
    limits = {"trust": (-9.0, 15.0), "skill": (-9.0, 15.0)}
    rates = response_rates(scores, None)
    return case_scores(scores, rates, list(limits), limits, minimum_n=5, seed_of=len, top=1, draws=50)


TABLE = table_of(SCORES)


def matured(scores: pd.DataFrame = SCORES, rule: Any = RULE, **more: Any) -> Any:
    """Classes by case, from trust and skill over both waves."""
    table = TABLE if scores is SCORES else table_of(scores)
    return case_maturity(table, scores, ["trust", "skill"], rule, minimum_n=5, **more).set_index("case")


def test_classes_follow_the_cuts_on_the_mean_of_the_profile():
    found: Any = matured()
    assert dict(found["class"]) == {
        "high": "strong", "low": "struggling", "mid1": "between", "mid2": "between", "mid3": "between",
    }  # fmt: skip
    assert (found["weakest"] == "skill").all()
    assert (found["strongest"] == "trust").all()
    assert found.loc["high", "mean"] == pytest.approx(3.75, abs=0.25)
    np.testing.assert_allclose(found["profile_spread"], 0.5, atol=0.15)
    np.testing.assert_allclose(found[["p_strong", "p_between", "p_struggling"]].sum(axis=1), 1.0)


def test_the_mean_is_that_of_shrunken_means_over_waves_and_then_scales():
    expected: Any = TABLE.groupby(["case", "scale"])["eb_mean"].mean().groupby("case").mean()
    np.testing.assert_allclose(matured()["mean"], expected, rtol=1e-12)


def test_the_error_is_that_of_one_composite_per_person_and_not_of_independent_parts():
    people = SCORES.assign(both=SCORES[["trust", "skill"]].mean(axis=1)).groupby(["case", "respondent"], as_index=False)
    composite = people["both"].mean()
    expected: Any = empirical_bayes(composite["both"], composite["case"]).set_index("case")["eb_se"]
    np.testing.assert_allclose(matured()["se"], expected, rtol=1e-6)


def test_a_case_at_a_cut_is_uncertain_with_a_probability_of_a_half():
    middle = float(matured().loc["mid2", "mean"])
    found: Any = matured(rule={"strong": {"at_least": middle}, "struggling": {"below": middle - 2}}).loc["mid2"]
    assert (found["class"], found["flag"]) == ("strong", "uncertain")
    assert found["p_strong"] == pytest.approx(0.5)


def test_small_cases_are_withheld_and_a_missing_scale_is_told():
    few: Any = SCORES[(SCORES["case"] != "low") | SCORES["respondent"].isin(["low-1", "low-2"])]
    lacking = few.assign(skill=few["skill"].where(few["case"] != "high"))
    found: Any = matured(lacking)
    assert (found.loc["low", "class"], found.loc["low", "flag"], found.loc["low", "n"]) == ("withheld", "withheld", 2)
    assert found.loc["low", ["mean", "se", "p_strong", "p_between", "p_struggling", "profile_spread"]].isna().all()
    assert found.loc["low", "weakest"] == ""
    assert (found.loc["high", "flag"], found.loc["high", "n_scales"]) == ("incomplete", 1)


def test_one_case_alone_has_scores_but_no_shrunken_mean_and_no_class():
    found: Any = matured(SCORES[SCORES["case"] == "high"]).loc["high"]
    assert (found["class"], found["flag"], found["n"]) == ("", "no_estimate", SIZE)
    assert np.isnan(found["mean"])


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"strong": {"at_least": 4}}, 'the rule must be {"strong": {"at_least": x}, "struggling": {"below": y}}'),
        ({"strong": {"above": 4}, "struggling": {"below": 3}}, "but names strong: above, struggling: below"),
        ({"strong": {"at_least": 3}, "struggling": {"below": 4}},
         "the rule calls a case struggling below 4 and strong from 3; the first must not be the higher one"),
    ],
)  # fmt: skip
def test_a_rule_that_is_no_rule_is_refused(rule, told):
    with pytest.raises(StudyError) as refused:
        matured(rule=rule)
    assert told in str(refused.value)


@settings(deadline=None, max_examples=10)
@given(low=st.floats(1, 3), width=st.floats(0, 2))
def test_a_higher_bar_never_makes_more_cases_strong(low, width):
    lenient, strict = (
        case_maturity(
            TABLE, SCORES, ["trust", "skill"], {"strong": {"at_least": bar}, "struggling": {"below": low}}, minimum_n=5
        ).set_index("case")
        for bar in (low, low + width)
    )
    assert (strict["p_strong"] <= lenient["p_strong"] + 1e-12).all()
    assert set(strict.index[strict["class"] == "strong"]) <= set(lenient.index[lenient["class"] == "strong"])
