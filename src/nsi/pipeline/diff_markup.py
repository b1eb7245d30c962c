"""Pieces of the page of differences: tables, lines, and text of any origin made plain to see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from nsi.pipeline.diff_documents import REMOVED, PartChange
from nsi.pipeline.diff_tables import CellChange, TableChange
from nsi.pipeline.diff_values import NUMBER, counted, percent, signed

CELLS_SHOWN = 200
LINES_SHOWN = 200
KEYS_SHOWN = 50
OPEN_UP_TO = 40  # changed cells; a longer list is folded away
LONGEST = 300  # characters of a text that is shown at once
BEFORE = 60  # of what is the same ahead of the first difference

STYLE = """
.diff .frame { max-width: 90rem; padding-left: 1.25rem; }
.diff h2 { margin-top: 2.5rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--line); }
.diff h3 { margin-bottom: 0.25rem; } .diff .why { color: var(--soft); font-size: 0.9375rem; margin: 0.25rem 0; }
.diff .frame p, .diff .frame li { max-width: 60rem; overflow-wrap: anywhere; }
.diff .wide { overflow-x: auto; } .diff .wide table { width: max-content; }
.diff .number { position: static; text-align: right; font-size: inherit;
  color: inherit; float: none; margin: 0; white-space: nowrap; }
.diff td { max-width: 28rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
.diff thead th { vertical-align: bottom; }
.diff .side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem;
  margin: 0.75rem 0; align-items: start; }
.diff figure { margin: 0; } .diff figcaption { color: var(--soft); font-size: 0.875rem; }
.diff img { border: 1px solid var(--line); width: 100%; }
.diff .lines { list-style: none; padding: 0; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: 0.8125rem; } .diff .lines li { padding-left: 1.5rem; text-indent: -1.5rem; white-space: pre-wrap;
  max-width: none; unicode-bidi: plaintext; }
