"""Figure in, bytes out: the same bytes for the same figure, with its words for those who cannot see it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.backends import _backend_pdf_ps
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.stamping import stamp
from nsi.figures.style import house_style

__all__ = ["KINDS", "PNG_DPI", "render", "require_glyphs", "stamp"]

KINDS = ("svg", "pdf", "png")
PNG_DPI = 300
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in XML, of no use elsewhere


@house_style()
def render(figure: Figure, kind: str, *, title: str, alt: str, source: str, dpi: int = PNG_DPI) -> bytes:
    """Write a figure as SVG, PDF or PNG, always to the same bytes.

    No date, no program version and no random id goes in; the page keeps its size in mm. The words go where
    programs look for them: SVG ``<title>`` and ``<desc>`` under ``role="img"``, PDF Title, Subject and
    Keywords, PNG text chunks Title, Description and Source.

    Parameters
    ----------
    figure : Figure
        Made by a function of this wing, or any other.
    kind : str
        ``svg``, ``pdf`` or ``png``.
    title : str
        Short title for the file's metadata.
    alt : str
        Text alternative: what is compared, the main reading, n, and where the numbers are.
    source : str
        Where the figure comes from, for example the notebook and the table's hash. May be empty.
    dpi : int
        Dots per inch of a PNG.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    StudyError
        If the kind is unknown, title or alt text is empty, a font is not the bundled one, or a character
        has no glyph.

    Source: matplotlib, "Reproducible output"; W3C, SVG Accessibility API Mappings.
    """
    if kind not in KINDS:
        raise StudyError(f"figure kind is '{kind}', allowed are {', '.join(KINDS)}; choose one of them")
    for name, text in (("title", title), ("alt text", alt)):
        if not text.strip():
            raise StudyError(f"a figure cannot be written without {name}; say in words what the figure shows")
    title, alt, source = (_CONTROL.sub(" ", text) for text in (title, alt, source))
    require_glyphs(figure)
    written = _written(figure, kind, _metadata(kind, title, alt, source), dpi)
    return _with_alternative(written, title, alt) if kind == "svg" else written


def _metadata(kind: str, title: str, alt: str, source: str) -> dict[str, Any]:
    """Words that go into the file; None takes out what matplotlib would put in by itself."""
    if kind == "svg":
        words: dict[str, Any] = {"Title": title, "Description": alt, "Source": source}
        blank: dict[str, Any] = {"Date": None, "Creator": None}
    elif kind == "pdf":
        words = {"Title": title, "Subject": alt, "Keywords": source}
        blank = {"CreationDate": None, "Creator": None, "Producer": None}
    else:
        words = {"Title": title, "Description": alt, "Source": source}
        blank = {"Software": None}
    return {key: text for key, text in words.items() if text} | blank


def _written(figure: Figure, kind: str, metadata: dict[str, Any], dpi: int) -> bytes:
    target = BytesIO()
    with warnings.catch_warnings(record=True) as heard, _without_layout_tables():
        warnings.simplefilter("always")
        figure.savefig(target, format=kind, metadata=metadata, dpi=dpi if kind == "png" else "figure")
    for warning in heard:
        text = str(warning.message)
        if "Glyph" in text or "findfont" in text:
            raise StudyError(
                f"figure cannot be written: {text}; use characters of the bundled font DejaVu Sans"
            )
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return target.getvalue()


@contextmanager
def _without_layout_tables() -> Iterator[None]:
    """Have fonts embedded without the tables for setting text anew: a PDF places each glyph and never asks them.

    To cut ligatures, kerning and scripts down to the glyphs in use takes most of the time of writing a PDF.
    """
    subset: Any = vars(_backend_pdf_ps)["subset"]  # of fontTools; matplotlib hands it no options of ours
    usual = subset.load_font

    def load(*args: Any, **how: Any) -> Any:
        font = usual(*args, **how)
        for table in {"GDEF", "GPOS", "GSUB", "kern"} & set(font.keys()):
            del font[table]
        return font

    subset.load_font = load
    try:
        yield
    finally:
        subset.load_font = usual


def _with_alternative(svg: bytes, title: str, alt: str) -> bytes:
    """Give the SVG root a role and a name, so that screen readers read the alt text instead of the shapes."""
    text = svg.decode("utf-8")
    # Not plain "title": several figures may be pasted into one HTML page, where ids must differ.
    key = "nsi-" + hashlib.sha256(f"{title}\n{alt}".encode()).hexdigest()[:12]
    names = f'<title id="{key}-title">{escape(title)}</title>\n <desc id="{key}-desc">{escape(alt)}</desc>'
    text, replaced = re.subn(r"<title>.*?</title>", lambda _: names, text, count=1, flags=re.DOTALL)
    root = f'<svg role="img" aria-labelledby="{key}-title {key}-desc" '
    text, opened = re.subn(r"<svg ", root, text, count=1)
    if not (replaced and opened):
        raise StudyError(
            "the SVG has no root or title to carry the alt text; check the version of matplotlib"
        )
    return _with_numbered_shapes(text, key).encode("utf-8")


def _with_numbered_shapes(text: str, key: str) -> str:
    """Number clips, markers and hatches in place of matplotlib's digests of their coordinates.

    The digest sees the last bit of a coordinate, and from Python 3.12 on sum() rounds otherwise than before; what is
    printed of the coordinate is the same.
    """
    names: dict[str, str] = {}
    for name in re.findall(r'id="([pmh][0-9a-f]{10})"', text):
        names.setdefault(name, f"{key}-{name[0]}{len(names) + 1}")
    return re.sub(
        r'(?<=[#"])[pmh][0-9a-f]{10}(?=[")])', lambda found: names.get(found.group(), found.group()), text
    )


def require_glyphs(figure: Figure) -> None:
    """Refuse a figure whose text the bundled fonts cannot draw.

    Raises
    ------
    StudyError
        Naming the character that has no glyph, or the font that does not come with matplotlib.
    """
    bundled = Path(matplotlib.get_data_path())
    for text in figure.findobj(Text):
        written = text.get_text()
        if not written.strip() or not text.get_visible() or _is_formula(text, written):
            continue
        font = text.get_fontproperties()
        path = _font_file(font)
        if bundled not in path.parents:
            raise StudyError(
                f"figure uses the font {font.get_family()[0]}, which does not come with matplotlib and would "
                "differ on another machine; leave the font to the house style (DejaVu Sans)"
            )
        lacking = sorted(set(written) - {"\n"} - _characters(str(path)))
        if lacking:
            raise StudyError(
                f"figure text holds {_named(lacking[0])}, for which the bundled font has no glyph; "
                "replace the character in the label, title or note"
            )


def _is_formula(text: Any, written: str) -> bool:
    return bool(text.get_parse_math()) and "$" in written


def _font_file(font: FontProperties) -> Path:
    try:
        return Path(findfont(font, fallback_to_default=False))
    except ValueError as error:
        raise StudyError(
            f"figure uses the font {font.get_family()[0]}, which is not installed; leave the font "
            "to the house style (DejaVu Sans)"
        ) from error


@lru_cache(maxsize=16)
def _characters(path: str) -> frozenset[str]:
    return frozenset(map(chr, get_font(path).get_charmap()))


def _named(character: str) -> str:
    return f"the character U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
