"""The house look: colours that can be told apart, text that can be read, settings that do not leak."""

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.figures.style import (
    MARKS,
    NEUTRAL,
    OKABE_ITO,
    WHITE,
    WIDE,
    code_looks,
    contrast,
    house_style,
    new_figure,
    text_on,
)

channel = st.integers(0, 255).map(lambda value: value / 255)


def test_contrast_matches_the_worked_values_of_wcag():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)  # WCAG 2.2: 21:1 is the most there is
    assert contrast("#767676", "#FFFFFF") == pytest.approx(
        4.54, abs=0.01
    )  # WebAIM: the lightest grey that passes


@given(st.tuples(channel, channel, channel))
def test_text_on_any_fill_reads_at_4_5_to_1(fill):
    assert contrast(text_on(fill), fill) >= 4.5


@pytest.mark.parametrize("colour", [colour for colour, _ in MARKS])
def test_dots_stand_out_from_white_paper(colour):
    assert contrast(colour, WHITE) >= 3  # WCAG 2.2, criterion 1.4.11, for marks that carry meaning


def test_a_code_keeps_its_look_when_codes_are_appended():
    few, many = code_looks(["a", "b"]), code_looks(["a", "b", "c", "d"])
    assert [few[code] for code in "ab"] == [many[code] for code in "ab"]


def test_no_two_of_49_codes_look_the_same():
    looks = code_looks([str(number) for number in range(49)])
    assert len(set(looks.values())) == 49
    assert {look.fill for look in looks.values()} == set(OKABE_ITO)


def test_a_neutral_code_is_grey_and_spends_no_colour():
    looks = code_looks(["a", "none", "b"], neutral=["none"])
    assert looks["none"].fill == NEUTRAL
    assert looks["b"].fill == OKABE_ITO[1]


def test_codes_listed_twice_and_stray_neutral_codes_are_refused():
    with pytest.raises(StudyError, match="code 'a' is listed twice; list each code once"):
        code_looks(["a", "b", "a"])
    with pytest.raises(
        StudyError, match="neutral code 'c' is not among the codes a, b; correct its spelling"
    ):
        code_looks(["a", "b"], neutral=["c"])


def test_house_style_starts_from_defaults_and_puts_a_readers_settings_back():
    with matplotlib.rc_context({"font.size": 31, "lines.linewidth": 9}):
        with house_style():
            assert matplotlib.rcParams["font.size"] == 7
            assert matplotlib.rcParams["lines.linewidth"] == matplotlib.rcParamsDefault["lines.linewidth"]
            assert matplotlib.rcParams["svg.hashsalt"] == "nsi"
        assert matplotlib.rcParams["font.size"] == 31
        assert matplotlib.rcParams["lines.linewidth"] == 9


def test_a_new_figure_has_its_size_in_mm_and_only_the_two_widths():
    assert new_figure(WIDE, 50).get_size_inches() * 25.4 == pytest.approx([174, 50])
    with pytest.raises(StudyError, match="figure width is 100 mm, allowed are 84 and 174"):
        new_figure(100, 50)
    with pytest.raises(StudyError, match="figure height is 0 mm, but must be positive"):
        new_figure(WIDE, 0)
