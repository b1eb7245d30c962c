"""A small hand-made study in which every state of a cell occurs; tests of matrices share it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nsi.methods.matrix import Material, Matrix, draw_up

CODES = [
    {"field": "ties", "field_label": "Ties", "code": "open", "label": "Open", "definition": "Anyone may join"},
    {"field": "ties", "field_label": "Ties", "code": "closed", "label": "Closed", "definition": "Nobody may join"},
    {"field": "say", "field_label": "Say", "code": "joint", "label": "Joint", "definition": "Decided together"},
    {"field": "say", "field_label": "Say", "code": "told", "label": "Told", "definition": "Decided by one"},
]
RULE = [
    {"level": "strong", "bounds": [{"measure": "n_sources", "at_least": 2}, {"measure": "n_contrary", "at_most": 0}]},
    {"level": "some", "bounds": [{"measure": "n_supporting", "at_least": 1}]},
    {"level": "none"},
]
SEGMENTS = [
    # segment, document, field, code, stance, coders, withheld
    ("s1", "d1", "ties", "open", "supports", "C1, C2", False),
    ("s1", "d1", "say", "told", "supports", "C1", False),
    ("s2", "d2", "ties", "open", "supports", "C2", True),
    ("s3", "d3", "ties", "open", "supports", "C1", False),
    ("s4", "d4", "ties", "open", "supports", "C1", False),
    ("s5", "d5", "ties", "open", "contrary", "C3", False),
    ("s6", "d1", "say", "joint", "contrary", "C2", False),
]
DOCUMENTS = [
    ("d1", "A", "2019-02-01", "interview", "lead"),
    ("d2", "A", "2020-03-01", "report", "lead"),
    ("d3", "B", "2019-05-01", "interview", "member"),
    ("d4", "C", "2020-06-01", "report", None),
    ("d5", "C", "2021-01-01", "note", "lead"),
    ("d6", "D", "2019-09-09", "interview", "member"),
]


def documents() -> pd.DataFrame:
    """Six documents of four cases; nobody has coded d6."""
    frame = pd.DataFrame(DOCUMENTS, columns=["document", "case", "date", "source_type", "role"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def segments() -> pd.DataFrame:
    """Seven codings of six segments."""
    names = ["segment", "document", "field", "code", "stance", "coders", "withheld"]
    frame = pd.DataFrame(SEGMENTS, columns=names).merge(documents(), on="document")
    return frame.assign(
        speaker=["p1", "p1", "p2", "p3", "p4", "p4", "p1"],
        place="par. 1",
        text=[f"words of {name}" for name in frame["segment"]],
        n_coders=frame["coders"].str.count(",") + 1,
        agreed=pd.array([True, None, None, None, None, None, None], dtype="boolean"),
        coded_on=pd.Timestamp("2022-01-01"),
    )


def cases() -> pd.DataFrame:
    """Four cases with a score, its rank interval, a band and two attributes; nothing is known of D."""
    return pd.DataFrame({
        "case": ["A", "B", "C", "D"],
        "label": ["Alder", "Birch", "Cedar", "Dill"],
        "score": [4.5, 3.0, 3.6, float("nan")],
        "rank_low": [1.0, 2.0, 1.0, float("nan")],
        "rank_high": [2.0, 3.0, 1.0, float("nan")],
        "group": ["stronger", "weaker", "stronger", None],
        "kind": ["x", "y", "x", None],
        "size": [70, 363, 83, 97],
    })  # fmt: skip


def reliability() -> pd.DataFrame:
    """Agreement by code: one that can be told, one that cannot; the others were coded once."""
    return pd.DataFrame({
        "case": "all", "field": ["ties", "ties"], "code": ["open", "closed"], "coefficient": "krippendorff_alpha",
        "estimate": [0.813, float("nan")], "ci_low": [0.74, float("nan")], "ci_high": [0.87, float("nan")],
        "n_pairable": [120, 120], "flag": [None, "no_variation"],
    })  # fmt: skip


def material(**changed: Any) -> Material:
    """The whole of it."""
    frames = {"segments": segments(), "documents": documents(), "cases": cases(), "reliability_by_code": reliability()}
    return Material(**{**frames, **changed})


def drawn(display: str, rows: dict[str, Any], columns: dict[str, Any], source: Material | None = None,
          **more: Any) -> Matrix:  # fmt: skip
    """A matrix of that study, as a declaration would have it."""
    plan = {"name": "trial", "title": "A trial", "codes": CODES, **more}
    return draw_up(source or material(), display=display, rows=rows, columns=columns, **plan)


def cell(matrix: Matrix, row: str, column: str) -> dict[str, Any]:
    """One cell as a mapping."""
    found = matrix.cells[(matrix.cells["row"] == row) & (matrix.cells["column"] == column)]
    assert len(found) == 1
    return {str(name): value for name, value in found.iloc[0].items()}


def shown(matrix: Matrix) -> list[list[str]]:
    """What is printed, row by row."""
    wide = matrix.cells["shown"].to_numpy().reshape(len(matrix.rows), len(matrix.columns))
    return [[str(text) for text in line] for line in wide]
