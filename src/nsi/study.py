"""The Study: the one door between a notebook and files, and what the study declares of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from nsi import strict, tables
from nsi.codebook import Field
from nsi.declaration import Declaration
from nsi.door import RECEIPT, Places, Receipt, bytes_of, put_outputs, sha256, write_together
from nsi.errors import StudyError
from nsi.guard import through_the_door
from nsi.names import checked_name
from nsi.outputs import ShownFigure, check_figure, plain_number
from nsi.readers.corrections import apply_corrections
from nsi.readers.delimited import read_delimited
from nsi.readers.raw_data import RawData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STAMP = "SYNTHETIC DATA"


class Study:
    """One study, opened: notebooks read and write through it and nowhere else.

    Parameters
    ----------
    places : Places
        Where the files are.

    Notes
    -----
    Every call leaves a trace in the run's receipt: names and SHA-256 of what was read and written, and
    digests of the parts of the declaration that were asked for. A run is fresh as long as all of those are
    the same.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._declaration = Declaration(places.study, places.data_raw)
        self._receipt = Receipt()

    @classmethod
    def open(cls) -> Study:
        """Open the study that this run, or this folder, is about."""
        pd.set_option("display.max_colwidth", None)  # a sentence cut in a table tells a reviewer nothing
        pd.set_option("display.max_rows", 200)
        return cls(Places.found())

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

    def raw(self, name: str) -> RawData:
        """Read one raw table as text, with the corrections of its file applied.

        Raises
        ------
        StudyError
            If the table is not declared, its file is missing or unreadable, or a correction does not fit.
        """
        table = self._declaration.table(name)
        for key in (f"raw.{name}", f"corrections.{table.file}", f"synthetic.{table.file}"):
            self._relied_on(key)
        absent = f"is missing; study.yml raw.{name} names it. Put the export there, or correct the name"
        data = bytes_of(self._places.data_raw / table.file, f"data_raw/{table.file}", absent)
        self._receipt.raw[table.file] = sha256(data)
        self._receipt.synthetic |= table.file in self._declaration.synthetic_files
        text = read_delimited(data, file=table.file, encoding=table.encoding, separator=table.separator)
        numbered = self._declaration.corrections(table.file)
        rows, cells = [number for number, _ in numbered], [cells for _, cells in numbered]
        corrected, applied = apply_corrections(text, cells, file=table.file, rows=rows)
        self._save_receipt()
        return RawData(table, corrected, applied, {field: self.field(field) for field in table.coded_fields})

    def read(self, name: str) -> pd.DataFrame:
        """Read a processed table that a notebook wrote with :meth:`write`.

        Raises
        ------
        StudyError
            If it is not there yet.
        """
        file = f"data_processed/{checked_name(name, 'table')}.parquet"
        absent = f"is not there yet; run the notebook that writes '{name}' first, or `make all`"
        data = bytes_of(self._places.out / file, file, absent)
        self._receipt.read[name] = sha256(data)
        frame, synthetic = tables.from_parquet(data, name)
        self._receipt.synthetic |= synthetic
        self._save_receipt()
        return frame

    def read_each(self, template: str) -> pd.DataFrame:
        """Read every processed table whose name fits a template, one below the other.

        Parameters
        ----------
        template : str
            A name with a parameter in braces, such as ``reliability_{field}``.

        Returns
        -------
        DataFrame
            All of them, in the order in which study.yml runs them.
        """
        return pd.concat([self.read(name) for name in self._gathered(template)], ignore_index=True)

    def write(self, name: str, frame: pd.DataFrame, *, key: Iterable[str] = ()) -> pd.DataFrame:
        """Store a processed table; ``key`` names the columns that tell its rows apart, and is checked."""
        file = f"data_processed/{checked_name(name, 'table')}.parquet"
        data = tables.to_parquet(tables.check_frame(frame, name, key), synthetic=self.synthetic)
        self._put({file: data})
        return frame

    def table(self, name: str, frame: pd.DataFrame, *, key: Iterable[str] = ()) -> pd.DataFrame:
        """Store a table for readers, as figures/tables/<name>.csv."""
        file = f"figures/tables/{checked_name(name, 'table')}.csv"
        self._put({file: tables.to_csv(tables.check_frame(frame, name, key))})
        return frame

    def figure(self, name: str, fig: Figure, *, alt: str, data: pd.DataFrame) -> ShownFigure:
        """Store a figure as svg, pdf and png, beside the table that it was drawn from.

        Parameters
        ----------
        name : str
            File name without ending.
        fig : Figure
            The figure; a stamp is put on it if anything read so far is synthetic.
        alt : str
            What a person who cannot see it should know: kind, what is compared, main reading, n.
        data : DataFrame
            The numbers that it shows.

        Raises
        ------
        StudyError
            Without an alternative text or without data.
        """
        from nsi.figures.rendering import render, stamp

        checked_name(name, "figure")
        check_figure(name, alt, data)
        table = tables.to_csv(tables.check_frame(data, name))
        if self.synthetic:
            stamp(fig, STAMP)
        source = f"{self._declaration.title}: figures/{name}.csv"
        self._relied_on("title")
        pictures = {kind: render(fig, kind, title=name, alt=alt, source=source) for kind in ("svg", "pdf", "png")}
        self._put({**{f"figures/{name}.{kind}": content for kind, content in pictures.items()},
                   f"figures/{name}.csv": table})  # fmt: skip
        return ShownFigure(name, pictures["png"], alt)

    def number(self, name: str, value: float | str) -> float | str:
        """Record a number that a text may quote by name; it goes into figures/numbers.json."""
        checked_name(name, "number")
        if self._in_pipeline and name in self._receipt.numbers:
            raise StudyError(f"the number '{name}' is recorded twice in this notebook; give each number its own name")
        self._receipt.numbers[name] = plain_number(name, value)
        self._save_receipt()
        return value

    def _gathered(self, template: str) -> list[str]:
        if self._in_pipeline:
            return self._places.gathered[template]
        found = self._declaration.names_over(template)
        with through_the_door():
            there = [name for name in found if (self._places.out / "data_processed" / f"{name}.parquet").exists()]
        if not there:
            raise StudyError(f"no table fits '{template}' yet; run the notebooks that write them first, or `make all`")
        return there

    def _relied_on(self, key: str) -> None:
        with through_the_door():
            digest = self._declaration.digest(key)
        if self._receipt.declared.get(key) != digest:
            self._receipt.declared[key] = digest
            self._save_receipt()  # at once: what is asked for after the last write counts as well

    def _put(self, files: Mapping[str, bytes]) -> None:
        put_outputs(files, self._places, self._receipt)
        self._save_receipt()

    def _save_receipt(self) -> None:
        if self._places.staging is not None:
            write_together({self._places.staging / RECEIPT: self._receipt.as_text().encode()})
