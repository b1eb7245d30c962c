"""Random intercepts and shrunken means: closed forms, other programs, and a thousand awkward designs.

Reference numbers stand in ../shared/data with the call that made each (R 4.2.2, lme4); they are not part of
the project, and tests that need them are skipped without them.
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
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.groups import (
    RandomIntercept,
    empirical_bayes,
    icc,
    mean_reliability,
    meta_intercept,
    random_intercept,
    shrunken_estimates,
)

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
with_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data with the reference results is not here")
FAR = np.concatenate([[0.0], np.geomspace(1e-9, 1e9, 200)])  # ratios among which none may be better

PUPIL_ITEMS = {
    "SELFCON_pre": [f"SQA06{item}" for item in "ABCDEF"],
    "SELFCON_post": [f"SQB01{item}" for item in "ABCDEF"],
    "PINT_pre": [f"SQA14{item}" for item in "ABC"],
    "PINT_post": [f"SQB03{item}" for item in "ABC"],
    "GSE_pre": [f"SQA15{item}" for item in "ABCDE"],
    "GSE_post": [f"SQB02{item}" for item in "ABCDE"],
}
SOLDIERS = [f"{name}{wave}" for name in ("JOBSAT", "COMMIT", "READY") for wave in (1, 2, 3)]
KEYS = [*(f"{name}.by_class" for name in PUPIL_ITEMS), *(f"{name}.by_BTN_COMPANY" for name in SOLDIERS)]

Sample = tuple[pd.Series, pd.Series]


@cache
def table(path: str) -> pd.DataFrame:
    return pd.read_csv(DATA / path)


def sample(key: str) -> tuple[dict[str, Any], Sample]:
    """REML estimates of lme4 for one key, and its values and groups."""
    name = key.split(".")[0]
    if name in PUPIL_ITEMS:
        pupils, folder = table("gti_students/student_questionnaire.csv.gz"), "gti_students"
        given = pupils[PUPIL_ITEMS[name]].mean(axis=1, skipna=False), pupils["T_ID"]
    elif name in SOLDIERS:
        first, folder = table("surveys/univbct/univbct.csv").query("TIME == 0"), "surveys/univbct"
        given = first[name], first["BTN"].astype("str") + first["COMPANY"]
    else:
        soldiers, folder = table("surveys/bhr2000/bhr2000.csv"), "surveys/bhr2000"
        values = soldiers[soldiers.columns[1:12]].mean(axis=1) if name == "LEAD" else soldiers[name]
        given = values, soldiers["GRP"]
    held = json.loads((DATA / folder / "reference.json").read_text(encoding="utf-8"))["statistics"]
    return held[f"{key}.ICC1_REML.lme4"]["value"], given


def frame(*groups: list[float] | np.ndarray) -> Sample:
    """Values and group names of groups that are given as lists."""
    values = pd.Series(np.concatenate([np.zeros(0), *groups]), dtype="float64")
    return values, pd.Series([f"g{at:03}" for at, group in enumerate(groups) for _ in group], dtype="str")


def deviance(given: Sample, ratio: np.ndarray) -> np.ndarray:
    """REML deviance at each ratio tau2 / sigma2 up to a constant, written down from the densities."""
    y, (_, code) = given[0].to_numpy(), np.unique(given[1].to_numpy(), return_inverse=True)
    n = np.bincount(code)
    mean = np.bincount(code, weights=y) / n
    within = ((y - mean[code]) ** 2).sum()
    grown = 1 + np.outer(ratio, n)
    weight = n / grown
    mu = (weight * mean).sum(axis=1) / weight.sum(axis=1)
    squares = within + (weight * (mean - mu[:, None]) ** 2).sum(axis=1)
    return (n.sum() - 1) * np.log(squares) + np.log(grown).sum(axis=1) + np.log(weight.sum(axis=1))


def dense_deviance(given: Sample, tau2: float, sigma2: float) -> float:
    """The same from the full covariance matrix, sigma2 not profiled out."""
    y = given[0].to_numpy()
    same = (given[1].to_numpy()[:, None] == given[1].to_numpy()[None, :]).astype(float)
    covariance = sigma2 * np.eye(len(y)) + tau2 * same
    inverse, ones = np.linalg.inv(covariance), np.ones(len(y))
    rest = y - (ones @ inverse @ y) / (ones @ inverse @ ones)
    return float(np.linalg.slogdet(covariance)[1] + np.log(ones @ inverse @ ones) + rest @ inverse @ rest)


# --- against other programs and closed forms


@with_data
@pytest.mark.parametrize("key", [*KEYS, "LEAD", "HRS", "AF06"])
def test_variances_are_those_of_lme4(key):
    held, given = sample(key)
    found = random_intercept(*given)
    # lme4's own optimiser stops at 1e-7 or so.
    assert found.tau2 == pytest.approx(held["tau00"], rel=1e-6, abs=1e-12)
    assert found.sigma2 == pytest.approx(held["sigma2"], rel=1e-6)
    assert found.tau2 / (found.tau2 + found.sigma2) == pytest.approx(held["icc1"], rel=1e-6, abs=1e-12)
    assert found.flag == ("no_between_variance" if held["tau00"] == 0 else "")


@pytest.mark.parametrize("seed", range(3))
def test_statsmodels_agrees_on_variances_mean_and_shrunken_means(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(2, 30, 25)
    given = frame(*[random.normal(3 + random.normal(0, 0.5), 0.8, size) for size in sizes])
    other = sm.MixedLM(given[0], np.ones(len(given[0])), given[1]).fit(reml=True, method="powell", ftol=1e-14)
    found = random_intercept(*given)
    assert found.tau2 == pytest.approx(float(other.cov_re.iloc[0, 0]), rel=1e-5)
    assert found.sigma2 == pytest.approx(other.scale, rel=1e-5)
    assert found.mean == pytest.approx(float(other.fe_params.iloc[0]), rel=1e-6)
    # Theirs comes from the curvature in all parameters at once, ours takes the variances as known.
    assert found.se_mean == pytest.approx(float(other.bse_fe.iloc[0]), rel=5e-3)
    effects = [float(other.random_effects[case].iloc[0]) for case in sorted(other.random_effects)]
    assert (empirical_bayes(*given)["eb_mean"] - found.mean).tolist() == pytest.approx(effects, rel=1e-4, abs=1e-6)


@given(st.integers(2, 12), st.integers(2, 9), st.floats(0.05, 3), st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_in_groups_of_one_size_the_closed_form_comes_out(n_groups, size, apart, seed):
    random = np.random.default_rng(seed)
    given = frame(*[random.normal(random.normal(0, apart), 1, size) for _ in range(n_groups)])
    squares, found = icc(*given), random_intercept(*given)
    between = (squares.ms_between - squares.ms_within) / size
    if between > 0:
        # Near 0 the difference of mean squares itself has no more digits than this.
        assert found.tau2 == pytest.approx(between, rel=1e-10, abs=1e-14 * squares.ms_within)
        assert found.sigma2 == pytest.approx(squares.ms_within, rel=1e-10)
        assert found.flag == ""
    else:
        assert (found.tau2, found.flag) == (0, "no_between_variance")
        assert found.sigma2 == pytest.approx(given[0].var(), rel=1e-10)
    assert found.mean == pytest.approx(given[0].mean(), abs=1e-12)
    spread = found.tau2 + found.sigma2 / size
    assert found.se_mean == pytest.approx(math.sqrt(spread / n_groups), rel=1e-10)


def test_at_the_solution_the_full_likelihood_is_flat_in_both_variances():
    given = frame([1, 2, 4, 3.5], [6, 5], [2.5], [0, 1, 2, 1.5, 0.5, 4])
    found = random_intercept(*given)
    step = 1e-4
    for toward in ((step, 0), (0, step)):
        up = dense_deviance(given, found.tau2 + toward[0], found.sigma2 + toward[1])
        down = dense_deviance(given, found.tau2 - toward[0], found.sigma2 - toward[1])
        assert (up - down) / (2 * step) == pytest.approx(0, abs=1e-6)
        assert min(up, down) > dense_deviance(given, found.tau2, found.sigma2)


def test_the_error_of_the_mean_is_that_of_generalised_least_squares():
    values, groups = frame([1, 2, 4, 3.5], [6, 5], [2.5], [0, 1, 2, 1.5, 0.5, 4])
    found = random_intercept(values, groups)
    same = groups.to_numpy()[:, None] == groups.to_numpy()[None, :]
    weight = np.linalg.inv(found.sigma2 * np.eye(len(values)) + found.tau2 * same)
    assert found.se_mean == pytest.approx(math.sqrt(1 / weight.sum()), rel=1e-12)
    assert found.mean == pytest.approx((weight @ values.to_numpy()).sum() / weight.sum(), rel=1e-12)


def test_the_lower_of_two_valleys_is_taken():
    # Made so that the deviance has two valleys: within each group of many, only variance 5 is known of.
    steps = [-1.0, 1.0]
    given = frame(
        [-3.2 + 2.2 * step for step in [*steps, *steps, 0]], [2.49], [-2.79 + 2.2 * s for s in [*steps, *steps, 0]]
    )
    curve = deviance(given, FAR)
    falls = np.diff(curve) < 0
    valleys = np.flatnonzero(np.diff(np.concatenate([[True], falls, [False]]).astype(int)) == -1)
    assert len(valleys) == 2
    found = random_intercept(*given)
    at = deviance(given, np.array([found.tau2 / found.sigma2]))[0]
    assert at <= curve.min() + 1e-12


# --- a thousand designs


def awkward(seed: int) -> Sample:
    """One of eight kinds of design that stop other optimisers, of random size."""
    random, kind = np.random.default_rng(seed), seed % 8
    n_groups = int(random.choice([3, 3, 10, 34, 300]))
    sizes = random.integers(1, 12, n_groups)
    apart, noise = random.choice([0.0, 0.05, 0.5, 5.0]), random.choice([0.1, 1.0])
    if kind == 0:
        apart = 0.0
    elif kind == 1:
        sizes = np.where(random.random(n_groups) < 0.7, 1, sizes)
    elif kind == 2:
        sizes[0] = 2000
    elif kind == 3:
        sizes, n_groups = sizes[:3], 3
    elif kind == 4:
        sizes = np.ones(n_groups, dtype=int)
    elif kind == 5:
        sizes = sizes[:1]
    elif kind == 6:
        noise = 0.0
    groups = [random.normal(3 + random.normal(0, apart), noise, size) for size in sizes]
    if kind == 7:  # answers in steps, many of them equal
        groups = [np.clip(np.round(group), 1, 5) for group in groups]
    return frame(*groups)


@cache
def fitted_design(seed: int) -> RandomIntercept:
    return random_intercept(*awkward(seed))


@pytest.mark.parametrize("start", range(0, 1000, 100))
def test_on_a_thousand_designs_the_best_variances_are_found_or_a_reason_is_given(start):
    for seed in range(start, start + 100):
        given = awkward(seed)
        found = fitted_design(seed)
        assert math.isfinite(found.mean), seed
        if found.flag in ("", "no_between_variance"):
            assert (found.tau2 == 0) == (found.flag == "no_between_variance"), seed
            assert found.sigma2 > 0, seed
            assert found.se_mean > 0, seed
            best = deviance(given, np.array([found.tau2 / found.sigma2]))[0]
            assert best <= deviance(given, FAR).min() + 1e-8, seed
        elif found.flag == "no_within_variance":
            assert (found.sigma2, found.tau2 > 0) == (0, True), seed
        else:
            assert found.flag in ("one_group", "no_replication", "constant"), seed
            assert math.isnan(found.tau2), seed


def test_the_thousand_designs_meet_every_outcome():
    met = [fitted_design(seed).flag for seed in range(1000)]
    kinds = {"", "no_between_variance", "no_within_variance", "no_replication", "one_group", "constant"}
    assert set(met) == kinds
    assert met.count("") > 300
    assert met.count("no_between_variance") > 100


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], RandomIntercept(math.nan, math.nan, math.nan, math.nan, 0, 0, "no_values")),
        ([[2]], RandomIntercept(2, math.nan, math.nan, math.nan, 1, 1, "one_group")),
        ([[1, 3]], RandomIntercept(2, math.nan, math.nan, 2, 2, 1, "one_group")),
        ([[2, 2], [2]], RandomIntercept(2, math.nan, math.nan, math.nan, 3, 2, "constant")),
        ([[1], [3]], RandomIntercept(2, 1, math.nan, math.nan, 2, 2, "no_replication")),
        ([[0.1] * 3, [0.3]], RandomIntercept(0.2, 0.1, 0.02, 0, 4, 2, "no_within_variance")),
        ([[1, 3], [3, 1]], RandomIntercept(2, math.sqrt(1 / 3), 0, 4 / 3, 4, 2, "no_between_variance")),
    ],
)
def test_a_design_without_an_answer_says_which_part_is_unknown(groups, expected):
    found = random_intercept(*frame(*groups))
    assert (found.flag, found.n, found.n_groups) == (expected.flag, expected.n, expected.n_groups)
    assert [found.mean, found.se_mean, found.tau2, found.sigma2] == pytest.approx(
        [expected.mean, expected.se_mean, expected.tau2, expected.sigma2], nan_ok=True
    )


def test_very_large_and_very_small_units_are_no_obstacle():
    given = frame([1, 2, 4], [6, 5], [2, 3, 3])
    plain = random_intercept(*given)
    for unit in (2.0**-400, 2.0**400):
        found = random_intercept(given[0] * unit, given[1])
        assert (found.mean, found.tau2, found.sigma2) == (
            plain.mean * unit,
            plain.tau2 * unit**2,
            plain.sigma2 * unit**2,
        )


# --- what must hold for any values

grouped = st.lists(st.lists(st.integers(1, 20), min_size=1, max_size=6), min_size=1, max_size=6)


@given(grouped, st.integers(-50, 50), st.integers(1, 9))
@settings(max_examples=50, deadline=None)
def test_shifting_and_stretching_go_through_to_the_estimates(lists, shift, stretch):
    values, groups = frame(*lists)
    first, second = random_intercept(values, groups), random_intercept(shift + stretch * values, groups)
    assert second.flag == first.flag
    assert [second.mean, second.se_mean, second.tau2, second.sigma2] == pytest.approx(
        [shift + stretch * first.mean, stretch * first.se_mean, stretch**2 * first.tau2, stretch**2 * first.sigma2],
        rel=1e-8,
        abs=1e-8,
        nan_ok=True,
    )


@given(grouped, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_changes_not_one_bit(lists, random):
    values, groups = frame(*[[value / 7 for value in group] for group in lists])
    order = list(range(len(values)))
    random.shuffle(order)
    assert repr(random_intercept(values.iloc[order], groups.iloc[order])) == repr(random_intercept(values, groups))
    pd.testing.assert_frame_equal(
        empirical_bayes(values.iloc[order], groups.iloc[order]), empirical_bayes(values, groups), check_exact=True
    )


@given(grouped)
@settings(max_examples=60, deadline=None)
def test_a_shrunken_mean_lies_between_the_raw_one_and_the_common_one(lists):
    values, groups = frame(*lists)
    fit, found = random_intercept(values, groups), empirical_bayes(values, groups)
    if math.isnan(fit.tau2):
        assert found[["eb_mean", "eb_se", "reliability"]].isna().all(axis=None)
        return
    assert found["reliability"].between(0, 1).all()
    low, high = np.minimum(found["mean"], fit.mean), np.maximum(found["mean"], fit.mean)
    assert found["eb_mean"].between(low - 1e-9, high + 1e-9).all()
    larger = found.sort_values("n", kind="stable")["reliability"].to_numpy()
    assert (np.diff(larger) >= -1e-12).all()


# --- shrunken means


def test_shrunken_means_follow_the_formula():
    given = frame([1, 2, 3], [5, 6, 7, 6], [2])
    fit = RandomIntercept(3.0, 0.5, 2.0, 1.5, 8, 3, "")
    found = empirical_bayes(*given, fit).set_index("case")
    reliability = np.array([2 / (2 + 1.5 / 3), 2 / (2 + 1.5 / 4), 2 / (2 + 1.5)])
    assert found["reliability"].to_numpy() == pytest.approx(reliability)
    assert found["eb_mean"].to_numpy() == pytest.approx(3 + reliability * (np.array([2, 6, 2]) - 3))
    assert found["eb_se"].to_numpy() == pytest.approx(np.sqrt(2 * (1 - reliability) + ((1 - reliability) * 0.5) ** 2))
    assert found["sd"].tolist() == pytest.approx([1, math.sqrt(2 / 3), math.nan], nan_ok=True)
    assert found["se"].tolist() == pytest.approx([1 / math.sqrt(3), math.sqrt(2 / 3) / 2, math.nan], nan_ok=True)
    assert found["n"].tolist() == [3, 4, 1]
    assert found["flag"].tolist() == ["", "", "one_value"]
    assert mean_reliability(found) == pytest.approx(reliability.mean())


def test_with_no_variance_between_every_group_gets_the_common_mean_and_says_so():
    found = empirical_bayes(*frame([1, 3], [3, 1], [2, 2]))
    assert found["reliability"].tolist() == [0, 0, 0]
    assert found["eb_mean"].tolist() == pytest.approx([2, 2, 2])
    assert found["eb_se"].tolist() == pytest.approx([math.sqrt(0.8 / 6)] * 3)
    assert found["flag"].tolist() == ["no_between_variance"] * 2 + ["all_alike; no_between_variance"]


def test_with_no_variance_within_a_group_keeps_its_own_mean():
    found = empirical_bayes(*frame([1, 1], [3]))
    assert found["eb_mean"].tolist() == [1, 3]
    assert found["eb_se"].tolist() == [0, 0]
    assert found["flag"].tolist() == ["all_alike; no_within_variance", "one_value; no_within_variance"]


def test_a_group_without_values_stays_in_the_table_without_a_score():
    found = empirical_bayes(*frame([1, 3], [4, 5], [math.nan])).set_index("case").loc["g002"]
    assert (found["n"], found["flag"]) == (0, "no_values")
    assert found[["mean", "sd", "se", "eb_mean", "eb_se", "reliability"]].isna().all()


@pytest.mark.parametrize(("groups", "flag"), [([[1, 3]], "one_group"), ([[1], [3]], "one_value; no_replication")])
def test_without_variances_there_is_no_shrunken_mean(groups, flag):
    found = empirical_bayes(*frame(*groups))
    assert found[["eb_mean", "eb_se", "reliability"]].isna().all(axis=None)
    assert set(found["flag"]) == {flag}
    assert math.isnan(mean_reliability(found))


def test_the_roster_narrows_the_error_of_the_raw_mean_only():
    given = frame([1, 2, 3], [5, 7], [2, 4], [6, 9])
    plain = empirical_bayes(*given)
    roster = pd.Series({"g000": 12, "g001": 2, "g002": 1, "elsewhere": 40})
    found = empirical_bayes(*given, roster=roster)
    factor = [math.sqrt(1 - 3 / 12), 0, 1, 1]
    assert found["se"].tolist() == pytest.approx((plain["se"] * factor).tolist())
    assert found["flag"].tolist() == ["", "", "roster_smaller_than_n", "no_roster"]
    pd.testing.assert_frame_equal(found.drop(columns=["se", "flag"]), plain.drop(columns=["se", "flag"]))


@pytest.mark.parametrize(
    ("roster", "told"),
    [
        (
            pd.Series([5, 6], index=["g000", "g000"]),
            "roster has case 'g000' more than once; keep one row for each case",
        ),
        (pd.Series({"g001": -1}), "roster of case 'g001' is negative; it must be the number of members"),
        (
            pd.Series({"g001": np.inf}),
            "roster must be finite numbers; found an infinite one in row g001; "
            "look for a division by 0 where they were made",
        ),
    ],
)
def test_a_roster_that_cannot_be_is_refused(roster, told):
    with pytest.raises(StudyError) as caught:
        empirical_bayes(*frame([1, 2], [3, 4]), roster=roster)
    assert str(caught.value) == told


def test_values_and_groups_of_different_lengths_are_refused():
    values, groups = frame([1, 2], [3, 4])
    with pytest.raises(StudyError) as caught:
        random_intercept(values, groups[:3])
    assert str(caught.value) == "values has 4 rows and groups has 3; both need one row for each respondent"


# --- estimates with known errors

# Thirteen trials of a vaccine, as (cases, others) with and without it: Colditz et al. (1994), JAMA 271.
TRIALS = [
    *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619)),
    *((33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892)),
    *((29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338)),
    (27, 16886, 29, 17825),
]


def series(*numbers: float) -> pd.Series:
    return pd.Series(numbers, index=[f"c{at}" for at in range(len(numbers))], dtype="float64")


def meta_deviance(estimates: pd.Series, errors: pd.Series, tau2: np.ndarray) -> np.ndarray:
    """REML deviance at each tau2 up to a constant."""
    weight, estimate = 1 / (errors.to_numpy() ** 2 + tau2[:, None]), estimates.to_numpy()
    mu = (weight * estimate).sum(axis=1) / weight.sum(axis=1)
    fit = (weight * (estimate - mu[:, None]) ** 2).sum(axis=1)
    return np.log(weight.sum(axis=1)) - np.log(weight).sum(axis=1) + fit


def test_the_mean_of_published_trials_is_that_of_metafor():
    a, b, c, d = np.array(TRIALS, dtype=float).T
    estimates = series(*np.log((a / (a + b)) / (c / (c + d))))
    errors = series(*np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))
    found = meta_intercept(estimates, errors)
    # > rma(yi, vi, data = escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg))
    assert (round(found.tau2, 4), round(found.mean, 4), round(found.se_mean, 4)) == (0.3132, -0.7145, 0.1798)
    assert (found.n, found.flag) == (13, "")


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=9), st.sampled_from([0.25, 1.0, 3.0]))
@settings(max_examples=50, deadline=None)
def test_with_equal_errors_the_closed_form_comes_out(numbers, error):
    estimates = series(*numbers)
    found = meta_intercept(estimates, series(*[error] * len(numbers)))
    between = float(estimates.var()) - error**2
    assert found.tau2 == pytest.approx(max(between, 0), rel=1e-10, abs=1e-12)
    assert (found.flag == "no_between_variance") == (found.tau2 == 0)
    assert found.mean == pytest.approx(estimates.mean(), abs=1e-12)
    assert found.se_mean == pytest.approx(math.sqrt((found.tau2 + error**2) / len(numbers)))


@given(st.lists(st.tuples(st.integers(-50, 50), st.sampled_from([0.01, 0.1, 1.0, 3.0, 10.0])), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_other_variance_is_more_likely(pairs):
    estimates, errors = series(*[pair[0] / 10 for pair in pairs]), series(*[pair[1] for pair in pairs])
    found = meta_intercept(estimates, errors)
    best = meta_deviance(estimates, errors, np.array([found.tau2]))[0]
    assert best <= meta_deviance(estimates, errors, FAR).min() + 1e-9
    assert (found.tau2 == 0) == (found.flag == "no_between_variance")


def test_of_two_valleys_among_estimates_the_lower_is_taken():
    estimates, errors = series(-0.51, -0.43, 2.95), series(0.1, 0.01, 1.0)
    curve = meta_deviance(estimates, errors, FAR)
    falls = np.diff(curve) < 0
    assert (np.diff(np.concatenate([[True], falls, [False]]).astype(int)) == -1).sum() == 2
    found = meta_intercept(estimates, errors)
    assert meta_deviance(estimates, errors, np.array([found.tau2]))[0] <= curve.min() + 1e-12


def test_each_estimate_is_shrunk_by_its_own_error():
    estimates, errors = series(1, 5, 2, 8, 3), series(0.5, 1, math.nan, 0.7, 0)
    fit, found = meta_intercept(estimates, errors), shrunken_estimates(estimates, errors)
    assert fit.n == 3
    assert found["case"].tolist() == ["c0", "c1", "c2", "c3", "c4"]
    reliability = fit.tau2 / (fit.tau2 + errors[["c0", "c1", "c3"]] ** 2)
    counted = found.loc[[0, 1, 3]]
    assert counted["reliability"].tolist() == pytest.approx(reliability.tolist())
    expected = fit.mean + reliability.to_numpy() * (counted["estimate"].to_numpy() - fit.mean)
    assert counted["eb_mean"].tolist() == pytest.approx(expected.tolist())
    assert found["flag"].tolist() == ["", "", "not_estimated", "", "no_sampling_error"]
    assert found.loc[[2, 4], ["eb_mean", "eb_se", "reliability"]].isna().all(axis=None)


def test_too_few_estimates_are_told():
    nobody = meta_intercept(series(math.nan), series(1))
    assert (nobody.n, nobody.flag, math.isnan(nobody.mean)) == (0, "no_estimates", True)
    alone = meta_intercept(series(2, 3), series(1, 0))
    assert (alone.mean, alone.n, alone.flag, math.isnan(alone.tau2)) == (2, 1, "one_case", True)
    assert shrunken_estimates(series(2), series(1))["flag"].tolist() == ["one_case"]


def test_equal_estimates_have_no_variance_between_and_say_so():
    found = meta_intercept(series(2, 2, 2), series(1, 2, 3))
    assert (found.mean, found.tau2, found.flag) == (2, 0, "no_between_variance")
    assert shrunken_estimates(series(2, 2), series(1, 2))["reliability"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("estimates", "errors", "told"),
    [
        (
            series(1, 2),
            series(1),
            "estimates and standard errors have different row labels; take both from the same table",
        ),
        (series(1, 2), series(1, -1), "standard errors must be 0 or more; found a negative one for case c1"),
        (
            pd.Series([1.0, 2.0], index=["a", "a"]),
            pd.Series([1.0, 2.0], index=["a", "a"]),
            "estimates has case 'a' more than once; keep one row for each case",
        ),
    ],
)
def test_estimates_that_cannot_be_used_are_refused(estimates, errors, told):
    with pytest.raises(StudyError) as caught:
        meta_intercept(estimates, errors)
    assert str(caught.value) == told
