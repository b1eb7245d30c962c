"""Joint display as HTML and Word: texts whole and only text, bars with words, holes in sight, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from html.parser import HTMLParser
from typing import Any

import docx
import numpy as np
import pandas as pd
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from nsi.documents.joint_html import joint_html
from nsi.documents.joint_parts import FITS, NOT_SHOWN, Scale, joint_rows, scale_of
from nsi.documents.joint_word import joint_word
from nsi.documents.matrix_parts import readable
from nsi.documents.micro_bar import HEIGHT, WIDTH, micro_bar
from nsi.errors import StudyError
from nsi.methods import joint_display as method
from nsi.methods.joint_display import joint_display

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/C calc'!A0",
    "\\input{/etc/passwd} $x$ 100%",
    "\u202eshown backwards\u202c",
    "שלום עולם",
    "zero\u200bwidth",
    "bell\x07 nul\x00 \x85",
    "]]> &amp; &lt;",
    "long " * 8_000,
]


def frame(**texts: Any) -> pd.DataFrame:
    scores = pd.DataFrame(
        [
            ("a", 4.2, 4.0, 4.4, 40, "", "Stronger"),
            ("b", 3.1, np.nan, np.nan, 8, "", "Weaker"),
            ("c", 3.3, 3.0, 3.6, 3, "withheld", "Weaker"),
        ],
        columns=["case", "estimate", "low", "high", "n", "flag", "band"],
    )
    themes = pd.DataFrame(
        {"case": ["a", "b"], "rating": ["throughout", "some"], "summary": [texts.get("summary", "s"), "t"]}
    )
    quotes = pd.DataFrame(
        {"case": ["a"], "text": [texts.get("quote", "We do.")], "document": ["d1"], "place": ["par. 2"]}
    )
    inferences = pd.DataFrame(
        {
            "case": ["a", "b"],
            "text": [texts.get("inference", "Both."), ""],
            "fit": ["confirms", "silent"],
            "who": "R. W.",
            "written_on": "2031-05-17",
        }
    )
    return joint_display(scores, themes, quotes, inferences, least=5)


USUAL: dict[str, Any] = {
    "title": "Survey beside words",
    "note": "Read me.",
    "score_title": "Score",
    "theme_title": "Words",
    "labels": {"a": "Ash", "b": "Birch", "c": "Cedar"},
    "middle": 3.5,
    "stamp": "SYNTHETIC DATA",
}


def html(table: pd.DataFrame | None = None, **changes: Any) -> str:
    return joint_html(frame() if table is None else table, **(USUAL | changes)).decode()


def word(table: pd.DataFrame | None = None, **changes: Any) -> Any:
    return docx.Document(io.BytesIO(joint_word(frame() if table is None else table, **(USUAL | changes))))


class Page(HTMLParser):
    """Elements with their attributes, and all text outside the style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def cells(document: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[0].rows]


# --- what stands there


def test_a_page_says_score_theme_quote_inference_and_fit_of_each_case():
    text = Page(html()).text
    for words in (
        "4.20 (4.00 to 4.40)",
        "n 40",
        "throughout",
        "“We do.” (d1, par. 2)",
        "Both.",
        "R. W., 2031-05-17",
        "● confirms",
        "withheld (n<5)",
        "n <5",
        "SYNTHETIC DATA",
    ):
        assert words in text


def test_the_rows_of_a_page_are_the_cases_with_bands_above_them():
    page = Page(html())
    ids = [attrs["id"] for tag, attrs in page.elements if tag == "tr" and attrs.get("id")]
    assert ids == ["r1", "r2", "r3"]
    bands = [attrs for tag, attrs in page.elements if tag == "th" and attrs.get("scope") == "rowgroup"]
    assert len(bands) == 3
    assert sum(attrs.get("scope") == "row" for tag, attrs in page.elements if tag == "th") == 3


