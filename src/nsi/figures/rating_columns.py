"""Columns of a grid of ratings: their places, the headings over groups of them, and the signs of marked rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nsi.errors import StudyError
from nsi.figures.frames import require_labels
from nsi.figures.rating_cells import TABLE, RatingCells

APART = 1.6  # mm between groups of columns
BROAD = 30.0  # mm, the broadest column; beyond it a grid of few columns falls apart
SIGNS = ("*", "^", "s", "P", "v")


@dataclass(frozen=True)
class Places:
    """Left end of every column and their one width, and the groups as (heading, left, width); mm."""

    lefts: tuple[float, ...]
    width: float
    groups: tuple[tuple[str, float, float], ...]


def signs_of(marks: Mapping[str, str]) -> dict[str, str]:
    """Give every different mark of a row its sign.

    Raises
    ------
    StudyError
        If there are more marks than signs.
    """
    different = list(dict.fromkeys(marks.values()))
    if len(different) > len(SIGNS):
        raise StudyError(
            f"{TABLE}: {len(different)} different marks of rows, but at most {len(SIGNS)} can be told apart; use fewer"
        )
    return dict(zip(different, SIGNS, strict=False))


def headings_over(data: RatingCells, columns_under: Mapping[str, str] | None) -> list[str]:
    """Give the heading over each column, "" without headings.

    Raises
    ------
    StudyError
        If a column has no heading, or columns of one heading are not neighbours.
    """
    if columns_under is None:
        return [""] * len(data.columns)
    require_labels(columns_under, data.columns, what=f"headings over columns of the {TABLE}")
    under = [columns_under[column] for column in data.columns]
    starts = [text for place, text in enumerate(under) if place == 0 or under[place - 1] != text]
    apart = [text for text in dict.fromkeys(starts) if starts.count(text) > 1]
    if apart:
        raise StudyError(f"{TABLE}: the columns under '{apart[0]}' do not stand side by side; put them in order")
    return under


def share_out(data: RatingCells, under: Sequence[str], left: float, room: float, gaps: float) -> Places:
    """Share out the room right of `left` to columns of one width; groups stand a little apart.

    Parameters
    ----------
    data : RatingCells
        The grid.
    under : sequence of str
        Heading over each column.
    left, room, gaps : float
        Where columns begin, where they must end, and what the gaps between groups take of it; mm.
    """
    width = min((room - left - gaps) / len(data.columns), BROAD)
    lefts: list[float] = []
    groups: list[tuple[str, float, float]] = []
    x = left
    for place, text in enumerate(under):
        if place and text != under[place - 1]:
            x += APART
        if not place or text != under[place - 1]:
            groups.append((text, x, 0.0))
        lefts.append(x)
        x += width
        groups[-1] = (text, groups[-1][1], x - groups[-1][1])
    return Places(tuple(lefts), width, tuple(groups))
