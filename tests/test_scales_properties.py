"""What must hold of scale statistics whatever the answers are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nsi.methods import scales as sc

many = settings(deadline=None, max_examples=40)
few = settings(deadline=None, max_examples=25)

ITEMS = pd.DataFrame({"item": list("abcd"), "scale": "s", "low": 1.0, "high": 5.0, "reverse": False})
SCALES = pd.DataFrame({"scale": ["s"], "minimum": [0.5]})


@st.composite
def answers(draw: st.DrawFn, gaps: bool = True) -> pd.DataFrame:
    """Answers from 1 to 5 of up to 25 respondents to 2 to 5 items."""
    n, k = draw(st.integers(2, 25)), draw(st.integers(2, 5))
    cell = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, *([math.nan] if gaps else [])])
    cells = draw(st.lists(st.lists(cell, min_size=k, max_size=k), min_size=n, max_size=n))
    return pd.DataFrame(cells, columns=list("abcde")[:k], dtype=float)


@st.composite
def congeneric(draw: st.DrawFn) -> pd.DataFrame:
    """Answers in which a factor is plain to see, so that omega exists."""
    random = np.random.Generator(np.random.PCG64(draw(st.integers(0, 2**32))))
    k, n = draw(st.integers(3, 7)), draw(st.integers(60, 200))
    values = random.normal(size=(n, 1)) * random.uniform(0.6, 1.4, size=k) + random.normal(size=(n, k))
    return pd.DataFrame(values, columns=list("abcdefg")[:k])


def survey(cells: NDArray[np.float64]) -> pd.DataFrame:
    """Responses to the four items, with what is missing as skipped."""
    parts: dict[str, pd.Series] = {}
    for item, column in zip(ITEMS["item"], cells.T, strict=True):
        parts[item] = pd.Series(column).astype("Int16")
        parts[f"{item}_missing"] = pd.Series("skipped", index=range(len(column)), dtype="str").where(np.isnan(column))
    return pd.DataFrame(parts)


cells_of_four = st.lists(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, math.nan]), min_size=4, max_size=4), min_size=1, max_size=20
).map(lambda cells: np.array(cells, dtype=float))


def same(one: float, other: float) -> bool:
    return one == pytest.approx(other, abs=1e-9, rel=1e-7, nan_ok=True)


@many
@given(answers(), st.sampled_from(["complete", "pairwise"]), st.randoms(use_true_random=False))
def test_alpha_ignores_the_order_of_respondents_and_items(given_answers, missing, random):
    rows, items = list(given_answers.index), list(given_answers.columns)
    random.shuffle(rows)
    random.shuffle(items)
    one, other = sc.alpha_estimate(given_answers, missing), sc.alpha_estimate(given_answers.loc[rows, items], missing)
    assert one.flag == other.flag
    assert same(one.estimate, other.estimate)


@many
@given(answers(), st.sampled_from(["complete", "pairwise"]), st.floats(0.01, 100), st.floats(-100, 100))
def test_alpha_ignores_the_unit_and_where_zero_lies(given_answers, missing, unit, zero):
    moved = given_answers * unit + zero
    assert same(sc.cronbach_alpha(given_answers, missing), sc.cronbach_alpha(moved, missing))
    turned = 6 - given_answers
    assert same(sc.cronbach_alpha(given_answers, missing), sc.cronbach_alpha(turned, missing))


@many
@given(answers(gaps=False))
def test_without_gaps_both_treatments_of_missing_answers_agree(given_answers):
    assert same(sc.cronbach_alpha(given_answers), sc.cronbach_alpha(given_answers, "pairwise"))


@many
@given(answers())
def test_alpha_is_at_most_one_or_undefined_with_a_reason(given_answers):
    found = sc.alpha_estimate(given_answers)
    assert math.isnan(found.estimate) == bool(found.flag)
    if not found.flag:
        assert found.estimate <= 1 + 1e-12
        assert found.low <= found.estimate + 1e-12
        assert found.low <= found.high
        assert found.n == len(given_answers.dropna())


@many
@given(st.lists(st.integers(1, 5), min_size=2, max_size=30), st.integers(2, 6))
def test_items_that_repeat_each_other_have_alpha_one_unless_nobody_varies(column, k):
    repeated = pd.DataFrame({f"item_{place}": np.array(column, dtype=float) for place in range(k)})
    found = sc.alpha_estimate(repeated)
    if len(set(column)) > 1:
        assert found.estimate == pytest.approx(1.0, abs=1e-12)
    else:
        assert found.flag == "no_variation"


@many
@given(answers(), st.lists(st.sampled_from("klm"), min_size=25, max_size=25))
def test_within_alpha_ignores_what_sets_whole_cases_apart(given_answers, letters):
    cases = pd.Series(letters[: len(given_answers)])
    shift = cases.map({"k": 0.0, "l": 20.0, "m": -7.0}).to_numpy()[:, None]
    one, other = sc.within_alpha(given_answers, cases), sc.within_alpha(given_answers + shift, cases)
    assert one.flag == other.flag
    assert same(one.estimate, other.estimate)


@many
@given(answers())
def test_within_one_case_is_all(given_answers):
    found = sc.within_alpha(given_answers, pd.Series(["k"] * len(given_answers)))
    whole = sc.alpha_estimate(given_answers)
    assert found.flag == whole.flag
    assert list(found[:3]) == pytest.approx(list(whole[:3]), nan_ok=True, abs=1e-9)


@many
@given(answers())
def test_item_statistics_are_those_of_pandas(given_answers):
    full = given_answers.dropna()
    row: Any
    for row in sc.item_statistics(given_answers).itertuples():
        own, rest = full[row.item], full.drop(columns=row.item)
        assert row.n == len(full)
        if len(full) > 1 and own.nunique() > 1 and rest.sum(axis=1).nunique() > 1:
            assert row.item_rest == pytest.approx(own.corr(rest.sum(axis=1)), abs=1e-9)
        else:
            assert math.isnan(row.item_rest)
            assert row.flag != ""
        assert same(row.alpha_if_dropped, sc.cronbach_alpha(rest))


@few
@given(congeneric(), st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_omega_ignores_order_and_unit(given_answers, unit, random):
    items = list(given_answers.columns)
    random.shuffle(items)
    one, other = sc.one_factor_omega(given_answers), sc.one_factor_omega(given_answers.loc[::-1, items] * unit)
    assert one.flag == other.flag
    assert same(one.estimate, other.estimate)
    assert (one.loadings * unit).to_dict() == pytest.approx(other.loadings.to_dict(), rel=1e-5, nan_ok=True)


@few
@given(congeneric())
def test_the_fitted_factor_keeps_each_items_variance(given_answers):
    """At the maximum the model's variances are those of the items."""
    found = sc.one_factor_omega(given_answers)
    if found.flag in ("", "heywood", "negative_loading"):
        variance = (found.loadings**2 + found.uniquenesses).to_dict()
        assert variance == pytest.approx(given_answers.var(ddof=0).to_dict(), rel=1e-6)


