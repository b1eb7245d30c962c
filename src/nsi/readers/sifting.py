"""Which responses a rule takes out, and how a reader is told: one function per kind of rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from nsi.readers.item_answers import NOT_ASKED
from nsi.readers.people import ANONYMOUS
from nsi.readers.tables import REASON
from nsi.survey import Survey

# True where a response goes, the rule's name, and what it does.
Sifted = tuple[np.ndarray, str, str]
Said = Mapping[str, Any]


def drop_if(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Take out responses with one of some values; one without a value stays."""
    column, values = said["column"], said["values"]
    what = f"responses whose {column} is {' or '.join(values)} are left out"
    return frame[column].isin(values).to_numpy(), f"drop if {column}", what


def keep_if(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Take out responses without one of some values; one without a value goes."""
    column, values = said["column"], said["values"]
    what = f"responses whose {column} is {' or '.join(values)} stay, all others are left out"
    return ~frame[column].isin(values).to_numpy(), f"keep if {column}", what


def answered(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Take out responses that answered too small a share of the items that this respondent was asked."""
    share = Fraction(str(said["at_least"]))  # exact: 0.56 of 25 items are 14, and not a little more
    asked = np.zeros(len(frame), dtype="int64")
    for item in survey.items:
        asked += (frame[item + REASON] != NOT_ASKED).to_numpy()
    found = answers_of(frame, survey) * share.denominator < asked * share.numerator
    what = f"responses to less than {float(share):g} of the items that the respondent was asked are left out"
    return found, "answered", what + _stay(int((asked == 0).sum()), "asked no item")


def seconds(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Take out responses that were given too fast; one without a duration stays, and is counted."""
    column, least = said["column"], said["at_least"]
    blank = frame[column].isna().to_numpy()
    found = (frame[column].astype("float64") < least).to_numpy()
    what = f"responses of less than {least:g} seconds ({column}) are left out"
    return found, f"seconds: {column}", what + _stay(int(blank.sum()), "without a duration")


def straight_lining(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Find responses with one and the same answer, as given, to every item they answered.

    Sameness tells something only where it contradicts itself: among the answered items some must be reverse-keyed
    and some not. Where the respondent answered items of one direction only, somebody who is content looks the same,
    so such a response stays and is counted. Where the wave asked no reverse-keyed item at all, sameness alone has to
    do, and the log says so.
    """
    least = said["at_least_items"]
    count = answers_of(frame, survey)
    same = _same_answer(frame, survey) & (count >= least)
    reverse, plain = _answered_any(frame, survey, reverse=True), _answered_any(frame, survey, reverse=False)
    reversed_items = [name for name, item in survey.items.items() if item.reverse]
    asked_reverse = any((frame[name + REASON] != NOT_ASKED).any() for name in reversed_items)
    found = same & reverse & plain if asked_reverse else same
    what = f"one and the same answer to all of at least {least} items"
    if asked_reverse:
        what += ", reverse-keyed ones among them"
    else:
        what += " (no item asked is reverse-keyed, so that an honest answer may look like this)"
    if said["action"] == "keep":
        return np.zeros(len(frame), dtype=bool), "straight-lining", f"{what}: found {int(found.sum())}, left in"
    return found, "straight-lining", f"{what}: left out" + _stay(int((same & ~found).sum()), "in one direction only")


def not_on_roster(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Find responses of people who are not on the roster; where a case has no roster, nobody is absent from it."""
    found = (frame["on_roster"] == False).fillna(False).to_numpy(dtype=bool)  # noqa: E712 - not known is neither
    unknown = int(frame["on_roster"].isna().sum())
    what = "responses of people who are not on the roster of the case"
    if said["action"] == "keep":
        return np.zeros(len(frame), dtype=bool), "not on the roster", f"{what}: found {int(found.sum())}, left in"
    return found, "not on the roster", f"{what} are left out" + _stay(unknown, "of cases without a roster")


def duplicates(frame: pd.DataFrame, said: Said, survey: Survey) -> Sifted:
    """Take out all but one response of a person in a case; who is anonymous is nobody's second response."""
    keep, column = said["keep"], said["column"]
    doubled = frame[frame.duplicated(["case", "respondent"], keep=False)]
    doubled = doubled[~doubled["respondent"].str.startswith(ANONYMOUS)]
    order = pd.DataFrame({"case": doubled["case"], "respondent": doubled["respondent"]}, index=doubled.index)
    order["answers"] = answers_of(doubled, survey) if keep == "most_answered" else 0
    order["time"] = doubled[column] if column else 0
    order["response"] = doubled["response"].fillna("")
    first = keep == "first"
    # Row numbers come last: the order of the rows in a file says little.
    ranked = order.sort_index(kind="stable").sort_values(
        ["answers", "time", "response"], kind="stable", na_position="last" if first else "first"
    )
    gone = ranked.index[ranked.duplicated(["case", "respondent"], keep="first" if first else "last")]
    stays = {"most_answered": "with most answers", "latest": "given last", "first": "given first"}[keep]
    what = f"of several responses of one person in one case the one {stays} stays"
    if keep == "most_answered":
        what += ", of equal ones the last"
    return frame.index.isin(gone), f"duplicates: {keep}", what


def answers_of(frame: pd.DataFrame, survey: Survey) -> np.ndarray:
    """Return how many items each response answered."""
    count = np.zeros(len(frame), dtype="int64")
    for item in survey.items:
        count += frame[item].notna().to_numpy()
    return count


def _same_answer(frame: pd.DataFrame, survey: Survey) -> np.ndarray:
    least, most = np.full(len(frame), np.inf), np.full(len(frame), -np.inf)
    for item in survey.items:
        values = frame[item].to_numpy(dtype="float64", na_value=np.nan)
        least, most = np.fmin(least, values), np.fmax(most, values)
    same: np.ndarray = least == most
    return same


def _answered_any(frame: pd.DataFrame, survey: Survey, *, reverse: bool) -> np.ndarray:
    found = np.zeros(len(frame), dtype=bool)
    for name, item in survey.items.items():
        if item.reverse == reverse:
            found |= frame[name].notna().to_numpy()
    return found


def _stay(count: int, what: str) -> str:
    return f" ({count} {what} stay{'s' if count == 1 else ''})" if count else ""


SIFTS: dict[str, Callable[[pd.DataFrame, Said, Survey], Sifted]] = {
    "drop_if": drop_if, "keep_if": keep_if, "answered": answered, "seconds": seconds,
    "straight_lining": straight_lining, "not_on_roster": not_on_roster, "duplicates": duplicates,
}  # fmt: skip
