"""Each display on the same small study: what stands in which cell, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from matrix_material import RULE, cases, cell, drawn, material, shown

from nsi.errors import StudyError
from nsi.methods.matrix import DISPLAYS, case_ratings, shown_by_case

KIND = {"name": "kind", "label": "Kind", "values": {"x": "Extra", "y": "Yearly"}}
SIZE = {"name": "size", "label": "Size"}
CASES, CODED = {"of": "case"}, {"of": "code"}


def refused(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        drawn(*args, **kwargs)
    return str(caught.value)


def test_case_ordered_shows_attributes_beside_what_was_coded():
    matrix = drawn("case_ordered", CASES, {"of": "field", "attributes": [KIND, SIZE]})
    assert matrix.columns["column"].tolist() == ["kind", "size", "ties", "say"]
    assert shown(matrix) == [
        ["Extra", "70", "2 segments, 2 sources", "1 for, 1 against, 1 source"],
        ["Yearly", "363", "1 segment, 1 source", "not looked for"],
        ["Extra", "83", "1 for, 1 against, 2 sources", "not looked for"],
        ["not recorded", "97", "not looked for", "not looked for"],
    ]


def test_a_summary_that_is_not_written_says_how_much_there_is_to_read():
    matrix = drawn("case_ordered", CASES, CODED, shows="summary")
    assert cell(matrix, "A", "open")["shown"] == "no summary yet: 2 segments, 2 sources"
    assert cell(matrix, "A", "closed")["shown"] == "looked for, none found"


def test_columns_stand_under_their_field_and_know_what_they_mean():
    columns = drawn("clustered", CASES, CODED).columns
    assert columns["group"].tolist() == ["Ties", "Ties", "Say", "Say"]
    assert columns["definition"].iloc[0] == "Anyone may join"


def test_clustered_columns_may_have_headings_of_their_own():
    columns = drawn("clustered", CASES, {"of": "code", "groups": {"Far": ["told"], "Near": ["open", "joint"]}}).columns
    assert columns[["column", "group"]].to_numpy().tolist() == [["told", "Far"], ["open", "Near"], ["joint", "Near"]]
    assert refused("clustered", CASES, {"of": "code", "groups": {"Far": ["tolled"]}}) == (
        "groups name tolled, which is none of open, closed, joint, told; correct it"
    )
    assert refused("clustered", CASES, {"of": "code", "fields": ["ties"]}) == (
        "matrix 'trial' is clustered, but the column 'open' has no heading; declare columns.groups, or codes of "
        "several fields"
    )


def test_time_ordered_leaves_no_period_out_and_says_no_change_where_nothing_is_new():
    matrix = drawn("time_ordered", CASES, {"of": "period"})
    assert matrix.columns["column"].tolist() == ["2019", "2020", "2021"]
    assert shown(matrix)[0] == ["1 for, 1 against, 1 source", "1 segment, 1 source", "not looked for"]
    looked = pd.DataFrame({"document": ["d5", "d6"], "field": ["say", "say"]})
    told = shown(drawn("time_ordered", CASES, {"of": "period"}, material(looked=looked), codes=_say()))
    assert told[3] == ["looked for, none found", "not looked for", "not looked for"]


def _say() -> list[dict[str, str]]:
    return [{"field": "say", "field_label": "Say", "code": code, "label": code} for code in ("joint", "told")]


def test_time_ordered_counts_say_no_change_in_a_period_looked_at_that_adds_nothing():
    looked = pd.DataFrame({"document": ["d2"], "field": ["say"]})
    told = shown(drawn("time_ordered", CASES, {"of": "period"}, material(looked=looked), codes=_say()))
    assert told[0] == ["1 for, 1 against, 1 source", "no change", "not looked for"]


def test_time_ordered_ratings_are_printed_where_they_change():
    rule = [{"level": "some", "bounds": [{"measure": "n_segments", "at_least": 1}]}, {"level": "none"}]
    matrix = drawn("time_ordered", {"of": "code"}, {"of": "period"}, levels=rule, shows="rating")
    open_row = shown(matrix)[0]
    assert open_row == ["some", "no change", "some (1 against; one source)"]
    assert matrix.cells["rating"].tolist()[:3] == ["some", "some", "some"]
    assert shown(matrix)[1] == ["none (looked for, none found)", "no change", "no change"]


def test_time_ordered_needs_one_axis_of_periods():
    assert refused("time_ordered", CASES, CODED) == (
        "matrix 'trial' is time-ordered, so that either rows or columns must be of: period"
    )


def test_role_ordered_follows_the_codebook():
    labels = {"member": "Member", "lead": "Leader"}
    matrix = drawn("role_ordered", {"of": "role", "labels": labels}, {"of": "field"})
    assert shown(matrix)[0] == ["1 segment, 1 source", "not looked for"]


def test_contrast_counts_cases_by_band_and_names_them():
    matrix = drawn("contrast", {"of": "code", "attributes": [KIND, SIZE]},
                   {"of": "group", "only": ["stronger", "weaker"]})  # fmt: skip
    assert matrix.rows["row"].tolist() == ["kind=x", "kind=y", "size", "open", "closed", "joint", "told"]
    assert matrix.rows["band"].tolist() == ["Kind", "Kind", "Size", "Ties", "Ties", "Say", "Say"]
    assert shown(matrix) == [
        ["2 of 2 cases: Alder, Cedar", "none of 1 case"],
        ["none of 2 cases", "1 of 1 case: Birch"],
        ["median 76.5 (70 to 83), n 2", "median 363 (363 to 363), n 1"],
        ["2 of 2 cases: Alder, Cedar; 1 segment against", "1 of 1 case: Birch"],
        ["none of 2 cases", "none of 1 case"],
        ["none of 2 cases; not looked for in Cedar; 1 segment against", "not looked for in any of 1 case"],
        ["1 of 2 cases: Alder; not looked for in Cedar", "not looked for in any of 1 case"],
    ]
    assert cell(matrix, "open", "stronger")["n_segments"] == 4
    assert cell(matrix, "kind=x", "weaker")["state"] == "value"


def test_contrast_may_ask_for_a_level_and_shows_cases_without_a_band():
    matrix = drawn("contrast", CODED, {"of": "group"}, levels=RULE, present_from="strong")
    assert matrix.columns["column"].tolist() == ["stronger", "weaker", "not recorded"]
    assert shown(matrix)[0] == [
        "1 of 2 cases: Alder; 1 segment against", "none of 1 case", "not looked for in any of 1 case"
    ]  # fmt: skip


def test_contrast_of_the_cases_themselves_says_what_is_found_in_each():
    matrix = drawn("contrast", {"of": "code", "only": ["open", "told"]}, {"of": "case", "only": ["A", "C"]})
    assert matrix.columns["label"].tolist() == ["Alder", "Cedar"]
    assert shown(matrix) == [
        ["2 segments, 2 sources", "1 for, 1 against, 2 sources"],
        ["1 segment, 1 source", "not looked for"],
    ]


def test_contrast_refuses_what_it_cannot_contrast():
    assert refused("contrast", CODED, {"of": "period"}) == (
        "matrix 'trial' contrasts cases, so that its columns must be a column of the cases, but they are 'period'"
    )
    assert refused("contrast", CODED, {"of": "group"}, present_from="much") == (
        "matrix 'trial': present_from is 'much', but the levels are not declared"
    )


def test_predictor_outcome_orders_cases_by_the_outcome_and_shows_it_last():
    outcome = {"name": "score", "label": "Alignment"}
    matrix = drawn("predictor_outcome", CASES, {"of": "attribute", "attributes": [KIND]}, outcome=outcome)
    assert shown(matrix) == [["Extra", "4.50"], ["Extra", "3.60"], ["Yearly", "3"], ["not recorded", "not recorded"]]
    assert matrix.columns["group"].tolist() == ["", "Outcome"]
    coded = drawn("predictor_outcome", CASES, {"of": "field", "attributes": [SIZE]}, outcome=outcome)
    assert coded.columns["column"].tolist() == ["size", "ties", "say", "score"]
    assert shown(coded)[0] == ["70", "2 segments, 2 sources", "1 for, 1 against, 1 source", "4.50"]
    assert len(coded.evidence) == 7


def test_predictor_outcome_needs_an_outcome_that_cases_have():
    assert refused("predictor_outcome", CASES, CODED) == (
        "matrix 'trial': a predictor-outcome matrix has cases as rows and needs an outcome"
    )
    assert refused("predictor_outcome", CASES, CODED, outcome={"name": "skore", "label": ""}) == (
        "matrix 'trial': the outcome 'skore' is no column of the cases"
    )


def test_effects_have_a_sign_where_there_is_evidence_and_none_where_there_is_not():
    matrix = drawn("effects", CASES, CODED)
    assert cell(matrix, "A", "open")["shown"] == "+ (2 segments, 2 sources)"
    assert cell(matrix, "A", "joint")["shown"] == "- (1 against, 1 source)"
    assert cell(matrix, "C", "open")["shown"] == "0 (1 for, 1 against, 2 sources)"
    assert cell(matrix, "A", "closed")["shown"] == "looked for, none found"
    assert pd.isna(cell(matrix, "A", "closed")["rating"])


def test_variable_by_variable_names_the_cases_that_have_both():
    matrix = drawn("variable_by_variable", {"of": "kind", "labels": KIND["values"]}, {"of": "group"})
    assert matrix.rows["label"].tolist() == ["Extra", "Yearly", "not recorded"]
    assert shown(matrix) == [
        ["Alder, Cedar (2 cases)", "no case", "no case"],
        ["no case", "Birch (1 case)", "no case"],
        ["no case", "no case", "Dill (1 case)"],
    ]
    assert refused("variable_by_variable", {"of": "kind"}, {"of": "role"}) == (
        "matrix 'trial' crosses two attributes of cases, but 'role' is none of them"
    )


def test_a_summary_counts_segments_and_names_cases_most_frequent_first():
    rows = {"of": "code", "fields": ["ties"], "order_by": "n_cases", "descending": True}
    matrix = drawn("summary", rows, {"of": "all"})
    assert shown(matrix) == [["5 segments (1 against) in 3 cases: Alder, Birch, Cedar"], ["looked for, none found"]]
    assert matrix.rows["order_value"].tolist() == [3.0, 0.0]


def test_a_checklist_tells_strong_from_present_and_from_not_found():
    matrix = drawn("checklist", CODED, CASES)
    assert shown(matrix)[0] == ["strong", "present (one source)", "present (1 for, 1 against)", "not looked for"]
    assert shown(matrix)[1][:2] == ["looked for, none found"] * 2
    assert cell(matrix, "joint", "A")["shown"] == "not found (1 against; one source)"
    assert "strong: at least 2 sources and at least 1 more segment for than against" in matrix.note


def test_a_checklist_may_have_a_rule_of_its_own():
    matrix = drawn("checklist", CODED, CASES, levels=RULE)
    assert cell(matrix, "closed", "A")["shown"] == "none (looked for, none found)"


def test_ratings_become_columns_of_the_cases():
    matrix = drawn("case_ordered", CASES, {"of": "code", "attributes": [SIZE]}, levels=RULE, shows="rating")
    wide = case_ratings(matrix)
    assert list(wide) == ["case", "open", "closed", "joint", "told"]
    assert wide["open"].fillna("-").tolist() == ["strong", "some", "some", "-"]


def test_a_plain_table_for_a_look_has_labels():
    table = shown_by_case(drawn("case_ordered", CASES, {"of": "field"}))
    assert table.index.tolist() == ["Alder", "Birch", "Cedar", "Dill"]
    assert (table.index.name, table.columns.name, list(table)) == ("Case", "Field", ["Ties", "Say"])


def test_attributes_must_exist_and_stand_beside_cases():
    wrong = {"of": "field", "attributes": [{"name": "sise", "label": "Size"}]}
    assert refused("case_ordered", CASES, wrong) == (
        "matrix 'trial' shows 'sise', but cases have case, label, score, rank_low, rank_high, group, kind, size; "
        "correct the name"
    )
    assert refused("case_ordered", CODED, {"of": "field", "attributes": [SIZE]}) == (
        "matrix 'trial' shows attributes of cases, but its rows are 'code'"
    )
    clash = material(cases=cases().assign(ties=1))
    both = {"of": "field", "attributes": [{"name": "ties", "label": ""}]}
    assert refused("case_ordered", CASES, both, clash) == (
        "matrix 'trial': 'ties' is an attribute and a code; rename one of them"
    )


def test_an_unknown_display_is_named():
    assert refused("pie", CASES, CODED) == f"matrix 'trial': display is 'pie', but allowed are {', '.join(DISPLAYS)}"


def test_the_stamp_of_synthetic_data_goes_along():
    assert drawn("case_ordered", CASES, CODED, material(stamp="SYNTHETIC DATA")).stamp == "SYNTHETIC DATA"
