"""Reads a matrix page back and counts, for each cell, the links that lead to its segments."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser


def links_of(page: bytes) -> dict[tuple[str, str], int]:
    """Count the links of each cell that lead to at least one segment.

    Parameters
    ----------
    page : bytes
        From `matrix_html`.

    Returns
    -------
    dict
        By id of row and of column, for every cell: how many of its links lead to a list with a segment in it. A
        link to nowhere, or to an empty list, does not count.
    """
    reader = _read(page)
    return {cell: sum(reader.listed[target] > 0 for target in targets) for cell, targets in reader.targets.items()}


def segments_behind(page: bytes) -> dict[tuple[str, str], int]:
    """Count the segments that are listed where the links of each cell lead to."""
    reader = _read(page)
    return {cell: sum(reader.listed[target] for target in set(targets)) for cell, targets in reader.targets.items()}


def _read(page: bytes) -> _Cells:
    reader = _Cells()
    reader.feed(page.decode())
    reader.close()
    return reader


class _Cells(HTMLParser):
    """Collects where the links of each cell lead to, and how many segments each list holds."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[tuple[str, str], list[str]] = {}
        self.listed: Counter[str] = Counter()
        self._columns: list[str] = []
        self._row: str | None = None
        self._place = -1
        self._in_cell = False
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the reader is; count segments and links."""
        given = {name: value or "" for name, value in attrs}
        if "data-column" in given:
            self._columns.append(given["data-column"])
        elif tag == "tr":
            self._row, self._place = given.get("data-row"), -1
        elif tag == "td" and self._row is not None:
            self._place, self._in_cell = self._place + 1, True
            self.targets[self._row, self._columns[self._place]] = []
        elif tag == "section":
            self._list = given.get("id", "")
        elif tag == "li" and self._list:
            self.listed[self._list] += 1
        elif tag == "a" and self._in_cell and self._row is not None:
            self.targets[self._row, self._columns[self._place]].append(given.get("href", "").removeprefix("#"))

    def handle_endtag(self, tag: str) -> None:
        """Leave a cell or a list."""
        if tag == "td":
            self._in_cell = False
        elif tag == "section":
            self._list = ""
