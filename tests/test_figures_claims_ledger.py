"""The figure of the ledger of claims."""

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.figures.claims_ledger import claims_ledger
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import render

BASES = ["published data", "calibrated", "open"]
VERDICTS = ["holds", "does not hold", "cannot be tested"]


def ledger(studies: int, claims: int, bases: list[str] = BASES) -> pd.DataFrame:
    rows = [
        (f"ST{study}-{claim}", f"study number {study}", bases[(study + claim) % len(bases)], VERDICTS[claim % 3])
        for study in range(studies)
        for claim in range(claims)
    ]
    return pd.DataFrame(rows, columns=["claim", "study", "basis", "verdict"])


@pytest.mark.parametrize("frame", [ledger(7, 14), ledger(1, 1, ["open"]), ledger(3, 60), ledger(12, 3)])
def test_every_claim_can_be_read_in_its_tile(frame: pd.DataFrame) -> None:
    figure = claims_ledger(frame, title="Some hold", note="A note.")
    assert legibility_problems(figure) == []
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert all(words.count(claim) == 1 for claim in frame["claim"])


def test_the_same_ledger_gives_the_same_bytes() -> None:
    one, other = (render(claims_ledger(ledger(3, 5), title="t", note="n"), "svg", title="t", alt="a", source="")
                  for _ in range(2))  # fmt: skip
    assert one == other


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("basis", "the ledger's basis holds hope, but allowed are published data, calibrated, open"),
        ("verdict", "the ledger's verdict holds hope, but allowed are holds, does not hold, cannot be tested"),
    ],
)
def test_an_unknown_word_stops_it(column: str, told: str) -> None:
    with pytest.raises(StudyError) as caught:
        claims_ledger(ledger(1, 3).assign(**{column: "hope"}), title="t", note="n")
    assert str(caught.value) == told


def test_an_empty_ledger_stops_it() -> None:
    with pytest.raises(StudyError, match="ledger of claims has no rows, so there is nothing to draw"):
        claims_ledger(ledger(0, 0), title="t", note="n")
