"""What every rendering of a joint display needs: its rows as text that a document can hold, and the scale of bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from nsi.documents.matrix_parts import readable
from nsi.errors import StudyError, listed, shown

EVIDENCE = ("full", "counts")
NOT_SHOWN = "chosen; not shown here"
NEEDED = ("case", "band", "estimate", "low", "high", "score", "n_told", "beside", "rating", "summary",
          "theme", "quote", "inference", "fit", "who", "written_on", "holes")  # fmt: skip
# Shape, word and meaning of each fit; the shape only repeats the word.
FITS = {
    "confirms": ("\u25cf", "both point the same way"),
    "expands": ("\u25b2", "the material adds what the score cannot tell"),
    "contradicts": ("\u2716", "they point apart"),
    "silent": ("\u25a1", "the material does not speak of what the score measures"),
}
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class JointRow(NamedTuple):
    """One case as a document shows it; `open` names the parts that people still have to write."""

    label: str
    band: str
    estimate: float
    low: float
    high: float
    score: str
    n: str
    beside: str
    rating: str
    summary: str
    quotes: tuple[str, ...]
    inference: str
    fit: str
    by: str
    open: frozenset[str]
    holes: str


@dataclass(frozen=True)
class Scale:
    """What bars are drawn on: its ends, round numbers within, and what scores are compared with."""

    low: float
    high: float
    ticks: tuple[float, ...]
    middle: float | None

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at the lower end to 1 at the upper."""
        return (value - self.low) / (self.high - self.low)

    def told(self, value: float) -> str:
        """Print a number of the scale with as many decimals as its round numbers need."""
        digits = next((n for n in range(4) if all(abs(round(tick, n) - tick) < 1e-9 for tick in self.ticks)), 4)
        text = f"{value:.{digits}f}"
        return text.lstrip("-") if float(text) == 0 else text.replace("-", "\u2212")


def joint_rows(frame: pd.DataFrame, labels: Mapping[str, str], evidence: str) -> list[JointRow]:
    """Prepare a joint display for a document.

    Parameters
    ----------
    frame : DataFrame
        From `nsi.methods.joint_display`: one row per case, in display order.
    labels : mapping of str to str
        Case to printed label; a case without one is shown by its id.
    evidence : str
        full: with quotes; counts: only whether a quote was chosen.

    Returns
    -------
    list of JointRow
        Every text whole, and one that a document can hold.

    Raises
    ------
    StudyError
        If a column is lacking, there is no row, or `evidence` is another word.
    """
    if evidence not in EVIDENCE:
        raise StudyError(f"evidence is {shown(evidence)}, but allowed are {' and '.join(EVIDENCE)}; correct it")
    absent = [name for name in NEEDED if name not in frame.columns]
    if absent or frame.empty:
        lacking = f"lacks the column(s) {listed(absent)}" if absent else "has no rows"
        raise StudyError(f"joint display {lacking}; build it with joint_display")
    return [_row(row, labels, evidence) for row in frame.to_dict("records")]


def _row(row: Mapping[Any, Any], labels: Mapping[str, str], evidence: str) -> JointRow:
    text = {name: readable(str(row[name])) for name in NEEDED if isinstance(row[name], str)}
    still = str(row["holes"]).split("; ")
    missing = frozenset(name for name in ("theme", "quote", "inference", "fit") if row[name] in still)
    quotes = (text["quote"],) if "quote" in missing or evidence == "full" else (NOT_SHOWN,)
    day = "" if pd.isna(row["written_on"]) else str(row["written_on"])[:10]
    return JointRow(
        readable(labels.get(row["case"], row["case"])), text["band"],
        float(row["estimate"]), float(row["low"]), float(row["high"]),
        text["score"], text["n_told"], text["beside"], text["rating"],
        text["theme"] if "theme" in missing else text["summary"],
        tuple(part for quote in quotes for part in quote.split("\n")), text["inference"], text["fit"],
        ", ".join(part for part in (text["who"], day) if part), missing, text["holes"],
    )  # fmt: skip


def band_words(row: JointRow) -> str:
    """Say under which heading a case stands."""
    return row.band or ("No score" if math.isnan(row.estimate) else "No band")


def scale_of(rows: Iterable[JointRow], middle: float | None, within: tuple[float, float] | None) -> Scale:
    """Return a scale that holds all scores, their intervals, the middle, and what it must cover in any case."""
    values = [value for row in rows for value in (row.estimate, row.low, row.high)]
    values += [*(within or ()), *([] if middle is None else [middle])]
    finite = [value for value in values if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    power = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = next(size * power for size in STEPS if size * power >= (high - low) / 4 - 1e-12)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    air = 0.03 * (high - low)
    return Scale(low - air, high + air, tuple(round(step * n, 9) for n in range(first, last + 1)), middle)


def middle_words(middle: float | None) -> str:
    """Say what the dashed line of bars is; "" where there is none."""
    return "" if middle is None else f"; dashed line: all cases, {middle:.2f}"


def bar_words(row: JointRow, scale: Scale) -> str:
    """Say what a bar shows, for those who cannot see it."""
    beside = "" if scale.middle is None else f"; dashed line at {scale.middle:.2f}"
    ends = f"scale drawn from {scale.low:.2f} to {scale.high:.2f}{beside}"
    return f"{row.label}: score {row.score}, {ends}"


def case_words(n: int) -> str:
    """Say how many cases: ``1 case``, ``3 cases``."""
    return f"{n:,} case" if n == 1 else f"{n:,} cases"


def fit_words() -> str:
    """Say what each fit means."""
    return "; ".join(f"{word}: {meaning}" for word, (_, meaning) in FITS.items())


def open_words(rows: list[JointRow]) -> str:
    """Say how many cases still lack something that people have to write."""
    lacking = sum(bool(row.open) for row in rows)
    return f"In {lacking} of {case_words(len(rows))} something is still to be written." if lacking else ""
