"""Bytes of Office files: the same every time, and text that they can hold."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from nsi.documents import workbook
from nsi.documents.word import Heading, WordTable, word_document
from nsi.documents.zip_bytes import holdable, same_bytes, visible

TABLE = pd.DataFrame({"Case": [f"case {number}" for number in range(80)], "Alpha": ["0.71"] * 80})


def saved(created: datetime) -> bytes:
    book = Workbook()
    book.properties.created = created
    book.worksheets[0]["A1"] = "x"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def opened(data: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(data))


# --- bytes


def test_when_a_file_was_written_does_not_show_in_its_bytes():
    first, second = saved(datetime(1999, 1, 1)), saved(datetime(2010, 5, 5))
    assert first != second
    assert same_bytes(first) == same_bytes(second)


def test_members_are_sorted_dated_alike_and_not_compressed():
    with zipfile.ZipFile(io.BytesIO(same_bytes(saved(datetime(1999, 1, 1))))) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        core = archive.read("docProps/core.xml")
    assert names == ["[Content_Types].xml", *sorted(names[1:])]
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
    assert core.count(b"1980-01-01T00:00:00Z") == 2


# --- text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bell\x07", "bell\u2407"),
        ("nul\x00 del\x7f", "nul\u2400 del\u2421"),
        ("half \ud800 next \ufffe c1 \x85", "half \ufffd next \ufffd c1 \ufffd"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("\u202eשלום\u200bz", "\u202eשלום\u200bz"),
        ("😀 naïve", "😀 naïve"),
    ],
)
def test_what_xml_cannot_hold_is_shown_as_a_sign_and_the_rest_is_let_be(text, shown):
    assert visible(text) == shown


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_a_text_comes_back_from_a_cell_as_it_was_shown(text):
    book = Workbook()
    sheet = book.worksheets[0]
    workbook.put(sheet, 1, 1, text)
    cell = load_workbook(io.BytesIO(workbook.workbook_bytes(book, "t"))).worksheets[0]["A1"]
    assert cell.data_type != "f"
    assert (cell.value or "").replace("_x005F_", "_") == visible(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.integers(2, 20))
@settings(deadline=None)
def test_a_text_that_is_cut_into_pieces_is_whole_when_joined(text, longest):
    shown = visible(text)
    parts = workbook.pieces(shown, longest)
    assert "".join(parts) == shown
    assert all(workbook.units(part) <= longest for part in parts)


def test_the_limit_of_a_cell_counts_what_lies_beyond_the_basic_plane_twice():
    assert workbook.units("😀a") == 3  # as Excel's LEN does
    assert [workbook.units(part) for part in workbook.pieces("😀" * 20_000)] == [32_766, 7_234]


def test_an_id_that_would_not_come_back_is_told_from_one_that_would():
    assert [holdable(text) for text in ("T1", "=cmd", "a\x07", "a\r", "\ud800", "\u200b")] == [
        True, True, False, False, False, True,
    ]  # fmt: skip


# --- Word


def test_a_word_file_of_the_same_text_has_the_same_bytes():
    parts: list[str | Heading | WordTable] = ["One [not recorded: x] two.", Heading("Next")]
    parts.append(WordTable(TABLE, "T", "n", ("Alpha",)))
    assert word_document("Methods", parts) == word_document("Methods", parts)


def test_a_word_file_holds_heading_paragraph_caption_table_and_note_in_order():
    document = opened(word_document("Methods", ["First.", WordTable(TABLE, "Table 1", "Note."), "Last."]))
    assert [paragraph.text for paragraph in document.paragraphs] == ["Methods", "First.", "Table 1", "Note.", "Last."]
    style = document.paragraphs[0].style
    assert style is not None
    assert style.name == "Heading 1"
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["case 0", "0.71"]


def test_only_the_header_row_is_repeated_and_no_row_is_broken_over_pages():
    rows = opened(word_document("M", [WordTable(TABLE, "T")])).tables[0].rows
    repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in rows]
    assert repeated == [True] + [False] * 80
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_what_stands_in_brackets_is_highlighted_for_the_author():
    runs = opened(word_document("M", ["Known. [not recorded: how] Known."])).paragraphs[1].runs
    assert [(run.text, run.font.highlight_color is not None) for run in runs] == [
        ("Known. ", False), ("[not recorded: how]", True), (" Known.", False),
    ]  # fmt: skip


def test_a_word_file_names_no_author_and_no_time():
    about = opened(word_document("Methods", [])).core_properties
    assert (about.title, about.author, about.last_modified_by, about.comments) == ("Methods", "", "", "")
    assert about.created == about.modified
    assert about.created.year == 1980


def test_control_characters_missing_values_and_markup_reach_a_word_file_as_text():
    frame = pd.DataFrame({"a": ["\x07 <b>&amp;", None, "=1+1"]})
    table = opened(word_document("x\x00y", [WordTable(frame, "T")])).tables[0]
    assert [row.cells[0].text for row in table.rows] == ["a", "\u2407 <b>&amp;", "", "=1+1"]


def test_columns_are_as_wide_as_asked_and_numbers_stand_flush_right():
    table = opened(word_document("M", [WordTable(TABLE, "T", "", ("Alpha",), (3, 1))])).tables[0]
    widths = [cell.width.mm for cell in table.rows[1].cells]
    assert widths == pytest.approx([120, 40], abs=0.1)
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells] == [0, 2]  # left, right


def test_every_style_that_a_word_file_uses_is_in_it():
    data = word_document("M", ["p", Heading("h"), WordTable(TABLE, "T")])
    document = opened(data)
    known = {style.style_id for style in document.styles}
    used = {node.get(qn("w:val")) for name in ("w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:link", "w:next")
            for tree in (document.element, document.styles.element) for node in tree.iter(qn(name))}  # fmt: skip
    assert used <= known
    assert len(data) < 100_000
