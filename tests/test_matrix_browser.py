"""A matrix in a real browser: clicks on ten cells lead to their segments, and hostile text runs nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix_documents import DOCUMENTS, rated
from matrix_documents import NAMES as MATRICES
from matrix_samples import hostile_matrix, sample_matrix
from websocket import create_connection

from nsi.documents import matrix_html_evidence
from nsi.documents.matrix_html import matrix_html

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1300,900"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
]
PATIENCE = 60  # seconds that a browser may take for anything on a busy machine

pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium or Chrome on this machine; apt-get install chromium")


class Browser:
    """A page of a headless browser, driven over its debugging protocol."""

    def __init__(self, port: str) -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=PATIENCE) as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self.socket = create_connection(page["webSocketDebuggerUrl"], timeout=PATIENCE, suppress_origin=True)
        self.number = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **how: Any) -> dict[str, Any]:
        """Send a command and return its result; keep what happens meanwhile."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": how}))
        while (said := json.loads(self.socket.recv())).get("id") != self.number:
            self.events.append(said)
        assert "error" not in said, said
        return dict(said["result"])

    def value(self, expression: str) -> Any:
        """Evaluate JavaScript in the page; the page's own policy does not bind the debugger."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, expression: str) -> Any:
        """Wait until an expression is true, and return its value."""
        end = time.monotonic() + PATIENCE
        while not (found := self.value(expression)):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)
        return found

    def open(self, file: Path) -> None:
        """Open a file and wait until all of it is there."""
        self.events.clear()
        self.do("Page.navigate", url=file.as_uri())
        self.until(f"document.readyState === 'complete' && location.href.includes({json.dumps(file.name)})")

    def click(self, selector: str) -> None:
        """Click where an element is, as a mouse would."""
        place = self.value(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            " found.scrollIntoView({block: 'center', inline: 'center'});"
            " const box = found.getClientRects()[0];"
            " return {x: box.x + box.width / 2, y: box.y + box.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("profile")
    command = [str(FOUND), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    opened = None
    try:
        told = profile / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE
        while not (told.exists() and len(told.read_text().split()) == 2):
            assert process.poll() is None, "the browser ended at once"
            assert time.monotonic() < end, "the browser did not start"
            time.sleep(0.1)
        opened = Browser(told.read_text().split()[0])
        yield opened
    finally:
        if opened is not None:
            opened.socket.close()
        process.terminate()
        process.wait(PATIENCE)


def shown(browser: Browser, place: str) -> dict[str, Any]:
    """Wait until the list of a cell is in view; return its segments as a reader sees them."""
    seen = (
        f"(() => {{ const found = document.getElementById('e_{place}'); const box = found.getBoundingClientRect();"
        f" if (location.hash !== '#e_{place}' || box.height === 0) return null;"
        " if (box.top < -2 || box.top >= innerHeight) return null;"
        " const hit = document.elementFromPoint(box.x + 30, Math.max(box.top, 0) + 12);"
        " if (!found.contains(hit)) return null;"
        " return {head: found.querySelector('h4').innerText,"
        " items: [...found.querySelectorAll('li')].map(item => item.innerText)}; })()"
    )
    return dict(browser.until(seen))


@pytest.mark.parametrize("folded", [False, True], ids=["all in sight", "opening by a link"])
def test_clicks_on_ten_cells_lead_to_their_segments(browser, tmp_path, monkeypatch, folded):
    if folded:
        monkeypatch.setattr(matrix_html_evidence, "OPEN_UP_TO", 0)
    matrix = sample_matrix(11, 12)
    file = tmp_path / "matrix.html"
    file.write_bytes(matrix_html(matrix))
    browser.open(file)
    rated = matrix.cells[matrix.cells["n_segments"] > 0].reset_index()
    for _, cell in rated.iloc[:: len(rated) // 10].head(10).iterrows():
        place = f"r{cell['index'] // 12 + 1}_c{cell['index'] % 12 + 1}"
        browser.click(f"#matrix a[href='#e_{place}']")
        found = shown(browser, place)
        said = matrix.evidence[(matrix.evidence["row"] == cell["row"]) & (matrix.evidence["column"] == cell["column"])]
        assert [item.split("\n")[-1] for item in found["items"]] == said["text"].tolist()
        assert found["head"].endswith(f"Use of theme {cell['index'] % 12 + 1}")
        browser.click(f"#e_{place} a[href='#{place}']")
        browser.until(f"location.hash === '#{place}'")


def test_in_a_browser_hostile_text_runs_nothing_asks_for_nothing_and_is_all_there(browser, tmp_path):
    file = tmp_path / "hostile.html"
    file.write_bytes(matrix_html(hostile_matrix()))
    browser.open(file)
    assert browser.value("document.scripts.length + document.images.length") == 0
    assert "<script>alert(1)</script>" in browser.value("document.querySelector('h1').innerText")
    methods = [event["method"] for event in browser.events]
    asked = [event["params"]["request"]["url"] for event in browser.events
             if event["method"] == "Network.requestWillBeSent"]  # fmt: skip
    assert not {"Page.javascriptDialogOpening", "Runtime.exceptionThrown", "Log.entryAdded"} & set(methods)
    assert {url.split("#")[0] for url in asked} <= {file.as_uri()}


def test_the_style_of_a_page_passes_its_own_policy_and_a_narrow_page_does_not_scroll_sideways(browser, tmp_path):
    file = tmp_path / "narrow.html"
    file.write_bytes(matrix_html(sample_matrix(4, 12)))
    browser.do("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=False)
    browser.open(file)
    assert browser.value("getComputedStyle(document.querySelector('.wide')).overflowX") == "auto"
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert browser.value("document.querySelector('.wide').scrollWidth > innerWidth")
    browser.do("Emulation.clearDeviceMetricsOverride")


def test_clicks_on_ten_cells_of_the_published_matrices_lead_to_all_of_their_segments(browser):
    published = [name for name in MATRICES if rated(name)]
    spread = [published[number * len(published) // 10] for number in range(10)]
    for number, name in enumerate(spread):
        places = list(rated(name))
        place = places[number * len(places) // 10]
        browser.open(DOCUMENTS / f"matrix_{name}.html")
        browser.click(f"#matrix a[href='#e_{place}']")
        found = shown(browser, place)
        assert len(found["items"]) == rated(name)[place]
        assert all(" · segment " in item for item in found["items"])
        browser.click(f"#e_{place} a[href='#{place}']")
        browser.until(f"location.hash === '#{place}'")
