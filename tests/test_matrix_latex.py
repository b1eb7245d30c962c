"""A matrix as LaTeX: no text of the data is a command, everything is printed, and rows fit their pages."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_samples import HOSTILE, LONG, hostile_matrix, sample_matrix

from nsi.documents.matrix_latex import HEAD, matrix_latex
from nsi.documents.matrix_latex_text import LETTERS, SPELLED, latex_text
from nsi.documents.matrix_parts import readable
from nsi.errors import StudyError

# All commands that a file may hold below its head.
COMMANDS = {f"\\{name}" for name in (
    *("Large", "bfseries", "par", "medskip", "leavevmode", "textbf", "newline", "hyperlink", "hypertarget", "section"),
    *("hangindent", "begin", "end", "caption", "toprule", "midrule", "bottomrule", "addlinespace", "endfirsthead"),
    *("endhead", "endfoot", "multicolumn", "raggedright", "arraybackslash", "hspace", "uni", "brk", "bullet", "odot"),
    *("oslash", "circ", "emptyset", "triangle", "rule"),
)} | {f"\\text{name}" for name in (
    *("backslash", "asciicircum", "asciitilde", "less", "greater", "bar", "quotedbl", "quotesingle", "asciigrave"),
    *("endash", "emdash", "quoteleft", "quoteright", "quotedblleft", "quotedblright", "ellipsis", "bullet"),
    *("periodcentered", "section", "degree", "pm", "times", "euro"),
)}  # fmt: skip
MATRICES = {"3x4": sample_matrix(), "7x12": sample_matrix(7, 12), "hostile": hostile_matrix()}
BACK = {latex: plain for plain, latex in SPELLED.items() if plain not in ("\0", "\t")}


def body_of(data: bytes) -> str:
    text = data.decode()
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD)


def printed(latex: str) -> str:
    """What a written text prints: escapes undone, one by one and from the left."""
    known = sorted([*BACK, r"\brk{}"], key=len, reverse=True)
    token = re.compile("|".join([re.escape(latex) for latex in known] + [r"\\uni\{([0-9A-F]{4,6})\}", r"\{\}"]))
    return token.sub(lambda found: chr(int(found[1], 16)) if found[1] else BACK.get(found[0], ""), latex)


def unescaped(latex: str) -> str:
    """What is left without escapes of special characters: braces and commands that act."""
    return re.sub(r"\\[{}$&#%_\\\-()]", " ", latex)


@pytest.mark.parametrize("character", list("\\{}$&#%_^~<>|\"'`[]*"))
def test_each_special_character_is_spelled_and_printed_again(character):
    written = latex_text(f"a{character}b")
    assert written != f"a{character}b"
    assert printed(written) == f"a{character}b"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("50% & #1_x", r"50\% \& \#1\_x"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("a--b,,c", "a-{}-b,{}," + "c"),
        ("naïve Łódź", "naïve Łódź"),
        ("nai\u0308ve", "naïve"),
        ("中\u200b😀", r"\uni{4E2D}\uni{200B}\uni{1F600}"),
        ("one\ntwo\tthree", r"one\newline{}two three"),
        ("x" * 30, r"xxxxxxxxxxxx\brk{}xxxxxxxxxxxx\brk{}xxxxxx"),
    ],
)
def test_text_is_written_so_that_latex_prints_it(text, latex):
    assert latex_text(text) == latex


@given(st.text(max_size=120))
@settings(deadline=None)
def test_any_text_holds_no_command_that_acts_and_prints_what_it_was(text):
    shown = readable(text)
    written = latex_text(shown)
    assert set(re.findall(r"\\[A-Za-z]+", unescaped(written))) <= COMMANDS
    rest = unescaped(written)
    assert rest.count("{") == rest.count("}")
    assert not set("$&#%_^~") & set(rest.replace("~", "" if "\u00a0" in shown else "~"))
    assert all(character in LETTERS or " " <= character <= "~" for character in written)
    normal = unicodedata.normalize("NFC", shown).replace("\t", " ")
    assert printed(written) == normal


@pytest.mark.parametrize("evidence", ["full", "counts"])
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_a_file_holds_only_commands_of_ours_and_its_groups_close(matrix, evidence):
    body = body_of(matrix_latex(matrix, evidence=evidence))
    rest = unescaped(body.replace("\\\\", " "))
    assert set(re.findall(r"\\[A-Za-z]+", rest)) <= COMMANDS
    depth = 0
    for brace in re.findall("[{}]", rest):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert "%" not in rest
    assert "$" not in rest
    assert body.count(r"\begin{longtable}") == body.count(r"\end{longtable}") == -(-len(matrix.columns) // 5)
    assert body.endswith("\\end{document}\n")


def test_every_row_has_as_many_cells_as_the_table_has_columns():
    body = body_of(matrix_latex(sample_matrix(4, 7)))
    for table, n in zip(re.findall(r"\\endfoot(.*?)\\end\{longtable\}", body, re.DOTALL), (5, 2), strict=True):
        rows = [line for line in table.split("\n") if line.endswith(r"\\")]
        assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [n] * 4


def test_the_head_of_a_table_is_repeated_and_tells_its_groups_badges_and_stamp():
    body = body_of(matrix_latex(sample_matrix()))
    first, again = re.findall(r"\\caption.*?\\end(?:firsthead|head)", body, re.DOTALL)
    for head in (first, again):
        for text in ("SYNTHETIC DATA", "Strategies of cases by theme", "Routines", "Use of theme 4", "alpha .81"):
            assert text in head
    assert "(continued)" in again


@pytest.mark.parametrize("matrix", [sample_matrix(11, 12), hostile_matrix()], ids=["11x12", "hostile"])
def test_each_cell_with_segments_refers_to_its_list_and_contrary_segments_stand_first(matrix):
    body = body_of(matrix_latex(matrix))
    n_filled = int((matrix.cells["n_segments"] > 0).sum())
    assert re.findall(r"\\hypertarget\{e:(\d+)\}", body) == [str(number) for number in range(1, n_filled + 1)]
    links = [(int(place), int(name)) for place, name in re.findall(r"\\hyperlink\{e:(\d+)\}\{E(\d+)\}", body)]
    assert sorted(links) == [(number, number) for number in range(1, n_filled + 1)]
    assert body.count(r"\hangindent") == len(matrix.evidence)
    mixed = body[body.index(r"\hypertarget{e:3}") :].split("\\par\n")
    assert mixed[2].startswith(r"\leavevmode\hangindent=6mm \textbf{1. CONTRARY ")
    assert mixed[3].startswith(r"\leavevmode\hangindent=6mm 2. supports ")


def test_a_text_too_long_for_a_row_stands_whole_below_and_the_table_says_where():
    body = body_of(matrix_latex(hostile_matrix()))
    assert r"\hyperlink{n:1}{whole text in note N1}" in body
    assert re.findall(r"\\hypertarget\{n:(\d+)\}", body) == ["1"]
    assert rf"\textbf{{N1.}}}} {LONG}\par" in body
    tables = re.findall(r"\\begin\{longtable\}.*?\\end\{longtable\}", body, re.DOTALL)
    assert max(len(line) for table in tables for line in table.split("\n")) < 3_000


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_printed_whole(name):
    text = HOSTILE[name]
    matrix = sample_matrix(1, 1, segments=lambda row, column: 1, text=lambda *place: text)
    lines = body_of(matrix_latex(matrix)).split("\n")
    said = next(line for line in lines if r"\hangindent" in line).removesuffix(r"\par")
    expected = readable(text).replace("\t", " ")
    assert printed(said.split(r"\newline{}", 1)[1]) == expected


def test_without_texts_no_word_that_was_said_and_no_speaker_is_in_the_file():
    matrix = sample_matrix()
    assert b"What was said" in matrix_latex(matrix)
    counts = matrix_latex(matrix, evidence="counts")
    assert b"What was said" not in counts
    assert b"speaker 1" not in counts
    with pytest.raises(StudyError, match="allowed are full and counts"):
        matrix_latex(matrix, evidence="some")


def test_equal_matrices_give_equal_bytes():
    assert matrix_latex(hostile_matrix()) == matrix_latex(hostile_matrix())
