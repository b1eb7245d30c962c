"""The matrices of the bundled study as they lie published, and which of their cells rest on segments."""

from __future__ import annotations

from functools import cache

import pandas as pd
from test_docs import ROOT

from nsi.declaration import Declaration

DOCUMENTS, TABLES = ROOT / "figures" / "documents", ROOT / "figures" / "tables"
STUDY = Declaration(ROOT / "study", ROOT / "data_raw")
NAMES = list(STUDY.matrices)


@cache
def cells(name: str) -> pd.DataFrame:
    """Cells of a published matrix, row by row, with their place in documents."""
    frame = pd.read_csv(TABLES / f"matrix_{name}_cells.csv", dtype={"row": "str", "column": "str"})
    rows = {row: number for number, row in enumerate(frame["row"].unique(), start=1)}
    columns = {column: number for number, column in enumerate(frame["column"].unique(), start=1)}
    places = [f"r{rows[row]}_c{columns[column]}" for row, column in zip(frame["row"], frame["column"], strict=True)]
    return frame.assign(place=places)


def rated(name: str) -> dict[str, int]:
    """Place of each cell that rests on segments, and on how many."""
    held = cells(name)[cells(name)["n_segments"] > 0]
    return dict(zip(held["place"], held["n_segments"], strict=True))
