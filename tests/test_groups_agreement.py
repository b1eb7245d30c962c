"""Agreement within groups: R's numbers, small examples by hand, what must hold, and what is refused.

Reference numbers stand in ../shared/data with the call that made each (R 4.2.2, multilevel 2.7); they are not
part of the project, and tests that need them are skipped without them.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nsi.errors import StudyError
from nsi.methods.groups import (
    MEASURES,
    SLIGHTLY_SKEWED_VARIANCE,
    agreement_summary,
    expected_variance,
    within_group_agreement,
)

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
with_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data with the reference results is not here")
EXACT = 1e-9

PUPIL_ITEMS = {
    "SELFCON_pre": [f"SQA06{item}" for item in "ABCDEF"],
    "SELFCON_post": [f"SQB01{item}" for item in "ABCDEF"],
    "PINT_pre": [f"SQA14{item}" for item in "ABC"],
    "PINT_post": [f"SQB03{item}" for item in "ABC"],
    "GSE_pre": [f"SQA15{item}" for item in "ABCDE"],
    "GSE_post": [f"SQB02{item}" for item in "ABCDE"],
}
KEYS = [*(f"{name}.classes_ge5" for name in PUPIL_ITEMS), "LEAD"]


@cache
def table(path: str) -> pd.DataFrame:
    return pd.read_csv(DATA / path)


@cache
def reference(folder: str) -> dict[str, Any]:
    return json.loads((DATA / folder / "reference.json").read_text(encoding="utf-8"))["statistics"]


def sample(key: str) -> tuple[dict[str, Any], pd.DataFrame, pd.Series, int]:
    """Reference numbers, answers, groups and number of options of one key."""
    name = key.split(".")[0]
    if name in PUPIL_ITEMS:
        pupils = table("gti_students/student_questionnaire.csv.gz")
        answers = pupils[PUPIL_ITEMS[name]]
        complete = answers.notna().all(axis=1)  # R took a single item of complete pupils, too
        return reference("gti_students"), answers[complete], pupils.loc[complete, "T_ID"], 4
    soldiers = table("surveys/bhr2000/bhr2000.csv")
    return reference("surveys/bhr2000"), soldiers[soldiers.columns[1:12]], soldiers["GRP"], 5


def summary(found: pd.DataFrame, measure: str) -> dict[str, float]:
    """A row of the summary under R's names."""
    row: Any = agreement_summary(found).set_index("measure").loc[measure]
    names = {"mean": "mean", "median": "median", "min": "minimum", "max": "maximum", "share_ge_0.70": "share_at_cut"}
    return {**{name: row[ours] for name, ours in names.items()}, "n_groups": row["n_groups"]}


def assert_agrees(found: dict[str, float], held: dict[str, float]) -> None:
    assert {name: found[name] for name in held} == pytest.approx(held, rel=0, abs=EXACT)


def one_group(rows: list[list[float]], **settings: Any) -> pd.Series:
    """Agreement of one group on an answer format of 1 to 5."""
    answers = pd.DataFrame(rows, dtype="float64")
    groups = pd.Series(["a"] * len(rows), dtype="str")
    return within_group_agreement(answers, groups, 1, 5, **settings).iloc[0]


# --- outside numbers


@with_data
@pytest.mark.parametrize("key", KEYS)
def test_agreement_on_a_scale_is_that_of_r(key):
    held, answers, groups, options = sample(key)
    found = within_group_agreement(answers, groups, 1, options, minimum_n=5)
    assert_agrees(summary(found, "rwg_j"), held[f"{key}.rwgj_uniform"]["value"])
    assert_agrees(summary(found, "rwg_j_lindell"), held[f"{key}.rwgj_lindell"]["value"])
    assert_agrees(summary(found, "ad_mean"), held[f"{key}.ad.m_items"]["value"])


@with_data
@pytest.mark.parametrize("key", KEYS)
def test_agreement_of_every_single_group_is_that_of_r(key):
    held, answers, groups, options = sample(key)
    found = within_group_agreement(answers, groups, 1, options, minimum_n=5)
    by_group = held[f"{key}.rwgj_by_group"]["value"]
    cases = found["case"].astype("str")
    assert dict(zip(cases, found["rwg_j"], strict=True)) == pytest.approx(by_group, rel=0, abs=EXACT)


