"""What every page shares: a document that loads nothing, runs nothing, and says when data are synthetic."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from nsi.pipeline.page_style import style_sheet

# The last two do not follow default-src, so they are named.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:;"
    " form-action 'none'; base-uri 'none'"
)
# A gallery shows pictures that lie beside it; everything else carries its own.
WITH_PICTURES = POLICY.replace("img-src data:", "img-src 'self' file:")
SYNTHETIC = (
    "<strong>SYNTHETIC DATA</strong> Made to look like the study's data."
    " Nothing on this page is a finding about real people."
)


def document(title: str, body: str, *, synthetic: bool, kind: str, pictures: bool = False) -> str:
    """Put a body into a whole page.

    Parameters
    ----------
    title : str
        Plain text for the browser's title line.
    body : str
        HTML that is already safe.
    synthetic : bool
        Whether to head the page with the SYNTHETIC DATA banner.
    kind : str
        Class of the body, ``"page"`` or ``"index"``.
    pictures : bool
        Whether it may show pictures from files beside it.

    Returns
    -------
    str
        An HTML document that names no script and no address to load from; same input, same text.
    """
    policy = WITH_PICTURES if pictures else POLICY
    banner = f'<p class="synthetic" role="note">{SYNTHETIC}</p>\n' if synthetic else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style_sheet()}</style>\n</head>\n"
        f'<body class="{escape(kind)}">\n<a class="skip" href="#main">Skip to content</a>\n{banner}'
        f'<div class="frame">\n{body}\n</div>\n</body>\n</html>\n'
    )


def link(text: str, href: str) -> str:
    """Write a link to a file of this project.

    Raises
    ------
    ValueError
        If `href` is not relative: pages travel with the files that they name.
    """
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or href.startswith(("/", "\\")):
        raise ValueError(f"link '{text}' leads to '{href}'; links between pages and files must be relative")
    return f'<a href="{escape(href)}">{escape(text)}</a>'
