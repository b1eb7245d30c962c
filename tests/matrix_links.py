"""What a reader finds who clicks: the segments behind each cell of a matrix in Word and Excel, counted in the file."""

from __future__ import annotations

import io
from dataclasses import dataclass

from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

NOTE_ROWS = ("Cell", "Row", "Column", "No.")


@dataclass(frozen=True)
class LinkedCell:
    """A cell that can be clicked.

    Attributes
    ----------
    listed : int
        Segments where its link leads.
    noted : int
        Segments that its comment or note lists or counts.
    back : bool
        Whether a link there leads back to the cell.
    """

    listed: int
    noted: int
    back: bool


def word_links(data: bytes) -> dict[str, LinkedCell]:
    """Cells of a Word file that link to their evidence, by the labels of row and column."""
    document = Document(io.BytesIO(data))
    comments = {comment.comment_id: comment for comment in document.comments}
    listed: dict[str, tuple[str, int, bool]] = {}
    place = ""
    for paragraph in document.element.body.findall(qn("w:p")):
        marks = [mark.get(qn("w:name")) for mark in paragraph.iter(qn("w:bookmarkStart"))]
        text = "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
        style = paragraph.style
        if any(mark.startswith("evidence_") for mark in marks):
            place = marks[0].removeprefix("evidence_")
            listed[place] = (text, 0, False)
        elif place:
            name, count, back = listed[place]
            back |= any(link.get(qn("w:anchor")) == f"cell_{place}" for link in paragraph.iter(qn("w:hyperlink")))
            listed[place] = (name, count + (style == "MatrixSegment"), back)
    found = {}
    for cell in document.element.body.iter(qn("w:tc")):
        here = [mark.get(qn("w:name")) for mark in cell.iter(qn("w:bookmarkStart"))]
        for link in cell.iter(qn("w:hyperlink")):
            place = link.get(qn("w:anchor")).removeprefix("evidence_")
            assert f"cell_{place}" in here, "a link leads from a cell to its own evidence"
            name, count, back = listed[place]
            number = int(next(cell.iter(qn("w:commentReference"))).get(qn("w:id")))
            lines = [paragraph.text for paragraph in comments[number].paragraphs]
            noted = sum(line.partition(". ")[0].isdecimal() and " · segment " in line for line in lines)
            found[name] = LinkedCell(count, noted, back)
    return found


def excel_links(data: bytes) -> dict[str, LinkedCell]:
    """Cells of a workbook that link to their evidence, by the labels of row and column."""
    book = load_workbook(io.BytesIO(data))
    evidence = book["evidence"]
    names = [cell.value for cell in evidence[1]]
    lines = [dict(zip(names, (cell.value for cell in row), strict=True)) for row in evidence.iter_rows(min_row=2)]
    found = {}
    for row in book["matrix"].iter_rows():
        for cell in row:
            if cell.hyperlink is None:
                continue
            sheet, _, target = str(cell.hyperlink.location).partition("!")
            assert sheet == "evidence"
            first = int(target.removeprefix("A"))
            here = f"matrix!{cell.coordinate}"
            own = [line for line in lines if line["Cell"] == here and "continued" not in str(line["No."])]
            assert lines[first - 2]["Cell"] == here, "a link leads from a cell to its own evidence"
            assert lines[first - 2]["No."] == "1", "it leads to the first segment"
            assert cell.comment is not None
            back = evidence.cell(first, 1).hyperlink
            noted = int(cell.comment.text.split(": ", 1)[1].split(" segment")[0].replace(",", ""))
            name = f"{own[0]['Row']} × {own[0]['Column']}"
            found[name] = LinkedCell(len(own), noted, back is not None and back.location == here)
    return found
