"""ICC(1) and ICC(2): R's numbers, the textbook's, what must hold for any values, and what is refused.

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

from nsi.errors import StudyError
from nsi.methods.groups import ICC1_DEFINITIONS, ICC2_DEFINITIONS, icc

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
SOLDIERS = [f"{name}{wave}" for name in ("JOBSAT", "COMMIT", "READY") for wave in (1, 2, 3)]


@cache
def reference(folder: str) -> dict[str, Any]:
    return json.loads((DATA / folder / "reference.json").read_text(encoding="utf-8"))["statistics"]


@cache
def table(path: str) -> pd.DataFrame:
    return pd.read_csv(DATA / path)


def sample(key: str) -> tuple[str, pd.Series, pd.Series]:
    """Folder, values and groups of one key of a reference file."""
    name = key.split(".")[0]
    if name in PUPIL_ITEMS:
        pupils = table("gti_students/student_questionnaire.csv.gz")
        return "gti_students", pupils[PUPIL_ITEMS[name]].mean(axis=1, skipna=False), pupils["T_ID"]
    if name in SOLDIERS:
        first = table("surveys/univbct/univbct.csv").query("TIME == 0")
        return "surveys/univbct", first[name], first["BTN"].astype("str") + first["COMPANY"]
    soldiers = table("surveys/bhr2000/bhr2000.csv")
    items = soldiers.columns[1:12]
    values = soldiers[items].mean(axis=1) if name == "LEAD" else soldiers[name]
    return "surveys/bhr2000", values, soldiers["GRP"]


KEYS = [
    *(f"{name}.by_class" for name in PUPIL_ITEMS),
    *(f"{name}.by_BTN_COMPANY" for name in SOLDIERS),
    *("LEAD", "HRS", "AF06"),
]

# Shrout & Fleiss (1979), table 2: six targets rated by four judges.
TARGETS: list[list[float]] = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def frame(*groups: list[float]) -> tuple[pd.Series, pd.Series]:
    """Values and group names of groups that are given as lists."""
    values = pd.Series([value for group in groups for value in group], dtype="float64")
    return values, pd.Series([f"g{at}" for at, group in enumerate(groups) for _ in group], dtype="str")


grouped = st.lists(st.lists(st.integers(1, 20), min_size=1, max_size=6), min_size=2, max_size=6)


@with_data
@pytest.mark.parametrize("key", KEYS)
def test_icc_is_that_of_r(key):
    folder, values, groups = sample(key)
    held = reference(folder)
    found = icc(values, groups)
    assert found.icc1 == pytest.approx(held[f"{key}.ICC1_aov.multilevel"]["value"], rel=0, abs=EXACT)
    assert found.icc2 == pytest.approx(held[f"{key}.ICC2_aov.multilevel"]["value"], rel=0, abs=EXACT)
    squares = held[f"{key}.aov"]["value"]
    assert (found.ms_between, found.ms_within, found.f) == pytest.approx(
        (squares["MSB"], squares["MSW"], squares["F"]), rel=EXACT
    )
    assert (found.n, found.n_groups) == (held[f"{key}.n"]["value"], held[f"{key}.n_groups"]["value"])
    assert found.flag == ""


@with_data
def test_persons_may_be_the_groups():
    soldiers = table("surveys/univbct/univbct.csv")
    expected = reference("surveys/univbct")["ICC1_person_JSAT"]["value"]
    assert icc(soldiers["JSAT"], soldiers["SUBNUM"]).icc1 == pytest.approx(expected, rel=0, abs=EXACT)


def test_icc_is_that_of_shrout_and_fleiss():
    found = icc(*frame(*TARGETS))
    assert round(found.ms_between, 2) == 11.24  # table 3, between targets
    assert round(found.ms_within, 2) == 6.26  # table 3, within targets
    assert round(found.icc1, 2) == 0.17  # table 4, ICC(1,1)
    assert round(found.icc2, 2) == 0.44  # table 4, ICC(1,4)


def test_in_groups_of_one_size_all_definitions_agree():
    found = icc(*frame(*TARGETS))
    assert found.anova_size == found.mean_size == 4
    assert found.icc1_anova_size == pytest.approx(found.icc1, rel=1e-12)
    assert found.icc2_mean_size == pytest.approx(found.icc2, rel=1e-12)


def test_in_unequal_groups_the_definitions_differ_and_each_is_the_one_named():
    found = icc(*frame([1, 2, 3, 4, 5], [4, 6], [9]))
    between, within = found.ms_between, found.ms_within
    assert between == pytest.approx((5 * 1.25**2 + 2 * 0.75**2 + 4.75**2) / 2)  # grand mean 4.25
    assert within == pytest.approx(12 / 5)
    size = (8 - (25 + 4 + 1) / 8) / 2
    assert found.anova_size == pytest.approx(size)
    assert found.icc1 == pytest.approx((between - within) / (between + (8 / 3 - 1) * within))
    assert found.icc1_anova_size == pytest.approx((between - within) / (between + (size - 1) * within))
    assert found.icc2 == pytest.approx((between - within) / between)
    one = found.icc1_anova_size
    assert found.icc2_mean_size == pytest.approx(8 / 3 * one / (1 + (8 / 3 - 1) * one))
    assert found.icc2_mean_size != pytest.approx(found.icc2, abs=1e-3)


def test_every_definition_is_told_under_the_name_of_its_number():
    assert set(ICC1_DEFINITIONS) == {"icc1", "icc1_anova_size"}
    assert set(ICC2_DEFINITIONS) == {"icc2", "icc2_mean_size", "mean_reliability"}
    assert ICC2_DEFINITIONS["icc2"] == "(MSB - MSW) / MSB"


def test_a_negative_estimate_is_kept_and_flagged():
    found = icc(*frame([1, 5], [5, 1], [1, 4]))
    assert found.icc1 < 0
    assert found.icc2 < 0
    assert found.flag == "negative"


@pytest.mark.parametrize(
    ("groups", "flag"),
    [
        ([], "too_few_groups"),
        ([[1, 2, 3]], "too_few_groups"),
        ([[1], [2], [4]], "no_replication"),
        ([[2, 2], [2, 2, 2]], "constant"),
    ],
)
def test_what_cannot_be_estimated_is_nan_with_its_reason(groups, flag):
    found = icc(*frame(*groups))
    assert [found.icc1, found.icc1_anova_size, found.icc2, found.icc2_mean_size] == pytest.approx(
        [math.nan] * 4, nan_ok=True
    )
    assert found.flag == flag


def test_members_that_are_all_alike_give_one_and_say_so():
    found = icc(*frame([0.1] * 3, [0.7] * 6))
    assert (found.icc1, found.icc2, found.ms_within, found.flag) == (1, 1, 0, "no_within_variance")
    assert math.isnan(found.f)


def test_equal_group_means_leave_the_reliability_of_means_undefined():
    found = icc(*frame([0.1, 0.3], [0.2, 0.2], [0.1, 0.2, 0.3]))
    assert found.ms_between == 0
    assert found.icc1 < 0
    assert math.isnan(found.icc2)
    assert found.flag == "no_between_squares"


def test_missing_values_and_empty_groups_do_not_count():
    values, groups = frame([1, 2], [4, 6, math.nan], [math.nan])
    assert icc(values, groups) == icc(*frame([1, 2], [4, 6]))


def test_numbers_with_pandas_missing_mark_and_categories_are_read_alike():
    values, groups = frame([1, 2], [4, 6])
    categories = groups.astype(pd.CategoricalDtype(["g1", "unused", "g0"]))
    assert icc(values.astype("Int16"), categories) == icc(values, groups)


@given(grouped, st.integers(-50, 50), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_shifting_and_stretching_change_no_correlation(lists, shift, stretch):
    values, groups = frame(*lists)
    first, second = icc(values, groups), icc(shift + stretch * values, groups)
    assert [second.icc1, second.icc1_anova_size, second.icc2, second.icc2_mean_size] == pytest.approx(
        [first.icc1, first.icc1_anova_size, first.icc2, first.icc2_mean_size], rel=1e-9, abs=1e-9, nan_ok=True
    )
    assert first.flag == second.flag


@given(grouped, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_rows_changes_not_one_bit(lists, random):
    values, groups = frame(*[[value / 7 for value in group] for group in lists])
    order = list(range(len(values)))
    random.shuffle(order)
    assert repr(icc(values.iloc[order], groups.iloc[order])) == repr(icc(values, groups))


@given(grouped)
@settings(max_examples=100, deadline=None)
def test_no_correlation_exceeds_one(lists):
    found = icc(*frame(*lists))
    for value in (found.icc1, found.icc1_anova_size, found.icc2, found.icc2_mean_size):
        assert math.isnan(value) or value <= 1


@pytest.mark.parametrize(
    ("values", "groups", "told"),
    [
        (
            pd.Series([1.0, 2.0]),
            pd.Series(["a"]),
            "values has 2 rows and groups has 1; both need one row for each respondent",
        ),
        (
            pd.Series([1.0], index=["x"]),
            pd.Series(["a"], index=["y"]),
            "values and groups have different row labels; take both from the same table",
        ),
        (
            pd.Series([1.0, 2.0, np.nan]),
            pd.Series(["a", None, None]),
            "groups is missing in row 1, where there is a value; name the group or leave the row out",
        ),
        (
            pd.Series([1.0, np.inf]),
            pd.Series(["a", "b"]),
            "values must be finite numbers; found an infinite one in row 1; "
            "look for a division by 0 where they were made",
        ),
        (
            pd.Series(["1", "2"], dtype="str"),
            pd.Series(["a", "b"]),
            "values must be numbers, NaN where missing; found str; convert them first",
        ),
    ],
)
def test_what_cannot_be_paired_is_refused(values, groups, told):
    with pytest.raises(StudyError) as caught:
        icc(values, groups)
    assert str(caught.value) == told
