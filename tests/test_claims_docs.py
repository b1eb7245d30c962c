"""docs/claims-contract.md: its columns, its example and its messages are what the code says."""

import re
from pathlib import Path

import pandas as pd
import pytest

from nsi.claims import BASES, COLUMNS, KINDS, claims_as_declared, read_claims
from nsi.errors import StudyError
from nsi.methods.claims import VERDICTS, judged, what_it_shows
from nsi.pipeline.results_text import HEAD, filled_in, read_templates

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "claims-contract.md").read_text(encoding="utf-8")
NUMBERS: dict[str, float | str] = {"n_notes": 8, "share_plans": 0.625}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    files = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE))
    assert set(files) == {"claims.csv", "results.md"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_every_column_and_every_word_is_explained() -> None:
    table = PAGE.split("## claims.csv, column by column")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(COLUMNS)
    for word in (*KINDS, *BASES, *VERDICTS):
        assert f"`{word}`" in PAGE


def test_the_ledger_of_the_example_is_what_the_page_shows(example: Path) -> None:
    claims = pd.DataFrame(claims_as_declared(read_claims(example / "claims.csv")))
    ledger = judged(claims, NUMBERS)
    ledger["shows"] = what_it_shows(ledger, synthetic=True)
    for row in ledger.itertuples():
        assert re.sub(r" +", " ", f"| {row.claim} | {row.found} | {row.verdict} | {row.shows} |") in PAGE


def test_the_text_of_the_example_is_what_the_page_shows(example: Path) -> None:
    text = filled_in(read_templates(example, ["results.md"], list(NUMBERS)), NUMBERS, synthetic=False)
    assert f'and the text: "{text.removeprefix(HEAD).strip()}"' in PAGE


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("claims.csv", "share_plans >", "share_plan >"),
        ("claims.csv", ",nobody asked", ","),
        ("results.md", "{n_notes}", "{n_note}"),
        ("results.md", "{n_notes}", "8"),
    ],
)
def test_every_message_on_the_page_is_what_the_code_says(example: Path, file: str, old: str, new: str) -> None:
    text = (example / file).read_text(encoding="utf-8")
    assert old in text
    (example / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        claims = read_claims(example / "claims.csv")
        judged(pd.DataFrame(claims_as_declared(claims)), NUMBERS)
        read_templates(example, ["results.md"], list(NUMBERS))
    assert f"| `{caught.value}` |" in PAGE
