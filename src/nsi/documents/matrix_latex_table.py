r"""The grid of a matrix as ``longtable``\ s: a few columns each, so that none runs off the paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from nsi.documents.matrix_latex_text import latex_text
from nsi.documents.matrix_parts import Cell, Line, ShownMatrix

COLUMNS = 5  # of a table; more go into the next
WIDTH, HEAD_WIDTH, GAP = 267, 32, 4  # mm: of the text, of the heads of rows, between columns
LONGEST, LONGEST_LABEL, MOST_LINES = 450, 120, 8  # a row must fit a page, because LaTeX does not break it
STUB = 200  # characters of a longer text that stand in the table


class Notes:
    """Texts that are too long for a table, which then stand below it, whole and numbered."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def short(self, text: str, longest: int = LONGEST) -> str:
        """Return a text as LaTeX; of a long one the beginning, and where the whole stands."""
        if len(text) <= longest and text.count("\n") < MOST_LINES:
            return latex_text(text)
        if text not in self.texts:
            self.texts.append(text)
        number = self.texts.index(text) + 1
        begin = latex_text(" ".join(text[: min(STUB, longest)].split()))
        return rf"{begin}\textellipsis{{}} (\hyperlink{{n:{number}}}{{whole text in note N{number}}})"


def tables(matrix: ShownMatrix, notes: Notes, numbers: dict[str, int]) -> Iterator[str]:
    """Yield the lines of one or more tables.

    Parameters
    ----------
    matrix : ShownMatrix
        The matrix.
    notes : Notes
        Takes the texts that are too long.
    numbers : dict of str to int
        Place of each cell with segments to the number of its evidence list.
    """
    parts = [matrix.columns[start : start + COLUMNS] for start in range(0, len(matrix.columns), COLUMNS)]
    for number, columns in enumerate(parts, start=1):
        part = f", columns {number} of {len(parts)}" if len(parts) > 1 else ""
        yield from _table(matrix, columns, part, notes, numbers)


def _table(
    matrix: ShownMatrix, columns: Sequence[Line], part: str, notes: Notes, numbers: dict[str, int]
) -> Iterator[str]:
    width = (WIDTH - HEAD_WIDTH) / len(columns) - GAP
    kind = r">{\raggedright\arraybackslash\hspace{0pt}}p"
    stamp = rf"\textbf{{{notes.short(matrix.stamp, LONGEST_LABEL)}}}. " if matrix.stamp else ""
    caption = f"{stamp}{notes.short(matrix.title, LONGEST_LABEL)}{part}"
    head = list(_heads(matrix, columns, width, notes))
    yield rf"\begin{{longtable}}{{@{{}}{kind}{{{HEAD_WIDTH}mm}}*{{{len(columns)}}}{{{kind}{{{width:.2f}mm}}}}@{{}}}}"
    yield from (rf"\caption{{{caption}}}\\", r"\toprule", *head, r"\midrule", r"\endfirsthead")
    yield from (rf"\caption[]{{{caption} (continued)}}\\", r"\toprule", *head, r"\midrule", r"\endhead")
    yield from (r"\bottomrule", r"\endfoot")
    for band, rows in groupby(matrix.rows, key=lambda row: row.above):
        if band:
            words = notes.short(band, LONGEST_LABEL)
            yield rf"\multicolumn{{{len(columns) + 1}}}{{@{{}}p{{{WIDTH - GAP}mm}}@{{}}}}{{\textbf{{{words}}}}}\\*"
        for row in rows:
            cells = [_cell(matrix.cells[row.id, column.id], notes, numbers) for column in columns]
            yield " & ".join([_row_head(row, notes), *cells]) + r"\\"
            yield r"\addlinespace"
    yield r"\end{longtable}"


def _heads(matrix: ShownMatrix, columns: Sequence[Line], width: float, notes: Notes) -> Iterator[str]:
    if any(column.above for column in columns):
        cells = []
        left = len(columns)
        for group, found in groupby(columns, key=lambda column: column.above):
            n = len(list(found))
            left -= n
            words = notes.short(group, LONGEST_LABEL)
            edge = "" if left else "@{}"  # the table has no gap at its right end
            span = rf">{{\raggedright\arraybackslash}}p{{{n * (width + GAP) - GAP:.2f}mm}}{edge}"
            cells.append(rf"\multicolumn{{{n}}}{{{span}}}{{\textbf{{{words}}}}}")
        yield " & ".join(["{}", *cells]) + r"\\"
    names = [_lines([(matrix.row_title, True)], notes)]
    names += [_lines([(column.label, True), (column.mark, False)], notes) for column in columns]
    yield " & ".join(names) + r"\\"


def _row_head(row: Line, notes: Notes) -> str:
    order = f"ordered by {row.more}" if row.more else ""
    mark = f"\u25b3 {row.mark}" if row.mark else ""
    return _lines([(row.label, True), (order, False), (mark, False)], notes)


def _lines(texts: Sequence[tuple[str, bool]], notes: Notes) -> str:
    """Write short texts below each other, some of them bold."""
    shown = [(notes.short(text, LONGEST_LABEL), bold) for text, bold in texts if text]
    return "{}" + r"\newline{}".join(rf"\textbf{{{text}}}" if bold else text for text, bold in shown)


def _cell(cell: Cell, notes: Notes, numbers: dict[str, int]) -> str:
    counts = latex_text(cell.counts)
    if cell.place in numbers:
        link = rf"\hyperlink{{e:{numbers[cell.place]}}}{{E{numbers[cell.place]}}}"
        counts = rf"{counts} ({link})"
    wrote = " ".join(part for part in (cell.by, cell.on) if part)
    parts = [
        rf"\textbf{{{notes.short(cell.headline)}}}",
        latex_text(cell.state_words),
        notes.short(cell.rating, LONGEST_LABEL),
        counts,
        "" if cell.shows_summary else notes.short(cell.summary),
        notes.short(f"written by {wrote}", LONGEST_LABEL) if wrote and cell.summary else "",
        latex_text(cell.stale),
    ]
    return "{}" + r"\newline{}".join(part for part in parts if part)
