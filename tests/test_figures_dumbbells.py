"""Dumbbells: both ends, their intervals, the change and its n are those of the table; a missing end says why."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.dumbbells import dumbbells
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

NAN = np.nan
COLUMNS = [
    "case", "n_first", "mean_first", "low_first", "high_first", "n_last", "mean_last", "low_last", "high_last",
    "change", "change_low", "change_high", "flag",
]  # fmt: skip
CHANGES = pd.DataFrame(
    [
        ("b", 40, 3.0, 2.8, 3.2, 50, 3.5, 3.3, 3.7, 0.5, 0.2, 0.8, ""),
        ("a", 8, 3.4, 2.9, 3.9, 60, 3.3, 3.1, 3.5, -0.1, -0.5, 0.3, ""),
        ("c", 0, NAN, NAN, NAN, 20, 3.9, 3.6, 4.2, NAN, NAN, NAN, "one_wave"),
        ("d", 30, NAN, NAN, NAN, 3, NAN, NAN, NAN, NAN, NAN, NAN, "withheld"),
    ],
    columns=COLUMNS,
)
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar", "d": "Dogwood"}


def draw(table=CHANGES, **changes):
    settings: dict[str, Any] = {
        "labels": LABELS, "waves": ("2030", "2033"), "title": "Most rose", "note": "n below", "hollow": 10, "least": 5,
    }  # fmt: skip
    return dumbbells(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 10)


def marks(figure, shape):
    found = [line for line in scale(figure).lines if line.get_marker() == shape]
    return [(float(p.get_xdata()[0]), p.get_markerfacecolor() == "#FFFFFF") for p in found]


def test_first_and_last_wave_have_their_own_shapes_and_few_respondents_are_hollow():
    figure = draw()
    assert marks(figure, "s") == [(3.0, False), (3.4, True)]
    assert marks(figure, "o") == [(3.5, False), (3.3, False), (3.9, False)]
    assert "hollow: n<10" in texts(figure)


def test_both_ends_have_their_interval_and_a_line_joins_them():
    lines = [tuple(map(float, line.get_xdata())) for line in scale(draw()).lines if len(line.get_xdata()) == 2]
    assert {(2.8, 3.2), (3.3, 3.7), (3.0, 3.5), (2.9, 3.9), (3.1, 3.5), (3.4, 3.3), (3.6, 4.2)} <= set(lines)


def test_rows_stay_as_given_and_changes_are_printed_with_sign_and_interval():
    found = texts(draw())
    firsts = [text.split("\n")[0] for text in found]
    assert [text for text in firsts if text in LABELS.values()] == ["Birch", "Ash", "Cedar", "Dogwood"]
    assert {"+0.50 (0.20 to 0.80)", "−0.10 (−0.50 to 0.30)", "40 → 50", "8 → 60"} <= set(found)
    assert "+0.50" in texts(draw(width=NARROW))


def test_a_case_with_one_end_or_none_says_why_and_gives_no_count_away():
    found = texts(draw())
    assert "Cedar\n(no mean in 2030)" in found
    assert "Dogwood\n(withheld (n<5))" in found
    assert "– → <5" in found  # the other count of a withheld row would tell on it
    assert not any("3 → " in text or "→ 3" in text for text in found)


def test_a_table_for_readers_draws_the_same_and_a_row_withheld_for_another_gives_no_small_n_as_cause():
    told = CHANGES.astype({name: "object" for name in COLUMNS[1:-1]})
    told[COLUMNS[1:-1]] = told[COLUMNS[1:-1]].map(lambda cell: cell if pd.isna(cell) else f"{cell}")
    told.loc[3, COLUMNS[1:-1]] = "withheld"
    told.loc[3, "n_last"] = "<5"
    assert texts(draw(told)) == texts(draw())
    assert marks(draw(told), "s") == marks(draw(), "s")
    told.loc[3, "n_last"] = "withheld"
    assert {"Dogwood\n(withheld)", "– → –"} <= set(texts(draw(told)))


def test_it_says_when_only_returning_respondents_were_counted():
    told = "Only respondents who answered in both waves"
    assert told in texts(draw(returning=True))
    assert told not in texts(draw())


def test_waves_that_differ_between_cases_are_printed():
    found = texts(draw(CHANGES.assign(wave_first=["2030", "2031", "2030", "2030"], wave_last="2033")))
    assert {"2030–2033", "2031–2033", "2033", "–"} <= set(found)


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("own_waves", [False, True])
def test_34_cases_with_long_names_can_be_read(width, own_waves):
    names = {f"c{i:02}": f"Partnership of High Schools of the Northern Central Valley, Group {i}" for i in range(34)}
    table = pd.concat([CHANGES] * 9, ignore_index=True)[:34].assign(case=list(names))
    if own_waves:
        table = table.assign(wave_first="2030", wave_last="2033")
    figure = draw(table, labels=names, width=width, returning=True)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_changes_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (CHANGES.drop(columns="low_last"), "table of changes lacks column low_last"),
        (CHANGES[:0], "table of changes has no rows"),
        (pd.concat([CHANGES, CHANGES[:1]]), "table of changes: case 'b' stands twice"),
        (CHANGES.assign(flag=""), "row 3: mean_first is missing without a reason; put one in flag"),
        (CHANGES.assign(n_first=-1), "row 1: n_first is -1, but is at least 0"),
        (CHANGES[3:], "no case has a mean to draw; say so in words"),
    ],
)
def test_changes_that_cannot_be_drawn_are_refused(table, message):
    with pytest.raises(StudyError, match=message):
        draw(table)
