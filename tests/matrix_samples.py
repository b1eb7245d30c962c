"""Small hand-made matrices for tests of documents: every state of a cell, hostile texts, 3 x 4 and 11 x 12 cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

STATES = ("strong", "thin", "mixed", "absent", "not_looked", "value")
RATED = STATES[:3]
WORDS = {"absent": "looked for, none found", "not_looked": "not looked for"}
TYPES = ("interview", "report", "observation")
LONG = "A sentence of forty characters in a row. " * 1000 + "The end of it."  # 41,014 characters
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "formula": "=HYPERLINK(\"http://x\",\"y\")",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1+1)",
    "tab": "\t=1+1",
    "latex": r"\input{/etc/passwd} \write18{ls} $x_1^2$ 100% & #1 ~ {",
    "long": LONG,
    "right to left": "שלום עולם, مرحبا",
    "turned": "abc\u202edef\u2066ghi",
    "zero width": "zero\u200bwidth\u200djoined\ufeff",
    "control": "bell\x07null\x00esc\x1b[31m del\x7f c1\x85",
    "xml": "]]> &amp; <a> \"quoted\" 'too' <!-- x -->",
    "escape": "_x0041_ _x000D_",
    "surrogate": "half \ud800 of a pair",
    "emoji": "\U0001f600 \U0001f469\u200d\U0001f52c",
    "lines": "one\ntwo\r\nthree\rfour\u2028five",
}


@dataclass(frozen=True)
class SampleMatrix:
    """The fields of a matrix, as the renderers ask for them."""

    name: str
    title: str
    note: str
    display: str
    row_title: str
    column_title: str
    stamp: str
    rows: pd.DataFrame
    columns: pd.DataFrame
    cells: pd.DataFrame
    evidence: pd.DataFrame

    def changed(self, **parts: Any) -> SampleMatrix:
        """Return a copy with other parts."""
        return dataclasses.replace(self, **parts)


def _segment_text(row: int, column: int, number: int) -> str:
    return f"What was said in place {row}-{column} as number {number}: we met, looked at the run chart and changed it."


def sample_matrix(
    n_rows: int = 3,
    n_columns: int = 4,
    *,
    segments: Callable[[int, int], int] = lambda row, column: 2 + (row + column) % 3,
    text: Callable[[int, int, int], str] = _segment_text,
    stamp: str = "SYNTHETIC DATA",
) -> SampleMatrix:
    """Build a matrix in which the states follow each other cell by cell.

    Parameters
    ----------
    n_rows, n_columns : int
        Its size.
    segments : callable
        Row and column, from 0, to the number of segments of a strong or mixed cell; a thin one has one.
    text : callable
        Row, column and number to what a segment says.
    stamp : str
        Such as SYNTHETIC DATA.
    """
    states = [[STATES[(row * n_columns + column + row) % len(STATES)] for column in range(n_columns)]
              for row in range(n_rows)]  # fmt: skip
    bands = ["stronger", "uncertain", "weaker"]
    rows = pd.DataFrame({
        "row": [f"case{row}" for row in range(n_rows)],
        "label": [f"Case {chr(65 + row % 26)}" for row in range(n_rows)],
        "band": [bands[min(2, row * 3 // n_rows)] for row in range(n_rows)],
        "mark": ["rank interval crosses the cut" if row % 3 == 1 else "" for row in range(n_rows)],
        "order_value": [4.5 - row / 10 for row in range(n_rows)],
    })  # fmt: skip
    columns = pd.DataFrame({
        "column": [f"code{column}" for column in range(n_columns)],
        "label": [f"Use of theme {column + 1}" for column in range(n_columns)],
        "group": ["Routines" if column < n_columns // 2 else "Relations" for column in range(n_columns)],
        "badge": ["alpha .81 (.74 to .87), n 120" if column % 2 else "" for column in range(n_columns)],
        "definition": [f"What counts as theme {column + 1}." for column in range(n_columns)],
    })  # fmt: skip
    evidence = _evidence(states, segments, text)
    return SampleMatrix("strategies", "Strategies of cases by theme", "Cases in order of their score.", "case_ordered",
                        "cases", "themes", stamp, rows, columns, _cells(states, evidence), evidence)  # fmt: skip


def _evidence(
    states: Sequence[Sequence[str]], segments: Callable[[int, int], int], text: Callable[[int, int, int], str]
) -> pd.DataFrame:
    lines: list[dict[str, Any]] = []
    for row, along in enumerate(states):
        for column, state in enumerate(along):
            count = {"strong": segments(row, column), "thin": 1, "mixed": max(2, segments(row, column))}.get(state, 0)
            for number in range(1, count + 1):
                document = row * 10 + (number % 3 if state != "thin" else 0)
                lines.append({
                    "row": f"case{row}", "column": f"code{column}", "number": number,
                    "segment": f"s{len(lines) + 1}", "document": f"d{document}", "place": f"par. {number}",
                    "source_type": TYPES[document % 3],
                    "date": pd.Timestamp(2021, 1, 4) + pd.Timedelta(days=7 * number),
                    "coders": "C1, C2" if number % 2 else "C1", "code": f"code{column}",
                    "stance": "contrary" if state == "mixed" and number == 1 else "supports",
                    "speaker": f"speaker {number}" if number % 2 else None, "text": text(row, column, number),
                    "n_coders": 2 if number % 2 else 1, "agreed": (number % 4 == 1) if number % 2 else None,
                    "coded_on": pd.Timestamp(2022, 5, 1) + pd.Timedelta(days=number),
                })  # fmt: skip
    frame = pd.DataFrame(lines, dtype=object)  # object: pandas' own text cannot hold half a surrogate pair
    dates = {name: pd.to_datetime(frame[name]) for name in ("date", "coded_on")}
    return frame.assign(**dates, number=frame["number"].astype(int), agreed=frame["agreed"].astype("boolean"))


def _cells(states: Sequence[Sequence[str]], evidence: pd.DataFrame) -> pd.DataFrame:
    by_cell = {key: found for key, found in evidence.groupby(["row", "column"], sort=False)}
    cells = []
    for row, along in enumerate(states):
        for column, state in enumerate(along):
            found = by_cell.get((f"case{row}", f"code{column}"), evidence.iloc[:0])
            n_contrary = int((found["stance"] == "contrary").sum())
            types = found.drop_duplicates("document")["source_type"].value_counts(sort=False)
            rating = {"strong": "strong", "thin": "some", "mixed": "some"}.get(state)
            summary = f"Somebody wrote about {row} and {column}." if state in RATED and (row + column) % 2 else None
            cells.append({
                "row": f"case{row}", "column": f"code{column}",
                "shown": rating or WORDS.get(state, "hub and spoke"), "rating": rating, "state": state,
                "n_segments": len(found), "n_supporting": len(found) - n_contrary, "n_contrary": n_contrary,
                "n_sources": found["document"].nunique(),
                "sources": ", ".join(f"{name} {count}" for name, count in types.items()),
                "coders": "C1, C2" if len(found) else "", "agreement": 0.8125 if len(found) > 1 else np.nan,
                "agreement_flag": "" if len(found) > 1 else "one segment" if len(found) else "",
                "first_date": found["date"].min(), "last_date": found["date"].max(), "summary": summary,
                "summary_by": "C1" if summary else None,
                "summary_on": pd.Timestamp(2022, 1 + 6 * (column % 2), 1) if summary else pd.NaT,
                "stale": bool(summary) and column % 2 == 0, "source": "table cases, row 3" if state == "value" else "",
            })  # fmt: skip
    frame = pd.DataFrame(cells)
    dates = {name: pd.to_datetime(frame[name]) for name in ("first_date", "last_date", "summary_on")}
    return frame.assign(**dates)


def hostile_matrix() -> SampleMatrix:
    """A matrix whose segments, summaries and labels are what nobody should type: one hostile text per segment."""
    texts = list(HOSTILE.values())
    matrix = sample_matrix(
        segments=lambda row, column: len(texts), text=lambda row, column, number: texts[(number - 1) % len(texts)]
    )
    written = [texts[place % len(texts)] for place in range(len(matrix.cells))]
    cells = matrix.cells.assign(summary=pd.Series(written, dtype=object), stale=False)
    odd = [text for name, text in HOSTILE.items() if name != "long"]
    columns = matrix.columns.assign(
        label=odd[:4], badge=odd[4:8], definition=odd[8:12], group=["<b>", "<b>", "=1+1", "=1+1"]
    )
    return matrix.changed(title=HOSTILE["script"], note=HOSTILE["latex"], rows=matrix.rows.assign(label=odd[8:11]),
                          columns=columns, cells=cells)  # fmt: skip
