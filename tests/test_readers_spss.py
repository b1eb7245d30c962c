"""SPSS files become text: what was stored stays, labels and questions stand beside it, damage is told."""

from __future__ import annotations

import datetime
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.readers.exports import Export, read_export
from nsi.synthetic.export_forms import ExportColumn, spss_sav

HAVEN = Path(__file__).resolve().parents[2] / "shared" / "data" / "formats" / "spss" / "haven"
needs_haven = pytest.mark.skipif(not HAVEN.exists(), reason="the shared format samples are not beside this checkout")
END = struct.pack("<2i", 999, 0)


def read(data: bytes, **declared: str) -> Export:
    return read_export(data, file="x.sav", form="spss", **declared)


def by_library(frame: pd.DataFrame, folder: Path, **options: Any) -> bytes:
    """A file as another program writes it."""
    path = folder / "other.sav"
    pyreadstat.write_sav(frame, path, **options)
    return path.read_bytes()


def small(*rows: str) -> bytes:
    return spss_sav([ExportColumn("Q1", "How?", labels={"1": "no"}, kind="number")], [[row] for row in rows])


# --- real files

# What R's haven 2.5 says of its own test files: tests/testthat/test-read-sav.R at b2b170ed.
HAVEN_SAYS: list[tuple[str, dict[str, list[str]], dict[str, dict[str, str]], dict[str, str]]] = [
    ("variable-label.sav", {"sex": ["1"]}, {"sex": {"1": "female"}}, {"sex": "Gender"}),
    ("labelled-num.sav", {"VAR00002": ["1"]}, {"VAR00002": {"1": "This is one"}}, {}),
    # 9 is declared missing, and stays
    ("labelled-num-na.sav", {"VAR00002": ["1", "9"]}, {"VAR00002": {"1": "This is one"}},
     {"VAR00002": "Only one value"}),
    ("labelled-str.sav", {"gender": ["M", "F"]}, {"gender": {"F": "Female", "M": "Male"}}, {}),
    ("umlauts.sav", {"var1": ["1", "2", "1", "3"]},
     {"var1": {"1": "the ä umlaut", "2": "the ü umlaut", "3": "the ö umlaut"}}, {"var1": "This is an ä-umlaut"}),
    # The second column holds a moment far outside the calendar, which stays the number that it is.
    ("datetime.sav", {"date": ["2014-09-22", "2014-09-23"], "date.posix": ["6306150067200", "2014-09-23 15:59:20"],
                      "time": ["12:11:10.09", "15:59:20.01"]}, {}, {}),
]  # fmt: skip


@needs_haven
@pytest.mark.parametrize(("name", "cells", "labels", "questions"), HAVEN_SAYS)
def test_files_of_haven_are_read_as_haven_reads_them(
    name: str, cells: dict[str, list[str]], labels: dict[str, dict[str, str]], questions: dict[str, str]
) -> None:
    export = read_export((HAVEN / name).read_bytes(), file=name, form="spss")
    assert export.frame.to_dict("list") == cells
    assert export.labels == labels
    assert export.questions == questions
    assert list(export.frame.index) == list(range(1, len(export.frame) + 1))
    assert export.frame.index.name == "row"


@needs_haven
@pytest.mark.parametrize("name", sorted(path.name for path in HAVEN.glob("*.dta")))
def test_a_stata_file_is_named_as_one(name: str) -> None:
    message = told(lambda: read_export((HAVEN / name).read_bytes(), file=name, form="spss"))
    assert message == (f"{name} is a Stata file (.dta); open it in its program and save it as an SPSS .sav file")


