"""One environment: pyproject.toml, requirements.lock and environment.yml in step, and the set-up of .venv."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from nsi.pipeline import environment

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")
SCRIPT = Path("src/nsi/pipeline/environment.py")


# --- the three files in step


def conda_drifts(conda: str, python: str) -> list[str]:
    """What in environment.yml could give a conda user other versions than the lock."""
    declared = yaml.safe_load(conda)
    packages = [item for item in declared["dependencies"] if isinstance(item, str)]
    pip = [item["pip"] for item in declared["dependencies"] if isinstance(item, dict)]
    found = []
    if declared["channels"] != ["conda-forge", "nodefaults"]:
        found.append(f"channels are {declared['channels']}, not conda-forge and nodefaults")
    if f"python {python}" not in packages:
        found.append(f"environment.yml does not have python {python}")
    found += [
        f"conda would bring {name}" for name in packages if name.split()[0] not in {"python", "make", "pip"}
    ]
    if pip != [["-r requirements.lock"]]:
        found.append(f"pip would install {pip}, not the lock")
    return found


def lock_drifts(lock: str) -> list[str]:
    """What in the lock keeps it from installing the same thing from anywhere."""
    found = [
        f"the lock names a place: {line.strip()}"
        for line in lock.splitlines()
        if re.search(r"^\s*(-i|-f|--[a-z-]*(index|links|host)\S*)\b|://| @ |file:", line)
    ]
    names = [name for name, _, _ in environment.pins(lock)]
    found += [f"two versions of {name}" for name in sorted(set(names)) if names.count(name) > 1]
    for entry in re.split(r"\n(?=\w)", re.sub(r"(?m)^\s*#.*\n?", "", lock)):
        if not re.fullmatch(r"\S+==[^\\]+(\\\s+--hash=sha256:[0-9a-f]{64}\s*)+", entry):
            found.append(f"no version with its hashes: {entry.split()[0]}")
    versions = {name: number for name, number, _ in environment.pins(lock)}
    for name, limit in {"numpy": (2, 5), "scipy": (1, 18)}.items():
        if tuple(map(int, versions[name].split(".")[:2])) >= limit:
            found.append(f"{name} {versions[name]} leaves Python 3.11 out")
    return found


def pyproject_drifts(pyproject: str, lock: str) -> list[str]:
    """Where the lock is not one that `make lock` would make of pyproject.toml."""
    declared = tomllib.loads(pyproject)
    declarations = [declared["project"]["dependencies"], *declared["dependency-groups"].values()]
    wanted = [Requirement(text) for group in declarations for text in group]
    pinned = {name: number for name, number, _ in environment.pins(lock)}
    found = []
    if declared["project"]["requires-python"] != ">={}.{},<{}.{}".format(
        *environment.OLDEST, environment.NEWEST[0], environment.NEWEST[1] + 1
    ):
        found.append("requires-python is not what environment.py allows")
    for requirement in wanted:
        name = environment.normalised(requirement.name)
        if name not in pinned:
            found.append(f"{name} is declared, not locked")
        elif pinned[name] not in requirement.specifier:
            found.append(f"{name} {pinned[name]} is locked, {requirement.specifier} is declared")
    asked_for = re.split(r"\n(?=\w)", lock)
    direct = {
        entry.split("==")[0] for entry in asked_for if re.search(r"nsi \(pyproject\.toml(:\w+)?\)", entry)
    }
    dropped = sorted(direct - {environment.normalised(requirement.name) for requirement in wanted})
    return found + [f"{name} is locked for pyproject.toml, which does not declare it" for name in dropped]


def drifts(pyproject: str, lock: str, conda: str, present: Mapping[str, str]) -> list[str]:
    """Every way in which the three files, and what was installed from them, have come apart."""
    python = tomllib.loads(pyproject)["project"]["requires-python"]
    differing = environment.differences(lock, dict(present))
    edited = [sentence for sentence in differing if not sentence.endswith("the lock has none")]
    return conda_drifts(conda, python) + lock_drifts(lock) + pyproject_drifts(pyproject, lock) + edited


HERE = environment.installed(sys.path)


def test_pyproject_lock_and_environment_yml_are_in_step_with_what_is_installed() -> None:
    assert drifts(PYPROJECT, LOCK, CONDA, HERE) == []


def replaced(text: str, old: str, new: str) -> str:
    assert re.search(old, text, re.MULTILINE), f"nothing to plant a drift on: {old}"
    return re.sub(old, new, text, count=1, flags=re.MULTILINE)


NUMPY = re.search(r"(?m)^numpy==.*\n(?:    .*\n)+", LOCK).group()  # type: ignore[union-attr]

DRIFTS = [
    # the eight of the plan
    pytest.param(
        "conda", r"python >=3\.11", "python >=3.10", "does not have python >=3.11,<3.14", id="python-range"
    ),
    pytest.param(
        "conda", r"  - make\n", "  - make\n  - numpy\n", "conda would bring numpy", id="conda-side-numpy"
    ),
    pytest.param(
        "conda", r"-r requirements\.lock", "pandas", "pip would install [['pandas']]", id="pip-part"
    ),
    pytest.param(
        "conda", r"- nodefaults", "- defaults", "channels are ['conda-forge', 'defaults']", id="defaults"
    ),
    pytest.param("pyproject", r'"pandas>=[^"]*"', '"pandas>=99"', ">=99 is declared", id="pin-below-spec"),
    pytest.param(
        "pyproject",
        r'"seaborn',
        '"polars>=1",\n    "seaborn',
        "polars is declared, not locked",
        id="unlocked",
    ),
    pytest.param("lock", r"^(pandas==3\.\d+)\S*", r"\1.999", "the lock has 3.1.999", id="hand-edited-pin"),
    pytest.param("conda", r"  - nodefaults\n", "", "channels are ['conda-forge']", id="nodefaults-dropped"),
    # and those that the lock adds
    pytest.param(
        "conda", r"      - -r .*\n", r"\g<0>      - rich\n", "'rich']], not the lock", id="pip-part-added"
    ),
    pytest.param("pyproject", r'    "seaborn.*\n', "", "seaborn is locked for pyproject.toml", id="dropped"),
    pytest.param("pyproject", r'"hypothesis>=', '"hypothesis<', "is locked, <6", id="dev-pin-outside-spec"),
    pytest.param(
        "pyproject",
        r'>=3\.11,<3\.14"',
        '>=3.11,<3.15"',
        "not what environment.py allows",
        id="pyproject-python",
    ),
    pytest.param(
        "lock", r"^(six==\S+) \\\n(    --hash.*\n)+", r"\1\n", "no version with its hashes: six", id="no-hash"
    ),
    pytest.param(
        "lock", r"(--hash=sha256:)[0-9a-f]{4}", r"\1", "no version with its hashes: aiohappy", id="short-hash"
    ),
    pytest.param("lock", r"^six==", "six>=", "no version with its hashes: six", id="not-pinned"),
    pytest.param(
        "lock",
        r"\A",
        "--index-url https://mirror.example/simple\n",
        "the lock names a place: --index",
        id="index",
    ),
    pytest.param(
        "lock", r"\A", "--extra-index-url=x\n", "the lock names a place: --extra-index", id="extra-index"
    ),
    pytest.param(
        "lock", r"\A", "--find-links ./wheels\n", "the lock names a place: --find-links", id="find-links"
    ),
    pytest.param(
        "lock", r"\A", "--trusted-host mirror.example\n", "the lock names a place: --trusted", id="host"
    ),
    pytest.param(
        "lock", r"^six==\S+", "six @ https://mirror.example/six.whl", "names a place: six @", id="address"
    ),
    pytest.param(
        "lock", r"\Z", NUMPY.replace("numpy==2.4", "numpy==2.3"), "two versions of numpy", id="two-versions"
    ),
    pytest.param(
        "lock", r"^numpy==\S+", "numpy==2.5.0", "numpy 2.5.0 leaves Python 3.11 out", id="numpy-2.5"
    ),
    pytest.param(
        "lock", r"^scipy==\S+", "scipy==1.18.0", "scipy 1.18.0 leaves Python 3.11 out", id="scipy-1.18"
    ),
]


@pytest.mark.parametrize(("which", "old", "new", "named"), DRIFTS)
def test_a_planted_drift_is_named(which: str, old: str, new: str, named: str) -> None:
    files = {"pyproject": PYPROJECT, "lock": LOCK, "conda": CONDA}
    files[which] = replaced(files[which], old, new)
    found = drifts(files["pyproject"], files["lock"], files["conda"], HERE)
    assert any(named in sentence for sentence in found), found


def test_every_python_gets_the_same_version_of_what_computes_and_draws() -> None:
    markers = {name: marker for name, _, marker in environment.pins(LOCK)}
    everywhere = [
        "numpy",
        "scipy",
        "pandas",
        "pyarrow",
        "matplotlib",
        "seaborn",
        "pillow",
        "dask",
        "papermill",
    ]
    assert {name: markers[name] for name in everywhere} == dict.fromkeys(everywhere, "")


def imported(source: str) -> set[str]:
    """The first names of what a source imports, wherever in it the import stands."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.split(".")[0] for name in names}


