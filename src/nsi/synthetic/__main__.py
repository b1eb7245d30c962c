"""The command behind ``make synth``: draw a study's look-alike files, put them into its raw data folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nsi.errors import StudyError
from nsi.synthetic.build import build
from nsi.synthetic.write import place, require_empty

EPILOG = """\
reads    STUDY/assumptions.yml   what is published and what is assumed about each column
         STUDY/codes.csv         the codes
         STUDY/items.csv, STUDY/crosswalk.csv   the questionnaire, where a survey is declared
writes   DATA_RAW/<each declared file>, DATA_RAW/SYNTHETIC (the stamp), DATA_RAW/SHA256SUMS
keeps    every other file in DATA_RAW; its checksum is kept in SHA256SUMS and must still hold

The same declarations give the same bytes on every machine. A file that this command did not write, or
that was changed since, is never overwritten: the command names it, writes nothing, and ends with exit
status 1.

With --scale N, the survey has N copies of its set of cases; the second copy of case X is called X.2. Such
files are for measuring time and memory, so they go into an empty folder only.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command-line arguments; those of the process when left out.

    Returns
    -------
    int
        Exit status: 0, or 1 when something has to be settled first (said on standard error).
    """
    parser = argparse.ArgumentParser(
        prog="python -m nsi.synthetic",
        description="Draw look-alike data from a study's published facts and stated assumptions.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--study", type=Path, required=True, help="folder with assumptions.yml and codes.csv")
    parser.add_argument("--data-raw", type=Path, required=True, help="folder for the drawn files")
    parser.add_argument("--scale", type=int, default=1, metavar="N", help="copies of the survey's set of cases (1)")
    options = parser.parse_args(arguments)
    try:
        _check_scale(options.scale, options.data_raw)
        files = build(options.study, options.scale)
        written = place(options.data_raw, files)
    except StudyError as error:
        print(f"make synth: {error}", file=sys.stderr)
        return 1
    print(
        f"make synth: wrote {', '.join(written)}"
        if written
        else "make synth: every file is already as declared"
    )
    return 0


def _check_scale(scale: int, folder: Path) -> None:
    if scale < 1:
        raise StudyError(f"--scale is {scale}, but must be a whole number, 1 or more")
    if scale > 1:
        require_empty(folder)


if __name__ == "__main__":
    sys.exit(main())
