"""The round trip on the documents of the bundled study: twenty edits in Word and in Excel, none lost, none forced."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from openpyxl import load_workbook

from nsi import summaries
from nsi.declaration import Declaration

ROOT = Path(__file__).resolve().parents[1]
STUDY, MATRIX = ROOT / "study", "strategies"
RAW, DOCUMENTS = ROOT / "data_raw", ROOT / "figures" / "documents"
Key = tuple[str, str]
Edits = dict[Key, str]


def texts_file() -> str:
    declaration = Declaration(STUDY, RAW)
    return declaration.raw[summaries.table_of_summaries(declaration)].file


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))[1:]


def issued() -> dict[Key, list[str]]:
    """What the Word file says was issued in it, by row and column."""
    with zipfile.ZipFile(DOCUMENTS / f"matrix_{MATRIX}.docx") as archive:
        hidden = archive.read("customXml/item1.xml").decode()
    told = re.search(r">(\{.*\})<", hidden, re.DOTALL)
    assert told is not None
    return {(text[1], text[2]): text for text in json.loads(html.unescape(told[1]))["texts"]}


def twenty() -> Edits:
    """Edits of ten cells that have a text and of ten that have none, some over several lines."""
    written = {(row[1], row[2]) for row in rows_of(RAW / texts_file()) if row[0] == MATRIX}
    with_text = [key for key in issued() if key in written][:10]
    without = [key for key in issued() if key not in written][-10:]
    return {key: f"Edited {number}: a < b & c\nand a second line" for number, key in enumerate(with_text + without)}


def in_word(edits: Edits) -> tuple[str, bytes]:
    document = Document(str(DOCUMENTS / f"matrix_{MATRIX}.docx"))
    marks = {
        mark.get(qn("w:name")): cell
        for cell in document.element.body.iter(qn("w:tc"))
        for mark in cell.iter(qn("w:bookmarkStart"))
    }
    for key, text in edits.items():
        cell = marks[issued()[key][4]]
        for paragraph in [one for one in cell.findall(qn("w:p")) if one.style == "MatrixSummary"]:
            cell.remove(paragraph)
        for line in text.split("\n"):
            paragraph = parse_xml(f"<w:p {nsdecls('w')}/>")
            cell.append(paragraph)
            paragraph.add_r().text = line
    target = io.BytesIO()
    document.save(target)
    return "edited.docx", target.getvalue()


def in_excel(edits: Edits) -> tuple[str, bytes]:
    book = load_workbook(DOCUMENTS / f"matrix_{MATRIX}.xlsx")
    sheet = book["summaries"]
    places = {str(sheet.cell(row, 1).value).split(".")[0]: row for row in range(sheet.max_row, 1, -1)}
    for key, text in edits.items():
        cell = sheet.cell(places[issued()[key][0]], 6)
        cell.value, cell.data_type = text, "s"
    target = io.BytesIO()
    book.save(target)
    return "edited.xlsx", target.getvalue()


EDITORS = [pytest.param(in_word, id="word"), pytest.param(in_excel, id="excel")]
Editor = Callable[[Edits], tuple[str, bytes]]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A copy of the file of texts, alone in a raw data folder."""
    folder = tmp_path / "data_raw"
    folder.mkdir()
    (folder / texts_file()).write_bytes((RAW / texts_file()).read_bytes())
    return folder


def read_back(raw: Path, file: tuple[str, bytes]) -> int:
    name, data = file
    (raw.parent / name).write_bytes(data)
    asked = ["--matrix", MATRIX, "--file", str(raw.parent / name), "--who", "KL", "--on", "2031-03-04"]
    return summaries.main(["--study", str(STUDY), "--data-raw", str(raw), *asked])


@pytest.mark.parametrize("edit", EDITORS)
def test_twenty_edits_of_the_bundled_matrix_are_twenty_changes_and_nothing_is_lost(edit: Editor, raw, capsys):
    edits, before = twenty(), rows_of(raw / texts_file())
    assert len(edits) == 20
    assert read_back(raw, edit(edits)) == 0
    assert f"{len(issued())} summaries read, 20 changed: 20 written" in capsys.readouterr().out
    after = {tuple(row[:3]): row[3:] for row in rows_of(raw / texts_file())}
    untouched = {tuple(row[:3]): row[3:] for row in before if (row[1], row[2]) not in edits or row[0] != MATRIX}
    assert after == untouched | {(MATRIX, *key): [text, "KL", "2031-03-04"] for key, text in edits.items()}
    replaced = rows_of(raw / texts_file().replace(".csv", "_replaced.csv"))
    assert replaced == [[*row, "2031-03-04"] for row in before if row[0] == MATRIX and (row[1], row[2]) in edits]


@pytest.mark.parametrize("edit", EDITORS)
def test_an_edit_that_meets_somebody_elses_is_listed_and_not_applied(edit: Editor, raw, capsys):
    edits = twenty()
    key = next(iter(edits))
    theirs = [[*row[:3], "Theirs", *row[4:]] if tuple(row[:3]) == (MATRIX, *key) else row
              for row in rows_of(raw / texts_file())]  # fmt: skip
    with (raw / texts_file()).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([summaries.COLUMNS, *theirs])
    assert read_back(raw, edit(edits)) == 1
    told = capsys.readouterr()
    assert "20 changed: 19 written" in told.out
    assert told.err.endswith(f"settle them by hand\n  conflict: '{issued()[key][3]}'\n")
    assert rows_of(raw.parent / "edited_conflicts.csv") == [[MATRIX, *key, "Theirs", edits[key], ""]]
    after = {tuple(row[:3]): row[3] for row in rows_of(raw / texts_file())}
    assert after[(MATRIX, *key)] == "Theirs"
    assert sum(text.startswith("Edited ") for text in after.values()) == 19


@pytest.mark.parametrize("edit", EDITORS)
def test_a_document_of_the_bundled_study_that_nobody_edited_changes_nothing(edit: Editor, raw, capsys):
    before = (raw / texts_file()).read_bytes()
    assert read_back(raw, edit({})) == 0
    assert ", 0 changed: 0 written" in capsys.readouterr().out
    assert (raw / texts_file()).read_bytes() == before
