"""Figures as bytes: the same wherever they are made, with words for those who cannot see them."""

import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image

from nsi.errors import StudyError
from nsi.figures.legibility import legibility_problems
from nsi.figures.page import new_page, write
from nsi.figures.rendering import KINDS, render, stamp
from nsi.figures.stamping import stamped
from nsi.figures.style import NARROW

SRC = Path(__file__).parents[1] / "src"
WORDS: dict[str, Any] = {"title": "A & B", "alt": "Two <bars>; n = 3. Müller", "source": "notebook 42"}
ONE_OF_EACH = """
import sys, hashlib
import pandas as pd
from nsi.figures.alluvial import alluvial
from nsi.figures.case_matrix import case_matrix
from nsi.figures.cleaning_flow import cleaning_flow
from nsi.figures.confusion import confusion
from nsi.figures.reliability import reliability_dots
from nsi.figures.rendering import KINDS, render, stamp
words = {"title": "T", "note": "n"}
two = {"a": "Alpha", "b": "Beta"}
flows = pd.DataFrame({"x": ["a", "b"], "y": ["a", "b"], "n": [3, 2], "secondary": [False, False]})
flows = pd.concat([flows, pd.DataFrame({"x": ["a"], "y": ["b"], "n": [2], "secondary": [True]})])
log = pd.DataFrame({"rule": ["r"], "table": "t", "rows_before": [5], "rows_after": [4], "rows_changed": [1]})
trust = pd.DataFrame({"field": ["a"], "coefficient": ["k"], "estimate": [0.7], "ci_low": [-0.1],
                      "ci_high": [0.9], "n_pairable": [5], "flag": [""]})
cells = pd.DataFrame({"case": ["a", "a"], "field": ["f", "f"], "code": ["a", "b"], "statistic": "share",
                      "value": [0.25, 0.75], "n": 4})
figures = [
    alluvial(flows, left="x", right="y", left_codes=["a", "b"], right_codes=["a", "b"], left_labels=two,
             right_labels=two, left_title="L", right_title="R", unused=["b"], **words),
    cleaning_flow(log, **words),
    reliability_dots(trust, labels=two, coefficients=["k"], coefficient_labels={"k": "K"}, **words),
    confusion(flows[:2].rename(columns={"x": "row", "y": "column"}), codes=["a", "b"], labels=two,
              row_title="R", column_title="C", **words),
    case_matrix(cells, case_order=["a", "b"], case_labels=two, field_codes={"f": two},
                field_labels={"f": "F"},
                **words),
]
for figure in figures:
    stamp(figure, "TEST")
    for kind in KINDS:
        data = render(figure, kind, title="T", alt="A", source="S")
        print(kind, hashlib.sha256(data).hexdigest())
print("pyplot loaded:", "matplotlib.pyplot" in sys.modules)
"""


def small(text="word"):
    page = new_page(NARROW, 20, title="A title", note="A note")
    write(page.panel(0, 0, page.width, page.height), 5, 10, text)
    return page.figure


def test_every_figure_is_the_same_bytes_under_another_clock_hash_seed_locale_and_configuration(tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 20\nsavefig.bbox: tight\nlines.linewidth: 5\n")
    runs = []
    for seed, zone, place in (("1", "Asia/Tokyo", "C"), ("77", "America/Los_Angeles", "C.UTF-8")):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": place,
            "PYTHONPATH": str(SRC),
        }
        environment.pop("SOURCE_DATE_EPOCH", None)
        if seed == "77":
            environment["MATPLOTLIBRC"] = str(tmp_path)
        runs.append(
            subprocess.Popen(
                [sys.executable, "-c", ONE_OF_EACH], env=environment, stdout=subprocess.PIPE, text=True
            )
        )
    first, second = (run.communicate()[0].splitlines() for run in runs)
    assert len(first) == 5 * 3 + 1
    assert first == second
    assert first[-1] == "pyplot loaded: False"  # no global state to leak from one notebook cell into another


@pytest.mark.parametrize("kind", KINDS)
def test_rendering_twice_gives_the_same_bytes_without_date_or_program(kind):
    figure = small()
    data = render(figure, kind, **WORDS)
    assert data == render(figure, kind, **WORDS)
    assert not re.search(rb"Matplotlib v|Matplotlib \d|CreationDate|dc:date|tEXtSoftware", data)