@with_data
@pytest.mark.parametrize("key", KEYS)
def test_agreement_on_a_single_item_is_that_of_r(key):
    held, answers, groups, options = sample(key)
    found = within_group_agreement(answers.iloc[:, :1], groups, 1, options, minimum_n=5)
    assert_agrees(summary(found, "rwg_j"), held[f"{key}.rwg_item1"]["value"])
    assert_agrees(summary(found, "rwg_mean"), held[f"{key}.rwg_item1"]["value"])
    assert_agrees(summary(found, "awg"), held[f"{key}.awg_item1"]["value"])


@with_data
def test_real_classes_that_disagree_more_than_chance_are_flagged():
    _, answers, groups, options = sample("PINT_post.classes_ge5")
    found = within_group_agreement(answers, groups, 1, options, minimum_n=5)
    clamped = found[found["flag"] == "clamped"]
    assert len(clamped) == 2  # r*_wg(j), which is not clamped, is negative in two classes
    assert (clamped["rwg_j"] == 0).all()
    assert (clamped["rwg_j_lindell"] < 0).all()
    assert (found.drop(clamped.index)["rwg_j_lindell"] >= 0).all()


def test_the_skewed_null_for_five_options_is_the_variance_of_its_published_shares():
    shares, options = np.array([0.05, 0.15, 0.20, 0.35, 0.25]), np.arange(1, 6)  # James et al. (1984)
    mean = (shares * options).sum()
    assert expected_variance("slightly_skewed", 5) == pytest.approx((shares * (options - mean) ** 2).sum())


def test_the_skewed_null_is_narrower_than_the_uniform_one_and_known_for_five_to_eleven_options():
    assert sorted(SLIGHTLY_SKEWED_VARIANCE) == list(range(5, 12))
    for options, variance in SLIGHTLY_SKEWED_VARIANCE.items():
        assert variance < expected_variance("uniform", options) == (options**2 - 1) / 12


# --- by hand


def test_a_small_group_by_hand():
    # Item variances 1 and 0: mean 0.5, a quarter of 2, so 2 * 0.75 / (2 * 0.75 + 0.25).
    found = one_group([[2, 4], [3, 4], [4, 4]])
    assert (found["n"], found["k_items"], found["flag"]) == (3, 2, "")
    assert found["rwg_j"] == pytest.approx(1.5 / 1.75)
    assert found["rwg_j_lindell"] == pytest.approx(0.75)
    assert found["rwg_mean"] == pytest.approx((0.5 + 1) / 2)
    assert found["ad_mean"] == pytest.approx((2 / 3 + 0) / 2)
    ratio = 0.5 / 1.34
    assert found["rwg_j_skewed"] == pytest.approx(2 * (1 - ratio) / (2 * (1 - ratio) + ratio))


def test_deviations_are_taken_from_the_mean_and_from_the_median():
    found = one_group([[1], [2], [2], [5]])
    assert found["ad_mean"] == pytest.approx((1.5 + 0.5 + 0.5 + 2.5) / 4)
    assert found["ad_median"] == pytest.approx((1 + 0 + 0 + 3) / 4)


def test_brown_and_hauensteins_index_by_hand():
    # Mean 3 of 1 to 5: the largest variance of 4 people is (6 * 3 - 9 - 5) * 4 / 3, theirs is 2 / 3.
    assert one_group([[2], [3], [3], [4]])["awg"] == pytest.approx(1 - 2 * (2 / 3) / (16 / 3))


def test_brown_and_hauensteins_index_leaves_out_items_whose_mean_is_too_near_a_limit():
    found = one_group([[2, 5], [3, 5], [3, 5], [4, 5]])
    assert found["awg"] == pytest.approx(one_group([[2], [3], [3], [4]])["awg"])
    assert math.isnan(one_group([[5], [5], [5], [5]])["awg"])


def test_a_polarised_group_has_no_agreement_and_not_five():
    # 2 items, half say 1 and half 5: variance 16 / 3 is 8 / 3 of chance, and the formula gives 5.0.
    ratio = 8 / 3
    assert 2 * (1 - ratio) / (2 * (1 - ratio) + ratio) == pytest.approx(5)
    found = one_group([[1, 1], [1, 1], [5, 5], [5, 5]])
    assert found["rwg_j"] == 0
    assert found["rwg_j_skewed"] == 0
    assert (found["flag"], found["flag_skewed"]) == ("clamped", "clamped")
    assert found["rwg_j_lindell"] == pytest.approx(1 - ratio)


