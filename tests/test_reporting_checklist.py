"""The checklist: fourteen items, each answered from data or declaration, or said to be not recorded."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.methods_paragraph import REPORTING, CodingFacts, coding_facts
from nsi.methods.reliability import reliability
from nsi.methods.reporting_checklist import SHOWN, reliability_as_text, reporting_checklist

EVERYTHING = {key: f"words of {key}" for key in REPORTING}
PLACES = {key: f"Table {key}" for key in SHOWN}
DECLARED = {"replicates": 100, "confidence": 0.95, "cutoffs": [0.667, 0.8]}
RATINGS = pd.DataFrame(
    [("c", f"u{number}", coder, "xy"[number // 2 % 2], str(number // 20 + 1), f"v{number // 20 + 1}")
     for number in range(40) for coder in (("A1", "B2") if number % 2 else ("A1",))],
    columns=["case", "unit", "coder", "value", "round", "codebook_version"],
).assign(field="use", missing=None, rated_on=pd.Timestamp("1999-01-01"))  # fmt: skip
SETTLED = pd.DataFrame({"case": "c", "unit": ["u1", "u3", "u5"], "field": "use", "value": "x", "rule": "discussed"})


def facts(ratings: pd.DataFrame = RATINGS, settled: pd.DataFrame = SETTLED, reporting: Any = None) -> CodingFacts:
    table = reliability(ratings, field="use", codes=["x", "y"], level="nominal", seed=1, replicates=100)
    return coding_facts(
        ratings, settled, table, field="use", label="Use", codes=["x", "y"], level="nominal", declared=DECLARED,
        reporting=reporting or {}, synthetic=False,
    )  # fmt: skip


def test_there_are_fourteen_items_in_order():
    told = reporting_checklist(facts(), {})
    assert list(told["item"]) == list(range(1, 15))
    assert list(told.columns) == ["item", "asked", "answer", "answered", "to_declare"]


def test_what_only_people_know_is_not_recorded_and_the_key_to_declare_is_named():
    told = reporting_checklist(facts(settled=SETTLED.iloc[:0]), {}).set_index("item")
    assert told["answer"][1] == told["answered"][1] == "not recorded"
    assert told["to_declare"][1] == f"settings.reporting.purpose: {REPORTING['purpose'][0]}"
    assert set(told.index[told["answered"] == "not recorded"]) == {1, 9, 10, 11, 12, 13}
    assert "settled labels; the data hold none" in told["to_declare"][10]


def test_what_the_data_tell_is_answered_from_them():
    told = reporting_checklist(facts(), {}).set_index("item")["answer"]
    assert told[3] == "2 coders."
    assert told[4] == "Two or more coders coded 20 units (50.0%)."
    assert told[6] == "Rounds and codebook versions: codebook v1 in round 1; codebook v2 in round 2."
    assert told[10].startswith("Of 3 units that were settled (discussed 3)")
    assert told[14] == "No rating is missing."


def test_everything_declared_and_shown_leaves_nothing_to_declare():
    told = reporting_checklist(facts(reporting=EVERYTHING), PLACES)
    assert set(told["answered"]) == {"yes"}
    assert set(told["to_declare"]) == {""}
    assert "Shown: Table confusion." in told["answer"].iloc[8]


def test_every_key_and_every_result_answers_an_item():
    gone = RATINGS.head(1).assign(unit="u99", value=None, missing="skipped")
    rated = pd.concat([RATINGS.astype({"missing": "object"}), gone], ignore_index=True)
    told = " ".join(reporting_checklist(facts(rated, reporting=EVERYTHING), PLACES)["answer"])
    assert [words for words in (*EVERYTHING.values(), *PLACES.values()) if words not in told] == []


def test_an_item_that_is_answered_in_part_says_what_is_lacking():
    told = reporting_checklist(facts(reporting={"training": "x"}), {"overall": "Table 1"}).set_index("item")
    assert told["answered"][3] == "in part"
    assert "settings.reporting.blind" in told["to_declare"][3]
    assert "settings.reporting.training" not in told["to_declare"][3]
    assert told["to_declare"][8] == "show a table of agreement per code"


def test_an_unknown_result_is_refused():
    with pytest.raises(StudyError, match="the checklist knows no result confusions; it knows by_code, overall"):
        reporting_checklist(facts(), {"confusions": "x"})


def test_a_reliability_table_is_written_out_rounded_and_undefined_stays_undefined():
    row = {"case": "all", "coefficient": "percent_agreement", "estimate": 0.8749, "ci_low": 0.7, "ci_high": 0.951,
           "n_pairable": 1200, "n_units": 2400, "flag": ""}  # fmt: skip
    undefined = dict.fromkeys(["estimate", "ci_low", "ci_high"], float("nan"))
    gone = {**row, **undefined, "case": "c", "flag": "no_variation"}
    told = reliability_as_text(pd.DataFrame([row, gone]), confidence=0.95, case_labels={"c": "Case C"})
    assert told.columns[3] == "95% interval"
    assert told.to_numpy().tolist() == [
        ["All", "Percent agreement", "0.87", "0.70 to 0.95", "1,200", "2,400"],
        ["Case C", "Percent agreement", "undefined: only one code was given", "–", "1,200", "2,400"],
    ]
