"""Results of one question under many defensible choices: in how many it holds, and which choice breaks it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.claims import FAILS, HOLDS, OPEN, judged, names_in

NEEDED = ["universe", "what", "name", "value"]
CHOICE, NUMBER = "choice", "number"
LACKING = "a number of its test is missing there: a run failed"


def universe_table(results: pd.DataFrame, choices: Sequence[str]) -> pd.DataFrame:
    """Put what a sweep recorded into one row per universe.

    Parameters
    ----------
    results : DataFrame
        universe, what ("choice" or "number"), name, value (text): of each universe the option of every choice and the
        numbers that its runs recorded.
    choices : sequence of str
        Names of the choices.

    Returns
    -------
    DataFrame, one row per universe
        universe, one column per choice (its option), and one per number (as text; missing where a run failed).

    Raises
    ------
    StudyError
        If a column is absent, a universe lacks a choice, or something stands twice.
    """
    absent = [name for name in NEEDED if name not in results.columns]
    if absent:
        raise StudyError(f"results of a sweep lack column(s) {listed(absent)}; found {listed(results.columns)}")
    if results.duplicated(["universe", "what", "name"]).any():
        raise StudyError("results of a sweep: a universe has a choice or a number twice; collect them again")
    if clash := sorted(set(choices) & set(results.loc[results["what"] == NUMBER, "name"])):
        raise StudyError(f"results of a sweep: {listed(clash)} is a choice and a number; rename the choice")
    wide = results.pivot(index="universe", columns="name", values="value")
    bare = [name for name in choices if name not in wide.columns or wide[name].isna().any()]
    if bare:
        raise StudyError(f"results of a sweep: some universe has no option for {listed(bare)}; collect them again")
    numbers = [name for name in dict.fromkeys(results["name"]) if name not in choices]
    return wide[[*choices, *numbers]].reset_index().rename_axis(columns=None)


def specification_curve(universes: pd.DataFrame, choices: Sequence[str], *, test: str, estimate: str) -> pd.DataFrame:
    """Hold one question against every universe, and order them by the number that is drawn.

    Parameters
    ----------
    universes : DataFrame
        From `universe_table`.
    choices : sequence of str
        Names of the choices.
    test : str
        Comparisons of numbers, as in the ledger of claims.
    estimate : str
        Name of the number that is drawn.

    Returns
    -------
    DataFrame, one row per universe
        place (1 = smallest estimate; universes without one last), universe, the choices, estimate (missing where it
        was not recorded or is a text), verdict (holds, does not hold, cannot be tested), found (the test with values).

    Raises
    ------
    StudyError
        If the test cannot be read, or names a number that no universe has.
    """
    wanted = list(dict.fromkeys([*names_in(test, estimate), estimate]))
    unknown = [name for name in wanted if name not in universes.columns]
    if unknown:
        raise StudyError(f"no universe has the number {listed(unknown)}; name one that the swept notebooks record")
    rows = []
    for _, row in universes.iterrows():
        numbers = {name: _value(row[name]) for name in wanted if pd.notna(row[name])}
        rows.append(_verdict(test, estimate, numbers, complete=len(numbers) == len(wanted)))
    told = pd.DataFrame(rows, columns=["estimate", "verdict", "found"], index=universes.index)
    curve = universes[["universe", *choices]].join(told)
    curve = curve.sort_values(["estimate", "universe"], kind="stable", na_position="last").reset_index(drop=True)
    return curve.assign(place=np.arange(1, len(curve) + 1))[["place", "universe", *choices, *told.columns]]


def choice_influence(curve: pd.DataFrame, options: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Say of every option in how many universes the question holds, and of every choice how often it alone decides.

    Parameters
    ----------
    curve : DataFrame
        From `specification_curve`.
    options : mapping of str to sequence of str
        Choice to its options, in order.

    Returns
    -------
    DataFrame, one row per option
        choice, option, n (universes that could be tested), n_holds, share_holds (missing where n is 0), median
        (of the estimate), n_pairs (pairs of universes that differ in this choice alone, one of them with this option,
        both tested), n_decided (of them, how many differ in verdict), share_decided.

    Raises
    ------
    StudyError
        If an option of the curve is not among the options.
    """
    names, rows = list(options), []
    tested = curve[curve["verdict"] != OPEN].assign(held=lambda frame: frame["verdict"] == HOLDS)
    for name in names:
        stray = sorted(set(curve[name]) - set(options[name]))
        if stray:
            raise StudyError(f"choice '{name}' has no option {listed(stray)}; it has {listed(options[name], 12)}")
        others = [other for other in names if other != name]
        wide = tested.assign(rest=tested[others].astype(str).agg("\n".join, axis=1) if others else "")
        wide = wide.pivot(index="rest", columns=name, values="held").reindex(columns=list(options[name]))
        for option in options[name]:
            own = tested[tested[name] == option]
            pairs, decided = _pairs(wide, option)
            held = int(own["held"].sum())
            rows.append((name, option, len(own), held, held / len(own) if len(own) else math.nan,
                         own["estimate"].median(), pairs, decided, decided / pairs if pairs else math.nan))  # fmt: skip
    return pd.DataFrame(rows, columns=["choice", "option", "n", "n_holds", "share_holds", "median", "n_pairs",
                                       "n_decided", "share_decided"])  # fmt: skip


def deciding_choices(influence: pd.DataFrame) -> pd.DataFrame:
    """One row per choice, the one that decides most often first.

    Parameters
    ----------
    influence : DataFrame
        From `choice_influence`.

    Returns
    -------
    DataFrame
        choice, n_pairs, n_decided, share_decided (of pairs of universes that differ in it alone; missing where there is
        no pair), worst (the option under which the question holds least often), share_worst.
    """
    rows = []
    for name, own in influence.groupby("choice", sort=False):
        pairs, decided = int(own["n_pairs"].sum()) // 2, int(own["n_decided"].sum()) // 2  # each pair has two options
        known = own.dropna(subset=["share_holds"])
        worst = known.sort_values("share_holds", kind="stable").iloc[0] if len(known) else None
        rows.append((name, pairs, decided, decided / pairs if pairs else math.nan,
                     "" if worst is None else worst["option"],
                     math.nan if worst is None else worst["share_holds"]))  # fmt: skip
    columns = ["choice", "n_pairs", "n_decided", "share_decided", "worst", "share_worst"]
    return pd.DataFrame(rows, columns=columns).sort_values("share_decided", ascending=False, kind="stable",
                                                            ignore_index=True)  # fmt: skip


def _pairs(wide: pd.DataFrame, option: str) -> tuple[int, int]:
    """Pairs of one option with every other, all else equal; and those of them whose verdicts differ."""
    pairs = decided = 0
    for other in wide.columns:
        if other != option:
            both = wide[[option, other]].dropna()
            pairs += len(both)
            decided += int((both[option].astype(bool) != both[other].astype(bool)).sum())
    return pairs, decided


def _value(text: object) -> float | str:
    try:
        number = float(str(text))
    except ValueError:
        return str(text)
    return number if math.isfinite(number) else str(text)


def _verdict(test: str, estimate: str, numbers: Mapping[str, float | str], *, complete: bool) -> tuple[float, str, str]:
    value = numbers.get(estimate, math.nan)
    drawn = value if isinstance(value, float) else math.nan
    if not complete:
        return drawn, OPEN, LACKING
    asked = pd.DataFrame({"claim": [estimate], "test": [test], "basis": ["open"], "why": [""]})
    row = judged(asked, numbers).iloc[0]
    return drawn, str(row["verdict"]), str(row["found"])


VERDICTS = (HOLDS, FAILS, OPEN)
