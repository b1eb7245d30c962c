"""Coefficients of agreement: published values, identities between coefficients, inputs that break others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nsi.errors import StudyError
from nsi.methods import agreement as ag

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 12 units, 4 observers, 0 a gap.
OBSERVERS = (
    np.array(
        [[1, 1, 0, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
         [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [0, 5, 5, 5], [0, 0, 1, 1], [0, 0, 3, 0]]
    ) - 1
)  # fmt: skip
# The same paper, section A: two observers, binary; section B: two observers, five codes.
BINARY = np.array([list(map(int, "0100000010")), list(map(int, "1110010000"))]).T
LETTERS = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
# Fleiss (1971), Psychological Bulletin 76, table 1: how many of 6 psychiatrists gave each diagnosis.
DIAGNOSES = np.array(
    [[0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
     [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
     [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
     [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
     [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6]]
)  # fmt: skip
COEFFICIENTS = {
    "percent_agreement": ag.percent_agreement,
    "brennan_prediger": ag.brennan_prediger,
    "gwet_ac1": ag.gwet_ac1,
    "fleiss_kappa": ag.fleiss_kappa,
    "conger_kappa": ag.conger_kappa,
    "mean_cohen_kappa": ag.mean_cohen_kappa,
    "krippendorff_alpha": lambda rows, q: ag.krippendorff_alpha(rows, q, level="nominal"),
    "krippendorff_alpha_ordinal": lambda rows, q: ag.krippendorff_alpha(rows, q, level="ordinal"),
}
every_coefficient = pytest.mark.parametrize("name", COEFFICIENTS)


def two_way(both: int, first_only: int, second_only: int, neither: int) -> np.ndarray:
    """Codings of two coders from a two-by-two table."""
    return np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], [both, first_only, second_only, neither], axis=0)


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_four_observers_is_the_published_one_at_every_level(level: str, published: float) -> None:
    found = ag.krippendorff_alpha(OBSERVERS, 5, level=level, values=[1, 2, 3, 4, 5])
    assert found.estimate == pytest.approx(published, abs=5e-4)  # Krippendorff (2011), sections D and E
    assert (found.n_units, found.n_pairable, found.n_ratings, found.n_coders) == (12, 11, 41, 4)


def test_alpha_of_two_observers_is_the_published_one() -> None:
    letters = ag.code_positions(LETTERS, list("abcde"))
    assert ag.krippendorff_alpha(BINARY, 2, level="nominal").estimate == pytest.approx(0.095, abs=5e-4)
    assert ag.krippendorff_alpha(letters, 5, level="nominal").estimate == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(
    ("found", "published", "error"),
    [  # Gwet (2014), the data of OBSERVERS; standard errors from the same table, to five digits
        (ag.gwet_ac1(OBSERVERS, 5), 0.77544, 0.14295),
        (ag.brennan_prediger(OBSERVERS, 5), 0.77273, 0.14472),
        (ag.fleiss_kappa(OBSERVERS, 5), 0.76117, 0.15302),
        (ag.conger_kappa(OBSERVERS, 5), 0.76282, 0.14917),
        (ag.krippendorff_alpha(OBSERVERS, 5, level="nominal"), 0.74342, 0.14557),
        (ag.gwet_ac2(OBSERVERS, 5, weights="ordinal"), 0.89894, 0.10690),
    ],
    ids=lambda part: part.coefficient if isinstance(part, ag.Estimate) else "",
)
def test_gwet_published_these_estimates_and_errors(
    found: ag.Estimate, published: float, error: float
) -> None:
    assert found.estimate == pytest.approx(published, abs=5.1e-6)
    assert found.se == pytest.approx(error, abs=5.1e-6)
    assert found.se_method == "gwet_linearisation"


def test_fleiss_kappa_of_psychiatric_diagnoses_is_the_published_one() -> None:
    assert ag.fleiss_kappa(ag.positions_from_counts(DIAGNOSES), 5).estimate == pytest.approx(0.430, abs=5e-4)


def test_cohen_kappa_is_the_one_of_hallgren_2012() -> None:
    # Hallgren (2012), Tutorials in Quantitative Methods for Psychology 8, table 2: 42, 13, 8, 37; kappa .58
    found = ag.cohen_kappa(two_way(42, 13, 8, 37), 2)
    assert found.estimate == pytest.approx(0.58, abs=5e-3)
    assert found.estimate - 1.96 * found.se == pytest.approx(0.42, abs=5e-3)
    assert found.estimate + 1.96 * found.se == pytest.approx(0.74, abs=5e-3)


def test_weighted_and_plain_kappa_differ_on_more_than_two_codes_only() -> None:
    binary, five = two_way(42, 13, 8, 37), OBSERVERS[:, [1, 2]]
    for weights in ("linear", "quadratic", "ordinal"):
        plain, weighted = ag.cohen_kappa(binary, 2), ag.cohen_kappa(binary, 2, weights=weights)
        assert weighted.estimate == pytest.approx(plain.estimate, abs=1e-12)
        assert weighted.se == pytest.approx(plain.se, abs=1e-12)
        assert ag.cohen_kappa(five, 5, weights=weights).estimate > ag.cohen_kappa(five, 5).estimate + 0.1


def test_weights_are_the_published_formulas() -> None:
    # Gwet (2014), chapter 3, five codes: 1 - |k - l| / 4; 1 - (k - l)^2 / 16; 1 - pairs within the step / 10
    first_row = {
        "identity": [1, 0, 0, 0, 0],
        "linear": [1, 3 / 4, 2 / 4, 1 / 4, 0],
        "quadratic": [1, 15 / 16, 12 / 16, 7 / 16, 0],
        "ordinal": [1, 9 / 10, 7 / 10, 4 / 10, 0],
    }
    for kind, row in first_row.items():
        assert ag.agreement_weights(kind, 5)[0] == pytest.approx(row)
    assert ag.agreement_weights("linear", 3, [0, 1, 10])[0] == pytest.approx([1, 0.9, 0])


def test_the_codebook_and_not_the_data_says_how_many_codes_there_are() -> None:
    for name in ("brennan_prediger", "gwet_ac1"):
        assert COEFFICIENTS[name](OBSERVERS, 6).estimate > COEFFICIENTS[name](OBSERVERS, 5).estimate
    for name in ("fleiss_kappa", "conger_kappa", "krippendorff_alpha"):
        assert COEFFICIENTS[name](OBSERVERS, 6).estimate == COEFFICIENTS[name](OBSERVERS, 5).estimate


def test_scott_pi_is_fleiss_kappa_of_the_units_both_coded() -> None:
    pair = OBSERVERS[:, [0, 1]]
    complete = ag.complete_rows(pair, 5)
    assert len(complete) == 9
    assert ag.scott_pi(pair, 5).estimate == ag.fleiss_kappa(complete, 5).estimate
    assert ag.scott_pi(pair, 5).estimate != ag.fleiss_kappa(pair, 5).estimate


def test_the_mean_over_pairs_is_the_mean_of_the_table_of_pairs() -> None:
    pairs = ag.pairwise_cohen(OBSERVERS, 5)
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for pair in pairs:
        alone = ag.cohen_kappa(OBSERVERS[:, [pair.first, pair.second]], 5)
        assert pair.kappa == pytest.approx(alone.estimate, abs=1e-12)
        assert pair.n_units == alone.n_units
    mean = np.mean([pair.kappa for pair in pairs])
    assert ag.mean_cohen_kappa(OBSERVERS, 5).estimate == pytest.approx(mean, abs=1e-12)


def test_a_pair_without_variation_is_named_and_left_out_of_the_mean() -> None:
    rows = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0], [-1, 0, 1], [-1, 1, 1]])
    flags = {(pair.first, pair.second): pair.flag for pair in ag.pairwise_cohen(rows, 2)}
    assert flags == {(0, 1): "no_variation", (0, 2): "", (1, 2): ""}
    defined = [pair.kappa for pair in ag.pairwise_cohen(rows, 2) if not pair.flag]
    assert ag.mean_cohen_kappa(rows, 2).estimate == pytest.approx(np.mean(defined))


@every_coefficient
@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        pytest.param(np.zeros((0, 3), dtype=int), "empty", id="no units"),
        pytest.param(np.zeros((3, 0), dtype=int), "empty", id="no coders"),
        pytest.param(np.full((4, 3), -1), "empty", id="nothing coded"),
        pytest.param(np.array([[0], [1], [1]]), "single_coder", id="one column"),
        pytest.param(np.array([[0, -1], [1, -1]]), "single_coder", id="one coder gave codes"),
        pytest.param(np.array([[0, -1], [-1, 1]]), "no_overlap", id="no unit coded twice"),
        pytest.param(np.ones((4, 3), dtype=int), "no_variation", id="one code throughout"),
        pytest.param(
            np.array([[1, 1], [1, 1], [0, -1]]), "no_variation", id="other code on a unit coded once"
        ),
    ],
)
def test_what_cannot_be_estimated_is_missing_with_its_reason(name: str, rows: np.ndarray, flag: str) -> None:
    found = COEFFICIENTS[name](rows, 3)
    if name == "percent_agreement" and flag == "no_variation":
        assert (found.estimate, found.flag) == (1.0, "")
    else:
        assert np.isnan(found.estimate)
        assert np.isnan(found.se)
        assert (found.flag, found.se_method) == (flag, "")


def test_a_codebook_of_one_code_has_no_variation() -> None:
    rows = np.zeros((5, 2), dtype=int)
    assert ag.gwet_ac1(rows, 1).flag == "no_variation"
    assert ag.gwet_ac2(rows, 1, weights="quadratic").flag == "no_variation"
    assert ag.percent_agreement(rows, 1).estimate == 1.0


def test_weights_that_let_two_codes_agree_fully_leave_no_variation_between_them() -> None:
    same = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    rows = np.array([[0, 1], [1, 0], [0, 0], [1, 1], [0, 1], [0, 1], [1, 1]])
    assert ag.fleiss_kappa(rows, 3, weights=same).flag == "no_variation"
    assert ag.conger_kappa(rows, 3, weights=same).flag == "no_variation"
    assert ag.cohen_kappa(rows, 3, weights=same).flag == "no_variation"
    assert ag.distance_alpha(rows, 1 - same).flag == "no_variation"


def test_one_unit_gives_an_estimate_but_no_standard_error() -> None:
    found = ag.krippendorff_alpha([[0, 1]], 2, level="nominal")
    assert found.estimate == 0.0  # one disagreement is what chance gives with these two codes
    assert np.isnan(found.se)
    assert ag.percent_agreement([[0, 1, 1]], 2).estimate == pytest.approx(1 / 3)


@every_coefficient
def test_ten_thousand_codes_and_two_hundred_coders_are_no_obstacle(name: str) -> None:
    generator = np.random.default_rng(1)
    many_codes = generator.integers(0, 10_000, size=(300, 1)) * np.ones((1, 3), dtype=int)
    many_codes[:50, 0] = generator.integers(0, 10_000, size=50)
    many_coders = np.where(generator.random((40, 200)) < 0.8, generator.integers(0, 4, size=(40, 1)), 2)
    few = COEFFICIENTS[name](many_codes, 10_000)
    assert 0.85 < few.estimate < 0.92
    assert few.flag == ""
    assert 0.3 < COEFFICIENTS[name](many_coders, 4).estimate < 0.9


def test_weights_for_ten_thousand_codes_are_refused_by_name() -> None:
    with pytest.raises(
        StudyError, match=r"quadratic weights need a table of 10000 x 10000 codes, the limit is 4000"
    ):
        ag.gwet_ac2([[0, 1]], 10_000, weights="quadratic")


def test_interval_alpha_does_not_lose_digits_far_from_zero() -> None:
    far = [1e9 + step for step in range(5)]
    near = ag.krippendorff_alpha(OBSERVERS, 5, level="interval", values=range(5)).estimate
    assert ag.krippendorff_alpha(OBSERVERS, 5, level="interval", values=far).estimate == pytest.approx(
        near, abs=1e-6
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 2, 3, 4, np.inf], "code values must be finite and within 1e+100; code 4 stands for inf"),
        ([1, 2, np.nan, 4, 5], "code values must be finite and within 1e+100; code 2 stands for nan"),
        ([1, 2, 3, 4, 1e200], "code 4 stands for 1e+200; give it a number"),
        ([1, 2, 3], "code values must be 5, one for each code; found shape (3,)"),
        (
            [1, 2, 3, 4, 4],
            "two codes stand for the same number, so nothing tells them apart; make them one code",
        ),
        (["a", "b", "c", "d", "e"], "code values must be numbers, one for each code; found ['a', 'b',"),
        (None, "alpha at the interval level needs the number each code stands for"),
    ],
)
def test_values_that_cannot_be_used_are_named(values: list[float] | None, message: str) -> None:
    with pytest.raises(StudyError) as error:
        ag.krippendorff_alpha(OBSERVERS, 5, level="interval", values=values)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ag.krippendorff_alpha(OBSERVERS, 5, level="nominel"),
            "level 'nominel' is not known; choose one of",
        ),
        (
            lambda: ag.krippendorff_alpha([[0, 1]], 2, level="ratio", values=[-1, 2]),
            "must stand for 0 or more",
        ),
        (lambda: ag.gwet_ac2(OBSERVERS, 5, weights="square"), "agreement weights 'square' are not known"),
        (
            lambda: ag.fleiss_kappa(OBSERVERS, 5, weights=np.eye(4)),
            "must be a table of 5 x 5 codes; found shape (4, 4)",
        ),
        (
            lambda: ag.fleiss_kappa([[0, 1]], 2, weights=[[1, 2], [2, 1]]),
            "weights must lie from 0 (no agreement) to 1",
        ),
        (
            lambda: ag.fleiss_kappa([[0, 1]], 2, weights=[[1.0, 0.5], [0.0, 1.0]]),
            "symmetric with 1 on the diagonal",
        ),
        (
            lambda: ag.distance_alpha([[0, 1]], [[0, 1, 2]]),
            "distances must form a square table of codes by codes",
        ),
        (
            lambda: ag.distance_alpha([[0, 1]], [[0, np.inf], [np.inf, 0]]),
            "distances must be symmetric, finite",
        ),
        (lambda: ag.cohen_kappa(OBSERVERS, 5), "cohen_kappa compares two coders; found 4 column(s)"),
        (
            lambda: ag.cohen_kappa([[0, 1]], 2, se_method="ase"),
            "standard error 'ase' is not known; choose one of",
        ),
        (
            lambda: ag.percent_agreement([[0, 2]], 2),
            "unit 0, coder 1: found position 2, but the codebook of 2 code(s)",
        ),
        (lambda: ag.percent_agreement([[0, -2]], 2), "allows -1 (not coded) to 1"),
        (
            lambda: ag.percent_agreement([[0.0, np.nan]], 2),
            "positions must be whole numbers, -1 for not coded",
        ),
        (
            lambda: ag.percent_agreement([0, 1], 2),
            "must form a table of units by coders; found 1 dimension(s)",
        ),
        (lambda: ag.percent_agreement([[0, 1]], 0), "the codebook must hold at least one code; found 0"),
        (lambda: ag.positions_from_counts([[1, -1]]), "counts must be whole numbers from 0"),
        (
            lambda: ag.coefficient_named("kappa", level="nominal", n_codes=2),
            "coefficient 'kappa' is not known",
        ),
        (
            lambda: ag.coefficient_named("gwet_ac2_linear", level="nominal", n_codes=2),
            "gwet_ac2_linear needs codes in order, but the level is nominal",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_words(call: object, message: str) -> None:
    with pytest.raises(StudyError) as error:
        call()  # type: ignore[operator]
    assert message in str(error.value)


def test_codes_become_positions_in_the_order_of_the_codebook() -> None:
    values: list[list[Any]] = [["b", None], [float("nan"), "a"], ["c", "c"]]
    assert ag.code_positions(values, ["c", "b", "a"]).tolist() == [[1, -1], [-1, 2], [0, 0]]


@pytest.mark.parametrize("stray", ["B", 1, float("inf"), "", " b", ["b"]])
def test_a_value_outside_the_codebook_is_refused_with_unit_and_coder(stray: object) -> None:
    values = np.empty((2, 2), dtype=object)
    values[:] = [["a", "b"], ["b", None]]
    values[1, 1] = stray
    with pytest.raises(StudyError) as error:
        ag.code_positions(values, ["a", "b"], units=["u7", "u9"], coders=["ann", "bob"])
    assert str(error.value) == (
        f"unit u9, coder bob: found {stray!r}, but the codebook allows 'a', 'b' (1 such cell(s)); "
        "correct the value, or add the code to the codebook"
    )


def test_a_codebook_names_each_code_once() -> None:
    with pytest.raises(StudyError, match="the codebook lists a code twice: a, b, a"):
        ag.code_positions([["a", "b"]], ["a", "b", "a"])


def test_every_coefficient_by_name_is_the_function_of_that_name() -> None:
    rows = OBSERVERS
    for name, function in COEFFICIENTS.items():
        by_coder = name in ("conger_kappa", "mean_cohen_kappa")
        chosen = ag.coefficient_named(
            name, level="nominal" if "ordinal" not in name else "ordinal", n_codes=5
        )
        found = ag.estimated(chosen, ag.coded(rows, 5, by_coder=by_coder))
        assert found[1:] == pytest.approx(function(rows, 5)[1:], nan_ok=True)
        assert found.coefficient == name
    weighted = ag.coefficient_named("gwet_ac2_quadratic", level="ordinal", n_codes=5)
    direct = ag.gwet_ac2(rows, 5, weights="quadratic")
    assert ag.estimated(weighted, ag.coded(rows, 5)).estimate == direct.estimate
