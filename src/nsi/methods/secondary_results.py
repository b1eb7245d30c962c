"""What becomes of each result when secondary codes count too: by every code, or by halves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.coded_units import POOLED, SHOWN

SCHEMES = ("primary", "combined_any", "combined_fractional")
DENOMINATORS = [f"n_{scheme}" for scheme in SCHEMES]
COLUMNS = [
    "group", "result", "code", "outcome", *SCHEMES, "largest_change", "same_conclusion", "reading", *DENOMINATORS
]
LARGE = 0.05  # share: five points of a hundred
Counts = dict[str, np.ndarray]


def secondary_sensitivity(
    units: pd.DataFrame,
    *,
    primary: str,
    secondary: str,
    codes: Sequence[str],
    no_secondary: Sequence[str] = (),
    outcome: str | None = None,
    outcomes: Sequence[str] = (),
    group: str | None = None,
    large: float = LARGE,
) -> pd.DataFrame:
    """Every downstream result under primary codes alone and under both ways of counting secondary ones.

    Parameters
    ----------
    units : DataFrame
        One row per unit; final codes.
    primary, secondary : str
        Columns of the two codes. A unit without a primary code is left out.
    codes : sequence of str
        Codes of both, in the codebook's order.
    no_secondary : sequence of str
        Values of `secondary` that say that there is none, besides blanks.
    outcome : str, optional
        Column to cross the codes with; units without a value there are left out of the cross-table.
    outcomes : sequence of str
        Codes of the outcome in the codebook's order.
    group : str, optional
        Column by which to repeat everything, after "all".
    large : float
        Change of a share from which on a conclusion is called another one.

    Returns
    -------
    DataFrame, one row per result
        Columns group, result, code, outcome, primary, combined_any, combined_fractional, largest_change (from
        primary, in the unit of the result), same_conclusion, reading, n_primary, n_combined_any,
        n_combined_fractional (what each is a share of: units; codes, which are more than units; units).
        Results: "share" of each code; its "rank" (1 most frequent, equals share the better rank);
        "modal_code" (values are its share, `reading` names it under each scheme); "row_share" of each outcome
        among the units with a code; "modal_outcome" of each code. A share of nothing is missing, and a
        conclusion about it stays the same where it is missing under all three.

    Raises
    ------
    StudyError
        If a column is lacking, a value is no code, or a secondary code repeats the primary or stands alone.

    Notes
    -----
    A conclusion is the same where the share changed by less than `large`, the rank is equal, or the most
    frequent codes are.
    """
    first, second = _positions(units, primary, secondary, codes, no_secondary)
    last = np.full(len(units), -1) if outcome is None else _places(units, outcome, outcomes)
    names = pd.Series(POOLED, index=units.index) if group is None else _column(units, group).astype("str")
    if group is not None and (names == POOLED).any():
        raise StudyError(f"column {group} holds a group called {POOLED!r}, which names the row over all; rename it")
    rows: list[dict[str, object]] = []
    for name in [POOLED, *(dict.fromkeys(names.dropna()) if group else ())]:
        here = np.ones(len(units), dtype=bool) if name == POOLED else (names == name).fillna(False).to_numpy(bool)
        counts = _counts(first[here], second[here], last[here], len(codes), len(outcomes))
        found = _of_codes(counts[0], codes, large)
        if outcome is not None:
            found += _of_outcomes(counts[1], codes, outcomes, large)
        rows += [{"group": name, **row} for row in found]
    whole = dict.fromkeys(DENOMINATORS[:2], "int64")
    return pd.DataFrame(rows)[COLUMNS].astype(whole)


def largest_changes(table: pd.DataFrame) -> pd.DataFrame:
    """For each kind of result, where counting secondary codes changes it most.

    Parameters
    ----------
    table : DataFrame
        From `secondary_sensitivity`.

    Returns
    -------
    DataFrame, one row per kind of result
        Columns result, n_results, n_other_conclusions, largest_change, and where that is: group, code,
        outcome.
    """
    rows = []
    for result, part in table.groupby("result", sort=False):
        change = part["largest_change"]
        top = part.iloc[int(np.argmax(change.fillna(-1.0).to_numpy(float)))]
        rows.append({
            "result": result, "n_results": len(part),
            "n_other_conclusions": int((~part["same_conclusion"].astype(bool)).sum()),
            **{name: top[name] for name in ("largest_change", "group", "code", "outcome")},
        })  # fmt: skip
    return pd.DataFrame(rows)


def _counts(
    first: np.ndarray, second: np.ndarray, last: np.ndarray, n_codes: int, n_outcomes: int
) -> tuple[Counts, Counts]:
    """Units by code, and by code and outcome, as each scheme counts them."""
    both = second >= 0
    weight = {"primary": (1.0, 0.0), "combined_any": (1.0, 1.0), "combined_fractional": (0.5, 0.5)}
    codes, crossed = {}, {}
    for scheme, (one, two) in weight.items():
        place = np.concatenate([first, second[both]])
        worth = np.concatenate([np.where(both, one, 1.0), np.full(int(both.sum()), two)])
        use = np.concatenate([last, last[both]])
        coded, known = place >= 0, (place >= 0) & (use >= 0)
        codes[scheme] = np.bincount(place[coded], worth[coded], n_codes)
        cells = place[known] * n_outcomes + use[known]
        crossed[scheme] = np.bincount(cells, worth[known], n_codes * n_outcomes).reshape(n_codes, n_outcomes)
    return codes, crossed


def _of_codes(counts: Counts, codes: Sequence[str], large: float) -> list[dict[str, object]]:
    """Shares of codes, their ranks, and the most frequent code."""
    share = {scheme: _shares(n) for scheme, n in counts.items()}
    n = {scheme: float(part.sum()) for scheme, part in counts.items()}
    rank = {s: np.where(np.isnan(x), np.nan, 1.0 + (x[None, :] > x[:, None]).sum(axis=1)) for s, x in share.items()}
    rows = [_row("share", code, "", _at(share, k), n, large) for k, code in enumerate(codes)]
    rows += [_row("rank", code, "", _at(rank, k), n, 1.0) for k, code in enumerate(codes)]
    return [*rows, _modal("modal_code", "", share, codes, n)]


def _of_outcomes(
    counts: Counts, codes: Sequence[str], outcomes: Sequence[str], large: float
) -> list[dict[str, object]]:
    """Row shares of a cross-table, and the most frequent outcome of each code."""
    rows, modal = [], []
    for k, code in enumerate(codes):
        share = {scheme: _shares(table[k]) for scheme, table in counts.items()}
        n = {scheme: float(table[k].sum()) for scheme, table in counts.items()}
        rows += [_row("row_share", code, name, _at(share, o), n, large) for o, name in enumerate(outcomes)]
        modal.append(_modal("modal_outcome", code, share, outcomes, n))
    return rows + modal


def _row(
    result: str, code: str, outcome: str, values: dict[str, float], n: dict[str, float], large: float
) -> dict[str, object]:
    changes = [abs(values[scheme] - values["primary"]) for scheme in SCHEMES[1:]]
    known = [not np.isnan(value) for value in values.values()]
    change = max(changes) if all(known) else float("nan")
    # 1e-12: a change of exactly `large` must not slip below it by rounding
    same = change < large - 1e-12 if all(known) else not any(known)
    return {
        "result": result, "code": code, "outcome": outcome, **values, "largest_change": change,
        "same_conclusion": bool(same), "reading": "", **_denominators(n),
    }  # fmt: skip


def _modal(
    result: str, code: str, share: Counts, names: Sequence[str], n: dict[str, float]
) -> dict[str, object]:
    """Which name is most frequent under each scheme; equals are named together."""
    top = {scheme: float(part.max()) if part.size else float("nan") for scheme, part in share.items()}
    said = {s: " = ".join(name for name, x in zip(names, share[s], strict=True) if x == top[s]) for s in SCHEMES}
    row = _row(result, code, "", top, n, np.inf)
    reading = said["primary"] if len(set(said.values())) == 1 else " | ".join(said[s] or "–" for s in SCHEMES)
    return {**row, "same_conclusion": len(set(said.values())) == 1, "reading": reading}


def _denominators(n: dict[str, float]) -> dict[str, float]:
    """What shares are shares of; halves of units may add up to half a unit."""
    return {f"n_{scheme}": whole for scheme, whole in n.items()}


def _at(values: Counts, place: int) -> dict[str, float]:
    return {scheme: float(part[place]) for scheme, part in values.items()}


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum() if counts.sum() else np.full(counts.shape, np.nan)


def _positions(
    units: pd.DataFrame, primary: str, secondary: str, codes: Sequence[str], no_secondary: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of both codes, -1 where there is none."""
    first = _places(units, primary, codes)
    given = _column(units, secondary)
    second = _places(units.assign(**{secondary: given.mask(given.isin(list(no_secondary)))}), secondary, codes)
    for odd, why in (
        ((second >= 0) & (first < 0), "stands without a primary code"),
        ((second >= 0) & (second == first), "repeats the primary code"),
    ):
        if odd.any():
            raise StudyError(
                f"row {units.index[odd][0]}: the code in {secondary} {why} ({int(odd.sum())} such row(s)); "
                "correct it, or leave it blank"
            )
    return first, second


def _places(units: pd.DataFrame, column: str, codes: Sequence[str]) -> np.ndarray:
    values = _column(units, column)
    place = pd.Index(list(codes), dtype=object).get_indexer(pd.Index(values.astype(object)))
    stray = (place < 0) & values.notna().to_numpy()
    if stray.any():
        raise StudyError(
            f"row {units.index[stray][0]}: {column} is {repr(values[stray].iloc[0])[:SHOWN]}, allowed are "
            f"{listed(list(codes), 10) or 'no codes at all'} ({int(stray.sum())} such row(s)); "
            "correct the value, or add the code to the codebook"
        )
    return np.asarray(place, dtype=np.int64)


def _column(units: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in units.columns:
        raise StudyError(f"the table of units lacks column {name}; found {listed(list(units.columns), 12)}; name one")
    return units[name]
