"""Sheets of an Excel workbook: text that stays text, nothing cut, headers that stay in view, drop-downs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties

from nsi.documents.zip_bytes import same_bytes, visible

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_TEXT = 32_767  # what a cell of Excel holds, in UTF-16 units; openpyxl cuts the rest without a word
LAST_ROW = 1_048_576
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # _x0041_ is how OOXML writes A
FONT = "Calibri"
LINE = 15.0  # points; height of a line of 11 point text
TALLEST = 20  # lines; a longer cell is all there, but would fill the screen

HEAD = PatternFill("solid", fgColor="1F3A5F")
GIVEN = PatternFill("solid", fgColor="F2F2F2")
ANSWER = PatternFill("solid", fgColor="FFF9E5")
HALF_FILLED = PatternFill("solid", bgColor="F4B183")
THIN = Side(style="thin", color="BFBFBF")
_LOOKS: WeakKeyDictionary[Workbook, dict[object, StyleArray]] = WeakKeyDictionary()  # styles known to each workbook
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


def put(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, fill: PatternFill | None = None,
        colour: str = "000000", border: bool = False) -> Cell:  # fmt: skip
    """Write a text into a cell as text, whatever it begins with.

    Parameters
    ----------
    sheet : Worksheet
        Where to.
    row, column : int
        Counted from 1.
    text : str
        At most 32,767 UTF-16 units, or the cell would be cut: see `pieces`.
    bold, fill, colour, border
        How it looks.

    Returns
    -------
    Cell
        Locked, wrapped, aligned to the top.
    """
    cell = cast("Cell", sheet.cell(row, column))  # the other kind lies within merged cells, which no sheet here has
    shown = visible(text)
    if shown:
        cell.value = LOOKS_ESCAPED.sub("_x005F_", shown)
        cell.data_type = "s"  # openpyxl makes a formula of what begins with an equals sign
        cell.quotePrefix = shown[0] in "=+-@"  # so that it stays text when somebody edits the cell
    # A style is looked up part by part, each time by a hash of all that it says: far slower than copying one.
    looks = _LOOKS.setdefault(cast("Workbook", sheet.parent), {})
    look = (bold, colour, border, cell.quotePrefix, fill and (fill.fill_type, fill.fgColor.rgb, fill.bgColor.rgb))
    if look in looks:
        cell._style = copy(looks[look])  # type: ignore[attr-defined]  # the stubs leave it out
        return cell
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(name=FONT, size=11, bold=bold, color=colour)
    if fill is not None:
        cell.fill = fill
    if border:
        cell.border = BORDER
    looks[look] = copy(cell._style)  # type: ignore[attr-defined]
    return cell


def put_header(sheet: Worksheet, row: int, names: Sequence[str]) -> None:
    """Write the names of columns: bold and light on dark, so that they also stand out on paper."""
    for column, name in enumerate(names, start=1):
        put(sheet, row, column, name, bold=True, fill=HEAD, colour="FFFFFF", border=True)


def put_rows(sheet: Worksheet, row: int, names: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write a header and rows of text below it, with borders; return the row after the last.

    Set the widths first: row heights follow from them.
    """
    put_header(sheet, row, names)
    for line in lines:
        row += 1
        for column, text in enumerate(line, start=1):
            put(sheet, row, column, text, border=True)
        fit_height(sheet, row, dict(enumerate(line, start=1)))
    return row + 1


def cell_text(cell: object) -> str:
    """Text of a value for a cell; nothing where it is missing."""
    return cell if isinstance(cell, str) else "" if pd.isna(cell) else str(cell)  # type: ignore[call-overload]


def pieces(text: str, longest: int = LONGEST_TEXT) -> list[str]:
    """Cut a text into parts that a cell can hold, at a blank where there is one nearby.

    Parameters
    ----------
    text : str
        Any text, as `visible` gives it.
    longest : int
        UTF-16 units that a part may have; at least 2.

    Returns
    -------
    list of str
        Joined they are the text; one empty part for an empty text.
    """
    parts = []
    while units(text) > longest:
        end = longest
        while units(text[:end]) > longest:
            end -= (units(text[:end]) - longest + 1) // 2
        blank = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end)) + 1
        end = blank if blank > end * 3 // 4 else end
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text]


