"""The guard beside the door, in processes of their own: once it watches, nothing takes it off again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = """
import os, shutil, sys
from pathlib import Path
from nsi.guard import PastTheDoor, install, through_the_door
root = Path(sys.argv[1])
told = []
install({"data_raw": root / "raw", "figures": root / "figures"}, told.append)
def refused(action):
    try:
        action()
    except PastTheDoor as error:
        return str(error)
    return ""
"""


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    for name in ("raw", "figures", "elsewhere", "raw2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.csv").write_text("a\n1\n", encoding="utf-8")
    return tmp_path


def said(root: Path, code: str) -> list[str]:
    """Run some code under the guard and return what it prints, line by line."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", START + code, str(root)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False, cwd=root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


PAST = (
    "was opened past the door; read it with study.raw(...) or study.read(...), and write with "
    "study.write(...), "
    "study.table(...) or study.figure(...)"
)


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("open(root / 'raw/x.csv')", "data_raw/x.csv"),
        ("(root / 'raw/x.csv').read_bytes()", "data_raw/x.csv"),
        ("os.open('raw/x.csv', os.O_RDONLY)", "data_raw/x.csv"),
        ("open(os.fsencode(root / 'raw/x.csv'))", "data_raw/x.csv"),
        ("open('elsewhere/../raw/x.csv')", "data_raw/x.csv"),
        ("open(root / 'link.csv')", "data_raw/x.csv"),
        ("(root / 'figures/new.svg').write_text('x')", "figures/new.svg"),
        ("os.remove('figures/x.csv')", "figures/x.csv"),
        ("os.rename('elsewhere/x.csv', 'figures/y.csv')", "figures/y.csv"),
        ("os.replace('figures/x.csv', 'elsewhere/y.csv')", "figures/x.csv"),
        ("shutil.copyfile('raw/x.csv', 'elsewhere/y.csv')", "data_raw/x.csv"),
        ("os.listdir('raw')", "data_raw"),
        ("os.mkdir('figures/sub')", "figures/sub"),
        ("shutil.rmtree('figures')", "figures"),
    ],
)
def test_a_file_opened_past_the_door_is_refused_and_reported(watched: Path, action: str, name: str) -> None:
    (watched / "link.csv").symlink_to(watched / "raw/x.csv")
    lines = said(watched, f"print(refused(lambda: {action}))\nprint(told)")
    assert lines == [f"{name} {PAST}", f"[{name!r}]"]
    assert (watched / "figures/x.csv").exists()
    assert not (watched / "figures/new.svg").exists()


def test_a_notebook_may_catch_the_error_but_not_the_report(watched: Path) -> None:
    code = "try:\n    open('raw/x.csv')\nexcept OSError:\n    pass\nprint(told)"
    assert said(watched, code) == ["['data_raw/x.csv']"]
    # In some versions of Python, glob swallows the error.
    code = "refused(lambda: list(Path('raw').glob('*.csv')))\nprint(told)"
    assert said(watched, code) == ["['data_raw']"]


def test_what_lies_elsewhere_is_nobodys_business(watched: Path) -> None:
    code = (
        "open('elsewhere/x.csv').close(); open('raw2/x.csv').close(); open(root / 'raw.txt', 'w').close()\n"
        "os.listdir('.'); os.listdir(); Path('raw/x.csv').exists(); import decimal\n"
        "descriptor = os.open('elsewhere/x.csv', os.O_RDONLY); os.fdopen(descriptor).close()\n"
        "print(told)"
    )
    assert said(watched, code) == ["[]"]


def test_the_door_may_open_what_a_notebook_may_not_and_closes_behind_itself(watched: Path) -> None:
    code = (
        "with through_the_door():\n"
        "    with through_the_door():\n"
        "        print(Path('raw/x.csv').read_text())\n"
        "    print(Path('raw/x.csv').read_text())\n"
        "print(bool(refused(lambda: open('raw/x.csv'))))\n"
        "try:\n"
        "    with through_the_door():\n"
        "        raise ValueError\n"
        "except ValueError:\n"
        "    pass\n"
        "print(bool(refused(lambda: open('raw/x.csv'))))\n"
    )
    assert said(watched, code) == ["a", "1", "", "a", "1", "", "True", "True"]


def test_a_door_open_in_one_thread_is_closed_in_the_others(watched: Path) -> None:
    code = (
        "import threading\n"
        "found = []\n"
        "with through_the_door():\n"
        "    other = threading.Thread(target=lambda: found.append(bool(refused(lambda: "
        "open('raw/x.csv')))))\n"
        "    other.start(); other.join()\n"
        "print(found)\n"
    )
    assert said(watched, code) == ["[True]"]


def test_a_study_reads_and_writes_under_the_guard_and_pandas_does_not(tmp_path: Path) -> None:
    from study_folder import StudyFolder

    folder = StudyFolder(tmp_path / "study")
    folder.open()
    code = """
import pandas as pd
from nsi.door import Places
from nsi.readers.ratings import clean_ratings
from nsi.study import Study
install({"data_raw": root / "data_raw", "data_processed": root / "out/data_processed"}, told.append)
study = Study(Places(root / "study", root / "data_raw", root / "out"))
study.write("ratings", clean_ratings(study.raw("ratings"))[0])
print(len(study.read("ratings")), told)
print(refused(lambda: pd.read_csv(root / "data_raw/ratings.csv"))[:25])
"""
    assert said(folder.root, code) == ["4 []", "data_raw/ratings.csv was "]
