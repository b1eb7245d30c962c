"""The reliability figure shows every coefficient with interval and n, or says why it is undefined."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.reliability import reliability_dots
from nsi.figures.rendering import stamp

NAMES = {"alpha": "Krippendorff’s alpha", "agreement": "Agreement"}
TRUST = pd.DataFrame(
    [
        ("aim", "alpha", 0.71, 0.6, 0.8, 318, ""),
        ("aim", "agreement", 0.9, np.nan, np.nan, 318, ""),
        ("use", "alpha", np.nan, np.nan, np.nan, 300, "no_variation"),
        ("use", "agreement", 1.0, 1.0, 1.0, 310, ""),
        ("tone", "alpha", -0.2, -0.45, 0.1, 1200, ""),
    ],
    columns=["field", "coefficient", "estimate", "ci_low", "ci_high", "n_pairable", "flag"],
)
LABELS = {"aim": "Aim", "use": "Use", "tone": "Tone of voice"}


def draw(table=TRUST, **changes):
    settings = {
        "labels": LABELS,
        "coefficients": list(NAMES),
        "coefficient_labels": NAMES,
        "title": "One field is reliable",
        "note": "95% intervals",
    }
    return reliability_dots(table, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def plot(figure):
    return next(axes for axes in figure.axes if axes.get_xlim()[1] < 2)


def dots(figure):
    return [float(line.get_xdata()[0]) for line in plot(figure).lines if line.get_marker() != "None"]


def test_dots_stand_at_the_estimates_in_the_order_given():
    assert dots(draw()) == [0.71, 0.9, 1.0, -0.2]
    assert dots(draw(order=["tone", "aim"])) == [-0.2, 0.71, 0.9]


def test_an_undefined_coefficient_prints_its_reason_and_no_dot():
    found = texts(draw())
    assert "Krippendorff’s alpha: no variation" in found
    assert "Agreement: not computed" in found  # absent from the table, so not silently blank


def test_a_row_that_is_undefined_throughout_prints_its_reason_once():
    table = TRUST[TRUST["field"] == "use"].assign(estimate=np.nan, flag="no_overlap")
    assert texts(draw(table)).count("no unit rated twice") == 1


def test_n_is_printed_per_row_and_both_where_the_coefficients_differ():
    assert {"318", "300 / 310", "1,200"} <= set(texts(draw()))


def test_intervals_below_zero_are_shown_whole():
    axes = plot(draw())
    assert axes.get_xlim()[0] < -0.45
    spans = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert (-0.45, 0.1) in spans
    assert plot(draw(TRUST[TRUST["field"] == "aim"])).get_xlim()[0] > -0.1


def test_cutoffs_are_drawn_dashed_and_named():
    figure = draw()
    dashed = [line.get_xdata()[0] for line in plot(figure).lines if line.is_dashed()]
    assert dashed == [0.667, 0.8]
    assert {"0.667", "0.80"} <= set(texts(figure))


def test_cases_can_be_the_lines():
    table = TRUST.rename(columns={"field": "case"})
    assert dots(draw(table, rows="case")) == dots(draw())


@pytest.mark.parametrize("rows", [1, 11, 60])
def test_everything_can_be_read_from_1_to_60_rows(rows):
    labels = {
        str(i): f"Ein ungewöhnlich langer Name eines Feldes, der umbrochen wird, {i}" for i in range(rows)
    }
    table = pd.concat(
        [
            TRUST[TRUST["field"] == ("aim", "use", "tone")[i % 3]].assign(field=name)
            for i, name in enumerate(labels)
        ]
    )
    figure = draw(table, labels=labels)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            TRUST.drop(columns=["flag", "ci_low"]),
            "reliability table lacks column ci_low, flag; found: field, coeff",
        ),
        (TRUST[:0], "reliability table has no rows"),
        (TRUST.assign(n_pairable=-3), "reliability table row 1: n_pairable is -3, but a count"),
        (
            pd.concat([TRUST, TRUST[:1]]),
            "field 'aim' has alpha more than once; filter the table to one row per field",
        ),
        (
            TRUST.assign(estimate=71),
            "alpha of 'Aim' is 71, but is at most 1; give it as a share, not in per cent",
        ),
        (
            TRUST.assign(flag=""),
            "alpha of 'Use' is missing without a reason; put one in flag: no_variation, single",
        ),
        (TRUST.assign(field="other"), "field 'other' has alpha more than once"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused_by_name(table, message):
    with pytest.raises(StudyError, match=message):
        draw(table)


def test_unknown_coefficients_and_lines_and_missing_labels_are_refused():
    with pytest.raises(
        StudyError, match="coefficient 'kappa' is not in the reliability table; found: agreement, alpha"
    ):
        draw(coefficients=["kappa"], coefficient_labels={"kappa": "Kappa"})
    with pytest.raises(StudyError, match="field 'pace' is not in the reliability table; correct the order"):
        draw(order=["pace"])
    with pytest.raises(StudyError, match="fields of the reliability table: no label for tone; add the label"):
        draw(labels={"aim": "Aim", "use": "Use"})
