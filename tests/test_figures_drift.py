"""The drift figure: windows, reasons, versions of the codebook, and what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.drift import drift
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp


def windows(n=12, first=50) -> Any:
    last = first + 10 * np.arange(n)
    value = 0.5 + 0.4 * np.arange(n) / n
    return pd.DataFrame({
        "first_unit": last - first + 1, "last_unit": last, "n_units": first, "estimate": value,
        "last_date": pd.Timestamp("2030-01-01") + pd.to_timedelta(7 * np.arange(n), unit="D"),
        "ci_low": value - 0.2, "ci_high": value + 0.1, "flag": "", "codebook_versions": "v1",
    })  # fmt: skip


PERIODS = pd.DataFrame({"codebook_version": ["v1", "v2"], "first_unit": [1, 77]})


def draw(table=None, **changed):
    how: dict[str, Any] = {"title": "Agreement grows", "note": "n = 160", "measure": "Alpha", "periods": PERIODS}
    return drift(windows() if table is None else table, **(how | changed))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_windows_stand_at_their_last_unit_with_its_day():
    figure = draw()
    line = max(figure.axes[1].lines, key=lambda line: len(line.get_xdata()))
    assert list(line.get_xdata()) == windows()["last_unit"].tolist()
    assert list(line.get_ydata()) == windows()["estimate"].tolist()
    assert "50\n2030-01-01" in texts(figure)
    assert "Alpha in windows of 50 units; band: 95% interval" in texts(figure)


def test_cut_offs_and_versions_of_the_codebook_are_named():
    assert {"0.80", "0.667", "codebook v1", "codebook v2 from here"} <= set(texts(draw()))
    many = pd.DataFrame({"codebook_version": [f"version {i}" for i in range(40)], "first_unit": range(51, 91)})
    assert "40 versions of the codebook" in texts(draw(periods=many))


def test_an_undefined_window_has_a_cross_and_its_reason_and_breaks_the_line():
    table = windows()
    table.loc[4, ["estimate", "ci_low", "ci_high"]] = np.nan
    table.loc[4, "flag"] = "no_variation"
    figure = draw(table)
    assert any("cross: undefined (no variation)" in text for text in texts(figure))
    crosses = [line for line in figure.axes[1].lines if line.get_marker() == "x"]
    assert list(crosses[0].get_xdata()) == [90]
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    "table",
    [
        windows(), windows(60), windows(1).assign(flag="few_units", n_units=17),
        windows().assign(ci_low=-0.7, estimate=-0.3), windows().assign(ci_low=np.nan, ci_high=np.nan),
        windows(2000),
    ],
    ids=["usual", "many", "one", "negative", "without interval", "very many"],
)  # fmt: skip
@pytest.mark.parametrize("cutoffs", [(0.667, 0.8), (0.8, 0.81), ()])
def test_everything_can_be_read(table, cutoffs):
    starts = [1, 20, 55, 56, 57, 100, 101, 159]
    crowded = pd.DataFrame({"codebook_version": [f"v{i}" for i in range(1, 9)], "first_unit": starts})
    figure = draw(table, cutoffs=cutoffs, periods=crowded, measure="Alpha, told in many words " * 6)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (windows().drop(columns="last_date"), "table of windows lacks column last_date"),
        (windows()[:0], "table of windows has no rows"),
        (windows(1).assign(n_units=0, flag="undated"), r"no unit to draw \(no dates\)"),
        (windows().assign(estimate=80), "table of windows row 1: estimate is above 1; give a coefficient"),
        (windows().assign(estimate=np.nan), "row 1: estimate is missing without a reason; put one in flag"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused(table, told):
    with pytest.raises(StudyError, match=told):
        draw(table)