def sources(*folders: str) -> list[str]:
    """Every module, and the code cells of every notebook, in these folders."""
    found = [path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")]
    for path in (ROOT / "notebooks").glob("*.ipynb") if "notebooks" in folders else []:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return found


@pytest.mark.parametrize(
    ("folders", "groups"),
    [(("src", "notebooks"), []), (("tests", "benchmarks"), ["dev"])],
    ids=["running", "testing"],
)
def test_what_is_imported_is_declared_and_not_only_brought_along(
    folders: tuple[str, ...], groups: list[str]
) -> None:
    declared = tomllib.loads(PYPROJECT)
    texts = declared["project"]["dependencies"] + [
        text for name in groups for text in declared["dependency-groups"][name]
    ]
    allowed = {environment.normalised(Requirement(text).name) for text in texts}
    allowed |= {
        "pluggy",
        "packaging",
    }  # pytest's own parts; the judge of markers, which `check` looks for first
    packages = importlib.metadata.packages_distributions()
    names = set().union(*map(imported, sources(*folders))) - set(sys.stdlib_module_names)
    brought = {name: packages[name] for name in names if name in packages}
    undeclared = {
        name: owners
        for name, owners in brought.items()
        if not {environment.normalised(o) for o in owners} & allowed
    }
    assert brought  # nothing imported would mean that nothing was looked at
    assert undeclared == {}


def test_what_is_cited_is_the_version_of_the_package() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == tomllib.loads(PYPROJECT)["project"]["version"]
    assert {"message", "title", "authors"} <= set(cited)  # what CFF 1.2 requires


# --- does an environment equal the lock?

SMALL_LOCK = """\
# a lock
alpha-one==1.0 \\
    --hash=sha256:aa
beta==2.1 ; python_full_version < '3.0' \\
    --hash=sha256:bb
packaging==9.9
"""


@pytest.mark.parametrize(("changes", "sentence"), [
    pytest.param({}, None, id="equal"),
    pytest.param({"pip": "1", "setuptools": "1", "wheel": "1", "nsi": "0.1.0"}, None, id="installers"),
    pytest.param({"alpha-one": "1.0.1"}, "alpha-one is 1.0.1, the lock has 1.0", id="other-version"),
    pytest.param({"alpha-one": ""}, "alpha-one is not installed, the lock has 1.0", id="missing"),
    pytest.param({"gamma": "3"}, "gamma is 3, the lock has none", id="extra"),
    pytest.param({"beta": "2.1"}, "beta is 2.1, the lock has none", id="not-for-this-python"),
])  # fmt: skip
def test_an_environment_equals_the_lock_or_the_difference_is_said(
    changes: dict[str, str], sentence: str | None
) -> None:
    present = {"alpha-one": "1.0", "packaging": "9.9"} | changes
    present = {name: number for name, number in present.items() if number}
    assert environment.differences(SMALL_LOCK, present) == ([sentence] if sentence else [])


def test_a_bare_python_differs_without_being_asked_about_markers() -> None:
    assert "packaging is not installed" in environment.differences(SMALL_LOCK, {})[0]


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3}){0,3}(\.post1|rc1)?", fullmatch=True)
MARKERS = st.sampled_from(
    ["", "os_name == 'nt'", "python_full_version == '3.12.*' and sys_platform != 'win32'"]
)


