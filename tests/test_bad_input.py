"""Bad input, kind by kind: what is said, word for word, and that nothing is half-written."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import matplotlib.figure
import pandas as pd
import pytest
from study_folder import CODES, LONG, SHEET, StudyFolder, told

from nsi.readers.ratings import clean_ratings
from nsi.readers.tables import clean_table
from nsi.study import Study

REMEDY = "settle it in data_raw/corrections.csv"
ALT = "Line of two points, drawn for a test, going up from one to two; n = 2."


def notebook(folder: StudyFolder) -> None:
    """What a cleaning notebook does: read, clean, write."""
    study = folder.open()
    ratings, log = clean_ratings(study.raw("ratings"))
    documents, _ = clean_table(study.raw("documents"))
    study.write("ratings", ratings, key=["unit", "coder", "field"])
    study.write("documents", documents, key=["doc"])
    study.table("log", log)


def no_file(folder: StudyFolder) -> None:
    (folder.root / "data_raw" / "ratings.csv").unlink()


def no_column(folder: StudyFolder) -> None:
    folder.put("ratings.csv", LONG.replace("who,what", "coder,what", 1))


def stray_code(folder: StudyFolder) -> None:
    folder.put("ratings.csv", LONG.replace("use,check", "use,chekc"))


def coded_twice(folder: StudyFolder) -> None:
    folder.put("ratings.csv", LONG + "north,a1,AP,use,check,2021-03-09\n")


def unknown_case(folder: StudyFolder) -> None:
    folder.put("ratings.csv", LONG.replace("south,a2,AP,use", "sooth,a2,AP,use"))


def other_encoding(folder: StudyFolder) -> None:
    folder.put("ratings.csv", LONG.replace("south,a2,AP,use", "süd,a2,AP,use").encode("cp1252"))


def nothing_in_it(folder: StudyFolder) -> None:
    folder.put("ratings.csv", b"")


def no_date(folder: StudyFolder) -> None:
    folder.put("documents.csv", SHEET.replace("2021-03-05", "2021-02-30"))


def misspelt_key(folder: StudyFolder) -> None:
    folder.keys["raw"]["ratings"]["duplicate"] = "first"


def code_twice(folder: StudyFolder) -> None:
    folder.put("codes.csv", CODES + "use,Use,nominal,check,Check again,Once more\n", folder="study")


KINDS: list[tuple[Callable[[StudyFolder], None], str]] = [
    (
        no_file,
        "data_raw/ratings.csv is missing; study.yml raw.ratings names it. Put the export there, or correct the name",
    ),
    (
        no_column,
        "ratings.csv row 1: the column 'who' is missing; the file has place, doc, coder, what, code, on. "
        "Correct the export, or the mapping in study.yml raw.ratings",
    ),
    (
        stray_code,
        "ratings.csv row 3: use is 'chekc', but the codebook allows plan, check, none (rows affected: 3); "
        f"{REMEDY}, or add the code to the codebook, or declare outside_codebook: invalid",
    ),
    (
        coded_twice,
        "ratings.csv rows 2, 6: coder AP coded unit a1 twice for 'use' (2 rows affected in all); "
        f"{REMEDY}, or declare under 'duplicates' in study.yml which one stays",
    ),
    (
        unknown_case,
        "ratings.csv row 4: unknown case 'sooth', but the study knows north, south (rows affected: 4); "
        f"{REMEDY}, or declare the case",
    ),
    (
        other_encoding,
        "ratings.csv row 4: the byte 0xFC is not utf-8 text; save the file as 'CSV UTF-8', or declare its "
        "encoding in "
        "study.yml, for example encoding: cp1252",
    ),
    (nothing_in_it, "ratings.csv is empty; the first row must hold the column names"),
    (
        no_date,
        "documents.csv row 3: made is '2021-02-30', which is no date in the formats %Y-%m-%d, %d.%m.%Y "
        f"(rows affected: 3); {REMEDY}, or add the format in study.yml",
    ),
    (
        misspelt_key,
        "study.yml raw.ratings: unknown key 'duplicate'; did you mean 'duplicates'? allowed are file, "
        "columns, holds, "
        "layout, key, fields, missing, duplicates, outside_codebook, encoding, separator, form, sheet, wave",
    ),
    (code_twice, "codes.csv row 10: code 'check' of field 'use' stands twice; remove one of the two rows"),
]


@pytest.mark.parametrize(("spoil", "message"), KINDS, ids=[spoil.__name__ for spoil, _ in KINDS])
def test_bad_input_is_named_with_its_place_and_remedy_and_nothing_is_written(
    tmp_path: Path, spoil: Callable[[StudyFolder], None], message: str
) -> None:
    folder = StudyFolder(tmp_path)
    notebook(folder)
    before = folder.held()
    spoil(folder)
    assert told(lambda: notebook(folder)) == message
    assert folder.held() == before


def test_the_same_study_without_a_mistake_passes(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    notebook(folder)
    written = [name for name, data in folder.held().items() if data is not None]
    assert written == [
        "out/data_processed/documents.parquet",
        "out/data_processed/ratings.parquet",
        "out/figures/tables/log.csv",
    ]


def test_two_outputs_with_one_name_are_refused_in_a_run_and_the_first_stands(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    study = folder.open(in_pipeline=True)
    study.table("Counts", pd.DataFrame({"n": [1]}))
    before = folder.held("staging")
    message = told(lambda: study.table("counts", pd.DataFrame({"n": [2]})))  # one file where capitals do not count
    assert message == "figures/tables/counts.csv is written twice by this notebook; give each output its own name"
    assert folder.held("staging") == before


def test_a_table_and_a_figure_of_one_name_are_two_outputs(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path).open(in_pipeline=True)
    frame = pd.DataFrame({"n": [1, 2]})
    study.table("counts", frame)
    study.write("counts", frame)
    study.figure("counts", matplotlib.figure.Figure(), alt=ALT, data=frame)


class FullDisk:
    """Stands in for a disk that has room for some files and no more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.left = room
        self._open = os.fdopen
        monkeypatch.setattr("nsi.door.os.fdopen", self.open)

    def open(self, handle: int, mode: str) -> object:
        stream = self._open(handle, mode)
        self.left -= 1
        if self.left >= 0:
            return stream
        stream.write(b"the first half")
        stream.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FULL = (
    "could not be written (No space left on device); nothing of it was kept. "
    "Free some space or mend the folder's permissions, then run the same command again"
)
WRITES: dict[str, tuple[Callable[[Study], object], str]] = {
    "write": (lambda study: study.write("t", pd.DataFrame({"n": [1]})), "t.parquet"),
    "table": (lambda study: study.table("t", pd.DataFrame({"n": [1]})), "t.csv"),
    "figure": (
        lambda study: study.figure("t", matplotlib.figure.Figure(), alt=ALT, data=pd.DataFrame({"n": [1]})),
        "t.svg",
    ),
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_full_disk_leaves_neither_a_file_nor_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = StudyFolder(tmp_path)
    study = folder.open()
    write, file = WRITES[kind]
    FullDisk(monkeypatch, room=0)
    assert told(lambda: write(study)) == f"{file} {FULL}"
    assert folder.held() == {}


def test_a_full_disk_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = StudyFolder(tmp_path)
    study = folder.open()
    study.table("t", pd.DataFrame({"n": [1]}))
    FullDisk(monkeypatch, room=0)
    assert told(lambda: study.table("t", pd.DataFrame({"n": [2]}))) == f"t.csv {FULL}"
    assert (tmp_path / "out/figures/tables/t.csv").read_text() == "n\n1\n"
    assert len([data for data in folder.held().values() if data is not None]) == 1


@pytest.mark.parametrize(("room", "file"), [(1, "t.pdf"), (2, "t.png"), (3, "t.csv")])
def test_a_disk_that_fills_up_within_a_figure_leaves_the_whole_old_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, file: str
) -> None:
    folder = StudyFolder(tmp_path)
    study = folder.open()
    study.figure("t", matplotlib.figure.Figure(), alt=ALT, data=pd.DataFrame({"n": [1]}))
    before = folder.held()
    FullDisk(monkeypatch, room)
    new = pd.DataFrame({"n": [2]})
    assert told(lambda: study.figure("t", matplotlib.figure.Figure(), alt=ALT, data=new)) == f"{file} {FULL}"
    assert folder.held() == before


def test_a_refused_figure_table_leaves_no_picture_behind(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    study = folder.open()
    doubled = pd.DataFrame([[1, 2]], columns=["n", "n"])
    message = told(lambda: study.figure("t", matplotlib.figure.Figure(), alt=ALT, data=doubled))
    assert message == "'t': column names must be text and stand once, but found n, n"
    assert folder.held() == {}


def test_an_interrupted_write_leaves_nothing_and_is_not_swallowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = StudyFolder(tmp_path)
    study = folder.open()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nsi.door.os.fdopen", interrupt)
    with pytest.raises(KeyboardInterrupt):
        study.table("t", pd.DataFrame({"n": [1]}))
    assert folder.held() == {}
