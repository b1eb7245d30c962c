"""Coders against their earlier selves, and groups of coders against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.agreement import krippendorff_alpha
from nsi.methods.coder_comparison import group_agreement, self_agreement, self_agreement_told
from nsi.methods.reliability import reliability

CODES = ["low", "mid", "high"]
HOW: dict[str, Any] = {"field": "use", "codes": CODES, "level": "nominal", "seed": 3, "replicates": 60}
GROUPS = {"ann": "inside", "bob": "inside", "cem": "outside", "dee": "outside"}


def selves(ratings: Any) -> Any:
    return self_agreement(ratings, **HOW)


def grouped(ratings: Any, groups: dict[str, str]) -> Any:
    return group_agreement(ratings, groups=groups, **HOW)


def positions(n_units: int = 40, n_coders: int = 4, seed: int = 2) -> np.ndarray:
    generator = np.random.default_rng(seed)
    true = generator.integers(0, 3, n_units)
    shape = (n_units, n_coders)
    table = np.where(generator.random(shape) < 0.7, true[:, None], generator.integers(0, 3, shape))
    return np.where(generator.random(table.shape) < 0.1, -1, table)


def as_ratings(table: Any, coders: Any = tuple(GROUPS), number: str = "1", day: str = "2030-01-01") -> Any:
    rows = [
        ("here", f"u{unit}", coder, "use", CODES[table[unit, c]], number, pd.Timestamp(day))
        for unit in range(len(table))
        for c, coder in enumerate(coders)
        if table[unit, c] >= 0
    ]
    return pd.DataFrame(rows, columns=["case", "unit", "coder", "field", "value", "round", "rated_on"])


def twice_coded(n_units: int = 30, later: str = "2030-02-15") -> tuple[Any, Any]:
    """One coder codes everything twice, another only once."""
    table = positions(n_units, 3)
    first, again = as_ratings(table[:, :1], ["ann"]), as_ratings(table[:, 1:2], ["ann"], "2", later)
    return table[:, :2], pd.concat([first, again, as_ratings(table[:, 2:], ["bob"])], ignore_index=True)


def test_agreement_with_an_earlier_self_is_alpha_between_rounds():
    table, ratings = twice_coded()
    found = selves(ratings)
    assert found["coder"].tolist() == ["ann"]  # bob never coded a unit again
    assert found.loc[0, "estimate"] == krippendorff_alpha(table, 3, level="nominal").estimate
    assert found.loc[0, "ci_low"] < found.loc[0, "estimate"] < found.loc[0, "ci_high"]
    assert found.loc[0, "n_units"] == (table >= 0).all(axis=1).sum()
    assert found.loc[0, ["rounds", "shortest_gap_days", "flag"]].tolist() == ["1, 2", 45.0, ""]
    estimate, n_units = found.loc[0, "estimate"], found.loc[0, "n_units"]
    told = self_agreement_told(found, "Use")
    assert told == f"Use: alpha of coders with their earlier selves: ann {estimate:.2f} ({n_units} units)."


def test_too_few_units_or_too_little_time_between_rounds_is_flagged():
    assert selves(twice_coded(12)[1]).loc[0, "flag"] == "few_units"
    assert selves(twice_coded(30, "2030-01-20")[1]).loc[0, "flag"] == "short_gap"


def test_a_coder_who_gave_one_code_all_the_time_has_no_alpha():
    found = selves(twice_coded()[1].assign(value="mid"))
    assert found.loc[0, "flag"] == "no_variation"
    assert "ann undefined, no variation" in self_agreement_told(found, "Use")


def test_data_without_a_second_round_give_no_rows_and_a_sentence():
    found = selves(as_ratings(positions()))
    assert len(found) == 0
    assert {"coder", "estimate", "shortest_gap_days", "flag"} <= set(found.columns)
    assert self_agreement_told(found, "Use").startswith("Use: no coder coded a unit again in a later round")


def test_a_unit_coded_twice_in_one_round_is_refused():
    ratings = as_ratings(positions())
    with pytest.raises(StudyError, match="coder ann in round 1 coded unit u0 of case here 2 times for 'use'"):
        selves(pd.concat([ratings, ratings[:1]], ignore_index=True))


def test_ratings_without_a_column_of_rounds_are_refused():
    with pytest.raises(StudyError, match="ratings lack column round, which tells an earlier coding"):
        selves(as_ratings(positions()).drop(columns="round"))


def test_within_a_group_agreement_is_that_of_its_own_ratings():
    ratings = as_ratings(positions())
    found = grouped(ratings, groups=GROUPS).set_index(["comparison", "group"])
    own = reliability(ratings[ratings["coder"].isin(["ann", "bob"])], **HOW).iloc[0]
    assert found.loc[("within", "inside"), "estimate"] == own["estimate"]
    assert found.loc[("within", "inside"), ["coders", "n_coders"]].tolist() == ["ann, bob", 2]


def test_between_groups_only_pairs_across_them_count():
    table = positions()
    found = grouped(as_ratings(table), groups=GROUPS).iloc[2]
    pairs = np.concatenate([table[:, [one, other]] for one in (0, 1) for other in (2, 3)])
    assert found["estimate"] == krippendorff_alpha(pairs, 3, level="nominal").estimate
    assert found[["comparison", "group", "other_group", "n_coders"]].tolist() == ["between", "inside", "outside", 4]
    assert found["n_pairs"] == (pairs >= 0).all(axis=1).sum()
    assert found["ci_low"] < found["estimate"] < found["ci_high"]


def test_groups_of_one_coder_each_are_flagged_and_between_them_is_plain_alpha():
    table = positions(n_coders=2)
    found = grouped(as_ratings(table, ("ann", "cem")), groups=GROUPS)
    assert found["flag"].tolist() == ["single_coder", "single_coder", ""]
    assert found["estimate"].isna().tolist() == [True, True, False]
    assert found.loc[2, "estimate"] == pytest.approx(krippendorff_alpha(table, 3, level="nominal").estimate, abs=1e-12)


def test_groups_that_share_no_unit_say_so():
    table = positions(20, 1)
    ratings = pd.concat([as_ratings(table, ["ann"]), as_ratings(table, ["cem"]).assign(case="there")])
    assert grouped(ratings, groups=GROUPS)["flag"].tolist()[2] == "no_overlap"


def test_a_group_that_nobody_of_rated_is_empty():
    found = grouped(as_ratings(positions(n_coders=2), ("ann", "bob")), groups=GROUPS)
    assert found["flag"].tolist() == ["", "empty", "empty"]


def test_the_interval_between_groups_draws_units_with_all_their_pairs():
    alone, doubled = positions(n_coders=2), positions(n_coders=2)[:, [0, 0, 1, 1]]
    one = grouped(as_ratings(alone, ("ann", "cem")), groups=GROUPS).iloc[2]
    two = grouped(as_ratings(doubled), groups=GROUPS).iloc[2]
    width = one["ci_high"] - one["ci_low"]
    assert two["ci_high"] - two["ci_low"] == pytest.approx(width, rel=0.1)  # copies of coders add no units


def test_a_coder_without_a_group_is_refused():
    with pytest.raises(StudyError, match="coder dee has ratings of 'use' but no group; declared are ann, bob, cem"):
        grouped(as_ratings(positions()), groups={c: g for c, g in GROUPS.items() if c != "dee"})
