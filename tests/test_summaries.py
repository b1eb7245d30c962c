"""Summaries that people edit in Word or Excel on their way back: every edit, no conflict, nothing lost."""

from __future__ import annotations

import copy
import csv
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_samples import HOSTILE, LONG, SampleMatrix, hostile_matrix, sample_matrix
from openpyxl import load_workbook
from study_folder import StudyFolder

from nsi import summaries
from nsi.documents import workbook
from nsi.documents.matrix_excel import matrix_excel
from nsi.documents.matrix_issued import issued_texts, text_print
from nsi.documents.matrix_parts import readable
from nsi.documents.matrix_shown import shown_matrix
from nsi.documents.matrix_word import matrix_word
from nsi.errors import StudyError
from nsi.readers import summary_texts
from nsi.readers.summaries import COLUMNS, read_summaries

LARGE = sample_matrix(11, 12)
SMALL = sample_matrix()
WORD, EXCEL = matrix_word(LARGE), matrix_excel(LARGE)
WORD_SMALL, EXCEL_SMALL = matrix_word(SMALL), matrix_excel(SMALL)
Edits = dict[tuple[str, str], str]


def held(matrix: SampleMatrix) -> pd.DataFrame:
    cells = matrix.cells[matrix.cells["summary"].notna()]
    return cells[["row", "column", "summary"]].rename(columns={"summary": "text"}).reset_index(drop=True)


def places(matrix: SampleMatrix) -> dict[tuple[str, str], str]:
    return {key: cell.place for key, cell in shown_matrix(matrix).cells.items()}


def cell_of(document, place: str):
    return next(cell for cell in document.element.body.iter(qn("w:tc")) for mark in cell.iter(qn("w:bookmarkStart"))
                if mark.get(qn("w:name")) == f"cell_{place}")  # fmt: skip


def summary_paragraphs(cell) -> list[Any]:
    return [one for one in cell.findall(qn("w:p")) if one.style == "MatrixSummary"]


