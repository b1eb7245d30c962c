"""The alluvial figure shows every flow and every code, and prints the same numbers as a table."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.alluvial import alluvial
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp
from nsi.figures.style import NEUTRAL, NEUTRAL_HATCH

AIMS = {"plan": "Planning the work", "learn": "Learning", "report": "Reporting to others"}
ENDS = AIMS | {"none": "Not used"}
FLOWS = pd.DataFrame(
    [
        ("plan", "plan", 300),
        ("plan", "none", 208),
        ("learn", "learn", 100),
        ("learn", "report", 12),
        ("learn", "none", 60),
        ("report", "plan", 1),
    ],
    columns=["aim", "end", "n"],
)


def draw(flows=FLOWS, **changes):
    settings = {
        "left": "aim",
        "right": "end",
        "left_codes": list(AIMS),
        "right_codes": list(ENDS),
        "left_labels": AIMS,
        "right_labels": ENDS,
        "left_title": "Aim",
        "right_title": "End",
        "title": "Half was used as meant",
        "note": "n = 681 artifacts",
        "unused": ["none"],
    }
    return alluvial(flows, **(settings | changes))


def thickness(ribbon):
    """Height of a ribbon at its right end."""
    corners = np.asarray(ribbon.get_path().vertices)
    return float(corners[4, 1] - corners[3, 1])


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_nodes_print_n_and_per_cent_and_the_table_prints_row_per_cent():
    found = texts(draw())
    assert "508 (75%)" in found  # 508 / 681
    assert "268 (39%)" in found  # not used, of all
    assert "208 · 41%" in found  # of 508 in its row
    assert "1 · 100%" in found
    assert found.count("0 · 0%") == 6  # every pair that does not occur is printed, none left blank
    assert "681" in found


def test_ribbons_are_as_thick_as_their_n():
    figure = draw()
    ribbons = [patch for axes in figure.axes for patch in axes.patches if isinstance(patch, PathPatch)]
    found = sorted(thickness(ribbon) for ribbon in ribbons)
    unit = found[-1] / 300
    assert [round(thick / unit) for thick in found] == [1, 12, 60, 100, 208, 300]


def test_ribbons_fill_their_nodes_exactly_unless_a_rare_code_would_be_too_thin_to_see():
    figure = draw()
    nodes = [patch.get_height() for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    ribbons = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]
    total = sum(thickness(ribbon) for ribbon in ribbons)
    assert nodes[0] / total == pytest.approx(508 / 681)
    assert nodes[1] / total == pytest.approx(172 / 681)
    assert nodes[2] / total > 1 / 681  # n = 1 would be thinner than its outline


def test_a_code_that_nothing_flows_through_keeps_its_node_and_its_row():
    figure = draw(FLOWS[FLOWS["aim"] != "report"])
    assert "0 (0%)" in texts(figure)
    assert texts(figure).count("0 · –") == 4  # shares of an empty row are undefined, not zero


def test_unused_codes_are_grey_with_a_hatch():
    nodes = [patch for patch in draw().axes[0].patches if isinstance(patch, Rectangle)]
    assert [node.get_hatch() for node in nodes] == [None] * 6 + [NEUTRAL_HATCH]
    assert nodes[-1].get_facecolor() == pytest.approx(
        (*(int(NEUTRAL[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1)
    )


def test_a_code_has_the_same_colour_on_both_sides_whatever_its_place():
    nodes = [
        patch for patch in draw(right_codes=["none", *AIMS]).axes[0].patches if isinstance(patch, Rectangle)
    ]
    colours = [node.get_facecolor() for node in nodes]
    assert colours[:3] == colours[4:]


def test_an_unused_code_that_is_no_code_is_refused():
    with pytest.raises(StudyError, match="neutral code 'nought' is not among the codes plan, learn, report"):
        draw(unused=["nought"])


def test_secondary_flows_are_hatched_half_as_thick_and_counted_apart():
    second = FLOWS.assign(secondary=False)
    second.loc[len(second)] = ("plan", "learn", 60, True)
    figure = draw(second)
    ribbons = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]
    hatched = [ribbon for ribbon in ribbons if ribbon.get_hatch()]
    thick = {round(thickness(r), 9) for r in ribbons if r.get_hatch() is None}
    assert len(hatched) == 1
    half = thickness(hatched[0])
    assert half / max(thick) == pytest.approx(60 / 2 / 300)
    assert "508 (75%) + 60 secondary" in texts(figure)
    assert any(text.startswith("0 (+60)") for text in texts(figure))
    assert "508 (75%)" not in texts(draw(second))
    assert legibility_problems(figure) == []


@pytest.mark.parametrize("codes", [2, 5, 12])
def test_everything_can_be_read_with_long_labels_and_rare_codes(codes):
    left = {f"c{i}": f"Außergewöhnlich ausführliche Beschreibung Nr. {i}" for i in range(codes)}
    right = left | {"none": "Nothing of the kind"}
    flows = pd.DataFrame(
        [
            (a, b, 5000 if i == j == 0 else (i + j) % 3)
            for i, a in enumerate(left)
            for j, b in enumerate(right)
        ],
        columns=["aim", "end", "n"],
    )
    figure = draw(
        flows,
        left_codes=list(left),
        right_codes=list(right),
        left_labels=left,
        right_labels=right,
        left_title="What it was for, as those who made it said",
        title="A title " * 25,
    )
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        (FLOWS.drop(columns="n"), "flows lacks column n; found: aim, end; rename or add the column"),
        (FLOWS[:0], "flows has no rows, so there is nothing to draw"),
        (FLOWS.assign(n=-1), "flows row 1: n is -1, but a count is a whole number from 0 up"),
        (FLOWS.assign(n=0.5), "flows row 1: n is 0.5, but a count is a whole number from 0 up"),
        (FLOWS.assign(n=0), "flows: n sums to 0, so there is nothing to draw"),
        (
            FLOWS.assign(end="lern"),
            "flows row 1: end is 'lern', allowed are plan, learn, report, none; correct the",
        ),
        (FLOWS.assign(aim=None), "flows row 1: aim is missing, allowed are plan, learn, report; correct the"),
        (
            pd.concat([FLOWS, FLOWS]),
            "flows: the pair aim 'plan', end 'plan' stands twice; sum n to one row per pair",
        ),
    ],
)
def test_flows_that_cannot_be_drawn_are_refused_by_name(flows, message):
    with pytest.raises(StudyError, match=message):
        draw(flows)


def test_a_code_without_a_label_is_refused():
    with pytest.raises(StudyError, match="Aim: no label for learn; add the label to the codebook"):
        draw(left_labels=AIMS | {"learn": " "})
