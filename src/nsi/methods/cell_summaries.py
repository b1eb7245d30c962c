"""What people wrote about the cells of a matrix: joined to it, marked where outdated or still to write."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from nsi.errors import shown
from nsi.methods.summary_texts import KEY, NO_SUMMARY, TEXTS, cell_texts

__all__ = ["KEY", "NO_SUMMARY", "TEXTS", "Summaries", "with_summaries"]
VALUE = "value"


class Summaries(NamedTuple):
    """The cells of a matrix with what people wrote, and what does not fit together.

    Attributes
    ----------
    cells : DataFrame
        As given, with summary, summary_by, summary_on and stale filled in.
    orphans : DataFrame
        Texts whose row or column the matrix does not have: matrix, row, column, text, who, written_on, why.
    holes : DataFrame
        Cells without a text: row, column, state, n_segments, shown ("no summary yet"); cells with a plain value need
        none.
    """

    cells: pd.DataFrame
    orphans: pd.DataFrame
    holes: pd.DataFrame


def with_summaries(cells: pd.DataFrame, evidence: pd.DataFrame, texts: pd.DataFrame, *, matrix: str) -> Summaries:
    """Join what people wrote to the cells of a matrix.

    Parameters
    ----------
    cells : DataFrame
        Cells of the matrix: row, column, state, n_segments and others, which are kept.
    evidence : DataFrame
        Its segments: row, column, coded_on (missing where not known: such a segment makes no text outdated).
    texts : DataFrame
        matrix, row, column, text, who, written_on; texts of other matrices are passed over. A blank text is none.
    matrix : str
        Name of the matrix.

    Returns
    -------
    Summaries
        A text is stale if something beneath its cell was coded on a later day than it was written.

    Raises
    ------
    StudyError
        If a column is lacking, two texts are for one cell, or a text does not say who wrote it, or when.
    """
    written = cell_texts(texts, "texts of cells")
    here = written[(written["matrix"] == matrix) & (written["text"] != "")]
    newest = evidence.assign(coded_on=pd.to_datetime(evidence["coded_on"])).groupby(["row", "column"])["coded_on"].max()
    grid = pd.MultiIndex.from_frame(cells[["row", "column"]].astype("str"))
    found = here.set_index(["row", "column"]).reindex(grid)
    coded = newest.reindex(pd.MultiIndex.from_frame(cells[["row", "column"]]))
    stale = (coded.dt.normalize().to_numpy() > found["written_on"].to_numpy()) & found["text"].notna().to_numpy()
    joined = cells.assign(
        summary=found["text"].set_axis(cells.index).astype("str"),
        summary_by=found["who"].set_axis(cells.index).astype("str"),
        summary_on=pd.Series(found["written_on"].to_numpy(), index=cells.index).astype("datetime64[us]"),
        stale=stale,
    )
    empty = found["text"].isna().to_numpy() & (cells["state"] != VALUE).to_numpy()
    holes = cells.loc[empty, ["row", "column", "state", "n_segments"]].reset_index(drop=True).assign(shown=NO_SUMMARY)
    return Summaries(joined, _orphans(here, grid), holes)


def _orphans(here: pd.DataFrame, grid: pd.MultiIndex) -> pd.DataFrame:
    rows, columns = (set(grid.get_level_values(level)) for level in (0, 1))
    stray = here[~pd.MultiIndex.from_frame(here[["row", "column"]]).isin(grid)].reset_index(drop=True)
    why = [
        " and ".join(f"the matrix has no {what} {shown(name)}" for what, name, there in
                     (("row", row, rows), ("column", column, columns)) if name not in there)
        for row, column in zip(stray["row"], stray["column"], strict=True)
    ]  # fmt: skip
    return stray[TEXTS].assign(why=pd.array(why, dtype="str"))
