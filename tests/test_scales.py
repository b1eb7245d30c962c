"""Scale scores, alpha, item statistics, counts of answers and of reasons for missing ones, in small surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods import scales as sc

NAN = float("nan")
# Ratings of 6 targets by 4 judges, Shrout & Fleiss (1979), Psychological Bulletin 86:420, table 2.
JUDGES = pd.DataFrame(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], columns=list("abcd")
).astype(float)


def survey(answers: Mapping[str, Sequence[int | str]], **columns: Any) -> pd.DataFrame:
    """Responses from answers by item; a text is the reason why there is none."""
    parts: dict[str, pd.Series] = {name: pd.Series(values) for name, values in columns.items()}
    for item, cells in answers.items():
        parts[item] = pd.Series([pd.NA if isinstance(cell, str) else cell for cell in cells], dtype="Int16")
        reasons = [cell if isinstance(cell, str) else None for cell in cells]
        parts[f"{item}_missing"] = pd.Series(reasons, dtype="str")
    return pd.DataFrame(parts)


def items_of(scales: dict[str, str], reverse: str = "", high: float = 5.0) -> pd.DataFrame:
    """Items, one letter each, by scale; `reverse` holds those that are turned."""
    rows = [(item, scale) for scale, names in scales.items() for item in names]
    items = pd.DataFrame(rows, columns=["item", "scale"])
    return items.assign(reverse=items["item"].isin(list(reverse)), low=1.0, high=high)


def scales_with(minimum: float, *names: str) -> pd.DataFrame:
    return pd.DataFrame({"scale": list(names), "minimum": minimum})


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


# --- answers and scores


def test_reversal_is_from_the_limits_of_the_format_not_from_the_answers():
    responses = survey({"a": [2, 3, "skipped"], "b": [2, 4, 3]})
    keyed = sc.keyed_answers(responses, items_of({"s": "ab"}, reverse="a"))
    assert keyed["a"].tolist()[:2] == [4.0, 3.0]
    assert np.isnan(keyed["a"].iloc[2])
    assert keyed["b"].tolist() == [2.0, 4.0, 3.0]
    assert list(keyed.columns) == ["a", "b"]


def test_an_answer_outside_its_limits_is_named_with_item_and_rows():
    responses = survey({"a": [2, 7, 0, 7]}).set_axis([4, 8, 15, 16])
    told = (
        r"item a: 3 answers lie outside 1 to 5 \(rows 8, 15, 16; found 0, 7\); correct the item's limits or "
        r"clean the answers first"
    )
    with pytest.raises(StudyError, match=told):
        sc.keyed_answers(responses, items_of({"s": "a"}))


def test_an_item_without_a_column_is_named():
    with pytest.raises(StudyError, match="responses have no column b; an item that no one was asked needs"):
        sc.keyed_answers(survey({"a": [1]}), items_of({"s": "ab"}))


def test_an_item_without_reasons_is_named_where_they_decide():
    responses = survey({"a": [1], "b": [2]}).drop(columns=["b_missing"])
    with pytest.raises(StudyError, match="responses have no column b_missing; an item"):
        sc.scale_scores(responses, items_of({"s": "ab"}), scales_with(0.5, "s"))


@pytest.mark.parametrize(("low", "high"), [(5.0, 1.0), (NAN, 5.0), (3.0, 3.0)])
def test_limits_that_hold_no_answer_are_refused(low, high):
    items = items_of({"s": "a"}).assign(low=low, high=high)
    with pytest.raises(StudyError, match="item a has the answer limits .*; declare low below high in the items"):
        sc.keyed_answers(survey({"a": [1]}), items)


def test_an_item_of_an_undeclared_scale_is_named():
    with pytest.raises(StudyError, match="item c belongs to the scale 'other', which is not declared; scales are s"):
        sc.scale_scores(survey({"a": [1], "c": [1]}), items_of({"s": "a", "other": "c"}), scales_with(0.5, "s"))


def test_a_scale_without_items_is_named():
    with pytest.raises(StudyError, match="scale empty has no item; give it items or take it out of the scales"):
        sc.scale_scores(survey({"a": [1]}), items_of({"s": "a"}), scales_with(0.5, "s", "empty"))


@pytest.mark.parametrize(
    ("share", "k", "needed"),
    [
        (0.7, 10, 7),  # 0.7 * 10 is 7.000000000000001 in floating point
        (0.6, 5, 3),
        (0.28, 25, 7),  # 7.000000000000001 again
        (0.5, 3, 2),
        (0.5, 4, 2),
        (2 / 3, 3, 2),
        (1 / 3, 3, 1),
        (1.0, 4, 4),
        (0.01, 4, 1),
        (0.5, 0, 1),  # a scale of which nothing was asked gives no score
        (0.67, 3, 3),  # two of three are less than .67
    ],
)
def test_the_share_that_must_be_answered_is_rounded_up(share, k, needed):
    assert sc.answers_needed(share, k) == needed


@pytest.mark.parametrize("share", [0.0, -0.5, 1.01, NAN])
def test_a_minimum_that_is_no_share_is_refused(share):
    with pytest.raises(StudyError, match="minimum must be a share of items above 0 and at most 1; found "):
        sc.answers_needed(share, 4)


def test_a_score_is_the_mean_of_what_was_answered_if_that_is_enough():
    responses = survey(
        {"a": [5, 5, 5, "skipped"], "b": [1, "skipped", "refused", "skipped"], "c": [3, 2, "skipped", "skipped"]}
    )
    scores = sc.scale_scores(responses, items_of({"s": "abc"}, reverse="b"), scales_with(0.6, "s"))
    assert scores["s"].tolist()[:2] == pytest.approx([(5 + 5 + 3) / 3, 3.5])
    assert scores["s"].isna().tolist() == [False, False, True, True]
    assert list(scores.columns) == ["s"]


def test_an_item_that_a_wave_did_not_ask_does_not_count_there():
    """Two of three asked are enough at one half; of two asked, one is. Of three, one is not."""
    responses = survey({"a": [4, 4], "b": ["skipped", "skipped"], "c": ["skipped", "not_asked"]}, wave=["new", "old"])
    scores = sc.scale_scores(responses, items_of({"s": "abc"}), scales_with(0.5, "s"))
    assert scores["s"].isna().tolist() == [True, False]
    alone = sc.scale_scores(responses.iloc[[1]], items_of({"s": "abc"}), scales_with(0.5, "s"))
    assert alone["s"].tolist() == [4.0]


def test_an_item_asked_of_some_counts_for_all_of_the_wave():
    responses = survey({"a": [4, 4], "b": [4, "not_asked"], "c": [4, "not_asked"]})
    scores = sc.scale_scores(responses, items_of({"s": "abc"}), scales_with(0.5, "s"))
    assert scores["s"].isna().tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["str", "string", "object", "category"])
def test_reasons_may_be_kept_as_any_kind_of_text(dtype):
    responses = survey({"a": [4, 4], "b": ["skipped", "skipped"], "c": [1, "not_asked"]}, wave=["new", "old"])
    for item in "abc":
        responses[f"{item}_missing"] = responses[f"{item}_missing"].astype(dtype)
    scores = sc.scale_scores(responses, items_of({"s": "abc"}), scales_with(0.6, "s"))
    assert scores["s"].isna().tolist() == [False, True]
    assert sc.likert_counts(responses, items_of({"s": "a"}))["n_not_asked"].eq(0).all()


def test_a_scale_that_nobody_was_asked_has_no_score():
    responses = survey({"a": ["not_asked", "not_asked"]})
    assert sc.scale_scores(responses, items_of({"s": "a"}), scales_with(0.5, "s"))["s"].isna().all()


def test_items_of_no_scale_are_let_be():
    items = items_of({"s": "a", "none": "z"})
    items.loc[items["scale"] == "none", "scale"] = None
    scores = sc.scale_scores(survey({"a": [3], "z": [99]}), items, scales_with(0.5, "s"))
    assert scores["s"].tolist() == [3.0]


def test_no_response_gives_an_empty_table_of_scores():
    scores = sc.scale_scores(survey({"a": [1]}).iloc[:0], items_of({"s": "a"}), scales_with(0.5, "s"))
    assert scores.shape == (0, 1)


# --- alpha


def test_alpha_and_its_interval_are_the_published_reliability_of_four_judges():
    """Alpha is ICC(3, k): .91 in Shrout & Fleiss (1979), table 4; .676 to .986 as R's psych::ICC prints it."""
    found: Any = sc.alpha_estimate(JUDGES)
    assert found.estimate == pytest.approx(0.91, abs=5e-3)
    assert [found.low, found.high] == pytest.approx([0.676, 0.986], abs=5e-4)
    assert (found.flag, found.n, found.k_items) == ("", 6, 4)


