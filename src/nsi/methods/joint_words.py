"""What a joint display says in words: scores with their interval, withheld ones, sources of quotes, and holes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

LINE_ENDS = re.compile("[^\\S\n]*[\n\r\x0b\x0c\u0085\u2028\u2029]\\s*")
NO_THEME = "no theme rated yet"
NO_QUOTE = "no quote chosen"
NO_INFERENCE = "inference not written yet"
NO_FIT = "fit not judged yet"
WITHHELD = "withheld"


def score_words(row: Mapping[Any, Any], least: int | None, digits: int) -> str:
    """Say a score with its interval, or why there is none.

    Parameters
    ----------
    row : mapping
        estimate, low, high, flag.
    least : int or None
        Smallest n that may be told.
    digits : int
        Decimals.

    Returns
    -------
    str
        Such as ``"3.42 (3.20 to 3.64)"``, ``"3.42 (no interval)"``, ``"withheld (n<5)"`` or ``"no responses"``.
    """
    if pd.isna(row["estimate"]):
        return reason_words(row["flag"], least)
    value = number_words(row["estimate"], digits)
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{value} (no interval)"
    return f"{value} ({number_words(row['low'], digits)} to {number_words(row['high'], digits)})"


def number_words(value: float, digits: int) -> str:
    """Print a number with a real minus sign, and never a negative zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\u2212")


def count_words(row: Mapping[Any, Any], least: int | None) -> str:
    """Say how many answered; of a withheld case only that it is fewer than may be told."""
    if WITHHELD in row["flag"].split(";"):
        return WITHHELD if least is None else f"<{least}"
    return "not known" if pd.isna(row["n"]) else f"{row['n']:,.0f}"


def reason_words(flag: str, least: int | None) -> str:
    """Say why there is no score; of several reasons, that it is withheld tells all."""
    parts = [part.strip() for part in flag.split(";")]
    if WITHHELD in parts:
        return WITHHELD if least is None else f"{WITHHELD} (n<{least})"
    return ", ".join(part.replace("_", " ") for part in parts if part)


def fit_words(fits: Sequence[str], judged: Sequence[str], cases: str) -> str:
    """Say which fit people found most often.

    Parameters
    ----------
    fits : sequence of str
        All fits that there are.
    judged : sequence of str
        What stands in each case; other words than these mean that nobody has judged it yet.
    cases : str
        What cases are called.

    Returns
    -------
    str
        Such as ``"Most often the material expands the scores: 20 of 29 cases judged, 5 not judged yet"``.
    """
    counts = {fit: [*judged].count(fit) for fit in fits}
    known = len([fit for fit in judged if fit in counts])
    most = max(counts.values(), default=0)
    first = [fit for fit in fits if counts[fit] == most]
    rest = f", {len(judged) - known} not judged yet" if known < len(judged) else ""
    if not known:
        return f"Whether scores and material fit is not judged yet in any of {len(judged)} {cases}"
    if len(first) > 1:
        words = " and ".join(map(_of_scores, first))
        return f"Equally often the material {words}: {most} each of {known} {cases} judged{rest}"
    return f"Most often the material {_of_scores(first[0])}: {most} of {known} {cases} judged{rest}"


def _of_scores(fit: str) -> str:
    return "is silent on the scores" if fit == "silent" else f"{fit} the scores"


def theme_words(rating: str, summary: str) -> str:
    """Join rating and summary; "" where there is neither."""
    return ": ".join(part for part in (rating, summary) if part)


def quote_words(row: Mapping[Any, Any]) -> str:
    """Set a quote in quotation marks on one line, with where it comes from."""
    parts = (row.get("document"), row.get("place"))
    source = ", ".join(str(part) for part in parts if isinstance(part, str) and part.strip())
    text = LINE_ENDS.sub(" ", row["text"].strip())
    return f"\u201c{text}\u201d" + (f" ({source})" if source else "")
