"""docs/multiverse-contract.md explains every key of multiverse.yml, and says how many combinations there are."""

import re

import pytest
from test_docs import ROOT, accepted_keys, first_cells, section

from nsi.multiverse import read_multiverse

PAGE = (ROOT / "docs" / "multiverse-contract.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "among"), [("## Keys", "choices"), ("## Keys of a choice", "sets"), ("## Keys of a question", "says")]
)
def test_every_key_is_explained_and_no_other(heading: str, among: str) -> None:
    (accepted,) = [keys for keys in accepted_keys("multiverse") if among in keys]
    assert sorted(first_cells(section(PAGE, heading))) == sorted(accepted)


def test_the_page_counts_the_combinations_of_the_bundled_study() -> None:
    universes = read_multiverse(ROOT / "study").universes()
    told = re.search(r"six choices make (\d+) combinations", PAGE)
    assert told is not None
    assert len(universes) == int(told[1]) >= 200
    assert len(universes[0]) == 6
