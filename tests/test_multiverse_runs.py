"""Runs of a sweep: tables and numbers without pictures, words where nothing can be tested, and what is told of it."""

import contextlib
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from matplotlib.figure import Figure
from small_study import SmallStudy
from study_folder import StudyFolder, told

from nsi.declaration import Declaration
from nsi.door import RUN
from nsi.outputs import ShownFigure
from nsi.pipeline.execute import Folders, Outcome
from nsi.pipeline.lock import Lock
from nsi.pipeline.make import Request
from nsi.pipeline.plan import Run, plan
from nsi.pipeline.report import Report
from nsi.pipeline.sweep import CURVES, Sweep

MULTIVERSE = """\
choices:
  least: {label: Least size, sets: settings.least, options: {"two": 2, "nine": 9}, usual: two}
notebooks: [01_items, 04_places]
questions:
  some: {says: Some are left., test: n_items > 0, estimate: n_items, label: items left}
"""
ALT = "Line of two heights, the hill above the lake."
DATA = pd.DataFrame({"place": ["hill", "lake"], "height": [120.5, 80.0]})


@pytest.fixture(scope="module")
def swept(built_once: SmallStudy, tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallStudy, int, str]:
    """A sweep of which one universe leaves no item, and says so in words where its number would stand."""
    study = built_once.copy_to(tmp_path_factory.mktemp("runs") / "study")
    study.change("01_items", "'n_items', len(items))", "'n_items', len(kept) or 'none is left')")
    study.change("04_places", "places, log =", "least = study.setting('least')\nplaces, log =")
    (study.root / "study" / "multiverse.yml").write_text(MULTIVERSE, encoding="utf-8")
    assert study.run().status == 0
    places = {"study": "study", "data_raw": "raw", "out": "out", "notebooks": "notebooks"}
    request = Request(**{name: study.root / folder for name, folder in places.items()}, jobs=2)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = Sweep(request).make()
    return study, status, out.getvalue()


def below(study: SmallStudy) -> Path:
    return study.root / "out" / "build" / "multiverse"


def test_a_run_of_a_sweep_stores_its_tables_and_numbers_and_no_picture(swept: tuple[SmallStudy, int, str]) -> None:
    study, status, text = swept
    assert status == 0, text
    stored = [path for path in (below(study) / "runs").rglob("*") if path.suffix in (".svg", ".pdf", ".png", ".csv")]
    assert [path.name for path in stored] == ["heights.csv", "heights.csv"]
    records = Lock.read(below(study) / "lock.json").runs
    assert sorted(records) == [f"{name} [least {one}]" for name in ("01_items", "04_places") for one in ("nine", "two")]
    assert list(records["04_places [least nine]"].outputs) == ["figures/heights.csv"]
    assert records["04_places [least nine]"].figures == {}
    (page,) = list((below(study) / "runs").glob("04_places-*/build/notebooks/04_places.ipynb"))[:1]
    (shown,) = nbformat.read(page, as_version=4).cells[-1].outputs
    assert shown.data == {"text/plain": "figure heights (not drawn in this run): Line of two heights, hill above lake."}


def test_the_table_of_a_universe_is_that_of_the_study_and_the_study_itself_is_drawn(
    swept: tuple[SmallStudy, int, str], tmp_path: Path
) -> None:
    study = swept[0].copy_to(tmp_path / "study")
    own = study.root / "out" / "figures"
    for table in (below(study) / "runs").rglob("heights.csv"):
        assert table.read_bytes() == (own / "heights.csv").read_bytes()
    before = study.results()
    (own / "heights.png").unlink()  # what a sweep was told must not reach the next ordinary run
    assert study.run().ran == ["04_places"]
    assert study.results() == before
    assert (below(study) / "result" / "figures" / "specification_curve_some.png").is_file()


def test_a_universe_that_answers_in_words_cannot_be_tested_and_is_no_failure(
    swept: tuple[SmallStudy, int, str],
) -> None:
    study, status, text = swept
    assert status == 0
    assert "lack numbers" not in text
    curve = pd.read_csv(below(study) / "result" / "figures" / "tables" / "specification_curve_some.csv")
    assert curve[["least", "verdict"]].to_numpy().tolist() == [["two", "holds"], ["nine", "cannot be tested"]]
    assert curve["found"].iloc[-1] == "'none is left' > 0"
    assert pd.isna(curve["estimate"].iloc[-1])
    drawn = (below(study) / "result" / "figures" / "specification_curve_some.svg").read_text(encoding="utf-8")
    assert "Cannot be tested in 1: none is left." in drawn


