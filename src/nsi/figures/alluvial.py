"""Alluvial figure of two codings of the same units, with its cross-table below as the accessible form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from nsi.figures.crosstab import CrossTable
from nsi.figures.flows import SECONDARY, Node, Pairs, flow_nodes, flow_pairs, stack_nodes
from nsi.figures.frames import percent, require_labels
from nsi.figures.lettering import balanced, block_height, line_height, wrap
from nsi.figures.page import box, joined, new_page, rule, write
from nsi.figures.spreading import spread
from nsi.figures.style import (
    HEADING,
    INK,
    NEUTRAL,
    RULE,
    WIDE,
    CodeLook,
    code_looks,
    house_style,
    shade,
    tint,
)

LABEL = 43.0  # mm for the words on either side
LEADER = 4.5  # mm between words and node
NODE = 4.0  # mm, width of a node
TALL = 62.0  # mm, least height of the stack of nodes
SLACK = 1.5  # mm that labels may stand above and below the stack
BETWEEN = 7.0  # mm between the ribbons and the table
AIR = 1.2  # mm around a label


@house_style()
def alluvial(
    flows: pd.DataFrame,
    *,
    left: str,
    right: str,
    left_codes: Sequence[str],
    right_codes: Sequence[str],
    left_labels: Mapping[str, str],
    right_labels: Mapping[str, str],
    left_title: str,
    right_title: str,
    title: str,
    note: str,
    unused: Sequence[str] = (),
) -> Figure:
    """Draw how units coded one way on the left were coded on the right, and print the cross-table below.

    Parameters
    ----------
    flows : DataFrame
        One row per pair of codes, with the columns named by `left` and `right` (codes), ``n`` (units, a whole
        number) and, if wanted, ``secondary`` (True where the pair comes from a unit's secondary code). Pairs
        that are absent count as 0. Units without one of the two codes do not belong here; say their number in
        the note.
    left, right : str
        The two columns of codes, for example the names of the fields.
    left_codes, right_codes : sequence of str
        Codes in codebook order, top to bottom. Each is drawn, also with n = 0.
    left_labels, right_labels : mapping of str to str
        Code to printed label.
    left_title, right_title : str
        What each side is, a few words.
    title, note : str
        The statement above and the reading aid below; n is printed on the nodes.
    unused : sequence of str
        Codes meaning "not used" or the like: grey and cross-hatched, never dropped.

    Returns
    -------
    Figure
        174 mm wide. n and per cent on the nodes are of primary codes only; secondary flows are hatched, drawn
        at half thickness, and stand in the table in brackets with a plus.

    Raises
    ------
    StudyError
        If a column is missing, a code is unknown, a count is not a whole number from 0 up, a pair stands
        twice, or no unit flows at all.
    """
    pairs = flow_pairs(flows, left, right, left_codes, right_codes)
    require_labels(left_labels, left_codes, what=left_title)
    require_labels(right_labels, right_codes, what=right_title)
    # One list for both sides, so that a code looks the same on either.
    looks = code_looks(list(dict.fromkeys([*left_codes, *right_codes])), neutral=unused)
    sides = (
        flow_nodes(pairs, 0, left_codes, left_labels, looks),
        flow_nodes(pairs, 1, right_codes, right_labels, looks),
    )
    table = CrossTable(pairs, left_codes, right_codes, left_labels, right_labels, left_title, right_title)
    height = max(TALL, *(sum(map(_label_height, side)) for side in sides))
    head = (
        max(
            block_height(wrap(text, LABEL + LEADER + NODE, HEADING, bold=True), HEADING)
            for text in (left_title, right_title)
        )
        + 2.5
    )
    if any(secondary for _, _, secondary in pairs):
        note = joined(
            note, "Hatched: secondary code, half as thick as a primary one, and after + in the table."
        )
    page = new_page(WIDE, head + height + BETWEEN + table.height, title=title, note=note)
    axes = page.panel(0, 0, page.width, head + height + SLACK)
    _headings(axes, page.width, head, left_title, right_title)
    scale = stack_nodes(sides, head, height)
    _ribbons(axes, sides, pairs, page.width, scale)
    for side, at_right in zip(sides, (False, True), strict=True):
        _draw_nodes(axes, side, page.width, at_right=at_right)
        _label_nodes(axes, side, page.width, head, height, at_right=at_right)
    table.draw(page.panel(0, head + height + BETWEEN, page.width, table.height))
    return page.figure


def _ribbons(
    axes: Axes, sides: tuple[list[Node], list[Node]], pairs: Pairs, width: float, scale: float
) -> None:
    """Draw the flows, thick ones first so that thin ones stay visible on top."""
    start, end = LABEL + LEADER + NODE, width - LABEL - LEADER - NODE
    bands = []
    for source in sides[0]:
        for target in sides[1]:
            for second in (False, True):
                thick = (
                    scale * pairs.get((source.code, target.code, second), 0) * (SECONDARY if second else 1)
                )
                if thick:
                    bands.append((thick, source, source.top + source.used, target, second))
                    source.used += thick
    landed = {}
    for target in sides[1]:
        for thick, source, y, aim, second in bands:
            if aim is target:
                landed[source.code, target.code, second] = (thick, source, y, target.top + target.used)
                target.used += thick
    for (_, _, second), (thick, source, y, y_end) in sorted(
        landed.items(), key=lambda item: (-item[1][0], item[0])
    ):
        axes.add_patch(_ribbon(start, y, end, y_end, thick, source.look, second))


def _ribbon(
    x0: float, y0: float, x1: float, y1: float, thick: float, look: CodeLook, second: bool
) -> PathPatch:
    middle = (x0 + x1) / 2
    corners = [
        (x0, y0),
        (middle, y0),
        (middle, y1),
        (x1, y1),
        (x1, y1 + thick),
        (middle, y1 + thick),
        (middle, y0 + thick),
        (x0, y0 + thick),
        (x0, y0),
    ]
    steps = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(
        Path(corners, steps),
        facecolor=(*tint(look.fill, 0.25 if second else 0.6), 0.85),
        edgecolor=INK if second else shade(look.fill, 0.7),
        linewidth=0.4,
        hatch="//////" if second else None,
    )


def _draw_nodes(axes: Axes, side: list[Node], width: float, *, at_right: bool) -> None:
    x = width - LABEL - LEADER - NODE if at_right else LABEL + LEADER
    for node in side:
        hatch = node.look.hatch if node.look.fill == NEUTRAL else None
        box(axes, x, node.top, NODE, node.height, facecolor=node.look.fill, hatch=hatch)


def _label_nodes(
    axes: Axes, side: list[Node], width: float, top: float, height: float, *, at_right: bool
) -> None:
    """Write label, n and per cent beside each node; a leader line where the label had to move."""
    total = sum(node.primary for node in side)
    middles = [node.top + node.height / 2 for node in side]
    places = spread(middles, [_label_height(node) for node in side], top - SLACK, top + height + SLACK)
    x, edge = (width - LABEL, width - LABEL - LEADER) if at_right else (LABEL, LABEL + LEADER)
    inward = -0.8 if at_right else 0.8
    for node, middle, place in zip(side, middles, places, strict=True):
        name = _label(node)
        count = f"{node.primary:,} ({percent(node.primary, total)})"
        more = f" + {node.secondary:,} secondary" if node.secondary else ""
        y = place - (block_height(name) + line_height()) / 2
        align = "left" if at_right else "right"
        write(axes, x, y, name, ha=align, va="top", multialignment=align)
        write(axes, x, y + block_height(name), count + more, ha=align, va="top", weight="bold")
        if abs(place - middle) > node.height / 2:
            rule(axes, (x + inward, x + 2 * inward, edge), (place, place, middle), color=RULE)


def _label(node: Node) -> str:
    return balanced(node.label, LABEL - 1)


def _label_height(node: Node) -> float:
    return block_height(_label(node)) + line_height() + AIR


def _headings(axes: Axes, width: float, head: float, left_title: str, right_title: str) -> None:
    room = LABEL + LEADER + NODE
    for align, text in (("left", left_title), ("right", right_title)):
        where = room if align == "left" else width - room
        write(
            axes,
            where,
            head - 2.5,
            wrap(text, room, HEADING, bold=True),
            size=HEADING,
            weight="bold",
            ha="right" if align == "left" else "left",
            va="bottom",
        )