def saved(document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def in_word(edits: Edits, matrix: SampleMatrix = LARGE, data: bytes = WORD, who: str = "") -> bytes:
    """Edit a Word file as a person would: one paragraph per line."""
    document = Document(io.BytesIO(data))
    for key, text in edits.items():
        cell = cell_of(document, places(matrix)[key])
        for paragraph in summary_paragraphs(cell):
            cell.remove(paragraph)
        for line in text.split("\n"):
            paragraph = parse_xml(f"<w:p {nsdecls('w')}/>")
            cell.append(paragraph)
            run = paragraph.add_r()
            run.text = line
    if who:
        next(one for one in document.paragraphs if one.text.startswith("Summaries edited by")).add_run(who)
    return saved(document)


def excel_rows(book, matrix: SampleMatrix) -> dict[tuple[str, str], int]:
    keys = {text.key: (text.cell.row, text.cell.column) for text in issued_texts(shown_matrix(matrix))}
    sheet = book["summaries"]
    return {keys[str(sheet.cell(row, 1).value).split(".")[0]]: row for row in range(sheet.max_row, 1, -1)}


def in_excel(edits: Edits, matrix: SampleMatrix = LARGE, data: bytes = EXCEL, who: str = "") -> bytes:
    """Edit a workbook as a person would."""
    book = load_workbook(io.BytesIO(data))
    rows = excel_rows(book, matrix)
    for key, text in edits.items():
        cell = book["summaries"].cell(rows[key], 6)
        cell.value = workbook.LOOKS_ESCAPED.sub("_x005F_", text)  # as Excel writes what looks like an escape
        cell.data_type = "s"  # the cells are formatted as text, so that Excel makes no formula of it
        book["summaries"].cell(rows[key], 7).value = who or None
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed_sheet(change: Callable[[Any], object], data: bytes = EXCEL_SMALL) -> bytes:
    book = load_workbook(io.BytesIO(data))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed_word(change: Callable[[Any], object], data: bytes = WORD_SMALL) -> bytes:
    document = Document(io.BytesIO(data))
    change(document)
    return saved(document)


EDITORS = [pytest.param(in_word, id="word"), pytest.param(in_excel, id="excel")]
SMALL_FILES = [pytest.param(WORD_SMALL, "a.docx", id="word"), pytest.param(EXCEL_SMALL, "a.xlsx", id="excel")]


def read(data: bytes, matrix: SampleMatrix = LARGE, current: pd.DataFrame | None = None, **asked) -> pd.DataFrame:
    known = {"file": "edited", "matrix": "strategies", **asked}
    return read_summaries(data, current=held(matrix) if current is None else current, **known)


def refusal(data: bytes, **asked) -> str:
    with pytest.raises(StudyError) as error:
        read_summaries(data, current=held(SMALL), **{"file": "edited", "matrix": "strategies", **asked})
    return str(error.value)


def twenty() -> Edits:
    """Edits of ten cells that have a summary and of ten that have none, some over several lines."""
    cells = LARGE.cells[LARGE.cells["state"] != "value"]
    filled = cells[cells["summary"].notna()].head(10)
    empty = cells[cells["summary"].isna()].tail(10)
    keys = [(row, column) for row, column in pd.concat([filled, empty])[["row", "column"]].to_numpy().tolist()]
    return {key: f"Edited {number}: a < b & c\nand a second line" for number, key in enumerate(keys)}


# --- the round trip


@pytest.mark.parametrize("edit", EDITORS)
def test_twenty_edits_come_back_as_twenty_changes_and_none_is_lost(edit):
    edits = twenty()
    found = read(edit(edits))
    assert list(found.columns) == COLUMNS
    assert found.attrs == {"n_issued": 110, "n_changed": 20, "n_conflicts": 0, "not_read": []}
    changes = found[found["changed"]]
    assert dict(zip(zip(changes["row"], changes["column"], strict=True), changes["text"], strict=True)) == edits
    assert not found["conflict"].any()


@pytest.mark.parametrize(("data", "matrix"), [
    pytest.param(WORD, LARGE, id="word"), pytest.param(EXCEL, LARGE, id="excel"),
    pytest.param(matrix_word(hostile_matrix()), hostile_matrix(), id="word-hostile"),
    pytest.param(matrix_excel(hostile_matrix()), hostile_matrix(), id="excel-hostile"),
])  # fmt: skip
def test_a_document_that_nobody_edited_changes_nothing(data, matrix):
    found = read(data, matrix)
    assert not found[["changed", "conflict", "done"]].any(axis=None)
    assert list(found["now"]) == [text if isinstance(text, str) else "" for text in
                                  matrix.cells.loc[matrix.cells["state"].ne("value") | matrix.cells["summary"].notna(),
                                                   "summary"]]  # fmt: skip


@pytest.mark.parametrize("edit", EDITORS)
@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("long", "surrogate", "control", "lines")])
def test_hostile_text_comes_back_as_it_was_typed(edit, name):
    text = HOSTILE[name]
    found = read(edit({("case0", "code0"): text}))
    assert found.loc[found["changed"], "text"].tolist() == [text.strip()]


def test_a_text_longer_than_a_cell_comes_back_whole_and_each_of_its_parts_can_be_edited():
    cells = SMALL.cells.assign(summary=SMALL.cells["summary"].mask(SMALL.cells.index == 0, LONG))
    matrix = SMALL.changed(cells=cells)
    data = matrix_excel(matrix)
    assert read(data, matrix)["text"].iloc[0] == LONG
    edited = changed_sheet(lambda book: setattr(book["summaries"].cell(3, 6), "value", "Another end."), data)
    first = load_workbook(io.BytesIO(data))["summaries"].cell(2, 6).value
    assert read(edited, matrix)["text"].iloc[0] == f"{first}Another end."


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
@settings(max_examples=12, deadline=None)
def test_any_summary_is_read_back_unchanged_from_both(text):
    cells = SMALL.cells.assign(summary=pd.Series([text] * len(SMALL.cells), dtype=object))
    matrix = SMALL.changed(cells=cells)
    for data in (matrix_word(matrix), matrix_excel(matrix)):
        assert not read(data, matrix)["changed"].any()


def test_both_sides_take_the_same_fingerprint_of_a_text():
    for text in HOSTILE.values():
        assert text_print(text) == summary_texts.text_print(text)
    assert text_print("a  \r\nb\n") == text_print("a\nb") != text_print("ab")


