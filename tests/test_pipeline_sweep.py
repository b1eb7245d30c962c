"""`make multiverse` on a small study: each run once for what it feels, results collected, curves drawn."""

import contextlib
import io
import re
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from small_study import ROOT, SmallStudy

from nsi.errors import StudyError
from nsi.pipeline.execute import Outcome
from nsi.pipeline.make import Request
from nsi.pipeline.report import Report
from nsi.pipeline.sweep import CURVES, Sweep

MULTIVERSE = """\
choices:
  least: {label: Least size, sets: settings.least, options: {"two": 2, "four": 4, "nine": 9}, usual: two}
  ending: {label: Ending, sets: settings.ending, options: {short: a, long: b}, usual: short}
notebooks: [01_items, 04_places]
questions:
  some: {says: Some are left., test: n_items > 0, estimate: n_items, label: items left, reference: 1}
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


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a scheduler on loopback with two worker processes of one thread each."""
    from distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of distributed's own making, when sockets close
        with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as started:
            yield started.scheduler_address


FAILS = "kept = items[items['size'] >= least]\nassert least < 9, 'none is so large'"


def fails_at_nine(study: SmallStudy) -> None:
    """Let the first notebook fail where nine is asked for; the study itself, which asks for two, is made again."""
    study.change("01_items", "kept = items[items['size'] >= least]", FAILS)
    assert study.run().status == 0


def request(study: SmallStudy) -> Request:
    places = {name: study.root / folder for name, folder in (
        ("study", "study"), ("data_raw", "raw"), ("out", "out"), ("notebooks", "notebooks"))}  # fmt: skip
    return Request(**places, jobs=2)


def sweep(study: SmallStudy, *, dask: str = "", jobs: int = 2) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = Sweep(replace(request(study), dask=dask, jobs=jobs)).make()
    return status, out.getvalue()


def done(told: str) -> list[str]:
    return sorted(line.split(" done ", 1)[1].strip().split("   ")[0] for line in told.splitlines() if "] done" in line)


def digests(folder: Path) -> dict[str, str]:
    """Every result of a sweep by its SHA-256, without times."""
    found = [path for part in ("data_raw", "figures") for path in sorted((folder / part).rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in found}


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
    assert "reference: 1.0" in (below(prepared) / "result" / "study" / "study.yml").read_text(encoding="utf-8")
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
    with pytest.raises(StudyError, match="'01_items' not up to date, .* begins at the study; run `make all` first"):
        Sweep(request(study))


def test_a_notebook_that_nobody_runs_is_named(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    path = study.root / "study" / "multiverse.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("[01_items, 04_places]", "[09_none]"), encoding="utf-8")
    with pytest.raises(StudyError, match="no run of study.yml is of '09_none'; there are 01_items"):
        Sweep(request(study))


def test_a_name_that_nobody_records_is_told_before_anything_runs(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    path = study.root / "study" / "multiverse.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("n_items > 0", "n_itmes > 0"), encoding="utf-8")
    with pytest.raises(StudyError, match="questions.some: none of its notebooks records 'n_itmes'; did you mean 'n_it"):
        Sweep(request(study))


def test_what_lies_ahead_and_every_run_that_ended_are_shown(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    shutil.rmtree(below(study), ignore_errors=True)
    status, told = sweep(study)
    assert status == 0, told
    assert re.search(r"Small study: 6 universes of 2 choices, 5 runs, \d+ min of notebooks in all by", told)
    assert [f"[{place:>3}/5] done" in told for place in range(1, 6)] == [True] * 5


def test_a_universe_that_fails_is_named_does_not_stop_the_others_and_cannot_be_tested(
    prepared: SmallStudy, tmp_path: Path
) -> None:
    study = prepared.copy_to(tmp_path / "study")
    sweep(study)  # so that a record of each universe stands there, which must not be taken for this time's
    fails_at_nine(study)
    status, told = sweep(study)
    assert status == 1
    assert "01_items [least nine] failed in cell" in told
    assert "none is so large" in told
    (failed,) = [line.split(": ", 1)[1] for line in told.splitlines() if "executed notebook: " in line]
    assert Path(failed).is_file()
    assert {"01_items [least four]", "01_items [least two]"} < set(done(told))
    assert "2 of 6 universes lack numbers, because a run failed there" in told
    curve = pd.read_csv(below(study) / "result" / "figures" / "tables" / "specification_curve_some.csv")
    assert curve["verdict"].value_counts().to_dict() == {"holds": 4, "cannot be tested": 2}
    assert set(curve.loc[curve["verdict"] == "cannot be tested", "least"]) == {"nine"}
    study.change("01_items", FAILS, FAILS.replace("< 9", "< 10"))
    assert study.run().status == 0
    assert sweep(study)[0] == 0


def test_a_sweep_that_was_stopped_goes_on_from_there(
    prepared: SmallStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = prepared.copy_to(tmp_path / "study")
    sweep(study)
    whole = digests(below(study) / "result")
    shutil.rmtree(below(study))
    ended = Report.ended

    def stop_after_two(report: Report, outcome: Outcome) -> None:
        if len(report.outcomes) == 2:
            raise KeyboardInterrupt
        ended(report, outcome)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Report, "ended", stop_after_two)
        sweep(study, jobs=1)  # so that no other kernel is running at that moment
    status, told = sweep(study)
    assert status == 0, told
    assert len([run for run in done(told) if not run.startswith(CURVES)]) == 3
    assert digests(below(study) / "result") == whole


def test_what_belongs_to_options_that_are_gone_is_removed(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    sweep(study)
    path = study.root / "study" / "multiverse.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(', "nine": 9', ""), encoding="utf-8")
    before = {folder: len(list((below(study) / folder).iterdir())) for folder in ("runs", "studies")}
    sweep(study)
    assert before == {"runs": 5, "studies": 5}
    assert {folder: len(list((below(study) / folder).iterdir())) for folder in before} == {"runs": 4, "studies": 4}


def test_files_in_folders_of_the_study_come_along(prepared: SmallStudy, tmp_path: Path) -> None:
    study = prepared.copy_to(tmp_path / "study")
    folder = study.root / "study"
    (folder / "lists").mkdir()
    (folder / "codes.csv").rename(folder / "lists" / "codes.csv")
    study.declare("seed: 7", "seed: 7\ncodebook: lists/codes.csv")
    assert study.run().status == 0
    status, told = sweep(study)
    assert status == 0, told


def test_a_dask_cluster_gives_the_same_bytes(prepared: SmallStudy, tmp_path: Path, cluster: str) -> None:
    study = prepared.copy_to(tmp_path / "study")
    sweep(study)
    whole = digests(below(study) / "result")
    shutil.rmtree(below(study))
    status, told = sweep(study, dask=cluster)
    assert status == 0, told
    assert f"Multiverse: 5 runs, 5 not fresh on {cluster}" in told
    assert digests(below(study) / "result") == whole
