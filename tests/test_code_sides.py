"""Codes on two sides: shares within an area, levels, balance, and the contrast of two groups of cases."""

import math

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.code_sides import code_shares, share_levels, side_balance, side_contrast

AREAS = {"join": "who", "assign": "who", "ask": "how"}
SIDES = {"up": ["join", "ask"], "down": ["assign"]}
CELLS = pd.DataFrame(
    [("a", "join", 3, 0, "strong"), ("a", "assign", 1, 1, "mixed"), ("a", "ask", 0, 0, "absent"),
     ("b", "join", 1, 0, "thin"), ("b", "assign", 4, 0, "strong"), ("b", "ask", 2, 0, "not_looked")],
    columns=["row", "column", "n_supporting", "n_contrary", "state"],
)  # fmt: skip


def shares():
    return code_shares(CELLS, areas=AREAS, sides=SIDES)


def test_a_share_is_of_the_supporting_segments_of_the_area_in_that_case():
    found = shares().set_index(["case", "code"])
    assert found.loc[("a", "join"), "share"] == 0.75
    assert found.loc[("b", "assign"), "share"] == 0.8
    assert found.loc[("a", "join"), "n_area"] == 4


def test_an_area_without_segments_and_a_cell_not_looked_for_have_no_share_but_a_reason():
    found = shares().set_index(["case", "code"])
    assert found["share"].isna().to_dict() == {key: key[1] == "ask" for key in found.index}
    assert found.loc[("a", "ask"), "flag"] == "no_segment_in_area"
    assert found.loc[("b", "ask"), "flag"] == "not_looked"


def test_levels_begin_above_nothing_and_nothing_has_no_level():
    frame = pd.DataFrame({"share": [0.0, 0.1, 0.25, 0.9, math.nan]})
    found = share_levels(frame, {"some": 0, "much": 0.25, "most": 0.5})
    assert found.fillna("none").tolist() == ["none", "some", "much", "most", "none"]


@pytest.mark.parametrize("bounds", [{}, {"some": 0.1}, {"some": 0, "much": 0}])
def test_levels_that_do_not_ascend_from_nothing_are_refused(bounds):
    with pytest.raises(StudyError, match="levels must begin at 0 and ascend"):
        share_levels(pd.DataFrame({"share": [0.5]}), bounds)


def test_the_balance_is_the_share_of_one_side_in_an_area():
    found = side_balance(shares(), "up").set_index(["case", "area"])
    assert found.loc[("a", "who"), "share"] == 0.75
    assert found.loc[("b", "who"), "share"] == pytest.approx(0.2)
    assert found["share"].isna().sum() == 1  # nothing in the area "how" of a
    assert found.loc[("b", "how"), "share"] == 1.0
    with pytest.raises(StudyError, match="no code is on the side 'left'; there are down, up"):
        side_balance(shares(), "left")


def test_the_contrast_says_whether_a_code_differs_as_its_side_says():
    found = side_contrast(shares(), {"a": "up", "b": "down"}, first="up", second="down").set_index("code")
    assert found.loc["join", "difference"] == pytest.approx(0.55)
    assert found.loc["join", "as_published"]
    assert found.loc["assign", "difference"] == pytest.approx(-0.55)
    assert found.loc["assign", "as_published"]
    assert found["as_published"].isna().tolist() == [False, False, True]
    turned = side_contrast(shares(), {"a": "down", "b": "up"}, first="up", second="down").set_index("code")
    assert not turned.loc["join", "as_published"]


def test_cases_of_neither_group_take_no_part_and_an_empty_group_is_refused():
    more = pd.concat([CELLS, CELLS[:3].assign(row="c", n_supporting=9)])
    found = code_shares(more, areas=AREAS, sides=SIDES)
    groups = {"a": "up", "b": "down", "c": "unsure"}
    told = side_contrast(found, groups, first="up", second="down").set_index("code")
    assert (told.loc["join", ["n_up", "n_down"]] == 1).all()
    with pytest.raises(StudyError, match="no case is in the group 'down'"):
        side_contrast(found, {"a": "up"}, first="up", second="down")


@pytest.mark.parametrize(
    ("cells", "areas", "sides", "message"),
    [
        (CELLS.drop(columns="state"), AREAS, SIDES, "cells of a matrix lack column\\(s\\) state"),
        (CELLS, {"join": "who"}, SIDES, "no area is declared for code\\(s\\) assign, ask"),
        (CELLS, AREAS, {"up": ["join"], "down": ["assign"]}, "no side is declared for code\\(s\\) ask"),
        (CELLS, AREAS, {"up": ["join"]}, "codes are on one of two sides; found up; name two"),
        (CELLS, AREAS, {"up": ["join", "ask"], "down": ["join"]}, "code\\(s\\) join are on both sides"),
        (pd.concat([CELLS, CELLS]), AREAS, SIDES, "a cell of the matrix stands twice"),
    ],
)
def test_what_cannot_be_counted_is_refused(cells, areas, sides, message):
    with pytest.raises(StudyError, match=message):
        code_shares(cells, areas=areas, sides=sides)
