"""A visible stamp, such as SYNTHETIC DATA, in a strip that nothing else may use."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.page import MARGIN, STRIP, STRIP_OWNED
from nsi.figures.style import HEADING, INK, WHITE, house_style, inches

STAMP = "stamp"  # the mark by which a stamp is known again


@house_style()
def stamp(figure: Figure, text: str) -> None:
    """Print a stamp at the lower right of a figure, outside everything drawn.

    Figures of this wing keep a strip free for it. Any other figure grows by that strip, its content moved up.
    Stamping again with the same text changes nothing; with another text replaces the stamp.

    Parameters
    ----------
    figure : Figure
        Changed in place.
    text : str
        A few words.

    Raises
    ------
    StudyError
        If the text is empty, or a figure from elsewhere has subfigures, whose content cannot be moved safely.
    """
    if not text.strip():
        raise StudyError("the stamp has no text; give a few words, such as the kind of data")
    if not getattr(figure, STRIP_OWNED, False):
        _grow(figure)
    for old in [artist for artist in figure.texts if artist.get_gid() == STAMP]:
        old.remove()
    width, height = figure.get_size_inches()
    figure.text(
        1 - inches(MARGIN + 1) / width,
        inches(STRIP / 2) / height,
        text,
        ha="right",
        va="center",
        fontsize=HEADING,
        fontweight="bold",
        color=INK,
        gid=STAMP,
        bbox={"boxstyle": "square,pad=0.25", "facecolor": WHITE, "edgecolor": INK, "linewidth": 0.8},
    )


def stamped(figure: Figure) -> str:
    """Text of the figure's stamp, empty if there is none."""
    return next((text.get_text() for text in figure.texts if text.get_gid() == STAMP), "")


def _grow(figure: Figure) -> None:
    """Add the strip below a figure that was not made by `new_page`, and move its content up."""
    if figure.subfigs:
        raise StudyError(
            "a figure with subfigures cannot be stamped; draw it with new_page, or without subfigures"
        )
    width, height = figure.get_size_inches()
    taller = height + inches(STRIP)
    share = inches(STRIP) / taller
    figure.set_size_inches(width, taller)
    for text in figure.texts:
        _raise(text, figure, share)
    for legend in figure.legends:
        if legend.get_bbox_to_anchor() is figure.bbox:
            legend.set_bbox_to_anchor((0, share, 1, 1 - share), transform=figure.transFigure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, share, 1, 1 - share))  # type: ignore[call-arg]
    else:
        for axes in figure.axes:
            if axes.get_axes_locator() is None:  # inset axes follow their parent
                left, bottom, across, up = axes.get_position(original=True).bounds
                axes.set_position((left, share + bottom * (1 - share), across, up * (1 - share)))
    setattr(figure, STRIP_OWNED, True)


def _raise(text: Text, figure: Figure, share: float) -> None:
    if text.get_transform() == figure.transSubfigure:
        x, y = text.get_position()
        text.set_position((x, share + y * (1 - share)))
