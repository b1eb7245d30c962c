"""Names of tables, figures and numbers, which become names of files."""

from __future__ import annotations

import re

from nsi.errors import StudyError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
LONGEST = 120  # file systems allow 255 bytes, and an ending and a folder follow
DOCUMENTS = ("docx", "xlsx", "csv", "html", "tex", "txt")
# Names that Windows keeps for devices, whatever the ending.
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)),
}


def checked_name(name: str, what: str) -> str:
    """Return a name that is safe as a file name on every system.

    Raises
    ------
    StudyError
        If it holds anything but letters, digits, underscore, hyphen and dot, or is too long, or a device on
        Windows.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name) or name.endswith("."):
        raise StudyError(
            f"the {what} name {name!r} must be made of letters, digits, '_', '-' and '.', begin with a "
            "letter or digit "
            "and not end in a dot; rename it"
        )
    if name.split(".")[0].lower() in RESERVED:
        raise StudyError(f"the {what} name '{name}' stands for a device on Windows; rename it")
    if len(name) > LONGEST:
        raise StudyError(
            f"the {what} name '{name[:40]}...' has {len(name)} characters, but {LONGEST} are allowed; shorten it"
        )
    return name


def checked_document(name: str) -> str:
    """Return a document's file name, if it is safe and its ending is one that the compendium writes.

    Raises
    ------
    StudyError
        If it has another ending, or none.
    """
    ending = checked_name(name, "document").rpartition(".")[2]
    if ending not in DOCUMENTS:
        raise StudyError(f"the document '{name}' must end in one of .{', .'.join(DOCUMENTS)}; rename it")
    return name
