"""What changed in documents and pictures: words, cells, pixels, and what only differs in its packing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import numpy as np
import openpyxl
import pytest
from matplotlib.image import imread, imsave
from openpyxl.comments import Comment

from nsi.pipeline.diff_documents import MOST_LINES, compare_documents
from nsi.pipeline.diff_pictures import alt_text, compare_pictures


def word(*paragraphs: str, bold: bool = False) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph().add_run(text).bold = bold
    return saved(document.save)


def workbook(cells: dict[str, str | int], sheet: str = "cells", note: str = "") -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for place, value in cells.items():
        page[place] = value
    if note:
        page["A1"].comment = Comment(note, "us")
    return saved(book.save)


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    """Save into memory, without the time of writing."""
    sink = io.BytesIO()
    save(sink)
    with zipfile.ZipFile(sink) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}
    return packed(parts)


def packed(parts: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", kind) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return sink.getvalue()


def png(pixels: object) -> bytes:
    sink = io.BytesIO()
    imsave(sink, np.asarray(pixels, dtype=np.uint8), format="png")
    return sink.getvalue()


def test_a_text_is_compared_line_by_line():
    (part,) = compare_documents("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\nfour\n")
    assert part.lines == (("-", "two"), ("+", "2"), ("+", "four"))
    assert part.told == "1 line gone, 2 new"


def test_a_word_file_is_compared_paragraph_by_paragraph():
    (part,) = compare_documents("a.docx", word("Alpha was 0.71.", "End."), word("Alpha was 0.69.", "End."))
    assert (part.part, part.lines) == ("document", (("-", "Alpha was 0.71."), ("+", "Alpha was 0.69.")))


def test_the_same_words_in_another_layout_are_told_as_that():
    (part,) = compare_documents("a.docx", word("Same."), word("Same.", bold=True))
    assert part.told == "the words are the same; other layout or settings in word/document.xml"


def test_a_file_that_is_only_packed_in_another_way_has_no_difference():
    document = word("Same.")
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    other = packed(parts, zipfile.ZIP_DEFLATED)
    assert other != document
    assert compare_documents("a.docx", document, other) == []


def test_a_workbook_is_compared_cell_by_cell_with_its_notes():
    old = workbook({"A1": "strong", "A2": 4, "B9": "gone"}, note="two sources")
    new = workbook({"A1": "thin", "A2": 5, "C1": "=1+1"}, note="one source")
    cells, notes = compare_documents("a.xlsx", old, new)
    assert cells.part == "sheet cells"
    assert cells.lines == (
        ("-", "A1: strong"), ("+", "A1: thin"), ("-", "A2: 4"), ("+", "A2: 5"), ("-", "B9: gone"), ("+", "C1: =1+1"),
    )  # fmt: skip
    assert cells.told == "4 cells changed"
    assert [text for _, text in notes.lines] == ["A1: two sources", "A1: one source"]


def test_a_sheet_that_came_and_one_that_went_are_named():
    parts = compare_documents("a.xlsx", workbook({"A1": "x"}, "old"), workbook({"A1": "x"}, "new"))
    assert [(part.part, part.told) for part in parts] == [("sheet new", "is new"), ("sheet old", "is gone")]


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.bin"])
def test_what_cannot_be_read_is_compared_as_bytes(name):
    (part,) = compare_documents(name, b"\xff\x00one", b"\xff\x00other")
    assert part.told == "other bytes: 5 before, 7 now"


def test_a_text_too_long_to_match_is_told_by_its_length():
    (part,) = compare_documents("a.txt", b"a\n" * MOST_LINES, b"b\n")
    assert part.told == f"too long to match line by line: {MOST_LINES:,} lines before, 1 now"


WHITE = np.full((40, 60, 3), 255)


def test_pixels_that_differ_are_counted_and_marked():
    spot = WHITE.copy()
    spot[10:20, 30:36] = 0
    found = compare_pictures(png(WHITE), png(spot))
    assert found.share == pytest.approx(60 / 2400)
    marked = imread(io.BytesIO(found.marked))
    assert marked.shape[:2] == (20, 30)
    assert marked[7, 16, :3] == pytest.approx([176 / 255, 0, 96 / 255], abs=0.01)
    assert marked[0, 0, :3] == pytest.approx([1, 1, 1])


def test_the_same_picture_in_other_bytes_has_no_difference():
    clear = np.dstack([np.zeros((40, 60, 3)), np.zeros((40, 60))])  # nothing drawn: on paper it is white
    found = compare_pictures(png(WHITE), png(clear))
    assert (found.share, found.marked) == (0, b"")


def test_what_only_the_larger_picture_covers_differs():
    found = compare_pictures(png(WHITE), png(np.full((50, 60, 3), 255)))
    assert found.share == pytest.approx(10 / 50)
    assert (found.old_size, found.new_size) == ((60, 40), (60, 50))


def test_a_picture_that_cannot_be_read_has_no_share():
    found = compare_pictures(png(WHITE), b"not a picture")
    assert np.isnan(found.share)
    assert (found.new_size, found.marked) == ((0, 0), b"")


def test_words_for_a_picture_are_found_in_its_svg():
    assert alt_text(b'<svg><desc id="a">Bars &amp; lines &lt;n&gt;</desc></svg>') == "Bars & lines <n>"
    assert alt_text(b"<svg/>") == ""
    assert alt_text(None) == ""
