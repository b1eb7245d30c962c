"""How many units to double-code, so that the interval of alpha comes out as narrow as it must be: a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.methods.agreement import Alpha, alpha_of, coded, estimate_alone, interval_of
from nsi.methods.simulated_codings import simulated_codings

MISSING = 0.1  # share of intervals that may miss the expected alpha beyond those that should
N_UNITS = (20, 30, 40, 50, 75, 100, 150, 200, 300, 400)


@dataclass(frozen=True, eq=False)
class DoubleCodingPlan:
    """What a simulation says about the number of units to double-code.

    Attributes
    ----------
    table : DataFrame
        One row per number of units: n_units, width_median and width_assured (width of the interval in half of
        the simulations, and in the share `assurance`, or less; missing where too many have no interval),
        alpha_mean (over simulations), share_undefined (simulations without an interval), share_covering
        (simulations whose interval holds the expected alpha), reached (wide and covering enough).
    n_units : int or None
        Smallest number tried from which on the wanted width is reached; None where it is not.
    alpha : float
        Expected alpha that was simulated.
    note : str
        One sentence that says so, for a table or a Methods section.
    """

    table: pd.DataFrame
    n_units: int | None
    alpha: float
    note: str


def units_to_double_code(
    *,
    prevalence: Mapping[str, float],
    wanted_width: float,
    seed: int,
    n_coders: int = 2,
    alpha: float | None = None,
    agreement: float | None = None,
    level: str = "nominal",
    n_units: Sequence[int] = N_UNITS,
    assurance: float = 0.8,
    simulations: int = 200,
    replicates: int = 300,
    confidence: float = 0.95,
    code_values: Mapping[str, float] | None = None,
) -> DoubleCodingPlan:
    """Simulate double coding with more and more units, and see how wide the bootstrap interval comes out.

    Parameters
    ----------
    prevalence : mapping of str to float
        Share of each code, summing to 1, in the codebook's order; `code_shares` takes them from data.
    wanted_width : float
        Width of the interval, high end minus low end, that is narrow enough.
    seed : int
        Seed of everything drawn. A row does not depend on which other numbers of units are tried.
    n_coders : int
        Coders who code every one of these units.
    alpha, agreement : float
        What to expect, one of the two: alpha, or the share of agreeing pairs of ratings.
    level : str
        Level of the field, which is that of alpha.
    n_units : sequence of int
        Numbers to try, ascending.
    assurance : float
        Share of the simulations in which the width must be reached.
    simulations, replicates : int
        Simulated studies per number of units, and bootstrap replicates in each.
    confidence : float
        Share of replicates inside the interval.
    code_values : mapping of str to float, optional
        What each code stands for; the interval and ratio levels need it.

    Returns
    -------
    DoubleCodingPlan

    Raises
    ------
    StudyError
        If the shares, the expectation, or another setting cannot be.

    Notes
    -----
    An interval can be narrow and wrong: where a rare code was met once, it lies close around 0. A number of
    units counts as reaching the width only where no more than a tenth more of the intervals miss the expected
    alpha than should.

    How codings are made stands with `simulated_codings`: coders err independently and without a slant of
    their own. Coders who err alike, or on the same hard units, need more units than this says.
    """
    shares = _checked_shares(prevalence)
    _check_settings(wanted_width, n_coders, n_units, assurance, simulations)
    expected = _expected_alpha(shares, alpha, agreement)
    values = None if code_values is None else [code_values[code] for code in prevalence]
    chosen = alpha_of(level, len(shares), values)
    rows = []
    for number in n_units:
        generator = np.random.default_rng([seed, number])
        codings = [simulated_codings(shares, number, n_coders, expected, generator) for _ in range(simulations)]
        found = [_alpha_and_interval(one, len(shares), chosen, replicates, confidence, generator) for one in codings]
        summary = _summary(np.array(found), expected, assurance, confidence - MISSING, wanted_width)
        rows.append({"n_units": number, **summary})
    table = pd.DataFrame(rows)
    enough = table["reached"][::-1].cummin()[::-1]  # reached here and for every larger number
    smallest = int(table.loc[enough, "n_units"].iloc[0]) if enough.any() else None
    note = _note(table, smallest, n_coders, expected, wanted_width, assurance)
    return DoubleCodingPlan(table, smallest, expected, note)


def _alpha_and_interval(
    positions: NDArray[np.int64],
    n_codes: int,
    chosen: Alpha,
    replicates: int,
    confidence: float,
    generator: np.random.Generator,
) -> tuple[float, float, float]:
    """Alpha of one simulated study, and the ends of its interval."""
    seed = int(generator.integers(2**32))
    data = coded(positions, n_codes)
    interval = interval_of(data, chosen, replicates=replicates, seed=seed, confidence=confidence)
    return estimate_alone(chosen, data), interval.low, interval.high


def _summary(
    found: NDArray[np.float64], alpha: float, assurance: float, least_covering: float, wanted: float
) -> dict[str, object]:
    """Widths over simulations; one without an interval counts as wider than any, and as missing alpha."""
    estimate, low, high = found.T
    width, undefined = high - low, np.isnan(low)
    # 1e-12: with alpha 1 both ends are 1, but for rounding
    covering = float(((low <= alpha + 1e-12) & (alpha - 1e-12 <= high)).mean())
    ordered = np.where(undefined, np.inf, width)
    half, assured = (float(np.quantile(ordered, q, method="inverted_cdf")) for q in (0.5, assurance))
    return {
        "width_median": half if np.isfinite(half) else np.nan,
        "width_assured": assured if np.isfinite(assured) else np.nan,
        "alpha_mean": float(np.nanmean(estimate)) if not np.isnan(estimate).all() else np.nan,
        "share_undefined": float(undefined.mean()),
        "share_covering": covering,
        "reached": assured <= wanted and covering >= least_covering,
    }


def _note(
    table: pd.DataFrame, smallest: int | None, n_coders: int, alpha: float, wanted: float, assurance: float
) -> str:
    start = f"With {n_coders} coders and an expected alpha of {alpha:.2f}, "
    if smallest is not None:
        told = f"{start}{smallest} units give an interval no wider than {wanted:.2f} in {assurance:.0%} of simulations."
        return told + (" Fewer were not tried." if smallest == table["n_units"].iloc[0] else "")
    last = table.iloc[-1]
    width = f"no wider than {last['width_assured']:.2f} in {assurance:.0%}"
    if pd.isna(last["width_assured"]):
        width = f"undefined in {last['share_undefined']:.0%}"
    elif last["width_assured"] <= wanted:
        width = f"narrow, but off the expected alpha in {1 - last['share_covering']:.0%}"
    return (
        f"{start}an interval of width {wanted:.2f} is not reached: with {int(last['n_units'])} units, the most "
        f"tried, it is {width} of simulations. Try more units, or accept a wider interval."
    )


def _expected_alpha(shares: NDArray[np.float64], alpha: float | None, agreement: float | None) -> float:
    if (alpha is None) == (agreement is None):
        raise StudyError("give what to expect once: as alpha, or as agreement (share of agreeing pairs)")
    if agreement is not None:
        by_chance = float((shares**2).sum())
        alpha = (agreement - by_chance) / (1 - by_chance)
        if not 0 <= alpha <= 1:
            raise StudyError(
                f"an expected agreement of {agreement:g} cannot be: with these shares of codes chance alone gives "
                f"{by_chance:.2f}; give a share from there to 1"
            )
    if alpha is None or not 0 <= alpha <= 1:
        raise StudyError(f"expected alpha must lie from 0 to 1; found {alpha}")
    return float(alpha)


def _checked_shares(prevalence: Mapping[str, float]) -> NDArray[np.float64]:
    shares = np.array(list(prevalence.values()), dtype=np.float64)
    if not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6:
        told = ", ".join(f"{code} {share:g}" for code, share in prevalence.items())
        raise StudyError(f"shares of codes must be 0 or more and sum to 1; found {told or 'none'}; correct them")
    if (shares > 0).sum() < 2:
        raise StudyError("only one code has a share above 0, so alpha is undefined for any number of units")
    return shares / shares.sum()


def _check_settings(
    wanted: float, n_coders: int, n_units: Sequence[int], assurance: float, simulations: int
) -> None:
    for wrong, told in (
        (not wanted > 0, f"the wanted width must be above 0, for example 0.2; found {wanted}"),
        (n_coders < 2, f"double coding needs 2 coders or more; found {n_coders}"),
        (not 0 < assurance < 1, f"assurance must lie between 0 and 1, for example 0.8; found {assurance}"),
        (simulations < 1, f"at least 1 simulation is needed; found {simulations}"),
        (
            not len(n_units) or min(n_units) < 2 or list(n_units) != sorted(set(n_units)),
            f"numbers of units must be 2 or more, ascending; found {list(n_units)}",
        ),
    ):
        if wrong:
            raise StudyError(told)
