"""Agreement where a unit has a primary and perhaps a secondary code: several readings, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.agreement import (
    Coded,
    Coefficient,
    Specific,
    alpha_of,
    bootstrap,
    coded,
    estimated,
    jaccard_distance,
    masi_distance,
    share_distance,
)
from nsi.methods.agreement.alpha import Alpha
from nsi.methods.agreement.coders import Conger
from nsi.methods.agreement.counts import Floats
from nsi.methods.agreement.sums import Entries
from nsi.methods.case_estimates import Resampling
from nsi.methods.coded_units import SHOWN, coded_units, independent_ratings

PRIMARY_WEIGHTS = (1 / 2, 2 / 3)
COLUMNS = [
    "field", "variant", "code", "coefficient", "primary_weight", "estimate", "ci_low", "ci_high", "n_units",
    "n_pairable", "flag",
]  # fmt: skip
Row = dict[str, object]


def secondary_agreement(
    ratings: pd.DataFrame,
    *,
    field: str,
    codes: Sequence[str],
    seed: int,
    no_secondary: Sequence[str] = (),
    primary_weights: Sequence[float] = PRIMARY_WEIGHTS,
    replicates: int = 1000,
    confidence: float = 0.95,
    cluster: str | None = None,
) -> pd.DataFrame:
    """Agreement on primary codes alone, on each code in either place, on sets of codes, and on shares.

    Parameters
    ----------
    ratings : DataFrame
        Columns case, unit, coder, field, value, secondary; label_stage if there.
    field : str
        Which field.
    codes : sequence of str
        All codes of the field in the codebook's order; they serve in both places.
    seed, replicates, confidence, cluster
        As for `reliability`.
    no_secondary : sequence of str
        Codes of `secondary` that say "looked for and not found". Where given, a blank is no answer, and that
        rating counts under primary alone. Where not given, a blank is a unit without a secondary code.
    primary_weights : sequence of float
        Shares of the primary code where there is a secondary one, from 1/2 (order ignored) to 1.

    Returns
    -------
    DataFrame
        One row per result: field, variant, code ("" over all), coefficient, primary_weight (missing but for
        weighted), estimate, ci_low, ci_high, n_units, n_pairable, flag. Variants: "primary" (nominal alpha);
        "code_by_code" (pooled kappa over the codes, then alpha, positive and negative agreement of each);
        "set" (alpha by Jaccard and by MASI distance); "weighted" (alpha by difference of shares).

    Raises
    ------
    StudyError
        As for `reliability`; if a secondary code is no code, repeats the primary or stands without one.

    Source: de Vries et al. (2008) for pooled kappa; Passonneau (2006) for MASI.
    """
    table = coded_units(ratings, field=field, codes=codes, cluster=cluster)
    drawing = Resampling(replicates, seed, confidence, ())
    n_codes = len(codes)
    rows = _rows("primary", [alpha_of("nominal", n_codes)], table.positions, n_codes, drawing, table.cluster)
    numbered, kinds = _kinds(ratings, field, codes, no_secondary)
    names = [str(number) for number in range(max(len(kinds), 1))]
    both = coded_units(numbered, field=field, codes=names, cluster=cluster)
    members = np.zeros((len(names), n_codes), dtype=bool)
    for number, kind in enumerate(kinds):
        members[number, [code for code in kind if code >= 0]] = True
    pooled: list[Coefficient] = [PooledKappa("pooled_kappa", members)]
    rows += _rows("code_by_code", pooled, both.positions, len(names), drawing, both.cluster)
    given = np.where(both.positions[:, :, None] < 0, -1, members[both.positions].astype(np.int64))
    specific = [Specific("positive_agreement", 1), Specific("negative_agreement", 0)]
    each: list[Coefficient] = [alpha_of("nominal", 2), *specific]
    for place, code in enumerate(codes):
        found = _rows("code_by_code", each, given[:, :, place], 2, drawing, both.cluster)
        rows += [{**row, "code": code} for row in found]
    for variant, chosen, weight in _distances(members, kinds, n_codes, primary_weights):
        found = _rows(variant, [chosen], both.positions, len(names), drawing, both.cluster)
        rows += [{**row, "primary_weight": weight} for row in found]
    return pd.DataFrame(rows).assign(field=field)[COLUMNS]


@dataclass(frozen=True, eq=False)
class PooledKappa:
    """Kappa over all codes in one, from kinds of codings; with two coders as in de Vries et al. (2008).

    Attributes
    ----------
    name : str
        Name for tables.
    members : array of bool, shape (n_kinds, n_codes)
        Which codes each kind of coding holds.
    """

    name: str
    members: np.ndarray
    by_coder: bool = True
    needs_variation: bool = False
    se_method: str = ""

    def entries(self, data: Coded) -> Mapping[str, Entries]:
        """Sums of Conger's kappa, for each code apart."""
        return {
            f"{place} {name}": part
            for place, (kappa, given) in enumerate(self._parts(data))
            for name, part in kappa.entries(given).items()
        }

    def disagreement(self, data: Coded, sums: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """Observed and expected disagreement, added up over the codes before the ratio is formed."""
        observed = expected = np.zeros(len(sums["pairable"]))
        for place, (kappa, given) in enumerate(self._parts(data)):
            head = f"{place} "
            own = {name.removeprefix(head): part for name, part in sums.items() if name.startswith(head)}
            apart, by_chance = kappa.disagreement(given, {**own, "pairable": sums["pairable"]})
            observed, expected = observed + apart, expected + by_chance
        return observed, expected

    def standard_error(self, data: Coded, sums: Mapping[str, Floats]) -> float:
        """Give NaN: use the bootstrap."""
        return float("nan")

    def _parts(self, data: Coded) -> list[tuple[Conger, Coded]]:
        """For each code, Conger's kappa and the table of given and not given."""
        shown = np.where(data.rows[:, :, None] < 0, -1, self.members[data.rows].astype(np.int64))
        return [
            (Conger("conger_kappa"), Coded(shown[:, :, place], data.times, 2, data.n_coders))
            for place in range(self.members.shape[1])
        ]


def _rows(
    variant: str,
    chosen: Sequence[Coefficient],
    positions: np.ndarray,
    n_codes: int,
    drawing: Resampling,
    cluster: np.ndarray | None,
) -> list[Row]:
    intervals = bootstrap(positions, n_codes, chosen, cluster=cluster, **drawing._asdict())
    rows: list[Row] = []
    for part in chosen:
        found = estimated(part, coded(positions, n_codes, by_coder=part.by_coder))
        rows.append({
            "variant": variant, "code": "", "coefficient": part.name, "primary_weight": np.nan,
            "estimate": found.estimate, "ci_low": intervals[part.name].low,
            "ci_high": intervals[part.name].high, "n_units": found.n_units,
            "n_pairable": found.n_pairable, "flag": found.flag,
        })  # fmt: skip
    return rows


def _distances(
    members: np.ndarray, kinds: Sequence[tuple[int, int]], n_codes: int, primary_weights: Sequence[float]
) -> list[tuple[str, Coefficient, float]]:
    """Alpha under each distance between kinds of codings."""
    found: list[tuple[str, Coefficient, float]] = []
    for name, between in (("jaccard", jaccard_distance), ("masi", masi_distance)):
        found.append(("set", Alpha(f"krippendorff_alpha_{name}", "own", distance=between(members)), np.nan))
    for weight in primary_weights:
        if not 0.5 <= weight <= 1:
            raise StudyError(f"the primary code's weight must lie from 1/2 to 1; found {weight}")
        shares = np.zeros((len(members), n_codes))
        for number, (first, second) in enumerate(kinds):
            shares[number, first] = weight if second >= 0 else 1.0
            if second >= 0:
                shares[number, second] = 1 - weight
        distance = share_distance(shares)
        found.append(("weighted", Alpha("krippendorff_alpha_weighted", "own", distance=distance), weight))
    return found


def _kinds(
    ratings: pd.DataFrame, field: str, codes: Sequence[str], no_secondary: Sequence[str]
) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """Ratings with the number of their (primary, secondary) as value, and what the numbers stand for."""
    if "secondary" not in ratings.columns:
        raise StudyError("ratings lack column secondary; declare which column holds the second code")
    here = ratings[(ratings["field"] == field).fillna(False).astype(bool)]
    real = here["secondary"].notna() & ~here["secondary"].isin(list(no_secondary))
    _refuse(here[here["value"].isna() & real], field, "stands without a primary code; give one, or none")
    given = independent_ratings(ratings, field)
    real = real.loc[given.index]
    wrong = given[real & ~given["secondary"].isin(list(codes))]
    allowed = listed([repr(code) for code in [*codes, *no_secondary]], 10)
    _refuse(wrong, field, f"is no code, allowed are {allowed}; correct it")
    _refuse(given[real & (given["secondary"] == given["value"])], field, "repeats the primary code; settle which")
    if no_secondary:
        given, real = given[given["secondary"].notna()], real[given["secondary"].notna()]
    place = pd.Index(list(codes), dtype=object)
    first = place.get_indexer(pd.Index(given["value"].astype(object)))
    second = np.where(real, place.get_indexer(pd.Index(given["secondary"].astype(object))), -1)
    key = first * (len(codes) + 1) + second + 1
    known, number = np.unique(key, return_inverse=True)
    kinds = [(int(k) // (len(codes) + 1), int(k) % (len(codes) + 1) - 1) for k in known]
    return given.assign(value=number.astype(str).astype(object)), kinds


def _refuse(odd: pd.DataFrame, field: str, why: str) -> None:
    if len(odd):
        row = odd.iloc[0]
        raise StudyError(
            f"coder {row['coder']}, unit {row['unit']} of case {row['case']}: the secondary code "
            f"{repr(row['secondary'])[:SHOWN]} of {field!r} {why} ({len(odd)} such rating(s))"
        )
