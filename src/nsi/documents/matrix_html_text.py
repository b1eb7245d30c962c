"""Text from the data as HTML: never markup, never cut, and a long one within its own box."""

from __future__ import annotations

from html import escape

LONG = 600  # characters; a longer text scrolls within its own box, so that one cell cannot fill the screen


def text(value: str) -> str:
    """Return text for between tags; nothing in it is markup. Not for attributes: quotes stay as they are."""
    return escape(value, quote=False)


def attribute(value: str) -> str:
    """Return text for a double-quoted attribute."""
    return escape(value, quote=True)


def inline(value: str) -> str:
    """Return text for the middle of a line: what could turn the direction of its neighbours is isolated."""
    return text(value) if value.isascii() else f"<bdi>{text(value)}</bdi>"


def block(value: str, kind: str = "") -> str:
    """Return text as a paragraph; nothing for no text.

    Parameters
    ----------
    value : str
        Any text, ready for a document.
    kind : str
        Class of the paragraph.

    Returns
    -------
    str
        A long text is a box that scrolls and can be reached by keyboard; on paper it is whole.
    """
    if not value:
        return ""
    if len(value) > LONG:
        kinds = f"{kind} long".strip()
        return f'<div class="{kinds}" tabindex="0" role="group" aria-label="long text">{text(value)}</div>'
    return f'<p class="{kind}">{text(value)}</p>' if kind else f"<p>{text(value)}</p>"
