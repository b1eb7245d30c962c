"""Names of tables, figures and numbers, which become names of files."""

from __future__ import annotations

import re

from nsi.errors import StudyError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
LONGEST = 120  # file systems allow 255 bytes, and an ending and a folder follow
# Names that Windows keeps for devices, whatever the ending.
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def checked_name(name: str, what: str) -> str:
    """Return a name that is safe as a file name on every system.

    Raises
    ------
    StudyError
        If it holds anything but letters, digits, underscore, hyphen and dot, or is too long, or a device on Windows.
    """
    fits = isinstance(name, str) and NAME.fullmatch(name) and len(name) <= LONGEST and not name.endswith(".")
    if not fits or name.split(".")[0].lower() in RESERVED:
        raise StudyError(f"the {what} name {name!r} must be made of letters, digits, '_', '-' and '.'; rename it")
    return name
