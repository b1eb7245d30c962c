"""A matrix as a page: every cell leads to its segments, nothing acts, nothing is cut, and all can read it."""

from __future__ import annotations

import base64
import hashlib
import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matrix_samples import HOSTILE, LONG, RATED, SampleMatrix, hostile_matrix, sample_matrix

from nsi.documents import matrix_html_evidence
from nsi.documents.matrix_html import matrix_html
from nsi.documents.matrix_html_links import links_of, segments_behind
from nsi.documents.matrix_html_style import DARK, LIGHT
from nsi.documents.matrix_parts import readable
from nsi.errors import StudyError

ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "nav", "section", "div", "h1", "h2", "h3", "h4"),
    *("p", "a", "span", "bdi", "strong", "small", "ul", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "role", "scope", "colspan",
              "rowspan", "tabindex", "aria-label", "aria-labelledby", "data-row", "data-column"}  # fmt: skip
ATTACKS = [
    "</li></ul></section></details><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)><svg onload=alert(1)>',
    "' onmouseover='alert(1)' x='",
    '<a href="javascript:alert(1)">x</a> <form action="//evil.example"><button>go</button></form>',
    "</style></title><style>@import url(//evil.example/x.css); td {display: none}</style>",
    "<!--", "-->", "<![CDATA[", "&lt;b&gt; &#60;script&#62;", "<base href=//evil.example><meta http-equiv=refresh>",
    "</table></div></main></body></html>", "<template><plaintext><noscript><textarea>",
]  # fmt: skip

MATRICES = {"3x4": sample_matrix(), "11x12": sample_matrix(11, 12), "hostile": hostile_matrix()}


def page_of(matrix: SampleMatrix, **how: str) -> BeautifulSoup:
    return BeautifulSoup(matrix_html(matrix, **how), "lxml")


def words(tag: Tag, selector: str) -> str:
    """The text of the first element beneath a tag that fits."""
    found = tag.select_one(selector)
    assert found is not None, selector
    return found.get_text()


def actors(page: BeautifulSoup) -> list[str]:
    """Every element or attribute that a page of ours does not have."""
    found = [f"<{tag.name}>" for tag in page.find_all(True) if tag.name not in ALLOWED]
    for tag in page.find_all(True):
        found += [f"{tag.name} {name}" for name in tag.attrs if name not in ATTRIBUTES]
        if "href" in tag.attrs and not re.fullmatch(r"#[a-z0-9_]+", str(tag["href"])):
            found.append(f"{tag.name} href {tag['href']}")
    return found


def skeleton(page: BeautifulSoup) -> list[str]:
    """The elements in order, but for those that depend on a text's length, letters or lack."""
    return [tag.name for tag in page.find_all(True) if tag.name not in ("bdi", "p", "div")]


def with_text(text: str) -> SampleMatrix:
    """A matrix that has a text in every place where text can stand, but in the ids."""
    matrix = sample_matrix(2, 3)
    names = {
        "rows": ["label", "band", "mark"],
        "columns": ["label", "group", "badge", "definition"],
        "cells": ["shown", "rating", "sources", "coders", "summary", "summary_by", "source", "agreement_flag"],
        "evidence": ["segment", "document", "place", "source_type", "coders", "code", "speaker", "text"],
    }
    frames: dict[str, pd.DataFrame] = {}
    for part, columns in names.items():
        frame: pd.DataFrame = getattr(matrix, part)
        said = pd.Series([text] * len(frame), index=frame.index, dtype=object)  # text of pandas holds no half a pair
        frames[part] = frame.assign(**dict.fromkeys(columns, said))
    return matrix.changed(title=text, note=text, row_title=text, column_title=text, stamp=text, **frames)


def ids(page: BeautifulSoup) -> list[str]:
    return [str(tag["id"]) for tag in page.find_all(id=True)]


# --- a cell and its segments


@pytest.mark.parametrize("evidence", ["full", "counts"])
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_from_every_cell_with_segments_a_click_leads_to_all_of_them(matrix, evidence):
    page = matrix_html(matrix, evidence=evidence)
    cells = matrix.cells.set_index(["row", "column"])
    assert segments_behind(page) == cells["n_segments"].to_dict()
    assert links_of(page) == (cells["n_segments"] > 0).astype(int).to_dict()
    assert {state for state, n in zip(cells["state"], links_of(page).values(), strict=True) if n} == set(RATED)


def test_a_link_to_nowhere_or_to_an_empty_list_does_not_count():
    page = matrix_html(sample_matrix()).decode()
    lost = page.replace('id="e_r1_c1"', 'id="elsewhere"')
    emptied = re.sub(r'(<section class="e" id="e_r1_c1">.*?<ul>).*?</ul>', r"\1</ul>", page, flags=re.DOTALL)
    for changed in (lost, emptied):
        assert changed != page
        assert links_of(changed.encode())["case0", "code0"] == 0
        assert links_of(changed.encode())["case0", "code1"] == 1


