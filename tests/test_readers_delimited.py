"""Delimited text becomes a frame of text: nothing guessed or lost, every row with its spreadsheet number."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.readers.delimited import read_delimited

CELL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
EDGES = st.sampled_from(
    ["", "NA", "None", "nan", "007", "1e5", '"', '""', ",", ";", "\r", "\n", "\r\n", " ", "\u2028", "\ufeff"]
)


@st.composite
def sheets(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(CELL | EDGES, min_size=width, max_size=width), min_size=1, max_size=6))


@settings(max_examples=150, deadline=None)
@given(rows=sheets(), separator=st.sampled_from([",", ";", "\t"]), plain=st.booleans())
def test_whatever_a_csv_writer_wrote_comes_back_cell_by_cell(
    rows: list[list[str]], separator: str, plain: bool
) -> None:
    header = [f"column {number}" for number in range(len(rows[0]))]
    written = io.StringIO()
    # With "\n" between rows, the writer of Python 3.11 leaves a "\r" unquoted unless it quotes everything.
    if plain:
        writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    else:
        writer = csv.writer(written, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    frame = read_delimited(written.getvalue().encode(), file="x.csv", separator=separator)
    assert frame.to_numpy().tolist() == rows
    assert list(frame.columns) == header
    assert list(frame.index) == list(range(2, len(rows) + 2))


def test_cells_that_look_like_something_else_stay_text() -> None:
    words = ["007", "NA", "None", "1e5", "nan", "", "TRUE", "-0", "1.50", "null", "#N/A", "2021-03-04", " x "]
    lines = "\n".join(["id,word", *(f"a,{word}" for word in words)])
    frame = read_delimited(lines.encode(), file="x.csv")
    assert frame["word"].tolist() == words
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}
    assert not frame.isna().to_numpy().any()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("a,b\nBío-Bío,ñ\n".encode(), "utf-8"),
        ("\ufeffa,b\nBío-Bío,ñ\n".encode(), "utf-8"),
        ("\ufeffa,b\nBío-Bío,ñ\n".encode(), "UTF8"),
        ("a,b\nBío-Bío,ñ\n".encode("cp1252"), "cp1252"),
        ("a,b\nBío-Bío,ñ\n".encode("utf-16"), "utf-16"),
        ("\ufeffa,b\nBío-Bío,ñ\n".encode("utf-16-le"), "utf-16-le"),
        ("a,b\r\nBío-Bío,ñ\r\n".encode(), "utf-8"),
        ("a,b\rBío-Bío,ñ\r".encode(), "utf-8"),
    ],
)
def test_declared_encodings_marks_and_line_ends_give_the_same_frame(data: bytes, encoding: str) -> None:
    frame = read_delimited(data, file="x.csv", encoding=encoding)
    assert list(frame.columns) == ["a", "b"]
    assert frame.to_numpy().tolist() == [["Bío-Bío", "ñ"]]


def test_quotes_line_breaks_and_separators_in_cells_keep_the_row_numbers_of_a_spreadsheet() -> None:
    data = b'id;said\n1;"one; ""two""\nthree"\n\n2;four\n'
    frame = read_delimited(data, file="x.csv", separator=";")
    assert list(frame.loc[2]) == ["1", 'one; "two"\nthree']
    assert list(frame.loc[3]) == ["", ""]
    assert list(frame.loc[4]) == ["2", "four"]


def test_trailing_empty_lines_are_rows_without_content() -> None:
    frame = read_delimited(b"a,b\n1,2\n\n\n", file="x.csv")
    assert frame.to_numpy().tolist() == [["1", "2"], ["", ""], ["", ""]]


def test_blanks_around_column_names_go_and_blanks_within_stay() -> None:
    frame = read_delimited("  first name ,b\u00a0\n1,2\n".encode(), file="x.csv")
    assert list(frame.columns) == ["first name", "b"]


def test_a_cell_as_long_as_a_transcript_is_read_whole() -> None:
    long = "word " * 100_000
    assert read_delimited(f"a,b\n1,{long}\n".encode(), file="x.csv").at[2, "b"] == long


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.csv is empty; the first row must hold the column names"),
        (b" \n\r\n\t", "x.csv is empty; the first row must hold the column names"),
        (b"\xef\xbb\xbf", "x.csv is empty; the first row must hold the column names"),
        (b"\na,b\n1,2\n", "x.csv row 1 is empty, but must hold the column names; remove the rows above them"),
        (b"a,b\n", "x.csv has a header but no rows; export it again"),
        (b"a,b,a\n1,2,3\n", "x.csv row 1: the column 'a' stands twice; rename one of the two"),
        (b"a,,\n1,,\n", "x.csv row 1: columns 2, 3 have no name; name them, or delete them if empty"),
        (
            b"a,b\n1,2\n1,2,3\n1\n",
            "x.csv row 3: 3 cells, but the header has 2 (rows affected: 3, 4); quote cells that hold ',', or "
            "repair the "
            "row",
        ),
        (b"a;b\n1;2\n", "x.csv row 1: one column only, with ';' in its name; declare separator: \";\""),
        (b"a\tb\n1\t2\n", "x.csv row 1: one column only, with 'tab' in its name; declare separator: \"tab\""),
        (b"PK\x03\x04rest", "x.csv is an Excel or zip file, not delimited text; save it as 'CSV UTF-8'"),
        (b"\xd0\xcf\x11\xe0rest", "x.csv is an Excel or zip file, not delimited text; save it as 'CSV "
                                  "UTF-8'"),
        (b"a,b\n1,\x00\n", "x.csv holds NUL characters, so it is not utf-8 text; declare encoding: utf-16, "
                           "perhaps"),
        (
            'a,b\n1,"two\nlines"\n2,ü\n'.encode("cp1252"),
            "x.csv row 3: the byte 0xFC is not utf-8 text; save the file as 'CSV UTF-8', or declare its "
            "encoding in "
            "study.yml, for example encoding: cp1252",
        ),
        (
            "a,b\n1,2\n".encode("utf-16-le").join([b"\xff\xfe", b""]),
            "x.csv row 1: the byte 0xFF is not utf-8 text; save the file as 'CSV UTF-8', or declare its "
            "encoding in "
            "study.yml, for example encoding: utf-16",
        ),
        (
            b'a,b\n1,2\n3,"four\n5,6\n',
            "x.csv row 3: unexpected end of data; look for a quote that is opened and never closed, or that "
            "stands "
            "inside a cell without being doubled",
        ),
        (
            b'a,b\n1,"two" three\n',
            "x.csv row 2: ',' expected after '\"'; look for a quote that is opened and never closed, or that "
            "stands "
            "inside a cell without being doubled",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_surely_is_named_with_its_row(data: bytes, message: str) -> None:
    assert told(lambda: read_delimited(data, file="x.csv")) == message


def test_an_unknown_encoding_is_named() -> None:
    message = "x.csv: unknown encoding 'utf-99'; use utf-8, cp1252 or utf-16"
    assert told(lambda: read_delimited(b"a\n1\n", file="x.csv", encoding="utf-99")) == message


def test_utf_16_text_cut_in_half_is_named() -> None:
    message = told(lambda: read_delimited("a,b\n1,2\n".encode("utf-16")[:-1], file="x.csv", encoding="utf-16"))
    assert message.startswith("x.csv row 2: the byte 0x0A is not utf-16 text; save the file as 'CSV UTF-8'")
