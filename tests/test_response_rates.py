"""Response rates against a roster, and weights that bring the roster's mix of roles back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.case_scores import poststratified_weights, response_rates, weighted_means, weighting_cells

COLUMNS = ["wave", "case", "role", "roster", "responses", "off_roster", "response_rate", "flag"]
ROLES = ("teach", "lead", "desk")


def people(*rows: tuple[Any, ...], wave: str = "w1", **more: Any) -> pd.DataFrame:
    """Rows of (case, respondent, role) in one wave."""
    frame = pd.DataFrame(rows, columns=["case", "respondent", "role"], dtype="str")
    return frame.assign(wave=wave, **more)


def of(rates: pd.DataFrame, case: str, role: str = "all") -> dict[str, Any]:
    """One row of a table of rates."""
    row: Any = rates[(rates["case"] == case) & (rates["role"] == role)]
    assert len(row) == 1
    return dict(row.iloc[0])


ROSTER = people(
    ("east", "p1", "teach"), ("east", "p2", "teach"), ("east", "p3", "teach"), ("east", "p4", "lead"),
    ("west", "p1", "teach"), ("west", "p5", "lead"), ("north", "p6", "teach"),
)  # fmt: skip
RESPONSES = people(
    ("east", "p1", "teach"), ("east", "p2", "lead"), ("east", "x1", "desk"), ("west", "p1", "teach"),
    ("south", "p7", "teach"), ("south", "p8", None),
)  # fmt: skip


def test_a_rate_is_the_linked_responses_over_the_members():
    rates: Any = response_rates(RESPONSES, ROSTER)
    assert list(rates.columns) == COLUMNS
    east = of(rates, "east")
    assert (east["roster"], east["responses"], east["off_roster"], east["flag"]) == (4, 2, 1, "")
    assert east["response_rate"] == 0.5


def test_the_role_is_that_on_the_roster_and_not_what_somebody_says():
    rates: Any = response_rates(RESPONSES, ROSTER)
    assert of(rates, "east", "teach")["responses"] == 2  # p2 says lead
    lead = of(rates, "east", "lead")
    assert (lead["responses"], lead["response_rate"], lead["flag"]) == (0, 0.0, "no_responses")


def test_without_a_roster_the_rate_is_unknown_and_not_zero():
    south = of(response_rates(RESPONSES, ROSTER), "south")
    assert south["flag"] == "no_roster"
    assert south["off_roster"] == 2
    assert all(pd.isna(south[name]) for name in ("roster", "responses", "response_rate"))
    nobody = response_rates(RESPONSES, None)
    assert (nobody["flag"] == "no_roster").all()
    assert nobody["response_rate"].isna().all()


def test_a_role_that_nobody_was_invited_in_has_no_rate_and_says_so():
    desk = of(response_rates(RESPONSES, ROSTER), "east", "desk")
    assert (desk["roster"], desk["off_roster"], desk["flag"]) == (0, 1, "no_members")
    assert np.isnan(desk["response_rate"])


def test_a_case_that_nobody_answered_in_has_a_rate_of_zero_and_a_flag():
    north = of(response_rates(RESPONSES, ROSTER), "north")
    assert (north["responses"], north["response_rate"], north["flag"]) == (0, 0.0, "no_responses")


def test_somebody_on_two_rosters_counts_in_both():
    rates: Any = response_rates(RESPONSES, ROSTER)
    assert of(rates, "west")["responses"] == 1
    assert of(rates, "west")["response_rate"] == 0.5


def test_roles_stand_in_their_order_after_all_and_missing_ones_last():
    ordered = RESPONSES.assign(role=pd.Categorical(RESPONSES["role"], ["lead", "teach", "desk"], ordered=True))
    rates: Any = response_rates(ordered, None)
    assert list(rates.loc[rates["case"] == "east", "role"]) == ["all", "lead", "teach", "desk"]
    assert list(rates.loc[rates["case"] == "south", "role"]) == ["all", "teach", "unknown"]


def test_responses_without_any_role_have_one_rate():
    rates: Any = response_rates(RESPONSES.drop(columns="role"), ROSTER)
    assert of(rates, "east")["response_rate"] == 0.5
    assert of(rates, "east", "unknown")["off_roster"] == 1
    assert poststratified_weights(RESPONSES.drop(columns="role"), rates).isna().all()


def test_each_wave_has_its_own_roster():
    both = pd.concat([ROSTER, ROSTER.query("case == 'west'").assign(wave="w2")])
    answers = pd.concat([RESPONSES, people(("west", "p5", "lead"), ("east", "p4", "lead"), wave="w2")])
    rates: Any = response_rates(answers, both)
    second = rates[rates["wave"] == "w2"]
    assert of(second, "west")["response_rate"] == 0.5
    assert of(second, "east")["flag"] == "no_roster"
    assert set(second["case"]) == {"east", "west"}


def test_a_roster_without_a_wave_is_that_of_the_only_wave():
    pd.testing.assert_frame_equal(
        response_rates(RESPONSES, ROSTER.drop(columns="wave")), response_rates(RESPONSES, ROSTER)
    )


REFUSED = [
    (RESPONSES.drop(columns="case"), ROSTER, "responses lack the column(s) case; found"),
    (pd.concat([RESPONSES, RESPONSES.head(1)]), ROSTER,
     "responses must have one row per wave, case, respondent, but rows 0, 6 share one; settle the duplicates"),
    (RESPONSES, pd.concat([ROSTER, ROSTER.head(1)]),
     "rosters must have one row per wave, case, respondent, but rows 0, 7"),
    (RESPONSES.assign(on_roster=True), ROSTER,
     "responses, rows 2, 4, 5: on_roster contradicts the roster of that case and wave; link the respondents again"),
    (RESPONSES.assign(wave=["w1"] * 5 + ["w2"]), ROSTER.drop(columns="wave"),
     "the roster has no column 'wave', and responses are of 2 waves; name each row's wave"),
    (RESPONSES.assign(role="all"), ROSTER, "a role is called all, which is the name of a row of totals"),
    (RESPONSES.assign(case=None), ROSTER, "case, respondent must be known in every row, but is missing in rows 0, 1"),
]  # fmt: skip


@pytest.mark.parametrize(("responses", "roster", "told"), REFUSED)
def test_what_cannot_be_counted_is_refused_with_rows_and_remedy(responses, roster, told):
    with pytest.raises(StudyError) as refused:
        response_rates(responses, roster)
    assert told in str(refused.value)
    assert "p1" not in str(refused.value), "the id of a person has no place in a message"


@st.composite
def surveys(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and rosters of a few cases; not everybody answers, and some are on no roster."""
    person = st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 12), st.sampled_from(ROLES))
    rosters = draw(st.lists(person, max_size=25, unique_by=lambda row: row[:2]))
    answers = draw(st.lists(person, min_size=1, max_size=25, unique_by=lambda row: row[:2]))
    return people(*answers), people(*rosters)


