"""The small-N panel: every attribute of few cases against one outcome, with what each test could have shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.exact_tests import holm
from nsi.methods.small_n.columns import Levels, chosen_test, levels_of
from nsi.methods.small_n.comparison import Comparison, Integers, check_cases
from nsi.methods.small_n.detectable import detectable_effect
from nsi.methods.small_n.exact import exact_test
from nsi.methods.small_n.family import permutation_maximum
from nsi.methods.small_n.intervals import effect_of
from nsi.methods.small_n.stability import Recoding, leave_one_out, smallest_recoding
from nsi.methods.small_n.wording import words

COLUMNS = [
    *("attribute", "outcome", "test", "n", "statistic", "statistic_name", "p", "p_min_attainable", "p_holm", "p_max"),
    *("effect_name", "effect", "effect_low", "effect_high", "effect_interval", "detectable", "detectable_what"),
    *("loo_p_low", "loo_p_high", "loo_effect_low", "loo_effect_high", "loo_case", "flips", "flips_what", "flips_depth"),
    *("enumerated", "flag", "sentence"),
]
WHOLE = ["n", "flips_depth", "enumerated"]


def small_n_panel(
    cases: pd.DataFrame,
    attributes: Sequence[str],
    outcome: str,
    kinds: Mapping[str, str],
    outcome_kind: str,
    *,
    alpha: float = 0.05,
    seed: int,
    family: Sequence[str] | None = None,
    selected_on_outcome: bool = False,
    case: str | None = None,
    tests: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Test every attribute against the outcome, exactly, and say what the tests could have shown.

    Parameters
    ----------
    cases : DataFrame
        One row per case, up to `MOST_CASES`. A case without an attribute or outcome is left out of that test.
    attributes : sequence of str
        Columns to hold against the outcome, in the order of the rows that come back.
    outcome : str
        Column of the outcome.
    kinds : mapping of str to str
        For each attribute: nominal, ordinal or interval.
    outcome_kind : str
        The same of the outcome.
    alpha : float
        A conclusion is whether p is below it; between 0 and 1.
    seed : int
        Of simulations, and of arrangements where all are too many to count; each attribute starts from it.
    family : sequence of str, optional
        Attributes that were to be tested together; all where not given, none where empty.
    selected_on_outcome : bool
        Whether cases were chosen for their outcome.
    case : str, optional
        Column that names the cases; the index where not given.
    tests : mapping of str to str, optional
        Another test than the kinds suggest, by attribute: boschloo, kruskal, spearman, jonckheere.

    Returns
    -------
    DataFrame, one row per attribute
        attribute, outcome; test; n (cases with both values); statistic, statistic_name; p (exact, two-sided);
        p_min_attainable (by any arrangement with these margins); p_holm, p_max (in the family: Holm; step-down
        permutation maximum over the cases complete in all of it, never below p); effect_name, effect, effect_low,
        effect_high (95%), effect_interval (how made); detectable (with 80% power, its scale in
        detectable_what); loo_p_low, loo_p_high, loo_effect_low, loo_effect_high (range over the tests without one
        case), loo_case (cases without which the conclusion is another, "" for none); flips (fewest recoded cells
        that change the conclusion), flips_what (one such recoding), flips_depth (all recodings of up to so many
        cells were tried); enumerated (equally probable arrangements counted, 0 where they were drawn); flag
        (parts joined by "; "); sentence. What is undefined is missing, with a flag.

    Raises
    ------
    StudyError
        If a column, its kind or a name is wrong, or there are too many cases.
    """
    _check(cases, attributes, kinds, alpha, family, tests)
    names = _names(cases, case)
    target = levels_of(cases, outcome, outcome_kind)
    columns = [levels_of(cases, name, kinds[name]) for name in attributes]
    asked = [(tests or {}).get(name) for name in attributes]
    rows = [
        _row(column, target, wanted, names, alpha, seed) for column, wanted in zip(columns, asked, strict=True)
    ]
    inside = [k for k, name in enumerate(attributes) if family is None or name in family]
    _add_family(rows, inside, [columns[k] for k in inside], [asked[k] for k in inside], target, seed)
    for row in rows:
        row["sentence"] = words(row, alpha=alpha, selected_on_outcome=selected_on_outcome)
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(WHOLE, "int64"))


def _row(
    attribute: Levels, outcome: Levels, wanted: str | None, names: list[str], alpha: float, seed: int
) -> dict[str, object]:
    kept = np.flatnonzero((attribute.places >= 0) & (outcome.places >= 0))
    left, right = attribute.at(kept), outcome.at(kept)
    comparison, turned = _comparison(left, right, wanted)
    result, effect = exact_test(comparison, seed=seed), effect_of(comparison)
    can_show = detectable_effect(comparison, alpha=alpha, seed=seed)
    row: dict[str, object] = {
        "attribute": attribute.name, "outcome": outcome.name, "test": comparison.test, "n": comparison.n,
        "statistic": result.statistic, "statistic_name": result.statistic_name, "p": result.p,
        "p_min_attainable": result.p_min, "p_holm": math.nan, "p_max": math.nan, "effect_name": effect.name,
        "effect": effect.estimate, "effect_low": effect.low, "effect_high": effect.high,
        "effect_interval": effect.method, "detectable": can_show.value, "detectable_what": can_show.what,
        "enumerated": result.n_arrangements,
    }  # fmt: skip
    row |= _stability(comparison, (left, right), turned, [names[k] for k in kept.tolist()], alpha, seed)
    missing = len(names) - len(kept)
    flags = [f"n_missing={missing}"] if missing else []
    if comparison.flag:
        flags.append(_constant(left, right) if comparison.flag == "constant" else comparison.flag)
    else:
        flags += [text for text in (result.flag, effect.flag, can_show.flag) if text]
        flags += [_beyond(int(str(row["flips_depth"])))] if math.isnan(float(str(row["flips"]))) else []
        flags += [f"interval={effect.method}"] if effect.method.endswith("approximate") else []
    return {**row, "flag": "; ".join(flags)}


