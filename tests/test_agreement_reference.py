"""Every coefficient against numbers that other programs computed from published examples.

The numbers and the data stand in ../shared/data, with the call that made each (R 4.2.2; irr 0.84.1, irrCAC
1.0, vcd 1.4.11, psych 2.2.9, icr 0.6.6). They are not part of the project; without them this file is skipped.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.methods import agreement as ag

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="../shared/data with the reference results is not here"
)

EXACT, ERROR = 1e-9, 1e-7  # for estimates, for standard errors

# What the reference files hold besides the coefficients of this project, and why it is not matched.
NOT_OURS = {
    "percent_agreement_all_raters_identical.irr": "share of units on which all agree, not a mean over pairs",
    "fleiss_z_by_category.irr": "a test statistic",
    "stuart_maxwell.irr": "a test of marginal homogeneity",
    "bhapkar.irr": "a test of marginal homogeneity",
    "kendall_tau_b": "a correlation",
    "spearman": "a correlation",
    "bootstrap_krippendorff_algorithm_nominal_95.icr": "resamples pairs, not units",
}
OTHER_PACKAGE = (
    ".irr",
    ".icr",
    ".rel",
    ".krippendorffsalpha",
)  # of an alpha: a second word on a number matched here

WEIGHTED: dict[str, Any] = {
    "percent_agreement_weighted": ag.percent_agreement,
    "gwet_AC2": ag.gwet_ac2,
    "brennan_prediger": ag.brennan_prediger,
    "fleiss_kappa": ag.fleiss_kappa,
    "conger_kappa": ag.conger_kappa,
}
PLAIN: dict[str, Any] = {
    "percent_agreement_pairwise.irrCAC": ag.percent_agreement,
    "gwet_AC1.irrCAC": ag.gwet_ac1,
    "brennan_prediger.irrCAC": ag.brennan_prediger,
    "fleiss_kappa.irrCAC": ag.fleiss_kappa,
    "conger_kappa.irrCAC": ag.conger_kappa,
    "krippendorff_alpha_nominal.irrCAC": lambda rows, q: ag.krippendorff_alpha(rows, q, level="nominal"),
}
TABLES = {  # irrCAC's functions for a two-way table divide by n, not n - 1
    "cohen_kappa_table.irrCAC": lambda rows, q: ag.cohen_kappa(rows, q, se_method="gwet_linearisation"),
    "scott_pi_table.irrCAC": ag.fleiss_kappa,
    "gwet_ac1_table.irrCAC": ag.gwet_ac1,
    "bp2_table.irrCAC": ag.brennan_prediger,
    "krippen2_table.irrCAC": lambda rows, q: ag.krippendorff_alpha(rows, q, level="nominal"),
    "pa2_table.irrCAC": ag.percent_agreement,
}
COMPLETE = {  # irr drops units that any coder left out
    "fleiss_kappa_complete_cases.irr": ag.fleiss_kappa,
    "conger_exact_kappa_complete_cases.irr": ag.conger_kappa,
    "light_kappa_complete_cases.irr": ag.mean_cohen_kappa,
}
COHEN = {
    "cohen_kappa_unweighted.irr": "identity",
    "cohen_kappa_equal.irr": "linear",
    "cohen_kappa_squared.irr": "quadratic",
}


@cache
def statistics(folder: str) -> dict[str, Any]:
    """Reference values by key; empty where the folder is absent."""
    path = DATA / folder / "reference.json"
    return json.loads(path.read_text(encoding="utf-8"))["statistics"] if path.is_file() else {}


@cache
def codings(folder: str) -> dict[str, pd.DataFrame]:
    """Units by coders, as read, by the prefix that the reference keys carry."""
    path = DATA / "coders" / folder
    if folder == "bengerry":
        both = pd.read_csv(path / "cac.ben.gerry.from_rdata.csv")
        parts = {f"group_{name}.": part for name, part in both.groupby("Group")}
        return {prefix: part[["Ben", "Gerry"]] for prefix, part in {"": both, **parts}.items()}
    if folder == "cont3x3abstractors":
        counts = pd.read_csv(path / "cont3x3abstractors.csv", index_col=0).to_numpy()
        first, second = np.indices(counts.shape)
        return {
            "": pd.DataFrame(np.repeat(np.stack([first.ravel(), second.ravel()], 1), counts.ravel(), axis=0))
        }
    files = {"raw4raters": "cac.raw4raters.from_rdata.csv"}
    return {"": pd.read_csv(path / files.get(folder, f"{folder}.csv")).drop(columns="unit", errors="ignore")}


@cache
def coded(folder: str, prefix: str) -> tuple[np.ndarray, int]:
    """Positions among the codes that occur, as the packages take them, and how many occur."""
    frame = codings(folder)[prefix]
    codes = sorted(pd.unique(frame.to_numpy(dtype=object).ravel()[frame.notna().to_numpy().ravel()]))
    return ag.code_positions(frame.to_numpy(dtype=object), codes), len(codes)


def split(folder: str, key: str) -> tuple[str, str]:
    for prefix in codings(folder):
        if prefix and key.startswith(prefix):
            return prefix, key.removeprefix(prefix)
    return "", key


FOLDERS = ("bengerry", "cont3x3abstractors", "diagnoses", "raw4raters", "vision")
CASES = [(folder, key) for folder in FOLDERS for key in statistics(f"coders/{folder}")]
CASES = [
    (folder, key)
    for folder, key in CASES
    if split(folder, key)[1] not in NOT_OURS and not ("_alpha_" in key and key.endswith(OTHER_PACKAGE))
]


def close(estimate: ag.Estimate, value: dict[str, float]) -> None:
    """Hold an estimate against irrCAC's line for it."""
    assert estimate.estimate == pytest.approx(value["est"], abs=EXACT)
    assert estimate.se == pytest.approx(value["se"], abs=ERROR)
    if "pa" in value and "alpha" not in estimate.coefficient:
        assert 1 - estimate.observed == pytest.approx(value["pa"], abs=EXACT)
        assert 1 - estimate.expected == pytest.approx(value["pe"], abs=EXACT)


