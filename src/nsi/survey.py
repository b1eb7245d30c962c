"""What a study declares of its survey: items, the scales that they form, and the column of each in each wave."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nsi.codebook import Codebook
from nsi.errors import StudyError
from nsi.strict import checked, csv_rows, entry, named, text, texts

if TYPE_CHECKING:
    import pandas as pd

ITEM_COLUMNS = ("item", "scale", "answers", "reverse", "asked_of", "text")
CROSSWALK_COLUMNS = ("item", "wave", "column")
MINIMUM = 0.5  # the share of a scale's items that must be answered, where the study says nothing
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Item:
    """One item: its scale, the codebook field that holds its answers, and who was asked (nobody named: everyone)."""

    name: str
    scale: str
    answers: str
    reverse: bool
    asked_of: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Scale:
    """One scale: what a reader calls it, and the share of its items that must be answered for a score."""

    name: str
    label: str
    minimum: float


@dataclass(frozen=True)
class Survey:
    """A survey as declared.

    Attributes
    ----------
    items : dict
        Name to item, in the order of the questionnaire.
    scales : dict
        Name to scale, in the order in which they are shown.
    waves : dict
        Wave to its place in time, as a number.
    columns : dict
        Wave to item to the column of that wave's export that holds it; an item that is not there was not asked.
    limits : dict
        Item to the lowest and the highest answer of its format.
    domains : dict
        Name of a grouping to its domains, each with the scales it is made of.
    """

    items: dict[str, Item]
    scales: dict[str, Scale]
    waves: dict[str, float]
    columns: dict[str, dict[str, str]]
    limits: dict[str, tuple[float, float]]
    domains: dict[str, dict[str, list[str]]]

    @property
    def labels(self) -> dict[str, str]:
        """Scale to its words for a reader."""
        return {scale.name: scale.label for scale in self.scales.values()}

    @property
    def scale_limits(self) -> dict[str, tuple[float, float]]:
        """Scale to the lowest and the highest score that it can have."""
        ends = {scale: [self.limits[item.name] for item in self.items.values() if item.scale == scale]
                for scale in self.scales}  # fmt: skip
        return {scale: (min(low for low, _ in found), max(high for _, high in found)) for scale, found in ends.items()}

    def asked_roles(self, scale: str) -> list[str]:
        """Roles that were asked any item of a scale; empty if everyone was."""
        asked = [item.asked_of for item in self.items.values() if item.scale == scale]
        return [] if () in asked else list(dict.fromkeys(role for roles in asked for role in roles))

    def items_frame(self) -> pd.DataFrame:
        """Return the items, one row each: item, scale, reverse, low, high, asked_of, text."""
        import pandas as pd

        rows = [[item.name, item.scale, item.reverse, *self.limits[item.name], " ".join(item.asked_of), item.text]
                for item in self.items.values()]  # fmt: skip
        return pd.DataFrame(rows, columns=["item", "scale", "reverse", "low", "high", "asked_of", "text"])

    def scales_frame(self) -> pd.DataFrame:
        """Return the scales, one row each: scale, label, minimum."""
        import pandas as pd

        rows = [[scale.name, scale.label, scale.minimum] for scale in self.scales.values()]
        return pd.DataFrame(rows, columns=["scale", "label", "minimum"])

    def crosswalk_frame(self) -> pd.DataFrame:
        """Return item by wave: the column that holds the item, missing where it was not asked."""
        import pandas as pd

        rows = [[name, item.scale, *[self.columns[wave].get(name) for wave in self.waves]]
                for name, item in self.items.items()]  # fmt: skip
        return pd.DataFrame(rows, columns=["item", "scale", *self.waves])


def read_survey(spec: object, folder: Path, codebook: Codebook, where: str) -> Survey:
    """Read and check what stands under ``survey`` in study.yml, and the two files that it names.

    Parameters
    ----------
    spec : object
        What stands there.
    folder : Path
        The study's folder.
    codebook : Codebook
        Holds the answers of each item.
    where : str
        The place, for messages.

    Returns
    -------
    Survey
        Everything filled in.

    Raises
    ------
    StudyError
        On an unknown key, a scale without items, an item without a scale, a column or an item that stands twice,
        answers that are no whole numbers. The message names the file and the row.
    """
    keys = checked(spec, where, required=("items", "crosswalk", "waves", "scales"), optional=("domains",))
    scales = {name: _scale(name, value, f"{where}.scales.{name}")
              for name, value in named(keys["scales"], f"{where}.scales").items()}  # fmt: skip
    waves = {name: _number(value, f"{where}.waves.{name}")
             for name, value in named(keys["waves"], f"{where}.waves").items()}  # fmt: skip
    items = _items(folder / text(keys["items"], f"{where}.items"), scales, codebook)
    columns = _crosswalk(folder / text(keys["crosswalk"], f"{where}.crosswalk"), items, waves)
    limits = {item.name: _limits(item, codebook) for item in items.values()}
    return Survey(items, scales, waves, columns, limits, _domains(keys.get("domains", {}), scales, f"{where}.domains"))


def _scale(name: str, value: object, where: str) -> Scale:
    keys = checked(value if value is not None else {}, where, optional=("label", "minimum"))
    minimum = _number(keys.get("minimum", MINIMUM), f"{where}.minimum")
    if not 0 < minimum <= 1:
        raise StudyError(f"{where}.minimum is {minimum:g}, but is the share of items that must be answered: above 0, "
                         "at most 1")  # fmt: skip
    if not NAME.fullmatch(name):
        raise StudyError(f"{where}: the name becomes a column, so it must be letters, digits and '_'; rename it")
    return Scale(name, text(keys.get("label", name), f"{where}.label"), minimum)


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise StudyError(f"{where} must be a number, but found {value!r}")
    return float(value)


def _items(path: Path, scales: Mapping[str, Scale], codebook: Codebook) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for number, cells in _rows(path, ITEM_COLUMNS):
        where = f"{path.name} row {number}"
        name, scale, answers, reverse, asked_of, words = cells
        if not NAME.fullmatch(name) or name in items:
            what = "stands twice; remove one of the two rows" if name in items else (
                "must be letters, digits and '_', because it becomes a column; rename it")  # fmt: skip
            raise StudyError(f"{where}: the item '{name}' {what}")
        if scale not in scales:
            raise StudyError(f"{where}: item '{name}' belongs to scale '{scale}', but study.yml survey.scales declares "
                             f"{', '.join(scales)}; correct one of them")  # fmt: skip
        if reverse not in ("yes", "no"):
            raise StudyError(f"{where}: reverse is '{reverse}', but must be yes or no")
        field = codebook[answers].name  # an unknown one stops here
        items[name] = Item(name, scale, field, reverse == "yes", tuple(asked_of.split()), words)
    empty = [scale for scale in scales if scale not in {item.scale for item in items.values()}]
    if empty:
        raise StudyError(f"{path.name}: no item belongs to scale '{empty[0]}'; add its items, or remove the scale")
    return items


def _crosswalk(path: Path, items: Mapping[str, Item], waves: Mapping[str, float]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {wave: {} for wave in waves}
    for number, (item, wave, column) in _rows(path, CROSSWALK_COLUMNS):
        where = f"{path.name} row {number}"
        if item not in items:
            raise StudyError(f"{where}: there is no item '{item}' in the list of items; correct the name, or add it")
        if wave not in found:
            raise StudyError(f"{where}: wave '{wave}' is none of {', '.join(waves)}; correct it, or declare the wave")
        if not column or item in found[wave] or column in found[wave].values():
            raise StudyError(f"{where}: in wave '{wave}', item '{item}' and column '{column}' must both be filled and "
                             "stand once; remove or correct the row")  # fmt: skip
        found[wave][item] = column
    never = [item for item in items if not any(item in columns for columns in found.values())]
    if never:
        raise StudyError(f"{path.name}: item '{never[0]}' was asked in no wave; give it a row, or remove the item")
    order = list(items)
    return {wave: dict(sorted(columns.items(), key=lambda pair: order.index(pair[0])))
            for wave, columns in found.items()}  # fmt: skip


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    try:
        return csv_rows(path, columns)
    except FileNotFoundError:
        raise StudyError(f"{path.name} is missing from the study's folder; study.yml survey names it") from None


def _limits(item: Item, codebook: Codebook) -> tuple[float, float]:
    field = codebook[item.answers]
    numbers = field.numbers
    if field.level == "nominal" or any(number != int(number) for number in numbers) or len(numbers) < 2:
        raise StudyError(f"{codebook.file}: field '{field.name}' holds the answers of item '{item.name}', so it needs "
                         "at least two codes, whole numbers in order, and a level other than nominal")  # fmt: skip
    return min(numbers), max(numbers)


def _domains(spec: object, scales: Mapping[str, Scale], where: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for grouping, domains in named(spec, where).items():
        place = f"{where}.{grouping}"
        found[grouping] = {name: texts(entry(domains, name, place), f"{place}.{name}")
                           for name in named(domains, place)}  # fmt: skip
        for name, parts in found[grouping].items():
            for scale in parts:
                if scale not in scales:
                    raise StudyError(f"{place}.{name}: there is no scale '{scale}'; declared are {', '.join(scales)}")
    return found


def survey_as_declared(survey: Survey | None) -> Any:
    """Everything that is declared of a survey as plain values, for hashing; None where there is none."""
    if survey is None:
        return None
    return {
        "items": [[item.name, item.scale, item.answers, item.reverse, list(item.asked_of), item.text]
                  for item in survey.items.values()],
        "scales": [[scale.name, scale.label, scale.minimum] for scale in survey.scales.values()],
        "waves": [[wave, number] for wave, number in survey.waves.items()],
        "columns": survey.columns, "domains": survey.domains,
        "limits": {item: list(limits) for item, limits in survey.limits.items()},
    }  # fmt: skip