.diff del { text-decoration: none; color: var(--bad); } .diff ins { text-decoration: none; color: var(--string); }
.diff summary { cursor: pointer; color: var(--soft); font-size: 0.9375rem; }
@media (max-width: 40rem) { .diff .number { float: none; } }
"""


def visible(text: str) -> str:
    """Escape a text for the page, with characters that nobody can see spelled out."""
    plain = "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text)
    return escape(plain)


def windows(old: str, new: str) -> tuple[str, str]:
    """Shorten two long texts to where they begin to differ."""
    if max(len(old), len(new)) <= LONGEST:
        return old, new
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - BEFORE)
    return _window(old, start), _window(new, start)


def _window(text: str, start: int) -> str:
    piece = text[start : start + LONGEST]
    if piece == text:
        return text
    ahead, behind = "… " if start else "", " …" if start + LONGEST < len(text) else ""
    return f"{ahead}{piece}{behind} ({len(text):,} characters)"


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: Collection[int] = ()) -> str:
    """Write a table; `rows` hold safe HTML. The columns `numeric` are set to the right, and left out where empty."""
    marks = {at: ' class="number"' if at in numeric else "" for at in range(len(heads))}
    kept = [at for at in marks if not marks[at] or any(row[at] for row in rows)]
    head = "".join(f'<th scope="col"{marks[at]}>{visible(heads[at])}</th>' for at in kept)
    body = "\n".join("<tr>" + "".join(f"<td{marks[at]}>{row[at]}</td>" for at in kept) + "</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n'
        "</table>\n</div>"
    )


def table_change_html(change: TableChange) -> str:
    """Show what became of a table: how rows were matched, each column in a line, then the cells."""
    matched = f"Rows are matched by {visible(', '.join(change.matched_by))}." if change.matched_by else BY_POSITION
    parts = [f'<p class="why">{matched}</p>' if change.cells or change.resized else ""]
    if change.columns:
        parts.append(_columns_html(change))
    for word, rows in (("gone", change.rows_removed), ("new", change.rows_added)):
        parts.append(_keys_html(word, change, rows) if rows else "")
    if change.cells:
        parts.append(_cells_html(change))
    return "\n".join(part for part in parts if part)


BY_POSITION = "No columns tell the rows of both apart: they are matched by position, first with first."
COLUMN_HEADS = ("column", "numbers", "texts", "by rounding", "largest change", "largest relative")
CELL_HEADS = ("in column", "before", "now", "difference", "relative")


def _columns_html(change: TableChange) -> str:
    rows = [
        [visible(found.column), *(f"{n:,}" if n else "" for n in (found.n_numbers, found.n_texts, found.n_rounded)),
         signed(found.largest), percent(found.largest_relative)]
        for found in change.columns
    ]  # fmt: skip
    return table_html(COLUMN_HEADS, rows, range(1, len(COLUMN_HEADS)))


def _keys_html(word: str, change: TableChange, rows: Sequence[tuple[str, ...]]) -> str:
    heads = change.matched_by or ("row",)
    shown = [[visible(cell) for cell in key] for key in rows[:KEYS_SHOWN]]
    rest = f'<p class="why">and {len(rows) - KEYS_SHOWN:,} more</p>' if len(rows) > KEYS_SHOWN else ""
    return f"<details><summary>{counted(len(rows), 'row')} {word}</summary>\n{table_html(heads, shown)}{rest}</details>"


def _cells_html(change: TableChange) -> str:
    heads = [*(change.matched_by or ("row",)), *CELL_HEADS]
    cells = change.cells[:CELLS_SHOWN]
    # Words stand to the left, also where some of the cells are numbers.
    right = 4 if all(cell.change.kind == NUMBER for cell in cells) else 2
    table = table_html(heads, [_cell_row(cell) for cell in cells], range(len(heads) - right, len(heads)))
    open_now = " open" if len(change.cells) <= OPEN_UP_TO else ""
    first = f", the first {CELLS_SHOWN} of" if len(change.cells) > CELLS_SHOWN else ","
    told = f"Changed cells, largest first{first} {len(change.cells):,}"
    return f"<details{open_now}><summary>{told}</summary>\n{table}</details>"


def _cell_row(cell: CellChange) -> list[str]:
    change = cell.change
    old, new = windows(change.old, change.new)
    numbers = [signed(change.difference), percent(change.relative)] if change.kind == NUMBER else ["", ""]
    return [*(visible(key) for key in cell.key), visible(cell.column), _filled(old), _filled(new), *numbers]


def _filled(text: str) -> str:
    return visible(text) if text else '<span class="state">empty</span>'


def parts_html(parts: Sequence[PartChange]) -> str:
    """Show the parts of a document that differ, with their lines."""
    return "\n".join(_part_html(part) for part in parts)


def _part_html(part: PartChange) -> str:
    told = f"{part.part}: {part.told}" if part.part else part.told
    if not part.lines:
        return f"<p>{visible(told)}</p>"
    lines = "\n".join(_line_html(*line) for line in _beside(part.lines[:LINES_SHOWN]))
    rest = f'<p class="why">and {len(part.lines) - LINES_SHOWN:,} more</p>' if len(part.lines) > LINES_SHOWN else ""
    return f'<details open><summary>{visible(told)}</summary>\n<ul class="lines">\n{lines}\n</ul>{rest}</details>'


def _beside(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Shorten a long line that is followed by what took its place to where the two differ."""
    told = list(lines)
    for at, (mark, text) in enumerate(lines):
        after = lines[at + 1] if at + 1 < len(lines) else ("", "")
        if mark == REMOVED and after[0] not in ("", REMOVED):
            old, new = windows(text, after[1])
            told[at], told[at + 1] = (mark, old), (after[0], new)
        elif len(told[at][1]) > LONGEST and told[at] == lines[at]:
            told[at] = (mark, _window(text, 0))
    return told


def _line_html(mark: str, text: str) -> str:
    tag = "del" if mark == REMOVED else "ins"
    return f"<li><{tag}>{mark} {visible(text)}</{tag}></li>"