def test_the_nulls_are_clamped_each_on_its_own():
    found = one_group([[1], [3], [4], [4]])  # variance 2.0 is chance itself, but more than 1.34
    assert found["rwg_j"] == pytest.approx(0, abs=1e-12)
    assert (found["flag"], found["flag_skewed"]) == ("", "clamped")


def test_another_null_is_used_where_it_is_asked_for():
    rows: list[list[float]] = [[2, 4], [3, 4], [4, 5]]
    plain, skewed = one_group(rows), one_group(rows, null="slightly_skewed")
    assert skewed["rwg_j"] == plain["rwg_j_skewed"] < plain["rwg_j"]
    assert skewed["rwg_j_lindell"] < plain["rwg_j_lindell"]
    assert skewed["rwg_mean"] < plain["rwg_mean"]
    assert skewed["ad_mean"] == plain["ad_mean"]


def test_where_no_skewed_null_is_published_its_value_is_undefined_and_named():
    answers, groups = pd.DataFrame({"x": [1.0, 2.0], "y": [2.0, 2.0]}), pd.Series(["a", "a"])
    found = within_group_agreement(answers, groups, 1, 4).iloc[0]
    assert (found["flag"], found["flag_skewed"]) == ("", "no_skewed_null")
    assert math.isnan(found["rwg_j_skewed"])
    assert found["rwg_j"] > 0
    found = within_group_agreement(answers, groups, 1, 4, null="slightly_skewed").iloc[0]
    assert found["flag"] == "no_skewed_null"
    assert math.isnan(found["rwg_j"])
    assert math.isnan(found["rwg_mean"])
    assert found["ad_mean"] == 0.25


def test_respondents_with_a_gap_do_not_count_and_small_groups_are_undefined():
    answers = pd.DataFrame({"x": [1, 2, 3, 4, np.nan, 5], "y": [1, 2, np.nan, 4, 5, 5]}, dtype="float64")
    groups = pd.Series(["b", "b", "b", "a", "c", None])
    found = within_group_agreement(answers[:5], groups[:5], 1, 5).set_index("case")
    assert found["n"].to_dict() == {"a": 1, "b": 2, "c": 0}
    assert found["flag"].to_dict() == {"a": "too_few_answers", "b": "", "c": "too_few_answers"}
    assert found.loc[["a", "c"], list(MEASURES)].isna().to_numpy().all()
    assert found.loc[["b"], ["rwg_j", "rwg_j_skewed", "rwg_j_lindell", "ad_mean"]].to_numpy()[0] == pytest.approx(
        [6 / 7, 2 * (1 - 0.5 / 1.34) / (2 * (1 - 0.5 / 1.34) + 0.5 / 1.34), 0.75, 0.5]
    )
    three = within_group_agreement(answers[:5], groups[:5], 1, 5, minimum_n=3)
    assert (three["flag"] == "too_few_answers").all()


def test_the_summary_counts_only_groups_with_a_value():
    answers = pd.DataFrame({"x": [1, 2, 3, 3, 4]}, dtype="float64")
    found = within_group_agreement(answers, pd.Series(["a", "a", "b", "b", "c"]), 1, 5)
    rows = agreement_summary(found, cut=0.8).set_index("measure")
    assert list(rows.index) == list(MEASURES)
    row = rows.loc["rwg_j"]
    assert (row["n_groups"], row["mean"], row["minimum"], row["maximum"]) == (2, 0.875, 0.75, 1)
    assert row["share_at_cut"] == 0.5
    assert rows["share_at_cut"].isna().to_dict()["ad_mean"]
    nobody = agreement_summary(found[found["case"] == "c"])
    assert (nobody["n_groups"] == 0).all()
    assert nobody[["mean", "median", "minimum", "maximum", "share_at_cut"]].isna().all(axis=None)


# --- what must hold for any answers

answered = st.integers(1, 3).flatmap(
    lambda k: st.integers(1, 25).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, (n, k), elements=st.sampled_from([1.0, 2.0, 3.0, 3.5, 4.0, 5.0, math.nan])),
            arrays(np.int64, n, elements=st.integers(0, 3)),
        )
    )
)


