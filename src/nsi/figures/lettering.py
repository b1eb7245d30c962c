"""How much room words take: measuring and breaking lines with the figure's own font."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, fsum

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.textpath import text_to_path

from nsi.figures.style import FONT, MM_PER_POINT, TEXT

AIR = 1.05  # kerning may move letters apart, but never makes a line a twentieth wider
LINE = 1.2  # line height over type size: ascent, descent and line gap of DejaVu Sans


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    """Width of one line of text in mm.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Type size in points.
    bold : bool
        Whether it is set in bold.
    """
    if not text:
        return 0.0
    font = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) * MM_PER_POINT


def line_height(size: float = TEXT) -> float:
    """Height of one line in mm."""
    return size * LINE * MM_PER_POINT


def block_height(text: str, size: float = TEXT) -> float:
    """Height in mm of text whose lines are already broken; empty text takes no room."""
    return (text.count("\n") + 1) * line_height(size) if text else 0.0


def block_width(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    """Width in mm of the longest line of text whose lines are already broken."""
    return max(text_width(line, size, bold=bold) for line in text.split("\n"))


def wrap(text: str, width: float, size: float = TEXT, *, bold: bool = False) -> str:
    """Break text into lines no wider than a width; only a word wider than a line is split, with a hyphen.

    Parameters
    ----------
    text : str
        May hold line breaks, which are kept.
    width : float
        Room in mm.
    size : float
        Type size in points.
    bold : bool
        Whether it is set in bold.

    Returns
    -------
    str
        The same words, lines joined by line breaks.
    """
    return "\n".join(_wrap_paragraph(paragraph, width, size, bold) for paragraph in text.split("\n"))


def _wrap_paragraph(text: str, width: float, size: float, bold: bool) -> str:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _fits(longer, width, size, bold):
            lines[-1] = longer
            continue
        first, *rest = _pieces(word, width, size, bold)
        longer = f"{lines[-1]} {first}".strip()
        if _fits(longer, width, size, bold) or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(first)
        lines += rest  # what follows a hyphen begins a line
    return "\n".join(lines)


def _fits(text: str, width: float, size: float, bold: bool) -> bool:
    """Tell whether a line fits; one that clearly does is not set, which takes long, but its letters counted up."""
    alone = fsum(_advance(letter, bold) for letter in text) * size * MM_PER_POINT
    return alone * AIR <= width or text_width(text, size, bold=bold) <= width


@lru_cache(maxsize=2_000)
def _advance(letter: str, bold: bool) -> float:
    """How far a letter that stands alone moves the next one, as a share of the type size."""
    font = get_font(findfont(FontProperties(family=FONT, weight="bold" if bold else "normal")))
    return font.load_char(ord(letter), LoadFlags.NO_SCALE).horiAdvance / font.units_per_EM


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    """Split a word that is wider than a line, evenly, so that no lone letter is left over."""
    if len(word) < 2 or _fits(word, width, size, bold):
        return [word]
    whole = text_width(word, size, bold=bold)
    parts = min(ceil((whole + text_width("-", size, bold=bold)) / width), len(word))
    while True:
        step = ceil(len(word) / parts)
        pieces = [word[start : start + step] for start in range(0, len(word), step)]
        pieces = [piece + "-" for piece in pieces[:-1]] + pieces[-1:]
        if step == 1 or all(text_width(piece, size, bold=bold) <= width for piece in pieces):
            return pieces
        parts += 1


def balanced(text: str, width: float, size: float = TEXT, *, bold: bool = False) -> str:
    """Wrap text to the fewest lines that fit, then narrow them until they are about equally long."""
    best = wrap(text, width, size, bold=bold)
    narrower = width * 0.95
    while "\n" in best and narrower > width * 0.4:
        trial = wrap(text, narrower, size, bold=bold)
        if trial.count("\n") > best.count("\n") or "-\n" in trial:
            break
        best, narrower = trial, narrower * 0.95
    return best
