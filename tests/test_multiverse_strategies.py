"""Notebook 72 where a rule of selection leaves a band without cases: words in place of numbers, and nothing stops."""

import itertools
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from nsi.door import Places
from nsi.methods.claims import judged
from nsi.study import Study

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "72_fig_strategies.ipynb"
CASES = list("ABCDEF")
PLACED = {"A": "stronger", "B": "stronger", "C": "uncertain", "D": "uncertain", "E": "weaker", "F": "weaker"}
ASKED = yaml.safe_load((ROOT / "study" / "multiverse.yml").read_text(encoding="utf-8"))["questions"]


def written(study: Study, groups: dict[str, str]) -> None:
    """Write what the notebook reads: every code has segments in every case, more on its own side."""
    sides = study.setting("strategy_sides")["sides"]
    means = [3.9, 3.7, 3.4, 3.2, 2.9, 2.6]
    study.write("case_selection", pd.DataFrame({"case": CASES, "eb_mean": means, "group": [groups[c] for c in CASES]}))
    rows = []
    for place, case in enumerate(CASES):
        for side, codes in sides.items():
            lead = (5 - place if side == "stronger" else place) * 2
            rows += [(case, code, 1 + lead + k % 2, 0, "strong") for k, code in enumerate(codes)]
    cells = pd.DataFrame(rows, columns=["row", "column", "n_supporting", "n_contrary", "state"])
    study.write("matrix_strategies_cells", cells)
    told = [(f"S{k}", f"D{k}", case, code) for k, (case, code) in enumerate(itertools.product("AF", ["opt_in"]))]
    segments = pd.DataFrame(told, columns=["segment", "document", "case", "code"])
    text = "We chose who may join by what they had done in years before."
    segments = segments.assign(study="alignment", stance="supports", speaker="s1", place="", text=text, agreed=True)
    study.write("segments", segments)
    study.write("documents", segments[["document"]])


def numbers_of(out: Path, groups: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], Path]:
    """Run the cells of the notebook against the bundled declaration; return the numbers that it recorded."""
    for name, place in {"NSI_STUDY": ROOT / "study", "NSI_DATA_RAW": out, "NSI_OUT": out}.items():
        monkeypatch.setenv(name, str(place))
    written(Study(Places(ROOT / "study", out, out)), groups)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names: dict[str, Any] = {}
    exec(compile(code, NOTEBOOK.name, "exec"), names)
    return names["study"]._receipt.numbers, out / "figures"


def verdicts(numbers: dict[str, Any]) -> dict[str, tuple[str, str]]:
    asked = {name: one for name, one in ASKED.items() if name.startswith("strategy_")}
    claims = pd.DataFrame({"claim": list(asked), "test": [one["test"] for one in asked.values()]})
    ledger = judged(claims.assign(basis="open", why=""), numbers)
    return {str(row.claim): (str(row.verdict), str(row.why)) for row in ledger.itertuples()}


def test_with_cases_in_both_bands_every_number_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, _ = numbers_of(tmp_path, PLACED, monkeypatch)
    assert [name for name, value in numbers.items() if isinstance(value, str)] == ["strategy_codes_turned"]
    assert numbers["strategy_areas_as_published"] == numbers["strategy_areas"] == 4
    assert {verdict for verdict, _ in verdicts(numbers).values()} == {"holds"}


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (["stronger"], "no case is placed as weaker"),
        (["weaker"], "no case is placed as stronger"),
        ([], "no case is placed as stronger or as weaker"),
    ],
)
def test_a_band_without_cases_is_told_in_words_and_its_claims_cannot_be_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: list[str], reason: str
) -> None:
    groups = {case: group if group in kept else "uncertain" for case, group in PLACED.items()}
    numbers, figures = numbers_of(tmp_path, groups, monkeypatch)
    told = {name for name, value in numbers.items() if value == reason}
    assert told >= {"strategy_codes_as_published", "strategy_areas_as_published", "strategy_least_holm_p"}
    assert {value for value in numbers.values() if isinstance(value, str)} == {reason}
    for band in ("stronger", "weaker"):
        value = numbers[f"leader_strategy_{band}"]
        assert isinstance(value, float) if band in kept else value == reason
    assert isinstance(numbers["p_alignment_strategy_areas"], float)  # of all cases, placed or not
    assert set(verdicts(numbers).values()) == {("cannot be tested", f"there is no number, but: {reason}")}
    codes = pd.read_csv(figures / "tables" / "strategy_codes.csv")
    assert {band: sorted(set(codes[f"n_{band}"])) for band in ("stronger", "weaker")} == {
        band: [2] if band in kept else [0] for band in ("stronger", "weaker")
    }
    assert codes["as_published"].isna().all()
    assert set(pd.read_csv(figures / "strategies_by_alignment.csv")["case"]) == set(CASES)
