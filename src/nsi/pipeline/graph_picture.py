"""The graph of runs as a picture, with those that are not fresh marked: `make graph`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nsi.door import write_atomically
from nsi.errors import StudyError, listed
from nsi.pipeline.graph_layout import Layout, Spot, layered, without_implied
from nsi.pipeline.make import ROOT, Compendium, Request
from nsi.pipeline.plan import Run
from nsi.pipeline.report import shown

PICTURE = Path("build") / "graph.svg"
# Pixels. A letter of the face below is at most 8.2 wide at 13 pixels; boxes are as wide as the longest name needs.
LETTER, LINE, MARGIN = 8.2, 17, 24
BOX_HEIGHT, BETWEEN, LANE = 44, 22, 90
HEAD = 92
FACE = "DejaVu Sans, Verdana, sans-serif"
INK, QUIET, PAPER, STALE, EDGE = "#1A1A1A", "#555555", "#F2F2F2", "#D55E00", "#767676"
FRESH, NOT_FRESH, PERHAPS = "fresh", "not fresh", "might run"
REASONS_TOLD = 6


@dataclass(frozen=True)
class Box:
    """One notebook: its runs over all parameters, and how many of them are not fresh or might not be."""

    name: str
    runs: int
    stale: int
    perhaps: int
    reasons: tuple[str, ...]

    @property
    def state(self) -> str:
        """The worst of its runs."""
        return NOT_FRESH if self.stale else PERHAPS if self.perhaps else FRESH

    @property
    def told(self) -> str:
        """The second line of the box."""
        many = f"{self.runs} runs" if self.runs > 1 else "1 run"
        count = self.stale or self.perhaps
        if self.state == FRESH:
            return many
        return f"{many}, {count} {self.state}" if self.runs > 1 else self.state


def boxes_of(runs: Sequence[Run], reasons: Mapping[str, Sequence[str]]) -> tuple[list[Box], list[tuple[str, str]]]:
    """Gather runs by notebook.

    Parameters
    ----------
    runs : sequence of Run
        Each after those that it needs.
    reasons : mapping
        Run id to why it is not fresh; empty where it is.

    Returns
    -------
    boxes, edges
        Notebooks in the order of their names, and which notebook needs which.
    """
    stale = {run.id for run in runs if reasons.get(run.id)}
    perhaps: set[str] = set()
    for run in runs:
        if run.id not in stale and any(need in stale or need in perhaps for need in run.needs):
            perhaps.add(run.id)
    notebook = {run.id: run.notebook.name for run in runs}
    boxes = []
    for name in sorted(set(notebook.values())):
        own = [run.id for run in runs if notebook[run.id] == name]
        told = tuple(f"{run}: {reason}" for run in own for reason in reasons.get(run, ()))
        boxes.append(Box(name, len(own), len(stale & {*own}), len(perhaps & {*own}), told))
    pairs = {(notebook[need], notebook[run.id]) for run in runs for need in run.needs}
    return boxes, sorted(pair for pair in pairs if pair[0] != pair[1])


def render_graph(title: str, boxes: Sequence[Box], edges: Sequence[tuple[str, str]]) -> str:
    """Draw the graph.

    Parameters
    ----------
    title : str
        Of the study.
    boxes : sequence of Box
        One per notebook.
    edges : sequence of (str, str)
        Which notebook is needed by which; those that follow from others are left out.

    Returns
    -------
    str
        An SVG of text and lines only: no script, nothing loaded, the same text for the same graph.
    """
    direct = without_implied(edges)
    layout = layered([box.name for box in boxes], direct)
    wide = max(len(text) for box in boxes for text in (box.name, box.told)) * LETTER + 20
    width = max(2 * MARGIN + layout.columns * wide + (layout.columns - 1) * LANE, 640)
    height = HEAD + layout.height * (BOX_HEIGHT + BETWEEN) + MARGIN
    states = [box.state for box in boxes]
    counts = ", ".join(f"{states.count(state)} {state}" for state in (FRESH, NOT_FRESH, PERHAPS) if state in states)
    alt = f"Graph of {len(boxes)} notebooks, each to the right of those that it needs: {counts}."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" font-family="{FACE}" font-size="13">',
        f"<title>{escape(title)}: what needs what</title>\n<desc>{escape(alt)}</desc>",
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{EDGE}"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#FFFFFF"/>',
        f'<text x="{MARGIN}" y="30" font-size="17" font-weight="bold" fill="{INK}">{escape(title)}</text>',
        f'<text x="{MARGIN}" y="52" fill="{QUIET}">{len(boxes)} notebooks: {counts}. An arrow leads to what needs it; '
        "one that follows from others is left out.</text>",
        _key(MARGIN, 66),
        *(_arrow(layout.paths[edge], wide) for edge in direct),
        *(_box(box, layout, wide) for box in boxes),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _left(column: int, wide: float) -> float:
    return MARGIN + column * (wide + LANE)


def _middle(row: float) -> float:
    return HEAD + row * (BOX_HEIGHT + BETWEEN)


def _outline(state: str) -> str:
    """Colour is never alone: what is not fresh has a thick line, what might run a broken one, and both say so."""
    looks = {FRESH: (INK, 1, ""), NOT_FRESH: (STALE, 3, ""), PERHAPS: (STALE, 1.5, ' stroke-dasharray="5 3"')}
    colour, line, dashes = looks[state]
    return f'fill="{PAPER if state == FRESH else "#FFFFFF"}" stroke="{colour}" stroke-width="{line}"{dashes}'


def _key(x: float, y: float) -> str:
    parts = []
    for state in (FRESH, NOT_FRESH, PERHAPS):
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="26" height="14" rx="3" {_outline(state)}/>')
        parts.append(f'<text x="{x + 32:.1f}" y="{y + 12:.1f}" fill="{INK}">{state}</text>')
        x += 32 + len(state) * LETTER + 20
    return "\n".join(parts)


def _box(box: Box, layout: Layout, wide: float) -> str:
    column, row = layout.places[box.name]
    x, y = _left(column, wide), _middle(row) - BOX_HEIGHT / 2
    weight = ' font-weight="bold"' if box.state == NOT_FRESH else ""
    hint = f"<title>{escape(box.name)}: {escape(listed(box.reasons, REASONS_TOLD))}</title>" if box.reasons else ""
    return (
        f'<g>{hint}<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{BOX_HEIGHT}" rx="5" '
        f"{_outline(box.state)}/>"
        f'<text x="{x + 10:.1f}" y="{y + LINE:.1f}" fill="{INK}">{escape(box.name)}</text>'
        f'<text x="{x + 10:.1f}" y="{y + 2 * LINE + 1:.1f}" fill="{QUIET}"{weight}>{escape(box.told)}</text></g>'
    )


def _arrow(path: Sequence[Spot], wide: float) -> str:
    """Draw an arrow: bent between columns, straight through its lane beside the boxes of a column."""
    column, row = path[0]
    parts = [f"M{_left(column, wide) + wide:.1f} {_middle(row):.1f}"]
    x = _left(column, wide) + wide
    for at, (column, row) in enumerate(path[1:], start=1):
        end, y = _left(column, wide), _middle(row)
        bend = (end - x) / 2
        last = _middle(path[at - 1][1])
        parts.append(f"c{bend:.1f} 0 {end - x - bend:.1f} {y - last:.1f} {end - x:.1f} {y - last:.1f}")
        if at < len(path) - 1:
            parts.append(f"h{wide:.1f}")
        x = end + wide
    return f'<path d="{"".join(parts)}" fill="none" stroke="{EDGE}" stroke-width="1.2" marker-end="url(#tip)"/>'


def main(arguments: list[str] | None = None) -> int:
    """Draw the graph of a study into OUT/build; return 0, or 1 where its declaration cannot be followed."""
    parser = argparse.ArgumentParser(prog="python -m nsi.pipeline.graph_picture", description=__doc__)
    for flag, default in (("study", "study"), ("data-raw", "data_raw"), ("out", ""), ("notebooks", "notebooks")):
        parser.add_argument(f"--{flag}", type=Path, default=ROOT / default)
    asked = parser.parse_args(arguments)
    try:
        compendium = Compendium(Request(asked.study, asked.data_raw, asked.out, asked.notebooks, jobs=1))
        boxes, edges = boxes_of(compendium.runs, compendium.reasons())
    except StudyError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    target = compendium.folders.out / PICTURE
    write_atomically(target, render_graph(compendium.declaration.title, boxes, edges).encode())
    states = [box.state for box in boxes]
    counts = f"{states.count(NOT_FRESH)} not fresh, {states.count(PERHAPS)} that might run"
    print(f"{len(boxes)} notebooks, {counts}: {shown(target)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