@settings(max_examples=40)
@given(st.lists(st.tuples(NAMES, VERSIONS, MARKERS), max_size=6))
def test_a_lock_is_read_as_it_was_written(packages: list[tuple[str, str, str]]) -> None:
    written = "".join(
        f"{name}=={number}{f' ; {marker}' if marker else ''} \\\n    --hash=sha256:00\n    # via x==9\n"
        for name, number, marker in packages
    )
    assert environment.pins(written) == packages


def test_the_folder_names_tell_what_python_itself_would_say() -> None:
    itself = {
        environment.normalised(found.name): found.version
        for found in reversed(list(importlib.metadata.distributions(path=sys.path)))
    }
    assert {name: number for name, number in HERE.items() if itself.get(name) != number} == {}
    assert set(itself) - {"nsi"} <= set(HERE)


def test_of_two_folders_the_first_counts(tmp_path: Path) -> None:
    for folder, entry in (
        ("a", "My_Pkg-1.0.dist-info"),
        ("b", "my.pkg-2.0.dist-info"),
        ("b", "old-3-py3.12.egg-info"),
    ):
        (tmp_path / folder / entry).mkdir(parents=True)
    assert environment.installed([str(tmp_path / "a"), str(tmp_path / "no"), str(tmp_path / "b")]) == {
        "my-pkg": "1.0", "old": "3",
    }  # fmt: skip


