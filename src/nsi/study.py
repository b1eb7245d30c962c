"""The Study: the one door between a notebook and files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from nsi import tables
from nsi.declared import DeclaredStudy
from nsi.door import Places, bytes_of, put_outputs, sha256
from nsi.errors import StudyError
from nsi.guard import through_the_door
from nsi.names import checked_document, checked_name
from nsi.outputs import PAGE_DPI, PNG_DPI, ShownFigure, check_figure, pictures_wanted, plain_number
from nsi.readers.corrections import apply_corrections
from nsi.readers.exports import read_export
from nsi.readers.raw_data import RawData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STAMP = "SYNTHETIC DATA"


class Study(DeclaredStudy):
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

    @classmethod
    def open(cls) -> Study:
        """Open the study that this run, or this folder, is about."""
        pd.set_option("display.max_colwidth", None)  # a sentence cut in a table tells a reviewer nothing
        pd.set_option("display.max_rows", 200)
        return cls(Places.found())

    def raw_if_declared(self, name: str) -> RawData | None:
        """Read one raw table as :meth:`raw` does; None where study.yml declares no such table."""
        self._relied_on(f"raw.{name}")
        return self.raw(name) if name in self._declaration.raw else None

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
        written = {"form": table.form, "encoding": table.encoding, "separator": table.separator, "sheet": table.sheet}
        export = read_export(data, file=table.file, **written)
        numbered = self._declaration.corrections(table.file)
        rows, cells = [number for number, _ in numbered], [cells for _, cells in numbered]
        corrected, applied = apply_corrections(export.frame, cells, file=table.file, rows=rows)
        self._save_receipt()
        if table.holds == "responses":
            self._relied_on("survey")
        fields = {field: self.field(field) for field in table.coded_fields}
        survey = self._declaration.survey if table.holds == "responses" else None
        return RawData(table, corrected, applied, fields, export.labels, export.questions, survey)

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
        """Store a figure as svg, pdf and png, beside the table that it was drawn from; in a sweep that table alone.

        Parameters
        ----------
        name : str
            File name without ending.
        fig : Figure
            The figure; a stamp is put on it if anything read so far is synthetic. What would be hard to read in it goes
            into the record.
        alt : str
            What a person who cannot see it should know: kind, what is compared, main reading, n.
        data : DataFrame
            The numbers that it shows.

        Raises
        ------
        StudyError
            Without an alternative text or without data.
        """
        from nsi.figures.legibility import proof

        check_figure(checked_name(name, "figure"), alt, data)
        table = tables.to_csv(tables.check_frame(data, name))
        pictures = self._drawn(fig, name, alt, f"{self.title}: figures/{name}.csv", stored=True)
        self._put({**{f"figures/{name}.{kind}": content for kind, content in pictures.items()},
                   f"figures/{name}.csv": table})  # fmt: skip
        if pictures:
            self._receipt.figures[name] = proof(fig)
        self._save_receipt()
        return ShownFigure(name, pictures.get("png", b""), alt)

    def shown(self, name: str, fig: Figure, *, alt: str, data: pd.DataFrame) -> ShownFigure:
        """Show a figure on this notebook's page alone, stamped like any other; nothing is stored in figures/.

        Raises
        ------
        StudyError
            Without an alternative text or without data.
        """
        check_figure(checked_name(name, "figure"), alt, data)
        return ShownFigure(name, self._drawn(fig, name, alt, self.title, stored=False).get("png", b""), alt, PAGE_DPI)

    def document(self, name: str, data: bytes) -> str:
        """Store a document for readers, as figures/documents/<name>; it names no unit and no person.

        Parameters
        ----------
        name : str
            File name with its ending, such as ``methods.docx``.
        data : bytes
            What `nsi.documents` made.

        Returns
        -------
        str
            Where it was stored.
        """
        return self._put_document(f"figures/documents/{checked_document(name)}", data)

    def worksheet(self, name: str, data: bytes) -> str:
        """Store a document for the team, as data_processed/<name>: it may name units, so it is not for readers."""
        return self._put_document(f"data_processed/{checked_document(name)}", data)

    def number(self, name: str, value: float | str) -> float | str:
        """Record a number that a text may quote by name; it goes into figures/numbers.json."""
        checked_name(name, "number")
        if self._in_pipeline and name in self._receipt.numbers:
            raise StudyError(f"the number '{name}' is recorded twice in this notebook; give each number its own name")
        self._receipt.numbers[name] = plain_number(name, value)
        self._save_receipt()
        return value

    def numbers(self) -> dict[str, float | str]:
        """Return every number that other notebooks recorded, by name; those that read numbers themselves do not count.

        Raises
        ------
        StudyError
            If a file of numbers is missing or damaged.
        """
        found: dict[str, float | str] = {}
        for file in self._places.number_files():
            absent = "is not there yet; run the notebook that records its numbers first, or `make all`"
            data = bytes_of(self._places.out / file, file, absent)
            self._receipt.number_files[file] = sha256(data)
            try:
                handed_on = json.loads(data)
                found |= handed_on["numbers"]
                self._receipt.synthetic |= handed_on["synthetic"]
            except (ValueError, KeyError, TypeError):
                raise StudyError(f"{file} is damaged; delete it and run `make all`, which writes it again") from None
        self._save_receipt()
        return dict(sorted(found.items()))

    def _drawn(self, fig: Figure, name: str, alt: str, source: str, *, stored: bool) -> dict[str, bytes]:
        from nsi.figures.rendering import KINDS, render, stamp

        if not pictures_wanted():
            return {}
        if self.synthetic:
            stamp(fig, STAMP)
        kinds, dpi = (KINDS, PNG_DPI) if stored else (("png",), PAGE_DPI)
        return {kind: render(fig, kind, title=name, alt=alt, source=source, dpi=dpi) for kind in kinds}

    def _put_document(self, file: str, data: bytes) -> str:
        if not isinstance(data, bytes) or not data:
            raise StudyError(f"{file} must be given as the bytes of a document, but found {type(data).__name__}")
        self._put({file: data})
        return file

    def _gathered(self, template: str) -> list[str]:
        if self._in_pipeline:
            return self._places.gathered[template]
        found = self._declaration.names_over(template)
        with through_the_door():
            there = [name for name in found if (self._places.out / "data_processed" / f"{name}.parquet").exists()]
        if not there:
            raise StudyError(f"no table fits '{template}' yet; run the notebooks that write them first, or `make all`")
        return there

    def _put(self, files: Mapping[str, bytes]) -> None:
        put_outputs(files, self._places, self._receipt)
        self._save_receipt()
