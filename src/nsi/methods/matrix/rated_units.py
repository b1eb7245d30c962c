"""Rated units as material of a matrix: a unit is a segment, what it was cut from its document, coders its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.methods.matrix.settling import settled

KIND = "rated_unit"


@dataclass(frozen=True, eq=False)
class RatedUnits:
    """Frames that `Material` takes: segments, documents and cases."""

    segments: pd.DataFrame
    documents: pd.DataFrame
    cases: pd.DataFrame


def rated_units(
    ratings: pd.DataFrame, consensus: pd.DataFrame, *, fields: Sequence[str], kind: str = KIND
) -> RatedUnits:
    """Turn ratings of units into material for matrices.

    Parameters
    ----------
    ratings : DataFrame
        Independent ratings: case, unit, coder, field, value (missing where there is none); cluster (what the unit was
        cut from), excerpt, rated_on, codebook_version if there.
    consensus : DataFrame
        Settled labels, same columns; may have no rows.
    fields : sequence of str
        Fields whose values are codes.
    kind : str
        Kind of source of every document.

    Returns
    -------
    RatedUnits
        Segments: one row per unit, field and code, as `nsi.methods.matrix.settled` gives them. On a unit on which
        coders differ and which nobody settled, ``coders`` are those who gave that code; otherwise all who rated it.
        Documents: one row per cluster, or per unit where there is none; undated, because only the day of rating is
        known. Cases: one row per case.
    """
    whole = pd.concat([ratings, consensus], ignore_index=True)
    units = whole.drop_duplicates("unit").reset_index(drop=True)
    document = units["cluster"] if "cluster" in units.columns else units["unit"]
    text = units["excerpt"] if "excerpt" in units.columns else pd.Series("", index=units.index)
    passages = pd.DataFrame({"segment": units["unit"].astype("str"), "document": document.astype("str"),
                             "text": text.fillna("").astype("str")})  # fmt: skip
    sources = pd.DataFrame({"document": document.astype("str"), "case": units["case"].astype("str")})
    sources = sources.drop_duplicates("document", ignore_index=True)
    sources = sources.assign(date=pd.Series(pd.NaT, index=sources.index, dtype="datetime64[us]"), source_type=kind)
    found = settled(ratings, consensus, passages, sources, fields=list(fields))
    found["coders"] = _who_gave(found, ratings)
    cases = pd.DataFrame({"case": sorted(sources["case"].unique())}, dtype="str")
    return RatedUnits(found, sources, cases)


def _who_gave(found: pd.DataFrame, ratings: pd.DataFrame) -> pd.Series:
    """Name those who gave a code where several stand; a settled unit has one code, and everybody who rated it."""
    key = ["segment", "field"]
    open_units = found[found.duplicated(key, keep=False)][[*key, "code"]].assign(place=lambda rows: rows.index)
    given = ratings.rename(columns={"unit": "segment", "value": "code"})[[*key, "code", "coder"]]
    who = open_units.merge(given, on=[*key, "code"], how="left").drop_duplicates(["place", "coder"])
    names = who.sort_values(["place", "coder"], kind="stable").groupby("place")["coder"].agg(", ".join)
    return found["coders"].where(~found.index.isin(names.index), names.reindex(found.index)).astype("str")
