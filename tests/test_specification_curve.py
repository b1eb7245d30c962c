"""Specification curve: verdicts by the ledger's own test, counts by option, and which choice decides."""

import itertools
import math
from typing import Any

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.specification_curve import specification_curve as draw
from nsi.figures.style import NARROW, WIDE
from nsi.methods.specification_curve import choice_influence, deciding_choices, specification_curve, universe_table

OPTIONS = {"waves": ["both", "first"], "cut": ["low", "mid", "high"]}
LABELS = {"waves": "Waves", "cut": "Cut"}


def results(*, without=()):
    """p is 0.5, but 0.01 wherever only the first wave counts and the cut is high."""
    rows = []
    for place, (waves, cut) in enumerate(itertools.product(*OPTIONS.values())):
        name = f"{place:04d}"
        rows += [(name, "choice", "waves", waves), (name, "choice", "cut", cut)]
        p = 0.01 if (waves, cut) == ("first", "high") else 0.5 + place / 100
        if name not in without:
            rows += [(name, "number", "p", str(p)), (name, "number", "least", "0.001")]
    return pd.DataFrame(rows, columns=["universe", "what", "name", "value"])


def row_of(frame, name, columns):
    return [frame[column].to_dict()[name] for column in columns]


def curve_of(**changes):
    table = universe_table(results(**changes), list(OPTIONS))
    return specification_curve(table, list(OPTIONS), test="p >= 0.05 and least < 0.05", estimate="p")


def test_universes_stand_in_the_order_of_their_estimate_each_with_its_verdict():
    curve = curve_of()
    assert curve["estimate"].is_monotonic_increasing
    assert curve["place"].tolist() == [1, 2, 3, 4, 5, 6]
    assert curve["verdict"].tolist() == ["does not hold", *["holds"] * 5]
    assert curve.loc[0, ["waves", "cut"]].tolist() == ["first", "high"]


def test_a_universe_whose_run_failed_cannot_be_tested_and_is_not_counted():
    curve = curve_of(without=("0000",))
    assert curve["verdict"].tolist()[-1] == "cannot be tested"
    assert math.isnan(curve["estimate"].iloc[-1])
    influence = choice_influence(curve, OPTIONS).set_index("option")
    assert influence.loc["both", "n"] == 2
    assert influence.loc["low", "n"] == 1


def test_the_influence_counts_by_option_and_by_pairs_that_differ_in_one_choice_alone():
    influence = choice_influence(curve_of(), OPTIONS).set_index("option")
    assert row_of(influence, "both", ["n", "n_holds"]) == [3, 3]
    assert row_of(influence, "first", ["n", "n_holds"]) == [3, 2]
    assert row_of(influence, "high", ["n", "n_holds"]) == [2, 1]
    assert row_of(influence, "high", ["n_pairs", "n_decided"]) == [4, 2]
    assert row_of(influence, "low", ["n_pairs", "n_decided"]) == [4, 1]


def test_the_choice_that_decides_most_often_comes_first_with_its_worst_option():
    deciding = deciding_choices(choice_influence(curve_of(), OPTIONS))
    told = deciding.set_index("choice")
    assert deciding["choice"].tolist() == ["waves", "cut"]  # 1 of 3 pairs, 2 of 6: equal, in the order declared
    assert row_of(told, "waves", ["n_pairs", "n_decided"]) == [3, 1]
    assert row_of(told, "cut", ["n_pairs", "n_decided"]) == [6, 2]
    assert told.loc["cut", "worst"] == "high"
    assert told.loc["waves", "worst"] == "first"


def test_a_text_in_place_of_a_number_is_no_estimate():
    table = universe_table(results(), list(OPTIONS)).assign(p="not asked")
    curve = specification_curve(table, list(OPTIONS), test="p >= 0.05", estimate="p")
    assert set(curve["verdict"]) == {"cannot be tested"}
    assert curve["estimate"].isna().all()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (results().drop(columns="what"), "results of a sweep lack column\\(s\\) what"),
        (pd.concat([results(), results()[:1]]), "a universe has a choice or a number twice"),
        (results()[1:], "some universe has no option for waves"),
    ],
)
def test_results_that_cannot_be_read_are_refused(table, message):
    with pytest.raises(StudyError, match=message):
        universe_table(table, list(OPTIONS))


def test_an_unknown_number_and_an_undeclared_option_are_refused():
    table = universe_table(results(), list(OPTIONS))
    with pytest.raises(StudyError, match="no universe has the number q; name one"):
        specification_curve(table, list(OPTIONS), test="q > 1", estimate="p")
    with pytest.raises(StudyError, match="choice 'cut' has no option high; it has low, mid"):
        choice_influence(curve_of(), {**OPTIONS, "cut": ["low", "mid"]})


