"""A study of four small notebooks, for tests of the pipeline: quick to run, with every kind of call in it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from nsi.pipeline.__main__ import main

ROOT = Path(__file__).resolve().parents[1]

STUDY = """\
title: Small study
seed: 7
settings: {least: 2}
raw:
  items:
    file: items.csv
    key: [item]
    columns: {item: item, size: {type: integer}, note: note}
  places:
    file: places.csv
    key: [place]
    columns: {place: place, height: {type: number}}
notebooks:
  - run: 01_items
  - run: 02_part
    over: {letter: [a, b]}
  - run: 03_whole
  - run: 04_places
"""
CODES = "field,field_label,level,code,label,definition\nkind,Kind,nominal,x,X,An x\nkind,Kind,nominal,y,Y,A y\n"
ITEMS = "item,size,note\na1,3,plain\na2,5,<script>alert(1)</script>\nb1,8,Bío-Bío\n"
PLACES = "place,height\nhill,120.5\nlake,80\n"

NOTEBOOKS: dict[str, list[tuple[str, str]]] = {
    "01_items": [
        ("markdown", "# 01 Which items are there?\n\nReads items."),
        ("code", "import nsi\nfrom nsi.readers.tables import clean_table\nstudy = nsi.open_study()"),
        ("code", "items, log = clean_table(study.raw('items'))\nleast = study.setting('least')"),
        ("code", "kept = items[items['size'] >= least]\nstudy.write('items', kept, key=['item'])"),
        ("code", "study.number('n_items', len(items))"),
        ("code", "items"),
    ],
    "02_part": [
        ("markdown", "# 02 Which items begin with a letter?"),
        ("parameters", 'letter: str = "a"  # first letter of the item'),
        ("code", "import nsi\nstudy = nsi.open_study()\nitems = study.read('items')"),
        ("code", "part = items[items['item'].str.startswith(letter)]\nstudy.write(f'part_{letter}', part)"),
    ],
    "03_whole": [
        ("markdown", "# 03 How large are they together?"),
        ("code", "import nsi\nstudy = nsi.open_study()\nwhole = study.read_each('part_{letter}')"),
        ("code", "study.table('whole', whole[['item', 'size']], key=['item'])"),
    ],
    "04_places": [
        ("markdown", "# 04 How high are the places?"),
        ("code", "import nsi\nfrom nsi.figures.style import new_figure\nfrom nsi.readers.tables import clean_table\n"
                 "study = nsi.open_study()"),
        ("code", "places, log = clean_table(study.raw('places'))"),
        ("code", "fig = new_figure(84, 60)\nfig.subplots().plot(places['height'])"),
        ("code", "study.figure('heights', fig, alt='Line of two heights, hill above lake.', data=places)"),
    ],
}  # fmt: skip


def notebook_text(cells: list[tuple[str, str]]) -> str:
    """Return an .ipynb file's text; the kind `parameters` is a code cell with that tag."""
    plain = []
    for number, (kind, source) in enumerate(cells):
        cell: dict[str, object] = {"id": f"c{number}", "metadata": {}, "source": source, "cell_type": kind}
        if kind != "markdown":
            cell |= {"cell_type": "code", "outputs": [], "execution_count": None}
        if kind == "parameters":
            cell["metadata"] = {"tags": ["parameters"]}
        plain.append(cell)
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": plain, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@dataclass
class SmallStudy:
    """The study's folder, with what a test does to it."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> SmallStudy:
        """Write the study below a folder."""
        for folder in ("study", "raw", "notebooks"):
            (root / folder).mkdir(parents=True)
        (root / "study" / "study.yml").write_text(STUDY, encoding="utf-8")
        (root / "study" / "codes.csv").write_text(CODES, encoding="utf-8")
        (root / "raw" / "items.csv").write_text(ITEMS, encoding="utf-8")
        (root / "raw" / "places.csv").write_text(PLACES, encoding="utf-8")
        study = cls(root)
        for name, cells in NOTEBOOKS.items():
            study.put(name, cells)
        return study

    def put(self, name: str, cells: list[tuple[str, str]]) -> None:
        """Write a notebook."""
        (self.root / "notebooks" / f"{name}.ipynb").write_text(notebook_text(cells), encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace text in a notebook's cells."""
        path = self.root / "notebooks" / f"{name}.ipynb"
        before = path.read_text(encoding="utf-8")
        after = before.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        assert after != before, f"{old!r} is not in {name}"
        path.write_text(after, encoding="utf-8")

    def declare(self, old: str, new: str) -> None:
        """Replace text in study.yml."""
        path = self.root / "study" / "study.yml"
        before = path.read_text(encoding="utf-8")
        assert old in before
        path.write_text(before.replace(old, new), encoding="utf-8")

    def arguments(self, command: str = "all", *more: str) -> list[str]:
        """Return the command line."""
        places = {"--study": "study", "--data-raw": "raw", "--out": "out", "--notebooks": "notebooks"}
        return [command, *(part for flag, name in places.items() for part in (flag, str(self.root / name))), *more]

    def run(self, command: str = "all", *more: str) -> Told:
        """Run a command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(self.arguments(command, "--jobs", "2", *more))
        return Told(status, out.getvalue() + err.getvalue())

    def start(self, *more: str, **options: object) -> subprocess.Popen[str]:
        """Start `all` in a process of its own."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, "-m", "nsi.pipeline", *self.arguments("all", "--jobs", "2", *more)]
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )  # type: ignore[call-overload]

    def results(self) -> dict[str, str]:
        """Return every result by its SHA-256: what must be identical after whatever happened."""
        found = {}
        for folder in ("data_processed", "figures"):
            for path in sorted((self.root / "out" / folder).rglob("*")):
                if path.is_file():
                    found[path.relative_to(self.root / "out").as_posix()] = sha256(path.read_bytes()).hexdigest()
        return found

    def copy_to(self, root: Path) -> SmallStudy:
        """Copy the study with everything that it has built."""
        shutil.copytree(self.root, root)
        return SmallStudy(root)


@dataclass
class Told:
    """What a command answered."""

    status: int
    text: str

    @property
    def ran(self) -> list[str]:
        """Runs that were done this time."""
        return sorted(
            line.split("done", 1)[1].strip().split("   ")[0] for line in self.text.splitlines() if "] done" in line
        )