def test_each_list_leads_back_and_every_link_has_one_target():
    page = page_of(sample_matrix(5, 6))
    assert len(set(ids(page))) == len(ids(page))
    assert {str(link["href"])[1:] for link in page.find_all("a")} <= set(ids(page))
    for found in page.select("section.e"):
        back = found.find("a", string="back to the cell")
        assert isinstance(back, Tag)
        assert f"e_{str(back['href'])[1:]}" == found["id"]


def test_contrary_segments_come_first_and_are_marked_in_words_and_by_a_sign():
    found = page_of(sample_matrix()).select("#e_r1_c3 li")
    heads = [words(item, "small") for item in found]
    assert heads[0].startswith("\u25bc 1. CONTRARY ")
    assert [head.split()[1] for head in heads[1:]] == ["supports"] * (len(found) - 1)
    assert len(found) == 4


def test_every_cell_says_its_state_in_words_beside_a_shape():
    cells = page_of(sample_matrix(3, 4)).select("#matrix td[id]")
    told = {str(cell["class"][0]): cell.get_text("|") for cell in cells}
    assert "\u25cf strong evidence" in told["strong"]
    assert "\u25d4 thin evidence" in told["thin"]
    assert "\u25d0 mixed evidence" in told["mixed"]
    assert told["absent"] == "\u25cb looked for, none found"
    assert told["not_looked"] == "\u2205 not looked for"
    assert "from table cases, row 3" in told["value"]
    assert "1 contrary" in told["mixed"]


def test_a_stale_summary_an_uncertain_row_and_a_badge_are_told_in_words():
    page = page_of(sample_matrix())
    flags = [tag.get_text() for tag in page.select("#matrix .flag")]
    assert "\u25b3 rank interval crosses the cut" in flags
    assert "\u25b3 stale: older than the newest coding beneath it (2022-05-02)" in flags
    assert "alpha .81 (.74 to .87), n 120" in [tag.get_text() for tag in page.select("thead th p")]


def test_without_texts_no_word_that_was_said_and_no_speaker_is_in_the_file():
    matrix = sample_matrix()
    page = matrix_html(matrix, evidence="counts").decode()
    assert "What was said in place" not in page
    assert "speaker 1" not in page
    assert "What was said in place" in matrix_html(matrix).decode()
    for name in ("segment", "document", "place", "code"):
        assert all(str(value) in page for value in matrix.evidence[name])
    assert "is not in this file" in page


def test_only_full_or_counts_can_be_asked_for():
    with pytest.raises(StudyError, match="evidence is .*'none'.* but allowed are full and counts"):
        matrix_html(sample_matrix(), evidence="none")


# --- the table, for all readers


def test_heads_say_what_they_head_and_bands_are_groups_of_rows():
    page = page_of(sample_matrix(6, 4))
    table = page.find("table", id="matrix")
    assert isinstance(table, Tag)
    scopes = [(str(head["scope"]), len(head.find_parent("thead") or [])) for head in table.find_all("th")]
    assert {scope for scope, _ in scopes} == {"col", "colgroup", "row", "rowgroup"}
    assert [words(body, "th") for body in table.find_all("tbody")] == ["stronger", "uncertain", "weaker"]
    assert len(table.select("tbody tr[data-row] > th[scope=row]")) == 6
    assert len(table.select("thead th[data-column]")) == 4
    assert all(len(row.find_all("td")) == 4 for row in table.select("tr[data-row]"))
    caption = table.find("caption")
    assert isinstance(caption, Tag)
    assert caption.get_text() == "SYNTHETIC DATA. Strategies of cases by theme. Rows: cases. Columns: themes."


def test_a_page_has_language_title_legend_note_and_stamp_and_scrolls_by_keyboard():
    page = page_of(sample_matrix())
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert page.title is not None
    assert page.title.get_text() == "Strategies of cases by theme"
    assert words(page, ".stamp") == "SYNTHETIC DATA"
    assert "Cases in order of their score." in page.get_text()
    assert len(page.select("dl.states dt")) == len(set(sample_matrix().cells["state"]))
    region = page.select_one(".wide")
    assert isinstance(region, Tag)
    assert (region["tabindex"], region["role"], region["aria-labelledby"]) == ("0", "region", "caption")
    assert not page_of(sample_matrix(stamp="")).select(".stamp")


def test_a_matrix_without_groups_bands_marks_or_definitions_has_none_of_their_places():
    matrix = sample_matrix()
    bare = matrix.changed(rows=matrix.rows.assign(band="", mark="", order_value=float("nan")), note="", row_title="",
                          columns=matrix.columns.assign(group="", badge="", definition=""))  # fmt: skip
    page = page_of(bare)
    assert not page.select(".band, [scope=colgroup], [scope=rowgroup], [rowspan]")
    assert "How to read it" not in page.get_text()
    assert "no definition recorded" in page.get_text()
    assert links_of(matrix_html(bare)) == links_of(matrix_html(matrix))


