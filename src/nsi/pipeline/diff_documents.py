"""What changed in a document: lines of a text, paragraphs of a Word file, cells of a workbook."""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree

from nsi.pipeline.diff_values import counted

OFFICE = (".docx", ".xlsx")
LARGEST_PART = 64 * 2**20  # bytes unpacked; a larger one is compared as bytes
MOST_LINES = 20_000  # of both sides together; beyond it, matching lines takes minutes
REMOVED, ADDED = "-", "+"
Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PartChange:
    """One part of a document that differs.

    Attributes
    ----------
    part : str
        Sheet of a workbook, or part of the file; ``""`` for a text, which has one.
    told : str
        What became of it.
    lines : tuple of (str, str)
        ``"-"`` or ``"+"``, and the line, paragraph, or cell with its place.
    """

    part: str
    told: str
    lines: Lines = ()


def compare_documents(name: str, old: bytes, new: bytes) -> list[PartChange]:
    """Compare two documents of one name.

    Returns
    -------
    list of PartChange
        Empty where nothing differs but how the file is packed.
    """
    if PurePosixPath(name).suffix.lower() in OFFICE:
        before, now = _parts(old), _parts(new)
        if before and now:
            return list(_office_changes(before, now))
    texts = [_text(data) for data in (old, new)]
    if texts[0] is None or texts[1] is None:
        return [] if old == new else [PartChange("", f"other bytes: {len(old):,} before, {len(new):,} now")]
    return _line_changes("", texts[0].splitlines(), texts[1].splitlines())


def _text(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _parts(data: bytes) -> dict[str, bytes]:
    """Read the parts of an Office file; empty where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {
                member.filename: archive.read(member) if member.file_size <= LARGEST_PART else f"{member.CRC}".encode()
                for member in archive.infolist()
                if not member.is_dir()
            }
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        return {}


def _office_changes(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[PartChange]:
    texts = [_sheets(parts) or _paragraphs(parts) for parts in (before, now)]
    told = False
    for part in sorted({*texts[0], *texts[1]}):
        for change in _text_part_changes(part, texts[0].get(part), texts[1].get(part)):
            told = True
            yield change
    other = [part for part in sorted({*before, *now}) if before.get(part) != now.get(part)]
    if other and not told:
        yield PartChange("", f"the words are the same; other layout or settings in {', '.join(other)}")


def _text_part_changes(part: str, old: list[str] | None, new: list[str] | None) -> list[PartChange]:
    if old is None or new is None:
        lines = new if old is None else old
        mark, told = (ADDED, "is new") if old is None else (REMOVED, "is gone")
        return [PartChange(part, told, tuple((mark, line) for line in lines or ()))]
    if part.startswith(SHEET):
        return _cell_changes(part, old, new)
    return _line_changes(part, old, new)


def _line_changes(part: str, old: Sequence[str], new: Sequence[str]) -> list[PartChange]:
    if list(old) == list(new):
        return []
    if len(old) + len(new) > MOST_LINES:
        return [PartChange(part, f"too long to match line by line: {len(old):,} lines before, {len(new):,} now")]
    lines: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            lines += [(REMOVED, line) for line in old[a:b]] + [(ADDED, line) for line in new[c:d]]
    return [PartChange(part, _lines_told(lines), tuple(lines))]


def _lines_told(lines: Sequence[tuple[str, str]]) -> str:
    gone = sum(mark == REMOVED for mark, _ in lines)
    return f"{counted(gone, 'line')} gone, {len(lines) - gone:,} new"


# --- Word

PARAGRAPH, TEXT_RUN = "}p", ("}t", "}delText")
WORDS_IN = re.compile(r"word/(document|comments|footnotes|endnotes|header\d*|footer\d*)\.xml")


def _paragraphs(parts: Mapping[str, bytes]) -> dict[str, list[str]]:
    found = {}
    for name, data in parts.items():
        if WORDS_IN.fullmatch(name) and (root := _xml(data)) is not None:
            paragraphs = [element for element in root.iter() if element.tag.endswith(PARAGRAPH)]
            lines = ["".join(run.text or "" for run in p.iter() if run.tag.endswith(TEXT_RUN)) for p in paragraphs]
            found[PurePosixPath(name).stem] = [line for line in lines if line]
    return found


def _xml(data: bytes) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None


# --- Excel

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
SHEET = "sheet "


def _sheets(parts: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Give each sheet's filled cells as ``A1: text``, and the notes on cells; empty where it is no workbook."""
    book, links = (_xml(parts.get(name, b"")) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    if book is None or links is None:
        return {}
    targets = {link.get("Id"): link.get("Target", "").lstrip("/").removeprefix("xl/") for link in links}
    shared_root = _xml(parts.get("xl/sharedStrings.xml", b""))
    shared = [] if shared_root is None else [_words(entry) for entry in shared_root.iter(f"{MAIN}si")]
    found = {}
    for sheet in book.iter(f"{MAIN}sheet"):
        root = _xml(parts.get(f"xl/{targets.get(sheet.get(RELATED), '')}", b""))
        cells = [] if root is None else list(root.iter(f"{MAIN}c"))
        told = [(cell.get("r", ""), _shown(cell, shared)) for cell in cells]
        found[SHEET + sheet.get("name", "")] = [f"{place}: {text}" for place, text in told if text]
    for name, data in parts.items():
        if re.search(r"comments?\d*\.xml$", name) and (root := _xml(data)) is not None:
            notes = [f"{note.get('ref', '')}: {_words(note)}" for note in root.iter(f"{MAIN}comment")]
            found[f"{SHEET}notes in {PurePosixPath(name).stem}"] = notes
    return found


def _words(element: ElementTree.Element) -> str:
    return "".join(run.text or "" for run in element.iter(f"{MAIN}t"))


def _shown(cell: ElementTree.Element, shared: Sequence[str]) -> str:
    value = cell.findtext(f"{MAIN}v") or ""
    if cell.get("t") == "s" and value.isdigit() and int(value) < len(shared):
        return shared[int(value)]
    formula = cell.findtext(f"{MAIN}f")
    return f"={formula}" if formula else value or _words(cell)


def _cell_changes(part: str, old: Sequence[str], new: Sequence[str]) -> list[PartChange]:
    before, now = (dict(line.split(": ", 1) for line in lines) for lines in (old, new))
    places = [place for place in {**before, **now} if before.get(place) != now.get(place)]
    lines: list[tuple[str, str]] = []
    for place in places:
        lines += [(REMOVED, f"{place}: {before[place]}")] if place in before else []
        lines += [(ADDED, f"{place}: {now[place]}")] if place in now else []
    return [PartChange(part, f"{counted(len(places), 'cell')} changed", tuple(lines))] if places else []
