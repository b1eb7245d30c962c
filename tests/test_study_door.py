"""The Study door: what may pass, in which form, and what it notes of everything that passed."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import StudyFolder, told

from nsi import tables
from nsi.door import Places
from nsi.figures.stamping import stamped
from nsi.names import LONGEST, checked_name
from nsi.readers.ratings import clean_ratings
from nsi.readers.tables import clean_table
from nsi.study import Study

ALT = "Line of two points, drawn for a test, going up from one to two; n = 2."
FRAME = pd.DataFrame({"case": ["north", "south"], "n": [1, 2]})
MARKER = "# look-alikes\n" + "0" * 64 + "  ratings.csv\n"


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return StudyFolder(tmp_path / "a study")


def figure() -> matplotlib.figure.Figure:
    drawn = matplotlib.figure.Figure(figsize=(2, 1.5))
    drawn.subplots().plot([0, 1], [1, 2])
    return drawn


def receipt(folder: StudyFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder.root / "staging/receipt.json").read_text(encoding="utf-8"))
    return found


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# Names


@pytest.mark.parametrize(
    "name", ["ratings", "fig1_use", "reliability_CONN_RATE", "a.b-c", "7", "x" * LONGEST, "console"]
)
def test_a_plain_name_passes(name: str) -> None:
    assert checked_name(name, "table") == name


@pytest.mark.parametrize(
    "name",
    ["", ".hidden", "a/b", "..", "../x", "a\\b", "a b", "Bío", "x\n", "a.", "_x", "-x", "a:b", 7, None],
)
def test_a_name_that_is_no_safe_file_name_is_refused(folder: StudyFolder, name: str) -> None:
    study = folder.open()
    rule = (
        "must be made of letters, digits, '_', '-' and '.', begin with a letter or digit and not end in "
        "a dot; rename it"
    )
    for kind, use in {
        "table": lambda: study.write(name, FRAME),
        "figure": lambda: study.figure(name, figure(), alt=ALT, data=FRAME),
        "number": lambda: study.number(name, 1),
    }.items():
        assert told(use) == f"the {kind} name {name!r} {rule}"
    assert told(lambda: study.table(name, FRAME)) == told(lambda: study.read(name)) == f"the table name {name!r} {rule}"
    assert folder.held() == {}


@pytest.mark.parametrize("name", ["con", "NUL", "aux.v2", "COM1", "lpt9.x"])
def test_a_name_that_windows_keeps_for_a_device_is_refused(folder: StudyFolder, name: str) -> None:
    study = folder.open()
    message = f"the table name '{name}' stands for a device on Windows; rename it"
    assert told(lambda: study.write(name, FRAME)) == message


def test_a_name_that_is_too_long_is_refused(folder: StudyFolder) -> None:
    study = folder.open()
    assert told(lambda: study.write("x" * 121, FRAME)) == (
        f"the table name '{'x' * 40}...' has 121 characters, but 120 are allowed; shorten it"
    )


# Tables


def test_a_table_comes_back_as_it_was_written(folder: StudyFolder) -> None:
    study = folder.open()
    documents, _ = clean_table(study.raw("documents"))
    ratings, _ = clean_ratings(study.raw("ratings"))
    study.write("documents", documents, key=["doc"])
    study.write("ratings", ratings, key=["unit", "coder", "field"])
    pd.testing.assert_frame_equal(folder.open().read("documents"), documents)
    pd.testing.assert_frame_equal(folder.open().read("ratings"), ratings)


def test_a_table_for_readers_is_plain_csv(folder: StudyFolder) -> None:
    frame = pd.DataFrame(
        {
            "case": ["Bío-Bío, Chile", None],
            "share": [1 / 3, np.nan],
            "n": [2, 0],
            "on": [pd.Timestamp("2021-03-04"), pd.NaT],
        }
    )
    folder.open().table("t", frame, key=["n"])
    assert (folder.root / "out/figures/tables/t.csv").read_bytes().decode() == (
        'case,share,n,on\n"Bío-Bío, Chile",0.3333333333333,2,2021-03-04\n,,0,\n'
    )


def test_a_key_must_tell_the_rows_apart(folder: StudyFolder) -> None:
    study = folder.open()
    doubled = pd.DataFrame({"case": ["n", "s", "n"], "n": [1, 2, 3]})
    message = "table 't' must have one row per case, but rows 0, 2 share one; settle the duplicates before writing"
    assert told(lambda: study.write("t", doubled, key=["case"])) == message
    assert told(lambda: study.table("t", doubled, key=["case"])) == message
    assert told(lambda: study.table("t", doubled, key=["unit"])) == "table 't' has no column 'unit'; it has case, n"
    assert folder.held() == {}
    study.write("t", doubled, key=(name for name in ["case", "n"]))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ([1, 2], "'t' must be a DataFrame, but found list"),
        (FRAME["n"], "'t' must be a DataFrame, but found Series"),
        (pd.DataFrame({2021: [1]}), "'t': column names must be text and stand once, but found 2021"),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            "'t': column names must be text and stand once, but found a, a",
        ),
        (FRAME.set_index("case"), "'t' keeps data in its index (case); call reset_index() before storing"),
        (
            FRAME.set_index(["case", "n"], drop=False),
            "'t' keeps data in its index (case, n); call reset_index() before storing",
        ),
        (
            pd.DataFrame({"n": [1]}, index=["north"]),
            "'t' keeps data in its index (None); call reset_index() before storing",
        ),
        (
            pd.DataFrame({"n": [1]}, index=pd.RangeIndex(2, 3, name="row")),
            "'t' keeps data in its index (row); call reset_index() before storing",
        ),
    ],
)
def test_what_would_lose_something_when_stored_is_refused(folder: StudyFolder, frame, message: str) -> None:
    study = folder.open()
    assert told(lambda: study.write("t", frame)) == message
    assert told(lambda: study.table("t", frame)) == message
    assert folder.held() == {}


def test_rows_that_were_left_out_leave_no_trace_in_the_index(folder: StudyFolder) -> None:
    study = folder.open()
    study.write("t", FRAME[FRAME["n"] > 1])
    assert study.read("t").index.tolist() == [0]


def test_a_column_of_several_kinds_is_named_and_its_values_are_not(folder: StudyFolder) -> None:
    study = folder.open()
    mixed = pd.DataFrame({"n": [1, 2], "answer": [3, "a private answer"]}, dtype="object")
    message = told(lambda: study.write("t", mixed))
    assert message == "column 'answer' holds values of several kinds, so it cannot be stored; make it text or numbers"


def test_floats_keep_thirteen_digits_everywhere(folder: StudyFolder) -> None:
    frame = pd.DataFrame(
        {
            "x": [0.1 + 0.2, 1e300 / 3, -0.0, math.nan, math.inf],
            "y": pd.array([1 / 3, None, 1, 2, 3], dtype="Float64"),
        }
    )
    study = folder.open()
    study.write("t", frame)
    back = study.read("t")
    assert back["x"].tolist()[:3] == [0.3, 3.333333333333e299, 0.0]
    assert math.copysign(1, back["x"][2]) == 1.0
    assert back["x"].isna().tolist() == [False, False, False, True, False]
    assert back["y"].tolist()[0] == 0.3333333333333
    assert back["y"].isna().tolist() == [False, True, False, False, False]
    assert frame["x"][0] == 0.1 + 0.2  # what the notebook holds stays as it was


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_is_done_after_one_time_and_moves_a_value_by_less_than_a_part_in_a_trillion(
    value: float,
) -> None:
    once = tables.rounded(pd.DataFrame({"x": [value]}))
    assert tables.rounded(once)["x"][0] == once["x"][0]
    assert once["x"][0] == pytest.approx(value, rel=1e-12, abs=0)


def test_a_table_that_is_not_there_or_damaged_is_named(folder: StudyFolder) -> None:
    study = folder.open()
    assert told(lambda: study.read("ratings")) == (
        "data_processed/ratings.parquet is not there yet; run the notebook that writes 'ratings' first, or `make all`"
    )
    study.write("ratings", FRAME)
    (folder.root / "out/data_processed/ratings.parquet").write_bytes(b"PAR1 and no more")
    assert told(lambda: study.read("ratings")) == (
        "data_processed/ratings.parquet is damaged; delete it and run `make all`"
    )


def test_tables_of_all_runs_are_read_one_below_the_other_in_the_order_of_the_runs(
    folder: StudyFolder,
) -> None:
    study = folder.open()
    message = "no table fits 'n_{field}' yet; run the notebooks that write them first, or `make all`"
    assert told(lambda: study.read_each("n_{field}")) == message
    for field in ("grade", "use"):
        study.write(f"n_{field}", pd.DataFrame({"field": [field]}))
    assert study.read_each("n_{field}")["field"].tolist() == ["use", "grade"]


# Figures


@pytest.mark.parametrize("alt", ["", "   ", "Bar chart", " " * 40, None, 7])
def test_a_figure_without_a_useful_alt_text_is_refused(folder: StudyFolder, alt: str) -> None:
    study = folder.open()
    assert told(lambda: study.figure("f", figure(), alt=alt, data=FRAME)) == (
        f"figure 'f' has no useful alt text ({alt!r}); say what kind of figure it is, what it compares, its "
        "main reading "
        "and n, in at least 30 characters"
    )
    assert folder.held() == {}


@pytest.mark.parametrize("data", [None, FRAME.iloc[:0], [1, 2]], ids=["none", "empty", "list"])
def test_a_figure_without_the_table_it_was_drawn_from_is_refused(folder: StudyFolder, data) -> None:
    study = folder.open()
    message = "figure 'f' comes without the table it was drawn from; pass it as data="
    assert told(lambda: study.figure("f", figure(), alt=ALT, data=data)) == message
    assert folder.held() == {}


def test_a_figure_is_stored_in_three_forms_beside_its_table_and_shown_with_its_alt_text(
    folder: StudyFolder,
) -> None:
    study = folder.open()
    shown = study.figure("f", figure(), alt=ALT, data=FRAME)
    written = {name: data for name, data in folder.held().items() if data is not None}
    assert sorted(written) == [f"out/figures/f.{kind}" for kind in ("csv", "pdf", "png", "svg")]
    assert written["out/figures/f.csv"] == b"case,n\nnorth,1\nsouth,2\n"
    picture, about = shown._repr_mimebundle_()
    assert picture == {"image/png": written["out/figures/f.png"], "text/plain": f"figure f: {ALT}"}
    assert about == {"image/png": {"alt": ALT, "width": 240}}  # 600 px at 300 dpi, shown at 120


# Synthetic data


def test_synthetic_data_stamp_every_figure_from_raw_file_over_table_to_the_next_notebook(
    folder: StudyFolder,
) -> None:
    folder.put("SYNTHETIC", MARKER)
    first = folder.open()
    assert not first.synthetic
    ratings, _ = clean_ratings(first.raw("ratings"))
    first.write("ratings", ratings)
    second = folder.open()
    second.write("counts", second.read("ratings").groupby("case", as_index=False).size())
    third = folder.open()
    counts = third.read("counts")
    drawn = figure()
    third.figure("f", drawn, alt=ALT, data=counts)
    assert (first.synthetic, second.synthetic, third.synthetic) == (True, True, True)
    assert stamped(drawn) == "SYNTHETIC DATA"


def test_a_file_that_the_marker_does_not_list_is_real_and_stamps_nothing(folder: StudyFolder) -> None:
    folder.put("SYNTHETIC", MARKER)
    study = folder.open()
    documents, _ = clean_table(study.raw("documents"))
    study.write("documents", documents)
    later = folder.open()
    later.read("documents")
    drawn = figure()
    later.figure("f", drawn, alt=ALT, data=FRAME)
    assert not later.synthetic
    assert stamped(drawn) == ""


def test_the_published_table_of_the_bundled_study_is_real_and_the_rest_is_not(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[1]
    for name, expected in {
        "networks": False,
        "artifacts": True,
        "ratings": True,
        "desired_data": True,
    }.items():
        study = Study(Places(root / "study", root / "data_raw", tmp_path))
        study.raw(name)
        assert study.synthetic is expected, name


# Numbers


def test_numbers_are_kept_with_thirteen_digits_and_handed_back_as_they_were(folder: StudyFolder) -> None:
    study = folder.open(in_pipeline=True)
    given_values = {
        "n": 820,
        "share": 1 / 3,
        "of_numpy": np.float64(0.1 + 0.2),
        "count": np.int64(7),
        "words": "0.61 to 0.74",
    }
    for name, value in given_values.items():
        assert study.number(name, value) is value
    assert receipt(folder)["numbers"] == {
        "n": 820, "share": 0.3333333333333, "of_numpy": 0.3, "count": 7, "words": "0.61 to 0.74",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (math.nan, "nan"), (math.inf, "inf"), (np.float64("nan"), "nan"), (None, "None"), (True, "True"),
        (np.bool_(False), "False"), (pd.NA, "a NAType"), ([1], "a list"), (np.array([1, 2]), "a ndarray"),
        (pd.Timestamp("2021-03-04"), "a Timestamp"), ("x" * 101, "a text of 101 characters"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(folder: StudyFolder, value, found: str) -> None:
    study = folder.open()
    assert told(lambda: study.number("n", value)) == (
        "the number 'n' must be a finite number or a text of at most 100 characters, "
        f"but found {found}; say why it is undefined in a table instead"
    )


def test_one_name_for_two_numbers_is_refused_in_a_run_and_allowed_by_hand(folder: StudyFolder) -> None:
    by_hand = folder.open()
    by_hand.number("n", 1)
    assert by_hand.number("n", 2) == 2
    run = folder.open(in_pipeline=True)
    run.number("n", 1)
    assert told(lambda: run.number("n", 1)) == (
        "the number 'n' is recorded twice in this notebook; give each number its own name"
    )


# What the door notes


def test_the_receipt_lists_what_was_read_written_and_relied_on(folder: StudyFolder) -> None:
    folder.put("SYNTHETIC", MARKER)
    folder.open().write("before", FRAME)
    study = folder.open(in_pipeline=True)
    raw = study.raw("ratings")
    study.read("before")
    study.setting("least")
    study.seed("draw")
    study.write("ratings", clean_ratings(raw)[0])
    study.table("counts", FRAME)
    study.figure("f", figure(), alt=ALT, data=FRAME)
    study.number("n", 4)
    noted = receipt(folder)
    staging = folder.root / "staging"
    assert noted["raw"] == {"ratings.csv": digest(folder.root / "data_raw/ratings.csv")}
    assert noted["read"] == {"before": digest(folder.root / "out/data_processed/before.parquet")}
    outputs = [
        "data_processed/ratings.parquet",
        "figures/tables/counts.csv",
        *(f"figures/f.{k}" for k in ("csv", "pdf", "png", "svg")),
    ]
    assert noted["outputs"] == {path: digest(staging / path) for path in outputs}
    assert set(noted["declared"]) == {
        "raw.ratings", "corrections.ratings.csv", "synthetic.ratings.csv", "codes.place", "codes.use",
        "codes.grade", "settings.least", "seed", "title",
    }  # fmt: skip
    assert noted["numbers"] == {"n": 4}
    assert noted["synthetic"] is True
    assert str(folder.root) not in (staging / "receipt.json").read_text(encoding="utf-8")
    assert not (folder.root / "out/data_processed/ratings.parquet").exists()  # it waits until the notebook succeeds


def test_the_receipt_does_not_change_with_what_was_not_asked_for(folder: StudyFolder) -> None:
    folder.open(in_pipeline=True).fields("ratings")
    first = receipt(folder)["declared"]
    folder.keys["settings"]["least"] = 3
    folder.table("documents")["duplicates"] = "first"
    folder.open(in_pipeline=True).fields("ratings")
    assert receipt(folder)["declared"] == first
    folder.table("ratings")["duplicates"] = "first"
    folder.open(in_pipeline=True).fields("ratings")
    assert {key for key, value in receipt(folder)["declared"].items() if value != first[key]} == {"raw.ratings"}


def test_the_study_says_what_it_declares(folder: StudyFolder) -> None:
    study = folder.open()
    assert study.title == "A study"
    assert study.case_labels("ratings") == {"north": "North", "south": "South"}
    assert study.case_labels("documents") == {}
    assert list(study.fields("ratings")) == ["use", "grade"]
    assert study.assumptions("ratings").columns.tolist() == ["id", "value", "basis", "why"]
    assert told(lambda: study.raw("survey")) == (
        "study.yml raw declares no table 'survey'; it declares ratings, documents"
    )


def test_a_folder_where_a_raw_file_should_be_is_named(folder: StudyFolder) -> None:
    (folder.root / "data_raw/ratings.csv").unlink()
    (folder.root / "data_raw/ratings.csv").mkdir()
    study = folder.open()
    assert told(lambda: study.raw("ratings")) == (
        "data_raw/ratings.csv cannot be read (Is a directory); mend the file or its permissions"
    )


# The same bytes

WRITER = """
import sys
from pathlib import Path
from nsi.door import Places
from nsi.readers.ratings import clean_ratings
from nsi.study import Study
root = Path(sys.argv[1])
study = Study(Places(root / "study", root / "data_raw", Path(sys.argv[2])))
ratings, log = clean_ratings(study.raw("ratings"))
study.write("ratings", ratings)
study.table("log", log)
print(study.seed("bootstrap use"), study.seed("bootstrap grade"))
"""


def test_two_processes_draw_the_same_seeds_and_write_the_same_bytes(folder: StudyFolder, tmp_path: Path) -> None:
    folder.open()
    said, written = [], []
    for hash_seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Santiago")):
        out = tmp_path / hash_seed
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "TZ": zone,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", WRITER, str(folder.root), str(out)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
        written.append({path.name: path.read_bytes() for path in out.rglob("*.*")})
    assert said[0] == said[1]
    assert len(set(said[0].split())) == 2
    assert sorted(written[0]) == ["log.csv", "ratings.parquet"]
    assert written[0] == written[1]


def test_a_table_written_twice_has_the_same_bytes_and_another_seed_another_draw(folder: StudyFolder) -> None:
    study = folder.open()
    frame = pd.DataFrame({"x": [1 / 3, 2.5], "c": pd.Categorical(["a", "b"]), "t": ["ñ", None]})
    study.write("t", frame)
    study.table("t", frame)
    before = folder.held()
    study.write("t", frame.copy())
    study.table("t", frame.copy())
    assert folder.held() == before
    seed = study.seed("draw")
    assert study.seed("draw") == seed
    assert 0 <= seed < 2**48
    folder.keys["seed"] = 8
    assert folder.open().seed("draw") != seed


# Where the study is


def test_places_are_found_upwards_from_the_notebook(folder: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NSI_RUN", "NSI_STUDY", "NSI_DATA_RAW", "NSI_OUT"):
        monkeypatch.delenv(name, raising=False)
    folder.open()
    notebooks = folder.root / "notebooks"
    notebooks.mkdir()
    monkeypatch.chdir(notebooks)
    root = folder.root.resolve()
    assert Places.found() == Places(root / "study", root / "data_raw", root)
    monkeypatch.setenv("NSI_DATA_RAW", "/elsewhere/raw")
    monkeypatch.setenv("NSI_OUT", "/elsewhere/out")
    assert Places.found() == Places(root / "study", Path("/elsewhere/raw"), Path("/elsewhere/out"))


def test_a_notebook_outside_of_any_study_is_told_where_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NSI_RUN", "NSI_STUDY"):
        monkeypatch.delenv(name, raising=False)
    lost = tmp_path / "lost"
    lost.mkdir()
    monkeypatch.chdir(lost)
    assert told(Places.found) == (
        "no study found: neither lost/ nor a folder above it holds study/study.yml; start with `make lab`, "
        "or open the "
        "notebook inside the project"
    )


def test_places_told_by_the_pipeline_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = {name: str(tmp_path / name) for name in ("study", "data_raw", "out", "staging")}
    run = tmp_path / "run.json"
    run.write_text(json.dumps({**paths, "gathered": {"n_{field}": ["n_use"]}, "numbers": []}), encoding="utf-8")
    monkeypatch.setenv("NSI_RUN", str(run))
    places = Places.found()
    assert places.staging == tmp_path / "staging"
    assert places.gathered == {"n_{field}": ["n_use"]}