# --- setting up .venv


def wheel(folder: Path, name: str, number: str, files: Mapping[str, bytes]) -> str:
    """Write a wheel by hand and return the line of a lock that pins it."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{number}.dist-info"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path = folder / f"{name}-{number}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in {**files, **about}.items():
            archive.writestr(entry, content)
    return f"{name}=={number} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def packaging_files() -> dict[str, bytes]:
    import packaging

    home = Path(packaging.__file__).parent
    return {f"packaging/{path.relative_to(home)}": path.read_bytes() for path in home.rglob("*.py")}


# Stands in for uv: unpacks the wheels that the lock names, or fails as told, and logs that it was called.
FAKE_UV = f"""#!{sys.executable}
import os, pathlib, signal, sys, time, zipfile
project, wheels = pathlib.Path({{project!r}}), pathlib.Path({{wheels!r}})
with open({{log!r}}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
mode = os.environ.get("FAKE_UV", "")
site = next((project / ".venv").glob("lib/python*/site-packages"))
if mode.startswith("fail:"):
    sys.exit(mode[5:])
for line in (project / "requirements.lock").read_text().splitlines():
    name, equals, rest = line.partition("==")
    if equals and mode != "lies":
        zipfile.ZipFile(wheels / f"{{{{name}}}}-{{{{rest.split()[0]}}}}-py3-none-any.whl").extractall(site)
    if mode in ("killed", "outlives"):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1 if mode == "outlives" else 0)
        sys.exit(1)
    if mode == "slow":
        time.sleep(0.5)