@pytest.mark.parametrize("edit", EDITORS)
def test_who_edited_is_read_where_somebody_says_so(edit):
    found = read(edit({("case0", "code0"): "New"}, who="KL"))
    assert found.loc[found["changed"], "who"].tolist() == ["KL"]
    assert read(edit({("case0", "code0"): "New"}))["who"].eq("").all()


def test_a_summary_that_somebody_emptied_is_a_change_to_nothing():
    for edit in (in_word, in_excel):
        found = read(edit({("case0", "code1"): ""}))
        assert found.loc[found["changed"], ["row", "column", "text"]].to_numpy().tolist() == [["case0", "code1", ""]]


def test_what_stands_for_no_summary_may_be_left_beside_what_somebody_typed():
    found = read(in_word({("case0", "code0"): "[no summary] It grew."}))
    assert found.loc[found["changed"], "text"].tolist() == ["It grew."]


def test_changes_that_are_only_proposed_in_word_are_read_as_accepted():
    def propose(document) -> None:
        paragraph = summary_paragraphs(cell_of(document, "r1_c2"))[0]
        run = paragraph.findall(qn("w:r"))[0]
        removed = parse_xml(f'<w:del {nsdecls("w")} w:id="1" w:author="x"/>')
        paragraph.append(removed)
        run.find(qn("w:t")).tag = qn("w:delText")
        removed.append(run)
        paragraph.append(parse_xml(f'<w:ins {nsdecls("w")} w:id="2" w:author="x"><w:r><w:t>In</w:t><w:tab/>'
                                   "<w:t>stead</w:t></w:r></w:ins>"))  # fmt: skip

    found = read(changed_word(propose), SMALL)
    assert found.loc[found["changed"], "text"].tolist() == ["In\tstead"]


def test_rows_of_the_sheet_may_be_sorted():
    def reverse(book) -> None:
        sheet = book["summaries"]
        values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)][::-1]
        for number, row in enumerate(values, start=2):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column).value = value
        sheet.cell(2, 6).value = "Last cell"

    found = read(changed_sheet(reverse), SMALL)
    assert found.loc[found["changed"], ["row", "column", "text"]].to_numpy().tolist() == [
        ["case2", "code3", "Last cell"]
    ]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("ending", "edit"), [("docx", in_word), ("xlsx", in_excel)])
def test_edits_survive_a_save_in_libreoffice(ending, edit, tmp_path):
    edits = {key: f"{text}\t=1+1" for key, text in twenty().items()}
    before = tmp_path / f"edited.{ending}"
    before.write_bytes(edit(edits))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", ending, "--outdir", str(tmp_path / "out"), str(before)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = read((tmp_path / "out" / before.name).read_bytes())
    changes = found[found["changed"]]
    assert dict(zip(zip(changes["row"], changes["column"], strict=True), changes["text"], strict=True)) == edits


# --- conflicts


@pytest.mark.parametrize("edit", EDITORS)
def test_an_edit_of_a_summary_that_somebody_else_changed_since_is_a_conflict(edit):
    current = held(LARGE)
    current.loc[current.index[:2], "text"] = ["Changed by somebody else.", "Edited 1: a < b & c\nand a second line"]
    found = read(edit(twenty()), current=current)
    assert found.attrs["n_changed"] == 20
    assert found.loc[found["conflict"], ["text", "now"]].to_numpy().tolist() == [
        ["Edited 0: a < b & c\nand a second line", "Changed by somebody else."]
    ]
    assert found.loc[found["done"], "text"].tolist() == ["Edited 1: a < b & c\nand a second line"]


def test_a_summary_that_was_removed_since_and_edited_here_is_a_conflict():
    found = read(in_word({("case0", "code1"): "Edited."}), current=held(LARGE).iloc[1:])
    assert found.loc[found["conflict"], ["text", "now"]].to_numpy().tolist() == [["Edited.", ""]]


def test_what_changed_elsewhere_and_not_here_is_no_conflict():
    current = held(LARGE).assign(text="Changed elsewhere.")
    assert not read(WORD, current=current)[["changed", "conflict"]].any(axis=None)


