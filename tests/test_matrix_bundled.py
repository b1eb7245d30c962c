"""The matrices of the bundled study as they are published: from every rated cell a click leads to its segments."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from html import unescape

import pandas as pd
import pytest
from matrix_documents import DOCUMENTS, NAMES, STUDY, TABLES, cells, rated
from test_docs import ROOT

from nsi.documents.matrix_html_links import links_of, segments_behind


def part(name: str, ending: str, inside: str) -> str:
    """One part of a published Word or Excel file."""
    with zipfile.ZipFile(DOCUMENTS / f"matrix_{name}.{ending}") as package:
        return package.read(inside).decode()


def in_page(name: str) -> dict[str, int]:
    """Place of each cell of a page with a link, and how many segments are listed where it leads."""
    page = (DOCUMENTS / f"matrix_{name}.html").read_bytes()
    links, behind = links_of(page), segments_behind(page)
    frame = cells(name)
    keys = list(zip(frame["row"], frame["column"], strict=True))
    assert sorted(keys) == sorted(links), "the page has the cells of the table and no others"
    return {place: behind[key] for place, key in zip(frame["place"], keys, strict=True) if links[key] > 0}


def in_word(name: str) -> dict[str, int]:
    """The same of a Word file: links within table cells, to a bookmark with segments below it."""
    body = part(name, "docx", "word/document.xml")
    _, *lists = re.split(r'w:name="evidence_(r\d+_c\d+)"', body)
    listed = {place: text.count('w:val="MatrixSegment"') for place, text in zip(lists[::2], lists[1::2], strict=True)}
    clicked = re.findall(r'w:name="cell_(r\d+_c\d+)"(?:(?!</w:tc>).)*?w:anchor="evidence_(r\d+_c\d+)"', body, re.DOTALL)
    assert all(here == there for here, there in clicked), "a cell leads to its own evidence"
    return {here: listed[there] for here, there in clicked}


def in_excel(name: str) -> dict[str, int]:
    """The same of a workbook: links to the first row of evidence of a cell."""
    evidence = part(name, "xlsx", "xl/worksheets/sheet2.xml")
    first = r'<c r="A(\d+)"[^>]*><is><t[^>]*>matrix!([A-Z]+\d+)</t></is></c>'
    owner = dict(re.findall(first, evidence))
    numbers = dict(re.findall(r'<c r="D(\d+)"[^>]*><is><t[^>]*>([^<]*)</t></is></c>', evidence))
    counts = Counter(cell for row, cell in owner.items() if "continued" not in numbers[row])
    grid = part(name, "xlsx", "xl/worksheets/sheet1.xml")
    links = re.findall(r'<hyperlink ref="([A-Z]+)(\d+)" location="evidence!A(\d+)"', grid)
    assert all(owner[row] == column + line and numbers[row] == "1" for column, line, row in links)
    in_order = sorted(links, key=lambda link: (int(link[1]), len(link[0]), link[0]))
    assert len(in_order) == len(rated(name)), "as many cells can be clicked as rest on segments"
    return {place: counts[column + line] for place, (column, line, _) in zip(rated(name), in_order, strict=True)}


def test_every_declared_matrix_is_drawn_up():
    drawn = [name for runs in STUDY.notebooks if runs.notebook == "23_matrix" for name in runs.over["name"]]
    assert sorted(map(str, drawn)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_from_every_rated_cell_a_click_leads_to_all_of_its_segments_in_page_word_and_excel(name):
    wanted = rated(name)
    assert in_page(name) == wanted
    assert in_word(name) == wanted
    assert in_excel(name) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_is_blank_and_only_values_and_nothing_lack_segments(name):
    frame = cells(name)
    assert (frame["shown"].fillna("").str.strip() != "").all()
    assert set(frame.loc[frame["n_segments"] == 0, "state"]) <= {"absent", "not_looked", "value"}
    assert set(frame.loc[frame["n_segments"] > 0, "state"]) <= {"strong", "thin", "mixed"}


def test_all_of_them_together():
    """Counted over all matrices, so that a matrix without evidence, or one fewer of them, does not pass unseen."""
    found = {name: rated(name) for name in NAMES}
    without = [name for name, places in found.items() if not places]
    assert [STUDY.matrices[name].display for name in without] == ["variable_by_variable"]  # names cases, no segments
    clicks = sum(len(in_page(name)) + len(in_word(name)) + len(in_excel(name)) for name in NAMES)
    assert clicks == 3 * sum(map(len, found.values())) > 3000


def beginnings(texts: Iterable[str]) -> set[str]:
    """How look-alike texts begin, after the stamp that all of them bear."""
    return {text.removeprefix(STAMPED).strip()[:25] for text in texts}


STAMPED = "[synthetic]"
WRITTEN = beginnings(pd.read_csv(ROOT / "data_raw" / "summaries.csv", dtype="str")["text"])


def test_what_people_said_is_in_no_published_matrix():
    """The look-alike texts all bear one stamp, so that a leak is found by it; what the team wrote may be read."""
    said = beginnings(pd.read_csv(ROOT / "data_raw" / "segments.csv", dtype="str")["text"].dropna())
    assert said.isdisjoint(WRITTEN)
    for name in NAMES:
        sheets = "".join(part(name, "xlsx", f"xl/worksheets/sheet{number}.xml") for number in (1, 2, 3))
        words = part(name, "docx", "word/document.xml") + part(name, "docx", "word/comments.xml")
        page = (DOCUMENTS / f"matrix_{name}.html").read_text(encoding="utf-8")
        for form in (page, words, sheets):
            shown = re.findall(re.escape(STAMPED) + r"([^<]+)", unescape(form))
            assert beginnings(shown) <= WRITTEN, name


def test_the_table_of_sets_is_one_that_a_truth_table_can_be_made_of():
    (name,) = [name for name in NAMES if STUDY.matrices[name].display == "truth_table"]
    spec = STUDY.matrices[name]
    table = pd.read_csv(TABLES / f"matrix_{name}_flat.csv", index_col="case")
    assert spec.result is not None
    assert list(table.columns) == [*(rule.name for rule in spec.conditions), spec.result.name]
    assert table.isin([0, 1]).all(axis=None)
    # The ratings behind it are those of the matrix that it names.
    assert spec.rated is not None
    ratings = cells(spec.rated.name).set_index(["row", "column"])["rating"]
    for rule in spec.conditions:
        inside = [ratings[case, rule.column] in rule.values for case in table.index]
        assert table[rule.name].tolist() == [int(there) for there in inside]
