"""Labels that want to stand beside their marks but must not touch each other."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Move label centres as little as possible so that labels neither overlap nor leave their room.

    Parameters
    ----------
    wanted : sequence of float, shape (n_labels,)
        Where each centre would be best, in ascending order, mm.
    heights : sequence of float, shape (n_labels,)
        Height of each label with the air around it, mm.
    low, high : float
        Room in mm; it must hold the sum of the heights, else labels go beyond `high`.

    Returns
    -------
    list of float
        Centres in the same order. Labels that touch share their displacement (least squares).
    """
    # Without their own heights the centres must only not decrease: that is isotonic regression, solved by
    # pooling neighbours that are in the wrong order. Then the heights are added back.
    before = [sum(heights[:i]) + heights[i] / 2 for i in range(len(heights))]
    pools: list[list[float]] = []
    for centre, offset in zip(wanted, before, strict=True):
        pools.append([centre - offset])
        while len(pools) > 1 and _mean(pools[-2]) >= _mean(pools[-1]):
            pools[-2].extend(pools.pop())
    last_start = max(high - sum(heights), low)
    starts = [min(max(_mean(pool), low), last_start) for pool in pools for _ in pool]
    return [start + offset for start, offset in zip(starts, before, strict=True)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
