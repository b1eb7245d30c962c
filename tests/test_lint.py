"""The code reads as one: ruff and mypy, as pyproject.toml sets them, have nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "--no-cache", "."], ["mypy"]],
    ids=["ruff-check", "mypy"],
)
def test_nothing_is_left_to_say(command):
    told = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert told.returncode == 0, f"{' '.join(command)} says:\n{told.stdout}{told.stderr}"


@pytest.mark.parametrize(
    ("command", "source", "told"),
    [
        (["ruff", "check", "--no-cache", "--isolated", "--select", "F"], "import os\n", "F401"),
        (
            ["mypy", "--strict", "--cache-dir", ".mypy"],
            "def f(x: int) -> str:\n    return x\n",
            "return-value",
        ),
    ],
    ids=["ruff-check", "mypy"],
)
def test_a_fault_is_told(tmp_path, command, source, told):
    (tmp_path / "faulty.py").write_text(source, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", *command, "faulty.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert found.returncode == 1
    assert told in found.stdout
