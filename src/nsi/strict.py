"""Reading declarations strictly: a misspelt key or column stops, and says what was meant."""

from __future__ import annotations

import csv
import datetime
import difflib
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from nsi.errors import StudyError

MERGE = "tag:yaml.org,2002:merge"


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as usual, but a key that stands twice in one mapping is an error instead of a silent overwrite."""


def _mapping_without_duplicates(loader: Any, node: Any) -> dict[Any, Any]:
    _check_keys(loader, node)  # before merging: a key may override the one of a mapping that it is merged with
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        try:
            found[key] = loader.construct_object(value_node, deep=True)
        except ValueError as error:
            row = value_node.start_mark.line + 1
            raise StudyError(f"row {row}: the value of '{key}' cannot be read ({error}); put it in quotes") from None
    return found


def _check_keys(loader: Any, node: Any) -> None:
    known = []
    for key_node, _ in node.value:
        row = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise StudyError(f"row {row}: a key must be a single text, but found a list or a mapping; put it in quotes")
        key = key_node.value if key_node.tag == MERGE else loader.construct_object(key_node, deep=True)
        if key in known:
            raise StudyError(f"row {row}: the key '{key}' stands twice; remove one of them")
        known.append(key)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Parameters
    ----------
    path : Path
        A UTF-8 YAML file.

    Returns
    -------
    dict
        The mapping; empty mappings and lists stay as they are.

    Raises
    ------
    StudyError
        If the file is missing, is not UTF-8 or not YAML (with its row), or has a key twice.
    """
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise StudyError(f"{path.name} is missing from {path.parent.name}/; a study is declared in that file") from None
    except UnicodeDecodeError:
        raise StudyError(f"{path.name} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise StudyError(f"{path.name} cannot be read ({error.strerror}); mend the file or its permissions") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = f" row {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise StudyError(f"{path.name}{row}: not valid YAML ({problem}); check indentation, colons, quotes") from None
    except StudyError as error:
        raise StudyError(f"{path.name} {error}") from None
    if not isinstance(loaded, dict):
        raise StudyError(f"{path.name}: must hold keys and values such as 'title: ...', but found {kind(loaded)}")
    return loaded


def checked(value: object, where: str, *, required: Collection[str] = (), optional: Collection[str] = ()) -> Any:
    """Return a mapping whose keys are all known and whose required keys are all there.

    Parameters
    ----------
    value : object
        What stands in the declaration.
    where : str
        How to name the place in a message, for example ``study.yml raw.ratings``.
    required, optional : collection of str
        The keys that must and that may stand there.

    Returns
    -------
    dict
        ``value`` itself.

    Raises
    ------
    StudyError
        If it is no mapping, a key is unknown (with the nearest known one), or a required key is missing.
    """
    if not isinstance(value, Mapping):
        raise StudyError(f"{where} must hold keys and values, but found {kind(value)}")
    allowed = [*required, *optional]
    for key in value:
        if key not in allowed:
            near = difflib.get_close_matches(str(key), allowed, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise StudyError(f"{where}: unknown key '{key}'; {hint}allowed are {', '.join(allowed)}")
    absent = [key for key in required if key not in value]
    if absent:
        raise StudyError(f"{where}: '{absent[0]}' is missing; add it")
    return value


def named(value: object, where: str) -> dict[str, Any]:
    """Return a mapping whose keys are names of the study's own choice; each must be text."""
    if not isinstance(value, Mapping):
        raise StudyError(f"{where} must hold keys and values, but found {kind(value)}")
    return {text(name, f"{where}, the name {name!r}"): entry for name, entry in value.items()}


def entry(value: object, key: str, where: str) -> Any:
    """Return what stands under one key of a mapping.

    Raises
    ------
    StudyError
        If it is no mapping, or the key is not in it.
    """
    if not isinstance(value, Mapping) or key not in value:
        found = ", ".join(map(str, value)) if isinstance(value, Mapping) else kind(value)
        raise StudyError(f"{where}: '{key}' is missing; add it. There is {found or 'nothing'}")
    return value[key]


def text(value: object, where: str) -> str:
    """Return a value that must be text; YAML turns unquoted 007 into a number and unquoted No into false."""
    if not isinstance(value, str):
        raise StudyError(f"{where} must be text, but found {kind(value)}; put it in quotes")
    return value


def texts(value: object, where: str) -> list[str]:
    """Return a list of texts; a single text counts as a list of one."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value:
        raise StudyError(f"{where} must be a list of texts, but found {kind(value)}")
    return [text(item, f"{where}, item {position}") for position, item in enumerate(value, start=1)]


def choice(value: object, where: str, allowed: Collection[str]) -> str:
    """Return a value that must be one of a few words."""
    if value not in allowed:
        raise StudyError(f"{where} is {value!r}, but allowed are {', '.join(allowed)}")
    return str(value)


def kind(value: object) -> str:
    """Name what was found in words that a person who writes YAML uses."""
    if value is None:
        return "nothing"
    names = {
        bool: "a yes/no value", int: "a number", float: "a number", list: "a list", dict: "keys and values",
        datetime.date: "a date", datetime.datetime: "a date",
    }  # fmt: skip
    plain = str(value) if isinstance(value, datetime.date) else repr(value)
    return f"{names.get(type(value), 'text')} ({plain})"[:80]


def csv_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Read a small CSV file that belongs to a declaration.

    Parameters
    ----------
    path : Path
        A UTF-8 file with commas between cells; a byte order mark is accepted.
    columns : sequence of str
        The header that it must have.

    Returns
    -------
    list of (int, list of str)
        Row number as a spreadsheet shows it, and the cells without blanks around them; empty rows are left
        out.

    Raises
    ------
    StudyError
        If it is not UTF-8 text, a quote is never closed, or the header or the number of cells is another one.
    FileNotFoundError
        If there is no such file: what that means, the caller knows.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    except UnicodeDecodeError:
        raise StudyError(f"{path.name} is not UTF-8 text; save it as 'CSV UTF-8'") from None
    except csv.Error as error:
        raise StudyError(f"{path.name}: {error}; look for a quote that is opened and never closed") from None
    if not rows or [name.strip() for name in rows[0]] != list(columns):
        found = ", ".join(rows[0]) if rows else "nothing"
        raise StudyError(f"{path.name} row 1: the columns must be {', '.join(columns)}, but found {found}")
    filled = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(rows, start=1)]
    filled = [(number, cells) for number, cells in filled if any(cells)]
    for number, cells in filled:
        if len(cells) != len(columns):
            raise StudyError(
                f"{path.name} row {number}: {len(cells)} cells, but the header has {len(columns)}; "
                "quote text that has commas"
            )
    return filled[1:]