def test_the_interval_covers_as_often_as_it_says():
    """Equal covariances of .5 among 4 items: alpha is 4 / 3 (1 - 4 / 10) = .8."""
    random = generator(4)
    covered = 0
    for _ in range(1000):
        values = random.normal(size=(20, 1)) * np.sqrt(0.5) + random.normal(size=(20, 4)) * np.sqrt(0.5)
        found = sc.alpha_estimate(pd.DataFrame(values), confidence=0.8)
        covered += found.low < 0.8 < found.high
    assert covered / 1000 == pytest.approx(0.8, abs=0.05)  # 4 standard errors


def test_the_choice_for_missing_answers_changes_alpha_and_its_n():
    gaps = JUDGES.copy()
    gaps.iloc[0, 0] = gaps.iloc[1, 1] = np.nan
    complete, pairwise = sc.alpha_estimate(gaps), sc.alpha_estimate(gaps, "pairwise")
    assert complete == sc.alpha_estimate(JUDGES.iloc[2:])
    assert (complete.n, pairwise.n) == (4, 4)  # a and b were both answered by 4
    covariance = gaps.cov()
    alpha = 4 / 3 * (1 - np.trace(covariance) / covariance.to_numpy().sum())
    assert pairwise.estimate == pytest.approx(alpha, abs=1e-12)
    assert sc.cronbach_alpha(gaps, "pairwise") == pairwise.estimate != complete.estimate