@pytest.mark.parametrize(("folder", "key"), CASES)
def test_published_codings_give_the_reference_value(folder: str, key: str) -> None:
    prefix, name = split(folder, key)
    value = statistics(f"coders/{folder}")[key]["value"]
    rows, q = coded(folder, prefix)
    check(name, value, rows, q)


def check(name: str, value: Any, rows: np.ndarray, q: int) -> None:
    stem, _, kind = name.removesuffix(".irrCAC").rpartition("_")
    levels = [float(place) for place in range(1, q + 1)]
    if name in PLAIN:
        close(PLAIN[name](rows, q), value)
    elif name.startswith("krippendorff_alpha_weights_"):
        close(ag.distance_alpha(rows, 1 - ag.agreement_weights(kind, q)), value)
    elif stem in WEIGHTED and kind in ag.WEIGHTS:
        close(WEIGHTED[stem](rows, q, weights=kind), value)
    elif name.startswith("krippendorff_alpha_"):
        found = ag.krippendorff_alpha(rows, q, level=kind, values=levels)
        assert found.estimate == pytest.approx(value, abs=EXACT)
    elif name.startswith("published.krippendorff_2011_"):  # printed with three digits
        assert ag.krippendorff_alpha(rows, q, level=kind, values=levels).estimate == pytest.approx(
            value, abs=5e-4
        )
    elif name in COMPLETE:
        expected = value["est"] if isinstance(value, dict) else value
        assert COMPLETE[name](ag.complete_rows(rows, q), q).estimate == pytest.approx(expected, abs=EXACT)
    elif name in TABLES:
        found = TABLES[name](rows, q)
        assert found.estimate == pytest.approx(value["est"], abs=EXACT)
        over_n = np.sqrt((found.n_units - 1) / found.n_units)
        assert found.se * over_n == pytest.approx(value["se"], abs=ERROR)
    elif name == "scott_pi.irrCAC":
        close(ag.scott_pi(rows, q), value)
    else:
        check_cohen_or_count(name, value, rows, q)


