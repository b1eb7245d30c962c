"""`make verify` from end to end on a small study, and how it judges what is not byte for byte the same."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.image import imsave
from small_study import ROOT, SmallStudy

from nsi.pipeline.diff_tables import compare_tables, read_table
from nsi.pipeline.lock import Lock, Record
from nsi.pipeline.verify import main
from nsi.pipeline.verify_compare import DIFFERENT, IDENTICAL, SAME_PIXELS, WITHIN, Comparison, compare, within
from nsi.pipeline.verify_tree import fresh_copy, known_files, settings

SURROUNDINGS = [
    ("markdown", "# 05 Does it matter where it runs?"),
    ("code", "import os\nimport time\n\nimport nsi\nstudy = nsi.open_study()\nplaces = study.raw('places')"),
    ("code", "zone = os.environ['TZ'] != 'UTC'\nstudy.number('n_rows', 2)"),
    ("code", "import pandas as pd\nnearly = pd.DataFrame({'name': ['a'], 'size': [1 + 1e-11 * zone]})"),
    ("code", "study.table('nearly', nearly, key=['name'])"),
    ("code", "study.table('zone', pd.DataFrame({'name': ['a'], 'zone': [int(zone)]}), key=['name'])"),
    ("code", "print('east' if zone else 'here')"),
]  # fmt: skip


@dataclass(frozen=True)
class Verified:
    """A verified study, and what was told."""

    study: SmallStudy
    status: int
    text: str

    @property
    def page(self) -> str:
        return (self.study.root / "out/build/verify.html").read_text(encoding="utf-8")


def arguments(study: SmallStudy, root: Path, *more: str) -> list[str]:
    """The command line that verifies a small study with a project of its own."""
    return ["--root", str(root), *study.arguments()[1:], *more]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code without git around it, as in an archive."""
    root = tmp_path_factory.mktemp("archive")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
    return root


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Verified:
    """A study of two notebooks, of which one looks at what the pipeline holds constant."""
    study = SmallStudy.at(tmp_path_factory.mktemp("verify") / "study")
    keys = yaml.safe_load((study.root / "study/study.yml").read_text(encoding="utf-8"))
    keys["notebooks"] = [{"run": "04_places"}, {"run": "05_surroundings"}]
    keys.pop("settings")
    del keys["raw"]["items"]
    (study.root / "study/study.yml").write_text(yaml.safe_dump(keys), encoding="utf-8")
    study.put("05_surroundings", SURROUNDINGS)
    (study.root / "notebooks/01_items.ipynb").unlink()
    assert study.run().status == 0
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("nsi.pipeline.verify.say", said.append)
        status = main(arguments(study, project))
    return Verified(study, status, "\n".join(said))


def test_what_depends_on_its_surroundings_fails_by_name(verified: Verified) -> None:
    assert verified.status == 1
    lines = verified.text.splitlines()
    assert "run 2: figures/tables/zone.csv is different: 1 cell changed" in lines
    assert "run 2: 05_surroundings is different: what stands below its cells is not the same" in lines
    assert lines[-1] == "verify: FAILED"
    named = [line for line in lines if " is different" in line]
    assert not any("heights" in line or "nearly" in line or line.startswith("run 1") for line in named)


def test_the_first_run_holds_what_the_pipeline_holds_constant(verified: Verified) -> None:
    counted = next(line for line in verified.text.splitlines() if line.startswith("run 1: ") and "identical" in line)
    assert "different" not in counted
    assert "within" not in counted


def test_the_page_shows_each_output_and_what_differs(verified: Verified) -> None:
    page = verified.page
    assert "This does not pass." in page
    for name in ("figures/heights", "figures/tables/zone.csv", "figures/numbers.json", "figures/lock.json"):
        assert f"<td>{name}</td>" in page
    assert "<td>figures/tables/nearly.csv</td><td>tables</td><td>identical</td><td>within tolerance: " in page
    assert "What differs in run 2: before is the record, now is the fresh run" in page
    assert "What differs in run 1" not in page


def test_the_manifest_lists_every_figure_and_table_with_its_run_and_words(verified: Verified) -> None:
    told = yaml.safe_load((verified.study.root / "out/build/codecheck.yml").read_text(encoding="utf-8"))
    assert told["version"] == "https://codecheck.org.uk/spec/config/1.0/"
    comments = {entry["file"]: entry["comment"] for entry in told["manifest"]}
    assert set(comments) == {
        "figures/heights.svg", "figures/tables/nearly.csv", "figures/tables/zone.csv", "figures/numbers.json",
    }  # fmt: skip
    assert comments["figures/heights.svg"] == (
        "By 04_places. Line of two heights, hill above lake. fresh run 1: identical. fresh run 2: identical."
    )
    assert comments["figures/tables/zone.csv"].endswith("fresh run 2: different.")


def test_a_fresh_copy_holds_no_result_and_the_two_ways_of_running_share_nothing(project: Path, tmp_path: Path) -> None:
    from nsi.pipeline.verify_tree import Tree

    study = SmallStudy.at(tmp_path / "study")
    tree = Tree(project, *(study.root / name for name in ("study", "raw", "out", "notebooks")))
    copy = fresh_copy(tree, tmp_path / "copy")
    assert (copy.root / "src/nsi/figures/style.py").is_file()
    assert (copy.data_raw / "items.csv").read_bytes() == (tree.data_raw / "items.csv").read_bytes()
    assert not copy.out.exists()
    assert "requirements.lock" in known_files(project)
    first, second = settings()
    assert first.folder != second.folder
    assert first.jobs != second.jobs
    assert all(first.outside[name] != second.outside[name] for name in first.outside)
    assert (first.inside, second.inside) == ({}, second.outside)


