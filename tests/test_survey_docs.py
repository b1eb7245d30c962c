"""The page on surveys: it explains every key, column and rule, and its worked example runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from test_docs import ASKED, NOTEBOOKS, ROOT, accepted_keys, first_cells, section

from nsi import survey
from nsi.methods.scale_table import COLUMNS
from nsi.pipeline.notebook import read_notebook
from nsi.raw_tables import FORMS
from nsi.readers.response_rules import KEYS

PAGE = (ROOT / "docs" / "survey-contract.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("place", "among"), [("The survey: key by key", "crosswalk"), ("A scale:", "minimum")])
def test_every_key_of_a_survey_is_explained_and_every_explained_key_is_one(place: str, among: str) -> None:
    explained = section(PAGE, "## The survey: key by key")
    top, _, scale = explained.partition("A scale:")
    (accepted,) = [keys for keys in accepted_keys("survey") if among in keys]
    assert sorted(first_cells(scale if place == "A scale:" else top)) == sorted(accepted)


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("## items.csv, column by column", survey.ITEM_COLUMNS),
        ("## crosswalk.csv, column by column", survey.CROSSWALK_COLUMNS),
    ],
)
def test_every_column_of_the_two_files_is_explained_in_order(heading: str, columns: tuple[str, ...]) -> None:
    assert first_cells(section(PAGE, heading)) == list(columns)


def test_every_form_of_an_export_is_explained() -> None:
    explained = section(PAGE, "## An export of responses")
    assert [form for form in FORMS if f"`{form}`" not in explained] == []


def test_every_rule_is_explained_with_the_keys_that_it_takes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section(PAGE, "## Rules for responses"), flags=re.MULTILINE)
    told = {rule: set(re.findall(r"`(\w+)`", keys)) for rule, keys in rows}
    assert told == {rule: {*must, *may} for rule, (must, may) in KEYS.items()}


def test_every_key_of_the_settings_is_explained() -> None:
    explained = section(PAGE, "## Settings")
    asked = {name: set(re.findall(r"\w+", keys)) for name, keys in ASKED if keys}
    assert set(first_cells(explained)) == asked["survey"]
    for name in ("case_selection", "maturity"):
        told = explained.partition(f"`{name}`, for 14:")[2].splitlines()[0].partition("`case_selection`")[0]
        assert [key for key in asked[name] if f"`{key}`" not in told] == []


def test_the_notebooks_that_ask_for_the_setting_are_named() -> None:
    asked = {path.stem[:2]: read_notebook(path).templates("setting") for path in NOTEBOOKS.glob("*.ipynb")}
    asking = {number for number, names in asked.items() if "survey" in names}
    told = re.search(r"`survey` under `settings`, for ([^:]+):", PAGE)
    assert told and set(re.findall(r"\d\d", told.group(1))) == asking


def test_the_first_columns_of_the_tables_are_explained() -> None:
    explained = re.findall(r"`(\w+)`", section(PAGE, "## What comes out"))
    assert [column for column in COLUMNS[:11] if column not in explained] == []


def test_the_worked_example_runs_and_withholds_nothing_silently(tmp_path: Path) -> None:
    example = section(PAGE, "## Worked example")
    files = re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", example, re.DOTALL | re.MULTILINE)
    for name, content in files:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    places = ["--study", "two_waves", "--data-raw", "two_waves_data", "--out", "two_waves_results", "--jobs", "2"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NSI_")}
    ended = subprocess.run(
        [sys.executable, "-m", "nsi.pipeline", "all", *places], cwd=tmp_path, capture_output=True, text=True,
        env={**clean, "PYTHONPATH": str(ROOT / "src")}, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    tables = tmp_path / "two_waves_results" / "figures" / "tables"
    scores = pd.read_csv(tables / "network_scores.csv").set_index(["case", "wave"]).to_dict("index")
    assert (scores["oak", "spring"]["n"], scores["oak", "spring"]["roster"]) == (3, 3)
    # d, e and the three statements of spring, the second reversed: (1 + 1 + 2) / 3 and (2 + 1 + 1) / 3.
    assert scores["elm", "spring"]["mean"] == pytest.approx(4 / 3)
    assert scores["oak", "autumn"]["flag"] == "no_roster"
    assert str(scores["oak", "autumn"]["response_rate"]) == "nan"
    reliability = pd.read_csv(tables / "scale_reliability.csv").set_index(["wave", "case"]).to_dict("index")
    assert reliability["autumn", "all"]["k_items"] == 4
    flow = pd.read_csv(tables / "cleaning_log_survey_spring.csv").set_index("rule").to_dict("index")
    told = flow["duplicates: most_answered"]
    assert (told["rows_before"], told["rows_after"]) == (6, 5)
