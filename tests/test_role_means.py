"""Means by role: the interval is Student's, and a small role cannot be worked out from the total of its case."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.case_scores import is_withheld
from nsi.methods.case_scores.by_role import clear_differences, role_means


def scores(*groups: tuple[str, str, Any, list[float]]) -> pd.DataFrame:
    """Groups of (wave, case, role, scores on trust), each person another."""
    rows = [(wave, case, role, value) for wave, case, role, values in groups for value in values]
    frame = pd.DataFrame(rows, columns=["wave", "case", "role", "trust"])
    return frame.assign(respondent=[f"p{place}" for place in range(len(frame))])


PEOPLE = scores(
    ("w1", "ash", "teacher", [1.0, 2.0, 3.0, 4.0, 5.0, 3.0]), ("w1", "ash", "head", [4.0, 5.0, 4.5, 4.0, 5.0]),
    ("w1", "oak", "teacher", [2.0] * 9), ("w1", "oak", "head", [3.0, 4.0]), ("w2", "ash", "teacher", [np.nan, 2.0]),
)  # fmt: skip


def means(frame: pd.DataFrame = PEOPLE, **changes: Any) -> pd.DataFrame:
    how: dict[str, Any] = {"cases": ["ash", "oak"], "roles": ["teacher", "head"], "minimum_n": 1}
    return role_means(frame, ["trust"], **(how | changes))


def row(table: pd.DataFrame, *key: str) -> dict[str, Any]:
    found = table[(table[["case", "wave", "role"]] == list(key)).all(axis=1)]
    return dict(found.iloc[0])


def test_mean_and_interval_are_those_of_students_t():
    found = row(means(), "ash", "w1", "teacher")
    assert (found["n"], found["mean"]) == (6, 3.0)
    # By hand: sd is the root of 2, n is 6, and tables give t = 2.570582 for 5 degrees of freedom and 95%.
    assert found["low"] == pytest.approx(3 - 2.570582 * (2 / 6) ** 0.5, abs=1e-6)
    assert found["high"] == pytest.approx(3 + 2.570582 * (2 / 6) ** 0.5, abs=1e-6)


def test_every_combination_has_a_row_in_the_order_asked_for():
    table = means(cases=["oak", "ash"])
    assert len(table) == 8
    assert list(table.loc[:1, "role"]) == ["teacher", "head"]
    assert table.loc[0, "case"] == "oak"


def test_one_score_has_no_interval_and_nobody_no_mean_and_each_says_why():
    one, nobody = row(means(), "ash", "w2", "teacher"), row(means(), "oak", "w2", "head")
    assert (one["n"], one["mean"], one["flag"]) == (1, 2.0, "one_score")
    assert np.isnan(one["low"])
    assert (nobody["n"], nobody["flag"]) == (0, "no_scores")


def test_a_role_that_was_not_asked_is_told_apart_from_one_that_did_not_answer():
    table = means(asked={"trust": ["teacher"]})
    assert row(table, "oak", "w2", "head")["flag"] == "not_asked"
    assert row(table, "oak", "w2", "teacher")["flag"] == "no_scores"


def test_a_small_role_is_withheld_and_with_it_the_one_that_would_give_it_away():
    table = means(minimum_n=5)
    small, other = row(table, "oak", "w1", "head"), row(table, "oak", "w1", "teacher")
    assert small["flag"] == other["flag"] == "withheld"
    assert np.isnan(small["mean"]) and np.isnan(other["mean"])
    assert row(table, "ash", "w1", "head")["flag"] == ""


def test_people_without_a_role_are_a_group_of_their_own_that_counts_when_withholding():
    frame = pd.concat([PEOPLE, scores(("w1", "ash", None, [1.0, 1.0])).assign(respondent=["x", "y"])])
    table = means(frame, minimum_n=5)
    assert row(table, "ash", "w1", "unknown")["flag"] == "withheld"
    assert row(table, "ash", "w1", "head")["flag"] == "withheld"  # the smallest of the others
    assert row(table, "ash", "w1", "teacher")["flag"] == ""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=3, max_size=3), st.integers(2, 6))
def test_no_withheld_mean_follows_from_the_total_of_its_case(sizes: list[int], least: int):
    groups = [("w1", "ash", role, [3.0] * n) for role, n in zip(("a", "b", "c"), sizes, strict=True)]
    frame = scores(("w1", "ash", "c", [2.0] * least), *groups)
    table = means(frame, cases=["ash"], roles=["a", "b", "c"], minimum_n=least)
    hidden = table[is_withheld(table["flag"])]
    assert hidden[["mean", "low", "high", "sd", "se"]].isna().all(axis=None)
    shown = table[table["mean"].notna()]
    assert (shown["n"] >= least).all()
    # One hidden role among shown ones would be the total less the rest, so there are two, or enough people in them.
    assert len(hidden) != 1 or (hidden["n"] >= least).all() or (table["n"] > 0).sum() == 1


def test_two_cases_are_apart_only_where_their_intervals_do_not_touch():
    table = means(scores(
        ("w1", "ash", "teacher", [4.0, 4.1, 4.2, 4.1]), ("w1", "oak", "teacher", [2.0, 2.1, 2.2, 2.1]),
        ("w1", "ash", "head", [3.0, 4.0, 5.0]), ("w1", "oak", "head", [3.5, 4.5, 5.0]),
        ("w2", "ash", "head", [3.0, 4.0, 5.0]),
    ))  # fmt: skip
    found = clear_differences(table, ("ash", "oak")).set_index("role")
    assert found["apart"].to_dict() == {"teacher": 1, "head": 0}
    assert found.loc["teacher", "difference"] == pytest.approx(2.0)
    assert clear_differences(table, ("oak", "ash")).set_index("role").loc["teacher", "apart"] == -1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cases": ["elm"]}, "scores have nobody of case elm"),
        ({"roles": ["teacher"]}, "scores hold the role 'head', but roles named are teacher; name all of them"),
        ({"minimum_n": 0}, "minimum_n must be 1 or more, but is 0"),
        ({"confidence": 95}, "confidence is 95, but must lie between 0 and 1"),
    ],
)
def test_what_cannot_be_computed_is_refused(changes: dict[str, Any], message: str):
    with pytest.raises(StudyError, match=message):
        means(**changes)


def test_scores_without_roles_are_refused():
    with pytest.raises(StudyError, match=r"scores lack the column\(s\) role"):
        means(PEOPLE.drop(columns="role"))
