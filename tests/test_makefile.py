"""The front door: what make offers, what it passes on, which Python it takes, and what CI makes of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = {"help", "setup", "all", "why", "diff", "test", "lab", "bench", "synth", "clean", "lock", "settle"}
TARGETS |= {"summaries", "verify", "graph", "multiverse"}
SCRIPT = Path("src/nsi/pipeline/environment.py")

# A Python that writes down how it was called, and leaves with the status that the test asks for.
FAKE_PYTHON = """#!/bin/sh
[ "$3" = clean ] && sleep 0.3 # long enough for a neighbour to overtake
printf '<%s>' "$0" "$@" >> "$CALLS"; echo >> "$CALLS"
case "$*" in
    *environment.py?version) exit "${VERSION_STATUS:-0}" ;;
    *environment.py?check) exit "${CHECK_STATUS:-0}" ;;
    *environment.py?setup) rm -f .venv/bin/python && cp "$0" .venv/bin/python ;;
esac
echo "$PYTHONPATH|$NSI_STUDY|$NSI_DATA_RAW|$NSI_OUT|$PYTHONNOUSERSITE" >> "$SETTINGS"
case "$*" in *pytest*) echo "3 passed, 1 warning in 0.12s"; exit "${TEST_STATUS:-0}";; esac
echo "ran $3"
exit "${STATUS:-0}"
"""


class House:
    """A project folder with a finished `.venv` whose Python only writes down its calls."""

    def __init__(self, home: Path) -> None:
        self.home, self.calls_file, self.settings = home / "the house", home / "calls", home / "settings"
        self.bin = home / "bin"
        self.home.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "Makefile", self.home)
        (self.home / "requirements.lock").write_text("packaging==1\n")
        self.fake(self.home / ".venv/bin/python")
        shutil.copy(self.home / "requirements.lock", self.home / ".venv/installed.lock")

    def fake(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FAKE_PYTHON)
        path.chmod(0o755)

    def make(
        self, *arguments: str, cwd: Path | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run make in a shell of which only the PATH is known; no make above this one speaks through."""
        shell = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "CALLS": str(self.calls_file),
            "SETTINGS": str(self.settings),
        }
        command = ["make", "--no-print-directory", *arguments]
        return subprocess.run(
            command,
            cwd=cwd or self.home,
            env={**shell, **settings},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def calls(self) -> list[list[str]]:
        """Each call of a stand-in Python: itself, then its arguments."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        return [line[1:-1].split("><") for line in lines]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


# --- help


def test_help_lists_every_target_with_a_sentence(house: House) -> None:
    printed = house.make("help").stdout
    listed = dict(re.findall(r"^make (\w+) +(\S.{15,})$", printed, re.MULTILINE))
    assert set(listed) == TARGETS
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert set(phony.group(1).split()) == TARGETS | {"ready"}
    for variable in ("STUDY", "DATA_RAW", "OUT", "JOBS", "DASK"):
        assert variable in printed


def test_make_alone_is_make_help(house: House) -> None:
    assert house.make().stdout == house.make("help").stdout
    assert house.calls() == []  # and asks no Python


# --- what is passed on

STUDY = ["--study", "study", "--data-raw", "data_raw"]


@pytest.mark.parametrize(("target", "called"), [
    ("all", ["-m", "nsi.pipeline", "all", *STUDY, "--out", ".", "--jobs", "3"]),
    ("why", ["-m", "nsi.pipeline", "why", *STUDY, "--out", ".", "--jobs", "3"]),
    ("clean", ["-m", "nsi.pipeline", "clean", *STUDY, "--out", "."]),
    ("synth", ["-m", "nsi.synthetic", *STUDY]),
    ("bench", ["benchmarks/agreement.py"]),
    ("test", ["-m", "pytest", "-n", "3", "--dist", "loadscope"]),
    ("verify", ["-m", "nsi.pipeline.verify", *STUDY, "--out", "."]),
    ("graph", ["-m", "nsi.pipeline.graph_picture", *STUDY, "--out", "."]),
    ("multiverse", ["-m", "nsi.pipeline", "multiverse", *STUDY, "--out", ".", "--jobs", "3"]),
    ("lab", ["-m", "jupyterlab", "notebooks"]),
])  # fmt: skip
def test_a_target_runs_one_command_with_the_default_variables(
    house: House, target: str, called: list[str]
) -> None:
    assert house.make(target, "JOBS=3").returncode == 0
    assert house.calls() == [[".venv/bin/python", *called]]


def test_jobs_are_the_cores_where_nothing_is_said(house: House) -> None:
    cores = subprocess.run(["getconf", "_NPROCESSORS_ONLN"], capture_output=True, text=True).stdout.strip()
    house.make("all")
    assert house.calls()[0][-2:] == ["--jobs", cores]


ODD = {
    "STUDY": "my study",
    "DATA_RAW": "/data/O'Brien's exports",
    "OUT": "out (2), new",
    "DASK": "tcp://host:8786",
}


def test_variables_reach_the_command_whole_with_spaces_and_quotes(house: House) -> None:
    variables = [f"{name}={value}" for name, value in ODD.items()]
    assert house.make("all", "JOBS=2", *variables).returncode == 0
    study = ["--study", ODD["STUDY"], "--data-raw", ODD["DATA_RAW"]]
    expected = [
        "-m",
        "nsi.pipeline",
        "all",
        *study,
        "--out",
        ODD["OUT"],
        "--jobs",
        "2",
        "--dask",
        ODD["DASK"],
    ]
    assert house.calls() == [[".venv/bin/python", *expected]]


def test_a_dry_run_shows_the_command_and_runs_nothing(house: House) -> None:
    shown = house.make("-n", "all", "STUDY=my study", "JOBS=1").stdout
    assert "-m nsi.pipeline all --study 'my study' --data-raw 'data_raw' --out '.' --jobs '1'" in shown
    assert house.calls() == []


def test_lab_gives_notebooks_the_folders_as_absolute_paths(house: House) -> None:
    house.make("lab", "STUDY=my study", "DATA_RAW=/data/O'Brien's exports")
    expected = f"{house.home}/src|{house.home}/my study|/data/O'Brien's exports|{house.home}/.|1\n"
    assert house.settings.read_text() == expected


def test_pytest_arguments_are_passed_on(house: House) -> None:
    house.make("test", "PYTEST_ARGS=-k 'two words' -x", "JOBS=1")
    called = [".venv/bin/python", "-m", "pytest", "-n", "1", "--dist", "loadscope", "-k", "two words", "-x"]
    assert house.calls() == [called]


def test_src_comes_first_on_pythonpath_and_the_users_own_stays(house: House) -> None:
    house.make("all", PYTHONPATH="/my/own")
    assert house.settings.read_text().startswith(f"{house.home}/src:/my/own|")


def test_make_can_be_called_from_another_folder(house: House, tmp_path: Path) -> None:
    assert house.make("-C", str(house.home), "all", "JOBS=1", cwd=tmp_path).returncode == 0
    assert house.settings.read_text().startswith(f"{house.home}/src|")


@pytest.mark.parametrize("target", ["all", "why", "clean", "synth", "bench", "lab"])
def test_a_failed_command_fails_make(house: House, target: str) -> None:
    failed = house.make(target, STATUS="1")
    assert failed.returncode != 0
    assert re.search(rf"\*\*\* \[(Makefile:\d+: )?{target}\] Error 1", failed.stderr)


def test_targets_keep_their_order_under_parallel_make(house: House) -> None:
    assert house.make("-j8", "clean", "all", "JOBS=1").returncode == 0
    assert [call[3] for call in house.calls()] == ["clean", "all"]


# --- which Python


def test_nothing_is_started_for_an_environment_that_stands(house: House) -> None:
    for name in ("python3", "python", "uv"):
        house.fake(house.bin / name)
    done = house.make("setup")
    assert (done.returncode, done.stdout) == (0, "ready: .venv/bin/python\n")
    assert house.calls() == []


@pytest.mark.parametrize("fault", ["changed", "unfinished", "dangling"])
def test_an_environment_that_does_not_stand_is_set_up_first(house: House, fault: str) -> None:
    house.fake(house.bin / "python3")
    if fault == "changed":
        (house.home / "requirements.lock").write_text("packaging==2\n")
    elif fault == "unfinished":
        (house.home / ".venv/installed.lock").unlink()
    else:
        (house.home / ".venv/bin/python").unlink()
        (house.home / ".venv/bin/python").symlink_to("/nowhere/python")
    assert house.make("all", "JOBS=1").returncode == 0
    assert [call[-1] for call in house.calls()[:2]] == ["version", "setup"]
    assert house.calls()[2][:4] == [".venv/bin/python", "-m", "nsi.pipeline", "all"]


def test_a_set_up_that_fails_stops_make(house: House) -> None:
    house.fake(house.bin / "python3")
    (house.home / ".venv/installed.lock").unlink()
    assert house.make("all", STATUS="1").returncode != 0
    assert [call[-1] for call in house.calls()] == ["version", "setup"]


def test_a_python_that_will_not_do_is_passed_over(house: House) -> None:
    (house.home / ".venv/installed.lock").unlink()
    for name in ("python3", "python3.12"):
        house.fake(house.bin / name)
    (house.bin / "python3").write_text("#!/bin/sh\nexit 1\n")
    (house.bin / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (house.bin / "python3.13").chmod(0o755)
    house.make("setup")
    assert [Path(call[0]).name for call in house.calls()] == ["python3.12", "python3.12"]


def test_a_python_can_be_named(house: House, tmp_path: Path) -> None:
    (house.home / ".venv/installed.lock").unlink()
    house.fake(tmp_path / "my pythons/python")
    house.make("setup", f"PYTHON={tmp_path}/my pythons/python")
    assert [call[-1] for call in house.calls()] == ["version", "setup"]
    assert {call[0] for call in house.calls()} == {f"{tmp_path}/my pythons/python"}


def test_where_no_python_will_do_make_says_which_ones_would(house: House) -> None:
    (house.home / ".venv/installed.lock").unlink()
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python"):
        house.fake(house.bin / name)
    failed = house.make("all", VERSION_STATUS="1")
    assert failed.returncode != 0
    said = "make: no Python 3.11, 3.12 or 3.13 was found. Install one, or name it: make setup PYTHON="
    assert said in failed.stderr


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_an_activated_environment_that_matches_the_lock_is_used(
    house: House, tmp_path: Path, variable: str
) -> None:
    shutil.rmtree(house.home / ".venv")
    active = tmp_path / "their env"
    house.fake(active / "bin/python")
    settings = {variable: str(active)}
    assert house.make("all", "why", "JOBS=1", cwd=None, **settings).returncode == 0
    assert {call[0] for call in house.calls()} == {f"{active}/bin/python"}
    assert [call[3] for call in house.calls()] == ["check", "all", "why"]  # asked once


def test_an_activated_environment_that_differs_is_left_alone(house: House, tmp_path: Path) -> None:
    house.fake(tmp_path / "base/bin/python")
    assert house.make("all", CONDA_PREFIX=str(tmp_path / "base"), CHECK_STATUS="1").returncode == 0
    assert house.calls()[-1][:4] == [".venv/bin/python", "-m", "nsi.pipeline", "all"]


def test_the_activated_venv_of_the_project_itself_needs_no_check(house: House) -> None:
    house.make("all", VIRTUAL_ENV=str(house.home / ".venv"))
    assert [call[1] for call in house.calls()] == ["-m"]


# --- GNU Make 3.81

NEWER = {
    r"^\s*\.ONESHELL": "3.82",
    r"^[\w.]+\s*!=": "4.0",
    r"::?:=": "4.0",
    r"\$[({]file ": "4.0",
    r"^\s*undefine\b": "3.82",
    r"^\s*private\b": "3.82",
    r"^define\s+\w+\s*[:+?]?=": "3.82",
    r"^[^\t#]*&:": "4.3",
    r"\$[({](let|intcmp) ": "4.4",
    r"^\s*-?load\b": "4.0",
    r"^\s*\.(EXTRA_PREREQS|SHELLSTATUS|RECIPEPREFIX)\b": "3.82 or later",
    r"^\.(WAIT|NOTINTERMEDIATE)|\s\.WAIT\b": "4.4",
}


@pytest.mark.parametrize("pattern", NEWER)
def test_the_makefile_has_no_feature_that_came_after_3_81(pattern: str) -> None:
    found = re.findall(rf".*(?:{pattern}).*", MAKEFILE, re.MULTILINE)
    assert not found, f"needs GNU Make {NEWER[pattern]}"


@pytest.mark.parametrize(
    "line", ["A != date", "A ::= 1", "$(file >x,y)", "undefine A", "define A =", "a b &: c", ".ONESHELL:"]
)
def test_a_newer_feature_would_be_found(line: str) -> None:
    assert any(re.search(pattern, f"x:\n{line}\n", re.MULTILINE) for pattern in NEWER)


# --- continuous integration

GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]


@pytest.fixture
def submission(house: House) -> House:
    """A committed house, as CI clones it."""
    (house.home / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", house.home / ".ci/run")
    (house.home / "figures").mkdir()
    (house.home / "figures/lock.json").write_text("{}\n")
    (house.home / ".gitignore").write_text(".venv\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*GIT, *command], cwd=house.home, check=True)
    return house


def ci(house: House, **settings: str) -> subprocess.CompletedProcess[str]:
    shell = {
        "PATH": "/usr/bin:/bin",
        "CALLS": str(house.calls_file),
        "SETTINGS": str(house.settings),
        **settings,
    }
    return subprocess.run(
        ["bash", ".ci/run"], cwd=house.home, env=shell, stdin=subprocess.DEVNULL, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


SUMMARY = "3 passed, 1 warning in 0.12s"


def test_ci_runs_the_tests_and_everything_and_closes_with_the_summary(submission: House) -> None:
    done = ci(submission)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == SUMMARY
    assert [call[2] for call in submission.calls()] == ["pytest", "nsi.pipeline"]


def test_ci_fails_where_a_test_fails(submission: House) -> None:
    done = ci(submission, TEST_STATUS="1")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-2:] == ["ci: failed", SUMMARY]


def test_ci_fails_where_a_notebook_fails(submission: House) -> None:
    done = ci(submission, STATUS="1")
    assert done.returncode == 1
    assert "ci: make all failed" in done.stdout
    assert done.stdout.splitlines()[-1] == SUMMARY


@pytest.mark.parametrize("change", ["changed", "new", "gone"])
def test_ci_fails_where_the_figures_are_not_those_of_the_commit(submission: House, change: str) -> None:
    figures = submission.home / "figures"
    if change == "changed":
        (figures / "lock.json").write_text("{ }\n")
    elif change == "new":
        (figures / "extra.csv").write_text("a\n")
    else:
        (figures / "lock.json").unlink()
    done = ci(submission)
    assert done.returncode == 1
    assert "ci: figures/ or docs/results.md is not what was committed" in done.stdout
    assert re.search(r"figures/(lock\.json|extra\.csv)", done.stdout)
    assert done.stdout.splitlines()[-1] == SUMMARY


def test_ci_can_be_executed_as_it_stands() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
