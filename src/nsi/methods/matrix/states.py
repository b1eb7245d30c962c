"""What state a cell is in: strong, thin, mixed, looked for and absent, or not looked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.matrix.axes import CODED, axis_codes, code_ids, document_places
from nsi.methods.matrix.material import Material
from nsi.methods.matrix.matrix import ABSENT, MIXED, NOT_LOOKED, STRONG, THIN
from nsi.methods.matrix.plan import Axis, Plan

LOOKED_FOR = ("documents", "all")


def cell_states(counts: pd.DataFrame, looked: pd.Series, *, thin_below: int = 2) -> pd.Series:
    """Name the state of each cell by what it rests on.

    Parameters
    ----------
    counts : DataFrame
        n_segments, n_supporting, n_contrary, n_sources.
    looked : Series of bool, aligned with `counts`
        Whether anybody looked there; cells with segments count as looked for.
    thin_below : int
        A cell with fewer sources (documents) is thin.

    Returns
    -------
    Series of str
        ``mixed`` where there is evidence for and against, from however many sources; else ``thin`` or ``strong``
        by the number of sources, whichever way they point; ``absent`` where nothing was found; ``not_looked``.
    """
    both = (counts["n_supporting"] > 0) & (counts["n_contrary"] > 0)
    some = counts["n_segments"] > 0
    chosen = np.select(
        [both, some & (counts["n_sources"] < thin_below), some, looked.to_numpy(dtype=bool)],
        [MIXED, THIN, STRONG, ABSENT],
        default=NOT_LOOKED,
    )
    return pd.Series(chosen, index=counts.index, dtype="str")


def looked_documents(material: Material, plan: Plan, coded: pd.DataFrame) -> pd.DataFrame:
    """List which fields each document was coded for.

    A document with a segment of a field was coded for that field; `material.looked` adds those where nothing was
    found. With ``looked_for: all``, a document that was coded for anything was coded for every field.

    Returns
    -------
    DataFrame
        document, field; each pair once.
    """
    if plan.looked_for not in LOOKED_FOR:
        raise StudyError(f"looked_for is '{plan.looked_for}', but allowed are {', '.join(LOOKED_FOR)}")
    fields = list(dict.fromkeys(code.field for code in plan.codes))
    pairs = [coded[["document", "field"]]]
    if material.looked is not None:
        pairs.append(_declared(material))
    found = pd.concat(pairs, ignore_index=True).drop_duplicates(ignore_index=True)
    if plan.looked_for == "all":
        return found[["document"]].drop_duplicates().merge(pd.DataFrame({"field": fields}, dtype="str"), how="cross")
    return found[found["field"].isin(fields)].reset_index(drop=True)


def _declared(material: Material) -> pd.DataFrame:
    looked = material.looked
    assert looked is not None
    key = next((name for name in ("document", "case") if name in looked.columns), "")
    if not key or "field" not in looked.columns:
        raise StudyError("the table of what was looked for must have the columns field, and document or case; add them")
    stray = looked[~looked[key].isin(material.documents[key])]
    if len(stray):
        raise StudyError(
            f"the table of what was looked for names the {key} '{stray[key].iloc[0]}', of which there is no document; "
            "add the document, or remove the row"
        )
    if key == "document":
        return looked[["document", "field"]]
    return material.documents[["document", "case"]].merge(looked[["case", "field"]], on="case")[["document", "field"]]


def looked_cells(
    pairs: pd.DataFrame,
    axes: Sequence[tuple[Axis, pd.Series]],
    plan: Plan,
    material: Material,
    coded: pd.DataFrame,
) -> pd.DataFrame:
    """Tell which cells somebody looked at, and in how many years there was a document to look at.

    Parameters
    ----------
    pairs : DataFrame
        From `looked_documents`.
    axes : two pairs of Axis and Series
        Rows and columns, each with the places of the segments, from `placed`.
    plan, material, coded
        As everywhere.

    Returns
    -------
    DataFrame
        row, column, n_periods_looked; cells that nobody looked at do not appear.
    """
    found = pairs
    for name, (axis, places) in zip(("row", "column"), axes, strict=True):
        if axis.of in CODED:
            codes = axis_codes(axis, plan)
            ids = code_ids(axis, plan) if axis.of == "code" else [code.field for code in codes]
            known = pd.DataFrame({"field": [code.field for code in codes], name: ids}, dtype="str")
            found = found.merge(known.drop_duplicates(), on="field", how="inner")
        else:
            where = document_places(axis, material, coded, places).rename(columns={"id": name})
            found = found.merge(where, on="document", how="inner")
    years = pd.to_datetime(material.documents.set_index("document")["date"]).dt.year
    found = found.assign(year=found["document"].map(years))
    grouped = found.drop_duplicates(["row", "column", "year"]).groupby(["row", "column"], sort=False)["year"]
    return grouped.count().reset_index(name="n_periods_looked")
