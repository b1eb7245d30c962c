"""Fixtures that several tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from small_study import SmallStudy

# The same examples on every machine: a test that fails for somebody must fail for everybody.
settings.register_profile("same everywhere", derandomize=True)
settings.load_profile("same everywhere")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> SmallStudy:
    """The small study, built; not to be changed."""
    study = SmallStudy.at(tmp_path_factory.mktemp("small") / "study")
    told = study.run()
    assert told.status == 0, told.text
    return study


@pytest.fixture
def built(built_once: SmallStudy, tmp_path: Path) -> SmallStudy:
    """A copy of the built small study, to be changed."""
    return built_once.copy_to(tmp_path / "study")
