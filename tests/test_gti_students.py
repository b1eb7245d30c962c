"""The example of pupils in classes and countries: the declared study as it stands, on the OECD's file and on another.

Numbers of the OECD's file stand in reference.json beside it; R (psych, lavaan, multilevel) computed them.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "gti_students"
STUDENTS = ROOT.parent / "shared" / "data" / "gti_students"
FILE = "student_questionnaire.csv.gz"
needs_students = pytest.mark.skipif(
    not STUDENTS.is_dir(), reason="needs the OECD student file in ../shared/data/gti_students"
)

# Columns of the questionnaire, by scale and wave.
ITEMS = {
    ("SELFCON", "pre"): [f"SQA06{letter}" for letter in "ABCDEF"],
    ("SELFCON", "post"): [f"SQB01{letter}" for letter in "ABCDEF"],
    ("PINT", "pre"): [f"SQA14{letter}" for letter in "ABC"],
    ("PINT", "post"): [f"SQB03{letter}" for letter in "ABC"],
    ("GSE", "pre"): [f"SQA15{letter}" for letter in "ABCDE"],
    ("GSE", "post"): [f"SQB02{letter}" for letter in "ABCDE"],
}
each_scale_and_wave = pytest.mark.parametrize(("scale", "wave"), list(ITEMS))

COUNTRIES = ["Österreich", "Korea, Republic of", "Côte d'Ivoire", 'Türkiye ("TR")']
SMALL = {"0000901": 3, "0000902": 4}  # classes below the declared minimum of 5
SIZES = [11, 14, 17]  # pupils in the classes of a country, over and over
PUPILS = 300


def ran(data_raw: Path, out: Path) -> Path:
    """Run the example on a folder with a file of its form; return where the results are."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NSI_")}
    places = ["--study", str(EXAMPLE), "--data-raw", str(data_raw), "--out", str(out), "--jobs", "2"]
    ended = subprocess.run(
        [sys.executable, "-m", "nsi.pipeline", "all", *places], capture_output=True, text=True,
        env={**clean, "PYTHONPATH": str(ROOT / "src")}, timeout=1200,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return out / "figures"


def table(results: Path, name: str) -> pd.DataFrame:
    """Read a table as text, as somebody with a spreadsheet sees it."""
    return pd.read_csv(results / "tables" / f"{name}.csv", dtype="str", keep_default_na=False)


def rows(results: Path, name: str, scale: str, wave: str, grouping: str) -> pd.DataFrame:
    """Rows of one scale, wave and grouping, by case."""
    found = table(results, name)
    chosen = (found["scale"] == scale) & (found["wave"] == wave) & (found["grouping"] == grouping)
    return found[chosen].set_index("case")


def numbers_in(found: pd.DataFrame, case: str, columns: Iterable[str]) -> dict[str, float]:
    """Numbers that stand in one row."""
    return {column: float(str(found.loc[case, column])) for column in columns}


def pupils_of(file: Path) -> pd.DataFrame:
    """Read a file of the form without anything of the project; ids as text, answers as numbers."""
    frame = pd.read_csv(file, dtype="str", keep_default_na=False)
    answers = [item for items in ITEMS.values() for item in items]
    return frame.assign(**{item: pd.to_numeric(frame[item]) for item in answers})


def scores_of(pupils: pd.DataFrame, scale: str, wave: str) -> pd.Series:
    """Mean of the answers of those who answered every item."""
    return pupils[ITEMS[scale, wave]].mean(axis=1, skipna=False)


def alpha_of(pupils: pd.DataFrame, scale: str, wave: str) -> float:
    """Cronbach's alpha of complete rows, by its textbook formula."""
    answers = pupils[ITEMS[scale, wave]].dropna()
    k = answers.shape[1]
    return float(k / (k - 1) * (1 - answers.var().sum() / answers.sum(axis=1).var()))


def icc_of(score: pd.Series, group: pd.Series) -> tuple[float, float]:
    """ICC(1) and ICC(2) from the mean squares of a one-way analysis of variance (Bliese 2000)."""
    by = score.groupby(group)
    n, groups = int(score.count()), by.ngroups
    between = float((by.count() * (by.mean() - score.mean()) ** 2).sum()) / (groups - 1)
    within = float(((score - by.transform("mean")) ** 2).sum()) / (n - groups)
    size = n / groups
    return (between - within) / (between + (size - 1) * within), (between - within) / between


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the example on the OECD's file."""
    return ran(STUDENTS, tmp_path_factory.mktemp("oecd"))


@pytest.fixture(scope="module")
def real_pupils() -> pd.DataFrame:
    return pupils_of(STUDENTS / FILE)


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    statistics = json.loads((STUDENTS / "reference.json").read_text(encoding="utf-8"))["statistics"]
    return {name: entry["value"] for name, entry in statistics.items()}


@needs_students
@each_scale_and_wave
def test_reliability_and_agreement_of_the_oecd_file_are_those_of_the_reference(
    real: Path, expected: dict[str, Any], scale: str, wave: str
) -> None:
    found, name = rows(real, "scale_reliability", scale, wave, "case"), f"{scale}_{wave}"
    exact = {
        "n_complete": expected[f"{name}.n_complete"],
        "k_items": len(ITEMS[scale, wave]),
        "alpha": expected[f"{name}.alpha_complete_cases.psych"]["raw_alpha"],
        "alpha_pairwise": expected[f"{name}.alpha_pairwise.psych"]["raw_alpha"],
        "icc1": expected[f"{name}.by_class.ICC1_aov.multilevel"],
        "icc2": expected[f"{name}.by_class.ICC2_aov.multilevel"],
        "rwgj_mean": expected[f"{name}.classes_ge5.rwgj_uniform"]["mean"],
        "rwgj_median": expected[f"{name}.classes_ge5.rwgj_uniform"]["median"],
    }
    assert numbers_in(found, "all", exact) == pytest.approx(exact, abs=1e-9)
    iterated = {
        "omega": expected[f"{name}.omega_total_1factor_cfa.lavaan"],
        "icc1_reml": expected[f"{name}.by_class.ICC1_REML.lme4"]["icc1"],
    }
    assert numbers_in(found, "all", iterated) == pytest.approx(iterated, abs=1e-5)


@needs_students
@each_scale_and_wave
def test_agreement_in_each_class_is_that_of_the_reference(
    real: Path, expected: dict[str, Any], scale: str, wave: str
) -> None:
    by_class = expected[f"{scale}_{wave}.classes_ge5.rwgj_by_group"]
    found = rows(real, "scale_reliability", scale, wave, "case").drop(index=["all", "within"])
    assert len(found) == 187
    assert found["rwgj_mean"].astype(float).to_dict() == pytest.approx(by_class, abs=1e-9)


@needs_students
@each_scale_and_wave
def test_means_of_classes_are_those_of_their_complete_pupils(
    real: Path, real_pupils: pd.DataFrame, scale: str, wave: str
) -> None:
    direct = scores_of(real_pupils, scale, wave).groupby(real_pupils["T_ID"]).agg(["count", "mean", "std"])
    found = rows(real, "network_scores", scale, wave, "case").loc[direct.index]
    assert len(found) == 187
    assert found["n"].astype(int).tolist() == direct["count"].tolist()
    np.testing.assert_allclose(found["mean"].astype(float), direct["mean"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["sd"].astype(float), direct["std"], rtol=0, atol=1e-9)


@needs_students
@each_scale_and_wave
def test_countries_are_a_second_grouping_with_the_means_of_the_reference(
    real: Path, expected: dict[str, Any], scale: str, wave: str
) -> None:
    means = expected[f"{scale}_{wave}.country_means"]
    found = rows(real, "network_scores", scale, wave, "country")
    assert sorted(found.index) == ["Chile", "Japan"]
    assert found["mean"].astype(float).to_dict() == pytest.approx(means, abs=1e-9)


@needs_students
def test_where_nobody_knows_who_was_invited_rates_are_empty_and_say_so(real: Path) -> None:
    found = table(real, "network_scores")
    assert set(found["grouping"]) == {"case", "country"}
    assert found["flag"].str.split(";").map(lambda flags: "no_roster" in [flag.strip() for flag in flags]).all()
    assert set(found["response_rate"]) == set(found["roster"]) == {""}


def class_ids() -> list[tuple[str, str]]:
    """Class and country of every pupil of the made-up file; ids that a program might take for numbers."""
    ids = [(case, COUNTRIES[1]) for case, size in SMALL.items() for _ in range(size)]
    number = 0
    while len(ids) < PUPILS:
        size = min(SIZES[number % len(SIZES)], PUPILS - len(ids))
        ids += [(f"00{number:05d}", COUNTRIES[number % len(COUNTRIES)])] * size
        number += 1
    return ids


def made_up() -> pd.DataFrame:
    """300 pupils of four countries, in the columns of the file; some skip items, some a whole questionnaire."""
    generator = np.random.default_rng(4)
    frame = pd.DataFrame(class_ids(), columns=["T_ID", "COUNTRY"])
    frame.insert(0, "S_ID", [f"{place:04d}" for place in range(PUPILS)])
    frame["SCH_ID"], frame["SAF_SELFCON"] = "001", "-0.25"  # columns that the declaration does not use
    small = frame["T_ID"].isin(SMALL).to_numpy()
    of_class = generator.normal(0, 0.5, frame["T_ID"].nunique())[pd.factorize(frame["T_ID"])[0]]
    for (_, wave), items in ITEMS.items():
        person = 2.5 + of_class + generator.normal(0, 0.7, PUPILS)
        away = ~small & (frame["S_ID"].str[-1] == ("7" if wave == "pre" else "3")).to_numpy()
        for item in items:
            answer = np.clip(np.rint(person + generator.normal(0, 0.6, PUPILS)), 1, 4).astype(int)
            skipped = ~small & (generator.random(PUPILS) < 0.04)
            frame[item] = np.where(away | skipped, "", answer.astype(str))
    return frame


@pytest.fixture(scope="module")
def other_pupils(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A made-up file of the same form, and its pupils."""
    folder = tmp_path_factory.mktemp("other")
    (folder / FILE).write_bytes(gzip.compress(made_up().to_csv(index=False).encode("utf-8"), mtime=0))
    return folder, pupils_of(folder / FILE)


@pytest.fixture(scope="module")
def other(other_pupils: tuple[Path, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the example on the made-up file."""
    return ran(other_pupils[0], tmp_path_factory.mktemp("results"))


def test_who_answered_nothing_in_a_wave_is_no_response_of_it(
    other: Path, other_pupils: tuple[Path, pd.DataFrame]
) -> None:
    numbers = json.loads((other / "numbers.json").read_text(encoding="utf-8"))
    for wave in ("pre", "post"):
        asked = [item for (_, of), items in ITEMS.items() if of == wave for item in items]
        answered = int(other_pupils[1][asked].notna().any(axis=1).sum())
        assert answered < PUPILS
        assert numbers[f"n_responses_{wave}"] == answered


@each_scale_and_wave
def test_other_countries_come_out_with_their_names_and_means(
    other: Path, other_pupils: tuple[Path, pd.DataFrame], scale: str, wave: str
) -> None:
    pupils = other_pupils[1]
    direct = scores_of(pupils, scale, wave).groupby(pupils["COUNTRY"]).agg(["count", "mean"])
    found = rows(other, "network_scores", scale, wave, "country")
    assert sorted(found.index) == sorted(COUNTRIES)
    assert found["n"].astype(int).to_dict() == direct["count"].to_dict()
    assert found["mean"].astype(float).to_dict() == pytest.approx(direct["mean"].to_dict(), abs=1e-9)


@each_scale_and_wave
def test_other_classes_keep_their_leading_zeros_and_have_their_means(
    other: Path, other_pupils: tuple[Path, pd.DataFrame], scale: str, wave: str
) -> None:
    pupils = other_pupils[1]
    direct = scores_of(pupils, scale, wave).groupby(pupils["T_ID"]).agg(["count", "mean"]).drop(index=list(SMALL))
    found = rows(other, "network_scores", scale, wave, "case")
    assert sorted(found.index) == sorted(pupils["T_ID"].unique())
    shown = found.drop(index=list(SMALL))
    assert shown["n"].astype(int).to_dict() == direct["count"].to_dict()
    assert shown["mean"].astype(float).to_dict() == pytest.approx(direct["mean"].to_dict(), abs=1e-9)


@each_scale_and_wave
def test_classes_of_fewer_than_five_are_withheld_in_words(other: Path, scale: str, wave: str) -> None:
    for name, shown in (("network_scores", ["mean", "sd", "eb_mean"]), ("scale_reliability", ["alpha", "rwgj_mean"])):
        found = rows(other, name, scale, wave, "case").loc[list(SMALL)]
        assert set(found["n"]) == {"<5"}, name
        assert set(found[shown].to_numpy().ravel()) == {"withheld"}, name


@each_scale_and_wave
@pytest.mark.parametrize("grouping", ["case", "country"])
def test_reliability_of_other_files_equals_the_formulas(
    other: Path, other_pupils: tuple[Path, pd.DataFrame], grouping: str, scale: str, wave: str
) -> None:
    pupils = other_pupils[1]
    found = rows(other, "scale_reliability", scale, wave, grouping)
    icc1, icc2 = icc_of(scores_of(pupils, scale, wave), pupils["T_ID" if grouping == "case" else "COUNTRY"])
    direct = {"alpha": alpha_of(pupils, scale, wave), "icc1": icc1, "icc2": icc2}
    assert numbers_in(found, "all", direct) == pytest.approx(direct, abs=1e-9)


@each_scale_and_wave
def test_reliability_in_each_other_country_equals_the_formula(
    other: Path, other_pupils: tuple[Path, pd.DataFrame], scale: str, wave: str
) -> None:
    direct = {str(name): alpha_of(part, scale, wave) for name, part in other_pupils[1].groupby("COUNTRY")}
    found = rows(other, "scale_reliability", scale, wave, "country").drop(index=["all", "within"])
    assert found["alpha"].astype(float).to_dict() == pytest.approx(direct, abs=1e-9)
