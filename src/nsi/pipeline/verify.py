"""Whether everything on record can be made again, from nothing, in two unlike surroundings: `make verify`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nsi.declaration import Declaration
from nsi.door import write_atomically
from nsi.errors import StudyError
from nsi.pipeline.diff_runs import LOCK
from nsi.pipeline.gathered import MARK
from nsi.pipeline.lock import Lock
from nsi.pipeline.modules import SRC
from nsi.pipeline.report import shown
from nsi.pipeline.verify_compare import TOLERANCE, Comparison, compare
from nsi.pipeline.verify_manifest import manifest
from nsi.pipeline.verify_page import counts, render_verification
from nsi.pipeline.verify_record import record_faults
from nsi.pipeline.verify_tree import Setting, Tree, fresh_copy, run_all, settings

ROOT = SRC.parent
PAGE = Path("build") / "verify.html"
MANIFEST = Path("build") / "codecheck.yml"
NAMED = 30  # outputs that differ which the terminal names; the page has them all


def main(arguments: list[str] | None = None) -> int:
    """Verify; return 0 where everything holds, 1 where something is not as recorded, 2 where nothing can be said."""
    asked = _parser().parse_args(arguments)
    tree = Tree(*(path.resolve() for path in (asked.root, asked.study, asked.data_raw, asked.out, asked.notebooks)))
    faults = record_faults(tree)
    for fault in faults:
        say(f"not as recorded: {fault}")
    runs: dict[Setting, Comparison] = {}
    rerun = not asked.quick and (asked.anyway or not faults)
    try:
        if rerun:
            with _working_folder(asked.work) as folder:
                runs = _fresh_runs(tree, folder, asked.tolerance, faults)
        _write(tree, faults, runs, rerun)
    except StudyError as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    return _told(tree, faults, runs, rerun)


def say(text: str) -> None:
    """Print a line at once: a verification takes its time, and a log shows how far it is."""
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nsi.pipeline.verify", description=__doc__)
    parser.add_argument("--study", type=Path, default=ROOT / "study", help="folder with study.yml")
    parser.add_argument("--data-raw", type=Path, default=ROOT / "data_raw", help="folder with the raw files")
    parser.add_argument("--out", type=Path, default=ROOT, help="folder with the results on record; receives the page")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="folder with the notebooks")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project")
    parser.add_argument("--work", type=Path, help="keep the fresh copies here (default: a folder that is removed)")
    parser.add_argument("--quick", action="store_true", help="only compare files with the record; make nothing again")
    parser.add_argument("--anyway", action="store_true", help="make all again even if a file is not as recorded")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="of numbers in tables (%(default)s)")
    return parser


@contextmanager
def _working_folder(asked: Path | None) -> Iterator[Path]:
    """Give a folder for the copies: they hold raw data, so a temporary one is for this user alone, and goes."""
    if asked is not None:
        if asked.exists() and any(asked.iterdir()):
            raise StudyError(f"{shown(asked.resolve())} is not empty; name a folder that is")
        asked.mkdir(parents=True, exist_ok=True)
        yield asked.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="nsi-verify-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fresh_runs(tree: Tree, folder: Path, tolerance: float, faults: list[str]) -> dict[Setting, Comparison]:
    """Make everything again in each way; a run that fails is a fault, and the other is still made."""
    found = {}
    for setting in settings():
        say(f"run {setting.name}: {setting.told}")
        copy = fresh_copy(tree, folder / setting.folder)
        try:
            run_all(copy, setting, say)
            found[setting] = compare(tree.out, copy.out, tolerance)
            say(f"run {setting.name}: {counts(found[setting])}")
        except StudyError as error:
            faults.append(str(error))
            say(f"run {setting.name} failed")
    return found


def _write(tree: Tree, faults: list[str], runs: dict[Setting, Comparison], rerun: bool) -> None:
    title = _title(tree)
    synthetic = (tree.out / MARK).is_file()
    page = render_verification(title, faults, runs, synthetic=synthetic, rerun=rerun)
    write_atomically(tree.out / PAGE, page.encode())
    if not faults:
        text = manifest(title, Lock.read(tree.out / LOCK), tree.out, runs)
        write_atomically(tree.out / MANIFEST, text.encode())


def _title(tree: Tree) -> str:
    try:
        return Declaration(tree.study, tree.data_raw).title
    except StudyError:
        return "a study whose declaration cannot be read"  # which is a fault, and named as one


def _told(tree: Tree, faults: list[str], runs: dict[Setting, Comparison], rerun: bool) -> int:
    failed = bool(faults)
    for setting, found in runs.items():
        failed = failed or bool(found.different)
        for verdict in found.different[:NAMED]:
            say(f"run {setting.name}: {verdict.name} is different{f': {verdict.told}' if verdict.told else ''}")
        if len(found.different) > NAMED:
            say(f"run {setting.name}: and {len(found.different) - NAMED} more")
    say(f"page: {shown(tree.out / PAGE)}")
    passed = "everything was made again and is" if rerun else "nothing was made again; every file is"
    say("verify: FAILED" if failed else f"verify: {passed} as recorded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
