"""Rows and values of figures: nothing is lost when items are cut into pages, and numbers print honestly."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.figures.row_layout import item_parts, item_rows, lay_rows
from nsi.figures.style import NARROW, WIDE
from nsi.figures.value_axis import number, signed, value_limits
from nsi.figures.value_columns import count_told, few, reason, require_values


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.integers(0, 4), min_size=1, max_size=40),
    room=st.floats(30, 200),
    width=st.sampled_from([NARROW, WIDE]),
)
def test_pages_hold_every_item_once_and_keep_to_their_room(groups, room, width):
    names = [f"i{place}" for place in range(len(groups))]
    labels = {name: "words " * (1 + place % 20) for place, name in enumerate(names)}
    headings = {name: f"Heading {group}" for name, group in zip(names, groups, strict=True)}
    frame = pd.DataFrame({"item": np.repeat(names, 2), "n": 1})
    parts = item_parts(frame, labels=labels, headings=headings, width=width, room=room)
    assert sorted(pd.concat(parts).index) == list(frame.index)
    for part in parts:
        own = list(dict.fromkeys(part["item"]))
        assert item_rows(own, labels, headings, width)[1].height <= room or len(own) == 1


def test_rows_do_not_overlap_and_a_long_label_makes_its_row_higher():
    rows = lay_rows(["a", "many words " * 10, "b"], most=30, step=5, headings=["x", "x", "y"])
    assert rows.heights[1] > rows.heights[0] == 5
    assert rows.tops[1] == pytest.approx(rows.tops[0] + rows.heights[0])
    assert rows.tops[2] > rows.tops[1] + rows.heights[1]  # a heading stands between
    assert [text for text, _ in rows.headings] == ["x", "y"]


def test_items_without_a_text_or_a_frame_without_items_are_refused():
    frame = pd.DataFrame({"item": ["a", "b"]})
    with pytest.raises(StudyError, match="items: no label for b; add the label"):
        item_parts(frame, labels={"a": "A"})
    with pytest.raises(StudyError, match="table of items lacks column item; found: scale"):
        item_parts(frame.rename(columns={"item": "scale"}), labels={"a": "A"})


@pytest.mark.parametrize(
    ("value", "plain", "with_sign"),
    [(0.314, "0.31", "+0.31"), (-0.05, "−0.05", "−0.05"), (-0.001, "0.00", "0.00"), (0.0, "0.00", "0.00")],
)
def test_numbers_have_a_real_minus_and_nothing_has_no_sign(value, plain, with_sign):
    assert number(value) == plain
    assert signed(value) == with_sign


def test_a_scale_holds_all_values_and_what_it_must_cover():
    low, high = value_limits([3.0, np.nan, 4.0], within=(1, 5))
    assert low < 1 < 5 < high
    assert value_limits([2.0]) == pytest.approx((1.46, 2.54))


def test_withheld_outweighs_other_reasons_and_hides_its_count():
    assert [reason("low_response;withheld", 5, n) for n in (4, "<5", 8, "withheld", np.nan)] == [
        "withheld (n<5)", "withheld (n<5)", "withheld", "withheld", "withheld",
    ]  # fmt: skip
    assert reason("no_roster;few_people") == "no roster, few people"
    assert reason(np.nan) == ""
    hidden: Any = [(n, "withheld") for n in (3, "<5", 8, "withheld")]
    cells = [*hidden[:2], (3, ""), *hidden[2:], (0, ""), ("1234", "")]
    assert [count_told(n, flag, 5) for n, flag in cells] == ["<5", "<5", "<5", "–", "–", "0", "1,234"]
    assert [few(n, 5) for n in (4, 5, 0, "4", "5", "<5", "withheld", None, np.nan)] == [True, *[False] * 2, True, False,
                                                                                       True, *[False] * 3]  # fmt: skip
    assert [count_told(3, "withheld"), count_told(np.nan, ""), count_told(np.int64(7), "")] == ["–", "–", "7"]


def test_words_for_what_is_withheld_are_missing_values_and_other_words_are_refused():
    frame: Any = pd.DataFrame({"n": ["12", "<5", "withheld", None]}, dtype=object)
    np.testing.assert_equal(require_values(frame, "n", table="t").tolist(), [12.0, np.nan, np.nan, np.nan])
    with pytest.raises(StudyError, match="t row 1: n is many, but is a number; compute it again"):
        require_values(frame.assign(n="many"), "n", table="t")
    with pytest.raises(StudyError, match="t row 1: n is inf, but lies from 0 to 1"):
        require_values(frame.assign(n=np.inf), "n", table="t", low=0, high=1)
    integers = pd.DataFrame({"n": pd.array([1, None], dtype="Int64")})
    np.testing.assert_equal(require_values(integers, "n", table="t").tolist(), [1.0, np.nan])
