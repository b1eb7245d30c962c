"""The page on matrices: it explains every key, and its worked example runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from test_docs import ROOT, first_cells, section

from nsi import matrices, matrix_axes
from nsi.documents.matrix_html_links import segments_behind
from nsi.methods.matrix import DISPLAYS, MEASURES, STATES

PAGE = (ROOT / "docs" / "matrix-contract.md").read_text(encoding="utf-8")


def named(heading: str) -> list[str]:
    """Words in code in the first cells of the tables of a section; a cell may name several."""
    return [name for told in re.findall(r"^\| (`[^|]+`) \|", section(PAGE, heading), flags=re.MULTILINE)
            for name in re.findall(r"`([\w.]+)`", told)]  # fmt: skip


def test_every_key_of_a_matrix_is_explained_and_no_other():
    keys = {key for required, optional in matrices.DISPLAYS.values() for key in (*required, *optional)}
    told = {name.partition(".")[0] for name in named("## Keys of a matrix")}
    assert told == keys | {"title", "display", "note"}
    evidence = {name.partition(".")[2] for name in named("## Keys of a matrix") if "." in name}
    assert evidence == set(matrices.EVIDENCE_KEYS)


def test_every_key_of_rows_and_columns_is_explained():
    told = {name.partition(":")[0] for name in named("## Keys of `rows` and `columns`")}
    assert {"of", *matrix_axes.BOTH, *matrix_axes.ROWS_ONLY} <= told | {"mark"}
    assert f"`mark: {matrix_axes.MARK}`" in PAGE


@pytest.mark.parametrize("word", [*matrices.SHOWS, *matrices.TYPICAL, *matrices.LOOKED_FOR, *matrix_axes.PERIODS])
def test_every_word_that_a_key_may_hold_is_explained(word):
    assert f"`{word}`" in PAGE or f": {word}}}`" in PAGE


def test_displays_measures_and_states_are_those_that_there_are():
    assert set(named("## Displays")) == set(DISPLAYS)
    assert set(named("## From evidence to a rating")) == set(MEASURES)
    assert re.findall(r"^\| (\w+) \|", section(PAGE, "## States of a cell"), flags=re.MULTILINE)[1:] == list(STATES)


def test_every_key_of_a_truth_table_is_named():
    explained = section(PAGE, "## Truth tables")
    keys = ("conditions", "outcome", *matrices.SET_KEYS)
    assert [key for key in keys if f"{key}:" not in explained] == []


def test_every_key_of_the_material_is_explained():
    source = (ROOT / "notebooks" / "24_matrix_material.ipynb").read_text(encoding="utf-8").replace('\\"', '"')
    (asked,) = re.findall(r"optional=\[([^\]]+)\]", source)
    assert first_cells(section(PAGE, "## What a matrix is drawn up from")) == ["columns", "where", "every_case"]
    assert set(re.findall(r"\w+", asked)) == {"columns", "where", "every_case"}


def test_the_worked_example_runs_and_reads_as_the_page_says(tmp_path: Path):
    example = section(PAGE, "## A worked example")
    for name, content in re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", example, re.DOTALL | re.MULTILINE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (command,) = re.findall(r"^make all (.+)$", example, flags=re.MULTILINE)
    places = dict(re.findall(r"(\w+)=(\S+)", command))
    given = ["--study", places["STUDY"], "--data-raw", places["DATA_RAW"], "--out", places["OUT"], "--jobs", "2"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NSI_")}
    ended = subprocess.run(
        [sys.executable, "-m", "nsi.pipeline", "all", *given], cwd=tmp_path, capture_output=True, text=True,
        env={**clean, "PYTHONPATH": str(ROOT / "src")}, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    out = tmp_path / places["OUT"]
    told = section(PAGE, "## A worked example").rpartition("```")[2].replace("\n", " ")
    cells = pd.read_csv(out / "figures/tables/matrix_topics_cells.csv").set_index(["row", "column"])
    wanted = {("oak", "plans"): "often", ("oak", "evidence"): "seldom (one source)", ("elm", "plans"): "seldom",
              ("elm", "evidence"): "never (looked for, none found)"}  # fmt: skip
    assert cells["shown"].to_dict() == wanted
    assert cells.loc[("oak", "evidence"), "coders"] == "Ben"
    depth = pd.read_csv(out / "figures/tables/matrix_depth_of_talk_cells.csv").set_index("row")["shown"].to_dict()
    assert depth == {"elm": "Weighed", "oak": "Asked (Told to Weighed)"}
    for text in (*wanted.values(), *depth.values()):
        assert f'"{text}"' in told
    page = (out / "figures/documents/matrix_topics.html").read_bytes()
    (note,) = re.findall(r'"(Rating: [^"]+)"', told)
    assert note in page.decode()
    assert segments_behind(page)["oak", "plans"] == 3