# --- lines above a summary


def test_lines_above_a_summary_that_were_changed_leave_its_text_unread_and_say_so():
    def type_above(document) -> None:
        cell = cell_of(document, "r1_c2")
        cell.findall(qn("w:p"))[-2].append(parse_xml(f"<w:r {nsdecls('w')}><w:t> and more</w:t></w:r>"))
        summary_paragraphs(cell_of(document, "r1_c1"))[0].findall(qn("w:r"))[0].text = "An edit."

    found = read(changed_word(type_above), SMALL)
    assert found.attrs["not_read"] == ["Case A × Use of theme 2"]
    assert found.loc[found["changed"], "text"].tolist() == ["An edit."]


def test_a_summary_that_ran_into_the_line_above_it_is_not_taken_for_an_emptied_one():
    def join(document) -> None:
        cell = cell_of(document, "r1_c2")
        last = summary_paragraphs(cell)[0]
        for run in last.findall(qn("w:r")):
            cell.findall(qn("w:p"))[-2].append(run)
        cell.remove(last)

    found = read(changed_word(join), SMALL)
    assert found.attrs["not_read"] == ["Case A × Use of theme 2"]
    assert not found["changed"].any()


# --- refused


@pytest.mark.parametrize(("data", "file"), SMALL_FILES)
def test_the_document_of_another_matrix(data, file):
    assert refusal(data, matrix="effects", file=file) == (
        f"{file} holds summaries of the matrix 'strategies', but 'effects' was asked for; send the file of 'effects'"
    )


def test_cells_of_a_table_that_were_removed():
    def remove(document) -> None:
        table = document.tables[0]._tbl
        table.remove(table.tr_lst[-1])

    assert refusal(changed_word(remove)) == (
        "edited, cells removed: 3 of 10 ('Case C × Use of theme 1', 'Case C × Use of theme 3', 'Case C × Use of theme "
        "4'); every cell that was issued must come back, edited or not; put them back"
    )


def test_a_cell_of_a_table_that_stands_there_twice():
    def double(document) -> None:
        cell = cell_of(document, "r1_c2")
        cell.addnext(copy.deepcopy(cell))

    assert refusal(changed_word(double)) == (
        "edited, cell 'Case A × Use of theme 2' stands there 2 times; remove all but one"
    )


def test_cells_of_a_table_that_were_merged():
    def merge(document) -> None:
        first, second = cell_of(document, "r1_c1"), cell_of(document, "r1_c2")
        for paragraph in second.findall(qn("w:p")):
            first.append(paragraph)
        second.getparent().remove(second)

    assert refusal(changed_word(merge)) == (
        "edited, cell 'Case A × Use of theme 1' was merged with another one; split them again\n"
        "edited, cell 'Case A × Use of theme 2' was merged with another one; split them again"
    )


def test_rows_of_the_sheet_that_were_removed_doubled_or_added():
    def spoil(book) -> None:
        sheet = book["summaries"]
        sheet.cell(3, 1).value = sheet.cell(2, 1).value
        sheet.cell(12, 6).value = "Added below."

    assert refusal(changed_sheet(spoil)) == (
        "edited, sheet summaries, row 3: cell 'Case A × Use of theme 1' stands there twice, also in row 2; remove one "
        "of the two\n"
        "edited, sheet summaries, row 12 was added, or its hidden key was changed; every row must be one that was "
        "issued; move its text to the row of its cell, and remove it\n"
        "edited, sheet summaries, cells removed: 1 of 10 ('Case A × Use of theme 2'); every cell that was issued must "
        "come back, edited or not; put them back"
    )


def test_a_header_that_was_changed():
    assert refusal(changed_sheet(lambda book: setattr(book["summaries"].cell(1, 6), "value", "Texts"))) == (
        "edited, sheet summaries, row 1: the column 'Text' must stand there once; the row holds key, Row, Column, "
        "Shown, Rests on, Texts, Who, Written by, Written on, Stale; restore the header, or edit a fresh workbook"
    )


