"""The proof-reader of figures finds what a reader could not read."""

import pytest
from matplotlib.figure import Figure

from nsi.figures.keys import fill_key, fit_keys
from nsi.figures.legibility import legibility_problems, proof
from nsi.figures.page import new_page, write
from nsi.figures.style import NARROW, WHITE


@pytest.fixture
def panel():
    page = new_page(NARROW, 40, title="A title", note="A note")
    return page.panel(0, 0, page.width, page.height)


def test_a_clean_figure_has_no_problems(panel):
    write(panel, 5, 10, "one")
    write(panel, 5, 20, "two")
    assert legibility_problems(panel.figure) == []


def test_words_on_top_of_each_other_are_found(panel):
    write(panel, 5, 10, "one word")
    write(panel, 8, 11, "another")
    assert legibility_problems(panel.figure) == ["'one word' and 'another' overlap"]


def test_a_text_of_several_lines_is_read_like_one_of_a_single_line(panel):
    write(panel, 5, 10, "two\nlines", gid="kept")
    write(panel, 6, 11, "over\nthem", color="#AAAAAA")
    found = legibility_problems(panel.figure)
    assert found[0] == "'two / lines' and 'over / them' overlap"
    assert found[1].startswith("'over / them' has a contrast of only 2.3:1")
    assert len(found) == 2
    assert [text.get_gid() for text in panel.texts] == ["kept", None]


def test_words_over_the_edge_are_found(panel):
    write(panel, 75, 10, "over the edge")
    assert legibility_problems(panel.figure) == ["'over the edge' reaches over the edge of the page"]


def test_small_type_is_found(panel):
    write(panel, 5, 10, "small", size=5)
    assert legibility_problems(panel.figure) == ["'small' is set in 5.0 pt, smaller than 7 pt"]


def test_faint_words_are_found_against_what_lies_behind_them(panel):
    write(panel, 5, 10, "pale", color="#AAAAAA")
    panel.axvspan(40, 60, facecolor="#0072B2")
    write(panel, 50, 20, "dark", ha="center", color="#004060")
    write(panel, 50, 30, "light", ha="center", color=WHITE)
    problems = legibility_problems(panel.figure)
    assert [problem.split(" of only")[0] for problem in problems] == [
        "'pale' has a contrast",
        "'dark' has a contrast",
    ]


def test_tick_labels_outside_the_limits_do_not_count():
    figure = Figure(figsize=(3, 2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlim(0.2, 0.8)
    axes.tick_params(labelsize=7)
    assert legibility_problems(figure) == []


def test_neighbours_in_a_key_that_grey_print_would_merge_are_found(panel):
    # CIE L* of #0072B2 is 46.2 and of #D55E00 54.0: 8 apart.
    alike = [fill_key(words, facecolor=colour) for words, colour in (("one", "#0072B2"), ("two", "#D55E00"))]
    fit_keys(alike, 70).draw(panel)
    assert legibility_problems(panel.figure) == ["fills 1 and 2 of the key differ by only 8 in lightness"]


def test_a_hatch_or_a_frame_keeps_fills_of_a_key_apart(panel):
    apart = [fill_key("one", facecolor="#0072B2"), fill_key("two", facecolor="#D55E00", hatch="//"),
             fill_key("three", facecolor="#0072B2", hatch="//", edgecolor="none")]  # fmt: skip
    fit_keys(apart, 70).draw(panel)
    assert legibility_problems(panel.figure) == []


def test_the_proof_of_a_figure_has_its_size_in_mm(panel):
    height = panel.figure.get_size_inches()[1] * 25.4
    assert proof(panel.figure) == {"width": NARROW, "height": round(float(height), 1), "problems": []}
