"""Shares as dots: what is drawn and printed is the table's, each series keeps its mark, a missing share says why."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render, stamp
from nsi.figures.shares import share_dots
from nsi.figures.style import MARKS, NARROW, WIDE
from nsi.methods.proportions import shares_by

NAN = np.nan
KINDS = {"a": "Ash", "b": "Birch", "c": "Cedar"}
ENDS = {"cut": "Cut down", "grown": "Still growing", "lost": "Lost"}
TREES = pd.DataFrame({
    "kind": ["b"] * 40 + ["a"] * 8,
    "end": ["cut"] * 10 + ["grown"] * 30 + ["grown"] * 6 + ["lost"] * 2,
})  # fmt: skip
SHARES = shares_by(TREES, "kind", "end", groups=["b", "a", "c"], values=["grown", "cut", "lost"])


def draw(table=SHARES, **changes):
    settings: dict[str, Any] = {
        "rows": "kind", "series": "end", "row_labels": KINDS, "series_labels": ENDS, "title": "Most grow on",
        "note": "n below",
    }  # fmt: skip
    return share_dots(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def scale(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 2)


def marks(figure, shape):
    found = [line for line in scale(figure).lines if line.get_marker() == shape]
    return [float(line.get_xdata()[0]) for line in found]


def heights(figure, shape):
    found = [line for line in scale(figure).lines if line.get_marker() == shape]
    return [float(line.get_ydata()[0]) for line in found]


def test_each_series_has_its_own_mark_in_the_order_of_its_labels_and_marks_stand_at_the_shares():
    figure = draw()
    cut, grown, lost = (shape for _, shape in MARKS[:3])
    assert marks(figure, cut) == [0.25, 0.0]
    assert marks(figure, grown) == [0.75, 0.75]
    assert marks(figure, lost) == [0.0, 0.25]
    assert marks(draw(SHARES[SHARES["end"] != "cut"]), MARKS[0][1]) == [0.75, 0.75]  # series that are there, in order


def test_every_share_has_its_interval():
    lines = [tuple(map(float, line.get_xdata())) for line in scale(draw()).lines if len(line.get_xdata()) == 2]
    wanted = SHARES.dropna(subset="share")
    assert set(zip(wanted["low"], wanted["high"], strict=True)) <= set(lines)


def test_marks_of_one_row_do_not_cover_each_other():
    figure = draw()
    places = [heights(figure, shape) for _, shape in MARKS[:3]]
    assert (np.diff(np.array(places), axis=0) > 3).all()


def test_rows_stay_as_given_and_share_and_n_are_printed():
    found = texts(draw())
    assert [text for text in found if text in KINDS.values()] == ["Birch", "Ash", "Cedar"]
    assert {"25%", "10/40", "75%", "30/40", "6/8", "0%", "0/8", "95% interval"} <= set(found)
    assert "90% interval" in texts(draw(confidence=0.9))


def test_a_group_without_units_and_a_pair_that_the_table_lacks_say_so():
    found = texts(draw(SHARES.drop(index=0)))
    assert found.count("no units") == 3
    assert "0/0" in found
    assert found.count("not computed") == 1


def test_a_table_for_readers_says_what_is_withheld_and_gives_no_count_away():
    told = SHARES.astype(dict.fromkeys(["n", "n_all", "share", "low", "high"], "object"))
    told.loc[3:5, ["n", "share", "low", "high"]] = "withheld"
    told.loc[3:5, "n_all"] = "<10"
    told.loc[3:5, "flag"] = "withheld"
    found = texts(draw(told, least=10))
    assert found.count("withheld (n<10)") == 3
    assert "6/8" not in found
    assert "–/<10" in found


def test_rows_stand_under_their_headings_with_those_of_one_heading_together():
    figure = draw(headings={"b": "Leaves", "a": "Leaves too", "c": "Leaves"})
    found = [text for text in texts(figure) if text in {*KINDS.values(), "Leaves", "Leaves too"}]
    assert [text for text in found if text in KINDS.values()] == ["Birch", "Cedar", "Ash"]
    assert {"Leaves", "Leaves too"} <= set(found)


def many(n_rows, n_series, length):
    rows = [(f"r{i}", f"s{k}", 3 + k, 20 + i) for i in range(n_rows) for k in range(n_series)]
    table = pd.DataFrame(rows, columns=["kind", "end", "n", "n_all"])
    share = table["n"] / table["n_all"]
    table = table.assign(share=share, low=share / 2, high=share + 0.1, flag="")
    words = " of the whole northern central valley and its hills"[:length]
    return table, {f"r{i}": f"Trees {i}{words}" for i in range(n_rows)}, {f"s{k}": f"End {k}" for k in range(n_series)}


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize(("n_rows", "n_series", "length"), [(34, 1, 0), (34, 2, 60), (9, 5, 60), (1, 1, 0), (1, 5, 0)])
def test_many_few_and_long_named_rows_can_be_read(width, n_rows, n_series, length):
    table, names, ends = many(n_rows, n_series, length)
    figure = draw(table, row_labels=names, series_labels=ends, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_headings_reasons_and_long_names_of_series_can_be_read(width):
    ends = {name: f"{label}, as far as anybody knows or has written down" for name, label in ENDS.items()}
    headings = dict.fromkeys("ab", "Trees that lose their leaves in autumn, and so on for longer than a line holds")
    figure = draw(headings=headings | {"c": "Needles"}, series_labels=ends, width=width)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_the_same_shares_give_the_same_bytes():
    first, second = (render(draw(), "svg", title="t", alt="a", source="") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (SHARES.drop(columns="low"), {}, "table of shares lacks column low"),
        (SHARES[:0], {}, "table of shares has no rows"),
        (pd.concat([SHARES, SHARES[:1]]), {}, "table of shares: kind 'b', end 'grown' stands twice"),
        (SHARES.assign(flag=""), {}, "row 7: share is missing without a reason; put one in flag"),
        (SHARES.assign(share=SHARES["share"] * 100), {}, "row 1: share is 75.0, but lies from 0 to 1"),
        (SHARES[6:], {}, "there is no share to draw; say so in words"),
        (SHARES, {"row_labels": {"a": "Ash", "b": "Birch"}}, "rows of the table of shares: no label for c"),
        (SHARES, {"series_labels": {"cut": "Cut"}}, "series of the table of shares: no label for grown, lost"),
        (SHARES, {"headings": {"a": "A"}}, "headings of the table of shares: no label for b, c"),
        (many(1, 6, 0)[0], {"series_labels": many(1, 6, 0)[2]}, "end has 6 values .* but 5 can be told apart"),
    ],
)
def test_shares_that_cannot_be_drawn_are_refused(table, changes, message):
    with pytest.raises(StudyError, match=message):
        draw(table, **changes)
