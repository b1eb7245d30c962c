"""Flows between two codings of the same units, and the nodes that they run between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_codes, require_columns, require_counts, require_order
from nsi.figures.style import CodeLook

APART = 3.0  # mm between nodes
STUB = 0.5  # mm, height of a node that nothing flows through
SECONDARY = 0.5  # thickness of a secondary flow, as a share of what a primary one of the same n would have

Pairs = dict[tuple[str, str, bool], int]


@dataclass
class Node:
    """A code on one side: its counts, and where it is drawn (mm, y down)."""

    code: str
    label: str
    look: CodeLook
    primary: int
    secondary: int
    top: float = 0.0
    height: float = 0.0
    used: float = 0.0  # height already taken by ribbons, from the top


def flow_pairs(
    flows: pd.DataFrame, left: str, right: str, left_codes: Sequence[str], right_codes: Sequence[str]
) -> Pairs:
    """Check the flows and give n per (left code, right code, secondary)."""
    require_order(left_codes, what=f"codes of {left}")
    require_order(right_codes, what=f"codes of {right}")
    require_columns(flows, [left, right, "n"], table="flows")
    counts = require_counts(flows, "n", table="flows")
    require_codes(flows[left], left_codes, table="flows")
    require_codes(flows[right], right_codes, table="flows")
    secondary = (
        flows["secondary"].fillna(False).astype(bool)
        if "secondary" in flows.columns
        else [False] * len(flows)
    )
    pairs: Pairs = {}
    for one, other, second, n in zip(flows[left], flows[right], secondary, counts, strict=True):
        key = (str(one), str(other), bool(second))
        if key in pairs:
            raise StudyError(
                f"flows: the pair {left} '{one}', {right} '{other}' stands twice; "
                "sum n to one row per pair first"
            )
        pairs[key] = int(n)
    if not sum(n for (_, _, second), n in pairs.items() if not second):
        raise StudyError("flows: n sums to 0, so there is nothing to draw; check the filter that came before")
    return pairs


def flow_nodes(
    pairs: Pairs, side: int, codes: Sequence[str], labels: Mapping[str, str], looks: Mapping[str, CodeLook]
) -> list[Node]:
    """Make the nodes of one side (0 left, 1 right) in codebook order, those without flow too."""
    return [
        Node(
            code,
            labels[code],
            looks[code],
            sum(n for key, n in pairs.items() if key[side] == code and not key[2]),
            sum(n for key, n in pairs.items() if key[side] == code and key[2]),
        )
        for code in codes
    ]


def stack_nodes(sides: tuple[list[Node], list[Node]], top: float, height: float) -> float:
    """Place both sides' nodes on one scale, each side filling the height; give the scale, mm per unit."""
    load = sum(node.primary + SECONDARY * node.secondary for node in sides[0])
    most = max(map(len, sides))
    scale = (height - (most - 1) * APART - most * STUB) / load
    for side in sides:
        for node in side:
            node.height = max(scale * (node.primary + SECONDARY * node.secondary), STUB)
        gap = (height - sum(node.height for node in side)) / max(len(side) - 1, 1)
        y = top
        for node in side:
            node.top, y = y, y + node.height + gap
    return scale
