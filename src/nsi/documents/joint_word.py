"""A joint display as a Word file: landscape, header on every page, bars as small pictures with words for them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import pandas as pd
from docx.oxml import parse_xml

from nsi.documents import matrix_word_xml as xml
from nsi.documents.joint_parts import (
    JointRow,
    Scale,
    band_words,
    bar_words,
    case_words,
    fit_words,
    joint_rows,
    middle_words,
    open_words,
    scale_of,
)
from nsi.documents.matrix_parts import readable
from nsi.documents.micro_bar import HEIGHT, PER_MM, WIDTH, micro_bar
from nsi.documents.word_page import empty_landscape
from nsi.documents.zip_bytes import same_bytes

if TYPE_CHECKING:
    from docx.document import Document as WordFile

SIZE = 9.0  # points
WIDTHS = [2_100, 3_000, 3_100, 3_450, 3_488]  # twentieths of a point: case, score, theme, quote, inference
LONG = 1_200  # characters of a row beyond which it may be broken over two pages
HOLE = "FFF3C4"
ROOM = '<w:spacing w:before="50" w:after="0"/>'  # or the picture covers the line above it
EMU = 36_000  # of a mm
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def joint_word(
    frame: pd.DataFrame, *, title: str, note: str, score_title: str, theme_title: str,
    labels: Mapping[str, str] | None = None, interval: str = "its interval", middle: float | None = None,
    within: tuple[float, float] | None = None, stamp: str = "", evidence: str = "full",
) -> bytes:  # fmt: skip
    """Write a joint display as a Word file.

    Parameters
    ----------
    frame : DataFrame
        From `nsi.methods.joint_display`.
    title, note : str
        What stands above the table, and below it; the note may be empty.
    score_title, theme_title : str
        What was measured, and what was found in the material.
    labels : mapping of str to str, optional
        Case to printed label.
    interval : str
        What a bar is, such as "its 95% interval".
    middle : float, optional
        Mean of all cases, drawn as a dashed line.
    within : tuple of float, optional
        What the scale must cover in any case.
    stamp : str
        Such as that the data are synthetic; stands at the head of every page.
    evidence : str
        full: with quotes; counts: only whether one was chosen.

    Returns
    -------
    bytes
        A .docx, landscape A4; equal input gives equal bytes. Every bar has words for those who cannot see it.

    Raises
    ------
    StudyError
        If a column is lacking, there is no row, or `evidence` is another word.
    """
    rows = joint_rows(frame, labels or {}, evidence)
    scale = scale_of(rows, middle, within)
    title, note, score_title, theme_title, interval, stamp = map(
        readable, (title, note, score_title, theme_title, interval, stamp)
    )
    document = empty_landscape(title, stamp, SIZE)
    bars = [_picture(document, row, scale, number) for number, row in enumerate(rows, start=1)]
    drawn = f"dot: score; bar: {interval}; pale lines at {', '.join(map(scale.told, scale.ticks))}"
    drawn += middle_words(middle)
    heads = [("Case", ""), (score_title, drawn), (theme_title, ""), ("Quote", ""), ("Inference and fit", "")]
    content = xml.paragraph("Heading1", xml.runs(title))
    content += xml.paragraph("MatrixNote", xml.runs(open_words(rows), "<w:b/>")) if open_words(rows) else ""
    told = f"Joint display of {case_words(len(rows))}: {score_title}, {theme_title}, a quote, an inference and its fit."
    content += xml.table(WIDTHS, _rows(rows, bars, heads), title=title, description=told)
    content += xml.paragraph("MatrixNote", xml.runs(f"Fit, as people judged it: {fit_words()}."))
    content += xml.lines("MatrixNote", note) if note else ""
    end = document.element.body.sectPr
    for child in list(parse_xml(xml.part("body", content))):
        end.addprevious(child)
    target = io.BytesIO()
    document.save(target)
    return same_bytes(target.getvalue())


def _rows(rows: list[JointRow], bars: list[str], heads: list[tuple[str, str]]) -> Iterator[str]:
    head = [xml.paragraph("MatrixHead", xml.runs(name)) + (xml.lines("MatrixGiven", more) if more else "")
            for name, more in heads]  # fmt: skip
    yield xml.table_row(_cells(head, [xml.HEAD] * len(head)), header=True)
    banded = any(row.band for row in rows)
    place = 0
    for band, found in groupby(rows, key=band_words):
        if banded:
            named = xml.paragraph("MatrixHead", xml.runs(band), properties="<w:keepNext/>")
            yield xml.table_row([xml.cell(sum(WIDTHS), named, shading=xml.BAND, span=len(WIDTHS))])
        for row in found:
            length = len(row.summary) + len(row.inference) + sum(map(len, row.quotes))
            yield xml.table_row(_row(row, bars[place]), whole=length <= LONG)
            place += 1


def _row(row: JointRow, bar: str) -> list[str]:
    score = (xml.paragraph("MatrixGiven", bar, properties=ROOM) if bar else "") + _shown(row.score)
    score += xml.paragraph("MatrixGiven", xml.runs(f"n {row.n}"))
    score += xml.lines("MatrixGiven", row.beside) if row.beside else ""
    theme = (_shown(row.rating) if row.rating else "") + (_written(row.summary) if row.summary else "")
    by = xml.paragraph("MatrixGiven", xml.runs(row.by)) if row.by and "inference" not in row.open else ""
    inference = _missing(row.inference) if "inference" in row.open else _written(row.inference) + by
    fit = _missing(row.fit) if "fit" in row.open else _shown(f"Fit: {row.fit}")
    contents = [
        xml.lines("MatrixHead", row.label), score, _missing(row.summary) if "theme" in row.open else theme,
        _missing(row.quotes[0]) if "quote" in row.open else "".join(
            map(_written, row.quotes)),
        inference + fit,
    ]  # fmt: skip
    holes = [False, False, "theme" in row.open, "quote" in row.open, bool(row.open & {"inference", "fit"})]
    return _cells(contents, [xml.HEAD, *(HOLE if hole else "" for hole in holes[1:])])


def _cells(contents: list[str], shadings: list[str]) -> list[str]:
    return [xml.cell(width, content, shading=shading)
            for width, content, shading in zip(WIDTHS, contents, shadings, strict=True)]  # fmt: skip


def _written(text: str) -> str:
    return xml.lines("MatrixSummary", text)


def _shown(text: str) -> str:
    return xml.lines("MatrixShown", text)


def _missing(text: str) -> str:
    """Write what is still to be done: in brackets too, so that no grey print hides it."""
    return xml.paragraph("MatrixShown", xml.runs(f"[{text}]", "<w:i/>"))


def _picture(document: WordFile, row: JointRow, scale: Scale, number: int) -> str:
    """Put the bar of a row into the file, and return the run that shows it; "" where there is no score."""
    if pd.isna(row.estimate):
        return ""
    relation, _ = document.part.get_or_add_image(io.BytesIO(micro_bar(row.estimate, row.low, row.high, scale)))
    size = f'cx="{round(WIDTH / PER_MM * EMU)}" cy="{round(HEIGHT / PER_MM * EMU)}"'
    named = f'name="score {number}" descr={quoteattr(" ".join(bar_words(row, scale).split()))}'
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{DRAWING}/wordprocessingDrawing" '
        'distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent {size}/><wp:docPr id="{number}" {named}/>'
        f'<a:graphic xmlns:a="{DRAWING}/main"><a:graphicData uri="{DRAWING}/picture">'
        f'<pic:pic xmlns:pic="{DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="{number}" {named}/><pic:cNvPicPr/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip xmlns:r="{RELATIONS}" r:embed="{relation}"/><a:stretch><a:fillRect/>'
        f'</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )
