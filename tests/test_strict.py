"""Declarations are read strictly: what is misspelt, doubled or of another kind stops, with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from study_folder import told

from nsi.errors import listed, shown
from nsi.strict import checked, choice, csv_rows, entry, kind, named, read_yaml, text, texts


def declared(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "study.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_mapping_comes_back_as_it_stands(tmp_path: Path) -> None:
    content = "title: 'Río'\nempty: {}\nnumber: 007\nquoted: '007'\nflag: no\n"
    expected = {"title": "Río", "empty": {}, "number": 7, "quoted": "007", "flag": False}
    assert read_yaml(declared(tmp_path, content)) == expected
    assert read_yaml(declared(tmp_path, b"\xef\xbb\xbf" + content.encode())) == expected
    assert read_yaml(declared(tmp_path, content.replace("\n", "\r\n"))) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\na: 2\n", "study.yml row 2: the key 'a' stands twice; remove one of them"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", "study.yml row 4: the key 'b' stands twice; remove one of them"),
        (
            "a: [1\n",
            "study.yml row 2: not valid YAML (did not find expected ',' or ']'); check indentation, colons, quotes",
        ),
        ("- a\n", "study.yml: must hold keys and values such as 'title: ...', but found a list (['a'])"),
        ("", "study.yml: must hold keys and values such as 'title: ...', but found nothing"),
        (b"a: \xfc\n", "study.yml is not UTF-8 text; save it as UTF-8"),
        (
            "a: 1\nb: 2021-02-30\n",
            "study.yml row 2: the value of 'b' cannot be read (day is out of range for month); put it in quotes",
        ),
        (
            "[a, b]: 1\n",
            "study.yml row 1: a key must be a single text, but found a list or a mapping; put it in quotes",
        ),
    ],
)
def test_yaml_that_cannot_be_trusted_is_named_with_its_row(tmp_path: Path, content: str | bytes, message: str) -> None:
    said = told(lambda: read_yaml(declared(tmp_path, content)))
    if "day is out of range" in message:  # Python 3.13 says more about the day
        assert said.startswith("study.yml row 2: the value of 'b' cannot be read (day ")
        assert said.endswith("; put it in quotes")
    else:
        assert said == message


def test_a_missing_or_unreadable_declaration_is_named_without_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    assert told(lambda: read_yaml(folder / "study.yml")) == (
        "study.yml is missing from other/; a study is declared in that file"
    )
    assert told(lambda: read_yaml(folder)) == (
        "other cannot be read (Is a directory); mend the file or its permissions"
    )


def test_a_key_may_override_the_mapping_that_it_is_merged_with(tmp_path: Path) -> None:
    content = "base: &base {a: 1, b: 2}\nown:\n  <<: *base\n  b: 3\n"
    assert read_yaml(declared(tmp_path, content))["own"] == {"a": 1, "b": 3}


def test_an_unknown_key_gets_the_nearest_known_one() -> None:
    keys = {"required": ("file",), "optional": ("encoding",)}
    message = told(lambda: checked({"file": 1, "encodng": 2}, "raw.x", **keys))
    assert message == "raw.x: unknown key 'encodng'; did you mean 'encoding'? allowed are file, encoding"
    message = told(lambda: checked({"file": 1, 7: 2}, "raw.x", **keys))
    assert message == "raw.x: unknown key '7'; allowed are file, encoding"
    assert told(lambda: checked({}, "raw.x", **keys)) == "raw.x: 'file' is missing; add it"
    assert told(lambda: checked(None, "raw.x", **keys)) == "raw.x must hold keys and values, but found nothing"
    assert checked({"file": 1}, "raw.x", **keys) == {"file": 1}


def test_text_that_yaml_took_for_something_else_asks_for_quotes(tmp_path: Path) -> None:
    loaded = read_yaml(declared(tmp_path, "a: 007\nb: no\nc: 2021-03-04\nd:\ne: 1.5\n"))
    said = [told(lambda value=value: text(value, "x")) for value in loaded.values()]
    assert said == [
        "x must be text, but found a number (7); put it in quotes",
        "x must be text, but found a yes/no value (False); put it in quotes",
        "x must be text, but found a date (2021-03-04); put it in quotes",
        "x must be text, but found nothing; put it in quotes",
        "x must be text, but found a number (1.5); put it in quotes",
    ]


def test_lists_names_and_choices_are_checked_item_by_item() -> None:
    assert texts("a", "x") == ["a"]
    assert texts(["a", "b"], "x") == ["a", "b"]
    assert told(lambda: texts(["a", 2], "x")) == "x, item 2 must be text, but found a number (2); put it in quotes"
    assert told(lambda: texts([], "x")) == "x must be a list of texts, but found a list ([])"
    assert named({"a": 1}, "x") == {"a": 1}
    assert told(lambda: named({2022: 1}, "x")) == (
        "x, the name 2022 must be text, but found a number (2022); put it in quotes"
    )
    assert told(lambda: named(5, "x")) == "x must hold keys and values, but found a number (5)"
    assert choice("first", "x", ("stop", "first")) == "first"
    assert told(lambda: choice("fist", "x", ("stop", "first"))) == "x is 'fist', but allowed are stop, first"
    assert told(lambda: choice(["stop"], "x", ("stop", "first"))) == "x is ['stop'], but allowed are stop, first"
    assert len(kind("a" * 500)) == 80


def test_a_long_list_of_offenders_says_how_many_more_there_are() -> None:
    assert listed([12, 40, 41]) == "12, 40, 41"
    assert listed([1, 2, 3, 4, 5]) == "1, 2, 3, 4, 5"
    assert listed([1, 2, 3, 4, 5, 6, 7]) == "1, 2, 3, 4, 5 and 2 more"


def test_a_cell_in_a_message_is_short_and_shows_what_cannot_be_seen() -> None:
    assert shown("hub") == "'hub'"
    assert shown("Bío-Bío") == "'Bío-Bío'"
    assert shown("hub\u200b") == r"'hub\u200b'"
    assert shown("two\nlines") == r"'two\nlines'"
    assert shown("x" * 500) == "'" + "x" * 39 + "…'"


def test_a_small_csv_keeps_row_numbers_and_leaves_empty_rows_out(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_bytes('\ufeffa,b\r\n\r\n 1 ,"two\r\nlines"\r\n,\r\n"x,y",2\r\n'.encode())
    assert csv_rows(path, ("a", "b")) == [(3, ["1", "two\nlines"]), (5, ["x,y", "2"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a;b\n1;2\n", "small.csv row 1: the columns must be a, b, but found a;b"),
        (b"", "small.csv row 1: the columns must be a, b, but found nothing"),
        (b"a,b\n1,2\n1,2,3\n", "small.csv row 3: 3 cells, but the header has 2; quote text that has commas"),
        (b"a,b\n1,\xfc\n", "small.csv is not UTF-8 text; save it as 'CSV UTF-8'"),
        (
            b'a,b\n1,"2\n3,4\n',
            "small.csv: unexpected end of data; look for a quote that is opened and never closed",
        ),
    ],
)
def test_a_small_csv_that_would_lose_rows_stops(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "small.csv"
    path.write_bytes(content)
    assert told(lambda: csv_rows(path, ("a", "b"))) == message


def test_an_entry_that_is_lacking_is_named_with_what_is_there() -> None:
    assert entry({"nominal": [1]}, "nominal", "study.yml settings.x") == [1]
    assert told(lambda: entry({"nominal": [1]}, "ordinal", "study.yml settings.x")) == (
        "study.yml settings.x: 'ordinal' is missing; add it. There is nominal"
    )
    assert told(lambda: entry(["a"], "ordinal", "study.yml settings.x")).endswith("There is a list (['a'])")
