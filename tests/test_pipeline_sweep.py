"""`make multiverse` on a small study: each run once for what it feels, results collected, curves drawn."""

import contextlib
import io
from pathlib import Path

import pandas as pd
import pytest
from small_study import SmallStudy

from nsi.errors import StudyError
from nsi.pipeline.make import Request
from nsi.pipeline.sweep import CURVES, Sweep

MULTIVERSE = """\
choices:
  least: {label: Least size, sets: settings.least, options: {"two": 2, "four": 4, "nine": 9}, usual: two}
  ending: {label: Ending, sets: settings.ending, options: {short: a, long: b}, usual: short}
notebooks: [01_items, 04_places]
questions:
  some: {says: Some are left., test: n_items > 0, estimate: n_items, label: items left}
"""


@pytest.fixture(scope="module")
def prepared(built_once: SmallStudy, tmp_path_factory: pytest.TempPathFactory) -> SmallStudy:
    study = built_once.copy_to(tmp_path_factory.mktemp("sweep") / "study")
    study.declare("{least: 2}", "{least: 2, ending: a}")
    study.change("01_items", "study.number('n_items', len(items))", "study.number('n_items', len(kept))")
    study.change("04_places", "places, log =", "ending = study.setting('ending')\nplaces, log =")
    (study.root / "study" / "multiverse.yml").write_text(MULTIVERSE, encoding="utf-8")
    assert study.run().status == 0
    return study


def request(study: SmallStudy) -> Request:
    places = {name: study.root / folder for name, folder in (
        ("study", "study"), ("data_raw", "raw"), ("out", "out"), ("notebooks", "notebooks"))}  # fmt: skip
    return Request(**places, jobs=2)


def sweep(study: SmallStudy) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = Sweep(request(study)).make()
    return status, out.getvalue()


def done(told: str) -> list[str]:
    return sorted(line.split(" done ", 1)[1].strip().split("   ")[0] for line in told.splitlines() if "] done" in line)


def below(study: SmallStudy) -> Path:
    return study.root / "out" / "build" / "multiverse"


def test_each_run_runs_once_for_every_set_of_options_that_it_can_feel_and_then_not_again(prepared: SmallStudy) -> None:
    before = prepared.results()
    status, told = sweep(prepared)
    assert status == 0, told
    runs = done(told)
    assert [run for run in runs if run.startswith("01_items")] == [
        "01_items [least four]", "01_items [least nine]", "01_items [least two]"
    ]  # fmt: skip
    assert [run for run in runs if run.startswith("04_places")] == [
        "04_places [ending long]", "04_places [ending short]"
    ]  # fmt: skip
    assert prepared.results() == before  # nothing of `make all` was touched
    again, told = sweep(prepared)
    assert again == 0
    assert done(told) == []


def test_one_table_holds_every_universe_with_its_options_and_numbers(prepared: SmallStudy) -> None:
    sweep(prepared)
    table = pd.read_csv(below(prepared) / "result" / "data_raw" / "multiverse.csv", dtype=str)
    wide = table.pivot(index="universe", columns="name", values="value")
    assert wide[["least", "ending"]].drop_duplicates().shape == (6, 2)
    assert wide.groupby("least")["n_items"].unique().map(list).to_dict() == {"two": ["3"], "four": ["2"], "nine": ["0"]}
    assert wide.iloc[0][["least", "ending"]].tolist() == ["two", "short"]


def test_the_curve_is_drawn_by_its_notebook_with_verdicts_and_the_choice_that_breaks_it(prepared: SmallStudy) -> None:
    sweep(prepared)
    figures = below(prepared) / "result" / "figures"
    curve = pd.read_csv(figures / "tables" / "specification_curve_some.csv")
    assert curve["verdict"].value_counts().to_dict() == {"holds": 4, "does not hold": 2}
    assert set(curve.loc[curve["verdict"] == "does not hold", "least"]) == {"nine"}
    assert (figures / "specification_curve_some.svg").is_file()
    assert '"deciding_choice_of_some": "Least size"' in (figures / "numbers.json").read_text(encoding="utf-8")


def test_a_changed_option_runs_what_feels_it_alone(prepared: SmallStudy, tmp_path: Path) -> None:
    sweep(prepared)
    study = prepared.copy_to(tmp_path / "study")
    path = study.root / "study" / "multiverse.yml"
    path.write_text(path.read_text(encoding="utf-8").replace('"nine": 9', '"five": 5'), encoding="utf-8")
    status, told = sweep(study)
    assert status == 0, told
    assert [run for run in done(told) if not run.startswith(CURVES)] == ["01_items [least five]"]


def test_a_study_that_is_not_up_to_date_is_not_swept(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    (study.root / "raw" / "items.csv").write_text("item,size,note\na1,3,plain\n", encoding="utf-8")
    with pytest.raises(StudyError, match="'01_items' is not up to date, and a multiverse begins at the study"):
        Sweep(request(study))


def test_a_notebook_that_nobody_runs_is_named(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    path = study.root / "study" / "multiverse.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("[01_items, 04_places]", "[09_none]"), encoding="utf-8")
    with pytest.raises(StudyError, match="no run of study.yml is of '09_none'; there are 01_items"):
        Sweep(request(study))
