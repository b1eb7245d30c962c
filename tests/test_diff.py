"""`make diff`: two results read from folders or from git, compared, told in a few lines and shown on a page."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imsave

from nsi.errors import StudyError
from nsi.pipeline.diff import main
from nsi.pipeline.diff_source import read_result

GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
USES = "case,code,share,n\nA,plan,0.5,40\nA,check,0.5,40\nB,plan,0.25,12\n"
CELLS = "row,column,shown,rating,state\nA,x,strong,strong,value\nB,x,thin,some,thin\n"
NUMBERS = {"n_units": 820, "share_unused": 0.3}
SVG = '<svg><title>uses</title><desc>{}</desc><path d="M{} 0"/></svg>'
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e'


def png(dark: int) -> bytes:
    pixels = np.full((20, 30, 3), 255, dtype=np.uint8)
    pixels[5:15, 5 : 5 + dark] = 0
    sink = io.BytesIO()
    imsave(sink, pixels, format="png")
    return sink.getvalue()


@dataclass
class Results:
    """An OUT folder with a small result in it, which a test changes."""

    out: Path

    def __post_init__(self) -> None:
        self.put("tables/uses.csv", USES)
        self.put("tables/matrix_uses_cells.csv", CELLS)
        self.put("uses.csv", USES)
        self.put("uses.svg", SVG.format("Bars of two cases.", 5))
        self.put("uses.png", png(5))
        self.put("uses.pdf", b"%PDF one")
        self.put("documents/methods.txt", "Two coders.\nAlpha was 0.71.\n")
        self.numbers(NUMBERS)
        self.lock()

    def put(self, name: str, content: str | bytes) -> None:
        path = self.out / "figures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def numbers(self, numbers: dict[str, Any]) -> None:
        self.put("numbers.json", json.dumps(numbers))

    def lock(self, ratings: str = "r1") -> None:
        """Record that one run wrote everything that is there."""
        files = sorted(path for path in (self.out / "figures").rglob("*") if path.suffix not in ("", ".json"))
        named = {path.relative_to(self.out).as_posix(): path.read_bytes() for path in files}
        outputs = {name: hashlib.sha256(data).hexdigest() for name, data in named.items()}
        numbers = json.loads((self.out / "figures/numbers.json").read_text())
        run = {"inputs": {"data_raw/ratings.csv": ratings}, "outputs": outputs, "numbers": numbers}
        self.put("lock.json", json.dumps({"format": 1, "study": "A study", "versions": "v", "runs": {"30_uses": run}}))

    def page(self) -> str:
        return (self.out / "build/diff.html").read_text(encoding="utf-8")


@pytest.fixture
def before(tmp_path: Path) -> Results:
    return Results(tmp_path / "before")


@pytest.fixture
def now(tmp_path: Path) -> Results:
    return Results(tmp_path / "now")


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command and return its status and what it printed."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def git(folder: Path, *arguments: str) -> str:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    dates = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"}
    command = [*GIT, *arguments]
    ran = subprocess.run(command, cwd=folder, env={**plain, **dates}, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.fixture
def repository(now: Results) -> Results:
    """The second result, in a repository of its own that holds the first as its only commit."""
    git(now.out, "init", "-q")
    git(now.out, "add", ".")
    git(now.out, "commit", "-qm", "First <b>result</b>")
    return now


# --- what is told


def test_two_equal_results_leave_a_page_that_says_so(before, now, told):
    status, printed = told("--a", before.out, "--b", now.out, "--out", now.out, "--fail-on-change")
    assert status == 0
    for line in ("numbers    all 2 the same", "matrices   all 1 the same", "figures    all 1 the same"):
        assert line in printed
    assert "because" not in printed
    assert "Nothing differs: every number, table, figure and document is the same." in now.page()


def test_every_kind_of_change_is_told_in_a_few_lines(before, now, told):
    now.numbers({"n_units": 800, "share_unused": 0.30000000000000004, "n_new": 5})
    now.put("tables/uses.csv", USES.replace("0.25,12", "0.2,<5"))
    now.put("tables/matrix_uses_cells.csv", CELLS.replace("thin,some,thin", "strong,strong,value"))
    now.put("uses.svg", SVG.format("Bars of two cases, B less.", 9))
    now.put("uses.png", png(9))
    now.put("uses.csv", USES.replace("0.25", "0.2"))
    now.put("documents/methods.txt", "Two coders.\nAlpha was 0.69.\n")
    now.lock("r2")
    status, printed = told("--a", before.out, "--b", now.out, "--out", now.out)
    assert status == 0
    assert "\n".join(line.rstrip() for line in printed.splitlines()[3:-2]) == (
        "numbers    1 changed, 1 new, 1 by rounding alone, of 3\n"
        "           n_units 820 -> 800 (-2.44%)\n"
        "matrices   1 changed, of 1\n"
        "           tables/matrix_uses_cells.csv: 1 cell changed, 1 changed rating, 1 changed state\n"
        "tables     1 changed, of 1\n"
        "           tables/uses.csv: 2 cells changed\n"
        "figures    1 changed, of 1\n"
        "           uses: 6.67% of the picture differs, its data: 1 cell changed, its words\n"
        "documents  1 changed, of 1\n"
        "           documents/methods.txt: 1 line gone, 1 new\n"
        "because    input data_raw/ratings.csv changed"
    )


def test_the_terminal_shows_no_cell(before, now, told):
    now.put("tables/uses.csv", USES.replace("B,plan,0.25", "B,secret words,0.25"))
    _, printed = told("--a", before.out, "--b", now.out, "--out", now.out)
    assert "secret" not in printed
    assert "secret words" in now.page()


@pytest.mark.parametrize(("change", "status"), [
    (lambda now: now.numbers({**NUMBERS, "n_units": 821}), 1),
    (lambda now: now.put("tables/new.csv", "a\n1\n"), 1),
    (lambda now: now.put("uses.png", png(6)), 1),
    (lambda now: (now.out / "figures/uses.pdf").unlink(), 1),
    (lambda now: now.put("uses.csv", "no\ntable,at all\n"), 1),
    (lambda now: now.put("documents/methods.txt", "Three coders.\n"), 1),
    (lambda now: now.numbers({**NUMBERS, "share_unused": 0.30000000000000004}), 0),
    (lambda now: now.put("tables/uses.csv", USES.replace("0.25", "0.25000000000001")), 0),
    (lambda now: now.put("uses.svg", SVG.format("Bars of two cases.", "5.0")), 0),
    (lambda now: now.lock("r2"), 0),
])  # fmt: skip
def test_a_change_fails_where_that_was_asked_for_and_rounding_does_not(before, now, told, change, status):
    change(now)
    sides = ("--a", before.out, "--b", now.out, "--out", now.out)
    assert told(*sides, "--fail-on-change")[0] == status
    assert told(*sides)[0] == 0


def test_only_the_bytes_of_a_figure_changed(before, now, told):
    now.put("uses.svg", SVG.format("Bars of two cases.", "5.0"))
    _, printed = told("--a", before.out, "--b", now.out, "--out", now.out)
    assert "figures    1 the same but for rounding or the way of writing, of 1" in printed
    assert "uses: the same picture and data, other bytes (svg)" in now.page()


def test_outputs_that_came_and_went_are_named(before, now, told):
    now.put("tables/new.csv", "case,n\nA,1\nB,2\n")
    for ending in ("svg", "png", "pdf", "csv"):
        (now.out / f"figures/uses.{ending}").unlink()
    _, printed = told("--a", before.out, "--b", now.out, "--out", now.out)
    assert "tables/new.csv: new, 2 rows, 2 columns" in printed
    assert "uses: gone, svg, png, pdf, csv" in printed
    assert now.page().count('<img src="data:image/png;base64,') == 1  # as it was


def test_results_without_a_lock_are_compared_all_the_same(before, now, told):
    (now.out / "figures/lock.json").unlink()
    now.put("tables/uses.csv", USES.replace("0.25", "0.2"))
    _, printed = told("--a", before.out, "--b", now.out, "--out", now.out)
    assert "tables/uses.csv: 1 cell changed" in printed
    assert "because    not known: the locks do not say" in printed
    assert f"Not known: &#x27;{now.out}&#x27; has no figures/lock.json." in now.page()


# --- the page


def test_the_page_shows_pictures_side_by_side_with_their_words_and_what_differs(before, now, told):
    now.put("uses.png", png(9))
    now.put("uses.svg", SVG.format("Bars of two cases, B less.", 9))
    told("--a", before.out, "--b", now.out, "--out", now.out)
    pictures = re.findall(r'<img src="data:image/png;base64,[A-Za-z0-9+/=]+" alt="([^"]*)">', now.page())
    marked = "Where the two pictures differ: 6.67% of the pixels, marked on the faded new picture."
    assert pictures == ["Bars of two cases.", "Bars of two cases, B less.", marked]


def test_the_page_is_the_same_for_the_same_results_and_loads_nothing(before, now, told):
    now.put("tables/uses.csv", USES.replace("0.25", "0.2"))
    pages = set()
    for _ in range(2):
        told("--a", before.out, "--b", now.out, "--out", now.out)
        pages.add(now.page())
    (page,) = pages
    assert "default-src 'none'" in page
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,|#)', page) == []
    assert "<script" not in page


def test_a_page_about_synthetic_data_says_so(before, now, told):
    told("--a", before.out, "--b", now.out, "--out", now.out)
    assert '<p class="synthetic"' not in now.page()
    now.put("SYNTHETIC.txt", "SYNTHETIC DATA.\n")
    told("--a", before.out, "--b", now.out, "--out", now.out)
    assert '<p class="synthetic"' in now.page()


def test_hostile_text_in_any_place_is_shown_as_text(before, now, told):
    before.numbers({"a": "x", HOSTILE: 1})
    now.numbers({"a": HOSTILE})
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    now.put("tables/uses.csv", USES.replace("n\n", f"{quoted}\n").replace("0.25", "=1+1"))
    now.put("documents/methods.txt", f"{HOSTILE}\n")
    now.put(f"tables/{HOSTILE.replace('/', '')}.csv", "a\n1\n")
    now.put("uses.svg", SVG.format("&lt;script&gt;alert(1)&lt;/script&gt;", 5))
    now.put("lock.json", json.dumps({"study": HOSTILE, "versions": "w", "runs": {HOSTILE: {"inputs": {HOSTILE: "x"}}}}))
    told("--a", before.out, "--b", now.out, "--out", now.out)
    page = now.page()
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\\u202e" in page
    assert "\u202e" not in page


def test_a_long_list_is_cut_at_two_hundred_and_says_how_many_there_are(before, now, told):
    before.put("tables/long.csv", "case,n\n" + "".join(f"c{n},{n}\n" for n in range(1, 301)))
    now.put("tables/long.csv", "case,n\n" + "".join(f"c{n},{2 * n}\n" for n in range(1, 301)))
    told("--a", before.out, "--b", now.out, "--out", now.out)
    assert "Changed cells, largest first, the first 200 of 300" in now.page()
    assert now.page().count("<td>c") == 200


def test_a_long_text_is_shown_from_where_it_differs(before, now, told):
    before.put("tables/said.csv", f"case,said\nA,{'x' * 5000} yes\n")
    now.put("tables/said.csv", f"case,said\nA,{'x' * 5000} no\n")
    told("--a", before.out, "--b", now.out, "--out", now.out)
    assert "x yes (5,004 characters)" in now.page()
    assert "x no (5,003 characters)" in now.page()


# --- where results come from


def test_a_revision_is_compared_with_the_folder_as_it_is_now(repository, told):
    commit = git(repository.out, "rev-parse", "--short", "HEAD")
    repository.put("tables/uses.csv", USES.replace("0.25", "0.2"))
    repository.put("lock.json", "{")  # what is not committed must not be looked at for HEAD
    status, printed = told("--out", repository.out)
    assert status == 0
    assert printed.startswith(f"before  HEAD ({commit}, 2026-01-02: First <b>result</b>)\n")
    assert "tables/uses.csv: 1 cell changed" in printed
    assert "First &lt;b&gt;result&lt;/b&gt;" in repository.page()


def test_two_revisions_are_compared_and_the_work_tree_is_left_alone(repository, told):
    repository.put("tables/uses.csv", USES.replace("0.25", "0.2"))
    git(repository.out, "commit", "-qam", "Second")
    repository.put("tables/uses.csv", USES.replace("0.25", "0.1"))
    before = git(repository.out, "status", "--porcelain")
    _, printed = told("--a", "HEAD~1", "--b", "main", "--out", repository.out)
    assert "tables/uses.csv: 1 cell changed" in printed
    assert "<td class=\"number\">0.2</td>" in repository.page()
    assert git(repository.out, "status", "--porcelain") == f"{before}\n?? build/"


def test_a_revision_is_read_as_committed_whatever_attributes_say(repository):
    repository.put("uses.txt", "$Format:%H$\n")
    (repository.out / ".gitattributes").write_text("figures/** export-ignore export-subst\n")
    git(repository.out, "add", ".")
    git(repository.out, "commit", "-qm", "With attributes")
    from_git, from_folder = (read_result(asked, repository.out).files for asked in ("HEAD", str(repository.out)))
    assert from_git == from_folder


def test_a_results_folder_below_the_top_of_the_repository_is_read_there(repository, told):
    deeper = Results(repository.out / "out" / "other study")
    git(repository.out, "add", ".")
    git(repository.out, "commit", "-qm", "Deeper")
    deeper.put("tables/uses.csv", USES.replace("0.25", "0.2"))
    _, printed = told("--out", deeper.out)
    assert "tables/uses.csv: 1 cell changed" in printed
    assert "matrices   all 1 the same" in printed


def test_git_as_a_hook_sets_it_up_does_not_lead_astray(repository, told, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert told("--out", repository.out)[0] == 0


def test_a_folder_may_be_the_figures_themselves(before, now):
    assert read_result(str(now.out / "figures"), before.out).files == read_result(str(now.out), before.out).files


def test_hidden_files_and_links_out_of_the_folder_are_not_read(now, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("name\nsomebody\n")
    (now.out / "figures/tables/linked.csv").symlink_to(secret)
    now.put(".DS_Store", "x")
    names = read_result(str(now.out), now.out).files
    assert "figures/tables/uses.csv" in names
    assert not {"figures/tables/linked.csv", "figures/.DS_Store"} & set(names)


def test_a_folder_comes_before_a_revision_of_its_name_and_one_without_results_after_it(repository, monkeypatch):
    Results(Path(repository.out / "main"))
    monkeypatch.chdir(repository.out)
    assert read_result("main", repository.out).note == "the folder as it is now"
    shutil.rmtree(repository.out / "main")
    (repository.out / "main").mkdir()
    assert "First" in read_result("main", repository.out).note


# --- what cannot be compared


def refused(asked: str, out: Path) -> str:
    with pytest.raises(StudyError) as caught:
        read_result(asked, out)
    return str(caught.value)


@pytest.mark.parametrize("asked", ["nonsense", "HEAD~9", "--all", "-x", "HEAD:figures"])
def test_an_unknown_revision_is_refused(repository, asked):
    assert refused(asked, repository.out) == (
        f"'{asked}' is neither a folder with results nor a revision that this repository knows; see `git log`"
    )


def test_a_revision_without_figures_is_refused(repository):
    git(repository.out, "rm", "-rq", "--cached", "figures")
    git(repository.out, "commit", "-qm", "No figures")
    commit = git(repository.out, "rev-parse", "HEAD")[:7]
    assert refused("HEAD", repository.out) == (
        f"revision 'HEAD' ({commit}) holds no figures/; name one that does, or a folder"
    )


def test_a_revision_outside_a_repository_is_refused(now):
    told = refused("HEAD", now.out)
    assert told.startswith("'HEAD' is no folder with results, and no revision can be read: ")
    assert f"OUT={now.out} lies in no git repository (fatal: not a git repository" in told
    assert told.endswith("; name a folder instead")


def test_where_git_is_not_installed_a_revision_is_refused_and_folders_are_compared(before, now, told, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "(git is not installed); name a folder instead" in refused("HEAD", now.out)
    assert told("--a", before.out, "--b", now.out, "--out", now.out)[0] == 0


def test_a_folder_without_results_is_refused(now, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "hollow/figures").mkdir(parents=True)
    empty, hollow = tmp_path / "empty", tmp_path / "hollow"
    assert refused(str(empty), now.out) == (
        f"the folder '{empty}' holds no figures/ with results; fill it with `make all OUT={empty}`"
    )
    assert refused(str(hollow), now.out) == f"'{hollow}' holds an empty figures/; fill it with `make all OUT={hollow}`"


def test_a_missing_out_folder_is_refused(tmp_path):
    assert refused("HEAD", tmp_path / "none") == (
        f"'HEAD' is no folder with results, and OUT={tmp_path / 'none'} is not there; name two folders: A=... B=..."
    )


def test_bad_input_leaves_with_two_and_writes_no_page(before, now, told):
    now.put("numbers.json", "{")
    status, printed = told("--a", before.out, "--b", now.out, "--out", now.out)
    assert status == 2
    assert "figures/numbers.json of" in printed
    assert not (now.out / "build").exists()
    assert told("--a", "nonsense", "--out", now.out)[0] == 2
