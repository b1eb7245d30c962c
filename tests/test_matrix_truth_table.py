"""Truth tables: consistency, PRI, contradictions and remainders, against published and hand-computed numbers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_material import CODES, RULE, cell, drawn, material

from nsi.errors import StudyError
from nsi.methods.matrix import SetRule, configurations, draw_up, for_statistics, memberships, truth_table_csv

# Breakdown of democracy in Europe between the wars, 18 countries, the crisp data of Rihoux and Ragin (2009),
# Configurational Comparative Methods, chapter 3, as R's QCA ships them (data set LC without stability).
LIPSET = {
    "0000": ("GR IT PT RO ES", ""), "0010": ("EE HU PL", "FI"), "0111": ("", "CZ"), "1010": ("", "IE"),
    "1011": ("AU", "FR SE"), "1111": ("DE", "BE NL UK"),
}  # fmt: skip
NAMES = ("DEV", "URB", "LIT", "IND")


def lipset() -> pd.DataFrame:
    rows = []
    for bits, (fell, survived) in LIPSET.items():
        for outcome, countries in ((0, fell), (1, survived)):
            rows += [[country, *map(int, bits), outcome] for country in countries.split()]
    return pd.DataFrame(rows, columns=["case", *NAMES, "SURV"])


def sets(*names: str) -> list[SetRule]:
    return [SetRule(name, name) for name in names]


def test_the_truth_table_of_the_lipset_data_is_the_published_one():
    table = configurations(lipset(), sets(*NAMES), SetRule("SURV", "SURV"))
    there = table[table["n"] > 0]
    # R: truthTable(LC[, c("DEV", "URB", "LIT", "IND", "SURV")], "SURV"), QCA 3; columns n, incl, PRI.
    assert there[["configuration", "n"]].to_numpy().tolist() == [
        ["0000", 5], ["0010", 4], ["0111", 1], ["1010", 1], ["1011", 3], ["1111", 4]
    ]  # fmt: skip
    assert there["consistency"].round(3).tolist() == [0.0, 0.25, 1.0, 1.0, 0.667, 0.75]
    assert there["pri"].round(3).tolist() == [0.0, 0.25, 1.0, 1.0, 0.667, 0.75]
    assert [len(p) > 0 and len(n) > 0 for p, n in zip(there["positive"], there["negative"], strict=True)] == [
        False, True, False, False, True, True
    ]  # fmt: skip
    assert len(table) == 16


FUZZY = pd.DataFrame({
    "case": ["k1", "k2", "k3", "k4"],
    "P": [0.9, 0.7, 0.2, 0.6],
    "Q": [0.8, 0.3, 0.1, 0.9],
    "Y": [0.7, 0.6, 0.4, 0.2],
})  # fmt: skip


def test_consistency_and_pri_of_fuzzy_sets_are_those_computed_by_hand():
    # Row P*Q: X = .8 .3 .1 .6, min(X, Y) = .7 .3 .1 .2 = 1.3, sum X = 1.8; min(X, Y, 1-Y) = .3 .3 .1 .2 = .9.
    # Formulas: Ragin (2008), Redesigning Social Inquiry, p. 52; PRI: Schneider and Wagemann (2012), p. 242.
    table = configurations(FUZZY, sets("P", "Q"), SetRule("Y", "Y")).set_index("configuration")
    assert table.loc["11", "consistency"] == pytest.approx(1.3 / 1.8, abs=1e-12)
    assert table.loc["11", "pri"] == pytest.approx((1.3 - 0.9) / (1.8 - 0.9), abs=1e-12)
    assert table.loc["11", "cases"] == ["k1", "k4"]
    assert table.loc["11", "positive"] == ["k1"]
    assert table.loc["11", "negative"] == ["k4"]
    # Row P*~Q: X = .2 .7 .2 .1, min(X, Y) = .2 .6 .2 .1 = 1.1, sum X = 1.2; min(X, Y, 1-Y) = .2 .4 .2 .1 = .9.
    assert table.loc["10", "consistency"] == pytest.approx(1.1 / 1.2, abs=1e-12)
    assert table.loc["10", "pri"] == pytest.approx(0.2 / 0.3, abs=1e-12)
    assert table.loc["10", "outcome"] == 1
    assert table.loc["01", "n"] == 0
    assert table["consistency"].isna().to_dict() == {"00": False, "01": True, "10": False, "11": False}
    assert table["outcome"].isna().to_dict() == {"00": False, "01": True, "10": False, "11": False}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=12))
def test_of_crisp_sets_consistency_is_the_share_with_the_outcome_and_pri_the_same(rows):
    frame = pd.DataFrame(rows, columns=["P", "Q", "Y"]).assign(case=[f"k{n}" for n in range(len(rows))])
    table = configurations(frame, sets("P", "Q"), SetRule("Y", "Y"))
    assert table["n"].sum() == len(frame)
    for row in table.to_dict("records"):
        inside = frame[(frame["P"] == row["P"]) & (frame["Q"] == row["Q"])]
        assert sorted(row["cases"]) == sorted(inside["case"])
        if len(inside):
            assert row["consistency"] == row["pri"] == pytest.approx(inside["Y"].mean(), abs=1e-12)


RULES: dict[str, Any] = {
    "conditions": [{"name": "BIG", "column": "size", "at_least": 80, "label": "Many members"},
                   {"name": "XKIND", "column": "kind", "values": ["x"]}],
    "result": {"name": "HIGH", "column": "score", "at_least": 4.0, "label": "Aligned"},
}  # fmt: skip


def test_a_truth_table_lists_configurations_with_cases_contradictions_and_remainders():
    matrix = drawn("truth_table", {"of": "case"}, {"of": "attribute"}, consistency=0.5, **RULES)
    assert matrix.rows["label"].tolist() == ["~BIG * XKIND", "BIG * ~XKIND", "BIG * XKIND", "~BIG * ~XKIND"]
    assert matrix.rows["band"].tolist() == ["outcome 1", "outcome 0", "outcome 0", "no case (remainder)"]
    assert cell(matrix, "01", "cases")["shown"] == "Alder"
    assert cell(matrix, "01", "consistency")["shown"] == "1.000"
    assert cell(matrix, "00", "outcome")["state"] == "not_looked"
    assert cell(matrix, "00", "outcome")["shown"] == "not known: no case (remainder)"
    assert cell(matrix, "00", "n")["shown"] == "0"
    assert matrix.columns["group"].tolist()[:3] == ["Conditions", "Conditions", "Outcome: Aligned"]
    assert matrix.columns["definition"].tolist()[:2] == ["1 where size is at least 80", "1 where kind is x"]
    assert matrix.note.endswith("Left out, because something is not recorded: Dill.")


def test_contradictory_cases_are_named_on_both_sides():
    rules = {**RULES, "conditions": RULES["conditions"][1:]}
    matrix = drawn("truth_table", {"of": "case"}, {"of": "attribute"}, **rules)
    assert cell(matrix, "1", "contradictions")["shown"] == "with: Alder; without: Cedar"
    assert matrix.rows.set_index("row")["mark"].to_dict() == {"0": "", "1": "contradictory"}


def test_too_few_cases_have_no_outcome_and_are_no_remainder():
    matrix = drawn("truth_table", {"of": "case"}, {"of": "attribute"}, least_cases=2, **RULES)
    assert cell(matrix, "01", "outcome")["shown"] == "not known: too few cases"
    assert set(matrix.rows["band"]) == {"too few cases", "no case (remainder)"}


def test_the_table_for_r_has_one_row_per_case_and_whole_numbers_where_sets_are_crisp():
    conditions = [SetRule(**rule) for rule in RULES["conditions"]]
    table = truth_table_csv(material().cases, conditions, SetRule(**RULES["result"]))
    assert table.to_csv(index=False) == "case,BIG,XKIND,HIGH\nA,0,1,1\nB,1,0,0\nC,1,1,0\n"
    fuzzy = truth_table_csv(FUZZY, sets("P"), SetRule("Y", "Y"))
    assert fuzzy["P"].tolist() == [0.9, 0.7, 0.2, 0.6]


RATED: dict[str, Any] = {
    "name": "ways", "title": "Ways", "display": "case_ordered", "codes": CODES, "levels": RULE, "shows": "rating",
    "rows": {"of": "case"}, "columns": {"of": "code"},
}  # fmt: skip
FROM_RATINGS: dict[str, Any] = {
    "conditions": [{"name": "OPEN", "column": "open", "values": ["strong", "some"]},
                   {"name": "BIG", "column": "size", "at_least": 80}],
    "result": {"name": "HIGH", "column": "score", "at_least": 4.0},
    "rated": RATED,
}  # fmt: skip


def test_a_condition_from_ratings_has_the_segments_of_its_cases_beneath_it():
    matrix = drawn("truth_table", {"of": "case"}, {"of": "attribute"}, **FROM_RATINGS)
    both = cell(matrix, "11", "OPEN")  # B has one segment; C one for and one against
    assert cell(matrix, "11", "cases")["shown"] == "Birch, Cedar"
    assert (both["shown"], both["state"], both["n_segments"], both["n_contrary"]) == ("1", "mixed", 3, 1)
    there = matrix.evidence[(matrix.evidence["row"] == "11") & (matrix.evidence["column"] == "OPEN")]
    assert there["segment"].tolist() == ["s5", "s3", "s4"]  # contrary first
    assert cell(matrix, "11", "BIG")["state"] == "value"
    assert "s2" in set(matrix.evidence["segment"])
    assert matrix.evidence.loc[matrix.evidence["segment"] == "s2", "text"].tolist() == ["[withheld]"]


def test_of_a_truth_table_statistics_take_the_sets_and_of_others_ratings_or_what_is_shown():
    plan = {"name": "t", "title": "T", "display": "truth_table", "codes": CODES, "rows": {"of": "case"},
            "columns": {"of": "attribute"}, **FROM_RATINGS}  # fmt: skip
    sets_of = for_statistics(material(), draw_up(material(), **plan), **plan)
    assert sets_of.to_csv(index=False) == "case,OPEN,BIG,HIGH\nA,1,0,1\nB,1,1,0\nC,1,1,0\n"
    rated = {**RATED, "columns": {"of": "code", "attributes": [{"name": "size", "label": "Size"}]}}
    flat = for_statistics(material(), draw_up(material(), **rated), **rated)
    lines = flat.to_csv(index=False).splitlines()
    assert lines[:3] == ["row,size,open,closed,joint,told", "A,70,strong,none,none,some",
                         "B,363,some,none,not looked for,not looked for"]  # fmt: skip


def test_a_rated_column_that_cases_have_too_is_refused():
    cases = material().cases.assign(open="yes")
    plan = {"name": "t", "title": "T", "display": "truth_table", "codes": CODES, "rows": {"of": "case"},
            "columns": {"of": "attribute"}, **FROM_RATINGS}  # fmt: skip
    with pytest.raises(StudyError) as caught:
        draw_up(material(cases=cases), **plan)
    assert str(caught.value) == (
        "matrix 't': open is a column of the cases and of the ratings in 'ways'; rename one of them"
    )


def test_what_is_not_recorded_is_in_no_set_and_not_out_of_it():
    found = memberships(material().cases, [SetRule("XKIND", "kind", values=("x",))])
    assert found["XKIND"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("frame", "rules", "message"),
    [
        (FUZZY, [SetRule("P", "R")], "the set 'P' rests on 'R', but cases have case, P, Q, Y; correct the name"),
        (FUZZY, [SetRule("P", "P"), SetRule("p", "Q")],
         "the sets P, p have one name, capitals aside; rename one of them"),
        (FUZZY.assign(P=[2.0, 0, 0, 0]), [SetRule("P", "P")],
         "the set 'P' takes 'P' as membership from 0 to 1, but that of case k1 is not; say from which number on a case "
         "belongs to it"),
        (FUZZY.assign(P=["x", "0", "1", "0"]), [SetRule("P", "P")],
         "the set 'P' needs numbers in 'P', but that of case k1 is none; say which values belong to it"),
        (FUZZY.assign(P=[0.5, 0.1, 0.5, 0.2]), [SetRule("P", "P")],
         "case k1, k3 is exactly half in the set 'P', so that it belongs to no configuration; settle whether it is "
         "rather in or out"),
        (FUZZY, [], "a truth table takes 1 to 8 conditions, but found 0"),
    ],
)  # fmt: skip
def test_sets_that_do_not_fit_the_cases_are_refused(frame, rules, message):
    with pytest.raises(StudyError) as caught:
        configurations(frame, rules, SetRule("Y", "Y"))
    assert str(caught.value) == message


def test_a_truth_table_needs_an_outcome_and_free_names():
    with pytest.raises(StudyError) as caught:
        drawn("truth_table", {"of": "case"}, {"of": "attribute"}, conditions=RULES["conditions"])
    assert str(caught.value) == "matrix 'trial': a truth table needs an outcome; declare it"
    with pytest.raises(StudyError) as caught:
        taken = [{"name": "n", "column": "size", "at_least": 80}]
        drawn("truth_table", {"of": "case"}, {"of": "attribute"}, **{**RULES, "conditions": taken})
    assert str(caught.value) == "matrix 'trial': a condition must not be called 'n'; rename it"
