"""Why outputs changed, as the two locks tell it: the run that writes each, and what stands behind it."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest

from nsi.pipeline.diff_runs import Causes
from nsi.pipeline.diff_source import Result

TABLE = b"case,n\nA,1\n"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def lock() -> dict[str, Any]:
    clean = {
        "code": "c1",
        "parameters": {},
        "inputs": {"data_raw/ratings.csv": "r1"},
        "declared": {"assumptions.ratings": "d1"},
        "modules": {"nsi.study": "m1"},
        "outputs": {"data_processed/ratings.parquet": "p1"},
        "numbers": {"n_units": 820},
    }
    draw = {
        "code": "c2",
        "parameters": {},
        "inputs": {"data_processed/ratings.parquet": "p1"},
        "declared": {"title": "t1"},
        "modules": {"nsi.study": "m1"},
        "outputs": {"figures/tables/uses.csv": sha(TABLE)},
        "numbers": {},
    }
    other = {**draw, "inputs": {"data_raw/cases.csv": "x1"}, "outputs": {"figures/tables/cases.csv": sha(TABLE)}}
    runs = {"03_clean": clean, "20_uses": draw, "21_cases": other}
    return {"format": 1, "study": "A study", "versions": "v1", "runs": runs}


def result(records: object, table: bytes = TABLE) -> Result:
    files = {"figures/lock.json": json.dumps(records).encode(), "figures/tables/uses.csv": table}
    return Result("a result", "", files)


def causes(new: dict[str, Any], table: bytes = TABLE) -> Causes:
    return Causes(result(lock()), result(new, table))


def with_new_ratings() -> dict[str, Any]:
    new = copy.deepcopy(lock())
    new["runs"]["03_clean"]["inputs"]["data_raw/ratings.csv"] = "r2"
    new["runs"]["03_clean"]["outputs"]["data_processed/ratings.parquet"] = "p2"
    new["runs"]["20_uses"]["inputs"]["data_processed/ratings.parquet"] = "p2"
    new["runs"]["20_uses"]["outputs"]["figures/tables/uses.csv"] = sha(b"case,n\nA,2\n")
    return new


def test_a_changed_table_is_led_back_to_the_raw_file_behind_it():
    found = causes(with_new_ratings(), b"case,n\nA,2\n")
    assert found.why("figures/tables/uses.csv") == ("20_uses", "input data_raw/ratings.csv changed (in 03_clean)")
    assert list(found.runs) == ["03_clean", "20_uses"]
    assert found.roots() == ["input data_raw/ratings.csv changed"]


def test_a_changed_assumption_is_named():
    new = with_new_ratings()
    new["runs"]["03_clean"]["inputs"]["data_raw/ratings.csv"] = "r1"
    new["runs"]["03_clean"]["declared"]["assumptions.ratings"] = "d2"
    assert causes(new).roots() == ["declared assumptions.ratings changed"]
    assert causes(new).why_number("n_units", "820", "800") == (
        "03_clean",
        "its run did not write what stands there now; declared assumptions.ratings changed",
    )


def test_code_parameters_and_modules_are_told_by_run():
    new = lock()
    new["runs"]["20_uses"] |= {"code": "other", "parameters": {"top": 3}, "modules": {"nsi.study": "m2", "nsi.x": "m"}}
    found = causes(new)
    told = "its parameters changed, its code changed, modules nsi.study, nsi.x changed"
    assert found.why("figures/tables/uses.csv") == ("20_uses", told)
    assert found.roots() == [
        "run 20_uses: its parameters changed", "run 20_uses: its code changed", "modules nsi.study, nsi.x changed",
    ]  # fmt: skip


def test_other_versions_stand_behind_everything():
    found = causes({**lock(), "versions": "v2"})
    assert found.versions_differ
    assert found.why("figures/tables/uses.csv") == ("20_uses", "requirements.lock changed")


def test_runs_that_came_and_went_are_told():
    new = lock()
    new["runs"]["99_new"] = new["runs"].pop("21_cases")
    assert causes(new).roots() == ["run 21_cases: is gone", "run 99_new: is new"]


def test_a_file_changed_by_hand_is_told_apart_from_one_that_its_run_wrote():
    assert causes(lock(), b"case,n\nA,9\n").why("figures/tables/uses.csv") == (
        "20_uses",
        "its run did not write what stands there now; nothing that its run rests on changed",
    )


def test_a_file_that_no_run_writes_is_told():
    assert causes(lock()).why("figures/extra.csv") == ("", "no run on record writes it")


def test_runs_that_feed_each_other_in_a_circle_end():
    new = with_new_ratings()
    new["runs"]["03_clean"]["inputs"]["figures/tables/uses.csv"] = "u2"
    old = lock()
    old["runs"]["03_clean"]["inputs"]["figures/tables/uses.csv"] = "u1"
    found = Causes(result(old), result(new))
    assert "data_raw/ratings.csv changed" in found.why("data_processed/ratings.parquet")[1]


@pytest.mark.parametrize("records", [[], {"runs": []}, {"runs": {"a": 3}}, "x"])
def test_a_lock_that_cannot_be_read_leaves_the_reasons_open(records):
    found = Causes(result(lock()), result(records))
    assert not found.known
    assert found.new.fault == "figures/lock.json of 'a result' cannot be read"
    assert found.why("figures/tables/uses.csv") == ("", "")
    assert found.roots() == []


def test_a_lock_of_an_older_pipeline_is_read_as_far_as_it_goes():
    old = lock()
    for record in old["runs"].values():
        del record["numbers"], record["modules"]
    found = Causes(result(old), result(lock()))
    assert found.why("figures/tables/uses.csv")[1] == "module nsi.study changed"
