"""The parts of a timeline in lanes: its scale of years, and per case the lanes with their events in mm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_columns
from nsi.figures.lane_layout import Placed, Told, packed, told_events
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.style import OKABE_ITO

MARKS_TABLE = "table of marked periods"
TRACK = 4.2  # mm of one track of a lane
RUG = 3.2  # mm of the row of ticks, more where its name has several lines
LABEL = 0.2  # of the page, the most that the names of lanes may take
HEAD = line_height() + 1.6  # mm for the name of a case
FILLS = (OKABE_ITO[0], OKABE_ITO[1], OKABE_ITO[3], OKABE_ITO[5], OKABE_ITO[6], OKABE_ITO[2], OKABE_ITO[4])


@dataclass(frozen=True)
class Block:
    """One case: its lanes (label, fill, events, height in mm), its ticks in mm, its list."""

    label: str
    lanes: tuple[tuple[str, str, tuple[Placed, ...], float], ...]
    ticks: tuple[float, ...]
    told: tuple[Told, ...]

    def height(self, rug: float) -> float:
        """Give the height from its name to its last row, mm; `rug` is that of the row of ticks."""
        return HEAD + fsum(lane[3] for lane in self.lanes) + rug


@dataclass(frozen=True)
class Scale:
    """Days to mm: from the first day of the first year to the last of the last."""

    first: pd.Timestamp
    years: tuple[int, ...]
    left: float
    width: float

    @property
    def per_day(self) -> float:
        """Give the length of a day, mm."""
        return self.width / (pd.Timestamp(self.years[-1] + 1, 1, 1) - self.first).days

    def at(self, day: pd.Timestamp) -> float:
        """Give the way from the left end to a day, mm."""
        return (day - self.first).days * self.per_day


def marked_periods(marks: pd.DataFrame) -> pd.DataFrame:
    """Give the marked periods with their dates as dates, by start.

    Raises
    ------
    StudyError
        If a column or date is missing, or a period ends before it starts.
    """
    missing = [column for column in ("label", "start", "end") if column not in marks.columns]
    if missing:
        raise StudyError(f"{MARKS_TABLE} lacks column {missing[0]}; give label, start and end, or a table without rows")
    dated = marks.assign(start=pd.to_datetime(marks["start"]), end=pd.to_datetime(marks["end"]))
    if dated[["start", "end"]].isna().any(axis=None) or (dated["end"] < dated["start"]).any():
        raise StudyError(f"{MARKS_TABLE}: a period lacks a date or ends before it starts; correct its dates")
    return dated.sort_values("start", kind="stable")


def ticks_of(ticks: pd.DataFrame | None, cases: Mapping[str, str]) -> pd.DataFrame:
    """Give the ticks of the cases to draw, none where there is no table."""
    if ticks is None:
        return pd.DataFrame({"case": pd.Series(dtype="str"), "date": pd.Series(dtype="datetime64[ns]")})
    require_columns(ticks, ["case", "date"], table="table of ticks")
    kept = ticks[ticks["case"].astype(str).isin(list(cases))]
    return kept.assign(date=pd.to_datetime(kept["date"])).dropna(subset="date")


def scale_of(
    events: pd.DataFrame, marks: pd.DataFrame, ticks: pd.DataFrame, labels: Sequence[str], room: float
) -> Scale:
    """Fit whole years that hold every date beside labels of lanes into a width in mm."""
    days = pd.concat([events["start"], events["end"], marks["start"], marks["end"], ticks["date"]]).dropna()
    years = tuple(range(int(days.min().year), int(days.max().year) + 1))
    left = min(max(map(text_width, labels)) + 0.5, LABEL * room) + 2.0
    return Scale(pd.Timestamp(years[0], 1, 1), years, left, room - left - 4.0)


def block_of(
    events: pd.DataFrame, ticks: pd.DataFrame, case: str, label: str, lanes: Mapping[str, str], scale: Scale,
    room: float, most: int,
) -> Block:  # fmt: skip
    """Lay out one case."""
    own = events[events["case"].astype(str) == case]
    laid = []
    for place, (lane, name) in enumerate(lanes.items()):
        placed = packed(own[own["lane"].astype(str) == lane], scale.first, scale.per_day)
        words = wrap(name, scale.left - 2.0)
        needed = TRACK * max((event.track + 1 for event in placed), default=1) + 0.8
        laid.append((words, FILLS[place % len(FILLS)], tuple(placed), max(needed, block_height(words) + 1.0)))
    days = sorted(ticks.loc[ticks["case"].astype(str) == case, "date"])
    told = told_events(own, room - text_width("888") - 1.5, most)
    return Block(label, tuple(laid), tuple(scale.at(day) for day in days), tuple(told))
