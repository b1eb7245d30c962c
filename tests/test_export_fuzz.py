"""A thousand damaged or changed exports: each is read as what it now says, or refused with a place and a remedy."""

from __future__ import annotations

import datetime
import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl

from nsi.errors import StudyError
from nsi.readers.exports import read_export
from nsi.synthetic.export_forms import ExportColumn, excel_xlsx, qualtrics_csv, spss_sav

REMEDY = re.compile(
    r"[;,] (\w+ )*(export|save|declare|repair|look|name|rename|copy|open|mend|quote|unmerge|correct|keep|restore|"
    r"remove|empty|unpack)\b"
)
Table = tuple[list[str], list[list[str]]]  # names of columns, rows

COLUMNS = [
    ExportColumn("ResponseId", "Response ID", "_recordId"),
    ExportColumn("StartDate", "Start\nDate", "startDate", kind="datetime"),
    ExportColumn("Q1", "How much, if at all?", "QID1", {"1": "Not", "5": "Much", "-99": "Refused"}, ("-99",), "number"),
    ExportColumn("Q2_1", 'So "often"', "QID2_1", {"1": "Never"}, (), "number"),
    ExportColumn("Q3", "In your words", "QID3_TEXT"),
]
WORDS = ["", "Ja, schön", 'He said "no"', "two\nlines", "=1+1", "NA", "007", "Bío-Bío; ñ", "x" * 70, "-"]


def answers(rng: random.Random) -> list[list[str]]:
    """Rows of one small export; at least six."""
    return [
        [
            f"R_{number:03d}",
            f"2021-0{rng.randint(1, 9)}-1{rng.randint(0, 9)} 0{rng.randint(0, 9)}:15:0{rng.randint(0, 9)}",
            rng.choice(["1", "2", "5", "", "-99"]),
            rng.choice(["1", "2.5", "", "300"]),
            rng.choice(WORDS),
        ]
        for number in range(rng.randint(6, 12))
    ]


def outcome(data: bytes, file: str, form: str, **declared: str) -> Table | str:
    """What is read, or the words of the refusal; any other error ends the test."""
    try:
        frame = read_export(data, file=file, form=form, **declared).frame
    except StudyError as error:
        return str(error)
    assert not frame.isna().to_numpy().any()
    assert frame.index.is_unique
    return list(frame.columns), frame.to_numpy().tolist()


def judge(found: Table | str, expected: Table | None, file: str, told: str) -> bool:
    """Whether the file was read; that it was read right, or refused by name and with a remedy, is asserted."""
    if isinstance(found, str):
        assert found.startswith(file), told
        assert REMEDY.search(found), f"{told}: {found}"
        return False
    assert expected is not None, f"{told}: read, but nothing can be made of it"
    assert found == expected, told
    return True


# --- csv: what a file says, told by a parser that knows nothing of the one under test


def naive_records(text: str) -> list[list[str]]:
    """Split csv character by character."""
    rows, cells, cell, state = list[list[str]](), list[str](), "", "start"
    at = 0
    while at < len(text):
        mark = text[at]
        if state == "quoted":
            if mark != '"':
                cell += mark
            elif text[at + 1 : at + 2] == '"':
                cell, at = cell + '"', at + 1
            else:
                state = "closed"
        elif mark in ",\r\n":
            cells, cell, state = [*cells, cell], "", "start"
            if mark != ",":
                at += text[at : at + 2] == "\r\n"
                rows, cells = [*rows, [] if cells == [""] and text[at - 1 : at] in ("", "\n") else cells], []
        elif state == "closed":
            raise ValueError("text after a quoted cell")
        elif mark == '"' and state == "start":
            state = "quoted"
        else:
            cell, state = cell + mark, "plain"
        at += 1
    if state == "quoted":
        raise ValueError("a quote is never closed")
    return [*rows, [*cells, cell]] if cells or cell or state == "closed" else rows


