"""The panels of a grid of means: for each scale and group the lines of all cases, or why there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.errors import StudyError
from nsi.figures.value_columns import few, reason, require_once, require_reasons, require_values

TABLE = "table of means by group"
COLUMNS = ["case", "wave", "scale", "n", "mean", "low", "high", "flag"]
KEY = ["scale", "group", "case", "wave"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """One panel: per case mean, low, high and n by wave (NaN where there is none), and why means are missing."""

    lines: tuple[tuple[Values, Values, Values, Values], ...]
    why: str

    @property
    def drawn(self) -> bool:
        """Whether there is any mean."""
        return any(not np.isnan(values).all() for values, *_ in self.lines)

    @property
    def counts(self) -> list[Values]:
        """Scores behind each mean, by case and wave; 0 where no mean is drawn."""
        return [np.where(np.isnan(values), 0.0, np.nan_to_num(n)) for values, _, _, n in self.lines]

    def values(self) -> Iterator[float]:
        """Means and ends of intervals."""
        for mean, low, high, _ in self.lines:
            yield from (float(value) for part in (mean, low, high) for value in part)


def group_line_panels(
    means: pd.DataFrame,
    waves: Mapping[str, str],
    scales: Mapping[str, str],
    groups: Mapping[str, str],
    cases: Mapping[str, str],
    least: int | None,
) -> dict[tuple[str, str], Panel]:
    """Refuse what cannot be drawn; give a panel for each scale and group.

    Parameters
    ----------
    means : DataFrame
        Columns scale, group, case, wave, n, mean, low, high and flag; other rows than those asked for are left out.
    waves, scales, groups, cases : mapping of str to str
        What is to be drawn, with printed labels.
    least : int, optional
        The smallest n that may be shown.

    Raises
    ------
    StudyError
        If a row stands twice, a number is none, a mean is missing without a reason, or there is no mean at all.
    """
    asked = pd.Series(True, index=means.index)
    for column, known in (("wave", waves), ("scale", scales), ("group", groups), ("case", cases)):
        asked &= means[column].astype(str).isin(list(known))
    kept = means[asked].astype(dict.fromkeys(KEY, str))
    require_once(kept, KEY, table=TABLE)
    numbers = {name: require_values(kept, name, table=TABLE) for name in ("mean", "low", "high")}
    require_values(kept, "n", table=TABLE, low=0)
    checked = kept.assign(**numbers, count=pd.to_numeric(kept["n"], errors="coerce").astype("float64"))
    require_reasons(checked, "mean", table=TABLE)
    if checked["mean"].isna().all():
        raise StudyError(f"{TABLE}: there is no mean to draw; say so in words instead of drawing")
    panels = {}
    for scale in scales:
        for group in groups:
            own = checked[(checked["scale"] == scale) & (checked["group"] == group)]
            lines = [_line(own[own["case"] == case], list(waves)) for case in cases]
            panels[scale, group] = Panel(tuple(lines), _why(own, waves, cases, least))
    return panels


def _line(own: pd.DataFrame, waves: list[str]) -> tuple[Values, Values, Values, Values]:
    table = own.set_index("wave").reindex(waves)
    mean, low, high, n = (table[name].to_numpy(dtype=float) for name in ("mean", "low", "high", "count"))
    return mean, low, high, n


def _why(own: pd.DataFrame, waves: Mapping[str, str], cases: Mapping[str, str], least: int | None) -> str:
    """Why means are missing: once where all are missing alike, otherwise by case and wave."""
    bare = own[own["mean"].isna()]
    reasons = [reason(flag, least, n if few(n, least) else None)
               for flag, n in zip(bare["flag"], bare["n"], strict=True)]  # fmt: skip
    if own.empty:
        return "not computed"
    if len(bare) == len(own):
        return "; ".join(dict.fromkeys(reasons))
    told = [f"{cases[case]} {waves[wave]}: {why}"
            for case, wave, why in zip(bare["case"], bare["wave"], reasons, strict=True)]  # fmt: skip
    return "; ".join(told)
