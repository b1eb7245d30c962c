"""The house look: page sizes, type, and colours that survive grey print and colour blindness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

from nsi.errors import StudyError

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72
NARROW = 84.0  # mm, one column of a journal page
WIDE = 174.0  # mm, the full width of a journal page
MAX_HEIGHT = 235.0  # mm, what a page holds beside its caption

FONT = "DejaVu Sans"  # comes with matplotlib, so it is the same file everywhere
TEXT = 7.0  # pt, the smallest type in any figure
HEADING = 8.0  # pt
TITLE = 9.0  # pt
HAIRLINE = 0.5  # pt

BLACK = "#000000"
WHITE = "#FFFFFF"
INK = "#1A1A1A"  # text and outlines
QUIET = "#555555"  # notes; 7.5:1 on white
RULE = "#9A9A9A"  # lines that only guide the eye
PAPER = "#F2F2F2"  # the ground of a box
NEUTRAL = "#BDBDBD"  # codes that mean "nothing of the kind"
NEUTRAL_HATCH = "xxxx"

# Okabe & Ito (2008), ordered so that neighbours differ in lightness (L* 46, 71, 58, 89, 54, 70, 61).
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#F0E442", "#D55E00", "#56B4E9", "#CC79A7")
HATCHES = ("", "////", "....", "\\\\\\\\", "----", "||||", "++++")
# For dots and thin lines only the hues that keep 3:1 against white; each has its own shape.
MARKS = ((OKABE_ITO[0], "o"), (OKABE_ITO[4], "D"), (BLACK, "s"), (OKABE_ITO[2], "^"), ("#A4508B", "v"))

SEQUENTIAL = LinearSegmentedColormap.from_list("nsi_blue", ["#FFFFFF", "#9CC9E3", "#0072B2", "#00324F"])

_SETTINGS: dict[str, object] = {
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": TEXT,
    "axes.titlesize": HEADING,
    "axes.labelsize": TEXT,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "legend.fontsize": TEXT,
    "figure.titlesize": TITLE,
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a label is a dollar
    "text.hinting": "no_hinting",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": HAIRLINE,
    "xtick.major.width": HAIRLINE,
    "ytick.major.width": HAIRLINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_locale": False,
    "hatch.linewidth": HAIRLINE,
    "patch.linewidth": HAIRLINE,
    "legend.frameon": False,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "savefig.bbox": "standard",  # "tight" would make the width depend on the text
    "savefig.transparent": False,
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "svg.fonttype": "path",
    "svg.hashsalt": "nsi",
}
# What belongs to the session, not to the look: never overwritten.
_SESSION = (
    "backend",
    "interactive",
    "toolbar",
    "timezone",
    "date.epoch",
    "docstring",
    "webagg",
    "tk.",
    "savefig.dir",
)


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, whatever matplotlibrc or an earlier cell has set.

    Settings start from matplotlib's own defaults, so that a reader's private configuration cannot change a
    figure's bytes, and are put back on leaving. Serves as ``with house_style():`` and as ``@house_style()``.
    """
    settings: dict[Any, Any] = {
        key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith(_SESSION)
    }
    with matplotlib.rc_context(settings | _SETTINGS):
        yield


def inches(mm: float) -> float:
    """Turn millimetres into inches, the only length that matplotlib pages know."""
    return mm / MM_PER_INCH


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that no global state of pyplot knows.

    Parameters
    ----------
    width, height : float
        Size in mm; `NARROW` or `WIDE` for the width.

    Raises
    ------
    StudyError
        If the width is not one of the two column widths, or the height is not positive.
    """
    if width not in (NARROW, WIDE):
        raise StudyError(
            f"figure width is {width:g} mm, allowed are {NARROW:g} and {WIDE:g}; use NARROW or WIDE"
        )
    if not height > 0:
        raise StudyError(f"figure height is {height:g} mm, but must be positive; give the height in mm")
    with house_style():
        figure = Figure(figsize=(inches(width), inches(height)), facecolor=WHITE)
        FigureCanvasAgg(figure)
    return figure


@dataclass(frozen=True)
class CodeLook:
    """How one code is drawn: a fill, and a hatch as the second channel for grey print."""

    fill: str
    hatch: str


def code_looks(codes: Sequence[str], *, neutral: Sequence[str] = ()) -> dict[str, CodeLook]:
    """Assign fill and hatch to codes in codebook order: the same code looks the same in every figure.

    Parameters
    ----------
    codes : sequence of str
        Codes in codebook order. A code keeps its look when later codes are appended.
    neutral : sequence of str
        Codes that mean "unused" or "none": grey with a cross hatch, and no colour is spent on them.

    Returns
    -------
    dict of str to CodeLook
        From the eighth code on colours come again, each time with another hatch (49 looks in all).

    Raises
    ------
    StudyError
        If a code stands twice, or a neutral code is not among the codes.
    """
    twice = sorted({code for code in codes if list(codes).count(code) > 1})
    if twice:
        raise StudyError(f"code '{twice[0]}' is listed twice; list each code once, in codebook order")
    stray = [code for code in neutral if code not in codes]
    if stray:
        raise StudyError(
            f"neutral code '{stray[0]}' is not among the codes {', '.join(codes)}; correct its spelling"
        )
    looks: dict[str, CodeLook] = {}
    for code in codes:
        spent = sum(look.fill != NEUTRAL for look in looks.values())
        turn, place = divmod(spent, len(OKABE_ITO))
        looks[code] = (
            CodeLook(NEUTRAL, NEUTRAL_HATCH)
            if code in neutral
            else CodeLook(OKABE_ITO[place], HATCHES[(place + turn) % len(HATCHES)])
        )
    return looks


def tint(colour: str, strength: float) -> tuple[float, float, float]:
    """Mix a colour with white; strength 1 is the colour itself, 0 is white."""
    red, green, blue = (1 - strength * (1 - channel) for channel in to_rgb(colour))
    return red, green, blue


def shade(colour: str, strength: float) -> tuple[float, float, float]:
    """Mix a colour with black; strength 1 is the colour itself, 0 is black."""
    red, green, blue = (strength * channel for channel in to_rgb(colour))
    return red, green, blue


def luminance(colour: object) -> float:
    """Relative luminance of a colour, 0 (black) to 1 (white). Source: WCAG 2.2, "relative luminance"."""
    channels = to_rgb(colour)  # type: ignore[arg-type]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lightness(colour: object) -> float:
    """Lightness of a colour as it is in grey print, CIE L*, 0 (black) to 100 (white). Source: CIE 15:2004."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > (6 / 29) ** 3 else y * (29 / 3) ** 3


def contrast(one: object, other: object) -> float:
    """Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def text_on(fill: object) -> str:
    """Black or white, whichever reads better on the fill; the better of the two is always above 4.5:1."""
    return BLACK if contrast(BLACK, fill) >= contrast(WHITE, fill) else WHITE
