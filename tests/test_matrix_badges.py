"""How reliable a column is, in a few words; and what stands there where nobody can say."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from matrix_material import cell, drawn, material, reliability

from nsi.methods.matrix import agreement_on, badges

COLUMNS = pd.DataFrame({"field": ["ties", "ties", "say", "ties", ""], "code": ["open", "closed", "told", "", ""]})


def test_a_badge_tells_coefficient_interval_and_n_or_why_there_is_none():
    assert badges(COLUMNS, reliability()).tolist() == [
        "alpha .81 (.74 to .87), n 120", "alpha undefined (no variation), n 120", "coded once", "several codes", ""
    ]  # fmt: skip


def test_a_whole_field_has_the_agreement_on_the_field_where_that_is_known():
    by_field = reliability().iloc[[0]].drop(columns="code").assign(estimate=0.7, ci_low=0.6, ci_high=1.0)
    assert badges(COLUMNS, reliability(), by_field).tolist()[3] == "alpha .70 (.60 to 1.00), n 120"


def test_without_any_table_every_code_was_coded_once():
    assert badges(COLUMNS, None).tolist() == ["coded once", "coded once", "coded once", "several codes", ""]


@pytest.mark.parametrize(
    ("estimate", "told"),
    [(1.0, "1.00"), (0.0, ".00"), (-0.05, "-.05"), (-0.001, ".00"), (-1.2, "-1.20"), (0.999, "1.00")],
)
def test_numbers_have_two_decimals_and_no_zero_before_the_point(estimate, told):
    table = reliability().assign(estimate=estimate, ci_low=float("nan"), ci_high=float("nan"), flag="")
    assert badges(COLUMNS, table).tolist()[0] == f"alpha {told}, n 120"


def test_only_the_rows_over_all_cases_and_of_the_coefficient_count():
    one_case = reliability().assign(case="A", estimate=0.1)
    other = reliability().assign(coefficient="percent_agreement", estimate=0.9)
    table = pd.concat([one_case, other, reliability()], ignore_index=True)
    assert badges(COLUMNS, table).tolist()[0] == "alpha .81 (.74 to .87), n 120"
    assert badges(COLUMNS, table, coefficient="percent_agreement").tolist()[0].startswith("agreement .90 (.74")


def test_agreement_that_is_undefined_is_missing_with_its_reason():
    found = agreement_on(COLUMNS, reliability())
    assert found["flag"].tolist() == ["", "no_variation", "coded once", "several codes", "not coded"]
    assert found["estimate"].notna().tolist() == [True, False, False, False, False]
    never = agreement_on(COLUMNS, reliability().assign(n_pairable=0))
    assert never["flag"].tolist()[:2] == ["coded once", "coded once"]


def test_a_cell_knows_the_agreement_on_its_code_whichever_way_the_matrix_lies():
    for rows, columns, row, column in (
        ({"of": "case"}, {"of": "code"}, "A", "open"),
        ({"of": "code"}, {"of": "case"}, "open", "A"),
    ):
        found = cell(drawn("case_ordered", rows, columns), row, column)
        assert (found["agreement"], found["agreement_flag"]) == (0.813, "")


def test_a_cell_without_one_code_says_so():
    found = cell(drawn("case_ordered", {"of": "case"}, {"of": "source_type"}), "A", "report")
    assert math.isnan(found["agreement"])
    assert found["agreement_flag"] == "several codes"
    attribute = {"of": "field", "attributes": [{"name": "size", "label": "Size"}]}
    value = cell(drawn("case_ordered", {"of": "case"}, attribute), "A", "size")
    assert value["agreement_flag"] == "not coded"


def test_columns_of_a_matrix_carry_their_badge():
    columns = drawn("case_ordered", {"of": "case"}, {"of": "code"}, material()).columns
    assert columns["badge"].tolist()[:2] == ["alpha .81 (.74 to .87), n 120", "alpha undefined (no variation), n 120"]
