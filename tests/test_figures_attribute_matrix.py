"""Attribute matrix: cells as in the frame, the panel as in the tests, and no words that make a null of silence."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.attribute_matrix import attribute_matrix
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp

NAN = np.nan
CASES = pd.DataFrame(
    {
        "case": ["b", "a", "c"], "band": ["weaker", "stronger", "weaker"], "value": [2.0, 3.5, 2.4],
        "low": [1.8, 3.2, 2.2], "high": [2.2, 3.8, 2.6], "flag": "", "kind": ["x", "y", None], "people": [40, 69, 363],
        "begun": [2018, 2019, 2021],
    }
)  # fmt: skip
TEST = {
    "n": 3, "p": 0.667, "p_min_attainable": 0.333, "effect_name": "Cliff's delta", "effect": -0.5, "effect_low": -0.9,
    "effect_high": 0.4, "detectable": 0.89, "detectable_what": "delta", "flips": 2.0, "flips_depth": 2,
}  # fmt: skip
PANEL = pd.DataFrame([
    {"attribute": "kind", **TEST},
    {"attribute": "people", **TEST, "p": 0.0004, "p_min_attainable": 0.0001, "flips": NAN},
    {"attribute": "begun", **TEST, "p": 0.4, "p_min_attainable": 0.01},
])  # fmt: skip
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar"}


def draw(cases=CASES, panel=PANEL, **changes):
    settings: dict[str, Any] = {
        "labels": LABELS, "bands": {"stronger": "Upper", "weaker": "Lower"}, "title": "Nothing is visible",
        "attributes": {"kind": "Kind", "people": "People", "begun": "Begun"}, "note": "n below",
        "levels": {"kind": {"x": "Oak", "y": "Elm"}}, "outcome_label": "mean",
    }  # fmt: skip
    return attribute_matrix(cases, panel, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def words(figure):
    return " ".join(" ".join(texts(figure)).split())


def marks(figure):
    return [
        (line.get_marker(), line.get_markerfacecolor() == "#FFFFFF")
        for line in figure.axes[0].lines
        if line.get_marker() in ("o", "s", "D")
    ]


def test_every_category_has_its_shape_and_word_and_a_missing_one_says_so():
    figure = draw()
    assert marks(figure) == [("o", True), ("o", False)]  # of Ash and Birch; Cedar has none
    found = texts(figure)
    assert found.count("Oak") == 1
    assert found.count("Elm") == 1
    assert "missing" in found


def test_numbers_are_printed_and_their_bars_are_as_long_as_they_are():
    figure = draw()
    assert {"40", "69", "363", "2018", "2019", "2021"} <= set(texts(figure))
    bars = [patch.get_width() for patch in figure.axes[0].patches if patch.get_height() == 3.0]
    people = [bars[0], bars[2], bars[4]]  # Ash, Birch, Cedar; every second bar is of the year
    assert people[0] / people[2] == pytest.approx(69 / 363, rel=1e-6)
    assert people[1] / people[2] == pytest.approx(40 / 363, rel=1e-6)


def test_the_panel_prints_p_what_could_be_reached_effect_and_what_would_turn_it():
    told = words(draw())
    assert "Cliff's delta −0.50 (−0.90 to 0.40)" in told
    for text in ("0.667", "0.333", "below 0.001", "0.89", "more than 2"):
        assert text in told


def test_a_test_that_could_not_reach_the_level_says_nothing_and_no_verdict_says_unrelated():
    told = words(draw())
    assert "nothing: p below 0.05 was out of reach" in told
    assert "an association is visible" in told
    assert "none visible; not that there is none" in told
    assert "unrelated" not in told


def test_an_interval_that_shrank_because_groups_differ_less_than_chance_is_not_printed():
    cases = pd.concat([CASES] * 4, ignore_index=True).assign(kind=["x", "y", "z"] * 4, case=list("abcdefghijkl"))
    panel = PANEL.assign(n=12, effect_name="epsilon squared", effect=0.01, effect_low=0.0, effect_high=0.02)
    told = words(draw(cases, panel, labels={case: case for case in cases["case"]},
                      levels={"kind": {"x": "Oak", "y": "Elm", "z": "Yew"}}))  # fmt: skip
    assert told.count("no usable interval: less than chance gives") == 1  # of the three categories, not of numbers


def test_an_attribute_that_was_not_tested_says_so():
    told = words(draw(panel=PANEL.assign(p=NAN, p_min_attainable=NAN, effect=NAN, detectable=NAN)))
    assert "nothing: not tested" in told
    assert "no test" in told


def test_long_words_and_many_rows_can_be_read():
    names = {f"c{i:02}": f"Partnership of High Schools of the Valley {i}" for i in range(24)}
    cases = pd.concat([CASES] * 8, ignore_index=True).assign(case=list(names))
    heads = {"kind": "Kind of aim that it has", "people": "People in it", "begun": "Year of launch"}
    words = {"kind": {"x": "Instruction in mathematics and literacy", "y": "Elm"}}
    figure = draw(cases, labels=names, levels=words, attributes=heads)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_one_case_can_be_read():
    assert legibility_problems(draw(CASES[:1])) == []


def test_the_same_frames_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("cases", "panel", "message"),
    [
        (CASES.drop(columns="people"), PANEL, "table of attributes lacks column people"),
        (CASES, PANEL.drop(columns="flips"), "table of tests lacks column flips"),
        (CASES, PANEL[1:], "table of tests has no row for attribute 'kind'"),
        (CASES.assign(kind="q"), PANEL, "row 1: kind is 'q', allowed are x, y"),
        (CASES.assign(people="many"), PANEL, "row 1: people is many, but is a number"),
        (CASES.assign(value=NAN), PANEL, "row 1: value is missing without a reason"),
        (pd.concat([CASES, CASES]), PANEL, "case 'b' stands twice"),
    ],
)
def test_frames_that_cannot_be_drawn_are_refused(cases, panel, message):
    with pytest.raises(StudyError, match=message):
        draw(cases, panel)


def test_more_attributes_than_fit_are_refused():
    many = {f"kind{i}": f"Kind {i}" for i in range(12)}
    cases = CASES.assign(**dict.fromkeys(many, "x"))
    panel = pd.DataFrame([{"attribute": name, **TEST} for name in many])
    with pytest.raises(StudyError, match="12 attributes do not fit on a page; draw them in two figures"):
        draw(cases, panel, attributes=many, levels={name: {"x": "Oak"} for name in many})
