"""The response map: each cell prints its rate and counts, and every kind of nothing has its own look and word."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.response_map import response_map
from nsi.figures.style import INK, NARROW, WIDE, luminance

NAN = np.nan
RATES = pd.DataFrame(
    [
        ("a", "2030", 40, 30, 2, 0.75, ""),
        ("a", "2031", 40, 10, 0, 0.25, "low_response"),
        ("b", "2030", NAN, NAN, 17, NAN, "no_roster"),
        ("b", "2031", 30, 0, 0, 0.0, "no_responses"),
        ("c", "2030", 12, 3, 0, NAN, "withheld"),
        ("d", "2031", 0, 0, 0, NAN, "no_members"),
    ],
    columns=["case", "wave", "roster", "responses", "off_roster", "response_rate", "flag"],
)
LABELS = {"a": "Ash", "b": "Birch", "c": "Cedar", "d": "Dogwood"}
WAVES = {"2030": "First year", "2031": "Second year"}


def draw(table=RATES, **changes):
    settings: dict[str, Any] = {"labels": LABELS, "columns": WAVES, "title": "Half answered", "note": "By wave"}
    return response_map(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def cells(figure):
    """Rectangles of the map itself: those wider than the samples of the key."""
    return [box for box in figure.findobj(Rectangle) if 8 < box.get_width() < 40 and box.get_height() < 20]


def test_every_cell_prints_what_is_in_the_table():
    found = [text for text in texts(draw()) if text not in {*LABELS.values(), *WAVES.values()}]
    told = ["75% (30/40)", "25% (10/40)", "no roster (n 17)", "none (0/30)", "withheld", "nobody invited"]
    assert [text for text in found if text in told] == told
    assert found.count("–") == 2  # Cedar and Dogwood were surveyed once


def test_a_withheld_count_is_printed_nowhere():
    assert not any("3/12" in text or text == "3" for text in texts(draw()))


def test_a_table_for_readers_draws_the_same():
    told = RATES.astype({"responses": object, "response_rate": object})
    told.loc[4, ["responses", "response_rate"]] = "withheld"
    assert texts(draw(told)) == texts(draw())


def test_a_low_rate_has_an_outline_besides_its_colour():
    outlined = [box for box in cells(draw()) if box.get_edgecolor() == to_rgba(INK)]
    assert len(outlined) == 2  # 25% and none
    assert not [box for box in cells(draw(threshold=None)) if box.get_edgecolor() == to_rgba(INK)]


def test_cells_without_a_rate_are_hatched_each_in_its_own_way():
    hatches = [box.get_hatch() for box in cells(draw()) if box.get_hatch()]
    assert len(hatches) == 2
    assert len(set(hatches)) == 2


def test_a_higher_rate_is_darker_in_grey():
    rates = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    table = pd.DataFrame({"case": list("abcdef"), "wave": "2030", "roster": 10, "off_roster": 0, "flag": ""})
    table = table.assign(responses=[10 * rate for rate in rates], response_rate=rates)
    figure = draw(table, labels={name: name for name in "abcdef"}, columns={"2030": "2030"}, threshold=None)
    found = [luminance(box.get_facecolor()) for box in cells(figure)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 6


def test_the_key_names_only_what_is_in_the_map():
    keys = {"no roster, so no rate", "none: invited, nobody answered", "withheld: too few to show", "–: not surveyed"}
    assert keys <= set(texts(draw()))
    assert not keys & set(texts(draw(RATES[:2])))


def test_roles_can_make_the_columns():
    figure = draw(RATES.rename(columns={"wave": "role"}), by="role")
    assert texts(figure) == texts(draw())


@pytest.mark.parametrize(("width", "n_columns"), [(NARROW, 1), (NARROW, 5), (WIDE, 4), (WIDE, 7)])
def test_34_cases_with_long_names_can_be_read(width, n_columns):
    names = {f"c{i:02}": f"Partnership of High Schools of the Northern Central Valley, Group {i}" for i in range(34)}
    waves = {str(i): f"Leaders of school districts {i}" for i in range(n_columns)}
    table = pd.DataFrame([(case, wave) for case in names for wave in waves], columns=["case", "wave"])
    pattern = pd.concat([RATES] * 40, ignore_index=True)[: len(table)]
    table = pd.concat([table, pattern[["roster", "responses", "off_roster", "response_rate", "flag"]]], axis=1)
    figure = draw(table.drop(index=[5, 6]), labels=names, columns=waves, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_rates_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (RATES.drop(columns="roster"), {}, "table of response rates lacks column roster"),
        (RATES[:0], {}, "table of response rates has no rows"),
        (pd.concat([RATES, RATES[:1]]), {}, "case 'a', wave '2030' stands twice"),
        (RATES.assign(response_rate=75), {}, "row 1: response_rate is 75, but is responses / roster"),
        (RATES.assign(roster=-4), {}, "row 1: roster is -4, but is at least 0"),
        (RATES, {"columns": {"2030": "2030"}}, "wave '2031' is not among 2030; add its label"),
        (RATES, {"labels": {"a": "Ash"}}, "cases of the table of response rates: no label for b, c, d"),
        (RATES, {"columns": WAVES | {str(i): str(i) for i in range(30)}}, "32 columns do not fit beside the labels"),
    ],
)
def test_rates_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
