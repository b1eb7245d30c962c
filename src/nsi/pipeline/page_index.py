"""One page that lists every run in the order of the story, with its parameters and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from nsi.errors import StudyError, listed
from nsi.pipeline.page_frame import document, link

FAILED = "failed"
FINE = frozenset({"ok", "done", "fresh"})  # not shown: the index is the same whether a run was needed or not
OTHER = "Other"
# What a number means in any study; a study names the rest itself.
GROUPS = {
    "01-09": "Cleaning",
    "10-19": "Reliability, scales, scores",
    "20-29": "Matrices",
    "90-99": "Overview and claims",
}
RANGE = re.compile(r"(\d\d)(?:-(\d\d))?")


@dataclass(frozen=True)
class PageEntry:
    """One line of the index: a run, where its page is, and what it came to.

    Attributes
    ----------
    run : str
        Unique name of the run; begins with the notebook's name, so that it sorts in story order.
    title, group : str
        First heading of the notebook, and its part of the story (`story_group`).
    parameters : mapping
        Name to value; may be empty.
    href : str
        Relative address of the page; "" where there is none.
    state : str
        ``"ok"``, ``"done"``, ``"fresh"``; ``"failed"``; another short word is shown as it is (``"blocked"``).
    headline : str
        One sentence of result, or the error of a failed run; may be "".
    """

    run: str
    title: str
    group: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    href: str = ""
    state: str = "ok"
    headline: str = ""


def story_group(notebook_name: str, groups: Mapping[str, str] | None = None) -> str:
    """Name the part of the story that a notebook belongs to, from the number that its name begins with.

    Parameters
    ----------
    notebook_name : str
        For example ``"12_scores.ipynb"``; a path will do.
    groups : mapping of str to str, optional
        The study's own names, ``{"40": "...", "30-39": "..."}``; the narrowest range that holds the number
        wins, and the study's name wins over ours.

    Returns
    -------
    str
        ``"Notebooks 30-39"`` where no name is declared, ``"Other"`` where the name begins with no two digits.

    Raises
    ------
    StudyError
        If a key of `groups` is neither ``"40"`` nor ``"30-39"``.
    """
    number = re.match(r"\d\d(?!\d)", re.split(r"[\\/]", notebook_name)[-1])
    named = {_bounds(key): name for key, name in {**GROUPS, **(groups or {})}.items()}
    if number is None:
        return OTHER
    value = int(number.group())
    holding = [bounds for bounds in named if bounds[0] <= value <= bounds[1]]
    if holding:
        # narrowest; among equals the one declared last, which is the study's
        return named[min(reversed(holding), key=lambda bounds: bounds[1] - bounds[0])]
    return f"Notebooks {value // 10}0-{value // 10}9"


def _bounds(key: str) -> tuple[int, int]:
    match = RANGE.fullmatch(str(key))
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if low > high:
        raise StudyError(f"study.yml groups: '{key}' is no range of notebooks; write '40' or '30-39'")
    return low, high


def render_index(pages: Sequence[PageEntry], *, study_title: str, synthetic: bool) -> str:
    """Write the index page.

    Parameters
    ----------
    pages : sequence of PageEntry
        In any order: they are listed by the numbers in their run names.
    study_title : str
        Plain text.
    synthetic : bool
        Whether the data are look-alikes.

    Returns
    -------
    str
        A whole HTML document. Runs of one notebook stand in one table, a column for each parameter;
        failed runs are listed once more at the top.

    Raises
    ------
    StudyError
        If two entries have the same run name.
    """
    entries = sorted(pages, key=lambda entry: _story_order(entry.run))
    names = [entry.run for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(f"index: listed twice: {listed(twice)}; each run has one name and one page")
    gallery = f'<p>{link("Every figure on one page", "gallery.html")}</p>' if any(e.href for e in entries) else ""
    parts = [f"<header>\n<h1>{escape(study_title)}</h1>", _summary(entries), gallery, _failures(entries)]
    groups = _gathered(entries, lambda entry: entry.group)
    parts += [_group_links(list(groups)), '</header>\n<main id="main" class="runs">']
    for position, (group, members) in enumerate(groups.items(), start=1):
        parts.append(f'<section id="part-{position}">\n<h2>{escape(group)}</h2>')
        notebooks = _gathered(members, lambda entry: entry.title)
        parts += [_notebook(title, runs) for title, runs in notebooks.items()]
        parts.append("</section>")
    parts.append("</main>")
    return document(study_title, "\n".join(part for part in parts if part), synthetic=synthetic, kind="index")


def _story_order(run: str) -> tuple[bool, list[tuple[int, int, str]]]:
    # Numbers by value, the rest as text; what has no number comes last.
    pieces = [piece for piece in re.split(r"([0-9]+)", run) if piece]
    keys = [(0, int(piece), "") if piece.isdigit() and piece.isascii() else (1, 0, piece) for piece in pieces]
    return not re.match(r"[0-9]", run), keys


def _gathered(entries: Iterable[PageEntry], key: Callable[[PageEntry], str]) -> dict[str, list[PageEntry]]:
    together: dict[str, list[PageEntry]] = {}
    for entry in entries:
        together.setdefault(key(entry), []).append(entry)
    return together


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _summary(entries: Sequence[PageEntry]) -> str:
    notebooks = len({(entry.group, entry.title) for entry in entries})
    failed = sum(entry.state == FAILED for entry in entries)
    said = [_counted(notebooks, "notebook"), _counted(len(entries), "run")]
    said += [f"<strong>{failed} failed</strong>"] if failed else []
    return f'<p class="where">{", ".join(said)}</p>'


def _failures(entries: Sequence[PageEntry]) -> str:
    failed = [entry for entry in entries if entry.state == FAILED]
    return "\n".join(
        f'<p class="failed">{_run_link(entry)} failed. {escape(entry.headline)}</p>' for entry in failed
    )


def _group_links(groups: Sequence[str]) -> str:
    if len(groups) < 2:
        return ""
    items = [f'<li><a href="#part-{n}">{escape(group)}</a></li>' for n, group in enumerate(groups, start=1)]
    return f'<nav class="contents" aria-label="Parts"><ul>{"".join(items)}</ul></nav>'


def _notebook(title: str, runs: Sequence[PageEntry]) -> str:
    entry = runs[0]
    if len(runs) == 1 and not entry.parameters and entry.state in FINE:  # a table of one cell says no more
        said = f'\n<p class="said">{escape(entry.headline)}</p>' if entry.headline else ""
        return f"<h3>{_run_link(entry, title)}</h3>{said}"
    names = list(dict.fromkeys(name for entry in runs for name in entry.parameters))
    states = any(entry.state not in FINE for entry in runs)
    results = any(entry.headline for entry in runs)
    heads = ["run", *names, *(["state"] if states else []), *(["result"] if results else [])]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    rows = "\n".join(_row(entry, names, states, results) for entry in runs)
    return (
        f'<h3>{escape(title)}</h3>\n<div class="wide" tabindex="0">\n<table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _row(entry: PageEntry, names: Sequence[str], states: bool, results: bool) -> str:
    # A parameter that a run does not take leaves its cell empty, as does one set to nothing.
    cells = [str(entry.parameters[name]) if name in entry.parameters else "" for name in names]
    written = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    state = f'<td class="state">{"" if entry.state in FINE else escape(entry.state)}</td>' if states else ""
    said = f'<td class="said">{escape(entry.headline)}</td>' if results else ""
    kind = ' class="stopped"' if entry.state == FAILED else ""
    return f'<tr{kind}><th scope="row">{_run_link(entry)}</th>{written}{state}{said}</tr>'


def _run_link(entry: PageEntry, text: str = "") -> str:
    words = text or entry.run
    return link(words, entry.href) if entry.href else escape(words)
