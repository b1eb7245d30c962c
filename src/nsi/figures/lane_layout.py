"""Events in lanes: numbered, packed so that none touches another, and told in words with their dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.api.typing import NaTType

from nsi.errors import StudyError
from nsi.figures.frames import require_codes, require_columns, require_labels
from nsi.figures.lettering import block_height, text_width, wrap

TABLE = "table of events"
NEEDED = ["case", "lane", "start", "end", "text"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
AIR = 0.9  # mm between two events of one lane
INSIDE = 1.0  # mm beside a number that stands in its bar
POINT = 2.2  # mm, the mark of an event that has no end
BETWEEN = 0.8  # mm between two entries of the list


@dataclass(frozen=True)
class Placed:
    """One event: number, left end and width of its bar in mm (width 0: a day), track within its lane."""

    number: str
    left: float
    width: float
    track: int

    @property
    def inside(self) -> bool:
        """Whether the number fits into the bar."""
        return self.width >= text_width(self.number) + INSIDE


@dataclass(frozen=True)
class Told:
    """One entry of the list: its number, its lines, and the height that they take in mm."""

    number: str
    text: str
    height: float


def numbered_events(events: pd.DataFrame, cases: Sequence[str]) -> pd.DataFrame:
    """Number events through all cases, each case by date.

    Parameters
    ----------
    events : DataFrame
        One row per event: ``case``, ``lane``, ``start``, ``end`` (dates; end missing for an event of one day) and
        ``text``.
    cases : sequence of str
        Which cases, in the order wanted; events of others are left out.

    Returns
    -------
    DataFrame
        The same columns and ``number`` (text, from "1"), in the order of the numbers.

    Raises
    ------
    StudyError
        If a column is missing, a start is no date, an end lies before its start, or there is no event.
    """
    require_columns(events, NEEDED, table=TABLE)
    kept = events[events["case"].astype(str).isin(list(cases))]
    require_columns(kept, NEEDED, table=TABLE)
    dated = kept.assign(start=pd.to_datetime(kept["start"]), end=pd.to_datetime(kept["end"]))
    wrong = dated["start"].isna() | (dated["end"] < dated["start"])
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        start, end = dated["start"].iloc[row], dated["end"].iloc[row]
        found = "has no start" if pd.isna(start) else f"ends {end:%Y-%m-%d}, before it starts {start:%Y-%m-%d}"
        raise StudyError(f"{TABLE} row {row + 1}: the event {found}; correct its dates")
    place = {case: at for at, case in enumerate(cases)}
    order = dated.assign(_place=dated["case"].astype(str).map(place))
    order = order.sort_values(["_place", "start", "end", "text"], kind="stable").drop(columns="_place")
    return order.assign(number=[str(at + 1) for at in range(len(order))]).reset_index(drop=True)


def require_lanes(events: pd.DataFrame, cases: Mapping[str, str], lanes: Mapping[str, str]) -> None:
    """Refuse events whose case or lane has no label, or whose text is empty.

    Raises
    ------
    StudyError
        Naming the case, the lane, or the first row at fault (counted from 1).
    """
    require_labels(cases, list(cases), what="cases to draw")
    require_labels(lanes, list(lanes), what="lanes to draw")
    require_codes(events["lane"].astype("str"), list(lanes), table=TABLE)
    empty = events["text"].isna() | (events["text"].astype(str).str.strip() == "")
    if empty.any():
        row = int(empty.to_numpy().argmax())
        raise StudyError(f"{TABLE} row {row + 1}: the event has no text; say in a few words what happened")


def packed(events: pd.DataFrame, first: pd.Timestamp, per_day: float) -> list[Placed]:
    """Set the events of one lane side by side, on a further track where two would touch.

    Parameters
    ----------
    events : DataFrame
        Of one case and lane, with ``number``, by date.
    first : Timestamp
        Day at the left end of the scale.
    per_day : float
        mm of a day.
    """
    ends: list[float] = []
    placed = []
    for number, start, end in zip(events["number"], events["start"], events["end"], strict=True):
        left = (start - first).days * per_day
        width = 0.0 if pd.isna(end) else max((end - start).days * per_day, 0.7)
        found = Placed(str(number), left, width, 0)
        shown = width if found.inside else max(width, POINT / 2) + 0.5 + text_width(str(number))
        begins = left - (POINT / 2 if pd.isna(end) else 0.0)
        track = next((at for at, taken in enumerate(ends) if taken + AIR <= begins), len(ends))
        ends[track:] = [left + shown, *ends[track + 1 :]]
        placed.append(Placed(str(number), left, width, track))
    return placed


def period(start: pd.Timestamp, end: pd.Timestamp | NaTType) -> str:
    """Say when in months: "Mar 2022", "Mar–Jun 2022", "Nov 2022–Jan 2023"; the language does not follow the system."""
    begin = MONTHS[start.month - 1]
    if isinstance(end, NaTType) or (start.year, start.month) == (end.year, end.month):
        return f"{begin} {start.year}"
    close = f"{MONTHS[end.month - 1]} {end.year}"
    return f"{begin}–{close}" if start.year == end.year else f"{begin} {start.year}–{close}"


def shortened(text: str, most: int) -> str:
    """Cut text after a whole word, with "…", where it is longer than so many letters."""
    whole = " ".join(text.split())
    if len(whole) <= most:
        return whole
    return whole[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"


def told_events(events: pd.DataFrame, room: float, most: int) -> list[Told]:
    """Entries of the list of one case, lines broken to a width in mm."""
    told = []
    for number, start, end, text in zip(events["number"], events["start"], events["end"], events["text"], strict=True):
        line = wrap(f"{period(start, end)}: {shortened(str(text), most)}", room)
        told.append(Told(str(number), line, block_height(line) + BETWEEN))
    return told
