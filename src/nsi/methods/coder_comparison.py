"""Coders compared with their earlier selves, and groups of coders with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.agreement import Coefficient, Estimate, Interval, alpha_of, bootstrap, coded, estimated
from nsi.methods.case_estimates import Resampling
from nsi.methods.coded_units import CodedUnits, coded_units

ALPHA = "krippendorff_alpha"
FEW_UNITS, SHORT_GAP = "few_units", "short_gap"
LEAST_UNITS, LEAST_DAYS = 20, 28  # fewer or sooner, and memory or chance may stand for agreement
SELF_COLUMNS = [
    "field", "level", "coefficient", "coder", "rounds", "estimate", "ci_low", "ci_high", "n_units", "n_ratings",
    "shortest_gap_days", "flag",
]  # fmt: skip


def self_agreement(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    level: str,
    seed: int,
    replicates: int = 1000,
    confidence: float = 0.95,
    code_values: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Agreement of each coder with an earlier self: alpha over units that one coder coded in several rounds.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value, round; rated_on and label_stage if there. A coder may have a
        unit once per round.
    field, codes, level, seed, replicates, confidence, code_values
        As for `reliability`.

    Returns
    -------
    DataFrame, one row per coder who coded a unit twice
        Columns field, level, coefficient, coder, rounds, estimate, ci_low, ci_high, n_units (coded twice or
        more by that coder), n_ratings (of those units), shortest_gap_days (from first to last rating of a
        unit; missing where undated), flag ("no_variation", "few_units" below 20 units, "short_gap" below 28
        days). No rows where no coder coded a unit again; `self_agreement_told` says so in words.

    Raises
    ------
    StudyError
        As for `reliability`; if a coder coded a unit twice in one round.
    """
    if "round" not in ratings.columns:
        raise StudyError("ratings lack column round, which tells an earlier coding from a later one; add it")
    here = ratings[(ratings["field"] == field).fillna(False).astype(bool)]
    named = here["coder"].astype("str") + " in round " + here["round"].astype("str").fillna("(none named)")
    table = coded_units(here.assign(coder=named), field=field, codes=codes)
    whose = dict(zip(named, here["coder"], strict=True))
    which = dict(zip(named, here["round"], strict=True))
    values = None if code_values is None else [code_values[code] for code in codes]
    chosen, drawing = alpha_of(level, len(codes), values), Resampling(replicates, seed, confidence, ())
    rows = []
    for coder in sorted({str(whose[name]) for name in table.coders}):
        columns = [place for place, name in enumerate(table.coders) if str(whose[name]) == coder]
        again = (table.positions[:, columns] >= 0).sum(axis=1) >= 2
        if again.any():
            positions = table.positions[np.ix_(again, columns)]
            estimate, interval = _with_interval(positions, len(codes), chosen, drawing)
            rounds = [str(which[table.coders[c]]) for c in columns if (table.positions[again, c] >= 0).any()]
            rows.append({
                "field": field, "level": level, "coefficient": ALPHA, "coder": coder,
                "rounds": ", ".join(sorted(rounds)), "estimate": estimate.estimate, "ci_low": interval.low,
                "ci_high": interval.high, "n_units": estimate.n_pairable, "n_ratings": estimate.n_ratings,
                **_gap(here[here["coder"].astype("str") == coder], table.units[again], estimate),
            })  # fmt: skip
    return pd.DataFrame(rows, columns=SELF_COLUMNS)


def self_agreement_told(table: pd.DataFrame, field: str) -> str:
    """Say in one sentence how far coders agree with their earlier selves, or that the data cannot tell.

    Parameters
    ----------
    table : DataFrame
        From `self_agreement`.
    field : str
        Name of the field to print.
    """
    if table.empty:
        return (
            f"{field}: no coder coded a unit again in a later round, so agreement with an earlier self "
            "is not known."
        )
    parts = []
    for coder, estimate, flag, n in table[["coder", "estimate", "flag", "n_units"]].to_numpy().tolist():
        told = f"undefined, {flag.replace('_', ' ')}" if np.isnan(estimate) else f"{estimate:.2f}"
        parts.append(f"{coder} {told} ({n} units)")
    return f"{field}: alpha of coders with their earlier selves: {'; '.join(parts)}."