@pytest.mark.parametrize(
    ("answers", "missing", "flag"),
    [
        pytest.param(JUDGES[["a"]], "complete", "too_few_items", id="one item"),
        pytest.param(JUDGES[[]], "complete", "too_few_items", id="no item"),
        pytest.param(JUDGES.iloc[:1], "complete", "too_few_rows", id="one respondent"),
        pytest.param(JUDGES.iloc[:0], "pairwise", "too_few_rows", id="nobody"),
        pytest.param(JUDGES * 0 + 0.1, "complete", "no_variation", id="all alike"),
        pytest.param(JUDGES[["a"]].assign(b=10 - JUDGES["a"]), "complete", "no_variation", id="sum is constant"),
        pytest.param(
            pd.DataFrame({"a": [1, 2, NAN, NAN], "b": [NAN, NAN, 2.0, 3]}), "pairwise", "no_overlap", id="apart"
        ),
    ],
)
def test_alpha_is_undefined_not_a_number_where_nothing_can_be_said(answers, missing, flag):
    found: Any = sc.alpha_estimate(answers, missing)
    assert found.flag == flag
    assert np.isnan([found.estimate, found.low, found.high]).all()
    assert np.isnan(sc.cronbach_alpha(answers, missing))


def test_unknown_treatment_of_missing_answers_is_refused():
    with pytest.raises(StudyError, match="missing is 'drop'; choose one of complete, pairwise"):
        sc.cronbach_alpha(JUDGES, "drop")


def test_a_level_of_confidence_outside_0_to_1_is_refused():
    with pytest.raises(StudyError, match="confidence must lie between 0 and 1; found 95"):
        sc.alpha_estimate(JUDGES, confidence=95)


def test_an_item_that_is_there_twice_is_refused():
    with pytest.raises(StudyError, match="item a is there twice among the answers; leave one column per item"):
        sc.cronbach_alpha(JUDGES[["a", "b", "a"]])


def test_within_alpha_is_that_of_deviations_with_fewer_degrees_of_freedom():
    cases = pd.Series(["k", "l", "k", "l", "k", "l"])
    deviations = JUDGES - JUDGES.groupby(cases).transform("mean")
    found: Any = sc.within_alpha(JUDGES, cases)
    plain = sc.alpha_estimate(deviations)
    assert found.estimate == pytest.approx(plain.estimate, abs=1e-12)
    assert found.n == 6
    assert found.high - found.low > plain.high - plain.low  # 4 degrees of freedom, not 5


def test_a_respondent_without_a_case_is_refused():
    cases = pd.Series(["k", None, "k", "l", None, "l"], dtype="str")
    with pytest.raises(StudyError, match=r"column case is empty in 2 rows \(rows 1, 4\); every response needs"):
        sc.within_alpha(JUDGES, cases)
    with pytest.raises(StudyError, match="there are 6 rows of answers, but 5 cases; pass one per row"):
        sc.within_alpha(JUDGES, cases.iloc[:5])


# --- items