# --- files of another writer

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    ["", "ü" * 130, "x" * 700]
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-200, 400).map(float) | st.just(float("nan"))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(NUMBERS, TEXTS, NUMBERS), min_size=1, max_size=12),
    packing=st.sampled_from(["compress", "row_compress", "none"]),
)
def test_a_file_of_another_writer_is_read_cell_by_cell(
    rows: list[tuple[float, str, float]], packing: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = pd.DataFrame(rows, columns=["first", "told", "last"])
    options = {} if packing == "none" else {packing: True}
    data = by_library(frame, tmp_path_factory.getbasetemp(), **options)
    found = read(data).frame
    assert found["told"].tolist() == [text.rstrip(" ") for text in frame["told"]]
    for name in ("first", "last"):
        assert [float(cell or "nan") for cell in found[name]] == pytest.approx(frame[name].tolist(), rel=0, nan_ok=True)
        assert not any(cell.endswith(".0") for cell in found[name])


@pytest.mark.parametrize("packing", [{}, {"row_compress": True}, {"compress": True}])
def test_labels_questions_dates_and_missing_codes_of_another_writer_are_read(
    packing: dict[str, bool], tmp_path: Path
) -> None:
    moment = datetime.datetime(2021, 4, 12, 9, 13, 22)
    frame = pd.DataFrame({
        "How": [4.0, 99.0, 2.5, float("nan")], "Word": ["a", "longer than eight", "", "b"],
        "At": [moment, moment.replace(hour=0, minute=0, second=0), pd.NaT, moment],
        "On": [moment.date(), None, moment.date(), moment.date()],
    })  # fmt: skip
    data = by_library(
        frame, tmp_path, column_labels={"How": "How, if at all?"}, missing_ranges={"How": [{"lo": 90, "hi": 99}]},
        variable_value_labels={"How": {4.0: "Four", 99.0: "Refused"}, "Word": {"longer than eight": "Long"}}, **packing,
    )  # fmt: skip
    export = read(data)
    assert export.frame["How"].tolist() == ["4", "99", "2.5", ""]
    assert export.frame["Word"].tolist() == ["a", "longer than eight", "", "b"]
    assert export.frame["At"].tolist() == ["2021-04-12 09:13:22", "2021-04-12 00:00:00", "", "2021-04-12 09:13:22"]
    assert export.frame["On"].tolist() == ["2021-04-12", "", "2021-04-12", "2021-04-12"]
    assert export.labels == {"How": {"4": "Four", "99": "Refused"}, "Word": {"longer than eight": "Long"}}
    assert export.questions == {"How": "How, if at all?"}


def test_a_code_in_a_variable_of_dates_stays_a_number() -> None:
    column = ExportColumn("On", "When?", labels={"100000000": "Never"}, kind="date")
    data = spss_sav([column], [["2021-04-12"], ["1999-12-31"]])
    first = (datetime.date(2021, 4, 12) - datetime.date(1582, 10, 14)).days * 86_400.0
    data = data.replace(struct.pack("<d", first), struct.pack("<d", 1e8))
    assert read(data).frame["On"].tolist() == ["100000000", "1999-12-31"]


def test_a_character_that_spss_cut_in_two_at_the_end_of_a_field_can_be_seen() -> None:
    data = spss_sav([ExportColumn("said")], [["abcdefgü"]])
    cut = data.replace("abcdefgü".encode()[:8] + "ü".encode()[1:].ljust(8), b"abcdefg\xc3" + b" " * 8)
    assert told(lambda: read(cut)) == (
        "x.sav row 1: said is not utf-8 text; open the file in SPSS and save it in Unicode mode, or declare an "
        "encoding such as cp1252 if the file names none"
    )  # the field is nine bytes wide: here nothing was cut by its width, the file is damaged
    full = spss_sav([ExportColumn("said")], [["abcdefgx"]]).replace(b"abcdefgx", b"abcdefg\xc3")
    assert read(full).frame["said"].tolist() == ["abcdefg\ufffd"]


def test_a_file_that_names_no_encoding_is_read_as_declared() -> None:
    data = spss_sav([ExportColumn("said", "Cómo?")], [["sí"]])
    named = struct.pack("<4i", 7, 20, 1, 5) + b"UTF-8"
    old = data.replace(named, b"").replace(struct.pack("<i", 65001), struct.pack("<i", 2))
    old = old.replace("Cómo?".encode().ljust(8, b"\x00"), "Cómo?".encode("cp1252").ljust(8, b"\x00"))
    old = old.replace(struct.pack("<i", 6) + "Cómo?".encode("cp1252"), struct.pack("<i", 5) + "Cómo?".encode("cp1252"))
    old = old.replace("sí".encode().ljust(8), "sí".encode("cp1252").ljust(8))
    export = read(old, encoding="cp1252")
    assert (export.frame["said"].tolist(), export.questions) == (["sí"], {"said": "Cómo?"})
    assert told(lambda: read(old)) == (
        "x.sav: names or labels of variables are not utf-8 text; open it in SPSS and save it in Unicode mode, or "
        "declare an encoding such as cp1252 if the file names none"
    )


# --- what is refused

WHOLE = small("1", "2.5", "3")
DAMAGE = "x.sav is damaged or cut short: {}; copy it, or export it, again"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.sav is empty; export it again"),
        (b"id,Q1\n1,2\n", "x.sav is no SPSS file; declare the form that it has, or open it in its program and save it "
         "as an SPSS .sav file"),
        (b"ASCII SPSS PORT FILE" + b" " * 500, "x.sav is a portable SPSS file (.por); open it in its program and save "
         "it as an SPSS .sav file"),
        (b"\x1c\x00\x00\x00\x00\x00\x00\x00ENCRYPTEDSAV\x15" + b"\x00" * 50, "x.sav has a password; open it in SPSS "
         "and save it without one"),
        (b"<stata_dta><header>", "x.sav is a Stata file (.dta); open it in its program and save it as an SPSS .sav "
         "file"),
        (WHOLE[:100], DAMAGE.format("it ends at byte 100, within its header")),
        (WHOLE[:200], DAMAGE.format("its dictionary ends at byte 200 in the middle of a record")),
        (WHOLE[:-8], DAMAGE.format("its packed cases end in the middle of a value")),
        (WHOLE[:-3], DAMAGE.format("its packed cases are 13 bytes long, which is no multiple of 8")),
        (WHOLE[:-16], DAMAGE.format("it holds 0 values, but its 3 cases need 3")),
        (WHOLE[:80] + struct.pack("<i", 2) + WHOLE[84:], DAMAGE.format("it holds 3 values, but its 2 cases need 2")),
        (WHOLE[:64] + b"\x07\x07\x07\x07" + WHOLE[68:], DAMAGE.format("its header does not say how its numbers are "
                                                                      "written")),
        (WHOLE[:84] + struct.pack("<d", 99) + WHOLE[92:], DAMAGE.format("its header says impossible things")),
        (WHOLE.replace(END, struct.pack("<2i", 998, 0)), DAMAGE.format("its dictionary has an unknown record at byte "
                                                                       "382")),
        (WHOLE[:80] + struct.pack("<i", -1) + WHOLE[84:], "x.sav does not say how many cases it has, so that nobody "
         "could see whether it was cut short; open it in SPSS and save it again"),
        (small(), "x.sav has 1 variables, but no cases; export it again"),
        (WHOLE.replace(b"UTF-8", b"UTF-9"), "x.sav: its texts are in the encoding 'UTF-9', which is unknown; open it "
         "in SPSS and save it in Unicode mode, or declare an encoding such as cp1252 if it names none"),
        (WHOLE.replace(struct.pack("<d", 2.5), struct.pack("<d", float("inf"))), "x.sav row 2: 'Q1' holds no possible "
         "number, so the file is damaged; copy it, or export it, again"),
        (WHOLE.replace(struct.pack("<3i", 4, 1, 1), struct.pack("<3i", 4, 1, 2)), DAMAGE.format("labels are for a "
         "variable at place 2, but none begins there")),
    ],
)  # fmt: skip
def test_a_file_that_is_locked_damaged_cut_or_of_another_kind_is_refused(data: bytes, message: str) -> None:
    assert told(lambda: read(data)) == message


