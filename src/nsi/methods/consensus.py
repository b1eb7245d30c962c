"""From independent labels to final ones: what is left to settle, and how many labels changed by settling.

Independent and final labels are two tables. Agreement is told from the first only; here they meet, to be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.coded_units import independent_ratings

UNIT = ["case", "unit"]
ABOUT = ("rule", "reason", "codebook_version")  # what may be recorded of how a unit was settled
NOT_RECORDED = "not recorded"
SETTLED = "consensus"
WHOLE = "all"


def consensus_changes(ratings: pd.DataFrame, consensus: pd.DataFrame, *, field: str) -> pd.DataFrame:
    """Put each coder's independent label beside the label on which its unit was settled.

    Parameters
    ----------
    ratings : DataFrame
        Independent labels: case, unit, coder, field, value (missing where a coder gave none).
    consensus : DataFrame
        Settled labels, one per unit: case, unit, field, value; rule, reason and codebook_version if recorded.
        A row without a value is a unit that is not settled.
    field : str
        Which field.

    Returns
    -------
    DataFrame, one row per label that an independent coder gave to a settled unit
        case, unit, coder, independent, final, changed (True where the two differ), differed (True where the
        unit's coders differed among themselves), new (True where none of them gave the final label), rule, reason,
        codebook_version; "not recorded" where blank.
        Settled units that no coder had labelled have no row.

    Raises
    ------
    StudyError
        If labels are not what their table says, a coder coded a unit twice, or a unit was settled twice.
    """
    given = independent_ratings(ratings, field)[[*UNIT, "coder", "value"]].rename(columns={"value": "independent"})
    settled = settled_labels(consensus, field)
    both = given.merge(settled, on=UNIT, how="inner", validate="many_to_one", sort=False)
    both["changed"] = (both["independent"] != both["final"]).astype(bool)
    units = both.groupby(UNIT, sort=False, observed=True)
    both["differed"] = (units["independent"].transform("nunique") > 1).astype(bool)
    both["new"] = units["changed"].transform("all").astype(bool)
    return both[[*UNIT, "coder", "independent", "final", "changed", "differed", "new", *ABOUT]]


def consensus_summary(changes: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count how many labels changed by settling, over all and within groups.

    Parameters
    ----------
    changes : DataFrame
        From `consensus_changes`.
    by : sequence of str
        Columns to group by, such as reason and codebook_version, or coder.

    Returns
    -------
    DataFrame, one row per group that occurs, over all first
        The columns of `by` ("all" in the first row), n_units, n_units_differed (coders differed), n_units_changed
        (at least one label changed), n_units_new (settled on a code that none of its coders gave), n_labels,
        n_changed, share_changed (of n_labels; missing where there are none).
    """
    lacking = [name for name in by if name not in changes.columns]
    if lacking:
        raise StudyError(f"changes cannot be counted by {listed(lacking)}; they have {', '.join(changes.columns)}")
    whole = {**dict.fromkeys(by, WHOLE), **_counts(changes)}
    rows: list[dict[str, object]] = [whole]
    if by:
        for names, group in changes.groupby(list(by), sort=True, observed=True):
            rows.append({**dict(zip(by, names, strict=True)), **_counts(group)})
    return pd.DataFrame(rows)


def adjudication_list(
    ratings: pd.DataFrame, consensus: pd.DataFrame, *, field: str, excerpts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the units on which coders differ, with what each said and what holds now.

    Parameters
    ----------
    ratings, consensus
        As for `consensus_changes`; `consensus` may have no rows.
    field : str
        Which field.
    excerpts : DataFrame, optional
        Columns unit and excerpt, and case if units of several cases share an id; one row per unit: the words or
        the title that help to decide.

    Returns
    -------
    DataFrame, one row per unit, in order of first appearance
        case, unit, one column per coder ("coder C1", in order of first appearance; missing where the coder gave
        none), excerpt (missing where there is none), final, rule, reason (missing where not settled or not
        recorded).

    Raises
    ------
    StudyError
        As `consensus_changes`, or if a unit has two excerpts.
    """
    given = independent_ratings(ratings, field)
    coders = [str(coder) for coder in pd.unique(given["coder"].astype(object))]
    wide = given.pivot(index=UNIT, columns="coder", values="value").reindex(columns=coders)
    wide = wide.reindex(pd.MultiIndex.from_frame(given[UNIT].drop_duplicates()))
    wide = wide[wide.nunique(axis=1) > 1]
    wide.columns = pd.Index([f"coder {coder}" for coder in coders])
    listed_units = _with_excerpts(wide.reset_index(), excerpts)
    settled = settled_labels(consensus, field)[[*UNIT, "final", "rule", "reason"]]
    settled = settled.mask(settled == NOT_RECORDED)
    return listed_units.merge(settled, on=UNIT, how="left", validate="one_to_one", sort=False)


def settled_labels(consensus: pd.DataFrame, field: str) -> pd.DataFrame:
    """Select the settled labels of one field: case, unit, final, rule, reason, codebook_version.

    Raises
    ------
    StudyError
        If a column is lacking, a row is an independent label, or a unit was settled twice.
    """
    lacking = [name for name in (*UNIT, "field", "value") if name not in consensus.columns]
    if lacking:
        raise StudyError(f"the settled labels lack column(s) {listed(lacking)}; add them")
    rows = consensus[(consensus["field"] == field).fillna(False).astype(bool)]
    if "label_stage" in rows.columns and (rows["label_stage"] != SETTLED).any():
        stray = int((rows["label_stage"] != SETTLED).sum())
        raise StudyError(
            f"field {field!r}: {stray} row(s) among the settled labels have another label_stage than {SETTLED!r}; "
            "pass independent labels as ratings"
        )
    rows = rows[rows["value"].notna()]
    again = rows[rows.duplicated(UNIT, keep=False)]
    if len(again):
        first = again.iloc[0]
        raise StudyError(
            f"unit {shown(str(first['unit']))} of case {shown(str(first['case']))} was settled more than once for "
            f"{field!r} ({len(again)} rows affected in all); a unit has one final label; keep one"
        )
    about = {name: rows[name].fillna(NOT_RECORDED) if name in rows.columns else NOT_RECORDED for name in ABOUT}
    return rows[[*UNIT, "value"]].rename(columns={"value": "final"}).assign(**about).reset_index(drop=True)


def told_changes(changes: pd.DataFrame) -> str:
    """Tell in words how many units were settled, by what rule, and how many labels changed, for what reason.

    Parameters
    ----------
    changes : DataFrame
        From `consensus_changes`.
    """
    if changes.empty:
        return "[not recorded: settled labels; the data hold none]"
    n = _counts(changes)
    units = changes.drop_duplicates(UNIT)
    text = (
        f"Of {n['n_units']:,} units that were settled ({_tally(units['rule'])}), coders had differed on "
        f"{n['n_units_differed']:,}. Settling changed {n['n_changed']:,} of {n['n_labels']:,} labels "
        f"({n['share_changed']:.1%})"
    )
    if n["n_changed"]:
        text += f", by reason: {_tally(changes.loc[changes['changed'], 'reason'])}"
    return f"{text}. On {n['n_units_new']:,} of the units no coder had given the final label."


def _tally(values: pd.Series) -> str:
    counts = values.astype(str).value_counts()
    ordered = sorted(counts.index, key=lambda name: (-counts[name], name))
    return ", ".join(f"{name} {counts[name]:,}" for name in ordered)


def _counts(changes: pd.DataFrame) -> dict[str, Any]:
    units = changes.groupby(UNIT, sort=False, observed=True)[["changed", "differed", "new"]].any()
    n_labels, n_changed = len(changes), int(changes["changed"].sum())
    return {
        "n_units": len(units),
        "n_units_differed": int(units["differed"].sum()),
        "n_units_changed": int(units["changed"].sum()),
        "n_units_new": int(units["new"].sum()),
        "n_labels": n_labels,
        "n_changed": n_changed,
        "share_changed": n_changed / n_labels if n_labels else float("nan"),
    }


def _with_excerpts(units: pd.DataFrame, excerpts: pd.DataFrame | None) -> pd.DataFrame:
    if excerpts is None:
        return units.assign(excerpt=pd.Series(pd.NA, index=units.index, dtype="str"))
    key = [name for name in UNIT if name in excerpts.columns]
    again = excerpts[excerpts.duplicated(key, keep=False)]
    if len(again):
        raise StudyError(
            f"unit {shown(str(again.iloc[0]['unit']))} has more than one excerpt ({len(again)} rows affected in all); "
            "pass one per unit"
        )
    return units.merge(excerpts[[*key, "excerpt"]], on=key, how="left", validate="many_to_one", sort=False)
