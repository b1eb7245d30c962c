"""Shares with Wilson intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from nsi.errors import StudyError
from nsi.methods.proportions import shares_by, wilson_interval


def test_the_interval_of_brown_cai_and_dasgupta_is_reproduced() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81/263 and 15/148, 0/20, 1/29.
    low, high = wilson_interval([81, 15, 0, 1], [263, 148, 20, 29])
    assert np.round(low, 4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert np.round(high, 4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_statsmodels_gives_the_same_interval_and_it_holds_the_share(pair: tuple[int, int], confidence: float) -> None:
    count, n = pair
    low, high = (float(end) for end in wilson_interval(count, n, confidence))
    if n == 0:
        assert np.isnan([low, high]).all()
        return
    theirs = proportion_confint(count, n, alpha=1 - confidence, method="wilson")
    assert np.allclose([low, high], theirs, atol=1e-9)
    assert 0 <= low <= count / n <= high <= 1


def test_every_pair_of_group_and_code_has_a_row_and_units_without_a_code_are_left_out() -> None:
    units = pd.DataFrame({"kind": ["a", "a", "a", "b", None], "use": ["x", "y", None, "x", "x"]})
    table = shares_by(units, "kind", "use", groups=["b", "a", "c"], values=["x", "y"])
    assert table[["kind", "use", "n", "n_all", "flag"]].values.tolist() == [
        ["b", "x", 1, 1, ""], ["b", "y", 0, 1, ""], ["a", "x", 1, 2, ""], ["a", "y", 1, 2, ""],
        ["c", "x", 0, 0, "no_units"], ["c", "y", 0, 0, "no_units"],
    ]  # fmt: skip
    assert table.loc[table["kind"] == "c", ["share", "low", "high"]].isna().all(axis=None)


def test_a_code_that_is_not_listed_stops_it_by_name() -> None:
    units = pd.DataFrame({"kind": ["a"], "use": ["z"]})
    with pytest.raises(StudyError, match="column 'use' holds 'z', but allowed are x, y"):
        shares_by(units, "kind", "use", groups=["a"], values=["x", "y"])


def test_a_count_above_its_n_stops_it() -> None:
    with pytest.raises(StudyError, match="a count is 3 of 2; counts lie between 0 and their n"):
        wilson_interval([1, 3], [2, 2])
    with pytest.raises(StudyError, match=r"confidence is 95, but must lie between 0 and 1, such as 0\.95"):
        wilson_interval(1, 2, 95)
