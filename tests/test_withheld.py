"""What is withheld is told as withheld: never 0, never empty, and not to be worked out from what stands beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.case_scores import (
    case_scores,
    case_selection,
    complementary,
    is_withheld,
    rates_with_words,
    response_rates,
    scores_with_words,
    selection_with_words,
    with_words,
)


def table(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of (case, n, roster, rate, mean, flag) of one wave and scale."""
    frame = pd.DataFrame(rows, columns=["case", "n", "roster", "response_rate", "mean", "flag"])
    return frame.assign(wave="w1", scale="trust", roster=frame["roster"].astype("Int64"))


PLAIN = table(
    ("a", 20, 40, 0.5, 3.25, ""), ("b", 3, 40, np.nan, np.nan, "withheld"), ("c", 0, 9, 0.0, np.nan, "no_responses"),
    ("d", 2, 4, np.nan, np.nan, "withheld;low_response"), ("e", 8, pd.NA, np.nan, 1 / 3, "no_roster"),
)  # fmt: skip


def test_a_withheld_row_says_so_in_every_cell_and_keeps_the_roster():
    told: Any = with_words(PLAIN, 5).set_index("case")
    assert list(told.loc["b", ["n", "roster", "response_rate", "mean"]]) == ["<5", "40", "withheld", "withheld"]


def test_a_roster_below_the_minimum_is_told_no_closer_than_the_count():
    assert with_words(PLAIN, 5).set_index("case").loc["d", "roster"] == "<5"


def test_a_counted_zero_stays_zero_and_what_is_undefined_stays_empty():
    told: Any = with_words(PLAIN, 5).set_index("case")
    assert told.loc["c", "n"] == "0"
    assert told.loc["c", "response_rate"] == "0"
    assert pd.isna(told.loc["c", "mean"])
    assert pd.isna(told.loc["e", "roster"])


def test_numbers_beside_words_have_the_digits_that_tables_are_written_with():
    told: Any = with_words(PLAIN, 5).set_index("case")
    assert list(told.loc["a", ["n", "roster", "response_rate", "mean"]]) == ["20", "40", "0.5", "3.25"]
    assert told.loc["e", "mean"] == "0.3333333333333"


def test_a_table_without_anything_withheld_is_left_as_it_is():
    clean = PLAIN[PLAIN["case"].isin(["a", "e"])]
    pd.testing.assert_frame_equal(with_words(clean, 5), clean)


def test_a_small_count_is_told_as_small_also_where_nothing_else_is_withheld():
    frame = PLAIN.assign(n_same=[4, 1, 0, 1, 8])
    told: Any = with_words(frame, 5, counts=("n", "n_same"))
    assert list(told["n_same"]) == ["<5", "<5", "0", "<5", "8"]
    assert told["n"].iloc[0] == "20"


def test_columns_that_hang_on_a_count_go_with_it():
    frame = PLAIN.assign(n_w1=[3, 1, 0, 1, 8], mean_w1=[2.5, 1.0, np.nan, 1.0, 2.0])
    told: Any = with_words(frame, 5, counts=("n", "n_w1"), by_count={"n_w1": ["mean_w1"]})
    assert list(told["mean_w1"].fillna("")) == ["withheld", "withheld", "", "withheld", "2"]


def test_a_table_without_flags_or_a_minimum_of_nothing_is_refused():
    with pytest.raises(StudyError, match=r"the table lack the column\(s\) flag; found case"):
        with_words(PLAIN[["case", "n"]], 5)
    with pytest.raises(StudyError, match="minimum_n must be 1 or more, but is 0"):
        with_words(PLAIN, 0)


# --- totals


def test_one_withheld_row_takes_the_next_smallest_with_it():
    rows = table(("a", 20, 40, 0.5, 3.0, ""), ("b", 3, 40, np.nan, np.nan, "withheld"), ("c", 7, 9, 0.8, 2.0, "low"),
                 ("d", 30, 40, 0.75, 4.0, ""))  # fmt: skip
    more: Any = complementary(rows, ["wave", "scale"], 5)
    assert list(more["flag"]) == ["", "withheld", "withheld;low", ""]
    assert np.isnan(more.loc[2, "mean"])
    assert (more.loc[2, "n"], more.loc[2, "roster"]) == (7, 9)
    told: Any = with_words(more, 5)
    assert list(told["n"]) == ["20", "<5", "withheld", "30"]


def test_two_withheld_rows_need_no_third_once_their_people_reach_the_minimum():
    hidden = (np.nan, np.nan, "withheld")
    rows = table(("a", 20, 40, 0.5, 3.0, ""), ("b", 3, 40, *hidden), ("c", 2, 9, *hidden))
    assert list(complementary(rows, ["wave", "scale"], 5)["flag"]) == ["", "withheld", "withheld"]
    assert list(complementary(rows, ["wave", "scale"], 6)["flag"]) == ["withheld"] * 3


