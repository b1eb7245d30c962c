"""Colours for ordered answers: brown for the low side, blue for the high, all of different lightness."""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap, to_hex

from nsi.figures.style import luminance

NEUTRAL_ANSWER = "#E8E8E8"
# The low side is darker throughout: in grey print the two sides stay apart even away from their place.
LOW = LinearSegmentedColormap.from_list("nsi_low", ["#4A1F00", "#8A4A18", "#C27B3C"])
HIGH = LinearSegmentedColormap.from_list("nsi_high", ["#1C6FB0", "#4F97CB", "#8FC1E3"])


def answer_colours(n_values: int) -> list[str]:
    """Colours from the lowest to the highest answer; the middle one of an odd number is grey.

    Parameters
    ----------
    n_values : int
        How many answers there are, 2 or more.
    """
    side = n_values // 2
    steps = [0.0] if side == 1 else [place / (side - 1) for place in range(side)]
    low = [to_hex(LOW(0.45 if side == 1 else step)) for step in steps]
    high = [to_hex(HIGH(0.35 if side == 1 else step)) for step in steps]
    return [*low, *[NEUTRAL_ANSWER] * (n_values % 2), *reversed(high)]


def lightness(colour: object) -> float:
    """Lightness L* of a colour, 0 (black) to 100 (white). Source: CIE 15:2018, from the luminance of WCAG 2.2."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27
