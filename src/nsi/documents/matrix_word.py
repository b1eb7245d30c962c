"""A matrix as a Word file: landscape, a comment per cell with its evidence, and summaries that can be edited."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from nsi.documents import matrix_word_xml as xml
from nsi.documents.matrix_issued import FORMAT, NO_SUMMARY, given_print, issued_texts
from nsi.documents.matrix_parts import MatrixParts, ShownMatrix
from nsi.documents.matrix_shown import given_lines, shown_matrix
from nsi.documents.matrix_word_evidence import comments, evidence_list
from nsi.documents.matrix_word_table import columns_per_table, evidence_told, matrix_table
from nsi.documents.word_page import empty_landscape
from nsi.documents.zip_bytes import same_bytes

if TYPE_CHECKING:
    from docx.document import Document as WordFile

LARGE, SMALL = 9.0, 8.0  # points, by how many columns stand beside each other
FEW = 6
EDITED_BY = "Summaries edited by (name or initials):"
ISSUED, ISSUED_ABOUT = "/customXml/item1.xml", "/customXml/itemProps1.xml"
ISSUED_NAMESPACE = "urn:nsi:matrix-summaries"
ABOUT_ID = "{6B1D3C0E-52F7-4C55-9D39-1C5B0E6B7A11}"  # Word asks for one; which, does not matter
ABOUT_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"


def matrix_word(matrix: MatrixParts, *, evidence: str = "full") -> bytes:
    """Write a matrix as a Word file.

    Parameters
    ----------
    matrix : MatrixParts
        The matrix.
    evidence : str
        full: with what segments say; counts: without their words and speakers, whose documents, dates and coders
        stay.

    Returns
    -------
    bytes
        A .docx, landscape A4; equal input gives equal bytes. Every cell that rests on segments carries a comment
        with them, and links to them at the end. Below the lines that are given, each cell holds its summary, which
        `nsi.readers.summaries` reads back. Characters that a file cannot hold are shown as signs.

    Raises
    ------
    StudyError
        If the matrix lacks a cell, or `evidence` is another word.
    """
    prepared = shown_matrix(matrix, evidence)
    size = LARGE if len(columns_per_table(prepared)[0]) <= FEW else SMALL
    document = empty_landscape(prepared.title, prepared.stamp, size)
    _number_pages(document)
    body = document.element.body
    end = body.sectPr
    for child in [child for child in body if child is not end]:
        body.remove(child)
    content = xml.part("body", "".join(_content(prepared, quoted=evidence == "full")))
    for child in list(parse_xml(content)):
        end.addprevious(child)
    _add_part(document, "/word/comments.xml", CONTENT_TYPE.WML_COMMENTS, RELATIONSHIP_TYPE.COMMENTS, comments(prepared))
    _add_issued(document, prepared)
    target = io.BytesIO()
    document.save(target)
    return same_bytes(target.getvalue())


def _content(matrix: ShownMatrix, *, quoted: bool) -> Iterator[str]:
    yield xml.paragraph("Heading1", xml.runs(matrix.title))
    told = (f"{evidence_told(matrix)}. The first line of such a cell leads to its segments, which also stand in a "
            "comment at it. What stands below the grey lines of a cell is a summary, for people to write: "
            f"edit it, or replace {NO_SUMMARY}, and leave the lines above it as they are.")  # fmt: skip
    yield xml.paragraph("MatrixNote", xml.runs(told))
    yield xml.paragraph("MatrixNote", xml.marked(1, "edited_by", xml.runs(EDITED_BY, "<w:b/>")), xml.runs(" "))
    parts = columns_per_table(matrix)
    first = 1
    for number, columns in enumerate(parts):
        last = first + len(columns) - 1
        some = f", columns {first} to {last} of {len(matrix.columns)}" if len(parts) > 1 else ""
        yield xml.paragraph("Caption", xml.runs(f"{matrix.title}: {matrix.row_title} by {matrix.column_title}{some}"),
                            properties="<w:pageBreakBefore/>" if number else "")  # fmt: skip
        yield matrix_table(matrix, columns, _described(matrix, some))
        first = last + 1
    yield from _below(matrix)
    yield from evidence_list(matrix, quoted=quoted)


def _described(matrix: ShownMatrix, some: str) -> str:
    states = "; ".join(words for _, words, _ in matrix.legend())
    return (
        f"Matrix of {len(matrix.rows)} rows ({matrix.row_title}) by {len(matrix.columns)} columns "
        f"({matrix.column_title}){some}. {evidence_told(matrix)}. Each cell names its state: {states}."
    )


def _below(matrix: ShownMatrix) -> Iterator[str]:
    if matrix.note:
        yield xml.lines("MatrixNote", matrix.note)
    yield xml.paragraph("Heading2", xml.runs("States of a cell"))
    rows = [xml.table_row([xml.cell(3_000, xml.paragraph("MatrixGiven", xml.runs(words)), shading=xml.SHADING[state]),
                           xml.cell(9_000, xml.paragraph("MatrixGiven", xml.runs(meaning)))])
            for state, words, meaning in matrix.legend()]  # fmt: skip
    yield xml.table([3_000, 9_000], rows, title="States of a cell", description="Shading and word of each state.")
    defined = [column for column in matrix.columns if column.more]
    if defined:
        yield xml.paragraph("Heading2", xml.runs(f"What {matrix.column_title} mean"))
    for column in defined:
        yield xml.paragraph("MatrixNote", xml.runs(f"{column.label}: ", "<w:b/>"), xml.runs(column.more))


def _number_pages(document: WordFile) -> None:
    page = document.sections[0].footer.paragraphs[0]
    page.text = ""
    for child in parse_xml(xml.part("p", xml.runs("page ") + '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r>'
                                    "</w:fldSimple>")):  # fmt: skip
        page._p.append(child)


def _add_issued(document: WordFile, matrix: ShownMatrix) -> None:
    """Hide in the file what was issued in each cell, so that whoever reads it back can tell what was changed."""
    texts = [[text.key, text.cell.row, text.cell.column, text.cell.name, f"cell_{text.cell.place}", text.shown,
              text.issued, given_print(given_lines(text.cell))]
             for text in issued_texts(matrix)]  # fmt: skip
    told = json.dumps({"format": FORMAT, "matrix": matrix.name, "edited_by": EDITED_BY, "empty": NO_SUMMARY,
                       "texts": texts})  # fmt: skip
    issued = f'<issued xmlns="{ISSUED_NAMESPACE}">{escape(told)}</issued>'
    holder = _add_part(document, ISSUED, "application/xml", RELATIONSHIP_TYPE.CUSTOM_XML, issued)
    about = (f'<ds:datastoreItem xmlns:ds={quoteattr(ABOUT_NAMESPACE)} ds:itemID="{ABOUT_ID}"><ds:schemaRefs>'
             f'<ds:schemaRef ds:uri="{ISSUED_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>')  # fmt: skip
    kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
    holder.relate_to(_part(document, ISSUED_ABOUT, kind, about), f"{RELATIONSHIP_TYPE.CUSTOM_XML}Props")


def _add_part(document: WordFile, name: str, kind: str, relation: str, content: str) -> Part:
    part = _part(document, name, kind, content)
    document.part.relate_to(part, relation)
    return part


def _part(document: WordFile, name: str, kind: str, content: str) -> Part:
    whole = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}'
    return Part(PackURI(name), kind, whole.encode(), document.part.package)
