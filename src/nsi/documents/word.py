"""A short Word file: a heading, paragraphs, tables whose header is repeated on every page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from nsi.documents.zip_bytes import same_bytes, visible

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.table import Table, _Row
    from docx.text.paragraph import Paragraph

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 210, 297, 25  # mm; A4
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN
FONT = "Times New Roman"
TO_AUTHOR = re.compile(r"(\[[^\[\]]*\])")
BLACK = RGBColor(0, 0, 0)
# Parts of the library's empty file that no text here needs: a picture of it, and its styles a second time.
UNUSED = (RELATIONSHIP_TYPE.THUMBNAIL, "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
          RELATIONSHIP_TYPE.CUSTOM_XML, RELATIONSHIP_TYPE.NUMBERING)  # fmt: skip
KEPT_STYLES = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "Heading1", "Heading1Char", "Heading2",
               "Heading2Char", "Caption"}  # fmt: skip


@dataclass(frozen=True)
class WordTable:
    """A table in a Word file.

    Attributes
    ----------
    frame : DataFrame
        What stands in the cells; text as it is, missing as an empty cell. Numbers come formatted, as text.
    caption : str
        Stands above it.
    note : str
        Stands below it; nothing where empty.
    numeric : tuple of str
        Columns to be set flush right.
    widths : tuple of float
        How wide the columns are, in shares of the page; equally wide where empty.
    """

    frame: pd.DataFrame
    caption: str
    note: str = ""
    numeric: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Heading:
    """A heading within a Word file."""

    text: str


def word_document(title: str, parts: Sequence[str | Heading | WordTable]) -> bytes:
    """Write text and tables into a Word file.

    Parameters
    ----------
    title : str
        The heading at the top.
    parts : sequence of str, Heading or WordTable
        What follows, in order; a text is a paragraph. What stands in square brackets is a note to the author and
        is highlighted.

    Returns
    -------
    bytes
        A .docx, A4, without name and time of an author; equal input gives equal bytes. Characters that a file
        cannot hold are shown as signs.
    """
    document = Document()
    _strip(document)
    _style(document)
    _add_text(document.add_heading(level=1), title)
    for part in parts:
        if isinstance(part, WordTable):
            _add_table(document, part)
        elif isinstance(part, Heading):
            _add_text(document.add_heading(level=2), part.text)
        else:
            _add_text(document.add_paragraph(), part)
    about = document.core_properties
    about.title, about.author, about.comments, about.last_modified_by = visible(title)[:255], "", "", ""
    target = io.BytesIO()
    document.save(target)
    return same_bytes(target.getvalue())


def _strip(document: WordFile) -> None:
    """Drop what the library's empty file brings along; uncompressed its styles alone are close to a megabyte."""
    for holder in (document.part.rels, document.part.package.rels):
        for key in [key for key, link in holder.items() if link.reltype in UNUSED]:
            holder.pop(key)
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in KEPT_STYLES:
            styles.remove(style)


def _style(document: WordFile) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_WIDTH), Mm(PAGE_HEIGHT)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    sizes = {"Normal": 11, "Heading 1": 14, "Heading 2": 12, "Caption": 10}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), BLACK
        fonts = style.element.rPr.rFonts
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]  # a theme's font would win over ours
        for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(script), FONT)
    document.styles["Caption"].font.bold = False
    document.styles["Caption"].paragraph_format.keep_with_next = True  # never a caption without its table
    document.styles["Normal"].paragraph_format.line_spacing = 1.15


def _add_text(paragraph: Paragraph, text: str) -> None:
    """Add a text; what stands in square brackets is highlighted."""
    for piece in TO_AUTHOR.split(visible(text)):
        if piece:
            run = paragraph.add_run(piece)
            if TO_AUTHOR.fullmatch(piece):
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _add_table(document: WordFile, part: WordTable) -> None:
    _add_text(document.add_paragraph(style="Caption"), part.caption)
    table = document.add_table(rows=1 + len(part.frame), cols=len(part.frame.columns))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _rule(table)
    _set_widths(table, part.widths or (1.0,) * len(part.frame.columns))
    numeric = [str(name) in part.numeric for name in part.frame.columns]
    lines = [[str(name) for name in part.frame.columns], *part.frame.astype(object).to_numpy().tolist()]
    for number, (row, line) in enumerate(zip(table.rows, lines, strict=True)):
        _keep_whole(row, header=number == 0)
        for cell, content, right in zip(row.cells, line, numeric, strict=True):
            paragraph = cell.paragraphs[0]
            _add_text(paragraph, content if isinstance(content, str) else "" if pd.isna(content) else str(content))
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.paragraph_format.line_spacing = 1.0
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
            for run in paragraph.runs:
                run.font.size, run.font.bold = Pt(9), number == 0
    note = document.add_paragraph()
    note.paragraph_format.space_before = Pt(4)
    _add_text(note, part.note)
    for run in note.runs:
        run.font.size = Pt(9)


def _set_widths(table: Table, shares: Sequence[float]) -> None:
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Mm(TEXT_WIDTH * share / sum(shares))
        for cell in column.cells:  # Word goes by the cells, LibreOffice by the columns
            cell.width = column.width


def _keep_whole(row: _Row, *, header: bool) -> None:
    """Never break a row over two pages, and repeat the header on each."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if header else [])):
        properties.append(OxmlElement(name))


def _rule(table: Table) -> None:
    """Draw lines above, below and between rows, and none between columns."""
    borders = OxmlElement("w:tblBorders")
    for side, width in (("top", "8"), ("bottom", "8"), ("insideH", "2")):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", width), ("space", "0"), ("color", "7F7F7F")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        properties.append(borders)
    else:
        layout.addprevious(borders)  # the schema wants borders before the layout
