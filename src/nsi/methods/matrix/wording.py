"""What is printed in a cell, in words: counts, ratings, lists of cases, values, and the two kinds of nothing."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nsi.methods.matrix.plan import Attribute

NONE_FOUND = "looked for, none found"
NOT_LOOKED_FOR = "not looked for"
NO_CHANGE = "no change"
NO_VALUE = "not recorded"
TO_WRITE = "no summary yet"


def many(n: int, one: str, several: str) -> str:
    """Return a number with its noun: "1 segment", "3 segments", and "one source" where a word reads better."""
    return f"{n:,} {one if n == 1 else several}"


def for_and_against(cell: Mapping[Any, Any]) -> str:
    """Tell how many segments speak for and against; only "3 segments" where none speaks against."""
    supporting, contrary = int(cell["n_supporting"]), int(cell["n_contrary"])
    if not contrary:
        return many(supporting, "segment", "segments")
    return f"{supporting:,} for, {contrary:,} against" if supporting else f"{contrary:,} against"


def nothing(state: str) -> str:
    """Return the words for a cell without segments; "" for one that has some."""
    return {"absent": NONE_FOUND, "not_looked": NOT_LOOKED_FOR}.get(state, "")


def counts_text(cell: Mapping[Any, Any], state: str) -> str:
    """Return what a cell that shows counts prints: "3 for, 1 against, 2 sources"."""
    return nothing(state) or f"{for_and_against(cell)}, {many(int(cell['n_sources']), 'source', 'sources')}"


def rating_text(cell: Mapping[Any, Any], state: str, rating: object) -> str:
    """Return what a cell that shows a rating prints: "some (3 for, 1 against; one source)"."""
    if state == "not_looked" or pd.isna(rating):  # type: ignore[call-overload]
        return nothing(state) or counts_text(cell, state)
    if state == "absent":
        return f"{rating} ({NONE_FOUND})"
    spread = cell.get("spread")
    parts = [spread] if isinstance(spread, str) and spread else []
    parts += [for_and_against(cell)] if cell["n_contrary"] else []
    if state == "thin" or cell["n_sources"] == 1:
        parts.append("one source" if cell["n_sources"] == 1 else many(int(cell["n_sources"]), "source", "sources"))
    return f"{rating} ({'; '.join(parts)})" if parts else str(rating)


def summary_text(cell: Mapping[Any, Any], state: str) -> str:
    """Return what stands where a summary is to be written: how much there is to read."""
    return nothing(state) or f"{TO_WRITE}: {counts_text(cell, state)}"


def value_text(value: object, attribute: Attribute) -> str:
    """Return what a cell that shows an attribute prints: its label, a number, or that it is not recorded."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return NO_VALUE
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "yes" if value else "no"
    if isinstance(value, (datetime.date, pd.Timestamp)):
        return f"{value:%Y-%m-%d}"
    text = str(value)
    if text in attribute.values:
        return attribute.values[text]
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        number = float(text)
        return f"{number:.0f}" if math.isfinite(number) and number == int(number) else f"{number:.2f}"
    return text.strip() or NO_VALUE


def cases_text(names: Sequence[str], of: int) -> str:
    """Return how many of how many cases, and which: "2 of 5 cases: A, B"."""
    whole = many(of, "case", "cases")
    return f"{len(names)} of {whole}: {', '.join(names)}" if names else f"none of {whole}"


def shown_in_tables(cells: pd.DataFrame) -> pd.Series:
    """Return what cells show, with "summary written" where that would be a text that somebody wrote, or its lack."""
    text = cells["summary"]
    stands = text.notna() & ((cells["shown"] == text) | cells["shown"].str.startswith(TO_WRITE))
    return cells["shown"].mask(stands, "summary written")
