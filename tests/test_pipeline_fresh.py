"""What runs again, and what does not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_study import NOTEBOOKS, SmallStudy

from nsi.pipeline import modules

ALL = ["01_items", "02_part letter=a", "02_part letter=b", "03_whole", "04_places"]


def snapshot(study: SmallStudy) -> dict[str, int]:
    """Every file below OUT with the time of its last change."""
    return {str(path): path.stat().st_mtime_ns for path in (study.root / "out").rglob("*") if path.is_file()}


def test_a_first_run_writes_everything_the_notebooks_declare(built_once: SmallStudy) -> None:
    lock = json.loads((built_once.root / "out/figures/lock.json").read_text(encoding="utf-8"))
    assert sorted(lock["runs"]) == ALL
    figures = built_once.root / "out/figures"
    assert (figures / "tables/whole.csv").read_text(encoding="utf-8") == "item,size\na1,3\na2,5\nb1,8\n"
    assert json.loads((figures / "numbers.json").read_text(encoding="utf-8")) == {"n_items": 3}
    assert {path.suffix for path in figures.glob("heights.*")} == {".svg", ".pdf", ".png", ".csv"}


def test_an_unchanged_study_runs_nothing_and_writes_nothing(built: SmallStudy) -> None:
    before = snapshot(built)
    told = built.run()
    assert (told.status, told.ran) == (0, [])
    assert "nothing to run, 5 runs are fresh" in told.text
    assert snapshot(built) == before


def test_touched_raw_files_run_nothing(built: SmallStudy) -> None:
    for path in (built.root / "raw").iterdir():
        os.utime(path, (1, 1))
    assert built.run().ran == []


def test_a_comment_in_a_notebook_runs_nothing_but_stands_on_its_page(built: SmallStudy) -> None:
    built.change("01_items", "least = study", "# how small may it be\nleast = study")
    told = built.run()
    assert (told.status, told.ran) == (0, [])
    assert "how small may it be" in (built.root / "out/build/html/01_items.html").read_text(encoding="utf-8")
    assert "pages renewed" in told.text
    assert "5 runs are fresh" in built.run().text


def test_a_sentence_in_a_notebook_stands_on_its_page_with_the_old_results(built: SmallStudy) -> None:
    built.change("01_items", "Reads items.", "Reads items that someone listed.")
    assert built.run().ran == []
    page = (built.root / "out/build/html/01_items.html").read_text(encoding="utf-8")
    assert "items that someone listed" in page
    assert "Bío-Bío" in page


def test_changed_code_runs_its_notebook_and_stops_where_bytes_are_equal(built: SmallStudy) -> None:
    built.change("01_items", "len(items)", "items.shape[0]")
    assert built.run().ran == ["01_items"]


def test_changed_data_run_everything_downstream_and_nothing_else(built: SmallStudy) -> None:
    raw = built.root / "raw/items.csv"
    raw.write_text(raw.read_text(encoding="utf-8").replace("a1,3", "a1,4"), encoding="utf-8")
    # b's part has other rows but the same bytes, so only what holds item a1 is followed.
    assert built.run().ran == ["01_items", "02_part letter=a", "02_part letter=b", "03_whole"]


def test_a_changed_cell_that_changes_one_part_leaves_the_other_alone(built: SmallStudy) -> None:
    before = built.results()
    raw = built.root / "raw/items.csv"
    raw.write_text(raw.read_text(encoding="utf-8").replace("plain", "plainer"), encoding="utf-8")
    assert built.run().ran == ["01_items", "02_part letter=a", "02_part letter=b", "03_whole"]
    after = built.results()
    assert before["data_processed/part_b.parquet"] == after["data_processed/part_b.parquet"]
    assert before["figures/tables/whole.csv"] == after["figures/tables/whole.csv"]


def test_a_changed_setting_runs_the_notebooks_that_asked_for_it(built: SmallStudy) -> None:
    built.declare("least: 2", "least: 1")
    assert built.run().ran == ["01_items"]


def test_a_new_run_in_study_yml_runs_alone_with_its_readers(built: SmallStudy) -> None:
    built.declare("[a, b]", "[a, b, c]")
    assert built.run().ran == ["02_part letter=c", "03_whole"]


def test_an_output_that_was_edited_by_hand_is_made_again(built: SmallStudy) -> None:
    before = built.results()
    (built.root / "out/figures/heights.csv").write_text("mine", encoding="utf-8")
    assert built.run().ran == ["04_places"]
    assert built.results() == before


def test_a_missing_output_is_made_again_with_the_same_bytes(built: SmallStudy) -> None:
    before = built.results()
    shutil.rmtree(built.root / "out/data_processed")
    shutil.rmtree(built.root / "out/build")
    told = built.run()  # as in a fresh clone, where figures/ and the lock are there and nothing else
    assert (told.status, told.ran) == (0, ALL)
    assert built.results() == before
    pages = {path.stem for path in (built.root / "out/build/html").glob("*.html")}
    assert len(pages) == len(ALL) + len({"index", "gallery"} & pages) == len(ALL) + 2


def test_outputs_that_no_notebook_writes_any_more_are_removed(built: SmallStudy) -> None:
    built.declare("[a, b]", "[a]")
    told = built.run()
    assert "removed data_processed/part_b.parquet: no notebook writes it any more" in told.text
    assert not (built.root / "out/data_processed/part_b.parquet").exists()
    assert not (built.root / "out/build/html/02_part-letter-b.html").exists()
    assert "part_b" not in (built.root / "out/figures/lock.json").read_text(encoding="utf-8")


def test_why_says_what_would_run_and_because_of_what(built: SmallStudy) -> None:
    assert "all 5 runs are fresh" in built.run("why").text
    built.change("01_items", "len(items)", "items.shape[0]")
    told = built.run("why").text
    assert "01_items\n    its code changed" in told
    assert "02_part letter=a\n    perhaps: only if '01_items' writes other bytes" in told
    assert "3 of 5" not in told
    assert "4 of 5 runs would run, or might" in told


def test_clean_removes_what_was_built_and_nothing_else(built: SmallStudy) -> None:
    before = built.results()
    raw = {path.name: path.read_bytes() for path in (built.root / "raw").iterdir()}
    mine = built.root / "out/data_processed/mine.txt"
    mine.write_text("notes", encoding="utf-8")
    told = built.run("clean")
    assert told.status == 0
    assert "mine.txt" in told.text
    assert [path for path in (built.root / "out").rglob("*") if path.is_file()] == [mine]
    assert {path.name: path.read_bytes() for path in (built.root / "raw").iterdir()} == raw
    mine.unlink()
    assert built.run().status == 0
    assert built.results() == before


def test_the_lock_holds_no_time_no_path_and_no_name_of_a_machine(built_once: SmallStudy) -> None:
    text = (built_once.root / "out/figures/lock.json").read_text(encoding="utf-8")
    for word in (str(built_once.root), str(Path.home()), "seconds", "20:", os.uname().nodename + '"'):
        assert word not in text


def test_the_lock_names_the_modules_behind_a_run_directly_and_through_others(built_once: SmallStudy) -> None:
    lock = json.loads((built_once.root / "out/figures/lock.json").read_text(encoding="utf-8"))
    first, last = lock["runs"]["01_items"]["modules"], lock["runs"]["04_places"]["modules"]
    assert {"nsi", "nsi.study", "nsi.readers.tables", "nsi.readers.rules", "nsi.errors"} <= set(first)
    assert "nsi.figures.style" in last
    assert not any(name.startswith("nsi.pipeline") for name in [*first, *last])
    assert lock["runs"]["01_items"]["inputs"].keys() == {"data_raw/items.csv"}
    assert "settings.least" in lock["runs"]["01_items"]["declared"]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package nsi of three modules: top imports middle inside a function, middle imports low."""
    folder = tmp_path / "nsi"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "top.py").write_text("def f():\n    from nsi import middle\n    return middle.g()\n", encoding="utf-8")
    (folder / "middle.py").write_text("from nsi.low import h\ndef g():\n    return h()\n", encoding="utf-8")
    (folder / "low.py").write_text("def h():\n    return 1\n", encoding="utf-8")
    monkeypatch.setattr(modules, "SRC", tmp_path)
    modules._parsed.cache_clear()
    yield folder
    modules._parsed.cache_clear()