def test_every_score_is_a_bar_with_words_and_a_withheld_one_is_none():
    bars = [attrs for tag, attrs in Page(html()).elements if tag == "svg" and attrs.get("role") == "img"]
    assert [bar["aria-label"] for bar in bars] == [
        "Ash: score 4.20 (4.00 to 4.40), scale drawn from 3.06 to 4.44; dashed line at 3.50",
        "Birch: score 3.10 (no interval), scale drawn from 3.06 to 4.44; dashed line at 3.50",
    ]
    assert html().count('class="interval"') == 1


def test_bars_lie_where_the_scale_says():
    rows = joint_rows(frame(), {}, "full")
    scale = scale_of(rows, None, (1.0, 5.0))
    assert scale.ticks == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert scale.low < 1.0 and scale.high > 5.0
    assert scale.share(3.0) == pytest.approx(0.5)


def test_holes_are_framed_and_listed_with_links():
    page = Page(html())
    assert "In 2 of 3 cases something is still to be written." in page.text
    assert sum(attrs.get("class") == "hole" for tag, attrs in page.elements if tag == "td") == 6
    assert {attrs["href"] for tag, attrs in page.elements if tag == "a"} == {"#caption", "#r2", "#r3"}


def test_a_page_without_holes_says_nothing_of_them():
    whole = frame().iloc[[0]]
    assert "still to be written" not in Page(html(whole)).text
    assert "still to be written" not in "".join(p.text for p in word(whole).paragraphs)


def test_a_word_table_says_the_same_and_marks_holes_in_brackets():
    found = cells(word())
    assert found[0][0] == "Case"
    assert found[2] == [
        "Ash",
        "\n4.20 (4.00 to 4.40)\nn 40",
        "throughout\ns",
        "“We do.” (d1, par. 2)",
        "Both.\nR. W., 2031-05-17\nFit: confirms",
    ]
    assert found[4][3:] == ["[no quote chosen]", "[inference not written yet]\nFit: silent"]
    assert found[6][1:] == [
        "withheld (n<5)\nn <5",
        "[no theme rated yet]",
        "[no quote chosen]",
        "[inference not written yet]\n[fit not judged yet]",
    ]


