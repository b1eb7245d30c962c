"""What a scale is worth, in one table: the published numbers come out of it, and what is undefined says so."""

from __future__ import annotations

import gzip
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.methods.scale_table import COLUMNS, scale_table

ROOT = Path(__file__).resolve().parents[1]
STUDENTS = ROOT.parent / "shared" / "data" / "gti_students"
EXAMPLE = ROOT / "examples" / "gti_students"
SCALES = ["SELFCON", "PINT", "GSE"]
needs_students = pytest.mark.skipif(
    not STUDENTS.is_dir(), reason="needs the OECD student file in ../shared/data/gti_students"
)


def frame_of(answers: dict[str, list[float | None]], case: list[str]) -> pd.DataFrame:
    """Responses with a reason wherever there is no answer."""
    frame = pd.DataFrame({"case": pd.Series(case, dtype="str")})
    for item, values in answers.items():
        frame[item] = pd.array([pd.NA if value is None else int(value) for value in values], dtype="Int16")
        frame[f"{item}_missing"] = pd.Series(["skipped" if value is None else None for value in values], dtype="str")
    return frame


def items_of(names: list[str], high: list[float] | None = None) -> pd.DataFrame:
    """Items of one scale, 1 to 5 unless told."""
    return pd.DataFrame({"item": names, "scale": "s", "reverse": False, "low": 1.0, "high": high or [5.0] * len(names)})


ONE = pd.DataFrame({"scale": ["s"], "minimum": [0.5]})


def small(n: int = 6) -> pd.DataFrame:
    """Two cases of `n` respondents who answer three items, the second case one step higher."""
    base = [1, 2, 2, 3, 3, 4, 2, 1, 3][:n]
    values: dict[str, list[float | None]] = {
        "a": [*base, *(v + 1 for v in base)],
        "b": [*base[::-1], *(v + 1 for v in base[::-1])],
        "c": [*base[1:], base[0], *(v + 1 for v in base[1:]), base[0] + 1],
    }
    return frame_of(values, ["x"] * n + ["y"] * n)


def test_columns_come_in_their_order_and_rows_are_all_within_and_each_case() -> None:
    table = scale_table(small(), items_of(["a", "b", "c"]), ONE, minimum_n=5)
    assert list(table.columns) == COLUMNS
    assert table["case"].tolist() == ["all", "within", "x", "y"]


def test_icc_stands_where_all_cases_are_and_nowhere_else() -> None:
    table = scale_table(small(), items_of(["a", "b", "c"]), ONE, minimum_n=5).set_index("case")
    assert table["icc1"].notna().to_dict() == {"all": True, "within": False, "x": False, "y": False}
    assert table.loc["all", "icc2_definition"] == "(MSB - MSW) / MSB"


def test_the_agreement_of_a_case_is_its_own_and_that_of_all_is_their_mean_and_median() -> None:
    table = scale_table(small(), items_of(["a", "b", "c"]), ONE, minimum_n=5).set_index("case")
    own = table.loc[["x", "y"], "rwgj_mean"].astype("float64")
    assert table.loc[["x", "y"], "rwgj_median"].astype("float64").tolist() == own.tolist()
    assert table.loc["all", "rwgj_mean"] == pytest.approx(np.mean(own))
    assert table.loc[["within"], "rwgj_mean"].isna().all()


def test_answers_that_vary_more_than_chance_would_make_them_are_clamped_and_said_so() -> None:
    answers: list[float | None] = [1, 1, 1, 5, 5, 5, 3, 3, 3, 3, 3, 2]
    split = frame_of(dict.fromkeys("abc", answers), ["x"] * 6 + ["y"] * 6)
    table = scale_table(split, items_of(["a", "b", "c"]), ONE, minimum_n=5).set_index("case")
    assert table.loc[["x"], "rwgj_mean"].tolist() == [0.0]
    assert table["rwgj_flag"].to_dict() == {"all": "", "within": "", "x": "clamped", "y": ""}


