"""A joint display as one HTML file: bars drawn in the page, texts whole, and what is still to be written in sight.

The file loads nothing and runs nothing; its policy forbids everything but its own style sheet.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from itertools import groupby

import pandas as pd

from nsi.documents.joint_parts import (
    FITS,
    JointRow,
    Scale,
    band_words,
    bar_words,
    case_words,
    joint_rows,
    middle_words,
    open_words,
    scale_of,
)
from nsi.documents.matrix_html_style import matrix_style
from nsi.documents.matrix_html_text import attribute, block, text
from nsi.documents.matrix_parts import readable

WIDTH, HEIGHT = 240.0, 26.0  # of a bar, in its own unit
COLUMNS = 6
STYLE = """
.bar { display: block; width: 100%; min-width: 11rem; height: auto; margin-bottom: 0.2rem; }
.bar .grid { stroke: var(--line); } .bar .middle { stroke: var(--ink); stroke-dasharray: 4 3; }
.bar .interval { fill: var(--edge); fill-opacity: 0.35; } .bar .dot { fill: var(--ink); stroke: var(--paper); }
.bar text { fill: var(--ink); font: 11px system-ui, sans-serif; text-anchor: middle; }
.joint th.scored { min-width: 13rem; } .joint td { max-width: 24rem; }
.joint blockquote { margin: 0 0 0.4rem; padding-left: 0.6rem; border-left: 2px solid var(--line); }
.joint td.hole { border: 2px dashed var(--flag); background: repeating-linear-gradient(135deg, var(--paper) 0 7px,
  var(--tint) 7px 9px); }
