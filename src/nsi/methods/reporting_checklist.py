"""What a report of coding reliability must hold, item by item: answered from data and declaration, or not recorded.

Sources: O'Connor & Joffe 2020 (10.1177/1609406919899220), McDonald, Schoenebeck & Forte 2019 (10.1145/3359174).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.coded_units import POOLED
from nsi.methods.consensus import NOT_RECORDED, told_changes
from nsi.methods.methods_paragraph import (
    REPORTING,
    UNDEFINED,
    CodingFacts,
    counted,
    declared_or_gap,
    told_agreement,
    told_cutoffs,
    told_days,
    told_double,
    told_missing,
    told_name,
    told_rounds,
)

# Results that answer an item by being shown; the caller says where each stands.
SHOWN = {
    "by_code": "a table of agreement per code",
    "overall": "a table of agreement over all codes",
    "confusion": "a table of which codes were taken for which",
    "disagreements": "a count of disagreements by pair of codes",
    "drift": "a figure or table of agreement over coding time",
}
GAP = re.compile(r"\[not recorded: [^\]]*\]")


def reporting_checklist(facts: CodingFacts, shown: Mapping[str, str]) -> pd.DataFrame:
    """Answer what reporting standards ask of a reliability report.

    Parameters
    ----------
    facts : CodingFacts
        From `nsi.methods.methods_paragraph.coding_facts`.
    shown : mapping of str to str
        Where results stand, by the keys of `SHOWN`, such as ``{"confusion": "figure confusion_x"}``; leave out
        what is not shown.

    Returns
    -------
    DataFrame, 14 rows
        item (1 to 14), asked, answer, answered ("yes", "in part", "not recorded"), to_declare (what would answer
        the rest; empty where nothing is lacking).

    Raises
    ------
    StudyError
        If `shown` has an unknown key.
    """
    stray = [key for key in shown if key not in SHOWN]
    if stray:
        raise StudyError(f"the checklist knows no result {listed(stray)}; it knows {', '.join(SHOWN)}")
    rows = [_row(number, item, facts, shown) for number, item in enumerate(_items(facts), start=1)]
    return pd.DataFrame(rows, columns=["item", "asked", "answer", "answered", "to_declare"])


def reliability_as_text(
    reliability: pd.DataFrame, *, confidence: float, case_labels: Mapping[str, str], digits: int = 2
) -> pd.DataFrame:
    """Write a reliability table as a reader wants it on paper: rounded, intervals in one column, words for flags.

    Parameters
    ----------
    reliability : DataFrame
        Columns of `nsi.methods.reliability.reliability`.
    confidence : float
        Share of replicates inside the interval; stands in the header.
    case_labels : mapping of str to str
        Words for each case; a case without words keeps its id.
    digits : int
        Decimal places.

    Returns
    -------
    DataFrame, one row per case and coefficient
        Text: Cases, Coefficient, Estimate ("undefined: ..." where it is), the interval (a dash where there is none),
        Units coded twice or more, Units.
    """
    words = {POOLED: "All", **case_labels}
    rows = []
    for row in reliability.to_dict("records"):
        name, why = told_name(row["coefficient"]), UNDEFINED.get(row["flag"], row["flag"])
        interval = f"{row['ci_low']:.{digits}f} to {row['ci_high']:.{digits}f}" if pd.notna(row["ci_low"]) else "–"
        rows.append((
            words.get(row["case"], row["case"]), f"{name[0].upper()}{name[1:]}",
            f"undefined: {why}" if why else f"{row['estimate']:.{digits}f}", interval,
            f"{row['n_pairable']:,}", f"{row['n_units']:,}",
        ))  # fmt: skip
    columns = ["Cases", "Coefficient", "Estimate", f"{confidence:.0%} interval", "Units coded twice or more", "Units"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


@dataclass(frozen=True)
class _Item:
    """What is asked, what the data say, which declared keys answer it, and which results do."""

    asked: str
    from_data: str = ""
    keys: Sequence[str] = ()
    results: Sequence[str] = ()


def _items(facts: CodingFacts) -> list[_Item]:
    names = "; ".join(told_name(name) for name in facts.estimates["coefficient"])
    used = f"{names}; {facts.level} level; computed by nsi.methods.agreement, versions in requirements.lock."
    several = ("drawn", "when") if facts.n_double else ()
    return [
        _Item("Purpose of agreement, and stance", keys=["purpose"]),
        _Item("Unit of coding, and who cut it", f"{counted(facts.n_units, 'unit')}.",
              ["unit_of_coding", "unitized_by"]),
        _Item("Coders: number, training, inside or outside, blind to what",
              f"{counted(facts.n_coders, 'coder')}.", ["training", "coder_roles", "blind"]),
        _Item("Share coded by several coders, and how drawn", told_double(facts), several[:1]),
        _Item("When: before, during or after the main coding", told_days(facts), several[1:]),
        _Item("Codebook version per round", told_rounds(facts)),
        _Item("Coefficient, level, software, cut-offs declared beforehand", f"{used} {told_cutoffs(facts)}"),
        _Item("Agreement per code and over all, with intervals", told_agreement(facts), (), ["overall", "by_code"]),
        _Item("Which codes were taken for which", "", (), ["confusion", "disagreements"]),
        _Item("How disagreements were settled, and how many labels changed", told_changes(facts.changes),
              ["resolution"]),
        _Item("What was dropped or merged after low agreement", keys=["dropped_or_merged"]),
        _Item("Which labels are the final data", keys=["final_data"]),
        _Item("Check for drift", "", ["drift"], ["drift"]),
        _Item("Pattern of missing ratings", told_missing(facts), ["missing"] if facts.missing else ()),
    ]  # fmt: skip


def _row(number: int, item: _Item, facts: CodingFacts, shown: Mapping[str, str]) -> tuple[object, ...]:
    """Put together what answers an item, and what would answer the rest of it."""
    told = [GAP.sub("", item.from_data).strip()]
    told += [declared_or_gap(facts, key) for key in item.keys if key in facts.reporting]
    told += [f"Shown: {shown[name]}." for name in item.results if name in shown]
    told = [text for text in told if text]
    lacking = [text.strip("[]").removeprefix("not recorded: ") for text in GAP.findall(item.from_data)]
    lacking += [f"settings.reporting.{key}: {REPORTING[key][0]}" for key in item.keys if key not in facts.reporting]
    lacking += [f"show {SHOWN[name]}" for name in item.results if name not in shown]
    answered = ("in part" if lacking else "yes") if told else NOT_RECORDED
    return number, item.asked, " ".join(told) or NOT_RECORDED, answered, "; ".join(lacking)
