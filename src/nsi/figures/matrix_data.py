"""The numbers behind a case matrix: shares, medians and n, checked and ready to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_codes, require_columns, require_counts, require_labels, require_order

TABLE = "case matrix"
WHOLE = 1e-6  # shares of a case and field sum to 1 but for rounding of the arithmetic


@dataclass(frozen=True)
class MatrixData:
    """What stands in each cell.

    Parameters
    ----------
    shares : mapping
        Share 0 to 1 per (case, field, code); complete for every rated case and field.
    medians : mapping
        Median per (case, field), in the unit of the codes; only ordinal fields have them.
    counts : mapping
        n per (case, field); 0 where the case was not rated on the field.
    """

    shares: Mapping[tuple[str, str, str], float]
    medians: Mapping[tuple[str, str], float]
    counts: Mapping[tuple[str, str], int]

    def rated(self, case: str, field: str) -> bool:
        """Whether the case has at least one unit rated on the field."""
        return self.counts.get((case, field), 0) > 0

    def is_ordinal(self, field: str) -> bool:
        """Whether the field comes with medians."""
        return any(name == field for _, name in self.medians)

    def common_n(self, case: str, fields: Sequence[str]) -> int | None:
        """Give the n that all rated fields of a case share; None where they differ."""
        found = {self.counts[case, field] for field in fields if self.rated(case, field)}
        return max(found, default=0) if len(found) <= 1 else None

    def most_common(self, field: str, cases: Sequence[str], codes: Sequence[str]) -> str:
        """Give the code with the most units over all cases, the earlier one where two are level."""

        def units(code: str) -> float:
            return sum(
                self.counts.get((case, field), 0) * self.shares.get((case, field, code), 0) for case in cases
            )

        return max(codes, key=lambda code: (round(units(code), 6), -list(codes).index(code)))


def matrix_data(
    matrix: pd.DataFrame,
    cases: Sequence[str],
    case_labels: Mapping[str, str],
    field_codes: Mapping[str, Mapping[str, str]],
    field_labels: Mapping[str, str],
) -> MatrixData:
    """Check a long case matrix and make it ready to look up; the frame is described at `case_matrix`.

    Raises
    ------
    StudyError
        If a column is missing, a case, field, code or statistic is unknown, n is not a whole number from 0 up
        or differs within a case and field, a cell stands twice, a share is outside 0 to 1, or a code is
        missing whose share cannot be 0.
    """
    require_order(cases, what="cases of the matrix")
    require_order(list(field_codes), what="fields of the matrix")
    require_labels(case_labels, cases, what="cases of the matrix")
    require_labels(field_labels, list(field_codes), what="fields of the matrix")
    for field, codes in field_codes.items():
        require_order(list(codes), what=f"codes of {field}")
        require_labels(codes, list(codes), what=f"codes of {field}")
    require_columns(matrix, ["case", "field", "code", "statistic", "value", "n"], table=TABLE)
    require_codes(matrix["case"], cases, table=TABLE)
    require_codes(matrix["field"], list(field_codes), table=TABLE)
    require_codes(matrix["statistic"], ["share", "median"], table=TABLE)
    counts = _counts(matrix.assign(n=require_counts(matrix, "n", table=TABLE)))
    rated = matrix[
        [counts[case, field] > 0 for case, field in zip(matrix["case"], matrix["field"], strict=True)]
    ]
    rated = rated.assign(value=pd.to_numeric(rated["value"], errors="coerce"))
    medians = _medians(rated[rated["statistic"] == "median"])
    return MatrixData(_shares(rated[rated["statistic"] == "share"], counts, field_codes), medians, counts)


def _counts(matrix: pd.DataFrame) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for case, field, n in zip(matrix["case"], matrix["field"], matrix["n"], strict=True):
        if counts.setdefault((case, field), int(n)) != n:
            raise StudyError(
                f"{TABLE}: n of case '{case}' on field '{field}' is both {counts[case, field]} and {n}; "
                "give every row of a case and field the same n"
            )
    return counts


def _medians(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    medians: dict[tuple[str, str], float] = {}
    for case, field, value in zip(rows["case"], rows["field"], rows["value"], strict=True):
        if (case, field) in medians:
            raise StudyError(f"{TABLE}: case '{case}' has two medians on field '{field}'; keep one")
        if pd.isna(value):
            raise StudyError(
                f"{TABLE}: the median of case '{case}' on field '{field}' is missing although n is above 0; "
                "compute it, or set n to 0 if the case was not rated"
            )
        medians[case, field] = float(value)
    return medians


def _shares(
    rows: pd.DataFrame, counts: Mapping[tuple[str, str], int], field_codes: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str, str], float]:
    """Look up shares; a code that is not listed has share 0 where the others make up the whole."""
    shares: dict[tuple[str, str, str], float] = {}
    for case, field, code, value in zip(
        rows["case"], rows["field"], rows["code"], rows["value"], strict=True
    ):
        where = f"case '{case}', field '{field}'"
        if pd.isna(code) or code not in field_codes[field]:
            raise StudyError(
                f"{TABLE}: {where}: code is {'missing' if pd.isna(code) else repr(code)}, allowed are "
                f"{', '.join(field_codes[field])}; correct the code or add it to the codebook"
            )
        if (case, field, code) in shares:
            raise StudyError(f"{TABLE}: {where}: the share of code '{code}' stands twice; keep one")
        if not 0 <= value <= 1 + WHOLE:
            raise StudyError(
                f"{TABLE}: {where}: the share of code '{code}' is {value:g}, allowed are 0 to 1; "
                "give shares as parts of 1, not in per cent"
            )
        shares[case, field, code] = min(float(value), 1.0)
    for (case, field), n in counts.items():
        absent = [code for code in field_codes[field] if (case, field, code) not in shares]
        if n and absent:
            total = sum(shares.get((case, field, code), 0.0) for code in field_codes[field])
            if abs(total - 1) > WHOLE:
                raise StudyError(
                    f"{TABLE}: case '{case}', field '{field}': no share for code '{absent[0]}', and the "
                    f"others sum to {total:.3g}, not 1; add the row"
                )
            shares.update({(case, field, code): 0.0 for code in absent})
    return shares