def test_the_report_of_a_sweep_names_its_own_folder_and_the_time_of_its_own_runs(
    swept: tuple[SmallStudy, int, str],
) -> None:
    study, _, text = swept
    sweep, curves = text.split(f"{CURVES} question")[0], text[text.index("tables of each universe: ") :]
    places = re.findall(r"^(?:tables of each universe|figures and tables|pages): (.*)$", text, re.MULTILINE)
    assert [Path(place).exists() for place in places] == [True] * 3
    assert [Path(place).resolve() for place in places] == [
        below(study) / "runs", below(study) / "result" / "figures", below(study) / "result" / "build/html/index.html"
    ]  # fmt: skip
    assert "by the times of `make all`, which draws figures besides. In: " in sweep
    assert "pages: " in curves
    node = next(iter(Lock.read(below(study) / "lock.json").runs))
    times = json.loads((below(study) / "build" / "times.json").read_text(encoding="utf-8"))
    assert node in times


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "times.json").write_text('{"01_items": 8, "other": 50}', encoding="utf-8")
    return Folders(tmp_path, tmp_path, tmp_path, tmp_path / "staging", tmp_path)


def test_a_report_says_what_it_was_given_and_otherwise_the_folders_of_the_study(
    folders: Folders, swept: tuple[SmallStudy, int, str]
) -> None:
    run = replace(_run(swept[0]), id="01_items")
    said = []
    for results in (None, {"tables": folders.out / "runs"}):
        out = io.StringIO()
        report = Report([run], folders, out, results)
        report.begin("Title", 1, "(1 at a time)", *([", 3 min ahead"] if results else []))
        report.ended(Outcome("01_items", "fresh"))
        assert report.summary() == 0
        said.append(out.getvalue().splitlines())
    usual, own = said
    assert usual[0] == "Title: 1 runs, 1 not fresh (1 at a time), about 8 s of work by the last run"
    assert [line.split(": ")[0] for line in usual[-2:]] == ["figures and tables", "pages"]
    assert own[0] == "Title: 1 runs, 1 not fresh (1 at a time), 3 min ahead"
    assert own[-1].startswith("tables: ")
    assert not any(line.startswith("pages") for line in own)


def _run(study: SmallStudy) -> Run:
    return plan(Declaration(study.root / "study", study.root / "raw"), study.root / "notebooks")[0]


@pytest.mark.parametrize(("wanted", "kinds"), [(False, ["csv"]), (True, ["csv", "pdf", "png", "svg"])])
def test_the_door_draws_or_does_not_as_the_run_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool, kinds: list[str]
) -> None:
    folder = StudyFolder(tmp_path / "study")
    study = folder.open()
    (tmp_path / "run.json").write_text(json.dumps({"pictures": wanted}), encoding="utf-8")
    monkeypatch.setenv(RUN, str(tmp_path / "run.json"))
    stored = study.figure("heights", Figure(), alt=ALT, data=DATA)
    shown = study.shown("again", Figure(), alt=ALT, data=DATA)
    assert sorted(path.suffix[1:] for path in (folder.root / "out" / "figures").iterdir()) == kinds
    assert [bool(one.png) for one in (stored, shown)] == [wanted, wanted]
    assert ("heights" in study._receipt.figures) is wanted


@pytest.mark.parametrize("call", ["figure", "shown"])
def test_what_is_not_drawn_is_checked_as_if_it_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    door = getattr(StudyFolder(tmp_path / "study").open(), call)
    (tmp_path / "run.json").write_text('{"pictures": false}', encoding="utf-8")
    monkeypatch.setenv(RUN, str(tmp_path / "run.json"))
    assert "figure 'heights' has no useful alt text" in told(lambda: door("heights", Figure(), alt="", data=DATA))
    assert "without the table it was drawn from" in told(lambda: door("heights", Figure(), alt=ALT, data=DATA[:0]))


def test_a_figure_without_a_picture_is_shown_as_its_text() -> None:
    assert os.environ.get(RUN) is None
    data, about = ShownFigure("heights", b"", ALT)._repr_mimebundle_()
    assert data == {"text/plain": f"figure heights (not drawn in this run): {ALT}"}
    assert about == {}
