"""The lines of a reliability figure: what each coefficient shows, or why it shows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_counts, require_order
from nsi.figures.lettering import block_height, wrap
from nsi.figures.style import MARKS

STEP = 3.3  # mm between the dots of one row: a line of 7 pt fits
PAD = 2.0  # mm that a row is higher than what stands in it
COUNT = 19.0  # mm for the column of n
FLAGS = {
    "no_variation": "no variation",
    "single_coder": "one coder only",
    "no_overlap": "no unit rated twice",
    "empty": "no ratings",
}


@dataclass(frozen=True)
class Row:
    """One line of the figure: its label, its n, and per coefficient an estimate with interval or a reason."""

    label: str
    n: str
    dots: tuple[tuple[float, float, float] | str, ...]
    height: float


def reliability_order(
    table: pd.DataFrame, rows: str, coefficients: Sequence[str], order: Sequence[str] | None
) -> Sequence[str]:
    """Refuse what cannot be drawn, and give the lines in drawing order."""
    needed = [rows, "coefficient", "estimate", "ci_low", "ci_high", "n_pairable", "flag"]
    require_columns(table, needed, table="reliability table")
    require_counts(table, "n_pairable", table="reliability table")
    require_order(coefficients, what="coefficients")
    if len(coefficients) > len(MARKS):
        raise StudyError(
            f"{len(coefficients)} coefficients asked for, {len(MARKS)} can be told apart; draw two figures"
        )
    unknown = [name for name in coefficients if name not in set(table["coefficient"])]
    if unknown:
        raise StudyError(
            f"coefficient '{unknown[0]}' is not in the reliability table; found: "
            f"{listed(sorted(set(table['coefficient'])), 12)}; correct the name or compute it first"
        )
    twice = table[table.duplicated([rows, "coefficient"]) & table["coefficient"].isin(list(coefficients))]
    if len(twice):
        raise StudyError(
            f"reliability table: {rows} '{twice[rows].iloc[0]}' has {twice['coefficient'].iloc[0]} "
            f"more than once; filter the table to one row per {rows} and coefficient before drawing"
        )
    present = list(dict.fromkeys(str(name) for name in table[rows]))
    stray = [name for name in order or [] if name not in present]
    if stray:
        raise StudyError(
            f"{rows} '{stray[0]}' is not in the reliability table; correct the order or compute it first"
        )
    require_order(order if order is not None else present, what=f"{rows}s to draw")
    return order if order is not None else present


def reliability_row(table: pd.DataFrame, label: str, width: float, coefficients: Sequence[str]) -> Row:
    """Gather one line: what to draw for each coefficient, and how high the line must be."""
    dots: list[tuple[float, float, float] | str] = []
    remarks = []
    for name in coefficients:
        found = table[table["coefficient"] == name]
        dots.append("not computed" if found.empty else _dot(found.iloc[0], label))
        if not found.empty and not isinstance(dots[-1], str) and _flag(found.iloc[0]):
            remarks.append(f"({_flag(found.iloc[0])})")
    text = wrap("\n".join([label, *dict.fromkeys(remarks)]), width)
    counts = dict.fromkeys(f"{int(n):,}" for n in table["n_pairable"])
    n = wrap(" / ".join(counts) or "–", COUNT - 1)
    height = max(len(coefficients) * STEP, block_height(text), block_height(n)) + PAD
    return Row(text, n, tuple(dots), height)


def _dot(found: pd.Series[float], label: str) -> tuple[float, float, float] | str:
    estimate, low, high = (
        float(found[column]) if pd.notna(found[column]) else float("nan")
        for column in ("estimate", "ci_low", "ci_high")
    )
    if estimate > 1:
        raise StudyError(
            f"reliability table: {found['coefficient']} of '{label}' is {estimate:g}, but is at most 1; "
            "give it as a share, not in per cent"
        )
    if pd.notna(estimate):
        return estimate, low, high
    if not _flag(found):
        raise StudyError(
            f"reliability table: {found['coefficient']} of '{label}' is missing without a reason; "
            f"put one in flag: {', '.join(FLAGS)}"
        )
    return _flag(found)


def _flag(found: pd.Series[float]) -> str:
    flag = "" if pd.isna(found["flag"]) else str(found["flag"]).strip()
    return FLAGS.get(flag, flag.replace("_", " "))
