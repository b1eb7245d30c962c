"""Events in lanes: bars stand at their dates, nothing overlaps, and the list tells every event that has a number."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.lane_layout import numbered_events, packed, period, shortened
from nsi.figures.lanes import lane_timeline
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

CASES = {"ash": "Ash", "oak": "Oak"}
LANES = {"work": "Work in the wood", "weather": "Weather"}
EVENTS = pd.DataFrame(
    [
        ("oak", "work", "2030-01-01", "2030-12-31", "Fence built"),
        ("ash", "weather", "2031-03-01", "2031-03-04", "Storm"),
        ("ash", "work", "2030-06-01", "2031-06-01", "First trees planted"),
        ("ash", "work", "2031-01-01", None, "Visit of a forester"),
    ],
    columns=["case", "lane", "start", "end", "text"],
)
MARKS = pd.DataFrame({"label": ["count 1", "count 2"], "start": ["2030-05-01", "2032-05-01"],
                      "end": ["2030-05-31", "2032-05-31"]})  # fmt: skip
NO_MARKS = MARKS[:0]


def draw(events=EVENTS, **changes):
    told: dict[str, Any] = {
        "cases": CASES, "lanes": LANES, "marks": MARKS, "title": "More work than weather", "note": "Days.",
        "mark_label": "trees counted",
    }  # fmt: skip
    return lane_timeline(events, **(told | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bars(figure):
    """Left end and width of each bar, mm."""
    found = [patch for patch in figure.findobj(Rectangle) if patch.get_linewidth() == 0.4 and patch.get_zorder() == 3]
    return sorted((patch.get_x(), patch.get_width()) for patch in found)


def test_events_are_numbered_through_all_cases_each_case_by_date():
    told = numbered_events(EVENTS, list(CASES))
    assert list(zip(told["number"], told["text"], strict=True)) == [
        ("1", "First trees planted"), ("2", "Visit of a forester"), ("3", "Storm"), ("4", "Fence built"),
    ]  # fmt: skip
    assert list(numbered_events(EVENTS, ["oak"])["number"]) == ["1"]


def test_bars_stand_at_their_dates_on_one_scale_for_all_cases():
    (oak, a_year), (ash, ash_year), (storm, three_days) = bars(draw())
    per_day = a_year / 364
    assert ash - oak == pytest.approx(151 * per_day)  # 1 January to 1 June
    assert ash_year == pytest.approx(365 * per_day)
    assert storm - oak == pytest.approx(424 * per_day)
    assert three_days == 0.7  # never too thin to be seen


def test_the_list_tells_each_event_with_its_number_and_months():
    found = texts(draw())
    for number in "1234":
        assert found.count(number) == 2  # in its lane and in the list
    assert {"Jun 2030–Jun 2031: First trees planted", "Jan 2031: Visit of a forester", "Mar 2031: Storm",
            "Jan–Dec 2030: Fence built"} <= set(found)  # fmt: skip


def test_marked_periods_are_named_and_years_stand_below():
    found = texts(draw())
    assert {"count 1", "count 2", "trees counted", "2030", "2031", "2032"} <= set(found)
    assert "2032" not in texts(draw(marks=NO_MARKS))
    assert "trees counted" not in texts(draw(marks=NO_MARKS))


def test_a_lane_without_events_says_so():
    assert texts(draw()).count("none recorded") == 1
    assert "Weather" in texts(draw(EVENTS[EVENTS["lane"] == "work"]))


def test_ticks_stand_in_a_row_of_their_own_case():
    days = pd.DataFrame({"case": ["ash", "ash", "elm"], "date": ["2030-02-01", "2030-03-01", "2030-04-01"]})
    figure = draw(ticks=days, tick_label="Notes")
    assert texts(figure).count("Notes") == 2
    lines = [line for axes in figure.axes for line in axes.lines if line.get_zorder() == 3]
    assert len([line for line in lines if line.get_linewidth() == 0.5]) == 2


def test_months_are_told_in_one_language_whatever_the_system():
    day = pd.Timestamp
    assert period(day(2030, 5, 1), day(2030, 5, 30)) == "May 2030"
    assert period(day(2030, 5, 1), pd.NaT) == "May 2030"
    assert period(day(2030, 3, 1), day(2030, 10, 1)) == "Mar–Oct 2030"
    assert period(day(2030, 12, 1), day(2031, 1, 1)) == "Dec 2030–Jan 2031"


def test_a_long_text_is_cut_after_a_whole_word_and_says_that_it_was():
    assert shortened("Trees were  planted, again", 40) == "Trees were planted, again"
    assert shortened("Trees were planted, again", 21) == "Trees were planted …"
    assert "Jun 2030–Jun 2031: First trees …" in texts(draw(most=14))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), min_size=1, max_size=12))
def test_no_two_events_of_a_lane_share_a_place(days: list[tuple[int, int]]):
    first = pd.Timestamp(2030, 1, 1)
    frame = pd.DataFrame({"start": [first + pd.Timedelta(days=d) for d, _ in sorted(days)],
                          "end": [first + pd.Timedelta(days=d + n) for d, n in sorted(days)]})  # fmt: skip
    frame["number"] = [str(place + 1) for place in range(len(frame))]
    placed = packed(frame, first, 0.06)
    for place, one in enumerate(placed):
        for other in placed[place + 1 :]:
            assert one.track != other.track or one.left + one.width < other.left


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(
    "events",
    [
        pytest.param(EVENTS, id="normal"),
        pytest.param(EVENTS[:1], id="one"),
        pytest.param(EVENTS.assign(text="A very long account of what happened in the wood that year " * 4), id="long"),
        pytest.param(EVENTS.assign(start="2030-06-01", end="2030-07-01"), id="same days"),
        pytest.param(
            pd.concat([EVENTS.assign(start=f"{year}-02-01", end=f"{year}-0{month}-28")
                       for year in range(2018, 2026) for month in (3, 9)]), id="many",
        ),
    ],
)  # fmt: skip
def test_every_word_can_be_read(width, events):
    days = pd.DataFrame({"case": ["ash", "oak"], "date": ["2030-02-01", "2030-03-01"]})
    figure = draw(events, width=width, ticks=days, tick_label="Notes of foresters")
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_long_labels_and_marks_that_stand_close_can_be_read():
    marks = pd.DataFrame({"label": [f"count of all trees {n}" for n in range(5)], "start": ["2030-05-01"] * 5,
                          "end": ["2030-05-02"] * 5})  # fmt: skip
    lanes = {"work": "Work of people who live in or near the wood", "weather": "Weather and other natural causes"}
    assert legibility_problems(draw(marks=marks, lanes=lanes)) == []


def test_the_same_events_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("events", "changes", "message"),
    [
        (EVENTS.drop(columns="end"), {}, "table of events lacks column end"),
        (EVENTS[:0], {}, "table of events has no rows"),
        (EVENTS, {"cases": {"elm": "Elm"}}, "table of events has no rows"),
        (EVENTS, {"cases": {"ash": ""}}, "cases to draw: no label for ash"),
        (EVENTS, {"lanes": {"work": "Work"}}, "lane is 'weather', allowed are work"),
        (EVENTS.assign(end="2029-01-01"), {}, "row 1: the event ends 2029-01-01, before it starts 2030-01-01"),
        (EVENTS.assign(start=None), {}, "row 1: the event has no start"),
        (EVENTS.assign(text=" "), {}, "row 1: the event has no text; say in a few words"),
        (EVENTS, {"marks": MARKS.drop(columns="end")}, "table of marked periods lacks column end"),
        (EVENTS, {"marks": MARKS.assign(end="2020-01-01")}, "a period lacks a date or ends before it starts"),
    ],
)
def test_what_cannot_be_drawn_is_refused(events, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(events, **changes)
