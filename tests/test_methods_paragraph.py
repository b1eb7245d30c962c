"""The Methods paragraph: what is known is told, what is not is said to be not recorded, and nothing is praised."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.methods_paragraph import REPORTING, coding_facts, methods_paragraph, told_name
from nsi.methods.reliability import reliability

DECLARED = {"replicates": 200, "confidence": 0.9, "cutoffs": [0.667, 0.8]}
CODES = ["x", "y", "z"]
ROWS = [(case, f"u{number}", coder, CODES[(number + (coder == "B2" and number % 5 == 0)) % 2])
        for number in range(40) for case in ("c" if number < 20 else "d",)
        for coder in (("A1", "B2") if number % 2 else ("A1",))]  # fmt: skip


def ratings(rows=ROWS, **columns) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case", "unit", "coder", "value"])
    number = frame["unit"].str[1:].astype(int)
    frame = frame.assign(
        field="use", missing=None, label_stage="independent", round=(number // 20 + 1).astype(str),
        codebook_version=(number // 20 + 1).map("v{}".format),
        rated_on=pd.Timestamp("1999-01-01") + pd.to_timedelta(number, unit="D"),
    )  # fmt: skip
    return frame.assign(**columns)


def consensus(n: int = 3) -> pd.DataFrame:
    names = ["case", "unit", "field", "value", "rule", "reason", "codebook_version"]
    rows = [("c", f"u{2 * place + 1}", "use", "x", "discussed", "slip", "v1") for place in range(n)]
    return pd.DataFrame(rows, columns=names)


def facts(rated: pd.DataFrame | None = None, settled: pd.DataFrame | None = None, table=None, **changed):
    rated = ratings() if rated is None else rated
    settled = consensus() if settled is None else settled
    if table is None:
        table = reliability(rated, field="use", codes=CODES, level="nominal", seed=1, replicates=200, confidence=0.9)
    asked = {"declared": DECLARED, "reporting": {}, "synthetic": False, **changed}
    return coding_facts(rated, settled, table, field="use", label="Use", codes=CODES, level="nominal", **asked)


def test_numbers_of_units_cases_coders_and_codes_are_those_of_the_data():
    told = methods_paragraph(facts())
    assert told.startswith("40 units in 2 cases were coded for Use (3 codes, nominal level) by 2 coders.")
    assert "Two or more coders coded 20 units (50.0%)." in told


def test_days_rounds_and_codebook_versions_are_told():
    told = methods_paragraph(facts())
    assert "Coding took place from 1999-01-01 to 1999-02-09." in told
    assert "Rounds and codebook versions: codebook v1 in round 1; codebook v2 in round 2." in told


def test_coefficients_are_those_of_the_table_with_interval_replicates_and_cutoffs():
    known = facts()
    alpha = known.estimates.set_index("coefficient").loc["krippendorff_alpha"]
    told = methods_paragraph(known)
    assert (f"Krippendorff's alpha was {alpha['estimate']:.2f} (90% interval {alpha['ci_low']:.2f} to "
            f"{alpha['ci_high']:.2f})") in told  # fmt: skip
    assert "Intervals are from 200 bootstrap replicates over units." in told
    assert (f"Cut-offs are 0.667 and 0.800; below them lay {alpha['share_below_667']:.1%} and "
            f"{alpha['share_below_800']:.1%} of the bootstrap replicates of Krippendorff's alpha.") in told  # fmt: skip


def test_the_number_of_changed_labels_is_told():
    # of u1, u3, u5 all said y, but B2 x of u5: 5 of 6 labels become x
    assert "Settling changed 5 of 6 labels (83.3%), by reason: slip 5." in methods_paragraph(facts())


def test_what_is_not_known_is_said_to_be_not_recorded_and_where_to_record_it():
    told = methods_paragraph(facts(settled=consensus(0)))
    gaps = re.findall(r"\[not recorded: [^\]]*\]", told)
    asked = ["unit_of_coding", "training", "drawn", "when", "cutoffs_declared", "resolution", "final_data"]
    named = [gap.split("declare ")[1] for gap in gaps if "declare" in gap]
    assert named == [f"settings.reporting.{key}]" for key in asked]
    assert "[not recorded: settled labels; the data hold none]" in gaps
    assert len(gaps) == 8


def test_what_the_study_declares_completes_its_sentence_and_leaves_no_gap():
    words = {key: f"words of {key}." for key in REPORTING}
    told = methods_paragraph(facts(reporting=words))
    assert "not recorded" not in told
    assert "The units for several coders were drawn words of drawn." in told
    assert all(f"words of {key}" in told for key in REPORTING if key != "missing")
    assert "words of missing" not in told  # no rating is missing


def test_missing_ratings_are_counted_by_reason():
    rated = ratings([*ROWS, ("c", "u2", "B2", None), ("c", "u4", "B2", None), ("c", "u6", "B2", None)])
    rated.loc[rated["value"].isna(), "missing"] = ["skipped", "not_asked", None]
    told = methods_paragraph(facts(rated, reporting={"missing": "one coder fell ill"}))
    assert "Missing: 3 ratings (not recorded 1, not_asked 1, skipped 1)." in told
    assert "Ratings are missing because one coder fell ill." in told
    assert "No rating is missing." in methods_paragraph(facts())


def test_synthetic_data_are_named_before_anything_else():
    told = methods_paragraph(facts(synthetic=True))
    assert told.startswith("[Synthetic data: every number here is computed from look-alike data")
    assert "Synthetic" not in methods_paragraph(facts())


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("c", "u1", "A1", "x"), ("c", "u1", "B2", "x")], "alpha was undefined, as only one code was given;"),
        ([("c", "u1", "A1", "x"), ("c", "u2", "B2", "y")], "was undefined, as no unit was coded by two coders;"),
        ([("c", "u1", "A1", "x"), ("c", "u2", "A1", "y")], "was undefined, as there was one coder only;"),
    ],
)
def test_an_undefined_coefficient_is_told_with_its_reason_and_never_as_a_number(rows, told):
    text = methods_paragraph(facts(ratings(rows), consensus(0)))
    assert told in text
    assert "nan" not in text


def test_nobody_is_said_to_have_drawn_units_that_do_not_exist():
    text = methods_paragraph(facts(ratings([row for row in ROWS if row[2] == "A1"]), consensus(0)))
    assert "Two or more coders coded 0 units (0.0%)." in text
    assert "settings.reporting.drawn" not in text


def test_rounds_versions_and_days_that_are_lacking_are_said_to_be():
    text = methods_paragraph(facts(ratings(round=None, codebook_version=None, rated_on=pd.NaT)))
    assert "[not recorded: when was coded; map the column rated_on]" in text
    assert "[not recorded: codebook version] [not recorded: rounds]" in text
    assert "NaT" not in text


def test_no_adjective_grades_agreement():
    text = methods_paragraph(facts()).lower()
    # Landis & Koch 1977 and its kin
    assert not [word for word in ("slight", "fair", "moderate", "substantial", "perfect", "excellent", "good", "high",
                                  "poor", "strong", "acceptable") if re.search(rf"\b{word}\b", text)]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("krippendorff_alpha", "Krippendorff's alpha"), ("percent_agreement", "percent agreement"),
        ("gwet_ac1", "Gwet's AC1"), ("gwet_ac2_linear", "Gwet's AC2, linear weights"), ("cohen_kappa", "Cohen's kappa"),
        ("brennan_prediger", "Brennan and Prediger's coefficient"), ("fleiss_kappa", "Fleiss' kappa"),
    ],
)  # fmt: skip
def test_coefficients_have_names_that_can_be_read(name, told):
    assert told_name(name) == told


@pytest.mark.parametrize("reporting", [{"traning": "x"}, {"training": " "}, {"training": 3}])
def test_an_unknown_or_empty_key_is_refused(reporting):
    with pytest.raises(StudyError, match=r"settings.reporting: '\w+' is unknown or holds no text; leave it"):
        facts(reporting=reporting)


def test_a_reliability_table_of_other_ratings_is_refused():
    table = reliability(ratings(ROWS[:10]), field="use", codes=CODES, level="nominal", seed=1, replicates=200)
    with pytest.raises(StudyError, match="not of these ratings: they have 40 units, 20 with two ratings or more"):
        facts(table=table)
    with pytest.raises(StudyError, match="the table has no row and no row; compute it again"):
        facts(table=table[table["case"] == "c"])