# --- judging


def png(dot: int) -> bytes:
    sink = io.BytesIO()
    picture = np.full((20, 30, 3), 255, dtype=np.uint8)
    picture[dot, dot] = 0
    imsave(sink, picture, format="png")
    return sink.getvalue()


def parquet(values: list[float]) -> bytes:
    sink = io.BytesIO()
    pd.DataFrame({"name": ["a", "b"], "size": values}).to_parquet(sink)
    return sink.getvalue()


def results(folder: Path, files: dict[str, bytes], shown: str = "1", code: str = "c") -> Path:
    """Write results with a record of one run."""
    from hashlib import sha256

    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    outputs = {name: sha256(data).hexdigest() for name, data in files.items() if name != "figures/numbers.json"}
    record = Record("notebooks/01.ipynb", {}, code, {}, {}, {}, outputs, shown=shown)
    Lock("v", "A study", {"01": record}).save(folder / "figures/lock.json")
    return folder


def judged(tmp_path: Path, old: dict[str, bytes], new: dict[str, bytes], **of_new: str) -> Comparison:
    return compare(results(tmp_path / "old", old), results(tmp_path / "new", new, **of_new))


SVG = b"<svg><desc>words</desc><path d='M%d 0'/></svg>"
CSV = b"name,size\na,%s\nb,2\n"


@pytest.mark.parametrize(
    ("name", "old", "new", "state"),
    [
        ("figures/x.svg", SVG % 1, SVG % 2, SAME_PIXELS),
        ("figures/x.png", png(3), png(4), DIFFERENT),
        ("figures/tables/t.csv", CSV % b"1.5", CSV % b"1.50000000001", WITHIN),
        ("figures/tables/t.csv", CSV % b"1.5", CSV % b"1.5000001", DIFFERENT),
        ("figures/tables/t.csv", CSV % b"1.5", CSV % b"<5", DIFFERENT),
        ("data_processed/p.parquet", parquet([1.0, 2.0]), parquet([1.0, 2.0 + 1e-12]), WITHIN),
        ("data_processed/p.parquet", parquet([1.0, 2.0]), parquet([1.0, 2.1]), DIFFERENT),
    ],
)
def test_an_output_with_other_bytes_is_judged_by_what_it_says(
    tmp_path: Path, name: str, old: bytes, new: bytes, state: str
) -> None:
    beside = {"figures/x.svg": SVG % 1, "figures/x.png": png(3), "figures/numbers.json": b'{"n": 3}\n'}
    found = judged(tmp_path, {**beside, name: old}, {**beside, name: new})
    unit = name.rpartition(".")[0] if "/x." in name else name
    assert found.verdicts[unit].state == state
    assert found.verdicts["figures/lock.json"].state == state
    others = {verdict.name: verdict.state for verdict in found.verdicts.values()}
    assert {state for other, state in others.items() if other not in (unit, "figures/lock.json")} == {IDENTICAL}


def test_an_output_that_is_not_made_again_and_one_that_is_new_are_different(tmp_path: Path) -> None:
    table, other = {"figures/tables/a.csv": CSV % b"1"}, {"figures/tables/b.csv": CSV % b"1"}
    found = judged(tmp_path, table, other)
    assert {found.verdicts[name].state for name in (*table, *other)} == {DIFFERENT}


def test_other_numbers_are_different_and_named(tmp_path: Path) -> None:
    files = [{"figures/numbers.json": json.dumps({"n": value}).encode()} for value in (3, 4)]
    verdict = judged(tmp_path, *files).verdicts["figures/numbers.json"]
    assert (verdict.state, verdict.told) == (DIFFERENT, "n")


def test_an_executed_notebook_that_shows_something_else_is_different(tmp_path: Path) -> None:
    files = {"figures/numbers.json": b"{}\n"}
    found = judged(tmp_path, files, files, shown="2")
    assert [verdict.name for verdict in found.different] == ["01", "figures/lock.json"]


def test_a_record_that_does_not_say_what_notebooks_showed_does_not_pass(tmp_path: Path) -> None:
    files = {"figures/numbers.json": b"{}\n"}
    found = compare(results(tmp_path / "old", files, shown=""), results(tmp_path / "new", files))
    assert "make clean all" in found.verdicts["01"].told


def test_a_record_that_rests_on_other_code_is_different_though_its_outputs_are_the_same(tmp_path: Path) -> None:
    files = {"figures/numbers.json": b"{}\n"}
    found = judged(tmp_path, files, files, code="d")
    assert found.verdicts["figures/lock.json"].told == "what runs rest on: 01"


@pytest.mark.parametrize(
    ("new", "holds"),
    [
        ("name,size\na,1\nb,2\n", True),
        ("name,size\na,1.0000000001\nb,2\n", True),
        ("name,size\nb,2\na,1\n", False),
        ("name,size\na,1\n", False),
        ("name,size,more\na,1,0\nb,2,0\n", False),
    ],
)
def test_rows_columns_and_order_are_never_a_matter_of_tolerance(new: str, holds: bool) -> None:
    old, now = read_table(b"name,size\na,1\nb,2\n"), read_table(new.encode())
    assert old is not None
    assert now is not None
    assert within(compare_tables(old, now), 1e-9) is holds
