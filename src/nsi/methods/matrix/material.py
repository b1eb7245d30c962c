"""What matrices are drawn up from: coded segments, their documents, the cases, and agreement on the codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.matrix.plan import CodeEntry, Plan

SUPPORTS, CONTRARY = "supports", "contrary"
NEEDED = ("segment", "document", "case", "date", "source_type", "field", "code")
# What a segment may do without, and what stands there then.
FILLED: dict[str, object] = {
    "stance": SUPPORTS, "speaker": pd.NA, "place": "", "text": "", "withheld": False, "coders": "", "n_coders": 0,
    "agreed": pd.NA, "coded_on": pd.NaT,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Material:
    """The frames behind every matrix of a study.

    Attributes
    ----------
    segments : DataFrame, one row per segment and code
        segment, document, case, date, source_type, field, code; stance (supports or contrary), speaker, place, text,
        withheld, coders, n_coders, agreed, coded_on if there; further columns may be rows or columns of a matrix.
    documents : DataFrame, one row per document
        document, case, date, source_type and others.
    cases : DataFrame, one row per case
        case; label if there; attributes and scores.
    looked : DataFrame, optional
        Which fields a document, or the documents of a case, were coded for: field, and document or case. What a
        segment shows to have been coded counts without being listed.
    reliability_by_code, reliability : DataFrame, optional
        Agreement by code and by field; the first with field, code, coefficient, estimate, ci_low, ci_high,
        n_pairable, flag, the second without code.
    case_table : str
        What the table of cases is called, for the source of a value.
    stamp : str
        ``"SYNTHETIC DATA"`` where anything behind it is.

    Raises
    ------
    StudyError
        If a column is lacking, a key stands twice, a stance is unknown, or a segment has an unknown document or case.
    """

    segments: pd.DataFrame
    documents: pd.DataFrame
    cases: pd.DataFrame
    looked: pd.DataFrame | None = None
    reliability_by_code: pd.DataFrame | None = None
    reliability: pd.DataFrame | None = None
    case_table: str = "cases"
    stamp: str = ""

    def __post_init__(self) -> None:
        _need(self.segments, NEEDED, "the coded segments")
        _need(self.documents, ("document", "case", "date", "source_type"), "the table of documents")
        _need(self.cases, ("case",), "the table of cases")
        for frame, key, what in (
            (self.segments, ["segment", "field", "code"], "segment"),
            (self.documents, ["document"], "document"),
            (self.cases, ["case"], "case"),
        ):
            again = frame[what][frame.duplicated(key)]
            if len(again):
                raise StudyError(
                    f"{what} {shown(str(again.iloc[0]))} stands twice ({len(again)} rows too many in all); keep one "
                    f"row per {' and '.join(key)}"
                )
        for name, table in (("document", self.documents), ("case", self.cases)):
            stray = self.segments.loc[~self.segments[name].isin(table[name]), name]
            if len(stray):
                raise StudyError(
                    f"segments name the {name} {listed(shown(str(there)) for there in sorted(set(stray)))}, which is "
                    f"not in the table of {name}s; add it there, or correct the segments"
                )
        _check_stances(self.segments)

    def coded(self, plan: Plan) -> pd.DataFrame:
        """Return the segments of the plan's fields, with every column that evidence has.

        Raises
        ------
        StudyError
            If a segment has a code that the codebook does not know.
        """
        fields = list(dict.fromkeys(code.field for code in plan.codes))
        found = self.segments[self.segments["field"].isin(fields)].reset_index(drop=True)
        texts = [name for name in (*NEEDED, "stance", "coders") if name != "date" and name in found.columns]
        found = found.astype(dict.fromkeys(texts, "str"))  # whatever they were stored as, such as categories
        absent = {name: value for name, value in FILLED.items() if name not in found.columns}
        found = found.assign(**absent)  # type: ignore[arg-type]
        if not plan.stances:
            found["stance"] = SUPPORTS
        known = code_numbers(found, plan.codes) >= 0
        if not known.all():
            field, code = found.loc[~known, ["field", "code"]].iloc[0]
            raise StudyError(
                f"field '{field}' has the code {shown(str(code))} in the segments ({int((~known).sum())} rows with "
                "unknown codes in all), but the codebook does not; add it there, or correct the segments"
            )
        return found


def code_numbers(segments: pd.DataFrame, codes: Sequence[CodeEntry]) -> pd.Series:
    """Return the place of each segment's code in a list of codes; -1 where it is none of them."""
    known = pd.MultiIndex.from_arrays([[code.field for code in codes], [code.code for code in codes]])
    pairs = pd.MultiIndex.from_arrays([segments["field"].astype(object), segments["code"].astype(object)])
    return pd.Series(known.get_indexer(pairs), index=segments.index)


def _check_stances(segments: pd.DataFrame) -> None:
    other = set(segments["stance"].astype(str)) - {SUPPORTS, CONTRARY} if "stance" in segments.columns else set()
    if other:
        raise StudyError(
            f"the stance of a segment is {listed(map(shown, sorted(other)))}, but allowed are {SUPPORTS}, {CONTRARY}"
        )


def _need(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise StudyError(f"{what} lack column(s) {listed(lacking)}; they must have {', '.join(names)}")
