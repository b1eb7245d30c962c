"""A grid of means over waves: marks and intervals are the table's, and what is missing says why in its own panel."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.group_lines import group_lines
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import MARKS, NARROW, WHITE, WIDE

NAN = np.nan
WAVES = {"w1": "2030", "w2": "2031", "w3": "2032"}
SCALES = {"trust": "Trust", "ties": "Ties"}
ROLES = {"t": "Teacher", "h": "Head"}
CASES = {"a": "Ash", "o": "Oak"}


def table() -> pd.DataFrame:
    """Every combination once; heads were not asked about ties, and Oak's heads are withheld in one wave."""
    rows = [
        (case, wave, scale, role, 20 + place, 3.0 + 0.1 * place + (case == "o"), 2.5, 4.5, "")
        for scale in SCALES for role in ROLES for case in CASES for place, wave in enumerate(WAVES)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["case", "wave", "scale", "role", "n", "mean", "low", "high", "flag"])
    not_asked = (frame["scale"] == "ties") & (frame["role"] == "h")
    withheld = (frame["scale"] == "trust") & (frame["role"] == "h") & (frame["case"] == "o") & (frame["wave"] == "w2")
    frame.loc[not_asked | withheld, ["mean", "low", "high"]] = NAN
    few = frame["n"].mask(not_asked, 0).mask(withheld, 3)
    return frame.assign(n=few, flag=np.select([not_asked, withheld], ["not_asked", "withheld"], default=""))


MEANS = table()


def draw(means=MEANS, **changes):
    settings: dict[str, Any] = {
        "waves": WAVES, "scales": SCALES, "groups": ROLES, "cases": CASES, "title": "Oak is above Ash",
        "note": "Means of scores.", "least": 5,
    }  # fmt: skip
    return group_lines(means, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def panels(figure):
    """Axes with a scale of values, in the order drawn: by scale, then by group."""
    return [axes for axes in figure.axes if axes.get_xlim()[0] == pytest.approx(-0.4)]


def marks(axes, shape):
    found = [line for line in axes.lines if line.get_marker() == shape]
    return [float(line.get_ydata()[0]) for line in found]


def intervals(axes):
    return [tuple(map(float, line.get_ydata())) for line in axes.lines if len(line.get_ydata()) == 2]


def test_each_case_has_its_mark_at_its_means_in_every_panel():
    trust, heads, ties, empty = panels(draw())
    ash, oak = (shape for _, shape in MARKS[:2])
    assert marks(trust, ash) == pytest.approx([3.0, 3.1, 3.2])
    assert marks(trust, oak) == pytest.approx([4.0, 4.1, 4.2])
    assert marks(heads, oak) == pytest.approx([4.0, 4.2])
    assert marks(ties, ash) == pytest.approx([3.0, 3.1, 3.2])
    assert not marks(empty, ash)


def test_each_mean_has_its_interval_and_a_line_breaks_where_a_mean_is_missing():
    _, heads, *_ = panels(draw())
    assert intervals(heads).count((2.5, 4.5)) == 5
    lines = [np.asarray(line.get_ydata(), dtype=float) for line in heads.lines if len(line.get_ydata()) == 3]
    assert sorted(int(np.isnan(line).sum()) for line in lines) == [0, 1]


def test_what_is_missing_says_why_in_its_panel():
    found = texts(draw())
    assert "not asked" in found
    assert "Oak 2031: withheld (n<5)" in [" ".join(text.split()) for text in found]
    assert "not computed" in texts(draw(MEANS[MEANS["role"] == "t"]))


def test_counts_stand_below_their_group_and_leave_out_what_is_withheld():
    found = texts(draw())
    assert found.count("Ash: n 20–22\nOak: n 20–22") == 2
    assert not any("n 3" in text or "n 0" in text for text in found)


def test_a_table_for_readers_draws_the_same():
    told = MEANS.astype({name: "object" for name in ("n", "mean", "low", "high")})
    hidden = told["flag"] == "withheld"
    told.loc[hidden, ["mean", "low", "high"]] = "withheld"
    told.loc[hidden, "n"] = "<5"
    assert texts(draw(told)) == texts(draw())


def test_marks_of_few_are_hollow_and_the_key_says_so():
    figure = draw(MEANS.assign(n=[4, *MEANS["n"][1:]]), hollow=10)
    first = [line for line in panels(figure)[0].lines if line.get_marker() == MARKS[0][1]]
    assert [line.get_markerfacecolor() == WHITE for line in first] == [True, False, False]
    assert "hollow: n<10" in texts(figure)


def test_scales_stand_in_the_order_given_and_others_are_left_out():
    found = texts(draw(scales={"ties": "Ties", "trust": "Trust"}))
    assert found.index("Ties") < found.index("Trust")
    assert "Ties" not in texts(draw(scales={"trust": "Trust"}))


LONG = "Perceived reliability of promises between partners in a region"


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"scales": {"trust": LONG, "ties": LONG + " again"}},
        {"cases": {"a": "Partnership of the Northern Valley", "o": "Partnership of the Southern Valley"}},
        {"groups": {"t": "Those who teach or coach in a school", "h": "Those who lead a school or an office"}},
        {"scales": {"trust": "Trust"}, "groups": {"h": "Head"}, "hollow": 10},
        {"waves": {"w1": "Spring 2030, first round", "w2": "Autumn 2031, second", "w3": "Spring 2032, third"}},
    ],
)
def test_every_word_can_be_read(width, changes):
    figure = draw(width=width, **changes)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_many_scales_can_be_read():
    names = {f"s{place}": f"Scale number {place}" for place in range(9)}
    many = pd.concat([MEANS[MEANS["scale"] == "trust"].assign(scale=name) for name in names])
    assert legibility_problems(draw(many, scales=names)) == []


def test_the_same_table_gives_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("means", "changes", "message"),
    [
        (MEANS.drop(columns="low"), {}, "table of means by group lacks column low"),
        (MEANS[:0], {}, "table of means by group has no rows"),
        (pd.concat([MEANS, MEANS[:1]]), {}, "scale 'trust', group 't', case 'a', wave 'w1' stands twice"),
        (MEANS.assign(flag=""), {}, "mean is missing without a reason; put one in flag"),
        (MEANS.assign(mean=NAN, flag="withheld"), {}, "there is no mean to draw; say so in words"),
        (MEANS, {"cases": {}}, "cases to draw: the list is empty"),
        (MEANS, {"cases": {"a": " "}}, "cases to draw: no label for a"),
        (MEANS, {"cases": {name: name for name in "abcdef"}}, "6 cases are too many lines"),
        (MEANS, {"groups": {name: name for name in "thuvwxyz"}}, "8 groups do not fit side by side on 174 mm"),
    ],
)
def test_what_cannot_be_drawn_is_refused(means, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(means, **changes)
