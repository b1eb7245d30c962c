"""First codes and all codes side by side: bars are the shares of the table, what second codes add is hatched."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.combined_bars import combined_bars
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

COUNTS = pd.DataFrame({"kind": ["b", "a", "c"], "n_first": [50, 30, 0], "n_second": [0, 25, 5]})
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar"}


def draw(table=COUNTS, **changes):
    settings: dict[str, Any] = {
        "code": "kind", "labels": LABELS, "first_label": "first", "combined_label": "first and second",
        "second_label": "what second adds", "title": "Ash gains", "note": "n below",
    }  # fmt: skip
    return combined_bars(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bars(figure, kind):
    found = [patch for axes in figure.axes for patch in axes.patches if patch.get_gid() == kind]
    return [(float(patch.get_x()), float(patch.get_width())) for patch in found]


def test_bars_are_shares_of_first_codes_and_of_all_codes():
    figure = draw()
    assert np.array(bars(figure, "first")) == pytest.approx(np.array([(0, 50 / 80), (0, 30 / 80), (0, 0)]))
    assert np.array(bars(figure, "combined")) == pytest.approx(np.array([(0, 50 / 110), (0, 30 / 110), (0, 0)]))


def test_what_second_codes_add_stands_hatched_at_the_end_of_the_first():
    figure = draw()
    wanted = np.array([(30 / 110, 25 / 110), (0, 5 / 110)])
    assert np.array(bars(figure, "second")) == pytest.approx(wanted)
    hatches = {patch.get_hatch() for axes in figure.axes for patch in axes.patches if patch.get_gid() == "second"}
    assert all(hatches)


def test_rank_share_and_n_of_both_are_printed_in_the_order_given():
    found = texts(draw())
    assert [text for text in found if text in LABELS.values()] == ["Birch", "Ash", "Cedar"]
    assert {"62%", "50/80", "45%", "50/110", "38%", "30/80", "50%", "55/110", "0%", "0/80", "5/110"} <= set(found)
    assert [text for text in found if text in {"1", "2", "3"}] == ["1", "2", "2", "1", "3", "3"]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_codes", "words"), [(3, ""), (1, ""), (22, " of the northern valley and its hills")])
def test_few_many_and_long_named_codes_can_be_read(width, n_codes, words):
    table = pd.DataFrame({"kind": [f"c{k}" for k in range(n_codes)], "n_first": range(n_codes, 0, -1), "n_second": 2})
    figure = draw(table, labels={f"c{k}": f"Code {k}{words}" for k in range(n_codes)}, width=width,
                  second_label=f"second{words}" * 3)  # fmt: skip
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_counts_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (COUNTS.drop(columns="n_second"), "table of codes lacks column n_second"),
        (COUNTS[:0], "table of codes has no rows"),
        (pd.concat([COUNTS, COUNTS[:1]]), "table of codes: kind 'b' stands twice"),
        (COUNTS.assign(n_first=1.5), "row 1: n_first is 1.5, but a count is a whole number"),
        (COUNTS.assign(n_first=0), "no unit has a first code; say so in words"),
        (COUNTS.assign(kind=["b", "a", "d"]), "codes of the table of codes: no label for d"),
    ],
)
def test_counts_that_cannot_be_drawn_are_refused(table, message):
    with pytest.raises(StudyError, match=message):
        draw(table)
