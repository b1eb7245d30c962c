"""The page of differences between two results: one file that opens offline, with pictures side by side."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from nsi.pipeline.diff_entries import (
    ADDED,
    CHANGED,
    DOCUMENTS,
    FORM,
    KINDS,
    MATRICES,
    PICTURES,
    REMOVED,
    TABLES,
    WORDS,
    Entry,
)
from nsi.pipeline.diff_figures import percent_of
from nsi.pipeline.diff_markup import STYLE, parts_html, table_change_html, table_html, visible
from nsi.pipeline.diff_results import Difference
from nsi.pipeline.diff_source import FIGURES, Result
from nsi.pipeline.diff_values import Change, NumbersChange, counted, joined, percent, signed
from nsi.pipeline.page_frame import document

TITLE = "What changed between two results"
SAME = "Nothing differs: every number, table, figure and document is the same."
RUNS_SHOWN = 12  # a longer list is folded away: what changed comes first
SINGULAR = {MATRICES: "file", TABLES: "table", PICTURES: "figure", DOCUMENTS: "document"}
NUMBER_HEADS = ("number", "before", "now", "difference", "relative", "written by", "why")


def render_diff(found: Difference) -> str:
    """Write the page.

    Returns
    -------
    str
        A whole HTML document: no script, nothing loaded from anywhere, pictures inside; the same text for the
        same two results.
    """
    sections = [_runs(found), _numbers(found), *(_kind(found, kind) for kind in KINDS)]
    body = "\n".join(
        [f"<header>\n<h1>{TITLE}</h1>", _facts(found), _summary(found), _contents(found), '</header>\n<main id="main">']
        + [section for section in sections if section]
        + ["</main>"]
    )
    page = document(TITLE, body, synthetic=found.synthetic, kind="diff")
    return page.replace("</style>", f"{STYLE}</style>", 1)


def changes_html(found: Difference, prefix: str) -> str:
    """Write what changed in numbers and outputs for another page; `prefix` keeps the ids of two results apart."""
    parts = [_numbers(found), *(_kind(found, kind) for kind in KINDS)]
    return "\n".join(part for part in parts if part).replace('<section id="', f'<section id="{prefix}')


def summary_lines(found: Difference) -> list[tuple[str, str]]:
    """Say in one sentence for each kind what changed; numbers first."""
    numbers = found.numbers
    total = numbers.n_same + len(numbers.changed) + len(numbers.rounded) + len(numbers.added) + len(numbers.removed)
    told = joined([
        f"{len(numbers.changed):,} changed" if numbers.changed else "",
        f"{len(numbers.added):,} new" if numbers.added else "",
        f"{len(numbers.removed):,} gone" if numbers.removed else "",
        f"{len(numbers.rounded):,} by rounding alone" if numbers.rounded else "",
    ])  # fmt: skip
    lines = [("numbers", _of(told, total))] if total else []
    present = [kind for kind in KINDS if found.totals[kind]]
    return lines + [(kind, _of(_states(found.entries[kind]), found.totals[kind])) for kind in present]


def _of(told: str, total: int) -> str:
    return f"{told}, of {total:,}" if told else f"all {total:,} the same"


def _states(entries: Sequence[Entry]) -> str:
    counts = {state: sum(entry.state == state for entry in entries) for state in WORDS}
    return joined(f"{count:,} {WORDS[state]}" for state, count in counts.items() if count)


def _facts(found: Difference) -> str:
    sides = (("before", found.old), ("now", found.new))
    rows = [f"<dt>{side}</dt><dd>{_source(result)}</dd>" for side, result in sides]
    studies = {records.study for records in (found.causes.old, found.causes.new)} - {""}
    if len(studies) > 1:
        rows.append(f"<dt>note</dt><dd>two studies: {visible(', '.join(sorted(studies)))}</dd>")
    return f'<dl class="facts">{"".join(rows)}</dl>'


def _source(result: Result) -> str:
    return f"<code>{visible(result.label)}</code> {visible(result.note)}, {counted(len(result.files), 'file')}"


def _summary(found: Difference) -> str:
    items = "".join(f"<li><strong>{kind}</strong>: {escape(told)}</li>" for kind, told in summary_lines(found))
    same = "" if found.differ or any(found.entries[kind] for kind in KINDS) or found.numbers.rounded else SAME
    return (f"<p><strong>{SAME}</strong></p>" if same else "") + f"<ul>{items}</ul>"


def _contents(found: Difference) -> str:
    items = [
        f'<li><a href="#{kind}">{kind}</a><ul>{_links(found.entries[kind])}</ul></li>'
        for kind in KINDS
        if any(entry.state != FORM for entry in found.entries[kind])
    ]
    if not items:
        return ""
    return f'<details class="contents"><summary>What is on this page</summary><ul>{"".join(items)}</ul></details>'


def _links(entries: Sequence[Entry]) -> str:
    shown = [entry for entry in entries if entry.state != FORM]
    return "".join(f'<li><a href="#{_anchor(entry.name)}">{visible(_short(entry.name))}</a></li>' for entry in shown)


def _anchor(name: str) -> str:
    return "at-" + "".join(mark if mark.isalnum() and mark.isascii() else "-" for mark in name)


def _short(name: str) -> str:
    return name.removeprefix(f"{FIGURES}/")


# --- why


def _runs(found: Difference) -> str:
    causes = found.causes
    if not causes.known:
        faults = joined([causes.old.fault, causes.new.fault])
        return f'<section id="why">\n<h2>Why</h2>\n<p>Not known: {visible(faults)}.</p>\n</section>'
    if not causes.runs and not causes.versions_differ:
        return ""
    told = "<p>requirements.lock changed: other versions of the libraries.</p>" if causes.versions_differ else ""
    rows = [[visible(run), visible("; ".join(change.all_reasons))] for run, change in causes.runs.items()]
    opened = " open" if len(rows) <= RUNS_SHOWN else ""
    names = f"<summary>{counted(len(rows), 'run')} that rest on something else than before</summary>"
    table = f"<details{opened}>{names}\n{table_html(('run', 'what is not the same'), rows)}</details>" if rows else ""
    return f'<section id="why">\n<h2>Why: what runs rest on</h2>\n{told}{table}\n</section>'


def _why(entry: Entry) -> str:
    if not entry.why:
        return ""
    run = f"Written by {visible(entry.run)}. " if entry.run else ""
    return f'<p class="why">{run}Why: {visible(entry.why)}.</p>'


# --- numbers


def _numbers(found: Difference) -> str:
    numbers = found.numbers
    parts = []
    if numbers.differ:
        rows = [_number_row(name, change, found) for name, change in numbers.changed.items()]
        rows += [_moved_row(name, "", value, found) for name, value in numbers.added.items()]
        rows += [_moved_row(name, value, "", found) for name, value in numbers.removed.items()]
        parts.append(table_html(NUMBER_HEADS, rows, range(1, 5)))
    if numbers.rounded:
        parts.append(f"<p>Differ by rounding alone: {_rounded(numbers)}.</p>")
    return f'<section id="numbers">\n<h2>Numbers</h2>\n{"".join(parts)}\n</section>' if parts else ""


def _number_row(name: str, change: Change, found: Difference) -> list[str]:
    run, why = found.causes.why_number(name, change.old, change.new)
    values = [visible(change.old), visible(change.new), signed(change.difference), percent(change.relative)]
    return [visible(name), *values, visible(run), visible(why)]


def _moved_row(name: str, old: str, new: str, found: Difference) -> list[str]:
    run, why = found.causes.why_number(name, old, new)
    return [visible(name), visible(old), visible(new), "new" if new else "gone", "", visible(run), visible(why)]


def _rounded(numbers: NumbersChange) -> str:
    return joined(f"{visible(name)} ({visible(one.old)}, {visible(one.new)})" for name, one in numbers.rounded.items())


# --- matrices, tables, figures, documents


def _kind(found: Difference, kind: str) -> str:
    entries = found.entries[kind]
    if not entries:
        return ""
    changed = [_entry(entry, kind) for entry in entries if entry.state != FORM]
    formal = [entry for entry in entries if entry.state == FORM]
    items = "".join(f"<li>{visible(_short(entry.name))}: {visible(entry.told)}</li>" for entry in formal)
    rest = f"<details><summary>{counted(len(formal), SINGULAR[kind])} {WORDS[FORM]}</summary><ul>{items}</ul></details>"
    parts = [*changed, rest] if formal else changed
    return f'<section id="{kind}">\n<h2>{kind.capitalize()}</h2>\n{chr(10).join(parts)}\n</section>'


def _entry(entry: Entry, kind: str) -> str:
    told = f"{WORDS[entry.state]}: {entry.told}" if entry.state in (ADDED, REMOVED) else entry.told
    parts = [f'<section id="{_anchor(entry.name)}">\n<h3>{visible(_short(entry.name))}</h3>\n<p>{visible(told)}</p>']
    parts += [_why(entry), _pictures(entry) if kind == PICTURES else "", _alts(entry)]
    parts += [table_change_html(entry.table) if entry.table else "", parts_html(entry.parts), "</section>"]
    return "\n".join(part for part in parts if part)


def _pictures(entry: Entry) -> str:
    same = entry.old_png == entry.new_png
    shown = [] if same else [("before", entry.old_png, entry.old_alt)]
    shown.append(("before and now" if same else "now", entry.new_png, entry.new_alt))
    if entry.picture is not None and entry.picture.marked:
        share = percent_of(entry.picture.share)
        words = f"Where the two pictures differ: {share} of the pixels, marked on the faded new picture."
        shown.append((f"what differs: {share} of the pixels, marked", entry.picture.marked, words))
    figures = "\n".join(_picture(*one) for one in shown if one[1])
    return f'<div class="side">\n{figures}\n</div>' if figures else ""


def _picture(caption: str, png: bytes, alt: str) -> str:
    source = base64.b64encode(png).decode()
    words = visible(alt) or "A figure without words of its own."
    shown = f'<img src="data:image/png;base64,{source}" alt="{words}">'
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"


def _alts(entry: Entry) -> str:
    if entry.old_alt == entry.new_alt or entry.state != CHANGED:
        return ""
    lines = "".join(
        f"<li><{tag}>{mark} {visible(alt)}</{tag}></li>"
        for tag, mark, alt in (("del", "-", entry.old_alt), ("ins", "+", entry.new_alt))
        if alt
    )
    return f'<p class="why">Its words:</p>\n<ul class="lines">{lines}</ul>'
