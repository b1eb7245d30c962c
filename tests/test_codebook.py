"""The codebook: fields, levels and codes in order, and every mistake in it named with its row."""

from __future__ import annotations

from pathlib import Path

import pytest
from study_folder import CODES, told

from nsi.codebook import Codebook, read_codebook

HEADER = "field,field_label,level,code,label,definition"
ROOT = Path(__file__).resolve().parents[1]


def codebook(tmp_path: Path, content: str | bytes) -> Codebook:
    path = tmp_path / "codes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_codebook(path)


def test_fields_and_codes_keep_the_order_of_the_rows(tmp_path: Path) -> None:
    found = codebook(tmp_path, CODES)
    assert list(found) == ["use", "grade", "place"]
    assert found["use"].values == ["plan", "check", "none"]
    assert found["use"].labels == {"plan": "Plan", "check": "Check", "none": "None"}
    assert (found["grade"].label, found["grade"].level) == ("Grade", "ordinal")
    assert found["grade"].numbers == [1.0, 2.0, 3.0]


def test_codes_are_text_and_none_of_them_is_taken_for_missing(tmp_path: Path) -> None:
    words = ["007", "NA", "None", "nan", "1e5", "TRUE", "-1", "null"]
    rows = "\n".join(f"f,F,nominal,{word},{word},A word" for word in words)
    found = codebook(tmp_path, f"{HEADER}\n{rows}\n")
    assert found["f"].values == words
    assert list(found["f"].labels) == words


def test_a_field_or_code_without_a_label_is_called_by_its_name(tmp_path: Path) -> None:
    found = codebook(tmp_path, f"{HEADER}\nf,,nominal,a,,\nf,,nominal,b,Bee,\n")
    assert found["f"].label == "f"
    assert found["f"].labels == {"a": "a", "b": "Bee"}


def test_interleaved_fields_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    rows = ["f,F,nominal,a,A,x", "g,G,nominal,a,A,x", "f,F,nominal,b,B,x"]
    found = codebook(tmp_path, ("\ufeff" + "\r\n".join([HEADER, *rows, "", ""])).encode())
    assert {name: field.values for name, field in found.items()} == {"f": ["a", "b"], "g": ["a"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            f"{HEADER}\nf,F,nominal,a,A,x\n\nf,F,nominal,a,Again,y\n",
            "codes.csv row 4: code 'a' of field 'f' stands twice; remove one of the two rows",
        ),
        (
            f"{HEADER}\nf,F,nominal,a,A,x\nf,F,nominal, a ,Again,y\n",
            "codes.csv row 3: code 'a' of field 'f' stands twice; remove one of the two rows",
        ),
        (
            f"{HEADER}\nf,F,nominal,a,A,x\nf,F,ordinal,b,B,y\n",
            "codes.csv row 3: field 'f' is 'F' (ordinal) here, but 'F' (nominal) in an earlier row; "
            "give each field one label and one level",
        ),
        (
            f"{HEADER}\nf,F,categorical,a,A,x\n",
            "codes.csv row 2: level of field 'f' is 'categorical', but the levels are nominal, ordinal, "
            "interval, ratio",
        ),
        (
            f"{HEADER}\nf,F,nominal,,A,x\n",
            "codes.csv row 2: field and code must both be filled; found field 'f' and code ''",
        ),
        (
            f"{HEADER}\nf,F,nominal,a,A,x,y\n",
            "codes.csv row 2: 7 cells, but the header has 6; quote text that has commas",
        ),
        (f"{HEADER}\n", "codes.csv: the codebook has no codes; give each coded field at least one row"),
        (
            "field,level,code\nf,nominal,a\n",
            f"codes.csv row 1: the columns must be {HEADER.replace(',', ', ')}, but found field, level, code",
        ),
        (
            f'{HEADER}\nf,F,nominal,a,A,"never closed\nf,F,nominal,b,B,x\n',
            "codes.csv: unexpected end of data; look for a quote that is opened and never closed",
        ),
        (
            f"{HEADER}\nf,F,nominal,a,\xdc,x\n".encode("cp1252"),
            "codes.csv is not UTF-8 text; save it as 'CSV UTF-8'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_row(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert told(lambda: codebook(tmp_path, content)) == message


def test_a_missing_codebook_and_an_unknown_field_are_named(tmp_path: Path) -> None:
    assert told(lambda: read_codebook(tmp_path / "codes.csv")) == (
        "codes.csv: the codebook is missing from the study's folder; study.yml names it"
    )
    found = codebook(tmp_path, CODES)
    assert told(lambda: found["usage"]) == (
        "codes.csv has no field 'usage'; it has use, grade, place. Add the field's codes there, or correct the name"
    )
    assert "usage" not in found


def test_codes_that_are_words_have_no_numbers(tmp_path: Path) -> None:
    found = codebook(tmp_path, f"{HEADER}\nf,F,interval,1,One,x\nf,F,interval,two,Two,x\n")
    assert told(lambda: found["f"].numbers) == (
        "field 'f' is interval, so each of its codes must be a number, but the codebook has 1, two; "
        "declare it nominal or ordinal, or recode"
    )


@pytest.mark.parametrize("study", ["study", "examples/gti"])
def test_the_codebooks_of_the_project_can_be_read(study: str) -> None:
    found = read_codebook(ROOT / study / "codes.csv")
    assert all(field.values for field in found.values())
    assert all(code.definition for field in found.values() for code in field.codes)
