"""Banded cases: rows under their bands, marks, intervals and ranks as in the frames; a missing value says why."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.banded_cases import CROSSING, banded_cases
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

NAN = np.nan
CASES = pd.DataFrame(
    [
        ("b", "weaker", 2.0, 1.8, 2.2, ""),
        ("a", "stronger", 3.5, 3.2, 3.8, ""),
        ("c", "uncertain", 3.0, 2.9, 3.1, ""),
        ("d", "stronger", NAN, NAN, NAN, "withheld"),
    ],
    columns=["case", "band", "value", "low", "high", "flag"],
)
RANKS = pd.DataFrame(
    {"case": ["a", "b", "c", "d"], "rank_low": [1, 3, 1, None], "rank_median": [1, 3, 2, None],
     "rank_high": [1, 3, 3, None]}
)  # fmt: skip
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar", "d": "Dogwood"}
BANDS = {"stronger": "Upper band", "uncertain": "Not placed", "weaker": "Lower band"}


def draw(frame=CASES, **changes):
    settings: dict[str, Any] = {"labels": LABELS, "bands": BANDS, "title": "Most are placed", "note": "n below",
                                "value_label": "mean"}  # fmt: skip
    return banded_cases(frame, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 5)


def marks(figure):
    shown = [line for line in scale(figure).lines if line.get_marker() not in ("None", "", None)]
    return [(line.get_marker(), float(line.get_xdata()[0])) for line in shown]


def test_cases_stand_under_their_bands_in_the_order_of_the_bands():
    found = texts(draw())
    order = ["Ash", "Dogwood", "Cedar", "Birch"]
    assert [text for text in found if text in LABELS.values()] == order
    heads = [text for text in found if text in BANDS.values()]
    assert heads[-3:] == list(BANDS.values())


def test_marks_and_intervals_are_those_of_the_frame_and_each_band_has_its_shape():
    figure = draw()
    assert marks(figure) == [("^", 3.5), ("o", 3.0), ("v", 2.0)]
    lines = {tuple(map(float, line.get_xdata())) for line in scale(figure).lines if len(line.get_xdata()) == 2}
    assert {(3.2, 3.8), (2.9, 3.1), (1.8, 2.2)} <= lines


def test_a_value_that_is_withheld_says_so_in_words():
    assert "withheld" in texts(draw())


def test_ranks_are_bars_and_one_across_a_cut_is_hatched():
    figure = draw(ranks=RANKS, cuts=[1.5])
    bars = [patch for axes in figure.axes[1:] for patch in axes.findobj(Rectangle) if patch.get_height() == 2.4]
    ends = [(round(bar.get_x() + 0.4, 6), round(bar.get_x() + bar.get_width() - 0.4, 6)) for bar in bars]
    assert ends == [(1, 1), (1, 3), (3, 3)]
    assert [bar.get_hatch() for bar in bars] == [None, CROSSING, None]
    assert {"no rank", "rank among 4 (1 = highest)", "it crosses a cut"} <= set(texts(figure))


def test_without_cuts_no_bar_is_hatched_and_the_key_does_not_speak_of_them():
    assert "it crosses a cut" not in texts(draw(ranks=RANKS))


def test_two_occasions_have_their_own_marks_in_one_row():
    twice = pd.concat([CASES.assign(occasion="one"), CASES.assign(occasion="two", value=CASES["value"] + 0.05)])
    figure = draw(twice, occasions={"one": "First", "two": "Second"})
    assert sorted(marks(figure)) == sorted(
        [("o", 3.5), ("o", 3.0), ("o", 2.0), ("D", 3.55), ("D", 3.05), ("D", 2.05)]
    )
    assert {"First", "Second"} <= set(texts(figure))


def test_words_in_columns_stand_beside_their_case():
    found = texts(draw(columns={"placed": {"a": "twice", "b": "once", "c": "never", "d": "no"}}))
    assert {"placed", "twice", "once", "never"} <= set(found)


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("ranked", [False, True])
def test_34_cases_with_long_names_can_be_read(width, ranked):
    names = {f"c{i:02}": f"Partnership of High Schools of the Northern Valley, Group {i}" for i in range(34)}
    many = pd.concat([CASES] * 9, ignore_index=True)[:34].assign(case=list(names))
    ranks = pd.DataFrame({"case": list(names), "rank_low": 1, "rank_median": 9, "rank_high": 34})
    if width == NARROW:
        names = {case: name[:11] for case, name in names.items()}
    figure = draw(many, labels=names, width=width, ranks=ranks if ranked else None, cuts=[4.5] if ranked else ())
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_one_case_can_be_read():
    figure = draw(CASES[:1], ranks=RANKS[1:2], cuts=[2.5])
    assert legibility_problems(figure) == []


def test_the_same_frame_gives_the_same_bytes():
    first, second = (render(draw(ranks=RANKS), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (CASES.drop(columns="low"), "table of banded cases lacks column low"),
        (CASES[:0], "table of banded cases has no rows"),
        (pd.concat([CASES, CASES[:1]]), "table of banded cases: case 'b' stands twice"),
        (CASES.assign(flag=""), "row 4: value is missing without a reason; put one in flag"),
        (CASES.assign(band="middle"), "row 1: band is 'middle', allowed are stronger, uncertain, weaker"),
        (CASES.assign(high=CASES["low"]), "the value of case 'b' lies outside its interval"),
        (CASES[3:], "no case has a value to draw; say so in words"),
    ],
)
def test_frames_that_cannot_be_drawn_are_refused(frame, message):
    with pytest.raises(StudyError, match=message):
        draw(frame)


def test_a_case_in_two_bands_and_ranks_out_of_order_are_refused():
    twice = pd.concat([CASES.assign(occasion="one"), CASES[:1].assign(occasion="two", band="stronger")])
    with pytest.raises(StudyError, match="case 'b' stands in two bands; give it one"):
        draw(twice, occasions={"one": "First", "two": "Second"})
    with pytest.raises(StudyError, match="rank_low, rank_median and rank_high of case 'a' are out of order"):
        draw(ranks=RANKS.assign(rank_low=2, rank_median=1))
    with pytest.raises(StudyError, match="column 'placed' of the table of banded cases: no label for"):
        draw(columns={"placed": {"a": "twice"}})
