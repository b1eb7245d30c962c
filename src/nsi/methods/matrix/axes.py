"""What stands along a matrix: the ids, labels and headings of its rows or columns, and which segment goes where."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.matrix.material import Material, code_numbers
from nsi.methods.matrix.periods import period_names, periods_between
from nsi.methods.matrix.plan import Axis, CodeEntry, Plan

NOT_RECORDED = "not recorded"  # id and label of those of whom the study does not know it
ENTRIES = ["id", "label", "group", "definition", "field", "code"]
CODED = ("code", "field")  # axes that a segment is placed on by what it was coded with


def axis_codes(axis: Axis, plan: Plan) -> list[CodeEntry]:
    """Return the codes of an axis in codebook order."""
    return [code for code in plan.codes if not axis.fields or code.field in axis.fields]


def code_ids(axis: Axis, plan: Plan) -> list[str]:
    """Return the id of each code of an axis: the code; with its field before it where two fields share the code."""
    codes = axis_codes(axis, plan)
    names = [code.code for code in codes]
    return [f"{code.field}/{code.code}" if names.count(code.code) > 1 else code.code for code in codes]


def placed(axis: Axis, plan: Plan, material: Material, coded: pd.DataFrame) -> pd.Series:
    """Return the id on an axis of each coded segment.

    Parameters
    ----------
    axis, plan, material
        What the matrix is to be, and from what.
    coded : DataFrame
        From `Material.coded`.

    Returns
    -------
    Series of str, aligned with `coded`
        ``"not recorded"`` where the study does not know; missing where the axis does not show that code.
    """
    if axis.of == "all":
        return pd.Series("all", index=coded.index, dtype="str")
    if axis.of == "field":
        fields = {code.field for code in axis_codes(axis, plan)}
        return coded["field"].where(coded["field"].isin(fields)).astype("str")
    if axis.of == "code":
        number = code_numbers(coded, axis_codes(axis, plan))
        ids = pd.Series([*code_ids(axis, plan), None], dtype="str")
        return pd.Series(ids.to_numpy()[number.to_numpy()], index=coded.index, dtype="str")
    if axis.of == "period":
        return _named(period_names(coded["date"], axis.period, axis.year_starts))
    for frame, key in ((coded, ""), (material.documents, "document"), (material.cases, "case")):
        if axis.of in frame.columns:
            return _named(coded[axis.of] if not key else coded[key].map(frame.set_index(key)[axis.of]))
    raise _no_column(axis, material)


def document_places(axis: Axis, material: Material, coded: pd.DataFrame, places: pd.Series) -> pd.DataFrame:
    """Return where on an axis each document was looked at: document and id, several where its segments differ.

    Not for axes of codes or fields. A column of the segments is known of a document from its segments only.
    """
    documents = material.documents
    if axis.of == "all":
        return pd.DataFrame({"document": documents["document"], "id": "all"})
    if axis.of == "period":
        names = _named(period_names(documents["date"], axis.period, axis.year_starts))
        return pd.DataFrame({"document": documents["document"], "id": names})
    if axis.of in documents.columns:
        return pd.DataFrame({"document": documents["document"], "id": _named(documents[axis.of])})
    if axis.of in coded.columns:
        return pd.DataFrame({"document": coded["document"], "id": places}).drop_duplicates(ignore_index=True)
    values = documents["case"].map(material.cases.set_index("case")[axis.of])
    return pd.DataFrame({"document": documents["document"], "id": _named(values)})


def axis_entries(axis: Axis, plan: Plan, material: Material, places: pd.Series) -> pd.DataFrame:
    """List what stands along an axis, in codebook or time order, before any sorting.

    Parameters
    ----------
    axis, plan, material
        What the matrix is to be, and from what.
    places : Series
        From `placed`: shows which ids occur.

    Returns
    -------
    DataFrame
        id, label, group, definition, field, code ("" where it is no code or field).

    Raises
    ------
    StudyError
        If something occurs in the data that the declaration does not know, or is declared and does not exist.
    """
    if axis.of in CODED:
        return _only(_coded_entries(axis, plan), axis, "the codebook")
    ids, labels = _found(axis, material, places)
    unknown = bool((places == NOT_RECORDED).any()) or _of_cases(axis, material)
    if axis.of != "case" and unknown and NOT_RECORDED not in ids:
        ids.append(NOT_RECORDED)
    rows = [[name, labels.get(name) or name, "", "", "", ""] for name in ids]
    return _only(pd.DataFrame(rows, columns=ENTRIES, dtype="str"), axis, "the data")


def _coded_entries(axis: Axis, plan: Plan) -> pd.DataFrame:
    codes = axis_codes(axis, plan)
    if axis.of == "field":
        labels = {code.field: code.field_label for code in codes}
        rows = [[field, label, "", "", field, ""] for field, label in labels.items()]
    else:
        several = len({code.field for code in codes}) > 1
        rows = [[name, code.label, code.field_label if several else "", code.definition, code.field, code.code]
                for name, code in zip(code_ids(axis, plan), codes, strict=True)]  # fmt: skip
    entries = pd.DataFrame(rows, columns=ENTRIES, dtype="str")
    if not axis.groups:
        return entries
    heading = {name: title for title, names in axis.groups.items() for name in names}
    stray = [name for name in heading if name not in set(entries["id"])]
    if stray:
        raise StudyError(f"groups name {listed(stray)}, which is none of {listed(entries['id'], 30)}; correct it")
    grouped = entries.set_index("id", drop=False).loc[list(heading)].reset_index(drop=True)
    return grouped.assign(group=grouped["id"].map(heading))


def _found(axis: Axis, material: Material, places: pd.Series) -> tuple[list[str], dict[str, str]]:
    """Ids in order, and their labels as far as they have any."""
    cases = material.cases
    if axis.of == "all":
        return ["all"], {"all": "All"}
    if axis.of == "period":
        dates = pd.concat([material.documents["date"], material.segments["date"]], ignore_index=True)
        return periods_between(dates, axis.period, axis.year_starts), {}
    if axis.of == "case":
        own = cases["label"] if "label" in cases.columns else cases["case"]
        known = dict(zip(cases["case"].astype(str), own.fillna("").astype(str), strict=True))
        return sorted(known), {**known, **axis.labels}
    if axis.labels:
        stray = sorted(set(places.dropna()) - set(axis.labels) - {NOT_RECORDED})
        if stray and not axis.only:
            raise StudyError(
                f"'{axis.of}' is {listed(map(shown, stray))} in the data, but the codebook has "
                f"{listed(axis.labels, 30)}; add it there, or correct the data"
            )
        return list(axis.labels), dict(axis.labels)
    found = {str(name) for name in places.dropna()} - {NOT_RECORDED}
    if axis.of in cases.columns:
        found |= {str(name) for name in cases[axis.of].dropna()}
    return sorted(found), {}


def _of_cases(axis: Axis, material: Material) -> bool:
    """Whether an axis is a column of the cases alone, and some case has nothing there, with segments or without."""
    elsewhere = axis.of in material.segments.columns or axis.of in material.documents.columns
    if elsewhere or axis.of not in material.cases.columns:
        return False
    return bool((_named(material.cases[axis.of]) == NOT_RECORDED).any())


def _only(entries: pd.DataFrame, axis: Axis, where: str) -> pd.DataFrame:
    if not axis.only:
        return entries
    absent = [name for name in axis.only if name not in set(entries["id"])]
    if absent:
        raise StudyError(
            f"'only' names {listed(map(shown, absent))}, but {where} of '{axis.of}' has {listed(entries['id'], 30)}; "
            "correct it"
        )
    if axis.of in CODED or axis.of == "period" or axis.labels:
        return entries[entries["id"].isin(list(axis.only))].reset_index(drop=True)
    return entries.set_index("id", drop=False).loc[list(axis.only)].reset_index(drop=True)


def _named(values: pd.Series) -> pd.Series:
    return values.astype("str").fillna(NOT_RECORDED).replace("", NOT_RECORDED)


def _no_column(axis: Axis, material: Material) -> StudyError:
    frames = (material.segments, material.documents, material.cases)
    names = dict.fromkeys(str(name) for frame in frames for name in frame.columns)
    return StudyError(
        f"a matrix has '{axis.of}' as rows or columns, but segments, documents and cases have no such column; they "
        f"have {listed(names, 40)}"
    )
