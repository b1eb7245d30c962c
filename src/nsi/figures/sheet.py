"""A sheet to draw on: axes in mm that have no scales to show, so none of matplotlib's ticks are made for them."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure


class Sheet(Axes):
    """Axes that are switched off for good; x runs right and y runs down from the upper left corner, in mm.

    Parameters
    ----------
    figure : Figure
        Where it stands.
    place : tuple of float
        Left, bottom, width and height as shares of the figure.
    width, height : float
        Size in mm.
    """

    def __init__(self, figure: Figure, place: tuple[float, float, float, float], width: float, height: float) -> None:
        super().__init__(figure, place)
        self.set(xlim=(0, width), ylim=(height, 0))
        self.set_axis_off()

    def _init_axis(self) -> None:
        self.xaxis = _BareX(self, clear=False)
        self.yaxis = _BareY(self, clear=False)


class _Bare:
    """What would make the ticks of an axis does nothing: they are never drawn, but cost as much as all else."""

    def set_tick_params(self, *_args: Any, **_params: Any) -> None:
        """Keep no style for ticks."""

    def set_clip_path(self, *_path: Any) -> None:
        """Clip nothing."""

    def get_children(self) -> list[Artist]:
        """Return no ticks and no labels."""
        return []


class _BareX(_Bare, XAxis):
    pass


class _BareY(_Bare, YAxis):
    pass
