"""What the cells of a matrix rest on, in Word: one comment per cell, and a list at the end with links back."""

from __future__ import annotations

from collections.abc import Iterator

from nsi.documents import matrix_word_xml as xml
from nsi.documents.matrix_parts import Cell, ShownMatrix
from nsi.documents.matrix_shown import segment_line
from nsi.documents.matrix_word_table import CELL, LISTED, bookmark_number

AUTHOR, INITIALS = "Evidence", "Ev"


def comments(matrix: ShownMatrix) -> str:
    """Write one comment per cell that rests on segments: what it rests on, then each segment, contrary ones first."""
    return xml.part("comments", "".join(_comment(cell) for cell in matrix.cells.values() if cell.segments))


def evidence_list(matrix: ShownMatrix, *, quoted: bool) -> Iterator[str]:
    """Write the list of segments by cell; every cell of it has a bookmark, and a link back to the table."""
    yield xml.paragraph("Heading1", xml.runs("What the cells rest on"), properties="<w:pageBreakBefore/>")
    told = "Contrary segments stand first. " + (
        "" if quoted else "What segments say, and who said it, is not in this document."
    )
    yield xml.paragraph("MatrixNote", xml.runs(told.strip()))
    for cell in matrix.cells.values():
        if cell.segments:
            name = xml.marked(bookmark_number(cell, LISTED), f"evidence_{cell.place}", xml.runs(cell.name))
            yield xml.paragraph("Heading3", name)
            back = xml.link(f"cell_{cell.place}", "back to the table")
            yield xml.paragraph("MatrixNote", xml.runs(f"{_told(cell)}. "), back, properties="<w:keepNext/>")
            yield from _segments(cell, "MatrixSegment", "MatrixQuote")


def _told(cell: Cell) -> str:
    parts = ["" if cell.shows_summary else cell.headline, cell.state_words, cell.support, cell.stale]
    return "; ".join(part for part in parts if part)


def _segments(cell: Cell, style: str, quote: str) -> Iterator[str]:
    for segment in cell.segments:
        yield xml.paragraph(style, xml.runs(segment_line(segment)))
        if segment.text:
            yield xml.paragraph(quote, xml.runs(segment.text))


def _comment(cell: Cell) -> str:
    mark = '<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>'
    head = xml.paragraph("CommentText", mark, xml.runs(cell.name, "<w:b/>"), xml.runs(f": {_told(cell)}"))
    body = "".join(_segments(cell, "CommentText", "CommentText"))
    number = bookmark_number(cell, CELL)
    return f'<w:comment w:id="{number}" w:author="{AUTHOR}" w:initials="{INITIALS}">{head}{body}</w:comment>'
