"""From coded segments to cells: which segment lies in which cell, what is counted there, and where nobody looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nsi.methods.matrix.material import CONTRARY, SUPPORTS
from nsi.methods.matrix.matrix import EVIDENCE

COUNTS = [
    *("n_segments", "n_supporting", "n_contrary", "n_sources", "n_source_types", "n_cases", "n_periods"),
    *("sources", "coders", "first_date", "last_date"),
]
WITHHELD = "[withheld]"
KEPT = [*EVIDENCE, "case"]  # the case is needed to count, and leaves with `for_matrix`


def evidence(
    segments: pd.DataFrame, row_by: pd.Series, column_by: pd.Series, *, rows: Sequence[str], columns: Sequence[str]
) -> pd.DataFrame:
    """Put each segment into its cell.

    Parameters
    ----------
    segments : DataFrame, one row per segment and code
        The columns of `EVIDENCE` but row, column and number; case, withheld.
    row_by, column_by : Series, aligned with `segments`
        Id of the row and of the column that it belongs to. A segment whose id is not among `rows` or `columns` is in
        no cell.
    rows, columns : sequence of str
        Ids in display order.

    Returns
    -------
    DataFrame
        `EVIDENCE` and case: one row per segment in a cell, cells row by row; within a cell contrary first, then by
        date (undated last), then by segment; numbered from 1. A segment that lies in a cell with several codes stands
        there once, with its codes in one text; it is contrary if any of them is.
        ``text`` is "[withheld]" where the segment must not be quoted.
    """
    row = pd.Index(rows).get_indexer(pd.Index(row_by.astype(object)))
    column = pd.Index(columns).get_indexer(pd.Index(column_by.astype(object)))
    inside = (row >= 0) & (column >= 0)
    found = segments.loc[inside].reset_index(drop=True)
    found = _one_per_cell(found.assign(cell=row[inside] * len(columns) + column[inside]))
    found = found.iloc[_in_order(found)].reset_index(drop=True)
    cell = found["cell"].to_numpy()
    return found.assign(
        row=pd.array(np.asarray(rows, dtype=object)[cell // max(len(columns), 1)], dtype="str"),
        column=pd.array(np.asarray(columns, dtype=object)[cell % max(len(columns), 1)], dtype="str"),
        number=found.groupby("cell").cumcount() + 1,
        text=found["text"].mask(found["withheld"].astype(bool), WITHHELD),
    )[KEPT]


def _in_order(found: pd.DataFrame) -> NDArray[np.int64]:
    undated = found["date"].isna().to_numpy()
    date = pd.to_datetime(found["date"]).to_numpy()
    ids, _ = pd.factorize(found["segment"], sort=True)
    supports = (found["stance"] != CONTRARY).to_numpy()
    return np.lexsort((ids, date, undated, supports, found["cell"].to_numpy()))


def _one_per_cell(found: pd.DataFrame) -> pd.DataFrame:
    """Join the codes that one segment has in one cell; few do, so that all others pass untouched."""
    again = found.duplicated(["cell", "segment"], keep=False)
    if not again.any():
        return found
    several = found[again].sort_values(["field", "code"], kind="stable")
    groups = several.groupby(["cell", "segment"], sort=False)
    joined = groups.first()
    joined["code"] = groups["code"].agg(lambda codes: ", ".join(dict.fromkeys(codes)))
    joined["stance"] = groups["stance"].agg(lambda said: CONTRARY if (said == CONTRARY).any() else SUPPORTS)
    joined["agreed"] = groups["agreed"].agg(_all_agreed)
    joined["withheld"] = groups["withheld"].any()
    for name in ("n_coders", "coded_on"):
        joined[name] = groups[name].max()
    joined["coders"] = groups["coders"].agg(_together)
    return pd.concat([found[~again], joined.reset_index()[list(found.columns)]], ignore_index=True)


def _all_agreed(said: pd.Series) -> Any:
    """Missing where it is not known of one of them."""
    return bool(said.all()) if said.notna().all() else pd.NA


def _together(names: pd.Series) -> str:
    return ", ".join(sorted({name for text in names for name in str(text).split(", ") if name}))


def cell_counts(
    found: pd.DataFrame,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    source_labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Count what each cell rests on.

    Parameters
    ----------
    found : DataFrame
        From `evidence`.
    rows, columns : sequence of str
        Ids in display order.
    source_labels : mapping, optional
        Words for the kinds of source.

    Returns
    -------
    DataFrame, one row per cell, row by row, also those in which nothing lies
        row, column and `COUNTS`: n_sources counts documents, n_periods years; sources reads "interview 3, report 1",
        the most frequent first; dates are missing where there is no dated segment.
    """
    grid = pd.MultiIndex.from_product([list(rows), list(columns)], names=["row", "column"])
    here = found.assign(cell=grid.get_indexer(pd.MultiIndex.from_frame(found[["row", "column"]])))
    here["year"] = pd.to_datetime(here["date"]).dt.year
    contrary = here["stance"] == CONTRARY
    counts = {
        "n_segments": _per_cell(here, len(grid)),
        "n_supporting": _per_cell(here[~contrary], len(grid)),
        "n_contrary": _per_cell(here[contrary], len(grid)),
    }
    distinct = {"n_sources": "document", "n_source_types": "source_type", "n_cases": "case", "n_periods": "year"}
    for name, what in distinct.items():
        counts[name] = _per_cell(here.dropna(subset=what).drop_duplicates(["cell", what]), len(grid))
    cells = pd.DataFrame(counts, index=range(len(grid)))
    cells["sources"] = _sources(here, source_labels or {}).reindex(cells.index).fillna("").astype("str")
    cells["coders"] = _coders(here).reindex(cells.index).fillna("").astype("str")
    dates = here.groupby("cell")["date"].agg(["min", "max"]).reindex(cells.index)
    cells["first_date"] = pd.to_datetime(dates["min"]).astype("datetime64[us]")
    cells["last_date"] = pd.to_datetime(dates["max"]).astype("datetime64[us]")
    return pd.concat([grid.to_frame(index=False).astype("str"), cells[COUNTS]], axis=1)


