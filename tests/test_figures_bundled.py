"""Every figure that is committed: legible, of a declared size, with its fonts, its words, its data, and its stamp."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from nsi.figures.style import MAX_HEIGHT, NARROW, WIDE
from nsi.pipeline.gallery import alt_text

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "figures"
# Supplements with a row per item, rule or question run on: they are made to be read on a screen.
LONG = ("answers_", "missing_reasons_", "survey_flow_")
MM = 25.4
POINT = 72 / MM  # of a PDF per mm


@lru_cache
def drawn() -> dict[str, dict[str, Any]]:
    """Each committed figure with its run, size and problems, as the lock records them."""
    runs = json.loads((FIGURES / "lock.json").read_text(encoding="utf-8"))["runs"]
    found = {}
    for run, record in runs.items():
        for name, proof in record["figures"].items():
            found[name] = {**proof, "run": run, "synthetic": record["synthetic"]}
    return found


def names() -> list[str]:
    return sorted(drawn())


def test_every_committed_picture_has_its_entry_in_the_record() -> None:
    assert {path.stem for path in FIGURES.glob("*.svg")} == set(drawn())
    assert len(drawn()) > 50


@pytest.mark.parametrize("name", names())
def test_nothing_in_it_is_hard_to_read(name: str) -> None:
    assert drawn()[name]["problems"] == []


@pytest.mark.parametrize("name", names())
def test_it_has_a_declared_width_and_fits_a_page(name: str) -> None:
    assert drawn()[name]["width"] in (NARROW, WIDE)
    assert 0 < drawn()[name]["height"] <= (600 if name.startswith(LONG) else MAX_HEIGHT)
    with Image.open(FIGURES / f"{name}.png") as picture:
        assert abs(picture.width - drawn()[name]["width"] / MM * 300) <= 1
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", (FIGURES / f"{name}.pdf").read_bytes())
    assert box is not None
    assert [round(float(side) / POINT, 1) for side in box.groups()] == pytest.approx(
        [drawn()[name]["width"], drawn()[name]["height"]], abs=0.1
    )


@pytest.mark.parametrize("name", names())
def test_its_fonts_are_embedded_and_no_other_than_ours(name: str) -> None:
    pdf = (FIGURES / f"{name}.pdf").read_bytes()
    fonts = set(re.findall(rb"/BaseFont /(?:[A-Z]{6}\+)?([\w-]+)", pdf))
    assert fonts
    assert {font.split(b"-")[0] for font in fonts} <= {b"DejaVuSans"}
    assert pdf.count(b"/FontFile2") >= len(fonts)


@pytest.mark.parametrize("name", names())
def test_it_says_in_words_what_it_shows_and_comes_with_its_data(name: str) -> None:
    svg = (FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    assert '<svg role="img"' in svg
    assert len(alt_text(svg)) > 60
    assert re.search(r"\d", alt_text(svg)), "no n in the words"
    assert len(pd.read_csv(FIGURES / f"{name}.csv")) > 0


def test_what_rests_on_synthetic_data_is_stamped_and_listed() -> None:
    stamped = (FIGURES / "SYNTHETIC.txt").read_text(encoding="utf-8").splitlines()
    for name, proof in drawn().items():
        assert (f"figures/{name}.svg" in stamped) == proof["synthetic"], name