def check_cohen_or_count(name: str, value: Any, rows: np.ndarray, q: int) -> None:
    def cohen(weights: str, error: str = "fleiss_cohen_everitt_1969") -> ag.Estimate:
        return ag.cohen_kappa(rows, q, weights=weights, se_method=error)

    if name in COHEN:  # irr prints z under the hypothesis of no agreement beyond chance
        found = cohen(COHEN[name], "fleiss_cohen_everitt_1969_null")
        assert found.estimate == pytest.approx(value["est"], abs=EXACT)
        assert found.se == pytest.approx(value["est"] / value["z"], abs=ERROR)
        assert found.n_units == value["n"]
    elif name.startswith("cohen_kappa") and name.endswith(".vcd"):
        for kind in {part.removesuffix("_ASE") for part in value}:
            found = cohen("identity" if kind == "unweighted" else kind)
            assert found.estimate == pytest.approx(value[kind], abs=EXACT)
            assert found.se == pytest.approx(value[f"{kind}_ASE"], abs=ERROR)
    elif (
        name == "cohen_kappa.psych"
    ):  # its weights are quadratic; its weighted variance is 0 at times, not matched
        assert cohen("identity").estimate == pytest.approx(value["kappa"], abs=EXACT)
        assert cohen("identity").se ** 2 == pytest.approx(value["var_kappa"], abs=ERROR)
        assert cohen("quadratic").estimate == pytest.approx(value["weighted_kappa"], abs=EXACT)
    elif name == "fleiss_kappa_by_category.irr":  # printed with three digits
        for code, kappa in enumerate(value.values()):
            found = ag.fleiss_kappa(ag.one_against_rest(rows, q, code), 2)
            assert found.estimate == pytest.approx(kappa, abs=5e-4 + EXACT)
    elif name == "bootstrap_unit_resampling_nominal_95.icr":  # Monte Carlo on both sides
        alpha = ag.alpha_of("nominal", q)
        interval = ag.bootstrap(rows, q, [alpha], replicates=20_000, seed=20)[alpha.name]
        assert [interval.low, interval.high] == pytest.approx([value["q2.5"], value["q97.5"]], abs=0.02)
    else:
        estimate = ag.percent_agreement(rows, q)
        counts = {
            "n_units_with_any_rating": estimate.n_units,
            "n_pairable_units": estimate.n_pairable,
            "n_ratings": estimate.n_ratings,
            "n_complete_units": len(ag.complete_rows(rows, q)),
        }
        assert counts[name] == value


def test_counts_of_coders_per_code_give_the_reference_values() -> None:
    counts = pd.read_csv(DATA / "coders/distrib6/distrib.6raters.csv").to_numpy()
    rows, q = ag.positions_from_counts(counts), counts.shape[1]
    values = {key: entry["value"] for key, entry in statistics("coders/distrib6").items()}
    close(ag.percent_agreement(rows, q), values["pa.coeff.dist.irrCAC"])
    close(ag.gwet_ac1(rows, q), values["gwet.ac1.dist.irrCAC"])
    close(ag.fleiss_kappa(rows, q), values["fleiss.kappa.dist.irrCAC"])
    close(ag.brennan_prediger(rows, q), values["bp.coeff.dist.irrCAC"])
    alpha, reference = ag.krippendorff_alpha(rows, q, level="nominal"), values["krippen.alpha.dist.irrCAC"]
    assert alpha.estimate == pytest.approx(reference["est"], abs=EXACT)
    # irrCAC has two standard errors of alpha. From counts it adds each unit's part in chance once, where its
    # function for raw codings, like Gwet (2014) and ours, adds it twice. Ours is here that of Fleiss' kappa:
    assert alpha.se == pytest.approx(values["fleiss.kappa.dist.irrCAC"]["se"], abs=ERROR)
    assert abs(alpha.se - reference["se"]) > 1e-3


@cache
def artefacts() -> pd.DataFrame:
    frame = pd.read_csv(DATA / "gti_artefacts/GTI-Artefact-Data.csv", low_memory=False)
    return frame.drop_duplicates(["COUNTRY", "IDARTEFACT", "IDRATER"])  # as the reference: the first is kept


ARTEFACT_FIELDS = sorted({tuple(key.split(".")[:2]) for key in statistics("gti_artefacts")})


@pytest.mark.parametrize(("country", "field"), ARTEFACT_FIELDS)
def test_artefact_ratings_give_the_reference_values(country: str, field: str) -> None:
    rows = artefacts()[lambda frame: frame["COUNTRY"] == country]
    prefix = f"{country}.{field}."
    values = {
        key.removeprefix(prefix): entry["value"]
        for key, entry in statistics("gti_artefacts").items()
        if key.startswith(prefix)
    }
    ordinal = f"{prefix}krippendorff_alpha_ordinal" in statistics("gti_artefacts")
    valid = [1, 2, 3] if ordinal else [0, 1]
    rows = rows[rows[field].isin(valid)]
    wide = rows.pivot(index="IDARTEFACT", columns="IDRATER", values=field).to_numpy(dtype=object)
    codes = [code for code in valid if (rows[field] == code).any()]  # the packages count codes that occur
    positions, q = ag.code_positions(wide, codes), len(codes)
    for name, value in values.items():
        if name == "n_units":
            assert len(positions) == value
        else:
            check(name, value, positions, q)


def test_every_reference_value_is_matched_or_set_aside_with_a_reason() -> None:
    names = {split(folder, key)[1] for folder in FOLDERS for key in statistics(f"coders/{folder}")}
    matched = {split(folder, key)[1] for folder, key in CASES}
    second_word = {name for name in names if "_alpha_" in name and name.endswith(OTHER_PACKAGE)}
    assert names == matched | second_word | (names & NOT_OURS.keys())
