"""The ratings of the OECD's Global Teaching InSights as matrices: country by component, down to artefact and rater."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from nsi.declaration import Declaration
from nsi.documents.matrix_html import matrix_html
from nsi.documents.matrix_html_links import segments_behind
from nsi.door import Places
from nsi.methods.labels import first_codings
from nsi.methods.matrix import Material, Matrix, draw_up, rated_units
from nsi.readers.ratings import clean_ratings
from nsi.study import Study

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "gti"
DATA = ROOT / "../shared/data/gti_artefacts"
real = pytest.mark.skipif(
    not (DATA / "GTI-Artefact-Data.csv").exists(),
    reason="needs ../shared/data/gti_artefacts, which is not part of the project",
)


@cache
def ratings() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Independent and settled ratings, as 03 hands them on; nobody settled any."""
    with tempfile.TemporaryDirectory() as out:
        cleaned, _ = clean_ratings(Study(Places(FOLDER, DATA, Path(out))).raw("ratings"))
    first, _ = first_codings(cleaned[cleaned["label_stage"] == "independent"])
    return first, cleaned[cleaned["label_stage"] == "consensus"]


@cache
def drawn(name: str) -> Matrix:
    declared = Declaration(FOLDER, DATA)
    units = rated_units(*ratings(), fields=list(declared.table("ratings").fields))
    return draw_up(Material(units.segments, units.documents, units.cases), **declared.matrices[name].arguments())


def test_every_rated_field_stands_in_one_of_the_matrices():
    declared = Declaration(FOLDER, DATA)
    shown = [field for spec in declared.matrices.values() for field in spec.columns.fields]
    assert sorted(shown) == sorted(declared.table("ratings").fields)
    runs = [runs for runs in declared.notebooks if runs.notebook == "23_matrix"]
    assert [name for entry in runs for name in entry.over["name"]] == list(declared.matrices)


@real
@pytest.mark.parametrize("name", ["components", "subtopics"])
def test_every_country_has_a_rating_of_every_component_from_the_raters_themselves(name):
    matrix = drawn(name)
    assert matrix.rows["row"].tolist() == ["Chile", "Japan"]
    first, _ = ratings()
    given = first[first["value"].notna()]
    for cell in matrix.cells.to_dict("records"):
        here = given[(given["case"] == cell["row"]) & (given["field"] == cell["column"])]
        assert cell["n_segments"] == cell["n_sources"] == here["unit"].nunique()
        assert set(cell["coders"].split(", ")) == set(here["coder"])


@real
def test_the_middle_of_a_component_is_that_of_the_file_with_equal_shares_for_raters_who_differ():
    matrix = drawn("components")
    first, _ = ratings()
    labels = {1: "Low", 2: "Middle", 3: "High"}
    for cell in matrix.cells.to_dict("records"):
        here = first[(first["case"] == cell["row"]) & (first["field"] == cell["column"])].dropna(subset="value")
        codes = here.drop_duplicates(["unit", "value"])
        shares = 1 / codes.groupby("unit")["value"].transform("size")
        up_to = shares.groupby(codes["value"].astype(int)).sum().cumsum() / shares.sum()
        assert cell["rating"] == labels[int(up_to[up_to >= 0.5 - 1e-9].index[0])]


@real
def test_from_a_cell_a_click_leads_to_artefacts_and_each_code_to_those_who_gave_it():
    matrix = drawn("components")
    behind = segments_behind(matrix_html(matrix, evidence="counts"))
    wanted = matrix.cells.set_index(["row", "column"])["n_segments"].to_dict()
    assert behind == wanted
    first, _ = ratings()
    field = matrix.columns["column"].iloc[0]
    units = drawn_units(field)
    given = first[(first["field"] == field) & first["value"].notna()]
    for (unit, code), coders in given.groupby(["unit", "value"])["coder"]:
        assert units.loc[(unit, code), "coders"].split(", ") == sorted(coders)


def drawn_units(field: str) -> pd.DataFrame:
    """Segments of one field by artefact and code."""
    declared = Declaration(FOLDER, DATA)
    units = rated_units(*ratings(), fields=list(declared.table("ratings").fields)).segments
    return units[units["field"] == field].set_index(["segment", "code"])
