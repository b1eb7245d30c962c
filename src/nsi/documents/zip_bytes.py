"""What Excel and Word files have in common: text that they can hold, and bytes that are the same every time.

Both are zip archives of XML. As their libraries write them they carry the time of writing, and compressed bytes
differ between builds of zlib. Here dates are fixed, members sorted, and nothing is compressed.
"""

from __future__ import annotations

import io
import re
import zipfile

FIXED = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip archive can hold
FIXED_TEXT = b"1980-01-01T00:00:00Z"
CORE = "docProps/core.xml"
FIRST = "[Content_Types].xml"  # readers that stream expect it first
WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")
REPLACEMENT = "\ufffd"
# What XML cannot hold, or would change on the way; C1 controls can be held, but nobody can see them.
UNHOLDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    r"""Replace the characters that XML cannot hold by signs that a reader can see.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Line ends are ``\n``. Control characters are their pictures (U+2400 and on, so that a bell is ␇); halves
        of surrogate pairs, C1 controls and non-characters are U+FFFD. All else, right-to-left and zero-width
        characters too, is as it was.
    """
    return UNHOLDABLE.sub(_picture, one_line_end(text))


def one_line_end(text: str) -> str:
    r"""Write every line end as ``\n``, as XML reads it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def holdable(text: str) -> bool:
    """Say whether a text comes back from an Office file as it went in, which an id must."""
    return UNHOLDABLE.search(text) is None


def same_bytes(data: bytes) -> bytes:
    """Rewrite an Office file so that equal content gives equal bytes.

    Parameters
    ----------
    data : bytes
        A .docx or .xlsx as its library saved it.

    Returns
    -------
    bytes
        The same members, sorted and uncompressed, every date 1980-01-01.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(source.namelist(), key=lambda name: (name != FIRST, name)):
            member = zipfile.ZipInfo(name, FIXED)
            member.external_attr = 0o600 << 16
            member.create_system = 3  # Python writes 0 on Windows
            content = source.read(name)
            if name == CORE:
                content = WRITTEN.sub(rb"\g<1>" + FIXED_TEXT + rb"\g<2>", content)
            archive.writestr(member, content)
    return target.getvalue()


def _picture(match: re.Match[str]) -> str:
    mark = ord(match.group())
    if mark < 0x20:
        return chr(0x2400 + mark)
    return "\u2421" if mark == 0x7F else REPLACEMENT
