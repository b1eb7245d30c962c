"""A look-alike export as an Excel workbook, streamed, with equal bytes on every run."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape

from nsi.errors import StudyError, shown
from nsi.synthetic.export_column import (
    ExportColumn,
    check_columns,
    import_id_text,
    moment_of,
    number_of,
    refuse_width,
)

FIXED = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip archive can hold
LONGEST, LAST_ROW = 32_767, 1_048_576  # UTF-16 units in a cell, and rows of a sheet
FIRST_DAY = datetime.datetime(1899, 12, 30)
# What XML cannot hold, or would change on the way, and what looks like the way in which that is written.
ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
STYLES = {"number": 0, "text": 0, "datetime": 1, "date": 2}
BLOCK = 2_000  # rows written at a time
MOST_BYTES = 2_000_000_000  # beyond, zipfile would need a larger format, in which its releases write different bytes

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OOXML, OFFICE = "http://schemas.openxmlformats.org", "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATION = f"{OOXML}/officeDocument/2006/relationships"
PACKAGE = f"{OOXML}/package/2006"
MAIN = f'xmlns="{OOXML}/spreadsheetml/2006/main"'
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{OFFICE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{OFFICE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{OFFICE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATION}"><sheets>'
    '<sheet name="Sheet0" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATION}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet {MAIN}><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" xfId="0"/>'
    '<xf numFmtId="164" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def excel_xlsx(columns: Sequence[ExportColumn], rows: Iterable[Sequence[str]]) -> bytes:
    """Write an Excel workbook of one sheet.

    Numbers are stored as numbers, dates as dates, and text as text, whatever it begins with. Nothing is
    compressed, since what zlib makes of equal bytes differs between its builds; a cell's place follows from its
    order, as the format allows.

    Parameters
    ----------
    columns : sequence of ExportColumn
        If one has an import_id there are three header rows, as Qualtrics writes them, otherwise one.
    rows : iterable of sequence of str
        One cell per column; ``""`` leaves a cell empty.

    Returns
    -------
    bytes
        The .xlsx file.

    Raises
    ------
    StudyError
        If a row has another width, a cell is not of its column's kind, or it is more than Excel allows.
    """
    check_columns(columns)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in PARTS.items():
            archive.writestr(_member(name), (HEAD + content).encode())
        with archive.open(_member("xl/worksheets/sheet1.xml"), "w") as sheet:
            _write_sheet(sheet, columns, rows)
    return target.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, FIXED)
    member.external_attr = 0o600 << 16
    member.create_system = 3  # Python writes 0 on Windows
    return member


def _write_sheet(sheet: IO[bytes], columns: Sequence[ExportColumn], rows: Iterable[Sequence[str]]) -> None:
    headers = [[column.name for column in columns]]
    if any(column.import_id for column in columns):
        headers += [[column.question for column in columns], [import_id_text(column) for column in columns]]
    lines = [f"{HEAD}<worksheet {MAIN}><sheetData>"]
    for header in headers:
        lines.append("<row>" + "".join(map(_text, header)) + "</row>")
    writers, n_bytes = [_writer(column) for column in columns], 0
    for number, row in enumerate(rows, start=1):
        refuse_width(row, columns, number)
        if number + len(headers) > LAST_ROW:
            raise StudyError(f"a sheet of Excel holds {LAST_ROW:,} rows; write this export in another form")
        cells = [write(cell) if cell else "<c/>" for write, cell in zip(writers, row, strict=True)]
        lines.append("<row>" + "".join(cells) + "</row>")
        if len(lines) > BLOCK:
            n_bytes += sheet.write("".join(lines).encode())
            lines.clear()
            if n_bytes > MOST_BYTES:
                raise StudyError(f"a sheet of more than {MOST_BYTES:,} bytes cannot be written; use another form")
    sheet.write(("".join(lines) + "</sheetData></worksheet>").encode())


def _writer(column: ExportColumn) -> Callable[[str], str]:
    """Return what writes a cell of a column; numbers and short texts, of which there are few, are kept."""
    known: dict[str, str] = {}
    style = STYLES[column.kind]

    def write(cell: str) -> str:
        if cell not in known:
            if len(known) > 10_000:
                known.clear()
            known[cell] = fresh(cell)
        return known[cell]

    def fresh(cell: str) -> str:
        if column.kind == "text":
            return _text(cell)
        if column.kind == "number":
            number_of(cell, column.name)
            return f"<c><v>{cell}</v></c>"
        since = moment_of(cell, column) - FIRST_DAY
        serial = since.days + since.seconds / 86_400
        return f'<c s="{style}"><v>{serial!r}</v></c>'

    return write


def _text(cell: str) -> str:
    if len(cell) > LONGEST // 2 and len(cell.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST:
        raise StudyError(f"a cell of Excel holds {LONGEST:,} characters; {shown(cell)} is longer, shorten it")
    plain = ESCAPED.sub(lambda found: f"_x{ord(found.group()):04X}_", cell)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>' if cell else "<c/>"
