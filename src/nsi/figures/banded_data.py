"""What the figure of banded cases asks of its frames, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_codes, require_columns, require_labels, require_order
from nsi.figures.value_columns import require_once, require_reasons, require_values

TABLE = "table of banded cases"
RANKED = "table of ranks"
NEEDED = ["case", "band", "value", "low", "high", "flag"]
RANKS = ("rank_low", "rank_median", "rank_high")


@dataclass(frozen=True)
class BandedData:
    """Cases in drawing order with their bands; values, ranks and words, all checked."""

    cases: list[str]
    band: dict[str, str]
    bands: list[str]
    occasions: list[str]
    values: pd.DataFrame
    ranks: pd.DataFrame | None
    n_ranks: int
    columns: dict[str, dict[str, str]]


def banded_data(
    frame: pd.DataFrame,
    labels: Mapping[str, str],
    bands: Mapping[str, str],
    occasions: Mapping[str, str] | None,
    columns: Mapping[str, Mapping[str, str]] | None,
    ranks: pd.DataFrame | None,
) -> BandedData:
    """Check the frames and put the cases into drawing order: band after band, as they come within each.

    Parameters
    ----------
    frame, labels, bands, occasions, columns, ranks
        As for `banded_cases`.

    Raises
    ------
    StudyError
        See `banded_cases`.
    """
    keys = ["case", "occasion"] if occasions is not None else ["case"]
    require_columns(frame, NEEDED + keys[1:], table=TABLE)
    require_once(frame, keys, table=TABLE)
    require_order(list(bands), what=f"bands of the {TABLE}")
    require_codes(frame["band"].astype(str), list(bands), table=TABLE)
    if occasions is not None:
        require_codes(frame["occasion"].astype(str), list(occasions), table=TABLE)
    values = _values(frame, occasions)
    band = _band(values)
    order = [case for name in bands for case in band if band[case] == name]
    require_labels(labels, order, what=f"cases of the {TABLE}")
    require_labels(bands, list(dict.fromkeys(band.values())), what=f"bands of the {TABLE}")
    told = {head: dict(texts) for head, texts in (columns or {}).items()}
    for head, texts in told.items():
        require_labels(texts, order, what=f"column '{head}' of the {TABLE}")
    there = [name for name in bands if name in set(band.values())]
    ranked, n_ranks = (None, 0) if ranks is None else _ranked(ranks, order)
    return BandedData(order, band, there, list(occasions) if occasions else [""], values, ranked, n_ranks, told)


def _values(frame: pd.DataFrame, occasions: Mapping[str, str] | None) -> pd.DataFrame:
    """Numbers as numbers; an interval must hold its value."""
    values = frame.assign(
        case=frame["case"].astype(str), band=frame["band"].astype(str),
        occasion=frame["occasion"].astype(str) if occasions is not None else "",
        **{name: require_values(frame, name, table=TABLE) for name in ("value", "low", "high")},
    )  # fmt: skip
    require_reasons(values, "value", table=TABLE)
    outside = (values["value"] < values["low"]) | (values["value"] > values["high"])
    if outside.any():
        case = values.loc[outside, "case"].iloc[0]
        raise StudyError(f"{TABLE}: the value of case '{case}' lies outside its interval; compute both again")
    if values["value"].isna().all():
        raise StudyError(f"{TABLE}: no case has a value to draw; say so in words instead of drawing")
    return values


def _band(values: pd.DataFrame) -> dict[str, str]:
    pairs = values[["case", "band"]].drop_duplicates()
    twice = pairs[pairs["case"].duplicated()]
    if len(twice):
        raise StudyError(f"{TABLE}: case '{twice['case'].iloc[0]}' stands in two bands; give it one")
    return dict(zip(pairs["case"], pairs["band"], strict=True))


def _ranked(ranks: pd.DataFrame, order: Sequence[str]) -> tuple[pd.DataFrame, int]:
    """Ranks of the cases drawn; how many ranks there are is told by the highest and by the number of cases."""
    require_columns(ranks, ["case", *RANKS], table=RANKED)
    require_once(ranks, ["case"], table=RANKED)
    numbers = ranks.assign(
        case=ranks["case"].astype(str),
        **{name: require_values(ranks, name, table=RANKED, low=1) for name in RANKS},
    )  # fmt: skip
    wrong = (numbers["rank_low"] > numbers["rank_median"]) | (numbers["rank_median"] > numbers["rank_high"])
    if wrong.any():
        case = numbers.loc[wrong, "case"].iloc[0]
        raise StudyError(f"{RANKED}: rank_low, rank_median and rank_high of case '{case}' are out of order")
    highest = numbers["rank_high"].max()
    return numbers, max(len(order), int(highest) if pd.notna(highest) else 0)
