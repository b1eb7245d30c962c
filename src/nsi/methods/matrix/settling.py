"""From raw double codings to final segments: one row per segment and code, with who coded it and if they agreed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.labels import UNIT, final_labels
from nsi.methods.matrix.material import SUPPORTS

PASSAGE = ("segment", "document")
SETTLED = ["segment", "document", "case", "date", "source_type", "field", "code", "stance", "speaker", "place", "text",
           "withheld", "coders", "n_coders", "agreed", "coded_on", "codebook_version"]  # fmt: skip


def settled(
    ratings: pd.DataFrame,
    consensus: pd.DataFrame,
    passages: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    fields: Sequence[str],
    stance: str = "",
    nothing: Collection[str] = (),
) -> pd.DataFrame:
    """Give each segment its final codes.

    Parameters
    ----------
    ratings : DataFrame
        Independent labels: case, unit (the segment), coder, field, value (missing where the coder gave none);
        rated_on and codebook_version if there.
    consensus : DataFrame
        Settled labels, same columns; may have no rows.
    passages : DataFrame, one row per segment
        segment, document; speaker, place, text, withheld, stance and others if there.
    documents : DataFrame, one row per document
        document, case, date, source_type; a passage's own date, if it has one, stands over that of its document.
    fields : sequence of str
        Fields whose labels are codes of a segment.
    stance : str
        Field in which coders said whether the segment supports its code or is contrary to it. Without it the stance
        of the passage counts; where there is none, every segment supports.
    nothing : collection of str
        Codes that say that a segment holds nothing of a field; they make no row.

    Returns
    -------
    DataFrame, one row per segment and code, in order of passages and `fields`
        segment, document, case, date, source_type, field, code, stance, speaker, place, text, withheld, coders ("C1,
        C2": who coded the segment in that field by themselves), n_coders, agreed (missing with one coder), coded_on
        (newest coding, settling included), codebook_version (of the newest coding), and the other columns of
        passages. A segment on which coders differ and which nobody settled has a row for each code that a coder
        gave, agreed False.

    Raises
    ------
    StudyError
        If a segment or document is unknown or stands twice, cases differ, a unit was settled twice, or two stances
        of one segment were not settled.
    """
    _check(ratings, consensus, passages, documents)
    given = ratings[ratings["field"].isin(list(fields)) & ratings["value"].notna()]
    settled_here = consensus[consensus["field"].isin(list(fields)) & consensus["value"].notna()]
    labels = final_labels(given, settled_here)
    labels = labels[~labels["value"].isin(list(nothing))][[*UNIT, "value"]]
    found = labels.merge(_about(given, settled_here), on=UNIT, how="left", validate="many_to_one")
    found = found.drop(columns="case").rename(columns={"unit": "segment", "value": "code"})
    known = _described(passages, documents)
    if stance:
        known = known.drop(columns="stance", errors="ignore").merge(_stances(ratings, consensus, stance), how="left")
    whole = found.merge(known, on="segment", how="left", validate="many_to_one")
    whole["stance"] = whole["stance"].fillna(SUPPORTS) if "stance" in whole.columns else SUPPORTS
    order = pd.Index(passages["segment"]).get_indexer(pd.Index(whole["segment"]))
    rank = whole["field"].map({name: place for place, name in enumerate(fields)}).to_numpy()
    whole = whole.iloc[np.lexsort((pd.factorize(whole["code"], sort=True)[0], rank, order))]
    others = [name for name in whole.columns if name not in SETTLED]
    return whole[[*SETTLED, *others]].reset_index(drop=True)


def _check(ratings: pd.DataFrame, consensus: pd.DataFrame, passages: pd.DataFrame, documents: pd.DataFrame) -> None:
    for frame, key in ((passages, "segment"), (documents, "document")):
        again = frame.loc[frame[key].duplicated(), key]
        if len(again):
            raise StudyError(f"{key} {shown(str(again.iloc[0]))} stands twice; keep one row per {key}")
    stray = passages.loc[~passages["document"].isin(documents["document"]), "document"]
    if len(stray):
        raise StudyError(f"passages name the document {listed(sorted(set(stray)))}, of which nothing is known; add it")
    home = passages.set_index("segment")["document"].map(documents.set_index("document")["case"])
    for frame in (ratings, consensus):
        unknown = frame.loc[~frame["unit"].isin(passages["segment"]), "unit"]
        if len(unknown):
            raise StudyError(
                f"codings name the segment {listed(shown(str(name)) for name in sorted(set(unknown)))}, of which "
                "nothing is known; add it to the passages, or correct the codings"
            )
        other = frame.loc[(frame["unit"].map(home) != frame["case"]).to_numpy(dtype=bool), "unit"]
        if len(other):
            raise StudyError(
                f"segment {shown(str(other.iloc[0]))} was coded in another case than that of its document "
                f"({len(other)} rows affected); correct one of them"
            )


def _about(given: pd.DataFrame, settled_here: pd.DataFrame) -> pd.DataFrame:
    """Who coded a unit in a field, whether they agreed, and when last."""
    both = pd.concat([given.assign(alone=True), settled_here.assign(alone=False)], ignore_index=True)
    units, keys = pd.factorize(pd.MultiIndex.from_frame(both[UNIT]))
    by_themselves = both["alone"].to_numpy(dtype=bool)
    # Who settled a unit that nobody had coded is its one coder.
    alone = by_themselves | ~np.isin(units, units[by_themselves])
    own = pd.DataFrame({"unit": units[alone], "value": both["value"][alone], "coder": both["coder"][alone].astype(str)})
    about = pd.DataFrame(index=range(len(keys)))
    about["n_coders"] = own.groupby("unit")["coder"].nunique().reindex(about.index, fill_value=0)
    same = own.groupby("unit")["value"].nunique().reindex(about.index) == 1
    about["agreed"] = same.astype("boolean").mask(about["n_coders"] < 2)
    about["coders"] = _joined(own.drop_duplicates(["unit", "coder"]), len(keys))
    when = pd.to_datetime(both["rated_on"]) if "rated_on" in both.columns else pd.Series(pd.NaT, index=both.index)
    version = both["codebook_version"] if "codebook_version" in both.columns else pd.Series(None, index=both.index)
    newest = pd.DataFrame({"unit": units, "when": when, "alone": alone, "version": version.astype("str")})
    newest = newest.sort_values(["unit", "when", "alone"], ascending=[True, True, False], kind="stable",
                                na_position="first").drop_duplicates("unit", keep="last").set_index("unit")  # fmt: skip
    about["coded_on"] = newest["when"].astype("datetime64[us]")
    about["codebook_version"] = newest["version"]
    return pd.concat([pd.DataFrame(list(keys), columns=UNIT, dtype="str"), about], axis=1)


def _joined(own: pd.DataFrame, n: int) -> pd.Series:
    """Names of coders, joined coder by coder, as there are few of them and many units."""
    told = np.full(n, "", dtype=object)
    for coder, units in own.groupby("coder", sort=True)["unit"]:
        here = units.to_numpy()
        told[here] = np.where(told[here] == "", str(coder), told[here] + f", {coder}")
    return pd.Series(told, dtype="str")


def _described(passages: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    known = documents[["document", "case", "date", "source_type"]]
    whole = passages.drop(columns=["case", "source_type"], errors="ignore")
    whole = whole.merge(known, on="document", how="left", validate="many_to_one", suffixes=("", " of document"))
    if "date of document" in whole.columns:
        whole["date"] = whole["date"].fillna(whole.pop("date of document"))
    blank: dict[str, Any] = {"speaker": pd.NA, "place": "", "text": "", "withheld": False}
    for name, value in blank.items():
        if name not in whole.columns:
            whole[name] = value
    return whole


def _stances(ratings: pd.DataFrame, consensus: pd.DataFrame, field: str) -> pd.DataFrame:
    here = [frame[(frame["field"] == field) & frame["value"].notna()] for frame in (ratings, consensus)]
    labels = final_labels(*here)
    twice = labels.loc[labels["unit"].duplicated(), "unit"]
    if len(twice):
        raise StudyError(
            f"coders differ on '{field}' of segment {listed(twice)} and nobody settled it; settle whether it supports "
            "its code or is contrary to it"
        )
    return labels[["unit", "value"]].rename(columns={"unit": "segment", "value": "stance"})


def coded_documents(ratings: pd.DataFrame, passages: pd.DataFrame, fields: Sequence[str]) -> pd.DataFrame:
    """List which fields each document was coded for, those included in which nothing was found.

    Returns
    -------
    DataFrame
        document, field; for `Material.looked`.
    """
    given = ratings[ratings["field"].isin(list(fields)) & ratings["value"].notna()]
    document = given["unit"].map(passages.set_index("segment")["document"])
    return pd.DataFrame({"document": document, "field": given["field"]}).drop_duplicates(ignore_index=True)