def test_a_hidden_sheet_that_was_changed():
    def swap(book) -> None:
        book["issued"].cell(7, 2).value = '"case1"'

    assert refusal(changed_sheet(swap)) == (
        "edited: what was issued for cell 'Case A × Use of theme 1' was changed; edit a fresh file"
    )


def foreign_workbook() -> bytes:
    return changed_sheet(lambda book: book.remove(book["issued"]))


def foreign_document() -> bytes:
    return saved(Document())


def packed(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def with_entities(data: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[part] = b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>'
    return packed(members)


@pytest.mark.parametrize(("data", "told"), [
    pytest.param(b"", "is no .docx or .xlsx file, or is damaged", id="empty"),
    pytest.param(b"%PDF-1.7", "is no .docx or .xlsx file, or is damaged", id="pdf"),
    pytest.param(b"\xd0\xcf\x11\xe0" + bytes(99), "has a password or is in an old format", id="old"),
    pytest.param(WORD_SMALL[:20_000], "is no .docx or .xlsx file, or is damaged", id="word-cut"),
    pytest.param(packed({"a": b"b"}), "is neither a .docx nor an .xlsx file", id="zip"),
    pytest.param(foreign_document(), "holds no summaries of a matrix", id="word-foreign"),
    pytest.param(foreign_workbook(), "holds no summaries of a matrix", id="excel-foreign"),
    pytest.param(with_member(WORD_SMALL, "word/vbaProject.bin", b"x"), "holds macros", id="word-macros"),
    pytest.param(with_member(EXCEL_SMALL, "xl/vbaProject.bin", b"x"), "holds macros", id="excel-macros"),
    pytest.param(with_member(WORD_SMALL, "word/x.xml", bytes(2**24)), "edited unpacks to", id="word-bomb"),
    pytest.param(with_member(EXCEL_SMALL, "xl/x.xml", bytes(2**24)), "edited unpacks to", id="excel-bomb"),
    pytest.param(with_entities(WORD_SMALL, "word/document.xml"), "declares entities of its own", id="word-entities"),
    pytest.param(with_entities(EXCEL_SMALL, "xl/workbook.xml"), "declares entities of its own", id="excel-entities"),
])  # fmt: skip
def test_a_file_that_is_none_of_ours_or_harmful_is_refused(data, told):
    assert refusal(data).startswith(("edited " + told, told))


# --- the command


HEADER = list(summaries.COLUMNS)
NOTHING_WRITTEN = SMALL.cells.assign(summary=None)
BARE = LARGE.cells.assign(summary=None)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """A study whose file of summaries is that of the matrix, with one row of another matrix."""
    study = StudyFolder(tmp_path)
    study.keys["raw"]["summaries"] = {
        "file": "summaries.csv",
        "key": ["matrix", "row", "column"],
        "columns": {name: name for name in HEADER},
    }
    rows = [["effects", "case0", "code1", "Not touched", "C9", "2020-01-01"]]
    rows += [["strategies", row, column, text, "C1", "2022-01-01"] for row, column, text in held(LARGE).to_numpy()]
    put_rows(study, rows)
    return study


def put_rows(study: StudyFolder, rows: list[list[str]]) -> None:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([HEADER, *rows])
    study.put("summaries.csv", target.getvalue())


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))[1:]


def run(study: StudyFolder, data: bytes, *more: str) -> int:
    study.open()  # writes study.yml as it is declared by now
    (study.root / "edited.docx").write_bytes(data)
    places = ["--study", str(study.root / "study"), "--data-raw", str(study.root / "data_raw")]
    asked = ["--matrix", "strategies", "--file", str(study.root / "edited.docx"), "--on", "2023-03-04"]
    return summaries.main([*places, *asked, *more])


