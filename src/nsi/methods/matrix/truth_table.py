"""The truth table of a set of cases: configurations of conditions, their cases, consistency and contradictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.matrix.grid import as_matrix
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import NOT_LOOKED, ROWS, VALUE, Matrix
from nsi.methods.matrix.plan import Axis, Plan, SetRule
from nsi.methods.matrix.segment_displays import case_labels
from nsi.methods.matrix.set_membership import MOST_CONDITIONS, memberships
from nsi.methods.matrix.truth_evidence import cases_with_ratings, rated_matrix, with_evidence
from nsi.methods.matrix.wording import many

# Columns after the conditions, and what they are called.
TOLD = {
    "n": "Cases (n)", "cases": "Which", "outcome": "Outcome", "consistency": "Consistency", "pri": "PRI",
    "contradictions": "Contradictions",
}  # fmt: skip
REMAINDER = "no case (remainder)"
BANDS = ("outcome 1", "outcome 0", "too few cases", REMAINDER)


def configurations(
    cases: pd.DataFrame,
    conditions: Sequence[SetRule],
    result: SetRule,
    *,
    consistency: float = 0.8,
    least_cases: int = 1,
) -> pd.DataFrame:
    """Compute the truth table.

    Parameters
    ----------
    cases : DataFrame
        case and the columns that the rules name.
    conditions, result : SetRule
        Conditions in order, and the outcome.
    consistency : float
        From which consistency on a configuration is taken as sufficient for the outcome.
    least_cases : int
        A configuration with fewer cases has no outcome.

    Returns
    -------
    DataFrame, one row per configuration, in the order of R's QCA (all 0 first)
        configuration (such as "101"), one column of 0 and 1 per condition, n (cases with more than .5 membership),
        cases (list), outcome (1, 0, missing where there are too few cases), consistency and pri (missing where no
        case is in it), positive and negative (lists of its cases with and without the outcome).

    Raises
    ------
    StudyError
        As `memberships`; if there are too many conditions, or a case has a membership of exactly .5, so that it
        belongs to no configuration.

    Source: Ragin (2008), Redesigning Social Inquiry, chapters 3 and 7; PRI: Schneider and Wagemann (2012),
    Set-Theoretic Methods for the Social Sciences, section 9.2. With X the least membership in the conditions and Y
    the outcome: consistency = sum min(X, Y) / sum X; PRI = (sum min(X, Y) - sum min(X, Y, 1 - Y)) / (sum X - sum
    min(X, Y, 1 - Y)).
    """
    if not 1 <= len(conditions) <= MOST_CONDITIONS:
        raise StudyError(f"a truth table takes 1 to {MOST_CONDITIONS} conditions, but found {len(conditions)}")
    found = memberships(cases, [*conditions, result]).dropna().sort_index(kind="stable")
    for rule in (*conditions, result):
        half = found.index[found[rule.name] == 0.5]
        if len(half):
            raise StudyError(f"case {listed(half)} is exactly half in the set '{rule.name}', so that it belongs to no "
                             "configuration; settle whether it is rather in or out")  # fmt: skip
    sets, y = found[[rule.name for rule in conditions]].to_numpy(), found[result.name].to_numpy()
    rows = [_configuration(bits, sets, y, found.index) for bits in product((0, 1), repeat=len(conditions))]
    table = pd.DataFrame(rows)
    table["outcome"] = (table["consistency"] >= consistency).astype("Int64").mask(table["n"] < max(least_cases, 1))
    for place, rule in enumerate(conditions):
        table[rule.name] = [int(bits[place]) for bits in table["configuration"]]
    names = ["configuration", *(rule.name for rule in conditions)]
    return table[[*names, "n", "cases", "outcome", "consistency", "pri", "positive", "negative"]]


def _configuration(bits: tuple[int, ...], sets: np.ndarray, y: np.ndarray, ids: pd.Index) -> dict[str, object]:
    x = np.where(np.array(bits) == 1, sets, 1 - sets).min(axis=1)
    inside = x > 0.5
    both, either_way = np.minimum(x, y).sum(), np.minimum(np.minimum(x, y), 1 - y).sum()
    there, without = x.sum(), x.sum() - np.minimum(np.minimum(x, y), 1 - y).sum()
    return {
        "configuration": "".join(map(str, bits)), "n": int(inside.sum()), "cases": list(ids[inside]),
        "consistency": both / there if inside.any() else np.nan,
        "pri": (both - either_way) / without if inside.any() and without > 0 else np.nan,
        "positive": list(ids[inside & (y > 0.5)]), "negative": list(ids[inside & (y < 0.5)]),
    }  # fmt: skip


def truth_table(material: Material, plan: Plan) -> Matrix:
    """Configurations of conditions with their cases, outcome, consistency, PRI and contradictions.

    Parameters
    ----------
    material : Material
        Cases, and segments where the plan takes ratings of another matrix (`Plan.rated`) into its sets.
    plan : Plan
        `conditions`, `result`, `consistency`, `least_cases`; `rows.only` to take some of the cases.

    Returns
    -------
    Matrix
        Configurations with outcome 1 first, then 0, then those with too few cases, then remainders, whose outcome has
        the state not_looked. A condition that rests on ratings has the segments of its cases beneath it. All other
        cells have the state value.

    Raises
    ------
    StudyError
        As `configurations`, or if no outcome is declared.
    """
    if plan.result is None:
        raise StudyError(f"matrix '{plan.name}': a truth table needs an outcome; declare it")
    clash = [rule.name for rule in plan.conditions if rule.name in TOLD]
    if clash:
        raise StudyError(f"matrix '{plan.name}': a condition must not be called '{clash[0]}'; rename it")
    behind = rated_matrix(material, plan)
    cases = cases_with_ratings(material, plan, behind)
    table = configurations(
        cases, plan.conditions, plan.result, consistency=plan.consistency, least_cases=plan.least_cases
    )
    bands = [_band(n, outcome) for n, outcome in zip(table["n"], table["outcome"], strict=True)]
    table = table.assign(band=bands).iloc[np.argsort([BANDS.index(band) for band in bands], kind="stable")]
    whole = memberships(cases, [*plan.conditions, plan.result])
    left_out = sorted(whole.index[whole.isna().any(axis=1)])
    labels = case_labels(material)
    notes = (
        f"Outcome 1 from a consistency of {plan.consistency:g} on, in configurations of "
        f"{many(max(plan.least_cases, 1), 'case', 'cases')} or more.",
        f"Left out, because something is not recorded: {', '.join(labels[c] for c in left_out)}." if left_out else "",
    )
    cells, found = with_evidence(_cells(table, plan, labels, material.case_table), table, plan, behind)
    named = replace(plan, rows=Axis("case", "Configuration"), columns=Axis("attribute", "Condition or outcome"))
    return as_matrix(named, material, _rows(table, plan), _columns(plan), cells, found, notes)


def _band(n: int, outcome: object) -> str:
    if not n:
        return REMAINDER
    return "too few cases" if pd.isna(outcome) else f"outcome {outcome}"  # type: ignore[call-overload]


def _rows(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    names = [rule.name for rule in plan.conditions]
    labels = [" * ".join(name if bit == "1" else f"~{name}" for name, bit in zip(names, bits, strict=True))
              for bits in table["configuration"]]  # fmt: skip
    rows = pd.DataFrame({"row": table["configuration"].tolist(), "label": labels, "band": table["band"].tolist(),
                         "mark": ["contradictory" if p and n else "" for p, n in
                                  zip(table["positive"], table["negative"], strict=True)]}, dtype="str")  # fmt: skip
    return rows.assign(order_value=table["consistency"].to_numpy(dtype=float))[ROWS]


def _columns(plan: Plan) -> pd.DataFrame:
    assert plan.result is not None
    told = [[rule.name, rule.label or rule.name, "Conditions", "", _rule(rule)] for rule in plan.conditions]
    heading = f"Outcome: {plan.result.label or plan.result.name}"
    told += [[name, label, heading, "", _rule(plan.result) if name == "outcome" else ""]
             for name, label in TOLD.items()]  # fmt: skip
    return pd.DataFrame(told, columns=["column", "label", "group", "badge", "definition"], dtype="str")


def _rule(rule: SetRule) -> str:
    if rule.values:
        return f"1 where {rule.column} is {' or '.join(rule.values)}"
    return f"1 where {rule.column} is at least {rule.at_least:g}" if rule.at_least is not None else (
        f"membership from 0 to 1 as in {rule.column}")  # fmt: skip


def _cells(table: pd.DataFrame, plan: Plan, labels: dict[str, str], source: str) -> pd.DataFrame:
    told = []
    for row in table.to_dict("records"):
        told += [[row["configuration"], rule.name, str(row[rule.name]), VALUE] for rule in plan.conditions]
        unknown = row["n"] == 0
        words = dict.fromkeys(TOLD, f"not known: {REMAINDER}") | {"n": "0", "cases": REMAINDER}
        if not unknown:
            ones, zeros = (", ".join(labels[c] for c in row[name]) for name in ("positive", "negative"))
            words = {
                "n": str(row["n"]), "cases": ", ".join(labels[c] for c in row["cases"]),
                "outcome": "not known: too few cases" if pd.isna(row["outcome"]) else str(row["outcome"]),
                "consistency": f"{row['consistency']:.3f}",
                "pri": "undefined" if pd.isna(row["pri"]) else f"{row['pri']:.3f}",
                "contradictions": f"with: {ones}; without: {zeros}" if ones and zeros else "none",
            }  # fmt: skip
        for name, text in words.items():
            silent = unknown and name not in ("n", "cases")
            told.append([row["configuration"], name, text, NOT_LOOKED if silent else VALUE])
    cells = pd.DataFrame(told, columns=["row", "column", "shown", "state"], dtype="str")
    return cells.assign(source=f"table {source}")
