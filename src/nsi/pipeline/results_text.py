"""The text of results: templates that name numbers, filled in from what the notebooks recorded."""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from nsi.errors import StudyError

PLACE = "docs/results.md"
HEAD = (
    "<!-- Written by `make all` from the templates that study.yml names under `results`; change those, not this file. "
    "-->\n\n"
)
SYNTHETIC = (
    "> **SYNTHETIC DATA.** Every number below is computed from look-alike data. The text shows what the pipeline "
    "writes; nothing in it is a finding.\n\n"
)


def read_templates(folder: Path, names: Collection[str], recorded: Collection[str]) -> dict[str, str]:
    """Read the templates of a study and check all that can be known before anything runs.

    Parameters
    ----------
    folder : Path
        The study's folder.
    names : collection of str
        Files below it, in the order of the text.
    recorded : collection of str
        Names of the numbers that the runs record.

    Returns
    -------
    dict
        File name to its text.

    Raises
    ------
    StudyError
        With file and row, if a file is missing, a brace is left open, a name is no recorded number, or a digit stands
        outside of a name: numbers are never typed.
    """
    templates = {}
    for name in names:
        try:
            templates[name] = (folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise StudyError(f"{name} is missing from the study's folder; study.yml names it under results") from None
        except UnicodeDecodeError:
            raise StudyError(f"{name} is not UTF-8 text; save it as UTF-8") from None
        for row, line in enumerate(templates[name].splitlines(), start=1):
            _check(line, f"{name} row {row}", recorded)
    return templates


def filled_in(templates: Mapping[str, str], numbers: Mapping[str, float | str], *, synthetic: bool) -> str:
    """Put numbers in place of their names.

    Parameters
    ----------
    templates : mapping
        As `read_templates` returns them.
    numbers : mapping
        Name to value.
    synthetic : bool
        Whether to head the text with the stamp.

    Returns
    -------
    str
        Markdown, the templates one below the other.

    Raises
    ------
    StudyError
        With file and row, if a format such as ``.0%`` does not fit a value.
    """
    parts = []
    for name, template in templates.items():
        rows = enumerate(template.splitlines(), start=1)
        parts.append("\n".join(_filled(line, f"{name} row {row}", numbers) for row, line in rows).strip())
    return HEAD + (SYNTHETIC if synthetic else "") + "\n\n".join(parts) + "\n"


def names_in(templates: Mapping[str, str]) -> set[str]:
    """Return the names of all numbers that templates ask for."""
    return {name for text in templates.values() for line in text.splitlines() for _, name, _ in _pieces(line) if name}


def _check(line: str, where: str, recorded: Collection[str]) -> None:
    try:
        pieces = list(_pieces(line))
    except ValueError as error:
        raise StudyError(f"{where}: a brace is not closed ({error}); write {{name}} or {{name:.0%}}") from None
    for name in (name for _, name, _ in pieces):
        if name is not None and name not in recorded:
            near = difflib.get_close_matches(name, recorded, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "a notebook records it with study.number"
            raise StudyError(f"{where}: '{name}' is no recorded number; {hint}")
    plain = re.sub(r"`[^`]*`", "", "".join(literal for literal, _, _ in pieces))
    typed = re.search(r"\d+", plain)
    if typed:
        raise StudyError(
            f"{where}: the number {typed.group()} is typed; have a notebook record it with study.number, and write its "
            "name in braces. Names of files stand between backticks"
        )


def _pieces(line: str) -> Iterator[tuple[str, str | None, str]]:
    for literal, name, layout, _ in string.Formatter().parse(line):
        yield literal, name, layout or ""


def _filled(line: str, where: str, numbers: Mapping[str, float | str]) -> str:
    parts = []
    for literal, name, layout in _pieces(line):
        parts.append(literal)
        if name is None:
            continue
        value = numbers[name]
        try:
            parts.append(value if isinstance(value, str) else format(value, layout))
        except ValueError:
            raise StudyError(
                f"{where}: the layout ':{layout}' of {name} does not fit its value {value!r}; write one such as :.0%, "
                ":.2f or :,"
            ) from None
    return "".join(parts)
