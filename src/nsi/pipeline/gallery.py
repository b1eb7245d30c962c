"""One page with every figure: its words, the notebook that drew it, its data, and its receipt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape

from nsi.pipeline.page_frame import document, link

PAGE = "gallery.html"
KINDS = ("svg", "pdf", "png", "csv")
SCREEN = 96 / 25.4  # pixels of a screen per mm
DESCRIPTION = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """One figure of the gallery.

    Attributes
    ----------
    name : str
        File name without ending.
    group : str
        Its part of the story.
    alt : str
        What it shows, in words.
    run, href : str
        The run that drew it, and the address of that run's page.
    notebook : str
        The notebook's file.
    folder : str
        Relative address of the folder with its files.
    width, height : float
        Size in mm.
    problems : sequence of str
        What would be hard to read in it.
    made_from, files : mapping
        SHA-256 of what the run read and of the figure's files, by name: the receipt.
    """

    name: str
    group: str
    alt: str
    run: str
    href: str
    notebook: str
    folder: str
    width: float
    height: float
    problems: Sequence[str] = ()
    made_from: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def alt_text(svg: str) -> str:
    """Return the words that a figure carries for those who cannot see it; "" where it carries none."""
    found = DESCRIPTION.search(svg)
    return " ".join(unescape(found[1]).split()) if found else ""


def render_gallery(pictures: Iterable[Picture], *, study_title: str, synthetic: bool) -> str:
    """Write the gallery.

    Parameters
    ----------
    pictures : iterable of Picture
        In the order of the story.
    study_title : str
        Plain text.
    synthetic : bool
        Whether the data are look-alikes.

    Returns
    -------
    str
        A whole HTML document without a script. Pictures are loaded from beside it: the page travels with figures/.
    """
    shown = list(pictures)
    groups: dict[str, list[Picture]] = {}
    for picture in shown:
        groups.setdefault(picture.group, []).append(picture)
    parts = [
        f'<header>\n<p class="where">{link(study_title, "index.html")}</p>\n<h1>Every figure</h1>',
        f'<p class="where">{len(shown)} figures. Each names the notebook that drew it and the table that it was drawn '
        "from; its receipt lists the checksums of what went in and what came out.</p>",
        _contents(groups),
        '</header>\n<main id="main">',
    ]
    for position, (group, members) in enumerate(groups.items(), start=1):
        parts.append(f'<section id="part-{position}">\n<h2>{escape(group)}</h2>')
        parts += [_figure(picture) for picture in members]
        parts.append("</section>")
    parts.append("</main>")
    return document(study_title, "\n".join(parts), synthetic=synthetic, kind="index", pictures=True)


def _contents(groups: Mapping[str, Sequence[Picture]]) -> str:
    items = []
    for position, (group, members) in enumerate(groups.items(), start=1):
        names = " ".join(link(picture.name, f"#{picture.name}") for picture in members)
        items.append(f'<li><a href="#part-{position}">{escape(group)}</a> <span class="where">{names}</span></li>')
    return f'<details class="contents" open><summary>Figures by name</summary><ul>{"".join(items)}</ul></details>'


def _figure(picture: Picture) -> str:
    width, height = (round(side * SCREEN) for side in (picture.width, picture.height))
    source = escape(f"{picture.folder}/{picture.name}.png")
    files = ", ".join(link(kind, f"{picture.folder}/{picture.name}.{kind}") for kind in KINDS)
    faults = "".join(f'<p class="failed">Hard to read: {escape(problem)}</p>\n' for problem in picture.problems)
    return (
        f'<figure id="{escape(picture.name)}">\n'
        f'<img src="{source}" alt="{escape(picture.alt)}" width="{width}" height="{height}" loading="lazy">\n'
        f"<figcaption>\n{faults}<p><strong>{escape(picture.name)}</strong>. {escape(picture.alt)}</p>\n"
        f'<p class="where">Drawn by {link(picture.run, picture.href) if picture.href else escape(picture.run)} '
        f"({escape(picture.notebook)}). Files: {files}</p>\n{_receipt(picture)}\n</figcaption>\n</figure>"
    )


def _receipt(picture: Picture) -> str:
    rows = [("read", name, digest) for name, digest in picture.made_from.items()]
    rows += [("wrote", name, digest) for name, digest in picture.files.items()]
    body = "\n".join(
        f'<tr><td>{verb}</td><th scope="row">{escape(name)}</th><td><code>{escape(digest)}</code></td></tr>'
        for verb, name, digest in rows
    )
    return (
        '<details class="where"><summary>Receipt</summary>\n<div class="wide"><table>\n<thead><tr><th scope="col"></th>'
        f'<th scope="col">file</th><th scope="col">SHA-256</th></tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'
        "</details>"
    )