def test_items_are_held_against_the_sum_of_the_others():
    found: Any = sc.item_statistics(JUDGES).set_index("item")
    for item in JUDGES:
        rest = JUDGES.drop(columns=item)
        assert found.loc[item, "mean"] == pytest.approx(JUDGES[item].mean())
        assert found.loc[item, "sd"] == pytest.approx(JUDGES[item].std())
        assert found.loc[item, "item_rest"] == pytest.approx(JUDGES[item].corr(rest.sum(axis=1)))
        assert found.loc[item, "alpha_if_dropped"] == pytest.approx(sc.cronbach_alpha(rest))
    assert (found["n"] == 6).all()
    assert (found["flag"] == "").all()


def test_an_item_that_was_not_reversed_is_flagged():
    found: Any = sc.item_statistics(JUDGES.assign(d=-JUDGES["d"])).set_index("item")
    assert found["flag"].to_dict() == {"a": "", "b": "", "c": "", "d": "negative_item_rest"}
    assert found.loc["d", "item_rest"] < 0


def test_with_two_items_the_correlation_stands_and_alpha_without_one_does_not():
    found: Any = sc.item_statistics(JUDGES[["a", "b"]])
    assert found["item_rest"].tolist() == pytest.approx([JUDGES["a"].corr(JUDGES["b"])] * 2)
    assert found["alpha_if_dropped"].isna().all()
    assert found["flag"].tolist() == ["too_few_items"] * 2


def test_an_item_without_variation_has_no_correlation():
    found: Any = sc.item_statistics(JUDGES.assign(b=3.0)).set_index("item")
    assert found.loc["b", "flag"] == "constant_item"
    assert np.isnan(found.loc["b", "item_rest"])
    assert found.loc["b", "alpha_if_dropped"] == pytest.approx(sc.cronbach_alpha(JUDGES[["a", "c", "d"]]))


def test_an_item_whose_others_sum_to_a_constant_has_no_correlation():
    answers = JUDGES[["a", "b"]].assign(c=10 - JUDGES["b"])
    found: Any = sc.item_statistics(answers).set_index("item")
    assert found.loc["a", "flag"] == "no_variation"
    assert np.isnan(found.loc["a", ["item_rest", "alpha_if_dropped"]].to_numpy(dtype=float)).all()


@pytest.mark.parametrize("n", [0, 1])
def test_items_need_two_complete_respondents(n):
    found: Any = sc.item_statistics(JUDGES.iloc[:n])
    assert (found["flag"] == "too_few_rows").all()
    assert found[["sd", "item_rest", "alpha_if_dropped"]].isna().all(axis=None)


def test_the_table_of_items_goes_through_the_scales_and_leaves_out_what_was_not_asked():
    responses = survey(
        {
            "a": [1, 2, 3, 5],
            "b": [5, 3, 3, 1],
            "x": ["not_asked"] * 4,
            "c": [2, 2, 4, 4],
            "d": [1, 2, 3, "skipped"],
            "e": [2, 2, 1, 4],
            "y": ["not_asked"] * 4,
        }
    )
    items = items_of({"s": "abx", "t": "cde", "u": "y"}, reverse="b")
    found: Any = sc.item_table(responses, items, scales_with(0.5, "t", "u", "s"))
    assert found[["scale", "item"]].to_numpy().tolist() == [["t", x] for x in "cde"] + [["s", x] for x in "ab"]
    assert found["n"].tolist() == [3, 3, 3, 4, 4]
    assert found["mean"].iloc[4] == pytest.approx(3.0)  # of 1, 3, 3, 5
    assert found["item_rest"].iloc[3] > 0.9


# --- the table of scales


