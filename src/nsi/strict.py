"""Reading a YAML declaration strictly: a misspelt key stops, and says what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from nsi.errors import StudyError


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as usual, but a key that stands twice in one mapping is an error instead of a silent overwrite."""


def _mapping_without_duplicates(loader: Any, node: Any) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise StudyError(f"row {key_node.start_mark.line + 1}: the key '{key}' stands twice; remove one of them")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


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
    names = {bool: "a yes/no value", int: "a number", float: "a number", list: "a list", dict: "keys and values"}
    return f"{names.get(type(value), 'text')} ({value!r})"[:80]
