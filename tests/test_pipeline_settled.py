"""An unchanged study is answered at once, and whatever changes, by bytes and not by times, is seen."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nsi.pipeline import settled

OLD = 10**9  # seconds since 1970: long before any watch begins


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of raw files that was looked at; its files count as old enough to be sure of."""
    for name, text in {"raw/a.csv": "a,1\n", "raw/b.csv": "b,2\n", "figures/x.svg": "x"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "build").mkdir()
    settled.watch()
    for path in [*(tmp_path / "raw").iterdir(), tmp_path / "figures/x.svg"]:
        path.read_bytes()
    assert not (tmp_path / "raw/later.csv").is_file()
    monkeypatch.setattr(settled, "_began", time.time_ns() + 60 * settled.YOUNG)
    settled.keep(tmp_path / "build", [tmp_path / "raw"], [tmp_path / "figures"], "nothing to run")
    return tmp_path


def told(folder: Path) -> str | None:
    return settled.told_if_settled(folder / "build", [folder / "raw"])


def test_what_has_not_changed_is_settled(folder: Path) -> None:
    assert told(folder) == "nothing to run"


def test_a_file_that_was_only_touched_is_read_and_settled(folder: Path) -> None:
    os.utime(folder / "raw/a.csv", (OLD, OLD))
    assert told(folder) == "nothing to run"


@pytest.mark.parametrize("name", ["raw/a.csv", "figures/x.svg"])
def test_other_bytes_of_equal_length_and_time_are_seen(folder: Path, name: str) -> None:
    path = folder / name
    before = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert told(folder) is None


@pytest.mark.parametrize("name", ["raw/later.csv", "figures/later.svg"])
def test_a_file_that_has_come_is_seen(folder: Path, name: str) -> None:
    (folder / name).write_text("new", encoding="utf-8")
    assert told(folder) is None


@pytest.mark.parametrize("name", ["raw/a.csv", "figures/x.svg"])
def test_a_file_that_has_gone_is_seen(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert told(folder) is None


def test_another_folder_of_raw_files_is_another_question(folder: Path) -> None:
    assert settled.told_if_settled(folder / "build", [folder / "figures"]) is None


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"by": 1}', b"\xff"])
def test_a_damaged_record_settles_nothing(folder: Path, damage: bytes) -> None:
    (folder / "build" / settled.FILE).write_bytes(damage)
    assert told(folder) is None


def test_nothing_is_kept_while_a_file_is_young(tmp_path: Path) -> None:
    settled.watch()
    (tmp_path / "a.csv").write_text("a", encoding="utf-8")
    settled.keep(tmp_path / "build", [tmp_path], [], "nothing to run")
    assert not (tmp_path / "build").exists()
