"""The Python environment: `.venv` built from requirements.lock, and the check that one equals the lock.

Run by make, before anything is installed, as `environment.py setup`, `check` or `version`.
Standard library only; every Python since 3.8 can parse it, so that one too old is told so in a sentence.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.lock"  # a copy of the lock, written last: without it .venv counts as half-built
EXACTLY = ["--no-deps", "--require-hashes", "-r", str(LOCK)]  # the lock is complete: nothing to resolve
TOOLS = {"pip", "setuptools", "wheel", "nsi"}  # may be there: no result depends on their version
TAIL = 25  # lines of an installer's output that are shown when it fails
STEP = 40  # packages between two lines of progress
SHOWN = 8  # differences that are printed in full

# settings of a user's shell that lead an installer out of .venv, or other packages into it
ASTRAY = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN"}

TAMPERED = (
    "a downloaded package is not the one in requirements.lock (its hash differs), so none is used. Try again;"
    " if it stays, the lock was edited (restore it from git) or the download is being altered"
)
FULL = "the disk is full. Free about 2 GB and run the same command again"
OFFLINE = (
    "the package index could not be reached. The first set-up needs the network, or a mirror named in the "
    "installer's own configuration: connect and run the same command again"
)
NO_VENV = (
    "this Python cannot make virtual environments. On Debian and Ubuntu install python3-venv; or install uv; "
    "or name another Python: make setup PYTHON=/path/to/python3.12"
)
# What an installer prints, in any case -> what a person should do. The first that is found is said.
REMEDIES = {
    r"hash mismatch|do not match the hashes|hashes are required|must have a hash": TAMPERED,
    r"no space left on device|disk quota exceeded": FULL,
    r"retrying \(|from versions: none|name resolution|dns error|failed to fetch|timed out": OFFLINE,
    r"network was disabled|network is unreachable|connection (refused|reset)": OFFLINE,
    r"ensurepip is not available|no module named '?(ensurepip|venv)": NO_VENV,
}


class SetupError(Exception):
    """The environment could not be built; the text says why and what to do."""


def normalised(name: str) -> str:
    """A package's name in the one spelling that counts: lower case, runs of ``-_.`` as one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> list[tuple[str, str, str]]:
    """Each package of a lock's text: name, version, and the marker that says where it is needed, or ''."""
    line = r"^(\w[\w.-]*)==([^\s;\\]+)[ \t]*(?:;[ \t]*([^\\\n]*?))?[ \t]*\\?$"
    return [(normalised(name), *rest) for name, *rest in re.findall(line, lock, re.MULTILINE)]


def installed(places: list[str]) -> dict[str, str]:
    """Name -> version of every package in these folders; of two, the first, as Python would import it.

    Read from the names of the ``.dist-info`` folders: a tenth of the time of reading what is in them.
    """
    versions: dict[str, str] = {}
    for place in map(Path, places):
        for entry in sorted(place.iterdir()) if place.is_dir() else []:
            found = re.fullmatch(r"(\w.*?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info", entry.name)
            if found:
                versions.setdefault(normalised(found.group(1)), found.group(2))
    return versions


def differences(lock: str, present: dict[str, str]) -> list[str]:
    """What keeps an environment from being the one that the lock describes, one sentence each.

    Parameters
    ----------
    lock : str
        The text of requirements.lock.
    present : dict
        Name -> version of what is installed. The running Python and its system decide the markers.

    Returns
    -------
    list of str
        Empty where it matches. A package beyond the lock is a difference too: pandas, for one, computes with
        other libraries as soon as it finds them.
    """
    if "packaging" not in present:  # it judges the markers, and is itself in the lock
        return ["packaging is not installed, and so hardly anything else will be"]
    from packaging.markers import Marker

    needed = {name: number for name, number, marker in pins(lock) if not marker or Marker(marker).evaluate()}
    found = []
    for name in sorted(set(needed) | set(present) - TOOLS):
        there = present.get(name, "not installed")
        if there != needed.get(name):
            found.append(f"{name} is {there}, the lock has {needed.get(name, 'none')}")
    return found