def test_two_variables_of_one_name_are_refused() -> None:
    data = spss_sav([ExportColumn("Q1"), ExportColumn("Q2")], [["a", "b"]]).replace(b"V2=Q2", b"V2=Q1")
    assert told(lambda: read(data)) == "x.sav: two variables have the name 'Q1'; rename one of them in SPSS"


def test_a_file_without_compression_that_is_cut_is_refused(tmp_path: Path) -> None:
    data = by_library(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), tmp_path)
    assert told(lambda: read(data[:-16])) == DAMAGE.format("its cases take 16 bytes, but 2 cases take 32")
    assert told(lambda: read(data + bytes(16))) == DAMAGE.format("its cases take 48 bytes, but 2 cases take 32")


def test_a_zlib_compressed_file_that_is_cut_or_swells_is_refused(tmp_path: Path) -> None:
    data = by_library(pd.DataFrame({"a": [1.5, 2.5]}), tmp_path, compress=True)
    assert told(lambda: read(data[:-8])) == DAMAGE.format(
        "its end is missing, or its packed cases are not where it says"
    )
    start = data.index(END) + 8
    _, trailer, _ = struct.unpack_from("<3q", data, start)
    packed = zlib.compress(bytes(2**22))
    entry = struct.pack("<2q2i", start, start + 24, 24, len(packed))
    there = struct.pack("<3q", start, start + 24 + len(packed), 48)
    bomb = data[:start] + there + packed + data[trailer : trailer + 24] + entry
    assert told(lambda: read(bomb)) == DAMAGE.format("its packed block 1 is cut short, or holds more than it says")


def test_no_cut_of_a_file_is_ever_read() -> None:
    data = spss_sav([ExportColumn("a", kind="number"), ExportColumn("b")], [["1", "x"], ["2.5", ""], ["", "yes"]])
    assert len(read(data).frame) == 3
    for length in range(1, len(data)):
        assert told(lambda cut=data[:length]: read(cut)).startswith("x.sav ")


def test_cells_agree_with_those_of_another_reader() -> None:
    columns = [ExportColumn("n", kind="number"), ExportColumn("t"), ExportColumn("d", kind="datetime")]
    rows = [["4", "a" * 300, "2021-04-12 09:13:22"], ["-0.125", "ü ß", ""], ["", "", "1999-12-31 23:59:59"]]
    data = spss_sav(columns, rows)
    other, _ = pyreadstat.read_sav(io.BytesIO(data), user_missing=True)
    found = read(data).frame
    assert found["t"].tolist() == other["t"].tolist()
    assert [float(cell or "nan") for cell in found["n"]] == pytest.approx(other["n"].tolist(), nan_ok=True)
    assert found["d"].tolist() == ["" if pd.isna(moment) else str(moment) for moment in other["d"]]