def first_and_rest(text: str, hint: str) -> tuple[str, list[str]]:
    """Return what a cell can hold of a text, ending in a hint where more follows, and the parts that follow."""
    whole = visible(text)
    if units(whole) <= LONGEST_TEXT:
        return whole, []
    first, *rest = pieces(whole, LONGEST_TEXT - len(hint))
    return first + hint, rest


def units(text: str) -> int:
    """Length of a text as Excel counts it: a character beyond U+FFFF counts twice, an escape in full."""
    return len(LOOKS_ESCAPED.sub("_x005F_", text).encode("utf-16-le", "surrogatepass")) // 2


def lay_out(sheet: Worksheet, widths: Sequence[float], *, frozen: str | None = None, header_row: int = 1) -> None:
    """Set widths, keep the header in view, and make the sheet print in full width with its header on every page."""
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    if frozen is not None:
        sheet.freeze_panes = frozen
        sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = HeaderFooterItem()
    footer.center.text = "&A, page &P of &N"
    sheet.HeaderFooter.oddFooter = footer


def fit_height(sheet: Worksheet, row: int, texts: Mapping[int, str]) -> None:
    """Make a row high enough for its wrapped texts by column, up to a limit; all of a text stays in the cell."""
    lines = 1
    for column, text in texts.items():
        width = sheet.column_dimensions[get_column_letter(column)].width
        # 1.1: a proportional font wraps at words, so a line holds fewer characters than the width says.
        lines = max(lines, sum(1 + int(len(part) * 1.1 // width) for part in text[:LONGEST_TEXT].split("\n")))
    sheet.row_dimensions[row].height = LINE * min(lines, TALLEST)


def choose_from(sheet: Worksheet, cells: str, source: str, *, title: str, told: str) -> None:
    """Offer a drop-down in some cells, filled from a range of another sheet, and refuse anything else."""
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showDropDown=False)
    _add(sheet, rule, cells, title, told)


def ask_for_date(sheet: Worksheet, cells: str, *, title: str, told: str) -> None:
    """Let some cells take only a date."""
    rule = DataValidation(type="date", operator="greaterThan", formula1="DATE(1990,1,1)", allow_blank=True)
    _add(sheet, rule, cells, title, told)


def ask_for_text(sheet: Worksheet, cells: str, longest: int, *, title: str, told: str) -> None:
    """Let some cells take only a short text."""
    rule = DataValidation(type="textLength", operator="between", formula1="1", formula2=str(longest), allow_blank=True)
    _add(sheet, rule, cells, title, told)


def mark_where(sheet: Worksheet, cells: str, condition: str) -> None:
    """Colour the cells of rows for which a condition holds, written for the first of the rows."""
    look = DifferentialStyle(fill=HALF_FILLED)
    sheet.conditional_formatting.add(cells, Rule(type="expression", formula=[condition], dxf=look))


def answerable(cell: Cell) -> None:
    """Let a cell of a protected sheet be filled in."""
    cell.protection = Protection(locked=False)


def protect(sheet: Worksheet) -> None:
    """Protect a sheet against accidents, without a password: rows and columns can still be sized and filtered."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "autoFilter"):
        setattr(sheet.protection, allowed, False)  # False: not forbidden


def workbook_bytes(book: Workbook, title: str) -> bytes:
    """Save a workbook as bytes that depend on its content only."""
    book.properties.title = visible(title)
    book.properties.creator = ""
    target = io.BytesIO()
    book.save(target)
    return same_bytes(target.getvalue())


def _add(sheet: Worksheet, rule: DataValidation, cells: str, title: str, told: str) -> None:
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorStyle = "stop"
    rule.errorTitle = rule.promptTitle = title[:32]  # Excel repairs, which is to say drops, a longer one
    rule.error = rule.prompt = told[:255]
    rule.add(cells)
    sheet.add_data_validation(rule)
