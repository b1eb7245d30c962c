"""An Excel workbook opened with care: its sheets, shared texts, and which formats show dates."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from nsi.errors import StudyError
from nsi.readers.archives import Limits, refuse_bomb, unpacked
from nsi.readers.workbook_xml import Attributes, DamagedPart, local, unescaped, walk

LIMITS = Limits("a workbook", "save the sheet alone as a new .xlsx, or export csv", members=2_000)
NUMBER, DATE, MOMENT, CLOCK, ELAPSED = "number", "date", "moment", "clock", "elapsed"
# Quoted and escaped characters, padding, am/pm, and what stands in brackets, unless it is a duration.
SHOWN_AS_IS = re.compile(r'"[^"]*"|\\.|[_*].|[aA][mM]/[pP][mM]|[aA]/[pP]|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
FORMAT_ATTRIBUTES = {
    *("numFmtId", "fontId", "fillId", "borderId", "xfId", "quotePrefix", "pivotButton", "applyNumberFormat"),
    *("applyFont", "applyFill", "applyBorder", "applyAlignment", "applyProtection"),
}


@dataclass(frozen=True)
class Workbook:
    """What all sheets of a workbook share.

    Attributes
    ----------
    data : bytes
        The archive.
    file : str
        The file's name, for messages.
    sheets : dict
        Name of each sheet of cells, in their order, to its part of the archive, which is not unpacked yet.
    strings : list of str
        Texts that cells refer to by number.
    formats : list of str
        What the format of a cell, by number, makes of a number: a number, or a kind of date.
    since_1904 : bool
        Whether days are counted from 1904, as old Macs did.
    """

    data: bytes
    file: str
    sheets: dict[str, zipfile.ZipInfo]
    strings: list[str]
    formats: list[str]
    since_1904: bool


@dataclass(frozen=True)
class Archive:
    """An archive, its parts by name, and the file's name for messages."""

    data: bytes
    members: dict[str, zipfile.ZipInfo]
    file: str

    def walk(
        self,
        part: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Read one part to its end, calling back for each element."""
        for _ in walk(unpacked(self.data, self.members[part]), self.file, start, end, text):
            pass


def opened(data: bytes, file: str) -> Workbook:
    """Open a workbook once its archive is known to be harmless.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.

    Returns
    -------
    Workbook
        Its sheets are not read yet.

    Raises
    ------
    StudyError
        If it is of another kind, locked, a bomb, has macros, or declares entities.
    DamagedPart, zipfile.BadZipFile
        And other errors of reading, if it is damaged.
    """
    if not data:
        raise StudyError(f"{file} is empty; export it again")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise StudyError(f"{file} has a password or is in the old .xls format; save it as .xlsx without a password")
    if not data.startswith(b"PK\x03\x04"):
        raise StudyError(f"{file} is no .xlsx workbook; save it as 'Excel Workbook (.xlsx)', or declare form: "
                         "delimited if it is text")  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as directory:
        refuse_bomb(directory, file, LIMITS)
        names = directory.namelist()
        archive = Archive(data, {member.filename: member for member in directory.infolist()}, file)
    if any("vbaproject" in name.lower() for name in names):
        raise StudyError(f"{file} holds macros; save it as .xlsx, which has none")
    if "_rels/.rels" not in names or len(set(names)) < len(names):
        raise StudyError(f"{file} is no .xlsx workbook, or is damaged; save it as 'Excel Workbook (.xlsx)'")
    main = next((part for kind, part in _related(archive, "").values() if kind == "officeDocument"), "")
    if main.endswith(".bin") or not main:
        raise StudyError(f"{file} is a binary or other workbook; save it as 'Excel Workbook (.xlsx)'")
    sheets, since_1904 = _sheets(archive, main)
    shared = {kind: part for kind, part in _related(archive, main).values()}
    strings, formats = _strings(archive, shared.get("sharedStrings")), _formats(archive, shared.get("styles"))
    return Workbook(data, file, {name: archive.members[part] for name, part in sheets.items()}, strings, formats,
                    since_1904)  # fmt: skip


def _related(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Id of each part that one part refers to: its kind, and where it is."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: Attributes) -> None:
        if local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            where = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], where)

    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels in archive.members:
        archive.walk(rels, start)
    return found


def _sheets(archive: Archive, main: str) -> tuple[dict[str, str], bool]:
    parts, sheets, dates = _related(archive, main), dict[str, str](), []

    def start(tag: str, attributes: Attributes) -> None:
        if local(tag) == "workbookPr":
            dates.append(attributes.get("date1904") in ("1", "true", "on"))
        elif local(tag) == "sheet":
            by_id = next((value for key, value in attributes.items() if " " in key and local(key) == "id"), "")
            kind, part = parts.get(by_id, ("", ""))
            if kind == "worksheet":
                if attributes["name"] in sheets:
                    raise DamagedPart
                sheets[attributes["name"]] = part
            elif not kind:
                raise DamagedPart

    archive.walk(main, start)
    return sheets, any(dates)


def _strings(archive: Archive, part: str | None) -> list[str]:
    strings: list[str] = []
    pieces: list[str] = []
    state = {"text": False, "reading aid": False}

    def start(tag: str, _: Attributes) -> None:
        name = local(tag)
        state["text"] = name == "t" and not state["reading aid"]
        if name == "rPh":  # how Japanese names are pronounced
            state["reading aid"] = True

    def end(tag: str) -> None:
        name = local(tag)
        state["text"] = False
        if name == "rPh":
            state["reading aid"] = False
        elif name == "si":
            strings.append(unescaped("".join(pieces)))
            pieces.clear()

    def text(piece: str) -> None:
        if state["text"]:
            pieces.append(piece)

    if part is not None:
        archive.walk(part, start, end, text)
    return strings


def _formats(archive: Archive, part: str | None) -> list[str]:
    # Here, since it takes an eighth of a second and every notebook that opens a study would pay.
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    formats: list[str] = []
    within = [""]

    def start(tag: str, attributes: Attributes) -> None:
        name = local(tag)
        if name in ("cellXfs", "cellStyleXfs", "dxfs"):
            within[0] = name
        elif name == "numFmt" and within[0] != "dxfs":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name == "xf" and within[0] == "cellXfs":
            if not FORMAT_ATTRIBUTES.issuperset(attributes):
                raise DamagedPart
            formats.append(format_kind(codes.get(int(attributes.get("numFmtId", 0)), "General")))

    if part is not None:
        archive.walk(part, start)
    return formats or [NUMBER]


def format_kind(code: str) -> str:
    """Tell what a format makes of a number, by the letters that are left when all that is shown as it stands is gone.

    Parameters
    ----------
    code : str
        As ``yyyy-mm-dd`` or ``[Red]0.00``; its first section counts.

    Returns
    -------
    str
        number, date, moment, clock or elapsed.
    """
    letters = SHOWN_AS_IS.sub("", code).split(";")[0].lower()
    if re.search(r"\[(h+|m+|s+)\]", letters):
        return ELAPSED
    clock = "h" in letters or "s" in letters
    day = "y" in letters or "d" in letters or ("m" in letters and not clock)  # m is a minute beside hours or seconds
    return NUMBER if not (clock or day) else MOMENT if clock and day else DATE if day else CLOCK
