"""A scale of values over rows: x in the unit of the values, y in mm downward; and how numbers are printed."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nsi.figures.lettering import line_height, text_width
from nsi.figures.page import Page
from nsi.figures.style import MM_PER_INCH, MM_PER_POINT

GRID = "#E0E0E0"
FOOT = line_height() + 2.5  # mm below the rows for the numbers of the scale


def value_limits(values: Iterable[float], within: tuple[float, float] | None = None) -> tuple[float, float]:
    """Ends of a scale that holds all values with a little air; `within` is held too, where given.

    Parameters
    ----------
    values : iterable of float
        NaN is left out.
    within : tuple of float, optional
        What the scale must cover in any case, such as the ends of the answer format.
    """
    finite = [float(value) for value in [*values, *(within or ())] if np.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    air = 0.04 * (high - low)
    return low - air, high + air


def value_axis(
    page: Page, left: float, top: float, width: float, height: float, limits: tuple[float, float]
) -> Axes:
    """Axes for marks in rows: values to the right, mm downward, pale grid, numbers below.

    Parameters
    ----------
    page : Page
        The figure's page; `FOOT` mm below the axes must be free.
    left, top, width, height : float
        Place and size in mm within the drawing room.
    limits : tuple of float
        Ends of the scale in the unit of the values.
    """
    axes = page.plot(left, top, width, height)
    axes.set(xlim=limits, ylim=(height, 0))
    most = max(int(width // (text_width("−8.88") + 2.0)), 2)
    ticks = MaxNLocator(min(most, 8), steps=[1, 2, 2.5, 5, 10]).tick_values(*limits)
    shown = [float(tick) for tick in ticks if limits[0] - 1e-9 <= tick <= limits[1] + 1e-9]
    digits = next((d for d in (0, 1, 2) if all(abs(round(tick, d) - tick) < 1e-9 for tick in shown)), 3)
    axes.set_xticks(shown, [number(tick, digits) for tick in shown])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=2, pad=1.5)
    axes.spines["left"].set_visible(False)
    axes.set_facecolor("none")
    for tick in shown:
        axes.axvline(tick, color=GRID, linewidth=0.4, zorder=0)
    return axes


def number(value: float, digits: int = 2) -> str:
    """Print a value with a real minus sign, and never "−0"."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """Print a change with its sign; one that rounds to nothing has none."""
    text = number(value, digits)
    return f"+{text}" if float(text.replace("−", "-")) > 0 else text


def z_of(confidence: float) -> float:
    """Half width of a normal interval in standard errors."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def mm_across(axes: Axes) -> float:
    """Width of axes in mm."""
    across = axes.get_position().width * axes.figure.get_figure(root=True).get_size_inches()[0]
    return float(across * MM_PER_INCH)


def points(mm: float) -> float:
    """Turn mm into points, the unit of marks and lines."""
    return mm / MM_PER_POINT