def version() -> int:
    """Stop where the running Python is too old or too new for the lock."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise SetupError(
            "this is Python {}.{} ({}); the compendium runs on {}.{} to {}.{}. Name another: make setup "
            "PYTHON=/path/to/python3.12".format(*sys.version_info[:2], sys.executable, *OLDEST, *NEWEST)
        )
    return 0


def check() -> int:
    """Print how the running environment differs from the lock; 0 if it does not, else 1."""
    version()
    # make's -I keeps PYTHONPATH from this script, but the notebooks will see it: so it is searched here too
    first = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    found = differences(LOCK.read_text(encoding="utf-8"), installed(first + sys.path))
    if not found:
        print(f"{sys.prefix} matches requirements.lock")
        return 0
    print(f"{sys.prefix} differs from requirements.lock:")
    for sentence in found[:SHOWN]:
        print(f"  {sentence}")
    if found[SHOWN:]:
        print(f"  and {len(found) - SHOWN} more")
    return 1


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock file, so that two makes started together do not build `.venv` through each other."""
    import fcntl  # not on every system, and `check` does without it

    with LOCK.open("rb") as held:
        os.set_inheritable(held.fileno(), True)  # an installer that outlives a killed set-up still holds it
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another set-up of .venv is running: waiting for it ...")
            fcntl.flock(held, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks: two set-ups at once are then the user's to avoid
        yield


def setup() -> int:
    """Build `.venv` from the lock unless it stands; 0 when it does. Half-built never counts as built.

    Raises
    ------
    SetupError
        If this Python will not do or a step failed. The stamp is then missing: the next call starts afresh.
    """
    version()
    with one_at_a_time():
        lock = LOCK.read_bytes()
        if PYTHON.exists() and STAMP.exists() and STAMP.read_bytes() == lock:
            return 0
        number = "{}.{}.{}".format(*sys.version_info[:3])
        print(f"setting up .venv with Python {number} ({reason()}; it takes a few minutes) ...")
        STAMP.unlink(missing_ok=True)  # first of all: from here to the end .venv is not to be used
        build(len(pins(lock.decode("utf-8"))))
        STAMP.with_suffix(".part").write_bytes(lock)
        STAMP.with_suffix(".part").replace(STAMP)
    print(".venv is ready")
    return 0


def reason() -> str:
    """Why `.venv` is built now."""
    if not VENV.exists():
        return "first time"
    if not STAMP.exists():
        return "the last set-up did not finish"
    return "requirements.lock has changed" if PYTHON.exists() else "the Python that it was made with is gone"


def build(count: int) -> None:
    """Make an empty `.venv`, install every pinned package by its hash, add src/, and check the result."""
    base = getattr(sys, "_base_executable", None) or sys.executable  # not .venv's own link, soon to go
    uv = shutil.which("uv")
    run([base, "-I", "-m", "venv", "--clear", *(["--without-pip"] if uv else []), str(VENV)], "make .venv")
    if uv is None or not installed_by(uv, count):
        pip = [str(PYTHON), "-I", "-m", "pip", "install", "--progress-bar", "off"]
        run([*pip, *EXACTLY], "install requirements.lock with pip", count)
    for site_packages in VENV.glob("lib/python*/site-packages"):
        source = os.path.relpath(ROOT / "src", site_packages)  # relative: the project can be moved
        (site_packages / "nsi.pth").write_text(f"{source}\n", encoding="utf-8")
    run([str(PYTHON), "-I", str(Path(__file__).resolve()), "check"], "match .venv with requirements.lock")


def installed_by(uv: str, count: int) -> bool:
    """Install with uv. False where that failed but pip, which has its own configuration, may do better."""
    command = [uv, "pip", "install", "--python", str(PYTHON), *EXACTLY]
    try:
        run(command, "install requirements.lock with uv", count)
    except SetupError as error:
        if TAMPERED in str(error) or FULL in str(error):
            raise
        print(f"{error}.\ntrying pip ...")
        run([str(PYTHON), "-I", "-m", "ensurepip", "--default-pip"], "put pip into .venv")
        return False
    return True


def run(command: list[str], purpose: str, count: int = 0) -> None:
    """Run one step, saying how far it is; where it fails, show the end of its output and what to do."""
    settings = {name: value for name, value in os.environ.items() if name not in ASTRAY}
    settings.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    nothing, pipe, together = subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT
    output, begun = [], 0
    with subprocess.Popen(
        command, env=settings, stdin=nothing, stdout=pipe, stderr=together, errors="replace", close_fds=False
    ) as child:
        for line in child.stdout or ():
            output.append(line.rstrip())
            if count and line.startswith(("Collecting ", "Processing ")):
                begun += 1
                if begun % STEP == 0:
                    print(f"  {begun} of at most {count} packages")
    if child.returncode:
        print("\n".join(f"  | {line}" for line in output[-TAIL:]))
        raise SetupError(f"could not {purpose}: {remedy(output)}")


def remedy(output: list[str]) -> str:
    """What to do about a step that failed, judged by what it printed."""
    text = "\n".join(output).lower()
    advice = (advice for pattern, advice in REMEDIES.items() if re.search(pattern, text))
    return next(advice, "the reason stands above. Settle it and run the same command again")


def main(arguments: list[str]) -> int:
    """Run one of setup, check, version; the exit status."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # progress shows through a pipe too
    commands = {"setup": setup, "check": check, "version": version}
    if len(arguments) != 1 or arguments[0] not in commands:
        print("usage: environment.py setup|check|version", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]]()
    except (SetupError, OSError) as error:
        advice = "" if isinstance(error, SetupError) else f": {remedy([str(error)])}"
        print(f"environment: {error}{advice}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("environment: stopped. What is half-built will not be used.", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