def _per_cell(here: pd.DataFrame, n_cells: int) -> NDArray[np.int64]:
    return np.bincount(here["cell"].to_numpy(), minlength=n_cells).astype("int64")


def _sources(here: pd.DataFrame, labels: Mapping[str, str]) -> pd.Series:
    """How many documents of each kind, in words."""
    documents = here.drop_duplicates(["cell", "document"])
    counted = documents.groupby(["cell", "source_type"], sort=True).size().reset_index(name="n")
    counted = counted.sort_values(["cell", "n", "source_type"], ascending=[True, False, True], kind="stable")
    words = counted["source_type"].map(lambda kind: labels.get(kind, kind)).astype("str")
    counted["words"] = words + " " + counted["n"].astype("str")
    return counted.groupby("cell")["words"].agg(", ".join)


def _coders(here: pd.DataFrame) -> pd.Series:
    """Everyone who coded a segment of the cell, once, in alphabetical order."""
    said = here[["cell", "coders"]].drop_duplicates()
    names = said.assign(coder=said["coders"].astype("str").str.split(", ")).explode("coder")
    names = names[names["coder"].fillna("") != ""].drop_duplicates(["cell", "coder"])
    return names.sort_values(["cell", "coder"], kind="stable").groupby("cell")["coder"].agg(", ".join)


def for_matrix(found: pd.DataFrame) -> pd.DataFrame:
    """Return evidence as a matrix keeps it: `EVIDENCE` and nothing else, typed."""
    kept = found[EVIDENCE].reset_index(drop=True)
    kept["agreed"] = kept["agreed"].astype("boolean")
    kept["number"] = kept["number"].astype("int64")
    kept["n_coders"] = kept["n_coders"].astype("int64")
    for name in ("date", "coded_on"):
        kept[name] = pd.to_datetime(kept[name]).astype("datetime64[us]")
    texts = [name for name in EVIDENCE if name not in ("number", "date", "n_coders", "agreed", "coded_on")]
    return kept.astype(dict.fromkeys(texts, "str"))
