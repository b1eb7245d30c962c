"""A matrix as a LaTeX file that compiles as it is: tables on landscape pages, then what each cell rests on."""

from __future__ import annotations

from collections.abc import Iterator

from nsi.documents.matrix_latex_table import Notes, tables
from nsi.documents.matrix_latex_text import latex_text
from nsi.documents.matrix_parts import Cell, MatrixParts, ShownMatrix
from nsi.documents.matrix_shown import CONTRARY, counted, segment_line, shown_matrix

HEAD = r"""% Compile with xelatex, lualatex or pdflatex, two or three times: longtable finds its widths on the way.
% A character that the font lacks is printed as its number, such as [U+4E2D]. xelatex and lualatex have more of them:
% add \setmainfont{...} with a font of the scripts that your data use. Packages beside LaTeX itself: booktabs, hyperref.
\documentclass[a4paper,10pt]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
  \usepackage{lmodern,textcomp}
  \newcommand{\uni}[1]{\brk\texttt{{[}U+#1{]}}\brk}
\else
  \usepackage{fontspec}
  \newcommand{\uni}[1]{\iffontchar\font"#1 \char"#1 \else\brk\texttt{{[}U+#1{]}}\brk\fi}
\fi
\usepackage[landscape,margin=15mm]{geometry}
\usepackage{longtable,array,booktabs}
\usepackage[hidelinks]{hyperref}
\newcommand{\brk}{\hskip 0pt\relax}
\setlength{\tabcolsep}{2mm}
\setlength{\LTleft}{0pt}
\setlength{\LTcapwidth}{\textwidth}
\setlength{\parindent}{0pt}
\setlength{\emergencystretch}{3em}
\begin{document}
\footnotesize
"""


def matrix_latex(matrix: MatrixParts, *, evidence: str = "full") -> bytes:
    """Write a matrix as LaTeX.

    Parameters
    ----------
    matrix : MatrixParts
        Rows and columns in display order; the evidence of each cell contrary first.
    evidence : str
        ``"full"``: the lists beneath the tables tell what was said and by whom. ``"counts"``: ids, documents,
        places, kinds of source, dates, codes and coders only.

    Returns
    -------
    bytes
        UTF-8; equal input gives equal bytes. No text of the data is a command or a comment. Each cell with segments
        refers to a numbered list (E1, E2, ...); a text too long for a table stands whole in a note (N1, N2, ...).

    Raises
    ------
    StudyError
        If `evidence` is neither of the two, or cells and segments do not fit together.
    """
    return "\n".join(_document(shown_matrix(matrix, evidence))).encode()


def _document(matrix: ShownMatrix) -> Iterator[str]:
    filled = [cell for cell in matrix.cells.values() if cell.segments]
    numbers = {cell.place: number for number, cell in enumerate(filled, start=1)}
    notes = Notes()
    yield HEAD
    yield rf"{{\Large\bfseries {notes.short(matrix.title)}\par}}\medskip"
    if matrix.stamp:
        yield rf"{{\bfseries {notes.short(matrix.stamp)}\par}}\medskip"
    yield rf"\leavevmode {latex_text(matrix.note)}\par\medskip"
    yield from (rf"{latex_text(words)}: {latex_text(meaning)}\par" for _, words, meaning in matrix.legend())
    yield from tables(matrix, notes, numbers)
    yield from _columns(matrix)
    yield from _notes(notes)
    if filled:
        yield r"\section*{Evidence}"
    for cell in filled:
        yield from _evidence(cell, numbers[cell.place])
    yield r"\end{document}"
    yield ""


def _columns(matrix: ShownMatrix) -> Iterator[str]:
    yield r"\section*{Columns}"
    for column in matrix.columns:
        meaning = latex_text(column.more or "no definition recorded")
        yield rf"\leavevmode\textbf{{{latex_text(column.label)}}}: {meaning}\par"


def _notes(notes: Notes) -> Iterator[str]:
    if notes.texts:
        yield r"\section*{Texts too long for the table}"
    for number, text in enumerate(notes.texts, start=1):
        yield rf"\leavevmode\hypertarget{{n:{number}}}{{\textbf{{N{number}.}}}} {latex_text(text)}\par\medskip"


def _evidence(cell: Cell, number: int) -> Iterator[str]:
    name = f"{cell.row_label}: {cell.column_label}"
    told = "; ".join(part for part in (cell.state_words, cell.support, cell.stale) if part)
    yield rf"\medskip\leavevmode\hypertarget{{e:{number}}}{{\textbf{{E{number}.}}}} \textbf{{{latex_text(name)}}}\par"
    yield rf"{latex_text(told or counted(len(cell.segments), 'segment'))}\par"
    for segment in cell.segments:
        line = latex_text(segment_line(segment))
        line = rf"\textbf{{{line}}}" if segment.stance == CONTRARY else line
        said = rf"\newline{{}}{latex_text(segment.text)}" if segment.text else ""
        yield rf"\leavevmode\hangindent=6mm {line}{said}\par"
