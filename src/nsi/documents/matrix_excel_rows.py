"""Many rows of text in a workbook: written as XML by hand, since a library that makes an object of each cell is slow.

The library makes the workbook with headers, styles and layout; here rows are put into its sheets.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter

from nsi.documents import workbook
from nsi.documents.zip_bytes import FIXED
from nsi.errors import StudyError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LIKE_FORMULA = tuple("=+-@\t")
MOST_LINKS = 65_000  # Excel takes 65,530 in a sheet
DIMENSION = re.compile(rb'<dimension ref="[^"]*"\s*/>')
PLAIN = Font(name=workbook.FONT, size=11)
LINKED = Font(name=workbook.FONT, size=11, color="1F3A5F", underline="single")
BATCH = 2_000


@dataclass(frozen=True)
class Look:
    """How the cells of a column look: the number of their style, and of the one for text that begins like a formula."""

    plain: int
    like_formula: int


@dataclass
class Rows:
    """Rows that go into a sheet below its header.

    Attributes
    ----------
    sheet : Worksheet
        With its header, widths and layout.
    looks : sequence of Look
        One per column.
    lines : list of sequence of str
        Texts that a cell can hold: see `nsi.documents.workbook.pieces`.
    links : list of (str, str)
        Cells, and the places in this workbook that they lead to.
    tall : bool
        Whether to make rows as high as their text.
    """

    sheet: Worksheet
    looks: Sequence[Look]
    lines: list[Sequence[str]]
    links: list[tuple[str, str]] = field(default_factory=list)
    tall: bool = True


def look(sheet: Worksheet, *, fill: PatternFill | None = None, link: bool = False, answer: bool = False) -> Look:
    """Make a look for cells of a workbook: wrapped text at the top of a bordered cell."""
    return Look(*(_style(sheet, fill, link, answer, quoted) for quoted in (False, True)))


def _style(sheet: Worksheet, fill: PatternFill | None, link: bool, answer: bool, quoted: bool) -> int:
    cell = Cell(sheet, 1, 1)  # never put into the sheet: it only makes its style known to the workbook
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = LINKED if link else PLAIN
    cell.border = workbook.BORDER
    cell.quotePrefix = quoted
    if fill is not None:
        cell.fill = fill
    if answer:
        cell.protection = Protection(locked=False)
    return cell.style_id


def with_rows(data: bytes, filled: Sequence[Rows], order: Sequence[Worksheet]) -> bytes:
    """Put rows into the sheets of a workbook.

    Parameters
    ----------
    data : bytes
        The workbook with headers only, as `nsi.documents.workbook.workbook_bytes` gives it.
    filled : sequence of Rows
        What goes into which sheet.
    order : sequence of Worksheet
        All sheets, in the order of the workbook.

    Returns
    -------
    bytes
        The whole workbook; equal input gives equal bytes.

    Raises
    ------
    StudyError
        If a sheet would have more rows than a sheet can have.
    """
    parts = {f"xl/worksheets/sheet{order.index(rows.sheet) + 1}.xml": rows for rows in filled}
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, FIXED)
            member.external_attr, member.create_system = 0o600 << 16, 3
            content = source.read(name)
            with archive.open(member, "w") as stream:
                for piece in _with_rows(content, parts[name]) if name in parts else [content]:
                    stream.write(piece)
    return target.getvalue()


def _with_rows(content: bytes, rows: Rows) -> Iterator[bytes]:
    first = rows.sheet.max_row + 1
    if first + len(rows.lines) > workbook.LAST_ROW:
        raise StudyError(f"{len(rows.lines):,} rows are more than a sheet of Excel has ({workbook.LAST_ROW:,}); make "
                         "matrices of fewer rows or columns")  # fmt: skip
    extent = f'<dimension ref="A1:{get_column_letter(len(rows.looks))}{max(1, first + len(rows.lines) - 1)}"/>'
    head, tail = DIMENSION.sub(extent.encode(), content).split(b"</sheetData>")
    yield head
    yield from _rows_xml(rows, first)
    before, after = tail.split(b"<pageMargins", 1)
    links = "".join(f'<hyperlink ref="{cell}" location="{escape(place)}"/>' for cell, place in rows.links)
    wrapped = f"<hyperlinks>{links}</hyperlinks>" if links else ""
    yield b"</sheetData>" + before + wrapped.encode() + b"<pageMargins" + after


def _rows_xml(rows: Rows, first: int) -> Iterator[bytes]:
    letters = [get_column_letter(number + 1) for number in range(len(rows.looks))]
    columns = [rows.sheet.column_dimensions[letter] for letter in letters]
    widths = [math.inf if column.hidden else column.width / 1.1 for column in columns]
    for start in range(0, len(rows.lines), BATCH):
        batch = []
        for number, line in enumerate(rows.lines[start : start + BATCH], start=first + start):
            height = f' ht="{_height(line, widths)}" customHeight="1"' if rows.tall else ""
            cells = "".join(_cell_xml(f"{letter}{number}", text, look)
                            for letter, text, look in zip(letters, line, rows.looks, strict=True))  # fmt: skip
            batch.append(f'<row r="{number}"{height}>{cells}</row>')
        yield "".join(batch).encode()


def _cell_xml(place: str, text: str, look: Look) -> str:
    if not text:
        return f'<c r="{place}" s="{look.plain}"/>'
    style = look.like_formula if text.startswith(LIKE_FORMULA) else look.plain
    if "_x" in text:
        text = workbook.LOOKS_ESCAPED.sub("_x005F_", text)
    if "&" in text or "<" in text or ">" in text:
        text = escape(text)
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _height(line: Iterable[str], widths: Sequence[float]) -> float:
    """Points that the longest wrapped text of a row needs, up to a limit; all of a text stays in its cell."""
    most = 1
    for text, width in zip(line, widths, strict=True):
        if len(text) > width or "\n" in text:
            most = max(most, sum(1 + int(len(part) // width) for part in text.split("\n")))
    return workbook.LINE * min(most, workbook.TALLEST)
