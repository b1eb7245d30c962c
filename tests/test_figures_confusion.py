"""The confusion figure prints every cell with n and row per cent."""

import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.confusion import confusion
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp

CODES = {"yes": "Yes", "no": "No", "odd": "Neither"}
TABLE = pd.DataFrame(
    [("yes", "yes", 60), ("yes", "no", 20), ("no", "no", 199), ("no", "yes", 1)],
    columns=["row", "column", "n"],
)


def draw(table=TABLE, codes=CODES, **changes):
    settings = {
        "codes": list(codes),
        "labels": codes,
        "row_title": "Coder one",
        "column_title": "Coder two",
        "title": "They agree",
        "note": "n = 280",
    }
    return confusion(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_cells_print_n_and_row_per_cent_and_margins_the_totals():
    found = texts(draw())
    assert {"60\n75%", "20\n25%", "199\n>99%", "1\n<1%"} <= set(found)
    assert found.count("0\n–") == 3  # a row that nobody chose has no shares
    assert {"80", "200", "61", "219", "280"} <= set(found)


@pytest.mark.parametrize("size", [2, 4, 7, 12])
def test_everything_can_be_read_from_2_to_12_codes(size):
    codes = {
        f"c{i}": ("Außergewöhnlich langer Name", "Kurz", "Very long name of a code")[i % 3]
        for i in range(size)
    }
    table = pd.DataFrame(
        [(a, b, 7 * i * j) for i, a in enumerate(codes) for j, b in enumerate(codes)],
        columns=["row", "column", "n"],
    )
    figure = draw(table, codes, row_title="The first of the two coders, before they met " * 2)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.rename(columns={"row": "coder"}), "confusion table lacks column row; found: coder, column, n"),
        (TABLE[:0], "confusion table has no rows"),
        (
            TABLE.assign(n=[3, 2, -4, 0]),
            "confusion table row 3: n is -4, but a count is a whole number from 0 up",
        ),
        (TABLE.assign(column="nope"), "confusion table row 1: column is 'nope', allowed are yes, no, odd"),
        (
            TABLE.assign(row="no"),
            "confusion table: the pair 'no', 'no' stands twice; sum n to one row per pair",
        ),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused_by_name(table, message):
    with pytest.raises(StudyError, match=message):
        draw(table)


def test_one_code_or_thirteen_are_refused():
    with pytest.raises(StudyError, match="a confusion table of 1 codes cannot be drawn, 2 to 12 can"):
        draw(codes={"yes": "Yes"})
    with pytest.raises(StudyError, match="a confusion table of 13 codes cannot be drawn"):
        draw(codes={str(i): str(i) for i in range(13)})
