"""Words find their room: lines are broken without losing a letter, and labels spread without touching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsi.figures.headings import fit_headings
from nsi.figures.lettering import balanced, block_height, block_width, text_width, wrap
from nsi.figures.spreading import spread

words = st.lists(st.text("abcdefgmwäß", min_size=1, max_size=12), min_size=1, max_size=8).map(" ".join)


@given(words, st.floats(6, 60))
def test_wrapped_text_keeps_every_letter_and_stays_in_its_room(text, width):
    for broken in (wrap(text, width), balanced(text, width)):
        assert block_width(broken) <= width + 1e-9
        assert broken.replace("-\n", "").replace("\n", " ") == text


def test_balancing_never_costs_a_line():
    text = "Explicit patterns and generalisations of mathematics"
    assert balanced(text, 50).count("\n") == wrap(text, 50).count("\n") == 1
    assert block_width(balanced(text, 50)) <= block_width(wrap(text, 50))


def test_bold_and_larger_type_take_more_room():
    assert (
        text_width("network", 7) < text_width("network", 7, bold=True) < text_width("network", 14, bold=True)
    )


def test_headings_turn_only_when_a_word_would_break():
    assert not fit_headings(["low", "middle", "high"], 14).turned
    turned = fit_headings(["low", "Relationship management", "high"], 9)
    assert turned.turned
    assert all(block_height(text) <= 9 for text in turned.texts)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(1, 8)), min_size=1, max_size=10),
)
def test_spread_labels_never_touch_and_stay_in_their_room(labels):
    wanted = sorted(centre for centre, _ in labels)
    heights = [height for _, height in labels]
    places = spread(wanted, heights, 0, 100)
    for i in range(len(places) - 1):
        assert places[i + 1] - places[i] >= (heights[i] + heights[i + 1]) / 2 - 1e-6
    assert places[0] - heights[0] / 2 >= -1e-6
    assert places[-1] + heights[-1] / 2 <= 100 + 1e-6


def test_labels_with_room_stay_where_they_are_and_two_rivals_share_the_shift():
    assert spread([10, 30, 50], [4, 4, 4], 0, 60) == pytest.approx([10, 30, 50])
    assert spread([30, 30], [4, 4], 0, 60) == pytest.approx([28, 32])