def group_agreement(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    level: str,
    groups: Mapping[str, str],
    seed: int,
    replicates: int = 1000,
    confidence: float = 0.95,
    cluster: str | None = None,
    code_values: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Agreement within and between groups of coders, such as those who belong to what they study and others.

    Parameters
    ----------
    ratings, field, codes, level, seed, replicates, confidence, cluster, code_values
        As for `reliability`.
    groups : mapping of str to str
        Coder to group, as the study declares it. Every coder who has a rating needs one.

    Returns
    -------
    DataFrame
        A row "within" for each group, then a row "between" for every two: field, level, coefficient,
        comparison, group, other_group ("" within), coders (who have ratings), n_coders, estimate, ci_low,
        ci_high, n_units (units that were compared), n_pairs (pairs of ratings compared), flag. Within, alpha
        of that group's ratings; a group of one coder is flagged "single_coder". Between, alpha over all pairs
        of a coder of one group and a coder of the other, each pair a unit coded twice; its interval draws
        units with all their pairs.

    Raises
    ------
    StudyError
        As for `reliability`; if a coder has no group.
    """
    table = coded_units(ratings, field=field, codes=codes, cluster=cluster)
    homeless = [coder for coder in table.coders if not str(groups.get(coder, "")).strip()]
    if homeless:
        raise StudyError(
            f"coder {listed(homeless)} has ratings of {field!r} but no group; declared are "
            f"{listed(list(groups), 10) or 'none'}; give every coder a group in the study's settings"
        )
    values = None if code_values is None else [code_values[code] for code in codes]
    chosen, drawing = alpha_of(level, len(codes), values), Resampling(replicates, seed, confidence, ())
    names = list(dict.fromkeys(groups.values()))
    members = {name: [c for c, coder in enumerate(table.coders) if groups[coder] == name] for name in names}
    rows = []
    for group, other in [*((name, "") for name in names), *combinations(names, 2)]:
        mine, theirs = members[group], members.get(other, [])
        positions, unit = _across(table, mine, theirs) if other else _inside(table, mine)
        drawn = unit if table.cluster is None else table.cluster[unit]
        estimate, interval = _with_interval(positions, len(codes), chosen, drawing, drawn)
        sizes = (positions >= 0).sum(axis=1)
        rows.append({
            "field": field, "level": level, "coefficient": ALPHA,
            "comparison": "between" if other else "within", "group": group, "other_group": other,
            "coders": ", ".join(table.coders[c] for c in sorted(mine + theirs)),
            "n_coders": len(mine) + len(theirs), "estimate": estimate.estimate, "ci_low": interval.low,
            "ci_high": interval.high, "n_units": len(np.unique(unit[sizes >= 2])),
            "n_pairs": int((sizes * (sizes - 1) // 2).sum()), "flag": _design(estimate, mine, theirs, other),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _inside(table: CodedUnits, coders: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """A group's own ratings, and the unit of each row."""
    return table.positions[:, coders], np.arange(len(table.positions))


def _across(table: CodedUnits, mine: list[int], theirs: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of ratings across two groups as a row of two, and the unit that each comes from."""
    pairs = [table.positions[:, [one, other]] for one in mine for other in theirs]
    stacked = np.concatenate(pairs) if pairs else np.full((0, 2), -1, dtype=np.int64)
    unit = np.tile(np.arange(len(table.positions)), len(pairs))
    both = (stacked >= 0).all(axis=1)
    return stacked[both], unit[both]


def _design(estimate: Estimate, mine: list[int], theirs: list[int], other: str) -> str:
    """The estimate's flag; a comparison that has coders on both sides lacks shared units, not ratings."""
    return "no_overlap" if other and estimate.flag == "empty" and mine and theirs else estimate.flag


def _with_interval(
    positions: np.ndarray,
    n_codes: int,
    chosen: Coefficient,
    drawing: Resampling,
    cluster: np.ndarray | None = None,
) -> tuple[Estimate, Interval]:
    interval = bootstrap(positions, n_codes, [chosen], cluster=cluster, **drawing._asdict())[chosen.name]
    return estimated(chosen, coded(positions, n_codes)), interval


def _gap(own: pd.DataFrame, units: pd.DataFrame, estimate: Estimate) -> dict[str, object]:
    """Shortest time between a coder's codings of a unit, and what it and n say against the estimate."""
    days = float("nan")
    if "rated_on" in own.columns:
        kept = own[own["value"].notna()].merge(units, on=["case", "unit"])
        dated = kept.groupby(["case", "unit"], observed=True)["rated_on"].agg(["min", "max", "count"])
        apart = (dated["max"] - dated["min"])[dated["count"] >= 2]
        days = float(apart.min().days) if len(apart) else days
    few = FEW_UNITS if estimate.n_pairable < LEAST_UNITS else ""
    soon = SHORT_GAP if days < LEAST_DAYS else ""
    return {"shortest_gap_days": days, "flag": estimate.flag or few or soon}
