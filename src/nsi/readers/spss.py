"""SPSS files as text: user-missing values stay what was stored, labels and questions stand beside the cells."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from nsi.errors import StudyError, shown
from nsi.readers.export_frame import DAY, ROW, Export, clock_text, moment_text, number_text
from nsi.readers.spss_cases import Cases, read_cases
from nsi.readers.spss_dictionary import Layout, Variable, read_layout
from nsi.readers.spss_records import MAGIC, Damaged, text_of

START = datetime.date(1582, 10, 14)  # from which SPSS counts seconds
DAYS = {20, 23, 24, 28, 29, 30, 38, 39}  # print formats of days, months, quarters and weeks
MOMENTS = {22, 41}  # a day with its time
CLOCKS = {21, 25, 40}  # a time of day, or a duration
LATEST = 265_621_680_000.0  # second after which the calendar ends: the year 10,000
SAVE_AS = "open it in its program and save it as an SPSS .sav file"


def read_spss_export(data: bytes, *, file: str, encoding: str = "utf-8") -> Export:
    """Read an SPSS file, .sav or .zsav, as text.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    encoding : str
        Of its texts, if the file is too old to say so itself.

    Returns
    -------
    Export
        Rows are numbered from 1, as SPSS numbers cases. Whole numbers are written as 4, others as the shortest
        text that gives the number back, days as 2001-12-31, moments as 2001-12-31 09:13:22; a code in a
        variable of dates (labelled, declared missing, or outside the calendar) as the number that it is.
        System-missing is ``""``; user-missing values are what was stored. Texts lose their padding.

    Raises
    ------
    StudyError
        If it is no SPSS file, is locked, damaged, cut short, has more or fewer cases than it says, or no case.
    """
    _refuse_others(data, file)
    try:
        layout = read_layout(data, file, encoding)
        cases = read_cases(data, layout)
    except Damaged as error:
        raise StudyError(f"{file} is damaged or cut short: {error}; copy it, or export it, again") from None
    if not len(cases):
        raise StudyError(f"{file} has {len(layout.variables)} variables, but no cases; export it again")
    columns, labels = {}, {}
    for variable in layout.variables:
        write = _writer(variable, layout, file)
        columns[variable.name] = _column(variable, cases, layout, file, write)
        if variable.labels:
            labels[variable.name] = {write(value): label for value, label in variable.labels.items()}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, len(cases) + 1, name=ROW))
    return Export(frame, labels, {one.name: one.question for one in layout.variables if one.question})


def _refuse_others(data: bytes, file: str) -> None:
    if not data:
        raise StudyError(f"{file} is empty; export it again")
    if data.startswith(MAGIC):
        return
    head = data[:600]
    if b"ENCRYPTEDSAV" in head:
        raise StudyError(f"{file} has a password; open it in SPSS and save it without one")
    if b"SPSS PORT FILE" in head or b"SPSSPORT" in head:
        raise StudyError(f"{file} is a portable SPSS file (.por); {SAVE_AS}")
    if head.startswith(b"<stata_dta>") or (head[0] in range(0x66, 0x78) and head[1:2] in (b"\x01", b"\x02")):
        raise StudyError(f"{file} is a Stata file (.dta); {SAVE_AS}")
    raise StudyError(f"{file} is no SPSS file; declare the form that it has, or {SAVE_AS}")


def _writer(variable: Variable, layout: Layout, file: str) -> Callable[[float | bytes], str]:
    """Return what turns a stored value of a variable into text."""
    coded = {value for value in variable.labels if isinstance(value, float)} | set(variable.missing)

    def write(value: float | bytes) -> str:
        if isinstance(value, bytes):
            return text_of(value, layout.encoding, variable.width)
        return _date_text(value, variable.kind, coded) or number_text(value)

    return write


def _date_text(value: float, kind: int, coded: set[float]) -> str | None:
    """Write a date; nothing for other kinds, for codes, and outside the calendar."""
    if kind not in DAYS | MOMENTS | CLOCKS or value in coded or not 0 <= value < LATEST:
        return None
    millis = round(value * 1000)  # beyond, there is only the rounding of the stored number
    if kind in CLOCKS:
        return clock_text(millis)
    return moment_text(START, millis, kind in MOMENTS) if millis >= DAY else None


def _column(
    variable: Variable, cases: Cases, layout: Layout, file: str, write: Callable[[float | bytes], str]
) -> pd.api.extensions.ExtensionArray:
    if variable.width == 0:
        start = variable.parts[0][0]
        numbers = np.ascontiguousarray(cases[:, start : start + 8]).view(f"{layout.order}f8").ravel()
        return _number_column(numbers.astype(np.float64), variable.name, layout.sysmis, file, write)
    stored = np.concatenate([cases[:, start : start + held] for start, held in variable.parts], axis=1)
    known: dict[bytes, str] = {}
    texts = []
    for number, raw in enumerate(stored.view(f"S{variable.width}").ravel().tolist(), start=1):
        text = known.get(raw)
        if text is None:
            try:
                text = known[raw] = write(raw)
            except UnicodeDecodeError:
                raise StudyError(
                    f"{file} row {number}: {variable.name} is not {layout.encoding} text; open the file in SPSS and "
                    "save it in Unicode mode, or declare an encoding such as cp1252 if the file names none"
                ) from None
        texts.append(text)
    return pd.array(texts, dtype="str")


def _number_column(
    numbers: npt.NDArray[np.float64], name: str, sysmis: float, file: str, write: Callable[[float | bytes], str]
) -> pd.api.extensions.ExtensionArray:
    impossible = ~np.isfinite(numbers)
    if impossible.any():
        raise StudyError(
            f"{file} row {int(impossible.argmax()) + 1}: {shown(name)} holds no possible number, so the file is "
            "damaged; copy it, or export it, again"
        )
    values, places = np.unique(numbers, return_inverse=True)
    texts = ["" if value == sysmis else write(value) for value in values.tolist()]
    return pd.array(np.array(texts, dtype=object)[places], dtype="str")