"""


class Project:
    """A folder with the set-up script, a lock of two tiny packages, and a stand-in for uv."""

    def __init__(self, home: Path) -> None:
        self.home, self.wheels, self.log = home / "the project", home / "wheels", home / "uv.log"
        self.bin = home / "bin"
        (self.home / SCRIPT).parent.mkdir(parents=True)
        shutil.copy(ROOT / SCRIPT, self.home / SCRIPT)
        (self.home / "src/nsi/__init__.py").write_text("WHERE = __file__\n")
        (self.home / "requirements.lock").write_text(
            wheel(self.wheels, "packaging", "9.9", packaging_files())
            + wheel(self.wheels, "tiny", "1.0", {"tiny.py": b""})
        )
        self.bin.mkdir()
        fake = FAKE_UV.format(project=str(self.home), wheels=str(self.wheels), log=str(self.log))
        (self.bin / "uv").write_text(fake)
        (self.bin / "uv").chmod(0o755)

    @property
    def stamp(self) -> Path:
        return self.home / ".venv/installed.lock"

    @property
    def lock(self) -> Path:
        return self.home / "requirements.lock"

    def start(self, command: str = "setup", **settings: str) -> subprocess.Popen[str]:
        """Start the script in a shell that leads pip astray and knows no index, only this test's wheels."""
        kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "LANG") if name in os.environ}
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        astray = {
            "PIP_TARGET": str(self.home / "astray"),
            "PIP_USER": "1",
            "PYTHONPATH": str(self.home / "astray"),
        }
        shell = {**kept, **index, **astray, "PATH": f"{self.bin}:/usr/bin:/bin", **settings}
        line = [sys.executable, "-I", str(self.home / SCRIPT), command]
        return subprocess.Popen(line, env=shell, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command: str = "setup", **settings: str) -> tuple[int, str]:
        process = self.start(command, **settings)
        printed, _ = process.communicate(timeout=60)
        return process.returncode, printed

    def calls(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    def asks(self, code: str) -> str:
        python = self.home / ".venv/bin/python"
        return subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_setup_builds_venv_from_the_lock_and_says_so(project: Project) -> None:
    status, printed = project.run()
    assert status == 0, printed
    assert printed.startswith("setting up .venv with Python 3.")
    assert "(first time; it takes a few minutes) ..." in printed
    assert printed.endswith(".venv is ready\n")
    assert project.stamp.read_bytes() == project.lock.read_bytes()
    assert "--require-hashes" in project.log.read_text()
    assert project.asks("import tiny, nsi; print(nsi.WHERE)") == str(project.home / "src/nsi/__init__.py")


def test_setup_of_a_finished_venv_calls_nothing_and_says_nothing(project: Project) -> None:
    project.run()
    assert project.run() == (0, "")
    assert project.calls() == 1


def test_a_changed_lock_is_noticed_and_what_it_no_longer_has_is_gone(project: Project) -> None:
    project.run()
    project.lock.write_text(
        project.lock.read_text().split("tiny")[0] + wheel(project.wheels, "other", "2", {})
    )
    status, printed = project.run()
    assert (status, project.calls()) == (0, 2)
    assert "requirements.lock has changed" in printed
    assert project.asks("import importlib.util as u; print(u.find_spec('tiny'))") == "None"


def test_a_set_up_that_was_killed_is_noticed_and_done_anew(project: Project) -> None:
    status, _ = project.run(FAKE_UV="killed")
    assert status == -9
    assert not project.stamp.exists()
    status, printed = project.run()
    assert status == 0
    assert "the last set-up did not finish" in printed
    assert project.stamp.read_bytes() == project.lock.read_bytes()


def test_an_installer_that_outlives_a_killed_set_up_is_waited_for(project: Project) -> None:
    assert project.run(FAKE_UV="outlives")[0] == -9
    status, printed = project.run()
    assert status == 0
    assert printed.startswith("another set-up of .venv is running: waiting for it ...\n")


def test_a_rebuild_takes_the_old_stamp_away_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, stamp = tmp_path / "requirements.lock", tmp_path / ".venv/installed.lock"
    stamp.parent.mkdir()
    for path in (lock, stamp):
        path.write_text("packaging==9.9\n")
    names = {"LOCK": lock, "VENV": stamp.parent, "STAMP": stamp, "PYTHON": tmp_path / ".venv/bin/python"}
    for name, path in names.items():
        monkeypatch.setattr(environment, name, path)
    seen: list[bool] = []
    monkeypatch.setattr(environment, "build", lambda count: seen.append(stamp.exists()))
    assert environment.setup() == 0
    assert seen == [False]


def test_a_venv_whose_python_is_gone_is_done_anew(project: Project) -> None:
    project.run()
    (project.home / ".venv/bin/python").unlink()
    (project.home / ".venv/bin/python").symlink_to("/nowhere/python")
    status, printed = project.run()
    assert status == 0
    assert "the Python that it was made with is gone" in printed


def test_two_set_ups_at_once_build_once(project: Project) -> None:
    both = [project.start(FAKE_UV="slow"), project.start(FAKE_UV="slow")]
    printed = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert project.calls() == 1
    assert sum("another set-up of .venv is running: waiting for it ..." in text for text in printed) == 1


def test_an_installer_that_installed_nothing_is_not_believed(project: Project) -> None:
    status, printed = project.run(FAKE_UV="lies")
    assert status == 1
    assert "could not match .venv with requirements.lock" in printed
    assert not project.stamp.exists()


# As uv 0.13.9 words it.
UV_HASH = "error: Failed to download `six==1.17.0`\n  cause: Hash mismatch for `six==1.17.0`"
UV_DISK = "error: Failed to install: six-1.17.0\n  cause: No space left on device (os error 28)"


@pytest.mark.parametrize(
    ("message", "advice"),
    [(UV_HASH, environment.TAMPERED), (UV_DISK, environment.FULL)],
    ids=["hash", "disk"],
)
def test_a_failure_is_said_in_a_sentence_beside_the_installers_own_words(
    project: Project, message: str, advice: str
) -> None:
    status, printed = project.run(FAKE_UV=f"fail:{message}")
    assert status == 1
    assert f"environment: could not install requirements.lock with uv: {advice}.\n" in printed
    assert all(f"  | {line}" in printed for line in message.splitlines())
    assert not project.stamp.exists()


def test_where_uv_has_no_way_to_the_index_pip_is_tried(project: Project) -> None:
    status, printed = project.run(
        FAKE_UV="fail:error: Request failed after 3 retries\n  cause: Failed to fetch: x"
    )
    assert status == 0, printed
    assert f"could not install requirements.lock with uv: {environment.OFFLINE}.\ntrying pip ..." in printed
    assert project.stamp.exists()


def test_without_uv_plain_pip_refuses_a_pin_that_was_edited_by_hand(project: Project) -> None:
    (project.bin / "uv").unlink()
    wheel(project.wheels, "tiny", "1.1", {})
    project.lock.write_text(project.lock.read_text().replace("tiny==1.0", "tiny==1.1"))
    status, printed = project.run()
    assert status == 1
    assert "DO NOT MATCH THE HASHES" in printed
    assert f"could not install requirements.lock with pip: {environment.TAMPERED}." in printed
    assert not project.stamp.exists()


# As pip 24.2, uv 0.13.9 and Debian's venv word it, shortened.
WORDS = {
    "ERROR: Could not find a version that satisfies six (from versions: none)": environment.OFFLINE,
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'ProxyError'": environment.OFFLINE,
    "hint: Packages were unavailable because the network was disabled.": environment.OFFLINE,
    "ERROR: Hashes are required in --require-hashes mode, but they are missing": environment.TAMPERED,
    "ERROR: Could not install due to an OSError: [Errno 28] No space left on device": environment.FULL,
    "The virtual environment was not created because ensurepip is not available.": environment.NO_VENV,
    "error: something else": "the reason stands above. Settle it and run the same command again",
}


@pytest.mark.parametrize(("words", "advice"), WORDS.items())
def test_an_installers_words_lead_to_what_to_do(words: str, advice: str) -> None:
    assert environment.remedy(["first line", words, "last line"]) == advice


def test_check_tells_an_environment_that_matches_from_one_that_does_not(project: Project) -> None:
    project.run()
    matches = subprocess.run(
        [project.home / ".venv/bin/python", "-I", project.home / SCRIPT, "check"],
        capture_output=True,
        text=True,
    )
    assert (matches.returncode, matches.stdout) == (
        0,
        f"{project.home / '.venv'} matches requirements.lock\n",
    )
    status, printed = project.run("check")  # the Python of these tests, whose packages are quite other ones
    assert status == 1
    assert printed.startswith(f"{sys.prefix} differs from requirements.lock:\n")
    assert "packaging is " in printed or " more\n" in printed


def test_a_package_on_pythonpath_counts_because_notebooks_would_see_it(project: Project) -> None:
    project.run()
    (project.home / "mine/tiny-7.dist-info").mkdir(parents=True)
    shell = {"PYTHONPATH": str(project.home / "mine")}
    line = [str(project.home / ".venv/bin/python"), "-I", str(project.home / SCRIPT), "check"]
    found = subprocess.run(line, capture_output=True, text=True, env=shell)
    assert found.returncode == 1
    assert "  tiny is 7, the lock has 1.0\n" in found.stdout


# --- which Python


@pytest.mark.parametrize("number", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_another_python_is_told_which_ones_will_do(
    number: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", number)
    assert environment.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("environment: this is Python {}.{} ({});".format(*number[:2], sys.executable))
    assert "runs on 3.11 to 3.13. Name another: make setup PYTHON=/path/to/python3.12." in said


def test_an_old_python_can_parse_the_script_to_be_told_so() -> None:
    ast.parse((ROOT / SCRIPT).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_script_needs_nothing_but_the_standard_library_before_it_runs() -> None:
    tree = ast.parse((ROOT / SCRIPT).read_text(encoding="utf-8"))
    at_the_top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {alias.name for node in at_the_top if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in at_the_top if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in modules} <= sys.stdlib_module_names


def full_disk(*_: object) -> int:
    raise OSError(28, "No space left on device")


def stopped(*_: object) -> int:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("happens", "status", "said"), [
    pytest.param(full_disk, 1, f"No space left on device: {environment.FULL}.", id="disk-full"),
    pytest.param(stopped, 130, "stopped. What is half-built will not be used.", id="ctrl-c"),
])  # fmt: skip
def test_what_goes_wrong_outside_an_installer_is_said_without_a_traceback(
    happens: Callable[..., int], status: int, said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(environment, "setup", happens)
    assert environment.main(["setup"]) == status
    assert said in capsys.readouterr().err


def test_a_command_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert environment.main(["instal"]) == 2
    assert "usage: environment.py setup|check|version" in capsys.readouterr().err
