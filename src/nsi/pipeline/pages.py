"""Every executed notebook as a page that opens offline: what ran, with what, what came out, what it wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import PurePosixPath

from nbformat import NotebookNode

from nsi.pipeline.page_frame import document, link
from nsi.pipeline.page_index import PageEntry, render_index, story_group

__all__ = ["PageEntry", "notebook_title", "render_index", "render_page", "story_group"]

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*")
FENCE = re.compile(r" {0,3}(```|~~~)")
CONTENTS_FROM = 3  # fewer headings are seen at a glance


def render_page(
    executed: NotebookNode,
    *,
    title: str,
    run: str,
    parameters: Mapping[str, object],
    group: str,
    previous: tuple[str, str] | None,
    next: tuple[str, str] | None,
    outputs: Mapping[str, str],
    notebook: str,
    synthetic: bool,
    study_title: str = "",
    index_href: str = "index.html",
) -> str:
    """Write the page of one run.

    Parameters
    ----------
    executed : NotebookNode
        As it came from the kernel, failed ones too; it is not changed.
    title : str
        Title of the notebook (`notebook_title`); a heading is made of it if the notebook has none.
    run, notebook, group : str
        Name of the run, file name of its notebook, part of the story.
    parameters : mapping
        Name to value of this run; may be empty.
    previous, next : (text, relative address) or None
        Neighbours in story order.
    outputs : mapping of str to str
        What the run wrote: name to relative address. Formats of one name are shown together.
    synthetic : bool
        Whether the data are look-alikes; the page then says so at its head.
    study_title, index_href : str
        Text and address of the link to the index.

    Returns
    -------
    str
        A whole HTML document: no script, nothing loaded from anywhere, the same text for the same input.
        Cell N of the source notebook, counted from 1, is at ``#cell-N``, handed-in parameters at
        ``#cell-parameters``.

    Raises
    ------
    StudyError
        If a run that did not fail shows a picture without alt text.
    ValueError
        If an address is not relative.
    """
    # Here and not above: nbconvert takes half a second to import, and an index needs none of it.
    from nsi.pipeline.page_body import body_html, cell_numbers, first_error, story_cells

    cells = story_cells(executed)
    headings = list(_headings(cells, cell_numbers(cells)))
    order = _order(previous, next)
    where = link(study_title or "All notebooks", index_href)
    parts = [
        f'<header>\n<p class="where">{where} <span aria-hidden="true">\u203a</span> {escape(group)}</p>',
        "" if any(level == 1 for level, _, _ in headings) else f"<h1>{escape(title)}</h1>",
        _facts(run, notebook, parameters, outputs),
        _failure(first_error(executed)),
        order,
        _contents(headings),
        f'</header>\n<main id="main">{body_html(executed, run)}</main>',
        f"<footer>\n{order}\n</footer>" if order else "",
    ]
    name = f"{title} ({run})" if run != title else title
    return document(name, "\n".join(part for part in parts if part), synthetic=synthetic, kind="page")


def notebook_title(notebook: NotebookNode, fallback: str = "") -> str:
    """Give the first Markdown heading of a notebook as plain text, or `fallback` where there is none."""
    return next((text for _, text, _ in _headings(notebook.cells, range(len(notebook.cells)))), fallback)


def _headings(
    cells: Sequence[NotebookNode], numbers: Sequence[int | str]
) -> Iterator[tuple[int, str, int | str]]:
    """Yield level, plain text and cell number of each Markdown heading."""
    for number, cell in zip(numbers, cells, strict=True):
        fenced = False
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else []:
            fenced ^= FENCE.match(line) is not None
            found = None if fenced else HEADING.fullmatch(line)
            if found and (text := _plain(found[2])):
                yield len(found[1]), text, number


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"[*`]", "", text).strip()


def _facts(run: str, notebook: str, parameters: Mapping[str, object], outputs: Mapping[str, str]) -> str:
    facts = [("run", f"<code>{escape(run)}</code>"), ("notebook", f"<code>{escape(notebook)}</code>")]
    facts += [(escape(str(name)), f"<code>{escape(str(value))}</code>") for name, value in parameters.items()]
    facts += [("wrote", _outputs(outputs))] if outputs else []
    lines = [f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts]
    return '<dl class="facts">\n' + "\n".join(lines) + "\n</dl>"


def _outputs(outputs: Mapping[str, str]) -> str:
    together: dict[str, list[tuple[str, str]]] = {}
    for name, href in outputs.items():
        kind = PurePosixPath(href).suffix
        together.setdefault(name.removesuffix(kind) if kind else name, []).append((kind, href))
    items = []
    for name, files in together.items():
        formats = " ".join(link(kind.removeprefix(".") or "file", href) for kind, href in files)
        items.append(f"<li>{escape(name)}: {formats}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _failure(error: tuple[int | str, str] | None) -> str:
    if error is None:
        return ""
    number, text = error
    cell = f'<a href="#cell-{number}">cell {number}</a>'
    return f'<p class="failed">This run failed in {cell}. {escape(text)}</p>'


def _order(previous: tuple[str, str] | None, next: tuple[str, str] | None) -> str:
    if previous is None and next is None:
        return ""
    before = f"<div><span>before</span> {link(*previous)}</div>" if previous else ""
    after = f'<div class="next"><span>after</span> {link(*next)}</div>' if next else ""
    return f'<nav class="order" aria-label="Order of the story">{before}{after}</nav>'


def _contents(headings: Sequence[tuple[int, str, int | str]]) -> str:
    below = [(text, number) for level, text, number in headings if level > 1]
    if len(below) < CONTENTS_FROM:
        return ""
    items = "".join(f'<li><a href="#cell-{number}">{escape(text)}</a></li>' for text, number in below)
    return f'<details class="contents"><summary>On this page</summary>\n<ul>{items}</ul></details>'
