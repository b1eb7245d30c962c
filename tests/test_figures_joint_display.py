"""Joint display as a figure: bars are those of the table, every hole is seen, and no text of a person is drawn."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.joint_display import FITS, joint_display
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import MAX_HEIGHT, MM_PER_INCH, NARROW, WIDE

LEVELS = ["none seen", "some", "throughout"]
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar", "d": "Dogwood"}
HOLES = "inference not written yet; fit not judged yet"


def table(**changes: Any) -> pd.DataFrame:
    rows = [
        (
            "a",
            "Stronger",
            4.2,
            4.0,
            4.4,
            "4.20 (4.00 to 4.40)",
            "40",
            "throughout",
            "throughout",
            "confirms",
            "It fits.",
            "",
        ),
        (
            "b",
            "Stronger",
            3.9,
            np.nan,
            np.nan,
            "3.90 (no interval)",
            "8",
            "some",
            "some",
            "contradicts",
            "inference not written yet",
            "inference not written yet",
        ),
        (
            "c",
            "Weaker",
            3.1,
            2.9,
            3.3,
            "3.10 (2.90 to 3.30)",
            "31",
            "",
            "Only words.",
            "fit not judged yet",
            "inference not written yet",
            HOLES,
        ),
        (
            "d",
            "",
            np.nan,
            np.nan,
            np.nan,
            "withheld (n<5)",
            "<5",
            "",
            "no theme rated yet",
            "silent",
            "Nothing.",
            "no theme rated yet",
        ),
    ]
    names = [
        "case",
        "band",
        "estimate",
        "low",
        "high",
        "score",
        "n_told",
        "rating",
        "theme",
        "fit",
        "inference",
        "holes",
    ]
    return pd.DataFrame(rows, columns=names).assign(**changes)


def draw(frame: pd.DataFrame | None = None, **changes: Any) -> Any:
    usual: dict[str, Any] = {
        "labels": LABELS,
        "title": "Scores and words agree in most cases",
        "note": "n is members",
        "score_title": "score",
        "rating_title": "rating",
        "levels": LEVELS,
        "middle": 3.5,
    }
    return joint_display(table() if frame is None else frame, **(usual | changes))


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure: Any) -> Any:
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 10)


def test_dots_are_the_scores_and_bars_the_intervals():
    axes = scale(draw())
    dots = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert dots == [4.2, 3.9, 3.1]
    boxes = [patch for held in axes.containers if isinstance(held, BarContainer) for patch in held.patches]
    ends = [(box.get_x(), box.get_x() + box.get_width()) for box in boxes]
    assert ends == [pytest.approx((4.0, 4.4)), pytest.approx((2.9, 3.3))]
    assert "no interval where no bar stands" in texts(draw())


def test_cases_stand_in_the_order_of_the_table_beneath_their_bands():
    found = [text for text in texts(draw()) if text in {*LABELS.values(), "Stronger", "Weaker", "No band", "No score"}]
    assert [text for text in found if text in LABELS.values()] == list(LABELS.values())
    assert [text for text in found if text not in LABELS.values()] == ["Stronger", "Weaker", "No score"]


def test_bands_that_are_torn_apart_are_no_headings():
    assert "Stronger" not in texts(draw(table().iloc[[0, 2, 1, 3]]))


def test_what_is_still_to_be_written_is_said_and_counted():
    found = texts(draw())
    assert "contradicts\ninference not written yet" in found
    assert "inference not written yet" in found  # without words on the fit, which nobody can judge before
    assert "no theme rated yet" in found
    assert "in words only" in found
    assert "still to be written, in 3 of 4 cases" in found


def test_a_display_without_holes_has_no_key_for_them():
    whole = table(holes="", fit="confirms", inference="It fits.")
    assert not [text for text in texts(draw(whole)) if "still to be written" in text]


def test_a_withheld_score_is_said_in_words_and_has_no_mark():
    found = texts(draw())
    assert "withheld (n<5)" in found
    assert "<5" in found


def test_no_inference_summary_or_quote_is_drawn():
    assert not {"It fits.", "Nothing.", "Only words."} & set(texts(draw()))


def test_every_fit_has_a_shape_of_its_own_beside_its_word():
    assert len({look["marker"] for look in FITS.values()}) == len(FITS)
    found = texts(draw(table(fit=list(FITS), holes="", inference="t")))
    assert set(FITS) <= set(found)


def test_the_middle_is_a_dashed_line_only_beside_scores():
    lines = [line for line in scale(draw()).lines if line.is_dashed()]
    assert [float(line.get_xdata()[0]) for line in lines] == [3.5] * 3
    assert not [line for line in scale(draw(middle=None)).lines if line.is_dashed()]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("levels", [LEVELS, []])
def test_all_of_it_can_be_read(width, levels):
    figure = draw(width=width, levels=levels)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_34_cases_with_long_names_and_long_ratings_can_be_read(width):
    names = {f"c{i:02}": f"Partnership of High Schools of the Northern Central Valley, Group {i}" for i in range(34)}
    long = ["in the words of nobody at all", "in the words of several leaders and of their teams"]
    frame = pd.DataFrame(
        {
            "case": list(names),
            "band": "",
            "estimate": np.linspace(4.5, 2.5, 34),
            "low": np.linspace(4.4, 2.2, 34),
            "high": np.linspace(4.7, 2.9, 34),
            "score": "s",
            "n_told": "1,234",
            "rating": long * 17,
            "theme": long * 17,
            "fit": [*FITS, "fit not judged yet"] * 6 + list(FITS),
            "inference": "inference not written yet",
            "holes": HOLES,
        }
    )
    assert legibility_problems(draw(frame, labels=names, levels=long, width=width)) == []


def test_35_cases_in_three_bands_and_without_a_score_fit_on_a_page():
    names = {f"c{i:02}": f"Case {i}" for i in range(35)}
    first, second, third, none = (table().iloc[[place] * n] for place, n in ((0, 8), (1, 17), (2, 8), (3, 2)))
    frame = pd.concat([first, second.assign(band="Between"), third, none]).assign(case=list(names))
    long = "Score: mean of the scale. Rating: level in the middle of its segments. Fit: as people judged it. " * 2
    figure = draw(frame.assign(fit="expands", inference="t", holes=""), labels=names, note=long)
    stamp(figure, "SYNTHETIC DATA")
    assert {"Stronger", "Between", "Weaker", "No score"} <= set(texts(figure))
    assert figure.get_size_inches()[1] * MM_PER_INCH <= MAX_HEIGHT
    assert legibility_problems(figure) == []


def test_a_display_where_every_score_is_withheld_can_be_drawn():
    hidden = table(estimate=np.nan, low=np.nan, high=np.nan, score="withheld")
    assert legibility_problems(draw(hidden, middle=None)) == []


def test_the_same_table_gives_the_same_bytes():
    one, two = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"frame": table().drop(columns="fit")}, "joint display lacks column fit"),
        ({"frame": table(case="a")}, "joint display: case 'a' stands twice"),
        ({"labels": {"a": "Ash"}}, "cases of the joint display: no label for b, c, d"),
        ({"levels": ["low", "high"]}, "rating throughout, some is none of low, high; correct it, or the levels"),
        (
            {"frame": table(rating="x" * 61)},
            "a rating has 61 characters, 60 are drawn at most; put texts into 'summary'",
        ),
        ({"frame": table(estimate="high")}, "joint display row 1: estimate is high, but is a number"),
        ({"width": 100}, "figure width is 100 mm"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(changes, told):
    with pytest.raises(StudyError, match=re.escape(told)):
        draw(**changes)
