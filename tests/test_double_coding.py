"""How many units to double-code: what is simulated has the agreement asked for, and widths behave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.agreement import krippendorff_alpha, percent_agreement
from nsi.methods.double_coding import units_to_double_code
from nsi.methods.simulated_codings import code_shares, simulated_codings

SHARES = {"a": 0.5, "b": 0.3, "c": 0.15, "d": 0.05}
QUICK: dict[str, Any] = {
    "prevalence": SHARES, "wanted_width": 0.25, "alpha": 0.7, "seed": 4, "simulations": 30, "replicates": 60,
}  # fmt: skip


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize(("alpha", "n_coders"), [(0.0, 2), (0.6, 2), (0.85, 4), (1.0, 3)])
def test_simulated_codings_have_the_alpha_asked_for_on_average(level, alpha, n_coders):
    generator = np.random.default_rng(9)
    tables = [simulated_codings(list(SHARES.values()), 500, n_coders, alpha, generator) for _ in range(60)]
    found = [krippendorff_alpha(t, 4, level=level, values=[1, 2, 3, 4]).estimate for t in tables]
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(alpha, abs=4 * error + 1e-9)


def test_simulated_codings_have_the_shares_asked_for():
    table = simulated_codings(list(SHARES.values()), 20_000, 2, 0.6, np.random.default_rng(1))
    assert np.bincount(table.ravel()) / table.size == pytest.approx(list(SHARES.values()), abs=0.01)


def test_expected_agreement_stands_for_the_alpha_that_goes_with_it():
    by_chance = sum(share**2 for share in SHARES.values())
    plan = units_to_double_code(**(QUICK | {"alpha": None, "agreement": 0.8, "n_units": [20]}))
    assert plan.alpha == pytest.approx((0.8 - by_chance) / (1 - by_chance))
    table = simulated_codings(list(SHARES.values()), 20_000, 2, plan.alpha, np.random.default_rng(1))
    assert percent_agreement(table, 4).estimate == pytest.approx(0.8, abs=0.01)


def test_more_units_make_narrower_intervals_with_the_root_of_their_number():
    table = units_to_double_code(**(QUICK | {"n_units": [50, 200, 800]})).table
    assert table["width_median"].is_monotonic_decreasing
    assert table["width_median"].iloc[0] / table["width_median"].iloc[2] == pytest.approx(4, rel=0.2)
    assert (table["width_assured"] >= table["width_median"]).all()
    assert (table["share_covering"] > 0.75).all()
    assert table["alpha_mean"].tolist() == pytest.approx([0.7] * 3, abs=0.06)


def test_the_smallest_number_is_the_first_from_which_on_the_width_is_reached():
    plan = units_to_double_code(**(QUICK | {"n_units": [20, 60, 150, 300]}))
    reached = plan.table.set_index("n_units")["reached"]
    assert plan.n_units == 150
    assert reached.tolist() == [False, False, True, True]
    assert plan.note == (
        "With 2 coders and an expected alpha of 0.70, "
        "150 units give an interval no wider than 0.25 in 80% of simulations."
    )


def test_a_width_that_no_number_reaches_is_told_with_the_width_there():
    plan = units_to_double_code(**(QUICK | {"n_units": [20, 40], "wanted_width": 0.01}))
    assert plan.n_units is None
    assert f"with 40 units, the most tried, it is no wider than {plan.table['width_assured'].iloc[1]:.2f}" in plan.note
    assert plan.note.endswith("Try more units, or accept a wider interval.")


def test_a_first_number_that_reaches_says_that_fewer_were_not_tried():
    assert "Fewer were not tried." in units_to_double_code(**(QUICK | {"n_units": [400]})).note


def test_narrow_intervals_that_miss_the_expected_alpha_do_not_count():
    rare: dict[str, Any] = {"prevalence": {"a": 0.9, "b": 0.1}, "alpha": 0.9, "n_units": [20], "wanted_width": 1.5}
    plan = units_to_double_code(**(QUICK | rare))
    assert plan.table["width_assured"].item() <= 1.5
    assert plan.table["share_covering"].item() < 0.85  # most of them are [1, 1]: no disagreement was met
    assert plan.n_units is None
    assert "narrow, but off the expected alpha in" in plan.note


def test_studies_without_an_interval_are_counted_and_are_wider_than_any():
    rare: dict[str, Any] = {"prevalence": {"a": 0.99, "b": 0.01}, "n_units": [5]}
    plan = units_to_double_code(**(QUICK | rare))
    assert plan.table["share_undefined"].item() > 0.5
    assert plan.table[["width_median", "width_assured"]].isna().all(axis=None)
    assert "it is undefined in" in plan.note


def test_a_row_depends_on_the_seed_and_not_on_the_other_numbers_tried():
    one = units_to_double_code(**(QUICK | {"n_units": [50]})).table
    two = units_to_double_code(**(QUICK | {"n_units": [30, 50]})).table
    pd.testing.assert_frame_equal(one, two.tail(1).reset_index(drop=True))
    other = units_to_double_code(**(QUICK | {"n_units": [50], "seed": 5})).table
    assert other["width_median"].item() != one["width_median"].item()


def test_more_coders_need_fewer_units():
    two, five = (units_to_double_code(**(QUICK | {"n_units": [100], "n_coders": n})).table for n in (2, 5))
    assert five["width_median"].item() < two["width_median"].item()


def test_shares_come_from_all_ratings_of_the_field():
    ratings = pd.DataFrame({"case": "x", "unit": ["1", "1", "2", "3"], "coder": ["p", "q", "p", "p"], "field": "use"})
    given = ratings.assign(value=pd.Series(["a", "b", "a", None], dtype="str"))
    shares = code_shares(given, field="use", codes=["a", "b", "c"])
    assert shares == pytest.approx({"a": 2 / 3, "b": 1 / 3, "c": 0})
    with pytest.raises(StudyError, match="field 'use' has no ratings to take shares of codes from"):
        code_shares(ratings.assign(value=None), field="use", codes=["a"])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"prevalence": {"a": 0.5, "b": 0.4}}, "shares of codes must be 0 or more and sum to 1; found a 0.5, b 0.4"),
        ({"prevalence": {"a": 1.0, "b": 0.0}}, "only one code has a share above 0"),
        ({"prevalence": {}}, "sum to 1; found none"),
        ({"alpha": None}, "give what to expect once: as alpha, or as agreement"),
        ({"agreement": 0.8}, "give what to expect once"),
        ({"alpha": 1.2}, "expected alpha must lie from 0 to 1; found 1.2"),
        ({"alpha": None, "agreement": 0.3}, "agreement of 0.3 cannot be: .* chance alone gives 0.36"),
        ({"wanted_width": 0}, "the wanted width must be above 0, for example 0.2; found 0"),
        ({"n_coders": 1}, "double coding needs 2 coders or more; found 1"),
        ({"assurance": 1}, "assurance must lie between 0 and 1"),
        ({"simulations": 0}, "at least 1 simulation is needed; found 0"),
        ({"n_units": [50, 20]}, r"numbers of units must be 2 or more, ascending; found \[50, 20\]"),
        ({"n_units": []}, "numbers of units must be 2 or more"),
    ],
)
def test_what_cannot_be_simulated_is_refused(changed, told):
    with pytest.raises(StudyError, match=told):
        units_to_double_code(**(QUICK | changed))
