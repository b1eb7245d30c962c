"""What an opened study tells of its own declaration, and the trace that each question leaves in the receipt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from nsi import strict
from nsi.claims import COLUMNS, claims_as_declared
from nsi.codebook import Field
from nsi.declaration import Declaration
from nsi.door import RECEIPT, Places, Receipt, sha256, write_together
from nsi.errors import StudyError
from nsi.guard import through_the_door
from nsi.matrices import MatrixSpec
from nsi.survey import Survey


class DeclaredStudy:
    """The part of a study that is known without reading its data.

    Parameters
    ----------
    places : Places
        Where the files are.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._declaration = Declaration(places.study, places.data_raw)
        self._receipt = Receipt()

    @property
    def _in_pipeline(self) -> bool:
        return self._places.staging is not None

    @property
    def title(self) -> str:
        """The study's title."""
        self._relied_on("title")
        return self._declaration.title

    @property
    def synthetic(self) -> bool:
        """Whether anything read so far is synthetic."""
        return self._receipt.synthetic

    def field(self, name: str) -> Field:
        """Return one field of the codebook: label, level, codes in order."""
        self._relied_on(f"codes.{name}")
        return self._declaration.codebook[name]

    def fields(self, table: str) -> dict[str, Field]:
        """Return the rated fields of a raw table of ratings, in declared order."""
        self._relied_on(f"raw.{table}")
        return {name: self.field(name) for name in self._declaration.table(table).fields}

    def case_labels(self, table: str) -> dict[str, str]:
        """Return the cases of a table of ratings in declared order, with labels; empty if none are listed."""
        self._relied_on(f"raw.{table}")
        column = self._declaration.table(table).columns.get("case")
        return self.field(column.field).labels if column and column.field else {}

    def survey(self) -> Survey:
        """Return what study.yml declares of the survey: items, scales, waves, domains.

        Raises
        ------
        StudyError
            If it declares none.
        """
        self._relied_on("survey")
        if self._declaration.survey is None:
            raise StudyError("study.yml declares no survey; add the key 'survey' with its items and scales")
        return self._declaration.survey

    def matrix(self, name: str) -> MatrixSpec:
        """Return what the study's matrices.yml declares of one matrix.

        Raises
        ------
        StudyError
            If it declares no matrix of that name.
        """
        self._relied_on(f"matrices.{name}")
        declared = self._declaration.matrices
        if name not in declared:
            raise StudyError(f"matrices.yml declares no matrix '{name}'; it declares {', '.join(declared) or 'none'}")
        return declared[name]

    def claims(self) -> pd.DataFrame:
        """Return the published claims that the study lists: claim, study, says, source, kind, test, basis, why."""
        self._relied_on("claims")
        return pd.DataFrame(claims_as_declared(self._declaration.claims), columns=list(COLUMNS), dtype="str")

    def setting(self, name: str, *, keys: Iterable[str] = ()) -> Any:
        """Return one value under ``settings`` in study.yml; with `keys`, a mapping of exactly those."""
        self._relied_on(f"settings.{name}")
        value = self._declaration.setting(name)
        return strict.checked(value, f"study.yml settings.{name}", required=list(keys)) if keys else value

    def seed(self, label: str) -> int:
        """Return the seed of one random draw, from the study's seed and a label; equal on every machine."""
        self._relied_on("seed")
        return int(sha256(f"{self._declaration.seed} {label}".encode())[:12], 16)

    def assumptions(self, subject: str) -> pd.DataFrame:
        """Return the assumptions behind synthetic data on one subject, to be printed; no rows if none.

        Returns
        -------
        DataFrame
            One row per number: id, value, basis (published, derived, assumption), why.
        """
        # The synthetic wing is needed only here, and only by notebooks that print assumptions.
        from nsi.synthetic.assumptions import as_rows

        self._relied_on(f"assumptions.{subject}")
        declared = self._declaration.assumptions
        rows = as_rows({subject: declared[subject]}) if subject in declared else []
        return pd.DataFrame(rows, columns=["id", "value", "basis", "why"])

    def _relied_on(self, key: str) -> None:
        with through_the_door():
            digest = self._declaration.digest(key)
        if self._receipt.declared.get(key) != digest:
            self._receipt.declared[key] = digest
            self._save_receipt()  # at once: what is asked for after the last write counts as well

    def _save_receipt(self) -> None:
        if self._places.staging is not None:
            write_together({self._places.staging / RECEIPT: self._receipt.as_text().encode()})
