"""Pages written side by side are the pages written one by one, faults are told, and no process outlives a kill."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat import v4
from small_study import ROOT

from nsi.errors import StudyError
from nsi.pipeline.page_files import FEW, PageFile, write_pages

MANY = 2 * FEW
TOLD: dict[str, Any] = {
    "title": "A question",
    "parameters": {},
    "group": "Story",
    "previous": None,
    "next": None,
    "outputs": {},
    "notebook": "01_a.ipynb",
    "synthetic": True,
}
MUTE = v4.new_output("display_data", data={"image/png": "iVBORw0KGgo="})


def files(folder: Path, n: int, *, mute: int = -1) -> list[PageFile]:
    """Give executed notebooks with a table each; one may hold a picture without words."""
    folder.mkdir(parents=True)
    made = []
    for number in range(n):
        table = v4.new_output("display_data", data={"text/html": f"<table><tr><td>{number}</td></tr></table>"})
        cell = v4.new_code_cell(f"{number}", id="a", outputs=[MUTE if number == mute else table])
        source = folder / f"{number}.ipynb"
        nbformat.write(v4.new_notebook(cells=[cell]), source)
        made.append(PageFile(source, folder / f"{number}.html", None, {**TOLD, "run": f"run {number}"}))
    return made


def test_pages_written_side_by_side_are_those_written_one_by_one(tmp_path: Path) -> None:
    alone, together = files(tmp_path / "alone", MANY), files(tmp_path / "together", MANY)
    write_pages(alone, 1)
    write_pages(together, 2)
    assert [file.target.read_bytes() for file in together] == [file.target.read_bytes() for file in alone]
    assert len({file.target.read_bytes() for file in alone}) == MANY


@pytest.mark.parametrize("processes", [1, 2])
def test_a_picture_without_words_is_told_by_run_and_cell(tmp_path: Path, processes: int) -> None:
    with pytest.raises(StudyError, match="run run 3, cell 1: a picture has no alt text"):
        write_pages(files(tmp_path / "pages", MANY, mute=3), processes)


def test_new_words_go_into_page_and_executed_notebook(tmp_path: Path) -> None:
    [file] = files(tmp_path / "pages", 1)
    words = v4.new_markdown_cell("# Other words", id="w")
    renewed = tmp_path / "new.ipynb"
    nbformat.write(v4.new_notebook(cells=[words, v4.new_code_cell("0", id="a")]), renewed)
    write_pages([PageFile(file.source, file.target, renewed, file.told)], 2)
    assert "Other words" in file.target.read_text(encoding="utf-8")
    cells = nbformat.read(file.source, as_version=4).cells
    assert [cell.source for cell in cells] == ["# Other words", "0"]
    assert len(cells[1].outputs) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix matter")
def test_no_process_that_writes_pages_outlives_a_kill(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import sys, pathlib\n"
        f"sys.path[:0] = [{str(ROOT / 'tests')!r}, {str(ROOT / 'src')!r}]\n"
        "from nsi.pipeline.page_files import write_pages\n"
        "if __name__ == '__main__':\n"
        "    from test_page_files import files\n"
        f"    write_pages(files(pathlib.Path({str(tmp_path / 'pages')!r}), 40) * 500, 2)\n",
        encoding="utf-8",
    )
    started = subprocess.Popen([sys.executable, str(script)])
    try:
        for _ in range(600):
            if list((tmp_path / "pages").glob("*.html")):
                break
            time.sleep(0.1)
        workers = psutil.Process(started.pid).children(recursive=True)
        assert len(workers) >= 2
    finally:
        started.kill()
        started.wait()
    assert psutil.wait_procs(workers, timeout=5)[1] == []
