"""The picture of what needs what: every notebook once, nothing on top of anything, and what is not fresh is told."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import SmallStudy

from nsi.pipeline.graph_layout import layered, without_implied
from nsi.pipeline.graph_picture import LETTER, Box, main, render_graph

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    nodes = [f"n{number}" for number in range(draw(st.integers(1, 12)))]
    pairs = [(a, b) for at, a in enumerate(nodes) for b in nodes[at + 1 :]]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []
    return nodes, sorted(edges)


def reached(edges: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every pair of which the second comes behind the first."""
    found = set(edges)
    while True:
        more = {(a, d) for a, b in found for c, d in found if b == c} - found
        if not more:
            return found
        found |= more


@given(graphs())
def test_leaving_out_what_follows_changes_nothing_that_is_reached(graph) -> None:
    _, edges = graph
    kept = without_implied(edges)
    assert set(kept) <= set(edges)
    assert reached(kept) == reached(edges)
    for edge in kept:
        assert edge not in reached([other for other in kept if other != edge])


@given(graphs())
def test_arrows_lead_to_the_right_and_no_box_stands_on_another(graph) -> None:
    nodes, edges = graph
    layout = layered(nodes, edges)
    assert set(layout.places) == set(nodes)
    for first, last in edges:
        assert layout.places[first][0] < layout.places[last][0]
        assert [column for column, _ in layout.paths[first, last]] == list(
            range(layout.places[first][0], layout.places[last][0] + 1)
        )
    for column in range(layout.columns):
        rows = sorted(row for at, row in layout.places.values() if at == column)
        assert all(below - above >= 1 - 1e-6 for above, below in zip(rows, rows[1:], strict=False))
        lanes = [spot for path in layout.paths.values() for spot in path[1:-1]]
        passing = [row for at, row in lanes if at == column]
        assert all(abs(lane - row) > 0.5 for lane in passing for row in rows)


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        layered(["a", "b"], [("a", "b"), ("b", "a")])


BOXES = [
    Box("01_a", 1, 0, 0, ()),
    Box("02_<script>", 3, 2, 0, ("02_<script> x=1: its code changed",)),
    Box("03_a_name_that_is_long_for_a_notebook", 4, 0, 4, ()),
]
EDGES = [("01_a", "02_<script>"), ("01_a", "03_a_name_that_is_long_for_a_notebook")]


def test_every_state_is_told_in_words_and_text_fits_its_box() -> None:
    root = ElementTree.fromstring(render_graph("A study", BOXES, EDGES))
    texts = {text.text: text for text in root.iter(f"{SVG}text")}
    assert {"1 run", "3 runs, 2 not fresh", "4 runs, 4 might run", "02_<script>"} <= set(texts)
    assert root.findtext(f"{SVG}desc") == (
        "Graph of 3 notebooks, each to the right of those that it needs: 1 fresh, 1 not fresh, 1 might run."
    )
    assert root.get("font-size") == "13"
    for group in root.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        assert box is not None
        right = float(box.get("x", 0)) + float(box.get("width", 0))
        for text in group.iter(f"{SVG}text"):
            assert float(text.get("x", 0)) + len(text.text or "") * LETTER <= right
    assert len({box.get("stroke-width") for box in root.iter(f"{SVG}rect")} - {None}) == 3


def test_the_picture_is_the_same_twice_and_loads_nothing() -> None:
    picture = render_graph("A study", BOXES, EDGES)
    assert picture == render_graph("A study", BOXES, EDGES)
    assert "<script" not in picture
    assert not re.search(r"(href|src|url)\s*[=(]\s*[\"']?(?!#)", picture.replace("url(#tip)", ""))


def test_a_study_is_drawn_with_what_would_run(built: SmallStudy, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(built.arguments()[1:]) == 0
    picture = (built.root / "out/build/graph.svg").read_text(encoding="utf-8")
    assert "4 notebooks: 4 fresh." in picture
    assert "2 runs" in picture
    built.change("01_items", "len(items)", "items.shape[0]")
    assert main(built.arguments()[1:]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("4 notebooks, 1 not fresh, 2 that might run: ")
    picture = (built.root / "out/build/graph.svg").read_text(encoding="utf-8")
    assert "2 runs, 2 might run" in picture
    assert "<title>01_items: 01_items: its code changed</title>" in picture


def test_a_declaration_that_cannot_be_followed_is_told(built: SmallStudy, capsys: pytest.CaptureFixture[str]) -> None:
    built.declare("01_items", "01_itms")
    assert main(built.arguments()[1:]) == 1
    assert "did you mean '01_items'?" in capsys.readouterr().err
