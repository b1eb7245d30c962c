"""Agreement over coding time: windows, their order, their flags, and versions of the codebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.agreement import krippendorff_alpha
from nsi.methods.drift import codebook_periods, coding_order, rolling_agreement
from nsi.methods.reliability import reliability

CODES = ["low", "mid", "high"]
COLUMNS = [
    "field", "level", "coefficient", "window", "first_unit", "last_unit", "first_date", "last_date", "n_units",
    "estimate", "ci_low", "ci_high", "flag", "codebook_versions", "n_undated",
]  # fmt: skip


def coded_over_time(n_units: int = 83, coders: int = 2, seed: int = 1) -> Any:
    """Ratings of a unit a day, of which coders agree more often later on; codebook v2 from unit 40."""
    generator = np.random.default_rng(seed)
    rows = []
    for unit in range(n_units):
        true = generator.integers(3)
        for coder in range(coders):
            code = true if generator.random() < 0.4 + 0.6 * unit / n_units else generator.integers(3)
            day = pd.Timestamp("2030-01-01") + pd.Timedelta(days=unit - 2 * coder)
            rows.append(("here", f"u{unit:03d}", f"k{coder}", "use", CODES[code], day, "v2" if unit >= 40 else "v1"))
    columns = ["case", "unit", "coder", "field", "value", "rated_on", "codebook_version"]
    return pd.DataFrame(rows, columns=columns)


def rolled(ratings: pd.DataFrame, **changed: object) -> Any:
    how: dict[str, Any] = {"field": "use", "codes": CODES, "level": "nominal", "seed": 3, "replicates": 50}
    return rolling_agreement(ratings, **(how | changed))


def test_windows_have_equal_size_and_the_last_ends_at_the_last_unit():
    found = rolled(coded_over_time())
    assert list(found.columns) == COLUMNS
    assert found["first_unit"].tolist() == [1, 11, 21, 31, 34]
    assert found["last_unit"].tolist() == [50, 60, 70, 80, 83]
    assert (found["n_units"] == 50).all()
    assert (found["flag"] == "").all()


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_a_window_is_the_alpha_of_its_own_units(level):
    ratings = coded_over_time()
    found = rolled(ratings, level=level).iloc[1]
    inside = ratings[ratings["unit"].between("u010", "u059")]
    wide = inside.pivot(index="unit", columns="coder", values="value").apply(lambda s: s.map(CODES.index))
    assert found["estimate"] == krippendorff_alpha(wide.to_numpy(), 3, level=level).estimate
    assert found["ci_low"] < found["estimate"] < found["ci_high"]


def test_one_window_over_everything_is_the_reliability_of_the_field():
    ratings = coded_over_time(50)
    whole = reliability(ratings, field="use", codes=CODES, level="nominal", seed=3, replicates=50).iloc[0]
    assert rolled(ratings)[["estimate", "ci_low", "ci_high"]].iloc[0].tolist() == pytest.approx(
        whole[["estimate", "ci_low", "ci_high"]].tolist()
    )


def test_fewer_units_than_the_window_make_one_window_and_a_flag():
    found = rolled(coded_over_time(30))
    assert found[["n_units", "flag"]].to_numpy().tolist() == [[30, "few_units"]]


def test_agreement_that_grows_is_seen_to_grow():
    found = rolled(coded_over_time(400, seed=8), window=100, step=100)
    assert found["estimate"].is_monotonic_increasing


def test_units_stand_where_their_last_rating_stands_or_at_the_mean_of_their_ratings():
    ratings = coded_over_time(3)
    ratings.loc[ratings.index[0], "rated_on"] = pd.Timestamp("2030-01-09")  # u000, by k0; k1 was two days before
    assert coding_order(ratings, field="use")["unit"].tolist() == ["u001", "u002", "u000"]
    by_mean = coding_order(ratings, field="use", placed_by="mean")
    assert by_mean["rated_on"].dt.strftime("%m-%d %H").tolist() == ["01-01 00", "01-02 00", "01-04 00"]
    assert by_mean["place"].tolist() == [1, 2, 3]


def test_versions_of_the_codebook_are_told_by_window_and_by_period():
    ratings = coded_over_time()
    assert rolled(ratings)["codebook_versions"].tolist() == ["v1, v2", "v1, v2", "v1, v2", "v1, v2", "v1, v2"]
    assert rolled(ratings, window=20, step=20)["codebook_versions"].tolist() == ["v1", "v1", "v2", "v2", "v2"]
    periods = codebook_periods(coding_order(ratings, field="use"))
    told = periods[["codebook_version", "first_unit", "last_unit"]].to_numpy().tolist()
    assert told == [["v1", 1, 40], ["v2", 41, 83]]


def test_ratings_without_versions_leave_them_blank():
    found = rolled(coded_over_time().drop(columns="codebook_version"))
    assert (found["codebook_versions"] == "").all()


def test_units_with_an_undated_rating_are_left_out_and_counted():
    ratings = coded_over_time(60)
    ratings.loc[[0, 7], "rated_on"] = pd.NaT
    found = rolled(ratings)
    assert (found["n_undated"] == 2).all()
    assert found["last_unit"].iloc[-1] == 58
    ratings["rated_on"] = pd.Series(pd.NaT, index=ratings.index)
    assert rolled(ratings)[["n_units", "flag", "n_undated"]].to_numpy().tolist() == [[0, "undated", 60]]


@pytest.mark.parametrize(
    ("ratings", "flag"),
    [
        (coded_over_time(60).query("coder == 'k0'"), "single_coder"),
        (coded_over_time(60).iloc[:0], "empty"),
        (coded_over_time(60).assign(value="mid"), "no_variation"),
    ],
)
def test_what_cannot_be_estimated_says_why(ratings, flag):
    found = rolled(ratings)
    assert (found["flag"] == flag).all()
    assert found["estimate"].isna().all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_and_the_names_of_coders_do_not_matter(seed):
    ratings = coded_over_time(60, coders=3)
    mixed = ratings.sample(frac=1, random_state=seed)
    mixed["coder"] = mixed["coder"].map({"k0": "z", "k1": "y", "k2": "x"})
    left, right = rolled(ratings, replicates=5), rolled(mixed, replicates=5)
    pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-12)


@pytest.mark.parametrize(
    ("ratings", "changed", "told"),
    [
        (coded_over_time(), {"window": 1}, "needs 2 units or more and a step of 1 or more; found window 1"),
        (coded_over_time(), {"step": 0}, "found window 50, step 0"),
        (coded_over_time(), {"placed_by": "first"}, "units are placed by 'first', allowed are later and mean"),
        (coded_over_time().drop(columns="rated_on"), {}, "rated_on as a date; found no such column"),
        (coded_over_time().assign(rated_on="soon"), {}, "field 'use': drift needs the day of each rating"),
        (coded_over_time().assign(value="odd"), {}, "'use' is 'odd', but the codebook allows 'low', 'mid', 'high'"),
        (coded_over_time().assign(label_stage="consensus"), {}, "computed on consensus labels is refused"),
    ],
)
def test_what_cannot_be_rolled_over_is_refused(ratings, changed, told):
    with pytest.raises(StudyError, match=told):
        rolled(ratings, **changed)