def test_a_group_without_a_withheld_row_is_left_alone():
    other = table(("a", 20, 40, 0.5, 3.0, ""), ("b", 30, 40, 0.5, 3.0, "")).assign(wave="w2")
    both = pd.concat([PLAIN, other], ignore_index=True)
    more: Any = complementary(both, ["wave", "scale"], 5)
    pd.testing.assert_frame_equal(more[more["wave"] == "w2"], both[both["wave"] == "w2"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(1, 10))
def test_what_is_withheld_can_never_be_told_from_a_total(sizes, minimum):
    few: Any = [0 < n < minimum for n in sizes]
    flags = ["withheld" if small else "" for small in few]
    rows = table(*[(f"c{i}", n, 40, n / 40, 3.0, flag) for i, (n, flag) in enumerate(zip(sizes, flags, strict=True))])
    more: Any = complementary(rows, ["wave", "scale"], minimum)
    hidden = is_withheld(more["flag"])
    assert hidden[few].all()
    if any(few) and sum(sizes) >= minimum:
        assert hidden.sum() >= 2
        assert more.loc[hidden, "n"].sum() >= minimum
    if not any(few):
        assert not hidden.any()
    told: Any = with_words(more, minimum)
    if hidden.any():
        for name in ("n", "response_rate", "mean"):
            assert told.loc[hidden, name].isin(["withheld", f"<{minimum}"]).all()
            assert not told.loc[~hidden, name].isin(["withheld"]).any()


# --- tables of this package


def answers(sizes: dict[str, int], seed: int = 1) -> pd.DataFrame:
    """Scores of people in some cases."""
    random = np.random.default_rng(seed)
    rows = [
        (wave, case, f"{case}-{i}", "teach" if i % 5 else "lead", np.clip(random.normal(2.6 + 0.2 * place, 0.6), 1, 5))
        for wave in ("w1", "w2") for place, (case, n) in enumerate(sizes.items()) for i in range(n)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "role", "trust"])


SCORES = answers({"a": 20, "b": 12, "c": 3, "d": 15, "e": 9})


def scored(scores: pd.DataFrame, **more: Any) -> Any:
    """Table of trust, everybody on the roster."""
    rates: Any = response_rates(scores, scores[["wave", "case", "respondent", "role"]])
    return case_scores(scores, rates, ["trust"], {"trust": (1, 5)}, minimum_n=5, seed_of=len, top=1, draws=100, **more)


def test_a_single_withheld_mean_could_be_worked_out_from_the_shrunken_ones():
    # This is why scores_with_words takes a second case: the common mean is a total.
    found: Any = scored(SCORES)[lambda frame: frame["wave"] == "w1"].set_index("case")
    lam, raw, shrunk = (found[name].dropna() for name in ("reliability", "mean", "eb_mean"))
    centre = ((shrunk - lam * raw) / (1 - lam)).iloc[0]
    ratio = (lam / (1 - lam) / found["n"][lam.index]).iloc[0]  # tau2 / sigma2
    weight = 3 * ratio / (1 + 3 * ratio)
    guessed = (centre * (lam.sum() + weight) - (lam * raw).sum()) / weight
    true = SCORES.query("case == 'c' and wave == 'w1'")["trust"].mean()
    assert guessed == pytest.approx(true, rel=1e-6)
    told: Any = scores_with_words(scored(SCORES), 5)
    assert (told["mean"] == "withheld").sum() == 4, "two cases in each of two waves"
    assert set(told.loc[told["mean"] == "withheld", "case"]) == {"c", "e"}


def test_a_fit_on_cases_that_are_shown_gives_nothing_away():
    moved = SCORES.assign(trust=SCORES["trust"].where(SCORES["case"] != "c", 1.0))
    one, other = (with_words(scored(scores, fit_on="shown"), 5) for scores in (SCORES, moved))
    pd.testing.assert_frame_equal(one, other)


def test_nothing_withheld_is_zero_or_empty_in_a_table_of_scores():
    told: Any = scores_with_words(scored(SCORES), 5)
    hidden = told[is_withheld(told["flag"])]
    values = hidden.drop(columns=["case", "wave", "scale", "flag", "roster"])
    assert values.isin(["withheld", "<5"]).all().all()
    assert len(hidden) == 4


def test_a_selection_withholds_a_wave_with_few_people_in_a_row_that_is_shown():
    scores = SCORES.drop(SCORES[(SCORES["case"] == "d") & (SCORES["wave"] == "w1")].index[2:])
    found: Any = case_selection(scores, "trust", ["w1", "w2"], seed=1, minimum_n=5, top=1, draws=100)
    told: Any = selection_with_words(found, ["w1", "w2"], 5).set_index("case")
    assert list(told.loc["d", ["n_w1", "mean_w1", "eb_mean_w1"]]) == ["<5", "withheld", "withheld"]
    assert told.loc["d", "n"] == "15"
    assert told.loc["d", "mean_w2"] not in ("withheld", "<5")
    assert list(told.loc["c", ["n", "raw_mean", "p_top", "group"]]) == ["<5", "withheld", "withheld", "withheld"]


def test_a_role_that_few_answered_in_takes_a_second_one_with_it_as_all_is_a_total():
    scores = SCORES[SCORES["wave"] == "w1"]
    rates: Any = response_rates(scores, scores[["wave", "case", "respondent", "role"]])
    told: Any = rates_with_words(rates, 5).set_index(["case", "role"])
    # a: 4 of 20 lead, so that 16 teach would tell; both go, the whole stays
    shown = ["responses", "response_rate", "flag"]
    assert list(told.loc[("a", "all"), shown]) == ["20", "1", ""]
    assert list(told.loc[("a", "lead"), shown]) == ["<5", "withheld", "withheld"]
    assert list(told.loc[("a", "teach"), shown]) == ["withheld"] * 3
    assert told.loc[("a", "teach"), "roster"] == "16"
    assert list(told.loc[("c", "all"), ["responses", "flag"]]) == ["<5", "withheld"]
    assert rates["response_rate"].notna().all(), "the frame that came in is left as it was"
