"""Ranked cases: order, shrinking, intervals and ranks are those of the table; others can stay unnamed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.ranked_cases import ranked_cases
from nsi.figures.rendering import render, stamp
from nsi.figures.style import NARROW, WIDE

Z95 = 1.959963984540054  # R: qnorm(0.975), printed with 16 digits
SCORES = pd.DataFrame(
    [
        ("a", 12, 3.0, 3.2, 0.1, 3, 4, ""),
        ("b", 400, 4.4, 4.2, 0.05, 1, 1, ""),
        ("c", 30, 3.6, 3.6, 0.2, 2, 3, "low_response"),
        ("d", 3, np.nan, np.nan, np.nan, np.nan, np.nan, "withheld;low_response"),
        ("e", 0, np.nan, np.nan, np.nan, np.nan, np.nan, "no_responses"),
    ],
    columns=["case", "n", "mean", "eb_mean", "eb_se", "rank_low", "rank_high", "flag"],
)
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar", "d": "Dogwood", "e": "Elm"}


def draw(table=SCORES, **changes):
    settings: dict[str, Any] = {"labels": LABELS, "title": "Few differ", "note": "2030", "overall": 3.5, "least": 5}
    return ranked_cases(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 10)


def marks(figure, *, hollow):
    points = [line for line in scale(figure).lines if line.get_marker() == "o"]
    return [float(p.get_xdata()[0]) for p in points if (p.get_markerfacecolor() == "#FFFFFF") == hollow]


def test_rows_run_from_the_highest_shrunken_mean_down_with_the_raw_mean_hollow():
    figure = draw()
    assert marks(figure, hollow=False) == [4.2, 3.6, 3.2]
    assert marks(figure, hollow=True) == [4.4, 3.6, 3.0]
    assert [text for text in texts(figure) if text in LABELS.values()] == ["Birch", "Cedar", "Ash"]


@pytest.mark.parametrize(("confidence", "z"), [(0.95, Z95), (0.9, 1.6448536269514722)])  # R: qnorm(0.95)
def test_intervals_are_the_shrunken_mean_and_z_errors(confidence, z):
    figure = draw(confidence=confidence)
    boxes = [patch for held in scale(figure).containers if isinstance(held, BarContainer) for patch in held.patches]
    ends = [(box.get_x(), box.get_x() + box.get_width()) for box in boxes]
    assert ends[0] == pytest.approx((4.2 - z * 0.05, 4.2 + z * 0.05))
    assert f"its {confidence:.0%} interval" in texts(figure)


def test_ranks_are_printed_as_intervals_beside_n():
    assert {"1", "2–3", "3–4", "400", "30", "12"} <= set(texts(draw()))


def test_withheld_and_empty_cases_are_listed_beneath_by_reason_without_their_n():
    figure = draw()
    assert "Withheld (n<5): Dogwood.\nNo responses: Elm." in texts(figure)
    assert "3" not in texts(figure)


def test_a_table_for_readers_with_words_in_place_of_numbers_draws_the_same():
    told = SCORES.astype({name: "object" for name in SCORES.columns[1:7]})
    told.loc[3, ["mean", "eb_mean", "eb_se", "rank_low", "rank_high"]] = "withheld"
    told.loc[3, "n"] = "<5"
    assert texts(draw(told)) == texts(draw())


def test_a_case_withheld_for_another_gives_no_small_n_as_cause():
    assert "Withheld: Dogwood.\nNo responses: Elm." in texts(draw(SCORES.assign(n=[12, 400, 30, 8, 0])))


def test_the_overall_mean_is_a_dashed_line():
    lines = [line.get_xdata()[0] for line in scale(draw()).lines if line.is_dashed()]
    assert lines == [3.5]
    assert "all cases: 3.50" in texts(draw())


def test_colour_does_not_follow_the_rank():
    points = [line for line in scale(draw()).lines if line.get_marker() == "o"]
    assert len({p.get_markerfacecolor() for p in points if p.get_markerfacecolor() != "#FFFFFF"}) == 1


def test_one_case_can_be_shown_among_others_that_nobody_can_name():
    figure = draw(highlight="c", name_others=False)
    found = texts(figure)
    assert "Cedar" in found
    assert not {"Ash", "Birch", "Dogwood", "Elm", "400", "12", "3–4"} & set(found)
    assert "1 other case: withheld (n<5).\n1 other case: no responses." in found
    assert marks(figure, hollow=False) == [4.2, 3.6, 3.2]
    svg = render(figure, "svg", title="t", alt="a", source="").decode()
    assert "Birch" not in svg


def test_a_highlighted_case_that_is_withheld_says_so_by_name():
    assert any(text.startswith("Withheld (n<5): Dogwood.") for text in texts(draw(highlight="d", name_others=False)))


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name_others", [True, False])
def test_34_cases_with_long_names_can_be_read(width, name_others):
    names = {f"c{i:02}": f"Partnership of High Schools of the Northern Central Valley, Group {i}" for i in range(34)}
    value = np.linspace(2.5, 4.5, 34)
    table = pd.DataFrame(
        {
            "case": list(names), "n": range(5, 39), "mean": value + 0.2 * np.sin(range(34)), "eb_mean": value,
            "eb_se": 0.2, "rank_low": range(34, 0, -1), "rank_high": 34, "flag": "",
        }
    )  # fmt: skip
    table.loc[30:, ["mean", "eb_mean", "eb_se", "rank_low"]] = np.nan
    table.loc[30:, "flag"] = "withheld"
    figure = draw(table, labels=names, width=width, highlight="c07", name_others=name_others)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_scores_give_the_same_bytes_in_any_row_order():
    first, second = (
        render(draw(table), "svg", title="t", alt="a", source="") for table in (SCORES, SCORES.iloc[[1, 0, 2, 3, 4]])
    )
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (SCORES.drop(columns=["eb_se"]), {}, "table of scores lacks column eb_se"),
        (SCORES[:0], {}, "table of scores has no rows"),
        (pd.concat([SCORES, SCORES[:1]]), {}, "table of scores: case 'a' stands twice"),
        (SCORES.assign(flag=""), {}, "row 4: eb_mean is missing without a reason; put one in flag, such as withheld"),
        (SCORES.assign(eb_se=-1.0), {}, "row 1: eb_se is -1.0, but is at least 0; compute it again"),
        (SCORES.assign(mean="high"), {}, "row 1: mean is high, but is a number"),
        (SCORES[3:], {}, "no case has a value to draw; say so in words"),
        (SCORES, {"highlight": "z"}, "case 'z' is not in the table of scores; found: a, b, c, d, e"),
        (SCORES, {"name_others": False}, "no case would be named; give the case to highlight"),
        (SCORES, {"labels": {"a": "Ash"}}, "cases of the table of scores: no label for b, c, d, e"),
    ],
)
def test_scores_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