.hole .missing { color: var(--flag); font-weight: 600; background: var(--paper); }
.joint tbody th[scope="row"] { min-width: 8.5rem; }
.fits { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 0.75rem; max-width: 52rem; }
.fits dd { margin: 0; }
@media (max-width: 40rem) { .joint th.scored { min-width: 11rem; } }
@media print {
  .joint .scored, .bar { min-width: 0; } .joint th.scored { width: 20%; } .joint td { max-width: none; }
  .joint td.hole, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .joint .band { break-after: avoid; }
  .joint tr { break-inside: avoid; } .joint tr.tall, .joint tr.tall td { break-inside: auto; }
}
"""
TALL = 1_500  # characters; a row with more may be broken over two sheets of paper


def joint_html(
    frame: pd.DataFrame, *, title: str, note: str, score_title: str, theme_title: str,
    labels: Mapping[str, str] | None = None, interval: str = "its interval", middle: float | None = None,
    within: tuple[float, float] | None = None, stamp: str = "", evidence: str = "full",
) -> bytes:  # fmt: skip
    """Write a joint display as a page that works offline and without scripts.

    Parameters
    ----------
    frame : DataFrame
        From `nsi.methods.joint_display`.
    title, note : str
        What stands above, and how to read it; the note may be empty.
    score_title, theme_title : str
        What was measured, and what was found in the material.
    labels : mapping of str to str, optional
        Case to printed label.
    interval : str
        What a bar is, such as "its 95% interval".
    middle : float, optional
        Mean of all cases, drawn as a dashed line.
    within : tuple of float, optional
        What the scale must cover in any case.
    stamp : str
        Such as that the data are synthetic.
    evidence : str
        full: with quotes; counts: only whether one was chosen.

    Returns
    -------
    bytes
        UTF-8; equal input gives equal bytes. All text is whole and shown as text.

    Raises
    ------
    StudyError
        If a column is lacking, there is no row, or `evidence` is another word.
    """
    rows = joint_rows(frame, labels or {}, evidence)
    scale = scale_of(rows, middle, within)
    heads = tuple(readable(head) for head in (title, note, score_title, theme_title, interval, stamp))
    return "\n".join(_page(rows, scale, heads)).encode()


def _page(rows: list[JointRow], scale: Scale, heads: tuple[str, ...]) -> Iterator[str]:
    title, note, score_title, theme_title, interval, stamp = heads
    style = matrix_style() + STYLE
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; form-action 'none'; base-uri 'none'"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{text(title)}</title>\n<style>{style}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#caption">Skip to the table</a>'
    yield f'<p class="stamp" role="note">{text(stamp)}</p>' if stamp else ""
    yield f'<main>\n<h1>{text(title)}</h1>\n<div class="prose">{block(note) if note else ""}'
    yield f"{_still_open(rows)}</div>"
    yield _legend(rows)
    yield '<div class="wide" role="region" aria-labelledby="caption" tabindex="0">\n<table class="joint">'
    marked = f"{stamp}. " if stamp else ""
    yield f'<caption id="caption"><span>{text(marked + title)}: {case_words(len(rows))}</span></caption>'
    yield _head(scale, score_title, theme_title, interval)
    yield "<tbody>"
    yield from _body(rows, scale)
    yield "</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>\n"


def _still_open(rows: list[JointRow]) -> str:
    lines = [f'<li><a href="#r{number}">{text(row.label)}</a>: {text(row.holes)}</li>'
             for number, row in enumerate(rows, start=1) if row.open]  # fmt: skip
    return f'<p class="flag">{open_words(rows)}</p>\n<ul>{"".join(lines)}</ul>' if lines else ""


def _legend(rows: list[JointRow]) -> str:
    entries = [
        f'<dt><span aria-hidden="true">{shape}</span> {word}</dt><dd>{meaning} '
        f"({case_words(sum(row.fit == word for row in rows))})</dd>" for word, (shape, meaning) in FITS.items()
    ]  # fmt: skip
    return f'<h2>How people judged the fit</h2>\n<dl class="fits">{"".join(entries)}</dl>'


def _head(scale: Scale, score_title: str, theme_title: str, interval: str) -> str:
    ticks = "".join(f'<text x="{_x(tick, scale)}" y="12">{scale.told(tick)}</text>' for tick in scale.ticks)
    axis = f'<svg class="bar" viewBox="0 0 {WIDTH:g} 18" aria-hidden="true">{ticks}</svg>'
    told = f'<p class="small">dot: score; bar: {text(interval)}{middle_words(scale.middle)}</p>'
    heads = [("", "<p>Case</p>"), (' class="scored"', f"{block(score_title)}{told}{axis}"), ("", block(theme_title)),
             ("", "<p>Quote</p>"), ("", "<p>Inference</p>"), ("", "<p>Fit</p>")]  # fmt: skip
    cells = "".join(f'<th scope="col"{kind}>{head}</th>' for kind, head in heads)
    return f"<thead>\n<tr>{cells}</tr>\n</thead>"


def _body(rows: list[JointRow], scale: Scale) -> Iterator[str]:
    banded = any(row.band for row in rows)
    number = 0
    for band, found in groupby(rows, key=band_words):
        if banded:
            yield f'<tr class="band"><th colspan="{COLUMNS}" scope="rowgroup">{block(band)}</th></tr>'
        for row in found:
            number += 1
            yield _row(row, number, scale)


def _row(row: JointRow, number: int, scale: Scale) -> str:
    whole = sum(map(len, (row.summary, row.inference, *row.quotes)))
    rating = block(row.rating, "shown") if row.rating else ""
    quotes = "".join(f"<blockquote>{block(quote)}</blockquote>" for quote in row.quotes)
    by = block(row.by, "small") if row.by and "inference" not in row.open else ""
    shape = f'<span aria-hidden="true">{FITS[row.fit][0]}</span> ' if row.fit in FITS else ""
    cells = [
        f'<td class="scored">{_bar(row, scale)}{block(row.score, "shown")}<p class="small">n {text(row.n)}</p>'
        f'{block(row.beside, "small") if row.beside else ""}</td>',
        _cell(row, "theme", rating + (block(row.summary) if row.summary else "")),
        _cell(row, "quote", quotes), _cell(row, "inference", f"{block(row.inference)}{by}"),
        _cell(row, "fit", f"<p>{shape}{text(row.fit)}</p>"),
    ]  # fmt: skip
    tall = ' class="tall"' if whole > TALL else ""
    return f'<tr id="r{number}"{tall}><th scope="row">{block(row.label)}</th>{"".join(cells)}</tr>'


def _cell(row: JointRow, name: str, content: str) -> str:
    """Write a cell; one that people still have to fill says so, framed."""
    if name not in row.open:
        return f"<td>{content}</td>"
    words = {"theme": row.summary, "quote": row.quotes[0], "inference": row.inference, "fit": row.fit}[name]
    return f'<td class="hole"><p><span class="missing">{text(words)}</span></p></td>'


def _bar(row: JointRow, scale: Scale) -> str:
    """Draw a score; nothing where there is none, whose reason stands in words."""
    if pd.isna(row.estimate):
        return ""
    lines = [f'<line class="grid" x1="{_x(tick, scale)}" x2="{_x(tick, scale)}" y1="0" y2="{HEIGHT:g}"/>'
             for tick in scale.ticks]  # fmt: skip
    if scale.middle is not None:
        x = _x(scale.middle, scale)
        lines.append(f'<line class="middle" x1="{x}" x2="{x}" y1="0" y2="{HEIGHT:g}"/>')
    if pd.notna(row.low) and pd.notna(row.high):
        across = f"{(scale.share(row.high) - scale.share(row.low)) * WIDTH:.2f}"
        lines.append(f'<rect class="interval" x="{_x(row.low, scale)}" y="7" width="{across}" height="12"/>')
    lines.append(f'<circle class="dot" cx="{_x(row.estimate, scale)}" cy="13" r="5"/>')
    told = attribute(bar_words(row, scale))
    return f'<svg class="bar" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{told}">{"".join(lines)}</svg>'


def _x(value: float, scale: Scale) -> str:
    return f"{scale.share(value) * WIDTH:.2f}"
