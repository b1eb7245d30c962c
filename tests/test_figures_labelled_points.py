"""Labelled points: marks stand at their values, names beside their marks and clear of everything, none is lost."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.label_places import Box, label_places
from nsi.figures.labelled_points import TALL, labelled_points
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

NAN = np.nan
POINTS = pd.DataFrame(
    {
        "case": ["a", "b", "c"],
        "mix": [0.0, 0.5, 0.65],
        "share": [0.2, 0.3, 0.8],
        "low": [0.1, 0.2, 0.7],
        "high": [0.3, 0.45, 0.9],
        "kind": ["plain", "plain", "chosen"],
    }
)
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar"}


def draw(points: pd.DataFrame = POINTS, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "case": "case", "x": "mix", "y": "share", "group": "kind", "low": "low", "high": "high", "labels": LABELS,
        "group_labels": {"plain": "Plain", "chosen": "Chosen"}, "x_label": "How mixed", "y_label": "How far",
        "title": "Cedar is ahead", "note": "Three cases", "shares": ["share"],
    }  # fmt: skip
    return labelled_points(points, **(values | changes))


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def marks(figure: Any) -> list[tuple[str, float, float]]:
    """Shape and values of every mark in the plot."""
    plot, over = figure.axes[1], figure.axes[2]
    (x0, x1), (y0, y1) = plot.get_xlim(), plot.get_ylim()
    found = [line for line in over.lines if line.get_marker() not in ("None", "", None)]
    at = [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in found]
    across = over.get_xlim()[1]
    return [
        (str(line.get_marker()), x0 + x / across * (x1 - x0), y1 - y / TALL * (y1 - y0))
        for line, (x, y) in zip(found, at, strict=True)
    ]


def test_marks_stand_at_their_values_with_the_shape_of_their_group():
    found = marks(draw())
    assert [shape for shape, _, _ in found] == ["o", "o", "D"]
    assert np.allclose([x for _, x, _ in found], POINTS["mix"])
    assert np.allclose([y for _, _, y in found], POINTS["share"])


def test_intervals_reach_from_low_to_high():
    figure = draw()
    plot, over = figure.axes[1], figure.axes[2]
    y0, y1 = plot.get_ylim()
    spans = [line.get_ydata() for line in over.lines if line.get_zorder() == 3]
    values = [sorted(y1 - np.asarray(span) / TALL * (y1 - y0)) for span in spans]
    assert np.allclose(values, POINTS[["low", "high"]])
    assert "95% interval" in texts(figure)
    assert "95% interval" not in texts(draw(low="", high=""))


def test_every_case_is_named_and_those_of_the_last_group_in_bold():
    found = {text.get_text(): text.get_fontweight() for text in draw().axes[2].texts}
    assert found == {"Ash": "normal", "Birch": "normal", "Cedar": "bold"}


def test_a_case_without_a_value_is_named_below_the_plot():
    figure = draw(POINTS.assign(share=[0.2, NAN, 0.8]))
    assert "Without a value: Birch." in texts(figure)
    assert len(marks(figure)) == 2
    assert legibility_problems(figure) == []


def test_shares_are_printed_in_per_cent_and_other_values_are_not():
    found = texts(draw())
    assert any(text.endswith("%") for text in found if text[0].isdigit() and "interval" not in text)
    assert "0.4" in found
    assert {"How mixed", "How far"} <= set(found)


def crowd(n: int, label: str = "Case {}") -> tuple[pd.DataFrame, dict[str, str]]:
    places = np.arange(n)
    points = pd.DataFrame(
        {"case": [f"c{k}" for k in places], "mix": (places % 5) / 10, "share": (places % 7) / 9, "kind": "plain"}
    )
    points = points.assign(low=points["share"] * 0.8, high=points["share"] * 0.9 + 0.1)
    return points, {f"c{k}": label.format(k) for k in places}


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(
    ("n", "label"),
    [(1, "Case {}"), (9, "Case {}"), (25, "C{}"), (5, "A case with a name that goes on and on {}"), (3, "$x_{}$ <b>")],
)
def test_everything_can_be_read_from_one_point_to_many(n, label, width):
    points, labels = crowd(n, label)
    figure = draw(points, labels=labels, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_points_at_one_place_keep_their_names_apart_and_tied():
    points = pd.concat([POINTS[:1].assign(case=name) for name in "abc"])
    assert legibility_problems(draw(points)) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(5, 95), st.floats(5, 55)), min_size=1, max_size=9))
def test_names_stay_in_their_room_and_off_each_other(at):
    room = Box(0, 0, 100, 60)
    found = label_places(at, ["R8"] * len(at), room=room, taken=[])
    assert all(0 <= place.x <= 100 and 0 <= place.y <= 60 for place in found)
    for one in range(len(found)):
        for other in range(one):
            apart = max(abs(found[one].x - found[other].x) / 3.2, abs(found[one].y - found[other].y) / 2.9)
            assert apart >= 1


def test_the_same_table_gives_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (POINTS.drop(columns="mix"), "table of points lacks column mix"),
        (POINTS[:0], "table of points has no rows"),
        (pd.concat([POINTS, POINTS[:1]]), "table of points: case 'a' stands twice"),
        (POINTS.assign(case=["a", "b", "z"]), "cases of the table of points: no label for z"),
        (POINTS.assign(kind="odd"), "table of points row 1: kind is 'odd', allowed are plain, chosen"),
        (POINTS.assign(mix="much"), "table of points row 1: mix is much, but is a number; compute it again"),
        (POINTS.assign(mix=NAN), "table of points: no case has both mix and share; say so in words"),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(points, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        draw(points)


def test_more_groups_than_marks_are_refused():
    with pytest.raises(StudyError, match="6 groups, but 5 can be told apart; join some of them"):
        draw(group_labels={name: name for name in ["plain", "chosen", *"pqrs"]})
