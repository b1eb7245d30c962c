"""Intervals by resampling: what is drawn, what is counted, what must not change them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nsi.errors import StudyError
from nsi.methods import agreement as ag
from nsi.methods.agreement import resampling as module
from nsi.methods.agreement import sums

ALPHA = ag.alpha_of("nominal", 3)
ORDINAL = ag.alpha_of("ordinal", 3, name="krippendorff_alpha_ordinal")
CONGER = ag.coefficient_named("conger_kappa", level="ordinal", n_codes=3)
MEAN = ag.coefficient_named("mean_cohen_kappa_linear", level="ordinal", n_codes=3)
AC2 = ag.coefficient_named("gwet_ac2_quadratic", level="ordinal", n_codes=3)
EVERY = [ALPHA, ORDINAL, CONGER, MEAN, AC2]


def codings(n_units: int = 60, n_coders: int = 3, noise: float = 0.3, seed: int = 3) -> np.ndarray:
    generator = np.random.default_rng(seed)
    true = generator.integers(0, 3, size=(n_units, 1))
    rows = np.where(
        generator.random((n_units, n_coders)) < noise, generator.integers(0, 3, (n_units, n_coders)), true
    )
    return np.where(generator.random(rows.shape) < 0.15, -1, rows)


def drawn_by_hand(rows: np.ndarray, coefficient: ag.Coefficient, replicates: int, seed: int) -> np.ndarray:
    """Resample units one replicate at a time and compute each from the start."""
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(replicates):
        sample = rows[generator.integers(0, len(rows), size=len(rows))]
        data = ag.coded(sample, 3, by_coder=coefficient.by_coder)
        values.append(ag.estimated(coefficient, data).estimate)
    return np.array(values)


@pytest.mark.parametrize("coefficient", EVERY, ids=lambda one: one.name)
def test_intervals_are_those_of_a_resampling_done_one_replicate_at_a_time(
    coefficient: ag.Coefficient,
) -> None:
    rows = codings()
    found = ag.bootstrap(rows, 3, [coefficient], replicates=2000, seed=5)[coefficient.name]
    by_hand = drawn_by_hand(rows, coefficient, 600, seed=6)
    assert [found.low, found.high] == pytest.approx(np.quantile(by_hand, [0.025, 0.975]), abs=0.03)
    assert found.replicates.mean() == pytest.approx(by_hand.mean(), abs=0.015)
    assert found.replicates.std() == pytest.approx(by_hand.std(), rel=0.12)


@pytest.mark.parametrize("coefficient", EVERY, ids=lambda one: one.name)
@pytest.mark.parametrize("cluster", [None, np.arange(60) // 4], ids=["units", "clusters"])
def test_each_replicate_is_the_estimate_of_the_units_that_were_drawn(
    coefficient: ag.Coefficient, cluster: np.ndarray | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, weights, draw = codings(), [], module._drawn

    def watched(*args: Any) -> Iterator[tuple[slice, np.ndarray]]:
        for here, block in draw(*args):
            weights.append(block)
            yield here, block

    monkeypatch.setattr(module, "_drawn", watched)
    found = ag.bootstrap(rows, 3, [coefficient], replicates=20, seed=5, cluster=cluster)[coefficient.name]
    seen = rows[(rows >= 0).any(axis=1)]
    data = ag.coded(seen, 3, by_coder=coefficient.by_coder)
    for replicate, times in zip(found.replicates, np.concatenate(weights).astype(int), strict=True):
        if cluster is None:
            sample = np.repeat(data.rows, times, axis=0)
        else:
            sample = np.repeat(seen, times[cluster[(rows >= 0).any(axis=1)]], axis=0)
        again = ag.estimated(coefficient, ag.coded(sample.astype(int), 3, by_coder=coefficient.by_coder))
        assert replicate == pytest.approx(again.estimate, abs=1e-12)


def test_same_seed_same_bits_and_what_else_is_asked_does_not_matter() -> None:
    rows = codings()
    alone = ag.bootstrap(rows, 3, [ALPHA], replicates=300, seed=11)[ALPHA.name]
    among = ag.bootstrap(rows, 3, EVERY, replicates=300, seed=11)
    assert list(among) == [one.name for one in EVERY]
    assert alone.replicates.tobytes() == among[ALPHA.name].replicates.tobytes()
    other = ag.bootstrap(rows, 3, [ALPHA], replicates=300, seed=12)[ALPHA.name]
    assert not np.array_equal(alone.replicates, other.replicates)


def test_order_of_units_does_not_change_a_bit_of_the_interval() -> None:
    rows = codings()
    first = ag.bootstrap(rows, 3, [ALPHA, ORDINAL, AC2], replicates=200, seed=1)
    second = ag.bootstrap(rows[::-1], 3, [ALPHA, ORDINAL, AC2], replicates=200, seed=1)
    for name, interval in first.items():
        assert interval.replicates.tobytes() == second[name].replicates.tobytes()


def test_blocks_and_sparse_sums_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = codings(200)
    whole = ag.bootstrap(rows, 3, [ALPHA, CONGER], replicates=100, seed=1)
    monkeypatch.setattr(module, "BLOCK", 500)
    monkeypatch.setattr(sums, "BLOCK", 50)
    blocks = ag.bootstrap(rows, 3, [ALPHA, CONGER], replicates=100, seed=1)
    monkeypatch.setattr(sums, "SPARSE", 0)
    sparse = ag.bootstrap(rows, 3, [ALPHA, CONGER], replicates=100, seed=1)
    for name, interval in whole.items():
        assert interval.replicates.tobytes() == blocks[name].replicates.tobytes()
        assert interval.replicates.tobytes() == sparse[name].replicates.tobytes()


def test_clusters_of_single_units_give_the_interval_of_units() -> None:
    rows = codings(300)
    units = ag.bootstrap(rows, 3, [ALPHA], replicates=3000, seed=1)[ALPHA.name]
    single = ag.bootstrap(rows, 3, [ALPHA], replicates=3000, seed=1, cluster=np.arange(300))[ALPHA.name]
    assert [single.low, single.high] == pytest.approx([units.low, units.high], abs=0.012)


def test_units_that_repeat_each_other_within_clusters_widen_the_interval() -> None:
    rows = np.repeat(codings(40), 10, axis=0)
    units = ag.bootstrap(rows, 3, [ALPHA], replicates=500, seed=1)[ALPHA.name]
    clusters = ag.bootstrap(rows, 3, [ALPHA], replicates=500, seed=1, cluster=np.repeat(np.arange(40), 10))[
        ALPHA.name
    ]
    assert clusters.high - clusters.low > 2 * (units.high - units.low)


def test_names_of_clusters_may_be_text_and_units_nobody_coded_are_never_drawn() -> None:
    rows, cluster = codings(), np.arange(60) // 4
    numbered = ag.bootstrap(rows, 3, [ALPHA], replicates=50, seed=1, cluster=cluster)[ALPHA.name]
    names = np.array([f"d{number:02d}" for number in cluster])
    wider = np.concatenate([rows, np.full((8, 3), -1)])
    text = ag.bootstrap(wider, 3, [ALPHA], replicates=50, seed=1, cluster=np.concatenate([names, ["x"] * 8]))[
        ALPHA.name
    ]
    assert text.replicates.tobytes() == numbered.replicates.tobytes()


def test_replicates_without_variation_are_counted_and_left_out() -> None:
    rows = np.array([[1, 1]] * 11 + [[0, 1]])
    found = ag.bootstrap(rows, 2, [ALPHA], replicates=4000, seed=2, cutoffs=(0.667, 0.8))[ALPHA.name]
    without = np.isnan(found.replicates)
    assert found.n_undefined == without.sum()
    assert found.n_undefined / 4000 == pytest.approx(
        (11 / 12) ** 12, abs=0.03
    )  # the one odd unit never drawn
    assert found.high < 1
    assert found.shares_below == (1.0, 1.0)


def test_shares_below_the_cut_offs_are_shares_of_defined_replicates() -> None:
    found = ag.bootstrap(codings(), 3, [ALPHA], replicates=500, seed=2, cutoffs=(0.4, 0.667))[ALPHA.name]
    assert list(found.shares_below) == [np.mean(found.replicates < 0.4), np.mean(found.replicates < 0.667)]
    assert 0 < found.shares_below[0] < found.shares_below[1] <= 1


def test_nothing_is_claimed_from_one_unit_one_cluster_or_no_estimate() -> None:
    for rows, cluster in (([[0, 1]], None), (codings(), np.zeros(60)), (np.ones((5, 2), dtype=int), None)):
        found = ag.bootstrap(rows, 3, [ALPHA], replicates=20, seed=1, cutoffs=(0.8,), cluster=cluster)[
            ALPHA.name
        ]
        assert np.isnan([found.low, found.high, *found.shares_below]).all()
    assert found.n_undefined == 20
    empty = ag.bootstrap(np.zeros((0, 2), dtype=int), 3, [ALPHA], replicates=20, seed=1, cluster=[])[
        ALPHA.name
    ]
    assert empty.n_undefined == 20


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"replicates": 0}, "a bootstrap needs at least 1 replicate; found 0"),
        ({"confidence": 95}, "confidence must lie between 0 and 1, for example 0.95; found 95"),
        ({"cluster": [1, 2]}, "cluster must name one cluster for each of 60 units; found shape (2,)"),
    ],
)
def test_a_wrong_request_is_refused_in_words(changed: dict[str, object], message: str) -> None:
    settings: dict[str, Any] = {"replicates": 10, "seed": 1, **changed}
    with pytest.raises(StudyError) as error:
        ag.bootstrap(codings(), 3, [ALPHA], **settings)
    assert message in str(error.value)