def naive_csv(data: bytes) -> Table | None:
    """Names and rows of a csv export; nothing if it is none."""
    try:
        records = naive_records(data.decode().removeprefix("\ufeff"))
    except ValueError:
        return None
    if len(records) < 3 or "\x00" in data.decode():
        return None
    names = [name.strip() for name in records[0]]
    start = 3 if any('"ImportId"' in cell for cell in records[2]) else 2
    body = [cells or [""] * len(names) for cells in records[start:]]
    if not body or any(len(cells) != len(names) for cells in records[:start] + body):
        return None
    if names[-1] == "" and all(cells[-1] == "" for cells in body):
        names, body = names[:-1], [cells[:-1] for cells in body]
    return None if len(set(names)) < len(names) or not all(names) else (names, body)


def swapped(rng: random.Random, columns: list[ExportColumn], rows: list[list[str]]) -> list[list[str]]:
    """Change two columns for each other, headers too."""
    one, other = rng.sample(range(len(columns)), 2)
    columns[one], columns[other] = columns[other], columns[one]
    for row in rows:
        row[one], row[other] = row[other], row[one]
    return rows


def csv_line_cut(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def csv_line_doubled(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    return b"\n".join([*lines[: place + 1], *lines[place:]])


def csv_cells_swapped(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    cells = lines[place].split(b",")
    rng.shuffle(cells)
    return b"\n".join([*lines[:place], b",".join(cells), *lines[place + 1 :]])


def csv_header_doubled(rng: random.Random, data: bytes) -> bytes:
    return data.replace(b"Q2_1", rng.choice([b"Q1", b"Q3", b"", b" ResponseId "]), 1)


def csv_other_encoding(rng: random.Random, data: bytes) -> bytes:
    return (data.decode() + "R_x,,,,ü\n").encode(rng.choice(["cp1252", "utf-16", "utf-16-le", "utf-32", "latin-1"]))


def inserted(rng: random.Random, data: bytes) -> bytes:
    """Put something where it does not belong."""
    place = rng.randrange(len(data) + 1)
    what = rng.choice(
        [b'"', b'""', b",", b";", b"\r", b"\n\n", b"\x00", b"\xff", b"=SUM(A1)", b'{"ImportId":"x"}', b","]
    )
    return data[:place] + what + data[place:]


def bits_flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut_short(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def huge_cell(rng: random.Random, data: bytes) -> bytes:
    return data + b'R_x,2021-01-10 00:15:00,1,1,"' + b"word, " * rng.choice([20_000, 60_000]) + b'"\n'


def saved_with_semicolons(rng: random.Random, data: bytes) -> bytes:
    return data.replace(b",", b";")


CSV_CHANGES: list[Callable[[random.Random, bytes], bytes]] = [
    csv_line_cut, csv_line_doubled, csv_cells_swapped, csv_header_doubled, csv_other_encoding, inserted, inserted,
    bits_flipped, cut_short, huge_cell, saved_with_semicolons,
]  # fmt: skip


def test_four_hundred_changed_csv_exports_are_read_right_or_refused() -> None:
    n_read = 0
    for seed in range(400):
        rng = random.Random(seed)
        change = CSV_CHANGES[seed % len(CSV_CHANGES)]
        columns = list(COLUMNS)
        rows = swapped(rng, columns, answers(rng)) if rng.random() < 0.3 else answers(rng)
        data = change(rng, qualtrics_csv(columns, rows))
        told = f"seed {seed}, {change.__name__}"
        found = outcome(data, "wave.csv", "qualtrics")
        was_read = judge(found, naive_csv(data), "wave.csv", told)
        if change in (csv_header_doubled, csv_other_encoding, saved_with_semicolons):
            assert not was_read, told
        if change is huge_cell:
            assert was_read, told
        n_read += was_read
    assert 100 < n_read < 300


# --- SPSS: byte by byte, with no library


def naive_sav(data: bytes) -> Table | None:
    """Names and rows of an SPSS file as the writer of these tests makes them; nothing if it is none."""
    try:
        return _naive_sav(data)
    except (struct.error, ValueError, IndexError, OverflowError, LookupError):
        return None


def _naive_sav(data: bytes) -> Table:
    _, packed, _, n_cases = struct.unpack_from("<4i", data, 68)
    at, slots, long_names, encoding = 176, list[tuple[int, str, int]](), dict[str, str](), "utf-8"
    coded: dict[int, set[float]] = {}
    while True:
        (kind,) = struct.unpack_from("<i", data, at)
        at += 4
        if kind == 2:
            width, labelled, missing, written, _ = struct.unpack_from("<5i", data, at)
            name = data[at + 20 : at + 28].decode().rstrip(" \x00") if width >= 0 else ""
            slots.append((width, name, written >> 16 & 255))
            at += 28
            if labelled:
                at += 4 + -(-struct.unpack_from("<i", data, at)[0] // 4) * 4
            values = struct.unpack_from(f"<{abs(missing)}d", data, at)
            coded[len(slots) - 1] = set(values[2:] if missing < 0 else values)
            at += 8 * abs(missing)
        elif kind == 3:
            (count,) = struct.unpack_from("<i", data, at)
            at += 4
            found = []
            for _ in range(count):
                found.append(struct.unpack_from("<d", data, at)[0])
                at += 8 + -(-(data[at + 8] + 1) // 8) * 8
            places = struct.unpack_from(f"<{struct.unpack_from('<i', data, at + 4)[0]}i", data, at + 8)
            for place in places:
                coded[place - 1] = coded.get(place - 1, set()) | set(found)
            at += 8 + 4 * len(places)
        elif kind == 7:
            subtype, size, count = struct.unpack_from("<3i", data, at)
            body = data[at + 12 : at + 12 + size * count]
            at += 12 + size * count
            if subtype == 13:
                long_names = dict(pair.split("=", 1) for pair in body.decode().split("\t") if "=" in pair)
            elif subtype == 20:
                encoding = body.decode()
        elif kind == 999:
            at += 4
            break
        else:
            raise ValueError(kind)
    cells = _naive_unpacked(data[at:]) if packed else [data[at + 8 * n :][:8] for n in range(len(data[at:]) // 8)]
    if len(cells) != n_cases * len(slots) or not cells:
        raise ValueError("another number of values")
    long_names = {short.upper(): name for short, name in long_names.items()}
    names = [long_names.get(short.upper(), short) for width, short, _ in slots if width >= 0]
    rows = []
    for case in range(n_cases):
        row, own = list[str](), cells[case * len(slots) :][: len(slots)]
        for place, (width, _, kind) in enumerate(slots):
            if width == 0:
                row.append(_naive_number(own[place], kind, coded.get(place, set())))
            elif width > 0:
                text = b"".join(part or b" " * 8 for part in own[place : place + -(-width // 8)])
                row.append(text[:width].rstrip(b" \x00").decode(encoding))
        rows.append(row)
    return names, rows


def _naive_unpacked(packed: bytes) -> list[bytes]:
    cells, at = list[bytes](), 0
    while at < len(packed):
        codes, at = packed[at : at + 8], at + 8
        for code in codes:
            if code == 252:
                return cells
            if code == 253:
                cells.append(packed[at : at + 8])
                at += 8
            elif code:
                cells.append(b" " * 8 if code == 254 else struct.pack("<d", -1.7976931348623157e308 if code == 255
                                                                      else code - 100))  # fmt: skip
    if at != len(packed):
        raise ValueError("cut short")
    return cells


def _naive_number(cell: bytes, kind: int, coded: set[float]) -> str:
    (value,) = struct.unpack("<d", cell)
    if value == -1.7976931348623157e308:
        return ""
    if kind in (20, 22, 23, 24, 28, 29, 30, 38, 39, 41) and value not in coded and 86_400 <= value < 265_621_680_000:
        since = datetime.timedelta(milliseconds=round(value * 1000))
        moment = datetime.datetime(1582, 10, 14) + since
        text = moment.isoformat(" ", "milliseconds").removesuffix(".000")
        text = text.rstrip("0") if "." in text else text
        return text.removesuffix(" 00:00:00") if kind not in (22, 41) else text
    if kind in (21, 25, 40) and value not in coded and 0 <= value < 265_621_680_000:
        millis = round(value * 1000)
        text = f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d}"
        return text + (f".{millis % 1000:03d}".rstrip("0") if millis % 1000 else "")
    if abs(value) < 1e16 and value == int(value):
        return str(int(value))
    return repr(value)


def sav_cases_cut(rng: random.Random, data: bytes) -> bytes:
    return data[: -8 * rng.randint(1, 6)]


def sav_cases_added(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice([b"\x65" * 8, b"\xfd" + b"\x00" * 7, data[-16:]])


def sav_other_count(rng: random.Random, data: bytes) -> bytes:
    return data[:80] + struct.pack("<i", rng.choice([-1, 0, 1, 3, 99, 2**31 - 1])) + data[84:]


def sav_dictionary_flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    changed[rng.randrange(68, data.index(struct.pack("<2i", 999, 0)))] ^= 1 << rng.randrange(8)
    return bytes(changed)


SAV_CHANGES = [bits_flipped, sav_dictionary_flipped, sav_dictionary_flipped, cut_short, sav_cases_cut, sav_cases_added,
               sav_other_count]  # fmt: skip


def test_three_hundred_and_fifty_damaged_spss_files_are_read_right_or_refused() -> None:
    n_read = 0
    for seed in range(350):
        rng = random.Random(seed)
        change = SAV_CHANGES[seed % len(SAV_CHANGES)]
        columns = list(COLUMNS)
        rows = swapped(rng, columns, answers(rng)) if rng.random() < 0.3 else answers(rng)
        whole = spss_sav(columns, rows)
        assert naive_sav(whole) == ([column.name for column in columns], rows)
        data = change(rng, whole)
        told = f"seed {seed}, {change.__name__}"
        was_read = judge(outcome(data, "wave.sav", "spss"), naive_sav(data), "wave.sav", told)
        if change in (cut_short, sav_cases_cut, sav_cases_added, sav_other_count):
            assert not was_read, told
        n_read += was_read
    assert 30 < n_read < 150


# --- Excel: what openpyxl, a reader of another make, finds in the same file


def naive_xlsx(data: bytes) -> Table | None:
    """Names and rows of a workbook as openpyxl reads it; nothing if it does not."""
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
        rows = [["" if cell is None else plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception:
        return None
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) < 2:
        return None
    width = max((place for row in rows for place, cell in enumerate(row, start=1) if cell), default=0)
    rows = [row[:width] for row in rows]
    start = 3 if len(rows) > 2 and any("ImportId" in cell for cell in rows[2]) else 1
    start = 2 if start == 1 and "Response ID" in rows[1] else start  # as in the old format
    return ([name.strip() for name in rows[0]], rows[start:]) if len(rows) > start else None


def plain(cell: Any) -> str:
    """A value as text, by other means than the reader's."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, datetime.datetime):
        text = cell.isoformat(" ", "milliseconds").removesuffix(".000")
        return text.rstrip("0") if "." in text else text
    if isinstance(cell, (int, float)):
        return repr(int(cell)) if float(cell).is_integer() and abs(cell) < 1e16 else repr(float(cell))
    return str(cell)


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed, its checksums right."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for member in source.namelist():
            content = source.read(member)
            archive.writestr(zipfile.ZipInfo(member), change(content) if member == name else content)
    return target.getvalue()


def sheet_of(data: bytes) -> bytes:
    """The XML of the one sheet; nothing where it cannot be had."""
    try:
        return zipfile.ZipFile(io.BytesIO(data)).read(SHEET)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError):
        return b""


SHEET = "xl/worksheets/sheet1.xml"


def xlsx_part_flipped(rng: random.Random, data: bytes) -> bytes:
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    return with_part(data, rng.choice([SHEET, SHEET, *names]), lambda content: bits_flipped(rng, content))


def xlsx_sheet_inserted(rng: random.Random, data: bytes) -> bytes:
    return with_part(data, SHEET, lambda content: inserted(rng, content))


def xlsx_row_cut(rng: random.Random, data: bytes) -> bytes:
    def cut(content: bytes) -> bytes:
        rows = content.split(b"<row>")
        del rows[rng.randrange(1, len(rows) - 1)]
        return b"<row>".join(rows)

    return with_part(data, SHEET, cut)


def xlsx_row_doubled(rng: random.Random, data: bytes) -> bytes:
    def double(content: bytes) -> bytes:
        rows = content.split(b"<row>")
        place = rng.randrange(1, len(rows) - 1)
        return b"<row>".join([*rows[: place + 1], *rows[place:]])

    return with_part(data, SHEET, double)


def xlsx_formula(rng: random.Random, data: bytes) -> bytes:
    new = rng.choice([b"<c><f>A1+1</f></c></row>", b'<c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'])
    return with_part(data, SHEET, lambda content: _last_row(content, new))


def _last_row(content: bytes, new: bytes) -> bytes:
    place = content.rindex(b"<row>")
    return content[:place] + b"<row>" + new + content[place:]


def xlsx_merged(rng: random.Random, data: bytes) -> bytes:
    area = rng.choice([b"A1:B1", b"C5:C6", b"A2:E2"])
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="' + area + b'"/></mergeCells>'
    return with_part(data, SHEET, lambda content: content.replace(b"</sheetData>", merged))


def xlsx_header_doubled(rng: random.Random, data: bytes) -> bytes:
    return with_part(data, SHEET, lambda content: content.replace(b">Q2_1<", rng.choice([b">Q1<", b">Q3 <", b"><"]), 1))


def xlsx_huge_cell(rng: random.Random, data: bytes) -> bytes:
    return with_part(
        data, SHEET, lambda content: _last_row(content, b'<c t="str"><v>' + b"word " * 60_000 + b"</v></c></row>")
    )


XLSX_CHANGES = [
    bits_flipped, xlsx_part_flipped, xlsx_part_flipped, xlsx_part_flipped, xlsx_sheet_inserted, xlsx_row_cut,
    xlsx_row_doubled, xlsx_formula, xlsx_merged, xlsx_header_doubled, xlsx_huge_cell, cut_short,
]  # fmt: skip


def test_two_hundred_and_fifty_changed_workbooks_are_read_right_or_refused() -> None:
    n_read = 0
    for seed in range(250):
        rng = random.Random(seed)
        change = XLSX_CHANGES[seed % len(XLSX_CHANGES)]
        columns = list(COLUMNS)
        rows = swapped(rng, columns, answers(rng)) if rng.random() < 0.3 else answers(rng)
        whole = excel_xlsx(columns, rows)
        assert naive_xlsx(whole) == ([column.name for column in columns], rows)
        data = change(rng, whole)
        told = f"seed {seed}, {change.__name__}"
        expected = naive_xlsx(data)
        if expected is None and change in (xlsx_part_flipped, bits_flipped) and sheet_of(data) == sheet_of(whole):
            expected = [column.name for column in columns], rows  # a part is damaged that says nothing about cells
        was_read = judge(outcome(data, "wave.xlsx", "excel"), expected, "wave.xlsx", told)
        if change in (cut_short, xlsx_formula, xlsx_merged, xlsx_header_doubled):
            assert not was_read, told
        if change is xlsx_huge_cell:
            assert was_read, told
        n_read += was_read
    assert 40 < n_read < 150