def test_svg_reads_out_its_title_and_alt_text():
    root = ElementTree.fromstring(render(small(), "svg", **WORDS))
    space = "{http://www.w3.org/2000/svg}"
    named = {child.get("id"): child.text for child in root if child.tag in (f"{space}title", f"{space}desc")}
    assert root.get("role") == "img"
    assert [named[name] for name in root.get("aria-labelledby", "").split()] == [
        "A & B",
        "Two <bars>; n = 3. Müller",
    ]


def test_png_and_pdf_carry_the_alt_text():
    image = Image.open(BytesIO(render(small(), "png", **WORDS)))
    assert image.info["Description"] == WORDS["alt"]
    assert image.info["Source"] == "notebook 42"
    assert image.size[0] == round(84 / 25.4 * 300)
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    pdf = render(small(), "pdf", **WORDS | {"alt": "Two bars"})
    assert b"/Subject (Two bars)" in pdf
    assert b"/FontFile2" in pdf  # type 42: text can be searched and edited


def test_a_png_can_have_fewer_dots_and_says_how_many():
    image = Image.open(BytesIO(render(small(), "png", **WORDS, dpi=200)))
    assert image.size[0] == round(84 / 25.4 * 200)
    assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "gif"}, "figure kind is 'gif', allowed are svg, pdf, png; choose one of them"),
        ({"alt": " "}, "a figure cannot be written without alt text; say in words what the figure shows"),
        ({"title": ""}, "a figure cannot be written without title; say in words what the figure shows"),
    ],
)
def test_a_figure_without_words_or_of_unknown_kind_is_refused(change, message):
    with pytest.raises(StudyError, match=message):
        render(small(), **({"kind": "svg"} | WORDS | change))


def test_a_character_without_a_glyph_is_named():
    with pytest.raises(
        StudyError, match=r"U\+5B66 CJK UNIFIED IDEOGRAPH-5B66, for which the bundled font has no"
    ):
        render(small("学"), "png", **WORDS)


def test_a_font_that_is_not_bundled_is_refused():
    figure = small()
    figure.text(0.5, 0.5, "x", family="No Such Font")
    with pytest.raises(StudyError, match="the font No Such Font, which is not installed; leave the font"):
        render(figure, "png", **WORDS)


def test_a_dollar_in_a_label_is_a_dollar():
    assert legibility_problems(small("$5 to $10 & α ≤ ½ — “ü”")) == []
    assert render(small("$5 to $10"), "svg", **WORDS) != render(small("$5 to 10"), "svg", **WORDS)


def test_stamping_is_visible_idempotent_and_replaceable():
    figure = small()
    plain = render(figure, "png", **WORDS)
    stamp(figure, "SYNTHETIC DATA")
    once = render(figure, "png", **WORDS)
    stamp(figure, "SYNTHETIC DATA")
    assert plain != once == render(figure, "png", **WORDS)
    stamp(figure, "DRAFT")
    assert stamped(figure) == "DRAFT"
    assert legibility_problems(figure) == []
    with pytest.raises(StudyError, match="the stamp has no text"):
        stamp(figure, "")


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_a_figure_from_elsewhere_grows_by_the_strip_so_that_nothing_is_covered(layout):
    figure = Figure(figsize=(4, 3), layout=layout)
    figure.suptitle("Above", fontsize=8)
    axes = figure.add_subplot()
    axes.plot([1, 2])
    axes.set_xlabel("months", fontsize=9)
    stamp(figure, "SYNTHETIC DATA")
    stamp(figure, "SYNTHETIC DATA")
    assert figure.get_size_inches() * 25.4 == pytest.approx([4 * 25.4, 3 * 25.4 + 6])
    assert legibility_problems(figure) == []


def test_a_figure_with_subfigures_is_not_stamped_blindly():
    figure = Figure()
    figure.subfigures(1, 2)
    with pytest.raises(StudyError, match="a figure with subfigures cannot be stamped; draw it with new_page"):
        stamp(figure, "SYNTHETIC DATA")


def test_a_page_without_a_title_is_refused():
    with pytest.raises(StudyError, match="a figure has no title; give one sentence that says what is shown"):
        new_page(NARROW, 20, title=" ", note="n")


def test_settings_of_matplotlib_are_untouched_by_rendering():
    before = dict(matplotlib.rcParams)
    render(small(), "pdf", **WORDS)
    assert dict(matplotlib.rcParams) == before