def _stability(
    comparison: Comparison, sides: tuple[Levels, Levels], turned: bool, names: list[str], alpha: float, seed: int
) -> dict[str, object]:
    nothing = dict.fromkeys(("loo_p_low", "loo_p_high", "loo_effect_low", "loo_effect_high"), math.nan)
    if comparison.flag:
        return {**nothing, "loo_case": "", "flips": math.nan, "flips_what": "", "flips_depth": 0}
    without = leave_one_out(comparison, names, alpha=alpha, seed=seed)
    ordered = (sides[1], sides[0]) if turned else sides
    free = (ordered[0].kind == "interval", ordered[1].kind == "interval")
    recoding = smallest_recoding(comparison, alpha=alpha, seed=seed, free=free)
    return {
        "loo_p_low": without["p"].min(), "loo_p_high": without["p"].max(),
        "loo_effect_low": without["effect"].min(), "loo_effect_high": without["effect"].max(),
        "loo_case": ", ".join(without.loc[without["changes"], "case"]),
        "flips": recoding.n, "flips_what": _told(recoding, ordered, names), "flips_depth": recoding.depth,
    }  # fmt: skip


def _told(recoding: Recoding, ordered: tuple[Levels, Levels], names: list[str]) -> str:
    return "; ".join(
        f"{ordered[change.side].name} of {names[change.case]} from {ordered[change.side].place(change.old)} "
        f"to {ordered[change.side].place(change.new)}"
        for change in recoding.changes
    )


def _beyond(depth: int) -> str:
    """Flag of a search for a recoding that found none."""
    return f"flips_beyond={depth}" if depth else "flips_not_searched"


def _comparison(attribute: Levels, outcome: Levels, wanted: str | None) -> tuple[Comparison, bool]:
    test, turned = chosen_test(attribute, outcome, wanted)
    sides = tuple(attribute.places.tolist()), tuple(outcome.places.tolist())
    return Comparison(test, *(reversed(sides) if turned else sides)), turned


def _constant(attribute: Levels, outcome: Levels) -> str:
    named = {"attribute_constant": attribute, "outcome_constant": outcome}
    return "; ".join(flag for flag, side in named.items() if len(side.labels) < 2)


def _add_family(
    rows: list[dict[str, object]], inside: list[int], columns: list[Levels], asked: list[str | None], outcome: Levels,
    seed: int,
) -> None:  # fmt: skip
    """Adjust p within the family, which leaves out what could not be tested."""
    tests = [k for k, place in enumerate(inside) if not math.isnan(float(str(rows[place]["p"])))]
    if not tests:
        return
    p = np.array([rows[inside[k]]["p"] for k in tests], dtype=np.float64)
    complete = np.flatnonzero(np.all([columns[k].places >= 0 for k in tests] + [outcome.places >= 0], axis=0))
    joint = [_comparison(columns[k].at(complete), outcome.at(complete), asked[k]) for k in tests]
    flags = [turned for _, turned in joint]
    places: Integers = outcome.at(complete).places
    family = permutation_maximum([one for one, _ in joint], places.tolist(), flags, seed=seed)
    for k, adjusted, largest, own in zip(tests, holm(p), family.p, p, strict=True):
        row = rows[inside[k]]
        row["p_holm"], row["p_max"] = float(adjusted), float(np.maximum(largest, own))
        notes = [str(row["flag"])] if row["flag"] else []
        notes += [f"p_max_monte_carlo={family.draws}"] if family.draws else []
        notes += [f"p_max_n={len(complete)}"] if len(complete) < int(str(row["n"])) else []
        row["flag"] = "; ".join(notes)


def _names(cases: pd.DataFrame, case: str | None) -> list[str]:
    if case is not None and case not in cases.columns:
        raise StudyError(f"the table of cases lacks column {case}; found {listed(list(cases.columns), 12)}; name one")
    names = [str(name) for name in (cases.index if case is None else cases[case])]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(f"each case stands in one row; found more of {listed(twice)}; name the cases apart")
    return names


def _check(
    cases: pd.DataFrame, attributes: Sequence[str], kinds: Mapping[str, str], alpha: float,
    family: Sequence[str] | None, tests: Mapping[str, str] | None,
) -> None:  # fmt: skip
    check_cases(len(cases))
    if not 0 < alpha < 1:
        raise StudyError(f"alpha must lie between 0 and 1, for example 0.05; found {alpha}")
    if unkinded := [name for name in attributes if name not in kinds]:
        raise StudyError(f"no kind is declared for {listed(unkinded)}; say nominal, ordinal or interval")
    for what, given in (("family", family or ()), ("tests", tests or {})):
        if strange := [name for name in given if name not in attributes]:
            raise StudyError(
                f"{what} names {listed(strange)}, which is no attribute here; there are {listed(attributes, 12)}"
            )
