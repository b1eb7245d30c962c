"""Small-N tests and effects against numbers that other programs computed from published case tables.

The numbers and the data stand in ../shared/data/cases, with the call that made each (R 4.2.2; coin 1.4.2,
exactRankTests 0.8.35, vcd 1.4.11). They are not part of the project; without them this file is skipped.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.methods import small_n

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "cases"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/cases with the reference results is not here")

EXACT = 1e-9
ROOT = 2e-4  # R finds an odds ratio below 1, or the inverse of one above 1, by a root search with this tolerance
TABLES = {
    "LR": "LR.csv",
    "RagStr": "RagStr.csv",
    "alignment_networks": "networks.csv",
    "d_represent": "d.represent.csv",
}
NOT_OURS = {"mannwhitney_asymptotic_cc": "not exact: a normal approximation with a correction for continuity"}


@cache
def statistics(folder: str) -> dict[str, Any]:
    path = DATA / folder / "reference.json"
    return json.loads(path.read_text(encoding="utf-8"))["statistics"] if path.exists() else {}


@cache
def cases(folder: str) -> pd.DataFrame:
    return pd.read_csv(DATA / folder / TABLES[folder])


ASKED = [(folder, key) for folder in TABLES for key in statistics(folder)]


def close(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, abs=EXACT, rel=EXACT)


def close_odds(found: float, expected: float | None) -> None:
    expected = math.inf if expected is None else expected  # JSON has no infinity
    if expected > 1:
        found, expected = 1 / found, 1 / expected
    assert found == pytest.approx(expected, abs=ROOT)


def check_table(name: str, value: Any, first: np.ndarray, second: np.ndarray) -> None:
    comparison = small_n.compared("fisher", first, second)
    if name == "fisher_freeman_halton_p":
        close(small_n.exact_test(comparison).p, value)
    elif name == "chisq_no_correction":
        close(small_n.chi_squared(comparison.table), value["X2"])
    elif name == "cramers_v":
        close(small_n.cramers_v(comparison.table, corrected=False), value)
    else:
        assert name == "fisher_2x2"
        close(small_n.exact_test(comparison).p, value["p"])
        effect = small_n.effect_of(comparison)
        for found, name in ((effect.estimate, "odds_ratio_cmle"), (effect.low, "ci_low"), (effect.high, "ci_high")):
            close_odds(found, value[name])


def check_ranks(name: str, value: Any, first: np.ndarray, second: np.ndarray) -> None:
    """First is what is ranked; second holds the groups, or is ranked too."""
    if name == "spearman":
        close(small_n.spearman_exact(first, second, seed=1).statistic, value["rho"])
    elif name == "kendall_tau_b":
        close(small_n.effect_estimate(small_n.compared("jonckheere", second, first)), value)
    elif name == "kruskal":
        close(small_n.kruskal_exact(first, second).statistic, value["chisq"])
    elif name == "kruskal_exact_enumeration":
        found = small_n.kruskal_exact(first, second)
        close(found.p, value["p"])
        assert found.n_arrangements == value["n_arrangements"]
    elif name == "permutation_mean_diff_exact.coin":
        close(small_n.mean_difference_exact(first, second), value)
    else:
        assert name in ("mannwhitney_exact.coin", "mannwhitney_exact.exactRankTests")
        found = small_n.rank_sum_exact(first, second)
        close(found.p, value["p"])
        if "W" in value:
            close(found.statistic, value["W"])


@pytest.mark.parametrize(("folder", "key"), ASKED)
def test_the_reference_value_is_reached(folder: str, key: str) -> None:
    value, frame = statistics(folder)[key]["value"], cases(folder)
    if key == "n_cases":
        assert len(frame) == value
        return
    pair, name = key.split(".", 1)
    if name in NOT_OURS:
        pytest.skip(NOT_OURS[name])
    first, how, second = re.fullmatch(r"(.+)_(x|by|vs)_(.+)", pair).groups()  # type: ignore[union-attr]
    columns = frame[first].to_numpy(), frame[second].to_numpy()
    (check_table if how == "x" else check_ranks)(name, value, *columns)


def test_there_are_reference_values_of_all_four_case_tables() -> None:
    assert {folder for folder, _ in ASKED} == set(TABLES)
    assert len(ASKED) == sum(len(statistics(folder)) for folder in TABLES) > 150


@pytest.mark.parametrize(
    ("column", "published"),
    [  # facts on the slide: does the order of rows go with a column? Exact two-sided rank-sum p
        ("prior_rel", 0.11),
        ("spread", 0.78),
    ],
)
def test_the_order_of_the_published_cases_goes_with_no_column(column: str, published: float) -> None:
    frame = cases("alignment_networks")
    p = small_n.rank_sum_exact(np.arange(len(frame)), frame[column].to_numpy()).p
    assert round(p, 2) == published


def test_the_first_six_cases_against_the_rest_give_the_published_exact_p() -> None:
    frame = cases("alignment_networks")
    found = small_n.exact_test(small_n.compared("fisher", frame["hub_type"].to_numpy(), np.arange(11) < 6))
    assert round(found.p, 4) == 0.6104  # by full enumeration; drawing at random had given 0.6086
    assert round(found.p_min, 4) == 0.0043
    assert found.n_arrangements == 462
