"""Grid of ratings: what is shaded, printed and hatched is what the table says, and nothing is blank."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rating_grid import HATCH, level_fill, rating_grid
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE, luminance

LEVELS = ["none", "some", "strong"]
ROWS = {"a": "Ash", "b": "Birch"}
COLUMNS = {"x": "Meets often", "y": "Keeps notes", "z": "Size"}
CELLS = pd.DataFrame(
    [
        ("a", "x", "strong", "strong", "strong"),
        ("a", "y", "some", "some", "thin"),
        ("a", "z", "about 12", None, "value"),
        ("b", "x", "none (none found)", "none", "absent"),
        ("b", "y", "strong", "strong", "mixed"),
        ("b", "z", "not looked for", None, "not_looked"),
    ],
    columns=["row", "column", "shown", "level", "state"],
)


def draw(cells: pd.DataFrame = CELLS, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "row_labels": ROWS, "column_labels": COLUMNS, "levels": LEVELS, "title": "Ash is ahead", "note": "Six cells",
    }  # fmt: skip
    return rating_grid(cells, **(settings | changes))


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def cells_drawn(figure: Any) -> list[Rectangle]:
    """Boxes below the key: the cells, row by row."""
    boxes = [patch for axes in figure.axes for patch in axes.patches if patch.get_height() >= 4.5]
    return [patch for patch in boxes if patch.get_zorder() == 1]


def many(n_rows: int, n_columns: int, word: str = "strong") -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    states = ["strong", "thin", "mixed", "absent", "not_looked"]
    rows = {f"r{i}": f"Row {i}" for i in range(n_rows)}
    columns = {f"c{i}": f"What column {i} asks" for i in range(n_columns)}
    cells = [
        (row, column, word, LEVELS[(i + j) % 3], states[(2 * i + j) % 5])
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]
    return pd.DataFrame(cells, columns=CELLS.columns), rows, columns


def test_a_cell_has_the_shade_of_its_level_and_its_text():
    figure = draw()
    fills = [patch.get_facecolor() for patch in cells_drawn(figure)]
    white = (1.0, 1.0, 1.0, 1.0)
    assert fills == [level_fill(2, 3), level_fill(1, 3), white, white, level_fill(2, 3), white]
    found = texts(figure)
    assert found.count("strong") == 3  # two cells and the key
    assert found.count("some") == 2
    assert "about 12" in found


def test_looked_for_and_absent_is_hatched_and_not_looked_for_has_its_own_sign():
    figure = draw()
    assert [patch.get_hatch() for patch in cells_drawn(figure)].count(HATCH) == 1
    assert texts(figure).count("–") == 2  # the cell and the key
    assert {"looked for, none found", "not looked for"} <= set(texts(figure))


def test_thin_and_mixed_cells_carry_their_signs_and_the_key_tells_them():
    found = [line.get_marker() for axes in draw().axes for line in axes.lines]
    assert (found.count("o"), found.count("D")) == (2, 2)  # a cell and the key each
    assert {"one source only", "evidence for and against"} <= set(texts(draw()))


def test_the_key_names_only_what_occurs():
    plain = CELLS.assign(state="strong", level="some", shown="some")
    assert not {"one source only", "looked for, none found", "not looked for"} & set(texts(draw(plain)))


def test_levels_can_be_told_from_each_other_in_grey():
    for n in (2, 3, 4, 5):
        light = [luminance(level_fill(place, n)[:3]) for place in range(n)]
        assert all(one - other > 0.04 for one, other in zip(light, light[1:], strict=False))


def test_texts_that_do_not_fit_give_way_to_the_word_of_the_level_and_then_to_its_number():
    cells, rows, columns = many(3, 9, word="strong (3 for, 1 against; two sources)")
    words = texts(draw(cells, row_labels=rows, column_labels=columns))
    assert "strong" in words and not any("against;" in text for text in words)
    cells, rows, columns = many(3, 20)
    numbers = texts(draw(cells, row_labels=rows, column_labels=columns))
    assert {"1: none", "2: some", "3: strong", "1", "2", "3"} <= set(numbers)


def test_levels_may_have_longer_names_in_the_key():
    assert {"nothing seen", "in places", "everywhere"} <= set(
        texts(draw(levels={"none": "nothing seen", "some": "in places", "strong": "everywhere"}))
    )


def test_marked_rows_have_a_sign_for_each_mark_in_the_key():
    figure = draw(row_marks={"a": "chosen", "b": "cut crossed"})
    found = [line.get_marker() for axes in figure.axes for line in axes.lines]
    assert (found.count("*"), found.count("^")) == (2, 2)
    assert {"chosen", "cut crossed"} <= set(texts(figure))
    assert "chosen" not in texts(draw(row_marks={"a": "", "b": ""}))


def test_bands_and_groups_of_columns_have_their_headings():
    under = {"x": "Work", "y": "Work", "z": "It"}
    figure = draw(row_bands={"a": "First half", "b": "Second half"}, columns_under=under)
    assert {"First half", "Second half", "Work", "It"} <= set(texts(figure))


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_rows", "n_columns"), [(1, 1), (2, 3), (35, 12), (12, 9)])
def test_everything_can_be_read_from_small_to_large(n_rows, n_columns, width):
    cells, rows, columns = many(n_rows, n_columns)
    figure = draw(
        cells, row_labels=rows, column_labels=columns, width=width,
        row_marks={"r0": "chosen beforehand"}, row_bands={row: f"Band {int(row[1:]) // 12}" for row in rows},
        columns_under={column: f"Group {int(column[1:]) // 4}" for column in columns},
    )  # fmt: skip
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []
    assert figure.get_size_inches()[1] * 25.4 <= 260


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_long_labels_and_hostile_texts_stay_apart(width):
    rows = {"a": "A case with a name that goes on and on, as names do", "b": "Donaudampfschifffahrtsgesellschaft"}
    columns = {"x": "Connecting Mathematical Representations", "y": "$x_1$ & <b>", "z": "Übereinstimmung"}
    under = {"x": "How they work with each other", "y": "How they work with each other", "z": "Incomparability"}
    cells = CELLS.assign(shown=["Incomprehensibilities, all of them, at great length"] * 6)
    figure = draw(cells, row_labels=rows, column_labels=columns, columns_under=under, width=width)
    assert legibility_problems(figure) == []


def test_the_same_table_gives_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


def changed(row: int, column: str, value: str) -> pd.DataFrame:
    cells = CELLS.astype("object")
    cells.loc[row, column] = value
    return cells


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (CELLS.drop(columns="state"), "grid of ratings lacks column state; found: row, column, shown, level"),
        (CELLS[:0], "grid of ratings has no rows"),
        (CELLS[:5], "no cell for b and z; give every pair a row, with state not_looked where nobody looked"),
        (changed(0, "row", "q"), "grid of ratings row 1: row is 'q', allowed are a, b; correct the value"),
        (changed(1, "column", "q"), "grid of ratings row 2: column is 'q', allowed are x, y, z"),
        (changed(1, "level", "weak"), "grid of ratings row 2: level is 'weak', allowed are none, some, strong"),
        (changed(2, "state", "odd"), "row 3: state is 'odd', allowed are strong, thin, mixed, absent, not_looked"),
        (changed(2, "shown", ""), "the cell of a and z shows nothing although its state is value; give a short text"),
        (pd.concat([CELLS, CELLS[:1]]), "row 'a', column 'x' stands twice"),
    ],
)
def test_cells_that_cannot_be_drawn_are_refused(cells, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        draw(cells)


def test_columns_and_marks_that_cannot_be_told_apart_are_refused():
    with pytest.raises(StudyError, match="the columns under 'Work' do not stand side by side; put them in order"):
        draw(columns_under={"x": "Work", "y": "It", "z": "Work"})
    cells, rows, columns = many(6, 40)
    with pytest.raises(StudyError, match="40 columns do not fit on 174 mm; draw them in two figures"):
        draw(cells, row_labels=rows, column_labels=columns)
    cells, rows, columns = many(6, 2)
    with pytest.raises(StudyError, match="6 different marks of rows, but at most 5 can be told apart"):
        draw(cells, row_labels=rows, column_labels=columns, row_marks={row: f"mark {row}" for row in rows})
