"""A matrix in Word: what a reader sees, where each cell leads, and that hostile text stays text."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pandas as pd
import pytest
from docx import Document
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from matrix_links import word_links
from matrix_samples import HOSTILE, RATED, SampleMatrix, hostile_matrix, sample_matrix

from nsi.documents.matrix_parts import STATES, readable
from nsi.documents.matrix_word import matrix_word
from nsi.errors import StudyError

SMALL, LARGE = sample_matrix(), sample_matrix(11, 12)
WORD_SMALL, WORD_LARGE = matrix_word(SMALL), matrix_word(LARGE)
HOSTILE_MATRIX = hostile_matrix()
WORD_HOSTILE = matrix_word(HOSTILE_MATRIX)


def opened(data: bytes) -> WordFile:
    return Document(io.BytesIO(data))


def member(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def written(element: Any) -> str:
    """Text of an element as a reader sees it."""
    signs = {qn("w:t"): None, qn("w:br"): "\n", qn("w:tab"): "\t"}
    return "".join(signs[node.tag] or node.text or ""
                   for node in element.iter(*signs) if node.getparent().tag == qn("w:r"))  # fmt: skip


def cell_of(data: bytes, place: str):
    """The cell of a table that carries a bookmark."""
    body = opened(data).element.body
    return next(cell for cell in body.iter(qn("w:tc")) for mark in cell.iter(qn("w:bookmarkStart"))
                if mark.get(qn("w:name")) == f"cell_{place}")  # fmt: skip


def comment_lines(data: bytes, place: str) -> list[str]:
    number = int(next(cell_of(data, place).iter(qn("w:commentReference"))).get(qn("w:id")))
    comment = opened(data).comments.get(number)
    assert comment is not None
    return [paragraph.text for paragraph in comment.paragraphs]


def rated(matrix: SampleMatrix) -> pd.DataFrame:
    return matrix.cells[matrix.cells["state"].isin(RATED)]


# --- from a cell to its evidence


@pytest.mark.parametrize(("matrix", "data"), [(SMALL, WORD_SMALL), (LARGE, WORD_LARGE)], ids=["3x4", "11x12"])
def test_every_rated_cell_leads_to_all_of_its_segments_and_they_lead_back(matrix, data):
    labels = dict(zip(matrix.rows["row"], matrix.rows["label"], strict=True))
    headings = dict(zip(matrix.columns["column"], matrix.columns["label"], strict=True))
    wanted = {f"{labels[cell.row]} × {headings[cell.column]}": cell.n_segments for cell in rated(matrix).itertuples()}
    found = word_links(data)
    assert {name: link.listed for name, link in found.items()} == wanted
    assert {name: link.noted for name, link in found.items()} == wanted
    assert all(link.back for link in found.values())


def test_only_cells_with_evidence_carry_a_comment_and_no_comment_is_left_over():
    assert len(list(opened(WORD_LARGE).comments)) == len(rated(LARGE))


def test_a_comment_says_what_the_cell_rests_on_and_lists_contrary_segments_first():
    lines = comment_lines(WORD_SMALL, "r1_c3")
    assert lines[0] == (
        "Case A × Use of theme 3: some; ◐ mixed evidence; 4 segments, 3 documents, 1 contrary; sources: report 1, "
        "observation 1, interview 1; coders: C1, C2; agreement: 0.81; dated 2021-01-11 to 2021-02-01"
    )
    assert lines[1] == (
        "1. CONTRARY · d1, par. 1 · report · 2021-01-11 · said by speaker 1 · coded code2 by C1, C2 (agreed) · "
        "segment s4"
    )
    assert lines[2] == SMALL.evidence.loc[SMALL.evidence["segment"] == "s4", "text"].item()
    assert [line.split(" · ")[0] for line in lines[3::2]] == ["2. supports", "3. supports", "4. supports"]
    assert "(settled, not agreed)" in lines[5]


def test_a_stale_summary_is_marked_in_the_cell_in_its_comment_and_in_the_list():
    assert "△ stale: older than the newest coding beneath it (2022-05-02)" in written(cell_of(WORD_SMALL, "r2_c3"))
    assert "△ stale" in comment_lines(WORD_SMALL, "r2_c3")[0]
    assert "△ stale" not in written(cell_of(WORD_SMALL, "r1_c2"))
    assert "△ stale: older" in "\n".join(paragraph.text for paragraph in opened(WORD_SMALL).paragraphs)


# --- what a reader sees


def test_a_cell_names_its_state_in_words_beside_its_shading_and_is_never_blank():
    for number, cell in enumerate(LARGE.cells.itertuples()):
        found = cell_of(WORD_LARGE, f"r{number // 12 + 1}_c{number % 12 + 1}")
        text = written(found)
        assert cell.shown in text
        assert cell.state == "value" or STATES[cell.state][1] in text
        assert found.tcPr.find(qn("w:shd")) is not None


def test_shadings_of_states_that_rest_on_segments_differ_in_grey():
    fills = [next(cell_of(WORD_SMALL, place).iter(qn("w:shd"))).get(qn("w:fill"))
             for place in ("r1_c1", "r1_c2", "r1_c3")]  # fmt: skip
    greys = sorted(0.299 * int(fill[:2], 16) + 0.587 * int(fill[2:4], 16) + 0.114 * int(fill[4:], 16) for fill in fills)
    assert min(high - low for low, high in zip(greys, greys[1:], strict=False)) > 15


def test_the_page_is_landscape_and_stamped_and_the_heads_are_repeated():
    document = opened(WORD_SMALL)
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width is not None
    assert section.page_width.mm == pytest.approx(297, abs=0.1)
    assert [paragraph.text for paragraph in section.header.paragraphs] == ["SYNTHETIC DATA"]
    repeated = [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None
                for row in document.tables[0].rows]  # fmt: skip
    assert repeated == [True, True] + [False] * 6  # groups and columns; then three bands and three rows


def test_real_data_carry_no_stamp():
    assert opened(matrix_word(sample_matrix(stamp=""))).sections[0].header.paragraphs[0].text == ""


def test_bands_groups_badges_marks_and_order_stand_in_the_table():
    rows = [[written(cell) for cell in row._tr.findall(qn("w:tc"))] for row in opened(WORD_SMALL).tables[0].rows]
    assert rows[0] == ["cases", "Routines", "Relations"]
    assert rows[1] == ["", "Use of theme 1", "Use of theme 2alpha .81 (.74 to .87), n 120", "Use of theme 3",
                       "Use of theme 4alpha .81 (.74 to .87), n 120"]  # fmt: skip
    assert [rows[number] for number in (2, 4, 6)] == [["stronger"], ["uncertain"], ["weaker"]]
    assert rows[5][0] == "Case Bordered by 4.40△ rank interval crosses the cut"


def test_title_note_legend_and_definitions_stand_around_the_table():
    text = [paragraph.text for paragraph in opened(WORD_SMALL).paragraphs]
    assert text[0] == SMALL.title
    for line in (SMALL.note, "States of a cell", "Use of theme 1: What counts as theme 1."):
        assert line in text
    legend = [[cell.text for cell in row.cells] for row in opened(WORD_SMALL).tables[1].rows]
    assert [line[0] for line in legend] == [f"{shape} {word}" for shape, word, _ in STATES.values()]


def test_a_table_has_a_title_and_a_description_for_those_who_cannot_see_it():
    properties = opened(WORD_SMALL).tables[0]._tbl.tblPr
    told = {name: properties.find(qn(f"w:{name}")).get(qn("w:val")) for name in ("tblCaption", "tblDescription")}
    assert told["tblCaption"] == SMALL.title
    assert told["tblDescription"].startswith(
        "Matrix of 3 rows (cases) by 4 columns (themes). 8 of 12 cells rest on 19 coded segments. Each cell names its "
        "state: ● strong evidence"
    )


def test_many_columns_are_split_over_tables_that_each_fit_the_page():
    tables = opened(WORD_LARGE).tables[:-1]
    heads = [[written(cell) for cell in table.rows[1]._tr.findall(qn("w:tc"))][1:] for table in tables]
    assert [len(names) for names in heads] == [6, 6]
    assert all(name.startswith(f"Use of theme {number}")
               for number, name in enumerate((name for names in heads for name in names), start=1))  # fmt: skip
    captions = [paragraph.text for paragraph in opened(WORD_LARGE).paragraphs if ", columns" in paragraph.text]
    assert captions == [f"{LARGE.title}: cases by themes, columns {some} of 12" for some in ("1 to 6", "7 to 12")]


def test_a_matrix_without_summaries_stays_in_one_table():
    cells = LARGE.cells.assign(summary=None, summary_by=None, summary_on=pd.NaT, stale=False)
    assert len(opened(matrix_word(LARGE.changed(cells=cells))).tables) == 2  # and the legend


def test_a_summary_that_is_what_the_cell_shows_stands_there_once():
    cells = SMALL.cells.assign(shown=SMALL.cells["summary"].fillna(SMALL.cells["shown"]))
    text = written(cell_of(matrix_word(SMALL.changed(cells=cells)), "r1_c2"))
    assert text.count("Somebody wrote about 0 and 1.") == 1
    assert text.startswith("◔ thin evidence")


# --- with counts only


def test_counts_leave_out_what_was_said_and_by_whom_and_keep_the_rest():
    data = matrix_word(SMALL, evidence="counts")
    whole = "".join(member(data, name) for name in ("word/document.xml", "word/comments.xml"))
    for segment in SMALL.evidence.itertuples():
        assert segment.text not in whole
        assert f"segment {segment.segment}<" in whole
        assert segment.document in whole
    assert "speaker" not in whole
    assert "What segments say, and who said it, is not in this document." in whole
    assert {link.listed for link in word_links(data).values()} == {1, 2, 3, 4}


# --- hostile text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_whole_and_text_in_the_list_and_in_the_comment(name):
    text = readable(HOSTILE[name])
    listed = [written(paragraph._p) for paragraph in opened(WORD_HOSTILE).paragraphs]
    assert listed.count(text) >= 1
    assert text in [written(paragraph._p) for comment in opened(WORD_HOSTILE).comments
                    for paragraph in comment.paragraphs]  # fmt: skip


def test_nothing_in_a_file_of_hostile_texts_leads_out_of_it_or_runs():
    with zipfile.ZipFile(io.BytesIO(WORD_HOSTILE)) as archive:
        names = archive.namelist()
        relations = "".join(archive.read(name).decode() for name in names if name.endswith(".rels"))
        parts = "".join(archive.read(name).decode() for name in names if name.startswith("word/"))
    assert "External" not in relations
    assert "vbaProject" not in "".join(names)
    assert re.findall('w:instr="([^"]*)"', parts) == [" PAGE "]
    assert "instrText" not in parts


def test_marks_that_turn_the_direction_of_what_follows_are_spelled_out_and_scripts_stay():
    assert readable("abc\u202edef\u2066") == "abc[U+202E]def[U+2066]"
    assert readable("שלום \u200f\u200b\u200d") == "שלום \u200f\u200b\u200d"
    assert readable("a\u2028b\x07\ud800") == "a\nb\u2407\ufffd"


def test_a_label_in_the_middle_of_nowhere_is_written_as_it_is():
    rows = [written(cell) for row in opened(WORD_HOSTILE).tables[0].rows for cell in row._tr.findall(qn("w:tc"))]
    for label in HOSTILE_MATRIX.columns["label"]:
        assert any(text.startswith(readable(label)) for text in rows)


# --- the file itself


def test_the_same_matrix_gives_the_same_bytes_and_names_no_author_and_no_time():
    assert matrix_word(sample_matrix()) == WORD_SMALL
    about = opened(WORD_SMALL).core_properties
    assert (about.title, about.author, about.last_modified_by, about.comments) == (SMALL.title, "", "", "")
    assert about.created == about.modified
    assert about.created is not None and about.created.year == 1980
    assert "w:date=" not in member(WORD_SMALL, "word/comments.xml")


@pytest.mark.parametrize("data", [WORD_SMALL, WORD_LARGE, WORD_HOSTILE], ids=["3x4", "11x12", "hostile"])
def test_styles_bookmarks_and_links_of_a_file_fit_together(data):
    document = opened(data)
    known = {style.style_id for style in document.styles}
    trees = (document.element, document.styles.element, document.comments._comments_elm)
    used = {node.get(qn("w:val")) for name in ("w:pStyle", "w:rStyle", "w:basedOn")
            for tree in trees for node in tree.iter(qn(name))}  # fmt: skip
    assert used <= known
    marks = [(mark.get(qn("w:id")), mark.get(qn("w:name"))) for mark in document.element.iter(qn("w:bookmarkStart"))]
    assert len({number for number, _ in marks}) == len({name for _, name in marks}) == len(marks)
    assert all(len(name) <= 40 for _, name in marks)  # what Word holds
    anchors = {link.get(qn("w:anchor")) for link in document.element.iter(qn("w:hyperlink"))}
    assert anchors <= {name for _, name in marks}
    assert all(list(cell)[-1].tag == qn("w:p") for cell in document.element.iter(qn("w:tc")))  # or Word repairs it


# --- refused


def refusal(matrix: SampleMatrix, **asked) -> str:
    with pytest.raises(StudyError) as error:
        matrix_word(matrix, **asked)
    return str(error.value)


def test_another_word_for_evidence_is_refused():
    assert refusal(SMALL, evidence="some") == "evidence is 'some', but allowed are full and counts; correct it"


def test_a_matrix_that_lacks_a_cell_is_refused():
    assert refusal(SMALL.changed(cells=SMALL.cells.iloc[1:])) == (
        "matrix 'strategies' must have every cell once: 3 rows by 4 columns make 12 cells, but it has 11, 11 of them "
        "different ones that belong to it; build it again"
    )


def test_a_blank_cell_is_refused():
    cells = SMALL.cells.assign(shown=SMALL.cells["shown"].mask(SMALL.cells.index == 3, " "))
    assert refusal(SMALL.changed(cells=cells)) == (
        "cell Case A × Use of theme 4 is in state 'absent' and shows ' '; a state is one of strong, thin, mixed, "
        "absent, not_looked, value, and no cell is blank; build the matrix again"
    )


def test_segments_of_no_cell_are_refused():
    evidence = SMALL.evidence.assign(row=SMALL.evidence["row"].replace("case2", "case9"))
    assert refusal(SMALL.changed(evidence=evidence)) == (
        "matrix 'strategies' has segments in cells that it does not have: ('case9', 'code2'), ('case9', 'code3'); "
        "build it again"
    )
