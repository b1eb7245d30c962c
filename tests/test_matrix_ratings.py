"""From evidence to a rating, by a rule that is told in words."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_material import RULE, cell, drawn

from nsi.errors import StudyError
from nsi.methods.matrix import MEASURES, Bound, Level, rated, rule_in_words

LEVELS = [
    Level("strong", (Bound("n_sources", 2), Bound("net", 1))),
    Level("some", (Bound("n_segments", 1),)),
    Level("none"),
]


def cells(**counts: float) -> pd.DataFrame:
    zero = dict.fromkeys(["n_segments", "n_supporting", "n_contrary", "n_sources", "n_source_types", "n_periods"], 0)
    return pd.DataFrame([{**zero, "n_periods_looked": 0, "state": "strong", **counts}])


def test_a_rating_says_what_qualifies_it():
    matrix = drawn("case_ordered", {"of": "case"}, {"of": "code"}, levels=RULE, shows="rating")
    assert cell(matrix, "A", "open")["shown"] == "strong"
    assert cell(matrix, "B", "open")["shown"] == "some (one source)"
    assert cell(matrix, "C", "open")["shown"] == "some (1 for, 1 against)"
    assert cell(matrix, "A", "joint")["shown"] == "none (1 against; one source)"
    assert cell(matrix, "A", "closed")["shown"] == "none (looked for, none found)"
    assert cell(matrix, "D", "open")["shown"] == "not looked for"


def test_where_nobody_looked_there_is_no_rating_and_not_the_lowest_one():
    matrix = drawn("case_ordered", {"of": "case"}, {"of": "code"}, levels=RULE, shows="rating")
    assert pd.isna(cell(matrix, "D", "open")["rating"])
    assert cell(matrix, "A", "closed")["rating"] == "none"


def test_the_rule_stands_in_words_below_the_matrix():
    matrix = drawn("case_ordered", {"of": "case"}, {"of": "code"}, levels=RULE, shows="rating", note="Look-alike data.")
    assert matrix.note == (
        "Look-alike data. Rating: strong: at least 2 sources and no contrary segments; some: at least 1 supporting "
        "segment; none: otherwise."
    )


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (Bound("n_sources", 2), "at least 2 sources"),
        (Bound("n_segments", 1), "at least 1 segment"),
        (Bound("n_contrary", None, 0), "no contrary segments"),
        (Bound("n_contrary", None, 1), "at most 1 contrary segment"),
        (Bound("n_supporting", 2, 4), "2 to 4 supporting segments"),
        (Bound("n_periods", 3, 3), "exactly 3 years with evidence"),
        (Bound("share_supporting", 0.75), "at least 75% of its segments supporting"),
        (Bound("net", 2), "at least 2 more segments for than against"),
        (Bound("n_source_types", 2), "at least 2 kinds of source"),
    ],
)
def test_a_condition_is_told_in_words(bound, words):
    assert rule_in_words([Level("high", (bound,)), Level("low")]) == f"high: {words}; low: otherwise"


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        ({"n_segments": 3, "n_supporting": 3, "n_sources": 2}, "strong"),
        ({"n_segments": 3, "n_supporting": 1, "n_contrary": 2, "n_sources": 3}, "some"),
        ({"n_segments": 1, "n_supporting": 1, "n_sources": 1}, "some"),
        ({}, "none"),
    ],
)
def test_a_cell_has_the_first_level_all_of_whose_conditions_hold(counts, level):
    assert rated(cells(**counts), LEVELS).tolist() == [level]


def test_a_share_of_nothing_meets_no_condition():
    levels = [Level("little", (Bound("share_supporting", None, 0.5),)), Level("else")]
    assert rated(cells(), levels).tolist() == ["else"]
    assert rated(cells(n_segments=2, n_contrary=2), levels).tolist() == ["little"]


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ([Level("a", (Bound("n_sauces", 2),)), Level("b")],
         f"level 'a' asks for 'n_sauces', but a rule may ask for {', '.join(MEASURES)}"),
        ([Level("a"), Level("b")],
         "level 'a' has no condition, so that no cell could have a level below it; order levels from the highest to "
         "the lowest"),
        ([Level("a", (Bound("net", 1),))],
         "level 'a' must have no condition, so that every cell has a level; order levels from the highest to the "
         "lowest"),
        ([Level("a", (Bound("net", 1),)), Level("a")], "the level 'a' stands twice in the rule; keep one"),
    ],
)  # fmt: skip
def test_a_rule_that_leaves_cells_without_a_level_is_refused(levels, message):
    with pytest.raises(StudyError) as caught:
        rated(cells(), levels)
    assert str(caught.value) == message


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4))
def test_more_support_never_lowers_a_rating_that_asks_for_support(supporting, contrary, sources):
    order = ["none", "some", "strong"]

    def place(n: int) -> int:
        frame = cells(n_segments=n + contrary, n_supporting=n, n_contrary=contrary, n_sources=sources)
        return order.index(rated(frame, LEVELS).iloc[0])

    assert place(supporting) <= place(supporting + 1)
