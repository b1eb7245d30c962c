"""Periods: their names, and none left out in between."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.matrix.periods import PARTS, period_names, periods_between

DAYS = pd.to_datetime(pd.Series(["2019-07-31", "2019-08-01", "2020-12-31", None]))


@pytest.mark.parametrize(
    ("period", "year_starts", "names"),
    [
        ("year", 1, ["2019", "2019", "2020"]),
        ("year", 8, ["2018/19", "2019/20", "2020/21"]),
        ("half_year", 1, ["2019 H2", "2019 H2", "2020 H2"]),
        ("quarter", 1, ["2019 Q3", "2019 Q3", "2020 Q4"]),
        ("month", 1, ["2019-07", "2019-08", "2020-12"]),
    ],
)
def test_a_date_lies_in_its_period_and_no_date_in_none(period, year_starts, names):
    found = period_names(DAYS, period, year_starts)
    assert found.iloc[:3].tolist() == names
    assert found.isna().tolist() == [False, False, False, True]


def test_no_period_between_the_first_and_the_last_is_left_out():
    assert periods_between(DAYS, "half_year") == ["2019 H2", "2020 H1", "2020 H2"]
    assert periods_between(DAYS.iloc[3:], "year") == []


def test_the_turn_of_the_century_has_a_name():
    assert period_names(pd.Series(pd.to_datetime(["1999-09-01"])), "year", 8).tolist() == ["1999/00"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dates(min_value=pd.Timestamp("1990-01-01").date(), max_value=pd.Timestamp("2015-01-01").date()),
                min_size=1, max_size=8), st.sampled_from(sorted(PARTS)))  # fmt: skip
def test_every_date_lies_in_one_of_the_periods_between(days, period):
    dates = pd.Series(pd.to_datetime(pd.Series(days)))
    between = periods_between(dates, period)
    assert set(period_names(dates, period)) <= set(between)
    assert len(set(between)) == len(between)


@pytest.mark.parametrize(
    ("period", "year_starts", "message"),
    [
        ("week", 1, "a period is 'week', but allowed are year, half_year, quarter, month"),
        ("month", 8, "year_starts is 8 with period 'month', but must be a month from 1 to 12, and 1 unless the period "
                     "is year"),
    ],
)  # fmt: skip
def test_another_kind_of_period_is_refused(period, year_starts, message):
    with pytest.raises(StudyError) as caught:
        period_names(DAYS, period, year_starts)
    assert str(caught.value) == message


def test_a_date_that_is_far_off_is_told_instead_of_a_thousand_columns():
    dates = pd.Series(pd.to_datetime(["1905-01-01", "2020-01-01"]))
    with pytest.raises(StudyError) as caught:
        periods_between(dates, "month")
    assert str(caught.value) == (
        "dates run from 1905-01 to 2020-01, which is more than 400 periods; correct the first or last date"
    )
