"""Pieces of WordprocessingML as text, and the styles that matrices in Word use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FONT = "Times New Roman"
BREAKS = re.compile("([\\n\\t])")
QUIET, LINK = "404040", "1F3A5F"
# Shading by state: in grey print from dark to light in this order, and never the only sign of a state.
SHADING = {"strong": "A9C9DF", "mixed": "F2D7A0", "thin": "E3EDF5", "absent": "FFFFFF", "not_looked": "F2F2F2",
           "value": "FFFFFF"}  # fmt: skip
BAND, HEAD = "D9D9D9", "EDEDED"


def runs(text: str, properties: str = "") -> str:
    """Write a text as runs: line ends as breaks, tabs as tabs, all else as it is."""
    inside = [
        "<w:br/>" if piece == "\n" else "<w:tab/>" if piece == "\t" else
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>'
        for piece in BREAKS.split(text) if piece
    ]  # fmt: skip
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{''.join(inside)}</w:r>"


def paragraph(style: str, *content: str, properties: str = "") -> str:
    """Write a paragraph of some style around runs, links and bookmarks."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{"".join(content)}</w:p>'


def lines(style: str, text: str) -> str:
    """Write a text as paragraphs, one per line of it."""
    return "".join(paragraph(style, runs(line)) for line in text.split("\n"))


def link(anchor: str, text: str) -> str:
    """Write a link to a bookmark of the same document."""
    return f'<w:hyperlink w:anchor="{anchor}" w:history="1">{runs(text, _run_style("Hyperlink"))}</w:hyperlink>'


def marked(number: int, name: str, content: str) -> str:
    """Put a bookmark around runs."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{content}<w:bookmarkEnd w:id="{number}"/>'


def commented(number: int, content: str) -> str:
    """Tie a comment to some runs."""
    mark = f'<w:r><w:rPr>{_run_style("CommentReference")}</w:rPr><w:commentReference w:id="{number}"/></w:r>'
    return f'<w:commentRangeStart w:id="{number}"/>{content}<w:commentRangeEnd w:id="{number}"/>{mark}'


def cell(width: int, content: str, *, shading: str = "", span: int = 1, merge: str = "") -> str:
    """Write a cell of a table, its width in twentieths of a point; `content` ends in a paragraph."""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    filled = f'<w:shd w:val="clear" w:color="auto" w:fill="{shading}"/>' if shading else ""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{spanned}{merge}{filled}'
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def table_row(cells: Iterable[str], *, header: bool = False, whole: bool = True) -> str:
    """Write a row of a table; a header is repeated on every page, a whole row is never broken over two."""
    properties = f"{'<w:cantSplit/>' if whole else ''}{'<w:tblHeader/>' if header else ''}"
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{''.join(cells)}</w:tr>"


def table(widths: list[int], rows: Iterable[str], *, title: str = "", description: str = "") -> str:
    """Write a table with lines around its cells, with a title and a description for those who cannot see it."""
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="7F7F7F"/>'
        for side, size in (("top", 8), ("left", 2), ("bottom", 8), ("right", 2), ("insideH", 2), ("insideV", 2))
    )
    margins = "".join(f'<w:{side} w:w="60" w:type="dxa"/>' for side in ("left", "right"))
    told = "".join(f"<w:{name} w:val={quoteattr(' '.join(text.split()))}/>"
                   for name, text in (("tblCaption", title), ("tblDescription", description)) if text)  # fmt: skip
    properties = (
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f'<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" '
        f'w:noVBand="0"/>{told}'
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def part(name: str, content: str) -> str:
    """Write an element that holds others, with the namespace that they need."""
    return f'<w:{name} xmlns:w="{NAMESPACE}">{content}</w:{name}>'


def styles(size: float) -> list[str]:
    """Write the styles, texts in the matrix being of some size in points."""
    return [
        part("docDefaults", f"<w:rPrDefault><w:rPr>{_font()}{_size(10)}</w:rPr></w:rPrDefault>"),
        _style("Normal", "Normal", "", _font() + _size(10), default=True),
        _style("DefaultParagraphFont", "Default Paragraph Font", kind="character", default=True),
        _style("TableNormal", "Normal Table", kind="table", default=True),
        _style("NoList", "No List", kind="numbering", default=True),
        _style("Heading1", "heading 1", _spaced(0, 120, level=0), f"<w:b/>{_size(14)}"),
        _style("Heading2", "heading 2", _spaced(240, 60, level=1), f"<w:b/>{_size(11)}"),
        _style("Heading3", "heading 3", _spaced(160, 20, level=2), f"<w:b/>{_size(10)}"),
        _style("Caption", "caption", _spaced(120, 80), f"<w:b/>{_size(10)}"),
        _style("Header", "header", _right(), f'<w:b/>{_size(10)}'),
        _style("Footer", "footer", _right(), _size(8)),
        _style("Hyperlink", "Hyperlink", "", f'<w:color w:val="{LINK}"/><w:u w:val="single"/>', kind="character"),
        _style("CommentText", "annotation text", "", _size(9)),
        _style("CommentReference", "annotation reference", "", _size(7), kind="character"),
        _style("MatrixHead", "Matrix head", "", f"<w:b/>{_size(size)}"),
        _style("MatrixShown", "Matrix shown", "", f"<w:b/>{_size(size)}"),
        _style("MatrixGiven", "Matrix given", "", f'<w:color w:val="{QUIET}"/>{_size(size - 1)}'),
        _style("MatrixSummary", "Matrix summary", _between(20, 20), _size(size)),
        _style("MatrixNote", "Matrix note", _between(40, 40), _size(9)),
        _style("MatrixSegment", "Matrix segment", _spaced(80, 0), f'<w:color w:val="{QUIET}"/>{_size(8.5)}'),
        _style("MatrixQuote", "Matrix quote", '<w:ind w:left="284"/>', _size(9.5)),
    ]  # fmt: skip


def _style(name: str, called: str, paragraph_part: str = "", run_part: str = "", *, kind: str = "paragraph",
           default: bool = False) -> str:  # fmt: skip
    first = ' w:default="1"' if default else ' w:customStyle="1"' if name.startswith("Matrix") else ""
    based = '<w:basedOn w:val="Normal"/>' if kind == "paragraph" and not default else ""
    inside = f'<w:name w:val="{called}"/>{based}<w:qFormat/>'
    inside += f"<w:pPr>{paragraph_part}</w:pPr>" if paragraph_part else ""
    inside += f"<w:rPr>{run_part}</w:rPr>" if run_part else ""
    return f'<w:style xmlns:w="{NAMESPACE}" w:type="{kind}"{first} w:styleId="{name}">{inside}</w:style>'


def _font() -> str:
    return f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'


def _size(points: float) -> str:
    return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'


def _between(before: int, after: int) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}"/>'


def _spaced(before: int, after: int, level: int | None = None) -> str:
    outline = "" if level is None else f'<w:outlineLvl w:val="{level}"/>'
    return f"<w:keepNext/>{_between(before, after)}{outline}"


def _right() -> str:
    return '<w:jc w:val="right"/>'


def _run_style(name: str) -> str:
    return f'<w:rStyle w:val="{name}"/>'
