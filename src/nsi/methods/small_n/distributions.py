"""Exact null distributions: every arrangement of the cases counted, without writing each one down.

Arrangements that lead to the same remaining cases and the same sum so far are carried on together.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from nsi.errors import StudyError
from nsi.methods.small_n.comparison import Floats, Integers, Margin, double_ranks
from nsi.methods.small_n.scores import group_factor

MOST_STEPS = 20_000_000  # numbers worked through for one distribution: about a second, and up to 40 MB
MOST_MOVES = 3_000_000  # ways from one group to the next
MOST_TABLES = 300_000

Distribution = tuple[Floats, Floats]  # scores, ascending; how many arrangements have each: whole, while n < 19


def linear_steps(margins: tuple[Margin, Margin]) -> int:
    """How many numbers `linear_distribution` would work through."""
    items, levels = _sides(margins)
    return math.prod(count + 1 for count in levels) * _width(items, levels)


def linear_distribution(margins: tuple[Margin, Margin]) -> Distribution:
    """Distribution of |n sum(a b) - sum(a) sum(b)| of double ranks a and b under all pairings.

    Raises
    ------
    StudyError
        If it would need more than `MOST_STEPS` numbers.
    """
    _check(linear_steps(margins), MOST_STEPS)
    items, levels = _sides(margins)
    (one, one_unit), (two, two_unit) = _reduced(items), _reduced(levels)
    base = np.cumprod([1, *(count + 1 for count in levels)])
    used = np.arange(base[-1])[:, None] // base[:-1] % (np.asarray(levels) + 1)
    placed, width = used.sum(axis=1), _width(items, levels)
    layer, ways = np.zeros(1, dtype=np.int64), np.eye(1, width)  # states with so many cases placed; ways by sum
    for done, worth in enumerate(np.repeat(one, items)):
        coming = np.flatnonzero(placed == done + 1)
        grown = np.zeros((len(coming), width))
        for level, count in enumerate(levels):
            here = np.flatnonzero(used[layer, level] < count)
            shift, target = int(worth * two[level]), np.searchsorted(coming, layer[here] + base[level])
            grown[target, shift:] += ways[here, : width - shift] * (count - used[layer[here], level])[:, None]
        layer, ways = coming, grown
    reached = np.flatnonzero(ways[0])
    whole = int((one * np.asarray(items)).sum()) * int((two * np.asarray(levels)).sum())
    return _gathered(one_unit * two_unit * np.abs(sum(items) * reached - whole), ways[0][reached])


def group_steps(margins: tuple[Margin, Margin], *, ordered: bool) -> int:
    """How many ways lead from group to group, before sums are told apart."""
    n, used, steps = sum(margins[0]), 0, 0
    for size in margins[0] if ordered else sorted(margins[0], reverse=True):
        steps += math.comb(n, used) * math.comb(n - used, size)
        used += size
    return steps


def group_distribution(margins: tuple[Margin, Margin], *, ordered: bool) -> Distribution:
    """Distribution of the score of kruskal, or, where the groups are ordered, of jonckheere.

    Raises
    ------
    StudyError
        If more than `MOST_MOVES` ways lead from one group to the next.
    """
    sizes = margins[0] if ordered else tuple(sorted(margins[0], reverse=True))
    _check(group_steps(margins, ordered=ordered), 4 * MOST_MOVES)
    ranks = np.repeat(double_ranks(margins[1]), margins[1])
    below = np.sign(ranks[:, None] - ranks[None, :]).astype(np.int64) + 1  # 2 below, 1 equal, 0 above
    taken, total, ways = np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(1)
    left, factor = len(ranks), group_factor(sizes)
    for size in sizes:
        _check(len(taken) * math.comb(left, size), MOST_MOVES)
        inside = (taken[:, None] >> np.arange(len(ranks)) & 1).astype(np.int64)
        # Of an item that joins, jonckheere counts the earlier groups' items below it; kruskal takes its rank.
        worth = _counted(inside, below) if ordered else np.broadcast_to(ranks, inside.shape)
        gain, joined = _chosen(inside, worth, left, size)
        gained = gain if ordered else factor // size * gain**2
        taken, total, ways = _merged(taken[:, None] + joined, total[:, None] + gained, ways, gain.shape[1])
        left -= size
    pairs = (len(ranks) ** 2 - sum(size**2 for size in sizes)) // 2
    return _gathered(np.abs(total - pairs) if ordered else total, ways)


def table_distribution(margins: tuple[Margin, Margin]) -> Distribution:
    """Distribution of the product of cell factorials over all tables with these margins.

    Raises
    ------
    StudyError
        If more than `MOST_TABLES` partial tables would have to be visited.
    """
    rows, columns = sorted(margins, key=len)
    found: dict[Margin, dict[int, int]] = {rows: {1: 1}}
    visited = 0
    for count in columns:
        coming: dict[Margin, dict[int, int]] = {}
        for left, products in found.items():
            for cells in compositions(count, left):
                visited += len(products)
                _check(visited, MOST_TABLES)
                target = coming.setdefault(tuple(a - b for a, b in zip(left, cells, strict=True)), {})
                own = math.prod(math.factorial(cell) for cell in cells)
                for product, tables in products.items():
                    target[product * own] = target.get(product * own, 0) + tables
        found = coming
    (products,) = found.values()
    up = math.prod(math.factorial(count) for count in (*rows, *columns))
    ordered = sorted(products)
    ways = [float(products[product] * up // product) for product in ordered]
    return np.array([float(product) for product in ordered]), np.array(ways)


def compositions(count: int, most: Margin) -> list[Margin]:
    """All ways to take `count` items from levels that hold at most so many, in lexical order."""
    if len(most) == 1:
        return [(count,)] if count <= most[0] else []
    rest = sum(most[1:])
    taken = range(max(0, count - rest), min(count, most[0]) + 1)
    return [(here, *others) for here in taken for others in compositions(count - here, most[1:])]


def _check(steps: int, most: int) -> None:
    if steps > most:
        raise StudyError(
            f"the exact distribution would take about {steps:,} steps, {most:,} are allowed; "
            "pass a seed to draw arrangements at random instead, or compare fewer cases or coarser levels"
        )


def _sides(margins: tuple[Margin, Margin]) -> tuple[Margin, Margin]:
    """The side with fewer states is carried as the remaining levels; the statistic is the same either way."""
    one, two = margins
    return (two, one) if math.prod(m + 1 for m in one) < math.prod(m + 1 for m in two) else (one, two)


def _reduced(margin: Margin) -> tuple[Integers, int]:
    """Double ranks from 0 in the smallest whole steps, and the unit that was divided by."""
    ranks = double_ranks(margin)
    above = ranks - ranks[0]
    unit = max(1, int(np.gcd.reduce(above)))
    return above // unit, unit


def _width(items: Margin, levels: Margin) -> int:
    one, two = (np.repeat(_reduced(side)[0], side) for side in (items, levels))
    return int((one * two).sum()) + 1


def _counted(inside: Integers, below: Integers) -> Integers:
    """For each row, the sum of `below` over the items inside; small whole numbers, so no threaded library."""
    total = np.zeros_like(inside)
    for item in range(inside.shape[1]):
        total += inside[:, item, None] * below[:, item]
    return total


def _chosen(inside: Integers, worth: Integers, left: int, size: int) -> tuple[Integers, Integers]:
    """Sum of worth, and bits, of each choice of `size` of the items left; shape (n_rows, n_choices)."""
    items = np.argsort(inside, axis=1, kind="stable")[:, :left]
    choices = np.array(list(itertools.combinations(range(left), size)), dtype=np.int64)
    gain = np.zeros((len(inside), len(choices)), dtype=np.int64)
    bits = np.zeros_like(gain)
    for place in range(size):
        item = items[:, choices[:, place]]
        gain += np.take_along_axis(worth, item, axis=1)
        bits += np.int64(1) << item
    return gain, bits


def _merged(taken: Integers, total: Integers, ways: Floats, repeats: int) -> tuple[Integers, Integers, Floats]:
    """Rows with the same items taken and the same total become one."""
    totals, place = np.unique(total.ravel(), return_inverse=True)
    items, which = np.unique(taken.ravel(), return_inverse=True)
    rows, row = np.unique(which * len(totals) + place, return_inverse=True)
    counted: Floats = np.bincount(row, np.repeat(ways, repeats)).astype(np.float64)
    return items[rows // len(totals)], totals[rows % len(totals)], counted


def _gathered(scored: Integers, ways: Floats) -> Distribution:
    values, place = np.unique(scored, return_inverse=True)
    return values.astype(np.float64), np.bincount(place, ways).astype(np.float64)
