"""Every scale statistic, against reference values of R packages on real survey data.

The numbers and the data stand in ../shared/data, with the call that made each (R 4.2.2; psych 2.2.9, lavaan
0.6.14). They are not part of the project; without them this file is skipped.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.methods import scales as sc

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data with the reference results is not here")

EXACT, FITTED = 1e-9, 1e-5  # closed forms; a maximum that both sides found by iteration
FILES = {
    "bfi": "surveys/bfi/bfi.csv",
    "bhr2000": "surveys/bhr2000/bhr2000.csv",
    "gti_students": "gti_students/student_questionnaire.csv.gz",
}
STUDENTS = {
    "SELFCON_pre": "SQA06",
    "SELFCON_post": "SQB01",
    "PINT_pre": "SQA14",
    "PINT_post": "SQB03",
    "GSE_pre": "SQA15",
    "GSE_post": "SQB02",
}
NOT_OURS = {
    "omega_total_1factor.psych": "minres on correlations",
    "omega_total_3factor.psych": "three factors, whose rotation decides",
}


@cache
def reference(source: str) -> dict[str, Any]:
    """The reference file; empty where it is absent."""
    path = (DATA / FILES[source]).parent / "reference.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"statistics": {}}


@cache
def table(source: str) -> pd.DataFrame:
    return pd.read_csv(DATA / FILES[source])


def columns(source: str, scale: str) -> list[str]:
    if source == "bfi":
        return [f"{scale}{place}" for place in range(1, 6)]
    if source == "bhr2000":
        return list(table(source).columns[1:12])
    return [name for name in table(source).columns if name.startswith(STUDENTS[scale])]


def survey(source: str, scale: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and items in the form of the house, from the published file."""
    names = columns(source, scale)
    turned = reference(source).get("reverse_items", {}).get(scale, "").split(",")
    low, high = (1.0, 6.0) if source == "bfi" else (1.0, 5.0) if source == "bhr2000" else (1.0, 4.0)
    items = pd.DataFrame({"item": names, "scale": scale, "low": low, "high": high})
    items["reverse"] = items["item"].isin(turned)
    responses: dict[str, pd.Series] = {}
    for name in names:
        answer = table(source)[name].astype("Int16")
        reason = pd.Series("skipped", index=answer.index, dtype="str")
        responses |= {name: answer, f"{name}_missing": reason.where(answer.isna())}
    return pd.DataFrame(responses), items


@cache
def answers(source: str, scale: str) -> pd.DataFrame:
    return sc.keyed_answers(*survey(source, scale))


def scales_of(source: str) -> list[str]:
    names = (key.split(".")[0] for key in reference(source)["statistics"] if key.endswith(".psych"))
    return list(dict.fromkeys(names))


CASES = [
    (source, scale, key.removeprefix(f"{scale}."))
    for source in FILES
    for scale in scales_of(source)
    for key in reference(source)["statistics"]
    if key.startswith(f"{scale}.") and key.endswith((".psych", ".lavaan", f"{scale}.n", "n_complete"))
]


@pytest.mark.parametrize(("source", "scale", "key"), [case for case in CASES if case[2] not in NOT_OURS], ids="-".join)
def test_real_surveys_give_the_reference_value(source: str, scale: str, key: str) -> None:
    value, given = reference(source)["statistics"][f"{scale}.{key}"]["value"], answers(source, scale)
    items = sc.item_statistics(given).set_index("item")
    by_item = {name.removesuffix("-"): float(x) for name, x in value.items()} if isinstance(value, dict) else {}
    if key == "n":
        assert len(given) == value
    elif key == "n_complete":
        assert sc.alpha_estimate(given).n == sc.one_factor_omega(given).n == value
    elif key == "alpha_complete_cases.psych":
        assert sc.cronbach_alpha(given) == pytest.approx(value["raw_alpha"], abs=EXACT)
    elif key == "alpha_pairwise.psych":
        assert sc.cronbach_alpha(given, "pairwise") == pytest.approx(value["raw_alpha"], abs=EXACT)
    elif key == "alpha_if_item_dropped.psych":
        assert items["alpha_if_dropped"].to_dict() == pytest.approx(by_item, abs=EXACT)
    elif key == "item_rest_correlation.psych":
        assert items["item_rest"].to_dict() == pytest.approx(by_item, abs=EXACT)
    elif key == "omega_total_1factor_cfa.lavaan":
        omega = sc.one_factor_omega(given)
        assert omega.estimate == pytest.approx(value, abs=FITTED)
        assert omega.flag == ""
        assert omega.gradient < 1e-8
    else:
        pytest.fail(f"nothing holds {source} {scale} {key}")


def test_all_scales_of_the_files_are_held() -> None:
    held = {(source, scale) for source, scale, _ in CASES}
    expected = {("bfi", scale) for scale in "ACENO"} | {("bhr2000", "LEAD")}
    assert held == expected | {("gti_students", scale) for scale in STUDENTS}


def test_the_mean_score_is_the_reference_with_one_answer_enough() -> None:
    responses, items = survey("bfi", "A")
    scales = pd.DataFrame({"scale": ["A"], "minimum": [0.2]})  # R took the mean of whatever was answered
    scores = sc.scale_scores(responses, items, scales)["A"]
    value = reference("bfi")["statistics"]["A_score_mean_sd"]["value"]
    assert scores.mean() == pytest.approx(value["mean"], abs=EXACT)
    assert scores.std() == pytest.approx(value["sd"], abs=EXACT)


def test_missing_answers_are_counted_as_in_the_reference() -> None:
    value = reference("bfi")["statistics"]["missing_per_item"]["value"]
    for scale in "ACENO":
        responses, items = survey("bfi", scale)
        counts = sc.missing_reason_counts(responses, items).set_index(["reason", "item"])["n"]
        assert counts["skipped"].to_dict() == {item: value[item] for item in items["item"]}
        assert (counts["skipped"] + counts["answered"] == 2800).all()


def test_the_table_of_a_survey_in_groups_holds_the_same_numbers() -> None:
    """Pooled as in the reference; by case as for that case's rows alone."""
    responses, items = survey("bhr2000", "LEAD")
    responses["case"] = table("bhr2000")["GRP"].astype("str")
    scales = pd.DataFrame({"scale": ["LEAD"], "minimum": [0.5]})
    found: Any = sc.scale_reliability(responses, items, scales, minimum_n=20).set_index("case")
    values = reference("bhr2000")["statistics"]
    assert len(found) == 2 + 99
    assert found.loc["all", "alpha"] == pytest.approx(
        values["LEAD.alpha_complete_cases.psych"]["value"]["raw_alpha"], abs=EXACT
    )
    assert found.loc["all", "omega"] == pytest.approx(
        values["LEAD.omega_total_1factor_cfa.lavaan"]["value"], abs=FITTED
    )
    assert found.loc["within", "alpha"] < found.loc["all", "alpha"]  # companies differ in their means
    keyed = sc.keyed_answers(responses, items)
    large = found.index[found["flag"] == ""].drop(["all", "within"])
    assert len(large) > 50
    for case in large[::20]:
        alone = keyed[responses["case"] == case]
        assert found.loc[case, "alpha"] == pytest.approx(sc.cronbach_alpha(alone), abs=EXACT)
        assert found.loc[case, "omega"] == pytest.approx(sc.one_factor_omega(alone).estimate, abs=EXACT)
    assert ((found["flag"] == "withheld") == (found["n_complete"] < 20)).all()
    assert (found["flag"] == "withheld").any()
    assert np.isnan(found.loc[found["flag"] == "withheld", "alpha"]).all()