@few
@given(cells_of_four, st.sets(st.sampled_from("abcd")))
def test_reversing_twice_is_as_if_nothing_had_been_done(cells, turned):
    items = ITEMS.assign(reverse=ITEMS["item"].isin(turned))
    once = sc.keyed_answers(survey(cells), items)
    assert np.array_equal(sc.keyed_answers(survey(once.to_numpy()), items).to_numpy(), cells, equal_nan=True)


@few
@given(cells_of_four, st.floats(0.01, 1.0))
def test_a_score_is_the_mean_of_the_answers_or_there_were_too_few(cells, minimum):
    scores = sc.scale_scores(survey(cells), ITEMS, SCALES.assign(minimum=minimum))["s"]
    for row, score in zip(cells, scores, strict=True):
        answered = row[~np.isnan(row)]
        if len(answered) >= sc.answers_needed(minimum, 4):
            assert score == pytest.approx(answered.mean())
        else:
            assert math.isnan(score)


@few
@given(cells_of_four)
def test_counts_of_answers_and_reasons_add_up_to_all_responses(cells):
    responses = survey(cells)
    counts = sc.likert_counts(responses, ITEMS).groupby("item")
    assert (counts["n"].sum() == counts["n_answered"].first()).all()
    assert (counts["n_answered"].first() + counts["n_missing"].first() == len(cells)).all()
    reasons = sc.missing_reason_counts(responses, ITEMS).groupby("item")
    assert (reasons["n"].sum() == len(cells)).all()
    assert reasons["share"].sum().tolist() == pytest.approx([1.0] * 4)
