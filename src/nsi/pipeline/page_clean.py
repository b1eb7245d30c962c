"""What a notebook's own markup may put on a page: text, tables, embedded pictures, and nothing that acts.

nbconvert's `sanitize_html` knows about 25 tags and shows headings, paragraphs and table heads as source text,
so a page cleans with the lists below instead. What is not listed stays readable as text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import bleach  # type: ignore[import-untyped]
from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag

TEXT_TAGS = {"abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span"}
TEXT_TAGS |= {"strong", "a", "br", "img", "sub", "sup", "tt", "u", "var"}
BLOCK_TAGS = {"blockquote", "details", "div", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6"}
BLOCK_TAGS |= {"hr", "p", "dd", "dl", "dt", "li", "ol", "pre", "summary", "ul"}
TABLE_TAGS = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
TAGS = frozenset(TEXT_TAGS | BLOCK_TAGS | TABLE_TAGS)
PROTOCOLS = frozenset({"http", "https", "mailto", "data"})  # data: passes below for pictures only
# Elements whose source would fill the page: a note stands in their place.
REMOVED = ["script", "iframe", "object", "embed", "svg", "math", "template", "noscript", "noembed", "xmp"]
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
PYGMENTS_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}")  # short: no text can dress as our own elements
NUMBER = re.compile(r"[<>]?\s?[-+\u2212]?(\d[\d,\u2009 ]*)?\.?\d+(e[-+]?\d+)?\s?%?", re.IGNORECASE)
NOTHING = frozenset({"", "NaN", "nan", "<NA>", "None", "NaT", "\u2013", "-"})


def allowed_html(markup: str) -> str:
    """Keep what reads, turn what acts into text.

    Parameters
    ----------
    markup : str
        HTML of any origin: rendered Markdown, ``DataFrame.to_html``, a cell's raw HTML output.

    Returns
    -------
    str
        HTML of `TAGS` only. No script, style, form or frame, no event attribute, no link but http, https,
        mailto or relative, no picture but an embedded one. Columns of numbers are set to the right.
    """
    soup = BeautifulSoup(markup, "html.parser")
    for style in soup.find_all("style"):  # every DataFrame brings one; pages have their own
        style.decompose()
    for element in soup.find_all(REMOVED):
        if not element.decomposed:  # it stood inside one that is already gone
            element.replace_with(f"[{element.name} not shown]")
    for picture in soup.find_all("img"):
        _keep_embedded(picture)
    for box in soup.find_all("input", type="checkbox"):  # Markdown task lists
        box.replace_with("\u2611 " if box.has_attr("checked") else "\u2610 ")
    for table in soup.find_all("table"):
        _align(table)
    # Last word: whatever the steps above left is parsed again as a browser would.
    return bleach.clean(
        str(soup),
        tags=TAGS,
        attributes=_allowed_attribute,
        protocols=PROTOCOLS,
        css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"], allowed_svg_properties=[]),
    )


def _allowed_attribute(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return tag in {"th", "td"}
    if name == "class":
        return _allowed_class(tag, value)
    if tag == "a":
        return name == "title" or (name == "href" and _scheme(value) in {"", "http", "https", "mailto"})
    if tag == "img":
        return name == "alt" or (name == "src" and bool(PICTURE.fullmatch(html.unescape(value))))
    if tag in {"th", "td", "col", "colgroup"}:
        return name in {"colspan", "rowspan", "span", "scope"}
    return (tag, name) in {("ol", "start"), ("abbr", "title"), ("details", "open")}


def _allowed_class(tag: str, value: str) -> bool:
    if tag == "span":
        return PYGMENTS_CLASS.fullmatch(value) is not None
    return tag == "div" and value == "highlight"


def _scheme(url: str) -> str:
    # As browsers read it: entities resolved, control characters and blanks ignored.
    plain = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff\ufffd]", "", html.unescape(url))
    try:
        return urlsplit(plain).scheme.lower() if ":" in plain.split("/", 1)[0] else ""
    except ValueError:
        return "unreadable"


def _keep_embedded(picture: Tag) -> None:
    # A page is read offline: a picture elsewhere could not load, so its words stand for it.
    words = str(picture.get("alt", "")).strip()
    if PICTURE.fullmatch(str(picture.get("src", ""))):
        picture["alt"] = (
            words  # also where there are none: else nbconvert makes some up, and the lack goes unseen
        )
    else:
        picture.replace_with(f"[picture not shown: {words}]" if words else "[picture not shown]")


def _align(table: Tag) -> None:
    """Set columns of numbers to the right and mark what each head stands over."""
    for element in table.find_all(["tr", "th", "td"]):
        del element["style"]
    body = [row.find_all("td", recursive=False) for row in table.find_all("tr")]
    rows = [cells for cells in body if cells]
    for head in table.find_all("th"):
        head["scope"] = "row" if head.find_parent("tbody") else "col"
    if not rows or len({len(cells) for cells in rows}) != 1 or table.find("td", colspan=True):
        return
    heads = [row.find_all("th", recursive=False) for row in table.select("thead tr")]
    for position in range(-len(rows[0]), 0):  # from the right: index columns stand on the left, as th
        column = [cells[position] for cells in rows]
        if _numeric(column):
            over = [row[position] for row in heads if len(row) >= len(rows[0]) and not _spans(row)]
            for cell in [*column, *over]:
                cell["style"] = "text-align: right"


def _numeric(cells: Sequence[Tag]) -> bool:
    said = [text for text in (cell.get_text().strip() for cell in cells) if text not in NOTHING]
    # 40: no number is longer, and the pattern must not labour over pages of digits
    return bool(said) and all(len(text) < 40 and NUMBER.fullmatch(text) for text in said)


def _spans(cells: Sequence[Tag]) -> bool:
    return any(cell.get("colspan", "1") != "1" for cell in cells)