def digests(*imports: str) -> dict[str, str]:
    modules._parsed.cache_clear()
    return modules.module_digests(imports)


def test_a_changed_function_reaches_those_who_import_its_module_and_nobody_else(package: Path) -> None:
    top, low = digests("nsi.top.f"), digests("nsi.low")
    assert set(top) == {"nsi", "nsi.top", "nsi.middle", "nsi.low"}
    (package / "middle.py").write_text("from nsi.low import h\ndef g():\n    return h() + 1\n", encoding="utf-8")
    assert {name for name in top if digests("nsi.top.f")[name] != top[name]} == {"nsi.middle"}
    assert digests("nsi.low") == low


def test_a_comment_or_a_blank_line_in_a_module_changes_nothing(package: Path) -> None:
    before = digests("nsi.top")
    (package / "low.py").write_text("# why\n\ndef h():\n\n    return (1)  # one\n", encoding="utf-8")
    assert digests("nsi.top") == before


def test_small_notebooks_are_what_the_tests_take_them_for() -> None:
    assert sorted(NOTEBOOKS) == ["01_items", "02_part", "03_whole", "04_places"]


def test_a_wide_frame_is_shown_alike_by_a_forked_kernel_and_one_started_anew(tmp_path: Path) -> None:
    study = SmallStudy.at(tmp_path / "study")
    wide = "items.assign(**{f'a_column_with_a_long_name_{n}': 'and words in it' for n in range(9)})"
    study.put("01_items", [*NOTEBOOKS["01_items"][:-1], ("code", wide)])
    lock = study.root / "out/figures/lock.json"
    shown = []
    for more in ([], ["--plain-kernels"]):
        shutil.rmtree(study.root / "out/build", ignore_errors=True)
        assert study.run("all", *more).status == 0
        shown.append(json.loads(lock.read_text(encoding="utf-8"))["runs"]["01_items"]["shown"])
    assert shown[0] == shown[1]