def test_on_paper_a_wide_matrix_names_the_column_in_each_cell_and_a_narrow_one_does_not():
    assert len(page_of(sample_matrix(2, 10)).select("table.many td .paper")) == 20
    assert not page_of(sample_matrix(2, 9)).select(".many, .paper")


def test_few_segments_are_all_in_sight_and_many_open_by_a_link_without_a_script(monkeypatch):
    matrix = sample_matrix()
    assert not page_of(matrix).select(".folded")
    monkeypatch.setattr(matrix_html_evidence, "OPEN_UP_TO", len(matrix.evidence) - 1)
    page = page_of(matrix)
    assert page.select_one("#all.folded") is not None
    assert segments_behind(matrix_html(matrix)) == matrix.cells.set_index(["row", "column"])["n_segments"].to_dict()
    links = [str(link["href"]) for link in page.select("#evidence ~ p a, #all .row > p a")]
    assert links == ["#all", "#e_r1", "#e_r2", "#e_r3"]
    style = words(page, "style")
    assert ".folded .e { display: none; }" in style
    assert ".folded .e:target, .folded .row:target .e, .folded:target .e { display: block; }" in style


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue  # WCAG 2.2, relative luminance


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_colour_stands_out_from_every_ground_that_it_stands_on(scheme):
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
    grounds = ("paper", "tint", "strong", "thin", "mixed", "nothing")
    pairs = [(ink, ground) for ink in ("ink", "soft", "link", "flag") for ground in grounds]
    pairs += [("against", "paper"), ("ink", "mark"), ("flag", "mark")]
    for ink, ground in pairs:
        lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{ink} on {ground}"


# --- hostile text


@pytest.mark.parametrize("text", [*HOSTILE.values(), *ATTACKS], ids=[*HOSTILE, *map(str, range(len(ATTACKS)))])
def test_hostile_text_anywhere_adds_no_element_and_is_shown_whole(text):
    page = page_of(with_text(text))
    assert actors(page) == []
    assert skeleton(page) == skeleton(page_of(with_text("plain")))
    shown = readable(text)
    said = [item.get_text()[len(words(item, "small")) :] for item in page.select("#all li")]
    assert set(said) == {shown}
    assert {tag.get_text() for tag in page.select("td .shown, #matrix .band th, dl.columns dt")} >= {shown}


@given(st.text(max_size=80))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_shown_as_text(text):
    matrix = sample_matrix(1, 2, segments=lambda row, column: 1)
    said = matrix.changed(evidence=matrix.evidence.assign(text="a" + text, speaker=text), title="a" + text)
    page = page_of(said)
    assert actors(page) == []
    assert {tag.get_text().split("\n")[0] for tag in page.select("h1")} == {readable("a" + text).split("\n")[0]}
    assert all(item.get_text().endswith(readable("a" + text)) for item in page.select("#all li"))


def test_ids_of_rows_and_columns_may_be_hostile_too():
    matrix = sample_matrix(1, 2)
    odd = {"case0": '"><script>', "code0": "' onclick='x", "code1": "</td>"}
    renamed: dict[str, pd.DataFrame] = {}
    for name in ("rows", "columns", "cells", "evidence"):
        frame: pd.DataFrame = getattr(matrix, name)
        renamed[name] = frame.assign(**{key: frame[key].map(odd) for key in ("row", "column") if key in frame})
    page = matrix_html(matrix.changed(**renamed))
    assert actors(BeautifulSoup(page, "lxml")) == []
    assert set(links_of(page)) == {('"><script>', "' onclick='x"), ('"><script>', "</td>")}


def test_forty_thousand_characters_are_whole_in_a_box_that_scrolls_by_keyboard():
    page = page_of(hostile_matrix())
    boxes = page.select("td .long")
    assert [box.get_text() for box in boxes] == [LONG]
    assert {box["tabindex"] for box in boxes} == {"0"}
    assert any(item.get_text().endswith(LONG) for item in page.select("#all li"))


def test_the_policy_lets_nothing_in_but_the_style_of_the_page():
    page = page_of(sample_matrix())
    policies = page.find_all("meta", attrs={"http-equiv": True})
    style = words(page, "style").encode()
    known = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert [meta["content"] for meta in policies] == [
        f"default-src 'none'; style-src 'sha256-{known}'; form-action 'none'; base-uri 'none'"
    ]
    assert b"url(" not in style
    assert b"@import" not in style
    assert b"</" not in style


def test_equal_matrices_give_equal_bytes_and_another_one_gives_others():
    assert matrix_html(hostile_matrix()) == matrix_html(hostile_matrix())
    assert matrix_html(sample_matrix()) != matrix_html(sample_matrix(stamp=""))
    assert b"\r" not in matrix_html(hostile_matrix())


def test_a_segment_costs_few_bytes_beside_its_own_words():
    def size(n: int) -> int:
        matrix = sample_matrix(1, 1, segments=lambda row, column: n, text=lambda *place: "x" * 100)
        return len(matrix_html(matrix))

    assert (size(300) - size(200)) / 100 < 100 + 160  # 139: the line that says where it is from, and 33 of markup