# --- the figure


def figure_of(curve=None, **changes):
    settings: dict[str, Any] = {
        "choices": LABELS, "options": {name: {one: one for one in known} for name, known in OPTIONS.items()},
        "title": "It holds in five of six", "note": "n below", "value_label": "exact p",
        "usual": {"waves": "both", "cut": "low"}, "reference": 0.05,
    }  # fmt: skip
    return draw(curve_of() if curve is None else curve, **(settings | changes))


def points(figure, marker):
    axes = figure.axes[1]
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(float(x), float(y)) for line in lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def test_every_universe_has_its_mark_and_one_that_fails_another():
    curve = curve_of()
    figure = figure_of(curve)
    held = curve[curve["verdict"] == "holds"]
    assert points(figure, "o") == list(zip(held["place"], held["estimate"], strict=True))
    assert points(figure, "D") == [(1.0, 0.01)]
    assert points(figure, "s") == [(2.0, 0.5)]  # the study's own choices


def test_each_option_has_a_tick_for_each_universe_that_took_it_and_says_in_how_many_it_holds():
    figure = figure_of()
    ticks = [len(lines.get_segments()) for lines in figure.axes[2].collections]
    assert ticks == [3, 0, 2, 1, 2, 0, 2, 0, 1, 1]  # of each option: holds, does not
    found = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in found if " of " in text] == ["3 of 3", "2 of 3", "2 of 2", "2 of 2", "1 of 2"]


def test_a_universe_that_cannot_be_tested_has_a_cross_in_its_rows_and_a_key():
    figure = figure_of(curve_of(without=("0000",)))
    crosses = [len(line.get_xdata()) for line in figure.axes[2].lines]
    assert crosses == [1, 0, 1, 0, 0]  # both, first; low, mid, high
    found = [text.get_text() for text in figure.axes[0].texts]
    assert "cannot be tested (below)" in found
    assert "cannot be tested (below)" not in [text.get_text() for text in figure_of().axes[0].texts]


def test_where_no_universe_can_be_tested_a_sentence_stands_in_place_of_the_curve():
    figure = figure_of(curve_of().assign(estimate=math.nan, verdict="cannot be tested"))
    found = [text.get_text() for text in figure.axes[0].texts]
    assert "No universe has a number to draw." in found
    assert found.count("untested") == 5
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(("counts", "shown"), [([3, 3, 4, 4, 5, 5], ["3", "4", "5"]), ([7] * 6, ["7"])])
def test_the_scale_of_a_count_has_whole_numbers(counts, shown):
    figure = figure_of(curve_of().assign(estimate=[float(n) for n in counts]), reference=None)
    assert [label.get_text() for label in figure.axes[1].get_yticklabels()] == shown


def test_the_reference_is_a_line_with_its_value_and_none_where_it_is_not_declared():
    def lines_at(figure, height):
        return [line for line in figure.axes[1].lines if list(line.get_ydata()) == [height, height]]

    assert len(lines_at(figure_of(reference=0.07), 0.07)) == 1
    assert "line at 0.07" in [text.get_text() for text in figure_of(reference=0.07).axes[0].texts]
    assert not any("line at" in text.get_text() for text in figure_of(reference=None).axes[0].texts)


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_216_universes_with_long_labels_can_be_read(width):
    options = {f"c{i}": [f"o{k}" for k in range(6)] for i in range(3)}
    rows = [dict(zip(options, one, strict=True)) for one in itertools.product(*options.values())]
    curve = pd.DataFrame(rows).assign(place=range(1, 217), estimate=[i / 216 for i in range(216)], verdict="holds")
    labels = {name: f"A choice with a rather long name {name}" for name in options}
    words = {name: {one: f"an option that takes words {one}" for one in known} for name, known in options.items()}
    figure = figure_of(curve, choices=labels, options=words, usual=None, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_one_universe_can_be_read_and_the_same_curve_gives_the_same_bytes():
    assert legibility_problems(figure_of(curve_of()[:1])) == []
    first, second = (render(figure_of(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "perhaps"}, "verdict is 'perhaps', allowed are holds, does not hold, cannot be tested"),
        ({"cut": "none"}, "cut is 'none', allowed are low, mid, high"),
        ({"place": 1}, "place '1' stands twice"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(change, message):
    with pytest.raises(StudyError, match=message):
        figure_of(curve_of().assign(**change))
