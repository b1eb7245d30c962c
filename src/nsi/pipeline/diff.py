"""What changed between two results, as a page and in a few lines: `make diff A=... B=...`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nsi.door import write_atomically
from nsi.errors import StudyError, listed
from nsi.pipeline.diff_entries import ADDED, CHANGED, FORM, MATRICES, REMOVED, WORDS, Entry
from nsi.pipeline.diff_page import render_diff, summary_lines
from nsi.pipeline.diff_results import Difference, compare_results
from nsi.pipeline.diff_source import FIGURES, read_result
from nsi.pipeline.diff_values import percent
from nsi.pipeline.report import shown

PAGE = Path("build") / "diff.html"
NAMED = 8  # outputs and numbers of one kind that the terminal names; the page has them all
FAILED, CHANGED_STATUS = 2, 1
ORDER = (CHANGED, REMOVED, ADDED)  # what changed says more than what is new


def main(arguments: list[str] | None = None) -> int:
    """Compare two results; return 0, 1 where they differ and that was to fail, 2 where one cannot be read."""
    asked = _parser().parse_args(arguments)
    try:
        old = read_result(asked.a or "HEAD", asked.out)
        new = read_result(asked.b or str(asked.out), asked.out)
        found = compare_results(old, new)
        write_atomically(asked.out / PAGE, render_diff(found).encode())
    except StudyError as error:
        print(f"\n{error}", file=sys.stderr)
        return FAILED
    print("\n".join(told(found)))
    print(f"\npage: {shown((asked.out / PAGE).resolve())}")
    return CHANGED_STATUS if asked.fail_on_change and found.differ else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nsi.pipeline.diff", description=__doc__)
    parser.add_argument("--a", default="", help="revision or folder before (default: HEAD)")
    parser.add_argument("--b", default="", help="revision or folder now (default: OUT)")
    parser.add_argument("--out", type=Path, default=Path(), help="folder with figures/; receives build/diff.html")
    parser.add_argument("--fail-on-change", action="store_true", help="leave with 1 where more than rounding differs")
    return parser


def told(found: Difference) -> list[str]:
    """Say in a few lines what changed: never a cell, only names, counts and numbers that texts quote."""
    lines = [f"before  {found.old.label} ({found.old.note})", f"now     {found.new.label} ({found.new.note})", ""]
    for kind, sentence in summary_lines(found):
        lines.append(f"{kind:<10} {sentence}")
        names = _numbers(found) if kind == "numbers" else _entries(found.entries[kind], kind)
        lines += [f"{'':<11}{name}" for name in names]
    if found.differ:
        lines += [f"{'because':<10} {_because(found)}"]
    return lines


def _numbers(found: Difference) -> list[str]:
    changed = found.numbers.changed.items()
    names = [f"{name} {one.old} -> {one.new} {_share(percent(one.relative))}".rstrip() for name, one in changed]
    return _few(names)


def _share(text: str) -> str:
    return f"({text})" if text else ""


def _entries(entries: list[Entry], kind: str) -> list[str]:
    changed = sorted((entry for entry in entries if entry.state != FORM), key=lambda entry: ORDER.index(entry.state))
    # Of figures the page says more; of a matrix the sentence is the point.
    return _few([_named(entry) for entry in changed], NAMED if kind != MATRICES else len(changed))


def _named(entry: Entry) -> str:
    state = "" if entry.state == CHANGED else f"{WORDS[entry.state]}, "
    return f"{entry.name.removeprefix(f'{FIGURES}/')}: {state}{entry.told}"


def _few(names: list[str], most: int = NAMED) -> list[str]:
    rest = [f"and {len(names) - most} more"] if len(names) > most else []
    return names[:most] + rest


def _because(found: Difference) -> str:
    if not found.causes.known:
        return "not known: the locks do not say"
    return listed(found.causes.roots(), NAMED) or "nothing on record changed; a file is not as its run wrote it"


if __name__ == "__main__":
    sys.exit(main())