def test_edits_are_written_to_the_file_of_summaries_and_what_they_replace_is_kept(folder, capsys):
    before = rows_of(folder.root / "data_raw" / "summaries.csv")
    assert run(folder, in_word(twenty(), who="KL")) == 0
    after = rows_of(folder.root / "data_raw" / "summaries.csv")
    assert after[0] == before[0]
    assert [row[:3] for row in after[: len(before)]] == [row[:3] for row in before]
    assert len(after) == len(before) + 10
    by_key = {(row[1], row[2]): row[3:] for row in after if row[0] == "strategies"}
    assert {key: by_key[key] for key in twenty()} == {key: [text, "KL", "2023-03-04"] for key, text in twenty().items()}
    replaced = rows_of(folder.root / "data_raw" / "summaries_replaced.csv")
    assert replaced == [[*row, "2023-03-04"] for row in before[1:11]]
    assert capsys.readouterr().out.startswith(
        f"110 summaries read, 20 changed: 20 written to {folder.root / 'data_raw' / 'summaries.csv'}, 0 emptied, 0 "
        "there already\n  written: 'Case A × Use of theme 2'\n"
    )


def test_a_second_run_changes_nothing_more(folder, capsys):
    data = in_excel(twenty(), who="KL")
    assert run(folder, data) == 0
    once = folder.held("data_raw")
    assert run(folder, data) == 0
    assert folder.held("data_raw") == once
    assert capsys.readouterr().out.splitlines()[-1].endswith("0 emptied, 20 there already")


def test_a_conflict_is_listed_and_written_beside_the_document_and_not_applied(folder, capsys):
    rows = rows_of(folder.root / "data_raw" / "summaries.csv")
    key = next(iter(twenty()))
    theirs = [[*row[:3], "Theirs", *row[4:]] if (row[0], row[1], row[2]) == ("strategies", *key) else row
              for row in rows]  # fmt: skip
    put_rows(folder, theirs)
    assert run(folder, in_word(twenty(), who="KL")) == 1
    told = capsys.readouterr()
    assert "20 changed: 19 written" in told.out
    assert told.err == (
        "1 conflicts, not applied: somebody changed these summaries since the document was issued. Both texts are in "
        f"edited_conflicts.csv; settle them by hand\n  conflict: '{found_name(key)}'\n"
    )
    after = {(row[1], row[2]): row[3] for row in rows_of(folder.root / "data_raw" / "summaries.csv")
             if row[0] == "strategies"}  # fmt: skip
    assert after[key] == "Theirs"
    assert rows_of(folder.root / "edited_conflicts.csv") == [["strategies", *key, "Theirs", twenty()[key], "KL"]]


def found_name(key: tuple[str, str]) -> str:
    return shown_matrix(LARGE).cells[key].name


def test_an_emptied_summary_leaves_the_file_and_is_kept_among_the_replaced(folder, capsys):
    assert run(folder, in_excel({("case0", "code1"): ""})) == 0
    after = rows_of(folder.root / "data_raw" / "summaries.csv")
    assert ["strategies", "case0", "code1"] not in [row[:3] for row in after]
    replaced = rows_of(folder.root / "data_raw" / "summaries_replaced.csv")
    assert replaced == [["strategies", "case0", "code1", "Somebody wrote about 0 and 1.", "C1", "2022-01-01",
                         "2023-03-04"]]  # fmt: skip
    assert "  emptied: 'Case A × Use of theme 2'\n1 texts that were replaced kept in" in capsys.readouterr().out


def test_a_dry_run_says_what_would_change_and_writes_nothing(folder, capsys):
    before = folder.held("data_raw")
    assert run(folder, in_word(twenty(), who="KL"), "--dry-run") == 0
    assert folder.held("data_raw") == before
    told = capsys.readouterr().out
    assert "20 would be written to" in told
    assert told.endswith("nothing was written\n")


def test_who_is_taken_from_the_command_where_the_document_names_nobody(folder):
    assert run(folder, in_word({("case0", "code0"): "New"}), "--who", "MN") == 0
    assert rows_of(folder.root / "data_raw" / "summaries.csv")[-1] == [
        "strategies", "case0", "code0", "New", "MN", "2023-03-04",
    ]  # fmt: skip


def test_a_file_of_summaries_that_is_declared_and_not_there_yet_is_made(folder, capsys):
    (folder.root / "data_raw" / "summaries.csv").unlink()
    data = in_word({("case0", "code0"): "First"}, SMALL, matrix_word(SMALL.changed(cells=NOTHING_WRITTEN)))
    assert run(folder, data, "--who", "KL") == 0
    assert rows_of(folder.root / "data_raw" / "summaries.csv") == [
        ["strategies", "case0", "code0", "First", "KL", "2023-03-04"]
    ]
    assert capsys.readouterr().out.endswith("the next `make all` shows them\n")


