"""A study's multiverse: choices that could have been made otherwise, and the questions asked of every combination."""

from __future__ import annotations

import ast
import copy
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nsi.errors import StudyError, listed
from nsi.strict import checked, entry, kind, named, read_yaml, text, texts

FILE = "multiverse.yml"
SETTINGS = "settings"
ENDS = (SETTINGS, "survey")
FEWEST = 2  # options that make a choice


@dataclass(frozen=True)
class Choice:
    """One choice: what it is called, which key of study.yml it sets, its options, and the one that the study takes."""

    name: str
    label: str
    path: tuple[str, ...]
    options: dict[str, Any]
    usual: str

    @property
    def declared(self) -> str:
        """The key under which a run's record notes that it relied on it."""
        return ".".join(self.path[:2]) if self.path[0] == SETTINGS else self.path[0]


@dataclass(frozen=True)
class Question:
    """What is asked of every universe: a statement, its test on recorded numbers, and the number that is drawn.

    ``reference`` is a value to hold the number against, such as the level of a test; None where there is none.
    """

    name: str
    says: str
    test: str
    estimate: str
    label: str
    reference: float | None = None

    @property
    def numbers(self) -> list[str]:
        """Names of the numbers that it needs, each once."""
        found = [node.id for node in ast.walk(ast.parse(self.test, mode="eval")) if isinstance(node, ast.Name)]
        return list(dict.fromkeys([*found, self.estimate]))


@dataclass(frozen=True)
class Multiverse:
    """Choices, the notebooks that are run for every combination of them, and the questions."""

    choices: dict[str, Choice]
    notebooks: list[str]
    questions: dict[str, Question]

    def universes(self) -> list[dict[str, str]]:
        """Every combination of options, choice to option; the study's own first, then in the order declared."""
        names = list(self.choices)
        ordered = [
            [choice.usual, *(option for option in choice.options if option != choice.usual)]
            for choice in self.choices.values()
        ]
        return [dict(zip(names, options, strict=True)) for options in itertools.product(*ordered)]

    def otherwise(self, keys: Mapping[str, Any], universe: Mapping[str, str]) -> dict[str, Any]:
        """The content of study.yml with some choices made as a universe says.

        Parameters
        ----------
        keys : mapping
            Content of study.yml.
        universe : mapping of str to str
            Choice to option; choices that are left out stay as they are.
        """
        changed = copy.deepcopy(dict(keys))
        for name, option in universe.items():
            *above, last = self.choices[name].path
            place: Any = changed
            for part in above:
                place = place[part]
            place[last] = copy.deepcopy(self.choices[name].options[option])
        return changed


def read_multiverse(folder: Path) -> Multiverse:
    """Read the study's multiverse.yml.

    Parameters
    ----------
    folder : Path
        The study's folder, which also holds study.yml.

    Raises
    ------
    StudyError
        If the file is missing or wrong: a choice sets a key that study.yml has not, has fewer than two options, takes
        as usual what study.yml does not say, or two choices set the same.
    """
    if not (folder / FILE).is_file():
        raise StudyError(f"the study has no {FILE}; declare choices, notebooks and questions in it, beside study.yml")
    found = checked(read_yaml(folder / FILE), FILE, required=("choices", "notebooks", "questions"))
    keys = read_yaml(folder / "study.yml")
    choices = {name: _choice(name, spec, keys) for name, spec in named(found["choices"], f"{FILE} choices").items()}
    if not choices:
        raise StudyError(f"{FILE} choices: there is none; name at least one")
    paths = [choice.path for choice in choices.values()]
    twice = [".".join(path) for place, path in enumerate(paths) if path in paths[:place]]
    if twice:
        raise StudyError(f"{FILE} choices: two of them set {twice[0]}; make one of the two")
    questions = named(found["questions"], f"{FILE} questions")
    return Multiverse(
        choices,
        texts(found["notebooks"], f"{FILE} notebooks"),
        {name: _question(name, spec) for name, spec in questions.items()},
    )


def _choice(name: str, spec: object, keys: Mapping[str, Any]) -> Choice:
    where = f"{FILE} choices.{name}"
    found = checked(spec, where, required=("label", "sets", "options", "usual"))
    path = tuple(text(found["sets"], f"{where}.sets").split("."))
    if path[0] not in ENDS or len(path) < 2:
        raise StudyError(f"{where}.sets is '{'.'.join(path)}'; it must begin with {' or '.join(ENDS)} and name a key")
    place: Any = keys
    for depth, part in enumerate(path):
        place = entry(place, part, f"study.yml {'.'.join(path[:depth])}".strip())
    options = named(found["options"], f"{where}.options")
    if len(options) < FEWEST:
        raise StudyError(f"{where} has {len(options)} option(s); a choice has two or more")
    usual = text(found["usual"], f"{where}.usual")
    if usual not in options:
        raise StudyError(f"{where}.usual is '{usual}', but its options are {listed(options, 12)}")
    if options[usual] != place:
        raise StudyError(
            f"{where}: the usual option '{usual}' is {options[usual]!r}, but study.yml says {place!r}; "
            "the multiverse must hold the study itself, so make the two agree"
        )
    return Choice(name, text(found["label"], f"{where}.label"), path, options, usual)


def _question(name: str, spec: object) -> Question:
    where = f"{FILE} questions.{name}"
    if not isinstance(spec, Mapping):
        raise StudyError(f"{where} must hold keys and values, but found {kind(spec)}")
    found = checked(spec, where, required=("says", "test", "estimate", "label"), optional=("reference",))
    says, test, estimate, label = (text(found[key], f"{where}.{key}") for key in ("says", "test", "estimate", "label"))
    try:
        ast.parse(test, mode="eval")
    except SyntaxError:
        raise StudyError(f"{where}.test cannot be read: '{test}'; compare recorded numbers, as in n > 3") from None
    return Question(name, says, test, estimate, label, _reference(found.get("reference"), f"{where}.reference"))


def _reference(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise StudyError(f"{where} must be a number, such as 0.05, but found {kind(value)}")
    return float(value)
