"""What the bundled study comes to: every published target holds, and the text of results is what the numbers say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from nsi.claims import BASES, read_claims
from nsi.declaration import Declaration
from nsi.pipeline.results_text import HEAD, SYNTHETIC, filled_in, names_in, read_templates

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "figures"
NUMBERS = json.loads((FIGURES / "numbers.json").read_text(encoding="utf-8"))
LEDGER = pd.read_csv(FIGURES / "tables" / "claims.csv", dtype="str", keep_default_na=False).set_index("claim")
STUDIES = ("artifacts", "districts", "rigor", "equity", "alignment", "survey", "initiative")
# The items that the papers of the five studies need, by figure or table.
ITEMS = {
    "artifacts": [
        *("fig1_intended_to_actual_use", "tables/intended_to_actual_use", "fig_use_by_purpose"),
        *("fig_artifacts_over_months", "fig_type_by_intended_use", "fig_primary_and_combined_use"),
        *("tables/combined_use_sensitivity", "fig_desired_data"),
    ],
    "districts": [
        *("district_constructs", "district_timeline", "district_contrast", "sustainability_aspirations"),
        "tables/matrix_district_contrast_cells",
    ],
    "rigor": ["cycle_funnel", "rubric_matrix", "common_and_local_tests", "school_diversity"],
    "equity": [
        *("commitment_over_years", "dimensions_over_time", "conception_and_integration", "joint_display", "mediators"),
        "tables/matrix_equity_mediators_cells",
    ],
    "alignment": [
        *("networks_by_alignment", "design_attributes", "tables/small_n_design", "strategies_by_alignment"),
        *("tables/strategy_quotes", "case_selection", "selection_by_wave"),
    ],
    "all": ["studies", "response_map", "reliability_of_fields", "claims_ledger", "tables/assumptions"],
}


@pytest.mark.parametrize("claim", LEDGER.index)
def test_every_claim_that_can_be_tested_holds(claim: str) -> None:
    row = LEDGER.loc[claim]
    assert row["verdict"] == ("holds" if row["test"] else "cannot be tested"), f"{row['says']}: {row['found']}"


def test_the_ledger_holds_every_declared_claim_and_each_study_has_some() -> None:
    assert list(LEDGER.index) == [claim.claim for claim in read_claims(ROOT / "study" / "claims.csv")]
    assert set(LEDGER["study"]) == set(STUDIES)
    assert set(LEDGER["basis"]) == set(BASES)
    assert len(LEDGER) >= 100


def test_with_look_alike_data_no_calibrated_claim_is_told_as_more_than_it_is() -> None:
    calibrated = LEDGER[(LEDGER["basis"] == "calibrated") & (LEDGER["verdict"] == "holds")]
    assert set(calibrated["shows"]) == {"that the pipeline carries the calibration through"}


# facts.md, section 7, the hard targets; each number was published, or follows from what was.
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_artifacts_with_secondary_use", 63),
        ("percent_with_secondary_use", 8),
        ("modal_intended_use", "Improvement process"),
        ("n_networks", 11),
        ("network_size_sum", 1348),
        ("network_size_median", 83),
        ("n_networks_surveyed", 34),
        ("n_networks_struggling", 5),
        ("n_rigor_networks", 9),
        ("n_rigor_networks_effective", 2),
        ("n_rigor_convenings", 22),
    ],
)
def test_an_exact_target_is_met(name: str, value: float | str) -> None:
    assert NUMBERS[name] == value


def test_targets_with_bounds_are_met() -> None:
    assert 800 <= NUMBERS["n_artifacts"] <= 840
    assert NUMBERS["n_networks_strong"] >= 6
    assert NUMBERS["n_networks_between"] <= 23
    assert NUMBERS["n_rigor_interviews"] > 160


def test_every_item_of_every_paper_is_there_and_in_the_gallery() -> None:
    runs = json.loads((FIGURES / "lock.json").read_bytes())["runs"]
    outputs = [name for run in runs.values() for name in run["outputs"]]
    for items in ITEMS.values():
        for item in items:
            assert f"figures/{item}.csv" in outputs, item
            assert item.startswith("tables/") or f"figures/{item}.svg" in outputs, item


def test_the_text_of_results_is_what_templates_and_numbers_give() -> None:
    declared = Declaration(ROOT / "study", ROOT / "data_raw").results
    templates = read_templates(ROOT / "study", declared, list(NUMBERS))
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert text == filled_in(templates, NUMBERS, synthetic=True)
    assert text.startswith(HEAD + SYNTHETIC)
    assert len(names_in(templates)) > 200


def test_files_that_the_text_of_results_names_are_there() -> None:
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8").removeprefix(HEAD)
    files = list(FIGURES.rglob("*.*"))
    known = {path.name for path in files} | {path.stem for path in files} | {""}  # a folder
    named = set(re.findall(r"`([\w./]+)`", text))
    assert named
    assert sorted(name for name in named if name.rpartition("/")[2] not in known) == []
