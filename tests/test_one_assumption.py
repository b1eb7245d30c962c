"""One assumption changes: what rests on it changes, nothing else does, and the comparison says so."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml

from nsi.pipeline.__main__ import main as pipeline
from nsi.pipeline.diff import main as diff
from nsi.synthetic.__main__ import main as synth

ROOT = Path(__file__).resolve().parents[1]
# The artifacts study from its raw files to the ledger, and two notebooks that have nothing to do with it.
CHOSEN = (
    *("01_clean_artifacts", "03_clean_ratings", "04_clean_networks", "30_fig_intended_to_actual_use"),
    *("31_primary_and_combined_use", "32_fig_use_by_purpose", "33_fig_artifacts_over_months"),
    *("34_fig_type_by_intended_use", "35_desired_data", "94_assumptions", "95_claims"),
)
# Of what was made to help improvement a third was never used; now one in ten.
BEFORE = "relationship_management: 0.27, capacity_building: 0.06, accountability: 0.04, not_used: 0.33"
AFTER = "relationship_management: 0.50, capacity_building: 0.06, accountability: 0.04, not_used: 0.10"
# What is drawn or counted from actual use. Ratings carry it too.
FIGURES = {"fig1_intended_to_actual_use", "fig_use_by_purpose", "fig_artifacts_over_months"}
KEPT = {"fig_primary_and_combined_use", "fig_type_by_intended_use", "fig_desired_data", "claims_ledger"}
TABLES = {
    *("intended_to_actual_use", "shares_of_uses", "use_by_purpose", "artifacts_by_month_and_use", "assumptions"),
    *("combined_use_sensitivity", "combined_use_largest_changes", "claims"),
}
RELEASED = ("figures", "data_processed")


@dataclass
class Made:
    """The chosen notebooks, run before and after the change."""

    before: Path
    after: Path
    raw_before: Path
    raw_after: Path
    told: str

    def changed(self, pattern: str) -> set[str]:
        """Names without ending of the released files that differ."""
        names = {path.relative_to(self.before).as_posix() for path in self.before.glob(pattern)}
        assert names == {path.relative_to(self.after).as_posix() for path in self.after.glob(pattern)}
        return {Path(name).stem for name in names
                if (self.before / name).read_bytes() != (self.after / name).read_bytes()}  # fmt: skip

    def numbers(self) -> set[str]:
        """Names of the recorded numbers that differ."""
        old, new = (json.loads((out / "figures/numbers.json").read_bytes()) for out in (self.before, self.after))
        assert old.keys() == new.keys()
        return {name for name in old if old[name] != new[name]}

    def ledger(self, out: Path) -> pd.DataFrame:
        """The ledger of claims of one of the two."""
        return pd.read_csv(out / "figures/tables/claims.csv", dtype="str", keep_default_na=False).set_index("claim")


def smaller_study(folder: Path) -> None:
    """Copy the study, with the chosen notebooks and the claims of the artifacts alone."""
    shutil.copytree(ROOT / "study", folder)
    declared = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    declared["notebooks"] = [{"run": name} for name in CHOSEN]
    declared.pop("results")
    (folder / "study.yml").write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    claims = pd.read_csv(folder / "claims.csv", dtype="str", keep_default_na=False)
    claims[claims["study"] == "artifacts"].to_csv(folder / "claims.csv", index=False)


def run(study: Path, raw: Path, out: Path) -> None:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        shutil.copytree(ROOT / "data_raw", raw)
        assert synth(["--study", str(study), "--data-raw", str(raw)]) == 0, told.getvalue()
        places = ["--study", str(study), "--data-raw", str(raw), "--out", str(out), "--jobs", "2"]
        assert pipeline(["all", *places]) == 0, told.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("assumption")
    study, out = root / "study", root / "out"
    smaller_study(study)
    run(study, root / "raw_before", out)
    shutil.copytree(out, root / "before")
    assumptions = study / "assumptions.yml"
    text = assumptions.read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    assumptions.write_text(text.replace(BEFORE, AFTER), encoding="utf-8")
    run(study, root / "raw_after", out)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert diff(["--a", str(root / "before"), "--b", str(out), "--out", str(out)]) == 0
    return Made(root / "before", out, root / "raw_before", root / "raw_after", told.getvalue())


def test_only_the_files_that_hold_actual_use_are_drawn_anew(made: Made) -> None:
    names = {path.relative_to(made.raw_before) for path in made.raw_before.rglob("*.*") if path.is_file()}
    pairs = {str(name): (made.raw_before / name, made.raw_after / name) for name in names}
    changed = {name for name, (old, new) in pairs.items() if old.read_bytes() != new.read_bytes()}
    assert changed == {"artifacts.csv", "ratings.csv"}


def test_exactly_the_figures_of_actual_use_change(made: Made) -> None:
    changed = made.changed("figures/*.svg")
    assert changed & (FIGURES | KEPT) == FIGURES
    assert changed - FIGURES <= {"cleaning_artifacts", "cleaning_ratings"}


def test_exactly_the_tables_of_actual_use_change(made: Made) -> None:
    changed = made.changed("figures/tables/*.csv")
    assert {name for name in changed if not name.startswith(("cleaning_log", "missing_ratings"))} == TABLES


def test_numbers_of_intended_use_stay_and_those_of_actual_use_change(made: Made) -> None:
    changed = made.numbers()
    assert {"share_not_used", "share_relationship_actual", "share_modal_actual_use"} <= changed
    assert [name for name in changed if "intended" in name and "_of_" not in name and "gain" not in name] == []
    kept = ("n_artifacts", "n_artifacts_with_secondary_use", "n_desired_data", "share_modal_intended_use", "n_networks")
    assert changed.isdisjoint(kept)


def test_exactly_the_claims_on_actual_use_find_other_values(made: Made) -> None:
    before, after = made.ledger(made.before), made.ledger(made.after)
    changed = set(before.index[(before["found"] != after["found"])])
    named = {claim for claim, test in before["test"].items() if any(name in test for name in made.numbers())}
    assert changed
    assert changed <= named


def test_the_comparison_names_what_changed_and_because_of_what(made: Made) -> None:
    lines = {line.split()[0]: line for line in made.told.splitlines() if line and not line.startswith(" ")}
    assert lines["numbers"].split()[1:3] == [str(len(made.numbers())), "changed,"]
    assert f"{len(made.changed('figures/tables/*.csv'))} changed" in lines["tables"]
    assert f"{len(made.changed('figures/*.svg'))} changed" in lines["figures"]
    for cause in ("data_raw/artifacts.csv changed", "data_raw/ratings.csv changed", "assumptions.artifacts changed"):
        assert cause in lines["because"]
    page = (made.after / "build/diff.html").read_text(encoding="utf-8")
    assert all(name in page for name in (*FIGURES, "share_not_used"))
    assert "fig_desired_data" not in page
