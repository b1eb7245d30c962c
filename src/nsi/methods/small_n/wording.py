"""One or two sentences on a small-N test that nobody can read more into than it could have shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

CONFIDENCE = 0.95
REASONS = {
    "too_few_cases": "fewer than two cases have both values",
    "attribute_constant": "all these cases have the same {attribute}",
    "outcome_constant": "all these cases have the same {outcome}",
    "not_two_by_two": "the test needs two levels on both sides",
    "not_two_groups": "the test needs two groups",
}
SELECTED = (
    "The cases were chosen on the outcome, so effects look larger here than they are among all cases, "
    "and p does not speak for other cases."
)


def words(row: Mapping[str, Any], *, alpha: float = 0.05, selected_on_outcome: bool = False) -> str:
    """Say what one row of the panel shows, and what it cannot show.

    Parameters
    ----------
    row : mapping
        A row of `small_n_panel`, by name of column.
    alpha : float
        Level that p was held against.
    selected_on_outcome : bool
        Whether cases were chosen for their outcome, which adds a sentence.

    Returns
    -------
    str
        Ends with a full stop. Never says that two things have nothing to do with each other.
    """
    p, least = float(row["p"]), float(row["p_min_attainable"])
    if math.isnan(p):
        return _untested(row)
    if least > alpha:
        said = _unreachable(row, alpha)
    elif p < alpha:
        said = _visible(row, alpha)
    else:
        said = _not_visible(row, alpha)
    return f"{said} {SELECTED}" if selected_on_outcome else said


def _untested(row: Mapping[str, Any]) -> str:
    flags = str(row["flag"]).split("; ")
    reason = next((text for flag, text in REASONS.items() if flag in flags), "no test was possible")
    return f"{row['attribute']} was not tested against {row['outcome']}: {reason.format(**row)}."


def _unreachable(row: Mapping[str, Any], alpha: float) -> str:
    least = p_text(float(row["p_min_attainable"]), alpha)
    return (
        f"{row['attribute']} could not have reached {alpha:g} whatever the data: with these margins of {row['n']} "
        f"cases the smallest attainable p is {least} (seen: {_seen(row, alpha)}). "
        f"Neither an association with {row['outcome']} nor its absence can be read from this test."
    )


def _visible(row: Mapping[str, Any], alpha: float) -> str:
    said = (
        f"{row['attribute']} goes together with {row['outcome']} in these {row['n']} cases: {_seen(row, alpha)}; "
        f"{_least(row, alpha)}."
    )
    doubts = []
    of_holm, of_maximum = float(row["p_holm"]), float(row["p_max"])
    if max(of_holm, of_maximum) >= alpha:
        both = f"{p_text(of_holm, alpha)} by Holm and {p_text(of_maximum, alpha)} by the permutation maximum"
        doubts.append(f"within its family of tests p is {both}")
    if row["loo_case"]:
        doubts.append(f"{_without(row)} p is no longer below {alpha:g}")
    if not math.isnan(float(row["flips"])):
        doubts.append(f"{_cells(float(row['flips']))} would undo it")
    if not doubts:
        return said
    text = "; ".join(doubts)
    return f"{said} {text[0].upper()}{text[1:]}."


def _not_visible(row: Mapping[str, Any], alpha: float) -> str:
    detectable = float(row["detectable"])
    missed = (
        "however strong, none of the patterns tried would show in four tests out of five"
        if math.isnan(detectable)
        else f"one weaker than {number_text(detectable)} ({row['detectable_what']}) would be missed "
        "more than one time in five"
    )
    fragile = f", and {_without(row)} p is below {alpha:g}" if row["loo_case"] else ""
    if "detectable_too_many_tables" in str(row["flag"]):
        missed = "how strong one would have to be to show was not computed"
    return (
        f"No association of {row['attribute']} with {row['outcome']} is visible in these {row['n']} cases: "
        f"{_seen(row, alpha)}; {_least(row, alpha)}. This is no evidence that there is none: {missed}{fragile}."
    )


def _seen(row: Mapping[str, Any], alpha: float) -> str:
    """P, effect and interval."""
    p = f"{'exact ' if row['enumerated'] else ''}{p_text(float(row['p']), alpha, name='p')}"
    if not row["enumerated"]:
        p += " by arrangements drawn at random"
    low, high = float(row["effect_low"]), float(row["effect_high"])
    rough = "approximate " if str(row["effect_interval"]).endswith("approximate") else ""
    share = f"{100 * CONFIDENCE:.0f}%"
    if math.isnan(low) or math.isnan(high):
        within = "no interval can be given"
    elif math.isinf(high):
        within = f"{rough}{share} interval from {number_text(low)} upwards"
    else:
        within = f"{rough}{share} interval {number_text(low)} to {number_text(high)}"
    return f"{p}, {row['effect_name']} {number_text(float(row['effect']))} ({within})"


def _least(row: Mapping[str, Any], alpha: float) -> str:
    least = float(row["p_min_attainable"])
    if math.isnan(least):
        return "the smallest attainable p was not counted"
    return f"the smallest attainable p is {p_text(least, alpha)}"


def _without(row: Mapping[str, Any]) -> str:
    cases = str(row["loo_case"])
    return f"without {'any one of ' if ', ' in cases else 'case '}{cases}"


def _cells(flips: float) -> str:
    return "one recoded cell" if flips == 1 else f"{flips:.0f} recoded cells"


def p_text(p: float, alpha: float, *, name: str = "") -> str:
    """P with three decimals, or as many as it takes to keep it apart from alpha; with its name, "p = 0.061"."""
    if p < 0.001:
        return f"{name} < 0.001" if name else "below 0.001"
    decimals = next((k for k in (3, 4, 5) if round(p, k) != alpha), 6)
    return f"{name} = {p:.{decimals}f}" if name else f"{p:.{decimals}f}"


def number_text(value: float) -> str:
    """An effect as it is read: two decimals below 10, none from 100 on."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "without limit"
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text