def agreement(drawn: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    return within_group_agreement(pd.DataFrame(drawn[0]), pd.Series(drawn[1]), 1, 5)


@given(answered)
@settings(max_examples=80, deadline=None)
def test_all_groups_at_once_give_what_one_after_another_gives(drawn):
    found = agreement(drawn).set_index("case")
    for case in found.index:
        rows = pd.DataFrame(drawn[0][drawn[1] == case]).dropna()
        row = found.loc[case]
        assert row["n"] == len(rows)
        if len(rows) < 2:
            continue
        own = rows.var().to_numpy()
        share = own.mean() / 2
        expected = len(own) * (1 - share) / (len(own) * (1 - share) + share) if share <= 1 else 0
        assert row["rwg_j"] == pytest.approx(expected, abs=1e-12)
        assert row["rwg_mean"] == pytest.approx(np.maximum(1 - own / 2, 0).mean(), abs=1e-12)
        assert row["ad_mean"] == pytest.approx((rows - rows.mean()).abs().mean().mean(), abs=1e-12)
        assert row["ad_median"] == pytest.approx((rows - rows.median()).abs().mean().mean(), abs=1e-12)


@given(answered)
@settings(max_examples=60, deadline=None)
def test_measures_stay_in_their_range(drawn):
    found = agreement(drawn)
    for name, low, high in (
        ("rwg_j", 0, 1),
        ("rwg_j_skewed", 0, 1),
        ("rwg_mean", 0, 1),
        ("rwg_j_lindell", -np.inf, 1),
        ("ad_mean", 0, 2),
        ("ad_median", 0, 2),
        ("awg", -1, 1),
    ):
        known = found[name].dropna()
        assert known.between(low - 1e-12, high + 1e-12).all(), name
    assert ((found["flag"] == "clamped") <= (found["rwg_j"] == 0)).all()


@given(answered, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_changes_not_one_bit(drawn, random):
    order = list(range(len(drawn[1])))
    random.shuffle(order)
    pd.testing.assert_frame_equal(agreement((drawn[0][order], drawn[1][order])), agreement(drawn), check_exact=True)


@given(answered)
@settings(max_examples=60, deadline=None)
def test_reversing_the_answer_format_changes_nothing(drawn):
    pd.testing.assert_frame_equal(agreement((6 - drawn[0], drawn[1])), agreement(drawn), rtol=1e-9, atol=1e-9)


# --- what is refused

ANSWERS, GROUPS = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}), pd.Series(["a", "a"])


@pytest.mark.parametrize(
    ("answers", "groups", "settings", "told"),
    [
        (ANSWERS, GROUPS[:1], {}, "answers has 2 rows and groups has 1; both need one row for each respondent"),
        (
            ANSWERS,
            pd.Series(["a", None]),
            {},
            "groups is missing in row 1, where there is a value; name the group or leave the row out",
        ),
        (
            ANSWERS.assign(y=[3.0, 9.0]),
            GROUPS,
            {},
            "item 'y' row 1: found 9, but the answer format allows 1 to 5; set codes for no answer to missing first",
        ),
        (ANSWERS[[]], GROUPS, {}, "answers has no item; pass one column for each item of the scale"),
        (
            ANSWERS,
            GROUPS,
            {"high": 4.5},
            "limits of the answer format must be whole steps apart; found 1 to 4.5",
        ),
        (ANSWERS, GROUPS, {"high": 1}, "limits of the answer format must be whole steps apart; found 1 to 1"),
        (
            ANSWERS,
            GROUPS,
            {"minimum_n": 1},
            "minimum_n must be 2 or more, since one person cannot disagree; found 1",
        ),
        (ANSWERS, GROUPS, {"null": "flat"}, "null 'flat' is not known; choose one of uniform, slightly_skewed"),
        (
            ANSWERS.astype("str"),
            GROUPS,
            {},
            "item 'x' must be numbers, NaN where missing; found str; convert them first",
        ),
    ],
)
def test_what_is_not_usable_is_refused(answers, groups, settings, told):
    with pytest.raises(StudyError) as caught:
        within_group_agreement(answers, groups, **{"low": 1, "high": 5, **settings})
    assert str(caught.value) == told


def test_an_answer_format_of_one_option_is_refused():
    with pytest.raises(StudyError) as caught:
        expected_variance("uniform", 1)
    assert str(caught.value) == "an answer format needs 2 or more options; found 1"
