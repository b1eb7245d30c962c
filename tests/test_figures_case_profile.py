"""The profile of a case: its means and past are those of the table, and no other case can be named from it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.case_profile import CHOSEN, OTHER, case_profile
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

NAN = np.nan
Z95 = 1.959963984540054  # R: qnorm(0.975), printed with 16 digits
SCALES = {"trust": "Trust", "aims": "Shared aims"}
WAVES = {"1": "2030", "2": "2031", "3": "2032"}
SCORES = pd.DataFrame(
    [
        ("trust", "1", "birch", 3.0, 0.2, 9, ""),
        ("trust", "2", "birch", 3.1, 0.2, 14, ""),
        ("trust", "3", "birch", 3.4, 0.1, 21, ""),
        ("aims", "2", "birch", 2.9, 0.2, 15, ""),
        ("aims", "3", "birch", NAN, NAN, 3, "withheld"),
        ("trust", "3", "ash", 3.0, 0.1, 40, ""),
        ("trust", "3", "cedar", 3.6, 0.1, 41, ""),
        ("trust", "3", "elm", 4.2, 0.1, 42, ""),
        ("trust", "1", "elm", 1.7, 0.1, 43, ""),
        ("aims", "3", "ash", 3.3, 0.1, 44, ""),
        ("aims", "3", "cedar", NAN, NAN, 2, "withheld"),
    ],
    columns=["scale", "wave", "case", "eb_mean", "eb_se", "n", "flag"],
)


def draw(table=SCORES, **changes):
    settings: dict[str, Any] = {
        "case": "birch", "scales": SCALES, "waves": WAVES, "title": "Trust grew", "note": "2032", "least": 5,
    }  # fmt: skip
    return case_profile(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 10)


def marks(figure, marker, colour=None):
    found = [line for line in scale(figure).lines if line.get_marker() == marker]
    return [float(x) for p in found if colour in (None, p.get_markerfacecolor()) for x in p.get_xdata()]


def test_the_last_mean_is_large_with_its_interval_and_earlier_ones_have_their_own_shapes():
    figure = draw()
    assert marks(figure, "o", CHOSEN) == [3.4]
    assert marks(figure, "D") == [3.1, 2.9]  # 2031, both scales
    assert marks(figure, "s") == [3.0]  # 2030
    ends = [tuple(map(float, line.get_xdata())) for line in scale(figure).lines if len(line.get_xdata()) == 2]
    assert any(end == pytest.approx((3.4 - Z95 * 0.1, 3.4 + Z95 * 0.1)) for end in ends)
    assert {"3.40 (3.20–3.60)", "21", "2032, with its 95% interval"} <= set(texts(figure))


def test_all_other_cases_of_the_last_wave_are_dots_around_their_median():
    figure = draw()
    assert marks(figure, "o", OTHER) == [3.0, 3.6, 4.2, 3.3]
    lines = [tuple(map(float, line.get_xdata())) for line in scale(figure).lines if line.get_marker() == "None"]
    assert {(3.6, 3.6), (3.3, 3.3)} <= set(lines)


def test_other_cases_are_neither_named_nor_counted():
    svg = render(draw(), "svg", title="t", alt="a", source="").decode()
    assert not any(name in svg for name in ("ash", "cedar", "elm", "Ash"))
    assert not {"40", "41", "42", "43", "44", "2"} & set(texts(draw()))


def test_a_withheld_mean_is_said_in_words_and_its_n_is_not_printed():
    figure = draw()
    found = texts(figure)
    assert {"withheld (n<5)", "<5"} <= set(found)
    assert not {"3", "2"} & (set(found) - {label.get_text() for label in scale(figure).get_xticklabels()})


def test_a_scale_that_the_case_was_not_surveyed_on_says_so():
    assert "not surveyed" in texts(draw(SCORES[SCORES["scale"] == "trust"]))


def test_the_weakest_scale_is_marked_with_a_word_and_bold():
    figure = draw(weakest="aims")
    found = next(text for text in figure.findobj(Text) if text.get_text() == "Shared aims\n(weakest)")
    assert found.get_fontweight() == "bold"
    assert "Shared aims\n(lowest)" in texts(draw(weakest="aims", weakest_word="lowest"))


def test_all_profiles_can_have_one_scale():
    low, high = scale(draw(within=(1, 5))).get_xlim()
    assert low < 1
    assert high > 5


def test_many_equal_cases_stay_within_their_row():
    names = [f"x{i}" for i in range(300)]
    crowd = pd.DataFrame({"scale": "trust", "wave": "3", "case": names, "eb_mean": 3.0, "eb_se": 0.1, "n": 9})
    crowd["flag"] = ""
    axes = scale(draw(pd.concat([SCORES, crowd]), scales={"trust": "Trust", "aims": "Shared aims"}))
    upper = next(line for line in axes.lines if line.get_markerfacecolor() == OTHER)
    assert len(upper.get_ydata()) == 303
    assert max(upper.get_ydata()) < axes.get_ylim()[0] / 2


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("n_waves", [1, 4, 6])
def test_13_scales_with_long_names_can_be_read(width, n_waves):
    scales = {f"s{i}": f"Participation of families and students in decisions, part {i}" for i in range(13)}
    waves = {str(i): str(2030 + i) for i in range(n_waves)}
    keys = [(s, w, f"c{i:02}") for s in scales for w in waves for i in range(34)]
    table = pd.DataFrame(keys, columns=["scale", "wave", "case"]).assign(eb_se=0.2, n=1234, flag="")
    table["eb_mean"] = 3 + np.sin(np.arange(len(table)))
    table.loc[3::11, ["eb_mean", "eb_se"]] = NAN
    table.loc[3::11, "flag"] = "withheld;few_respondents"
    figure = draw(table, case="c03", scales=scales, waves=waves, weakest="s4", width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_scores_give_the_same_bytes_in_any_row_order():
    first, second = (render(draw(table), "svg", title="t", alt="a", source="") for table in (SCORES, SCORES[::-1]))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (SCORES.drop(columns="n"), {}, "table of scores lacks column n"),
        (SCORES[:0], {}, "table of scores has no rows"),
        (pd.concat([SCORES, SCORES[:1]]), {}, "scale 'trust', wave '1', case 'birch' stands twice"),
        (SCORES, {"case": "oak"}, "case 'oak' is not in the table of scores; correct the name"),
        (SCORES, {"waves": {"3": "2032"}}, "wave '1' is not among 3; add its label"),
        (SCORES, {"weakest": "pace"}, "weakest scale 'pace' is not among trust, aims; correct the name"),
        (SCORES.assign(flag=""), {}, "row 5: eb_mean is missing without a reason; put one in flag"),
        (SCORES, {"waves": {str(i): str(i) for i in range(1, 8)}}, "7 waves cannot be told apart, 6 can"),
    ],
)
def test_scores_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
