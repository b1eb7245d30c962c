"""What must hold for any codings, and agreement with three independent packages on random ones."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nsi.methods import agreement as ag

N_CODES = 4
VALUES = [0.0, 1.0, 2.5, 7.0]
CLOSE: dict[str, Any] = {"rel": 1e-9, "abs": 1e-9, "nan_ok": True}

gapped = st.integers(0, 12).flatmap(
    lambda n: st.integers(1, 5).flatmap(
        lambda c: arrays(np.int64, (n, c), elements=st.integers(-1, N_CODES - 1))
    )
)
complete = st.integers(2, 12).flatmap(
    lambda n: st.integers(2, 5).flatmap(
        lambda c: arrays(np.int64, (n, c), elements=st.integers(0, N_CODES - 1))
    )
)
pairs = arrays(np.int64, st.tuples(st.integers(1, 15), st.just(2)), elements=st.integers(-1, N_CODES - 1))

NOMINAL = {
    "percent_agreement": ag.percent_agreement,
    "brennan_prediger": ag.brennan_prediger,
    "gwet_ac1": ag.gwet_ac1,
    "fleiss_kappa": ag.fleiss_kappa,
    "conger_kappa": ag.conger_kappa,
    "mean_cohen_kappa": ag.mean_cohen_kappa,
    "alpha": lambda rows, q: ag.krippendorff_alpha(rows, q, level="nominal"),
}
ORDERED = {
    **{f"ac2_{kind}": lambda rows, q, kind=kind: ag.gwet_ac2(rows, q, weights=kind) for kind in ag.WEIGHTS},
    **{
        f"conger_{kind}": lambda rows, q, kind=kind: ag.conger_kappa(rows, q, weights=kind)
        for kind in ag.WEIGHTS
    },
    **{
        f"alpha_{level}": lambda rows, q, level=level: ag.krippendorff_alpha(
            rows, q, level=level, values=VALUES
        )
        for level in ag.LEVELS
    },
}
ALL = NOMINAL | ORDERED


def numbers(estimate: ag.Estimate) -> list[float]:
    return [estimate.estimate, estimate.se]


@settings(max_examples=30, deadline=None)
@given(rows=gapped, seed=st.integers(0, 99))
def test_order_of_units_and_of_coders_and_names_of_codes_change_nothing(rows: np.ndarray, seed: int) -> None:
    shuffle = np.random.default_rng(seed)
    mixed = shuffle.permutation(shuffle.permutation(rows, axis=0), axis=1)
    renamed = np.append(shuffle.permutation(N_CODES), -1)[rows]
    for name, function in ALL.items():
        before = function(rows, N_CODES)
        after = function(mixed, N_CODES)
        assert numbers(after) == pytest.approx(numbers(before), **CLOSE), name
        assert after[6:] == before[6:]
    for name, function in NOMINAL.items():
        assert numbers(function(renamed, N_CODES)) == pytest.approx(
            numbers(function(rows, N_CODES)), **CLOSE
        ), name


@settings(max_examples=30, deadline=None)
@given(rows=gapped)
def test_order_of_units_and_coders_does_not_change_a_single_bit_where_coders_are_alike(
    rows: np.ndarray,
) -> None:
    for name, function in ALL.items():
        if not name.startswith(("conger", "mean")):
            flipped = function(rows[::-1, ::-1], N_CODES)
            assert str(flipped) == str(function(rows, N_CODES)), name


@settings(max_examples=30, deadline=None)
@given(rows=gapped)
def test_a_unit_or_a_coder_without_codes_changes_nothing(rows: np.ndarray) -> None:
    wider = np.pad(rows, ((1, 2), (1, 1)), constant_values=-1)
    for name, function in ALL.items():
        before, after = function(rows, N_CODES), function(wider, N_CODES)
        assert numbers(after) == pytest.approx(numbers(before), **CLOSE), name
        assert after[6:] == before[6:]


@settings(max_examples=30, deadline=None)
@given(rows=gapped)
def test_estimates_stay_in_range_or_are_missing_with_a_flag(rows: np.ndarray) -> None:
    for name, function in ALL.items():
        found = function(rows, N_CODES)
        assert np.isnan(found.estimate) == (found.flag != ""), name
        assert np.isnan(found.estimate) or found.estimate <= 1 + 1e-12, name
        assert np.isnan(found.se) or found.se >= 0, name
        if name == "percent_agreement" and not found.flag:
            assert found.estimate >= 0
        if name in ("brennan_prediger", "gwet_ac1", "mean_cohen_kappa") and not found.flag:
            assert found.estimate >= -1 - 1e-12


@settings(max_examples=30, deadline=None)
@given(rows=complete)
def test_alpha_is_fleiss_kappa_with_its_small_sample_term_on_complete_data(rows: np.ndarray) -> None:
    alpha, kappa = NOMINAL["alpha"](rows, N_CODES), ag.fleiss_kappa(rows, N_CODES)
    if not alpha.flag:
        assert 1 - alpha.estimate == pytest.approx((1 - kappa.estimate) * (1 - 1 / rows.size))


@settings(max_examples=30, deadline=None)
@given(rows=pairs)
def test_for_two_coders_alpha_is_scott_pi_with_its_small_sample_term(rows: np.ndarray) -> None:
    alpha, pi = NOMINAL["alpha"](rows, N_CODES), ag.scott_pi(rows, N_CODES)
    assert alpha.flag in (pi.flag, "empty", "single_coder", "no_overlap")
    if not alpha.flag:
        assert 1 - alpha.estimate == pytest.approx((1 - pi.estimate) * (1 - 1 / (2 * alpha.n_pairable)))


@settings(max_examples=30, deadline=None)
@given(rows=gapped)
def test_weights_that_only_know_equal_codes_give_the_plain_coefficient(rows: np.ndarray) -> None:
    plain, same = ag.gwet_ac1(rows, N_CODES), ag.gwet_ac2(rows, N_CODES, weights=np.eye(N_CODES))
    assert numbers(same) == pytest.approx(numbers(plain), **CLOSE)
    nominal, own = NOMINAL["alpha"](rows, N_CODES), ag.distance_alpha(rows, 1 - np.eye(N_CODES))
    assert numbers(own) == pytest.approx(numbers(nominal), **CLOSE)
    squares = np.subtract.outer(VALUES, VALUES) ** 2
    interval, by_table = ORDERED["alpha_interval"](rows, N_CODES), ag.distance_alpha(rows, squares)
    assert numbers(by_table) == pytest.approx(numbers(interval), **CLOSE)


@settings(max_examples=30, deadline=None)
@given(rows=complete)
def test_on_two_coders_conger_and_the_mean_over_pairs_are_cohen(rows: np.ndarray) -> None:
    two = rows[:, :2]
    for weights in ag.WEIGHTS:
        cohen = ag.cohen_kappa(two, N_CODES, weights=weights, se_method="gwet_linearisation")
        assert numbers(ag.conger_kappa(two, N_CODES, weights=weights)) == pytest.approx(
            numbers(cohen), **CLOSE
        )
        mean = ag.mean_cohen_kappa(two, N_CODES, weights=weights)
        assert mean.estimate == pytest.approx(cohen.estimate, **CLOSE)


@settings(max_examples=30, deadline=None)
@given(rows=complete)
def test_weights_do_not_matter_for_two_codes(rows: np.ndarray) -> None:
    binary = (rows > 1).astype(np.int64)
    for weights in ("linear", "quadratic", "ordinal"):
        plain, weighted = ag.conger_kappa(binary, 2), ag.conger_kappa(binary, 2, weights=weights)
        assert numbers(weighted) == pytest.approx(numbers(plain), **CLOSE)
    levels = [ag.krippendorff_alpha(binary, 2, level=level, values=[0, 1]).estimate for level in ag.LEVELS]
    assert levels == pytest.approx([levels[0]] * 4, **CLOSE)


@settings(max_examples=30, deadline=None)
@given(rows=gapped)
def test_agreement_is_the_mean_share_of_agreeing_pairs_counted_one_by_one(rows: np.ndarray) -> None:
    shares = []
    for unit in rows:
        said = [code for code in unit if code >= 0]
        if len(said) > 1:
            shares.append(np.mean([one == other for one, other in combinations(said, 2)]))
    found = ag.percent_agreement(rows, N_CODES)
    if not found.flag:
        assert found.estimate == pytest.approx(np.mean(shares))
        assert found.n_pairable == len(shares)


@settings(max_examples=30, deadline=None)
@given(rows=complete)
def test_perfect_agreement_is_one_and_its_error_zero(rows: np.ndarray) -> None:
    same = np.repeat(rows[:, :1], rows.shape[1], axis=1)
    for name, function in ALL.items():
        found = function(same, N_CODES)
        if not found.flag:
            assert found.estimate == pytest.approx(1.0), name
            assert np.isnan(found.se) or found.se == pytest.approx(0.0, abs=1e-9), name


@settings(max_examples=25, deadline=None)
@given(rows=gapped)
def test_alpha_is_that_of_the_krippendorff_package(rows: np.ndarray) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    nominal = NOMINAL["alpha"](rows, N_CODES)
    if nominal.flag:  # the package raises or divides by zero on these
        return
    points = np.append(VALUES, np.nan)[rows].T
    for level in ag.LEVELS:
        theirs = krippendorff.alpha(reliability_data=points, level_of_measurement=level)
        assert ORDERED[f"alpha_{level}"](rows, N_CODES).estimate == pytest.approx(theirs, **CLOSE), level


@settings(max_examples=25, deadline=None)
@given(rows=complete)
def test_kappas_are_those_of_nltk(rows: np.ndarray) -> None:
    agreement = pytest.importorskip("nltk.metrics.agreement")
    if NOMINAL["alpha"](rows, N_CODES).flag:
        return
    triples = [(coder, unit, int(code)) for (unit, coder), code in np.ndenumerate(rows)]
    task = agreement.AnnotationTask(data=triples)
    assert ag.percent_agreement(rows, N_CODES).estimate == pytest.approx(task.avg_Ao(), **CLOSE)
    assert NOMINAL["alpha"](rows, N_CODES).estimate == pytest.approx(task.alpha(), **CLOSE)
    assert ag.fleiss_kappa(rows, N_CODES).estimate == pytest.approx(task.pi(), **CLOSE)
    assert ag.conger_kappa(rows, N_CODES).estimate == pytest.approx(task.multi_kappa(), **CLOSE)


@settings(max_examples=25, deadline=None)
@given(rows=complete)
def test_kappas_are_those_of_statsmodels(rows: np.ndarray) -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    if NOMINAL["alpha"](rows, N_CODES).flag:
        return
    counts = np.stack([(rows == code).sum(axis=1) for code in range(N_CODES)], axis=1)
    fleiss, uniform = inter_rater.fleiss_kappa(counts), inter_rater.fleiss_kappa(counts, method="randolph")
    assert ag.fleiss_kappa(rows, N_CODES).estimate == pytest.approx(fleiss, **CLOSE)
    assert ag.brennan_prediger(rows, N_CODES).estimate == pytest.approx(uniform, **CLOSE)
    table = np.zeros((N_CODES, N_CODES))
    np.add.at(table, (rows[:, 0], rows[:, 1]), 1)
    if len(np.unique(rows[:, :2])) > 1:
        for ours, theirs in (("identity", None), ("linear", "linear"), ("quadratic", "quadratic")):
            with np.errstate(all="ignore"):  # it divides by an error of 0 on the way
                expected = inter_rater.cohens_kappa(table, wt=theirs)
            found = ag.cohen_kappa(rows[:, :2], N_CODES, weights=ours)
            assert found.estimate == pytest.approx(expected.kappa, **CLOSE)
            null = ag.cohen_kappa(
                rows[:, :2], N_CODES, weights=ours, se_method="fleiss_cohen_everitt_1969_null"
            )
            # variances, because the root of what rounding leaves of a 0 is not small
            assert found.se**2 == pytest.approx(expected.var_kappa, abs=1e-12)
            assert null.se**2 == pytest.approx(expected.var_kappa0, abs=1e-12)
