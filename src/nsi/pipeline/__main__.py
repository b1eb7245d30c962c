"""The command line behind the Makefile: all, why, clean, multiverse."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from nsi.errors import StudyError
from nsi.pipeline.settled import shown, told_if_settled, watch

ROOT = Path(__file__).resolve().parents[3]
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    asked = _parser().parse_args(arguments)
    if asked.command == "all":
        build = asked.out.resolve() / "build"
        told = told_if_settled(build, [path.resolve() for path in (asked.study, asked.data_raw, asked.notebooks)])
        if told is not None:
            print(f"{told}. Pages: {shown(build / 'html' / 'index.html')}")
            return 0
        watch()
    return _carried_out(asked)


def _carried_out(asked: argparse.Namespace) -> int:
    # Not above: an unchanged study needs none of it, and is answered before it would be imported.
    from nsi.pipeline.make import Compendium, Request

    request = Request(
        study=asked.study,
        data_raw=asked.data_raw,
        out=asked.out,
        notebooks=asked.notebooks,
        jobs=asked.jobs,
        dask=asked.dask,
        plain=asked.plain_kernels,
    )
    try:
        if asked.command == "multiverse":
            from nsi.pipeline.sweep import Sweep

            return Sweep(request).make()
        return int(getattr(Compendium(request), {"all": "make"}.get(asked.command, asked.command))())
    except StudyError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nsi.pipeline", description=__doc__)
    parser.add_argument("command", choices=["all", "why", "clean", "multiverse"], help="what to do")
    parser.add_argument("--study", type=Path, default=ROOT / "study", help="folder with study.yml (default: study)")
    parser.add_argument("--data-raw", type=Path, default=ROOT / "data_raw", help="folder with the raw files")
    parser.add_argument("--out", type=Path, default=ROOT, help="folder that receives data_processed/, figures/, build/")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="folder with the notebooks")
    parser.add_argument("--jobs", type=_at_least_one, default=os.cpu_count() or 1, help="notebooks at a time")
    parser.add_argument("--dask", default="", help="address of a running Dask scheduler, tcp://host:port")
    parser.add_argument("--plain-kernels", action="store_true", help="start each kernel anew instead of forking it")
    return parser


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, but found '{text}'")
    return int(text)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def run() -> None:
    """Run from the shell: an interrupt ends the kernels first, and leaves the lock as the last finished run left it."""
    signal.signal(signal.SIGTERM, _interrupt)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _interrupt)
    try:
        status = main()
    except KeyboardInterrupt:
        from nsi.pipeline.holding import end_kernels

        end_kernels()
        print("\ninterrupted; what had finished is kept, the same command goes on from there", file=sys.stderr)
        status = INTERRUPTED
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that still wait for a killed kernel would hold the process back; everything is on disk by now.
    os._exit(status)


if __name__ == "__main__":
    run()
