"""Blocks and levels: as many blocks as units, marks at the estimates, thin cases hollow, a missing mean says why."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.mix_and_level import mix_and_level
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE, code_looks

NAN = np.nan
MIX = pd.DataFrame(
    [("a", "red", 3), ("a", "blue", 1), ("b", "blue", 2), ("b", "red", 0)], columns=["case", "code", "n"]
)
LEVEL = pd.DataFrame(
    [("b", 6, 2.8, 2.5, 2.0, 3.4, ""), ("a", 2, 1.5, 1.8, 1.1, 2.5, ""), ("c", 0, NAN, NAN, NAN, NAN, "no_values")],
    columns=["case", "n", "mean", "estimate", "low", "high", "flag"],
)
CODES = {"red": "Red leaves", "blue": "Blue leaves"}


def draw(mix=MIX, level=LEVEL, **changes):
    settings: dict[str, Any] = {
        "codes": CODES, "levels": {1.0: "Low", 2.0: "Middle", 3.0: "High"}, "titles": ("Leaves", "How tall"),
        "labels": {"a": "Ash", "b": "Birch", "c": "Cedar"}, "share_of": ("red", "red ones"), "few": 5,
        "title": "Trees differ", "note": "n",
    }  # fmt: skip
    return mix_and_level(mix, level, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim() == (0.5, 3.5))


def blocks(figure):
    looks = {look.fill: code for code, look in code_looks(list(CODES)).items()}
    found = [patch for patch in figure.axes[0].findobj(Rectangle) if patch.get_label() != "key"]
    told = [(round(-p.get_y(), 3), p.get_x(), looks.get(_hex(p))) for p in found]
    return [code for _, _, code in sorted((row for row in told if row[2]), key=lambda row: (-row[0], row[1]))]


def _hex(patch):
    return "#" + "".join(f"{round(255 * part):02X}" for part in patch.get_facecolor()[:3])


def test_one_block_is_drawn_for_each_unit_in_the_order_of_cases_and_codes():
    assert blocks(draw()) == ["blue", "blue", "red", "red", "red", "blue"]


def test_marks_stand_at_estimates_and_raw_means_and_a_thin_case_is_hollow():
    lines = scale(draw()).lines
    found = [(float(p.get_xdata()[0]), p.get_markerfacecolor() == "#FFFFFF") for p in lines if p.get_marker() == "o"]
    assert found == [(2.5, False), (1.8, True)]
    assert [float(p.get_xdata()[0]) for p in lines if p.get_marker() == "x"] == [2.8, 1.5]
    spans = {tuple(map(float, line.get_xdata())) for line in lines if len(line.get_xdata()) == 2}
    assert {(2.0, 3.4), (1.1, 2.5)} <= spans


def test_an_interval_beyond_the_scale_is_cut_at_its_end():
    wide = scale(draw(level=LEVEL.assign(high=[9.0, 2.5, NAN]))).lines
    assert (2.0, 3.5) in {tuple(map(float, line.get_xdata())) for line in wide if len(line.get_xdata()) == 2}


def test_shares_n_and_reasons_are_printed():
    found = texts(draw())
    assert {"0% of 2", "75% of 4", "– of 0", "6", "2", "no values", "none", "red ones", "of fewer than 5"} <= set(found)
    assert [text for text in found if text in ("Ash", "Birch", "Cedar")] == ["Birch", "Ash", "Cedar"]


def test_of_many_units_one_bar_per_code_is_drawn():
    assert blocks(draw(MIX.assign(n=[300, 100, 50, 0]))) == ["blue", "red", "blue"]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_cases", "words"), [(1, ""), (35, ""), (12, " of the whole northern central valley")])
def test_one_many_and_long_named_cases_can_be_read(width, n_cases, words):
    labels = {f"c{i}": f"Trees {i}{words}" for i in range(n_cases)}
    codes = {f"k{i}": f"Leaves {i}{words}" for i in range(4)}
    mix = pd.DataFrame([(c, k, 1 + i) for c in labels for i, k in enumerate(codes)], columns=MIX.columns)
    level = pd.DataFrame([(c, 7, 2.0, 2.1, 1.4, 2.6, "") for c in labels], columns=LEVEL.columns)
    figure = draw(mix, level, labels=labels, codes=codes, share_of=("k1", f"ones{words}"), width=width,
                  titles=(f"Leaves{words}", f"How tall{words}"))  # fmt: skip
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_tables_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("mix", "level", "changes", "message"),
    [
        (MIX.drop(columns="n"), LEVEL, {}, "table of codes lacks column n"),
        (MIX, LEVEL[:0], {}, "table of levels has no rows"),
        (pd.concat([MIX, MIX[:1]]), LEVEL, {}, "table of codes: case 'a', code 'red' stands twice"),
        (MIX.assign(code="green"), LEVEL, {}, "code 'green' stands twice"),
        (MIX[:1].assign(code="green"), LEVEL, {}, "code is 'green', allowed are red, blue"),
        (MIX[:1].assign(case="z"), LEVEL, {}, "case is 'z', allowed are b, a, c"),
        (MIX, LEVEL.assign(flag=""), {}, "row 3: mean is missing without a reason"),
        (MIX, LEVEL.assign(mean=4.0), {}, "row 1: mean is 4.0, but lies from 1 to 3"),
        (MIX, LEVEL, {"share_of": ("pink", "x")}, "share_of names 'pink', which is not among the codes"),
        (MIX, LEVEL, {"labels": {"a": "Ash"}}, "cases of the table of levels: no label for b, c"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused(mix, level, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(mix, level, **changes)
