"""Agreement on single codes, prevalence and bias, pooled kappa, and codings that are sets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nsi.errors import StudyError
from nsi.methods import agreement as ag
from nsi.methods.agreement.sets import set_positions

gapped = arrays(np.int64, st.tuples(st.integers(1, 10), st.integers(2, 5)), elements=st.integers(-1, 2))


@pytest.mark.parametrize(
    ("cells", "published"),
    [  # agreement, kappa, alpha, PABAK, AC1, positive, negative: by hand from the definitions
        ((40, 9, 6, 45), (0.85, 0.70, 0.70, 0.70, 0.70, 0.84, 0.86)),
        ((80, 10, 5, 5), (0.85, 0.32, 0.32, 0.70, 0.81, 0.91, 0.40)),
        ((1, 4, 5, 90), (0.91, 0.13, 0.14, 0.82, 0.90, 0.18, 0.95)),
        ((0, 5, 5, 90), (0.90, -0.05, -0.05, 0.80, 0.89, 0.00, 0.95)),
        ((50, 75, 75, 800), (0.85, 0.31, 0.32, 0.70, 0.81, 0.40, 0.91)),
        ((50, 75, 75, 9800), (0.985, 0.39, 0.39, 0.97, 0.985, 0.40, 0.99)),
    ],
)
def test_the_paradoxes_of_kappa_show_side_by_side(
    cells: tuple[int, ...], published: tuple[float, ...]
) -> None:
    assert ag.two_by_two(*cells)[:7] == pytest.approx(published, abs=6e-3)


def test_uncoded_text_moves_every_number_but_positive_agreement() -> None:
    short, long = ag.two_by_two(50, 75, 75, 800), ag.two_by_two(50, 75, 75, 9800)
    assert short.positive == long.positive == 0.4
    assert long.kappa > short.kappa + 0.05
    assert long.ac1 > short.ac1 + 0.1


def test_prevalence_and_bias_index_are_those_of_byrt() -> None:
    # Byrt, Bishop and Carlin (1993): PI = (a - d) / n, BI = (b - c) / n,
    # kappa = (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2)
    for cells in ((40, 9, 6, 45), (80, 10, 5, 5), (10, 30, 2, 8)):
        found, n = ag.two_by_two(*cells), sum(cells)
        assert found.prevalence_index == pytest.approx(abs(cells[0] - cells[3]) / n)
        assert found.bias_index == pytest.approx(abs(cells[1] - cells[2]) / n)
        squares = found.prevalence_index**2 - found.bias_index**2
        assert found.kappa == pytest.approx((found.pabak - squares) / (1 - squares))
        rows = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], cells, axis=0)
        assert ag.prevalence_index(rows) == pytest.approx(found.prevalence_index)
        assert ag.bias_index(rows) == pytest.approx(found.bias_index)


def test_a_code_that_nobody_gave_has_no_positive_agreement() -> None:
    found = ag.two_by_two(0, 0, 0, 20)
    assert np.isnan([found.positive, found.kappa, found.alpha, found.pabak, found.ac1]).all()
    assert (found.agreement, found.negative) == (1.0, 1.0)
    assert found.prevalence_index == 1.0


@settings(max_examples=60, deadline=None)
@given(rows=gapped)
def test_positive_agreement_is_a_share_of_pairs_counted_one_by_one(rows: np.ndarray) -> None:
    binary = ag.one_against_rest(rows, 3, 1)
    both = one = 0
    for unit in rows:
        for first, second in combinations([int(code) for code in unit if code >= 0], 2):
            both += 2 * (first == second == 1)
            one += (first == 1) + (second == 1)
    found = ag.estimated(ag.Specific("positive_agreement", 1), ag.coded(binary, 2))
    if found.flag:
        assert one == 0
    else:
        assert found.estimate == pytest.approx(both / one)


def test_one_code_against_the_rest_keeps_gaps() -> None:
    assert ag.one_against_rest([[0, 2], [-1, 1]], 3, 2).tolist() == [[0, 1], [-1, 0]]
    with pytest.raises(StudyError, match=r"code 3 is not in a codebook of 3 code\(s\), numbered from 0"):
        ag.one_against_rest([[0, 1]], 3, 3)


def test_pooled_kappa_comes_from_mean_agreements_and_is_not_the_mean_of_kappas() -> None:
    common, rare = (40, 9, 6, 45), (1, 4, 5, 90)
    codes = [np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], cells, axis=0) for cells in (common, rare)]
    agreement = (0.85 + 0.91) / 2
    chance = (0.49 * 0.46 + 0.51 * 0.54 + 0.05 * 0.06 + 0.95 * 0.94) / 2  # products of the two coders' shares
    assert ag.pooled_kappa(codes) == pytest.approx((agreement - chance) / (1 - chance))
    mean = np.mean([ag.cohen_kappa(code, 2).estimate for code in codes])
    assert abs(ag.pooled_kappa(codes) - mean) > 0.05
    assert ag.pooled_kappa(codes[:1]) == pytest.approx(ag.cohen_kappa(codes[0], 2).estimate)


def test_pooled_kappa_passes_over_codes_without_overlap_and_is_missing_without_any() -> None:
    code, apart = np.array([[1, 1], [0, 0], [1, 0]]), np.array([[1, -1], [-1, 0]])
    assert ag.pooled_kappa([code, apart]) == ag.pooled_kappa([code])
    assert np.isnan(ag.pooled_kappa([apart]))
    assert np.isnan(ag.pooled_kappa([]))


def test_indices_are_missing_without_a_unit_of_two_codes() -> None:
    apart = np.array([[1, -1], [-1, 0]])
    assert np.isnan([ag.prevalence_index(apart), ag.bias_index(apart)]).all()


def test_a_two_by_two_table_needs_units() -> None:
    with pytest.raises(StudyError, match=r"needs counts of 0 or more, not all 0; found \[0, 0, 0, 0\]"):
        ag.two_by_two(0, 0, 0, 0)


SETS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1], [0, 0, 0]], dtype=bool)


def test_masi_and_jaccard_give_the_published_distances() -> None:
    # Passonneau (2006): 2/3 where one set holds the other, 1/3 where they only overlap
    masi, jaccard = ag.masi_distance(SETS), ag.jaccard_distance(SETS)
    assert [masi[0, 1], masi[1, 2], masi[0, 2]] == pytest.approx([0.66667, 0.88889, 1], abs=5e-6)
    assert [jaccard[0, 1], jaccard[1, 2], jaccard[0, 2]] == pytest.approx([1 / 2, 2 / 3, 1])
    for distance in (masi, jaccard):
        assert (np.diag(distance) == 0).all()
        assert (distance == distance.T).all()
        assert (distance[4, :4] == 1).all()  # "no code applies" has nothing in common with any code


def test_set_distances_are_those_of_nltk() -> None:
    metrics = pytest.importorskip("nltk.metrics")
    sets = [frozenset(np.flatnonzero(row).tolist()) for row in SETS[:4]]
    masi, jaccard = ag.masi_distance(SETS[:4]), ag.jaccard_distance(SETS[:4])
    for (i, one), (j, other) in combinations(enumerate(sets), 2):
        assert masi[i, j] == pytest.approx(
            metrics.masi_distance(one, other), abs=4e-3
        )  # .67 and .33 before 3.10
        assert jaccard[i, j] == pytest.approx(metrics.jaccard_distance(one, other))


def test_set_alpha_is_that_of_nltk_and_gaps_are_not_empty_sets() -> None:
    agreement = pytest.importorskip("nltk.metrics.agreement")
    from nltk.metrics import jaccard_distance

    generator = np.random.default_rng(4)
    members, seen = generator.random((12, 3, 4)) < 0.4, generator.random((12, 3)) < 0.8
    members &= seen[:, :, None]
    members[:, :, 0] |= seen & ~members.any(axis=2)  # nltk divides by zero on two empty sets
    triples = [
        (str(coder), unit, frozenset(np.flatnonzero(members[unit, coder]).tolist()))
        for unit, coder in np.argwhere(seen & (seen.sum(axis=1) > 1)[:, None])
    ]
    theirs = agreement.AnnotationTask(data=triples, distance=jaccard_distance).alpha()
    found = ag.set_alpha(members, seen, distance="jaccard")
    assert found.estimate == pytest.approx(theirs)
    assert found.coefficient == "krippendorff_alpha_jaccard"
    assert ag.set_alpha(members, np.ones_like(seen), distance="jaccard").estimate != pytest.approx(
        found.estimate
    )


def test_sets_of_one_code_give_the_nominal_alpha_under_every_distance() -> None:
    rows = np.random.default_rng(2).integers(-1, 3, size=(30, 3))
    seen = rows >= 0
    members = (rows[:, :, None] == np.arange(3)) & seen[:, :, None]
    nominal = ag.krippendorff_alpha(rows, 3, level="nominal").estimate
    for distance in ("jaccard", "masi"):
        assert ag.set_alpha(members, seen, distance=distance).estimate == pytest.approx(nominal)
    none = np.full_like(rows, -1)
    for weight in (0.5, 2 / 3, 1):
        found = ag.primary_secondary_alpha(rows, none, 3, primary_weight=weight)
        assert found.estimate == pytest.approx(nominal)


def test_two_empty_sets_agree_and_nothing_seen_is_empty() -> None:
    members = np.zeros((3, 2, 2), dtype=bool)
    members[0, :, 0] = True
    assert ag.set_alpha(members, np.ones((3, 2), dtype=bool), distance="masi").estimate == 1.0
    assert ag.set_alpha(members & False, np.zeros((3, 2), dtype=bool), distance="masi").flag == "empty"


def test_distance_between_primary_and_secondary_codes_is_the_share_not_in_common() -> None:
    shares: list[list[float]] = [[1, 0, 0], [2 / 3, 1 / 3, 0], [1 / 3, 2 / 3, 0], [0, 0, 1]]
    expected = [[0, 1 / 3, 2 / 3, 1], [1 / 3, 0, 1 / 3, 1], [2 / 3, 1 / 3, 0, 1], [1, 1, 1, 0]]
    assert ag.share_distance(shares) == pytest.approx(np.array(expected))


def test_half_ignores_which_code_is_primary_and_one_ignores_the_secondary() -> None:
    generator = np.random.default_rng(8)
    primary = generator.integers(0, 4, size=(40, 2))
    primary[:25, 1] = primary[:25, 0]
    secondary = np.where(
        generator.random((40, 2)) < 0.4, (primary + 1 + generator.integers(0, 3, (40, 2))) % 4, -1
    )
    swapped = np.where(secondary >= 0, secondary, primary), np.where(secondary >= 0, primary, -1)
    half = ag.primary_secondary_alpha(primary, secondary, 4, primary_weight=0.5)
    assert half.estimate == pytest.approx(
        ag.primary_secondary_alpha(*swapped, 4, primary_weight=0.5).estimate
    )
    whole = ag.primary_secondary_alpha(primary, secondary, 4, primary_weight=1)
    assert whole.estimate == pytest.approx(ag.krippendorff_alpha(primary, 4, level="nominal").estimate)
    double = ag.primary_secondary_alpha(primary, secondary, 4, primary_weight=2 / 3)
    assert len({round(one.estimate, 6) for one in (half, whole, double)}) == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.primary_secondary_alpha([[0, 0]], [[-1, 0]], 2, primary_weight=0.5),
         "unit 0, coder 1: the secondary code repeats the primary code (1 such coding(s))"),
        (lambda: ag.primary_secondary_alpha([[0, -1]], [[-1, 0]], 2, primary_weight=0.5),
         "unit 0, coder 1: the secondary code stands without a primary code"),
        (lambda: ag.primary_secondary_alpha([[0, 1]], [[-1, 0]], 2, primary_weight=0.4),
         "the primary code's weight must lie from 1/2 to 1; found 0.4"),
        (lambda: ag.primary_secondary_alpha([[0, 1]], [[-1]], 2, primary_weight=0.5),
         "found shapes (1, 2) and (1, 1)"),
        (lambda: ag.set_alpha(np.ones((1, 2, 3)), np.ones((1, 2)), distance="dice"),
         "distance 'dice' between sets is not known; choose one of jaccard, masi"),
        (lambda: ag.set_alpha(np.ones((1, 2, 3)), np.zeros((1, 2)), distance="masi"),
         "unit 0, coder 0: codes were given to a unit marked as not coded"),
        (lambda: ag.set_alpha(np.ones((1, 2)), np.ones((1, 2)), distance="masi"),
         "sets must be units x coders x codes, and seen units x coders; found (1, 2) and (1, 2)"),
        (lambda: ag.masi_distance([True]), "sets must be a table of sets by codes; found 1 dimension(s)"),
    ],
)  # fmt: skip
def test_odd_sets_are_refused_in_words(call: object, message: str) -> None:
    with pytest.raises(StudyError) as error:
        call()  # type: ignore[operator]
    assert message in str(error.value)


def test_distinct_sets_are_numbered_and_gaps_stay_gaps() -> None:
    members = np.array([[[1, 0], [1, 0]], [[0, 0], [1, 1]]], dtype=bool)
    positions, sets = set_positions(members, [[True, True], [False, True]])
    assert sets[positions[0, 0]].tolist() == [True, False]
    assert positions[0, 0] == positions[0, 1] != positions[1, 1]
    assert positions[1, 0] == -1
