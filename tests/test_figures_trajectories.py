"""Trajectories: lines are those of the table, they break where a value is missing, and one case stands out."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE
from nsi.figures.trajectories import BEHIND, CHOSEN, trajectories

NAN = np.nan
Z95 = 1.959963984540054  # R: qnorm(0.975), printed with 16 digits
WAVES = {"1": "2030", "2": "2031", "3": "2032"}
CASES = pd.DataFrame(
    [
        ("a", "1", "trust", 3.0, 0.1, ""), ("a", "2", "trust", 3.2, 0.1, ""), ("a", "3", "trust", 3.4, 0.1, ""),
        ("b", "1", "trust", 4.0, 0.2, ""), ("b", "2", "trust", NAN, NAN, "withheld"), ("b", "3", "trust", 4.2, 0.2, ""),
        ("c", "1", "trust", 2.5, 0.2, ""), ("c", "3", "trust", 2.6, 0.2, ""),
    ],
    columns=["case", "wave", "scale", "eb_mean", "eb_se", "flag"],
)  # fmt: skip
MEANS = pd.DataFrame({"wave": ["1", "2", "3"], "scale": "trust", "mean": [3.1, 3.2, 3.3], "se_mean": 0.1})


def draw(frame=CASES, **changes):
    settings: dict[str, Any] = {
        "average": MEANS, "waves": WAVES, "scales": {"trust": "Trust"}, "title": "Trust grows", "note": "n = 3",
    }  # fmt: skip
    return trajectories(frame, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def panel(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[0] == -0.3)


def series(figure, colour, linestyle="-"):
    """Values of the lines of a colour, each over three waves; one artist may draw several, a gap after each."""
    lines = [line for line in panel(figure).lines if line.get_color() == colour and line.get_linestyle() == linestyle]
    parts = [np.split(line.get_ydata(), np.flatnonzero(np.diff(line.get_xdata()) < 0) + 1) for line in lines]
    return [list(map(float, part[:3])) for own in parts for part in own if len(part) >= 3]


def test_every_case_is_a_thin_line_that_breaks_where_a_wave_is_missing():
    found = series(draw(), BEHIND)
    np.testing.assert_equal(found, [[3.0, 3.2, 3.4], [4.0, NAN, 4.2], [2.5, NAN, 2.6]])


def test_values_alone_between_gaps_are_dots():
    dots = [line for line in panel(draw()).lines if line.get_marker() == "o"]
    assert sorted(float(y) for line in dots for y in line.get_ydata()) == [2.5, 2.6, 4.0, 4.2]


def test_the_average_is_dashed_with_its_interval_as_a_band_and_its_last_value_written():
    figure = draw()
    assert series(figure, "#000000", "--") == [[3.1, 3.2, 3.3]]
    band = panel(figure).collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(3.1 - Z95 * 0.1)
    assert band[:, 1].max() == pytest.approx(3.3 + Z95 * 0.1)
    assert {"3.30", "95% interval of that average"} <= set(texts(figure))


def test_one_case_stands_out_by_colour_marks_intervals_and_its_last_value():
    figure = draw(highlight="a", highlight_label="Ash")
    assert series(figure, CHOSEN) == [[3.0, 3.2, 3.4]]
    assert len(series(figure, BEHIND)) == 2
    marks = [line for line in panel(figure).lines if line.get_marker() == "o" and line.get_markersize() > 3]
    assert [float(line.get_ydata()[0]) for line in marks] == [3.0, 3.2, 3.4]
    upright = [line for line in panel(figure).lines if line.get_color() == CHOSEN and len(line.get_ydata()) == 2]
    assert tuple(upright[0].get_ydata()) == pytest.approx((3.0 - Z95 * 0.1, 3.0 + Z95 * 0.1))
    assert {"3.40", "Ash, with 95% intervals", "another case"} <= set(texts(figure))


def test_a_withheld_wave_of_that_case_has_a_cross_and_its_reason():
    figure = draw(highlight="b", highlight_label="Birch")
    crosses = [line for line in panel(figure).lines if line.get_marker() == "x"]
    assert [float(line.get_xdata()[0]) for line in crosses] == [1.0]
    assert "Birch: withheld" in texts(figure)
    assert not [line for line in panel(draw(highlight="c")).lines if line.get_marker() == "x"]  # not surveyed then


def test_other_cases_are_not_named():
    assert not {"a", "b", "c", "4.20", "2.60"} & set(texts(draw()))


@pytest.mark.parametrize(
    ("width", "n_scales", "n_waves"), [(NARROW, 5, 4), (NARROW, 1, 2), (WIDE, 13, 4), (WIDE, 3, 9), (WIDE, 1, 1)]
)
def test_34_cases_on_many_scales_can_be_read(width, n_scales, n_waves):
    waves = {str(i): f"Spring of {2030 + i}" for i in range(n_waves)}
    scales = {f"s{i}": f"Participation of families and students in decisions, part {i}" for i in range(n_scales)}
    keys = [(f"c{i:02}", wave, scale) for i in range(34) for wave in waves for scale in scales]
    frame = pd.DataFrame(keys, columns=["case", "wave", "scale"]).assign(eb_mean=3.0, eb_se=0.2, flag="")
    frame["eb_mean"] += np.sin(np.arange(len(frame)))
    gone = np.arange(len(frame)) % 7 == 1
    frame = frame.assign(eb_mean=frame["eb_mean"].mask(gone), flag=np.where(gone, "withheld", ""))
    average = pd.DataFrame([key[1:] for key in keys[: n_waves * n_scales]], columns=["wave", "scale"])
    figure = draw(
        frame, average=average.assign(mean=3.0, se_mean=0.05), waves=waves, scales=scales, width=width,
        highlight="c03", highlight_label="Partnership of High Schools of the Northern Central Valley",
    )  # fmt: skip
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_values_give_the_same_bytes_in_any_row_order():
    first, second = (
        render(draw(frame, highlight="a"), "svg", title="t", alt="a", source="") for frame in (CASES, CASES[::-1])
    )
    assert first == second


@pytest.mark.parametrize(
    ("frame", "changes", "message"),
    [
        (CASES.drop(columns="eb_se"), {}, "table of trajectories lacks column eb_se"),
        (CASES[:0], {}, "table of trajectories has no rows"),
        (CASES, {"average": MEANS.drop(columns="mean")}, "table of averages lacks column mean"),
        (pd.concat([CASES, CASES[:1]]), {}, "case 'a', wave '1', scale 'trust' stands twice"),
        (CASES, {"waves": {"1": "2030", "3": "2032"}}, "wave '2' is not among 1, 3; add its label"),
        (CASES, {"scales": {"aims": "Aims"}}, "scale 'trust' is not among aims; add its label"),
        (CASES, {"highlight": "z"}, "case 'z' is not in the table of trajectories"),
        (CASES.assign(flag=""), {"highlight": "b"}, "row 5: eb_mean is missing without a reason; put one in flag"),
        (CASES.assign(eb_se=-0.1), {}, "row 1: eb_se is -0.1, but is at least 0"),
    ],
)
def test_values_that_cannot_be_drawn_are_refused(frame, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(frame, **changes)
