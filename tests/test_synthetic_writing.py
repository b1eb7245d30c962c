"""Look-alike texts of people: what they are about, which are out of date, and that none can pass for a real one."""

from __future__ import annotations

import copy
import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nsi.codebook import read_codebook
from nsi.errors import StudyError
from nsi.synthetic.assumptions import as_rows, load
from nsi.synthetic.build import build
from nsi.synthetic.document_plan import Corpora, read_corpora
from nsi.synthetic.writing import writing_files

ROOT = Path(__file__).resolve().parents[1]
STUDY, DATA_RAW = ROOT / "study", ROOT / "data_raw"
STAMP = "[synthetic] "

Row = dict[str, str]


def raw_rows(name: str) -> list[Row]:
    with (DATA_RAW / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return load(STUDY / "assumptions.yml").values


@pytest.fixture(scope="module")
def corpora(declared: dict[str, Any]) -> Corpora:
    codebook = read_codebook(STUDY / "codes.csv")
    return read_corpora(declared["corpora"], declared["surveys"], codebook, declared["seed"])


@pytest.fixture(scope="module")
def segments() -> list[Row]:
    return [{name: cell.strip() for name, cell in row.items()} for row in raw_rows("segments.csv")]


def cell_rows(segments: list[Row], network: str, code: str) -> list[Row]:
    """Rows of one cell: those with this code in the end, whoever had it before; a few lines of our own."""
    settled = {(row["segment"], row["field"]): row["code"] for row in segments if row["label_stage"] == "consensus"}
    found = [row for row in segments if row["study"] == "alignment" and row["network"] == network and row["code"]]
    return [row for row in found if settled.get((row["segment"], row["field"]), row["code"]) == code]


def test_every_text_says_that_it_is_synthetic_who_wrote_it_and_when(declared):
    for name in ("summaries.csv", "inferences.csv"):
        for row in raw_rows(name):
            assert row["text"].startswith(STAMP)
            assert row["who"] in declared["writing"]["writers"]
            assert row["who"].startswith("T")
            assert "2024-01-16" <= row["written_on"] <= "2024-12-31"
            assert "{" not in row["text"]


def test_texts_about_cells_are_one_per_cell_of_a_declared_matrix(declared, corpora):
    rows = raw_rows("summaries.csv")
    keys = [(row["matrix"], row["row"], row["column"]) for row in rows]
    assert len(set(keys)) == len(rows) >= 20
    matrix = yaml.safe_load((STUDY / "matrices.yml").read_text(encoding="utf-8"))[rows[0]["matrix"]]
    codes = {code for field in matrix["columns"]["field"] for code in corpora.codebook[field].values}
    assert {row["row"] for row in rows} <= set(corpora.parts["alignment"].groups)
    assert {row["column"] for row in rows} <= codes


def test_as_many_texts_as_declared_are_about_cells_of_each_kind_and_older_than_their_newest_coding(declared, segments):
    spec, kinds, outdated = declared["writing"]["cells"], {"supported": 0, "mixed": 0, "absent": 0}, 0
    for row in raw_rows("summaries.csv"):
        found = cell_rows(segments, row["row"], row["column"])
        stances = {one["stance"] for one in found}
        assert stances != {"contrary"}
        kinds["mixed" if len(stances) == 2 else "supported" if stances else "absent"] += 1
        newest = max((one["coded_on"] for one in found), default="")
        outdated += row["written_on"] < newest
        assert row["written_on"] >= min((one["coded_on"] for one in found), default="")
    assert kinds == {name: spec[name] for name in kinds}
    assert outdated == spec["outdated"] > 0


def test_inferences_are_one_per_declared_case_and_some_cases_are_left_to_be_judged(declared, corpora):
    rows, fits = raw_rows("inferences.csv"), declared["writing"]["inferences"]["fits"]
    assert len({row["case"] for row in rows}) == len(rows)
    expected = {case: "" if fit == "undecided" else fit for fit, group in fits.items() for case in group["cases"]}
    assert {row["case"]: row["fit"] for row in rows} == expected
    assert set(expected.values()) <= {"", "confirms", "expands", "contradicts", "silent"}
    assert len(set(corpora.parts["equity"].groups) - set(expected)) >= 3


def test_what_was_printed_are_segments_that_may_be_quoted(declared, segments):
    spec, rows = declared["writing"]["uses"], raw_rows("quote_log.csv")
    assert len({row["segment"] for row in rows}) == len(rows) == spec["count"]
    for row in rows:
        of = [one for one in segments if one["segment"] == row["segment"] and one["field"] == spec["field"]]
        assert {(one["study"], one["withheld"], one["stance"]) for one in of} == {("equity", "no", "supports")}
        assert row["used_in"].startswith("synthetic")


def test_the_assumptions_behind_them_can_be_printed(declared):
    raw = yaml.safe_load((STUDY / "assumptions.yml").read_text(encoding="utf-8"))
    rows = as_rows({"writing": raw["writing"]})
    assert {row["basis"] for row in rows} == {"assumption"}
    assert "writing.cells.outdated" in {row["id"] for row in rows}


def test_a_changed_sentence_about_cases_changes_no_text_about_cells(declared, corpora, segments):
    changed = copy.deepcopy(declared["writing"])
    changed["inferences"]["fits"]["silent"]["sentences"] = ["Other words."]
    before = writing_files(declared["writing"], corpora, segments)
    after = writing_files(changed, corpora, segments)
    assert [name for name in before if before[name] != after[name]] == ["inferences.csv"]


def faults() -> Iterator[Any]:
    for path, value, told in (
        (("cells", "mixed"), 999, "writing.cells.mixed is 999, but there are only "),
        (("cells", "outdated"), 999, "writing.cells.outdated is 999, but there are only "),
        (("uses", "count"), 9_999, "writing.uses.count is 9999, but there are only "),
        (("cells", "part"), "choir", "writing.cells.part: there is no choir; declared are alignment"),
        (("uses", "count"), 0, "writing: nothing would stand in quote_log.csv; ask for one row at least"),
        (("inferences", "fits", "silent", "cases"), ["Z9"], "writing.inferences.fits.silent: there is no Z9"),
    ):
        yield pytest.param(path, value, told, id="-".join(path) + f"-{value}")


@pytest.mark.parametrize(("path", "value", "told"), [*faults()])
def test_what_cannot_be_drawn_is_refused_by_name(declared, corpora, segments, path, value, told):
    changed = copy.deepcopy(declared["writing"])
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(StudyError) as error:
        writing_files(changed, corpora, segments)
    assert str(error.value).startswith(told)


def test_texts_without_documents_are_refused(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study)
    kept = yaml.safe_load((study / "assumptions.yml").read_text(encoding="utf-8"))
    del kept["corpora"], kept["surveys"]
    text = io.StringIO()
    yaml.safe_dump(kept, text, sort_keys=False, allow_unicode=True)
    (study / "assumptions.yml").write_text(text.getvalue(), encoding="utf-8")
    with pytest.raises(StudyError, match=r"assumptions\.yml writing is about documents, but there are no corpora"):
        build(study)
