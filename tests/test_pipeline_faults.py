"""What the pipeline does when a notebook, the declaration or the machine does something wrong."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest
from small_study import NOTEBOOKS, SmallStudy


@pytest.fixture
def fresh(tmp_path: Path) -> SmallStudy:
    """The small study, not built."""
    return SmallStudy.at(tmp_path / "study")


def refused(study: SmallStudy) -> str:
    """Run, and expect a refusal before anything was written."""
    told = study.run()
    assert told.status == 1
    assert not (study.root / "out").exists()
    return told.text.strip()


# --- refused before anything runs ------------------------------------------------------------------------------


def test_a_misspelt_parameter_is_refused(fresh: SmallStudy) -> None:
    fresh.declare("over: {letter:", "over: {leter:")
    assert refused(fresh) == (
        "study.yml notebooks: 02_part has no parameter 'leter'; did you mean 'letter'? its parameters cell "
        "declares letter"
    )


def test_a_parameter_of_another_type_is_refused(fresh: SmallStudy) -> None:
    fresh.declare("[a, b]", "[a, 7]")
    assert refused(fresh) == (
        "study.yml notebooks: 02_part takes letter as str, but found 7 (int); correct the value, or put it in quotes"
    )


def test_an_unknown_notebook_is_refused(fresh: SmallStudy) -> None:
    fresh.declare("run: 03_whole", "run: 03_hole")
    assert refused(fresh) == "study.yml notebooks: there is no notebook '03_hole'; did you mean '03_whole'?"


def test_a_table_that_nobody_writes_is_refused(fresh: SmallStudy) -> None:
    fresh.change("02_part", "study.read('items')", "study.read('itmes')")
    assert refused(fresh) == (
        "'02_part letter=a' reads the table 'itmes', but no run of study.yml writes it; "
        "they write items, part_a, part_b. "
        "Add the notebook that writes it, or correct the name"
    )


def test_two_outputs_with_one_name_are_refused(fresh: SmallStudy) -> None:
    fresh.change("02_part", "study.write(f'part_{letter}', part)", "study.write('Items', part)")
    assert "data_processed/Items.parquet is written by '01_items' and by '02_part letter=a'" in refused(fresh)


def test_a_missing_raw_file_is_refused(fresh: SmallStudy) -> None:
    (fresh.root / "raw/places.csv").unlink()
    assert refused(fresh) == (
        "data_raw/places.csv is missing; study.yml raw.places names it. Put the export there, correct the name, or say "
        "where the raw data are: make all DATA_RAW=<folder>"
    )


def test_a_setting_that_no_notebook_reads_is_refused(fresh: SmallStudy) -> None:
    fresh.declare("{least: 2}", "{least: 2, laest: 3}")
    assert refused(fresh) == "study.yml settings: no notebook reads 'laest'; did you mean 'least'?"


def test_runs_that_wait_for_each_other_are_refused(fresh: SmallStudy) -> None:
    fresh.change("01_items", "least = study", "back = study.read_each('part_{letter}')\nleast = study")
    assert refused(fresh) == (
        "these runs wait for each other in a circle: 01_items, 02_part letter=a, 02_part letter=b, 03_whole; "
        "break it at one table"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("name", "study.write needs its name written out, or an f-string of parameters (letter)"),
        ("f'{part}'", "study.write needs its name written out, or an f-string of parameters (letter)"),
        ("'part_{letter}'", "study.write is called with 'part_{letter}'; write f before the quote"),
        ("'../part'", "the output name '../part' must be made of letters, digits"),
    ],
)
def test_a_name_that_cannot_be_followed_is_refused(fresh: SmallStudy, name: str, message: str) -> None:
    fresh.change("02_part", "f'part_{letter}'", name)
    assert message in refused(fresh)


def test_a_cell_with_a_magic_is_refused(fresh: SmallStudy) -> None:
    fresh.change("04_places", "import nsi\nfrom", "%matplotlib inline\nimport nsi\nfrom")
    assert "notebooks/04_places.ipynb cell 2, line 1: not plain Python" in refused(fresh)


def test_a_damaged_lock_is_named_and_nothing_is_lost(built: SmallStudy) -> None:
    lock = built.root / "out/figures/lock.json"
    lock.write_text(lock.read_text(encoding="utf-8")[:200], encoding="utf-8")
    told = built.run()
    assert told.status == 1
    assert "figures/lock.json cannot be read (JSONDecodeError); restore it from git, or delete it" in told.text


def test_a_folder_with_the_results_of_another_study_is_refused(built: SmallStudy) -> None:
    before = built.results()
    built.declare("title: Small study", "title: Another study")
    told = built.run()
    assert told.status == 1
    assert "holds the results of another study, 'Small study', which would be removed" in told.text
    assert built.results() == before


# --- a notebook that fails -------------------------------------------------------------------------------------


def test_a_failed_notebook_stops_its_readers_and_nobody_else(built: SmallStudy) -> None:
    before = built.results()
    built.change("02_part", "part = items", "assert letter != 'a', 'no a today'\npart = items")
    built.change("04_places", "hill above lake", "hill far above lake")
    told = built.run()
    assert told.status == 1
    assert told.ran == ["02_part letter=b", "04_places"]
    assert (
        "02_part letter=a failed in cell 4; nothing of its outputs was published:\n    AssertionError: no a today"
        in told.text
    )
    assert "waits  03_whole" in told.text
    assert "out/build/failed/02_part-letter-a.ipynb" in told.text
    assert (built.root / "out/build/failed/02_part-letter-a.ipynb").exists()
    assert "no a today" in (built.root / "out/build/html/02_part-letter-a.html").read_text(encoding="utf-8")
    after = built.results()
    assert {name for name in before if before[name] != after[name]} == {
        "figures/heights.svg", "figures/heights.pdf", "figures/heights.png", "figures/lock.json",
    }  # fmt: skip
    built.change("02_part", "assert letter != 'a', 'no a today'\n", "")
    told = built.run()
    assert (told.status, told.ran) == (0, ["02_part letter=b"])  # the record of a is still that of this code
    assert not (built.root / "out/build/failed/02_part-letter-a.ipynb").exists()


def test_nothing_of_a_notebook_that_fails_after_writing_is_published(built: SmallStudy) -> None:
    before = built.results()
    built.change("01_items", "len(items))", "len(items))\nraise SystemError('too late')")
    told = built.run()
    assert told.status == 1
    assert "01_items failed in cell 5" in told.text
    assert built.results() == before
    assert not list((built.root / "out").rglob(".part-*"))
    assert not (built.root / "out/build/staging").exists()


def test_a_kernel_that_dies_is_named(built: SmallStudy) -> None:
    built.change("04_places", "places, log", "import os\nos._exit(9)\nplaces, log")
    told = built.run()
    assert told.status == 1
    assert "04_places failed" in told.text
    assert "DeadKernelError: Kernel died" in told.text


def test_a_call_that_depends_on_a_condition_is_named(built: SmallStudy) -> None:
    built.change(
        "02_part", "study.write(f'part_{letter}', part)", "if letter == 'b':\n    study.write(f'part_{letter}', part)"
    )
    told = built.run()
    assert "by its cells it writes data_processed/part_a.parquet, but it did not when it ran" in " ".join(
        told.text.split()
    )


# --- past the door ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "cell", "named"),
    [
        ("places, log", "open('{root}/raw/places.csv').read()", "data_raw/places.csv"),
        ("places, log", "import pandas\npandas.read_csv('{root}/raw/places.csv')", "data_raw/places.csv"),
        (
            "places, log",
            "import pandas\npandas.read_parquet('{root}/out/data_processed/items.parquet')",
            "data_processed/items.parquet",
        ),
        ("fig.subplots()", "fig.savefig('{root}/out/figures/mine.png')", "figures/mine.png"),
        ("places, log", "try:\n    open('{root}/raw/items.csv')\nexcept OSError:\n    pass", "data_raw/items.csv"),
    ],
)
def test_a_file_opened_past_the_door_fails_by_name(built: SmallStudy, before: str, cell: str, named: str) -> None:
    built.change("04_places", before, cell.format(root=built.root) + "\n" + before)
    told = built.run()
    assert told.status == 1
    assert f"{named} was opened past the door" in " ".join(told.text.split())
    assert not (built.root / "out/figures/mine.png").exists()


# --- a full disk -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix matter")
def test_a_disk_that_is_full_stops_with_a_remedy_and_keeps_what_was_there(built: SmallStudy) -> None:
    before = built.results()
    built.change("04_places", "hill above lake", "hill far above lake")
    limit = 20_000  # bytes a file may have: less than the picture, more than everything else
    process = built.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    text, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "could not be written" in text
    assert "nothing of it was kept. Free some space" in " ".join(text.split())
    assert built.results() == before
    assert not list((built.root / "out").rglob(".part-*"))


def test_a_run_that_waits_keeps_its_page_though_its_notebook_has_gained_a_cell(built: SmallStudy) -> None:
    page = built.root / "out/build/html/03_whole.html"
    before = page.read_text(encoding="utf-8")
    built.change("01_items", "items, log =", "raise ValueError('broken')\nitems, log =")
    more = [*NOTEBOOKS["03_whole"], ("code", "len(whole)")]
    built.put("03_whole", more)
    told = built.run()
    assert told.status == 1
    assert "broken" in told.text
    assert page.read_text(encoding="utf-8").count('class="number"') == before.count('class="number"')
