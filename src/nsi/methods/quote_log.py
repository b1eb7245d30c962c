"""The log of quotes: which segment stands where, so that no quote is printed twice unknowingly."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError, listed, shown

LOG = ["segment", "document", "case", "theme", "words", "excerpt", "used_in", "kind"]
KINDS = ("matrix", "display", "paper", "report", "other")


def use_log(chosen: pd.DataFrame, where: str, *, kind: str, earlier: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows to append to the log of uses.

    Parameters
    ----------
    chosen : DataFrame
        From `pick_quotes`.
    where : str
        Where the quotes stand: the name of the matrix or paper.
    kind : str
        matrix, display, paper, report or other.
    earlier : DataFrame, optional
        The log so far; what it has already is not repeated.

    Returns
    -------
    DataFrame
        segment, document, case, theme, words, excerpt, used_in, kind. No text, so that the log can be kept openly.

    Raises
    ------
    StudyError
        If `where` is blank or the kind unknown.
    """
    _check_use(where, kind)
    rows = chosen.reset_index(drop=True).assign(used_in=where, kind=kind)[LOG]
    if earlier is None:
        return rows
    known = set(earlier.loc[earlier["used_in"] == where, "segment"].astype(str))
    return rows[~rows["segment"].isin(known)].reset_index(drop=True)


def earlier_uses(printed: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return earlier uses as a log: what people noted when something was printed, with where each segment is from.

    Parameters
    ----------
    printed : DataFrame
        segment, used_in, kind.
    segments : DataFrame
        segment, document, case; a segment may stand in several rows.

    Returns
    -------
    DataFrame, one row per use
        As `use_log` gives it; theme is "" and words and excerpt are missing, since only people saw the print.

    Raises
    ------
    StudyError
        If a column is lacking, a place is blank, a kind unknown, or a segment is none of the segments.
    """
    absent = [name for name in ("segment", "used_in", "kind") if name not in printed.columns]
    if absent:
        raise StudyError(f"earlier uses of quotes lack the column(s) {listed(absent)}; add what is lacking")
    for where, kind in zip(printed["used_in"].astype("str"), printed["kind"].astype("str"), strict=True):
        _check_use(where, kind)
    found = segments.drop_duplicates("segment").set_index("segment")[["document", "case"]]
    stray = [name for name in printed["segment"] if name not in found.index]
    if stray:
        raise StudyError(f"earlier uses of quotes: there is no segment {listed(map(shown, stray))}; correct the log")
    rows = found.loc[printed["segment"]].astype("str").reset_index()
    return rows.assign(
        theme="", words=pd.array([pd.NA] * len(rows), dtype="Int64"),
        excerpt=pd.array([pd.NA] * len(rows), dtype="boolean"),
        used_in=printed["used_in"].to_numpy(), kind=printed["kind"].to_numpy(),
    )[LOG]  # fmt: skip


def _check_use(where: str, kind: str) -> None:
    if not where.strip() or kind not in KINDS:
        raise StudyError(
            f"log of quotes: used in {shown(where)}, kind {shown(kind)}; name the place, and give one of "
            f"{', '.join(KINDS)} as its kind"
        )
