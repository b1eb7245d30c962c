"""An empty Word file for wide tables: landscape, with the styles of matrices, without author and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.shared import Mm

from nsi.documents import matrix_word_xml as xml

if TYPE_CHECKING:
    from docx.document import Document as WordFile

MARGIN, FOOT = 15, 8  # mm
# Parts of the library's empty file that no text here needs.
UNUSED = (RELATIONSHIP_TYPE.THUMBNAIL, "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
          RELATIONSHIP_TYPE.CUSTOM_XML, RELATIONSHIP_TYPE.NUMBERING)  # fmt: skip


def empty_landscape(title: str, stamp: str, size: float) -> WordFile:
    """Make an empty file.

    Parameters
    ----------
    title : str
        What the file is called in its properties.
    stamp : str
        Stands at the head of every page.
    size : float
        Of text in cells, points.

    Returns
    -------
    Document
        Landscape A4. What the library's empty file brings along is dropped, and its styles are those of matrices.
    """
    document = Document()
    for holder in (document.part.rels, document.part.package.rels):
        for key in [key for key, link in holder.items() if link.reltype in UNUSED]:
            holder.pop(key)
    styles = document.styles.element
    for child in list(styles):
        styles.remove(child)
    for style in xml.styles(size):
        styles.append(parse_xml(style))
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    section.header_distance = section.footer_distance = Mm(FOOT)
    section.header.paragraphs[0].text = stamp
    about = document.core_properties
    about.title, about.author, about.comments, about.last_modified_by = title[:255], "", "", ""
    return document
