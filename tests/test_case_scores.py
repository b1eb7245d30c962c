"""Scores of cases: raw, shrunken, weighted, ranked and bounded; and domains from scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.case_scores import (
    case_fits,
    case_scores,
    domain_scores,
    poststratified_weights,
    response_rates,
    worst_case_bounds,
)
from nsi.methods.groups import empirical_bayes, random_intercept

COLUMNS = [
    "case", "wave", "scale", "n", "roster", "response_rate", "mean", "sd", "se", "eb_mean", "eb_se", "reliability",
    "rank_median", "rank_low", "rank_high", "p_top", "p_bottom", "weighted_mean", "weighted_se", "bound_low",
    "bound_high", "flag",
]  # fmt: skip
VALUES = [name for name in COLUMNS if name not in ("case", "wave", "scale", "n", "roster", "flag")]
LIMITS = {"trust": (1.0, 5.0), "skill": (1.0, 5.0)}


def scored(sizes: dict[str, int], *, seed: int = 1, wave: str = "w1") -> pd.DataFrame:
    """Scores of people in some cases; cases differ."""
    random = np.random.default_rng(seed)
    rows = []
    for place, (case, n) in enumerate(sizes.items()):
        for person in range(n):
            trust = np.clip(3 + 0.3 * (place - 2) + random.normal(0, 0.5), 1, 5)
            role = "teach" if person % 4 else "lead"
            rows.append((wave, case, f"{case}-{person}", role, trust, np.clip(trust + random.normal(0, 0.3), 1, 5)))
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "role", "trust", "skill"])


def roster_of(scores: pd.DataFrame, silent: dict[str, int]) -> pd.DataFrame:
    """Everybody with a score, and a number of teachers in each case who did not answer."""
    more: Any = [
        (wave, case, f"{case}-silent-{place}", "teach")
        for wave in scores["wave"].unique() for case, n in silent.items() for place in range(n)
    ]  # fmt: skip
    there = scores[["wave", "case", "respondent", "role"]]
    return pd.concat([there, pd.DataFrame(more, columns=there.columns)], ignore_index=True)


def made(scores: pd.DataFrame, rates: pd.DataFrame, **more: Any) -> Any:
    """Table of both scales with a minimum of five."""
    options: dict[str, Any] = {"minimum_n": 5, "seed_of": len, "top": 2, "draws": 500} | more
    return case_scores(scores, rates, ["trust", "skill"], LIMITS, **options)


SIZES = {"a": 20, "b": 12, "c": 30, "d": 4, "e": 15}
SCORES = scored(SIZES)
ROSTER = roster_of(SCORES, {"a": 20, "b": 28, "c": 0, "d": 6, "f": 9}).query("case != 'e'")
RATES = response_rates(SCORES, ROSTER)
TABLE = made(SCORES, RATES)


def row(table: pd.DataFrame, case: str, scale: str = "trust") -> Any:
    """One row of the table."""
    return table[(table["case"] == case) & (table["scale"] == scale)].iloc[0]


def test_there_is_one_row_per_wave_scale_and_case_in_order():
    assert list(TABLE.columns) == COLUMNS
    assert list(TABLE["case"]) == [*"abcdef"] * 2
    assert list(TABLE["scale"]) == ["trust"] * 6 + ["skill"] * 6
    assert list(TABLE.loc[TABLE["scale"] == "trust", "n"]) == [20, 12, 30, 4, 15, 0]


def test_shrunken_means_are_those_of_all_cases_also_the_small_one():
    fit = random_intercept(SCORES["trust"], SCORES["case"])
    expected: Any = empirical_bayes(SCORES["trust"], SCORES["case"], fit=fit).set_index("case")
    for case in "abce":
        for name in ("mean", "sd", "eb_mean", "eb_se", "reliability"):
            assert row(TABLE, case)[name] == expected.loc[case, name]


def test_the_error_is_corrected_for_the_share_of_the_roster_that_answered():
    a, c, e = (row(TABLE, case) for case in "ace")
    assert a["se"] == pytest.approx(a["sd"] / np.sqrt(20) * np.sqrt(1 - 20 / 40))
    assert c["se"] == 0.0  # everybody on the roster answered
    assert e["se"] == pytest.approx(e["sd"] / np.sqrt(15))  # unknown roster: no correction


def test_a_case_below_the_minimum_keeps_its_count_and_loses_every_value():
    d = row(TABLE, "d")
    assert d["flag"] == "withheld"
    assert (d["n"], d["roster"]) == (4, 10)
    assert d[VALUES].isna().all()


def test_ranks_are_those_of_the_cases_shown():
    shown = TABLE[(TABLE["scale"] == "trust") & TABLE["rank_median"].notna()]
    assert set(shown["case"]) == {*"abce"}
    assert shown["rank_high"].max() == 4
    assert shown["p_top"].sum() == pytest.approx(2)
    assert shown.set_index("case")["rank_median"].idxmin() == "e"


def test_flags_say_who_did_not_answer_and_what_is_not_known():
    assert row(TABLE, "a")["flag"] == ""
    assert row(TABLE, "b")["flag"] == "low_response"
    assert row(TABLE, "e")["flag"] == "no_roster"
    assert row(TABLE, "f")["flag"] == "no_responses;low_response"
    assert row(TABLE, "f")["response_rate"] == 0.0
    assert np.isnan(row(TABLE, "f")["mean"])


def test_a_case_whose_people_left_the_scale_empty_has_no_scores():
    scores = SCORES.assign(trust=SCORES["trust"].where(SCORES["case"] != "a"))
    a = row(made(scores, RATES), "a")
    assert (a["n"], a["flag"]) == (0, "no_scores")
    assert a["response_rate"] == 0.5
    e = row(made(SCORES.assign(trust=SCORES["trust"].where(SCORES["case"] != "e")), RATES), "e")
    assert e["flag"] == "no_scores;no_roster"


def test_the_bounds_hold_for_the_share_of_the_roster_with_a_score():
    b = row(TABLE, "b")
    assert b["bound_low"] == pytest.approx(b["mean"] * 0.3 + 1 * 0.7)
    assert b["bound_high"] == pytest.approx(b["mean"] * 0.3 + 5 * 0.7)
    c = row(TABLE, "c")
    assert c["bound_low"] == pytest.approx(c["mean"])
    assert np.isnan(row(TABLE, "e")["bound_low"])
    half = SCORES.assign(trust=SCORES["trust"].where(SCORES.index % 2 == 0))
    found: Any = row(made(half, RATES), "c")
    assert found["response_rate"] == 1.0
    assert found["bound_low"] == pytest.approx(found["mean"] * 0.5 + 1 * 0.5), "who skipped it is not observed either"


def test_weighted_means_stand_beside_unweighted_ones_where_weights_are_given():
    assert TABLE["weighted_mean"].isna().all()
    weighted: Any = made(SCORES.assign(weight=poststratified_weights(SCORES, RATES)), RATES)
    a = row(weighted, "a")
    part = SCORES[SCORES["case"] == "a"]
    by_role = part.groupby("role")["trust"].mean()
    assert a["weighted_mean"] == pytest.approx((35 * by_role["teach"] + 5 * by_role["lead"]) / 40)  # 15 + 20, and 5
    assert np.isnan(row(weighted, "e")["weighted_mean"])
    pd.testing.assert_frame_equal(weighted[COLUMNS[:17]], TABLE[COLUMNS[:17]])


def test_roster_and_rate_are_of_the_roles_that_were_asked():
    scores = SCORES.assign(trust=SCORES["trust"].where(SCORES["role"] == "lead"))
    table = made(scores, RATES, asked={"trust": ["lead"]}, minimum_n=2)
    c = row(table, "c")
    assert (c["n"], c["roster"], c["response_rate"]) == (8, 8, 1.0)
    assert row(table, "c", "skill")["roster"] == 30
    assert "f" not in set(table.loc[table["scale"] == "trust", "case"]), "none of its members was asked"
    more = made(scores, RATES, asked={"trust": ["lead", "nurse"]}, minimum_n=2)
    pd.testing.assert_frame_equal(more, table)  # a role that nobody has changes nothing


def test_a_scale_that_nobody_answered_in_a_wave_has_no_rows_there():
    later = scored(SIZES, wave="w2", seed=2).assign(skill=np.nan)
    both = pd.concat([SCORES, later], ignore_index=True)
    table = made(both, response_rates(both, None))
    assert set(zip(table["wave"], table["scale"], strict=True)) == {("w1", "trust"), ("w1", "skill"), ("w2", "trust")}


def test_no_variance_between_cases_is_told_and_gives_no_ranks():
    values = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 4)
    alike = pd.DataFrame({
        "wave": "w1", "case": np.repeat([*"abcd"], 5), "respondent": [f"p{i}" for i in range(20)], "role": "teach",
        "trust": values, "skill": values,
    })  # fmt: skip
    table = made(alike, response_rates(alike, None))
    assert (table["flag"] == "no_between_variance;no_roster").all()
    assert (table["eb_mean"] == 3.0).all()
    assert table[["rank_median", "p_top"]].isna().all().all()
    assert (case_fits(alike, ["trust"])["flag"] == "no_between_variance").all()


def test_no_rank_depends_on_other_scales_or_the_order_of_rows():
    alone = case_scores(SCORES, RATES, ["trust"], LIMITS, minimum_n=5, seed_of=len, top=2, draws=500)
    pd.testing.assert_frame_equal(alone, TABLE[TABLE["scale"] == "trust"].reset_index(drop=True))
    shuffled = made(SCORES.sample(frac=1, random_state=3), RATES)
    pd.testing.assert_frame_equal(shuffled, TABLE, check_exact=True)


def test_the_seed_is_asked_for_by_wave_and_scale():
    asked = []

    def seed_of(label: str) -> int:
        asked.append(label)
        return 1

    made(SCORES, RATES, seed_of=seed_of)
    assert asked == ["w1/trust", "w1/skill"]


def test_a_fit_on_cases_that_are_shown_knows_nothing_of_the_others():
    moved = SCORES.assign(trust=SCORES["trust"].where(SCORES["case"] != "d", 1.0))
    pd.testing.assert_frame_equal(
        made(moved, RATES, fit_on="shown"), made(SCORES, RATES, fit_on="shown"), check_exact=True
    )
    assert row(made(moved, RATES), "a")["eb_mean"] != row(TABLE, "a")["eb_mean"]


def test_fits_tell_both_variances_of_each_wave_and_scale():
    fits: Any = case_fits(SCORES, ["trust", "skill"])
    columns = ["wave", "scale", "mean", "se_mean", "tau2", "sigma2", "icc", "n", "n_groups", "flag"]
    assert list(fits.columns) == columns
    fit = random_intercept(SCORES["trust"], SCORES["case"])
    first = fits.iloc[0]
    assert (first["mean"], first["tau2"], first["n"], first["n_groups"]) == (fit.mean, fit.tau2, 81, 5)
    assert first["icc"] == pytest.approx(fit.tau2 / (fit.tau2 + fit.sigma2))
    assert case_fits(SCORES, ["trust"], minimum_n=5)["n_groups"].iloc[0] == 4


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (SCORES, {"asked": {"trust": ["nurse"]}}, "scale 'trust' was asked of role(s) nurse, but rates know lead, teach"),
    (SCORES.assign(case="z"), {}, "rates have no row for case(s) z in wave 'w1', which have scores"),
    (SCORES.assign(trust="high"), {}, "scores: column 'trust' is no number but str; score the items first"),
    (SCORES.drop(columns="skill"), {}, "scores lack the column(s) skill; found"),
    (SCORES.assign(trust=7.0), {}, "a mean lies outside 1.0 to 5.0, the declared ends of its scale"),
    (SCORES.assign(trust=np.inf), {}, "scores: column 'trust' holds an infinite number"),
    (pd.concat([SCORES, SCORES.tail(1)]), {}, "one row per wave, case, respondent, but rows 80, 81 share one"),
    (SCORES.assign(trust=np.nan, skill=np.nan), {}, "no respondent has a score on any scale"),
    (SCORES, {"minimum_n": 0}, "minimum_n and top must be 1 or more, but are 0 and 2"),
    (SCORES, {"fit_on": "some"}, "fit_on must be 'all' or 'shown', but is 'some'"),
    (SCORES, {"low_response": 30}, "low_response must be between 0 and 1, but is 30"),
]


@pytest.mark.parametrize(("scores", "options", "told"), REFUSED, ids=[told for _, _, told in REFUSED])
def test_what_cannot_be_scored_is_refused_and_why(scores, options, told):
    with pytest.raises(StudyError) as refused:
        made(scores, RATES, **options)
    assert told in str(refused.value)


def test_a_scale_without_limits_is_refused():
    with pytest.raises(StudyError, match=r"no limits are given for scale\(s\) trust; take them from the answer format"):
        case_scores(SCORES, RATES, ["trust"], {}, minimum_n=5, seed_of=len, top=2)


# --- bounds


@settings(deadline=None)
@given(
    answers=st.lists(st.floats(1, 5), min_size=1, max_size=20),
    silent=st.lists(st.floats(1, 5), max_size=20),
)
def test_the_true_mean_of_the_roster_lies_between_the_bounds_whatever_the_silent_think(answers, silent):
    share = len(answers) / (len(answers) + len(silent))
    bounds = worst_case_bounds([np.mean(answers)], [share], 1, 5).iloc[0]
    true = np.mean([*answers, *silent])
    assert bounds["bound_low"] - 1e-9 <= true <= bounds["bound_high"] + 1e-9
    assert bounds["bound_high"] - bounds["bound_low"] == pytest.approx(4 * (1 - share))


def test_bounds_are_unknown_without_a_roster_and_refuse_what_cannot_be():
    assert worst_case_bounds([3.0], [np.nan], 1, 5).isna().all().all()
    with pytest.raises(StudyError, match="the share that answered must be between 0 and 1"):
        worst_case_bounds([3.0], [1.2], 1, 5)
    with pytest.raises(StudyError, match="limits of a scale must be low < high, but are 5 and 1"):
        worst_case_bounds([3.0], [0.5], 5, 1)


# --- domains


def test_a_domain_is_the_mean_of_the_scales_a_respondent_has_if_half_are_there():
    values = {"p": [1.0, 2.0, np.nan], "q": [3.0, np.nan, np.nan], "r": [5.0, np.nan, 4.0]}
    scores = pd.DataFrame(values, index=[7, 8, 9])
    found: Any = domain_scores(scores, {"two": ["p", "q"], "three": ["p", "q", "r"], "again": ["p"]})
    assert list(found.index) == [7, 8, 9]
    np.testing.assert_allclose(found["two"], [2.0, 2.0, np.nan])
    np.testing.assert_allclose(found["three"], [3.0, np.nan, np.nan])
    np.testing.assert_allclose(found["again"], [1.0, 2.0, np.nan])


def test_a_domain_of_no_scale_a_twice_named_or_an_unknown_one_is_refused():
    scores = pd.DataFrame({"p": [1.0]})
    with pytest.raises(StudyError, match="domain 'two' must name each of its scales once, but names none"):
        domain_scores(scores, {"two": []})
    with pytest.raises(StudyError, match="domain 'two' must name each of its scales once, but names p, p"):
        domain_scores(scores, {"two": ["p", "p"]})
    with pytest.raises(StudyError, match=r"domain 'two': scores lack the column\(s\) q; found p"):
        domain_scores(scores, {"two": ["q"]})
    with pytest.raises(StudyError, match="no domain is named"):
        domain_scores(scores, {})