def test_a_word_file_is_landscape_with_its_header_on_every_page_and_its_stamp():
    document = word()
    section = document.sections[0]
    assert section.page_width > section.page_height
    assert section.header.paragraphs[0].text == "SYNTHETIC DATA"
    rows = document.tables[0].rows
    assert [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [
        True,
        *[False] * 6,
    ]
    assert (document.core_properties.author, document.core_properties.title) == ("", "Survey beside words")


def test_every_picture_in_word_has_words_for_those_who_cannot_see_it():
    told = [part.get("descr") for part in word().element.body.iter(qn("wp:docPr"))]
    assert told[0] == "Ash: score 4.20 (4.00 to 4.40), scale drawn from 3.06 to 4.44; dashed line at 3.50"
    assert len(told) == 2


def test_counts_show_that_a_quote_was_chosen_but_no_word_of_it():
    page, table = Page(html(evidence="counts")).text, cells(word(evidence="counts"))
    assert NOT_SHOWN in page
    assert table[2][3] == NOT_SHOWN
    assert "We do" not in page
    assert "par. 2" not in page


def test_documents_know_the_fits_and_holes_of_the_method():
    assert tuple(FITS) == method.FITS
    assert joint_rows(frame(), {}, "full")[2].open == {"theme", "quote", "inference", "fit"}


def test_a_case_without_a_label_is_shown_by_its_id():
    assert joint_rows(frame(), {}, "full")[0].label == "a"


# --- hostile text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_whole_and_only_text_in_both(text):
    table = frame(summary=text, quote=text, inference=text)
    shown = readable(text.strip())
    page = Page(html(table, title=text, note=text, labels={"a": text}, stamp=text))
    assert page.text.count(shown) >= 6
    usual = {tag for tag, _ in Page(html()).elements}
    assert {tag for tag, _ in page.elements} <= usual | {"div"}
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    row = cells(word(table, title=text, note=text, labels={"a": text}))[2]
    assert [shown in cell for cell in (row[0], *row[2:])] == [True] * 4


@given(st.text(max_size=80))
@settings(max_examples=15, deadline=None)
def test_any_text_can_be_written_and_read_back(text):
    plain = text.encode("utf-8", "replace").decode()
    table = frame(inference=plain)
    shown = readable(plain.strip()) or "inference not written yet"
    assert shown in Page(html(table)).text
    assert shown in cells(word(table))[2][4]


def test_a_page_loads_nothing_and_runs_nothing():
    page = html()
    assert "default-src 'none'" in page
    assert not re.search(r"<script|https?://|url\(|@import|\bon\w+=", page)
    assert {tag for tag, attrs in Page(page).elements if "style" in attrs} == set()


# --- bytes


def test_the_same_display_gives_the_same_bytes():
    assert joint_html(frame(), **USUAL) == joint_html(frame(), **USUAL)
    assert joint_word(frame(), **USUAL) == joint_word(frame(), **USUAL)


def test_pictures_within_word_are_as_they_were_drawn():
    with zipfile.ZipFile(io.BytesIO(joint_word(frame(), **USUAL))) as archive:
        names = [name for name in archive.namelist() if name.startswith("word/media/")]
        pictures = [archive.read(name) for name in names]
    scale = scale_of(joint_rows(frame(), {}, "full"), 3.5, None)
    assert pictures[0] == micro_bar(4.2, 4.0, 4.4, scale)
    assert len(pictures) == 2


def test_a_small_picture_can_be_read_by_others_and_shows_dot_bar_and_line():
    scale = Scale(0.0, 10.0, (0.0, 5.0), 2.0)
    picture = imread(io.BytesIO(micro_bar(6.0, 4.0, 8.0, scale)), format="png")
    assert picture.shape[:2] == (HEIGHT, WIDTH)
    line = picture[33, :, 0]  # the line through the middle of the dot
    dark = np.flatnonzero(line < 0.2)
    dot = dark[dark > WIDTH // 2 - 60]
    assert dot.mean() == pytest.approx(0.6 * (WIDTH - 1), abs=1)
    tinted = np.flatnonzero(np.isclose(line, 0xBF / 255, atol=0.01))
    assert (tinted.min(), tinted.max()) == (round(0.4 * (WIDTH - 1)), round(0.8 * (WIDTH - 1)))
    assert picture[2, round(0.2 * (WIDTH - 1)), 0] < 0.2


def test_a_small_picture_is_not_compressed_so_that_its_bytes_are_the_same_everywhere():
    picture = micro_bar(1.0, 0.5, 1.5, Scale(0.0, 2.0, (1.0,), None))
    start = picture.index(b"IDAT") + 4
    assert picture[start : start + 3] == b"\x78\x01\x01"
    assert len(zlib.decompress(picture[start : picture.index(b"IEND") - 8])) == HEIGHT * (1 + WIDTH // 4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
@settings(max_examples=80, deadline=None)
def test_a_scale_holds_all_its_values_and_has_round_numbers_in_order(values):
    row = joint_rows(frame(), {}, "full")[0]
    scale = scale_of([row._replace(estimate=value, low=value, high=value) for value in values], None, None)
    assert all(0 <= scale.share(value) <= 1 for value in values)
    assert list(scale.ticks) == sorted(scale.ticks)
    assert 1 <= len(scale.ticks) <= 6


@pytest.mark.parametrize("write", [joint_html, joint_word])
def test_what_cannot_be_written_is_refused_in_words(write):
    for table, changes, told in (
        (frame(), {"evidence": "some"}, "evidence is 'some', but allowed are full and counts; correct it"),
        (frame().drop(columns="fit"), {}, "joint display lacks the column(s) fit; build it with joint_display"),
        (frame().iloc[:0], {}, "joint display has no rows; build it with joint_display"),
    ):
        with pytest.raises(StudyError, match=re.escape(told)):
            write(table, **(USUAL | changes))
