"""The selection chart: both probabilities, the threshold and the group are those of the table."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.selection import selection_chart
from nsi.figures.style import NARROW, WIDE, luminance

NAN = np.nan
CHOICE = pd.DataFrame(
    [
        ("b", 0.93, 0.0, "stronger", ""),
        ("a", 0.4, 0.1, "uncertain", ""),
        ("c", 0.002, 0.85, "weaker", ""),
        ("d", NAN, NAN, "withheld", "withheld"),
    ],
    columns=["case", "p_top", "p_bottom", "group", "flag"],
)
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar", "d": "Dogwood"}


def draw(table=CHOICE, **changes):
    settings: dict[str, Any] = {
        "labels": LABELS, "title": "One is stronger", "note": "2030", "threshold": 0.8,
        "top_label": "probability of the six highest ranks", "bottom_label": "probability of the six lowest ranks",
    }  # fmt: skip
    return selection_chart(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scales(figure):
    return [axes for axes in figure.axes if axes.get_xlim() == (-1, 1)]


def bars(axes):
    boxes = [patch for held in axes.containers if isinstance(held, BarContainer) for patch in held.patches]
    return [round(box.get_width(), 6) for box in boxes]


def test_bars_are_the_probabilities_bottom_to_the_left_and_top_to_the_right():
    figure = draw()
    assert bars(scales(figure)[0]) == [0.0, 0.93, -0.1, 0.4, -0.85, 0.002]
    assert {"93%", "0%", "40%", "10%", "85%", "<1%"} <= set(texts(figure))


def test_the_threshold_is_dashed_on_both_sides_and_named():
    lines = [line.get_xdata()[0] for line in scales(draw())[0].lines if line.is_dashed()]
    assert lines == [-0.8, 0.8]
    assert "threshold, 80%" in texts(draw())


def test_groups_stand_as_words_and_as_marks_in_the_order_given():
    found = [text for text in texts(draw()) if text in ("stronger", "weaker", "uncertain")]
    assert found[3:] == ["stronger", "uncertain", "weaker"]  # the first three are the key
    own = {"stronger": "ahead", "weaker": "behind", "uncertain": "open"}
    assert {"ahead", "behind", "open"} <= set(texts(draw(words=own)))
    shapes = {line.get_marker() for axes in draw().axes for line in axes.lines} - {"None"}
    assert shapes == {"^", "v", "o"}


def test_both_sides_differ_in_hatch_and_in_grey():
    patches = [p for held in scales(draw())[0].containers for p in held.patches]
    assert {bool(p.get_hatch()) for p in patches[:2]} == {True, False}
    shades = [luminance(p.get_facecolor()) for p in patches[:2]]
    assert abs(shades[0] - shades[1]) > 0.3


def test_a_withheld_case_says_so_and_has_no_bar():
    assert "withheld" in texts(draw())
    assert len(bars(scales(draw())[0])) == 6


def test_waves_stand_side_by_side_and_a_case_missing_from_one_says_so():
    table = pd.concat([CHOICE.assign(wave="2030"), CHOICE[1:3].assign(wave="2031", p_top=0.5, group="uncertain")])
    figure = draw(table, waves={"2030": "First year", "2031": "Second year"})
    assert [bars(axes) for axes in scales(figure)] == [[0.0, 0.93, -0.1, 0.4, -0.85, 0.002], [-0.1, 0.5, -0.85, 0.5]]
    assert {"First year", "Second year"} <= set(texts(figure))
    assert texts(figure).count("not surveyed") == 2


@pytest.mark.parametrize(("width", "n_waves"), [(NARROW, 0), (WIDE, 0), (WIDE, 2)])
def test_34_cases_with_long_names_can_be_read(width, n_waves):
    names = {f"c{i:02}": f"Partnership of High Schools of the Northern Central Valley, Group {i}" for i in range(34)}
    table = pd.concat([CHOICE] * 9, ignore_index=True)[:34].assign(case=list(names))
    waves = {str(i): f"Spring {2030 + i}" for i in range(n_waves)} or None
    if waves:
        table = pd.concat([table.assign(wave=wave) for wave in waves])
    figure = draw(table, labels=names, width=width, waves=waves)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_choice_gives_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (CHOICE.drop(columns="p_top"), {}, "table of selected cases lacks column p_top"),
        (CHOICE[:0], {}, "table of selected cases has no rows"),
        (pd.concat([CHOICE, CHOICE[:1]]), {}, "case 'b' stands twice"),
        (CHOICE.assign(p_top=93), {}, "row 1: p_top is 93, but lies from 0 to 1"),
        (CHOICE.assign(flag=""), {}, "row 4: p_top is missing without a reason; put one in flag"),
        (CHOICE.assign(group="strong"), {}, "group is 'strong', allowed are stronger, weaker, uncertain"),
        (CHOICE, {"threshold": 80}, "threshold is 80, but is a probability from 0.5 to 1"),
        (CHOICE.assign(wave="1"), {"waves": {"2": "2"}}, "wave '1' is not among 2; add its label"),
        (CHOICE.assign(wave="1"), {"waves": {str(i): str(i) for i in range(9)}}, "9 waves do not fit side by side"),
    ],
)
def test_choices_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