@settings(deadline=None, max_examples=30)
@given(surveys())
def test_roles_add_up_to_all_and_no_response_is_lost(survey):
    responses, roster = survey
    rates: Any = response_rates(responses, roster)
    whole, parts = rates[rates["role"] == "all"], rates[rates["role"] != "all"]
    for count in ("roster", "responses", "off_roster"):
        summed = parts.groupby("case")[count].sum(min_count=1).astype("Int64")
        pd.testing.assert_series_equal(whole.set_index("case")[count], summed, check_names=False)
    counted = whole["responses"].fillna(0) + whole["off_roster"]
    assert counted.sum() == len(responses)
    assert rates["response_rate"].dropna().between(0, 1).all()
    assert (rates["response_rate"].isna() == rates["flag"].isin(["no_roster", "no_members"])).all()
    shuffled = response_rates(responses.sample(frac=1, random_state=1), roster.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(shuffled, rates)


def in_roles(case: str, **n: int) -> pd.DataFrame:
    """A given number of people in each role of a case."""
    rows = [(case, f"{case}-{role}-{place}", role) for role, count in n.items() for place in range(count)]
    return people(*rows)


def test_weights_bring_back_the_mix_of_the_roster():
    roster, answers = in_roles("east", teach=60, lead=40), in_roles("east", teach=30, lead=10)
    weights: Any = poststratified_weights(answers, response_rates(answers, roster))
    # 60/30 = 2 and 40/10 = 4, divided by their mean over 40 respondents, 2.5
    assert set(weights.round(12)) == {0.8, 1.6}
    assert weights.name == "weight"
    values = pd.Series(np.where(answers["role"] == "teach", 2.0, 4.0))
    mean = weighted_means(values, weights, answers["case"])
    assert mean["weighted_mean"].iloc[0] == pytest.approx(0.6 * 2 + 0.4 * 4)
    assert mean["n_effective"].iloc[0] == pytest.approx(40**2 / (30 * 0.8**2 + 10 * 1.6**2))


def test_a_capped_weight_gives_what_was_cut_off_to_the_others():
    roster, answers = in_roles("east", teach=20, lead=80), in_roles("east", teach=9, lead=1)
    rates: Any = response_rates(answers, roster)
    cells: Any = weighting_cells(answers, rates, cap=3.0).set_index("role")
    assert cells.loc["lead", "weight"] == 3.0
    assert cells.loc["lead", "flag"] == "capped"
    assert cells.loc["teach", "weight"] == pytest.approx(7 / 9)
    assert poststratified_weights(answers, rates, cap=3.0).mean() == pytest.approx(1.0)


def test_a_role_that_nobody_answered_for_is_told_as_collapsed():
    roster, answers = in_roles("east", teach=50, lead=20, desk=5), in_roles("east", teach=5, lead=5)
    cells: Any = weighting_cells(answers, response_rates(answers, roster)).set_index("role")
    assert cells.loc["desk", "flag"] == "collapsed"
    assert np.isnan(cells.loc["desk", "weight"])
    assert cells.loc["teach", "weight"] == pytest.approx(50 / 35)


def test_without_a_roster_or_a_role_on_it_there_is_no_weight():
    answers = pd.concat([in_roles("east", teach=4, desk=1), in_roles("west", teach=3)], ignore_index=True)
    rates: Any = response_rates(answers, in_roles("east", teach=8))
    weights: Any = poststratified_weights(answers, rates)
    assert list(weights.isna()) == [False] * 4 + [True] * 4
    cells: Any = weighting_cells(answers, rates).set_index(["case", "role"])["flag"]
    assert cells["east", "desk"] == "no_members"
    assert cells["west", "teach"] == "no_roster"


def test_a_cap_below_the_mean_and_responses_without_rates_are_refused():
    answers = in_roles("east", teach=2)
    rates: Any = response_rates(answers, None)
    with pytest.raises(StudyError, match="the cap of weights is 0.5; weights have mean 1, so give a cap of 1 or more"):
        poststratified_weights(answers, rates, cap=0.5)
    with pytest.raises(StudyError, match="rates have no row for case 'west' in wave 'w1', which has responses"):
        poststratified_weights(in_roles("west", teach=2), rates)


@settings(deadline=None, max_examples=40)
@given(
    members=st.lists(st.integers(0, 200), min_size=3, max_size=3),
    answers=st.lists(st.integers(0, 12), min_size=3, max_size=3),
    cap=st.floats(1.0, 6.0),
)
def test_weights_have_mean_one_stay_under_the_cap_and_keep_their_order(members, answers, cap):
    roster = in_roles("a", **dict(zip(ROLES, members, strict=True)))
    responses = in_roles("a", **dict(zip(ROLES, answers, strict=True)))
    if responses.empty or roster.empty:
        return
    others = roster.assign(respondent="m" + roster["respondent"])
    cells: Any = weighting_cells(responses, response_rates(responses, others), cap)
    used = cells[cells["weight"].notna()]
    if used.empty:
        assert not ((cells["roster"] > 0) & (cells["n"] > 0)).any()
        return
    assert (used["weight"] * used["n"]).sum() == pytest.approx(used["n"].sum())
    assert (used["weight"] <= cap * (1 + 1e-9)).all()
    order = np.argsort((used["roster"] / used["n"]).to_numpy(dtype=float), kind="stable")
    assert (np.diff(used["weight"].to_numpy()[order]) >= -1e-9).all()


def test_with_equal_weights_mean_and_error_are_those_of_the_textbook():
    values = pd.Series([1.0, 2.0, 4.0, 5.0])
    found: Any = weighted_means(values, pd.Series(1.0, index=values.index), pd.Series("a", index=values.index))
    assert found["weighted_mean"].iloc[0] == values.mean()
    assert found["weighted_se"].iloc[0] == pytest.approx(values.std() / 2)
    assert found["n_effective"].iloc[0] == 4
    roster = pd.Series({"a": 8.0})
    corrected = weighted_means(values, pd.Series(1.0, index=values.index), pd.Series("a", index=values.index), roster)
    assert corrected["weighted_se"].iloc[0] == pytest.approx(values.std() / 2 * np.sqrt(0.5))


def test_one_respondent_has_a_weighted_mean_but_no_error():
    found: Any = weighted_means(pd.Series([3.0]), pd.Series([1.0]), pd.Series(["a"]))
    assert found["weighted_mean"].iloc[0] == 3.0
    assert np.isnan(found["weighted_se"].iloc[0])