def of_three_cases() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two scales, the second asked of some; one case too small, one item not asked."""
    random = generator(9)
    n = 60
    level = random.normal(size=n)
    cells: dict[str, list[int | str]] = {}
    for item in "abcdpq":
        cells[item] = list(map(int, np.clip(np.round(3 + level + random.normal(size=n) * 0.8), 1, 5)))
    cells["a"][0] = cells["b"][59] = "skipped"
    cells["x"] = ["not_asked"] * n
    cells["p"] = ["not_asked" if place < 30 else cell for place, cell in enumerate(cells["p"])]
    cells["q"] = ["not_asked" if place < 30 else cell for place, cell in enumerate(cells["q"])]
    cells["z"] = ["not_asked"] * n
    responses = survey(cells, case=["north"] * 25 + ["west"] * 5 + ["east"] * 30)
    items = items_of({"s": "abcdx", "t": "pq", "u": "z"}, reverse="d")
    return responses, items, scales_with(0.5, "s", "t", "u")


def test_the_table_has_all_within_and_the_cases_in_order():
    found: Any = sc.scale_reliability(*of_three_cases(), minimum_n=10)
    assert list(found.columns) == [
        *("scale", "case", "n", "n_complete", "k_items", "alpha", "alpha_low", "alpha_high"),
        *("alpha_pairwise", "omega", "flag"),
    ]
    names = ["all", "within", "east", "north", "west"]
    assert found[["scale", "case"]].to_numpy().tolist() == [[scale, name] for scale in "st" for name in names]
    assert found["n"].tolist() == [60, 60, 30, 25, 5, 30, 30, 30, 0, 0]
    assert found["n_complete"].tolist() == [58, 58, 29, 24, 5, 30, 30, 30, 0, 0]
    assert found["k_items"].tolist() == [4] * 5 + [2] * 5


def test_the_table_holds_what_the_functions_for_one_scale_say():
    responses, items, scales = of_three_cases()
    found: Any = sc.scale_reliability(responses, items, scales, minimum_n=10, confidence=0.9).set_index(
        ["scale", "case"]
    )
    keyed = sc.keyed_answers(responses, items[items["item"].isin(list("abcd"))])
    for case in ("all", "east", "north"):
        answers = keyed if case == "all" else keyed[responses["case"] == case]
        row, alpha = found.loc[("s", case)], sc.alpha_estimate(answers, confidence=0.9)
        expected = [*alpha[:3], sc.cronbach_alpha(answers, "pairwise"), sc.one_factor_omega(answers).estimate]
        assert row[["alpha", "alpha_low", "alpha_high", "alpha_pairwise", "omega"]].tolist() == pytest.approx(
            expected, abs=1e-9
        )
        assert row["n_complete"] == alpha.n
    within, omega = (
        sc.within_alpha(keyed, responses["case"], 0.9),
        sc.within_omega(keyed, responses["case"]),
    )
    asked = sc.keyed_answers(responses, items[items["item"].isin(list("pq"))])
    assert found.loc[("t", "within"), "alpha_low"] == pytest.approx(
        sc.within_alpha(asked, responses["case"], 0.9).low, abs=1e-9
    )
    row = found.loc[("s", "within")]
    assert row[["alpha", "alpha_low", "alpha_high", "omega"]].tolist() == pytest.approx(
        [*within[:3], omega.estimate], abs=1e-9
    )


def test_flags_of_the_table_say_whose_they_are():
    found: Any = sc.scale_reliability(*of_three_cases(), minimum_n=10).set_index(["scale", "case"])["flag"]
    assert found.loc["s"].tolist()[:2] == ["omega_negative_loading"] * 2  # d was turned, but runs with the others
    assert found.loc["t"].tolist() == ["omega_too_few_items"] * 3 + ["withheld"] * 2


def test_a_small_case_is_withheld_not_zero_and_not_left_out():
    responses, items, scales = of_three_cases()
    found: Any = sc.scale_reliability(responses, items, scales, minimum_n=10).set_index(["scale", "case"])
    west: Any = found.loc[("s", "west")]
    assert west["flag"] == "withheld"
    assert west["n"] == 5
    assert west[["alpha", "alpha_low", "alpha_high", "alpha_pairwise", "omega"]].isna().all()
    shown: Any = sc.scale_reliability(responses, items, scales, minimum_n=5).set_index(["scale", "case"])
    assert np.isfinite(shown.loc[("s", "west"), "alpha"])


def test_it_is_complete_respondents_that_must_be_enough():
    responses, items, scales = of_three_cases()
    found: Any = sc.scale_reliability(responses, items, scales, minimum_n=25).set_index(["scale", "case"])
    assert found.loc[("s", "north"), ["n", "n_complete", "flag"]].tolist() == [25, 24, "withheld"]


def test_nobody_left_gives_reasons_not_numbers():
    responses, items, scales = of_three_cases()
    found: Any = sc.scale_reliability(responses.iloc[:30], items, scales, minimum_n=0)
    assert found["scale"].unique().tolist() == ["s"]  # nobody of these was asked the other
    empty = sc.scale_reliability(responses.iloc[:0], items, scales, minimum_n=0)
    assert len(empty) == 0
    assert list(empty.columns) == list(found.columns)
    silent = survey({item: ["skipped"] * 3 for item in "abcd"}, case=["k"] * 3)
    told = sc.scale_reliability(silent, items_of({"s": "abcd"}), scales_with(0.5, "s"), minimum_n=0)
    assert told["flag"].tolist() == ["too_few_rows"] * 3
    assert told[["alpha", "alpha_pairwise", "omega"]].isna().all(axis=None)


@pytest.mark.parametrize("taken", ["all", "within"])
def test_a_case_may_not_have_the_name_of_a_row(taken):
    responses = survey({"a": [1, 2], "b": [1, 2]}, case=["k", taken])
    with pytest.raises(StudyError, match=f"a case is called '{taken}', which names a row of the table; rename"):
        sc.scale_reliability(responses, items_of({"s": "ab"}), scales_with(0.5, "s"), minimum_n=0)


# --- counts


def test_every_answer_of_the_format_is_counted_also_that_of_nobody():
    responses = survey({"a": [1, 3, 3, "skipped", "not_asked"]})
    found: Any = sc.likert_counts(responses, items_of({"s": "a"}, reverse="a"))
    assert found["value"].tolist() == [1, 2, 3, 4, 5]
    assert found["n"].tolist() == [1, 0, 2, 0, 0]  # as given: not reversed
    assert found["share"].tolist() == pytest.approx([1 / 3, 0, 2 / 3, 0, 0])
    assert found[["n_answered", "n_missing", "n_not_asked"]].drop_duplicates().to_numpy().tolist() == [[3, 1, 1]]


def test_counts_are_split_by_a_column_in_its_order():
    role = pd.Categorical(["lead", "aide", None, "lead"], ["lead", "aide"], ordered=True)
    responses = survey({"a": [1, 2, 2, 2], "b": [2, "skipped", 1, 1]}, role=role)
    found: Any = sc.likert_counts(responses, items_of({"s": "ab"}, high=2.0), by="role")
    assert found["item"].tolist() == ["a"] * 6 + ["b"] * 6
    assert (
        found["role"].astype(object).where(found["role"].notna(), "NA").tolist()
        == ["lead", "lead", "aide", "aide", "NA", "NA"] * 2
    )
    assert found["n"].tolist() == [1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0]
    assert found["n_missing"].tolist() == [0] * 6 + [0, 0, 1, 1, 0, 0]
    assert np.isnan(found["share"].iloc[8])  # nobody of that role answered
    plain = sc.likert_counts(responses.astype({"role": "object"}), items_of({"s": "a"}, high=2.0), by="role")
    assert plain["role"].tolist()[:4] == ["aide", "aide", "lead", "lead"]


def test_counts_by_a_column_that_is_not_there_are_refused():
    with pytest.raises(StudyError, match="responses have no column 'site' to split the counts by; name one of"):
        sc.likert_counts(survey({"a": [1]}), items_of({"s": "a"}), by="site")


def test_answers_between_whole_numbers_are_not_counted():
    items = items_of({"s": "a"}).assign(low=0.5)
    with pytest.raises(StudyError, match="item a has answers or limits that are no whole numbers"):
        sc.likert_counts(survey({"a": [1]}), items)
    with pytest.raises(StudyError, match="there is no item to count; pass at least one row of items"):
        sc.likert_counts(survey({"a": [1]}), items.iloc[:0])


def test_reasons_stay_apart_and_add_up():
    responses = survey({"a": [1, "skipped", "not_asked", "skipped"], "b": [1, 2, 3, "refused"]})
    found: Any = sc.missing_reason_counts(responses, items_of({"s": "ab"}))
    reasons = ["answered", "not_asked", "refused", "skipped"]
    assert found[["item", "reason"]].to_numpy().tolist() == [[item, reason] for item in "ab" for reason in reasons]
    assert found["n"].tolist() == [1, 1, 0, 2, 3, 0, 1, 0]
    assert found["share"].tolist() == pytest.approx([0.25, 0.25, 0, 0.5, 0.75, 0, 0.25, 0])


def test_an_answer_with_a_reason_and_a_gap_without_are_refused():
    responses = survey({"a": [1, "skipped", 2, 3]})
    responses.loc[1, "a_missing"] = None
    responses.loc[2, "a_missing"] = "refused"
    told = r"item a has both an answer and a reason for having none, or neither, in 2 rows \(rows 1, 2\)"
    with pytest.raises(StudyError, match=told):
        sc.missing_reason_counts(responses, items_of({"s": "a"}))


def test_no_response_has_no_share():
    found: Any = sc.missing_reason_counts(survey({"a": [1]}).iloc[:0], items_of({"s": "a"}))
    assert found[["reason", "n"]].to_numpy().tolist() == [["answered", 0]]
    assert found["share"].isna().all()
