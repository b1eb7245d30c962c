"""One-factor omega: the maximum it finds, what it says when there is none, a second opinion by statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.multivariate.factor import Factor

from nsi.methods.scales import one_factor_omega, within_omega
from nsi.methods.scales.cross_products import CrossProducts, Floats
from nsi.methods.scales.omega import omegas_of
from nsi.methods.scales.one_factor import fit_one_factor


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def drawn(loadings: list[float], uniquenesses: list[float], n: int, seed: int) -> pd.DataFrame:
    """Answers of n respondents that follow one factor."""
    random = generator(seed)
    own = random.normal(size=(n, len(loadings))) * np.sqrt(uniquenesses)
    values = random.normal(size=(n, 1)) * np.array(loadings) + own
    return pd.DataFrame(values, columns=[f"item_{place}" for place in range(len(loadings))])


def answers_with(correlation: Floats, n: int = 200) -> pd.DataFrame:
    """Answers whose correlations are exactly these."""
    values = generator(7).normal(size=(n, len(correlation)))
    values = values - values.mean(axis=0)
    q, _ = np.linalg.qr(values)
    return pd.DataFrame(q @ np.linalg.cholesky(correlation).T).add_prefix("item_")


def correlations(*above: float) -> Floats:
    """Matrix of correlations from what stands above the diagonal, row by row."""
    k = int((1 + np.sqrt(1 + 8 * len(above))) / 2)
    matrix = np.eye(k)
    matrix[np.triu_indices(k, 1)] = above
    return matrix + matrix.T - np.eye(k)


@pytest.mark.parametrize("k", [3, 4, 6, 11])
def test_omega_is_that_of_statsmodels(k: int) -> None:
    answers = drawn(list(np.linspace(0.4, 1.2, k)), list(np.linspace(1.0, 0.5, k)), 300, seed=k)
    found = one_factor_omega(answers)
    other = Factor(answers.to_numpy(), n_factor=1, method="ml").fit()
    sd = answers.std(ddof=0).to_numpy()
    loading = np.abs(other.loadings[:, 0]) * sd
    own = other.uniqueness * sd**2
    assert found.flag == ""
    assert found.loadings.to_numpy() == pytest.approx(loading, abs=1e-4)
    assert found.uniquenesses.to_numpy() == pytest.approx(own, abs=1e-4)
    assert found.estimate == pytest.approx(loading.sum() ** 2 / (loading.sum() ** 2 + own.sum()), abs=1e-4)


def test_three_items_have_a_closed_form() -> None:
    """With three items the model is exact: the first loading squared is r12 r13 / r23."""
    found = one_factor_omega(answers_with(correlations(0.42, 0.35, 0.30)))
    loadings = np.sqrt([0.42 * 0.35 / 0.30, 0.42 * 0.30 / 0.35, 0.35 * 0.30 / 0.42])
    omega = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert found.estimate == pytest.approx(omega, abs=1e-9)
    assert (found.loadings / found.loadings.iloc[0]).to_numpy() == pytest.approx(loadings / loadings[0], abs=1e-9)


def test_many_respondents_of_one_factor_give_the_omega_they_were_drawn_with() -> None:
    loadings, own = [0.5, 0.9, 1.3, 0.7], [1.0, 0.4, 0.8, 1.2]
    found = one_factor_omega(drawn(loadings, own, 200_000, seed=11))
    common = np.sum(loadings) ** 2
    assert found.estimate == pytest.approx(common / (common + np.sum(own)), abs=0.003)
    assert found.loadings.to_numpy() == pytest.approx(loadings, abs=0.02)
    assert found.uniquenesses.to_numpy() == pytest.approx(own, abs=0.02)


def test_the_end_is_a_minimum() -> None:
    """No small step in any direction finds a better fit."""
    correlation = drawn([0.5, 0.9, 1.3, 0.7, 0.6], [1.0] * 5, 60, seed=5).corr().to_numpy()
    found = fit_one_factor(correlation[None])

    def misfit(loadings: Floats, uniquenesses: Floats) -> float:
        model = np.outer(loadings, loadings) + np.diag(uniquenesses)
        return float(np.linalg.slogdet(model)[1] + np.trace(correlation @ np.linalg.inv(model)))

    best = misfit(found.loadings[0], found.uniquenesses[0])
    assert found.converged[0]
    random = generator(6)
    for size in (1e-1, 1e-2, 1e-3):
        for _ in range(200):
            a, b = random.normal(size=(2, 5)) * size
            assert misfit(found.loadings[0] + a, found.uniquenesses[0] + b) > best


def test_sets_do_not_influence_each_other() -> None:
    """The hard ones among them, neither."""
    kinds = [correlations(0.4, 0.3, 0.2), correlations(0.8, 0.7, 0.3), correlations(0.5, 0.5, 0.0)]
    products = CrossProducts(np.stack(kinds) * 50, np.full((3, 3, 3), 50.0))
    together = omegas_of(products, np.full(3, 49))
    for place in range(3):
        alone = omegas_of(CrossProducts(*(part[[place]] for part in products)), np.array([49]))
        assert np.array_equal(together.loadings[[place]], alone.loadings, equal_nan=True)
        assert np.array_equal(together.estimate[[place]], alone.estimate, equal_nan=True)
        assert together.flag[place] == alone.flag[0]


def test_omega_follows_reversal_of_all_items_and_ignores_units() -> None:
    answers = drawn([0.5, 0.9, 1.3, 0.7], [1.0] * 4, 100, seed=8)
    found = one_factor_omega(answers)
    assert one_factor_omega(-answers).estimate == pytest.approx(found.estimate, abs=1e-9)
    assert one_factor_omega(answers * 1000 + 5).estimate == pytest.approx(found.estimate, abs=1e-9)
    assert one_factor_omega(answers * 1000).loadings.to_numpy() == pytest.approx(found.loadings * 1000, rel=1e-6)


# --- where there is no omega, or one to be read with care


def undefined(answers: pd.DataFrame, flag: str) -> None:
    found = one_factor_omega(answers)
    assert found.flag == flag
    assert np.isnan(found.estimate)
    assert found.loadings.isna().all()
    assert found.uniquenesses.isna().all()


def test_two_items_are_too_few() -> None:
    undefined(drawn([0.8, 0.9], [1.0, 1.0], 100, seed=1), "too_few_items")


def test_no_item_at_all_is_too_few() -> None:
    undefined(pd.DataFrame(index=range(5)), "too_few_items")


def test_one_complete_respondent_is_too_few() -> None:
    answers = drawn([0.8, 0.9, 0.7], [1.0] * 3, 20, seed=1)
    answers.iloc[1:, 0] = np.nan
    undefined(answers, "too_few_rows")
    assert one_factor_omega(answers).n == 1
    undefined(answers.iloc[:0], "too_few_rows")


def test_an_item_that_all_answered_alike_is_named() -> None:
    undefined(drawn([0.8, 0.9, 0.7], [1.0] * 3, 20, seed=1).assign(item_1=4.0), "constant_item")


def test_an_item_that_repeats_another_is_named() -> None:
    answers = drawn([0.8, 0.9, 0.7], [1.0] * 3, 20, seed=1)
    undefined(answers.assign(item_2=2 * answers["item_1"] + 1), "singular")


def test_no_more_respondents_than_items_determine_nothing() -> None:
    undefined(drawn([0.8, 0.9, 0.7, 0.8], [1.0] * 4, 4, seed=1), "singular")


def test_an_item_unrelated_to_the_others_leaves_no_best_factor() -> None:
    """Only two items are related: any split of their correlation into two loadings fits alike."""
    undefined(answers_with(correlations(0.5, 0.0, 0.0)), "not_converged")


def test_loadings_that_run_off_to_infinity_are_not_converged() -> None:
    """r12 r13 / r23 with r23 = 0: the fit improves for ever as the first loading grows."""
    undefined(answers_with(correlations(0.5, 0.5, 0.0)), "not_converged")


def test_a_uniqueness_below_zero_is_flagged_and_estimated_as_unbounded() -> None:
    """r12 r13 / r23 = 1.2 is more than the first item's variance."""
    found = one_factor_omega(answers_with(correlations(0.6, 0.6, 0.3)))
    loadings = np.sqrt([1.2, 0.3, 0.3])
    assert found.flag == "heywood"
    assert found.uniquenesses.iloc[0] < 0
    total = loadings.sum() ** 2 + (1 - loadings**2).sum()
    assert found.estimate == pytest.approx(loadings.sum() ** 2 / total, abs=1e-9)


