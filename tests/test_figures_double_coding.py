"""The figure of interval widths: two lines, the target, and the number that reaches it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.double_coding import double_coding
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp

N = [20, 30, 40, 50, 75, 100, 150, 200, 300, 400]
TABLE = pd.DataFrame({"n_units": N, "width_median": 2.2 / np.sqrt(N), "width_assured": 2.5 / np.sqrt(N)})


def draw(table=TABLE, **changed):
    how: dict[str, Any] = {"wanted_width": 0.2, "title": "200 units are enough", "note": "Simulated.", "n_units": 200}
    return double_coding(table, **(how | changed))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_target_and_number_are_named_and_lines_are_those_of_the_table():
    figure = draw(assurance=0.9)
    assert {"wanted: 0.20", "200 units", "in 90% of simulations no wider than this", "400"} <= set(texts(figure))
    drawn = [list(line.get_ydata()) for axes in figure.axes for line in axes.lines]
    assert TABLE["width_median"].tolist() in drawn
    assert TABLE["width_assured"].tolist() in drawn


def test_where_the_target_is_not_reached_no_number_is_named():
    assert not [text for text in texts(draw(n_units=None)) if text.endswith(" units") and text[0].isdigit()]


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        (TABLE, {}), (TABLE, {"n_units": 20, "wanted_width": 0.56}), (TABLE, {"n_units": 400, "wanted_width": 0.13}),
        (TABLE[:1], {"n_units": None, "wanted_width": 1.9}), (TABLE, {"n_units": None, "wanted_width": 0.001}),
        (TABLE.assign(n_units=TABLE["n_units"] * 1000), {"n_units": 200_000}),
        (TABLE.assign(width_assured=[np.nan] * 8 + [0.2, 0.1]), {"n_units": 300, "measure": "A long name " * 8}),
    ],
)  # fmt: skip
def test_everything_can_be_read(table, changed):
    figure = draw(table, **changed)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("table", "changed", "told"),
    [
        (TABLE.drop(columns="width_median"), {}, "table of interval widths lacks column width_median"),
        (TABLE[::-1], {}, "numbers of units must ascend, each once; sort the table"),
        (TABLE.assign(width_assured=np.nan), {}, "no width is known, so there is nothing to draw"),
        (TABLE, {"wanted_width": 0}, "the wanted width must be above 0, for example 0.2; found 0"),
        (TABLE, {"n_units": 60}, "60 units are to be marked, but have no width in it"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused(table, changed, told):
    with pytest.raises(StudyError, match=told):
        draw(table, **changed)
