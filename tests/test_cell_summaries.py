"""Summaries of cells: joined, marked where outdated, merged from an edited file without any loss."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.documents.matrix_issued import text_print
from nsi.errors import StudyError
from nsi.methods.cell_summaries import fingerprint, merge, with_summaries

KEY = ["matrix", "row", "column"]


def cells() -> pd.DataFrame:
    grid = [(row, column) for row in "AB" for column in "xy"]
    return pd.DataFrame(grid, columns=["row", "column"]).assign(
        state=["strong", "absent", "thin", "value"], n_segments=[3, 0, 1, 0], shown="s"
    )


def evidence(**coded: str) -> pd.DataFrame:
    rows = [(name[0], name[1], pd.Timestamp(day) if day else pd.NaT) for name, day in coded.items()]
    return pd.DataFrame(rows, columns=["row", "column", "coded_on"])


def texts(*rows: tuple[str, str, str], matrix: str = "m", on: str = "2031-05-17") -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["row", "column", "text"], dtype="str")
    return frame.assign(matrix=matrix, who="R. W.", written_on=on)[[*KEY, "text", "who", "written_on"]]


# --- joined


def test_a_text_stands_in_its_cell_with_who_wrote_it_and_when():
    joined = with_summaries(cells(), evidence(Ax="2031-01-01"), texts(("A", "x", "They agree.")), matrix="m").cells
    first = joined.iloc[0]
    assert (first["summary"], first["summary_by"], str(first["summary_on"].date())) == ("They agree.", "R. W.", "2031-05-17")
    assert joined["summary"].isna().tolist() == [False, True, True, True]
    assert joined["shown"].tolist() == ["s"] * 4


@pytest.mark.parametrize(
    ("coded", "stale"),
    [("2031-05-16", False), ("2031-05-17", False), ("2031-05-17 23:59", False), ("2031-05-18", True), ("", False)],
)
def test_a_text_is_stale_where_something_was_coded_on_a_later_day(coded, stale):
    beneath = pd.concat([evidence(Ax="2030-01-01"), evidence(Ax=coded), evidence(Ay="2040-01-01")])
    joined = with_summaries(cells(), beneath, texts(("A", "x", "t")), matrix="m").cells
    assert joined["stale"].tolist() == [stale, False, False, False]


def test_texts_of_rows_and_columns_that_are_gone_are_listed_not_dropped():
    found = with_summaries(cells(), evidence(), texts(("A", "x", "t"), ("C", "x", "u"), ("C", "z", "v")), matrix="m")
    assert found.orphans[["row", "text", "why"]].to_numpy().tolist() == [
        ["C", "u", "the matrix has no row 'C'"], ["C", "v", "the matrix has no row 'C' and the matrix has no column 'z'"],
    ]  # fmt: skip


def test_cells_without_a_text_are_holes_unless_they_show_a_plain_value():
    found = with_summaries(cells(), evidence(), texts(("A", "x", "t"), ("B", "x", "  \n")), matrix="m")
    assert found.holes[["row", "column", "shown"]].to_numpy().tolist() == [
        ["A", "y", "no summary yet"], ["B", "x", "no summary yet"],
    ]  # fmt: skip


def test_texts_of_other_matrices_are_passed_over():
    found = with_summaries(cells(), evidence(), texts(("A", "x", "t"), ("Q", "q", "t"), matrix="other"), matrix="m")
    assert found.cells["summary"].isna().all()
    assert found.orphans.empty


def test_a_matrix_without_any_text_is_all_holes():
    found = with_summaries(cells(), evidence(), texts(), matrix="m")
    assert len(found.holes) == 3
    assert not found.cells["stale"].any()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"who": ""}, "texts of cells: who is missing for matrix 'm', row 'A', column 'x'; fill it in"),
        ({"written_on": None}, "texts of cells: written_on is missing for matrix 'm', row 'A', column 'x'"),
        ({"written_on": "May"}, "written_on of matrix 'm', row 'A', column 'x' is 'May'; write it as 2031-05-17"),
        ({"row": None}, "matrix, row or column is missing in row 1; fill it in"),
    ],
)
def test_a_text_must_say_whose_it_is_when_and_where(changes, told):
    with pytest.raises(StudyError, match=re.escape(told)):
        with_summaries(cells(), evidence(), texts(("A", "x", "t")).assign(**changes), matrix="m")


def test_two_texts_for_a_cell_are_refused_without_telling_them():
    with pytest.raises(StudyError, match="two texts for matrix 'm', row 'A', column 'x'; keep one, or join them") as no:
        with_summaries(cells(), evidence(), texts(("A", "x", "secret"), ("A", "x", "other")), matrix="m")
    assert "secret" not in str(no.value)


# --- merged


def outcome(now: str, issued: str | None, back: list[str] | None) -> tuple[str, str, str]:
    """Where a cell ends up, why, and what its text then is."""
    empty = texts()
    merged = merge(
        texts(("A", "x", now)) if now else empty,
        empty if issued is None else texts(("A", "x", issued)),
        empty if back is None else texts(*(("A", "x", text) for text in back)), who="E. D.", on="2031-06-01",
    )  # fmt: skip
    parts = {"applied": merged.applied, "conflicts": merged.conflicts, "unchanged": merged.unchanged}
    (kind,) = [name for name, frame in parts.items() if len(frame)]
    why = "" if kind == "applied" else parts[kind]["why"].iloc[0]
    return kind, why, "".join(merged.texts["text"])


@pytest.mark.parametrize(
    ("now", "issued", "back", "expected"),
    [
        ("a", "a", ["b"], ("applied", "", "b")),
        ("", "", ["b"], ("applied", "", "b")),
        ("a", "a", ["a"], ("unchanged", "not edited", "a")),
        ("a", "a", [" a \r\n"], ("unchanged", "not edited", "a")),
        ("c", "a", ["a"], ("unchanged", "not edited", "c")),
        ("b", "a", ["b"], ("unchanged", "as it stands", "b")),
        ("", "", ["no summary yet"], ("unchanged", "not edited", "")),
        ("", "", None, ("unchanged", "no text", "")),
        ("c", "a", ["b"], ("conflicts", "the text was changed since the document was issued", "c")),
        ("", "a", ["b"], ("conflicts", "the text was changed since the document was issued", "")),
        ("a", "a", [""], ("conflicts", "the text was emptied; take it out of the file of texts if that is meant", "a")),
        ("a", "a", None, ("conflicts", "the cell did not come back; its text stays", "a")),
        ("a", "a", ["a", "b"], ("conflicts", "the cell came back with different texts", "a")),
        ("", None, ["b"], ("conflicts", "the document was issued without this cell", "")),
        ("b", None, ["b"], ("unchanged", "as it stands", "b")),
    ],
)
def test_three_way(now, issued, back, expected):
    assert outcome(now, issued, back) == expected


def test_an_edit_says_what_stood_before_who_edited_and_when():
    one = texts(("A", "x", "old"))
    merged = merge(one, one, texts(("A", "x", "new")), who="E. D.", on="2031-06-01")
    row = merged.applied.iloc[0]
    assert (row["before"], row["text"], row["who"], str(row["written_on"].date())) == ("old", "new", "E. D.", "2031-06-01")
    assert merged.texts[["text", "who"]].to_numpy().tolist() == [["new", "E. D."]]


def test_a_conflict_shows_both_texts():
    merged = merge(texts(("A", "x", "mine")), texts(("A", "x", "old")), texts(("A", "x", "yours")), who="E", on="2031-06-01")
    assert merged.conflicts[["current", "edited"]].to_numpy().tolist() == [["mine", "yours"]]


def test_a_document_that_kept_only_fingerprints_merges_the_same():
    now = texts(("A", "x", "a\x07b"), ("B", "x", "c"))
    issued = now[KEY].assign(issued=[fingerprint("a\x07b"), fingerprint("c")], shown=[fingerprint("a␇b"), fingerprint("c")])
    merged = merge(now, issued, texts(("A", "x", "a␇b"), ("B", "x", "d")), who="E", on="2031-06-01")
    assert merged.texts["text"].tolist() == ["a\x07b", "d"]
    assert len(merged.unchanged) == 1


@given(st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_fingerprints_are_those_that_documents_keep(text):
    if text.strip() not in ("no summary yet", "[no summary]", "[no summary yet]"):
        assert fingerprint(text) == text_print(text)


TEXT = st.sampled_from(["", "a", "b", "c", "d\ne"])
CELLS = [("A", "x"), ("A", "y"), ("B", "x"), ("B", "y")]


@given(st.lists(st.tuples(TEXT, TEXT, st.one_of(st.none(), TEXT)), min_size=4, max_size=4))
@settings(max_examples=80, deadline=None)
def test_nothing_is_lost_and_nothing_is_done_twice(found):
    now = texts(*((*cell, one[0]) for cell, one in zip(CELLS, found, strict=True) if one[0]))
    issued = texts(*((*cell, one[1]) for cell, one in zip(CELLS, found, strict=True)))
    back = texts(*((*cell, one[2]) for cell, one in zip(CELLS, found, strict=True) if one[2] is not None))
    merged = merge(now, issued, back, who="E", on="2031-06-01")
    parts = [merged.applied, merged.conflicts, merged.unchanged]
    keys = [tuple(key) for part in parts for key in part[KEY].to_numpy().tolist()]
    assert sorted(keys) == sorted(("m", *cell) for cell in CELLS)
    kept = [*merged.texts["text"], *merged.applied["before"]]
    assert all(text in kept for text in now["text"])
    told = [*merged.texts["text"], *merged.conflicts["edited"]]
    edited = [one[2] for one in found if one[2] not in (None, "", one[1])]
    assert all(text in told for text in edited)
    again = merge(merged.texts, issued, back, who="E", on="2031-06-02")
    assert again.applied.empty
    assert again.texts.equals(merged.texts)
    assert again.conflicts[KEY].equals(merged.conflicts[KEY])


def test_twenty_edits_are_twenty_changes_and_texts_keep_their_order():
    grid = [(f"r{n}", "x", f"text {n}") for n in range(60)]
    now = texts(*grid)
    edited = texts(*((row, column, f"{text} edited" if n % 3 == 0 else text) for n, (row, column, text) in enumerate(grid)))
    merged = merge(now, now, edited, who="E", on="2031-06-01")
    assert (len(merged.applied), len(merged.conflicts), len(merged.unchanged)) == (20, 0, 40)
    assert merged.texts["text"].tolist() == edited["text"].tolist()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=cmd|'/C calc'!A0", "\u202eשלום\u200b", "x" * 40_000, "\\input{x}"])
def test_hostile_texts_are_merged_as_they_are(text):
    assert outcome("", "", [text])[2] == text


def test_who_edited_and_when_must_be_said():
    with pytest.raises(StudyError, match="edited texts: by ' ' on '2031-06-01'; say who edited them, and when as 2031-05-17"):
        merge(texts(), texts(), texts(), who=" ", on="2031-06-01")
    with pytest.raises(StudyError, match="by 'E' on 'soon'"):
        merge(texts(), texts(), texts(), who="E", on="soon")


def test_a_table_that_lacks_a_column_is_refused():
    with pytest.raises(StudyError, match=re.escape("edited texts lack the column(s) text; found matrix, row, column")):
        merge(texts(), texts(), texts()[KEY], who="E", on="2031-06-01")