def test_uniquenesses_that_sum_to_less_than_zero_give_no_omega() -> None:
    """A share of the variance above 1 is no share."""
    found = one_factor_omega(answers_with(correlations(0.6, 0.6, 0.1)))
    assert found.flag == "heywood"
    assert found.uniquenesses.sum() < 0
    assert np.isnan(found.estimate)


def test_an_item_that_runs_against_the_others_is_flagged() -> None:
    answers = drawn([0.9, 0.9, 0.9, -0.8], [1.0] * 4, 500, seed=2)
    found = one_factor_omega(answers)
    assert found.flag == "negative_loading"
    assert found.loadings.iloc[3] < 0 < found.loadings.iloc[:3].min()
    total = found.loadings.sum() ** 2
    assert found.estimate == pytest.approx(total / (total + found.uniquenesses.sum()), abs=1e-12)
    assert found.estimate < one_factor_omega(answers.assign(item_3=-answers["item_3"])).estimate


@pytest.mark.parametrize("n", [6, 8, 12])
def test_small_random_groups_give_a_share_or_a_flag_never_another_number(n: int) -> None:
    values = generator(n).integers(1, 6, size=(300, n, 4)).astype(np.float64)
    near = values - values.mean(axis=1, keepdims=True)
    sums = np.einsum("gni,gnj->gij", near, near)
    found = omegas_of(CrossProducts(sums, np.full(sums.shape, n)), np.full(300, n - 1))
    flags = np.array(found.flag)
    given = ~np.isnan(found.estimate)
    assert ((found.estimate[given] >= 0) & (found.estimate[given] <= 1)).all()
    assert set(flags[given]) <= {"", "heywood", "negative_loading"}
    assert "" not in flags[~given]
    assert {"", "heywood", "not_converged"} <= set(flags)  # such small groups show all of these
    assert (found.uniquenesses[flags == ""] > 0).all()


# --- within cases


def test_within_omega_is_that_of_deviations_from_case_means() -> None:
    answers = drawn([0.5, 0.9, 1.3, 0.7], [1.0] * 4, 90, seed=3)
    cases = pd.Series(np.repeat(["a", "b", "c"], 30))
    deviations = answers - answers.groupby(cases).transform("mean")
    moved = answers + np.repeat([0.0, 10.0, -4.0], 30)[:, None]
    found = within_omega(moved, cases)
    assert found.estimate == pytest.approx(one_factor_omega(deviations).estimate, abs=1e-9)
    assert found.n == 90
    assert one_factor_omega(moved).estimate > 0.98  # between cases, all items move together


def test_cases_of_one_respondent_hold_no_differences() -> None:
    answers = drawn([0.5, 0.9, 1.3], [1.0] * 3, 5, seed=3)
    found = within_omega(answers, pd.Series(list("abcde")))
    assert found.flag == "too_few_rows"
    assert np.isnan(found.estimate)
