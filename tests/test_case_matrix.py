"""The case-by-field matrix: shares of units, not of ratings; not rated is neither zero nor blank."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.methods.case_matrix import COLUMNS, case_by_field
from nsi.methods.labels import final_labels

CODES = {"use": ["plan", "check"], "grade": ["1", "2", "3"]}
LEVELS = {"use": "nominal", "grade": "ordinal"}


def labels(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["case", "unit", "field", "value", "weight"]).astype(
        {"case": "str", "unit": "str", "field": "str", "value": "str", "weight": "float64"}
    )


def cells(table: pd.DataFrame, case: str, field: str) -> dict[str, float]:
    here = table[(table["case"] == case) & (table["field"] == field)]
    return dict(zip(here["code"].fillna(here["statistic"]), here["value"], strict=True))


def test_a_share_is_of_units_and_a_unit_that_coders_share_counts_once() -> None:
    table = case_by_field(
        labels(("n", "a", "use", "plan", 1), ("n", "b", "use", "plan", 0.5), ("n", "b", "use", "check", 0.5)),
        codes=CODES, levels=LEVELS,
    )  # fmt: skip
    assert list(table.columns) == COLUMNS
    assert cells(table, "n", "use") == {"plan": 0.75, "check": 0.25}
    assert table.loc[table["field"] == "use", "n"].tolist() == [2, 2]


def test_counted_and_none_is_zero_and_not_rated_is_missing() -> None:
    table = case_by_field(labels(("n", "a", "use", "plan", 1)), codes=CODES, levels=LEVELS, cases=["n", "s"])
    assert cells(table, "n", "use") == {"plan": 1.0, "check": 0.0}
    unrated = table[(table["case"] == "s") | (table["field"] == "grade")]
    assert unrated["value"].isna().all()
    assert (unrated["n"] == 0).all()
    assert len(table) == 2 * 2 + 2 * 4  # shares of two codes; shares of three codes and a median


def test_a_matrix_without_any_label_keeps_its_form() -> None:
    full = case_by_field(labels(("n", "a", "use", "plan", 1)), codes=CODES, levels=LEVELS)
    empty = case_by_field(labels(), codes=CODES, levels=LEVELS, cases=["n"])
    assert full.dtypes.tolist() == empty.dtypes.tolist()
    assert empty["value"].isna().all()


@pytest.mark.parametrize(
    ("values", "median"),
    [(["1", "1", "3"], 1), (["1", "3"], 1), (["1", "3", "3"], 3), (["2"], 2), (["1", "2", "3"], 2)],
)
def test_the_median_is_the_lowest_code_that_half_of_the_units_reach(values: list[str], median: int) -> None:
    rows = [("n", f"a{number}", "grade", value, 1.0) for number, value in enumerate(values)]
    table = case_by_field(labels(*rows), codes=CODES, levels=LEVELS)
    assert cells(table, "n", "grade")["median"] == median


def test_half_made_of_thirds_is_half() -> None:
    third = 1 / 3
    rows = [("n", unit, "grade", value, third) for unit in "ab" for value in ("1", "2", "3")]
    rows += [("n", "c", "grade", "1", 0.5), ("n", "c", "grade", "2", 0.5)]
    rows += [("n", "d", "grade", "1", 5 / 6), ("n", "d", "grade", "3", 1 / 6)]  # 2/3 + 1/2 + 5/6 = 2 of 4
    table = case_by_field(labels(*rows), codes=CODES, levels=LEVELS)
    assert cells(table, "n", "grade")["median"] == 1


def test_a_median_of_codes_that_are_not_all_numbers_is_a_position() -> None:
    table = case_by_field(labels(("n", "a", "f", "10", 1)), codes={"f": ["low", "10", "nan"]}, levels={"f": "ordinal"})
    assert cells(table, "n", "f")["median"] == 2
    table = case_by_field(labels(("n", "a", "f", "10", 1)), codes={"f": ["5", "10"]}, levels={"f": "ratio"})
    assert cells(table, "n", "f")["median"] == 10


def test_cases_come_in_the_order_wanted_and_none_is_left_out_silently() -> None:
    rows = labels(("s", "a", "use", "plan", 1), ("n", "b", "use", "plan", 1))
    table = case_by_field(rows, codes=CODES, levels=LEVELS, cases=["n", "s"])
    assert table["case"].unique().tolist() == ["n", "s"]
    assert case_by_field(rows, codes=CODES, levels=LEVELS)["case"].unique().tolist() == ["s", "n"]
    assert told(lambda: case_by_field(rows, codes=CODES, levels=LEVELS, cases=["s"])) == (
        "labels hold the case n, which is not among the cases asked for; add it"
    )


def test_what_does_not_fit_stops() -> None:
    def matrix(*rows: tuple[str, str, str, str, float]) -> str:
        return told(lambda: case_by_field(labels(*rows), codes=CODES, levels=LEVELS))

    assert matrix(("n", "a", "use", "plna", 1)) == "field 'use' holds plna, but its codes are plan, check; clean first"
    assert (
        matrix(("n", "a", "usage", "plan", 1))
        == "labels hold the field 'usage', which was not asked for; pass its codes too"
    )
    assert matrix(("n", "a", "use", "plan", 1), ("n", "a", "use", "check", 1)) == (
        "field 'use': the weights of unit a do not add up to 1; use final_labels"
    )


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from("ns"),
            st.sampled_from("abcdef"),
            st.sampled_from("ABC"),
            st.sampled_from(["use", "grade"]),
        ),
        st.integers(0, 5),
        min_size=1,
    )
)
def test_the_shares_of_a_case_in_a_field_add_up_to_one(said) -> None:
    rows = [
        (case, unit, coder, field, CODES[field][number % len(CODES[field])])
        for (case, unit, coder, field), number in said.items()
    ]
    ratings = pd.DataFrame(rows, columns=["case", "unit", "coder", "field", "value"], dtype="str")
    table = case_by_field(final_labels(ratings, ratings.iloc[:0]), codes=CODES, levels=LEVELS)
    shares = table[table["statistic"] == "share"]
    sums = shares.groupby(["case", "field"])["value"].sum(min_count=1)
    assert ((sums.dropna() - 1).abs() < 1e-9).all()
    units = {key: len({u for (c, u, _, f) in said if (c, f) == key}) for key in sums.index}
    assert (sums.isna() == pd.Series(units).reindex(sums.index).eq(0)).all()
    assert shares.groupby(["case", "field"])["n"].first().to_dict() == units
