"""Results under primary codes, under every code, and under halves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.secondary_results import largest_changes, secondary_sensitivity

CODES, OUTCOMES = ["a", "b", "c"], ["yes", "no"]
# Six units; by hand: primary a 3, b 2, c 1; each code a 3, b 4, c 2 of 9; halves a 2, b 2.5, c 1.5 of 6.
UNITS = pd.DataFrame(
    [("a", "b", "yes", "east"), ("a", "b", "no", "east"), ("a", None, "yes", "east"), ("b", "c", "yes", "west"),
     ("b", "nothing", None, "west"), ("c", None, "no", "west"), (None, None, "no", "west")],
    columns=["first", "second", "came_of_it", "place"],
)  # fmt: skip


def told(units=UNITS, **changed):
    how: dict[str, Any] = {"primary": "first", "secondary": "second", "codes": CODES, "no_secondary": ["nothing"],
           "outcome": "came_of_it", "outcomes": OUTCOMES}  # fmt: skip
    return secondary_sensitivity(units, **(how | changed))


def row(table, result, code="", outcome="", group="all") -> Any:
    found = table[(table["result"] == result) & (table["code"] == code) & (table["outcome"] == outcome)]
    return found[found["group"] == group].iloc[0]


SCHEMES = ["primary", "combined_any", "combined_fractional"]
DENOMINATORS = [f"n_{scheme}" for scheme in SCHEMES]


def test_shares_are_counted_three_ways_with_their_denominators():
    found = row(told(), "share", "b")
    assert found[SCHEMES].tolist() == pytest.approx([2 / 6, 4 / 9, 2.5 / 6])
    assert found[DENOMINATORS].tolist() == [6, 9, 6.0]
    assert found["largest_change"] == pytest.approx(4 / 9 - 2 / 6)
    assert not found["same_conclusion"]


def test_ranks_and_the_most_frequent_code_may_change():
    found = told()
    assert row(found, "rank", "a")[SCHEMES].tolist() == [1, 2, 2]
    assert row(found, "rank", "b")[SCHEMES].tolist() == [2, 1, 1]
    assert row(found, "rank", "c")[SCHEMES].tolist() == [3, 3, 3]
    assert row(found, "rank", "c")["same_conclusion"]
    modal = row(found, "modal_code")
    assert modal["reading"] == "a | b | b"
    assert modal[SCHEMES].tolist() == pytest.approx([3 / 6, 4 / 9, 2.5 / 6])
    assert not modal["same_conclusion"]


def test_row_shares_are_of_the_units_with_a_code_and_an_outcome():
    found = told()
    share = row(found, "row_share", "b", "yes")
    # with an outcome: primary b 1 (yes); each code b 3 (yes, no, yes); halves 0.5 + 0.5 + 0.5, of which yes 1
    assert share[SCHEMES].tolist() == pytest.approx([1.0, 2 / 3, 2 / 3])
    assert share[DENOMINATORS].tolist() == [1, 3, 1.5]
    assert row(found, "modal_outcome", "b")["reading"] == "yes"
    assert row(found, "modal_outcome", "a")["same_conclusion"]
    assert row(found, "modal_outcome", "c")["reading"] == "no | yes = no | no"


def test_every_group_gets_its_own_results_after_all():
    found = told(group="place")
    assert list(dict.fromkeys(found["group"])) == ["all", "east", "west"]
    assert row(found, "share", "a", group="east")[SCHEMES].tolist() == pytest.approx([1.0, 3 / 5, 2 / 3])
    assert row(found, "share", "a", group="west")["combined_any"] == 0
    nothing = row(found, "row_share", "a", "yes", group="west")
    assert nothing[SCHEMES].isna().all()
    assert nothing["same_conclusion"]
    new = row(found, "row_share", "c", "yes", group="west")
    assert new["combined_any"] == 0.5
    gone = row(told(UNITS.assign(second=None), group="place"), "share", "c", group="east")
    assert gone[SCHEMES].tolist() == [0, 0, 0]


def test_a_result_that_exists_only_with_secondary_codes_is_another_conclusion():
    units = pd.DataFrame({"first": ["a"], "second": ["b"], "came_of_it": ["yes"]})
    found = row(told(units), "row_share", "b", "yes")
    assert found["primary"] != found["primary"]
    assert found["combined_any"] == 1
    assert not found["same_conclusion"]


def test_without_secondary_codes_nothing_changes():
    found = told(UNITS.assign(second=None), group="place")
    assert (found["largest_change"].fillna(0) == 0).all()
    assert found["same_conclusion"].all()


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from([*CODES, None])), min_size=1, max_size=40))
def test_shares_sum_to_1_and_halves_keep_the_number_of_units(pairs):
    pairs = [(one, None if two == one else two) for one, two in pairs]
    units = pd.DataFrame(pairs, columns=["first", "second"], dtype=object)
    found = told(units, outcome=None, outcomes=())
    share = found[found["result"] == "share"]
    assert share[SCHEMES].sum().tolist() == pytest.approx([1, 1, 1])
    assert (share["n_combined_fractional"] == len(units)).all()
    assert (share["n_combined_any"] == len(units) + units["second"].notna().sum()).all()


def test_the_summary_names_where_each_kind_of_result_changes_most():
    table = told(group="place")
    found = largest_changes(table).set_index("result")
    assert found.index.tolist() == ["share", "rank", "modal_code", "row_share", "modal_outcome"]
    shares = table[table["result"] == "share"]
    assert found.loc["share", "largest_change"] == shares["largest_change"].max()
    told_of = found.loc[["share"], ["n_results", "n_other_conclusions"]].to_numpy().tolist()[0]
    assert told_of == [9, (~shares["same_conclusion"]).sum()]
    assert found.loc[["share"], ["group", "code"]].to_numpy().tolist()[0] == ["east", "a"]  # 3/3 against 3/5


def test_a_change_of_exactly_the_limit_is_another_conclusion():
    units = pd.DataFrame({"first": ["a"] * 9 + ["b"], "second": ["b"] + [None] * 9})
    found = row(told(units, outcome=None, outcomes=(), large=0.05), "share", "a")
    assert found["largest_change"] == pytest.approx(9 / 10 - 9 / 11)
    assert not row(told(units, outcome=None, outcomes=(), large=9 / 10 - 9 / 11), "share", "a")["same_conclusion"]


@pytest.mark.parametrize(
    ("units", "changed", "message"),
    [
        (UNITS, {"primary": "frist"}, "the table of units lacks column frist; found first, second"),
        (UNITS.assign(first="z"), {}, r"row 0: first is 'z', allowed are a, b, c \(7 such row"),
        (UNITS.assign(second="z"), {}, "row 0: second is 'z', allowed are a, b, c"),
        (UNITS.assign(second="a"), {}, r"row 6: the code in second stands without a primary code \(1 such row"),
        (UNITS[:6].assign(second="a"), {}, r"row 0: the code in second repeats the primary code \(3 such row"),
        (UNITS, {"outcomes": ["yes"]}, "row 1: came_of_it is 'no', allowed are yes"),
        (UNITS.assign(place="all"), {"group": "place"}, "column place holds a group called 'all'"),
    ],
)
def test_units_that_cannot_be_counted_are_refused(units, changed, message):
    with pytest.raises(StudyError, match=message):
        told(units, **changed)
