"""The small-N panel: which test for which columns, what is left out, and every sentence in full."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.exact_tests import holm
from nsi.methods.small_n import kruskal_exact, rank_sum_exact, small_n_panel, spearman_exact, words

COLUMNS = [
    *("attribute", "outcome", "test", "n", "statistic", "p", "p_min_attainable", "p_holm", "p_max", "effect_name"),
    *("effect", "effect_low", "effect_high", "detectable", "loo_p_low", "loo_p_high", "loo_case", "flips"),
    *("flips_what", "enumerated", "flag", "sentence"),
]
KINDS = {"hub": "nominal", "goal": "nominal", "members": "interval", "begun": "ordinal"}
# Eleven invented cases with the margins of a published table: 5/3/2/1, 8/2/1, one tie in the measured column.
CASES = pd.DataFrame(
    {
        "hub": list("NUNUNAHNUNH"),
        "goal": list("iieieppiiii"),
        "members": [70, 83, 363, 148, 69, 97, 83, 78, 134, 142, 81],
        "begun": [4, 4, 1, 1, 1, 2, 3, 2, 4, 4, 2],
        "strong": ["strong"] * 6 + ["weak"] * 5,
        "score": [3.1, 2.2, 4.0, 3.9, 3.0, 2.8, 1.0, 1.5, 1.2, 2.0, 0.5],
    },
    index=pd.Index(list("ABCDEFGHIJK"), name="case"),
)
CASES["goal"] = list("iieieiipiii")


@pytest.fixture(scope="module")
def by_group() -> pd.DataFrame:
    return small_n_panel(CASES, list(KINDS), "strong", KINDS, "nominal", seed=1).set_index("attribute", drop=False)


@pytest.fixture(scope="module")
def by_score() -> pd.DataFrame:
    return small_n_panel(CASES, list(KINDS), "score", KINDS, "interval", seed=1).set_index("attribute", drop=False)


def test_the_panel_has_one_row_per_attribute_and_its_columns(by_group):
    assert by_group["attribute"].tolist() == list(KINDS)
    assert [name for name in by_group.columns if name in COLUMNS] == COLUMNS
    assert (by_group["n"] == 11).all()


def test_the_test_fits_the_kinds(by_group, by_score):
    assert by_group["test"].tolist() == ["fisher", "fisher", "rank_sum", "rank_sum"]
    assert by_score["test"].tolist() == ["kruskal", "kruskal", "spearman", "jonckheere"]
    assert by_group["effect_name"].tolist() == ["Cramer's V", "Cramer's V", "Cliff's delta", "Cliff's delta"]
    assert by_score["effect_name"].tolist() == ["epsilon squared"] * 2 + ["Spearman's rho", "Kendall's tau-b"]


def test_the_numbers_are_those_of_the_single_tests(by_group, by_score):
    assert by_group.loc["members", "p"] == rank_sum_exact(CASES["members"], CASES["strong"]).p
    assert by_score.loc["hub", "p"] == kruskal_exact(CASES["score"], CASES["hub"]).p
    assert by_score.loc["members", "p"] == spearman_exact(CASES["members"], CASES["score"]).p
    for panel in (by_group, by_score):
        assert panel["p_holm"].to_numpy() == pytest.approx(holm(panel["p"].to_numpy()))
        assert (panel["p_max"] >= panel["p"]).all()
        assert (panel["p"] >= panel["p_min_attainable"]).all()
        assert (panel["loo_p_low"] <= panel["loo_p_high"]).all()


def test_the_same_seed_gives_the_same_panel_and_each_row_stands_alone(by_score):
    again = small_n_panel(CASES, ["begun"], "score", KINDS, "interval", seed=1, family=[])
    alone = again.iloc[0].drop(["p_holm", "p_max", "flag"])
    pd.testing.assert_series_equal(alone, by_score.loc["begun"].drop(["p_holm", "p_max", "flag"]), check_names=False)
    assert again[["p_holm", "p_max"]].isna().all(axis=None)


def test_an_attribute_that_could_not_have_reached_the_level_is_told_as_such(by_group):
    assert by_group.loc["goal", "p_min_attainable"] == pytest.approx(28 / 462)
    assert by_group.loc["goal", "sentence"] == (
        "goal could not have reached 0.05 whatever the data: with these margins of 11 cases the smallest attainable p "
        "is 0.061 (seen: exact p = 0.455, Cramer's V 0.27 (approximate 95% interval 0.00 to 1.00)). Neither an "
        "association with strong nor its absence can be read from this test."
    )
    assert by_group.loc["goal", "flag"].split("; ")[0] == "detectable_none"


def test_an_association_that_is_not_seen_is_never_told_as_none(by_group, by_score):
    assert by_group.loc["members", "sentence"] == (
        "No association of members with strong is visible in these 11 cases: exact p = 0.970, Cliff's delta -0.03 "
        "(95% interval -0.59 to 0.55); the smallest attainable p is 0.002. This is no evidence that there is none: "
        "one weaker than 0.83 (Cliff's delta) would be missed more than one time in five."
    )
    everything = " ".join([*by_group["sentence"], *by_score["sentence"]]).lower()
    for claim in ("unrelated", "independent", "no relation", "no effect", "not associated"):
        assert claim not in everything


ROW = {
    "attribute": "goal", "outcome": "strong", "n": 11, "p": 0.018, "p_min_attainable": 0.0043, "p_holm": 0.036,
    "p_max": 0.03, "effect_name": "odds ratio", "effect": math.inf, "effect_low": 1.234, "effect_high": math.inf,
    "effect_interval": "exact_conditional", "detectable": 48.7, "detectable_what": "odds ratio", "loo_case": "",
    "flips": math.nan, "enumerated": 462, "flag": "boundary",
}  # fmt: skip
SEEN = (
    "goal goes together with strong in these 11 cases: exact p = 0.018, odds ratio without limit "
    "(95% interval from 1.23 upwards); the smallest attainable p is 0.004."
)
UNSEEN = "No association of goal with strong is visible in these 11 cases: "


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({}, SEEN, id="seen"),
        pytest.param(
            {"p_holm": 0.09, "p_max": 0.0496, "loo_case": "F", "flips": 1.0},
            f"{SEEN} Within its family of tests p is 0.090 by Holm and 0.0496 by the permutation maximum; "
            "without case F p is no longer below 0.05; one recoded cell would undo it.",
            id="fragile",
        ),
        pytest.param(
            {"loo_case": "F, G", "flips": 2.0},
            f"{SEEN} Without any one of F, G p is no longer below 0.05; 2 recoded cells would undo it.",
            id="two-cases",
        ),
        pytest.param(
            {"p": 0.3, "effect": 2.0, "effect_low": math.nan, "loo_case": "F", "detectable": math.nan},
            f"{UNSEEN}exact p = 0.300, odds ratio 2.00 (no interval can be given); the smallest attainable p is 0.004. "
            "This is no evidence that there is none: however strong, none of the patterns tried would show in four "
            "tests out of five, and without case F p is below 0.05.",
            id="not-seen",
        ),
        pytest.param(
            {"p": 0.3, "enumerated": 0, "p_min_attainable": math.nan, "effect": 123.4, "effect_high": 4567.0,
             "flag": "monte_carlo=9999; detectable_too_many_tables", "detectable": math.nan},
            f"{UNSEEN}p = 0.300 by arrangements drawn at random, odds ratio 123 (95% interval 1.23 to 4,567); the "
            "smallest attainable p was not counted. This is no evidence that there is none: how strong one would have "
            "to be to show was not computed.",
            id="drawn",
        ),
        pytest.param(
            {"p": math.nan, "flag": "n_missing=2; attribute_constant"},
            "goal was not tested against strong: all these cases have the same goal.",
            id="constant",
        ),
        pytest.param(
            {"p": math.nan, "flag": "too_few_cases"},
            "goal was not tested against strong: fewer than two cases have both values.",
            id="too-few",
        ),
    ],
)  # fmt: skip
def test_the_sentence_says_what_was_seen_and_no_more(change, sentence):
    assert words({**ROW, **change}) == sentence


def test_cases_chosen_on_the_outcome_add_a_sentence():
    assert words(ROW, selected_on_outcome=True) == (
        f"{SEEN} The cases were chosen on the outcome, so effects look larger here than they are among all cases, "
        "and p does not speak for other cases."
    )
    panel = small_n_panel(CASES, ["goal"], "strong", KINDS, "nominal", seed=1, selected_on_outcome=True)
    assert panel["sentence"].str.endswith("p does not speak for other cases.").all()


def test_cases_without_a_value_are_left_out_and_counted():
    cases = CASES.assign(begun=CASES["begun"].astype("Int64"), hub=CASES["hub"].astype("str"))
    cases.loc["A", "begun"] = pd.NA
    cases.loc["B", "hub"] = None
    cases.loc["C", "score"] = np.nan
    panel = small_n_panel(cases, ["hub", "begun"], "score", KINDS, "interval", seed=1).set_index("attribute")
    assert panel["n"].tolist() == [9, 9]
    assert panel.loc["hub", "p"] == kruskal_exact(
        CASES["score"].drop(["B", "C"]).to_numpy(), CASES["hub"].drop(["B", "C"]).to_numpy()
    ).p
    for flag in panel["flag"]:
        assert flag.startswith("n_missing=2; ")
        assert flag.endswith("; p_max_n=8")
    assert (panel["p_max"] >= panel["p"]).all()


def test_a_column_of_one_level_is_undefined_with_a_flag():
    cases = CASES.assign(same="x", alike=1.0)
    panel = small_n_panel(cases, ["same", "hub"], "strong", {"same": "nominal", **KINDS}, "nominal", seed=1)
    row = panel.iloc[0]
    assert row["flag"] == "attribute_constant"
    assert row[["p", "p_min_attainable", "p_holm", "p_max", "effect", "detectable", "flips"]].isna().all()
    assert panel["p_holm"][1] == panel["p"][1]  # what could not be tested is no test of the family
    flat = small_n_panel(cases, ["members"], "alike", KINDS, "interval", seed=1).iloc[0]
    assert flat["flag"] == "outcome_constant"
    assert flat["sentence"] == "members was not tested against alike: all these cases have the same alike."


def test_the_recoded_cells_are_told_by_case_and_level():
    cases = pd.DataFrame({"case": list("ABCDEFGHIJK"), "x": [0] * 5 + [1] * 6, "y": list("nnnnyn") + list("yyyyy")})
    row = small_n_panel(cases, ["x"], "y", {"x": "nominal"}, "nominal", seed=1, case="case").iloc[0]
    assert row["p"] == pytest.approx(0.0800866, abs=1e-6)  # two-sided Fisher of [[4, 1], [1, 5]]: 37/462
    assert (row["flips"], row["flips_what"], row["flips_depth"]) == (1.0, "x of E from 0 to 1", 1)
    assert "and without any one of" in row["sentence"]


def test_ordered_categories_keep_their_order_and_another_test_can_be_asked_for():
    order = ["low", "mid", "high"]
    stage = pd.Categorical([*order * 3, "low", "high"], categories=order, ordered=True)
    cases = CASES.assign(stage=stage)
    kinds = {"stage": "ordinal", "hub": "nominal"}
    panel = small_n_panel(cases, ["stage"], "score", kinds, "interval", seed=1, tests={"stage": "spearman"})
    ranks = pd.Series(stage).cat.codes.to_numpy()
    assert panel.loc[0, "test"] == "spearman"
    assert panel.loc[0, "effect"] == pytest.approx(spearman_exact(ranks, CASES["score"]).statistic)
    with pytest.raises(StudyError, match=r"boschloo does not fit stage \(ordinal\) against score \(interval\);"):
        small_n_panel(cases, ["stage"], "score", kinds, "interval", seed=1, tests={"stage": "boschloo"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"attributes": ["nothing"], "kinds": {"nothing": "nominal"}}, "the table of cases lacks column nothing;"),
        ({"outcome": "nothing"}, "the table of cases lacks column nothing; found hub, goal"),
        ({"kinds": {}}, "no kind is declared for hub; say nominal, ordinal or interval"),
        ({"kinds": {"hub": "scale"}}, "column hub is of kind 'scale', allowed are nominal, ordinal, interval; declare"),
        ({"kinds": {"hub": "ordinal"}}, "column hub is declared ordinal, which needs numbers or an ordered"),
        ({"outcome_kind": "interval"}, "column strong is declared interval, which needs numbers; found 'strong'"),
        ({"family": ["goal"]}, "family names goal, which is no attribute here; there are hub"),
        ({"tests": {"goal": "kruskal"}}, "tests names goal, which is no attribute here; there are hub"),
        ({"alpha": 5}, "alpha must lie between 0 and 1, for example 0.05; found 5"),
        ({"case": "name"}, "the table of cases lacks column name; found hub"),
        ({"case": "goal"}, "each case stands in one row; found more of e, i; name the cases apart"),
        ({"cases": pd.concat([CASES] * 6)}, "these tests are for few cases, up to 60; found 66"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_tested(change, told):
    asked = {
        "cases": CASES, "attributes": ["hub"], "outcome": "strong", "kinds": {"hub": "nominal"},
        "outcome_kind": "nominal", "seed": 1,
    }  # fmt: skip
    with pytest.raises(StudyError, match=told):
        small_n_panel(**{**asked, **change})
