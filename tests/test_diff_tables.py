"""What changed between two numbers and two tables: rows found by what names them, rounding told apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.pipeline.diff_entries import matrix_told, table_told
from nsi.pipeline.diff_tables import Table, TableChange, compare_tables, read_table
from nsi.pipeline.diff_values import change_of, compare_numbers, percent, read_numbers, signed


def table(text: str) -> Table:
    found = read_table(text.encode())
    assert found is not None
    return found


def compared(old: str, new: str, prefer: tuple[str, ...] = ()) -> TableChange:
    return compare_tables(table(old), table(new), prefer)


def cells(change: TableChange) -> list[tuple[tuple[str, ...], str, str, str]]:
    return [(cell.key, cell.column, cell.change.old, cell.change.new) for cell in change.cells]


# --- two values


@pytest.mark.parametrize(("old", "new", "kind", "difference", "relative"), [
    ("2", "3", "number", 1, 0.5),
    ("-2", "-3", "number", -1, -0.5),
    ("0", "0.5", "number", 0.5, math.inf),
    ("0", "-0.5", "number", -0.5, -math.inf),
    ("1e3", "1500", "number", 500, 0.5),
    ("0.1", "0.10000000000001", "rounding", 1e-14, 1e-13),
    ("83", "83.0", "rounding", 0, 0),
    ("0", "-0.0", "rounding", 0, 0),
])  # fmt: skip
def test_numbers_differ_by_an_amount_and_a_share_or_by_rounding(old, new, kind, difference, relative):
    change = change_of(old, new)
    assert change is not None
    assert change.kind == kind
    assert change.difference == pytest.approx(difference, rel=0.1)
    assert change.relative == pytest.approx(relative, rel=0.1)


@pytest.mark.parametrize(
    ("old", "new"),
    [("5", "<5"), ("0.5", ""), ("", "0.5"), ("12", "withheld"), ("007", "7"), ("nan", "1"), ("1e999", "1"), ("a", "b")],
)
def test_a_word_or_nothing_in_place_of_a_number_is_a_change_of_text(old, new):
    change = change_of(old, new)
    assert change is not None
    assert change.kind == "text"
    assert math.isnan(change.difference)


def test_ids_that_are_the_same_float_are_told_apart():
    change = change_of("10000000000000001", "10000000000000002")
    assert change is not None
    assert (change.kind, change.difference) == ("number", 1)


def test_a_difference_is_written_with_its_sign_and_its_share():
    assert (signed(0.05244), percent(0.1762)) == ("+0.05244", "+17.6%")
    assert (signed(-1200.0), percent(-1.5)) == ("-1200", "-150%")
    assert (signed(math.nan), percent(math.nan), percent(math.inf)) == ("", "", "from 0")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(-3, 3))
def test_a_number_in_its_last_of_thirteen_digits_is_rounding_and_in_its_sixth_is_not(value, steps):
    written = f"{value:.13g}"
    near = f"{float(written) * (1 + steps * 1e-13):.17g}"
    far = f"{float(written) * (1 + steps * 1e-6):.17g}"
    close, distant = change_of(written, near), change_of(written, far)
    assert close is None or close.kind == "rounding"
    assert steps == 0 or value == 0 or (distant is not None and distant.kind == "number")


# --- numbers.json


def test_numbers_are_compared_by_name():
    old = read_numbers(b'{"a": 2, "b": 0.5, "c": "0.61 to 0.74", "d": 1, "same": 1}', "A")
    new = read_numbers(b'{"a": 3, "b": 0.50000000000001, "c": "0.6 to 0.7", "e": 9, "same": 1}', "B")
    found = compare_numbers(old, new)
    assert list(found.changed) == ["a", "c"]
    assert (found.changed["a"].difference, found.changed["a"].relative) == (1, 0.5)
    assert found.changed["c"].kind == "text"
    assert list(found.rounded) == ["b"]
    assert (found.added, found.removed, found.n_same) == ({"e": "9"}, {"d": "1"}, 1)
    assert found.differ
    assert not compare_numbers(old, old).differ


@pytest.mark.parametrize("data", [b"{", b"[1, 2]", b"3"])
def test_damaged_numbers_are_refused_by_name(data):
    with pytest.raises(StudyError) as refused:
        read_numbers(data, "main~3")
    assert str(refused.value) == (
        "figures/numbers.json of 'main~3' cannot be read; restore it, or run `make all` there"
    )


# --- which columns name a row


@pytest.mark.parametrize(("text", "key"), [
    ("case,code,share\nA,x,0.5\nA,y,0.5\nB,x,1\n", ("case", "code")),
    ("field,case,share,flag\nuse,A,0.5,ok\nuse,B,0.5,few\n", ("case",)),
    ("batch,coder,n\n1,C1,5\n2,C1,5\n1,C2,5\n", ("batch", "coder")),
    ("n_units,width\n20,0.5\n30,0.4\n", ("n_units",)),
    ("share,case\n0.5,A\n0.4,B\n", ("case",)),
    ("share\n0.5\n0.4\n", ()),
    ("case,share\nA,0.5\nA,0.4\n", ()),
])  # fmt: skip
def test_rows_are_named_by_the_fewest_leading_columns_of_words_and_then_of_whole_numbers(text, key):
    assert compared(text, text.replace("0.4", "0.6").replace("0.5", "0.7")).matched_by == key


def test_a_row_is_found_where_it_stands_now():
    change = compared("case,n\nA,1\nB,2\nC,3\n", "case,n\nnew,9\nC,3\nA,5\n")
    assert cells(change) == [(("A",), "n", "1", "5")]
    assert (change.rows_added, change.rows_removed, change.rows_moved) == ([("new",)], [("B",)], True)
    assert table_told(change) == "1 cell changed, 1 row new, 1 row gone, rows in another order"


def test_rows_in_another_order_are_told_as_such_with_a_key_and_without():
    for text, other in (("case,n\nA,1\nB,2\n", "case,n\nB,2\nA,1\n"), ("n\n0.1\n0.2\n", "n\n0.2\n0.1\n")):
        change = compared(text, other)
        assert table_told(change) == "only the order of rows differs"
        assert change.differ
        assert change.cells == []


def test_rows_without_a_name_are_matched_by_position():
    change = compared("share\n0.5\n0.4\n", "share\n0.5\n0.3\n0.2\n")
    assert change.matched_by == ()
    assert cells(change) == [(("row 2",), "share", "0.4", "0.3")]
    assert change.rows_added == [("row 3",)]


def test_renamed_rows_are_told_as_changed_words_and_not_as_all_gone_and_all_new():
    change = compared("case,n\nA,1\nB,2\n", "case,n\nX,1\nY,2\n")
    assert cells(change) == [(("row 1",), "case", "A", "X"), (("row 2",), "case", "B", "Y")]


# --- columns and cells


def test_columns_that_came_went_or_moved_are_named():
    change = compared("case,n,old\nA,1,x\n", "new,n,case\n,1,A\n")
    assert (change.columns_added, change.columns_removed, change.columns_moved) == (("new",), ("old",), True)
    assert table_told(change) == "1 column new (new), 1 column gone (old), columns in another order"


def test_each_column_is_summed_up_and_cells_stand_largest_first():
    old = "case,a,b,flag\nA,10,1,ok\nB,10,0.5,ok\nC,10,2,ok\n"
    new = "case,a,b,flag\nA,11,1,few\nB,5,0.50000000000001,ok\nC,10,<5,ok\n"
    change = compared(old, new)
    assert [(one.column, one.n_numbers, one.n_texts, one.n_rounded) for one in change.columns] == [
        ("a", 2, 0, 0), ("b", 0, 1, 1), ("flag", 0, 1, 0),
    ]  # fmt: skip
    assert (change.columns[0].largest, change.columns[0].largest_relative) == (-5, -0.5)
    assert [(cell.key[0], cell.column) for cell in change.cells] == [("C", "b"), ("A", "flag"), ("B", "a"), ("A", "a")]
    assert table_told(change) == "4 cells changed, 1 cell by rounding"


def test_rounding_alone_is_no_change():
    change = compared("case,a\nA,0.1\n", "case,a\nA,0.10000000000001\n")
    assert not change.differ
    assert table_told(change) == "1 cell by rounding alone"


def test_the_same_cells_in_other_bytes_are_told_as_such():
    change = compared("case,a\nA,1\n", '"case","a"\r\n"A","1"\r\n')
    assert not change.differ
    assert table_told(change) == "the same cells, written in another way"


def test_two_columns_of_one_name_are_told_apart():
    assert table("a,a\n1,2\n").header == ("a", "a (2)")


def test_a_long_text_in_a_cell_is_read_whole():
    assert table(f"case,said\nA,{'x' * 200_000}\n").column("said") == ["x" * 200_000]


@pytest.mark.parametrize("data", [b"", b"a,b\n1\n", b"a,b\n1,2,3\n", b'a\n"open\n', b"a\n\xff\n"])
def test_what_is_no_table_is_not_read_as_one(data):
    assert read_table(data) is None


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3), st.floats(0, 1)), max_size=8), st.randoms())
def test_a_table_compared_with_itself_in_any_order_has_no_changed_cell(rows, random):
    text = "case,wave,share\n" + "".join(f"{case},{wave},{share!r}\n" for case, wave, share in rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    other = "case,wave,share\n" + "".join(f"{case},{wave},{share!r}\n" for case, wave, share in shuffled)
    assert not compared(text, text).differ
    change = compared(text, other)
    assert (change.cells, change.resized) == ([], False)


# --- matrices

MATRIX = "row,column,shown,rating,state\nA,x,strong (4),strong,value\nA,y,thin,some,thin\nB,x,none,,absent\n"


def test_a_matrix_is_told_in_cells_ratings_and_states():
    new = MATRIX.replace("strong (4)", "strong (5)").replace("thin,some,thin", "strong,strong,value")
    change = compared(MATRIX, new + "B,y,new,some,thin\n", ("row", "column"))
    assert change.matched_by == ("row", "column")
    assert matrix_told(change) == "2 cells changed, 1 changed rating, 1 changed state, 1 cell new"


def test_a_matrix_whose_shown_text_alone_changed_says_that_no_rating_did():
    change = compared(MATRIX, MATRIX.replace("strong (4)", "strong (5)"), ("row", "column"))
    assert matrix_told(change) == "1 cell changed, 0 changed rating"
