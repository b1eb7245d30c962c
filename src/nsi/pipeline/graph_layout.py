"""Where the boxes of a graph stand: in columns by what they wait for, in an order that keeps crossings few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 8  # back and forth over the columns; more changes nothing in graphs of this size
BOX, GAP = 1.0, 0.35  # height of a box, and of the lane that a passing arrow takes

Edge = tuple[str, str]
Spot = tuple[int, float]


@dataclass(frozen=True)
class Layout:
    """Places of boxes and arrows.

    Attributes
    ----------
    places : dict
        Node to its column from 0 and the height of its middle, in boxes from the top.
    paths : dict
        Edge to the places that it passes, from its first box to its last.
    columns : int
        How many there are.
    height : float
        Of the tallest column, in boxes.
    """

    places: dict[str, Spot]
    paths: dict[Edge, list[Spot]]
    columns: int
    height: float


def without_implied(edges: Iterable[Edge]) -> list[Edge]:
    """Leave out each edge that follows from others: a to c, where a leads to b and b to c."""
    after: dict[str, set[str]] = {}
    for first, last in edges:
        after.setdefault(first, set()).add(last)
    reach: dict[str, set[str]] = {}
    for node in after:
        _reached(node, after, reach)
    kept = []
    for first, lasts in sorted(after.items()):
        for last in sorted(lasts):
            if not any(last in reach.get(other, set()) for other in lasts - {last}):
                kept.append((first, last))
    return kept


def _reached(node: str, after: Mapping[str, set[str]], reach: dict[str, set[str]]) -> set[str]:
    """Everything behind a node; no recursion, so that a long chain of notebooks is no trouble."""
    waiting = [node]
    while waiting:
        top = waiting[-1]
        missing = [other for other in after.get(top, ()) if other not in reach]
        if missing and top not in reach:
            waiting += sorted(missing)
            continue
        reach[top] = set().union(*({other} | reach[other] for other in after.get(top, ())))
        waiting.pop()
    return reach[node]


def layered(nodes: Sequence[str], edges: Sequence[Edge]) -> Layout:
    """Place a graph without circles.

    Parameters
    ----------
    nodes : sequence of str
        In the order that they have where nothing else decides.
    edges : sequence of (str, str)
        Between them.

    Returns
    -------
    Layout
        The same for the same nodes and edges. An edge over several columns has a lane of its own in each.
    """
    column = _columns(nodes, edges)
    lanes = {(a, b): [f"{a} > {b} @{at}" for at in range(column[a] + 1, column[b])] for a, b in edges}
    members: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for node in nodes:
        members[column[node]].append(node)
    links: dict[str, list[str]] = {}
    for edge in edges:
        chain = [edge[0], *lanes[edge], edge[1]]
        for at, lane in enumerate(lanes[edge], start=column[edge[0]] + 1):
            members[at].append(lane)
        for before, behind in zip(chain, chain[1:], strict=False):
            links.setdefault(before, []).append(behind)
            links.setdefault(behind, []).append(before)
    _order(members, links)
    tall = {node: BOX for node in nodes}
    spots, height = _stacked(members, links, tall)
    paths = {edge: [spots[name] for name in (edge[0], *lanes[edge], edge[1])] for edge in edges}
    return Layout({node: spots[node] for node in nodes}, paths, len(members), height)


def _columns(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Put each node one column behind the last that it waits for."""
    before: dict[str, list[str]] = {node: [] for node in nodes}
    for first, last in edges:
        before[last].append(first)
    column: dict[str, int] = {}
    while len(column) < len(nodes):
        ready = [node for node in nodes if node not in column and all(other in column for other in before[node])]
        if not ready:
            raise ValueError("the graph has a circle")
        column.update({node: max((column[other] + 1 for other in before[node]), default=0) for node in ready})
    return column


def _order(members: list[list[str]], links: Mapping[str, list[str]]) -> None:
    """Sort each column by the middle of its neighbours in the column before, then behind, and again."""
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        span = range(1, len(members)) if forward else range(len(members) - 2, -1, -1)
        for at in span:
            beside = {name: place for place, name in enumerate(members[at - 1 if forward else at + 1])}
            old = {name: place for place, name in enumerate(members[at])}
            middle = {name: _middle(links.get(name, []), beside, old[name]) for name in members[at]}
            members[at].sort(key=lambda name, middle=middle, old=old: (middle[name], old[name]))  # type: ignore[misc]


def _middle(others: Sequence[str], beside: Mapping[str, int], otherwise: float) -> float:
    found = [beside[other] for other in others if other in beside]
    return sum(found) / len(found) if found else otherwise


def _stacked(
    members: list[list[str]], links: Mapping[str, list[str]], tall: Mapping[str, float]
) -> tuple[dict[str, Spot], float]:
    """Stack each column from the top, each box as near to its neighbours before it as the ones above allow."""
    spots: dict[str, Spot] = {}
    height = 0.0
    for at, names in enumerate(members):
        wanted = [_wanted(name, links, spots) for name in names]
        top = 0.0
        for name, want in zip(names, wanted, strict=True):
            size = tall.get(name, GAP)
            top = max(top, want - size / 2) if want is not None else top
            spots[name] = (at, round(top + size / 2, 3))
            top += size
        height = max(height, top)
    return spots, height


def _wanted(name: str, links: Mapping[str, list[str]], spots: Mapping[str, Spot]) -> float | None:
    found = [spots[other][1] for other in links.get(name, []) if other in spots]
    return min(found) if found else None
