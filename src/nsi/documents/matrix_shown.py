"""A matrix made ready for a document: every cell with what it shows, what it rests on, and its segments as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from nsi.documents.matrix_parts import (
    STATES,
    VALUE,
    Cell,
    Line,
    MatrixParts,
    Segment,
    ShownMatrix,
    readable,
    shown_text,
)
from nsi.errors import StudyError, listed, shown

EVIDENCE = ("full", "counts")
NO_TEXT = "[no text recorded]"
CONTRARY = "contrary"
CELL_COLUMNS = ("row", "column", "shown", "state", "rating", "n_segments", "n_contrary", "n_sources", "sources",
                "coders", "agreement", "agreement_flag", "first_date", "last_date", "summary", "summary_by",
                "summary_on", "stale", "source")  # fmt: skip


def shown_matrix(matrix: MatrixParts, evidence: str = "full") -> ShownMatrix:
    """Make a matrix ready for a document.

    Parameters
    ----------
    matrix : MatrixParts
        The matrix.
    evidence : str
        full: with what segments say; counts: without their words and speakers.

    Returns
    -------
    ShownMatrix
        Every text is one that a document can hold.

    Raises
    ------
    StudyError
        If `evidence` is another word, a cell is lacking, doubled, empty or in an unknown state, or a segment lies in
        no cell.
    """
    if evidence not in EVIDENCE:
        raise StudyError(f"evidence is {shown(evidence)}, but allowed are {' and '.join(EVIDENCE)}; correct it")
    rows = _lines(matrix.rows, ["row", "label", "band", "mark", "order_value"])
    columns = _lines(matrix.columns, ["column", "label", "group", "badge", "definition"])
    keys = [(row.id, column.id) for row in rows for column in columns]
    given = list(zip(matrix.cells["row"], matrix.cells["column"], strict=True))
    if len(set(keys)) < len(keys) or len(given) != len(keys) or set(given) != set(keys):
        raise StudyError(
            f"matrix {matrix.name!r} must have every cell once: {len(rows)} rows by {len(columns)} columns make "
            f"{len(keys)} cells, but it has {len(given)}, {len(set(given) & set(keys))} of them different ones that "
            "belong to it; build it again"
        )
    segments = _segments(matrix.evidence, evidence)
    if stray := set(segments) - set(keys):
        raise StudyError(f"matrix {matrix.name!r} has segments in cells that it does not have: "
                         f"{listed(sorted(map(str, stray)))}; build it again")  # fmt: skip
    found = dict(_cells(matrix, rows, columns, segments))
    return ShownMatrix(matrix.name, readable(matrix.title), readable(matrix.note), readable(matrix.stamp),
                       readable(matrix.row_title), readable(matrix.column_title), rows, columns,
                       {key: found[key] for key in keys})  # fmt: skip


def given_lines(cell: Cell) -> list[str]:
    """Lines of a cell that nobody is asked to edit: what it shows, its state, what it rests on, whose text follows."""
    shown = [cell.state_words or "evidence"] if cell.shows_summary else [cell.headline, cell.state_words]
    wrote = " ".join(part for part in (cell.by, cell.on) if part)
    written = f"written by {wrote}" if wrote and cell.summary else ""
    return [line for line in (*shown, cell.rating, cell.counts, written, cell.stale) if line]


def segment_line(segment: Segment) -> str:
    """Where a segment comes from and who coded it, on one line: contrary or not, document, place, date, coders."""
    agreed = {"yes": " (agreed)", "no": " (settled, not agreed)"}.get(segment.agreed, "")
    speaker = f"said by {segment.speaker}" if segment.speaker else ""
    coded = f"coded {segment.code}" if segment.code else ""
    coders = f"by {segment.coders}{agreed}" if segment.coders else ""
    parts = [segment.stance.upper() if segment.stance == CONTRARY else segment.stance,
             ", ".join(part for part in (segment.document, segment.place) if part), segment.source_type, segment.date,
             speaker, f"{coded} {coders}".strip(), f"segment {segment.segment}"]  # fmt: skip
    return f"{segment.number}. " + " · ".join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: 1 segment, 2 segments."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lines(frame: pd.DataFrame, names: list[str]) -> list[Line]:
    texts = [frame[names[0]].tolist(), *(_texts(frame[name]) for name in names[1:])]
    return [Line(*values) for values in zip(*texts, strict=True)]


def _texts(values: pd.Series) -> list[str]:
    """Texts of a column; its numbers all with two decimals, or all without."""
    texts = [shown_text(value) for value in values]
    whole = not any("." in text for text in texts) or not pd.api.types.is_numeric_dtype(values)
    return texts if whole else ["" if pd.isna(value) else f"{value:.2f}" for value in values]


def _each_once(values: pd.Series) -> list[str]:
    """Texts of a column in which values come again and again."""
    given = values.astype(object).tolist()
    known = {value: shown_text(value) for value in dict.fromkeys(given)}
    return [known[value] for value in given]


def _segments(frame: pd.DataFrame, evidence: str) -> dict[tuple[str, str], list[Segment]]:
    unsaid = ("text", "speaker") if evidence == "counts" else ()
    texts = [[""] * len(frame) if name in unsaid else _each_once(frame[name]) for name in Segment._fields]
    if evidence == "full":
        place = Segment._fields.index("text")
        texts[place] = [text if text.strip() else NO_TEXT for text in texts[place]]
    found: dict[tuple[str, str], list[Segment]] = {}
    for row, column, *values in zip(frame["row"], frame["column"], *texts, strict=True):
        found.setdefault((row, column), []).append(Segment(*values))
    return found


def _cells(
    matrix: MatrixParts, rows: list[Line], columns: list[Line], segments: dict[tuple[str, str], list[Segment]]
) -> Iterator[tuple[tuple[str, str], Cell]]:
    down, across = ({line.id: place for line, place in zip(lines, enumerate(_told_apart(lines), start=1), strict=True)}
                    for lines in (rows, columns))  # fmt: skip
    for values in zip(*(matrix.cells[name].astype(object) for name in CELL_COLUMNS), strict=True):
        found = dict(zip(CELL_COLUMNS, values, strict=True))
        key = (found["row"], found["column"])
        (row, label), (column, heading) = down[key[0]], across[key[1]]
        yield key, _cell(found, f"r{row}_c{column}", label, heading, tuple(segments.get(key, ())))


def _told_apart(lines: list[Line]) -> list[str]:
    """Labels of rows or columns; with what stands above it where two have one label."""
    labels = [line.label for line in lines]
    return [f"{line.above}: {line.label}" if line.above and labels.count(line.label) > 1 else line.label
            for line in lines]  # fmt: skip


def _cell(
    found: dict[str, Any], place: str, label: str, heading: str, segments: tuple[Segment, ...]
) -> Cell:
    text = {column: shown_text(value) for column, value in found.items()}
    if not text["shown"].strip() or text["state"] not in STATES:
        raise StudyError(
            f"cell {label} × {heading} is in state {shown(text['state'])} and shows {shown(text['shown'])}; a state is "
            f"one of {', '.join(STATES)}, and no cell is blank; build the matrix again"
        )
    newest = max((segment.coded_on for segment in segments), default="")
    stale = f"\u25b3 stale: older than the newest coding beneath it{f' ({newest})' if newest else ''}"
    told = text["shown"] == text["rating"] or text["shown"].startswith(f"{text['rating']} (")
    rating = f"rated {text['rating']}" if text["rating"] and not told else ""
    issued = found["summary"] if isinstance(found["summary"], str) else ""
    return Cell(found["row"], found["column"], place, label, heading, text["shown"], text["state"], rating,
                _counts(text), _support(text), text["summary"], text["summary_by"], text["summary_on"], issued,
                stale if text["stale"] == "yes" else "", segments)  # fmt: skip


def _counts(text: dict[str, str]) -> str:
    n_segments, n_contrary = int(text["n_segments"] or 0), int(text["n_contrary"] or 0)
    if text["state"] == VALUE and not n_segments:
        return f"from {text['source']}" if text["source"] else ""
    if not n_segments:
        return ""
    contrary = f", {n_contrary:,} contrary" if n_contrary else ""
    return f"{counted(n_segments, 'segment')}, {counted(int(text['n_sources'] or 0), 'document')}{contrary}"


def _support(text: dict[str, str]) -> str:
    if not int(text["n_segments"] or 0):
        return _counts(text)
    days = list(dict.fromkeys(day for day in (text["first_date"], text["last_date"]) if day))
    agreement = ", ".join(part for part in (text["agreement"], text["agreement_flag"]) if part)
    parts = [_counts(text), f"sources: {text['sources']}" if text["sources"] else "",
             f"coders: {text['coders']}" if text["coders"] else "", f"agreement: {agreement}" if agreement else "",
             f"dated {' to '.join(days)}" if days else ""]  # fmt: skip
    return "; ".join(part for part in parts if part)