def test_a_case_below_the_minimum_is_withheld_and_takes_no_part_in_the_agreement_of_all() -> None:
    frame = pd.concat([small(), small(3).iloc[:3].assign(case="z")], ignore_index=True)
    table = scale_table(frame, items_of(["a", "b", "c"]), ONE, minimum_n=5).set_index("case")
    assert table.loc["z", "flag"] == "withheld"
    assert table.loc["z", ["alpha", "omega", "rwgj_mean", "ad_mean"]].isna().all()
    without = scale_table(small(), items_of(["a", "b", "c"]), ONE, minimum_n=5).set_index("case")
    assert table.loc["all", "rwgj_mean"] == pytest.approx(without.loc["all", "rwgj_mean"])


def test_items_with_several_answer_formats_have_no_agreement_by_one_formula() -> None:
    table = scale_table(small(), items_of(["a", "b", "c"], [5.0, 5.0, 7.0]), ONE, minimum_n=5)
    assert table["rwgj_mean"].isna().all()
    assert table["alpha"].notna().all()


@lru_cache(maxsize=1)
def students() -> tuple[pd.DataFrame, dict[str, Any]]:
    """The OECD file as text, and the statistics of its reference."""
    text = gzip.decompress((STUDENTS / "student_questionnaire.csv.gz").read_bytes()).decode("utf-8")
    reference = json.loads((STUDENTS / "reference.json").read_text(encoding="utf-8"))["statistics"]
    return pd.read_csv(io.StringIO(text), dtype="str"), reference


def number_or_none(cell: object) -> float | None:
    """The number in a cell of text; nothing where it is blank."""
    return float(cell) if isinstance(cell, str) else None


@lru_cache(maxsize=2)
def of_wave(wave: str) -> pd.DataFrame:
    """The table of one wave, as the example declares its items."""
    raw, _ = students()
    items = pd.read_csv(EXAMPLE / "items.csv").assign(reverse=False, low=1.0, high=4.0)
    crosswalk = pd.read_csv(EXAMPLE / "crosswalk.csv").query("wave == @wave")
    columns = dict(zip(crosswalk["item"], crosswalk["column"], strict=True))
    answers = {item: list(map(number_or_none, raw[column])) for item, column in columns.items()}
    scales = pd.DataFrame({"scale": SCALES, "minimum": 1.0})
    return scale_table(frame_of(answers, raw["T_ID"].tolist()), items, scales, minimum_n=5)


# reference.json of the OECD student file: computed with R's psych, lavaan, multilevel and lme4.
MATCHED = [
    ("alpha", "alpha_complete_cases.psych", "raw_alpha", 1e-9),
    ("alpha_pairwise", "alpha_pairwise.psych", "raw_alpha", 1e-9),
    ("omega", "omega_total_1factor_cfa.lavaan", "", 1e-5),
    ("icc1", "by_class.ICC1_aov.multilevel", "", 1e-9),
    ("icc2", "by_class.ICC2_aov.multilevel", "", 1e-9),
    ("icc1_reml", "by_class.ICC1_REML.lme4", "icc1", 1e-5),
    ("rwgj_mean", "classes_ge5.rwgj_uniform", "mean", 1e-9),
    ("rwgj_median", "classes_ge5.rwgj_uniform", "median", 1e-9),
    ("ad_mean", "classes_ge5.ad.m_items", "mean", 1e-9),
]


@needs_students
@pytest.mark.parametrize("wave", ["pre", "post"])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("column", "key", "part", "tolerance"), MATCHED, ids=[row[0] for row in MATCHED])
def test_the_oecd_student_file_gives_the_numbers_of_its_reference(
    wave: str, scale: str, column: str, key: str, part: str, tolerance: float
) -> None:
    _, reference = students()
    published = reference[f"{scale}_{wave}.{key}"]["value"]
    table = of_wave(wave)
    (row,) = table[(table["scale"] == scale) & (table["case"] == "all")].to_dict("records")
    assert row[column] == pytest.approx(published[part] if part else published, abs=tolerance)


@needs_students
@pytest.mark.parametrize("scale", SCALES)
def test_agreement_of_each_class_is_that_of_the_reference(scale: str) -> None:
    _, reference = students()
    published = pd.Series(reference[f"{scale}_pre.classes_ge5.rwgj_by_group"]["value"])
    table = of_wave("pre")
    own = table[(table["scale"] == scale)].set_index("case")["rwgj_mean"].astype("float64").reindex(published.index)
    assert np.nanmax((own - published).abs()) < 1e-9
    assert own.notna().all()
