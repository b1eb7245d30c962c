"""A matrix in Excel: links both ways, notes, text that stays text, and nothing cut."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from matrix_links import excel_links
from matrix_samples import HOSTILE, LONG, RATED, SampleMatrix, hostile_matrix, sample_matrix
from openpyxl import Workbook, load_workbook

from nsi.documents import workbook
from nsi.documents.matrix_excel import matrix_excel
from nsi.documents.matrix_excel_evidence import evidence_rows
from nsi.documents.matrix_parts import STATES, readable
from nsi.documents.matrix_shown import shown_matrix

SMALL, LARGE = sample_matrix(), sample_matrix(11, 12)
EXCEL_SMALL, EXCEL_LARGE = matrix_excel(SMALL), matrix_excel(LARGE)
EXCEL_HOSTILE = matrix_excel(hostile_matrix())


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def lines(data: bytes, sheet: str) -> list[dict[str, str]]:
    """Rows of a sheet by the names in its header; escapes of the format undone."""
    first, *rows = ([(cell.value or "") for cell in row] for row in opened(data)[sheet].iter_rows())
    return [{str(name): str(text).replace("_x005F_", "_") for name, text in zip(first, row, strict=True)}
            for row in rows]  # fmt: skip


def rated(matrix: SampleMatrix) -> dict[str, int]:
    labels = dict(zip(matrix.rows["row"], matrix.rows["label"], strict=True))
    headings = dict(zip(matrix.columns["column"], matrix.columns["label"], strict=True))
    cells = matrix.cells[matrix.cells["state"].isin(RATED)]
    return {f"{labels[cell.row]} × {headings[cell.column]}": cell.n_segments for cell in cells.itertuples()}


# --- from a cell to its evidence


@pytest.mark.parametrize(("matrix", "data"), [(SMALL, EXCEL_SMALL), (LARGE, EXCEL_LARGE)], ids=["3x4", "11x12"])
def test_every_rated_cell_leads_to_all_of_its_segments_and_they_lead_back(matrix, data):
    found = excel_links(data)
    assert {name: link.listed for name, link in found.items()} == rated(matrix)
    assert {name: link.noted for name, link in found.items()} == rated(matrix)
    assert all(link.back for link in found.values())


def test_every_row_of_evidence_links_to_its_cell():
    sheet = opened(EXCEL_LARGE)["evidence"]
    for row in range(2, sheet.max_row + 1):
        link = sheet.cell(row, 1).hyperlink
        assert link is not None
        assert link.location == sheet.cell(row, 1).value


def test_where_excel_could_not_hold_as_many_links_the_first_row_of_each_cell_has_one(monkeypatch):
    monkeypatch.setattr("nsi.documents.matrix_excel_evidence.MOST_LINKS", 10)
    links = excel_links(matrix_excel(SMALL))
    assert all(link.back for link in links.values())
    shown = shown_matrix(SMALL)
    places = {cell.place: "matrix!B2" for cell in shown.cells.values()}
    sheet = Workbook().worksheets[0]
    assert len(evidence_rows(sheet, shown, places, quoted=True).rows.links) == len(links) == 8


def test_evidence_lists_contrary_segments_first_with_document_date_coder_and_agreement():
    own = [line for line in lines(EXCEL_SMALL, "evidence") if line["Cell"] == "matrix!D6"]
    assert [(line["No."], line["Stance"]) for line in own] == [
        ("1", "CONTRARY"), ("2", "supports"), ("3", "supports"), ("4", "supports"),
    ]  # fmt: skip
    assert own[2] == {
        "Cell": "matrix!D6", "Row": "Case A", "Column": "Use of theme 3", "No.": "3", "Stance": "supports",
        "Text": SMALL.evidence.loc[5, "text"], "Document": "d0", "Place": "par. 3", "Source type": "interview",
        "Date": "2021-01-25", "Coders": "C1, C2", "Agreed": "no", "Code": "code2", "Speaker": "speaker 3",
        "Coded on": "2022-05-04", "Segment": "s6",
    }  # fmt: skip


def test_a_note_says_what_the_cell_rests_on_and_where_the_rest_stands():
    texts = ["short", LONG, *["more"] * 5]
    matrix = sample_matrix(segments=lambda row, column: 7, text=lambda row, column, number: texts[number - 1])
    note = opened(matrix_excel(matrix))["matrix"]["B6"].comment
    assert note is not None
    told = note.text.split("\n")
    assert told[0].startswith("Case A × Use of theme 1: 7 segments, 3 documents; sources: ")
    assert told[1].endswith(" · segment s1: short")
    assert told[2].endswith("… (whole in the sheet of evidence)")
    assert told[-1] == "and 2 more in the sheet of evidence"


# --- what a reader sees


def test_the_sheets_are_there_and_only_the_issued_one_is_hidden():
    assert [(sheet.title, sheet.sheet_state) for sheet in opened(EXCEL_SMALL).worksheets] == [
        ("matrix", "visible"), ("evidence", "visible"), ("summaries", "visible"), ("about", "visible"),
        ("issued", "veryHidden"),
    ]  # fmt: skip


def test_the_matrix_stays_in_view_and_prints_with_its_heads_and_its_stamp():
    sheet = opened(EXCEL_LARGE)["matrix"]
    assert sheet.freeze_panes == "B5"
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$3:$4", "$A:$A")
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (2, 0)
    stamps = [one.oddHeader.right.text for one in opened(EXCEL_LARGE).worksheets if one.oddHeader is not None]
    assert stamps == ["SYNTHETIC DATA"] * 5
    assert all(cell.alignment.wrap_text for row in sheet.iter_rows(min_row=3, max_row=15) for cell in row)


def test_the_matrix_shows_groups_heads_bands_and_cells_with_state_counts_and_summary():
    sheet = opened(EXCEL_SMALL)["matrix"]
    grid = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=7)]
    assert grid[0] == [None, "Routines", None, "Relations", None]
    assert grid[1][:3] == ["cases", "Use of theme 1", "Use of theme 2\nalpha .81 (.74 to .87), n 120"]
    assert grid[2] == ["stronger", None, None, None, None]
    assert grid[3] == ["Case A", "strong", "some", "some", "○ looked for, none found"]
    assert grid[4][0] == "ordered by 4.50"
    assert grid[4][2] == (
        "◔ thin evidence\n1 segment, 1 document\nwritten by C1 2022-07-01\nSomebody wrote about 0 and 1."
    )
    assert str(sheet["D10"].value).split("\n")[3] == "△ stale: older than the newest coding beneath it (2022-05-02)"
    fills = {sheet.cell(row, column).fill.fgColor.rgb for row in (6, 7) for column in (2, 3, 4, 5)}
    assert len(fills) == 4


def test_every_state_is_told_in_words_on_the_sheet_about():
    told = [str(cell.value) for cell in opened(EXCEL_SMALL)["about"]["A"]]
    assert [text for text in told if text[0] in "●◔◐○∅▪"] == [f"{shape} {word}" for shape, word, _ in STATES.values()]


# --- text stays text, and whole


@pytest.mark.parametrize("data", [EXCEL_SMALL, EXCEL_HOSTILE], ids=["plain", "hostile"])
def test_no_cell_of_any_sheet_holds_a_formula_or_anything_but_text(data):
    for sheet in opened(data).worksheets:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = "".join(archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name)
        relations = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels"))
    assert not re.search(r"<f[ >/]", parts)
    assert "External" not in relations


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "long"])
def test_hostile_text_is_whole_and_text_in_the_evidence(name):
    assert readable(HOSTILE[name]) in [line["Text"] for line in lines(EXCEL_HOSTILE, "evidence")]


def test_text_that_begins_like_a_formula_stays_text_when_somebody_edits_the_cell():
    sheet = opened(EXCEL_HOSTILE)["evidence"]
    column = [cell.value for cell in sheet[1]].index("Text") + 1
    for row in range(2, sheet.max_row + 1):
        cell = sheet.cell(row, column)
        assert bool(cell.quotePrefix) == str(cell.value).startswith(("=", "+", "-", "@", "\t"))
        assert cell.number_format == "@"


def test_a_text_longer_than_a_cell_goes_on_in_the_next_row_and_nothing_is_cut():
    found = lines(EXCEL_HOSTILE, "evidence")
    first = next(number for number, line in enumerate(found) if line["Text"].startswith(LONG[:40]))
    assert [line["No."] for line in found[first : first + 2]] == ["8", "8 (continued)"]
    assert found[first]["Text"] + found[first + 1]["Text"] == LONG
    assert all(workbook.units(line["Text"]) <= workbook.LONGEST_TEXT for line in found)


def test_a_long_summary_goes_on_in_the_sheet_of_summaries():
    rows = lines(EXCEL_HOSTILE, "summaries")
    parts = [row for row in rows if row["Text"].startswith(LONG[:40]) or row["Row"].endswith("(continued)")]
    assert "".join(row["Text"] for row in parts) == LONG
    shown = [str(cell.value) for row in opened(EXCEL_HOSTILE)["matrix"].iter_rows() for cell in row]
    assert sum(text.endswith("[goes on in the sheet summaries]") for text in shown) == 1


# --- with counts only


def test_counts_leave_out_what_was_said_and_by_whom_and_keep_the_rest():
    data = matrix_excel(SMALL, evidence="counts")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    assert not any(text in whole for text in SMALL.evidence["text"])
    assert "speaker" not in whole.lower()
    assert "What segments say, and who said it, is not in this workbook." in whole
    found = lines(data, "evidence")
    assert [line["Segment"] for line in found] == list(SMALL.evidence["segment"])
    assert {name: link.listed for name, link in excel_links(data).items()} == rated(SMALL)


# --- the file itself


def test_the_same_matrix_gives_the_same_bytes_and_names_no_author_and_no_time():
    assert matrix_excel(sample_matrix()) == EXCEL_SMALL
    about = opened(EXCEL_SMALL).properties
    assert (about.title, about.creator, about.lastModifiedBy) == (SMALL.title, None, None)
    assert about.created == about.modified
    with zipfile.ZipFile(io.BytesIO(EXCEL_SMALL)) as archive:
        assert {(one.date_time, one.compress_type, one.create_system) for one in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3)
        }


def test_people_can_edit_text_and_who_and_nothing_else():
    sheet = opened(EXCEL_SMALL)["summaries"]
    names = [str(cell.value) for cell in sheet[1]]
    open_columns = {names[(cell.column or 0) - 1] for row in sheet.iter_rows(min_row=2) for cell in row
                    if not cell.protection.locked}  # fmt: skip
    assert open_columns == {"Text", "Who"}
    assert all(one.protection.sheet for one in opened(EXCEL_SMALL).worksheets)
    assert sheet.column_dimensions["A"].hidden


def test_a_matrix_without_any_evidence_can_be_written():
    cells = SMALL.cells.assign(state="not_looked", shown="not looked for", rating=None, n_segments=0, n_contrary=0)
    data = matrix_excel(SMALL.changed(cells=cells, evidence=SMALL.evidence.iloc[:0]))
    assert excel_links(data) == {}
    assert lines(data, "evidence") == []
