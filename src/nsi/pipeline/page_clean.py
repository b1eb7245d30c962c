"""What a notebook's own markup may put on a page: text, tables, embedded pictures, and nothing that acts.

nbconvert's `sanitize_html` knows about 25 tags and shows headings, paragraphs and table heads as source text,
so a page cleans with the lists below instead. What is not listed stays readable as text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import nh3
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring, tostring  # type: ignore[import-untyped]

TEXT_TAGS = {"abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span"}
TEXT_TAGS |= {"strong", "a", "br", "img", "sub", "sup", "tt", "u", "var"}
BLOCK_TAGS = {"blockquote", "details", "div", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6"}
BLOCK_TAGS |= {"hr", "p", "dd", "dl", "dt", "li", "ol", "pre", "summary", "ul"}
TABLE_TAGS = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
TAGS = TEXT_TAGS | BLOCK_TAGS | TABLE_TAGS
PROTOCOLS = {"http", "https", "mailto", "data"}  # data: passes below for pictures only
# Elements whose source would fill the page: a note stands in their place.
REMOVED = {"script", "iframe", "object", "embed", "svg", "math", "template", "noscript", "noembed", "xmp"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # of no use in a page, and read differently by every parser
RIGHT = "text-align: right;"
ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "title"},
    "img": {"alt", "src"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start"},
    "abbr": {"title"},
    "details": {"open"},
    **dict.fromkeys(("th", "td"), {"colspan", "rowspan", "scope", "style"}),
}
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
    root = parsed(markup)
    for element in list(root.iterdescendants()):
        _keep_readable(element)
    for table in root.iter("table"):
        _align(table)
    # Last word: whatever the steps above left is parsed again as a browser would.
    return nh3.clean(
        tostring(root, encoding="unicode")[len("<div>") : -len("</div>")],
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed_attribute,
        url_schemes=PROTOCOLS,
        link_rel=None,
    )


def parsed(markup: str) -> HtmlElement:
    """Read markup of any origin into a tree under one ``<div>``; comments are left out, control characters replaced."""
    plain = CONTROL.sub("\ufffd", markup).encode("utf-8", "replace")
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    return fragment_fromstring(plain, create_parent="div", parser=parser)


def _keep_readable(element: HtmlElement) -> None:
    """Leave what may stay; put words in the place of the rest."""
    name = element.tag
    if name == "style":  # every DataFrame brings one; pages have their own
        element.drop_tree()
    elif name in REMOVED:
        _say_instead(element, f"[{name} not shown]")
    elif name == "img":
        _keep_embedded(element)
    elif name == "a" and not _may_lead(element.get("href", "")):
        del element.attrib["href"]  # here, because writing the tree out would encode what gives it away
    elif name == "input" and element.get("type") == "checkbox":  # Markdown task lists
        _say_instead(element, "\u2611 " if "checked" in element.attrib else "\u2610 ")
    elif name not in TAGS:
        _show_tag(element)


def _say_instead(element: HtmlElement, words: str) -> None:
    element.tail = words + (element.tail or "")
    element.drop_tree()  # what follows it stays


def _show_tag(element: HtmlElement) -> None:
    """Turn an element's own tags into text around its content."""
    element.text = f"<{element.tag}>{element.text or ''}"
    if len(element):
        element[-1].tail = f"{element[-1].tail or ''}</{element.tag}>"
    else:
        element.text += f"</{element.tag}>"
    element.drop_tag()


def _allowed_attribute(tag: str, name: str, value: str) -> str | None:
    return value if _is_allowed(tag, name, value) else None


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return tag in {"th", "td"} and value == RIGHT
    if name == "class":
        return _allowed_class(tag, value)
    if tag == "a":
        return name == "title" or (name == "href" and _may_lead(value))
    if tag == "img":
        return name == "alt" or (name == "src" and bool(PICTURE.fullmatch(value)))
    if tag in {"th", "td", "col", "colgroup"}:
        return name in {"colspan", "rowspan", "span", "scope"}
    return (tag, name) in {("ol", "start"), ("abbr", "title"), ("details", "open")}


def _allowed_class(tag: str, value: str) -> bool:
    if tag == "span":
        return PYGMENTS_CLASS.fullmatch(value) is not None
    return tag == "div" and value == "highlight"


def _may_lead(url: str) -> bool:
    return _scheme(url) in {"", "http", "https", "mailto"}


def _scheme(url: str) -> str:
    # As browsers read it: entities resolved, control characters and blanks ignored.
    plain = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff\ufffd]", "", html.unescape(url))
    try:
        return urlsplit(plain).scheme.lower() if ":" in plain.split("/", 1)[0] else ""
    except ValueError:
        return "unreadable"


def _keep_embedded(picture: HtmlElement) -> None:
    # A page is read offline: a picture elsewhere could not load, so its words stand for it.
    words = str(picture.get("alt", "")).strip()
    if PICTURE.fullmatch(str(picture.get("src", ""))):
        # Also where there are no words: else nbconvert makes some up, and the lack goes unseen.
        picture.set("alt", words)
    else:
        _say_instead(picture, f"[picture not shown: {words}]" if words else "[picture not shown]")


def _align(table: HtmlElement) -> None:
    """Set columns of numbers to the right and mark what each head stands over."""
    for element in table.iter("tr", "th", "td"):
        element.attrib.pop("style", None)
    lines = list(table.iter("tr"))
    rows = [cells for line in lines if (cells := line.findall("td"))]
    for head in table.iter("th"):
        head.set("scope", "row" if next(head.iterancestors("tbody"), None) is not None else "col")
    if len({len(cells) for cells in rows}) != 1 or any("colspan" in cell.attrib for cell in table.iter("td")):
        return
    heads = [line.findall("th") for line in lines if next(line.iterancestors("thead"), None) is not None]
    for position in range(-len(rows[0]), 0):  # from the right: index columns stand on the left, as th
        column = [cells[position] for cells in rows]
        if _numeric(column):
            over = [row[position] for row in heads if len(row) >= len(rows[0]) and not _spans(row)]
            for cell in [*column, *over]:
                cell.set("style", RIGHT)


def _numeric(cells: Sequence[HtmlElement]) -> bool:
    said = [text for text in (cell.text_content().strip() for cell in cells) if text not in NOTHING]
    # 40: no number is longer, and the pattern must not labour over pages of digits
    return bool(said) and all(len(text) < 40 and NUMBER.fullmatch(text) for text in said)


def _spans(cells: Sequence[HtmlElement]) -> bool:
    return any(cell.get("colspan", "1") != "1" for cell in cells)
