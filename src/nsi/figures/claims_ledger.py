"""Claims as tiles: a row per study, a block per basis, and what came of each in its fill."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns
from nsi.figures.keys import fill_key, fit_keys
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import box, new_page, rule, write
from nsi.figures.style import BLACK, INK, RULE, WHITE, WIDE, house_style, text_on

LOOKS: dict[str, dict[str, Any]] = {
    "holds": {"facecolor": "#CFE3F1", "edgecolor": INK},
    "does not hold": {"facecolor": "#00324F", "edgecolor": INK},
    "cannot be tested": {"facecolor": WHITE, "edgecolor": INK, "linestyle": (0, (2, 1.5))},
}
BASES = ("published data", "calibrated", "open")
NEEDED = ["claim", "study", "basis", "verdict"]
LABEL = 26.0  # mm for the names of studies
GAP = 4.0  # mm between two blocks
TALL = 4.6  # mm, a tile
APART = 1.0  # mm between tiles
PAD = 1.6  # mm above and below the tiles of a row


@house_style()
def claims_ledger(ledger: pd.DataFrame, *, title: str, note: str) -> Figure:
    """Draw every claim as a tile with its id.

    Parameters
    ----------
    ledger : DataFrame
        One row per claim: ``claim`` (id), ``study``, ``basis`` (published data, calibrated, open) and ``verdict``
        (holds, does not hold, cannot be tested). Studies and claims are drawn as they come.
    title, note : str
        The statement above and the reading aid below.

    Returns
    -------
    Figure
        `WIDE`; a solid pale tile holds, a dark one does not, one with a broken outline cannot be tested.

    Raises
    ------
    StudyError
        If a column is lacking, there is no claim, or a basis or verdict is unknown.
    """
    require_columns(ledger, NEEDED, table="ledger of claims")
    _check(ledger)
    room = WIDE - 4
    bases = [basis for basis in BASES if basis in set(ledger["basis"])]
    tile = max(text_width(str(claim)) for claim in ledger["claim"]) + 2.0
    wide = _widths(ledger, bases, tile, room - LABEL - GAP * (len(bases) - 1))
    keys = fit_keys([fill_key(words, **LOOKS[words]) for words in LOOKS if words in set(ledger["verdict"])], room)
    studies = list(dict.fromkeys(ledger["study"]))
    rows = [(study, wrap(str(study), LABEL - 2), _blocks(ledger, study, bases)) for study in studies]
    heights = [max(_lines(blocks, wide, tile) * (TALL + APART) - APART, block_height(name)) + 2 * PAD
               for _, name, blocks in rows]  # fmt: skip
    head = keys.height + 3.0 + line_height() + 1.2
    page = new_page(WIDE, head + sum(heights), title=title, note=note)
    panel = page.panel(0, 0, page.width, page.height)
    keys.draw(panel)
    lefts = [LABEL + sum(wide[:place]) + GAP * place for place in range(len(bases))]
    for basis, left in zip(bases, lefts, strict=True):
        write(panel, left, head - 2.0, basis, weight="bold", va="baseline")
    y = head
    for (_, name, blocks), height in zip(rows, heights, strict=True):
        rule(panel, (0, room), (y, y), color=RULE)
        write(panel, 0, y + PAD + TALL / 2 - line_height() / 2, name, va="top")
        for left, width, block in zip(lefts, wide, blocks, strict=True):
            _tiles(panel, left, y + PAD, int((width + APART) // (tile + APART)), tile, block)
        y += height
    return page.figure


def _check(ledger: pd.DataFrame) -> None:
    for column, allowed in (("basis", BASES), ("verdict", tuple(LOOKS))):
        stray = sorted(set(map(str, ledger[column])) - set(allowed))
        if stray:
            raise StudyError(f"the ledger's {column} holds {listed(stray)}, but allowed are {listed(allowed)}")


def _widths(ledger: pd.DataFrame, bases: list[str], tile: float, room: float) -> list[float]:
    """Share the room between blocks by the longest row of each; every block holds a tile."""
    most = [int(ledger[ledger["basis"] == basis].groupby("study").size().max()) for basis in bases]
    spare = room - len(bases) * tile
    return [tile + spare * count / sum(most) for count in most]


def _blocks(ledger: pd.DataFrame, study: str, bases: list[str]) -> list[pd.DataFrame]:
    mine = ledger[ledger["study"] == study]
    return [mine[mine["basis"] == basis] for basis in bases]


def _lines(blocks: list[pd.DataFrame], wide: list[float], tile: float) -> int:
    """How many lines of tiles a row takes."""
    fits = [int((width + APART) // (tile + APART)) for width in wide]
    return max(-(-len(block) // fit) for block, fit in zip(blocks, fits, strict=True))


def _tiles(panel: Axes, left: float, top: float, across: int, tile: float, claims: pd.DataFrame) -> None:
    for place, (claim, verdict) in enumerate(zip(claims["claim"], claims["verdict"], strict=True)):
        down, over = divmod(place, across)
        x, y = left + over * (tile + APART), top + down * (TALL + APART)
        box(panel, x, y, tile, TALL, **LOOKS[verdict])
        colour = BLACK if verdict == "cannot be tested" else text_on(LOOKS[verdict]["facecolor"])
        write(panel, x + tile / 2, y + TALL / 2, str(claim), ha="center", color=colour)
