"""The text of results names numbers and types none."""

from pathlib import Path

import pytest

from nsi.errors import StudyError
from nsi.pipeline.results_text import HEAD, SYNTHETIC, filled_in, names_in, read_templates

RECORDED = ["n_units", "share", "kind"]


def templates(folder: Path, text: str) -> dict[str, str]:
    (folder / "results.md").write_text(text, encoding="utf-8")
    return read_templates(folder, ["results.md"], RECORDED)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(StudyError) as caught:
        templates(folder, text)
    return str(caught.value)


def test_names_give_way_to_numbers_in_the_layout_asked_for(tmp_path: Path) -> None:
    found = templates(tmp_path, "# First\n\nOf {n_units:,} units {share:.0%} are {kind}; see `fig1.svg`.\n")
    numbers: dict[str, float | str] = {"n_units": 1820, "share": 0.256, "kind": "teachers"}
    text = "# First\n\nOf 1,820 units 26% are teachers; see `fig1.svg`.\n"
    assert filled_in(found, numbers, synthetic=False) == HEAD + text
    assert filled_in(found, numbers, synthetic=True) == HEAD + SYNTHETIC + text
    assert names_in(found) == {"n_units", "share", "kind"}


def test_a_word_in_place_of_a_number_is_printed_as_it_is(tmp_path: Path) -> None:
    found = templates(tmp_path, "The share is {share:.0%}.")
    assert filled_in(found, {"share": "withheld"}, synthetic=False) == HEAD + "The share is withheld.\n"


def test_an_unknown_name_fails_with_its_row_and_the_nearest_name(tmp_path: Path) -> None:
    assert refused(tmp_path, "Well.\n\n{n_unit} units") == (
        "results.md row 3: 'n_unit' is no recorded number; did you mean 'n_units'?"
    )


def test_a_typed_number_fails(tmp_path: Path) -> None:
    assert refused(tmp_path, "There are 34 of them, see `table_2.csv`.") == (
        "results.md row 1: the number 34 is typed; have a notebook record it with study.number, and write its name in "
        "braces. Names of files stand between backticks"
    )


def test_an_open_brace_fails(tmp_path: Path) -> None:
    assert refused(tmp_path, "{n_units of them") == (
        "results.md row 1: a brace is not closed (expected '}' before end of string); write {name} or {name:.0%}"
    )


def test_a_layout_that_does_not_fit_fails(tmp_path: Path) -> None:
    found = templates(tmp_path, "\n{n_units:d} and {share:d}")
    with pytest.raises(StudyError) as caught:
        filled_in(found, {"n_units": 3, "share": 0.5}, synthetic=False)
    assert str(caught.value) == (
        "results.md row 2: the layout ':d' of share does not fit its value 0.5; write one such as :.0%, :.2f or :,"
    )


def test_a_missing_template_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"other\.md is missing from the study's folder; study\.yml names it"):
        read_templates(tmp_path, ["other.md"], RECORDED)