def told_by_refused(study: StudyFolder, capsys, data: bytes, *more: str) -> str:
    before = study.held("data_raw")
    assert run(study, data, *more) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert study.held("data_raw") == before
    return said.err.rstrip("\n")


def test_the_table_of_summaries_may_have_any_name(folder):
    folder.keys["raw"]["notes_on_cells"] = folder.keys["raw"].pop("summaries")
    assert run(folder, in_word({("case0", "code0"): "New"}), "--who", "MN") == 0
    assert rows_of(folder.root / "data_raw" / "summaries.csv")[-1][3] == "New"


def test_a_study_that_declares_no_table_of_summaries_is_told_the_lines_to_add(folder, capsys):
    declared = folder.keys["raw"].pop("summaries")
    told = told_by_refused(folder, capsys, WORD, "--who", "KL")
    assert told.startswith(
        "study.yml raw declares no table of summaries, so that nothing would read them; nothing was written. Declare "
        "one as below, and run the command again: it makes the file.\n  cell_texts:\n    file: cell_texts.csv\n"
    )
    lines = yaml.safe_load(told.split("makes the file.\n")[1])["cell_texts"]
    assert (lines["key"], list(lines["columns"])) == (declared["key"], list(declared["columns"]))
    folder.keys["raw"]["cell_texts"] = lines  # what it says can be declared as it stands
    data = in_word({("case0", "code0"): "New"}, data=matrix_word(LARGE.changed(cells=BARE)))
    assert run(folder, data, "--who", "KL") == 0
    assert [row[3] for row in rows_of(folder.root / "data_raw" / "cell_texts.csv")] == ["New"]


def test_two_tables_of_summaries_are_refused(folder, capsys):
    folder.keys["raw"]["more"] = folder.keys["raw"]["summaries"]
    assert told_by_refused(folder, capsys, WORD) == (
        "study.yml raw declares more than one table of summaries (summaries, more); keep one of them"
    )


def test_edits_that_name_nobody_are_refused_since_no_run_could_show_them(folder, capsys):
    assert told_by_refused(folder, capsys, in_word({("case0", "code0"): "New"})) == (
        "1 edited summaries name nobody: 'Case A × Use of theme 1'. Nothing was written; say who edited them with "
        "WHO=..., or in the file"
    )


def test_a_file_of_summaries_with_two_rows_of_one_cell_is_refused(folder, capsys):
    put_rows(folder, [["strategies", "case0", "code1", text, "C1", "2022-01-01"] for text in "ab"])
    assert told_by_refused(folder, capsys, WORD) == (
        "summaries.csv rows 2 and 3 are of the same cell, 'case0' by 'code1' of 'strategies'; keep one of them"
    )


def test_a_refused_document_leaves_everything_as_it_was(folder, capsys):
    assert told_by_refused(folder, capsys, b"x").startswith("edited.docx is no .docx or .xlsx file, or is damaged")
    assert told_by_refused(folder, capsys, WORD, "--on", "04.03.2023") == (
        "--on is '04.03.2023', but must be a day such as 2001-12-31; correct it"
    )


def test_lines_that_were_changed_above_a_summary_are_told_and_the_rest_is_applied(folder, capsys):
    def type_above(document) -> None:
        cell_of(document, "r1_c2").findall(qn("w:p"))[0].append(parse_xml(f"<w:r {nsdecls('w')}><w:t>x</w:t></w:r>"))

    assert run(folder, changed_word(type_above, in_word({("case0", "code0"): "New"})), "--who", "KL") == 1
    assert capsys.readouterr().err == (
        "lines above a summary were changed, so that its text was not read; put them back, write the summary below "
        "them, and read the document again\n  not read: 'Case A × Use of theme 2'\n"
    )
    assert rows_of(folder.root / "data_raw" / "summaries.csv")[-1][3] == "New"


def test_what_a_document_shows_of_a_text_is_what_it_takes_for_unchanged():
    assert text_print(readable("a\u2028b  ")) == text_print("a\nb")
