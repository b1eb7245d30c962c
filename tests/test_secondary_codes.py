"""Agreement on primary and secondary codes: each reading against the coefficient it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.agreement import (
    krippendorff_alpha,
    one_against_rest,
    pooled_kappa,
    primary_secondary_alpha,
    set_alpha,
)
from nsi.methods.secondary_codes import secondary_agreement

CODES = ["a", "b", "c", "d"]
HOW: dict[str, Any] = {"field": "use", "codes": CODES, "seed": 5, "replicates": 40}


def codings(seed: int = 1, n_units: int = 40, n_coders: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Positions of primary and of secondary codes, -1 for none; some units are not coded by some coders."""
    generator = np.random.default_rng(seed)
    true = generator.integers(0, 4, n_units)[:, None]
    first = np.where(generator.random((n_units, n_coders)) < 0.7, true, generator.integers(0, 4, (n_units, n_coders)))
    second = np.where(generator.random(first.shape) < 0.3, (first + generator.integers(1, 4, first.shape)) % 4, -1)
    blank = generator.random(first.shape) < 0.15
    return np.where(blank, -1, first), np.where(blank, -1, second)


def as_ratings(first: np.ndarray, second: np.ndarray, none: str | None = None) -> Any:
    rows = [
        ("here", f"u{unit}", f"k{coder}", "use", CODES[first[unit, coder]],
         CODES[second[unit, coder]] if second[unit, coder] >= 0 else none)
        for unit, coder in np.argwhere(first >= 0)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["case", "unit", "coder", "field", "value", "secondary"])


def told(ratings: pd.DataFrame, **changed: object) -> Any:
    found = secondary_agreement(ratings, **(HOW | changed))
    return found.set_index(["variant", "code", "coefficient"])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_every_reading_is_the_coefficient_it_stands_for(seed, n_coders):
    first, second = codings(seed, n_coders=n_coders)
    found = told(as_ratings(first, second), replicates=2)["estimate"]
    members = np.zeros((*first.shape, 4), dtype=bool)
    for place in range(4):
        members[:, :, place] = (first == place) | (second == place)
    given = [np.where(first < 0, -1, members[:, :, place].astype(int)) for place in range(4)]
    assert found["primary", "", "krippendorff_alpha"] == krippendorff_alpha(first, 4, level="nominal").estimate
    assert found["code_by_code", "", "pooled_kappa"] == pytest.approx(pooled_kappa(given), abs=1e-12)
    for place, code in enumerate(CODES):
        expected = krippendorff_alpha(one_against_rest(given[place], 2, 1), 2, level="nominal").estimate
        assert found["code_by_code", code, "krippendorff_alpha"] == pytest.approx(expected, abs=1e-12)
    for distance in ("jaccard", "masi"):
        expected = set_alpha(members, first >= 0, distance=distance).estimate
        assert found["set", "", f"krippendorff_alpha_{distance}"] == pytest.approx(expected, abs=1e-12)
    weighted = [primary_secondary_alpha(first, second, 4, primary_weight=w).estimate for w in (1 / 2, 2 / 3)]
    assert found["weighted", "", "krippendorff_alpha_weighted"].tolist() == pytest.approx(weighted, abs=1e-12)


def test_rows_come_in_the_order_of_the_report_with_their_n():
    first, second = codings()
    found = secondary_agreement(as_ratings(first, second), **HOW)
    assert list(dict.fromkeys(found["variant"])) == ["primary", "code_by_code", "set", "weighted"]
    assert found["primary_weight"].dropna().tolist() == [1 / 2, 2 / 3]
    assert (found["n_pairable"] == ((first >= 0).sum(axis=1) >= 2).sum()).all()
    assert (found["flag"] == "").all()


def test_intervals_hold_the_estimate_and_come_from_the_seed():
    ratings = as_ratings(*codings(n_units=120))
    found, again = (secondary_agreement(ratings, **(HOW | {"replicates": 200})) for _ in range(2))
    assert ((found["ci_low"] <= found["estimate"]) & (found["estimate"] <= found["ci_high"])).all()
    pd.testing.assert_frame_equal(found, again)


def test_without_secondary_codes_all_distances_give_the_primary_alpha():
    first, second = codings()
    found = told(as_ratings(first, np.full_like(second, -1)))["estimate"]
    alpha = found["primary", "", "krippendorff_alpha"]
    assert found["set"].tolist() + found["weighted"].tolist() == pytest.approx([alpha] * 4)


def test_a_code_for_none_says_that_a_blank_is_no_answer():
    first, second = codings()
    ratings = as_ratings(first, second, none="nothing")
    found = told(ratings, no_secondary=["nothing"])
    blank = as_ratings(first, second)
    pd.testing.assert_series_equal(found["estimate"], told(blank)["estimate"])
    ratings.loc[0, "secondary"] = None
    fewer = told(ratings, no_secondary=["nothing"])
    assert fewer.loc[("primary", "", "krippendorff_alpha"), "n_units"].item() == found["n_units"].iloc[0]
    unit = (ratings["unit"] == ratings.loc[0, "unit"]).sum()
    lost = found["n_pairable"].iloc[-1] - fewer["n_pairable"].iloc[-1]
    assert lost == (1 if unit == 2 else 0)
    nobody = told(blank, no_secondary=["nothing"])
    n_answered = (second >= 0).sum(axis=1)
    assert nobody["n_units"].iloc[-1] == (n_answered >= 1).sum()


def test_a_field_that_was_never_asked_for_a_secondary_code_is_empty_under_all_but_primary():
    first, second = codings()
    found = told(as_ratings(first, np.full_like(second, -1)), no_secondary=["nothing"])
    assert found["flag"].iloc[0] == ""
    assert set(found["flag"].iloc[1:]) == {"empty"}
    assert found["estimate"].iloc[1:].isna().all()


def test_documents_are_drawn_whole_where_units_were_cut_from_them():
    ratings = as_ratings(*codings(n_units=60))
    ratings["document"] = ratings["unit"].str[1:].astype(int) // 6
    found, plain = told(ratings, cluster="document"), told(ratings)
    pd.testing.assert_series_equal(found["estimate"], plain["estimate"], rtol=1e-12)
    assert (found["ci_low"] != plain["ci_low"]).any()


def changed(column: str, value: object) -> Any:
    ratings = as_ratings(*codings())
    ratings.loc[ratings.index[0], column] = value
    return ratings


@pytest.mark.parametrize(
    ("ratings", "more", "message"),
    [
        (changed("secondary", "z"), {}, "the secondary code 'z' of 'use' is no code, allowed are 'a', 'b', 'c', 'd'"),
        (as_ratings(*codings()).assign(secondary=lambda t: t["value"]), {}, "repeats the primary code; settle which"),
        (changed("secondary", "a").assign(value=None), {}, "stands without a primary code; give one, or none"),
        (as_ratings(*codings()).drop(columns="secondary"), {}, "ratings lack column secondary"),
        (as_ratings(*codings()), {"primary_weights": (0.4,)}, "weight must lie from 1/2 to 1; found 0.4"),
        (as_ratings(*codings()).assign(label_stage="consensus"), {}, "computed on consensus labels is refused"),
    ],
)
def test_odd_secondary_codes_are_refused_by_coder_and_unit(ratings, more, message):
    with pytest.raises(StudyError, match=message):
        told(ratings, **more)
